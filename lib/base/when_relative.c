/* SPDX-License-Identifier: ISC */
/* when_relative: dates counted from today, and the edges of its periods. */
#include "base/when_parse.h"

/* The period of a unit that holds the day P is about, moved by STEP. */
static enum crm_err
period_set(struct parse *p, char unit, int step)
{
	struct civil c = date_civil(p->today);
	if (unit == 'w') {
		int64_t monday = (int64_t)p->today - date_weekday(p->today) +
				 1 + (int64_t)step * 7;
		return span_set(p, monday, monday + 6);
	}
	int n = unit == 'y' ? 12 : unit == 'q' ? 3 : 1;
	int month = c.year * 12 + (c.month - 1) / n * n + step * n;
	return span_months(p, month / 12, month % 12 + 1, n);
}

/* "today", "gestern", "now", "eom". */
enum crm_err
form_relative(struct parse *p)
{
	const struct word *w = parse_word(p, p->at);
	if (!w || (w->kind != WORD_DAY && w->kind != WORD_NOW &&
		      w->kind != WORD_EDGE))
		return CRM_NO;
	p->at++;
	int64_t day = p->today;
	if (w->kind == WORD_EDGE) {
		enum crm_err err =
		    period_set(p, (char)(w->value % WORD_END), 0);
		if (err)
			return err;
		day = w->value >= WORD_END ? p->span.hi : p->span.lo;
	} else if (w->kind == WORD_DAY) {
		day += w->value;
	}
	enum crm_err err = span_set(p, day, day);
	if (!err && w->kind == WORD_NOW) {
		p->span.has_time = true;
		p->span.utc = clock_now(p->clock);
	}
	return err;
}

/* The unit that word I names, its length in words in *used; 0 for none. */
static char
unit_find(const struct parse *p, size_t i, struct str s, size_t *used)
{
	const struct word *w = word_find(s);
	*used = 1;
	if (s.n == 1 && memchr("dwmqyb", s.p[0], 6))
		return s.p[0];
	if (!w)
		return 0;
	if (w->kind == WORD_BUSINESS) {
		*used = 2;
		int unit = 0;
		if (parse_is(p, i + 1, WORD_UNIT, &unit) && unit == 'd')
			return 'b';
	}
	return w->kind == WORD_UNIT ? (char)w->value : 0;
}

static enum crm_err
unit_refuse(struct parse *p, struct str s)
{
	const struct word *w = word_find(s);
	if (w && w->kind == WORD_REFUSED)
		return diag_set(p->dg, CRM_USAGE, "%s", w->show);
	if (s.n == 0)
		return diag_set(p->dg, CRM_USAGE,
		    "the unit is missing; write one of d w m q y and b "
		    "(business days), like 3d");
	return diag_set(p->dg, CRM_USAGE,
	    "unknown unit '%.*s'; units are d w m q y and b (business days)",
	    STR_ARG(s));
}

/* An amount of time: 3 days, 2w. */
struct amount {
	int n;
	char unit;
};

static bool
letters_only(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 'a' || s.p[i] > 'z')
			return false;
	return s.n > 0;
}

static bool
ordinal_ends(struct str s)
{
	return str_is(s, "th") || str_is(s, "st") || str_is(s, "nd") ||
	       str_is(s, "rd");
}

/* The leading digits of S; *rest is what follows. False when there are none.
 * More than nine digits count as 10^9, which no unit can be moved by. */
static bool
count_cut(struct str s, struct digits *v, struct str *rest)
{
	size_t n = 0;
	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	*rest = str_from_pos(s, n);
	return digits_match(str_head(s, n), "N", v);
}

/*
 * Reads "3d", "3days", "3 days", "a week" from S, the word at p->at or the
 * rest of it. SURE: a count must come here, so anything else is refused.
 */
static enum crm_err
amount_read(struct parse *p, struct str s, bool sure, struct amount *out)
{
	size_t used;
	struct digits v;
	struct str rest;
	bool one = parse_is(p, p->at, WORD_ONE, &v.value);
	if (one)
		rest = STR("");
	else if (!count_cut(s, &v, &rest))
		return CRM_NO;
	size_t i = rest.n ? p->at : p->at + 1;
	struct str unit = rest.n ? rest : parse_fold(p, i);
	if (!sure && rest.n && (!letters_only(rest) || ordinal_ends(rest)))
		return CRM_NO;
	out->n = v.value;
	out->unit = unit_find(p, i, unit, &used);
	if (out->unit) {
		p->at = i + used;
		return CRM_OK;
	}
	const struct word *w = word_find(unit);
	if (sure || rest.n || (w && w->kind == WORD_REFUSED))
		return unit_refuse(p, unit);
	return CRM_NO;
}

static enum crm_err
amount_apply(struct parse *p, struct amount a, int sign)
{
	int day;
	if (!day_shift(p->today, a.unit, (int64_t)a.n * sign, &day))
		return diag_set(p->dg, CRM_USAGE,
		    "outside of the calendar; years are 1 to 9999");
	return span_set(p, day, day);
}

/* "in 3 days", "vor 3 tagen": the amount has to follow. */
static enum crm_err
signed_read(struct parse *p, int sign)
{
	struct amount a;
	enum crm_err err = amount_read(p, parse_fold(p, p->at), true, &a);
	if (err == CRM_NO)
		return diag_set(p->dg, CRM_USAGE,
		    "a count is missing; write %s 3 %s",
		    sign > 0 ? "in" : "vor", sign > 0 ? "days" : "tagen");
	if (err)
		return err;
	if (parse_is(p, p->at, WORD_AGO, NULL))
		return diag_set(p->dg, CRM_USAGE,
		    "both a direction and 'ago'; write 3 days ago or in 3 "
		    "days");
	return amount_apply(p, a, sign);
}

/* "+3d", "-90d": the sign is the first byte of the word. */
static enum crm_err
plus_read(struct parse *p, struct str s)
{
	struct amount a;
	int sign = s.p[0] == '-' ? -1 : 1;
	enum crm_err err = amount_read(p, str_from_pos(s, 1), true, &a);
	if (err == CRM_NO)
		return diag_set(p->dg, CRM_USAGE,
		    "a count and a unit go with the sign; write %c3d", s.p[0]);
	if (!err && parse_is(p, p->at, WORD_AGO, NULL))
		return diag_set(p->dg, CRM_USAGE,
		    "both a sign and 'ago'; write -3d or 3 days ago");
	return err ? err : amount_apply(p, a, sign);
}

/* "+3d", "3d", "3 days ago", "in 3 days", "vor 3 tagen". */
enum crm_err
form_count(struct parse *p)
{
	int sign;
	struct amount a;
	struct str s = parse_fold(p, p->at);
	if (s.n && (s.p[0] == '+' || s.p[0] == '-'))
		return plus_read(p, s);
	if (parse_is(p, p->at, WORD_SIGN, &sign)) {
		p->at++;
		return signed_read(p, sign);
	}
	enum crm_err err = amount_read(p, s, false, &a);
	if (err)
		return err;
	sign = parse_is(p, p->at, WORD_AGO, NULL) ? -1 : 1;
	if (sign < 0)
		p->at++;
	return amount_apply(p, a, sign);
}

/* "next fri" is fri; "last fri" is strictly before today. */
static enum crm_err
step_weekday(struct parse *p, int step, int weekday)
{
	int today = date_weekday(p->today);
	if (step == 0)
		return diag_set(p->dg, CRM_USAGE,
		    "this %s may be past or to come; write %.3s or last %.3s",
		    weekday_name(weekday), weekday_name(weekday),
		    weekday_name(weekday));
	int64_t day = step > 0
			  ? (int64_t)p->today + (weekday - today + 6) % 7 + 1
			  : (int64_t)p->today - (today - weekday + 6) % 7 - 1;
	return span_set(p, day, day);
}

static enum crm_err
period_refuse(struct parse *p, int step, char unit)
{
	if (step == 0)
		return diag_set(p->dg, CRM_USAGE,
		    "a period is no day; write so%c for its first or eo%c "
		    "for its last",
		    unit, unit);
	return diag_set(p->dg, CRM_USAGE,
	    "a period is no day; write a date, or %c1%c counted from today",
	    step < 0 ? '-' : '+', unit);
}

/* "last month" is read in queries; as a day it could be any of them. */
enum crm_err
form_step(struct parse *p)
{
	int step;
	int value;
	if (!parse_is(p, p->at, WORD_STEP, &step))
		return CRM_NO;
	struct str raw = p->t.v[p->at].raw;
	p->at++;
	if (parse_is(p, p->at, WORD_WEEKDAY, &value)) {
		p->at++;
		return step_weekday(p, step, value);
	}
	if (!parse_is(p, p->at, WORD_UNIT, &value) || value == 'd' ||
	    value == 'b')
		return diag_set(p->dg, CRM_USAGE,
		    "'%.*s' goes with a weekday, or in a query with week, "
		    "month, quarter or year",
		    STR_ARG(raw));
	if (!p->query)
		return period_refuse(p, step, (char)value);
	p->at++;
	return period_set(p, (char)value, step);
}
