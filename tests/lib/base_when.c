/* SPDX-License-Identifier: ISC */
/* Unit tests of when: what date texts mean, which are refused and how, and
 * the ranges of queries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/when.h"
#include "rounds.h"

static uint64_t seed = 13;

/* splitmix64: repeatable on every machine */
static uint64_t
draw(void)
{
	uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Half past two in the afternoon of a day, in UTC. */
static struct clock
clock_on(const char *today)
{
	int day;
	assert_true(date_parse(str_from(today), &day));
	return (struct clock){.now = (int64_t)day * 86400 + 52200};
}

struct reading {
	const char *text;
	const char *want;
};

static void
readings_check(const char *today, const struct reading *r, size_t n)
{
	struct clock c = clock_on(today);
	struct diag dg = {0};
	struct buf got = {0};
	for (size_t i = 0; i < n; i++) {
		struct when w;
		if (when_parse(str_from(r[i].text), &c, &w, &dg))
			fail_msg("%s: %s", r[i].text, diag_text(&dg));
		buf_reset(&got);
		when_print(&w, &got);
		if (strcmp(buf_z(&got), r[i].want) != 0)
			fail_msg("%s on %s: %s, not %s", r[i].text, today,
			    buf_z(&got), r[i].want);
	}
	buf_clear(&got);
	diag_clear(&dg);
}

/* 21 November 2026 is a Saturday in week 47. */
static const struct reading saturday[] = {
    /* days as they are written */
    {"2026-11-27", "2026-11-27"},
    {" 2026-11-27\t", "2026-11-27"},
    {"20261127", "2026-11-27"},
    {"0001-01-01", "0001-01-01"},
    {"9999-12-31", "9999-12-31"},
    {"13.12.2026", "2026-12-13"},
    {"5.1.2027", "2027-01-05"},
    {"05.01.2027", "2027-01-05"},
    {"5.1.", "2027-01-05"},
    {"05.01.", "2027-01-05"},
    {"21.11.", "2026-11-21"},
    {"20.11.", "2027-11-20"},
    {"22.11.", "2026-11-22"},
    {"29.2.", "2028-02-29"},
    {"2026-03", "2026-03-01"},
    {"2026-q3", "2026-07-01"},
    {"2026-Q1", "2026-01-01"},
    /* weeks */
    {"2026-W05", "2026-01-26"},
    {"2026-w05", "2026-01-26"},
    {"2026-W05-1", "2026-01-26"},
    {"2026-W05-7", "2026-02-01"},
    {"2026-W53", "2026-12-28"},
    {"2020-W53-7", "2021-01-03"},
    {"KW 5", "2027-02-01"},
    {"kw5", "2027-02-01"},
    {"kw 05", "2027-02-01"},
    {"kw 5.", "2027-02-01"},
    {"KW 5 2026", "2026-01-26"},
    {"kw5 2026", "2026-01-26"},
    {"kw 47", "2026-11-16"},
    {"kw 46", "2027-11-15"},
    {"kw 53", "2026-12-28"},
    {"week 5", "2027-02-01"},
    {"Woche 5", "2027-02-01"},
    /* words */
    {"today", "2026-11-21"},
    {"TODAY", "2026-11-21"},
    {"tomorrow", "2026-11-22"},
    {"yesterday", "2026-11-20"},
    {"heute", "2026-11-21"},
    {"morgen", "2026-11-22"},
    {"gestern", "2026-11-20"},
    {"vorgestern", "2026-11-19"},
    {"übermorgen", "2026-11-23"},
    {"ÜBERMORGEN", "2026-11-23"},
    {"u\xcc\x88"
     "bermorgen",
	"2026-11-23"},
    {"U\xcc\x88"
     "bermorgen",
	"2026-11-23"},
    {"uebermorgen", "2026-11-23"},
    {"now", "2026-11-21T14:30:00Z"},
    {"jetzt", "2026-11-21T14:30:00Z"},
    /* weekdays, strictly after today */
    {"sat", "2026-11-28"},
    {"saturday", "2026-11-28"},
    {"sa", "2026-11-28"},
    {"Samstag", "2026-11-28"},
    {"Sonnabend", "2026-11-28"},
    {"sun", "2026-11-22"},
    {"so", "2026-11-22"},
    {"sonntag", "2026-11-22"},
    {"mon", "2026-11-23"},
    {"mo", "2026-11-23"},
    {"Mo.", "2026-11-23"},
    {"montag", "2026-11-23"},
    {"tue", "2026-11-24"},
    {"tues", "2026-11-24"},
    {"tuesday", "2026-11-24"},
    {"di", "2026-11-24"},
    {"dienstag", "2026-11-24"},
    {"wed", "2026-11-25"},
    {"wednesday", "2026-11-25"},
    {"mi", "2026-11-25"},
    {"mittwoch", "2026-11-25"},
    {"thu", "2026-11-26"},
    {"thursday", "2026-11-26"},
    {"do", "2026-11-26"},
    {"donnerstag", "2026-11-26"},
    {"fri", "2026-11-27"},
    {"friday", "2026-11-27"},
    {"fr", "2026-11-27"},
    {"FREITAG", "2026-11-27"},
    {"next fri", "2026-11-27"},
    {"next sat", "2026-11-28"},
    {"coming fri", "2026-11-27"},
    {"nächsten Freitag", "2026-11-27"},
    {"NÄCHSTEN FREITAG", "2026-11-27"},
    {"na\xcc\x88"
     "chsten freitag",
	"2026-11-27"},
    {"naechster fr", "2026-11-27"},
    {"kommenden freitag", "2026-11-27"},
    {"last fri", "2026-11-20"},
    {"last sat", "2026-11-14"},
    {"last sun", "2026-11-15"},
    {"letzten freitag", "2026-11-20"},
    {"letzter Sa", "2026-11-14"},
    {"vorigen mo", "2026-11-16"},
    {"on fri", "2026-11-27"},
    {"am freitag", "2026-11-27"},
    {"fri 2026-11-27", "2026-11-27"},
    {"Fri, 27 Nov 2026", "2026-11-27"},
    {"Fr 27.11.", "2026-11-27"},
    {"sat today", "2026-11-21"},
    /* counted */
    {"+3d", "2026-11-24"},
    {"-3d", "2026-11-18"},
    {"-90d", "2026-08-23"},
    {"+2w", "2026-12-05"},
    {"+1m", "2026-12-21"},
    {"-9m", "2026-02-21"},
    {"+1q", "2027-02-21"},
    {"+1y", "2027-11-21"},
    {"+1b", "2026-11-23"},
    {"-1b", "2026-11-20"},
    {"+5b", "2026-11-27"},
    {"+0d", "2026-11-21"},
    {"-0m", "2026-11-21"},
    {"+3 days", "2026-11-24"},
    {"+3D", "2026-11-24"},
    {"3d", "2026-11-24"},
    {"2w", "2026-12-05"},
    {"1m", "2026-12-21"},
    {"3 days", "2026-11-24"},
    {"3days", "2026-11-24"},
    {"3 d", "2026-11-24"},
    {"in 3 days", "2026-11-24"},
    {"in 3d", "2026-11-24"},
    {"in 1 day", "2026-11-22"},
    {"in 2 weeks", "2026-12-05"},
    {"in 1 month", "2026-12-21"},
    {"in 1 quarter", "2027-02-21"},
    {"in 2 years", "2028-11-21"},
    {"in a week", "2026-11-28"},
    {"in one month", "2026-12-21"},
    {"in 3 tagen", "2026-11-24"},
    {"in 2 Wochen", "2026-12-05"},
    {"in einem Monat", "2026-12-21"},
    {"in 2 Monaten", "2027-01-21"},
    {"in 1 Quartal", "2027-02-21"},
    {"in einem Jahr", "2027-11-21"},
    {"in 2 Jahren", "2028-11-21"},
    {"in 5 business days", "2026-11-27"},
    {"in 5 workdays", "2026-11-27"},
    {"in 5 Arbeitstagen", "2026-11-27"},
    {"3 days ago", "2026-11-18"},
    {"3d ago", "2026-11-18"},
    {"a week ago", "2026-11-14"},
    {"2 months ago", "2026-09-21"},
    {"1 year ago", "2025-11-21"},
    {"vor 3 tagen", "2026-11-18"},
    {"vor einer Woche", "2026-11-14"},
    {"vor 2 Monaten", "2026-09-21"},
    /* edges of periods */
    {"sow", "2026-11-16"},
    {"eow", "2026-11-22"},
    {"som", "2026-11-01"},
    {"eom", "2026-11-30"},
    {"soq", "2026-10-01"},
    {"eoq", "2026-12-31"},
    {"soy", "2026-01-01"},
    {"eoy", "2026-12-31"},
    {"Monatsende", "2026-11-30"},
    {"Quartalsanfang", "2026-10-01"},
    {"Jahresende", "2026-12-31"},
    /* days of a month */
    {"15th", "2026-12-15"},
    {"20th", "2026-12-20"},
    {"21st", "2026-11-21"},
    {"22nd", "2026-11-22"},
    {"23rd", "2026-11-23"},
    {"31st", "2026-12-31"},
    {"11th", "2026-12-11"},
    {"15.", "2026-12-15"},
    {"am 15.", "2026-12-15"},
    {"5 jan", "2027-01-05"},
    {"jan 5", "2027-01-05"},
    {"Jan. 5", "2027-01-05"},
    {"jan 5th", "2027-01-05"},
    {"5th jan", "2027-01-05"},
    {"5th of January", "2027-01-05"},
    {"5 of january 2028", "2028-01-05"},
    {"5. Januar", "2027-01-05"},
    {"5. Jan.", "2027-01-05"},
    {"5. Jänner", "2027-01-05"},
    {"5. januar 2028", "2028-01-05"},
    {"jan 5 2028", "2028-01-05"},
    {"January 5, 2028", "2028-01-05"},
    {"21 nov", "2026-11-21"},
    {"20 nov", "2027-11-20"},
    {"feb 29", "2028-02-29"},
    {"29 feb 2024", "2024-02-29"},
    {"3. märz", "2027-03-03"},
    {"3. maerz", "2027-03-03"},
    {"3. ma\xcc\x88rz", "2027-03-03"},
    {"3 Mär", "2027-03-03"},
    /* months are their first */
    {"jan", "2027-01-01"},
    {"february", "2027-02-01"},
    {"märz", "2027-03-01"},
    {"Mrz", "2027-03-01"},
    {"apr", "2027-04-01"},
    {"mai", "2027-05-01"},
    {"may", "2027-05-01"},
    {"juni", "2027-06-01"},
    {"july", "2027-07-01"},
    {"aug", "2027-08-01"},
    {"sept", "2027-09-01"},
    {"okt", "2027-10-01"},
    {"oct", "2027-10-01"},
    {"nov", "2027-11-01"},
    {"dez", "2026-12-01"},
    {"december", "2026-12-01"},
    {"jan 2030", "2030-01-01"},
    {"nov 2026", "2026-11-01"},
    {"q1", "2027-01-01"},
    {"q4", "2027-10-01"},
    {"q4 2026", "2026-10-01"},
    /* with a time of day */
    {"2026-11-27 14:30", "2026-11-27T14:30:00Z"},
    {"2026-11-27T14:30", "2026-11-27T14:30:00Z"},
    {"2026-11-27 14:30:15", "2026-11-27T14:30:15Z"},
    {"2026-11-27T14:30:00Z", "2026-11-27T14:30:00Z"},
    {"2026-11-27T14:30:00.25+01:00", "2026-11-27T13:30:00Z"},
    {"2026-11-27 9:05", "2026-11-27T09:05:00Z"},
    {"tomorrow 00:00", "2026-11-22T00:00:00Z"},
    {"tomorrow 23:59", "2026-11-22T23:59:00Z"},
    {"tomorrow at 9:00", "2026-11-22T09:00:00Z"},
    {"morgen um 9:00", "2026-11-22T09:00:00Z"},
    {"morgen 9:00 Uhr", "2026-11-22T09:00:00Z"},
    {"morgen 14 uhr", "2026-11-22T14:00:00Z"},
    {"morgen um 14.30 Uhr", "2026-11-22T14:30:00Z"},
    {"fri 14:30", "2026-11-27T14:30:00Z"},
    {"fri at 14:30", "2026-11-27T14:30:00Z"},
    {"fr 14 uhr", "2026-11-27T14:00:00Z"},
    {"+3d 14:30", "2026-11-24T14:30:00Z"},
    {"3 days ago 14:30", "2026-11-18T14:30:00Z"},
    {"jan 5 14:30", "2027-01-05T14:30:00Z"},
    {"5. januar 14 uhr", "2027-01-05T14:00:00Z"},
    {"5.1. 14 uhr", "2027-01-05T14:00:00Z"},
    {"15th 14:30", "2026-12-15T14:30:00Z"},
    {"Sat 2026-11-21 14:30:05", "2026-11-21T14:30:05Z"},
    {"2026-W05-3 08:00", "2026-01-28T08:00:00Z"},
    {"eom 23:59:59", "2026-11-30T23:59:59Z"},
};

static void
texts_said_on_a_saturday(void **state)
{
	(void)state;
	readings_check("2026-11-21", saturday, ARRAY_LEN(saturday));
}

static void
texts_said_on_a_new_years_eve(void **state)
{
	static const struct reading r[] = {
	    {"tomorrow", "2027-01-01"},
	    {"übermorgen", "2027-01-02"},
	    {"+1m", "2027-01-31"},
	    {"+2m", "2027-02-28"},
	    {"+14m", "2028-02-29"},
	    {"-10m", "2026-02-28"},
	    {"1q", "2027-03-31"},
	    {"2q", "2027-06-30"},
	    {"1y", "2027-12-31"},
	    {"1b", "2027-01-01"},
	    {"eom", "2026-12-31"},
	    {"eoy", "2026-12-31"},
	    {"eow", "2027-01-03"},
	    {"sow", "2026-12-28"},
	    {"31.12.", "2026-12-31"},
	    {"1.1.", "2027-01-01"},
	    {"31st", "2026-12-31"},
	    {"30th", "2027-01-30"},
	    {"dec", "2027-12-01"},
	    {"jan", "2027-01-01"},
	    {"kw 53", "2026-12-28"},
	    {"kw 1", "2027-01-04"},
	    {"kw 52", "2027-12-27"},
	    {"thu", "2027-01-07"},
	    {"last thu", "2026-12-24"},
	};
	(void)state;
	readings_check("2026-12-31", r, ARRAY_LEN(r));
}

static void
texts_said_on_a_leap_day(void **state)
{
	static const struct reading r[] = {
	    {"+1y", "2029-02-28"},
	    {"+4y", "2032-02-29"},
	    {"-1y", "2027-02-28"},
	    {"+1m", "2028-03-29"},
	    {"29.2.", "2028-02-29"},
	    {"feb 29", "2028-02-29"},
	    {"28.2.", "2029-02-28"},
	    {"29th", "2028-02-29"},
	    {"30th", "2028-03-30"},
	    {"31st", "2028-03-31"},
	    {"eom", "2028-02-29"},
	    {"feb", "2029-02-01"},
	    {"tue", "2028-03-07"},
	    {"tomorrow", "2028-03-01"},
	};
	(void)state;
	readings_check("2028-02-29", r, ARRAY_LEN(r));
}

static void
texts_said_elsewhere(void **state)
{
	static const struct reading monday[] = {
	    {"mon", "2026-03-09"},
	    {"last mon", "2026-02-23"},
	    {"+5b", "2026-03-09"},
	    {"-5b", "2026-02-23"},
	    {"31st", "2026-03-31"},
	    {"sow", "2026-03-02"},
	    {"kw 10", "2026-03-02"},
	};
	static const struct reading april[] = {
	    {"31st", "2026-05-31"},
	    {"30th", "2026-04-30"},
	};
	/* a Sunday in week 53 of the year before */
	static const struct reading sunday[] = {
	    {"kw 53", "2020-12-28"},
	    {"kw 1", "2021-01-04"},
	    {"sow", "2020-12-28"},
	    {"eow", "2021-01-03"},
	    {"last sun", "2020-12-27"},
	    {"sun", "2021-01-10"},
	};
	static const struct reading century[] = {{"29.2.", "1904-02-29"}};
	static const struct reading last[] = {
	    {"today", "9999-12-31"},
	    {"eoy", "9999-12-31"},
	    {"-1d", "9999-12-30"},
	};
	(void)state;
	readings_check("2026-03-02", monday, ARRAY_LEN(monday));
	readings_check("2026-04-30", april, ARRAY_LEN(april));
	readings_check("2021-01-03", sunday, ARRAY_LEN(sunday));
	readings_check("1896-03-01", century, ARRAY_LEN(century));
	readings_check("9999-12-31", last, ARRAY_LEN(last));
}

/* A text, and what the refusal has to say. */
static const struct reading refused[] = {
    {"", "no date"},
    {"   ", "no date"},
    /* / may be day or month first */
    {"12/1/2026", "write 2026-01-12 or 2026-12-01"},
    {"13/12/2026", "write 2026-12-13"},
    {"12/13/2026", "write 2026-12-13"},
    {"2026/12/1", "write 2026-12-01"},
    {"1/2/26", "write YYYY-MM-DD"},
    {"31/31/2026", "write YYYY-MM-DD"},
    {"5/12", "a date with / is not read"},
    {"5-1-2027", "write 2027-01-05 or 2027-05-01"},
    {"2026-1-5", "write 2026-01-05"},
    {"2026-1", "a month is written YYYY-MM"},
    {"2026-325", "a month is written YYYY-MM"},
    /* bare numbers */
    {"15", "write 15. or 15d"},
    {"0", "a bare number is no date"},
    {"99", "a bare number is no date"},
    {"202611", "a bare number is no date"},
    {"2026", "write 2026-01-01"},
    {"99999999999999999999", "a bare number is no date"},
    /* two digits of a year, a dot too few */
    {"5.1.27", "write all four: 5.1.YYYY"},
    {"5.1.027", "written D.M.YYYY"},
    {"5.1", "write 5.1. or 5.1.YYYY"},
    {"11.2026", "written 2026-11"},
    {"jan 5 27", "two digits"},
    {"5 jan 27", "two digits"},
    {"kw 5 27", "two digits"},
    {"jan 5 123", "is no year"},
    {"jan 5 0000", "is no year"},
    /* days that do not exist */
    {"2026-02-30", "February 2026 has 28 days"},
    {"2024-02-30", "February 2024 has 29 days"},
    {"2026-02-29", "February 2026 has 28 days"},
    {"20260431", "April 2026 has 30 days"},
    {"31.4.2026", "April 2026 has 30 days"},
    {"31.4.", "April has 30 days"},
    {"30 feb", "February has 29 days at most"},
    {"feb 29 2027", "February 2027 has 28 days"},
    {"0.1.", "no day 0"},
    {"2026-01-00", "no day 0"},
    {"2026-13-01", "no month 13"},
    {"12.31.", "no month 31"},
    {"20261301", "no month 13"},
    {"32nd", "no day 32"},
    {"0th", "no day 0"},
    {"15st", "write 15th"},
    {"11st", "write 11th"},
    {"22th", "write 22nd"},
    {"2025-W53", "2025 has no week 53"},
    {"2026-W54", "no week 54"},
    {"2026-W00", "no week 0"},
    {"2026-W5", "write 2026-W05"},
    {"2026-W05-8", "no weekday 8"},
    {"2026-W05-0", "no weekday 0"},
    {"kw 54", "no week 54"},
    {"kw 0", "no week 0"},
    {"kw", "write kw 5"},
    {"kw 53 2025", "2025 has no week 53"},
    {"q5", "no quarter 5"},
    {"2026-q5", "YYYY-Q1"},
    /* beyond the calendar */
    {"0000-01-01", "years are 1 to 9999"},
    {"10000-01-01", "years are 1 to 9999"},
    {"+8000y", "years are 1 to 9999"},
    {"-2026y", "years are 1 to 9999"},
    {"-2025y -1d", "cannot read '-1d' behind"},
    {"+3000000d", "years are 1 to 9999"},
    {"99999999999d", "years are 1 to 9999"},
    {"+999999999b", "years are 1 to 9999"},
    {"-999999999999999999999q", "years are 1 to 9999"},
    /* counts without sense */
    {"3h", "hours are not counted"},
    {"in 3 hours", "hours are not counted"},
    {"in 3 stunden", "hours are not counted"},
    {"10 minutes", "minutes are not counted"},
    {"in 3", "the unit is missing"},
    {"+3", "the unit is missing"},
    {"in", "write in 3 days"},
    {"vor", "write vor 3 tagen"},
    {"in days", "write in 3 days"},
    {"in -3 days", "write in 3 days"},
    {"+", "write +3d"},
    {"-", "write -3d"},
    {"--3d", "write -3d"},
    {"3x", "unknown unit 'x'"},
    {"+3mo", "unknown unit 'mo'"},
    {"3.5d", "unknown word '3.5d'"},
    {"in 3.5 days", "unknown unit"},
    {"in 3 days ago", "both a direction"},
    {"-3d ago", "both a sign"},
    {"in 3 werktagen", "write Arbeitstag"},
    {"in 3 business weeks", "unknown unit 'business'"},
    /* words */
    {"fryday", "did you mean 'friday'"},
    {"tomorow", "did you mean 'tomorrow'"},
    {"ubermorgn", "did you mean 'übermorgen'"},
    {"Dienstg", "did you mean 'dienstag'"},
    {"septembr", "did you mean 'september'"},
    {"garbage", "unknown word 'garbage'; write a date like"},
    {"this fri", "may be past or to come"},
    {"diesen freitag", "may be past or to come"},
    {"next week", "+1w"},
    {"last month", "-1m"},
    {"this quarter", "soq for its first or eoq"},
    {"nächstes Jahr", "+1y"},
    {"next", "goes with a weekday"},
    {"next day", "goes with a weekday"},
    {"last 5 days", "goes with a weekday"},
    {"first monday of december", "unknown word 'first'"},
    {"weekend", "write sat or sun"},
    {"midnight", "00:00"},
    {"today tomorrow", "cannot read 'tomorrow'"},
    {"today foo", "unknown word 'foo'"},
    {"on", "the day is missing"},
    {"sat 2026-11-27", "2026-11-27 is a Friday, not a Saturday"},
    {"sat fri", "cannot read 'fri'"},
    {"fri nov", "goes with a day, not with a period"},
    {"5 foo", "a bare number"},
    {"a b c d e f g h i j", "too many words"},
    /* times */
    {"14:30", "write today 14:30"},
    {"at 14:30", "write today 14:30"},
    {"tomorrow 24:00", "00:00 of the next day"},
    {"tomorrow 25:00", "00:00 to 23:59"},
    {"tomorrow 12:60", "00:00 to 23:59"},
    {"tomorrow 12:30:60", "00:00 to 23:59"},
    {"tomorrow 12:3", "00:00 to 23:59"},
    {"tomorrow 012:30", "00:00 to 23:59"},
    {"tomorrow 12:", "is no time of day"},
    {"tomorrow 2:30 pm", "am and pm are not read"},
    {"tomorrow 2:30 am", "am and pm are not read"},
    {"tomorrow 2pm", "is no time of day"},
    {"tomorrow at noon", "is no time of day"},
    {"now 14:30", "now has a time already"},
    {"nov 14:30", "not with a period"},
    {"2026-11-27 14:30 15:30", "cannot read '15:30' behind"},
    {"2026-11-27T14:30:00Z fri", "is no time of day"},
    /* not days at all */
    {"2026-11-01..2026-11-30", "a range is no day"},
    {"..", "a range is no day"},
    {"\xff", "not UTF-8"},
    {"fri\x1b[31m", "^["},
};

static void
refusals_name_the_way_out(void **state)
{
	struct clock c = clock_on("2026-11-21");
	struct diag dg = {0};
	struct when w;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		enum crm_err err =
		    when_parse(str_from(refused[i].text), &c, &w, &dg);
		const char *got = diag_text(&dg);
		if (err != CRM_USAGE || !strstr(got, refused[i].want) ||
		    strncmp(got, "date '", 6) != 0)
			fail_msg("%s: %d %s", refused[i].text, (int)err, got);
		assert_null(strchr(got, '\x1b'));
	}
	diag_clear(&dg);
}

static void
calendar_ends_are_refused(void **state)
{
	static const char *const late[] = {"tomorrow", "+1d", "1w", "1m", "1b",
	    "fri", "1.1.", "jan", "1st", "kw 1", "feb 29"};
	static const char *const early[] = {
	    "yesterday", "-1d", "1w ago", "vor 1 monat", "-1b", "last mon"};
	struct clock last = clock_on("9999-12-31");
	struct clock first = clock_on("0001-01-01");
	struct diag dg = {0};
	struct when w;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(late); i++)
		if (!when_parse(str_from(late[i]), &last, &w, &dg))
			fail_msg("%s", late[i]);
	for (size_t i = 0; i < ARRAY_LEN(early); i++)
		if (!when_parse(str_from(early[i]), &first, &w, &dg))
			fail_msg("%s", early[i]);
	diag_clear(&dg);
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
times_are_local(void **state)
{
	static const struct reading r[] = {
	    {"2026-01-15 14:30", "2026-01-15T13:30:00Z"},
	    {"2026-07-15 14:30", "2026-07-15T12:30:00Z"},
	    {"2026-03-29 01:59", "2026-03-29T00:59:00Z"},
	    {"2026-03-29 03:00", "2026-03-29T01:00:00Z"},
	    {"2026-10-25 02:30", "2026-10-25T00:30:00Z"},
	    {"2026-10-25 03:00", "2026-10-25T02:00:00Z"},
	    {"2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z"},
	    {"today", "2026-01-01"},
	};
	/* half past eleven in the evening in UTC: the next day in Berlin */
	struct clock c = {.now = 1767223800, .zone = {.offset = berlin}};
	struct diag dg = {0};
	struct buf got = {0};
	struct when w;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(r); i++) {
		assert_int_equal(
		    when_parse(str_from(r[i].text), &c, &w, &dg), CRM_OK);
		buf_reset(&got);
		when_print(&w, &got);
		assert_string_equal(buf_z(&got), r[i].want);
	}
	assert_int_equal(
	    when_parse(STR("2026-03-29 02:30"), &c, &w, &dg), CRM_USAGE);
	assert_non_null(strstr(diag_text(&dg), "write 03:30"));
	assert_int_equal(
	    when_parse(STR("2025-12-31T23:30:00Z"), &c, &w, &dg), CRM_OK);
	assert_int_equal(w.day, when_today(&c));
	buf_reset(&got);
	when_say(&w, &c.zone, &got);
	assert_string_equal(buf_z(&got), "Thu 2026-01-01 00:30");
	buf_clear(&got);
	diag_clear(&dg);
}

struct period {
	const char *text;
	const char *lo;
	const char *hi;
};

static const struct period periods[] = {
    {"2026", "2026-01-01", "2026-12-31"},
    {"0001", "0001-01-01", "0001-12-31"},
    {"2026-03", "2026-03-01", "2026-03-31"},
    {"2028-02", "2028-02-01", "2028-02-29"},
    {"2026-W05", "2026-01-26", "2026-02-01"},
    {"2026-q3", "2026-07-01", "2026-09-30"},
    {"kw 5", "2027-02-01", "2027-02-07"},
    {"kw 47", "2026-11-16", "2026-11-22"},
    {"nov", "2026-11-01", "2026-11-30"},
    {"oct", "2027-10-01", "2027-10-31"},
    {"dez", "2026-12-01", "2026-12-31"},
    {"nov 2025", "2025-11-01", "2025-11-30"},
    {"q4", "2026-10-01", "2026-12-31"},
    {"q3", "2027-07-01", "2027-09-30"},
    {"last week", "2026-11-09", "2026-11-15"},
    {"this week", "2026-11-16", "2026-11-22"},
    {"next week", "2026-11-23", "2026-11-29"},
    {"last month", "2026-10-01", "2026-10-31"},
    {"this month", "2026-11-01", "2026-11-30"},
    {"next month", "2026-12-01", "2026-12-31"},
    {"last quarter", "2026-07-01", "2026-09-30"},
    {"next quarter", "2027-01-01", "2027-03-31"},
    {"last year", "2025-01-01", "2025-12-31"},
    {"next year", "2027-01-01", "2027-12-31"},
    {"letzte Woche", "2026-11-09", "2026-11-15"},
    {"diesen Monat", "2026-11-01", "2026-11-30"},
    {"nächstes Quartal", "2027-01-01", "2027-03-31"},
    {"voriges jahr", "2025-01-01", "2025-12-31"},
    /* one day is a range of itself */
    {"today", "2026-11-21", "2026-11-21"},
    {"-90d", "2026-08-23", "2026-08-23"},
    {"2026-W05-3", "2026-01-28", "2026-01-28"},
    {"5 jan", "2027-01-05", "2027-01-05"},
    {"now", "2026-11-21T14:30:00Z", "2026-11-21T14:30:00Z"},
    {"today 10:00", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"},
    /* ranges */
    {"2026-11-01..2026-11-30", "2026-11-01", "2026-11-30"},
    {" 2026-11-01 .. 2026-11-30 ", "2026-11-01", "2026-11-30"},
    {"2025..2026", "2025-01-01", "2026-12-31"},
    {"2026-03..2026-04", "2026-03-01", "2026-04-30"},
    {"nov..jan", "2026-11-01", "2027-01-31"},
    {"15.12...15.1.", "2026-12-15", "2027-01-15"},
    {"15.12.2026..15.1.2027", "2026-12-15", "2027-01-15"},
    {"-90d..today", "2026-08-23", "2026-11-21"},
    {"last month..today", "2026-10-01", "2026-11-21"},
    {"vor 3 tagen..morgen", "2026-11-18", "2026-11-22"},
    {"today..today", "2026-11-21", "2026-11-21"},
    {"2025..", "2025-01-01", "9999-12-31"},
    {"..2025", "0001-01-01", "2025-12-31"},
    {"15.12...", "2026-12-15", "9999-12-31"},
    {"today 10:00..today 12:00", "2026-11-21T10:00:00Z",
	"2026-11-21T12:00:00Z"},
    {"today..today 12:00", "2026-11-21", "2026-11-21T12:00:00Z"},
    {"now..", "2026-11-21T14:30:00Z", "9999-12-31"},
};

static void
queries_read_periods(void **state)
{
	struct clock c = clock_on("2026-11-21");
	struct diag dg = {0};
	struct buf got = {0};
	struct when w[2];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(periods); i++) {
		const struct period *p = &periods[i];
		if (when_range(str_from(p->text), &c, &w[0], &w[1], &dg))
			fail_msg("%s: %s", p->text, diag_text(&dg));
		for (size_t k = 0; k < 2; k++) {
			buf_reset(&got);
			when_print(&w[k], &got);
			if (strcmp(buf_z(&got), k ? p->hi : p->lo) != 0)
				fail_msg("%s: %s", p->text, buf_z(&got));
		}
	}
	buf_clear(&got);
	diag_clear(&dg);
}

static void
queries_refuse_ranges(void **state)
{
	static const struct reading bad[] = {
	    {"", "no date"},
	    {"..", "A.., ..B or A..B"},
	    {" .. ", "A.., ..B or A..B"},
	    {"2026-12-01..2026-11-01", "after its end"},
	    {"today 12:00..today 10:00", "after its end"},
	    {"jan..mar..may", "unknown word"},
	    {"fryday..", "did you mean 'friday'"},
	    {"..2026-02-30", "February 2026 has 28 days"},
	    {"12/1/2026..", "write 2026-01-12 or 2026-12-01"},
	    {"0000", "years are 1 to 9999"},
	    {"15", "a bare number"},
	    {"nov 14:30", "not with a period"},
	    {"15....", "unknown word"},
	};
	struct clock c = clock_on("2026-11-21");
	struct diag dg = {0};
	struct when w[2];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		enum crm_err err =
		    when_range(str_from(bad[i].text), &c, &w[0], &w[1], &dg);
		if (err != CRM_USAGE || !strstr(diag_text(&dg), bad[i].want))
			fail_msg(
			    "%s: %d %s", bad[i].text, (int)err, diag_text(&dg));
	}
	diag_clear(&dg);
}

/* What is said of a date is read back as the same date. */
static void
sayings_are_read_back(void **state)
{
	struct clock c = {.now = 1795271400, .zone = {.offset = berlin}};
	struct diag dg = {0};
	struct buf said = {0};
	(void)state;
	for (unsigned i = 0; i < rounds(20000, 20000, 5000); i++) {
		struct when back;
		struct when w = {.day = (int)(draw() % 3650000) - 719000};
		w.has_time = draw() % 2;
		if (w.has_time)
			w.utc =
			    (int64_t)w.day * 86400 + (int64_t)(draw() % 86400);
		w.day = w.has_time ? date_local(&c.zone, w.utc, NULL) : w.day;
		buf_reset(&said);
		when_say(&w, &c.zone, &said);
		if (when_parse(str_of(&said), &c, &back, &dg))
			fail_msg("%s: %s", buf_z(&said), diag_text(&dg));
		assert_int_equal(back.day, w.day);
		assert_int_equal(back.has_time, w.has_time);
		/* an hour of 25 October comes twice */
		assert_true(back.utc == w.utc || back.utc == w.utc - 3600);
	}
	buf_clear(&said);
	diag_clear(&dg);
}

/* Any mixture of words and noise is read or refused with a message, and what
 * is read lies in the calendar. */
static void
noise_is_read_or_refused(void **state)
{
	static const char *const parts[] = {"in", "3", "days", "ago", "next",
	    "fri", "5.", "jan", "2027", "kw", "14:30", "+", "-", "..", "..",
	    "99999999999", "d", "m", "b", "w", "last", "month", "15th",
	    "2026-11-27", "2026-W05", "T", "Z", ":", "/", ".", ",", "ü", "\xff",
	    "uhr", "um", "a", "q1", "eom", "0", "31.", "2.", "today", "now"};
	struct clock c = clock_on("2026-11-21");
	struct diag dg = {0};
	struct buf text = {0};
	(void)state;
	for (unsigned i = 0; i < rounds(50000, 50000, 12000); i++) {
		struct when w[2] = {{0}};
		buf_reset(&text);
		for (size_t k = draw() % 6 + 1; k > 0; k--) {
			buf_addz(&text, parts[draw() % ARRAY_LEN(parts)]);
			if (draw() % 3)
				buf_addc(&text, ' ');
		}
		enum crm_err err =
		    when_range(str_of(&text), &c, &w[0], &w[1], &dg);
		assert_true(err == CRM_OK || err == CRM_USAGE);
		if (err)
			assert_true(dg.text.n > 0);
		assert_true(w[0].day >= DATE_MIN && w[1].day <= DATE_MAX);
		assert_true(err || w[0].day <= w[1].day);
		err = when_parse(str_of(&text), &c, &w[0], &dg);
		assert_true(err == CRM_OK || err == CRM_USAGE);
		assert_true(w[0].day >= DATE_MIN && w[0].day <= DATE_MAX);
	}
	buf_clear(&text);
	diag_clear(&dg);
}

static void
long_texts_are_refused(void **state)
{
	struct clock c = clock_on("2026-11-21");
	struct diag dg = {0};
	struct buf text = {0};
	struct when w;
	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addz(&text, "9");
	assert_int_equal(when_parse(str_of(&text), &c, &w, &dg), CRM_USAGE);
	assert_non_null(strstr(diag_text(&dg), "too long for a date"));
	assert_true(dg.text.n < 200);
	buf_clear(&text);
	diag_clear(&dg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_said_on_a_saturday),
	    cmocka_unit_test(texts_said_on_a_new_years_eve),
	    cmocka_unit_test(texts_said_on_a_leap_day),
	    cmocka_unit_test(texts_said_elsewhere),
	    cmocka_unit_test(refusals_name_the_way_out),
	    cmocka_unit_test(calendar_ends_are_refused),
	    cmocka_unit_test(times_are_local),
	    cmocka_unit_test(queries_read_periods),
	    cmocka_unit_test(queries_refuse_ranges),
	    cmocka_unit_test(sayings_are_read_back),
	    cmocka_unit_test(noise_is_read_or_refused),
	    cmocka_unit_test(long_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
