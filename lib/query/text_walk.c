/* SPDX-License-Identifier: ISC */
/* text_walk: the records that have the words, as bits of a window that moves
 * over their numbers, so that memory does not grow with them. */
#include "query/run.h"
#include "query/text.h"

enum {
	BITS = 1 << 19,
	/* Of words with no more than FEW records most of such a window would
	 * be empty; they are at hand, so that several cost little. */
	BITS_FEW = 1 << 12,
	FEW = 64,
	DEPTH = 5
};

struct text_walk {
	struct run *run;
	const struct text *text;
	const struct kind *kind;
	struct id *fresh; /* to be looked at in any case */
	size_t nfresh, at;
	uint64_t lo, next; /* of the window; of the next one, at least */
	size_t bits;	   /* of it */
	size_t bit;	   /* the next one to be looked at */
	bool ended;	   /* no window follows */
	uint64_t *maps[DEPTH];
};

/* The first record from LO on; UINT64_MAX: none. */
static enum crm_err
first_from(const struct text *t, uint64_t lo, uint64_t *first, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (t->type == TEXT_WORDS)
		return words_from(t->words, lo, first, dg);
	*first = t->type == TEXT_ALL ? lo : UINT64_MAX;
	for (size_t i = 0; i < t->nkids && err == CRM_OK; i++) {
		uint64_t one;

		err = first_from(t->kids[i], lo, &one, dg);
		if (t->type == TEXT_ALL ? one > *first : one < *first)
			*first = one;
	}
	return err;
}

/* Of the word with the most of them. */
static double
most_rows(const struct text *t)
{
	double most = t->type == TEXT_WORDS ? t->rows : 0;

	for (size_t i = 0; i < t->nkids; i++) {
		double rows = most_rows(t->kids[i]);

		most = rows > most ? rows : most;
	}
	return most;
}

static const struct text *
least_of(const struct text *t)
{
	const struct text *least = t->kids[0];

	for (size_t i = 1; i < t->nkids; i++)
		if (t->kids[i]->rows < least->rows)
			least = t->kids[i];
	return least;
}

/* Adds the records of the window to the map of LEVEL. */
static enum crm_err
fill(struct text_walk *w, const struct text *t, size_t level, struct diag *dg)
{
	uint64_t *map = w->maps[level], *sum, *one;
	size_t cells = w->bits / 64;
	enum crm_err err = CRM_OK;

	if (t->type == TEXT_WORDS)
		return words_fill(t->words, w->lo, map, w->bits, dg);
	if (t->type == TEXT_ANY) {
		for (size_t i = 0; i < t->nkids && err == CRM_OK; i++)
			err = fill(w, t->kids[i], level, dg);
		return err;
	}
	/* Too deep for our maps: one of them tells enough. */
	if (level + 2 >= DEPTH)
		return fill(w, least_of(t), level, dg);
	sum = w->maps[level + 1];
	one = w->maps[level + 2];
	for (size_t i = 0; i < t->nkids && err == CRM_OK; i++) {
		memset(one, 0, w->bits / 8);
		err = fill(w, t->kids[i], level + 2, dg);
		for (size_t j = 0; j < cells; j++)
			sum[j] = i ? sum[j] & one[j] : one[j];
	}
	for (size_t j = 0; j < cells; j++)
		map[j] |= sum[j];
	return err;
}

/* Moves the window to the next record. */
static enum crm_err
move(struct text_walk *w, struct diag *dg)
{
	uint64_t first;
	enum crm_err err = first_from(w->text, w->next, &first, dg);

	w->bit = w->bits;
	w->ended = err != CRM_OK || first == UINT64_MAX;
	if (w->ended)
		return err;
	w->lo = first;
	w->next = first + w->bits;
	w->bit = 0;
	memset(w->maps[0], 0, w->bits / 8);
	return fill(w, w->text, 0, dg);
}

/* The next bit that is set. */
static enum crm_err
next_bit(struct text_walk *w, uint64_t *num, bool *got, struct diag *dg)
{
	const uint64_t *map = w->maps[0];
	enum crm_err err = CRM_OK;

	*got = false;
	while (err == CRM_OK) {
		uint64_t cell = 0;

		while (w->bit < w->bits) {
			cell = map[w->bit / 64] >> w->bit % 64;
			if (cell)
				break;
			w->bit = (w->bit | 63) + 1;
		}
		if (w->bit < w->bits) {
			w->bit += (size_t)__builtin_ctzll(cell);
			*num = w->lo + w->bit;
			*got = true;
			return CRM_OK;
		}
		if (w->ended)
			return CRM_OK;
		err = move(w, dg);
	}
	return err;
}

enum crm_err
text_walk_next(struct text_walk *w, struct id *id, bool *got, struct diag *dg)
{
	struct id filed = {.kind = w->kind->no};
	int order = 1;
	enum crm_err err = next_bit(w, &filed.num, got, dg);

	if (err != CRM_OK)
		return err;
	if (w->at < w->nfresh)
		order = *got ? id_cmp(w->fresh[w->at], filed) : -1;
	*id = order <= 0 ? w->fresh[w->at++] : filed;
	if (order >= 0 && *got)
		w->bit++;
	*got = *got || order < 0;
	return CRM_OK;
}

static int
id_order(const void *a, const void *b)
{
	const struct id *x = a, *y = b;

	return id_cmp(*x, *y);
}

/* Those that were fresh when the words were looked for may have been filed
 * since, under words that were not there. */
static enum crm_err
add_planned(struct text_walk *w, const struct plan *p, struct diag *dg)
{
	size_t n = w->nfresh + p->nfresh, kept = 0;
	struct id *v;

	if (p->nfresh == 0)
		return CRM_OK;
	v = realloc(w->fresh, n * sizeof(*v));
	if (!v)
		return diag_nomem(dg);
	memcpy(v + w->nfresh, p->fresh, p->nfresh * sizeof(*v));
	qsort(v, n, sizeof(*v), id_order);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || !id_eq(v[kept - 1], v[i]))
			v[kept++] = v[i];
	w->fresh = v;
	w->nfresh = kept;
	return CRM_OK;
}

enum crm_err
text_walk_open(struct text_walk **out, struct run *run, const struct plan *p,
    struct diag *dg)
{
	struct text_walk *w = calloc(1, sizeof(*w));
	bool ok = w != NULL;
	enum crm_err err;

	*out = w;
	if (ok)
		w->bits = most_rows(p->text) > FEW ? BITS : BITS_FEW;
	for (size_t i = 0; ok && i < DEPTH; i++) {
		w->maps[i] = malloc(w->bits / 8);
		ok = w->maps[i] != NULL;
	}
	if (!ok)
		return diag_nomem(dg);
	w->run = run;
	w->kind = p->kind;
	w->text = p->text;
	w->bit = w->bits;
	err = words_fresh(run->s, p->kind, &w->fresh, &w->nfresh, dg);
	return err == CRM_OK ? add_planned(w, p, dg) : err;
}

void
text_walk_close(struct text_walk *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < DEPTH; i++)
		free(w->maps[i]);
	free(w->fresh);
	free(w);
}
