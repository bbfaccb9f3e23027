/* SPDX-License-Identifier: ISC */
/*
 * node: a query bound to kinds and fields, its operands prepared: what is
 * planned and evaluated. All of it lives in the query's memory but what a
 * test or hop owns, freed by node_clear.
 */
#ifndef CRM_QUERY_NODE_H
#define CRM_QUERY_NODE_H

#include "base/base.h"
#include "base/decimal.h"
#include "base/str.h"
#include "base/utf8.h"
#include "model/schema.h"
#include "query/idset.h"
#include "query/mem.h"
#include "query/regex.h"

struct plan;

/* A test is positive: it asks whether some item of one field is such. */
enum test_op {
	TEST_HAS,      /* there is a value */
	TEST_EQ,       /* one of items */
	TEST_ORDER,    /* within lo..hi of the type's order */
	TEST_SPAN,     /* a day or moment within bounds */
	TEST_CONTAINS, /* ignoring case and accents; phones by digits */
	TEST_REGEX,
	TEST_FREE, /* any text field contains */
	TEST_ID,   /* the record is one of ids */
};

struct bound {
	struct str text;       /* canonical */
	struct str folded;     /* text-like types */
	struct decimal number; /* int, decimal */
	size_t rank;	       /* enum */
	bool given;
	bool strict; /* the bound itself is outside */
};

struct test {
	enum test_op op;
	const struct field *field;
	struct str *items;	 /* TEST_EQ: canonical */
	struct decimal *numbers; /* TEST_EQ on int, decimal: the same */
	size_t nitems;
	struct id *targets; /* TEST_EQ on a reference: the ids in items */
	struct idset ids;   /* TEST_ID */
	struct bound lo, hi;
	/* TEST_SPAN: bounds as stored texts, both inclusive; n = 0: open. */
	struct str day_lo, day_hi, time_lo, time_hi;
	bool empty_span;      /* no whole day lies within */
	struct needle needle; /* TEST_CONTAINS, TEST_FREE */
	struct str digits;    /* the same for phones, reversed; or n = 0 */
	bool comma;	      /* the word holds one: no list item can */
	struct regex *regex;
	struct test *next; /* all tests of the query */
};

/* What a hop arrives at: a kind and the condition there. */
struct arrival {
	const struct kind *kind;
	struct node *node;
	struct plan *plan;
	struct idset set; /* ids that meet it, once the hop is settled */
};

/*
 * One step of a path: some record that this one's field points to (forward),
 * or that points to this one (reverse), meets the condition.
 */
struct hop {
	const struct kind *home;   /* where the step starts */
	const struct field *field; /* forward; NULL: reverse */
	const struct field **refs; /* reverse: fields that may point here */
	size_t nrefs;
	struct arrival *arrivals; /* one, but for a reference to any kind */
	size_t narrivals;
	struct idset homes; /* reverse, settled: who is pointed to */
	bool settled;	    /* the sets are filled: a look-up decides */
	bool sifted;	    /* they hold all who meet it, and others */
	bool coarse;	    /* nothing can be sifted, or not in our memory */
	bool frozen;	    /* the sets stay as they are: others read them */
	uint64_t spent;	    /* records read by following so far */
	struct hop *next;   /* all hops of the query */
};

enum node_type {
	NODE_TRUE,
	NODE_FALSE,
	NODE_AND,
	NODE_OR,
	NODE_NOT,
	NODE_TEST,
	NODE_HOP
};

struct node {
	enum node_type type;
	unsigned cost;	    /* of one evaluation; cheap ones go first */
	struct node **kids; /* AND, OR; NOT has one */
	size_t nkids;
	struct test *test;
	struct hop *hop;
};

/* Everything that has to be freed by hand. */
struct node_owned {
	struct test *tests;
	struct hop *hops;
};

/* NULL when memory ran out. */
struct node *node_new(struct mem *m, enum node_type type);
struct node *node_test(struct mem *m, struct node_owned *o, enum test_op op,
    const struct field *f);
struct node *node_hop(struct mem *m, struct node_owned *o,
    const struct kind *home, size_t narrivals);
/* The opposite; NULL in, NULL out. */
struct node *node_not(struct mem *m, struct node *n);
/* AND or OR of KIDS, sorted cheapest first, flattened; takes KIDS over. */
struct node *node_join(
    struct mem *m, enum node_type type, struct node **kids, size_t nkids);
void node_clear(struct node_owned *o);

#endif
