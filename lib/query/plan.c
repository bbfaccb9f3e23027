/* SPDX-License-Identifier: ISC */
/*
 * plan: which index bounds the work. Every term that must hold is asked what
 * it would cost to find its records by itself; the cheapest drives, the rest
 * is checked on each record. Ranges of an index are counted up to a limit,
 * everything else is estimated.
 */
#include "base/word.h"
#include "query/plan_keys.h"
#include "query/run.h"

enum {
	FETCH = 3,  /* a record by id costs so many read in sequence */
	CHEAP = 32, /* so little is not worth the difference */
};

struct planner {
	struct run *run;
	const struct kind *kind;
	double all;	  /* records of the kind */
	struct id *fresh; /* of which words tell nothing */
	size_t nfresh;
	bool looked; /* for those */
	struct diag *dg;
};

static struct plan *
plan_new(struct planner *pl, enum plan_type type, double rows)
{
	struct plan *p = mem_get(pl->run->mem, sizeof(*p));

	if (!p) {
		(void)diag_nomem(pl->dg);
		return NULL;
	}
	p->type = type;
	p->kind = pl->kind;
	p->rows = rows;
	p->work = rows * FETCH + 1;
	return p;
}

/* ---- guesses ---------------------------------------------------------- */

static double
share_of_test(const struct test *t)
{
	static const double shares[] = {
	    [TEST_HAS] = 0.7,
	    [TEST_EQ] = 0.1,
	    [TEST_ORDER] = 0.3,
	    [TEST_SPAN] = 0.3,
	    [TEST_CONTAINS] = 0.05,
	    [TEST_REGEX] = 0.05,
	    [TEST_FREE] = 0.05,
	    [TEST_ID] = 0.001,
	};

	return shares[t->op];
}

/* Which share of the records meets N, as a rule of thumb. */
static double
share_of(const struct node *n)
{
	double share = n->type == NODE_AND;

	switch (n->type) {
	case NODE_TEST:
		return share_of_test(n->test);
	case NODE_HOP:
		return 0.3;
	case NODE_NOT:
		return 1 - share_of(n->kids[0]);
	case NODE_TRUE:
		return 1;
	case NODE_FALSE:
		return 0;
	case NODE_AND:
		for (size_t i = 0; i < n->nkids; i++)
			share *= share_of(n->kids[i]);
		return share;
	case NODE_OR:
		break;
	}
	for (size_t i = 0; i < n->nkids; i++)
		share += share_of(n->kids[i]);
	return share < 1 ? share : 1;
}

static enum crm_err
count_of(struct run *run, const struct kind *k, double *out, struct diag *dg)
{
	uint64_t n = 0;
	enum crm_err err = store_count(run->s, k, &n, dg);

	*out = (double)n;
	return err;
}

/* ---- drivers of one test ---------------------------------------------- */

/* An index of few entries per range is counted, one of many estimated. */
static enum crm_err
probe(struct planner *pl, struct plan *p)
{
	enum { PROBE = 2048 };
	size_t n = 0;
	bool all = true;
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && all && i < p->nranges; i++)
		err = keys_count(
		    pl->run, p, &p->ranges[i], PROBE, &n, &all, pl->dg);
	p->rows = (double)n;
	p->counted = all;
	if (!all && p->rows < pl->all / 8)
		p->rows = pl->all / 8;
	p->work = p->rows * FETCH + 1;
	return err;
}

static enum crm_err
drive_keys(struct planner *pl, const struct test *t, struct plan **out)
{
	struct plan *p = plan_new(pl, PLAN_KEYS, 0);
	bool usable = false;
	enum crm_err err;

	if (!p)
		return CRM_TEMP;
	p->test = t;
	err = keys_ranges(pl->run, t, &p->ranges, &p->nranges, &usable, pl->dg);
	if (err || !usable)
		return err;
	err = probe(pl, p);
	*out = p;
	return err;
}

/* The work of all folded keys in a row, and of fetching those that hit. */
static double
word_work(const struct planner *pl, double rows)
{
	enum { KEYS = 36 }; /* as much as a record that words name */

	return (pl->all / KEYS + rows) * FETCH + 1;
}

static enum crm_err
drive_word(struct planner *pl, const struct test *t, struct plan **out)
{
	struct plan *p = plan_new(pl, PLAN_WORD, pl->all / 50);

	if (!p)
		return CRM_TEMP;
	p->test = t;
	p->work = word_work(pl, p->rows);
	*out = p;
	return CRM_OK;
}

/* What words tell of the keys that hit: about as many as there are records
 * with the word, a part of them where several must follow one another. */
static void
word_again(const struct planner *pl, const struct test *t,
    const struct text *text, struct plan *p)
{
	enum { PART = 8 };
	struct str needle = str_of(&t->needle.plain);
	struct word_run run;
	size_t at = 0;
	bool several =
	    word_run(needle, &at, &run) && word_run(needle, &at, &run);

	p->rows = several ? text->rows / PART : text->rows;
	p->work = word_work(pl, p->rows);
}

/* Records that have to be looked at whatever the words say. */
static enum crm_err
count_fresh(struct planner *pl)
{
	struct id *ids;
	size_t n;
	enum crm_err err = CRM_OK;

	if (pl->looked)
		return CRM_OK;
	err = words_fresh(pl->run->s, pl->kind, &ids, &n, pl->dg);
	if (err)
		return err;
	pl->fresh = mem_array(pl->run->mem, n ? n : 1, sizeof(*ids));
	if (pl->fresh && n > 0)
		memcpy(pl->fresh, ids, n * sizeof(*ids));
	free(ids);
	pl->nfresh = n;
	pl->looked = true;
	return pl->fresh ? CRM_OK : diag_nomem(pl->dg);
}

/* Looks TEXT up, which ROWS records have, if that is less work than *out. */
static enum crm_err
text_offer(
    struct planner *pl, struct text *text, double rows, struct plan **out)
{
	struct plan *p = plan_new(pl, PLAN_TEXT, rows + (double)pl->nfresh);

	if (!p)
		return CRM_TEMP;
	p->text = text;
	p->fresh = pl->fresh;
	p->nfresh = pl->nfresh;
	if (!*out || p->work < (*out)->work)
		*out = p;
	return CRM_OK;
}

/* The words of texts, when few enough records have them. */
static enum crm_err
drive_text(struct planner *pl, const struct test *t, struct plan **out)
{
	struct text *text;
	enum crm_err err;

	if (pl->all <= CHEAP)
		return CRM_OK;
	err = text_of_test(
	    pl->run, pl->kind, t, (uint64_t)(pl->all / FETCH), &text, pl->dg);
	if (err || !text)
		return err;
	err = count_fresh(pl);
	if (err)
		return err;
	if (*out && (*out)->type == PLAN_WORD)
		word_again(pl, t, text, *out);
	return text_offer(pl, text, text->rows, out);
}

static enum crm_err
drive_refs(struct planner *pl, const struct test *t, struct plan **out)
{
	enum { PROBE = 256 };
	struct plan *p = plan_new(pl, PLAN_REFS, 0);
	size_t n = 0;
	bool all = true;
	enum crm_err err = CRM_OK;

	if (!p)
		return CRM_TEMP;
	p->test = t;
	for (size_t i = 0; !err && all && i < t->nitems; i++)
		err = refs_count(
		    pl->run, t->field, t->targets[i], PROBE, &n, &all, pl->dg);
	p->rows = all ? (double)n : pl->all / 20 + PROBE;
	p->counted = all;
	p->work = p->rows * FETCH + 1;
	*out = p;
	return err;
}

static enum crm_err
drive_test(struct planner *pl, const struct test *t, struct plan **out)
{
	const struct field *f = t->field;
	enum crm_err err;

	if (t->op == TEST_ID) {
		*out = plan_new(pl, PLAN_IDS, (double)t->ids.n);
		if (!*out)
			return CRM_TEMP;
		(*out)->test = t;
		(*out)->counted = true;
		return CRM_OK;
	}
	if (t->op == TEST_FREE)
		return drive_text(pl, t, out);
	if (!f || f->derived)
		return CRM_OK;
	if (t->op == TEST_EQ && f->type == TYPE_REF)
		return drive_refs(pl, t, out);
	if (!f->index && !f->unique)
		return drive_text(pl, t, out);
	if (t->op == TEST_EQ || t->op == TEST_ORDER || t->op == TEST_SPAN)
		return drive_keys(pl, t, out);
	if (t->op == TEST_CONTAINS && keys_hold_text(f)) {
		err = drive_word(pl, t, out);
		if (err)
			return err;
	}
	return drive_text(pl, t, out);
}

/* ---- drivers of paths ------------------------------------------------- */

static enum crm_err
drive_hop(struct planner *pl, struct hop *h, struct plan **out)
{
	struct plan *p = plan_new(pl, PLAN_HOP, 0);
	double far, rows = 0;
	enum crm_err err = CRM_OK;

	if (!p)
		return CRM_TEMP;
	p->hop = h;
	p->work = 1;
	for (size_t i = 0; !err && i < h->narrivals; i++) {
		const struct plan *sub = h->arrivals[i].plan;
		double found = sub->rows;

		err = count_of(pl->run, h->arrivals[i].kind, &far, pl->dg);
		p->work += sub->work + sub->rows * 2;
		if (h->field && far > 0)
			found *= pl->all > far ? pl->all / far : 1;
		rows += found;
	}
	p->rows = rows < pl->all ? rows : pl->all;
	p->work += p->rows * FETCH;
	*out = p;
	return err;
}

/* ---- drivers of a condition ------------------------------------------- */

static enum crm_err drive(
    struct planner *pl, const struct node *n, struct plan **out);

/* Words of several terms together: of the records that the rarest names the
 * others leave a part, we guess. */
static enum crm_err
drive_texts(
    struct planner *pl, struct text **texts, size_t n, struct plan **out)
{
	struct text *text = text_all(pl->run, texts, n);
	double rows;

	if (!text)
		return diag_nomem(pl->dg);
	rows = text->rows;
	for (size_t i = 0; i < n; i++)
		if (pl->all > 0 && texts[i]->rows > text->rows)
			rows *= 0.5 + texts[i]->rows / pl->all / 2;
	return text_offer(pl, text, rows, out);
}

static enum crm_err
drive_all(struct planner *pl, const struct node *n, struct plan **out)
{
	struct text **texts =
	    mem_array(pl->run->mem, n->nkids, sizeof(struct text *));
	size_t ntexts = 0;
	enum crm_err err;

	err = keys_due(pl->run, pl->kind, n, out, pl->dg);
	if (!err && *out)
		err = probe(pl, *out);
	if (!texts)
		return diag_nomem(pl->dg);
	for (size_t i = 0; !err && i < n->nkids; i++) {
		struct plan *p = NULL;

		err = drive(pl, n->kids[i], &p);
		if (p && p->type == PLAN_TEXT)
			texts[ntexts++] = p->text;
		if (p && (!*out || p->work < (*out)->work))
			*out = p;
	}
	return err || ntexts < 2 ? err : drive_texts(pl, texts, ntexts, out);
}

static enum crm_err
drive_any(struct planner *pl, const struct node *n, struct plan **out)
{
	struct plan *u = plan_new(pl, PLAN_UNION, 0);
	enum crm_err err = CRM_OK;

	if (!u)
		return CRM_TEMP;
	u->kids = mem_array(pl->run->mem, n->nkids, sizeof(*u->kids));
	if (!u->kids)
		return diag_nomem(pl->dg);
	u->counted = true;
	for (size_t i = 0; !err && i < n->nkids; i++) {
		struct plan *p = NULL;

		err = drive(pl, n->kids[i], &p);
		if (err || !p)
			return err;
		u->kids[u->nkids++] = p;
		u->rows += p->rows;
		u->work += p->work;
		u->counted = u->counted && p->counted;
	}
	*out = u;
	return err;
}

/* *out stays NULL when N does not bound the records by itself. */
static enum crm_err
drive(struct planner *pl, const struct node *n, struct plan **out)
{
	switch (n->type) {
	case NODE_TEST:
		return drive_test(pl, n->test, out);
	case NODE_HOP:
		return drive_hop(pl, n->hop, out);
	case NODE_AND:
		return drive_all(pl, n, out);
	case NODE_OR:
		return drive_any(pl, n, out);
	case NODE_FALSE:
		*out = plan_new(pl, PLAN_NOTHING, 0);
		return *out ? CRM_OK : CRM_TEMP;
	case NODE_NOT:
	case NODE_TRUE:
		break;
	}
	return CRM_OK;
}

/* Far ends are planned first: what they cost decides what a path costs. */
static enum crm_err
plan_hops(struct run *run, const struct node *n, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	struct hop *h = n->hop;

	for (size_t i = 0; !err && i < n->nkids; i++)
		err = plan_hops(run, n->kids[i], dg);
	for (size_t i = 0; !err && h && i < h->narrivals; i++) {
		struct arrival *a = &h->arrivals[i];

		if (!a->plan)
			err = plan_make(run, a->kind, a->node, &a->plan, dg);
	}
	return err;
}

enum crm_err
plan_make(struct run *run, const struct kind *k, const struct node *n,
    struct plan **out, struct diag *dg)
{
	struct planner pl = {.run = run, .kind = k, .dg = dg};
	struct plan *best = NULL;
	double guess;
	enum crm_err err = count_of(run, k, &pl.all, dg);

	if (!err)
		err = plan_hops(run, n, dg);
	if (!err)
		err = drive(&pl, n, &best);
	if (err)
		return err;
	if (!best || best->work > pl.all + CHEAP) {
		best = plan_new(&pl, PLAN_SCAN, pl.all);
		if (!best)
			return CRM_TEMP;
		best->work = pl.all;
	}
	guess = pl.all * share_of(n);
	if (!best->counted && guess < best->rows)
		best->rows = guess;
	best->node = n;
	*out = best;
	return CRM_OK;
}
