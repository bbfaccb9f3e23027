/* SPDX-License-Identifier: ISC */
/* crm-rm: deletes records. */
#include "cli/cli.h"
#include "crm/remove.h"

enum { BULK = 1000 }; /* more records than this are sorted first */

static const char *const takes[] = {
    "dry-run", "recursive", "reason", "format", "no-header", NULL};

static const struct command command = {
    .name = "crm-rm",
    .synopsis = "crm-rm [-nqrv] [-m REASON] REF...|-",
    .examples = "crm-rm t17\n"
		"crm-rm -n -r ada@example.org\n"
		"crm-find -i contact 'updated<-10y' | crm-rm -r -",
    .takes = takes,
    .keeps = "i",
};

struct rm {
	struct cli *c;
	struct emit *emit; /* -n */
};

static enum crm_err
plan(void *arg, struct id id, const struct field *f, struct id target,
    struct diag *dg)
{
	struct rm *rm = arg;
	const struct schema *s = store_schema(rm->c->store);
	struct buf name = {0}, to = {0};
	bool failed;

	id_print(s, id, &name);
	if (f)
		id_print(s, target, &to);
	emit_cell(rm->emit, str_of(&name), true);
	emit_cell(rm->emit, f ? f->name : STR(""), true);
	emit_cell(rm->emit, str_of(&to), true);
	emit_cell(rm->emit, f ? STR("clear") : STR("delete"), true);
	emit_row(rm->emit);
	failed = name.failed || to.failed;
	buf_clear(&name);
	buf_clear(&to);
	return failed ? diag_nomem(dg) : out_drain(&rm->c->out, dg);
}

static enum crm_err
plan_begin(struct rm *rm)
{
	static const struct column columns[] = {{.name = {"id", 2}},
	    {.name = {"field", 5}}, {.name = {"value", 5}},
	    {.name = {"action", 6}}};
	enum crm_err err = cli_emit(rm->c, FORMAT_TSV, &rm->emit);

	if (err)
		return err;
	return emit_begin(rm->emit, columns, ARRAY_LEN(columns), &rm->c->diag);
}

static enum crm_err
rm_plan(struct rm *rm, const struct id *ids, size_t n)
{
	struct remove_options o = {
	    .recursive = rm->c->opt.recursive,
	    .plan = plan,
	    .arg = rm,
	    .plan_only = true,
	};
	uint64_t removed;
	enum crm_err err = plan_begin(rm);

	if (!err)
		err = remove_run(
		    rm->c->store, ids, n, &o, &removed, &rm->c->diag);
	if (!err)
		err = emit_end(rm->emit, &rm->c->diag);
	return err;
}

static enum crm_err
rm_do(struct cli *c, const struct id *ids, size_t n)
{
	struct remove_options o = {.recursive = c->opt.recursive};
	uint64_t removed;
	enum crm_err err;

	err = store_begin(c->store, &c->origin, n > BULK, &c->diag);
	if (err)
		return err;
	err = remove_run(c->store, ids, n, &o, &removed, &c->diag);
	if (err)
		store_abort(c->store);
	else
		err = cli_commit(c);
	if (!err)
		cli_verbose(c, "%llu record%s deleted",
		    (unsigned long long)removed, removed == 1 ? "" : "s");
	return err;
}

static enum crm_err
rm_run(struct rm *rm)
{
	struct cli *c = rm->c;
	struct id *ids = NULL;
	size_t n;
	enum crm_err err;

	if (c->nwords == 0)
		return diag_set(&c->diag, CRM_USAGE,
		    "no record; write crm-rm REF, or see crm-rm -h");
	err = cli_open(c, true);
	if (!err)
		err = cli_refs(c, NULL, c->words, c->nwords, &ids, &n);
	if (!err && c->opt.dry_run)
		err = rm_plan(rm, ids, n);
	else if (!err && n)
		err = rm_do(c, ids, n);
	free(ids);
	return err;
}

int
main(int argc, char **argv)
{
	struct cli c;
	int status = cli_start(&c, &command, argc, argv);
	struct rm rm = {.c = &c};
	enum crm_err err;

	if (status >= 0)
		return status;
	err = rm_run(&rm);
	emit_free(rm.emit);
	return cli_end(&c, err);
}
