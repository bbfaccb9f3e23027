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

/* What is ranked: eight bytes of a value, and the row it belongs to. */
struct ranked {
	uint64_t value;
	uint32_t row;
};

enum { VALUE_BYTES = 8 };

typedef crm_i128 value_of(const struct score_row *row);
typedef uint8_t *score_of(struct score_row *row);

static crm_i128
value_last(const struct score_row *row)
{
	return row->last;
}

static crm_i128
value_frequency(const struct score_row *row)
{
	return row->frequency;
}

static crm_i128
value_monetary(const struct score_row *row)
{
	return row->monetary.v;
}

static uint8_t *
score_r(struct score_row *row)
{
	return &row->r;
}

static uint8_t *
score_f(struct score_row *row)
{
	return &row->f;
}

static uint8_t *
score_m(struct score_row *row)
{
	return &row->m;
}

static unsigned
byte_of(uint64_t value, unsigned at)
{
	return (unsigned)(value >> (8 * at)) & 0xff;
}

/* From counts to places; false when all values have the same byte. */
static bool
places(size_t count[256], size_t n)
{
	size_t sum = 0, c;

	for (size_t b = 0; b < 256; b++) {
		c = count[b];
		if (c == n)
			return false;
		count[b] = sum;
		sum += c;
	}
	return true;
}

/*
 * By value, equal ones in the order they came: byte by byte from the lowest.
 * A million customers make this worth the trouble, and few of the bytes
 * differ at all. Returns where the sorted values are, V or TMP.
 */
static struct ranked *
sort_ranked(struct ranked *v, struct ranked *tmp, size_t n)
{
	size_t count[VALUE_BYTES][256] = {{0}};
	struct ranked *swap;
	uint64_t all = 0;

	for (size_t i = 0; i < n; i++)
		all |= v[i].value;
	for (unsigned at = 0; at < VALUE_BYTES && all >> (8 * at); at++) {
		for (size_t i = 0; i < n; i++)
			count[at][byte_of(v[i].value, at)]++;
		if (!places(count[at], n))
			continue;
		for (size_t i = 0; i < n; i++)
			tmp[count[at][byte_of(v[i].value, at)]++] = v[i];
		swap = v;
		v = tmp;
		tmp = swap;
	}
	return v;
}

/* The first n % 5 buckets hold one row more, as SQL has it. */
static int
ntile(size_t at, size_t n)
{
	size_t size = n / SCORE_STEPS;
	size_t longer = n % SCORE_STEPS;
	size_t edge = longer * (size + 1);

	if (at < edge)
		return (int)(at / (size + 1)) + 1;
	return (int)(longer + (at - edge) / size) + 1;
}

/*
 * The rows in rising order of a value. Nearly always all of them lie so close
 * that eight bytes hold how far they are above the least; else the upper half
 * is sorted by behind the lower.
 */
static struct ranked *
rank(const struct score_row *rows, size_t n, value_of *value, struct ranked *v)
{
	crm_i128 least = value(&rows[0]), most = least;
	struct ranked *tmp = v + n, *sorted;

	for (size_t i = 1; i < n; i++) {
		crm_i128 x = value(&rows[i]);

		least = x < least ? x : least;
		most = x > most ? x : most;
	}
	for (size_t i = 0; i < n; i++)
		v[i] = (struct ranked){
		    .value = (uint64_t)(value(&rows[i]) - least),
		    .row = (uint32_t)i};
	sorted = sort_ranked(v, tmp, n);
	if (most - least <= (crm_i128)UINT64_MAX)
		return sorted;
	for (size_t i = 0; i < n; i++)
		sorted[i].value =
		    (uint64_t)((value(&rows[sorted[i].row]) - least) >> 64);
	return sort_ranked(sorted, sorted == v ? tmp : v, n);
}

/* Five times the K/5 quantile of type 7: whole numbers, so exact. */
static crm_i128
quantile5(const struct score_row *rows, const struct ranked *v, size_t n,
    size_t k, value_of *value)
{
	size_t at = (n - 1) * k / SCORE_STEPS;
	size_t part = (n - 1) * k % SCORE_STEPS;
	crm_i128 low = value(&rows[v[at].row]);
	crm_i128 high = part ? value(&rows[v[at + 1].row]) : low;

	return SCORE_STEPS * low + (crm_i128)part * (high - low);
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

static int
step(crm_i128 value, const crm_i128 least[4])
{
	int score = 1;

	for (size_t k = 0; k < SCORE_STEPS - 1; k++)
		score += value >= least[k];
	return score;
}

static void
score_one(struct score_row *rows, struct ranked *v, size_t n,
    enum score_ties ties, value_of *value, score_of *score)
{
	crm_i128 least[SCORE_STEPS - 1] = {0};
	crm_i128 unit = value == value_monetary ? decimal_from_i64(1).v : 1;

	v = rank(rows, n, value, v);
	for (size_t k = 1; k < SCORE_STEPS; k++)
		least[k - 1] = reaches(
		    quantile5(rows, v, n, k, value), value == value_last, unit);
	for (size_t i = 0; ties == TIES_SPLIT && i < n; i++)
		*score(&rows[v[i].row]) = (uint8_t)ntile(i, n);
	for (size_t i = 0; ties == TIES_TOGETHER && i < n; i++)
		*score(&rows[i]) = (uint8_t)step(value(&rows[i]), least);
}

enum crm_err
score_rfm(
    struct score_row *rows, size_t n, enum score_ties ties, struct diag *dg)
{
	struct ranked *v;

	if (!n)
		return CRM_OK;
	if (n > UINT32_MAX)
		return diag_nomem(dg);
	v = calloc(n, 2 * sizeof(*v)); /* and as much room to sort in */
	if (!v)
		return diag_nomem(dg);
	score_one(rows, v, n, ties, value_last, score_r);
	score_one(rows, v, n, ties, value_frequency, score_f);
	score_one(rows, v, n, ties, value_monetary, score_m);
	free(v);
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
		*total = decimal_add(*total, rows[i].monetary);
	for (size_t i = 0; i < n; i++) {
		bool tied =
		    ties == TIES_TOGETHER && i &&
		    !decimal_cmp(rows[i].monetary, rows[i - 1].monetary);

		rows[i].class =
		    tied ? rows[i - 1].class : class_of(before, *total);
		before = decimal_add(before, rows[i].monetary);
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
