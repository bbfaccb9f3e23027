/* SPDX-License-Identifier: ISC */
/*
 * tsv: reads crm-tsv(5). The reader is fed bytes and hands out rows of
 * unescaped cells; it does no I/O of its own.
 */
#ifndef CRM_TSV_H
#define CRM_TSV_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "text/source.h"

struct tsv_reader;

struct tsv_options {
	struct str columns; /* names, comma-separated, for headerless input */
	/* A first line of one word that looks like an id ("c42") or cannot be
	 * a name ("anna@example.org") is taken as the first of ids one a line:
	 * the one column is "id". */
	bool bare_ids;
	/* The header is of another program: names may be anything that is not
	 * empty, with escapes, and differ from each other. */
	bool foreign;
	size_t line_max; /* bytes; 0: CRM_RECORD_MAX */
};

/*
 * Reads the header. CRM_DATA: the message starts with NAME:1: and says what is
 * wrong with it and the way out; CRM_USAGE: it is wrong with o->columns;
 * CRM_IO: reading failed. *out is NULL then, else the caller's to tsv_close.
 * SRC is copied, what it points to must outlive the reader; O may be NULL.
 */
enum crm_err tsv_open(struct tsv_reader **out, const struct source *src,
    const struct tsv_options *o, struct diag *dg) CRM_NODISCARD;

/* The header's names, valid until tsv_close. tsv_open has read it. An empty
 * input is a usage of its own: zero columns, no rows. */
size_t tsv_columns(const struct tsv_reader *r, const struct str **names);

/*
 * The next row: *cells are as many as the columns, valid until the next call.
 * A cell that is "\N" is empty. *got is false at the end. CRM_DATA: the
 * message starts with NAME:LINE: and says what is wrong and the way out; the
 * row is skipped and reading may go on with the next line (over-long lines,
 * wrong cell count, NUL, bad UTF-8, blank line). CRM_IO: reading failed.
 */
enum crm_err tsv_next(struct tsv_reader *r, const struct str **cells, bool *got,
    struct diag *dg) CRM_NODISCARD;

/*
 * For who reads ahead: rows of bytes that are here already can be had in
 * another thread than the one that asks the source for more. tsv_held is
 * tsv_next of those: *got is also false where the source must be asked first,
 * and tsv_hungry says so. tsv_feed asks it once; after CRM_IO the input has
 * ended. tsv_waits: it would have to wait for it.
 */
enum crm_err tsv_held(struct tsv_reader *r, const struct str **cells, bool *got,
    struct diag *dg) CRM_NODISCARD;
bool tsv_hungry(const struct tsv_reader *r);
enum crm_err tsv_feed(struct tsv_reader *r, struct diag *dg) CRM_NODISCARD;
bool tsv_waits(const struct tsv_reader *r);

/* Line of the row that tsv_next returned last, from 1; the header is 1. */
uint64_t tsv_line(const struct tsv_reader *r);
/* The raw line, escapes and all, without its LF: for reject files. Valid until
 * the next call; bad bytes are still in it; "" when it was over-long. */
struct str tsv_raw(const struct tsv_reader *r);
/* A pair like \q was taken literally somewhere (one warning per run). */
bool tsv_odd(const struct tsv_reader *r);
void tsv_close(struct tsv_reader *r);

#endif
