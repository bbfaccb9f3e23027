/* SPDX-License-Identifier: ISC */
/* words: operands that are transactions, ranges of them, or records. */
#include "crm-history/verbs.h"

#include "base/num.h"

enum crm_err
need_words(struct job *j, size_t least, size_t most, const char *usage)
{
	if (j->nwords >= least && j->nwords <= most)
		return CRM_OK;
	return diag_set(&j->c->diag, CRM_USAGE,
	    "too %s operands; write crm-history %s",
	    j->nwords < least ? "few" : "many", usage);
}

bool
is_number(struct str word)
{
	size_t i = 0;

	while (i < word.n && word.p[i] >= '0' && word.p[i] <= '9')
		i++;
	return i > 0 && i == word.n;
}

enum crm_err
read_txn(struct cli *c, struct str word, uint64_t *txn)
{
	if (num_u64(word, txn))
		return CRM_OK;
	return diag_set(&c->diag, CRM_USAGE,
	    "'%.*s' is no number of a transaction; crm-history log has them "
	    "in its first column",
	    STR_ARG(word));
}

enum crm_err
read_range(struct cli *c, struct str word, bool one, uint64_t *a, uint64_t *b)
{
	struct journal_state state;
	size_t dots = str_find(word, STR(".."));
	struct str end = str_from_pos(word, dots + 2);
	enum crm_err err = journal_state(c->store, &state, &c->diag);

	if (!err && dots == word.n && !one)
		return diag_set(&c->diag, CRM_USAGE,
		    "'%.*s' is no range of transactions; write A..B",
		    STR_ARG(word));
	if (!err)
		err = read_txn(c, str_head(word, dots), a);
	*b = dots == word.n ? *a : state.last;
	if (!err && dots < word.n && end.n)
		err = read_txn(c, end, b);
	if (!err && *b < *a && !(end.n == 0 && dots < word.n))
		return diag_set(&c->diag, CRM_USAGE,
		    "%.*s runs backwards; write %llu..%llu", STR_ARG(word),
		    (unsigned long long)*b, (unsigned long long)*a);
	return err;
}

static enum crm_err
no_txn(struct cli *c, const struct journal_state *state, uint64_t txn)
{
	if (state->off)
		return diag_set(&c->diag, CRM_NO,
		    "the journal is switched off; crm-history keep all "
		    "switches it on");
	if (!state->last)
		return diag_set(&c->diag, CRM_NO,
		    "there is no transaction %llu: nothing was written yet",
		    (unsigned long long)txn);
	return diag_set(&c->diag, CRM_NO,
	    "there is no transaction %llu; the last one is %llu",
	    (unsigned long long)txn, (unsigned long long)state->last);
}

enum crm_err
check_txn(struct cli *c, uint64_t txn, uint64_t least)
{
	struct journal_state state;
	enum crm_err err = journal_state(c->store, &state, &c->diag);

	if (!err && txn < least)
		return diag_set(
		    &c->diag, CRM_USAGE, "transactions are numbered from 1");
	if (!err && (txn > state.last || state.off))
		return no_txn(c, &state, txn);
	return err;
}

enum crm_err
read_id(struct job *j, struct str word, struct id *id, bool *yes)
{
	struct cli *c = j->c;
	enum crm_err err = CRM_OK;
	bool was = true;

	*yes = id_parse(store_schema(c->store), word, id);
	if (!*yes)
		err = past_id_parse(j->past, word, id, yes, &c->diag);
	if (!err && *yes && !store_has(c->store, *id))
		err = past_has(j->past, *id, &was, &c->diag);
	if (!err && !was)
		err = diag_set(&c->diag, CRM_NO,
		    "there is no %.*s, nor does the journal know of one",
		    STR_ARG(word));
	return err;
}
