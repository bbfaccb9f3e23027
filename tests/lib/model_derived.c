/* SPDX-License-Identifier: ISC */
/* Derived values: order of moments, text, bytes. */
#include "model_test.h"

#include "model/derived.h"

static struct moment
moment(const char *text)
{
	struct moment m;

	moment_set(&m, str_from(text));
	return m;
}

static struct derived
sample(void)
{
	struct derived d = {
	    .last = moment("2026-03-01T10:00:00Z"),
	    .next = moment("2026-03-05"),
	    .first_order = moment("2024-01-02"),
	    .last_order = moment("2026-02-03"),
	    .activities = 7,
	    .orders = 2,
	    .open_deals = UINT64_C(1) << 40,
	    .open_tickets = 3,
	};

	assert_true(decimal_parse(STR("-1234.5"), &d.revenue));
	assert_true(decimal_parse(STR("99.999"), &d.pipeline));
	return d;
}

static void
moments(void **state)
{
	struct moment none = {0}, day = moment("2026-03-02");
	struct moment noon = moment("2026-03-02T12:00:00Z");
	struct moment next = moment("2026-03-03");
	struct moment cut;

	(void)state;
	assert_true(moment_cmp(&day, &noon) < 0);
	assert_true(moment_cmp(&noon, &next) < 0);
	assert_true(moment_cmp(&next, &day) > 0);
	assert_int_equal(moment_cmp(&day, &day), 0);
	assert_true(moment_cmp(&none, &next) > 0);
	assert_true(moment_cmp(&day, &none) < 0);
	assert_int_equal(moment_cmp(&none, &none), 0);
	moment_set(&cut, STR("2026-03-02T12:00:00Zmore"));
	assert_text(moment_str(&cut), "2026-03-02T12:00:00Z");
}

static void
equality(void **state)
{
	struct derived a = sample(), b = sample(), zero = {0};

	(void)state;
	assert_true(derived_eq(&a, &b));
	assert_true(derived_zero(&zero));
	assert_false(derived_zero(&a));
	b.orders++;
	assert_false(derived_eq(&a, &b));
	b = a;
	b.next = moment("2026-03-06");
	assert_false(derived_eq(&a, &b));
	b = a;
	b.pipeline = decimal_from_i64(1);
	assert_false(derived_eq(&a, &b));
}

static void
texts(void **state)
{
	static const struct {
		enum derived_no no;
		const char *some, *none;
	} cases[] = {
	    {DERIVED_NONE, "", ""},
	    {DERIVED_LAST, "2026-03-01T10:00:00Z", ""},
	    {DERIVED_ACTIVITIES, "7", "0"},
	    {DERIVED_NEXT, "2026-03-05", ""},
	    {DERIVED_ORDERS, "2", "0"},
	    {DERIVED_REVENUE, "-1234.50", "0.00"},
	    {DERIVED_FIRST_ORDER, "2024-01-02", ""},
	    {DERIVED_LAST_ORDER, "2026-02-03", ""},
	    {DERIVED_OPEN_DEALS, "1099511627776", "0"},
	    {DERIVED_PIPELINE, "99.999", "0.00"},
	    {DERIVED_OPEN_TICKETS, "3", "0"},
	};
	struct derived d = sample(), zero = {0};

	(void)state;
	assert_int_equal(ARRAY_LEN(cases), DERIVED_COUNT);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = {0};

		derived_print(&d, cases[i].no, &b);
		assert_text(str_of(&b), cases[i].some);
		buf_reset(&b);
		derived_print(&zero, cases[i].no, &b);
		assert_text(str_of(&b), cases[i].none);
		buf_clear(&b);
	}
}

static void
there_and_back(const struct derived *d)
{
	unsigned char p[DERIVED_MAX];
	struct derived back;
	size_t n = derived_put(d, p);

	assert_true(n <= sizeof p);
	for (size_t i = 0; i <= n; i++) {
		/* On the heap: a look beyond the end is seen. */
		char *copy = malloc(i ? i : 1);

		memcpy(copy, p, i);
		assert_int_equal(
		    derived_get((struct str){.p = copy, .n = i}, &back),
		    i == n);
		free(copy);
	}
	assert_true(derived_eq(d, &back));
}

static void
bytes(void **state)
{
	static const int64_t numbers[] = {0, 1, 127, 128, 300, INT64_MAX};
	unsigned char p[DERIVED_MAX];
	struct derived d = sample(), back;

	(void)state;
	there_and_back(&d);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		struct decimal v = {0};
		struct buf text = {0};

		buf_addf(&text, "%lld.25", (long long)numbers[i]);
		assert_true(decimal_parse(str_of(&text), &v));
		d = (struct derived){.orders = (uint64_t)numbers[i]};
		d.revenue = v;
		there_and_back(&d);
		d.pipeline = decimal_sub((struct decimal){0}, v);
		there_and_back(&d);
		buf_clear(&text);
	}
	d = (struct derived){.activities = UINT64_MAX};
	moment_set(&d.next, STR("2026-03-02T10:00:00Z"));
	there_and_back(&d);
	d = (struct derived){0};
	assert_int_equal(derived_put(&d, p), 2);
	there_and_back(&d);
	memset(p, 0xff, sizeof p);
	assert_false(derived_get(
	    (struct str){.p = (const char *)p, .n = sizeof p}, &back));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(moments),
	    cmocka_unit_test(equality),
	    cmocka_unit_test(texts),
	    cmocka_unit_test(bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
