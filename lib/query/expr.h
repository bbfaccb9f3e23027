/* SPDX-License-Identifier: ISC */
/*
 * expr: the grammar of crm-query(7): words to a tree of terms. Knows neither
 * fields nor the store.
 */
#ifndef CRM_QUERY_EXPR_H
#define CRM_QUERY_EXPR_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "query/mem.h"

enum expr_type { EXPR_ALL, EXPR_AND, EXPR_OR, EXPR_NOT, EXPR_TERM };

enum expr_op {
	OP_FREE, /* a bare word, or ":word" */
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_HAS,	 /* ":" */
	OP_LIKE, /* "~" */
};

/* path OP value, as written. */
struct term {
	size_t no;	 /* number of the word, from 1 */
	struct str word; /* all of it, for messages */
	struct str path; /* "org.industry"; empty for OP_FREE */
	struct str value;
	enum expr_op op;
	bool colon; /* OP_FREE written ":word": never an id */
};

struct expr {
	enum expr_type type;
	struct expr **kids; /* AND, OR: two or more; NOT: one */
	size_t nkids;
	struct term term;
};

enum { EXPR_DEPTH = 100, EXPR_WORDS = 10000 };

/*
 * Parses the words; everything is copied into M. CRM_USAGE with the number
 * and text of the word at fault.
 */
enum crm_err expr_parse(struct mem *m, const struct str *words, size_t nwords,
    struct expr **out, struct diag *dg) CRM_NODISCARD;

/* Splits WORD into path, operator and value; false for a bare word. */
bool expr_split(struct str word, struct term *out);

/* "=", "<=" ...; "" for OP_FREE. */
const char *expr_op_text(enum expr_op op);

/* Puts "word 3 'citty=Bern': " before the message. Returns dg->code. */
enum crm_err expr_blame(const struct term *t, struct diag *dg);

#endif
