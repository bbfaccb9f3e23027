/* SPDX-License-Identifier: ISC */
/* crm-export: records in the formats of other programs. */
#include "cli/cli.h"
#include "crm/columns.h"
#include "crm/export_ical.h"
#include "crm/export_vcard.h"
#include "crm/find.h"

static const char *const takes[] = {
    "fields", "format", "output", "no-header", "limit", "sort", NULL};

static const struct command command = {
    .name = "crm-export",
    .synopsis = "crm-export [-Hqv] [-O tsv|csv|json|jsonl|vcard|ics] "
		"[-f FIELDS]\n"
		"        [-s FIELD[,-FIELD]] [-l N] [-o FILE] [KIND] [-] "
		"[QUERY...]",
    .examples = "crm-export -O vcard -o people.vcf contact tag=family\n"
		"crm-export -O ics -o plan.ics\n"
		"crm-export -O csv deal 'stage=won close=2026'",
    .takes = takes,
};

enum way { WAY_ROWS, WAY_VCARD, WAY_ICS };

struct export
{
	struct cli *c;
	enum way way;
	const struct kind *kind; /* NULL: none was named */
	const struct str *words; /* of the query */
	size_t nwords;
	bool input; /* ids on standard input */
	struct id *ids;
	size_t nids;
	struct columns *columns;
	struct emit *emit;
	struct vcards *cards;
	uint64_t skipped; /* activities without a start */
};

/* ---- operands --------------------------------------------------------- */

static enum crm_err
format_read(struct export *x)
{
	struct cli *c = x->c;
	struct str name = str_from(c->opt.format ? c->opt.format : "tsv");
	enum format known;

	if (str_is(name, "vcard") || str_is(name, "vcf"))
		x->way = WAY_VCARD;
	else if (str_is(name, "ics"))
		x->way = WAY_ICS;
	else if (!format_from(name, &known))
		return diag_set(&c->diag, CRM_USAGE,
		    "-O: unknown format '%.*s'; take tsv, csv, json, jsonl, "
		    "vcard or ics",
		    STR_ARG(name));
	if (x->way != WAY_ROWS && c->opt.fields)
		return diag_set(&c->diag, CRM_USAGE,
		    "-f: %.*s has its own properties; take tsv, csv or jsonl "
		    "to choose fields",
		    STR_ARG(name));
	/* Not the table of a terminal: this is for programs. */
	if (!c->opt.format)
		c->opt.format = "tsv";
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

/* ---- one kind --------------------------------------------------------- */

static enum crm_err
record_export(struct export *x, const struct record *r)
{
	struct cli *c = x->c;
	bool skipped = false;
	enum crm_err err = CRM_OK;

	switch (x->way) {
	case WAY_ROWS:
		err = columns_emit(x->columns, x->emit, r, &c->diag);
		break;
	case WAY_VCARD:
		err = vcards_add(x->cards, r, &c->out.buf, &c->diag);
		break;
	case WAY_ICS:
		err = calendar_add(
		    c->store, &c->clock, r, &c->out.buf, &skipped, &c->diag);
		x->skipped += skipped;
		break;
	}
	return err ? err : out_drain(&c->out, &c->diag);
}

static void
explain(struct export *x, const struct finder *f)
{
	struct buf text = {0};

	finder_explain(f, &text);
	cli_verbose(x->c, "%s", buf_z(&text));
	buf_clear(&text);
}

static enum crm_err
records_export(struct export *x, const struct find_options *o)
{
	struct cli *c = x->c;
	struct finder *f = NULL;
	struct record r;
	bool got = true;
	enum crm_err err;

	err = finder_new(&f, c->store, &c->clock, o, &c->diag);
	if (!err && c->opt.verbose)
		explain(x, f);
	if (!err && x->columns && !columns_derive(x->columns))
		finder_bare(f);
	while (!err && got) {
		err = finder_next(f, &r, &got, &c->diag);
		if (!err && got)
			err = record_export(x, &r);
	}
	finder_free(f);
	return err;
}

/* Where no ids came from standard input, there is still a list of them. */
static const struct id no_id;

static struct find_options
options_of(const struct export *x, const struct kind *kind)
{
	return (struct find_options){
	    .kind = kind,
	    .words = x->words,
	    .nwords = x->nwords,
	    .sort = x->c->opt.sort,
	    .limit = x->c->opt.limit,
	    .ids = x->input ? (x->ids ? x->ids : &no_id) : NULL,
	    .nids = x->nids,
	};
}

static enum crm_err
rows_begin(struct export *x, const struct kind *kind)
{
	struct cli *c = x->c;
	enum crm_err err;

	err = columns_new(
	    &x->columns, c->store, kind, c->opt.fields, COLUMNS_OPEN, &c->diag);
	if (!err)
		err = cli_emit(c, FORMAT_TSV, &x->emit);
	if (!err)
		err = columns_begin(x->columns, x->emit, &c->diag);
	return err;
}

static enum crm_err
kind_export(struct export *x)
{
	struct cli *c = x->c;
	const struct schema *s = store_schema(c->store);
	const struct kind *kind = x->kind;
	struct find_options o;
	enum crm_err err;

	if (!kind && x->nids)
		kind = schema_kind_no(s, x->ids[0].kind);
	if (!kind)
		kind = schema_kind_no(s, KIND_CONTACT);
	o = options_of(x, kind);
	if (x->way == WAY_VCARD)
		err = vcards_new(&x->cards, c->store, kind, VCARD_4, &c->diag);
	else
		err = rows_begin(x, kind);
	if (!err)
		err = records_export(x, &o);
	if (!err && x->emit)
		err = emit_end(x->emit, &c->diag);
	return err;
}

/* ---- a calendar ------------------------------------------------------- */

/* Of the given ids those of activities, or the others, which are tasks or
 * will be complained of. The rest of X stays. */
static enum crm_err
given_export(struct export *x, const struct kind *kind)
{
	struct find_options o = options_of(x, kind);
	struct id *some = malloc((x->nids + 1) * sizeof(*some));
	size_t i, n = 0;
	bool events = kind->no == KIND_ACTIVITY;
	enum crm_err err = CRM_OK;

	if (!some)
		return diag_nomem(&x->c->diag);
	for (i = 0; i < x->nids; i++)
		if ((x->ids[i].kind == KIND_ACTIVITY) == events)
			some[n++] = x->ids[i];
	o.ids = some;
	o.nids = n;
	if (n)
		err = records_export(x, &o);
	free(some);
	return err;
}

/* Activities that nobody asked for by kind: the planned ones. */
static enum crm_err
planned_export(struct export *x, const struct kind *kind)
{
	struct find_options o = options_of(x, kind);
	struct str *words = calloc(x->nwords + 3, sizeof(*words));
	size_t n = 0, i;
	enum crm_err err;

	if (!words)
		return diag_nomem(&x->c->diag);
	words[n++] = STR("status=planned");
	if (x->nwords)
		words[n++] = STR("(");
	for (i = 0; i < x->nwords; i++)
		words[n++] = x->words[i];
	if (x->nwords)
		words[n++] = STR(")");
	o.words = words;
	o.nwords = n;
	err = records_export(x, &o);
	free(words);
	return err;
}

static enum crm_err
calendar_kind(struct export *x, uint16_t no)
{
	const struct kind *k = schema_kind_no(store_schema(x->c->store), no);
	struct find_options o;

	if (!k || (x->kind && x->kind->no != no))
		return CRM_OK;
	if (x->input)
		return given_export(x, k);
	if (!x->kind && no == KIND_ACTIVITY)
		return planned_export(x, k);
	o = options_of(x, k);
	return records_export(x, &o);
}

static enum crm_err
calendar_export(struct export *x)
{
	struct cli *c = x->c;
	enum crm_err err;

	if (x->kind && x->kind->no != KIND_TASK && x->kind->no != KIND_ACTIVITY)
		return diag_set(&c->diag, CRM_USAGE,
		    "ics is for task and activity; take tsv, csv or jsonl "
		    "for %.*s",
		    STR_ARG(x->kind->name));
	calendar_begin(&c->out.buf);
	err = calendar_kind(x, KIND_TASK);
	if (!err)
		err = calendar_kind(x, KIND_ACTIVITY);
	calendar_end(&c->out.buf);
	if (!err && x->skipped)
		cli_warn(c, "%llu activit%s without a start left out",
		    (unsigned long long)x->skipped,
		    x->skipped == 1 ? "y" : "ies");
	return err;
}

static enum crm_err
export_run(struct export *x)
{
	enum crm_err err = format_read(x);

	if (!err)
		err = cli_open(x->c, false);
	if (!err)
		err = operands_read(x);
	if (err)
		return err;
	err = x->way == WAY_ICS ? calendar_export(x) : kind_export(x);
	/* A wrong call prints nothing, not even a header. */
	if (err == CRM_USAGE)
		buf_reset(&x->c->out.buf);
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
	columns_free(x.columns);
	emit_free(x.emit);
	vcards_free(x.cards);
	free(x.ids);
	return cli_end(&c, err);
}
