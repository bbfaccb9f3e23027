/* SPDX-License-Identifier: ISC */
/*
 * find: which records, in which order. A finder walks the matches of a query
 * or a given list of ids, sorted and limited where that is asked for.
 */
#ifndef CRM_FIND_H
#define CRM_FIND_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "model/id.h"
#include "model/record.h"
#include "query/query.h"
#include "store/store.h"

struct finder;

struct find_options {
	const struct kind *kind;
	const struct str *words; /* of the query; none: all */
	size_t nwords;
	const struct id *ids; /* NULL: all records; else only these, in this
				 order; they outlive the finder */
	size_t nids;
	const char *sort; /* "FIELD,-FIELD", paths too; NULL: order of ids
			     given, else of the plan */
	uint64_t limit;	  /* UINT64_MAX: none */
};

/*
 * Sorting: by the type's order; a record without a value comes last either
 * way; equal ones in order of id. Of a list its first item counts. CRM_USAGE
 * for an unknown field or a query that does not parse. An id of another kind
 * is CRM_DATA, naming it.
 */
enum crm_err finder_new(struct finder **out, struct store *s,
    const struct clock *clock, const struct find_options *o,
    struct diag *dg) CRM_NODISCARD;

/* *got is false at the end. The record is valid as long as any view of the
 * store; the store may be paused between two calls. */
enum crm_err finder_next(struct finder *f, struct record *r, bool *got,
    struct diag *dg) CRM_NODISCARD;

/* The caller is not going to read derived fields: they may be left zero.
 * Before the first finder_next. */
void finder_bare(struct finder *f);

/* The caller holds no view of the store when it calls finder_next first: that
 * may renew the snapshot and use a second thread. */
void finder_alone(struct finder *f);

/* Appends how the records are found, for -v. */
void finder_explain(const struct finder *f, struct buf *out);

void finder_free(struct finder *f);

#endif
