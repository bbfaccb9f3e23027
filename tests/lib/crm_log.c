/* SPDX-License-Identifier: ISC */
/* Texts split into subject and body, channels, local days. */
#include <setjmp.h>
#include <stdarg.h>

#include "base/utf8.h"
#include "crm/day.h"
#include "crm/log.h"

#include <cmocka.h>

static void
split_is(const char *text, const char *subject, const char *body)
{
	struct buf got = {0};
	struct str rest;

	log_split(str_from(text), &got, &rest);
	assert_string_equal(buf_z(&got), subject);
	assert_int_equal(rest.n, strlen(body));
	if (rest.n)
		assert_memory_equal(rest.p, body, rest.n);
	buf_clear(&got);
}

static void
first_line_is_the_subject(void **state)
{
	(void)state;
	split_is("one", "one", "");
	split_is("  one \n", "one", "");
	split_is("\n \n one\r\ntwo\r\nthree\n\n", "one", "two\r\nthree");
	split_is("one\n\ntwo", "one", "\ntwo");
	split_is("", "", "");
	split_is(" \n\r\n\t", "", "");
}

static void
long_lines_are_cut(void **state)
{
	struct buf text = {0}, got = {0};
	struct str body;
	size_t bad;

	(void)state;
	for (int i = 0; i < LOG_SUBJECT_MAX; i++)
		buf_addc(&text, 'x');
	log_split(str_of(&text), &got, &body);
	assert_int_equal(got.n, LOG_SUBJECT_MAX);
	assert_int_equal(body.n, 0);
	/* One byte more, without a blank, then with two-byte letters at every
	 * offset: never inside one of them. */
	for (size_t shift = 0; shift < 4; shift++) {
		buf_reset(&text);
		buf_reset(&got);
		for (size_t i = 0; i < shift; i++)
			buf_addc(&text, 'x');
		while (text.n <= LOG_SUBJECT_MAX)
			buf_addz(&text, "ü");
		log_split(str_of(&text), &got, &body);
		assert_true(got.n <= LOG_SUBJECT_MAX);
		assert_true(utf8_valid(str_of(&got), &bad));
		assert_true(str_ends(str_of(&got), STR("ü…")));
		assert_true(str_eq(body, str_of(&text)));
	}
	buf_clear(&text);
	buf_clear(&got);
}

static void
channels(void **state)
{
	(void)state;
	assert_true(str_is(log_channel(STR("call")), "phone"));
	assert_true(str_is(log_channel(STR("Email")), "email"));
	assert_int_equal(log_channel(STR("meeting")).n, 0);
	assert_int_equal(log_channel(STR("")).n, 0);
}

static long
east(int64_t utc, void *arg)
{
	/* Two hours from 1970-01-11 on, one before: a summer time. */
	(void)arg;
	return utc < 10 * 86400 ? 3600 : 7200;
}

static void
days_of_a_zone(void **state)
{
	struct zone z = {.offset = east};
	struct when w, moved;

	(void)state;
	assert_true(day_read(STR("1970-01-03"), &z, &w));
	assert_int_equal(w.day, 2);
	assert_false(w.has_time);
	assert_true(day_read(STR("1970-01-03T23:30:00Z"), &z, &w));
	assert_int_equal(w.day, 3);
	assert_true(w.has_time);
	assert_false(day_read(STR("1970-01-3"), &z, &w));
	assert_false(day_read(STR(""), &z, &w));
	/* 08:00Z is nine o'clock, and nine o'clock later is 07:00Z. */
	assert_true(day_read(STR("1970-01-03T08:00:00Z"), &z, &w));
	moved = day_move(&w, 20, &z);
	assert_int_equal(moved.utc, 20 * 86400 + 7 * 3600);
	assert_int_equal(moved.day, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_line_is_the_subject),
	    cmocka_unit_test(long_lines_are_cut),
	    cmocka_unit_test(channels),
	    cmocka_unit_test(days_of_a_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
