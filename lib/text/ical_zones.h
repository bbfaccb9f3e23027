/* SPDX-License-Identifier: ISC */
/* ical_zones: time zones by name, those that a calendar defines and those of
 * the system. */
#ifndef CRM_ICAL_ZONES_H
#define CRM_ICAL_ZONES_H

#include "text/ical_read.h"

struct named_zone;

/* Zero but for find and arg is none yet. */
struct ical_zones {
	ical_zone_find *find; /* asks the system; may be NULL */
	void *arg;
	struct named_zone **v;
	size_t n;
};
void ical_zones_clear(struct ical_zones *zs); /* none again */

/* The zone of a VTIMEZONE, in the place of one of the same name. One that
 * cannot be understood is none, nor is one that does not fit any more. */
void ical_zones_define(struct ical_zones *zs, const struct ical_component *c);

/* Has the calendar defined it? */
bool ical_zones_own(const struct ical_zones *zs, struct str name);

/* What a TZID names, until it is cleared or defined again; NULL when nothing
 * says what it is. */
const struct zone *ical_zones_of(struct ical_zones *zs, struct str name);

#endif
