/* SPDX-License-Identifier: ISC */
/* Unit tests of recur: rules and their refusals, the dates of a series
 * against one found day by day, RRULE. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/recur.h"

static uint64_t seed = 17;

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
day(const char *text)
{
	int d;
	assert_true(date_parse(str_from(text), &d));
	return d;
}

/* Saturday 2026-11-21, noon. */
static struct clock
clock_fixed(void)
{
	return (struct clock){.now = 1795262400};
}

static struct recur
rule(const char *text)
{
	struct clock c = clock_fixed();
	struct recur r;
	struct diag dg = {0};
	if (recur_parse(str_from(text), &c, &r, &dg))
		fail_msg("%s: %s", text, diag_text(&dg));
	diag_clear(&dg);
	return r;
}

static bool
rule_same(const struct recur *a, const struct recur *b)
{
	return a->after == b->after && a->n == b->n && a->unit == b->unit &&
	       a->on == b->on && a->weekdays == b->weekdays &&
	       a->day == b->day && a->until == b->until && a->count == b->count;
}

/* The dates of a rule from ANCHOR on, each closed on its day. */
static void
series_print(const char *text, const char *anchor, int n, struct buf *out)
{
	struct recur r = rule(text);
	int from = day(anchor);
	int d = from - 1;
	buf_reset(out);
	for (int i = 0; i < n; i++) {
		if (!recur_next(&r, from, d, d, d, i, &d)) {
			buf_addz(out, " end");
			return;
		}
		buf_addc(out, ' ');
		date_print(d, out);
	}
}

static void
series_are_as_written(void **state)
{
	static const struct {
		const char *rule, *anchor;
		int n;
		const char *want;
	} facts[] = {
	    {"d", "2026-12-30", 3, " 2026-12-30 2026-12-31 2027-01-01"},
	    {"10d", "2026-02-20", 3, " 2026-02-20 2026-03-02 2026-03-12"},
	    {"2w", "2026-11-21", 3, " 2026-11-21 2026-12-05 2026-12-19"},
	    /* the end of the month without drift */
	    {"m", "2026-01-31", 6,
		" 2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31"
		" 2026-06-30"},
	    {"1m", "2027-12-30", 4,
		" 2027-12-30 2028-01-30 2028-02-29 2028-03-30"},
	    {"q", "2026-11-30", 4,
		" 2026-11-30 2027-02-28 2027-05-30 2027-08-30"},
	    {"y", "2024-02-29", 5,
		" 2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29"},
	    {"m on 15", "2026-01-31", 3, " 2026-02-15 2026-03-15 2026-04-15"},
	    {"m on 31", "2026-01-15", 3, " 2026-01-31 2026-02-28 2026-03-31"},
	    {"m on last", "2026-01-31", 3, " 2026-01-31 2026-02-28 2026-03-31"},
	    {"m on last fri", "2026-01-01", 4,
		" 2026-01-30 2026-02-27 2026-03-27 2026-04-24"},
	    {"q on last mo", "2026-01-27", 3,
		" 2026-04-27 2026-07-27 2026-10-26"},
	    {"y on 1", "2026-03-15", 2, " 2027-03-01 2028-03-01"},
	    {"w on mo,th", "2026-11-21", 4,
		" 2026-11-23 2026-11-26 2026-11-30 2026-12-03"},
	    {"2w on mo,th", "2026-11-24", 4,
		" 2026-11-26 2026-12-07 2026-12-10 2026-12-21"},
	    {"b", "2026-11-20", 3, " 2026-11-20 2026-11-23 2026-11-24"},
	    {"3b", "2026-11-19", 3, " 2026-11-19 2026-11-24 2026-11-27"},
	    {"b", "2026-11-21", 3, " 2026-11-21 2026-11-23 2026-11-24"},
	    {"m x3", "2026-01-31", 9, " 2026-01-31 2026-02-28 2026-03-31 end"},
	    {"w until 2026-12-05", "2026-11-21", 9,
		" 2026-11-21 2026-11-28 2026-12-05 end"},
	    {"w until 2026-12-04", "2026-11-21", 9,
		" 2026-11-21 2026-11-28 end"},
	    {"y", "9998-06-01", 9, " 9998-06-01 9999-06-01 end"},
	    {"d", "9999-12-31", 9, " 9999-12-31 end"},
	    {"b", "9999-12-31", 9, " 9999-12-31 end"},
	    {"w on su", "9999-12-25", 9, " 9999-12-26 end"},
	    {"m", "0001-01-01", 2, " 0001-01-01 0001-02-01"},
	};
	struct buf got = {0};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		series_print(facts[i].rule, facts[i].anchor, facts[i].n, &got);
		if (strcmp(buf_z(&got), facts[i].want) != 0)
			fail_msg("%s from %s:%s", facts[i].rule,
			    facts[i].anchor, buf_z(&got));
	}
	buf_clear(&got);
}

/* An item closed late leads to one date after today, not to the missed. */
static void
missed_dates_do_not_pile_up(void **state)
{
	static const struct {
		const char *rule, *anchor, *last, *today, *want;
	} facts[] = {
	    {"m", "2026-01-31", "2026-01-31", "2026-11-21", "2026-11-30"},
	    {"m", "2026-01-31", "2026-01-31", "2026-02-28", "2026-03-31"},
	    {"w", "2026-01-05", "2026-01-05", "2026-11-21", "2026-11-23"},
	    {"2w", "2026-01-05", "2026-01-05", "2026-11-21", "2026-11-23"},
	    {"d", "2026-01-05", "2026-01-05", "2026-11-21", "2026-11-22"},
	    {"y", "2020-05-05", "2020-05-05", "2026-11-21", "2027-05-05"},
	    /* closed before it was due: the date behind it */
	    {"m", "2026-01-31", "2026-11-30", "2026-11-21", "2026-12-31"},
	    {"w on mo", "2026-01-05", "2026-11-30", "2026-11-21", "2026-12-07"},
	    /* not begun yet */
	    {"w", "2027-01-04", "2026-11-01", "2026-11-21", "2027-01-04"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		struct recur r = rule(facts[i].rule);
		int next;
		assert_true(
		    recur_next(&r, day(facts[i].anchor), day(facts[i].last),
			day(facts[i].today), day(facts[i].today), 1, &next));
		assert_int_equal(next, day(facts[i].want));
	}
}

static void
after_counts_from_completion(void **state)
{
	struct recur r = rule("after 6w");
	int next;
	(void)state;
	assert_true(r.after);
	assert_true(recur_next(&r, day("2026-01-01"), day("2026-01-01"),
	    day("2026-11-20"), day("2026-11-21"), 1, &next));
	assert_int_equal(next, day("2027-01-01"));
	r = rule("after m");
	assert_true(recur_next(&r, 0, 0, day("2026-01-31"), 0, 1, &next));
	assert_int_equal(next, day("2026-02-28"));
	assert_false(recur_next(&r, 0, 0, DATE_MAX, 0, 1, &next));
}

static void
intervals_are_added(void **state)
{
	struct recur r = rule("3m");
	(void)state;
	assert_int_equal(recur_add(&r, day("2026-11-30")), day("2027-02-28"));
	r = rule("30d");
	assert_int_equal(recur_add(&r, day("2026-11-21")), day("2026-12-21"));
	r = rule("5b");
	assert_int_equal(recur_add(&r, day("2026-11-20")), day("2026-11-27"));
	assert_int_equal(recur_add(&r, DATE_MAX), DATE_MAX);
}

/* What is written differently and read the same. */
static void
rules_have_one_canonical_text(void **state)
{
	static const char *const facts[][2] = {
	    {"w", "1w"},
	    {"1w", "1w"},
	    {"2 weeks", "2w"},
	    {"week", "1w"},
	    {"every 2w", "2w"},
	    {"alle 2 Wochen", "2w"},
	    {"M", "1m"},
	    {"q on last", "1q on last"},
	    {"w on th,mo", "1w on mo,th"},
	    {"w on Mo,Do", "1w on mo,th"},
	    {"w on mo, th x2", "1w on mo,th x2"},
	    {"w on monday,Thu", "1w on mo,th"},
	    {"w am Montag", "1w on mo"},
	    {"w on mo,mo", "1w on mo"},
	    {"w on mo,tu,we,th,fr,sa,su", "1w on mo,tu,we,th,fr,sa,su"},
	    {"m on 15", "1m on 15"},
	    {"m on 15th", "1m on 15"},
	    {"m am 15.", "1m on 15"},
	    {"m on last fri", "1m on last fr"},
	    {"m on last Freitag", "1m on last fr"},
	    {"m am letzten Freitag", "1m on last fr"},
	    {"5b x3", "5b x3"},
	    {"m until 2027-01-31", "1m until 2027-01-31"},
	    {"m until 31 jan 2027", "1m until 2027-01-31"},
	    {"m bis 31.1.2027", "1m until 2027-01-31"},
	    {"m until eoy", "1m until 2026-12-31"},
	    {"m on last fri x12", "1m on last fr x12"},
	    {"after 6w", "after 6w"},
	    {"After 6 weeks", "after 6w"},
	};
	struct buf got = {0};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		struct recur r = rule(facts[i][0]);
		buf_reset(&got);
		recur_print(&r, &got);
		assert_string_equal(buf_z(&got), facts[i][1]);
		struct recur again = rule(buf_z(&got));
		assert_true(rule_same(&again, &r));
	}
	buf_clear(&got);
}

static void
rules_that_are_refused(void **state)
{
	static const char *const facts[][2] = {
	    {"", "no date"},
	    {"2", "no interval '2'; write one like"},
	    {"2x", "no interval '2x'"},
	    {"x", "no interval 'x'"},
	    {"daily", "no interval 'daily'"},
	    {"0d", "an interval is 1 to 9999"},
	    {"10000d", "an interval is 1 to 9999"},
	    {"99999999999999999999d", "an interval is 1 to 9999"},
	    {"-1d", "no interval '-1d'"},
	    {"1.5m", "no interval"},
	    {"2h", "hours are not counted"},
	    {"w on", "'on' wants a day"},
	    {"w on 15", "does not go with w"},
	    {"w on last fri", "does not go with w"},
	    {"d on mo", "does not go with d"},
	    {"b on mo", "does not go with b"},
	    {"m on mo", "does not go with m"},
	    {"m on 32", "no day 32"},
	    {"m on 0", "no day 0"},
	    {"w on mo,", "no weekday ''"},
	    {"w on xx", "no weekday 'xx'"},
	    {"w on mo,,th", "no weekday ''"},
	    {"w on mo th", "cannot read 'th' here"},
	    {"m on last xx", "cannot read 'xx' here"},
	    {"m until", "'until' wants a date"},
	    {"m until fryday", "did you mean 'friday'"},
	    {"m until 2027-02-30", "February 2027 has 28 days"},
	    {"m until today 14:30", "a day without a time"},
	    {"m x0", "write x1"},
	    {"m x99999", "write x9999"},
	    {"m x3 x4", "nothing comes behind the end"},
	    {"m x3 until 2027-01-01", "nothing comes behind the end"},
	    {"m foo", "cannot read 'foo' here"},
	    {"after", "no interval ''"},
	    {"after 6w x3", "takes one interval"},
	    {"after 6w on mo", "takes one interval"},
	    {"m on 15 on 16", "cannot read 'on' here"},
	};
	struct clock c = clock_fixed();
	struct diag dg = {0};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		struct recur r;
		enum crm_err err =
		    recur_parse(str_from(facts[i][0]), &c, &r, &dg);
		const char *got = diag_text(&dg);
		if (err != CRM_USAGE || !strstr(got, facts[i][1]) ||
		    strncmp(got, "repetition '", 12) != 0)
			fail_msg("%s: %d %s", facts[i][0], (int)err, got);
	}
	diag_clear(&dg);
}

/* A stored rule is read without a clock. */
static void
stored_rules_are_written_out(void **state)
{
	struct recur r;
	struct diag dg = {0};
	(void)state;
	assert_int_equal(
	    recur_parse(STR("1w on fr until 2027-01-31"), NULL, &r, &dg),
	    CRM_OK);
	assert_int_equal(r.until, day("2027-01-31"));
	assert_int_equal(recur_parse(STR("after 6w"), NULL, &r, &dg), CRM_OK);
	assert_int_equal(
	    recur_parse(STR("1w until eoy"), NULL, &r, &dg), CRM_USAGE);
	assert_non_null(strstr(diag_text(&dg), "'eoy' is not written out"));
	diag_clear(&dg);
}

/* D is a date of the series: the definition, without any jumping ahead. */
static bool
series_has(const struct recur *r, int anchor, int business, int d)
{
	static const int months[] = {0, 0, 0, 1, 3, 12};
	struct civil a = date_civil(anchor);
	struct civil c = date_civil(d);
	int weekday = date_weekday(d);
	int length = date_month_length(c.year, c.month);
	int want = r->on == RECUR_ON_DAY ? r->day : a.day;
	if (d < anchor)
		return false;
	switch (r->unit) {
	case RECUR_DAY:
		return (d - anchor) % r->n == 0;
	case RECUR_BUSINESS:
		return d == anchor || (weekday <= 5 && business % r->n == 0);
	case RECUR_WEEK:
		if (r->on == RECUR_ON_NONE)
			return (d - anchor) % (7 * r->n) == 0;
		return (r->weekdays & 1U << (weekday - 1)) &&
		       (d - weekday - (anchor - date_weekday(anchor))) / 7 %
			       r->n ==
			   0;
	default:
		break;
	}
	int gone = (c.year - a.year) * 12 + c.month - a.month;
	if (gone % (r->n * months[r->unit]) != 0)
		return false;
	if (r->on == RECUR_ON_LAST_WEEKDAY)
		return c.day > length - 7 &&
		       (r->weekdays & 1U << (weekday - 1));
	if (r->on == RECUR_ON_LAST_DAY || want > length)
		want = length;
	return c.day == want;
}

static void
rule_draw(struct buf *text)
{
	static const char *const names[] = {
	    "mo", "tu", "we", "th", "fr", "sa", "su"};
	char unit = "dbwmqy"[draw() % 6];
	const char *name = names[draw() % 7];
	unsigned on = draw() % 4;
	buf_reset(text);
	buf_addf(text, "%d%c", (int)(draw() % 7) + 1, unit);
	if (unit == 'w' && on > 1)
		buf_addf(text, " on %s,%s", name, names[draw() % 7]);
	if (strchr("mqy", unit) && on == 1)
		buf_addf(text, " on %d", (int)(draw() % 31) + 1);
	if (strchr("mqy", unit) && on == 2)
		buf_addz(text, " on last");
	if (strchr("mqy", unit) && on == 3)
		buf_addf(text, " on last %s", name);
}

/* Day by day through about eight years; TODAY is some days late at times. */
static void
rule_walk(const struct recur *r, const char *text, int anchor)
{
	int business = 0;
	int next = anchor - 1;
	int last = next;
	assert_true(recur_next(r, anchor, last, last, last, 0, &next));
	for (int d = anchor; d < anchor + 3000; d++) {
		business += d > anchor && date_weekday(d) <= 5;
		bool has = series_has(r, anchor, business, d);
		if (has != (d == next))
			fail_msg(
			    "%s from %d: %d, next %d", text, anchor, d, next);
		if (!has)
			continue;
		last = d;
		assert_true(recur_next(r, anchor, last, d, d, 1, &next));
		assert_true(next > d);
	}
	/* closed long after it was due */
	for (int i = 0; i < 20; i++) {
		int today = anchor + (int)(draw() % 3000);
		int from = anchor + (int)(draw() % 3000);
		int after = today > from ? today : from;
		assert_true(
		    recur_next(r, anchor, from, today, today, 1, &next));
		int step = anchor - 1;
		while (step <= after)
			assert_true(
			    recur_next(r, anchor, step, step, step, 0, &step));
		assert_int_equal(next, step);
	}
}

static void
random_rules_match_their_definition(void **state)
{
	struct buf text = {0};
	struct buf canon = {0};
	(void)state;
	for (int i = 0; i < 600; i++) {
		rule_draw(&text);
		struct recur r = rule(buf_z(&text));
		int anchor = day("2026-01-01") + (int)(draw() % 1500);
		rule_walk(&r, buf_z(&text), anchor);
		buf_reset(&canon);
		recur_print(&r, &canon);
		struct recur again = rule(buf_z(&canon));
		assert_true(rule_same(&again, &r));
	}
	buf_clear(&text);
	buf_clear(&canon);
}

static void
rrules_of_calendars(void **state)
{
	static const char *const facts[][3] = {
	    {"d", "2026-11-21", "FREQ=DAILY"},
	    {"3d x5", "2026-11-21", "FREQ=DAILY;INTERVAL=3;COUNT=5"},
	    {"w", "2026-11-21", "FREQ=WEEKLY"},
	    {"2w on mo,th", "2026-11-23", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"},
	    {"b", "2026-11-20", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
	    {"5b", "2026-11-20", "FREQ=WEEKLY;BYDAY=FR"},
	    {"10b", "2026-11-18", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE"},
	    {"m", "2026-11-21", "FREQ=MONTHLY;BYMONTHDAY=21"},
	    {"m", "2026-01-28", "FREQ=MONTHLY;BYMONTHDAY=28"},
	    {"m", "2026-01-29", "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1"},
	    {"m", "2026-01-30", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"},
	    {"m", "2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1"},
	    {"q", "2026-01-31", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1"},
	    {"2m on 30", "2026-01-30",
		"FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=28,29,30;BYSETPOS=-1"},
	    {"m on last", "2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1"},
	    {"m on last fri until 2026-12-31", "2026-01-30",
		"FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20261231"},
	    {"y", "2026-11-21", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=21"},
	    {"4y", "2024-02-29",
		"FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=-1"},
	    {"y on 30", "2026-02-01", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"},
	    {"y", "2026-02-28", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28"},
	    {"y on 31", "2026-04-01", "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=-1"},
	    {"y on last", "2026-02-01", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"},
	    {"y on last su", "2026-03-01", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"},
	};
	static const char *const none[] = {"after 6w", "2b", "7b"};
	struct buf got = {0};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		struct recur r = rule(facts[i][0]);
		buf_reset(&got);
		assert_true(recur_rrule(&r, day(facts[i][1]), &got));
		assert_string_equal(buf_z(&got), facts[i][2]);
	}
	buf_reset(&got);
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		struct recur r = rule(none[i]);
		assert_false(recur_rrule(&r, 20000, &got));
		assert_int_equal(got.n, 0);
	}
	buf_clear(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(series_are_as_written),
	    cmocka_unit_test(missed_dates_do_not_pile_up),
	    cmocka_unit_test(after_counts_from_completion),
	    cmocka_unit_test(intervals_are_added),
	    cmocka_unit_test(rules_have_one_canonical_text),
	    cmocka_unit_test(rules_that_are_refused),
	    cmocka_unit_test(stored_rules_are_written_out),
	    cmocka_unit_test(random_rules_match_their_definition),
	    cmocka_unit_test(rrules_of_calendars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
