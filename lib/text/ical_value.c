/* SPDX-License-Identifier: ISC */
/* ical_value: days, moments, spans and rules of iCalendar. */
#include "text/ical_value.h"

#include "base/date.h"
#include "base/num.h"

enum { DAY_SECS = 86400, SPAN_DAYS_MAX = 1000000, COUNT_MAX = 9999 };

/* ---- times ------------------------------------------------------------ */

/* N digits at AT, or -1. */
static int
digits(struct str s, size_t at, size_t n)
{
	int v = 0;

	if (s.n < at + n)
		return -1;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		v = v * 10 + (s.p[i] - '0');
	}
	return v;
}

/* "20260302", the basic form. */
static bool
day_read(struct str s, int *day)
{
	struct civil c = {digits(s, 0, 4), digits(s, 4, 2), digits(s, 6, 2)};

	if (s.n != 8 || !date_valid(c))
		return false;
	*day = date_days(c);
	return true;
}

/* "143000"; a leap second is the one before it. */
static bool
clock_read(struct str s, int *secs)
{
	int hour = digits(s, 0, 2), minute = digits(s, 2, 2),
	    second = digits(s, 4, 2);

	if (s.n != 6 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
	    second < 0 || second > 60)
		return false;
	*secs = hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
	return true;
}

/* "2026-03-02T14:30:00+01:00" and "2026-03-02". */
static bool
extended_read(struct str s, struct ical_time *out)
{
	int64_t utc;

	if (date_parse(s, &out->day)) {
		out->is_day = true;
		return true;
	}
	if (!time_parse(s, &utc))
		return false;
	out->utc = true;
	out->day = date_local(NULL, utc, &out->secs);
	return true;
}

bool
ical_time_read(struct str value, struct ical_time *out)
{
	*out = (struct ical_time){0};
	value = str_trim(value);
	if (value.n > 4 && value.p[4] == '-')
		return extended_read(value, out);
	if (value.n == 8) {
		out->is_day = true;
		return day_read(value, &out->day);
	}
	if (value.n == 16 && value.p[15] == 'Z') {
		out->utc = true;
		value.n--;
	}
	return value.n == 15 && value.p[8] == 'T' &&
	       day_read(str_head(value, 8), &out->day) &&
	       clock_read(str_from_pos(value, 9), &out->secs);
}

bool
ical_offset_read(struct str value, long *out)
{
	int hour, minute, second = 0;

	value = str_trim(value);
	hour = digits(value, 1, 2);
	minute = digits(value, 3, 2);
	if (value.n == 7)
		second = digits(value, 5, 2);
	if ((value.n != 5 && value.n != 7) || hour < 0 || hour > 23 ||
	    minute < 0 || minute > 59 || second < 0 || second > 59 ||
	    (value.p[0] != '+' && value.p[0] != '-'))
		return false;
	*out = hour * 3600 + minute * 60 + second;
	if (value.p[0] == '-')
		*out = -*out;
	return true;
}

/* ---- spans ------------------------------------------------------------ */

/* One "15M" off REST; the number is at most a million days of seconds. */
static bool
step_cut(struct str *rest, int64_t *n, char *unit)
{
	size_t i = 0;

	*n = 0;
	for (; i < rest->n && rest->p[i] >= '0' && rest->p[i] <= '9'; i++) {
		*n = *n * 10 + (rest->p[i] - '0');
		if (*n > (int64_t)SPAN_DAYS_MAX * DAY_SECS)
			return false;
	}
	if (i == 0 || i == rest->n)
		return false;
	*unit = rest->p[i];
	*rest = str_from_pos(*rest, i + 1);
	return true;
}

static bool
step_add(struct ical_span *s, int64_t *days, int64_t n, char unit, bool time)
{
	if (!time && unit == 'W')
		*days += n * 7;
	else if (!time && unit == 'D')
		*days += n;
	else if (time && unit == 'H')
		s->secs += n * 3600;
	else if (time && unit == 'M')
		s->secs += n * 60;
	else if (time && unit == 'S')
		s->secs += n;
	else
		return false;
	return *days <= SPAN_DAYS_MAX &&
	       s->secs <= (int64_t)SPAN_DAYS_MAX * DAY_SECS;
}

bool
ical_span_read(struct str value, struct ical_span *out)
{
	bool minus = false, time = false, any = false;
	int64_t days = 0, n;
	char unit;

	*out = (struct ical_span){0};
	value = str_trim(value);
	if (value.n && (value.p[0] == '-' || value.p[0] == '+')) {
		minus = value.p[0] == '-';
		value = str_from_pos(value, 1);
	}
	if (value.n == 0 || value.p[0] != 'P')
		return false;
	value = str_from_pos(value, 1);
	while (value.n) {
		if (value.p[0] == 'T' && !time) {
			time = true;
			value = str_from_pos(value, 1);
		}
		if (!step_cut(&value, &n, &unit) ||
		    !step_add(out, &days, n, unit, time))
			return false;
		any = true;
	}
	out->days = (int)(minus ? -days : days);
	out->secs = minus ? -out->secs : out->secs;
	return any;
}

/* ---- rules ------------------------------------------------------------ */

static bool
number_read(struct str s, int max, int *out)
{
	uint64_t n;

	if (!num_u64(s, &n) || n < 1 || n > (uint64_t)max)
		return false;
	*out = (int)n;
	return true;
}

/* A part that is kept as text, once. */
static bool
part_keep(struct str *part, struct str value)
{
	if (part->n || value.n == 0)
		return false;
	*part = value;
	return true;
}

static bool
part_read(struct ical_rule *r, struct str name, struct str value)
{
	const struct {
		const char *name;
		struct str *part;
	} texts[] = {{"FREQ", &r->freq}, {"UNTIL", &r->until},
	    {"BYDAY", &r->byday}, {"BYMONTHDAY", &r->bymonthday},
	    {"BYMONTH", &r->bymonth}, {"BYSETPOS", &r->bysetpos},
	    {"WKST", &r->wkst}};

	if (str_ieq(name, STR("INTERVAL")))
		return number_read(value, COUNT_MAX, &r->interval);
	if (str_ieq(name, STR("COUNT")))
		return number_read(value, INT32_MAX, &r->count);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (str_ieq(name, str_from(texts[i].name)))
			return part_keep(texts[i].part, value);
	r->others = true;
	return true;
}

bool
ical_rule_read(struct str value, struct ical_rule *out)
{
	struct str rest = str_trim(value), part, name;

	*out = (struct ical_rule){.interval = 1};
	while (rest.p) {
		part = str_trim(str_cut(&rest, ';'));
		if (part.n == 0)
			continue;
		name = str_cut(&part, '=');
		if (!part.p || !part_read(out, str_trim(name), str_trim(part)))
			return false;
	}
	return out->freq.n > 0;
}

bool
ical_weekday_read(struct str item, int *nth, int *weekday)
{
	static const char names[] = "MOTUWETHFRSASU";
	bool minus = false;
	int n = 0;

	item = str_trim(item);
	if (item.n && (item.p[0] == '-' || item.p[0] == '+')) {
		minus = item.p[0] == '-';
		item = str_from_pos(item, 1);
	}
	if (item.n > 2 && !number_read(str_head(item, item.n - 2), 53, &n))
		return false;
	*nth = minus ? -n : n;
	item = str_from_pos(item, item.n > 2 ? item.n - 2 : 0);
	for (int i = 0; item.n == 2 && i < 7; i++) {
		*weekday = i + 1;
		if (str_ieq(item, (struct str){names + (ptrdiff_t)i * 2, 2}))
			return true;
	}
	return false;
}

/* ---- repetitions of ours ---------------------------------------------- */

/* A rule on its way: its first day, and what of it BYDAY says. */
struct turn {
	const struct ical_rule *rule;
	struct civil first;
	int weekday;	   /* of the first day */
	unsigned weekdays; /* of BYDAY, bit 0 Monday; 0: none */
	int nth;	   /* of all of BYDAY */
};

static bool
weekdays_read(struct turn *t)
{
	struct str rest = t->rule->byday;
	int nth = 0, weekday = 0;
	bool first = true;

	if (rest.n == 0)
		return true;
	for (; rest.p; first = false) {
		if (!ical_weekday_read(str_cut(&rest, ','), &nth, &weekday) ||
		    (!first && nth != t->nth))
			return false;
		t->nth = nth;
		t->weekdays |= 1U << (weekday - 1);
	}
	return true;
}

static bool
single_bit(unsigned set)
{
	return set && !(set & (set - 1));
}

static bool
no_days(const struct ical_rule *r)
{
	return !r->byday.n && !r->bymonthday.n && !r->bysetpos.n;
}

/* Monday to Friday are the business days, every day or every week. */
static bool
daily(const struct turn *t, struct recur *out)
{
	const struct ical_rule *r = t->rule;

	out->unit = RECUR_DAY;
	if (r->bymonth.n || r->bymonthday.n || r->bysetpos.n || t->nth)
		return false;
	if (t->weekdays == 0)
		return true;
	out->unit = RECUR_BUSINESS;
	return t->weekdays == 0x1f && r->interval == 1 && t->weekday < 6;
}

/* Weeks of ours begin on Monday; that matters only where some are left out
 * and several days are wanted of the others. */
static bool
weekly(const struct turn *t, struct recur *out)
{
	const struct ical_rule *r = t->rule;
	bool monday = r->wkst.n == 0 || str_ieq(r->wkst, STR("MO"));

	if (r->bymonth.n || r->bymonthday.n || r->bysetpos.n || t->nth)
		return false;
	if (r->interval == 1 && t->weekdays == 0x1f && t->weekday < 6) {
		out->unit = RECUR_BUSINESS;
		return true;
	}
	out->unit = RECUR_WEEK;
	if (t->weekdays == 0)
		return true;
	out->on = RECUR_ON_WEEKDAYS;
	out->weekdays = t->weekdays;
	return r->interval == 1 || monday ||
	       t->weekdays == 1U << (t->weekday - 1);
}

/* The day of a BYMONTHDAY that is one day, or "28,29,30" of which the last
 * counts: 1..30, or 31 for the last of the month; 0 when it is neither. */
static int
month_day(const struct ical_rule *r)
{
	static const struct {
		const char *days;
		int day;
	} clamped[] = {{"28,29", 29}, {"28,29,30", 30}, {"28,29,30,31", 31}};
	int day;

	if (str_is(r->bymonthday, "-1"))
		return r->bysetpos.n ? 0 : 31;
	if (str_is(r->bysetpos, "-1")) {
		for (size_t i = 0; i < ARRAY_LEN(clamped); i++)
			if (str_is(r->bymonthday, clamped[i].days))
				return clamped[i].day;
		return 0;
	}
	if (r->bysetpos.n || !number_read(r->bymonthday, 31, &day))
		return 0;
	return day;
}

/* The last weekday of the month: BYDAY=-1FR, or BYDAY=FR;BYSETPOS=-1. */
static bool
last_weekday(const struct turn *t, struct recur *out)
{
	const struct ical_rule *r = t->rule;
	bool last = t->nth == -1 && r->bysetpos.n == 0;

	out->on = RECUR_ON_LAST_WEEKDAY;
	out->weekdays = t->weekdays;
	return single_bit(t->weekdays) && r->bymonthday.n == 0 &&
	       (last || (t->nth == 0 && str_is(r->bysetpos, "-1")));
}

static void
on_day(const struct turn *t, int day, struct recur *out)
{
	if (day == 31)
		out->on = RECUR_ON_LAST_DAY;
	else if (day != t->first.day)
		out->on = RECUR_ON_DAY;
	if (out->on == RECUR_ON_DAY)
		out->day = day;
}

/* A plain day over 28 is left out in short months there and moved to their
 * end here. */
static bool
monthly(const struct turn *t, struct recur *out)
{
	int day;

	out->unit = RECUR_MONTH;
	if (t->rule->bymonth.n)
		return false;
	if (no_days(t->rule))
		return t->first.day <= 28;
	if (t->weekdays)
		return last_weekday(t, out);
	day = month_day(t->rule);
	if (day == 0 ||
	    (day > 28 && number_read(t->rule->bymonthday, 31, &day)))
		return false;
	on_day(t, day, out);
	return true;
}

static bool
yearly(const struct turn *t, struct recur *out)
{
	const struct ical_rule *r = t->rule;
	int month, day, length = date_month_length(1, t->first.month);

	out->unit = RECUR_YEAR;
	if (r->bymonth.n &&
	    (!number_read(r->bymonth, 12, &month) || month != t->first.month))
		return false;
	if (no_days(r))
		return t->first.day <= length;
	if (r->bymonth.n == 0)
		return false;
	if (t->weekdays)
		return last_weekday(t, out);
	day = month_day(r);
	/* Of the month's own length it is the last: 30 of November. */
	if (day == 31)
		day = str_is(r->bymonthday, "-1") || length == 31 ? 31 : 0;
	else if (day > length || (day > 28 && r->bysetpos.n))
		day = 0;
	if (day == 0)
		return false;
	on_day(t, day, out);
	if (day == 31 && t->first.day == length && t->first.month != 2)
		out->on = RECUR_ON_NONE;
	return true;
}

/* The last day that UNTIL allows: of a moment the local one, but the day
 * before when the series would come later on it. */
static bool
until_read(const struct ical_rule *r, const struct ical_time *start,
    const struct zone *zone, struct recur *out)
{
	struct ical_time until;
	int64_t utc;
	int secs, day;

	if (r->until.n == 0)
		return true;
	if (!ical_time_read(r->until, &until))
		return false;
	out->until = until.day;
	if (until.is_day || start->is_day)
		return true;
	utc = date_to_utc(until.utc ? NULL : zone, until.day, until.secs);
	day = date_local(zone, utc, &secs);
	out->until = secs < start->secs ? day - 1 : day;
	return true;
}

bool
ical_rule_recur(const struct ical_rule *rule, const struct ical_time *start,
    const struct zone *zone, struct recur *out)
{
	struct turn t = {
	    .rule = rule,
	    .first = date_civil(start->day),
	    .weekday = date_weekday(start->day),
	};
	bool ok = false;

	*out = (struct recur){
	    .n = rule->interval, .until = DATE_MAX, .count = rule->count};
	if (rule->others || rule->count > COUNT_MAX ||
	    (rule->count && rule->until.n) || !weekdays_read(&t) ||
	    !until_read(rule, start, zone, out))
		return false;
	if (str_ieq(rule->freq, STR("DAILY")))
		ok = daily(&t, out);
	else if (str_ieq(rule->freq, STR("WEEKLY")))
		ok = weekly(&t, out);
	else if (str_ieq(rule->freq, STR("MONTHLY")))
		ok = monthly(&t, out);
	else if (str_ieq(rule->freq, STR("YEARLY")))
		ok = yearly(&t, out);
	return ok;
}
