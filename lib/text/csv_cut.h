/* SPDX-License-Identifier: ISC */
/*
 * csv_cut: one record of comma-separated values cut into cells. What stands
 * in quotes is parsed by libcsv in strict mode; cells without quotes are views
 * of the bytes as they are, blanks and all (libcsv would trim those). Knows
 * nothing of headers, lines or messages: that is csv.
 */
#ifndef CRM_CSV_CUT_H
#define CRM_CSV_CUT_H

#include "base/base.h"
#include "base/str.h"

enum { CSV_COLUMNS_MAX = 4096 };

enum csv_cut {
	CUT_ROW,   /* a whole record */
	CUT_MORE,  /* it goes on behind the bytes given */
	CUT_STRAY, /* a quote in a cell that does not begin with one */
	CUT_AFTER, /* something else than the cell's end after its quote */
	CUT_OPEN,  /* a quote that nothing closes */
	CUT_BREAK, /* half a line end: CR where lines end with LF, LF where
		      they end with CR */
	CUT_NOMEM,
};

struct csv_cutter;

/* What csv_cut found; pointers into the bytes it was given. */
struct csv_found {
	const struct str *cells; /* at most CSV_COLUMNS_MAX; until the next */
	size_t n;		 /* cells there are, perhaps more than that */
	const char *end;	 /* of the record, without its line end */
	const char *next;	 /* the byte behind its line end */
	bool lines;		 /* it is of several lines */
	const char *quote; /* on a fault: the one that opens the cell, or the
			      stray one */
	const char *at;	   /* on a fault: what is wrong */
};

/* EOL is LF or CR; CRs before an LF belong to the line end. LENIENT: a quote
 * that is out of place is taken as it is. NULL when memory runs out. */
struct csv_cutter *csv_cutter_new(char delimiter, char eol, bool lenient);
void csv_cutter_free(struct csv_cutter *c); /* NULL is fine */

/*
 * Cuts the first record of IN, which must not be empty; LAST says that nothing
 * follows IN. CUT_MORE is never the answer then, nor for a quoted cell of much
 * more than CRM_FIELD_MAX bytes, which is CUT_OPEN. On a fault f->n cells came
 * before the wrong one, and the next call may begin anywhere.
 */
enum csv_cut csv_cut(struct csv_cutter *c, struct str in, bool last,
    struct csv_found *f) CRM_NODISCARD;

#endif
