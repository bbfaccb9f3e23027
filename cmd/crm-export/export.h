/* SPDX-License-Identifier: ISC */
/* export: one call of crm-export, and what its files do for one another. */
#ifndef CRM_EXPORT_EXPORT_H
#define CRM_EXPORT_EXPORT_H

#include "cli/cli.h"
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
};

/* ---- walk.c: which records -------------------------------------------- */

/* All of them to the exporter. */
enum crm_err walk_run(struct export *x) CRM_NODISCARD;

/* ---- rows.c: rows of cells -------------------------------------------- */

enum crm_err rows_exporter(struct exporter **out, struct cli *c) CRM_NODISCARD;

#endif
