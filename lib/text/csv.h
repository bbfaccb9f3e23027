/* SPDX-License-Identifier: ISC */
/*
 * csv: reads comma-separated values (RFC 4180) as rows. Quoted text is parsed
 * by libcsv in strict mode; blanks around cells without quotes stay, lines end
 * with LF, CR LF or, in all of a file, CR.
 */
#ifndef CRM_CSV_H
#define CRM_CSV_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "text/rows.h"
#include "text/source.h"

struct csv_options {
	char delimiter; /* a byte of ASCII; 0: ',' */
	/* A quote that is out of place is a character like others: in a cell
	 * that does not begin with one, and in a quoted cell where no end of
	 * the cell follows. */
	bool lenient;
	struct str columns; /* names, comma-separated, for headerless input */
	uint64_t skip;	    /* lines before the header, or before the rows */
};

/*
 * Reads the header; outer blanks of its names do not count, and a name may be
 * empty. CRM_DATA: the message starts with NAME:LINE: and says what is wrong
 * with the header and the way out; CRM_USAGE: it is wrong with the options;
 * CRM_IO: reading failed. *out is NULL then, else the caller's to rows_close.
 * SRC is copied, what it points to must outlive the rows; O may be NULL, and
 * what it points to may go away.
 *
 * A file of nothing has no rows. A row has as many cells as the header and
 * holds at most CRM_RECORD_MAX bytes; a row that is the header again, as in
 * "cat a.csv b.csv", is skipped, and so are blank lines at the end. After a
 * fault of quotes reading goes on with the line after the first of the record.
 */
enum crm_err csv_rows_open(struct rows **out, const struct source *src,
    const struct csv_options *o, struct diag *dg) CRM_NODISCARD;

/* The names of the columns, valid until rows_close; R is from csv_rows_open. */
const struct str *csv_rows_names(const struct rows *r, size_t *n);

#endif
