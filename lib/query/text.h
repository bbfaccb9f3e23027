/* SPDX-License-Identifier: ISC */
/* text: which words of the store's index a record must have to meet a test
 * about texts: some of several sets of words, all of a set. */
#ifndef CRM_QUERY_TEXT_H
#define CRM_QUERY_TEXT_H

#include "base/base.h"
#include "base/err.h"
#include "query/node.h"
#include "store/words.h"

struct plan;
struct run;

enum text_type { TEXT_WORDS, TEXT_ALL, TEXT_ANY };

/* In the query's memory, but for the words. */
struct text {
	enum text_type type;
	struct words *words;
	struct text **kids;
	size_t nkids;
	double rows;	   /* records, at most */
	struct text *next; /* all that have words; see query_texts_clear */
};

/*
 * What the records of K that meet T must have. *out is NULL when the index
 * cannot tell, or only that they are more than LIMIT.
 */
enum crm_err text_of_test(struct run *run, const struct kind *k,
    const struct test *t, uint64_t limit, struct text **out,
    struct diag *dg) CRM_NODISCARD;
/* Both; KIDS is taken over. NULL: out of memory. */
struct text *text_all(struct run *run, struct text **kids, size_t nkids);
void query_texts_clear(struct text *first);

/* The records, by id, with those that were changed lately. */
struct text_walk;
enum crm_err text_walk_open(struct text_walk **out, struct run *run,
    const struct plan *p, struct diag *dg) CRM_NODISCARD;
enum crm_err text_walk_next(struct text_walk *w, struct id *id, bool *got,
    struct diag *dg) CRM_NODISCARD;
void text_walk_close(struct text_walk *w);

#endif
