/* SPDX-License-Identifier: ISC */
/*
 * ical: writes iCalendar (RFC 5545), property by property:
 *
 *     ical_begin(to, "-//crm//crm " CRM_VERSION "//EN");
 *     ical_open(to, "VTODO");
 *     ical_text(to, "UID", "", uid);
 *     ical_time(to, "DTSTAMP", updated);
 *     ical_text(to, "SUMMARY", "", title);
 *     ical_time(to, "DUE", due);             (DUE;VALUE=DATE:... for a day)
 *     ical_raw(to, "STATUS", "", STR("NEEDS-ACTION"));
 *     ical_raw(to, "PRIORITY", "", STR("1"));
 *     ical_raw(to, "RRULE", "", rrule);
 *     ical_list(to, "CATEGORIES", "", tags);
 *     ical_close(to, "VTODO");
 *     ical_end(to);
 *
 * What the standard wants of the caller: every VTODO and VEVENT has a UID and
 * a DTSTAMP (a moment, never a day); a VEVENT has a DTSTART; an RRULE needs a
 * DTSTART; DTSTART and DUE (or DTEND) are both days or both moments; DUE and
 * DURATION exclude each other, as do DTEND and DURATION; the DTEND of whole
 * days is the day after the last (ical_day_after).
 *
 * Empty values write nothing. Escaping, folding and parameters are those of
 * content.h. Out of memory is remembered by the buf.
 */
#ifndef CRM_ICAL_H
#define CRM_ICAL_H

#include "base/base.h"
#include "base/str.h"
#include "text/content.h"

void ical_begin(struct buf *to, const char *prodid); /* VCALENDAR, 2.0 */
void ical_end(struct buf *to);
void ical_open(struct buf *to, const char *component); /* BEGIN:VTODO */
void ical_close(struct buf *to, const char *component);

/* SUMMARY, DESCRIPTION, LOCATION, UID, RELATED-TO ...: one text. */
void ical_text(
    struct buf *to, const char *name, const char *params, struct str text);
/* CATEGORIES: a comma list, its items escaped one by one. */
void ical_list(
    struct buf *to, const char *name, const char *params, struct str items);
/* STATUS, PRIORITY, RRULE, URL, ATTENDEE, PERCENT-COMPLETE: as it stands. */
void ical_raw(
    struct buf *to, const char *name, const char *params, struct str value);
/* DUE, DTSTART, DTEND, DTSTAMP, COMPLETED, CREATED, LAST-MODIFIED: a stored
 * day (NAME;VALUE=DATE:20260302) or moment (NAME:20260302T143000Z). Where the
 * standard takes a moment only (the last four), a day becomes its midnight in
 * UTC. Nothing when TIME is neither. */
void ical_time(struct buf *to, const char *name, struct str time);
/* DTEND for an event of whole days: NAME;VALUE=DATE: the day after DAY.
 * Nothing when DAY is no stored day. */
void ical_day_after(struct buf *to, const char *name, struct str day);
/* DURATION:PT90M. Nothing for 0. */
void ical_minutes(struct buf *to, const char *name, uint64_t minutes);

#endif
