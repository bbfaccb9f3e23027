/* SPDX-License-Identifier: ISC */
/* Tests of text/ical: a task, an event, days and moments. */
#include "text_test.h"

#include "text/ical.h"

static void
expect(struct buf *out, const char *want)
{
	assert_false(out->failed);
	assert_string_equal(buf_z(out), want);
	buf_reset(out);
}

static void
writes_a_task(void **state)
{
	(void)state;
	struct buf out = {0};

	ical_begin(&out, "-//crm//crm 1//EN");
	ical_open(&out, "VTODO");
	ical_text(&out, "UID", "", STR("t7@store"));
	ical_time(&out, "DTSTAMP", STR("2026-03-02T13:30:00Z"));
	ical_text(
	    &out, "SUMMARY", "", STR("Call Anna; Bo, Cy \\ Z\xc3\xbcrich"));
	ical_time(&out, "DTSTART", STR("2026-03-02"));
	ical_time(&out, "DUE", STR("2026-03-09"));
	ical_raw(&out, "STATUS", "", STR("NEEDS-ACTION"));
	ical_raw(&out, "PRIORITY", "", STR("1"));
	ical_raw(&out, "RRULE", "",
	    STR("FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"));
	ical_list(&out, "CATEGORIES", "", STR("vip,a;b"));
	ical_close(&out, "VTODO");
	ical_end(&out);
	expect(&out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
		     "PRODID:-//crm//crm 1//EN\r\n"
		     "BEGIN:VTODO\r\nUID:t7@store\r\n"
		     "DTSTAMP:20260302T133000Z\r\n"
		     "SUMMARY:Call Anna\\; Bo\\, Cy \\\\ Z\xc3\xbcrich\r\n"
		     "DTSTART;VALUE=DATE:20260302\r\n"
		     "DUE;VALUE=DATE:20260309\r\n"
		     "STATUS:NEEDS-ACTION\r\nPRIORITY:1\r\n"
		     "RRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1\r\n"
		     "CATEGORIES:vip,a\\;b\r\n"
		     "END:VTODO\r\nEND:VCALENDAR\r\n");
	buf_clear(&out);
}

static void
writes_an_event(void **state)
{
	(void)state;
	struct buf out = {0};

	ical_open(&out, "VEVENT");
	ical_time(&out, "DTSTART", STR("2026-03-02T14:30:00+01:00"));
	ical_minutes(&out, "DURATION", 90);
	ical_text(&out, "DESCRIPTION", "", STR("l1\nl2"));
	ical_close(&out, "VEVENT");
	expect(&out, "BEGIN:VEVENT\r\nDTSTART:20260302T133000Z\r\n"
		     "DURATION:PT90M\r\nDESCRIPTION:l1\\nl2\r\n"
		     "END:VEVENT\r\n");
	ical_time(&out, "DTSTART", STR("2028-02-28"));
	ical_day_after(&out, "DTEND", STR("2028-02-28"));
	ical_day_after(&out, "DTEND", STR("2026-12-31"));
	expect(&out, "DTSTART;VALUE=DATE:20280228\r\n"
		     "DTEND;VALUE=DATE:20280229\r\n"
		     "DTEND;VALUE=DATE:20270101\r\n");
	buf_clear(&out);
}

/* RFC 5545 has no DTSTAMP, COMPLETED, CREATED or LAST-MODIFIED without a time
 * of day. */
static void
turns_days_into_moments(void **state)
{
	(void)state;
	static const char *const names[] = {
	    "DTSTAMP", "COMPLETED", "CREATED", "LAST-MODIFIED"};
	struct buf out = {0};
	struct buf want = {0};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		buf_reset(&want);
		buf_addf(&want, "%s:20260302T000000Z\r\n", names[i]);
		ical_time(&out, names[i], STR("2026-03-02"));
		expect(&out, buf_z(&want));
	}
	buf_clear(&out);
	buf_clear(&want);
}

static void
writes_nothing_for_nothing(void **state)
{
	(void)state;
	struct buf out = {0};
	ical_text(&out, "SUMMARY", "", STR(""));
	ical_list(&out, "CATEGORIES", "", STR(""));
	ical_raw(&out, "RRULE", "", STR(""));
	ical_time(&out, "DUE", STR(""));
	ical_time(&out, "DUE", STR("tomorrow"));
	ical_time(&out, "DTSTAMP", STR("2026-02-30"));
	ical_day_after(&out, "DTEND", STR(""));
	ical_day_after(&out, "DTEND", STR("9999-12-31"));
	ical_minutes(&out, "DURATION", 0);
	assert_int_equal(out.n, 0);
	buf_clear(&out);
}

/* A value must not smuggle in a line of its own. */
static void
cannot_be_injected(void **state)
{
	(void)state;
	struct buf out = {0};
	ical_raw(&out, "RRULE", "", STR("FREQ=DAILY\r\nATTACH:x"));
	expect(&out, "RRULE:FREQ=DAILYATTACH:x\r\n");
	ical_text(&out, "SUMMARY", "", STR("x\r\nEND:VTODO"));
	expect(&out, "SUMMARY:x\\nEND:VTODO\r\n");
	buf_clear(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_a_task),
	    cmocka_unit_test(writes_an_event),
	    cmocka_unit_test(turns_days_into_moments),
	    cmocka_unit_test(writes_nothing_for_nothing),
	    cmocka_unit_test(cannot_be_injected),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
