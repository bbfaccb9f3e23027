/* SPDX-License-Identifier: ISC */
/* Rows: what goes in comes out, and bytes that are no row do no harm. */
#include "model_test.h"

#include "model/row.h"

enum { N = ROW_SLOTS };

static struct row
opened(const struct buf *b)
{
	struct row r;

	assert_true(row_open(str_of(b), &r));
	return r;
}

static void
empty(void **state)
{
	struct buf b = {0};
	struct row r = {0}, whole;
	struct str values[3] = {{0}};
	unsigned at = 0, slot;
	struct str v;

	(void)state;
	assert_int_equal(row_get(&r, 0).n, 0);
	assert_int_equal(row_get(&r, 511).n, 0);
	assert_int_equal(row_get(&r, 70000).n, 0);
	assert_false(row_each(&r, &at, &slot, &v));
	row_encode(values, ARRAY_LEN(values), &b);
	assert_int_equal(b.n, 2);
	whole = opened(&b);
	assert_int_equal(whole.count, 0);
	assert_int_equal(whole.flags,
	    ROW_TSV_CLEAN | ROW_CSV_CLEAN | ROW_JSON_CLEAN | ROW_ASCII);
	buf_clear(&b);
}

/* The bytes are a format of the store: they may not change unseen. */
static void
layout(void **state)
{
	static const char want[] = "\x0d\x02\x02\x02\x02\x00\x04\x00"
				   "a,xy";
	struct str values[10] = {[1] = STR("a,"), [9] = STR("xy")};
	struct buf b = {0};

	(void)state;
	row_encode(values, ARRAY_LEN(values), &b);
	assert_int_equal(b.n, sizeof want - 1);
	assert_memory_equal(b.p, want, b.n);
	buf_clear(&b);
}

static void
flags(void **state)
{
	static const struct {
		const char *text;
		unsigned lost;
	} cases[] = {
	    {"plain text", 0},
	    {"a\tb", ROW_TSV_CLEAN | ROW_JSON_CLEAN},
	    {"a\nb", ROW_TSV_CLEAN | ROW_CSV_CLEAN | ROW_JSON_CLEAN},
	    {"a\rb", ROW_TSV_CLEAN | ROW_CSV_CLEAN | ROW_JSON_CLEAN},
	    {"a\\b", ROW_TSV_CLEAN | ROW_JSON_CLEAN},
	    {"a,b", ROW_CSV_CLEAN},
	    {"a\"b", ROW_CSV_CLEAN | ROW_JSON_CLEAN},
	    {"a\001b", ROW_JSON_CLEAN},
	    {"a\037b", ROW_JSON_CLEAN},
	    {"a\177b", 0},
	    {"\xc3\xbc", ROW_ASCII},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str values[2] = {STR("ok"), str_from(cases[i].text)};
		struct buf b = {0};

		row_encode(values, 2, &b);
		if ((opened(&b).flags ^ 15U) != cases[i].lost)
			fail_msg("flags of '%s'", cases[i].text);
		buf_clear(&b);
	}
}

static void
check_row(const struct row *r, const struct str *values, size_t n)
{
	unsigned at = 0, slot = 0, seen = 0;
	struct str v;

	for (unsigned i = 0; i < N + 8; i++) {
		struct str want = i < n ? values[i] : (struct str){0};

		assert_true(str_eq(row_get(r, i), want));
	}
	while (row_each(r, &at, &slot, &v)) {
		for (; seen < slot; seen++)
			assert_int_equal(values[seen].n, 0);
		assert_true(v.n > 0 && str_eq(v, values[slot]));
		seen = slot + 1;
	}
	for (; seen < n; seen++)
		assert_int_equal(values[seen].n, 0);
}

static void
round_trip(void **state)
{
	static char text[300];
	uint64_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i % 26);
	for (int round = 0; round < 2000; round++) {
		struct str values[N] = {{0}};
		size_t n = 1 + rnd_below(&seed, round % 2 ? N : 60);
		size_t often = 1 + rnd_below(&seed, 20);
		struct buf b = {0};
		struct row r;

		for (size_t i = 0; i < n; i++)
			if (rnd_below(&seed, often) == 0)
				values[i] =
				    (struct str){text + rnd_below(&seed, 100),
					rnd_below(&seed, 200)};
		row_encode(values, n, &b);
		r = opened(&b);
		check_row(&r, values, n);
		buf_clear(&b);
	}
}

static void
wide(void **state)
{
	size_t big = UINT16_MAX;
	char *text = malloc(big);
	struct str values[3] = {{0}, STR("x"), {0}};
	struct buf b = {0};
	struct row r;

	(void)state;
	memset(text, 'w', big);
	values[0] = (struct str){text, big};
	row_encode(values, 1, &b);
	assert_false(opened(&b).flags & ROW_WIDE);
	buf_reset(&b);
	row_encode(values, 3, &b);
	r = opened(&b);
	assert_true(r.flags & ROW_WIDE);
	check_row(&r, values, 3);
	buf_clear(&b);
	free(text);
}

static void
too_many(void **state)
{
	static struct str values[N + 1];
	struct buf b = {0};

	(void)state;
	values[N - 1] = STR("x");
	row_encode(values, N + 1, &b);
	assert_false(b.failed);
	values[N] = STR("x");
	row_encode(values, N + 1, &b);
	assert_true(b.failed);
	buf_clear(&b);
}

/* Looks at every value of whatever these bytes are. */
static void
touch(struct str bytes)
{
	struct row r;
	unsigned at = 0, slot, steps = 0;
	size_t sum = 0;
	struct str v;

	if (!row_open(bytes, &r)) {
		assert_int_equal(r.nb, 0);
		return;
	}
	for (unsigned i = 0; i < N; i++) {
		v = row_get(&r, i);
		for (size_t j = 0; j < v.n; j++)
			sum += (unsigned char)v.p[j];
	}
	while (row_each(&r, &at, &slot, &v)) {
		steps++;
		assert_true(v.n == 0 || v.p + v.n <= bytes.p + bytes.n);
	}
	assert_int_equal(steps, r.count);
	assert_true(sum <= bytes.n * N * UINT8_MAX);
}

/* A copy of just that size: any byte read beyond it is caught by ASan. */
static void
touch_copy(const char *p, size_t n)
{
	char *copy = malloc(n ? n : 1);

	if (n)
		memcpy(copy, p, n);
	touch((struct str){copy, n});
	free(copy);
}

static void
no_row(void **state)
{
	uint64_t seed = 7;
	struct str values[70] = {
	    STR("one"), {0}, STR("two"), [69] = STR("three")};
	struct buf b = {0};

	(void)state;
	row_encode(values, ARRAY_LEN(values), &b);
	for (size_t n = 0; n < b.n; n++) {
		struct row r;

		assert_false(row_open(str_head(str_of(&b), n), &r));
	}
	for (int i = 0; i < 20000; i++) {
		char noise[80];
		size_t n = rnd_below(&seed, sizeof noise);

		for (size_t j = 0; j < n; j++)
			noise[j] = (char)rnd(&seed);
		touch_copy(noise, n);
		memcpy(noise, b.p, b.n);
		noise[rnd_below(&seed, b.n)] = (char)rnd(&seed);
		touch_copy(noise, b.n);
	}
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(empty),
	    cmocka_unit_test(layout),
	    cmocka_unit_test(flags),
	    cmocka_unit_test(round_trip),
	    cmocka_unit_test(wide),
	    cmocka_unit_test(too_many),
	    cmocka_unit_test(no_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
