/* SPDX-License-Identifier: ISC */
/*
 * emit: rows of cells as text, one interface for every row format. The text
 * is appended to a buf that the caller empties when it likes (the table keeps
 * rows back until it knows its widths).
 */
#ifndef CRM_EMIT_H
#define CRM_EMIT_H

#include "base/base.h"
#include "base/date.h"
#include "base/err.h"
#include "base/str.h"
#include "model/row.h"
#include "model/schema.h"

enum format {
	FORMAT_TSV,   /* crm-tsv(5) */
	FORMAT_CSV,   /* RFC 4180, LF; formulas guarded, see csv_guard.h */
	FORMAT_JSON,  /* one array of objects */
	FORMAT_JSONL, /* one object a line; absent values have no key */
	FORMAT_US,    /* 0x1f between cells: for the shell's read */
	FORMAT_TABLE  /* aligned, for people */
};

/* The format a -O word names; false when it is none of these. */
bool format_from(struct str name, enum format *out) CRM_NODISCARD;

struct column {
	struct str name;
	const struct field *field; /* type of the cells; NULL: plain text */
	bool list; /* the cell is a comma list even where the field is not */
};

struct emit_options {
	enum format format;
	bool no_header;
	bool nul;	/* rows end with NUL instead of LF */
	bool raw;	/* csv: formulas as they are */
	bool crlf;	/* csv: rows end with CR and LF */
	bool bom;	/* csv: a byte order mark comes first */
	char delimiter; /* csv: between cells; 0: a comma */
	bool colour;	/* table */
	size_t width;	/* table: columns of the terminal, 0 = do not cut */
	size_t indent;	/* table: blanks before each line, beside the width */
	const struct zone *zone; /* table: times are shown in it */
};

struct emit;
/* TO and the zone in O must outlive the emit. *out is the caller's to
 * emit_free, also after an error of the other functions. */
enum crm_err emit_new(struct emit **out, const struct emit_options *o,
    struct buf *to, struct diag *dg) CRM_NODISCARD;
/* The columns are copied; their fields must outlive the emit. Writes the
 * header. */
enum crm_err emit_begin(struct emit *e, const struct column *cols, size_t n,
    struct diag *dg) CRM_NODISCARD;
/* The cells of a row in order; n = 0 is no value. CLEAN says that the value
 * needs no escaping in this format (emit_clean tells by row flags). */
void emit_cell(struct emit *e, struct str value, bool clean);
/* The same for an instant, in seconds since 1970. */
void emit_time(struct emit *e, int64_t utc);
bool emit_clean(const struct emit *e, unsigned row_flags);
void emit_row(struct emit *e); /* after the last cell of a row */
/* A whole row of as many CELLS as there are columns; CLEAN holds for all. */
void emit_cells(struct emit *e, const struct str *cells, bool clean);
/* A row that the caller makes in place, where one that needs no escaping is
 * its cells with a byte between them: room for MOST bytes, and that byte; the
 * row is what is there up to END. NULL in all other formats. */
char *emit_place(struct emit *e, size_t most, char *sep);
void emit_placed(struct emit *e, char *end);
/*
 * Rows as they are stored. SLOTS says for each column where its value is, or
 * EMIT_ID; to be called once, behind emit_begin. ID is the text of the record's
 * id, where a column shows it. A row is emit_stored or all of its cells, as one
 * likes.
 */
enum { EMIT_ID = UINT16_MAX };
enum crm_err emit_slots(
    struct emit *e, const uint16_t *slots, struct diag *dg) CRM_NODISCARD;
void emit_stored(struct emit *e, const struct row *row, struct str id);
/* Another one with the columns and slots of E that prints rows only, to TO:
 * for use in another thread. NULL in *out where a row depends on the others. */
enum crm_err emit_twin(struct emit **out, const struct emit *e, struct buf *to,
    struct diag *dg) CRM_NODISCARD;
/* From now on all is printed to TO. */
void emit_to(struct emit *e, struct buf *to);
/* Something that belongs to the rows was lost for want of memory; whoever has
 * the text sees it there. */
void emit_fail(struct emit *e);
/* The end of all rows: closes an array, prints a held-back table. Out of
 * memory anywhere before is reported here. */
enum crm_err emit_end(struct emit *e, struct diag *dg) CRM_NODISCARD;
void emit_free(struct emit *e);

#endif
