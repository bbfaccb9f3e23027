/* SPDX-License-Identifier: ISC */
/* Unit tests of date: the calendar day by day, months, business days, time
 * zones and the canonical texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/date.h"

static uint64_t seed = 11;

/* splitmix64: repeatable on every machine */
static uint64_t
draw(void)
{
	uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static int
day(int year, int month, int mday)
{
	struct civil c = {year, month, mday};
	assert_true(date_valid(c));
	return date_days(c);
}

/* Walks the calendar by hand, so that nothing is computed as date does. */
static void
every_day_goes_there_and_back(void **state)
{
	int days = DATE_MIN;
	int weekday = 1;
	(void)state;
	for (int y = 1; y <= 9999; y++) {
		bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
		for (int m = 1; m <= 12; m++) {
			int length = m == 2 ? 28 + leap
				     : m == 4 || m == 6 || m == 9 || m == 11
					 ? 30
					 : 31;
			assert_int_equal(date_month_length(y, m), length);
			for (int d = 1; d <= length; d++, days++) {
				struct civil c = date_civil(days);
				if (date_days((struct civil){y, m, d}) !=
					days ||
				    c.year != y || c.month != m || c.day != d ||
				    date_weekday(days) != weekday)
					fail_msg("%04d-%02d-%02d", y, m, d);
				weekday = weekday % 7 + 1;
			}
			struct civil past = {y, m, length + 1};
			assert_false(date_valid(past));
		}
	}
	assert_int_equal(days, DATE_MAX + 1);
}

static void
days_that_do_not_exist(void **state)
{
	static const struct civil bad[] = {{0, 1, 1}, {10000, 1, 1},
	    {2026, 0, 1}, {2026, 13, 1}, {2026, 1, 0}, {2026, 1, 32},
	    {1900, 2, 29}, {2026, 2, 29}, {-1, 1, 1}, {2026, -1, 1},
	    {2026, 1, -1}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(date_valid(bad[i]));
	assert_int_equal(date_month_length(2026, 0), 0);
	assert_int_equal(date_month_length(2026, 13), 0);
}

static void
known_days(void **state)
{
	static const struct {
		int year, month, day, days, weekday;
	} facts[] = {
	    {1, 1, 1, -719162, 1},
	    {1582, 10, 15, -141427, 5},
	    {1969, 12, 31, -1, 3},
	    {1970, 1, 1, 0, 4},
	    {2000, 2, 29, 11016, 2},
	    {2000, 3, 1, 11017, 3},
	    {2026, 11, 21, 20778, 6},
	    {9999, 12, 31, 2932896, 5},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		int days = day(facts[i].year, facts[i].month, facts[i].day);
		assert_int_equal(days, facts[i].days);
		assert_int_equal(date_weekday(days), facts[i].weekday);
	}
}

/* A week belongs to the year that its Thursday is in. */
static void
iso_weeks_follow_their_thursday(void **state)
{
	int year = 1;
	int week = 0;
	int monday;
	(void)state;
	for (int d = DATE_MIN; d + 3 <= DATE_MAX; d += 7) {
		int of = date_civil(d + 3).year;
		week = of == year ? week + 1 : 1;
		if (of != year)
			assert_false(
			    date_iso_week(year, week == 1 ? 54 : 0, &monday));
		year = of;
		assert_true(date_iso_week(year, week, &monday));
		assert_int_equal(monday, d);
	}
}

static void
iso_weeks_known(void **state)
{
	static const struct {
		int year, week, y, m, d;
	} facts[] = {{2026, 5, 2026, 1, 26}, {2026, 1, 2025, 12, 29},
	    {2020, 53, 2020, 12, 28}, {2009, 53, 2009, 12, 28},
	    {2010, 1, 2010, 1, 4}, {1, 1, 1, 1, 1}, {9999, 52, 9999, 12, 27}};
	static const int none[][2] = {{2025, 53}, {2026, 54}, {2026, 0},
	    {2026, -1}, {0, 1}, {10000, 1}, {2026, 2147483647}, {9999, 53}};
	int monday;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		assert_true(
		    date_iso_week(facts[i].year, facts[i].week, &monday));
		assert_int_equal(
		    monday, day(facts[i].y, facts[i].m, facts[i].d));
	}
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_false(date_iso_week(none[i][0], none[i][1], &monday));
}

static void
months_are_clamped(void **state)
{
	(void)state;
	assert_int_equal(
	    date_add_months(day(2026, 1, 31), 1), day(2026, 2, 28));
	assert_int_equal(
	    date_add_months(day(2028, 1, 31), 1), day(2028, 2, 29));
	assert_int_equal(
	    date_add_months(day(2026, 3, 31), -1), day(2026, 2, 28));
	assert_int_equal(
	    date_add_months(day(2024, 2, 29), 12), day(2025, 2, 28));
	assert_int_equal(
	    date_add_months(day(2026, 12, 15), 1), day(2027, 1, 15));
	assert_int_equal(
	    date_add_months(day(2026, 1, 15), -1), day(2025, 12, 15));
	assert_int_equal(
	    date_add_months(day(2026, 1, 15), 0), day(2026, 1, 15));
	assert_int_equal(date_add_months(day(9999, 12, 1), 1), DATE_MAX);
	assert_int_equal(date_add_months(day(1, 1, 31), -1), DATE_MIN);
	assert_int_equal(date_add_months(0, 2147483647), DATE_MAX);
	assert_int_equal(date_add_months(0, -2147483647 - 1), DATE_MIN);
}

static int
business_by_foot(int days, int n)
{
	int step = n > 0 ? 1 : -1;
	while (n != 0) {
		days += step;
		if (date_weekday(days) <= 5)
			n -= step;
	}
	return days;
}

static void
business_days_are_counted(void **state)
{
	(void)state;
	assert_int_equal(
	    date_add_business(day(2026, 11, 21), 1), day(2026, 11, 23));
	assert_int_equal(
	    date_add_business(day(2026, 11, 22), -1), day(2026, 11, 20));
	assert_int_equal(
	    date_add_business(day(2026, 11, 21), 0), day(2026, 11, 21));
	for (int d = 20000; d < 20014; d++)
		for (int n = -40; n <= 40; n++)
			assert_int_equal(
			    date_add_business(d, n), business_by_foot(d, n));
	assert_int_equal(date_add_business(0, 2147483647), DATE_MAX);
	assert_int_equal(date_add_business(0, -2147483647 - 1), DATE_MIN);
	assert_int_equal(date_add_business(DATE_MAX, 1), DATE_MAX);
	assert_int_equal(date_add_business(DATE_MIN, -1), DATE_MIN);
}

/* Central European Time in 2026: summer from 29 March 01:00 UTC to
 * 25 October 01:00 UTC. */
static long
berlin(int64_t utc, void *arg)
{
	(void)arg;
	return utc >= 1774746000 && utc < 1792890000 ? 7200 : 3600;
}

static void
clocks_that_are_changed(void **state)
{
	const struct zone z = {.offset = berlin};
	int gap = day(2026, 3, 29);
	int fold = day(2026, 10, 25);
	int secs;
	(void)state;
	/* 02:30 is skipped: it is 03:30 on the clock */
	assert_int_equal(date_to_utc(&z, gap, 9000), 1774747800);
	assert_int_equal(date_local(&z, 1774747800, &secs), gap);
	assert_int_equal(secs, 3 * 3600 + 1800);
	assert_int_equal(date_to_utc(&z, gap, 7199), 1774745999);
	assert_int_equal(date_to_utc(&z, gap, 3 * 3600), 1774746000);
	/* 02:30 comes twice: the first is still summer */
	assert_int_equal(date_to_utc(&z, fold, 9000), 1792888200);
	assert_int_equal(date_local(&z, 1792888200 + 3600, &secs), fold);
	assert_int_equal(secs, 9000);
	assert_int_equal(date_to_utc(&z, fold, 3 * 3600), 1792893600);
	assert_int_equal(date_to_utc(&z, fold, 7199), 1792886399);
	for (int64_t t = 1767225600; t < 1798761600; t += 1801) {
		int d = date_local(&z, t, &secs);
		int64_t back = date_to_utc(&z, d, secs);
		assert_true(back == t || back == t - 3600);
	}
}

static void
days_of_instants(void **state)
{
	const struct zone z = {.offset = berlin};
	int secs;
	(void)state;
	assert_int_equal(date_local(NULL, -1, &secs), -1);
	assert_int_equal(secs, 86399);
	assert_int_equal(date_local(NULL, 0, NULL), 0);
	assert_int_equal(date_local(&z, 82800, &secs), 1);
	assert_int_equal(secs, 0);
	assert_int_equal(date_local(NULL, INT64_MAX, &secs), DATE_MAX);
	assert_int_equal(secs, 86399);
	assert_int_equal(date_local(&z, INT64_MIN, NULL), DATE_MIN);
	assert_int_equal(date_to_utc(NULL, DATE_MIN, 0), -62135596800);
	assert_int_equal(date_to_utc(NULL, DATE_MAX, 86399), 253402300799);
}

static void
texts_of_dates(void **state)
{
	struct buf b = {0};
	int back;
	(void)state;
	for (int d = DATE_MIN; d <= DATE_MAX; d += 97) {
		struct civil c = date_civil(d);
		char want[32];
		buf_reset(&b);
		date_print(d, &b);
		(void)snprintf(want, sizeof want, "%04d-%02d-%02d", c.year,
		    c.month, c.day);
		assert_string_equal(buf_z(&b), want);
		assert_true(date_parse(str_of(&b), &back));
		assert_int_equal(back, d);
	}
	buf_clear(&b);
}

static void
texts_that_are_no_date(void **state)
{
	static const char *const bad[] = {"", "2026", "2026-11", "2026-11-2",
	    "2026-11-211", "2026-11-31", "2026-02-29", "2026-13-01",
	    "2026-00-01", "2026-01-00", "0000-01-01", "2026/11/21",
	    "2026-11 21", "+026-11-21", "2026-1a-21", " 2026-11-21",
	    "2026-11-21 ", "20261121", "2026-+1-21"};
	int d;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (date_parse(str_from(bad[i]), &d))
			fail_msg("%s", bad[i]);
	assert_false(date_parse((struct str){0}, &d));
}

static void
texts_of_times(void **state)
{
	struct buf b = {0};
	int64_t back;
	(void)state;
	time_print(1795271400, &b);
	assert_string_equal(buf_z(&b), "2026-11-21T14:30:00Z");
	for (int i = 0; i < 20000; i++) {
		int64_t t = (int64_t)(draw() % 315537897600) - 62135596800;
		buf_reset(&b);
		time_print(t, &b);
		assert_int_equal(b.n, TIME_LEN);
		assert_true(time_parse(str_of(&b), &back));
		assert_int_equal(back, t);
	}
	buf_reset(&b);
	time_print(INT64_MIN, &b);
	assert_string_equal(buf_z(&b), "0001-01-01T00:00:00Z");
	buf_reset(&b);
	time_print(INT64_MAX, &b);
	assert_string_equal(buf_z(&b), "9999-12-31T23:59:59Z");
	buf_clear(&b);
}

static void
times_of_rfc_3339(void **state)
{
	static const struct {
		const char *text;
		int64_t utc;
	} good[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"1970-01-01 00:00:00z", 0},
	    {"1970-01-01t01:00:00+01:00", 0},
	    {"1969-12-31T22:30:00-01:30", 0},
	    {"1970-01-01T00:00:00.999999Z", 0},
	    {"1970-01-01T00:00:01.5-00:00", 1},
	    {"2016-12-31T23:59:60Z", 1483228800},
	    {"2017-01-01T00:59:60+01:00", 1483228800},
	    {"9999-12-31T23:59:59Z", 253402300799},
	};
	static const char *const bad[] = {"1970-01-01T00:00:00",
	    "1970-01-01T00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z",
	    "1970-01-01T00:00:60Z", "1970-01-01T00:00:61Z",
	    "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00+1:00",
	    "1970-01-01T00:00:00+0100", "1970-01-01T00:00:00+24:00",
	    "1970-01-01T00:00:00+01:60", "1970-01-01T00:00:00ZZ",
	    "1970-01-01_00:00:00Z", "1970-02-30T00:00:00Z",
	    "1970-01-01T00:00:00+01:00 ", "1970-01-01T0:00:000Z",
	    "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
	    "9999-12-31T23:59:60Z", ""};
	int64_t t;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		if (!time_parse(str_from(good[i].text), &t))
			fail_msg("%s", good[i].text);
		assert_int_equal(t, good[i].utc);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (time_parse(str_from(bad[i]), &t))
			fail_msg("%s", bad[i]);
}

/* Any bytes: no crash, and what is read prints as itself. */
static void
times_of_noise(void **state)
{
	static const char alphabet[] = "0123456789-+:TtZz. 2026";
	char text[32];
	struct buf b = {0};
	(void)state;
	for (int i = 0; i < 200000; i++) {
		int64_t t;
		int64_t back;
		size_t n = draw() % sizeof text;
		memcpy(text, "2026-11-21T14:30:00.5+01:00Z0123", sizeof text);
		for (size_t k = 0; k < 3; k++)
			text[draw() % sizeof text] =
			    alphabet[draw() % (sizeof alphabet - 1)];
		if (!time_parse((struct str){text, n}, &t))
			continue;
		buf_reset(&b);
		time_print(t, &b);
		assert_true(time_parse(str_of(&b), &back));
		assert_int_equal(back, t);
	}
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_day_goes_there_and_back),
	    cmocka_unit_test(days_that_do_not_exist),
	    cmocka_unit_test(known_days),
	    cmocka_unit_test(iso_weeks_follow_their_thursday),
	    cmocka_unit_test(iso_weeks_known),
	    cmocka_unit_test(months_are_clamped),
	    cmocka_unit_test(business_days_are_counted),
	    cmocka_unit_test(clocks_that_are_changed),
	    cmocka_unit_test(days_of_instants),
	    cmocka_unit_test(texts_of_dates),
	    cmocka_unit_test(texts_that_are_no_date),
	    cmocka_unit_test(texts_of_times),
	    cmocka_unit_test(times_of_rfc_3339),
	    cmocka_unit_test(times_of_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
