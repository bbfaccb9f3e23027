/* SPDX-License-Identifier: ISC */
/*
 * feed: transaction after transaction; or, for some records, a heap of them
 * by the transaction that touches each next, so that nothing else is read.
 */
#include "crm/feed.h"

struct next {
	uint64_t txn;
	size_t at; /* in the list of ids */
};

struct feed {
	struct store *store;
	struct feed_options o;
	struct journal *j;
	uint64_t from, to;
	uint64_t txn;	/* the one that is read; 0: none is open */
	uint64_t later; /* the one to open then */
	struct next *heap;
	size_t n;
};

/* ---- which records ----------------------------------------------------- */

static int
compare_ids(const void *a, const void *b)
{
	return id_cmp(*(const struct id *)a, *(const struct id *)b);
}

size_t
feed_ids(struct id *ids, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(ids, n, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < n; i++)
		if (!kept || !id_eq(ids[i], ids[kept - 1]))
			ids[kept++] = ids[i];
	return kept;
}

/* ---- where it begins --------------------------------------------------- */

static enum crm_err
feed_bounds(struct feed *f, struct diag *dg)
{
	struct journal_state state;
	enum crm_err err = journal_state(f->store, &state, dg);

	if (err)
		return err;
	f->from = state.first ? state.first : state.last + 1;
	f->to = state.last;
	if (!f->o.resume || f->o.after >= f->to) {
		if (f->o.resume)
			f->from = f->to + 1;
		return CRM_OK;
	}
	if (f->o.after + 1 >= f->from) {
		f->from = f->o.after + 1;
		return CRM_OK;
	}
	diag_set(dg, CRM_NO, "what followed transaction %llu is not kept",
	    (unsigned long long)f->o.after);
	if (state.first)
		diag_more(dg, "; the journal begins with transaction %llu",
		    (unsigned long long)state.first);
	else
		diag_more(dg, "; the journal is %s",
		    state.off ? "switched off" : "empty");
	return CRM_NO;
}

static bool
wanted(const struct feed *f, const struct journal_head *h)
{
	return (!f->o.has_since || h->time >= f->o.since) &&
	       (!f->o.by.n || str_eq(f->o.by, h->user));
}

/* ---- everything -------------------------------------------------------- */

static enum crm_err
all_next(struct feed *f, struct journal_change *c, bool *got, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (;;) {
		*got = false;
		if (f->txn)
			err = journal_next(f->j, c, got, dg);
		if (err || *got || f->later > f->to)
			return err;
		f->txn = 0;
		err = journal_txn(f->j, f->later, false, dg);
		if (err)
			return err;
		if (wanted(f, journal_head(f->j)))
			f->txn = f->later;
		f->later++;
	}
}

/* ---- some records ------------------------------------------------------ */

static bool
sooner(struct next a, struct next b)
{
	return a.txn < b.txn || (a.txn == b.txn && a.at < b.at);
}

static void
heap_down(struct feed *f, size_t i)
{
	for (;;) {
		size_t least = i;
		struct next was = f->heap[i];

		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < f->n; k++)
			if (sooner(f->heap[k], f->heap[least]))
				least = k;
		if (least == i)
			return;
		f->heap[i] = f->heap[least];
		f->heap[least] = was;
		i = least;
	}
}

/* Goes to the changes of a record from FROM on and reads the first. */
static enum crm_err
some_seek(struct feed *f, size_t at, uint64_t from, struct journal_change *c,
    bool *got, struct diag *dg)
{
	enum crm_err err =
	    journal_of(f->j, f->o.ids[at], from, f->to, false, dg);

	return err ? err : journal_next(f->j, c, got, dg);
}

static enum crm_err
some_open(struct feed *f, struct diag *dg)
{
	struct journal_change c;
	enum crm_err err = CRM_OK;
	bool got;

	f->heap = calloc(f->o.nids + 1, sizeof(*f->heap));
	if (!f->heap)
		return diag_nomem(dg);
	for (size_t i = 0; !err && i < f->o.nids && f->from <= f->to; i++) {
		err = some_seek(f, i, f->from, &c, &got, dg);
		if (!err && got)
			f->heap[f->n++] =
			    (struct next){journal_head(f->j)->txn, i};
	}
	for (size_t i = f->n / 2; i-- > 0;)
		heap_down(f, i);
	return err;
}

/* The reader stands at the changes of the record on top, if f->txn says so;
 * while it stays on top there is no need to look it up again. */
static enum crm_err
some_step(struct feed *f, struct journal_change *c, bool *got, struct diag *dg)
{
	struct next top = f->heap[0];
	enum crm_err err = f->txn == top.txn
			       ? journal_next(f->j, c, got, dg)
			       : some_seek(f, top.at, top.txn, c, got, dg);

	if (err)
		return err;
	f->txn = 0;
	if (!*got) {
		f->heap[0] = f->heap[--f->n];
	} else {
		f->heap[0].txn = journal_head(f->j)->txn;
		if (f->heap[0].txn == top.txn)
			f->txn = top.txn;
	}
	if (f->txn)
		return CRM_OK;
	heap_down(f, 0);
	if (*got && f->heap[0].at == top.at)
		f->txn = f->heap[0].txn;
	*got = f->txn != 0;
	return CRM_OK;
}

static enum crm_err
some_next(struct feed *f, struct journal_change *c, bool *got, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	*got = false;
	while (!err && f->n) {
		err = some_step(f, c, got, dg);
		if (!err && *got && wanted(f, journal_head(f->j)))
			return CRM_OK;
	}
	*got = false;
	return err;
}

/* ---- both -------------------------------------------------------------- */

enum crm_err
feed_new(struct feed **out, struct store *s, const struct feed_options *o,
    struct diag *dg)
{
	struct feed *f = calloc(1, sizeof(*f));
	enum crm_err err;

	*out = NULL;
	if (!f)
		return diag_nomem(dg);
	f->store = s;
	f->o = *o;
	err = feed_bounds(f, dg);
	f->later = f->from;
	if (!err)
		err = journal_open(&f->j, s, false, dg);
	if (!err && o->only)
		err = some_open(f, dg);
	if (err)
		feed_free(f);
	else
		*out = f;
	return err;
}

void
feed_free(struct feed *f)
{
	if (!f)
		return;
	journal_close(f->j);
	free(f->heap);
	free(f);
}

enum crm_err
feed_next(struct feed *f, const struct journal_head **head,
    struct journal_change *c, bool *got, struct diag *dg)
{
	enum crm_err err =
	    f->o.only ? some_next(f, c, got, dg) : all_next(f, c, got, dg);

	*head = !err && *got ? journal_head(f->j) : NULL;
	return err;
}
