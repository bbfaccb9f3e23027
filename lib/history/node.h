/* SPDX-License-Identifier: ISC */
/*
 * node: the directories of a history that is being edited, as far as they
 * were needed: root, prefix, high, mid. A directory is read when it is first
 * entered, written when a commit wants it, and put aside when memory is
 * short; then it is written early and read again when needed.
 */
#ifndef CRM_NODE_H
#define CRM_NODE_H

#include "history/name.h"
#include "history/tree.h"
#include "history/writer.h"

enum node_level { NODE_ROOT, NODE_PREFIX, NODE_HIGH, NODE_MID };

struct node;

struct nodes {
	struct writer *writer;
	struct node *root;
	struct node *oldest, *newest; /* all but the root, by last use */
	struct node *last;	      /* the mid directory used last */
	size_t bytes, limit;
};

/* TREE NULL: the empty tree. */
enum crm_err nodes_open(struct nodes *s, struct writer *w,
    const struct oid *tree, size_t limit, struct diag *dg) CRM_NODISCARD;
void nodes_close(struct nodes *s);

/*
 * The directory in which F belongs. Without MAKE *out is NULL when there is
 * none. It is valid until the next call.
 */
enum crm_err nodes_leaf(struct nodes *s, const struct file_name *f, bool make,
    struct node **out, struct diag *dg) CRM_NODISCARD;

/*
 * The mid directory that follows the one of *num in order of path, for a
 * walk over PREFIX; *out is NULL at the end. Begin with first = true.
 */
struct walk {
	struct str prefix;
	bool started;
	char high[NAME_NUMBER_MAX], mid[NAME_NUMBER_MAX];
	size_t high_n, mid_n;
};
enum crm_err nodes_walk(struct nodes *s, struct walk *w, struct node **out,
    struct diag *dg) CRM_NODISCARD;

/* The content of a directory, in order; valid until it changes. */
struct str node_raw(const struct node *n);
/* The file NAME of a directory; false when it is not there. */
bool node_find(const struct node *n, struct str name, struct oid *out);
/* Puts the file NAME with the id BLOB, or takes it away. */
enum crm_err node_put(struct nodes *s, struct node *n, struct str name,
    struct oid blob, struct diag *dg) CRM_NODISCARD;
void node_del(struct nodes *s, struct node *n, struct str name);

/* Writes what changed; the id of the root's tree. */
enum crm_err nodes_write(
    struct nodes *s, struct oid *tree, struct diag *dg) CRM_NODISCARD;

#endif
