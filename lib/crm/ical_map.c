/* SPDX-License-Identifier: ISC */
/* ical_map: words, names and rules of both directions. */
#include "crm/ical_map.h"

#include "base/recur.h"
#include "crm/day.h"

const struct ical_word ical_task_status[] = {{"todo", "NEEDS-ACTION"},
    {"waiting", "NEEDS-ACTION"}, {"doing", "IN-PROCESS"}, {"done", "COMPLETED"},
    {"cancelled", "CANCELLED"}, {NULL, NULL}};
const struct ical_word ical_task_priority[] = {{"urgent", "1"}, {"high", "3"},
    {"normal", "5"}, {"low", "9"}, {NULL, NULL}};
const struct ical_word ical_event_status[] = {{"planned", "TENTATIVE"},
    {"held", "CONFIRMED"}, {"missed", "CANCELLED"}, {NULL, NULL}};

const char *
ical_theirs(const struct ical_word *w, struct str ours)
{
	for (; w->ours; w++)
		if (str_is(ours, w->ours))
			return w->theirs;
	return NULL;
}

const char *
ical_ours(const struct ical_word *w, struct str theirs)
{
	for (; w->ours; w++)
		if (str_ieq(theirs, str_from(w->theirs)))
			return w->ours;
	return NULL;
}

void
ical_property(struct str field, struct buf *out)
{
	buf_addz(out, "X-CRM-");
	for (size_t i = 0; i < field.n; i++) {
		char c = field.p[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (c < '0' || c > '9')
			c = '-';
		buf_addc(out, c);
	}
}

/* Is the local clock that of UTC, in winter and in summer? */
static bool
zone_is_utc(const struct zone *z, int64_t utc)
{
	const int64_t half = INT64_C(182) * 86400;

	return !z->offset || (z->offset(utc, z->arg) == 0 &&
				 z->offset(utc + half, z->arg) == 0);
}

void
ical_series(struct str every, struct str anchor, struct str due,
    const struct clock *clock, struct buf *rule, bool *local)
{
	struct diag lost = {0};
	struct when when;
	struct recur r;
	int day;

	*local = false;
	if (every.n == 0 || !day_read(due, &clock->zone, &when))
		return;
	/* Any text may stand there; a calendar can do without. */
	if (recur_parse(every, clock, &r, &lost) != CRM_OK) {
		diag_clear(&lost);
		return;
	}
	if (!date_parse(anchor, &day))
		day = when.day;
	if (!recur_rrule(&r, day, rule) || !when.has_time)
		return;
	*local = !zone_is_utc(&clock->zone, when.utc);
	/* The end is of the same sort as the start. */
	if (r.until != DATE_MAX)
		buf_addz(rule, *local ? "T235959" : "T235959Z");
}
