/* SPDX-License-Identifier: ISC */
/* export: one call of crm-export, and what its files do for one another. */
#ifndef CRM_EXPORT_EXPORT_H
#define CRM_EXPORT_EXPORT_H

#include "cli/cli.h"
#include "crm/consents.h"
#include "crm/exporter.h"
#include "query/query.h"

/* A kind that a format takes, and the condition (a word of a query) for its
 * records when nobody has named a kind. */
struct part {
	enum kind_no kind; /* KIND_NONE ends the list */
	const char *unasked;
};

enum { PARTS = 8 };

/* What -O names. */
struct format_def {
	const char *name;
	/* NULL: rows of cells. */
	enum crm_err (*make)(struct exporter **out,
	    const struct exporter_options *o, struct diag *dg);
	/* The kinds it takes, in this order; when none is named, all of them.
	 * None here: any that is named, contacts when none is. */
	struct part parts[PARTS];
	bool every; /* when none is named, all kinds there are */
};

struct export
{
	struct cli *c;
	const struct format_def *format;
	const struct kind *kind; /* NULL: none was named */
	struct str *words;	 /* of the query */
	size_t nwords;
	bool input; /* ids on standard input */
	struct id *ids;
	size_t nids;
	struct exporter *exporter;
	struct buf template;	   /* the text of --template */
	struct consents *consents; /* NULL: whoever it is */
	uint64_t left_out;	   /* for want of consent */
};

/* ---- walk.c: which records -------------------------------------------- */

/* All of them to the exporter. */
enum crm_err walk_run(struct export *x) CRM_NODISCARD;

/* ---- rows.c: rows of cells -------------------------------------------- */

enum crm_err rows_exporter(struct exporter **out, struct cli *c) CRM_NODISCARD;
/* All records of the kind that X has been told of, when *done; else the format
 * or the columns ask for them one by one. X is one of these. */
enum crm_err rows_pour(struct exporter *x, const struct kind *kind, bool *done,
    struct diag *dg) CRM_NODISCARD;

/* ---- all.c: the whole store ------------------------------------------- */

/* The whole of a call with -a. */
enum crm_err all_export(struct cli *c) CRM_NODISCARD;

/* ---- letters.c: a file for each record -------------------------------- */

struct letter_options {
	struct str text;  /* of the template */
	const char *name; /* of the template */
	const char *path; /* of the files, with tags */
};

/* What WHAT points to outlives the exporter. Unless it comes to its end no
 * file is new or another one. */
enum crm_err letters_exporter(struct exporter **out,
    const struct letter_options *what, const struct exporter_options *o,
    struct diag *dg) CRM_NODISCARD;

#endif
