/* SPDX-License-Identifier: ISC */
/* recur: rules of repetition, their dates, and their RRULE. */
#include "base/recur.h"

#include "base/date.h"
#include "base/when_parse.h"
#include "base/when_words.h"

enum { COUNT_MAX = 9999, SHOWN_MAX = 60 };

/* In the order of enum recur_unit. */
static const char units[] = "dbwmqy";

/* The two letters of RFC 5545, which the canonical text has in lower case. */
static const char *const weekdays[] = {
    "mo", "tu", "we", "th", "fr", "sa", "su"};

/* A rule while it is read. */
struct rule {
	struct tokens t;
	size_t at;
	struct recur *r;
	const struct clock *clock;
	struct str text;
	struct diag *dg;
};

static struct str
rule_fold(const struct rule *p, size_t i)
{
	return i < p->t.n ? p->t.v[i].fold : STR("");
}

static bool
unit_from(char c, enum recur_unit *unit)
{
	const char *at = c ? strchr(units, c) : NULL;
	if (at)
		*unit = (enum recur_unit)(at - units);
	return at;
}

/* "w", "weeks", "wochen". */
static bool
unit_match(struct str s, enum recur_unit *unit)
{
	const struct word *w = word_find(s);
	if (s.n == 1)
		return unit_from(s.p[0], unit);
	return w && w->kind == WORD_UNIT && unit_from((char)w->value, unit);
}

static enum crm_err
unit_refuse(struct rule *p, struct str s, struct str unit)
{
	const struct word *w = word_find(unit);
	if (w && w->kind == WORD_REFUSED)
		return diag_set(p->dg, CRM_USAGE, "%s", w->show);
	return diag_set(p->dg, CRM_USAGE,
	    "no interval '%.*s'; write one like 7d, 2w, 1m, 1q, 1y or 5b "
	    "(business days)",
	    STR_ARG(s));
}

/* "2w", "w", "2 weeks". */
static enum crm_err
interval_read(struct rule *p)
{
	size_t n = 0;
	struct digits v = {.value = 1, .n = 1};
	struct str s = rule_fold(p, p->at);
	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	struct str unit = str_from_pos(s, n);
	if (n > 0 && !digits_match(str_head(s, n), "N", &v))
		return unit_refuse(p, s, unit);
	if (n > 0 && unit.n == 0)
		unit = rule_fold(p, ++p->at);
	if (!unit_match(unit, &p->r->unit))
		return unit_refuse(p, s, unit);
	if (v.value < 1 || v.value > COUNT_MAX)
		return diag_set(p->dg, CRM_USAGE,
		    "an interval is 1 to %d units", COUNT_MAX);
	p->at++;
	p->r->n = v.value;
	return CRM_OK;
}

/* A weekday's number 1..7, English in two letters too; 0 when it is none. */
static int
weekday_find(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(weekdays); i++)
		if (str_is(s, weekdays[i]))
			return (int)i + 1;
	const struct word *w = word_find(s);
	return w && w->kind == WORD_WEEKDAY ? w->value : 0;
}

static enum crm_err
weekday_refuse(struct rule *p, struct str s)
{
	return diag_set(p->dg, CRM_USAGE,
	    "no weekday '%.*s'; weekdays are mo tu we th fr sa su", STR_ARG(s));
}

/* Adds the weekdays of one word, "mo,th". */
static enum crm_err
weekdays_add(struct rule *p, struct str list)
{
	while (list.p) {
		struct str s = str_cut(&list, ',');
		int weekday = weekday_find(s);
		if (weekday == 0)
			return weekday_refuse(p, s);
		p->r->weekdays |= 1U << (weekday - 1);
	}
	return CRM_OK;
}

/* "mo,th"; behind a comma at its end the list goes on: "mo, th". */
static enum crm_err
weekdays_read(struct rule *p)
{
	bool more = true;
	p->r->on = RECUR_ON_WEEKDAYS;
	while (more) {
		enum crm_err err = weekdays_add(p, rule_fold(p, p->at));
		if (err)
			return err;
		more = str_ends(p->t.v[p->at++].raw, STR(","));
	}
	return CRM_OK;
}

/* "last", "last fri" behind "on". */
static enum crm_err
last_read(struct rule *p)
{
	int weekday = weekday_find(rule_fold(p, ++p->at));
	p->r->on = RECUR_ON_LAST_DAY;
	if (weekday == 0)
		return CRM_OK;
	p->r->on = RECUR_ON_LAST_WEEKDAY;
	p->r->weekdays = 1U << (weekday - 1);
	p->at++;
	return CRM_OK;
}

/* "15", "15th", "15." behind "on". */
static bool
day_match(struct str s, struct digits *v)
{
	return digits_match(s, "N", v) || digits_match(s, "N.", v) ||
	       digits_match(s, "Nth", v) || digits_match(s, "Nst", v) ||
	       digits_match(s, "Nnd", v) || digits_match(s, "Nrd", v);
}

static enum crm_err
day_read(struct rule *p, struct digits v)
{
	if (v.value < 1 || v.value > 31)
		return diag_set(p->dg, CRM_USAGE,
		    "there is no day %d; days are 1 to 31", v.value);
	p->r->on = RECUR_ON_DAY;
	p->r->day = v.value;
	p->at++;
	return CRM_OK;
}

/* Weekdays go with weeks, days of the month with months and longer. */
static enum crm_err
on_read(struct rule *p)
{
	struct digits v;
	struct str s = rule_fold(p, ++p->at);
	bool months = p->r->unit == RECUR_MONTH ||
		      p->r->unit == RECUR_QUARTER || p->r->unit == RECUR_YEAR;
	const struct word *w = word_find(s);
	bool last = w && w->kind == WORD_STEP && w->value < 0;
	if (s.n == 0)
		return diag_set(p->dg, CRM_USAGE,
		    "'on' wants a day; write on mo,th with weeks, on 15, on "
		    "last or on last fri with months");
	if (months && last)
		return last_read(p);
	if (months && day_match(s, &v))
		return day_read(p, v);
	if (p->r->unit == RECUR_WEEK && !last && !day_match(s, &v))
		return weekdays_read(p);
	return diag_set(p->dg, CRM_USAGE,
	    "'on %.*s' does not go with %c; weekdays go with w, days of the "
	    "month (15, last, last fri) with m, q and y",
	    STR_ARG(s), units[p->r->unit]);
}

/* The rest of the text, as written, behind the word "until". */
static enum crm_err
until_read(struct rule *p)
{
	struct when w;
	size_t first = p->at + 1;
	if (first >= p->t.n)
		return diag_set(p->dg, CRM_USAGE,
		    "'until' wants a date; write until 2026-12-31");
	const char *start = p->t.v[first].raw.p;
	struct str rest = str_from_pos(p->text, (size_t)(start - p->text.p));
	if (!p->clock && !date_parse(rest, &p->r->until))
		return diag_set(p->dg, CRM_USAGE,
		    "'%.*s' is not written out; write until 2026-12-31",
		    STR_ARG(rest));
	p->at = p->t.n;
	if (!p->clock)
		return CRM_OK;
	enum crm_err err = when_parse(rest, p->clock, &w, p->dg);
	if (err)
		return err;
	if (w.has_time)
		return diag_set(p->dg, CRM_USAGE,
		    "'until' wants a day without a time; write until "
		    "2026-12-31");
	p->r->until = w.day;
	return CRM_OK;
}

static enum crm_err
count_read(struct rule *p, struct digits v)
{
	if (v.value < 1 || v.value > COUNT_MAX)
		return diag_set(p->dg, CRM_USAGE,
		    "a repetition has 1 to %d dates; write x%d", COUNT_MAX,
		    v.value < 1 ? 1 : COUNT_MAX);
	p->r->count = v.value;
	p->at++;
	return CRM_OK;
}

static enum crm_err
end_read(struct rule *p)
{
	struct digits v;
	if (str_is(rule_fold(p, p->at), "until") ||
	    str_is(rule_fold(p, p->at), "bis"))
		return until_read(p);
	if (digits_match(rule_fold(p, p->at), "xN", &v))
		return count_read(p, v);
	return CRM_OK;
}

static enum crm_err
after_check(struct rule *p)
{
	if (p->at == p->t.n)
		return CRM_OK;
	return diag_set(p->dg, CRM_USAGE,
	    "'after' takes one interval and nothing else; write after 6w");
}

static enum crm_err
rest_refuse(struct rule *p)
{
	const char *more =
	    p->r->count || p->r->until != DATE_MAX
		? "nothing comes behind the end"
		: "write on mo,th, on 15, on last fri, until DATE or x10";
	return diag_set(p->dg, CRM_USAGE, "cannot read '%.*s' here; %s",
	    STR_ARG(p->t.v[p->at].raw), more);
}

static enum crm_err
rule_read(struct rule *p)
{
	enum crm_err err = tokens_split(&p->t, p->text, p->dg);
	if (err)
		return err;
	p->r->after = str_is(rule_fold(p, 0), "after");
	if (p->r->after || str_is(rule_fold(p, 0), "every") ||
	    str_is(rule_fold(p, 0), "alle"))
		p->at++;
	err = interval_read(p);
	if (err || p->r->after)
		return err ? err : after_check(p);
	const struct word *w = word_find(rule_fold(p, p->at));
	if (w && w->kind == WORD_ON)
		err = on_read(p);
	if (!err)
		err = end_read(p);
	if (!err && p->at < p->t.n)
		err = rest_refuse(p);
	return err;
}

enum crm_err
recur_parse(struct str text, const struct clock *clock, struct recur *out,
    struct diag *dg)
{
	struct recur r = {.n = 1, .until = DATE_MAX};
	struct rule p = {.r = &r, .clock = clock, .dg = dg};
	p.text = str_trim(text);
	enum crm_err err = rule_read(&p);
	tokens_clear(&p.t);
	*out = err ? (struct recur){0} : r;
	if (err == CRM_USAGE)
		diag_place(dg, "repetition '%.*s'",
		    STR_ARG(str_head(p.text, SHOWN_MAX)));
	return err;
}

static void
weekdays_print(unsigned set, struct buf *out)
{
	const char *sep = "";
	for (size_t i = 0; i < ARRAY_LEN(weekdays); i++) {
		if (!(set & 1U << i))
			continue;
		buf_addf(out, "%s%s", sep, weekdays[i]);
		sep = ",";
	}
}

void
recur_print(const struct recur *r, struct buf *out)
{
	buf_addf(out, "%s%d%c", r->after ? "after " : "", r->n, units[r->unit]);
	if (r->on != RECUR_ON_NONE)
		buf_addz(out, " on ");
	if (r->on == RECUR_ON_DAY)
		buf_addf(out, "%d", r->day);
	if (r->on == RECUR_ON_LAST_DAY)
		buf_addz(out, "last");
	if (r->on == RECUR_ON_LAST_WEEKDAY)
		buf_addz(out, "last ");
	if (r->on == RECUR_ON_WEEKDAYS || r->on == RECUR_ON_LAST_WEEKDAY)
		weekdays_print(r->weekdays, out);
	if (r->count)
		buf_addf(out, " x%d", r->count);
	if (r->until != DATE_MAX) {
		buf_addz(out, " until ");
		date_print(r->until, out);
	}
}

int
recur_add(const struct recur *r, int day)
{
	int to;
	return day_shift(day, units[r->unit], r->n, &to) ? to : DATE_MAX;
}

/* The first date of the series after AFTER, which is not before the anchor;
 * DATE_MAX + 1 or more when the calendar ends first. */
static int64_t
days_next(int step, int anchor, int after)
{
	int64_t gone = ((int64_t)after - anchor) / step;
	return anchor + (gone + 1) * step;
}

/* How many business days there are up to a day, counted from the Monday
 * 0001-01-01; a weekend counts as the Friday before it. */
static int64_t
business_index(int day)
{
	int64_t since = (int64_t)day - DATE_MIN;
	int64_t at = since % 7;
	return since / 7 * 5 + (at > 4 ? 4 : at);
}

static int64_t
business_next(int step, int anchor, int after)
{
	int64_t start = business_index(anchor);
	int64_t gone = (business_index(after) - start) / step;
	int64_t index = start + (gone + 1) * step;
	return DATE_MIN + index / 5 * 7 + index % 5;
}

/* The first listed weekday after AFTER in a week that is a multiple of STEP
 * weeks away from the anchor's. */
static int64_t
weekdays_next(int step, unsigned set, int anchor, int after)
{
	int64_t monday = (int64_t)anchor - date_weekday(anchor) + 1;
	int64_t gone = (after - monday) / 7 / step;
	for (int64_t week = monday + gone * step * 7;; week += step * 7)
		for (int i = 0; i < 7; i++)
			if ((set & 1U << i) && week + i > after)
				return week + i;
}

/* The day of a month that a rule wants. */
static int
month_day(const struct recur *r, int anchor_day, int year, int month)
{
	int length = date_month_length(year, month);
	if (r->on == RECUR_ON_LAST_WEEKDAY) {
		int last = date_weekday(
		    date_days((struct civil){year, month, length}));
		int wanted = 1;
		while (!(r->weekdays & 1U << (wanted - 1)))
			wanted++;
		return length - (last - wanted + 7) % 7;
	}
	int day = r->on == RECUR_ON_DAY ? r->day : anchor_day;
	return r->on == RECUR_ON_LAST_DAY || day > length ? length : day;
}

/* Each month is clamped by itself from the day wanted, so that a short month
 * leaves no trace in those behind it. */
static int64_t
months_next(const struct recur *r, int step, int anchor, int after)
{
	struct civil a = date_civil(anchor);
	struct civil t = date_civil(after);
	int64_t first = (int64_t)a.year * 12 + a.month - 1;
	int64_t gone = ((int64_t)t.year * 12 + t.month - 1 - first) / step;
	for (int64_t month = first + gone * step; month < 120000;
	     month += step) {
		struct civil c = {(int)(month / 12), (int)(month % 12) + 1, 1};
		c.day = month_day(r, a.day, c.year, c.month);
		if (date_days(c) > after)
			return date_days(c);
	}
	return (int64_t)DATE_MAX + 1;
}

/* The series strictly after AFTER, which is the day before the anchor or
 * later. */
static int64_t
series_next(const struct recur *r, int anchor, int after)
{
	bool plain = r->on == RECUR_ON_NONE;
	if (plain && after < anchor)
		return anchor;
	switch (r->unit) {
	case RECUR_DAY:
		return days_next(r->n, anchor, after);
	case RECUR_BUSINESS:
		return business_next(r->n, anchor, after);
	case RECUR_WEEK:
		if (plain)
			return days_next(r->n * 7, anchor, after);
		return weekdays_next(r->n, r->weekdays, anchor, after);
	case RECUR_MONTH:
		return months_next(r, r->n, anchor, after);
	case RECUR_QUARTER:
		return months_next(r, r->n * 3, anchor, after);
	case RECUR_YEAR:
		return months_next(r, r->n * 12, anchor, after);
	}
	return (int64_t)DATE_MAX + 1;
}

bool
recur_next(const struct recur *r, int anchor, int last, int done_on, int today,
    int serial, int *next)
{
	if (r->count && serial >= r->count)
		return false;
	if (r->after)
		return day_shift(done_on, units[r->unit], r->n, next);
	int after = last > today ? last : today;
	if (after < anchor)
		after = anchor - 1;
	int64_t day = series_next(r, anchor, after);
	if (day > DATE_MAX || day > r->until)
		return false;
	*next = (int)day;
	return true;
}

static void
rrule_weekdays(unsigned set, struct buf *out)
{
	const char *sep = ";BYDAY=";
	for (size_t i = 0; i < ARRAY_LEN(weekdays); i++) {
		if (!(set & 1U << i))
			continue;
		buf_addf(out, "%s%c%c", sep, weekdays[i][0] - 'a' + 'A',
		    weekdays[i][1] - 'a' + 'A');
		sep = ",";
	}
}

static void
rrule_interval(int n, struct buf *out)
{
	if (n > 1)
		buf_addf(out, ";INTERVAL=%d", n);
}

/* Every 1 business day is Monday to Friday, every 5k is one weekday every k
 * weeks. Others wander through the week: no RRULE says that. */
static bool
rrule_business(const struct recur *r, int anchor, struct buf *out)
{
	int weekday = date_weekday(anchor);
	if (r->n != 1 && r->n % 5 != 0)
		return false;
	buf_addz(out, "FREQ=WEEKLY");
	rrule_interval(r->n / 5, out);
	if (r->n == 1)
		rrule_weekdays(0x1f, out);
	else
		rrule_weekdays(1U << ((weekday > 5 ? 5 : weekday) - 1), out);
	return true;
}

/* The day of the month, clamped: of 31 always the last, of 29 and 30 the
 * latest that there is. */
static void
rrule_clamped(int day, struct buf *out)
{
	if (day == 31)
		buf_addz(out, ";BYMONTHDAY=-1");
	else if (day == 30)
		buf_addz(out, ";BYMONTHDAY=28,29,30;BYSETPOS=-1");
	else if (day == 29)
		buf_addz(out, ";BYMONTHDAY=28,29;BYSETPOS=-1");
	else
		buf_addf(out, ";BYMONTHDAY=%d", day);
}

/* A year always comes back to the same month: only February has two
 * lengths. */
static void
rrule_yearly(const struct recur *r, struct civil a, int day, struct buf *out)
{
	buf_addz(out, "FREQ=YEARLY");
	rrule_interval(r->n, out);
	buf_addf(out, ";BYMONTH=%d", a.month);
	if (r->on == RECUR_ON_LAST_WEEKDAY)
		return;
	bool last =
	    day >= date_month_length(1, a.month) && (a.month != 2 || day > 28);
	if (last)
		buf_addz(out, ";BYMONTHDAY=-1");
	else
		buf_addf(out, ";BYMONTHDAY=%d", day);
}

static void
rrule_months(const struct recur *r, int anchor, struct buf *out)
{
	struct civil a = date_civil(anchor);
	int day = r->on == RECUR_ON_DAY	       ? r->day
		  : r->on == RECUR_ON_LAST_DAY ? 31
					       : a.day;
	bool yearly = r->unit == RECUR_YEAR;
	if (yearly) {
		rrule_yearly(r, a, day, out);
	} else {
		buf_addz(out, "FREQ=MONTHLY");
		rrule_interval(r->unit == RECUR_QUARTER ? r->n * 3 : r->n, out);
	}
	if (r->on == RECUR_ON_LAST_WEEKDAY) {
		size_t at = out->n;
		rrule_weekdays(r->weekdays, out);
		if (!out->failed)
			buf_insert(out, at + sizeof ";BYDAY=" - 1, STR("-1"));
	} else if (!yearly) {
		rrule_clamped(day, out);
	}
}

bool
recur_rrule(const struct recur *r, int anchor, struct buf *out)
{
	if (r->after)
		return false;
	if (r->unit == RECUR_BUSINESS) {
		if (!rrule_business(r, anchor, out))
			return false;
	} else if (r->unit == RECUR_DAY || r->unit == RECUR_WEEK) {
		buf_addz(
		    out, r->unit == RECUR_DAY ? "FREQ=DAILY" : "FREQ=WEEKLY");
		rrule_interval(r->n, out);
		if (r->on == RECUR_ON_WEEKDAYS)
			rrule_weekdays(r->weekdays, out);
	} else {
		rrule_months(r, anchor, out);
	}
	if (r->count)
		buf_addf(out, ";COUNT=%d", r->count);
	if (r->until != DATE_MAX) {
		struct civil c = date_civil(r->until);
		buf_addf(out, ";UNTIL=%04d%02d%02d", c.year, c.month, c.day);
	}
	return true;
}
