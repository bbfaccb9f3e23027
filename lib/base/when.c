/* SPDX-License-Identifier: ISC */
/* when: days, moments and ranges from what a person wrote. */
#include "base/when.h"

#include "base/num.h"
#include "base/when_parse.h"

int64_t
clock_now(const struct clock *clock)
{
	enum { NOON = 12 * 60 * 60 };

	return clock->dated ? date_to_utc(&clock->zone, clock->day, NOON)
			    : clock->now;
}

int
when_today(const struct clock *clock)
{
	if (clock->dated)
		return clock->day;
	return date_local(&clock->zone, clock->now, NULL);
}

enum crm_err
when_parse(struct str text, const struct clock *clock, struct when *out,
    struct diag *dg)
{
	struct span span;
	*out = (struct when){0};
	enum crm_err err = span_parse(text, clock, false, &span, dg);
	if (err == CRM_OK)
		*out = (struct when){span.lo, span.has_time, span.utc};
	return err;
}

/*
 * Cuts TEXT at its "..". A dot before the two belongs to a date like 15.12.,
 * so that the last two of a run of dots cut.
 */
static bool
range_cut(struct str text, struct str *a, struct str *b)
{
	size_t at = str_find(text, STR(".."));
	if (at == text.n)
		return false;
	while (at + 2 < text.n && text.p[at + 2] == '.')
		at++;
	*a = str_trim(str_head(text, at));
	*b = str_trim(str_from_pos(text, at + 2));
	return true;
}

static enum crm_err
range_order(const struct when *lo, const struct when *hi, struct diag *dg)
{
	bool turned = lo->day > hi->day ||
		      (lo->has_time && hi->has_time && lo->utc > hi->utc);
	if (!turned)
		return CRM_OK;
	struct civil a = date_civil(lo->day);
	struct civil b = date_civil(hi->day);
	return diag_set(dg, CRM_USAGE,
	    "the range begins %04d-%02d-%02d, after its end %04d-%02d-%02d; "
	    "turn it or write the years",
	    a.year, a.month, a.day, b.year, b.month, b.day);
}

/* Both ends of one text; those of an empty one are open. */
static enum crm_err
ends_read(struct str text, const struct clock *clock, struct when *lo,
    struct when *hi, struct diag *dg)
{
	struct span span;
	*lo = (struct when){.day = DATE_MIN};
	*hi = (struct when){.day = DATE_MAX};
	if (text.n == 0)
		return CRM_OK;
	enum crm_err err = span_parse(text, clock, true, &span, dg);
	if (err)
		return err;
	*lo = (struct when){span.lo, span.has_time, span.utc};
	*hi = (struct when){span.hi, span.has_time, span.utc};
	return CRM_OK;
}

enum crm_err
when_range(struct str text, const struct clock *clock, struct when *lo,
    struct when *hi, struct diag *dg)
{
	struct str a = str_trim(text);
	struct str b = a;
	struct when rest;
	bool cut = range_cut(text, &a, &b);
	if (a.n == 0 && b.n == 0)
		return diag_set(dg, CRM_USAGE, "no date; write 2026-11-27, %s",
		    cut ? "A.., ..B or A..B" : "tomorrow or fri");
	enum crm_err err = ends_read(a, clock, lo, cut ? &rest : hi, dg);
	if (err || !cut)
		return err;
	err = ends_read(b, clock, &rest, hi, dg);
	return err ? err : range_order(lo, hi, dg);
}

void
when_print(const struct when *w, struct buf *out)
{
	if (w->has_time)
		time_print(w->utc, out);
	else
		date_print(w->day, out);
}

/* C and V in two digits. */
static void
two_add(struct buf *out, char c, int v)
{
	char text[3] = {c};

	num_two(text + 1, (unsigned)v);
	buf_add(out, (struct str){text, sizeof(text)});
}

void
when_say(const struct when *w, const struct zone *z, struct buf *out)
{
	int secs = 0;
	int day = w->has_time ? date_local(z, w->utc, &secs) : w->day;
	buf_add(out, str_head(str_from(weekday_name(date_weekday(day))), 3));
	buf_addc(out, ' ');
	date_print(day, out);
	if (!w->has_time)
		return;
	two_add(out, ' ', secs / 3600);
	two_add(out, ':', secs / 60 % 60);
	if (secs % 60)
		two_add(out, ':', secs % 60);
}
