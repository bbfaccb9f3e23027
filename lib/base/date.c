/* SPDX-License-Identifier: ISC */
/* date: civil dates, instants and their canonical texts. */
#include "base/date.h"

#include "base/num.h"

enum {
	DAY_SECS = 86400,
	ERA_DAYS = 146097,  /* 400 years */
	ERA_SHIFT = 719468, /* days from 0000-03-01 to 1970-01-01 */
};

static const int64_t UTC_MIN = (int64_t)DATE_MIN * DAY_SECS;
static const int64_t UTC_MAX = ((int64_t)DATE_MAX + 1) * DAY_SECS - 1;

static bool
year_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
date_month_length(int year, int month)
{
	static const signed char length[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (month < 1 || month > 12)
		return 0;
	return length[month - 1] + (month == 2 && year_leap(year));
}

bool
date_valid(struct civil c)
{
	return c.year >= 1 && c.year <= 9999 && c.month >= 1 && c.month <= 12 &&
	       c.day >= 1 && c.day <= date_month_length(c.year, c.month);
}

/* Years that begin in March put the leap day last, so that the length of a
 * month is linear in its number: (153 m + 2) / 5. */
int
date_days(struct civil c)
{
	int year = c.year - (c.month <= 2);
	int era = (year >= 0 ? year : year - 399) / 400;
	int yoe = year - era * 400;
	int month = c.month > 2 ? c.month - 3 : c.month + 9;
	int doy = (153 * month + 2) / 5 + c.day - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * ERA_DAYS + doe - ERA_SHIFT;
}

static int
days_clamp(int64_t days)
{
	if (days < DATE_MIN)
		return DATE_MIN;
	return days > DATE_MAX ? DATE_MAX : (int)days;
}

/* After C. Neri and L. Schneider, "Euclidean affine functions and applications
 * to calendar algorithms": divisions by what the compiler knows, and 2^32. */
struct civil
date_civil(int days)
{
	enum { YEAR = 2939745, MONTH = 2141, FIRST = 197913, MARCH_YEAR = 306 };
	uint32_t z = (uint32_t)(days_clamp(days) + ERA_SHIFT); /* year 1 on */
	uint32_t century = (4 * z + 3) / ERA_DAYS;
	uint32_t doc = (4 * z + 3) % ERA_DAYS / 4;
	uint64_t years = (uint64_t)YEAR * (4 * doc + 3);
	uint32_t doy = (uint32_t)years / YEAR / 4;
	uint32_t months = MONTH * doy + FIRST;
	bool next = doy >= MARCH_YEAR; /* January or February */

	return (struct civil){
	    .year = (int)(100 * century + (uint32_t)(years >> 32) + next),
	    .month = (int)(months >> 16) - (next ? 12 : 0),
	    .day = (int)((months & 0xffff) / MONTH) + 1,
	};
}

int
date_weekday(int days)
{
	/* 0001-01-01 was a Monday */
	return (days_clamp(days) - DATE_MIN) % 7 + 1;
}

/* The Monday of week 1: the week that 4 January is in. In year 1 that is the
 * first day of all; in year 10000 it is no longer a date. */
static int
week_one(int year)
{
	int fourth = date_days((struct civil){year, 1, 4});
	return fourth - (fourth - DATE_MIN) % 7;
}

bool
date_iso_week(int year, int week, int *days)
{
	if (year < 1 || year > 9999 || week < 1)
		return false;
	int64_t monday = week_one(year) + ((int64_t)week - 1) * 7;
	if (monday >= week_one(year + 1))
		return false;
	*days = (int)monday;
	return true;
}

int
date_add_months(int days, int n)
{
	struct civil c = date_civil(days);
	int64_t month = (int64_t)c.year * 12 + c.month - 1 + n;
	if (month < 12)
		return DATE_MIN;
	if (month >= (int64_t)10000 * 12)
		return DATE_MAX;
	c.year = (int)(month / 12);
	c.month = (int)(month % 12) + 1;
	int length = date_month_length(c.year, c.month);
	if (c.day > length)
		c.day = length;
	return date_days(c);
}

/* Counted on weeks of five days. A weekend counts as the Friday before it on
 * the way forward, as the Monday after it on the way back. */
int
date_add_business(int days, int n)
{
	int64_t day = days_clamp(days);
	int at = date_weekday(days) - 1; /* 0 Monday .. 6 Sunday */
	if (n == 0)
		return (int)day;
	if (at > 4) {
		day += n > 0 ? 4 - at : 7 - at;
		at = n > 0 ? 4 : 0;
	}
	int64_t total = at + (int64_t)n;
	int64_t weeks = total >= 0 ? total / 5 : -((4 - total) / 5);
	return days_clamp(day - at + weeks * 7 + (total - weeks * 5));
}

static int64_t
zone_offset(const struct zone *z, int64_t utc)
{
	return z && z->offset ? z->offset(utc, z->arg) : 0;
}

/*
 * The offsets a day before and after tell whether the clocks are changed in
 * between. A time that is shown twice is the first of the two; one that is
 * skipped is counted with the offset before the gap (RFC 5545, 3.3.5).
 */
int64_t
date_to_utc(const struct zone *z, int days, int secs)
{
	int64_t local = (int64_t)days * DAY_SECS + secs;
	int64_t before = zone_offset(z, local - DAY_SECS);
	int64_t after = zone_offset(z, local + DAY_SECS);
	if (zone_offset(z, local - before) == before)
		return local - before;
	if (zone_offset(z, local - after) == after)
		return local - after;
	return local - before;
}

static int64_t
utc_clamp(int64_t utc)
{
	if (utc < UTC_MIN)
		return UTC_MIN;
	return utc > UTC_MAX ? UTC_MAX : utc;
}

int
date_local(const struct zone *z, int64_t utc, int *secs)
{
	utc = utc_clamp(utc);
	int64_t local = utc_clamp(utc + zone_offset(z, utc)) - UTC_MIN;
	if (secs)
		*secs = (int)(local % DAY_SECS);
	return DATE_MIN + (int)(local / DAY_SECS);
}

static void
two_put(char *p, int v)
{
	num_two(p, (unsigned)v);
}

static void
date_put(char *p, int days)
{
	struct civil c = date_civil(days);
	two_put(p, c.year / 100);
	two_put(p + 2, c.year % 100);
	p[4] = '-';
	two_put(p + 5, c.month);
	p[7] = '-';
	two_put(p + 8, c.day);
}

void
date_print(int days, struct buf *out)
{
	char text[DATE_LEN];
	date_put(text, days);
	buf_add(out, (struct str){text, sizeof text});
}

void
date_write(int days, char text[DATE_LEN])
{
	date_put(text, days);
}

void
time_write(int64_t utc, char text[TIME_LEN])
{
	int secs;
	date_put(text, date_local(NULL, utc, &secs));
	text[10] = 'T';
	two_put(text + 11, secs / 3600);
	text[13] = ':';
	two_put(text + 14, secs / 60 % 60);
	text[16] = ':';
	two_put(text + 17, secs % 60);
	text[19] = 'Z';
}

void
time_print(int64_t utc, struct buf *out)
{
	char text[TIME_LEN];
	time_write(utc, text);
	buf_add(out, (struct str){text, sizeof text});
}

/* The two digits at P as a number, or -1. */
static inline int
two_get(const char *p)
{
	unsigned a = (unsigned char)p[0] - (unsigned)'0';
	unsigned b = (unsigned char)p[1] - (unsigned)'0';
	return a < 10 && b < 10 ? (int)(a * 10 + b) : -1;
}

bool
date_parse(struct str s, int *days)
{
	if (s.n != DATE_LEN || s.p[4] != '-' || s.p[7] != '-')
		return false;
	int century = two_get(s.p), year = two_get(s.p + 2);
	struct civil c = {
	    .year = century * 100 + year,
	    .month = two_get(s.p + 5),
	    .day = two_get(s.p + 8),
	};
	if (century < 0 || year < 0 || !date_valid(c))
		return false;
	*days = date_days(c);
	return true;
}

/* "hh:mm:ss" at AT as seconds of the day, or -1. A leap second passes here;
 * whether there can be one is only known in UTC. */
static int
clock_get(struct str s, size_t at)
{
	if (s.n < at + 8 || s.p[at + 2] != ':' || s.p[at + 5] != ':')
		return -1;
	int hour = two_get(s.p + at);
	int minute = two_get(s.p + at + 3);
	int second = two_get(s.p + at + 6);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 60)
		return -1;
	return hour * 3600 + minute * 60 + second;
}

/* The whole of S: "Z" or "+hh:mm", in seconds. */
static bool
offset_get(struct str s, int *secs)
{
	*secs = 0;
	if (s.n == 1)
		return s.p[0] == 'Z' || s.p[0] == 'z';
	if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':')
		return false;
	int hour = two_get(s.p + 1);
	int minute = two_get(s.p + 4);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
		return false;
	*secs = (hour * 60 + minute) * 60;
	if (s.p[0] == '-')
		*secs = -*secs;
	return true;
}

/* Where the offset begins, behind a fraction of at least one digit. */
static bool
fraction_skip(struct str s, size_t *at)
{
	if (*at >= s.n || s.p[*at] != '.')
		return true;
	size_t start = ++*at;
	while (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9')
		++*at;
	return *at > start;
}

bool
time_parse(struct str s, int64_t *utc)
{
	int day;
	int offset;
	size_t at = DATE_LEN + 9;
	if (s.n < TIME_LEN || !date_parse(str_head(s, DATE_LEN), &day))
		return false;
	if (s.p[10] != 'T' && s.p[10] != 't' && s.p[10] != ' ')
		return false;
	int secs = clock_get(s, DATE_LEN + 1);
	if (secs < 0)
		return false;
	/* As it is stored. */
	if (s.n == TIME_LEN && s.p[19] == 'Z' && s.p[17] != '6') {
		*utc = (int64_t)day * DAY_SECS + secs;
		return true;
	}
	if (!fraction_skip(s, &at) || !offset_get(str_from_pos(s, at), &offset))
		return false;
	int64_t t = (int64_t)day * DAY_SECS + secs - offset;
	/* A leap second comes at the end of a day in UTC and nowhere else. */
	if (s.p[17] == '6' && t % DAY_SECS != 0)
		return false;
	if (t < UTC_MIN || t > UTC_MAX)
		return false;
	*utc = t;
	return true;
}
