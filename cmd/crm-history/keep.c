/* SPDX-License-Identifier: ISC */
/* keep: how much of the journal is kept. */
#include "crm-history/verbs.h"

#include "base/num.h"
#include "crm/retain.h"

static enum crm_err
keep_print(struct cli *c, const struct journal_state *s)
{
	struct buf *out = &c->out.buf;
	uint64_t keep = retain_count(s);

	if (s->off)
		buf_addz(out, "none");
	else if (keep == UINT64_MAX)
		buf_addz(out, "all");
	else
		buf_addu(out, keep);
	buf_addc(out, '\n');
	if (s->first)
		cli_verbose(c, "transactions %llu to %llu are kept",
		    (unsigned long long)s->first, (unsigned long long)s->last);
	return CRM_OK;
}

static enum crm_err
keep_read(struct cli *c, struct str word, struct journal_state *s)
{
	s->off = str_is(word, "none");
	if (s->off)
		return retain_check(s, &c->diag);
	/* With a git history 0 means the least, not all. */
	if (str_is(word, "all")) {
		s->keep = s->git ? UINT64_MAX : 0;
		return CRM_OK;
	}
	if (!num_u64(word, &s->keep) || s->keep < JOURNAL_KEEP_MIN)
		return diag_set(&c->diag, CRM_USAGE,
		    "'%.*s': write all, none or a number of transactions, "
		    "%d or more",
		    STR_ARG(word), JOURNAL_KEEP_MIN);
	return CRM_OK;
}

/* Asks before something is forgotten. */
static enum crm_err
keep_ask(struct cli *c, const struct journal_state *s, bool *yes)
{
	struct buf question = {0};
	uint64_t loss = retain_loss(s);
	enum crm_err err;

	*yes = true;
	if (!loss)
		return CRM_OK;
	buf_addf(&question, "this forgets %llu transaction%s for good;",
	    (unsigned long long)loss, loss == 1 ? "" : "s");
	err = question.failed ? diag_nomem(&c->diag)
			      : cli_confirm(c, buf_z(&question), yes);
	buf_clear(&question);
	return err;
}

enum crm_err
run_keep(struct job *j)
{
	struct cli *c = j->c;
	struct journal_state state;
	enum crm_err err = need_words(j, 0, 1, "keep, or keep all|none|N");
	bool yes = true;

	if (!err)
		err = cli_open(c, j->nwords > 0);
	if (!err)
		err = journal_state(c->store, &state, &c->diag);
	if (!err && !j->nwords)
		return keep_print(c, &state);
	if (!err)
		err = keep_read(c, j->words[0], &state);
	if (!err)
		err = keep_ask(c, &state, &yes);
	if (err || !yes)
		return err;
	return retain_set(c->store, &c->origin, &state, &c->diag);
}
