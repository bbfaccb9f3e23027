/* SPDX-License-Identifier: ISC */
/* ical_zone: a time zone as a VTIMEZONE or the system explains it: when which
 * offset begins. */
#ifndef CRM_ICAL_ZONE_H
#define CRM_ICAL_ZONE_H

#include "base/base.h"
#include "base/date.h"
#include "text/ical_value.h"

/*
 * When an offset begins: once, or every year on one day. Local times are
 * counted with the offset before, in seconds since 1970-01-01 of the wall
 * clock.
 */
struct ical_onset {
	int64_t start; /* local; the first time */
	long from, to; /* seconds east of UTC, before and behind it */
	bool yearly;
	int interval;  /* years from one to the next */
	int month;     /* 1..12 */
	int weekday;   /* 1..7, 0: the day alone counts */
	int nth;       /* weekday: which one of the month; -1 the last; 0: the
			  first that is not before DAY */
	int day;       /* of the month; below 0 from its end */
	int64_t until; /* UTC; the last time is not behind it */
};

/* All zero is a zone without offsets: UTC. Owns its onsets. */
struct ical_zone {
	struct ical_onset *onsets;
	size_t n, cap;
};

/* More would take too long to look through. */
enum { ICAL_ONSETS_MAX = 4096 };

/* Copies O. False when there are too many, or out of memory. */
bool ical_zone_add(
    struct ical_zone *z, const struct ical_onset *o) CRM_NODISCARD;
void ical_zone_clear(struct ical_zone *z);

/* The yearly rule of an observance, behind start, from and to, which are
 * there: fills in the rest of O. False for rules that are not of one day a
 * year. */
bool ical_zone_rule(
    const struct ical_rule *rule, struct ical_onset *o) CRM_NODISCARD;

/* The offset of the struct ical_zone ARG at UTC, for a struct zone. */
long ical_zone_offset(int64_t utc, void *arg);

/* A zone of the system: the bytes of a TZif file (RFC 8536). False when they
 * are none; the zone may only be cleared then. */
bool ical_zone_system(struct ical_zone *z, struct str bytes) CRM_NODISCARD;

#endif
