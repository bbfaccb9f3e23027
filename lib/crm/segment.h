/* SPDX-License-Identifier: ISC */
/*
 * segment: customers with the figures that tell them apart (RFM, ABC), read
 * from the order index alone, and the columns such a list is printed with.
 */
#ifndef CRM_SEGMENT_H
#define CRM_SEGMENT_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "crm/score.h"
#include "model/id.h"
#include "model/schema.h"
#include "store/store.h"
#include "text/emit.h"

/* What a list is of, and so which figures its columns may name. */
enum segment_list {
	SEGMENT_SAVED, /* saved segments: count */
	SEGMENT_RFM,   /* recency frequency monetary r f m rfm segment */
	SEGMENT_ABC    /* monetary share cumulative class */
};

struct segment_options {
	enum segment_list list; /* SEGMENT_RFM or SEGMENT_ABC */
	enum score_ties ties;
	const struct zone *zone; /* whose days count; NULL is UTC */
	const struct id *ids;	 /* these contacts, rising, none twice */
	size_t nids;
	bool all; /* all contacts; ids is not looked at */
	bool has_as_of;
	int as_of; /* later orders are left out */
};

/* Contacts with counted orders; { 0 } is a valid empty table. */
struct segment_table {
	struct score_row *rows;
	size_t n;
	int as_of; /* the day recency is counted from */
	struct decimal total;
};

/*
 * Reads and scores. Orders without a date, and money of another currency
 * than the store's, are left out. Rows are in order of id for RFM, of
 * falling revenue for ABC. Without has_as_of the day after the newest order
 * read.
 */
enum crm_err segment_read(struct store *s, const struct segment_options *o,
    struct segment_table *out, struct diag *dg) CRM_NODISCARD;
void segment_clear(struct segment_table *t);

/* The columns of a list. */
struct segment_view;

/*
 * FIELDS are names with commas between them, figures of LIST or paths of
 * KIND; empty: the default ones. CRM_USAGE for an unknown name. The store
 * must outlive the view.
 */
enum crm_err segment_view_new(struct segment_view **out, struct store *s,
    const struct kind *kind, enum segment_list list, struct str fields,
    struct diag *dg) CRM_NODISCARD;
/* Valid as long as the view. */
const struct column *segment_view_columns(
    const struct segment_view *v, size_t *n);
void segment_view_free(struct segment_view *v);

/* Emits row I of the table. */
enum crm_err segment_emit_row(struct segment_view *v,
    const struct segment_table *t, size_t i, struct emit *e,
    struct diag *dg) CRM_NODISCARD;

/* Emits the record ID; COUNT stands in the column of that name, nothing when
 * it is negative. CRM_NO when it has gone. */
enum crm_err segment_emit_record(struct segment_view *v, struct id id,
    int64_t count, struct emit *e, struct diag *dg) CRM_NODISCARD;

#endif
