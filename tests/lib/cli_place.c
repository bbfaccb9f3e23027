/* SPDX-License-Identifier: ISC */
/* place and clock: what the environment says, and when it says nothing. */
#include "cli/rooms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static int
setup(void **state)
{
	static const char *const names[] = {"CRM_STORE", "XDG_DATA_HOME",
	    "HOME", "LOGNAME", "USER", "CRM_TODAY"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	return setenv("TZ", "UTC", 1);
}

static void
place_is(const char *from, const char *want)
{
	struct buf out = {0};
	struct diag dg = {0};
	assert_int_equal(place_store(from, &out, &dg), CRM_OK);
	assert_string_equal(buf_z(&out), want);
	buf_clear(&out);
	diag_clear(&dg);
}

static void
test_order(void **state)
{
	(void)state;
	setenv("HOME", "/home/ada", 1);
	place_is(NULL, "/home/ada/.local/share/crm");
	setenv("XDG_DATA_HOME", "/data", 1);
	place_is(NULL, "/data/crm");
	setenv("CRM_STORE", "/s", 1);
	place_is(NULL, "/s");
	place_is("/other", "/other");
}

static void
test_empty_or_relative_is_unset(void **state)
{
	(void)state;
	setenv("HOME", "/home/ada", 1);
	setenv("XDG_DATA_HOME", "", 1);
	place_is(NULL, "/home/ada/.local/share/crm");
	setenv("XDG_DATA_HOME", "data", 1);
	place_is(NULL, "/home/ada/.local/share/crm");
	setenv("CRM_STORE", "", 1);
	place_is(NULL, "/home/ada/.local/share/crm");
}

static void
test_relative_store(void **state)
{
	char here[4096], want[4200];

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(want, sizeof(want), "%s/kunden", here);
	place_is("kunden", want);
	setenv("CRM_STORE", "kunden", 1);
	place_is(NULL, want);
}

static void
test_no_place(void **state)
{
	static const char *const homes[] = {NULL, "", "relative"};
	struct buf out = {0};
	struct diag dg = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(homes); i++) {
		if (homes[i] != NULL)
			setenv("HOME", homes[i], 1);
		assert_int_equal(place_store(NULL, &out, &dg), CRM_USAGE);
		assert_non_null(strstr(diag_text(&dg), "CRM_STORE"));
		assert_non_null(strstr(diag_text(&dg), "-S"));
	}
	assert_int_equal(place_store("", &out, &dg), CRM_USAGE);
	buf_clear(&out);
	diag_clear(&dg);
}

static void
user_is(const char *want)
{
	struct buf out = {0};
	place_user(&out);
	assert_string_equal(buf_z(&out), want);
	buf_clear(&out);
}

static void
test_user(void **state)
{
	char uid[32];

	(void)state;
	snprintf(uid, sizeof(uid), "%lu", (unsigned long)getuid());
	user_is(uid);
	setenv("USER", "ada", 1);
	user_is("ada");
	setenv("LOGNAME", "", 1);
	user_is("ada");
	setenv("LOGNAME", "grace", 1);
	user_is("grace");
}

static void
test_clock_of_the_system(void **state)
{
	struct clock clock;
	struct diag dg = {0};
	int64_t now = (int64_t)time(NULL);

	(void)state;
	assert_int_equal(clock_init(&clock, NULL, &dg), CRM_OK);
	assert_true(
	    clock_now(&clock) - now >= 0 && clock_now(&clock) - now < 60);
	setenv("CRM_TODAY", "", 1);
	assert_int_equal(clock_init(&clock, NULL, &dg), CRM_OK);
	assert_true(
	    clock_now(&clock) - now >= 0 && clock_now(&clock) - now < 60);
}

static void
test_clock_that_is_set(void **state)
{
	struct clock clock;
	struct diag dg = {0};

	(void)state;
	setenv("CRM_TODAY", "2026-03-02", 1);
	assert_int_equal(clock_init(&clock, NULL, &dg), CRM_OK);
	assert_int_equal(clock_now(&clock), 1772452800); /* noon */
	assert_int_equal(clock_init(&clock, "2026-03-02 08:30", &dg), CRM_OK);
	assert_int_equal(clock_now(&clock), 1772440200);
}

/* Noon is noon where the clock is, and an offset follows summer time. */
static void
test_clock_zone(void **state)
{
	struct clock clock;
	struct diag dg = {0};

	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	assert_int_equal(clock_init(&clock, "2026-03-02", &dg), CRM_OK);
	assert_int_equal(clock_now(&clock), 1772452800 - 3600);
	assert_int_equal(
	    clock.zone.offset(clock_now(&clock), clock.zone.arg), 3600);
	assert_int_equal(clock_init(&clock, "2026-07-01", &dg), CRM_OK);
	assert_int_equal(
	    clock.zone.offset(clock_now(&clock), clock.zone.arg), 7200);
	/* As far as dates go, and further. */
	assert_int_equal(clock.zone.offset(-62135596800, NULL), 3600);
	assert_int_equal(clock.zone.offset(INT64_MAX, NULL), 0);
}

static void
test_clock_that_is_wrong(void **state)
{
	struct clock clock;
	struct diag dg = {0};

	(void)state;
	setenv("CRM_TODAY", "2026-02-30", 1);
	assert_int_equal(clock_init(&clock, NULL, &dg), CRM_USAGE);
	assert_ptr_equal(strstr(diag_text(&dg), "CRM_TODAY: "), diag_text(&dg));
	assert_int_equal(clock_init(&clock, "gestren", &dg), CRM_USAGE);
	assert_ptr_equal(strstr(diag_text(&dg), "--today: "), diag_text(&dg));
	diag_clear(&dg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_order, setup),
	    cmocka_unit_test_setup(test_empty_or_relative_is_unset, setup),
	    cmocka_unit_test_setup(test_relative_store, setup),
	    cmocka_unit_test_setup(test_no_place, setup),
	    cmocka_unit_test_setup(test_user, setup),
	    cmocka_unit_test_setup(test_clock_of_the_system, setup),
	    cmocka_unit_test_setup(test_clock_that_is_set, setup),
	    cmocka_unit_test_setup(test_clock_zone, setup),
	    cmocka_unit_test_setup(test_clock_that_is_wrong, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
