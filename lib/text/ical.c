/* SPDX-License-Identifier: ISC */
/* ical: iCalendar (RFC 5545), property by property. */
#include "text/ical.h"

#include "base/date.h"

void
ical_begin(struct buf *to, const char *prodid)
{
	ical_open(to, "VCALENDAR");
	buf_addz(to, "VERSION:2.0\r\n");
	content_raw(to, "PRODID", "", str_from(prodid));
}

void
ical_end(struct buf *to)
{
	ical_close(to, "VCALENDAR");
}

void
ical_open(struct buf *to, const char *component)
{
	content_raw(to, "BEGIN", "", str_from(component));
}

void
ical_close(struct buf *to, const char *component)
{
	content_raw(to, "END", "", str_from(component));
}

void
ical_text(struct buf *to, const char *name, const char *params, struct str text)
{
	content_text(to, name, params, text);
}

void
ical_list(
    struct buf *to, const char *name, const char *params, struct str items)
{
	content_list(to, name, params, items);
}

void
ical_raw(struct buf *to, const char *name, const char *params, struct str value)
{
	content_raw(to, name, params, value);
}

/* RFC 5545, 3.8.2.1 and 3.8.7: these are moments in UTC, never days. */
static bool
moment_only(const char *name)
{
	static const char *const names[] = {
	    "DTSTAMP", "COMPLETED", "CREATED", "LAST-MODIFIED"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (str_is(str_from(name), names[i]))
			return true;
	}
	return false;
}

void
ical_time(struct buf *to, const char *name, struct str time)
{
	struct buf basic = {0};
	bool is_day = false;

	if (content_time(&basic, time, &is_day)) {
		bool midnight = is_day && moment_only(name);
		if (midnight)
			buf_addz(&basic, "T000000Z");
		content_raw(to, name, is_day && !midnight ? ";VALUE=DATE" : "",
		    str_of(&basic));
	}
	to->failed |= basic.failed;
	buf_clear(&basic);
}

void
ical_day_after(struct buf *to, const char *name, struct str day)
{
	struct buf next = {0};
	int days = 0;

	if (!date_parse(day, &days) || days >= DATE_MAX)
		return;
	date_print(days + 1, &next);
	ical_time(to, name, str_of(&next));
	to->failed |= next.failed;
	buf_clear(&next);
}

void
ical_minutes(struct buf *to, const char *name, uint64_t minutes)
{
	struct buf text = {0};

	if (minutes == 0)
		return;
	buf_addf(&text, "PT%lluM", (unsigned long long)minutes);
	content_raw(to, name, "", str_of(&text));
	to->failed |= text.failed;
	buf_clear(&text);
}
