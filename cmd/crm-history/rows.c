/* SPDX-License-Identifier: ISC */
/* rows: changes on the way out, as log, show, diff and undo print them. */
#include "crm-history/verbs.h"

enum crm_err
rows_begin(struct job *j, enum changes_set set)
{
	struct cli *c = j->c;
	enum crm_err err;

	err = j->past ? CRM_OK : past_new(&j->past, c->store, &c->diag);
	if (!err)
		err = changes_new(
		    &j->rows, j->past, set, c->opt.fields, &c->diag);
	if (!err)
		err = cli_emit(c, FORMAT_TSV, &j->emit);
	if (!err)
		err = changes_begin(j->rows, j->emit, &c->diag);
	return err;
}

struct changes_of
change_of(const struct journal_change *c)
{
	return (struct changes_of){
	    .op = c->op, .id = c->id, .before = c->before, .after = c->after};
}

enum crm_err
rows_change(
    struct job *j, const struct journal_head *head, const struct changes_of *c)
{
	struct cli *cli = j->c;
	enum crm_err err =
	    changes_emit(j->rows, j->emit, head, c, &j->nrows, &cli->diag);

	return err ? err : out_drain(&cli->out, &cli->diag);
}
