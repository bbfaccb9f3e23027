/* SPDX-License-Identifier: ISC */
/* Scores against brute force, quantiles worked out by hand, ABC classes. */
#include <setjmp.h>
#include <stdarg.h>

#include "crm/score.h"

#include <cmocka.h>

static uint64_t seed = 88172645463325252U;

static uint32_t
draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 20) % below;
}

static struct decimal
euros(int64_t n)
{
	return decimal_from_i64(n);
}

static size_t
fill(struct score_row *rows, size_t max, uint32_t spread)
{
	size_t n = 1 + draw((uint32_t)max);

	for (size_t i = 0; i < n; i++)
		rows[i] = (struct score_row){
		    .num = i + 1,
		    .last = (int32_t)draw(spread) - 3,
		    .frequency = 1 + draw(spread),
		    .monetary = {(crm_i128)draw(spread * 4) * 250000000},
		};
	return n;
}

/* ntile by its definition: the rank of a row, dealt into five runs. */
static int
plain_ntile(size_t rank, size_t n)
{
	size_t at = 0;

	for (int bucket = 1; bucket <= 5; bucket++) {
		at += n / 5 + ((size_t)bucket <= n % 5);
		if (rank < at)
			return bucket;
	}
	return 0;
}

/* How many rows come before row I in the order of value, then of row. */
static size_t
plain_rank(const double *values, size_t n, size_t i)
{
	size_t rank = 0;

	for (size_t j = 0; j < n; j++)
		rank += values[j] < values[i] ||
			(!(values[i] < values[j]) && j < i);
	return rank;
}

/* One far off, or all farther from one another than 64 bits go. */
static void
spread(struct score_row *rows, size_t n, int how)
{
	if (how == 1)
		rows[n / 2].monetary.v = (crm_i128)1 << 61;
	for (size_t i = 0; how == 2 && i < n; i++)
		rows[i].monetary.v *= 1000000000000;
}

static void
split_is_ntile(void **state)
{
	struct score_row rows[64];
	double days[64], counts[64], sums[64];
	struct diag dg = {0};

	(void)state;
	for (int round = 0; round < 400; round++) {
		size_t n = fill(rows, ARRAY_LEN(rows), 1 + draw(40));

		spread(rows, n, round % 3);
		for (size_t i = 0; i < n; i++) {
			days[i] = rows[i].last;
			counts[i] = rows[i].frequency;
			sums[i] = decimal_double(rows[i].monetary);
		}
		assert_int_equal(score_rfm(rows, n, TIES_SPLIT, &dg), CRM_OK);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(
			    rows[i].r, plain_ntile(plain_rank(days, n, i), n));
			assert_int_equal(rows[i].f,
			    plain_ntile(plain_rank(counts, n, i), n));
			assert_int_equal(
			    rows[i].m, plain_ntile(plain_rank(sums, n, i), n));
		}
	}
}

/* Type 7 in floating point, as the text books write it. */
static double
plain_quantile(const double *sorted, size_t n, double p)
{
	double h = (double)(n - 1) * p;
	size_t at = (size_t)(h + 1e-9);
	double part = h - (double)at;

	if (part < 1e-9 || at + 1 >= n)
		return sorted[at];
	return sorted[at] + part * (sorted[at + 1] - sorted[at]);
}

static int
compare_double(const void *a, const void *b)
{
	const double *x = a;
	const double *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int
plain_score(const double *values, size_t n, double value)
{
	double sorted[64];
	int score = 1;

	memcpy(sorted, values, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare_double);
	for (int k = 1; k < 5; k++)
		score += value >= plain_quantile(sorted, n, k / 5.0) + 1 - 1e-9;
	return score;
}

static void
together_is_type_7_plus_one(void **state)
{
	struct score_row rows[64];
	double days[64], counts[64], sums[64];
	struct diag dg = {0};

	(void)state;
	for (int round = 0; round < 400; round++) {
		size_t n = fill(rows, ARRAY_LEN(rows), 1 + draw(40));

		for (size_t i = 0; i < n; i++) {
			days[i] = 1000 - rows[i].last; /* recency */
			counts[i] = rows[i].frequency;
			sums[i] = decimal_double(rows[i].monetary);
		}
		assert_int_equal(
		    score_rfm(rows, n, TIES_TOGETHER, &dg), CRM_OK);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(
			    rows[i].r, 6 - plain_score(days, n, days[i]));
			assert_int_equal(
			    rows[i].f, plain_score(counts, n, counts[i]));
			assert_int_equal(
			    rows[i].m, plain_score(sums, n, sums[i]));
		}
	}
}

/* 1..6: the 0.2 quantile is 2, the cut point 3; 0.4: 3 and 4 ... */
static void
six_by_hand(void **state)
{
	static const int expected[] = {1, 1, 2, 3, 4, 5};
	struct score_row rows[6] = {{.num = 0}};
	struct diag dg = {0};

	(void)state;
	for (int i = 0; i < 6; i++)
		rows[i] = (struct score_row){.num = (uint64_t)i + 1,
		    .last = i + 1,
		    .frequency = (uint32_t)i + 1,
		    .monetary = euros(i + 1)};
	assert_int_equal(score_rfm(rows, 6, TIES_TOGETHER, &dg), CRM_OK);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(rows[i].f, expected[i]);
		assert_int_equal(rows[i].m, expected[i]);
	}
	/* Recency is the mirror image: 6 days ago ... 1 day ago. */
	for (int i = 0; i < 6; i++)
		assert_int_equal(rows[i].r, 6 - expected[5 - i]);
}

static void
one_and_none(void **state)
{
	struct score_row row = {.num = 1, .frequency = 1};
	struct decimal total = euros(7);
	struct diag dg = {0};

	(void)state;
	assert_int_equal(score_rfm(NULL, 0, TIES_SPLIT, &dg), CRM_OK);
	score_abc(NULL, 0, TIES_TOGETHER, &total);
	assert_int_equal(decimal_cmp(total, euros(0)), 0);
	assert_int_equal(score_rfm(&row, 1, TIES_SPLIT, &dg), CRM_OK);
	assert_int_equal(row.r, 1);
	assert_int_equal(score_rfm(&row, 1, TIES_TOGETHER, &dg), CRM_OK);
	assert_int_equal(row.f, 1);
	assert_int_equal(row.r, 5);
}

static void
abc_counts_what_stands_before(void **state)
{
	/* Sums before: 0, 40, 80, 90, 95 of 100. */
	static const int64_t value[] = {5, 40, 10, 5, 40};
	static const uint64_t order[] = {2, 5, 3, 1, 4};
	struct score_row rows[5];
	struct decimal total;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		rows[i] = (struct score_row){
		    .num = i + 1, .monetary = euros(value[i])};
	score_abc(rows, 5, TIES_SPLIT, &total);
	assert_int_equal(decimal_cmp(total, euros(100)), 0);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(rows[i].num, order[i]);
		assert_int_equal(rows[i].class, "AABBC"[i]);
	}
	score_abc(rows, 5, TIES_TOGETHER, &total);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(rows[i].class, "AABBB"[i]);
}

static void
abc_without_revenue(void **state)
{
	struct score_row rows[2] = {
	    {.num = 1, .monetary = euros(-5)}, {.num = 2}};
	struct decimal total;

	(void)state;
	score_abc(rows, 2, TIES_TOGETHER, &total);
	assert_int_equal(rows[0].num, 2);
	assert_int_equal(rows[0].class, 'C');
	assert_int_equal(rows[1].class, 'C');
}

static void
abc_of_amounts_at_the_limit(void **state)
{
	struct decimal most = {0};
	struct score_row rows[3];
	struct decimal total;

	(void)state;
	for (int i = 0; i < 27; i++)
		most.v = most.v * 10 + 9;
	most.v *= 1000000000;
	for (size_t i = 0; i < 3; i++)
		rows[i] = (struct score_row){.num = i + 1, .monetary = most};
	score_abc(rows, 3, TIES_SPLIT, &total);
	assert_int_equal(rows[0].class, 'A');
	assert_true(total.v > 0);
}

static void
segments_first_match_wins(void **state)
{
	struct str name;
	int range[6];
	size_t rules = 0;

	(void)state;
	assert_true(str_is(score_segment(5, 5, 5), "Champions"));
	assert_true(str_is(score_segment(3, 3, 3), "Loyal Customers"));
	assert_true(str_is(score_segment(5, 1, 1), "Potential Loyalist"));
	assert_true(str_is(score_segment(2, 2, 2), "Need Attention"));
	assert_true(str_is(score_segment(2, 1, 1), "About To Sleep"));
	assert_true(str_is(score_segment(1, 5, 5), "At Risk"));
	assert_true(str_is(score_segment(1, 1, 1), "Lost"));
	assert_true(str_is(score_segment(5, 1, 5), "Others"));
	while (score_rule(rules, &name, range))
		rules++;
	assert_int_equal(rules, 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(split_is_ntile),
	    cmocka_unit_test(together_is_type_7_plus_one),
	    cmocka_unit_test(six_by_hand),
	    cmocka_unit_test(one_and_none),
	    cmocka_unit_test(abc_counts_what_stands_before),
	    cmocka_unit_test(abc_without_revenue),
	    cmocka_unit_test(abc_of_amounts_at_the_limit),
	    cmocka_unit_test(segments_first_match_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
