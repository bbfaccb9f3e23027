/* SPDX-License-Identifier: ISC */
/*
 * tree: a directory as git keeps it: "100644 name" NUL id, entry by entry, in
 * order of name, where a directory compares as if it ended with a slash.
 */
#ifndef CRM_TREE_H
#define CRM_TREE_H

#include "history/object.h"

enum { TREE_MODE_DIR = 040000, TREE_MODE_FILE = 0100644 };

struct tree_entry {
	unsigned mode;
	struct str name;
	struct oid id;
	size_t at, end; /* where in the tree */
};

/* Reads the entry at AT of a tree that tree_check found right; false at its
 * end. */
bool tree_next(struct str raw, size_t at, struct tree_entry *out);

/* Whether RAW is a tree in strict order. *step is the length of every entry,
 * 0 when they differ. */
bool tree_check(struct str raw, size_t *step) CRM_NODISCARD;

/*
 * Finds NAME, a directory or a file; when it is not there, OUT has at = end =
 * the place where it belongs. STEP is that of tree_check.
 */
bool tree_find(struct str raw, size_t step, struct str name, bool dir,
    struct tree_entry *out) CRM_NODISCARD;

/* The order of git: <0, 0, >0. */
int tree_order(struct str a, bool a_dir, struct str b, bool b_dir);

#endif
