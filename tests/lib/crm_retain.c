/* SPDX-License-Identifier: ISC */
/* How much of the journal is kept; ids in the order of a feed. */
#include <setjmp.h>
#include <stdarg.h>

#include "crm/feed.h"
#include "crm/retain.h"

#include <cmocka.h>

static void
counts(void **state)
{
	struct journal_state s = {.first = 1, .last = 5000};

	(void)state;
	assert_true(retain_count(&s) == UINT64_MAX);
	s.keep = 2000;
	assert_true(retain_count(&s) == 2000);
	s.git = true;
	assert_true(retain_count(&s) == 2000);
	s.keep = 0;
	assert_true(retain_count(&s) == JOURNAL_KEEP_MIN);
	s.keep = UINT64_MAX;
	assert_true(retain_count(&s) == UINT64_MAX);
	s = (struct journal_state){.off = true, .keep = 2000};
	assert_true(retain_count(&s) == 0);
}

static void
losses(void **state)
{
	struct journal_state s = {.first = 1001, .last = 5000};

	(void)state;
	assert_true(retain_loss(&s) == 0);
	s.keep = 4000;
	assert_true(retain_loss(&s) == 0);
	s.keep = 3999;
	assert_true(retain_loss(&s) == 1);
	s.keep = 1000;
	assert_true(retain_loss(&s) == 3000);
	s.keep = UINT64_MAX;
	assert_true(retain_loss(&s) == 0);
	s.off = true;
	assert_true(retain_loss(&s) == 4000);
	s = (struct journal_state){.off = true, .last = 5000};
	assert_true(retain_loss(&s) == 0);
	s = (struct journal_state){.keep = 1000};
	assert_true(retain_loss(&s) == 0);
}

/* What the git history has not taken is not forgotten. */
static void
losses_with_git(void **state)
{
	struct journal_state s = {
	    .git = true, .first = 1, .last = 5000, .drained = 5000};

	(void)state;
	assert_true(retain_loss(&s) == 4000);
	s.drained = 4500;
	assert_true(retain_loss(&s) == 4000);
	s.drained = 3000;
	assert_true(retain_loss(&s) == 3000);
	s.drained = 0;
	assert_true(retain_loss(&s) == 0);
}

static void
off_and_git(void **state)
{
	struct journal_state s = {.off = true};
	struct diag dg = {0};

	(void)state;
	assert_int_equal(retain_check(&s, &dg), CRM_OK);
	s = (struct journal_state){.git = true};
	assert_int_equal(retain_check(&s, &dg), CRM_OK);
	s.off = true;
	assert_int_equal(retain_check(&s, &dg), CRM_DATA);
	diag_clear(&dg);
}

static void
feed_order(void **state)
{
	struct id ids[] = {{.num = 3, .kind = 2}, {.num = 9, .kind = 1},
	    {.num = 3, .kind = 2}, {.num = 1, .kind = 2}, {.num = 9, .kind = 1},
	    {.num = 3, .kind = 2}};

	(void)state;
	assert_int_equal(feed_ids(ids, ARRAY_LEN(ids)), 3);
	assert_true(id_eq(ids[0], (struct id){.num = 9, .kind = 1}));
	assert_true(id_eq(ids[1], (struct id){.num = 1, .kind = 2}));
	assert_true(id_eq(ids[2], (struct id){.num = 3, .kind = 2}));
	assert_int_equal(feed_ids(ids, 1), 1);
	assert_int_equal(feed_ids(ids, 0), 0);
	assert_int_equal(feed_ids(NULL, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts),
	    cmocka_unit_test(losses),
	    cmocka_unit_test(losses_with_git),
	    cmocka_unit_test(off_and_git),
	    cmocka_unit_test(feed_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
