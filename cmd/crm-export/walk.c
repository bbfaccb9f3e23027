/* SPDX-License-Identifier: ISC */
/* walk: the records of one kind after the other, to the exporter. */
#include "crm-export/export.h"

#include "crm/find.h"

static void
explain(struct export *x, const struct finder *f)
{
	struct buf text = {0};

	finder_explain(f, &text);
	cli_verbose(x->c, "%s", buf_z(&text));
	buf_clear(&text);
}

/* A record that was found, unless someone has not consented; *left counts the
 * limit down. */
static enum crm_err
record_export(struct export *x, const struct record *r, uint64_t *left)
{
	struct cli *c = x->c;
	bool yes = true;
	enum crm_err err = CRM_OK;

	if (x->consents)
		err = consents_allow(x->consents, r, &yes, &c->diag);
	if (err)
		return err;
	if (!yes) {
		x->left_out++;
		return CRM_OK;
	}
	if (*left != UINT64_MAX)
		--*left;
	err = exporter_record(x->exporter, r, &c->out.buf, &c->diag);
	return err ? err : out_drain(&c->out, &c->diag);
}

/* Whoever they are, in rows: no query is needed for that. */
static bool
is_all(const struct export *x, const struct find_options *o)
{
	return !x->consents && !x->format->make && !x->c->opt.template &&
	       !x->c->opt.verbose && !o->ids && !o->nwords && !o->sort &&
	       o->limit == UINT64_MAX;
}

/* The records that O finds; its limit counts those that are exported. */
static enum crm_err
found_export(struct export *x, struct find_options o)
{
	struct cli *c = x->c;
	struct finder *f = NULL;
	struct record r;
	uint64_t left = o.limit;
	bool got = true, done = false;
	enum crm_err err;

	if (is_all(x, &o)) {
		err = rows_pour(x->exporter, o.kind, &done, &c->diag);
		if (err || done)
			return err;
	}
	if (x->consents)
		o.limit = UINT64_MAX;
	err = finder_new(&f, c->store, &c->clock, &o, &c->diag);
	if (!err && c->opt.verbose)
		explain(x, f);
	if (!err && x->exporter->bare)
		finder_bare(f);
	if (!err)
		finder_alone(f);
	while (!err && left > 0) {
		err = finder_next(f, &r, &got, &c->diag);
		if (err || !got)
			break;
		err = record_export(x, &r, &left);
	}
	finder_free(f);
	return err;
}

/* Of the given ids those of KIND; the others with the FIRST kind, which is
 * going to complain of them when they are of none of the format's. */
static enum crm_err
given_export(struct export *x, const struct kind *kind, bool first,
    struct find_options o)
{
	const struct part *p = x->format->parts;
	struct id *some = malloc((x->nids + 1) * sizeof(*some));
	size_t n = 0;
	enum crm_err err = CRM_OK;

	if (!some)
		return diag_nomem(&x->c->diag);
	for (size_t i = 0; i < x->nids; i++) {
		size_t k = 0;

		while (k < PARTS && p[k].kind && p[k].kind != x->ids[i].kind)
			k++;
		bool stray = k == PARTS || p[k].kind == KIND_NONE;
		if (x->ids[i].kind == kind->no || (first && stray))
			some[n++] = x->ids[i];
	}
	o.ids = some;
	o.nids = n;
	if (n || !p[0].kind)
		err = found_export(x, o);
	free(some);
	return err;
}

/* CONDITION and the query of the call. */
static enum crm_err
unasked_export(struct export *x, const char *condition, struct find_options o)
{
	struct str *words = calloc(x->nwords + 3, sizeof(*words));
	size_t n = 0;
	enum crm_err err;

	if (!words)
		return diag_nomem(&x->c->diag);
	words[n++] = str_from(condition);
	if (x->nwords)
		words[n++] = STR("(");
	for (size_t i = 0; i < x->nwords; i++)
		words[n++] = x->words[i];
	if (x->nwords)
		words[n++] = STR(")");
	o.words = words;
	o.nwords = n;
	err = found_export(x, o);
	free(words);
	return err;
}

static enum crm_err
kind_export(
    struct export *x, const struct kind *kind, const char *unasked, bool first)
{
	struct cli *c = x->c;
	struct find_options o = {
	    .kind = kind,
	    .words = x->words,
	    .nwords = x->nwords,
	    .sort = c->opt.sort,
	    .limit = c->opt.limit,
	};
	enum crm_err err =
	    exporter_kind(x->exporter, kind, &c->out.buf, &c->diag);

	if (!err && x->consents && !consents_cover(kind))
		err = diag_set(&c->diag, CRM_USAGE,
		    "--for: %.*s has nothing to do with people; name a kind "
		    "that has, such as contact",
		    STR_ARG(kind->name));
	if (err)
		return err;
	if (x->input)
		return given_export(x, kind, first, o);
	if (unasked && !x->kind)
		return unasked_export(x, unasked, o);
	return found_export(x, o);
}

/* "task and activity", "contact, org and deal" */
static enum crm_err
kind_refuse(struct export *x)
{
	const struct schema *s = store_schema(x->c->store);
	const struct part *p = x->format->parts;
	struct buf names = {0};

	for (size_t i = 0; i < PARTS && p[i].kind; i++) {
		bool last = i + 1 == PARTS || !p[i + 1].kind;

		if (i)
			buf_addz(&names, last ? " and " : ", ");
		buf_add(&names, schema_kind_no(s, (uint16_t)p[i].kind)->name);
	}
	(void)diag_set(&x->c->diag, CRM_USAGE,
	    "%s is for %s; take tsv, csv or jsonl for %.*s", x->format->name,
	    buf_z(&names), STR_ARG(x->kind->name));
	buf_clear(&names);
	return CRM_USAGE;
}

/* The kinds that the format takes, or the one of them that is named. */
static enum crm_err
parts_export(struct export *x)
{
	const struct schema *s = store_schema(x->c->store);
	const struct part *p = x->format->parts;
	bool first = true;
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < PARTS && p[i].kind; i++) {
		if (x->kind && x->kind->no != p[i].kind)
			continue;
		err = kind_export(x, schema_kind_no(s, (uint16_t)p[i].kind),
		    p[i].unasked, first);
		first = false;
	}
	return first ? kind_refuse(x) : err;
}

static enum crm_err
every_export(struct export *x)
{
	const struct schema *s = store_schema(x->c->store);
	const struct kind *k;
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && (k = schema_kind_at(s, i)); i++)
		err = kind_export(x, k, NULL, false);
	return err;
}

static enum crm_err
single_export(struct export *x)
{
	const struct schema *s = store_schema(x->c->store);
	const struct kind *kind = x->kind;

	if (!kind && x->nids)
		kind = schema_kind_no(s, x->ids[0].kind);
	if (!kind)
		kind = schema_kind_no(s, KIND_CONTACT);
	return kind_export(x, kind, NULL, true);
}

enum crm_err
walk_run(struct export *x)
{
	struct cli *c = x->c;
	enum crm_err err = exporter_begin(x->exporter, &c->out.buf, &c->diag);

	if (err)
		return err;
	if (x->format->parts[0].kind)
		err = parts_export(x);
	else if (x->format->every && !x->kind)
		err = every_export(x);
	else
		err = single_export(x);
	return err ? err : exporter_end(x->exporter, &c->out.buf, &c->diag);
}
