/* SPDX-License-Identifier: ISC */
/* hop: one step of a path, by following references record by record or by a
 * set that is made once, whichever costs less. */
#include "query/run.h"

enum {
	HOP_FOLLOW = 256,  /* records followed before a set is thought of */
	HOP_CHEAP = 64,	   /* a condition so cheap is run at once */
	HOP_FETCH = 3,	   /* a record by id costs so many read in sequence */
	HOP_LIST = 8,	   /* entries of an index that cost one such record */
	HOP_FEW = 64,	   /* records followed before a list is thought of */
	HOP_MOST = 1 << 18 /* ids in a list */
};

static double
hop_work(const struct hop *h)
{
	double work = 0;

	for (size_t i = 0; i < h->narrivals; i++)
		work += h->arrivals[i].plan ? h->arrivals[i].plan->work : 0;
	return work;
}

static struct arrival *
hop_arrival(struct hop *h, uint16_t kind)
{
	for (size_t i = 0; i < h->narrivals; i++)
		if (h->arrivals[i].kind->no == kind)
			return &h->arrivals[i];
	return NULL;
}

/* ---- sifting ---------------------------------------------------------- */

/* What it costs to list who may be at the other end. */
static double
sift_work(const struct hop *h)
{
	double rows = 0;

	for (size_t i = 0; i < h->narrivals; i++)
		rows += h->arrivals[i].plan ? h->arrivals[i].plan->rows : 0;
	return rows / HOP_LIST;
}

/* Lists who may be at the other end; they are looked at when they are met. */
static enum crm_err
hop_sift(struct run *run, struct hop *h, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	bool full = false;

	for (size_t i = 0; i < h->narrivals; i++)
		h->coarse = h->coarse || !h->arrivals[i].plan ||
			    !plan_listed(h->arrivals[i].plan);
	if (h->coarse || sift_work(h) * HOP_LIST > HOP_MOST)
		return CRM_OK;
	for (size_t i = 0; !err && i < h->narrivals; i++) {
		struct idset *set = &h->arrivals[i].set;

		idset_reset(set);
		set->most = HOP_MOST;
		err = plan_collect(run, h->arrivals[i].plan, set, dg);
		idset_sort(set);
		full = full || set->full;
		if (!err && set->failed)
			err = diag_nomem(dg);
		set->most = 0;
	}
	h->sifted = !err && !full;
	h->coarse = full;
	return err;
}

bool
hop_may(const struct schema *schema, const struct hop *h, const struct row *row)
{
	struct str rest;
	struct id id;

	if (!h->frozen || !h->field)
		return true;
	rest = row_get(row, h->field->slot);
	while (rest.n && rest.p)
		if (id_parse(schema, str_cut(&rest, ','), &id))
			for (size_t i = 0; i < h->narrivals; i++)
				if (h->arrivals[i].kind->no == id.kind &&
				    idset_has(&h->arrivals[i].set, id))
					return true;
	return false;
}

enum crm_err
hops_ready(struct run *run, const struct node *node, size_t n, struct diag *dg)
{
	struct hop *h = node->hop;
	double work = (double)n * HOP_FETCH; /* of following them */
	enum crm_err err = CRM_OK;

	if (node->type == NODE_AND)
		for (size_t i = 0; !err && i < node->nkids; i++)
			err = hops_ready(run, node->kids[i], n, dg);
	if (node->type != NODE_HOP || !h->field)
		return err;
	if (!h->settled && !h->sifted && work >= 2 * hop_work(h))
		err = hop_settle(run, h, dg);
	else if (!h->settled && !h->sifted && !h->coarse &&
		 work >= sift_work(h))
		err = hop_sift(run, h, dg);
	h->frozen = h->frozen || h->settled || h->sifted;
	return err;
}

/* ---- following -------------------------------------------------------- */

/* Does the record ID meet the condition of A? One that is gone does not. */
static enum crm_err
arrive(struct run *run, struct hop *h, const struct arrival *a, struct id id,
    bool *yes, struct diag *dg)
{
	struct record r;
	enum crm_err err;

	*yes = false;
	if (a->node->type == NODE_TRUE && !h->field) {
		*yes = true;
		return CRM_OK;
	}
	if (h->sifted && !idset_has(&a->set, id))
		return CRM_OK;
	h->spent++;
	err = node_derives(a->node) ? store_follow(run->s, id, &r, dg)
				    : store_get_bare(run->s, id, &r, dg);
	if (err == CRM_NO) { /* that it is not there is a fault */
		diag_clear(dg);
		err = store_follow(run->s, id, &r, dg);
	}
	return err ? err : eval_node(run, a->node, &r, yes, dg);
}

static enum crm_err
follow_forward(struct run *run, struct hop *h, const struct record *r,
    bool *yes, struct diag *dg)
{
	struct str rest = row_get(&r->row, h->field->slot);
	enum crm_err err = CRM_OK;
	struct id id;

	*yes = false;
	if (!rest.n)
		return CRM_OK;
	while (!err && !*yes && rest.p) {
		const struct arrival *a;

		if (!id_parse(run->schema, str_cut(&rest, ','), &id))
			continue;
		a = hop_arrival(h, id.kind);
		if (a && h->settled)
			*yes = idset_has(&a->set, id);
		else if (a)
			err = arrive(run, h, a, id, yes, dg);
	}
	return err;
}

static enum crm_err
follow_field(struct run *run, struct hop *h, const struct field *f,
    const struct record *r, bool *yes, struct diag *dg)
{
	struct scan_spec spec = {
	    .type = SCAN_REFS,
	    .field = f,
	    .target = r->id,
	};
	struct scan *sc = NULL;
	struct id id;
	bool got = true;
	enum crm_err err;

	h->spent++;
	err = scan_open(&sc, run->s, &spec, dg);
	while (!err && !*yes) {
		err = scan_next(sc, &id, &got, dg);
		if (err || !got)
			break;
		err = arrive(run, h, h->arrivals, id, yes, dg);
	}
	scan_close(sc);
	return err;
}

static enum crm_err
follow_reverse(struct run *run, struct hop *h, const struct record *r,
    bool *yes, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	*yes = h->settled && idset_has(&h->homes, r->id);
	if (h->settled)
		return CRM_OK;
	for (size_t i = 0; !err && !*yes && i < h->nrefs; i++)
		err = follow_field(run, h, h->refs[i], r, yes, dg);
	return err;
}

/* Whoever rents until the rent is the price pays at most twice the price. */
static enum crm_err
hop_think(struct run *run, struct hop *h, struct diag *dg)
{
	double work = hop_work(h), spent = (double)h->spent * HOP_FETCH;

	if (work <= HOP_CHEAP || (h->spent >= HOP_FOLLOW && spent >= work))
		return hop_settle(run, h, dg);
	if (h->spent >= HOP_FEW && !h->sifted && !h->coarse &&
	    spent >= sift_work(h))
		return hop_sift(run, h, dg);
	return CRM_OK;
}

enum crm_err
hop_match(struct run *run, struct hop *h, const struct record *r, bool *yes,
    struct diag *dg)
{
	if (!h->settled && !h->frozen) {
		enum crm_err err = hop_think(run, h, dg);

		if (err)
			return err;
	}
	return h->field ? follow_forward(run, h, r, yes, dg)
			: follow_reverse(run, h, r, yes, dg);
}

/* ---- settling --------------------------------------------------------- */

/* Whom a record with this row points to. */
static void
add_targets(const struct schema *schema, const struct hop *h,
    const struct row *row, struct idset *out)
{
	struct id id;

	for (size_t i = 0; i < h->nrefs; i++) {
		struct str rest = row_get(row, h->refs[i]->slot);

		if (!rest.n)
			continue;
		while (rest.p)
			if (id_parse(schema, str_cut(&rest, ','), &id) &&
			    id.kind == h->home->no)
				idset_add(out, id);
	}
}

/* All who are pointed to at all: the index alone tells. */
static enum crm_err
settle_any(struct run *run, struct hop *h, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < h->nrefs; i++) {
		struct scan_spec spec = {
		    .type = SCAN_REFS,
		    .field = h->refs[i],
		};
		struct scan *sc = NULL;
		struct id id;
		bool got = true;

		err = scan_open(&sc, run->s, &spec, dg);
		while (!err) {
			err = scan_next(sc, &id, &got, dg);
			if (err || !got)
				break;
			id = scan_target(sc);
			if (id.kind == h->home->no)
				idset_add(&h->homes, id);
		}
		scan_close(sc);
	}
	return err;
}

/* What a thread keeps of a walk over all records at the other end, where a
 * row tells whether it meets the condition, and whom it points to. */
struct gather {
	struct run run; /* its bufs */
	struct sieve sieve;
	const struct hop *hop;
	struct idset homes;
};

static void
gather_make(struct gather *g, struct run *run, const struct hop *h)
{
	*g = (struct gather){.hop = h};
	g->run.s = run->s;
	g->run.schema = run->schema;
	sieve_make(&g->sieve, &g->run, h->arrivals->kind, h->arrivals->node);
}

static bool
gather_pass(void *arg, const struct row *row)
{
	struct gather *g = arg;

	if (sieve_pass(&g->sieve, row))
		add_targets(g->run.schema, g->hop, row, &g->homes);
	return false;
}

/* Adds what was kept to what the hop leads to. */
static bool
gather_end(struct gather *g, struct hop *h)
{
	bool ok = !g->homes.failed && !g->run.folded.failed;

	for (size_t i = 0; i < g->homes.n; i++)
		idset_add(&h->homes, idset_at(&g->homes, i, h->home->no));
	idset_clear(&g->homes);
	buf_clear(&g->run.scratch);
	buf_clear(&g->run.folded);
	return ok;
}

static enum crm_err
settle_rows(struct run *run, struct hop *h, struct diag *dg)
{
	struct gather here, there;
	struct scan_spec spec = {
	    .type = SCAN_KIND,
	    .kind = h->arrivals->kind,
	    .bare = true,
	    .pass = gather_pass,
	    .keeps = true,
	    .arg = &here,
	    .aid = run->alone ? &there : NULL,
	};
	struct scan *sc = NULL;
	struct id id;
	bool got, ok;
	enum crm_err err;

	gather_make(&here, run, h);
	gather_make(&there, run, h);
	err = scan_open(&sc, run->s, &spec, dg);
	if (!err)
		err = scan_next(sc, &id, &got, dg);
	scan_close(sc);
	ok = gather_end(&here, h);
	ok = gather_end(&there, h) && ok;
	return err || ok ? err : diag_nomem(dg);
}

static enum crm_err
settle_arrival(
    struct run *run, struct hop *h, struct arrival *a, struct diag *dg)
{
	struct walk w = {0};
	struct record r;
	bool got = true;
	enum crm_err err = walk_open(&w, run, a->plan, false, dg);

	while (!err) {
		err = walk_next(&w, &r, &got, dg);
		if (err || !got)
			break;
		if (h->field)
			idset_add(&a->set, r.id);
		else
			add_targets(run->schema, h, &r.row, &h->homes);
	}
	walk_close(&w);
	idset_sort(&a->set);
	return !err && a->set.failed ? diag_nomem(dg) : err;
}

enum crm_err
hop_settle(struct run *run, struct hop *h, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (h->settled)
		return CRM_OK;
	idset_reset(&h->homes);
	if (!h->field && h->arrivals->node->type == NODE_TRUE)
		err = settle_any(run, h, dg);
	else if (!h->field && h->arrivals->plan->type == PLAN_SCAN &&
		 node_plain(h->arrivals->node))
		err = settle_rows(run, h, dg);
	else
		for (size_t i = 0; !err && i < h->narrivals; i++) {
			idset_reset(&h->arrivals[i].set);
			err = settle_arrival(run, h, &h->arrivals[i], dg);
		}
	idset_sort(&h->homes);
	if (!err && h->homes.failed)
		err = diag_nomem(dg);
	h->settled = !err;
	return err;
}

/* ---- as a driver ------------------------------------------------------ */

enum crm_err
hop_sources(struct run *run, const struct field *f, struct id target,
    uint16_t kind, struct idset *out, struct diag *dg)
{
	struct scan_spec spec = {
	    .type = SCAN_REFS,
	    .field = f,
	    .target = target,
	};
	struct scan *sc = NULL;
	struct id id;
	bool got = true;
	enum crm_err err = scan_open(&sc, run->s, &spec, dg);

	while (!err) {
		err = scan_next(sc, &id, &got, dg);
		if (err || !got)
			break;
		if (id.kind == kind)
			idset_add(out, id);
	}
	scan_close(sc);
	return err;
}

enum crm_err
hop_collect(struct run *run, struct hop *h, struct idset *out, struct diag *dg)
{
	enum crm_err err = hop_settle(run, h, dg);

	if (err)
		return err;
	if (!h->field) {
		for (size_t i = 0; i < h->homes.n; i++)
			idset_add(out, idset_at(&h->homes, i, h->home->no));
		return CRM_OK;
	}
	for (size_t i = 0; !err && i < h->narrivals; i++) {
		const struct arrival *a = &h->arrivals[i];

		for (size_t j = 0; !err && j < a->set.n; j++)
			err = hop_sources(run, h->field,
			    idset_at(&a->set, j, a->kind->no), h->home->no, out,
			    dg);
	}
	return err;
}
