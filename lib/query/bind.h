/* SPDX-License-Identifier: ISC */
/* bind: terms given their meaning: kinds, fields, paths, typed operands. */
#ifndef CRM_QUERY_BIND_H
#define CRM_QUERY_BIND_H

#include "base/base.h"
#include "base/err.h"
#include "base/when.h"
#include "query/expr.h"
#include "query/node.h"
#include "store/store.h"

/* A saved segment that is being expanded: for cycles. */
struct bind_frame {
	struct str name;
	const struct bind_frame *outer;
};

/* What binding works with; borrowed until it is done. */
struct bind {
	struct store *s;
	const struct schema *schema;
	const struct clock *clock;
	struct mem *mem;
	struct node_owned *owned;
	struct buf *notes; /* remarks for query_explain, "; " between */
	const struct bind_frame *frames;
	unsigned hops;	/* of the path that is being bound */
	unsigned terms; /* bound so far, segments expanded */
	struct diag *dg;
};

enum { BIND_HOPS = 8, BIND_SEGMENTS = 16 };

/* One alternative of "=": its text without escapes. */
struct bind_item {
	struct str text;
	size_t dots; /* where ".." stands in it; text.n: nowhere */
};

/* A term without its path and its negation. */
struct bind_ask {
	enum expr_op op;	 /* OP_EQ, or an order, OP_HAS, OP_LIKE */
	bool present;		 /* instead: there is any value at all */
	struct bind_item *items; /* OP_EQ */
	size_t nitems;
	struct str value; /* the others */
};

enum crm_err bind_expr(struct bind *b, const struct kind *k,
    const struct expr *e, struct node **out) CRM_NODISCARD;

/* The term's value as alternatives; *empty tells that one of them was empty
 * and is left out. */
enum crm_err bind_items(struct bind *b, struct str value, struct bind_ask *ask,
    bool *empty) CRM_NODISCARD;

/* A test of one field, its operands prepared (operand.c). */
enum crm_err bind_field(struct bind *b, const struct field *f,
    const struct bind_ask *ask, struct node **out) CRM_NODISCARD;
enum crm_err bind_free(
    struct bind *b, struct str word, struct node **out) CRM_NODISCARD;
/* Fills T->ids with what ASK's items mean; KIND NULL: any. */
enum crm_err bind_refs(struct bind *b, const struct kind *kind,
    const struct bind_ask *ask, struct test *t) CRM_NODISCARD;

#endif
