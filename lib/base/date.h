/* SPDX-License-Identifier: ISC */
/*
 * date: civil dates of the proleptic Gregorian calendar, years 1 to 9999,
 * and instants as seconds since 1970-01-01T00:00:00Z. Reads no clock; the
 * time zone comes in through struct zone.
 */
#ifndef CRM_DATE_H
#define CRM_DATE_H

#include "base/base.h"
#include "base/str.h"

/* Days since 1970-01-01. */
enum { DATE_MIN = -719162, DATE_MAX = 2932896 };

struct civil {
	int year;  /* 1..9999 */
	int month; /* 1..12 */
	int day;   /* 1..31 */
};

bool date_valid(struct civil c); /* such a day exists */
int date_days(struct civil c);	 /* c must be valid */
struct civil date_civil(int days);
int date_month_length(int year, int month);
int date_weekday(int days); /* 1 Monday .. 7 Sunday (ISO 8601) */
/* The Monday of week WEEK (1..53) of YEAR; false when there is none. */
bool date_iso_week(int year, int week, int *days) CRM_NODISCARD;
/* DAYS plus N months, the day clamped to the month's end. Here and below a
 * result beyond the calendar is DATE_MIN or DATE_MAX. */
int date_add_months(int days, int n);
/* DAYS plus N business days (Monday to Friday); N may be negative. From a
 * weekend, +1 is Monday and -1 is Friday. */
int date_add_business(int days, int n);

/* Where local time is, asked for by whoever converts. Returns the offset in
 * seconds east of UTC that holds at UTC. NULL means UTC. */
struct zone {
	long (*offset)(int64_t utc, void *arg);
	void *arg;
};
/* The instant at which the local clock shows DAYS and SECS of the day: the
 * first of two, and where the clocks skip it, as if they had not yet. */
int64_t date_to_utc(const struct zone *z, int days, int secs);
/* The local day of an instant; *secs (may be NULL) the second of that day. */
int date_local(const struct zone *z, int64_t utc, int *secs);

/* The canonical texts: "YYYY-MM-DD" and "YYYY-MM-DDThh:mm:ssZ". */
enum { DATE_LEN = 10, TIME_LEN = 20 };
void date_print(int days, struct buf *out);
void time_print(int64_t utc, struct buf *out);
/* The same bytes, without an end. */
void date_write(int days, char text[DATE_LEN]);
void time_write(int64_t utc, char text[TIME_LEN]);
/* Exactly the canonical texts; time_parse takes RFC 3339 with any offset and
 * fraction (dropped), 'T' or blank, 'Z' or +hh:mm. */
bool date_parse(struct str s, int *days) CRM_NODISCARD;
bool time_parse(struct str s, int64_t *utc) CRM_NODISCARD;

#endif
