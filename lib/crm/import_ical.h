/* SPDX-License-Identifier: ISC */
/*
 * import_ical: the tasks (VTODO) and meetings (VEVENT) of iCalendar as rows
 * of kind "task" and "activity", their columns called as our fields.
 *
 * UID is ext "ical:UID"; that of our own export is column "id" instead. A
 * date of a series that was moved (RECURRENCE-ID) is a record of its own,
 * "ical:UID/DATE". The properties X-CRM-* of our export are the fields they
 * are called after, as long as the standard property that says nearly the
 * same was not changed since. What has no field of ours becomes a line of
 * the note: "location: Room 4".
 */
#ifndef CRM_IMPORT_ICAL_H
#define CRM_IMPORT_ICAL_H

#include "base/base.h"
#include "base/err.h"
#include "base/when.h"
#include "store/store.h"
#include "text/rows.h"
#include "text/source.h"

/* What the options point to outlives the rows. */
struct ical_options {
	/* Times without a zone are of this one's; a meeting is held when it
	 * is over, and planned before, unless the file says so. */
	const struct clock *clock;
	/* Whose fields X-CRM-* are and whose contacts are invited, by e-mail;
	 * others become a line of the note. A record that is there already
	 * (by ext) is not given what is only guessed, type, channel, status,
	 * nor the note of a meeting. NULL: nobody is known. */
	struct store *store;
	/* Who is invited and not known is given as contact all the same: the
	 * writer makes them. */
	bool create;
	/* Told of what a record cannot hold, with file and line, and at the
	 * end of what was left out and how often. TEXT ends with the call. */
	void (*warn)(void *arg, const char *text);
	/* Appends the system's data (TZif) of the time zone NAME, which has no
	 * "." at the start of a part and no "/" at its start; false when there
	 * is none. NULL: only zones that the file itself explains. */
	bool (*zone)(void *arg, struct str name, struct buf *out);
	void *arg;
};

/*
 * Rows from SRC. A component that cannot be read is refused as rows_next
 * says; reading goes on behind it. Memory is bounded by one component, those
 * that come before their time zone, and the zones.
 */
enum crm_err ical_rows_open(struct rows **out, const struct source *src,
    const struct ical_options *o, struct diag *dg) CRM_NODISCARD;

#endif
