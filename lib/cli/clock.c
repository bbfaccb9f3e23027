/* SPDX-License-Identifier: ISC */
/* clock: the present and the local time zone; nothing else reads them. */
#define _DEFAULT_SOURCE /* tm_gmtoff, timezone */
#include "cli/rooms.h"

/* The C library looks for the zone when it is asked the first time. */
static long
local_offset(int64_t utc, void *arg)
{
	time_t t = (time_t)utc;
	struct tm tm;

	(void)arg;
	if ((int64_t)t != utc || localtime_r(&t, &tm) == NULL)
		return 0;
	return tm.tm_gmtoff;
}

/* Where the clocks show universal time and were never put forward, nobody need
 * be asked how far they are from it. */
static bool
is_utc(void)
{
	return strcmp(tzname[0], "UTC") == 0 && timezone == 0 && daylight == 0;
}

void
clock_settle(struct clock *clock)
{
	tzset();
	if (is_utc())
		clock->zone.offset = NULL;
}

enum crm_err
clock_init(struct clock *out, const char *today, struct diag *dg)
{
	const char *place = "--today";
	struct when when;

	*out = (struct clock){
	    .now = (int64_t)time(NULL),
	    .zone = {.offset = local_offset},
	};
	if (today == NULL) {
		today = getenv("CRM_TODAY");
		place = "CRM_TODAY";
		if (today == NULL || *today == '\0')
			return CRM_OK;
	}
	enum crm_err err = when_parse(str_from(today), out, &when, dg);
	if (err != CRM_OK) {
		diag_place(dg, "%s", place);
		return err;
	}
	out->now = when.utc;
	out->day = when.day;
	out->dated = !when.has_time;
	return CRM_OK;
}
