/* SPDX-License-Identifier: ISC */
/*
 * scout: goes ahead of a batch. While rows are stored, it takes the next lines
 * of crm-tsv(5) apart and checks their values in a thread of its own, some
 * hundred rows at a time. It does what depends on nothing but the line and the
 * schema; what is wrong with a row is told when the row comes. The source is
 * asked in the thread of the batch, for more than the next row only where there
 * is no need to wait.
 */
#ifndef CRM_SCOUT_H
#define CRM_SCOUT_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "model/schema.h"
#include "text/tsv.h"

struct scout;

/* What a cell of a row is. */
enum scout_mark {
	SCOUT_TEXT, /* its text: not checked, or refused, or blank */
	SCOUT_GOOD, /* the value that value_normalise made of it */
	SCOUT_ODD,  /* such a one, and odd */
};

/* Views until the next scout_next; as many cells and marks as there are
 * columns. */
struct scout_row {
	const struct str *cells;
	const char *marks; /* of enum scout_mark; NULL: all are texts */
	uint64_t line;
	struct str raw; /* as tsv_raw */
};

/*
 * From the next row of IN on, which is the scout's until scout_free. FIELDS
 * are the columns, NULL for those that are not to be checked; references are
 * not, and neither is column KEEP (if there is one). They and the clock do not
 * change meanwhile. *out is NULL where no thread can be had or there is one
 * processor, which FORCE leaves out of account. CRM_TEMP.
 */
enum crm_err scout_new(struct scout **out, struct tsv_reader *in,
    const struct field *const *fields, size_t keep, const struct clock *clock,
    bool force, struct diag *dg) CRM_NODISCARD;

/* As tsv_next: after CRM_DATA the row has line and raw. */
enum crm_err scout_next(struct scout *s, struct scout_row *row, bool *got,
    struct diag *dg) CRM_NODISCARD;

/* S may be NULL. */
void scout_free(struct scout *s);

#endif
