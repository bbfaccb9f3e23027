/* SPDX-License-Identifier: ISC */
/* ical_map: what the export and the import of calendars agree on. */
#ifndef CRM_ICAL_MAP_H
#define CRM_ICAL_MAP_H

#include "base/base.h"
#include "base/str.h"
#include "base/when.h"

/* Words of ours and of the standard; a list ends with NULL. */
struct ical_word {
	const char *ours, *theirs;
};
extern const struct ical_word ical_task_status[];
extern const struct ical_word ical_task_priority[];
extern const struct ical_word ical_event_status[];

/* The standard's word; NULL when it has none. */
const char *ical_theirs(const struct ical_word *w, struct str ours);
/* Our word, the first of several; NULL when there is none. */
const char *ical_ours(const struct ical_word *w, struct str theirs);

/* Appends the property of a field that the standard has none for: X-CRM- and
 * the name in capitals, '-' for what may not be in one. */
void ical_property(struct str field, struct buf *out);

/* UIDs of our export end so, behind the id. */
#define ICAL_UID_OWN "@crm"
/* How ext says that something is the UID of a calendar. */
#define ICAL_EXT "ical:"

/*
 * Appends the RRULE of a task that repeats as EVERY says, first on ANCHOR or
 * else on DUE; nothing when there is no rule for it or no due date. *LOCAL is
 * set when its times must be written without a zone: the rule counts days of
 * the local clock, and UTC may have another day or, in summer, another hour.
 */
void ical_series(struct str every, struct str anchor, struct str due,
    const struct clock *clock, struct buf *rule, bool *local);

#endif
