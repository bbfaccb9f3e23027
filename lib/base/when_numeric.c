/* SPDX-License-Identifier: ISC */
/* when_numeric: dates written in digits, and the refusal of those that can
 * be read two ways. */
#include "base/when_parse.h"

/* The ISO text of a day that exists, else the pattern of one. */
static void
iso_add(struct diag *dg, int year, int month, int day)
{
	if (date_valid((struct civil){year, month, day}))
		diag_more(dg, "%04d-%02d-%02d", year, month, day);
	else
		diag_more(dg, "YYYY-MM-DD");
}

/* "12/1/2026", "05-01-2027": day or month first, nobody knows. */
static enum crm_err
order_refuse(struct parse *p, const struct digits *v, const char *sign)
{
	struct civil day_first = {v[2].value, v[1].value, v[0].value};
	struct civil month_first = {v[2].value, v[0].value, v[1].value};
	bool day_ok = v[2].n == 4 && date_valid(day_first);
	bool month_ok = v[2].n == 4 && date_valid(month_first);
	if (day_ok && month_ok && v[0].value != v[1].value) {
		(void)diag_set(p->dg, CRM_USAGE,
		    "with %s the day or the month may come first; write ",
		    sign);
		iso_add(p->dg, v[2].value, v[1].value, v[0].value);
		diag_more(p->dg, " or ");
		iso_add(p->dg, v[2].value, v[0].value, v[1].value);
		return CRM_USAGE;
	}
	(void)diag_set(
	    p->dg, CRM_USAGE, "a date with %s is not read; write ", sign);
	if (v[0].n == 4)
		iso_add(p->dg, v[0].value, v[1].value, v[2].value);
	else if (day_ok)
		iso_add(p->dg, v[2].value, v[1].value, v[0].value);
	else if (month_ok)
		iso_add(p->dg, v[2].value, v[0].value, v[1].value);
	else
		iso_add(p->dg, 0, 0, 0);
	return CRM_USAGE;
}

static enum crm_err
slash_refuse(struct parse *p, const struct digits *v)
{
	return order_refuse(p, v, "/");
}

static enum crm_err
slash_short_refuse(struct parse *p, const struct digits *v)
{
	(void)v;
	return diag_set(p->dg, CRM_USAGE,
	    "a date with / is not read; write YYYY-MM-DD or D.M.");
}

static enum crm_err
iso_read(struct parse *p, const struct digits *v)
{
	if (v[0].n > 4)
		return span_day(p, 10000, 1, 1); /* out of the calendar */
	if (v[0].n != 4)
		return order_refuse(p, v, "-");
	if (v[1].n == 2 && v[2].n == 2)
		return span_day(p, v[0].value, v[1].value, v[2].value);
	(void)diag_set(
	    p->dg, CRM_USAGE, "month and day have two digits; write ");
	iso_add(p->dg, v[0].value, v[1].value, v[2].value);
	return CRM_USAGE;
}

static enum crm_err
month_read(struct parse *p, const struct digits *v)
{
	if (v[0].n != 4 || v[1].n != 2)
		return diag_set(p->dg, CRM_USAGE,
		    "a month is written YYYY-MM, a day YYYY-MM-DD");
	return span_months(p, v[0].value, v[1].value, 1);
}

static enum crm_err
week_refuse(struct parse *p, const struct digits *v)
{
	if (v[0].n == 4 && v[1].n == 1)
		return diag_set(p->dg, CRM_USAGE,
		    "a week has two digits; write %04d-W%02d", v[0].value,
		    v[1].value);
	return diag_set(
	    p->dg, CRM_USAGE, "a week is written YYYY-Www, its day YYYY-Www-D");
}

static enum crm_err
week_read(struct parse *p, const struct digits *v)
{
	if (v[0].n != 4 || v[1].n != 2)
		return week_refuse(p, v);
	if (v[0].value == 0)
		return span_day(p, 0, 1, 1);
	return span_week(p, v[0].value, v[1].value);
}

static enum crm_err
week_day_read(struct parse *p, const struct digits *v)
{
	if (v[2].n != 1)
		return week_refuse(p, v);
	enum crm_err err = week_read(p, v);
	if (err)
		return err;
	if (v[2].value < 1 || v[2].value > 7)
		return diag_set(p->dg, CRM_USAGE,
		    "there is no weekday %d; 1 is Monday, 7 is Sunday",
		    v[2].value);
	int64_t day = (int64_t)p->span.lo + v[2].value - 1;
	return span_set(p, day, day);
}

static enum crm_err
quarter_read(struct parse *p, const struct digits *v)
{
	if (v[0].n != 4 || v[1].n != 1 || v[1].value < 1 || v[1].value > 4)
		return diag_set(p->dg, CRM_USAGE,
		    "a quarter is written YYYY-Q1 to YYYY-Q4");
	return span_months(p, v[0].value, v[1].value * 3 - 2, 3);
}

static enum crm_err
dotted_read(struct parse *p, const struct digits *v)
{
	if (v[2].n == 2)
		return diag_set(p->dg, CRM_USAGE,
		    "the year has two digits; write all four: %d.%d.YYYY",
		    v[0].value, v[1].value);
	if (v[2].n != 4 || v[0].n > 2 || v[1].n > 2)
		return diag_set(
		    p->dg, CRM_USAGE, "a date with dots is written D.M.YYYY");
	return span_day(p, v[2].value, v[1].value, v[0].value);
}

static enum crm_err
dotted_short_read(struct parse *p, const struct digits *v)
{
	if (v[0].n > 2 || v[1].n > 2)
		return diag_set(p->dg, CRM_USAGE,
		    "a date with dots is written D.M. or D.M.YYYY");
	return span_next(p, v[1].value, v[0].value);
}

static enum crm_err
dotted_refuse(struct parse *p, const struct digits *v)
{
	if (v[1].n == 4)
		return diag_set(p->dg, CRM_USAGE,
		    "a month is written %04d-%02d", v[1].value, v[0].value);
	return diag_set(p->dg, CRM_USAGE,
	    "the dot behind the month is missing; write %d.%d. or "
	    "%d.%d.YYYY",
	    v[0].value, v[1].value, v[0].value, v[1].value);
}

static enum crm_err
bare_refuse(struct parse *p, const struct digits *v)
{
	int n = v[0].value;
	if (v[0].n == 4 && n > 0)
		return diag_set(
		    p->dg, CRM_USAGE, "a year is no day; write %04d-01-01", n);
	if (n >= 1 && n <= 31)
		return diag_set(p->dg, CRM_USAGE,
		    "a bare number may be a day or a count; write %d. or %dd",
		    n, n);
	return diag_set(p->dg, CRM_USAGE,
	    "a bare number is no date; write YYYY-MM-DD or, for a count, 15d");
}

static enum crm_err
bare_read(struct parse *p, const struct digits *v)
{
	int n = v[0].value;
	if (v[0].n == 8)
		return span_day(p, n / 10000, n / 100 % 100, n % 100);
	if (v[0].n == 4 && p->query)
		return span_months(p, n, 1, 12);
	return bare_refuse(p, v);
}

enum crm_err
form_numeric(struct parse *p)
{
	static const struct {
		const char *pattern;
		enum crm_err (*read)(struct parse *, const struct digits *);
	} patterns[] = {
	    {"N-N-N", iso_read},
	    {"N", bare_read},
	    {"N-N", month_read},
	    {"N-wN", week_read},
	    {"N-wN-N", week_day_read},
	    {"N-qN", quarter_read},
	    {"N.N.N", dotted_read},
	    {"N.N.", dotted_short_read},
	    {"N.N", dotted_refuse},
	    {"N/N/N", slash_refuse},
	    {"N/N", slash_short_refuse},
	};
	struct digits v[3] = {{0}};
	struct str s = parse_fold(p, p->at);
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		if (!digits_match(s, patterns[i].pattern, v))
			continue;
		enum crm_err err = patterns[i].read(p, v);
		p->at++;
		return err;
	}
	return CRM_NO;
}
