/* SPDX-License-Identifier: ISC */
/* between: the touched records, sorted; each looked up in both states. */
#include "crm/between.h"

struct between {
	struct store *store;
	uint64_t a, b;
	struct id *ids;
	size_t n, cap, at;
	struct buf hold[2];
};

static int
compare_ids(const void *a, const void *b)
{
	return id_cmp(*(const struct id *)a, *(const struct id *)b);
}

static void
ids_sort(struct between *w)
{
	size_t kept = 0;

	if (w->n > 1)
		qsort(w->ids, w->n, sizeof(*w->ids), compare_ids);
	for (size_t i = 0; i < w->n; i++)
		if (!kept || !id_eq(w->ids[i], w->ids[kept - 1]))
			w->ids[kept++] = w->ids[i];
	w->n = kept;
}

/* What stands there more than once makes room first. */
static bool
ids_room(struct between *w)
{
	size_t cap = w->cap ? w->cap * 2 : 1024;
	struct id *ids;

	ids_sort(w);
	if (w->n < w->cap / 2)
		return true;
	ids = realloc(w->ids, cap * sizeof(*ids));
	if (!ids)
		return false;
	w->ids = ids;
	w->cap = cap;
	return true;
}

static bool
ids_add(struct between *w, struct id id)
{
	if (w->n && id_eq(w->ids[w->n - 1], id))
		return true;
	if (w->n == w->cap && !ids_room(w))
		return false;
	w->ids[w->n++] = id;
	return true;
}

static enum crm_err
ids_collect(struct between *w, struct diag *dg)
{
	struct journal *j = NULL;
	struct journal_change c;
	enum crm_err err = journal_open(&j, w->store, true, dg);
	bool got;

	for (uint64_t txn = w->a + 1; !err && txn <= w->b; txn++) {
		err = journal_txn(j, txn, false, dg);
		for (got = true; !err && got;) {
			err = journal_next(j, &c, &got, dg);
			if (!err && got && !ids_add(w, c.id))
				err = diag_nomem(dg);
		}
	}
	journal_close(j);
	ids_sort(w);
	return err;
}

enum crm_err
between_new(struct between **out, struct store *s, uint64_t a, uint64_t b,
    struct diag *dg)
{
	struct between *w = calloc(1, sizeof(*w));
	enum crm_err err;

	*out = NULL;
	if (!w)
		return diag_nomem(dg);
	w->store = s;
	w->a = a;
	w->b = b;
	err = ids_collect(w, dg);
	if (err)
		between_free(w);
	else
		*out = w;
	return err;
}

void
between_free(struct between *w)
{
	if (!w)
		return;
	free(w->ids);
	buf_clear(&w->hold[0]);
	buf_clear(&w->hold[1]);
	free(w);
}

static bool
rows_equal(const struct row *a, const struct row *b)
{
	unsigned i = 0, k = 0, slot = 0, other = 0;
	struct str v, w;

	if (a->count != b->count)
		return false;
	while (row_each(a, &i, &slot, &v))
		if (!row_each(b, &k, &other, &w) || slot != other ||
		    !str_eq(v, w))
			return false;
	return true;
}

enum crm_err
between_next(
    struct between *w, struct changes_of *out, bool *got, struct diag *dg)
{
	bool was = false, is = false;
	enum crm_err err = CRM_OK;

	for (*got = false; !err && !*got && w->at < w->n; w->at++) {
		*out = (struct changes_of){.id = w->ids[w->at]};
		err = journal_row(w->store, out->id, w->a, &w->hold[0],
		    &out->before, &was, dg);
		if (!err)
			err = journal_row(w->store, out->id, w->b, &w->hold[1],
			    &out->after, &is, dg);
		out->op = !was ? CHANGE_CREATE
			  : is ? CHANGE_UPDATE
			       : CHANGE_DELETE;
		*got = !err && (was || is) &&
		       !(was && is && rows_equal(&out->before, &out->after));
	}
	return err;
}
