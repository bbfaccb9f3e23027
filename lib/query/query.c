/* SPDX-License-Identifier: ISC */
/* query: words to a walk over records. */
#include "query/query.h"

#include "query/bind.h"
#include "query/run.h"

struct query {
	const struct kind *kind;
	struct mem mem;
	struct node_owned owned;
	struct run run;
	struct buf notes;
	struct node *node;
	struct plan *plan;
	struct walk walk;
	bool walking, ended;
	bool bare; /* nobody reads derived fields of a match */
	bool alone;
};

static enum crm_err
query_build(struct query *q, const struct clock *clock, const struct str *words,
    size_t nwords, struct diag *dg)
{
	struct bind b = {
	    .s = q->run.s,
	    .schema = q->run.schema,
	    .clock = clock,
	    .mem = &q->mem,
	    .owned = &q->owned,
	    .notes = &q->notes,
	    .dg = dg,
	};
	struct expr *e = NULL;
	enum crm_err err = expr_parse(&q->mem, words, nwords, &e, dg);

	if (!err)
		err = bind_expr(&b, q->kind, e, &q->node);
	if (!err)
		err = plan_make(&q->run, q->kind, q->node, &q->plan, dg);
	return err;
}

enum crm_err
query_new(struct query **out, struct store *s, const struct clock *clock,
    const struct kind *kind, const struct str *words, size_t nwords,
    struct diag *dg)
{
	struct query *q = calloc(1, sizeof(*q));
	enum crm_err err;

	*out = NULL;
	if (!q)
		return diag_nomem(dg);
	q->kind = kind;
	q->run.s = s;
	q->run.schema = store_schema(s);
	q->run.mem = &q->mem;
	err = query_build(q, clock, words, nwords, dg);
	if (err)
		query_free(q);
	else
		*out = q;
	return err;
}

void
query_free(struct query *q)
{
	if (!q)
		return;
	walk_close(&q->walk);
	node_clear(&q->owned);
	query_texts_clear(q->run.texts);
	buf_clear(&q->run.scratch);
	buf_clear(&q->run.folded);
	buf_clear(&q->notes);
	mem_clear(&q->mem);
	free(q);
}

/* "contacts" but not "c": a letter is more likely a word to look for. */
size_t
query_kind(const struct schema *s, const struct str *words, size_t nwords,
    const struct kind *fallback, const struct kind **out)
{
	const struct kind *k = NULL;
	struct diag dg = {0};

	*out = fallback;
	if (!nwords)
		return 0;
	k = schema_kind(s, words[0]);
	if (!k && str_ends(words[0], STR("s")) &&
	    !schema_kind_prefix(s, words[0]) &&
	    schema_find_kind(s, words[0], &k, &dg))
		k = NULL;
	diag_clear(&dg);
	if (!k)
		return 0;
	*out = k;
	return 1;
}

void
query_explain(const struct query *q, struct buf *out)
{
	plan_explain(q->plan, out);
	if (q->notes.n) {
		buf_addz(out, "; ");
		buf_add(out, str_of(&q->notes));
	}
}

enum crm_err
query_match(struct query *q, const struct record *r, bool *yes, struct diag *dg)
{
	*yes = false;
	if (r->id.kind != q->kind->no)
		return CRM_OK;
	return eval_node(&q->run, q->node, r, yes, dg);
}

void
query_bare(struct query *q)
{
	q->bare = true;
}

void
query_alone(struct query *q)
{
	q->alone = true;
}

enum crm_err
query_next(struct query *q, struct record *r, bool *got, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	*got = false;
	if (q->ended)
		return CRM_OK;
	if (!q->walking) {
		q->walking = true;
		q->run.alone = q->alone;
		err = walk_open(&q->walk, &q->run, q->plan, !q->bare, dg);
		q->run.alone = false;
	}
	if (!err)
		err = walk_next(&q->walk, r, got, dg);
	if (err || !*got) {
		q->ended = true;
		walk_close(&q->walk);
	}
	return err;
}

static enum crm_err
ids_copy(struct idset *set, uint16_t kind, struct id **ids, struct diag *dg)
{
	struct id *list = calloc(set->n ? set->n : 1, sizeof(*list));

	if (!list)
		return diag_nomem(dg);
	for (size_t i = 0; i < set->n; i++)
		list[i] = idset_at(set, i, kind);
	*ids = list;
	return CRM_OK;
}

enum crm_err
query_ids(struct query *q, struct id **ids, size_t *n, struct diag *dg)
{
	struct idset set = {0};
	struct record r;
	bool got = true;
	enum crm_err err = CRM_OK;

	*ids = NULL;
	*n = 0;
	q->bare = true;
	while (!err) {
		err = query_next(q, &r, &got, dg);
		if (err || !got)
			break;
		idset_add(&set, r.id);
	}
	idset_sort(&set);
	if (!err && set.failed)
		err = diag_nomem(dg);
	if (!err)
		err = ids_copy(&set, q->kind->no, ids, dg);
	if (!err)
		*n = set.n;
	idset_clear(&set);
	return err;
}
