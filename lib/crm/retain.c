/* SPDX-License-Identifier: ISC */
/* retain: the settings of the journal, and what they cost. */
#include "crm/retain.h"

enum { CHUNKS = 256 }; /* pieces of the journal that go in one transaction */

uint64_t
retain_count(const struct journal_state *s)
{
	if (s->off)
		return 0;
	if (s->keep)
		return s->keep;
	return s->git ? JOURNAL_KEEP_MIN : UINT64_MAX;
}

uint64_t
retain_loss(const struct journal_state *s)
{
	uint64_t have = s->first ? s->last - s->first + 1 : 0;
	uint64_t keep = retain_count(s);

	if (s->git && keep < s->last - s->drained)
		keep = s->last - s->drained;
	return have > keep ? have - keep : 0;
}

enum crm_err
retain_check(const struct journal_state *s, struct diag *dg)
{
	if (!s->off || !s->git)
		return CRM_OK;
	return diag_set(dg, CRM_DATA,
	    "the git history is written from the journal; it cannot be "
	    "switched off");
}

static enum crm_err
configure(struct store *s, const struct change_origin *who,
    const struct journal_state *settings, struct diag *dg)
{
	struct journal_state state;
	enum crm_err err = store_begin(s, who, false, dg);

	if (err)
		return err;
	/* A drain may have gone on since they were read. */
	err = journal_state(s, &state, dg);
	state.off = settings->off;
	state.keep = settings->keep;
	if (!err)
		err = retain_check(&state, dg);
	if (!err)
		err = journal_configure(s, &state, dg);
	if (!err)
		return store_commit(s, dg);
	store_abort(s);
	return err;
}

static enum crm_err
prune(struct store *s, const struct change_origin *who, bool *more,
    struct diag *dg)
{
	enum crm_err err = store_begin(s, who, false, dg);

	if (err)
		return err;
	err = journal_prune(s, CHUNKS, more, dg);
	if (!err)
		return store_commit(s, dg);
	store_abort(s);
	return err;
}

enum crm_err
retain_set(struct store *s, const struct change_origin *who,
    const struct journal_state *settings, struct diag *dg)
{
	enum crm_err err = configure(s, who, settings, dg);
	bool more = true;

	while (!err && more)
		err = prune(s, who, &more, dg);
	return err;
}
