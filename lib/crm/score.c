/* SPDX-License-Identifier: ISC */
/* score: quintiles, segment names and ABC classes. */
#include "crm/score.h"

/* First match wins; the ranges are those of the R package rfm. */
static const struct rule {
	struct str name;
	uint8_t range[6];
} rules[] = {
    {{"Champions", 9}, {4, 5, 4, 5, 4, 5}},
    {{"Loyal Customers", 15}, {2, 5, 3, 5, 3, 5}},
    {{"Potential Loyalist", 18}, {3, 5, 1, 3, 1, 3}},
    {{"New Customers", 13}, {4, 5, 1, 1, 1, 1}},
    {{"Promising", 9}, {3, 4, 1, 1, 1, 1}},
    {{"Need Attention", 14}, {2, 3, 2, 3, 2, 3}},
    {{"About To Sleep", 14}, {2, 3, 1, 2, 1, 2}},
    {{"At Risk", 7}, {1, 2, 2, 5, 2, 5}},
    {{"Can't Lose Them", 15}, {1, 1, 4, 5, 4, 5}},
    {{"Lost", 4}, {1, 2, 1, 2, 1, 2}},
};

/* What is scored: a number of each row, told as the distance to the least. */
enum measure { LAST, FREQUENCY, MONETARY };

enum { CUTS = SCORE_STEPS - 1, BUCKET_BITS = 12, BUCKETS = 1 << BUCKET_BITS };

static inline crm_i128
value_of(const struct score_row *row, enum measure m)
{
	return m == LAST	? row->last
	       : m == FREQUENCY ? row->frequency
				: row->monetary.v;
}

static inline uint8_t *
score_of(struct score_row *row, enum measure m)
{
	return m == LAST ? &row->r : m == FREQUENCY ? &row->f : &row->m;
}

struct scoring {
	struct score_row *rows;
	size_t n;
	enum measure m;
	crm_i128 least, most; /* most: less the least */
	void *room;	      /* for three times 8 bytes a row */
};

/* ---- the values at some places of the order ---------------------------- */

/* A place in the rising order of the values: which value stands there, and how
 * many are below it. */
struct place {
	size_t at;
	crm_i128 value;
	size_t below;
};

/* V sorted, byte by byte from the lowest; few of the bytes differ at all. TMP
 * is as large. Returns where the sorted ones are, V or TMP. */
static uint64_t *
values_sort(uint64_t *v, uint64_t *tmp, size_t n)
{
	uint64_t differ = 0, *swap;

	for (size_t i = 0; i < n; i++)
		differ |= v[i] ^ v[0];
	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t count[256] = {0}, sum = 0, c;

		if (!(differ >> shift & 0xff))
			continue;
		for (size_t i = 0; i < n; i++)
			count[v[i] >> shift & 0xff]++;
		for (size_t b = 0; b < ARRAY_LEN(count); b++) {
			c = count[b];
			count[b] = sum;
			sum += c;
		}
		for (size_t i = 0; i < n; i++)
			tmp[count[v[i] >> shift & 0xff]++] = v[i];
		swap = v;
		v = tmp;
		tmp = swap;
	}
	return v;
}

/* How many of V, which is sorted, are below X. */
static size_t
count_below(const uint64_t *v, size_t n, uint64_t x)
{
	size_t at = 0;

	while (n > 0) {
		size_t half = n / 2;

		if (v[at + half] < x) {
			at += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return at;
}

/* Values dealt out by their upper bits. */
struct buckets {
	unsigned shift; /* lower bits */
	uint32_t count[BUCKETS];
	bool asked[BUCKETS]; /* one of the places is in it */
};

static void
buckets_deal(struct buckets *b, const struct scoring *sc, uint64_t *v)
{
	while ((uint64_t)sc->most >> b->shift >> BUCKET_BITS)
		b->shift++;
	for (size_t i = 0; i < sc->n; i++) {
		v[i] = (uint64_t)(value_of(&sc->rows[i], sc->m) - sc->least);
		b->count[v[i] >> b->shift]++;
	}
}

/* The place P is in bucket K, which stands at FROM among the sorted ones. */
static void
place_settle(
    const struct buckets *b, struct place *p, size_t k, const uint64_t *from)
{
	uint64_t value = k;

	if (b->shift > 0) {
		value = from[p->at - p->below];
		p->below += count_below(from, b->count[k], value);
	}
	p->value = value;
}

/*
 * Of a million customers nobody needs the order, only who stands at a few
 * places, which rise. So just the buckets that one of them is in are sorted.
 */
static void
places_find(const struct scoring *sc, struct place *p, size_t np)
{
	struct buckets b = {0};
	uint64_t *v = sc->room, *some = v + sc->n, *from;
	size_t bucket[2 * CUTS], n = 0, k = 0, below = 0;

	buckets_deal(&b, sc, v);
	for (size_t i = 0; i < np; i++) {
		while (below + b.count[k] <= p[i].at)
			below += b.count[k++];
		p[i].below = below;
		bucket[i] = k;
		b.asked[k] = true;
	}
	for (size_t i = 0; b.shift > 0 && i < sc->n; i++)
		if (b.asked[v[i] >> b.shift])
			some[n++] = v[i];
	from = values_sort(some, some + sc->n, n);
	for (size_t i = 0; i < np; i++) {
		if (i > 0 && bucket[i] != bucket[i - 1])
			from += b.count[bucket[i - 1]];
		place_settle(&b, &p[i], bucket[i], from);
	}
}

static int
compare_values(const void *a, const void *b)
{
	const crm_i128 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The same for values that lie too far from one another for 64 bits, and for a
 * few, whose places need not rise. */
static void
places_find_plain(const struct scoring *sc, struct place *p, size_t np)
{
	crm_i128 *v = sc->room;

	for (size_t i = 0; i < sc->n; i++)
		v[i] = value_of(&sc->rows[i], sc->m) - sc->least;
	qsort(v, sc->n, sizeof(*v), compare_values);
	for (size_t i = 0; i < np; i++) {
		p[i].value = v[p[i].at];
		p[i].below = p[i].at;
		while (p[i].below > 0 && v[p[i].below - 1] == p[i].value)
			p[i].below--;
	}
}

static void
places_fill(const struct scoring *sc, struct place *p, size_t np)
{
	if (sc->n > 2 * CUTS && sc->most <= (crm_i128)UINT64_MAX)
		places_find(sc, p, np);
	else
		places_find_plain(sc, p, np);
}

/* ---- split ------------------------------------------------------------- */

/* How many rows there are before bucket K, from 0 on: the first n % 5 buckets
 * hold one row more, as SQL has it. */
static size_t
ntile_start(size_t k, size_t n)
{
	size_t longer = n % SCORE_STEPS;

	return k * (n / SCORE_STEPS) + (k < longer ? k : longer);
}

/* Equal values in the order of the rows: as many as are due stay below. */
static void
score_split(const struct scoring *sc)
{
	struct place p[CUTS];
	size_t np = 0, due[CUTS];

	for (size_t k = 1; k <= CUTS; k++)
		if (ntile_start(k, sc->n) < sc->n)
			p[np++].at = ntile_start(k, sc->n);
	places_fill(sc, p, np);
	for (size_t k = 0; k < np; k++)
		due[k] = p[k].at - p[k].below;
	for (size_t i = 0; i < sc->n; i++) {
		crm_i128 v = value_of(&sc->rows[i], sc->m) - sc->least;
		unsigned score = 1;

		for (size_t k = 0; k < np && v >= p[k].value; k++) {
			if (v > p[k].value || due[k] == 0)
				score++;
			else
				due[k]--;
		}
		*score_of(&sc->rows[i], sc->m) = (uint8_t)score;
	}
}

/* ---- together ---------------------------------------------------------- */

/* Five times the K/5 quantile of type 7: whole numbers, so exact. P are the
 * places about it. */
static crm_i128
quantile5(const struct place p[2], size_t n, size_t k)
{
	size_t part = (n - 1) * k % SCORE_STEPS;

	return SCORE_STEPS * p[0].value +
	       (crm_i128)part * (p[1].value - p[0].value);
}

/* The whole number below or at V / SCORE_STEPS. */
static crm_i128
fifth(crm_i128 v)
{
	return (v - (v < 0 ? SCORE_STEPS - 1 : 0)) / SCORE_STEPS;
}

/*
 * One, and one more for each cut point reached: a quantile plus one unit. A
 * day counts forwards here but recency backwards: mirrored, the cut points
 * lie one day below the quantile and belong to the lower score. So the least
 * value that reaches a point is known before.
 */
static crm_i128
reaches(crm_i128 cut, bool backwards, crm_i128 unit)
{
	return backwards ? fifth(cut) - unit + 1
			 : fifth(cut + SCORE_STEPS - 1) + unit;
}

static void
score_together(const struct scoring *sc)
{
	crm_i128 unit = sc->m == MONETARY ? decimal_from_i64(1).v : 1;
	struct place p[2 * CUTS];
	crm_i128 least[CUTS];

	for (size_t k = 0; k < CUTS; k++) {
		size_t at = (sc->n - 1) * (k + 1) / SCORE_STEPS;

		p[2 * k].at = at;
		p[2 * k + 1].at = at + 1 < sc->n ? at + 1 : at;
	}
	places_fill(sc, p, ARRAY_LEN(p));
	for (size_t k = 0; k < CUTS; k++)
		least[k] = reaches(
		    quantile5(p + 2 * k, sc->n, k + 1), sc->m == LAST, unit);
	for (size_t i = 0; i < sc->n; i++) {
		crm_i128 v = value_of(&sc->rows[i], sc->m) - sc->least;
		unsigned score = 1;

		for (size_t k = 0; k < CUTS; k++)
			score += v >= least[k];
		*score_of(&sc->rows[i], sc->m) = (uint8_t)score;
	}
}

static void
score_one(struct scoring *sc, enum measure m, enum score_ties ties)
{
	crm_i128 least = value_of(&sc->rows[0], m), most = least;

	for (size_t i = 1; i < sc->n; i++) {
		crm_i128 v = value_of(&sc->rows[i], m);

		least = v < least ? v : least;
		most = v > most ? v : most;
	}
	sc->m = m;
	sc->least = least;
	sc->most = most - least;
	if (ties == TIES_SPLIT)
		score_split(sc);
	else
		score_together(sc);
}

enum crm_err
score_rfm(
    struct score_row *rows, size_t n, enum score_ties ties, struct diag *dg)
{
	struct scoring sc = {.rows = rows, .n = n};

	if (!n)
		return CRM_OK;
	if (n > UINT32_MAX)
		return diag_nomem(dg);
	sc.room = calloc(n, 3 * sizeof(uint64_t));
	if (!sc.room)
		return diag_nomem(dg);
	score_one(&sc, LAST, ties);
	score_one(&sc, FREQUENCY, ties);
	score_one(&sc, MONETARY, ties);
	free(sc.room);
	return CRM_OK;
}

static int
compare_falling(const void *a, const void *b)
{
	const struct score_row *x = a;
	const struct score_row *y = b;
	int c = decimal_cmp(y->monetary, x->monetary);

	if (c)
		return c;
	if (x->num != y->num)
		return x->num < y->num ? -1 : 1;
	return x->tag < y->tag ? -1 : x->tag > y->tag;
}

static char
class_of(struct decimal before, struct decimal total)
{
	/* Twentieths: 80 % is 16 of them, 95 % is 19. */
	if (total.v <= 0)
		return 'C';
	if (before.v * 20 < total.v * 16)
		return 'A';
	return before.v * 20 < total.v * 19 ? 'B' : 'C';
}

void
score_abc(struct score_row *rows, size_t n, enum score_ties ties,
    struct decimal *total)
{
	struct decimal before = {0};

	*total = (struct decimal){0};
	if (!n)
		return;
	qsort(rows, n, sizeof(*rows), compare_falling);
	for (size_t i = 0; i < n; i++)
		*total = decimal_pile(*total, rows[i].monetary);
	for (size_t i = 0; i < n; i++) {
		bool tied =
		    ties == TIES_TOGETHER && i &&
		    !decimal_cmp(rows[i].monetary, rows[i - 1].monetary);

		rows[i].class =
		    tied ? rows[i - 1].class : class_of(before, *total);
		before = decimal_pile(before, rows[i].monetary);
	}
}

static bool
rule_holds(const struct rule *rule, int r, int f, int m)
{
	return r >= rule->range[0] && r <= rule->range[1] &&
	       f >= rule->range[2] && f <= rule->range[3] &&
	       m >= rule->range[4] && m <= rule->range[5];
}

struct str
score_segment(int r, int f, int m)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rule_holds(&rules[i], r, f, m))
			return rules[i].name;
	return STR("Others");
}

bool
score_rule(size_t i, struct str *name, int range[6])
{
	if (i >= ARRAY_LEN(rules))
		return false;
	*name = rules[i].name;
	for (size_t k = 0; k < 6; k++)
		range[k] = rules[i].range[k];
	return true;
}
