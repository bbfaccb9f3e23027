/* SPDX-License-Identifier: ISC */
/*
 * when: what a person's date text means, in English and German; the grammar
 * of crm-dates(7). Never guesses: what is ambiguous is refused with a way
 * out.
 */
#ifndef CRM_WHEN_H
#define CRM_WHEN_H

#include "base/base.h"
#include "base/date.h"
#include "base/err.h"
#include "base/str.h"

/* The moment a command started and where. Set once by the command. */
struct clock {
	int64_t now; /* UTC seconds; see clock_now */
	int day;     /* where DATED: local, and it is noon */
	bool dated;
	struct zone zone;
};

/* UTC seconds. Of a clock that has a day the zone is asked only for this: to
 * know a zone, a file is read. */
int64_t clock_now(const struct clock *clock);

/*
 * A day, or a moment of one. day is the local day; with a time of day
 * has_time is true and utc is the moment.
 */
struct when {
	int day;
	bool has_time;
	int64_t utc;
};

/*
 * Reads the whole of TEXT; of a period its first day. CRM_USAGE and a message
 * that names the text, why, and how to write it.
 */
enum crm_err when_parse(struct str text, const struct clock *clock,
    struct when *out, struct diag *dg) CRM_NODISCARD;

/*
 * Reads "A..B" (either end may be missing), or one text, which is the range
 * of itself. Words that name a period (month, week, year: "2026", "2026-03",
 * "nov", "2026-W05", "kw 5") span it. *lo and *hi are both inclusive days;
 * a missing end is DATE_MIN or DATE_MAX; both missing is CRM_USAGE. has_time
 * of an end tells that its utc bounds it more closely. A period without a year
 * is the one that today is in, or else the next.
 */
enum crm_err when_range(struct str text, const struct clock *clock,
    struct when *lo, struct when *hi, struct diag *dg) CRM_NODISCARD;

/* Appends the stored text: YYYY-MM-DD, or RFC 3339 UTC when has_time. */
void when_print(const struct when *w, struct buf *out);

/* Appends the reading for people: "Fri 2026-11-27", "Fri 2026-11-27 14:30". */
void when_say(const struct when *w, const struct zone *z, struct buf *out);

/* Today in the zone of the clock. */
int when_today(const struct clock *clock);

#endif
