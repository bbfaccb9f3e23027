/* SPDX-License-Identifier: ISC */
/* crm-export: records in the formats of other programs. */
#include "crm-export/export.h"

#include "crm/addresses.h"
#include "crm/template.h"
#include "crm/export_dot.h"
#include "crm/export_ledger.h"
#include "crm/export_sql.h"

static const char *const takes[] = {"fields", "format", "output", "no-header",
    "limit", "sort", "raw", "delimiter", "crlf", "bom", "template", "for",
    "all::the whole store, to be imported again", NULL};

static const struct command command = {
    .name = "crm-export",
    .synopsis = "crm-export [-Hqv] [-O FORMAT] [-f FIELDS] "
		"[-s FIELD[,-FIELD]] [-l N]\n"
		"        [-o FILE] [--for PURPOSE] [--raw] [--delimiter CHAR] "
		"[--crlf]\n"
		"        [--bom] [KIND] [-] [QUERY...]\n"
		"crm-export --template FILE [-qv] [-s FIELD[,-FIELD]] [-l N] "
		"[-o FILE]\n"
		"        [--for PURPOSE] [KIND] [-] [QUERY...]\n"
		"crm-export -a [-qv] [-O jsonl|tsv] [-o FILE|DIR]",
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
    {.name = "ledger", .make = ledger_exporter, .parts = {{KIND_ORDER, NULL}}},
    {.name = "dot", .make = dot_exporter, .every = true},
    {.name = "mutt", .make = mutt_exporter},
    {.name = "aerc", .make = aerc_exporter},
};

static const struct format_def letter_format = {.name = "--template"};

/* ---- the call --------------------------------------------------------- */

static enum crm_err
format_unknown(struct export *x, const char *name)
{
	struct diag *dg = &x->c->diag;

	(void)diag_set(dg, CRM_USAGE, "-O: unknown format '%s'; take", name);
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		diag_more(dg, "%s %s", i ? "," : "", formats[i].name);
	return CRM_USAGE;
}

/* What only csv has a use for. */
static enum crm_err
csv_only(struct cli *c)
{
	const char *option = c->opt.raw		? "--raw"
			     : c->opt.crlf	? "--crlf"
			     : c->opt.bom	? "--bom"
			     : c->opt.delimiter ? "--delimiter"
						: NULL;

	if (!option || (c->opt.format && strcmp(c->opt.format, "csv") == 0))
		return CRM_OK;
	return diag_set(&c->diag, CRM_USAGE,
	    "%s: says how csv is written; add -O csv", option);
}

static enum crm_err
template_read(struct export *x)
{
	struct cli *c = x->c;
	struct str mark = STR("\xef\xbb\xbf");
	const char *other = c->opt.format ? "-O" : c->opt.fields ? "-f" : NULL;
	enum crm_err err;

	x->format = &letter_format;
	if (other)
		return diag_set(&c->diag, CRM_USAGE,
		    "%s: a template says itself what is printed; leave out "
		    "one of the two",
		    other);
	err = cli_read(c, c->opt.template, &x->template);
	if (!err && str_starts(str_of(&x->template), mark)) {
		memmove(x->template.p, x->template.p + mark.n,
		    x->template.n - mark.n);
		x->template.n -= mark.n;
	}
	return err;
}

static enum crm_err
format_read(struct export *x)
{
	struct cli *c = x->c;
	/* Not the table of a terminal: this is for programs. */
	const char *name = c->opt.format ? c->opt.format : formats[0].name;
	enum crm_err err = csv_only(c);

	if (err || c->opt.template)
		return err ? err : template_read(x);
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(name, formats[i].name) == 0)
			x->format = &formats[i];
	if (!x->format)
		return format_unknown(x, name);
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

/* A file for each record, which the exporter writes. */
static bool
has_own_files(const struct export *x)
{
	const char *output = x->c->opt.output;

	return x->c->opt.template && output &&
	       template_has_tag(str_from(output));
}

static enum crm_err
exporter_make(struct export *x)
{
	struct cli *c = x->c;
	struct exporter_options o = {
	    .store = c->store, .clock = &c->clock, .warn = warn, .arg = c};

	struct letter_options letters = {.text = str_of(&x->template),
	    .name = c->opt.template,
	    .path = c->opt.output};

	if (c->opt.template && has_own_files(x))
		return letters_exporter(&x->exporter, &letters, &o, &c->diag);
	if (c->opt.template)
		return template_exporter(
		    &x->exporter, letters.text, letters.name, &o, &c->diag);
	if (!x->format->make)
		return rows_exporter(&x->exporter, c);
	return x->format->make(&x->exporter, &o, &c->diag);
}

/* Who has consented, and a word when that can be nobody. */
static enum crm_err
consents_read(struct export *x)
{
	struct cli *c = x->c;
	struct buf today = {0}, nearest = {0};
	const char *purpose = c->opt.purpose;
	bool known;
	enum crm_err err;

	if (!purpose)
		return CRM_OK;
	if (purpose[0] == '\0')
		return diag_set(&c->diag, CRM_USAGE,
		    "--for: a purpose is missing; write --for newsletter");
	date_print(when_today(&c->clock), &today);
	err = consents_new(&x->consents, c->store, str_from(purpose),
	    str_of(&today), &known, &nearest, &c->diag);
	if (!err && !known && nearest.n)
		cli_warn(c, "no consent is for '%s'; did you mean '%s'",
		    purpose, buf_z(&nearest));
	else if (!err && !known)
		cli_warn(c, "no consent is for '%s'", purpose);
	buf_clear(&today);
	buf_clear(&nearest);
	return err;
}

static enum crm_err
export_run(struct export *x)
{
	struct cli *c = x->c;
	enum crm_err err;

	if (c->opt.all)
		return all_export(c);
	err = has_own_files(x) ? CRM_OK : cli_output(c);
	if (!err)
		err = format_read(x);
	if (!err)
		err = cli_open(c, false);
	if (!err)
		err = operands_read(x);
	if (!err)
		err = consents_read(x);
	if (!err)
		err = exporter_make(x);
	if (!err)
		err = walk_run(x);
	if (x->left_out && (err == CRM_OK || err == CRM_NO))
		cli_warn(c, "%llu left out without consent to '%s'",
		    (unsigned long long)x->left_out, c->opt.purpose);
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
	consents_free(x.consents);
	buf_clear(&x.template);
	free(x.ids);
	return cli_end(&c, err);
}
