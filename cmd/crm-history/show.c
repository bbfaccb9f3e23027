/* SPDX-License-Identifier: ISC */
/* show: one transaction, as rows or as a page. */
#include "crm-history/verbs.h"

#include "crm/page.h"

static enum crm_err
page_change(struct job *j, const struct changes_of *of)
{
	struct cli *c = j->c;
	enum crm_err err = page_of(j->past, of, &c->out.buf, &c->diag);

	return err ? err : out_drain(&c->out, &c->diag);
}

static enum crm_err
show_changes(struct job *j, struct journal *journal, bool page)
{
	struct cli *c = j->c;
	struct journal_change change;
	struct changes_of of;
	enum crm_err err;
	bool got;

	for (;;) {
		err = journal_next(journal, &change, &got, &c->diag);
		if (err || !got)
			return err;
		of = change_of(&change);
		err = page ? page_change(j, &of)
			   : rows_change(j, journal_head(journal), &of);
		if (err)
			return err;
	}
}

enum crm_err
run_show(struct job *j)
{
	struct cli *c = j->c;
	struct journal *journal = NULL;
	bool page = c->tty_out && !c->opt.format && !c->opt.fields;
	uint64_t txn = 0;
	enum crm_err err = need_words(j, 1, 1, "show TXN");

	if (!err)
		err = cli_open(c, false);
	if (!err)
		err = read_txn(c, j->words[0], &txn);
	if (!err)
		err = check_txn(c, txn, 1);
	if (!err)
		err = journal_open(&journal, c->store, false, &c->diag);
	if (!err)
		err = journal_txn(journal, txn, false, &c->diag);
	if (!err && page) {
		c->out.safe = true;
		page_head(journal_head(journal), &c->clock.zone, &c->out.buf);
		err = past_new(&j->past, c->store, &c->diag);
	} else if (!err) {
		err = rows_begin(j, CHANGES_LOG);
	}
	if (!err)
		err = show_changes(j, journal, page);
	if (!err && !page)
		err = emit_end(j->emit, &c->diag);
	journal_close(journal);
	return err;
}
