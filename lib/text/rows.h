/* SPDX-License-Identifier: ISC */
/*
 * rows: one way to read whatever has records with named values: tables (csv,
 * crm-tsv), JSON objects, cards, calendar entries. A reader of a format makes
 * a struct rows of its own, with the class first:
 *
 *     struct csv_rows {
 *             struct rows rows;
 *             ...
 *     };
 */
#ifndef CRM_ROWS_H
#define CRM_ROWS_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

/* Views that last until the next rows_next or rows_close. */
struct rows_row {
	const struct str *names; /* of the columns */
	const struct str *cells; /* as many; n = 0 is no value. UTF-8 without
				    NUL; lists are joined by commas */
	size_t n;
	uint64_t shape;	 /* the same number: the same names as before; a table
			    has one shape only */
	uint64_t line;	 /* where the record begins, from 1 */
	struct str raw;	 /* its bytes as they stood there, as UTF-8, without
			    the last line end; "" when there are too many */
	struct str kind; /* what the format says it is: "contact", "task";
			    "" when it does not */
};

struct rows;
struct rows_class {
	enum crm_err (*next)(
	    struct rows *r, struct rows_row *row, bool *got, struct diag *dg);
	void (*close)(struct rows *r);
};
struct rows {
	const struct rows_class *class;
	/* Behind the first row, rows_next may be called in another thread than
	 * everything else: a table of which reading never waits. */
	bool apart;
};

/*
 * The next record; *got is false at the end. CRM_DATA: the message starts with
 * NAME:LINE: and says what is wrong and the way out; ROW has then line, raw
 * and, of a table, the names; the record is skipped and reading may go on,
 * unless *got is false: then what follows cannot be read either. CRM_IO:
 * reading failed. CRM_TEMP: out of memory.
 */
static inline enum crm_err
rows_next(struct rows *r, struct rows_row *row, bool *got, struct diag *dg)
{
	return r->class->next(r, row, got, dg);
}

/* R may be NULL. */
static inline void
rows_close(struct rows *r)
{
	if (r)
		r->class->close(r);
}

#endif
