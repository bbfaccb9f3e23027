/* SPDX-License-Identifier: ISC */
/* crm-find: selects records and prints them. */
#include "cli/cli.h"
#include "crm/columns.h"
#include "crm/find.h"

#include <unistd.h>

static const char *const takes[] = {"fields", "sort", "limit", "ids",
    "exit-status", "explode", "no-header", "null", "format", "output", NULL};

static const struct command command = {
    .name = "crm-find",
    .synopsis = "crm-find [-0eHiqv] [-f FIELDS] [-s FIELD[,-FIELD]] [-l N] "
		"[-x FIELD]\n"
		"        [-O FORMAT] [-o FILE] [KIND] [-] [QUERY...]",
    .examples = "crm-find city=Bern 'last<-90d'\n"
		"crm-find -f id,name,org.name -s -revenue -l 10\n"
		"crm-find -i deal stage=won | crm-edit - tag+=reference",
    .takes = takes,
};

struct find {
	struct cli *c;
	struct find_options opt;
	bool input; /* ids on standard input */
	struct id *ids;
	struct finder *finder;
	struct columns *columns;
	struct emit *emit;
	uint64_t found;
};

/* Where no ids came from standard input, there is still a list of them. */
static const struct id no_id;

/* ---- operands --------------------------------------------------------- */

/* Takes the kind and the operand - out of the words. */
static enum crm_err
operands_read(struct find *f)
{
	struct cli *c = f->c;
	const struct schema *s = store_schema(c->store);
	const struct kind *contact = schema_kind_no(s, KIND_CONTACT);
	struct str *words = c->words;
	size_t i, n, kept = 0;
	enum crm_err err;

	n = query_kind(s, words, c->nwords, contact, &f->opt.kind);
	for (i = n; i < c->nwords; i++) {
		if (str_is(words[i], "-"))
			f->input = true;
		else
			words[kept++] = words[i];
	}
	f->opt.words = words;
	f->opt.nwords = kept;
	f->opt.sort = c->opt.sort;
	f->opt.limit = c->opt.limit;
	if (!f->input)
		return CRM_OK;
	err = cli_refs(c, n ? f->opt.kind : NULL, &(struct str){"-", 1}, 1,
	    &f->ids, &f->opt.nids);
	f->opt.ids = f->ids ? f->ids : &no_id;
	if (!err && n == 0 && f->opt.nids)
		f->opt.kind = schema_kind_no(s, f->ids[0].kind);
	return err;
}

/* ---- printing --------------------------------------------------------- */

static enum crm_err
print_begin(struct find *f)
{
	struct cli *c = f->c;
	enum crm_err err;

	err = columns_new(&f->columns, c->store, f->opt.kind, c->opt.fields,
	    COLUMNS_SHOWN, &c->diag);
	if (!err && c->opt.explode)
		err = columns_explode(
		    f->columns, str_from(c->opt.explode), &c->diag);
	if (!err)
		err = cli_emit(c, FORMAT_TSV, &f->emit);
	if (!err)
		err = columns_begin(f->columns, f->emit, &c->diag);
	return err;
}

static enum crm_err
record_print(struct find *f, const struct record *r)
{
	struct cli *c = f->c;
	enum crm_err err;

	if (!c->opt.ids) {
		err = columns_emit(f->columns, f->emit, r, &c->diag);
	} else {
		id_print(store_schema(c->store), r->id, &c->out.buf);
		buf_addc(&c->out.buf, c->opt.nul ? '\0' : '\n');
		err = CRM_OK;
	}
	return err ? err : out_drain(&c->out, &c->diag);
}

static enum crm_err
records_print(struct find *f)
{
	struct cli *c = f->c;
	struct record r;
	bool got = true;
	enum crm_err err = CRM_OK;

	while (!err && got) {
		err = finder_next(f->finder, &r, &got, &c->diag);
		if (!err && got)
			err = record_print(f, &r);
		f->found += !err && got;
	}
	if (!err && f->emit)
		err = emit_end(f->emit, &c->diag);
	return err;
}

static void
explain(struct find *f)
{
	struct buf text = {0};

	finder_explain(f->finder, &text);
	cli_verbose(f->c, "%s", buf_z(&text));
	buf_clear(&text);
}

static void
hint(struct find *f)
{
	if (f->found || !f->c->tty_out || !term_is(STDERR_FILENO))
		return;
	if (store_missing(f->c->store))
		cli_warn(f->c, "there is no store at %s yet; crm-add makes it",
		    store_path(f->c->store));
	else
		cli_warn(f->c, "no %.*s matches; see crm-query(7)",
		    STR_ARG(f->opt.kind->name));
}

static enum crm_err
find_run(struct find *f)
{
	struct cli *c = f->c;
	enum crm_err err = cli_open(c, false);

	if (!err)
		err = operands_read(f);
	if (!err)
		err = finder_new(
		    &f->finder, c->store, &c->clock, &f->opt, &c->diag);
	if (!err && c->opt.verbose)
		explain(f);
	if (!err && !c->opt.ids)
		err = print_begin(f);
	if (!err && (c->opt.ids || !columns_derive(f->columns)))
		finder_bare(f->finder);
	if (!err) {
		finder_alone(f->finder);
		err = records_print(f);
	}
	if (err)
		return err;
	hint(f);
	return c->opt.exit_status && f->found == 0 ? CRM_NO : CRM_OK;
}

int
main(int argc, char **argv)
{
	struct cli c;
	int status = cli_start(&c, &command, argc, argv);
	struct find f = {.c = &c};
	enum crm_err err;

	if (status >= 0)
		return status;
	err = find_run(&f);
	finder_free(f.finder);
	columns_free(f.columns);
	emit_free(f.emit);
	free(f.ids);
	return cli_end(&c, err);
}
