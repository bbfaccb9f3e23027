/* SPDX-License-Identifier: ISC */
/* Tests of the calendar reader: fields, times and zones, repetition, what is
 * left out, what is broken, and the way there and back. */
#include "query_test.h"

#include "crm/export_ical.h"
#include "crm/import_ical.h"
#include "text/ical_value.h"
#include "text/ical_zone.h"
#include "text_test.h"

#include <fcntl.h>

struct input {
	struct str text;
	size_t at, step;
};

static ptrdiff_t
input_read(void *arg, char *p, size_t n)
{
	struct input *in = arg;
	size_t left = in->text.n - in->at;

	n = n < left ? n : left;
	n = n < in->step ? n : in->step;
	if (n)
		memcpy(p, in->text.p + in->at, n);
	in->at += n;
	return (ptrdiff_t)n;
}

static void
heard(void *arg, const char *text)
{
	buf_addf(arg, "! %s\n", text);
}

/* Local time of the tests: an hour east, two from April to September. */
static long
bern_offset(int64_t utc, void *arg)
{
	int month = date_civil(date_local(NULL, utc, NULL)).month;

	(void)arg;
	return month >= 4 && month <= 9 ? 7200 : 3600;
}

static void
row_print(const struct rows_row *row, struct buf *out)
{
	buf_addf(out, "%.*s %llu\n", STR_ARG(row->kind),
	    (unsigned long long)row->line);
	for (size_t i = 0; i < row->n; i++)
		if (row->cells[i].n)
			buf_addf(out, "%.*s=%.*s\n", STR_ARG(row->names[i]),
			    STR_ARG(row->cells[i]));
}

/* Everything that TEXT gives, rows, refusals and warnings, into OUT. */
static enum crm_err
read_all(
    struct str text, size_t step, const struct ical_options *o, struct buf *out)
{
	struct input in = {.text = text, .step = step};
	struct source src = {.read = input_read, .arg = &in, .name = "x.ics"};
	struct ical_options mine = *o;
	struct diag dg = {0};
	struct rows *rows = NULL;
	struct rows_row row;
	bool got = true;
	enum crm_err err;

	mine.warn = heard;
	mine.arg = out;
	err = ical_rows_open(&rows, &src, &mine, &dg);
	while (!err && got) {
		err = rows_next(rows, &row, &got, &dg);
		if (err == CRM_DATA) {
			buf_addf(out, "? %s\n", diag_text(&dg));
			diag_clear(&dg);
			err = CRM_OK;
			continue;
		}
		if (!err && got)
			row_print(&row, out);
	}
	rows_close(rows);
	diag_clear(&dg);
	return err;
}

static const struct clock utc_clock = {.now = INT64_C(1772452800)};
static const struct clock bern_clock = {
    .now = INT64_C(1772452800), .zone = {.offset = bern_offset}};

/* TEXT has LF, the calendar around it comes by itself. */
static void
reads_at(const struct clock *clock, const char *text, const char *want)
{
	struct ical_options o = {.clock = clock};
	struct buf in = {0}, out = {0};

	buf_addf(&in, "BEGIN:VCALENDAR\n%sEND:VCALENDAR\n", text);
	for (size_t step = 1; step < 5000; step *= 17) {
		buf_reset(&out);
		assert_int_equal(read_all(str_of(&in), step, &o, &out), CRM_OK);
		assert_string_equal(buf_z(&out), want);
	}
	buf_clear(&in);
	buf_clear(&out);
}

static void
reads(const char *text, const char *want)
{
	reads_at(&utc_clock, text, want);
}

/* ---- values ------------------------------------------------------------ */

static void
times_are_read(void **state)
{
	static const struct {
		const char *text, *want;
	} good[] = {{"20260302", "2026-03-02"}, {" 20260302 ", "2026-03-02"},
	    {"20260302T143000Z", "2026-03-02T14:30:00Z"},
	    {"20260302T143060", "2026-03-02T14:30:59Z"},
	    {"2026-03-02", "2026-03-02"},
	    {"2026-03-02T14:30:00+01:00", "2026-03-02T13:30:00Z"},
	    {"00010101T000000Z", "0001-01-01T00:00:00Z"}};
	static const char *const bad[] = {"", "2026", "20260230",
	    "2026717T080000Z", "20260302T", "20260302T2430", "20260302T240000",
	    "20260302T143000z", "20260302 143000", "00000101", "x0260302",
	    "20260302T14300", "Z"};
	struct ical_time t;
	struct buf b = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(ical_time_read(str_from(good[i].text), &t));
		buf_reset(&b);
		if (t.is_day)
			date_print(t.day, &b);
		else
			time_print(date_to_utc(NULL, t.day, t.secs), &b);
		assert_string_equal(buf_z(&b), good[i].want);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (ical_time_read(str_from(bad[i]), &t))
			fail_msg("%s", bad[i]);
	buf_clear(&b);
}

static void
spans_are_read(void **state)
{
	static const struct {
		const char *text;
		int days;
		int64_t secs;
	} good[] = {{"PT90M", 0, 5400}, {"P1W", 7, 0},
	    {"P15DT5H0M20S", 15, 18020}, {"-P1DT2H", -1, -7200},
	    {"+PT1H", 0, 3600}, {"PT0S", 0, 0}, {"P1W2D", 9, 0}};
	static const char *const bad[] = {"", "P", "PT", "PT5", "P5H", "PT1D",
	    "90M", "PT-5M", "P99999999999D", "PT999999999999999999999S", "PTM",
	    "P1DT"};
	struct ical_span s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(ical_span_read(str_from(good[i].text), &s));
		assert_int_equal(s.days, good[i].days);
		assert_int_equal(s.secs, good[i].secs);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (ical_span_read(str_from(bad[i]), &s))
			fail_msg("%s", bad[i]);
}

/* RULE of a series that starts on DAY, in our words; "" for none. */
static void
rule_is(const char *day, const char *text, const char *want)
{
	struct ical_time start = {.is_day = true};
	struct ical_rule rule;
	struct recur r;
	struct buf b = {0};

	assert_true(date_parse(str_from(day), &start.day));
	if (ical_rule_read(str_from(text), &rule) &&
	    ical_rule_recur(&rule, &start, NULL, &r))
		recur_print(&r, &b);
	if (!str_is(str_of(&b), want))
		fail_msg("%s %s: %s, not %s", day, text, buf_z(&b), want);
	buf_clear(&b);
}

static void
rules_are_ours_or_none(void **state)
{
	(void)state;
	rule_is("2026-03-02", "FREQ=DAILY", "1d");
	rule_is("2026-03-02", "FREQ=DAILY;INTERVAL=3;COUNT=5", "3d x5");
	rule_is("2026-03-02", "FREQ=WEEKLY;INTERVAL=2", "2w");
	rule_is("2026-03-02", "FREQ=WEEKLY;BYDAY=MO,TH", "1w on mo,th");
	rule_is("2026-03-02", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "1b");
	rule_is("2026-03-02", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "1b");
	rule_is("2026-03-02", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU", "");
	rule_is("2026-03-15", "FREQ=MONTHLY", "1m");
	rule_is("2026-03-31", "FREQ=MONTHLY", "");
	rule_is("2026-03-15", "FREQ=MONTHLY;BYMONTHDAY=15", "1m");
	rule_is("2026-03-15", "FREQ=MONTHLY;BYMONTHDAY=20", "1m on 20");
	rule_is("2026-03-31", "FREQ=MONTHLY;BYMONTHDAY=31", "");
	rule_is("2026-03-31", "FREQ=MONTHLY;BYMONTHDAY=-1", "1m on last");
	rule_is(
	    "2026-03-30", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", "1m");
	rule_is("2026-03-02",
	    "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=28,29;BYSETPOS=-1", "3m on 29");
	rule_is("2026-03-27", "FREQ=MONTHLY;BYDAY=-1FR", "1m on last fr");
	rule_is(
	    "2026-03-27", "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "1m on last fr");
	rule_is("2026-03-10", "FREQ=MONTHLY;BYDAY=2TU", "");
	rule_is("2026-03-10", "FREQ=YEARLY", "1y");
	rule_is("2024-02-29", "FREQ=YEARLY", "");
	rule_is("2026-03-10", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=10", "1y");
	rule_is("2026-03-10", "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=10", "");
	rule_is(
	    "2026-03-27", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1FR", "1y on last fr");
	rule_is(
	    "2026-03-02", "FREQ=WEEKLY;UNTIL=20261231", "1w until 2026-12-31");
	rule_is("2026-03-02", "FREQ=HOURLY", "");
	rule_is("2026-03-02", "FREQ=DAILY;BYHOUR=9", "");
	rule_is("2026-03-02", "FREQ=DAILY;INTERVAL=0", "");
	rule_is("2026-03-02", "FREQ=DAILY;COUNT=5;UNTIL=20261231", "");
	rule_is("2026-03-02", "FREQ=YEARLY;UNTIL=20123456T123456", "");
	rule_is("2026-03-02", "INTERVAL=2", "");
}

/* What recur_rrule writes has the same dates when it is read. */
static void
our_own_rules_come_back(void **state)
{
	static const char *const rules[] = {"1d", "10d", "1w", "3w on tu,sa",
	    "1b", "5b", "10b", "1m", "2m on 30", "1m on 29", "1m on 31",
	    "1m on last", "1q", "1q on last fri", "1y", "1y on 30",
	    "2y on last", "1y on last mon", "1w x7", "1m until 2029-01-01"};
	uint64_t seed = 5;
	struct buf text = {0};

	(void)state;
	for (unsigned n = 0; n < 4000; n++) {
		struct ical_time start = {.is_day = true,
		    .day = 20000 + (int)(test_rand(&seed) % 3000)};
		struct ical_rule rule;
		struct recur a, b;
		struct diag dg = {0};
		int x = start.day, y = x;

		assert_int_equal(
		    recur_parse(str_from(rules[n % ARRAY_LEN(rules)]),
			&utc_clock, &a, &dg),
		    CRM_OK);
		buf_reset(&text);
		if (!recur_rrule(&a, start.day, &text))
			continue;
		assert_true(ical_rule_read(str_of(&text), &rule));
		if (!ical_rule_recur(&rule, &start, NULL, &b)) {
			/* Weekends have no business days. */
			assert_int_equal(a.unit, RECUR_BUSINESS);
			continue;
		}
		for (int i = 1; i < 20; i++) {
			bool more = recur_next(&a, start.day, x, x, x, i, &x);

			assert_int_equal(
			    more, recur_next(&b, start.day, y, y, y, i, &y));
			if (x != y)
				fail_msg("%s from %d: %d, not %d", buf_z(&text),
				    start.day, y, x);
			if (!more)
				break;
		}
	}
	buf_clear(&text);
}

/* ---- zones ------------------------------------------------------------- */

static const char new_york[] =
    "BEGIN:VTIMEZONE\nTZID:New York\n"
    "BEGIN:DAYLIGHT\nDTSTART:19870405T020000\n"
    "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z\n"
    "TZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nEND:DAYLIGHT\n"
    "BEGIN:STANDARD\nDTSTART:19671029T020000\n"
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z\n"
    "TZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nEND:STANDARD\n"
    "BEGIN:DAYLIGHT\nDTSTART:20070311T020000\n"
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14\n"
    "TZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nEND:DAYLIGHT\n"
    "BEGIN:STANDARD\nDTSTART:20071104T020000\n"
    "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\n"
    "TZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nEND:STANDARD\n"
    "END:VTIMEZONE\n";

/* The start of a task with LOCAL time in ZONE, which the file explains before
 * or behind it. */
static void
start_is(const char *zone, const char *local, bool behind, const char *want)
{
	struct buf text = {0}, all = {0}, out = {0};
	struct ical_options o = {.clock = &utc_clock};

	buf_addf(&text,
	    "BEGIN:VTODO\nUID:a\nSUMMARY:x\nDUE;TZID=New York:%s\nEND:VTODO\n",
	    local);
	buf_addf(&all, "BEGIN:VCALENDAR\n%s%s%sEND:VCALENDAR\n",
	    behind ? buf_z(&text) : "", zone, behind ? "" : buf_z(&text));
	assert_int_equal(read_all(str_of(&all), 100, &o, &out), CRM_OK);
	buf_reset(&text);
	buf_addf(&text, "\ndue=%s\n", want);
	if (str_find(str_of(&out), str_of(&text)) == out.n)
		fail_msg("%s: %s, not %s", local, buf_z(&out), want);
	buf_clear(&text);
	buf_clear(&all);
	buf_clear(&out);
}

static void
zones_of_the_file(void **state)
{
	static const struct {
		const char *local, *utc;
	} times[] = {{"20260115T120000", "2026-01-15T17:00:00Z"},
	    {"20260615T120000", "2026-06-15T16:00:00Z"},
	    {"20260308T015959", "2026-03-08T06:59:59Z"},
	    {"20260308T023000", "2026-03-08T07:30:00Z"}, /* skipped */
	    {"20260308T030000", "2026-03-08T07:00:00Z"},
	    {"20261101T013000", "2026-11-01T05:30:00Z"}, /* the first */
	    {"20261101T020000", "2026-11-01T07:00:00Z"},
	    {"20060402T030000", "2006-04-02T07:00:00Z"},
	    {"20061029T020000", "2006-10-29T07:00:00Z"},
	    {"20070320T120000", "2007-03-20T16:00:00Z"},
	    {"20050320T120000", "2005-03-20T17:00:00Z"},
	    {"19600101T120000", "1960-01-01T16:00:00Z"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		start_is(new_york, times[i].local, false, times[i].utc);
		start_is(new_york, times[i].local, true, times[i].utc);
	}
}

static void
zones_of_odd_files(void **state)
{
	(void)state;
	/* One day, and dates of its own. */
	start_is("BEGIN:VTIMEZONE\nBEGIN:DAYLIGHT\nDTSTART:19740106T020000\n"
		 "RDATE:19750223T020000,19760425T020000\nTZOFFSETFROM:-0500\n"
		 "TZOFFSETTO:-0400\nEND:DAYLIGHT\nBEGIN:STANDARD\n"
		 "DTSTART;VALUE=DATE:19741027\nRDATE;VALUE=PERIOD:"
		 "19751026T020000/PT1H\nTZOFFSETFROM:-0400\n"
		 "TZOFFSETTO:-0500\nEND:STANDARD\nTZID:New York\n"
		 "END:VTIMEZONE\n",
	    "19751101T120000", true, "1975-11-01T17:00:00Z");
	start_is("BEGIN:VTIMEZONE\nTZID:New York\nBEGIN:STANDARD\n"
		 "DTSTART:18930401T000000\nTZOFFSETFROM:+005328\n"
		 "TZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n",
	    "18930301T000000", false, "1893-02-28T23:06:32Z");
}

static void
zones_that_nobody_knows(void **state)
{
	(void)state;
	reads("BEGIN:VTODO\nUID:a\nSUMMARY:x\nDUE;TZID=Mars/Base:"
	      "20260302T100000\nEND:VTODO\n"
	      "BEGIN:VTODO\nUID:b\nSUMMARY:y\nDUE;TZID=UTC:20260302T100000\n"
	      "END:VTODO\n",
	    "? x.ics:5: DUE: nothing says what the time zone 'Mars/Base' is; "
	    "add its VTIMEZONE\n"
	    "task 7\ntitle=y\ndue=2026-03-02T10:00:00Z\next=ical:b\n");
	/* A rule that is no day of the year explains nothing. */
	reads("BEGIN:VTIMEZONE\nTZID:Z1\nBEGIN:STANDARD\nDTSTART:20000101\n"
	      "RRULE:FREQ=DAILY\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n"
	      "END:STANDARD\nEND:VTIMEZONE\n"
	      "BEGIN:VTODO\nUID:a\nDUE;TZID=Z1:20260302T100000\nEND:VTODO\n",
	    "? x.ics:13: DUE: nothing says what the time zone 'Z1' is; add "
	    "its VTIMEZONE\n");
}

/* Bytes of a zone as the system has them: DAYS of change, a rule behind. */
static void
tzif(struct buf *out, const char *rule)
{
	static const unsigned char body[] = {/* one change, at 0: to type 1 */
	    0, 0, 0, 0, 0, 0, 0, 0, 1,
	    /* +0:30, +1:00 */
	    0, 0, 7, 8, 0, 0, 0, 0, 14, 16, 0, 0, 'L', 'M', 'T', 0};
	unsigned char head[44] = "TZif2";

	for (int twice = 0; twice < 2; twice++) {
		memset(head + 20, 0, 24);
		head[35] = twice ? 1 : 0;
		head[39] = twice ? 2 : 0;
		head[43] = twice ? 4 : 0;
		buf_add(out, (struct str){(const char *)head, 44});
	}
	buf_add(out, (struct str){(const char *)body, sizeof(body)});
	buf_addf(out, "\n%s\n", rule);
}

static void
zones_of_the_system(void **state)
{
	static const struct {
		const char *utc;
		long offset;
	} times[] = {{"1969-01-01T00:00:00Z", 1800},
	    {"1970-01-02T00:00:00Z", 3600}, {"1970-07-02T00:00:00Z", 7200},
	    {"2026-03-29T00:59:59Z", 3600}, {"2026-03-29T01:00:00Z", 7200},
	    {"2026-10-25T00:59:59Z", 7200}, {"2026-10-25T01:00:00Z", 3600}};
	struct ical_zone z = {0};
	struct buf bytes = {0};
	int64_t utc;

	(void)state;
	tzif(&bytes, "CET-1CEST,M3.5.0,M10.5.0/3");
	assert_true(ical_zone_system(&z, str_of(&bytes)));
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		assert_true(time_parse(str_from(times[i].utc), &utc));
		if (ical_zone_offset(utc, &z) != times[i].offset)
			fail_msg(
			    "%s: %ld", times[i].utc, ical_zone_offset(utc, &z));
	}
	ical_zone_clear(&z);
	/* Cut anywhere, and hurt anywhere. */
	for (size_t n = 0; n < bytes.n; n++) {
		struct str cut = str_head(str_of(&bytes), n);

		if (ical_zone_system(&z, cut))
			assert_true(n >= 44 + 44 + 25);
		ical_zone_clear(&z);
	}
	for (uint64_t seed = 1; seed < 3000; seed++) {
		uint64_t s = seed;
		struct buf hurt = {0};

		buf_add(&hurt, str_of(&bytes));
		test_mutate(&s, &hurt);
		if (ical_zone_system(&z, str_of(&hurt)))
			(void)ical_zone_offset(INT64_C(1772452800), &z);
		ical_zone_clear(&z);
		buf_clear(&hurt);
	}
	buf_clear(&bytes);
}

/* Greenland changes the evening before: at -1:00 of the day. */
static void
zones_with_odd_hours(void **state)
{
	struct ical_zone z = {0};
	struct buf bytes = {0};

	(void)state;
	tzif(&bytes, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
	assert_true(ical_zone_system(&z, str_of(&bytes)));
	assert_int_equal(ical_zone_offset(INT64_C(1774745999), &z), -7200);
	assert_int_equal(ical_zone_offset(INT64_C(1774746000), &z), -3600);
	ical_zone_clear(&z);
	buf_clear(&bytes);
}

/* ---- fields ------------------------------------------------------------ */

static void
a_task_has_its_fields(void **state)
{
	(void)state;
	reads("BEGIN:VTODO\nUID: a,b \nSUMMARY:Call\\, then\n"
	      "DESCRIPTION:one\\ntwo\nDUE;VALUE=DATE:20260305\n"
	      "DTSTART;VALUE=DATE:20260301\nPRIORITY:2\nSTATUS:IN-PROCESS\n"
	      "CATEGORIES:x,y\\,z\nCATEGORIES:w\nURL:https://x.example\n"
	      "CREATED:20260101T000000Z\nLAST-MODIFIED:20260102T000000Z\n"
	      "CLASS:PRIVATE\nLOCATION:Bern\\nWest\nX-A:1\nX-A:2\n"
	      "BEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM\nEND:VTODO\n",
	    "task 2\ntitle=Call, then\n"
	    "note=one\ntwo\nclass: PRIVATE\nlocation: Bern\nWest\n"
	    "priority=high\nstart=2026-03-01\ndue=2026-03-05\n"
	    "tag=x,y;z,w\nurl=https://x.example\next=ical:a%2Cb\n"
	    "created=2026-01-01T00:00:00Z\nstatus=doing\n"
	    "! x.ics: components left out: 1 VALARM (the first in line 19)\n"
	    "! x.ics: properties left out: 2 X-A (the first in line 17)\n");
	reads("BEGIN:VTODO\nUID:a\nDTSTART:20260301T100000Z\nDURATION:P1DT1H\n"
	      "COMPLETED:20260301T120000Z\nPRIORITY:0\nEND:VTODO\n",
	    "task 2\ntitle=untitled\nstart=2026-03-01T10:00:00Z\n"
	    "due=2026-03-02T11:00:00Z\ndone=2026-03-01T12:00:00Z\n"
	    "ext=ical:a\nstatus=done\n");
}

static void
a_meeting_has_its_fields(void **state)
{
	(void)state;
	reads_at(&bern_clock,
	    "BEGIN:VEVENT\nUID:a\nSUMMARY:Plan\nDTSTART:20260305T100000\n"
	    "DTEND:20260305T110000Z\nSTATUS:CONFIRMED\n"
	    "LOCATION:https://zoom.us/j/1\nEND:VEVENT\n"
	    "BEGIN:VEVENT\nUID:b\nSUMMARY:Fair\nDTSTART;VALUE=DATE:20260301\n"
	    "DTEND;VALUE=DATE:20260303\nSTATUS:CANCELLED\nEND:VEVENT\n"
	    "BEGIN:VEVENT\nUID:c\nDESCRIPTION:first\\nsecond\n"
	    "DTSTART:20260701T100000\nDURATION:PT90M\nRRULE:FREQ=DAILY\n"
	    "END:VEVENT\n",
	    "activity 2\nsubject=Plan\nstart=2026-03-05T09:00:00Z\n"
	    "end=2026-03-05T11:00:00Z\next=ical:a\nstatus=planned\n"
	    "type=meeting\nchannel=video\nnote=location: https://zoom.us/j/1\n"
	    "activity 10\nsubject=Fair\nstart=2026-03-01\nend=2026-03-02\n"
	    "ext=ical:b\nstatus=missed\ntype=meeting\n"
	    "activity 17\nsubject=first\nbody=first\nsecond\n"
	    "start=2026-07-01T08:00:00Z\nduration=90\next=ical:c\n"
	    "status=planned\ntype=meeting\nnote=rrule: FREQ=DAILY\n"
	    "! x.ics: meetings that repeat, stored with their first date and "
	    "the rule in the note: 1\n");
}

/* Whether it is over: its last day, in local time. */
static void
what_is_over_was_held(void **state)
{
	static const struct {
		const char *times, *want;
	} held[] = {{"DTSTART:20260302T110000Z\nDURATION:PT1H", "held"},
	    {"DTSTART:20260302T110000Z\nDURATION:PT1H1M", "planned"},
	    {"DTSTART:20260302T120000Z", "held"},
	    {"DTSTART:20260302", "planned"}, {"DTSTART:20260301", "held"},
	    {"DTSTART:20260228\nDTEND:20260303", "planned"},
	    {"DTSTART:20260228\nDURATION:P2D", "held"},
	    {"DTSTART:20260302T100000Z\nSTATUS:TENTATIVE", "planned"}};
	struct ical_options o = {.clock = &utc_clock};
	struct buf in = {0}, out = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(held); i++) {
		buf_reset(&in);
		buf_reset(&out);
		buf_addf(&in,
		    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n%s\nEND:VEVENT\n"
		    "END:VCALENDAR\n",
		    held[i].times);
		assert_int_equal(read_all(str_of(&in), 99, &o, &out), CRM_OK);
		buf_reset(&in);
		buf_addf(&in, "\nstatus=%s\n", held[i].want);
		if (str_find(str_of(&out), str_of(&in)) == out.n)
			fail_msg("%s: %s", held[i].times, buf_z(&out));
	}
	buf_clear(&in);
	buf_clear(&out);
}

static void
a_series_repeats_or_says_so(void **state)
{
	(void)state;
	reads("BEGIN:VTODO\nUID:a\nSUMMARY:x\nDTSTART:20260330\nDUE:20260330\n"
	      "RRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1\n"
	      "EXDATE:20260430\nEND:VTODO\n"
	      "BEGIN:VTODO\nUID:b\nSUMMARY:y\nDTSTART:20260310\nDUE:20260312\n"
	      "RRULE:FREQ=MONTHLY;BYDAY=2TU\nEND:VTODO\n"
	      "BEGIN:VTODO\nUID:c\nSUMMARY:z\nDTSTART:20260310\nDUE:20260312\n"
	      "RRULE:FREQ=WEEKLY\nEND:VTODO\n",
	    "task 2\ntitle=x\nnote=exdate: 20260430\ndue=2026-03-30\nevery=1m\n"
	    "ext=ical:a\n"
	    "! x.ics:15: no repetition of ours has exactly the dates of "
	    "'FREQ=MONTHLY;BYDAY=2TU'; it stands in the note\n"
	    "task 10\ntitle=y\nnote=rrule: FREQ=MONTHLY;BYDAY=2TU\n"
	    "start=2026-03-10\ndue=2026-03-12\next=ical:b\n"
	    "task 17\ntitle=z\nstart=2026-03-10\ndue=2026-03-12\nevery=1w\n"
	    "ext=ical:c\n");
}

static void
moved_dates_are_records(void **state)
{
	(void)state;
	reads("BEGIN:VEVENT\nUID:t1@crm\nRECURRENCE-ID:20260305\n"
	      "DTSTART:20260306\nSUMMARY:x\nSTATUS:TENTATIVE\nEND:VEVENT\n",
	    "activity 2\nsubject=x\nstart=2026-03-06\n"
	    "ext=ical:t1@crm/20260305\nstatus=planned\ntype=meeting\n"
	    "! x.ics: moved dates of a series, stored as records of their "
	    "own: 1\n");
}

/* Our own export says what the standard cannot; what was changed since
 * wins. */
static void
words_of_ours_hold_until_changed(void **state)
{
	struct world *w = world_new();
	struct ical_options o = {.clock = &w->clock, .store = w->s};
	static const char text[] =
	    "BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:t7@crm\nSUMMARY:x\n"
	    "DTSTART:20260131\nDUE:20260131\n"
	    "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1\nSTATUS:NEEDS-ACTION\n"
	    "X-CRM-STATUS:waiting\nX-CRM-EVERY:1m\nX-CRM-LANG:de\n"
	    "X-CRM-NONSENSE:1\nEND:VTODO\n"
	    "BEGIN:VTODO\nUID:t8@crm\nSUMMARY:x\n"
	    "DTSTART:20260131\nDUE:20260131\n"
	    "RRULE:FREQ=WEEKLY\nSTATUS:COMPLETED\nCOMPLETED:20260201T000001Z\n"
	    "X-CRM-STATUS:waiting\nX-CRM-EVERY:1m\nX-CRM-DONE:2026-02-01\n"
	    "END:VTODO\nEND:VCALENDAR\n";
	struct buf out = {0};

	(void)state;
	assert_int_equal(read_all(STR(text), 999, &o, &out), CRM_OK);
	assert_string_equal(buf_z(&out),
	    "task 2\ntitle=x\ndue=2026-01-31\nevery=1m\nid=t7\n"
	    "status=waiting\nlang=de\n"
	    "task 14\ntitle=x\ndue=2026-01-31\ndone=2026-02-01T00:00:01Z\n"
	    "every=1w\nid=t8\nstatus=done\n"
	    "! x.ics: properties left out: 1 X-CRM-NONSENSE (the first in "
	    "line 12)\n");
	buf_clear(&out);
	world_free(w);
}

static void
guests_who_are_known(void **state)
{
	struct world *w = world_new();
	struct ical_options o = {.clock = &w->clock, .store = w->s};
	static const char text[] =
	    "BEGIN:VEVENT\nUID:a\nDTSTART:20260301\nSUMMARY:x\n"
	    "ORGANIZER:MAILTO:Ada@X.example\nATTENDEE;CN=Two:mailto:two@x."
	    "example\n"
	    "ATTENDEE;CN=\"E, F\":mailto:e@x.example\nATTENDEE:c1\n"
	    "ATTENDEE;CUTYPE=ROOM;CN=R1:mailto:ada@x.example\nEND:VEVENT\n";
	struct buf out = {0};

	(void)state;
	begin(w);
	(void)add(w, "contact", "name=Ada;email=ada@x.example");
	(void)add(w, "contact", "name=One;email=two@x.example");
	(void)add(w, "contact", "name=Two;email=two@x.example");
	commit(w);
	assert_int_equal(read_all(STR(text), 999, &o, &out), CRM_OK);
	assert_string_equal(buf_z(&out),
	    "activity 1\nsubject=x\nstart=2026-03-01\next=ical:a\n"
	    "contact=Ada@X.example\nstatus=held\ntype=meeting\n"
	    "note=attendee: Two <two@x.example>\nattendee: E, F "
	    "<e@x.example>\nattendee: c1\nattendee: R1 <ada@x.example>\n");
	o.create = true;
	buf_reset(&out);
	assert_int_equal(read_all(STR(text), 999, &o, &out), CRM_OK);
	assert_true(str_find(str_of(&out),
			STR("contact=Ada@X.example,e@x.example\n")) < out.n);
	buf_clear(&out);
	world_free(w);
}

/* ---- what is broken ---------------------------------------------------- */

static void
broken_components_are_refused(void **state)
{
	(void)state;
	reads("BEGIN:VTODO\nSUMMARY:a\nDUE:2026-02-30\nEND:VTODO\n"
	      "BEGIN:VEVENT\nDTSTART:20260305T100000Z\nDTEND:20260305T090000Z\n"
	      "END:VEVENT\n"
	      "BEGIN:VEVENT\nDTSTART:20260305\nDURATION:-P1D\nEND:VEVENT\n"
	      "END:VTODO\n"
	      "BEGIN:VTODO\nUID:z\nSUMMARY:z\nEND:VTODO\n"
	      "BEGIN:VTODO\nSUMMARY:open\n",
	    "? x.ics:4: DUE: '2026-02-30' is no day and no moment; write "
	    "20260302 "
	    "or 20260302T143000Z\n"
	    "? x.ics:8: DTEND: '20260305T090000Z' is before DTSTART; correct "
	    "one of them\n"
	    "? x.ics:12: DURATION: '-P1D' goes backwards; write it without the "
	    "sign\n"
	    "task 15\ntitle=z\next=ical:z\n"
	    "? x.ics:19: VTODO is not ended; add its END line\n");
}

static void
what_is_no_calendar_ends_at_once(void **state)
{
	static const char *const texts[] = {"", "\n\n", "SUMMARY:x\n",
	    "hello\n", "a,b\n1,2\n", "END:VCALENDAR\n", "\xff\xfe\n"};
	struct ical_options o = {.clock = &utc_clock};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		buf_reset(&out);
		assert_int_equal(
		    read_all(str_from(texts[i]), 9, &o, &out), CRM_OK);
		if (str_find(str_of(&out), STR(": no calendar: ")) == out.n)
			fail_msg("%s: %s", texts[i], buf_z(&out));
	}
	buf_clear(&out);
}

/* One component is in memory, however many there are; one that is too long
 * goes, and the next one comes. */
static void
long_ones_are_refused(void **state)
{
	struct ical_options o = {.clock = &utc_clock};
	struct buf in = {0}, out = {0};

	(void)state;
	buf_addz(&in, "BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:a\n");
	for (int i = 0; i < 110000; i++)
		buf_addz(&in, "X-Y:1\n");
	buf_addz(&in, "END:VTODO\nBEGIN:VTODO\nUID:b\nSUMMARY:b\nEND:VTODO\n");
	buf_addz(&in, "END:VCALENDAR\n");
	assert_int_equal(read_all(str_of(&in), 65536, &o, &out), CRM_OK);
	assert_string_equal(buf_z(&out),
	    "? x.ics:2: VTODO is too long; no record can hold that much\n"
	    "task 110005\ntitle=b\next=ical:b\n");
	buf_clear(&in);
	buf_clear(&out);
}

static void
hurt_calendars_never_crash(void **state)
{
	static const char text[] =
	    "BEGIN:VTODO\nUID:t7@crm\nSUMMARY:x\nDTSTART:20260131T100000\n"
	    "DUE;TZID=New York:20260131T110000\nDURATION:P1DT2H\n"
	    "RRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;COUNT=3\n"
	    "X-CRM-EVERY:1m\nCATEGORIES:a\\,b,c\nATTENDEE;CN=\"x\":mailto:a@b\n"
	    "END:VTODO\nBEGIN:VEVENT\nDTSTART;TZID=\"New York\":20260131\n"
	    "RECURRENCE-ID:20260131\nDTEND:20260201\nATTACH:cid:1\n"
	    "BEGIN:VALARM\nEND:VALARM\nEND:VEVENT\n";
	struct ical_options o = {.clock = &bern_clock};
	struct buf whole = {0}, in = {0}, out = {0};

	(void)state;
	buf_addf(
	    &whole, "BEGIN:VCALENDAR\n%s%sEND:VCALENDAR\n", new_york, text);
	for (uint64_t seed = 1; seed < 4000; seed++) {
		uint64_t s = seed;

		buf_reset(&in);
		buf_reset(&out);
		buf_add(&in, str_of(&whole));
		test_mutate(&s, &in);
		test_mutate(&s, &in);
		assert_int_equal(read_all(str_of(&in), 64, &o, &out), CRM_OK);
	}
	buf_clear(&whole);
	buf_clear(&in);
	buf_clear(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_are_read),
	    cmocka_unit_test(spans_are_read),
	    cmocka_unit_test(rules_are_ours_or_none),
	    cmocka_unit_test(our_own_rules_come_back),
	    cmocka_unit_test(zones_of_the_file),
	    cmocka_unit_test(zones_of_odd_files),
	    cmocka_unit_test(zones_that_nobody_knows),
	    cmocka_unit_test(zones_of_the_system),
	    cmocka_unit_test(zones_with_odd_hours),
	    cmocka_unit_test(a_task_has_its_fields),
	    cmocka_unit_test(a_meeting_has_its_fields),
	    cmocka_unit_test(what_is_over_was_held),
	    cmocka_unit_test(a_series_repeats_or_says_so),
	    cmocka_unit_test(moved_dates_are_records),
	    cmocka_unit_test(words_of_ours_hold_until_changed),
	    cmocka_unit_test(guests_who_are_known),
	    cmocka_unit_test(broken_components_are_refused),
	    cmocka_unit_test(what_is_no_calendar_ends_at_once),
	    cmocka_unit_test(long_ones_are_refused),
	    cmocka_unit_test(hurt_calendars_never_crash),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
