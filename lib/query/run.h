/* SPDX-License-Identifier: ISC */
/* run: a bound query at work: planning, walking, evaluating, following. */
#ifndef CRM_QUERY_RUN_H
#define CRM_QUERY_RUN_H

#include "base/base.h"
#include "base/err.h"
#include "model/record.h"
#include "query/mem.h"
#include "query/node.h"
#include "query/text.h"
#include "store/pick.h"
#include "store/store.h"

/* What every part needs; SCRATCH is anybody's between two calls. */
struct run {
	struct store *s;
	const struct schema *schema;
	struct mem *mem;
	struct buf scratch;
	struct buf folded;
	struct text *texts; /* those that have words; freed with the query */
	bool alone; /* the walk that is being opened is the only reader */
};

/* ---- eval.c ------------------------------------------------------------ */

/* Does R meet N? CRM_USAGE for a regular expression over its limits. */
enum crm_err eval_node(struct run *run, const struct node *n,
    const struct record *r, bool *yes, struct diag *dg) CRM_NODISCARD;

/* Does the row alone decide it? */
bool node_plain(const struct node *n);

/*
 * What the row alone decides of a condition, made ready for many rows. PLAIN:
 * that is all of it, so that what passes meets it.
 */
enum { SIEVE_TESTS = 8 };
struct sieve {
	struct run *run; /* its bufs tell when memory ran out */
	const struct kind *kind;
	const struct node *node;
	const struct test *tests[SIEVE_TESTS]; /* each must hold */
	size_t ntests;
	bool all; /* these are the whole condition */
	bool plain;
};
void sieve_make(struct sieve *s, struct run *run, const struct kind *k,
    const struct node *n);
/* ARG is a struct sieve: may the record with this row meet the condition? */
bool sieve_pass(void *arg, const struct row *row);

/* ---- hop.c ------------------------------------------------------------- */

/* Follows or looks up, whichever is cheaper by now. */
enum crm_err hop_match(struct run *run, struct hop *h, const struct record *r,
    bool *yes, struct diag *dg) CRM_NODISCARD;
/* May a record with this row meet it? Tells something when frozen. */
bool hop_may(
    const struct schema *schema, const struct hop *h, const struct row *row);
/* Before N records are checked: makes the sets that pay for the paths in NODE,
 * and freezes them. */
enum crm_err hops_ready(struct run *run, const struct node *node, size_t n,
    struct diag *dg) CRM_NODISCARD;
/* Runs the condition at the other end once and keeps who meets it. */
enum crm_err hop_settle(
    struct run *run, struct hop *h, struct diag *dg) CRM_NODISCARD;
/* Adds to OUT every record of home that the settled hop leads from. */
enum crm_err hop_collect(struct run *run, struct hop *h, struct idset *out,
    struct diag *dg) CRM_NODISCARD;
/* Adds the records of KIND whose field F points to TARGET. */
enum crm_err hop_sources(struct run *run, const struct field *f,
    struct id target, uint16_t kind, struct idset *out,
    struct diag *dg) CRM_NODISCARD;

/* ---- plan.c ------------------------------------------------------------ */

enum plan_type {
	PLAN_SCAN,    /* all records of the kind */
	PLAN_NOTHING, /* no record can match */
	PLAN_IDS,     /* ids that stand in the query */
	PLAN_KEYS,    /* ranges of an index */
	PLAN_WORD,    /* all keys of an index that contain a word */
	PLAN_TEXT,    /* records that have words in their texts */
	PLAN_REFS,    /* records that point to given ones */
	PLAN_HOP,     /* records that a path leads from */
	PLAN_DUE,     /* open tasks by time */
	PLAN_UNION,   /* several of these */
};

struct key_range {
	struct str lo, hi; /* lo <= key < hi; hi n = 0: open */
};

/* Finds a superset of the records that meet node; each is then checked. */
struct plan {
	enum plan_type type;
	const struct kind *kind;
	const struct node *node; /* the whole condition; set at the top */
	const struct test *test;
	struct hop *hop;
	struct text *text; /* PLAN_TEXT */
	struct id *fresh;  /* the same: had no words when it was made */
	size_t nfresh;
	struct key_range *ranges; /* PLAN_KEYS, PLAN_DUE */
	size_t nranges;
	struct plan **kids; /* PLAN_UNION */
	size_t nkids;
	double rows;  /* estimates: records found */
	double work;  /* in records read in sequence */
	bool counted; /* rows is exact */
};

/* Plans NODE and the far ends of its paths. */
enum crm_err plan_make(struct run *run, const struct kind *k,
    const struct node *n, struct plan **out, struct diag *dg) CRM_NODISCARD;
void plan_explain(const struct plan *p, struct buf *out);

/* ---- walk.c ------------------------------------------------------------ */

struct walk {
	struct run *run;
	const struct plan *plan;
	struct scan *scan;	/* PLAN_SCAN */
	struct text_walk *text; /* PLAN_TEXT */
	struct idset ids;	/* else the candidates */
	size_t at;
	struct pick *pick;  /* reads the candidates, unless they are few */
	bool whole;	    /* the caller wants the derived fields of a match */
	bool later;	    /* they are read when it has matched */
	struct sieve sieve; /* of scan and pick */
	struct sieve aid;   /* the same in another thread */
	struct run aside;   /* its bufs */
};

/* Adds to OUT all records that P finds: those that meet its condition, and
 * others. For plans that plan_listed. */
enum crm_err plan_collect(struct run *run, const struct plan *p,
    struct idset *out, struct diag *dg) CRM_NODISCARD;
/* Does an index list them without a look at any record? */
bool plan_listed(const struct plan *p);

/* Does N ask for a derived field of the record itself? */
bool node_derives(const struct node *n);

/* WHOLE: records come with their derived fields, else perhaps without. */
enum crm_err walk_open(struct walk *w, struct run *run, const struct plan *p,
    bool whole, struct diag *dg) CRM_NODISCARD;
/* The next record that meets the plan's condition; *got false at the end. */
enum crm_err walk_next(
    struct walk *w, struct record *r, bool *got, struct diag *dg) CRM_NODISCARD;
void walk_close(struct walk *w); /* also after walk_open failed */

#endif
