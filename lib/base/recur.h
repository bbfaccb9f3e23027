/* SPDX-License-Identifier: ISC */
/*
 * recur: repetition. "every" is anchored to the first date, its month ends
 * clamped without drift; "after" counts from completion. The grammar:
 *
 *   every:  [N](d|b|w|m|q|y) [on mo,th | on 15 | on last | on last fri]
 *           [until DATE | xN]
 *   after:  after [N](d|b|w|m|q|y)
 */
#ifndef CRM_RECUR_H
#define CRM_RECUR_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"

enum recur_unit {
	RECUR_DAY,
	RECUR_BUSINESS,
	RECUR_WEEK,
	RECUR_MONTH,
	RECUR_QUARTER,
	RECUR_YEAR
};
enum recur_on {
	RECUR_ON_NONE,
	RECUR_ON_WEEKDAYS,
	RECUR_ON_DAY,
	RECUR_ON_LAST_DAY,
	RECUR_ON_LAST_WEEKDAY
};

struct recur {
	bool after; /* counted from completion */
	int n;	    /* 1.. */
	enum recur_unit unit;
	enum recur_on on;
	unsigned weekdays; /* bit 0 Monday .. bit 6 Sunday */
	int day;	   /* 1..31 for RECUR_ON_DAY */
	int until;	   /* last allowed day, DATE_MAX when open */
	int count;	   /* xN: items in all, 0 when open */
};

/* CRM_USAGE with the place and the way out. Without a CLOCK the date behind
 * "until" has to be written out (YYYY-MM-DD), as the canonical text has it: a
 * stored rule must not change its meaning from day to day. */
enum crm_err recur_parse(struct str text, const struct clock *clock,
    struct recur *out, struct diag *dg) CRM_NODISCARD;

/* Appends the canonical text; recur_parse of it gives the same struct. */
void recur_print(const struct recur *r, struct buf *out);

/*
 * The next day of the repetition.
 * ANCHOR is the first date of the series, DONE_ON the day it was completed,
 * TODAY the present. every: the first date of the series strictly after both
 * TODAY and LAST (the date of the item that is closed): no pile-up.
 * after: DONE_ON plus the interval. False when the series has ended; SERIAL
 * is how many items the series has had (1 for the first).
 */
bool recur_next(const struct recur *r, int anchor, int last, int done_on,
    int today, int serial, int *next) CRM_NODISCARD;

/* Appends an RFC 5545 RRULE value, clamped day 31 as BYMONTHDAY=-1, day 30
 * as BYMONTHDAY=28,29,30;BYSETPOS=-1. False, with nothing appended, where no
 * RRULE says it: for "after", and for business days that are neither 1 nor
 * whole weeks of 5. */
bool recur_rrule(const struct recur *r, int anchor, struct buf *out);

/* DAY plus one plain interval: what `contact.every` adds to `last`. */
int recur_add(const struct recur *r, int day);

#endif
