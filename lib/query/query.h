/* SPDX-License-Identifier: ISC */
/*
 * query: the expression language of crm-query(7): parsed once, planned once,
 * evaluated over stored bytes.
 */
#ifndef CRM_QUERY_H
#define CRM_QUERY_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "model/record.h"
#include "store/store.h"

struct query;

/*
 * Parses the words (a command's operands) for records of KIND. No words: all
 * of them. The store and clock must outlive the query. CRM_USAGE points at
 * the word: unknown field with the nearest name, bad operator, value of the
 * wrong type, unbalanced parenthesis, unknown segment.
 */
enum crm_err query_new(struct query **out, struct store *s,
    const struct clock *clock, const struct kind *kind, const struct str *words,
    size_t nwords, struct diag *dg) CRM_NODISCARD;
void query_free(struct query *q);

/*
 * The first operand may be a kind name: returns how many words it took (0 or
 * 1) and the kind, FALLBACK when there is none.
 */
size_t query_kind(const struct schema *s, const struct str *words,
    size_t nwords, const struct kind *fallback, const struct kind **out);

/* The kind that a segment's field kind says: by name or by the id of its
 * record; NULL when there is no such kind. */
const struct kind *query_segment_kind(const struct schema *s, struct str text);

/* Splits a saved query text into words by shell-like rules: blanks separate,
 * quotes '...' and "..." group. The views point into *hold. */
enum crm_err query_words(struct str text, struct buf *hold, struct str **words,
    size_t *nwords, struct diag *dg) CRM_NODISCARD;

/* Appends how the query will be answered: "index contact.city" ... */
void query_explain(const struct query *q, struct buf *out);

/* Does this record (of the query's kind) match? */
enum crm_err query_match(struct query *q, const struct record *r, bool *yes,
    struct diag *dg) CRM_NODISCARD;

/*
 * Walks the matches, each once; order is that of the plan. *got is false at
 * the end. The record lives as long as any view of the store.
 */
enum crm_err query_next(struct query *q, struct record *r, bool *got,
    struct diag *dg) CRM_NODISCARD;

/* The caller is not going to read derived fields of the matches: they may be
 * left zero. Before the first query_next. */
void query_bare(struct query *q);

/* Nobody holds a view of the store when query_next is called first: the walk
 * may renew the snapshot then and use a second thread. */
void query_alone(struct query *q);

/* Ids of all matches in order of id; *ids is the caller's to free. */
enum crm_err query_ids(
    struct query *q, struct id **ids, size_t *n, struct diag *dg) CRM_NODISCARD;

/* Value of "name", "org.name", "deal.stage" for a record: the path follows
 * references, several values joined by commas. */
struct path;
enum crm_err path_new(struct path **out, struct store *s,
    const struct kind *kind, struct str text, struct diag *dg) CRM_NODISCARD;
const struct field *path_field(const struct path *p); /* its last field;
							  NULL for id */
bool path_many(const struct path *p); /* may there be several values? */
/* Appends the value: nothing when there is none. */
enum crm_err path_get(struct path *p, const struct record *r, struct buf *out,
    struct diag *dg) CRM_NODISCARD;
void path_free(struct path *p);

#endif
