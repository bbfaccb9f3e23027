/* SPDX-License-Identifier: ISC */
/*
 * ical_read: reads iCalendar (RFC 5545) component by component: the VEVENT
 * and VTODO of all VCALENDAR of a stream, one after the other. VTIMEZONE is
 * kept for its times; alarms inside a component and other components are
 * passed over and counted.
 *
 * A component that names a time zone which comes later in its VCALENDAR waits
 * for it, as long as those that wait together are no more than
 * CRM_RECORD_MAX bytes.
 */
#ifndef CRM_ICAL_READ_H
#define CRM_ICAL_READ_H

#include "base/base.h"
#include "base/date.h"
#include "base/err.h"
#include "base/str.h"
#include "text/content_read.h"
#include "text/source.h"

struct ical_prop {
	struct str name;  /* in capitals */
	struct str value; /* the escapes of text are still in it */
	const struct content_param *params;
	size_t nparams;
	uint64_t line;
	bool base64; /* bytes, not text */
};

/* Views until the next ical_next. */
struct ical_component {
	struct str name; /* "VTODO", "VEVENT"; "" of what could not be read */
	uint64_t line;	 /* of its BEGIN */
	struct str raw;	 /* as it stood there, without the last line end */
	const struct ical_prop *props;
	size_t nprops;
};

struct ical_reader;

/* Appends the system's data of the zone NAME; see ical_zone_system. */
typedef bool ical_zone_find(void *arg, struct str name, struct buf *out);

/* FIND may be NULL. CRM_TEMP. */
enum crm_err ical_open_reader(struct ical_reader **out,
    const struct source *src, ical_zone_find *find, void *arg,
    struct diag *dg) CRM_NODISCARD;
void ical_close_reader(struct ical_reader *r); /* NULL is fine */

/*
 * The next component; *got is false at the end. CRM_DATA: one that is broken
 * (NAME:LINE: in front), C has its line and raw bytes; reading may go on,
 * unless *got is false: the input is no calendar at all. CRM_IO, CRM_TEMP.
 */
enum crm_err ical_next(struct ical_reader *r, struct ical_component *c,
    bool *got, struct diag *dg) CRM_NODISCARD;

/* The first property of the name; NULL when there is none. */
const struct ical_prop *ical_get(
    const struct ical_component *c, const char *name);

/* The first value of a parameter; false when it is not there at all. */
bool ical_param(const struct ical_prop *p, const char *name, struct str *out);

/* The zone that the TZID of the property names, as long as the component; NULL
 * when nothing says what it is. */
const struct zone *ical_zone_of(
    struct ical_reader *r, const struct ical_prop *p);

/* What was passed over so far: i = 0.. until NULL. More than a few dozen
 * names go by the last one, "others". */
struct ical_left {
	char name[32];
	uint64_t count, line; /* how many, the first where */
};
const struct ical_left *ical_left(const struct ical_reader *r, size_t i);

/* True when the input ended inside a VCALENDAR: there may have been more. */
bool ical_ended_early(const struct ical_reader *r);

#endif
