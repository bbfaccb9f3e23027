/* SPDX-License-Identifier: ISC */
/* when_names: dates that name a weekday, a month, a week or a quarter. */
#include "base/when_parse.h"

/* A year of four digits at p->at, which is left behind it. CRM_NO when there
 * is none; a year cut to two digits is refused. */
static enum crm_err
year_take(struct parse *p, int *year)
{
	struct digits v;
	if (!digits_match(parse_fold(p, p->at), "N", &v) ||
	    parse_is_time(p, p->at))
		return CRM_NO;
	if (v.n == 2)
		return diag_set(p->dg, CRM_USAGE,
		    "the year has two digits; write all four");
	if (v.n != 4 || v.value == 0)
		return diag_set(p->dg, CRM_USAGE,
		    "'%.*s' is no year; years are 0001 to 9999",
		    STR_ARG(parse_fold(p, p->at)));
	p->at++;
	*year = v.value;
	return CRM_OK;
}

/* "st" for 1, 21, 31; "th" for 4, 11, 12, 13. */
static const char *
ordinal_end(int n)
{
	static const char *const ends[] = {"th", "st", "nd", "rd"};
	if (n % 10 > 3 || (n / 10 % 10 == 1))
		return ends[0];
	return ends[n % 10];
}

/* "15th" or "15.". */
static bool
ordinal_match(struct str s, struct digits *v, const char **end)
{
	static const char *const patterns[] = {
	    "Nth", "Nst", "Nnd", "Nrd", "N."};
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
		if (digits_match(s, patterns[i], v)) {
			*end = patterns[i] + 1;
			return true;
		}
	return false;
}

static enum crm_err
ordinal_check(struct parse *p, struct digits v, const char *end)
{
	if (v.n > 2 || v.value < 1 || v.value > 31)
		return diag_set(p->dg, CRM_USAGE,
		    "there is no day %d; days are 1 to 31", v.value);
	const char *right = ordinal_end(v.value);
	if (*end != '.' && !str_eq(str_from(end), str_from(right)))
		return diag_set(p->dg, CRM_USAGE, "write %d%s", v.value, right);
	return CRM_OK;
}

/* "15th": the next month that has such a day, this one included. */
static enum crm_err
ordinal_next(struct parse *p, int day)
{
	struct civil c = date_civil(p->today);
	int64_t month = (int64_t)c.year * 12 + c.month - 1;
	for (int i = 0; i <= 2; i++, month++) {
		c = (struct civil){
		    (int)(month / 12), (int)(month % 12) + 1, day};
		if (date_valid(c) && date_days(c) >= p->today)
			break;
	}
	return span_day(p, c.year, c.month, c.day);
}

/* A day of a month, then perhaps its year. */
static enum crm_err
day_of_month(struct parse *p, int month, int day)
{
	int year;
	enum crm_err err = year_take(p, &year);
	if (err == CRM_NO)
		return span_next(p, month, day);
	return err ? err : span_day(p, year, month, day);
}

/* "5 jan", "5th of january 2027", "5. januar", "15th". */
enum crm_err
form_day_month(struct parse *p)
{
	int month;
	struct digits v;
	const char *end = ".";
	struct str s = parse_fold(p, p->at);
	bool ordinal = ordinal_match(s, &v, &end);
	if (!ordinal && !digits_match(s, "N", &v))
		return CRM_NO;
	size_t next = p->at + 1;
	if (parse_is(p, next, WORD_OF, NULL))
		next++;
	bool named = parse_is(p, next, WORD_MONTH, &month);
	if (!named && !ordinal)
		return CRM_NO;
	enum crm_err err = ordinal_check(p, v, end);
	if (err)
		return err;
	p->at = named ? next + 1 : p->at + 1;
	return named ? day_of_month(p, month, v.value)
		     : ordinal_next(p, v.value);
}

/* The N months from MONTH on without a year: as a day the next such first,
 * in a query the period that holds today or else the next. */
static enum crm_err
months_next(struct parse *p, int month, int n)
{
	int year = date_civil(p->today).year;
	enum crm_err err = span_months(p, year, month, n);
	if (err || (p->query ? p->span.hi : p->span.lo) >= p->today)
		return err;
	return span_months(p, year + 1, month, n);
}

/* Months with an optional year behind them. */
static enum crm_err
months_of_year(struct parse *p, int month, int n)
{
	int year;
	enum crm_err err = year_take(p, &year);
	if (err == CRM_NO)
		return months_next(p, month, n);
	return err ? err : span_months(p, year, month, n);
}

/* "nov", "nov 2027", "jan 5", "jan 5th 2027". */
enum crm_err
form_month(struct parse *p)
{
	int month;
	struct digits v;
	const char *end = ".";
	if (!parse_is(p, p->at, WORD_MONTH, &month))
		return CRM_NO;
	p->at++;
	struct str s = parse_fold(p, p->at);
	bool day = ordinal_match(s, &v, &end) ||
		   (digits_match(s, "N", &v) && v.n <= 2);
	if (!day || parse_is_time(p, p->at))
		return months_of_year(p, month, 1);
	enum crm_err err = ordinal_check(p, v, end);
	if (err)
		return err;
	p->at++;
	return day_of_month(p, month, v.value);
}

/* "kw 5", "kw5", "kw 5 2027", "week 5", "woche 5". */
enum crm_err
form_week(struct parse *p)
{
	int year = 0;
	struct digits v;
	struct str s = parse_fold(p, p->at);
	struct str number = parse_fold(p, p->at + 1);
	if (digits_match(s, "kwN", &v))
		p->at++;
	else if ((parse_is(p, p->at, WORD_WEEK, NULL) || str_is(s, "week") ||
		     str_is(s, "woche")) &&
		 (digits_match(number, "N", &v) ||
		     digits_match(number, "N.", &v)))
		p->at += 2;
	else if (parse_is(p, p->at, WORD_WEEK, NULL))
		return diag_set(p->dg, CRM_USAGE,
		    "kw wants the number of a week; write kw 5 or 2027-W05");
	else
		return CRM_NO;
	enum crm_err err = year_take(p, &year);
	if (err == CRM_USAGE)
		return err;
	return span_week(p, year, v.value);
}

/* "q1", "q1 2027". */
enum crm_err
form_quarter(struct parse *p)
{
	struct digits v;
	if (!digits_match(parse_fold(p, p->at), "qN", &v))
		return CRM_NO;
	if (v.value < 1 || v.value > 4)
		return diag_set(p->dg, CRM_USAGE,
		    "there is no quarter %d; quarters are q1 to q4", v.value);
	p->at++;
	return months_of_year(p, v.value * 3 - 2, 3);
}

/* "fri 2026-11-27": a date with its weekday, which has to be right. */
static enum crm_err
weekday_check(struct parse *p, int weekday)
{
	p->checked = true;
	enum crm_err err = parse_date(p);
	if (err)
		return err;
	if (p->span.lo != p->span.hi)
		return diag_set(p->dg, CRM_USAGE,
		    "a weekday goes with a day, not with a period; write "
		    "fri 2026-11-27");
	int is = date_weekday(p->span.lo);
	if (is == weekday)
		return CRM_OK;
	struct civil c = date_civil(p->span.lo);
	return diag_set(p->dg, CRM_USAGE,
	    "%04d-%02d-%02d is a %s, not a %s; leave the weekday out", c.year,
	    c.month, c.day, weekday_name(is), weekday_name(weekday));
}

/* "fri": the next such day, strictly after today. */
enum crm_err
form_weekday(struct parse *p)
{
	int weekday;
	if (p->checked || !parse_is(p, p->at, WORD_WEEKDAY, &weekday))
		return CRM_NO;
	p->at++;
	if (p->at < p->t.n && !parse_is_time(p, p->at))
		return weekday_check(p, weekday);
	int ahead = (weekday - date_weekday(p->today) + 6) % 7 + 1;
	int64_t day = (int64_t)p->today + ahead;
	return span_set(p, day, day);
}
