/* SPDX-License-Identifier: ISC */
/*
 * exporter: one way to write whatever is not rows of cells: cards, calendars,
 * statements, address lines. A format makes a struct exporter of its own, with
 * the class first:
 *
 *     struct ledger {
 *             struct exporter exporter;
 *             ...
 *     };
 *
 *     exporter_begin; for each kind exporter_kind, and exporter_record for
 *     each of its records; exporter_end; exporter_free
 */
#ifndef CRM_EXPORTER_H
#define CRM_EXPORTER_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "model/record.h"
#include "store/store.h"

/* What it is made with; all of it outlives the exporter. */
struct exporter_options {
	struct store *store;
	const struct clock *clock;
	/* What a person should know of, at most a few lines. */
	void (*warn)(void *arg, const char *text);
	void *arg;
};

struct exporter;

/*
 * All append to TO, which the caller empties between two calls as it likes;
 * the store may be paused then, so a view of a record is not kept. Whoever
 * calls looks at TO->failed. begin, kind and end may be NULL.
 */
struct exporter_class {
	/* What stands before everything, records or none. */
	enum crm_err (*begin)(
	    struct exporter *x, struct buf *to, struct diag *dg);
	/* From now on records of KIND come; CRM_USAGE when the format has no
	 * place for it. A kind comes once, with records or without. */
	enum crm_err (*kind)(struct exporter *x, const struct kind *kind,
	    struct buf *to, struct diag *dg);
	enum crm_err (*record)(struct exporter *x, const struct record *r,
	    struct buf *to, struct diag *dg);
	/* What stands behind everything. CRM_NO: there was nothing, and that
	 * is an answer of its own; TO is printed all the same. */
	enum crm_err (*end)(
	    struct exporter *x, struct buf *to, struct diag *dg);
	void (*free)(struct exporter *x);
};

struct exporter {
	const struct exporter_class *class;
	bool bare; /* derived fields of the records may be left zero; settled
		      when kind returns */
};

static inline enum crm_err
exporter_begin(struct exporter *x, struct buf *to, struct diag *dg)
{
	return x->class->begin ? x->class->begin(x, to, dg) : CRM_OK;
}

static inline enum crm_err
exporter_kind(struct exporter *x, const struct kind *kind, struct buf *to,
    struct diag *dg)
{
	return x->class->kind ? x->class->kind(x, kind, to, dg) : CRM_OK;
}

static inline enum crm_err
exporter_record(
    struct exporter *x, const struct record *r, struct buf *to, struct diag *dg)
{
	return x->class->record(x, r, to, dg);
}

static inline enum crm_err
exporter_end(struct exporter *x, struct buf *to, struct diag *dg)
{
	return x->class->end ? x->class->end(x, to, dg) : CRM_OK;
}

/* X may be NULL. */
static inline void
exporter_free(struct exporter *x)
{
	if (x)
		x->class->free(x);
}

/* Cards of contacts and orgs, and calendars of tasks and activities; *out is
 * the caller's to exporter_free. */
enum crm_err vcard3_exporter(struct exporter **out,
    const struct exporter_options *o, struct diag *dg) CRM_NODISCARD;
enum crm_err vcard4_exporter(struct exporter **out,
    const struct exporter_options *o, struct diag *dg) CRM_NODISCARD;
enum crm_err ics_exporter(struct exporter **out,
    const struct exporter_options *o, struct diag *dg) CRM_NODISCARD;

#endif
