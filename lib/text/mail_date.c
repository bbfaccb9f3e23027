/* SPDX-License-Identifier: ISC */
/* mail_date: the dates of RFC 5322, section 3.3, and the older ones of 4.3. */
#include "text/mail_priv.h"

#include "base/date.h"
#include "base/num.h"

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

static const struct {
	const char *name;
	int hours;
} zones[] = {
    {"ut", 0},
    {"utc", 0},
    {"gmt", 0},
    {"z", 0},
    {"est", -5},
    {"edt", -4},
    {"cst", -6},
    {"cdt", -5},
    {"mst", -7},
    {"mdt", -6},
    {"pst", -8},
    {"pdt", -7},
};

enum { WORDS_MAX = 5 };

/* Cuts TEXT into words at blanks, comments left out. A day's name in front,
 * "Mon," or "Mon", is left out too. */
static size_t
date_words(struct str text, struct str *words)
{
	size_t n = 0;
	size_t at = 0;

	while (at < text.n && n < WORDS_MAX) {
		if (text.p[at] == '(') {
			at = mail_comment(text, at, NULL);
			continue;
		}
		size_t from = at;
		while (at < text.n && !memchr(" \t\r\n,(", text.p[at], 6))
			at++;
		bool letter = at > from && text.p[from] > '9';
		if (at > from && !(n == 0 && letter))
			words[n++] =
			    (struct str){.p = text.p + from, .n = at - from};
		if (at < text.n && text.p[at] != '(')
			at++;
	}
	return n;
}

/* One to MOST digits. */
static bool
number(struct str s, size_t most, int *out)
{
	uint64_t v = 0;
	if (s.n == 0 || s.n > most || s.p[0] == '+' || !num_u64(s, &v))
		return false;
	*out = (int)v;
	return true;
}

static bool
month_from(struct str s, int *out)
{
	for (int m = 0; s.n >= 3 && m < 12; m++) {
		struct str name = {.p = months + 3 * m, .n = 3};
		if (str_ieq(str_head(s, 3), name)) {
			*out = m + 1;
			return true;
		}
	}
	return false;
}

/* RFC 5322, 4.3: two digits below 50 are of this century; three digits count
 * from 1900. */
static bool
year_from(struct str s, int *out)
{
	if (s.n < 2 || !number(s, 4, out))
		return false;
	if (s.n == 2)
		*out += *out < 50 ? 2000 : 1900;
	else if (s.n == 3)
		*out += 1900;
	return true;
}

static bool
clock_from(struct str s, int *secs)
{
	int h = 0;
	int m = 0;
	int sec = 0;
	struct str rest = s;

	struct str hours = str_cut(&rest, ':');
	struct str minutes = rest.p ? str_cut(&rest, ':') : rest;
	if (!number(hours, 2, &h) || !number(minutes, 2, &m))
		return false;
	if (rest.p && !number(rest, 2, &sec))
		return false;
	*secs = h * 3600 + m * 60 + sec;
	return h < 24 && m < 60 && sec <= 60;
}

/* Seconds east of UTC. Unknown names, military letters among them, count as
 * UTC: RFC 5322 says their meaning was never clear. */
static bool
zone_from(struct str s, int *secs)
{
	int hhmm = 0;

	*secs = 0;
	if (s.n > 0 && (s.p[0] == '+' || s.p[0] == '-')) {
		if (s.n != 5 || !number(str_from_pos(s, 1), 4, &hhmm))
			return false;
		*secs = (hhmm / 100 * 60 + hhmm % 100) * 60;
		if (s.p[0] == '-')
			*secs = -*secs;
		return hhmm / 100 < 24 && hhmm % 100 < 60;
	}
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		if (str_ieq(s, str_from(zones[i].name)))
			*secs = zones[i].hours * 3600;
	}
	return true;
}

bool
mail_date(struct str text, int64_t *utc)
{
	struct str words[WORDS_MAX] = {{0}};
	struct civil day = {0};
	int secs = 0;
	int zone = 0;

	size_t n = date_words(text, words);
	if (n < 4 || !number(words[0], 2, &day.day) ||
	    !month_from(words[1], &day.month) ||
	    !year_from(words[2], &day.year) || !clock_from(words[3], &secs) ||
	    !zone_from(words[4], &zone) || !date_valid(day))
		return false;
	*utc = (int64_t)date_days(day) * 86400 + secs - zone;
	return true;
}
