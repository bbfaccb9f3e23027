/* SPDX-License-Identifier: ISC */
/* when_parse: reads one date text: a day or a period, then a time of day. */
#include "base/when_parse.h"

enum { HOUR = 3600, SHOWN_MAX = 60 };

const char *
weekday_name(int weekday)
{
	static const char *const names[] = {"Monday", "Tuesday", "Wednesday",
	    "Thursday", "Friday", "Saturday", "Sunday"};
	return names[(weekday + 6) % 7];
}

const char *
month_name(int month)
{
	static const char *const names[] = {"January", "February", "March",
	    "April", "May", "June", "July", "August", "September", "October",
	    "November", "December"};
	return names[(month + 11) % 12];
}

struct str
parse_fold(const struct parse *p, size_t i)
{
	return i < p->t.n ? p->t.v[i].fold : STR("");
}

const struct word *
parse_word(const struct parse *p, size_t i)
{
	return i < p->t.n ? word_find(p->t.v[i].fold) : NULL;
}

bool
parse_is(const struct parse *p, size_t i, enum word_kind kind, int *value)
{
	const struct word *w = parse_word(p, i);
	if (!w || w->kind != kind)
		return false;
	if (value)
		*value = w->value;
	return true;
}

/* "2pm", "2:30pm": read as a time, so that the refusal is about times. */
static bool
noon_ends(struct str s)
{
	return s.n > 2 && s.p[0] >= '0' && s.p[0] <= '9' &&
	       (str_ends(s, STR("am")) || str_ends(s, STR("pm")));
}

bool
parse_is_time(const struct parse *p, size_t i)
{
	struct digits v[2];
	struct str s = parse_fold(p, i);
	if (str_chr(s, ':') < s.n || noon_ends(s) ||
	    parse_is(p, i, WORD_AT, NULL))
		return true;
	return (digits_match(s, "N", v) || digits_match(s, "N.N", v)) &&
	       (parse_is(p, i + 1, WORD_CLOCK, NULL) ||
		   parse_is(p, i + 1, WORD_NOON, NULL) ||
		   str_is(parse_fold(p, i + 1), "am"));
}

static enum crm_err
range_refuse(struct diag *dg)
{
	return diag_set(
	    dg, CRM_USAGE, "outside of the calendar; years are 1 to 9999");
}

enum crm_err
span_set(struct parse *p, int64_t lo, int64_t hi)
{
	if (lo < DATE_MIN || lo > DATE_MAX)
		return range_refuse(p->dg);
	p->span = (struct span){
	    .lo = (int)lo, .hi = hi > DATE_MAX ? DATE_MAX : (int)hi};
	return CRM_OK;
}

static enum crm_err
year_check(struct parse *p, int year)
{
	if (year < 1 || year > 9999)
		return range_refuse(p->dg);
	return CRM_OK;
}

static enum crm_err
month_check(struct parse *p, int month)
{
	if (month < 1 || month > 12)
		return diag_set(p->dg, CRM_USAGE,
		    "there is no month %d; write YYYY-MM-DD or D.M.YYYY",
		    month);
	return CRM_OK;
}

enum crm_err
span_day(struct parse *p, int year, int month, int day)
{
	enum crm_err err = year_check(p, year);
	if (!err)
		err = month_check(p, month);
	if (err)
		return err;
	int length = date_month_length(year, month);
	if (day < 1)
		return diag_set(p->dg, CRM_USAGE,
		    "there is no day %d; days are 1 to %d", day, length);
	if (day > length)
		return diag_set(p->dg, CRM_USAGE,
		    "there is no day %d; %s %d has %d days", day,
		    month_name(month), year, length);
	int days = date_days((struct civil){year, month, day});
	return span_set(p, days, days);
}

enum crm_err
span_months(struct parse *p, int year, int month, int n)
{
	enum crm_err err = year_check(p, year);
	if (!err)
		err = month_check(p, month);
	if (err)
		return err;
	int last = month + n - 1;
	int first_day = date_days((struct civil){year, month, 1});
	int last_day = date_days(
	    (struct civil){year, last, date_month_length(year, last)});
	return span_set(p, first_day, last_day);
}

static enum crm_err
week_refuse(struct parse *p, int year, int week)
{
	if (year == 0 || week < 1 || week > 53)
		return diag_set(p->dg, CRM_USAGE,
		    "there is no week %d; weeks are 1 to 53", week);
	return diag_set(
	    p->dg, CRM_USAGE, "%d has no week %d; its last is 52", year, week);
}

enum crm_err
span_week(struct parse *p, int year, int week)
{
	int monday = 0;
	int first = year;
	int last = year;
	if (year == 0) {
		/* years with 53 weeks are at most seven years apart */
		first = date_civil(p->today).year - 1;
		last = first + 9;
	} else if (year_check(p, year)) {
		return CRM_USAGE;
	}
	for (int y = first; y <= last; y++) {
		if (!date_iso_week(y, week, &monday))
			continue;
		if (year || (int64_t)monday + 6 >= p->today)
			return span_set(p, monday, (int64_t)monday + 6);
	}
	return week_refuse(p, year, week);
}

enum crm_err
span_next(struct parse *p, int month, int day)
{
	enum crm_err err = month_check(p, month);
	if (err)
		return err;
	int most = date_month_length(4, month); /* a leap year */
	if (day < 1 || day > most)
		return diag_set(p->dg, CRM_USAGE,
		    "there is no day %d; %s has %d days%s", day,
		    month_name(month), most, month == 2 ? " at most" : "");
	/* leap years are at most eight years apart */
	int year = date_civil(p->today).year;
	for (int y = year; y <= year + 8; y++) {
		struct civil c = {y, month, day};
		if (date_valid(c) && date_days(c) >= p->today)
			return span_day(p, y, month, day);
	}
	return range_refuse(p->dg);
}

static bool
months_shift(int day, int64_t n, int *out)
{
	struct civil c = date_civil(day);
	int64_t month = (int64_t)c.year * 12 + c.month - 1 + n;
	if (month < 12 || month >= (int64_t)10000 * 12)
		return false;
	*out = date_add_months(day, (int)n);
	return true;
}

/* date_add_business stops at the ends of the calendar: then one day fewer
 * gives the same. */
static bool
business_shift(int day, int64_t n, int *out)
{
	if (n < DATE_MIN - DATE_MAX || n > DATE_MAX - DATE_MIN)
		return false;
	*out = date_add_business(day, (int)n);
	if (*out != DATE_MIN && *out != DATE_MAX)
		return true;
	return n == 0 ||
	       date_add_business(day, (int)n - (n > 0 ? 1 : -1)) != *out;
}

bool
day_shift(int day, char unit, int64_t n, int *out)
{
	switch (unit) {
	case 'b':
		return business_shift(day, n, out);
	case 'm':
		return months_shift(day, n, out);
	case 'q':
		return months_shift(day, n * 3, out);
	case 'y':
		return months_shift(day, n * 12, out);
	default:
		break;
	}
	int64_t to = day + n * (unit == 'w' ? 7 : 1);
	if (to < DATE_MIN || to > DATE_MAX)
		return false;
	*out = (int)to;
	return true;
}

static enum crm_err
word_refuse(struct parse *p)
{
	struct str raw = p->t.v[p->at].raw;
	const struct word *w = parse_word(p, p->at);
	if (w && w->kind == WORD_REFUSED)
		return diag_set(p->dg, CRM_USAGE, "%s", w->show);
	const char *near = w ? NULL : word_near(parse_fold(p, p->at));
	if (near)
		return diag_set(p->dg, CRM_USAGE,
		    "unknown word '%.*s'; did you mean '%s'?", STR_ARG(raw),
		    near);
	return diag_set(p->dg, CRM_USAGE,
	    "%s '%.*s'; write a date like 2026-11-27, 27.11., tomorrow, fri, "
	    "+3d",
	    w ? "cannot read" : "unknown word", STR_ARG(raw));
}

enum crm_err
parse_date(struct parse *p)
{
	static enum crm_err (*const forms[])(struct parse *) = {form_relative,
	    form_count, form_step, form_weekday, form_month, form_day_month,
	    form_week, form_quarter, form_numeric};
	if (p->at >= p->t.n)
		return diag_set(p->dg, CRM_USAGE,
		    "the day is missing; write one like 2026-11-27");
	if (parse_is_time(p, p->at))
		return diag_set(p->dg, CRM_USAGE,
		    "a time needs its day; write today 14:30");
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		enum crm_err err = forms[i](p);
		if (err != CRM_NO)
			return err;
	}
	return word_refuse(p);
}

/* Reads the time at p->at as second of the day. */
static enum crm_err
time_read(struct parse *p, int *secs)
{
	struct digits v[3] = {{0}};
	struct str s = parse_fold(p, p->at);
	bool clock = parse_is(p, p->at + 1, WORD_CLOCK, NULL);
	bool minutes = digits_match(s, "N:N", v) ||
		       digits_match(s, "N:N:N", v) ||
		       (clock && digits_match(s, "N.N", v));
	if (!minutes && !(clock && digits_match(s, "N", v)))
		return diag_set(p->dg, CRM_USAGE,
		    "'%.*s' is no time of day; write 09:00 or 14:30",
		    STR_ARG(s));
	if (parse_is(p, p->at + 1, WORD_NOON, NULL) ||
	    str_is(parse_fold(p, p->at + 1), "am"))
		return diag_set(p->dg, CRM_USAGE,
		    "am and pm are not read; write 09:00 or 14:30");
	if (v[0].value == 24)
		return diag_set(p->dg, CRM_USAGE,
		    "there is no hour 24; write 00:00 of the next day");
	if (v[0].n > 2 || v[0].value > 23 || v[1].value > 59 ||
	    v[2].value > 59 || (minutes && v[1].n != 2) ||
	    (v[2].n && v[2].n != 2))
		return diag_set(p->dg, CRM_USAGE,
		    "there is no time %.*s; times are 00:00 to 23:59",
		    STR_ARG(s));
	p->at += clock ? 2 : 1;
	*secs = v[0].value * HOUR + v[1].value * 60 + v[2].value;
	return CRM_OK;
}

/* A time that the clocks skip does not exist on that day. */
static enum crm_err
time_set(struct parse *p, int secs)
{
	int shown;
	int day = p->span.lo;
	int64_t utc = date_to_utc(&p->clock->zone, day, secs);
	int shown_day = date_local(&p->clock->zone, utc, &shown);
	if (shown_day != day || shown != secs) {
		if (day == DATE_MIN || day == DATE_MAX)
			return range_refuse(p->dg);
		return diag_set(p->dg, CRM_USAGE,
		    "the clocks go forward and skip this time; write %02d:%02d",
		    shown / HOUR, shown / 60 % 60);
	}
	p->span.has_time = true;
	p->span.utc = utc;
	return CRM_OK;
}

enum crm_err
parse_time(struct parse *p)
{
	int secs = 0;
	if (!parse_is_time(p, p->at))
		return CRM_OK;
	if (p->span.has_time)
		return diag_set(p->dg, CRM_USAGE,
		    "now has a time already; write today 14:30");
	if (p->span.lo != p->span.hi)
		return diag_set(p->dg, CRM_USAGE,
		    "a time goes with a day, not with a period; write "
		    "2026-11-27 14:30");
	if (parse_is(p, p->at, WORD_AT, NULL))
		p->at++;
	enum crm_err err = time_read(p, &secs);
	return err ? err : time_set(p, secs);
}

/* Words behind a whole date and its time. */
static enum crm_err
rest_refuse(struct parse *p)
{
	struct str s = parse_fold(p, p->at);
	const struct word *w = word_find(s);
	bool letter = s.n > 0 && s.p[0] >= 'a' && s.p[0] <= 'z';
	if (w ? w->kind == WORD_REFUSED : letter)
		return word_refuse(p);
	return diag_set(p->dg, CRM_USAGE,
	    "cannot read '%.*s' behind the date; only a time goes there, as "
	    "in 2026-11-27 14:30",
	    STR_ARG(p->t.v[p->at].raw));
}

static enum crm_err
text_read(struct parse *p, struct str text)
{
	enum crm_err err = tokens_split(&p->t, text, p->dg);
	if (err)
		return err;
	if (!p->query && str_find(text, STR("..")) < text.n)
		return diag_set(p->dg, CRM_USAGE,
		    "a range is no day; write one of its ends");
	if (parse_is(p, 0, WORD_ON, NULL))
		p->at++;
	err = parse_date(p);
	if (!err)
		err = parse_time(p);
	if (!err && p->at < p->t.n)
		err = rest_refuse(p);
	return err;
}

enum crm_err
span_parse(struct str text, const struct clock *clock, bool query,
    struct span *out, struct diag *dg)
{
	int day;
	int64_t utc;
	*out = (struct span){0};
	text = str_trim(text);
	if (date_parse(text, &day)) {
		*out = (struct span){.lo = day, .hi = day};
		return CRM_OK;
	}
	if (time_parse(text, &utc)) {
		day = date_local(&clock->zone, utc, NULL);
		*out = (struct span){day, day, true, utc};
		return CRM_OK;
	}
	struct parse p = {.clock = clock, .query = query, .dg = dg};
	p.today = when_today(clock);
	enum crm_err err = text_read(&p, text);
	tokens_clear(&p.t);
	if (err == CRM_OK)
		*out = p.span;
	if (err == CRM_USAGE)
		diag_place(dg, "date '%.*s%s'",
		    STR_ARG(str_head(text, SHOWN_MAX)),
		    text.n > SHOWN_MAX ? "..." : "");
	return err;
}
