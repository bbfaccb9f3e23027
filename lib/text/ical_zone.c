/* SPDX-License-Identifier: ISC */
/* ical_zone: which offset holds at a moment. */
#include "text/ical_zone.h"

#include "base/num.h"

enum { DAY_SECS = 86400, TRIES = 8 };

bool
ical_zone_add(struct ical_zone *z, const struct ical_onset *o)
{
	struct ical_onset *more;
	size_t cap = z->cap ? z->cap * 2 : 8;

	if (z->n >= ICAL_ONSETS_MAX)
		return false;
	if (z->n == z->cap) {
		more = realloc(z->onsets, cap * sizeof(*more));
		if (!more)
			return false;
		z->onsets = more;
		z->cap = cap;
	}
	z->onsets[z->n++] = *o;
	return true;
}

void
ical_zone_clear(struct ical_zone *z)
{
	free(z->onsets);
	*z = (struct ical_zone){0};
}

/* ---- the yearly rule -------------------------------------------------- */

/* The day of the rule in YEAR; false when it has none. */
static bool
rule_day(const struct ical_onset *o, int year, int *day)
{
	int length = date_month_length(year, o->month);
	int first = date_days((struct civil){year, o->month, 1});
	int at = o->day < 0 ? length + o->day + 1 : o->day, ahead;

	if (o->weekday && o->nth < 0) {
		ahead = (date_weekday(first + length - 1) - o->weekday + 7) % 7;
		at = length - ahead + (o->nth + 1) * 7;
	} else if (o->weekday) {
		if (o->nth > 0)
			at = 1;
		ahead = (o->weekday - date_weekday(first + at - 1) + 7) % 7;
		at += ahead + (o->nth > 0 ? (o->nth - 1) * 7 : 0);
		/* First not before day 29: it may be one of next month. */
		if (o->nth == 0) {
			*day = first + at - 1;
			return true;
		}
	}
	*day = first + at - 1;
	return at >= 1 && at <= length;
}

/* "8,9,10,11,12,13,14" with one weekday is the first that is not before the
 * 8th. */
static bool
week_read(struct str days, int *first)
{
	uint64_t day, before = 0;
	size_t n = 0;

	for (; days.p; n++) {
		if (!num_u64(str_trim(str_cut(&days, ',')), &day) || day < 1 ||
		    day > 31 || (n && day != before + 1))
			return false;
		if (n == 0)
			*first = (int)day;
		before = day;
	}
	return n == 7;
}

static bool
rule_days(const struct ical_rule *r, struct ical_onset *o)
{
	int64_t day;

	if (r->byday.n && !ical_weekday_read(r->byday, &o->nth, &o->weekday))
		return false;
	if (o->weekday && r->bymonthday.n)
		return o->nth == 0 && week_read(r->bymonthday, &o->day);
	if (o->weekday)
		return o->nth >= -5 && o->nth <= 5 && o->nth != 0;
	if (r->bymonthday.n == 0)
		return true;
	if (!num_i64(r->bymonthday, &day) || day < -31 || day > 31 || day == 0)
		return false;
	o->day = (int)day;
	return true;
}

bool
ical_zone_rule(const struct ical_rule *r, struct ical_onset *o)
{
	struct civil first = date_civil(date_local(NULL, o->start, NULL));
	struct ical_time until;
	uint64_t month = (uint64_t)first.month;

	o->yearly = true;
	o->interval = r->interval;
	o->day = first.day;
	o->until = INT64_MAX;
	if (!str_ieq(r->freq, STR("YEARLY")) || r->count || r->bysetpos.n)
		return false;
	if (r->bymonth.n && (!num_u64(r->bymonth, &month) || month > 12))
		return false;
	o->month = (int)month;
	if (month == 0 || !rule_days(r, o))
		return false;
	if (r->until.n == 0)
		return true;
	if (!ical_time_read(r->until, &until))
		return false;
	o->until = (int64_t)until.day * DAY_SECS + until.secs;
	if (!until.utc)
		o->until += (until.is_day ? DAY_SECS - 1 : 0) - o->from;
	return true;
}

/* ---- the offset ------------------------------------------------------- */

/* The latest time that O begins at, not behind UTC. */
static bool
onset_latest(const struct ical_onset *o, int64_t utc, int64_t *out)
{
	int64_t start = o->start - o->from, at;
	int64_t t = utc < o->until ? utc : o->until;
	int secs, day, first, year;

	if (start > utc)
		return false;
	*out = start;
	if (!o->yearly || t < start)
		return true;
	first = date_civil(date_local(NULL, o->start, &secs)).year;
	year = date_civil(date_local(NULL, t + o->from, NULL)).year;
	year -= (year - first) % o->interval;
	for (int i = 0; i < TRIES && year >= first; i++, year -= o->interval) {
		if (!rule_day(o, year, &day))
			continue;
		at = (int64_t)day * DAY_SECS + secs - o->from;
		if (at > t || at < start)
			continue;
		*out = at;
		return true;
	}
	return true;
}

long
ical_zone_offset(int64_t utc, void *arg)
{
	const struct ical_zone *z = arg;
	const struct ical_onset *best = NULL, *o;
	int64_t at, latest = INT64_MIN, earliest = INT64_MAX;
	long before = 0;

	for (size_t i = 0; i < z->n; i++) {
		o = &z->onsets[i];
		if (o->start - o->from < earliest) {
			earliest = o->start - o->from;
			before = o->from;
		}
		if (onset_latest(o, utc, &at) && (!best || at >= latest)) {
			latest = at;
			best = o;
		}
	}
	return best ? best->to : before;
}

/* ---- zones of the system ---------------------------------------------- */

/* A TZif file: a header of 44 bytes, then its tables, twice from version 2
 * on: with times of 4 bytes, then of 8; at the end a rule for later. */
enum { HEADER = 44, TYPE = 6 };

struct tzif {
	const unsigned char *times, *kinds, *types;
	size_t ntimes, ntypes;
	struct str rule;
};

static size_t
count_at(struct str bytes, size_t at)
{
	return num_get32((const unsigned char *)bytes.p + at);
}

/* The length of the tables behind a header, for times of SIZE bytes. */
static size_t
tables_length(struct str h, size_t size)
{
	return count_at(h, 32) * (size + 1) + count_at(h, 36) * TYPE +
	       count_at(h, 40) + count_at(h, 28) * (size + 4) +
	       count_at(h, 24) + count_at(h, 20);
}

static bool
header_ok(struct str h)
{
	if (h.n < HEADER || memcmp(h.p, "TZif", 4) != 0)
		return false;
	/* No table is anywhere near that long. */
	for (size_t at = 20; at < HEADER; at += 4)
		if (count_at(h, at) > 65536)
			return false;
	return true;
}

static bool
tzif_open(struct str bytes, struct tzif *t)
{
	size_t length;

	if (!header_ok(bytes) || bytes.p[4] < '2')
		return false;
	bytes = str_from_pos(bytes, HEADER + tables_length(bytes, 4));
	if (!header_ok(bytes))
		return false;
	length = tables_length(bytes, 8);
	t->ntimes = count_at(bytes, 32);
	t->ntypes = count_at(bytes, 36);
	t->times = (const unsigned char *)bytes.p + HEADER;
	t->kinds = t->times + t->ntimes * 8;
	t->types = t->kinds + t->ntimes;
	if (bytes.n < HEADER + length || t->ntypes == 0)
		return false;
	t->rule = str_trim(str_from_pos(bytes, HEADER + length));
	if (t->rule.n && t->rule.p[0] == '\n')
		t->rule = str_from_pos(t->rule, 1);
	t->rule = str_head(t->rule, str_chr(t->rule, '\n'));
	return true;
}

static bool
type_offset(const struct tzif *t, size_t kind, long *out)
{
	if (kind >= t->ntypes)
		return false;
	*out = (long)(int32_t)num_get32(t->types + kind * TYPE);
	return *out > -DAY_SECS && *out < DAY_SECS;
}

static bool
transitions_add(struct ical_zone *z, const struct tzif *t)
{
	struct ical_onset o = {0};
	long offset;

	if (!type_offset(t, 0, &offset))
		return false;
	for (size_t i = 0; i < t->ntimes; i++) {
		o.start = (int64_t)num_get64(t->times + i * 8);
		/* Before the calendar begins there is nothing to know. */
		if (o.start < (int64_t)DATE_MIN * DAY_SECS)
			o.start = (int64_t)DATE_MIN * DAY_SECS;
		if (o.start > (int64_t)DATE_MAX * DAY_SECS)
			break;
		o.from = offset;
		if (!type_offset(t, t->kinds[i], &offset))
			return false;
		o.to = offset;
		o.start += o.from;
		if (!ical_zone_add(z, &o))
			return false;
	}
	if (z->n)
		return true;
	o = (struct ical_onset){.from = offset, .to = offset};
	return ical_zone_add(z, &o);
}

/* ---- the rule for later: "CET-1CEST,M3.5.0,M10.5.0/3" ------------------ */

/* The name of an offset: letters, or anything in angle brackets. */
static bool
name_skip(struct str *s)
{
	size_t n = 0;

	if (s->n && s->p[0] == '<') {
		n = str_chr(*s, '>');
		*s = str_from_pos(*s, n + 1);
		return n > 1;
	}
	while (n < s->n && ((s->p[n] | 0x20) >= 'a' && (s->p[n] | 0x20) <= 'z'))
		n++;
	*s = str_from_pos(*s, n);
	return n >= 3;
}

static bool
number_cut(struct str *s, long max, long *out)
{
	size_t n = 0;

	for (*out = 0; n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
		*out = *out * 10 + (s->p[n] - '0');
		if (*out > max)
			return false;
	}
	*s = str_from_pos(*s, n);
	return n > 0;
}

/* "-5", "5:30", "+3:00:00" as seconds. */
static bool
clock_cut(struct str *s, long *out)
{
	bool minus = s->n && s->p[0] == '-';
	long part, unit = 60;

	if (minus || (s->n && s->p[0] == '+'))
		*s = str_from_pos(*s, 1);
	if (!number_cut(s, 167, out))
		return false;
	for (*out *= 3600; unit && s->n && s->p[0] == ':'; unit /= 60) {
		*s = str_from_pos(*s, 1);
		if (!number_cut(s, 59, &part))
			return false;
		*out += part * unit;
	}
	if (minus)
		*out = -*out;
	return true;
}

/* ",M10.5.0/3"; the other forms (Jn, n) are used by no zone of today. */
static bool
month_rule_cut(struct str *s, struct ical_onset *o)
{
	long month, week, weekday, secs = 2 * 3600L;

	if (s->n < 2 || s->p[0] != ',' || s->p[1] != 'M')
		return false;
	*s = str_from_pos(*s, 2);
	if (!number_cut(s, 12, &month) || month < 1 || !s->n || s->p[0] != '.')
		return false;
	*s = str_from_pos(*s, 1);
	if (!number_cut(s, 5, &week) || week < 1 || !s->n || s->p[0] != '.')
		return false;
	*s = str_from_pos(*s, 1);
	if (!number_cut(s, 6, &weekday))
		return false;
	if (s->n && s->p[0] == '/') {
		*s = str_from_pos(*s, 1);
		if (!clock_cut(s, &secs))
			return false;
	}
	o->yearly = true;
	o->interval = 1;
	o->until = INT64_MAX;
	o->month = (int)month;
	o->nth = week == 5 ? -1 : (int)week;
	o->weekday = weekday == 0 ? 7 : (int)weekday;
	o->start = secs;
	return true;
}

/* Behind the last known change, LAST. A time of day that is beyond the day
 * (Greenland has -1:00) is written out day by day. */
static bool
later_add(struct ical_zone *z, struct ical_onset *o, int64_t last)
{
	int64_t secs = o->start;
	int day, year = date_civil(date_local(NULL, last, NULL)).year;

	if (rule_day(o, year, &day) &&
	    (int64_t)day * DAY_SECS + secs - o->from <= last)
		year++;
	if (!rule_day(o, year, &day))
		return false;
	o->start = (int64_t)day * DAY_SECS + secs;
	if (secs >= 0 && secs < DAY_SECS)
		return ical_zone_add(z, o);
	/* The rule as single days, as far as people plan. */
	o->yearly = false;
	for (int i = 0; i < 200 && year + i < 9999; i++) {
		if (!rule_day(o, year + i, &day))
			continue;
		o->start = (int64_t)day * DAY_SECS + secs;
		if (!ical_zone_add(z, o))
			return false;
	}
	return true;
}

static bool
rule_add(struct ical_zone *z, struct str s, int64_t last)
{
	struct ical_onset summer = {0}, winter = {0};
	long standard, daylight;

	if (!name_skip(&s) || !clock_cut(&s, &standard))
		return false;
	if (s.n == 0)
		return true;
	daylight = standard - 3600;
	if (!name_skip(&s))
		return false;
	if (s.n && s.p[0] != ',' && !clock_cut(&s, &daylight))
		return false;
	if (!month_rule_cut(&s, &summer) || !month_rule_cut(&s, &winter))
		return false;
	summer.from = winter.to = -standard;
	summer.to = winter.from = -daylight;
	return later_add(z, &summer, last) && later_add(z, &winter, last);
}

bool
ical_zone_system(struct ical_zone *z, struct str bytes)
{
	struct tzif t;
	const struct ical_onset *last;

	if (!tzif_open(bytes, &t) || !transitions_add(z, &t))
		return false;
	last = &z->onsets[z->n - 1];
	return t.rule.n == 0 || rule_add(z, t.rule, last->start - last->from);
}
