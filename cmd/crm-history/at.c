/* SPDX-License-Identifier: ISC */
/* at: a record as it was after a transaction, or at a moment. */
#include "crm-history/verbs.h"

#include "crm/then.h"
#include "query/ref.h"

/* What the journal still has, when it does not reach back so far. */
static enum crm_err
say_since(struct cli *c)
{
	struct journal_state state;
	struct journal *j = NULL;
	struct buf time = {0};
	struct diag dg = {0};
	enum crm_err err = journal_state(c->store, &state, &dg);

	if (!err && state.first)
		err = journal_open(&j, c->store, true, &dg);
	if (!err && state.first)
		err = journal_txn(j, state.first, false, &dg);
	if (!err && state.first) {
		time_print(journal_head(j)->time, &time);
		diag_more(&c->diag, " (%s)", buf_z(&time));
	}
	journal_close(j);
	buf_clear(&time);
	diag_clear(&dg);
	return CRM_NO;
}

/* The transaction whose state is meant. */
static enum crm_err
read_moment(struct cli *c, struct str word, uint64_t *txn)
{
	struct when when;
	int64_t time;
	enum crm_err err;

	if (is_number(word)) {
		err = read_txn(c, word, txn);
		return err ? err : check_txn(c, *txn, 0);
	}
	err = when_parse(word, &c->clock, &when, &c->diag);
	if (err)
		return err;
	time = when.has_time ? when.utc
			     : date_to_utc(&c->clock.zone, when.day + 1, 0) - 1;
	err = journal_at(c->store, time, txn, &c->diag);
	return err == CRM_NO ? say_since(c) : err;
}

static enum crm_err
at_print(struct job *j, struct id id, const struct row *row)
{
	struct cli *c = j->c;
	struct then *t = NULL;
	enum crm_err err;

	err = then_new(&t, j->past, id, row, c->opt.fields, &c->diag);
	if (!err && c->tty_out && !c->opt.format) {
		c->out.safe = true;
		then_page(t, &c->clock.zone, &c->out.buf);
	} else if (!err) {
		err = cli_emit(c, FORMAT_TSV, &j->emit);
		if (!err)
			err = then_emit(t, j->emit, &c->diag);
	}
	then_free(t);
	return err;
}

enum crm_err
run_at(struct job *j)
{
	struct cli *c = j->c;
	struct buf hold = {0};
	struct row row;
	struct id id;
	uint64_t txn = 0;
	enum crm_err err = need_words(j, 2, 2, "at WHEN REF");
	bool there = false;

	if (!err)
		err = cli_open(c, false);
	if (!err)
		err = read_moment(c, j->words[0], &txn);
	if (!err)
		err = past_new(&j->past, c->store, &c->diag);
	if (!err)
		err = read_id(j, j->words[1], &id, &there);
	if (!err && !there)
		err = ref_resolve(c->store, NULL, j->words[1], &id, &c->diag);
	if (!err) {
		err = journal_row(
		    c->store, id, txn, &hold, &row, &there, &c->diag);
		if (err == CRM_NO)
			err = say_since(c);
	}
	if (!err && there)
		err = at_print(j, id, &row);
	else if (!err)
		err = diag_set(&c->diag, CRM_NO,
		    is_number(j->words[0])
			? "there was no %.*s after transaction %.*s"
			: "there was no %.*s at %.*s",
		    STR_ARG(j->words[1]), STR_ARG(j->words[0]));
	buf_clear(&hold);
	return err;
}
