/* SPDX-License-Identifier: ISC */
/* profile_date: the dates of other programs, read in a given order. */
#include "crm/profile_impl.h"

#include "base/date.h"
#include "base/num.h"

enum { SHOWN_MAX = 60, DAY_SECS = 86400, NONE_YEAR = 4501 };

/* What is left to read, and what was read. */
struct reading {
	struct str rest;
	struct civil day;
	int secs;
	long offset;
	bool none; /* "0/0/00": they write no date like this */
	bool timed, zoned;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (unsigned char)c >= 0x80;
}

static bool
next_is(const struct reading *r, const char *set)
{
	return r->rest.n && r->rest.p[0] && strchr(set, r->rest.p[0]);
}

static void
skip(struct reading *r, const char *set)
{
	while (next_is(r, set))
		r->rest = str_from_pos(r->rest, 1);
}

/* One to MOST digits; *n says how many. */
static bool
number(struct reading *r, size_t most, int *out, size_t *n)
{
	*n = 0;
	*out = 0;
	while (*n < r->rest.n && *n < most && is_digit(r->rest.p[*n])) {
		*out = *out * 10 + (r->rest.p[*n] - '0');
		(*n)++;
	}
	r->rest = str_from_pos(r->rest, *n);
	return *n > 0 && !(r->rest.n && is_digit(r->rest.p[0]));
}

static struct str
word(struct reading *r)
{
	struct str s = r->rest;
	size_t n = 0;

	while (n < s.n && is_letter(s.p[n]))
		n++;
	r->rest = str_from_pos(s, n);
	return str_head(s, n);
}

/* English and German names by their first letters; 0 when it is none. */
static int
month_of(struct str name)
{
	static const struct {
		const char *start;
		int month;
	} months[] = {{"jan", 1}, {"feb", 2}, {"mar", 3}, {"m\xc3\xa4r", 3},
	    {"mrz", 3}, {"apr", 4}, {"may", 5}, {"mai", 5}, {"jun", 6},
	    {"jul", 7}, {"aug", 8}, {"sep", 9}, {"oct", 10}, {"okt", 10},
	    {"nov", 11}, {"dec", 12}, {"dez", 12}};

	for (size_t i = 0; i < ARRAY_LEN(months); i++) {
		struct str start = str_from(months[i].start);

		if (name.n >= start.n &&
		    str_ieq(str_head(name, start.n), start))
			return months[i].month;
	}
	return 0;
}

static bool
year_ok(struct reading *r, int year, size_t digits)
{
	r->day.year = year;
	return digits == 4;
}

/* "15 Jan 2024", "15-Jan-2024", "15. Januar 2024"; the day was read. */
static bool
day_month(struct reading *r, int day)
{
	int year;
	size_t n;

	r->day.day = day;
	r->day.month = month_of(word(r));
	skip(r, " .,-");
	return r->day.month && number(r, 4, &year, &n) && year_ok(r, year, n);
}

/* "Jan 15, 2024", "Mon Jan 15 2024"; a day's name in front may stand. */
static bool
month_day(struct reading *r)
{
	struct str name = word(r);
	int month = month_of(name), year;
	size_t n;

	skip(r, " .,");
	if (!month && next_is(r, "0123456789")) {
		if (!number(r, 2, &r->day.day, &n))
			return false;
		skip(r, " .-");
		return day_month(r, r->day.day);
	}
	if (!month) {
		month = month_of(word(r));
		skip(r, " .,");
	}
	r->day.month = month;
	if (!month || !number(r, 2, &r->day.day, &n))
		return false;
	skip(r, " ,");
	return number(r, 4, &year, &n) && year_ok(r, year, n);
}

/* "2024-01-15", "2024/1/15", "20240115"; the first number was read. */
static bool
year_first(struct reading *r, int first, size_t digits)
{
	size_t n;

	if (digits == 8) {
		r->day = (struct civil){
		    first / 10000, first / 100 % 100, first % 100};
		return true;
	}
	r->day.year = first;
	if (!next_is(r, "-/."))
		return false;
	skip(r, "-/.");
	if (!number(r, 2, &r->day.month, &n) || !next_is(r, "-/."))
		return false;
	skip(r, "-/.");
	return number(r, 2, &r->day.day, &n);
}

/* "1/15/2024" or "15.1.2024"; the first number was read. Dots have the day
 * first all over the world. */
static bool
year_last(struct reading *r, int first, enum date_order order)
{
	bool dots = next_is(r, ".");
	int second, year;
	size_t n;

	skip(r, "/.-");
	if (!number(r, 2, &second, &n))
		return false;
	skip(r, "/.-");
	if (!number(r, 4, &year, &n))
		return false;
	r->none = first == 0 && second == 0;
	if (r->none)
		return true;
	if (!dots && order != DATE_US && order != DATE_EU)
		return false;
	r->day.day = dots || order == DATE_EU ? first : second;
	r->day.month = dots || order == DATE_EU ? second : first;
	return year_ok(r, year, n);
}

static bool
day_read(struct reading *r, enum date_order order)
{
	int first;
	size_t n;

	if (!next_is(r, "0123456789"))
		return r->rest.n && is_letter(r->rest.p[0]) && month_day(r);
	if (!number(r, 8, &first, &n))
		return false;
	if (n == 4 || n == 8)
		return year_first(r, first, n);
	if (n > 2)
		return false;
	if (next_is(r, "/.-") && r->rest.n > 1 && is_digit(r->rest.p[1]))
		return year_last(r, first, order);
	skip(r, " .-");
	return day_month(r, first);
}

/* "AM" and "PM"; false when the hour does not go with it. */
static bool
half_read(struct reading *r, int *hour)
{
	struct str at = r->rest, half = word(r);
	bool pm = str_ieq(half, STR("pm"));

	if (!pm && !str_ieq(half, STR("am"))) {
		r->rest = at;
		return true;
	}
	if (*hour < 1 || *hour > 12)
		return false;
	*hour = *hour % 12 + (pm ? 12 : 0);
	skip(r, " ");
	return true;
}

/* "Z", "UTC", "+01:00", "+0100", "GMT+0100"; nothing is no zone. */
static bool
zone_read(struct reading *r)
{
	struct str name = word(r);
	int sign, hours, minutes = 0;
	size_t n;

	r->zoned = name.n > 0;
	if (name.n && !str_ieq(name, STR("z")) && !str_ieq(name, STR("utc")) &&
	    !str_ieq(name, STR("gmt")))
		return false;
	skip(r, " ");
	if (!next_is(r, "+-"))
		return true;
	r->zoned = true;
	sign = r->rest.p[0] == '-' ? -1 : 1;
	r->rest = str_from_pos(r->rest, 1);
	if (!number(r, 4, &hours, &n) || n == 3)
		return false;
	if (n == 4) {
		minutes = hours % 100;
		hours /= 100;
	} else if (next_is(r, ":")) {
		skip(r, ":");
		if (!number(r, 2, &minutes, &n) || n != 2)
			return false;
	}
	r->offset = sign * (hours * 3600L + minutes * 60L);
	return hours < 24 && minutes < 60;
}

/* "3:05 PM", "T15:05:00.000Z", or nothing. */
static bool
time_read(struct reading *r)
{
	int hour, minute, second = 0, part;
	size_t n;

	skip(r, " ,");
	if (next_is(r, "Tt"))
		r->rest = str_from_pos(r->rest, 1);
	if (!r->rest.n)
		return true;
	if (!number(r, 2, &hour, &n) || !next_is(r, ":"))
		return false;
	skip(r, ":");
	if (!number(r, 2, &minute, &n) || n != 2)
		return false;
	if (next_is(r, ":")) {
		skip(r, ":");
		if (!number(r, 2, &second, &n) || n != 2)
			return false;
	}
	if (next_is(r, ".")) {
		skip(r, ".");
		if (!number(r, 9, &part, &n))
			return false;
	}
	skip(r, " ");
	if (!half_read(r, &hour) || !zone_read(r))
		return false;
	r->timed = true;
	r->secs = hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
	return hour < 24 && minute < 60 && second <= 60;
}

/* Outlook and old databases write such days for none. */
static bool
is_none(const struct reading *r)
{
	const struct civil *c = &r->day;

	return r->none || c->year == NONE_YEAR ||
	       (c->month == 0 && c->day == 0);
}

static bool
epoch_read(struct reading *r, enum date_order order)
{
	int64_t v, secs, limit = (int64_t)DATE_MAX * DAY_SECS;

	if (!num_i64(r->rest, &v))
		return false;
	secs = order == DATE_MS ? v / 1000 - (v % 1000 < 0) : v;
	if (secs < (int64_t)DATE_MIN * DAY_SECS || secs >= limit)
		return false;
	r->none = v == 0;
	r->timed = r->zoned = true;
	r->secs = (int)(((secs % DAY_SECS) + DAY_SECS) % DAY_SECS);
	r->day = date_civil((int)((secs - r->secs) / DAY_SECS));
	return true;
}

static bool
date_text(struct str in, enum date_order order, struct reading *r)
{
	*r = (struct reading){.rest = str_trim(in)};
	if ((order == DATE_MS || order == DATE_S) && epoch_read(r, order))
		return true;
	if (!day_read(r, order))
		return false;
	skip(r, " ");
	return time_read(r) && r->rest.n == 0 &&
	       (is_none(r) || date_valid(r->day));
}

bool
step_date_reads(struct str in, enum date_order order)
{
	struct reading r;

	return date_text(in, order, &r) && !is_none(&r);
}

static enum crm_err
date_refuse(struct str in, enum date_order order, struct diag *dg)
{
	static const char *const forms[] = {
	    [DATE_ISO] = "2024-01-15",
	    [DATE_US] = "month/day/year, as in 1/15/2024",
	    [DATE_EU] = "day/month/year, as in 15/1/2024",
	    [DATE_MS] = "milliseconds since 1970",
	    [DATE_S] = "seconds since 1970",
	};

	return diag_set(dg, CRM_DATA,
	    "'%.*s' is no date of the form %s; change the value, or the order "
	    "behind date in the profile",
	    STR_ARG(str_head(in, SHOWN_MAX)), forms[order]);
}

enum crm_err
step_date(struct str in, enum date_order order, bool day_only, struct buf *out,
    struct diag *dg)
{
	struct reading r;
	int days;

	if (!date_text(in, order, &r))
		return date_refuse(in, order, dg);
	if (is_none(&r))
		return CRM_OK;
	days = date_days(r.day);
	if (r.timed && r.zoned && !day_only) {
		time_print((int64_t)days * DAY_SECS + r.secs - r.offset, out);
		return CRM_OK;
	}
	date_print(days, out);
	if (r.timed && !day_only)
		buf_addf(out, " %02d:%02d", r.secs / 3600, r.secs / 60 % 60);
	return CRM_OK;
}
