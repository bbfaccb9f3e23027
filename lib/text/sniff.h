/* SPDX-License-Identifier: ISC */
/*
 * sniff: what the beginning of a file says the file is: format, encoding,
 * delimiter, lines before the header. What fits two ways is not guessed.
 */
#ifndef CRM_SNIFF_H
#define CRM_SNIFF_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "text/recode.h"

enum { SNIFF_MAX = 64 << 10 }; /* bytes that are enough */

enum sniff_format {
	SNIFF_UNKNOWN, /* and why says so, with the way out */
	SNIFF_CSV,
	SNIFF_TSV, /* crm-tsv(5), names of columns may be foreign */
	SNIFF_JSONL,
	SNIFF_JSON, /* one array, or one object over several lines */
	SNIFF_VCARD,
	SNIFF_ICAL,
	SNIFF_MBOX,
	SNIFF_DUMP, /* our own export of a whole store */
};

struct sniff_input {
	struct str head; /* the first bytes as they stand there */
	bool whole;	 /* they are all there is */
	const char *name;
	const enum encoding *encoding; /* told; NULL: find out */
	char delimiter;		       /* told; 0: find out */
	/* The first line, without its end, is that of our own export; NULL
	 * when nobody can tell. */
	bool (*is_dump)(struct str line);
};

struct sniff {
	enum sniff_format format;
	enum encoding encoding; /* of an mbox always UTF-8: its messages have
				   encodings of their own */
	char delimiter;		/* csv */
	uint64_t skip;		/* csv: lines before the header */
	/* "csv: 14 columns separated by ';' in 20 lines; windows-1252: byte
	 * 0xfc in line 3" */
	struct buf why;
};

/* Looks at IN. CRM_TEMP: out of memory. *out is the caller's to sniff_clear,
 * always. */
enum crm_err sniff_head(struct sniff *out, const struct sniff_input *in,
    struct diag *dg) CRM_NODISCARD;
void sniff_clear(struct sniff *s);

/* "csv", "vcard": for messages and options; "unknown". */
const char *sniff_name(enum sniff_format f);

#endif
