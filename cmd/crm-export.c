/* SPDX-License-Identifier: ISC */
/* crm-export: records in the formats of other programs. */
#include "crm-export/export.h"
#include "crm/export_dot.h"
#include "crm/export_ledger.h"
#include "crm/export_sql.h"

static const char *const takes[] = {
    "fields", "format", "output", "no-header", "limit", "sort", NULL};

static const struct command command = {
    .name = "crm-export",
    .synopsis = "crm-export [-Hqv] [-O FORMAT] [-f FIELDS] "
		"[-s FIELD[,-FIELD]] [-l N]\n"
		"        [-o FILE] [KIND] [-] [QUERY...]",
    .examples = "crm-export -O vcard -o people.vcf contact tag=family\n"
		"crm-export -O ics -o plan.ics\n"
		"crm-export -O csv deal 'stage=won close=2026'",
    .takes = takes,
    .opens = true,
};

/* The formats; a new one is a line here and one in the manual. Rows come
 * first, the default at the top. */
static const struct format_def formats[] = {
    {.name = "tsv"},
    {.name = "csv"},
    {.name = "json"},
    {.name = "jsonl"},
    {.name = "us"},
    {.name = "table"},
    {.name = "vcard", .make = vcard4_exporter},
    {.name = "vcf", .make = vcard4_exporter},
    {.name = "vcard3", .make = vcard3_exporter},
    {.name = "ics",
	.make = ics_exporter,
	.parts = {{KIND_TASK, NULL}, {KIND_ACTIVITY, "status=planned"}}},
    {.name = "sql", .make = sql_exporter, .every = true},
    {.name = "ledger",
	.make = ledger_exporter,
	.parts = {{KIND_ORDER, NULL}}},
    {.name = "dot", .make = dot_exporter, .every = true},
};

/* ---- the call --------------------------------------------------------- */

static enum crm_err
format_read(struct export *x)
{
	struct cli *c = x->c;
	/* Not the table of a terminal: this is for programs. */
	const char *name = c->opt.format ? c->opt.format : formats[0].name;

	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(name, formats[i].name) == 0)
			x->format = &formats[i];
	if (!x->format)
		return diag_set(&c->diag, CRM_USAGE,
		    "-O: unknown format '%s'; take tsv, csv, json, jsonl, "
		    "vcard or ics",
		    name);
	if (x->format->make && c->opt.fields)
		return diag_set(&c->diag, CRM_USAGE,
		    "-f: %s has its own properties; take tsv, csv or jsonl "
		    "to choose fields",
		    name);
	c->opt.format = name;
	return CRM_OK;
}

static enum crm_err
operands_read(struct export *x)
{
	struct cli *c = x->c;
	struct str *words = c->words;
	size_t i, n, kept = 0;

	n = query_kind(
	    store_schema(c->store), words, c->nwords, NULL, &x->kind);
	for (i = n; i < c->nwords; i++) {
		if (str_is(words[i], "-"))
			x->input = true;
		else
			words[kept++] = words[i];
	}
	x->words = words;
	x->nwords = kept;
	if (!x->input)
		return CRM_OK;
	return cli_refs(
	    c, x->kind, &(struct str){"-", 1}, 1, &x->ids, &x->nids);
}

static void
warn(void *arg, const char *text)
{
	cli_warn(arg, "%s", text);
}

static enum crm_err
exporter_make(struct export *x)
{
	struct cli *c = x->c;
	struct exporter_options o = {
	    .store = c->store, .clock = &c->clock, .warn = warn, .arg = c};

	if (!x->format->make)
		return rows_exporter(&x->exporter, c);
	return x->format->make(&x->exporter, &o, &c->diag);
}

static enum crm_err
export_run(struct export *x)
{
	struct cli *c = x->c;
	enum crm_err err = cli_output(c);

	if (!err)
		err = format_read(x);
	if (!err)
		err = cli_open(c, false);
	if (!err)
		err = operands_read(x);
	if (!err)
		err = exporter_make(x);
	if (!err)
		err = walk_run(x);
	/* A wrong call prints nothing, not even a header. */
	if (err == CRM_USAGE)
		buf_reset(&c->out.buf);
	return err;
}

int
main(int argc, char **argv)
{
	struct cli c;
	int status = cli_start(&c, &command, argc, argv);
	struct export x = {.c = &c};
	enum crm_err err;

	if (status >= 0)
		return status;
	err = export_run(&x);
	exporter_free(x.exporter);
	free(x.ids);
	return cli_end(&c, err);
}
