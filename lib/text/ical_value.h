/* SPDX-License-Identifier: ISC */
/* ical_value: days, moments, spans and rules of iCalendar (RFC 5545, 3.3). */
#ifndef CRM_ICAL_VALUE_H
#define CRM_ICAL_VALUE_H

#include "base/base.h"
#include "base/recur.h"
#include "base/str.h"

/* A DATE or DATE-TIME as it is written; which zone it is of is said
 * elsewhere. */
struct ical_time {
	int day;
	int secs; /* of the day; 0 for a day */
	bool is_day;
	bool utc; /* it ended in Z */
};

/* "20260302", "20260302T143000Z"; also with '-' and ':' as ISO 8601 has
 * them. False for anything else. */
bool ical_time_read(struct str value, struct ical_time *out) CRM_NODISCARD;

/* A DURATION: days are those of the calendar, seconds those of the clock. */
struct ical_span {
	int days;
	int64_t secs;
};

/* "PT90M", "-P1DT2H", "P2W"; false for anything else and beyond a million
 * days. */
bool ical_span_read(struct str value, struct ical_span *out) CRM_NODISCARD;

/* "+0100", "-093000" in seconds east of UTC; less than a day. */
bool ical_offset_read(struct str value, long *out) CRM_NODISCARD;

/* The parts of an RRULE. Views of it; an absent part is "". */
struct ical_rule {
	struct str freq; /* "WEEKLY" */
	struct str until, byday, bymonthday, bymonth, bysetpos, wkst;
	int interval; /* 1.. */
	int count;    /* 0: none */
	bool others;  /* it has parts that are not here */
};

/* False when it is no rule: no FREQ, a part twice, a number that is none. */
bool ical_rule_read(struct str value, struct ical_rule *out) CRM_NODISCARD;

/* A weekday with its place in the month or year: "-1SU"; nth is 0 without.
 * weekday is 1 Monday .. 7 Sunday. */
bool ical_weekday_read(struct str item, int *nth, int *weekday) CRM_NODISCARD;

/*
 * The repetition of ours that has exactly the dates of RULE. START is its
 * first date as the clock of ZONE shows it, which is the zone that the rule
 * is of. False when there is none: every second Tuesday; days that some months
 * do not have, which a rule leaves out and we move to their end.
 */
bool ical_rule_recur(const struct ical_rule *rule,
    const struct ical_time *start, const struct zone *zone,
    struct recur *out) CRM_NODISCARD;

#endif
