/* SPDX-License-Identifier: ISC */
/* Unit tests of walks over records that are asked for some only, by one thread
 * and by two, in one snapshot and in many. */
#include "store_test.h"

enum { MANY = 9000 };

static void
fill(struct fixture *f)
{
	begin(f, true);
	for (int i = 1; i <= MANY; i++) {
		struct id id = {0};
		char name[32];

		snprintf(name, sizeof(name), "Person %d", i);
		OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", name,
			  "city", i % 7 ? "Bern" : "Basel", NULL));
	}
	OK(f, store_commit(f->s, &f->dg));
}

struct asked {
	struct want here, there;
	struct scan *scan;
};

static void
ask(struct fixture *f, struct asked *a, const char *city)
{
	unsigned slot = field(f, "contact", "city")->slot;
	struct scan_spec spec = {.type = SCAN_KIND,
	    .kind = kind(f, "contact"),
	    .bare = true,
	    .pass = lives_there,
	    .arg = &a->here,
	    .aid = &a->there};

	a->here = a->there = (struct want){.slot = slot, .city = city};
	OK(f, scan_open(&a->scan, f->s, &spec, &f->dg));
}

/* The next record's number, 0 at the end. */
static uint64_t
next(struct fixture *f, struct asked *a)
{
	struct record r;
	struct id id;
	bool got;

	OK(f, scan_next(a->scan, &id, &got, &f->dg));
	if (!got)
		return 0;
	OK(f, scan_record(a->scan, &r, &f->dg));
	assert_int_equal(r.id.num, id.num);
	assert_true(lives_there(&a->here, &r.row));
	return id.num;
}

static void
all_come_once(struct fixture *f, const char *city, uint64_t step, size_t pause)
{
	struct asked a;
	uint64_t n, due = step;

	ask(f, &a, city);
	while ((n = next(f, &a)) != 0) {
		assert_int_equal(n, due);
		due += step;
		if (pause && n / step % pause == 0)
			store_pause(f->s);
	}
	assert_true(due > MANY && due <= MANY + step);
	assert_int_equal(next(f, &a), 0);
	scan_close(a.scan);
}

static void
two_threads_find_what_one_finds(void **state)
{
	struct fixture *f = *state;

	fill(f);
	for (int two = 0; two < 2; two++) {
		reopen(f, two);
		for (size_t pause = 0; pause < 5; pause++) {
			all_come_once(f, "Basel", 7, pause);
			all_come_once(f, NULL, 1, pause * 100);
		}
	}
}

static void
walks_are_left_half_way(void **state)
{
	struct fixture *f = *state;
	struct asked a;

	fill(f);
	reopen(f, true);
	for (uint64_t stop = 0; stop < 40; stop++) {
		ask(f, &a, stop % 2 ? NULL : "Basel");
		for (uint64_t i = 0; i < stop * stop; i++)
			if (!next(f, &a))
				break;
		scan_close(a.scan);
	}
}

/* Moves and removes people while somebody walks: who was left alone comes
 * once, who has moved away does not come any more. */
static void
change(struct fixture *f, uint64_t at)
{
	begin(f, false);
	for (uint64_t num = at; num < MANY; num += 700) {
		struct id id = {.kind = KIND_CONTACT, .num = num};

		OK(f, put(f, CHANGE_UPDATE, "contact", &id, "city", "Genf",
			  NULL));
	}
	OK(f, store_commit(f->s, &f->dg));
}

static void
changes_meanwhile_are_seen_once(void **state)
{
	struct fixture *f = *state;

	fill(f);
	reopen(f, true);
	for (uint64_t round = 1; round < 6; round++) {
		struct asked a;
		uint64_t n, last = 0, count = 0, stays;

		ask(f, &a, "Basel");
		for (n = next(f, &a); n != 0; n = next(f, &a)) {
			assert_true(n > last);
			last = n;
			if (++count == round * 7)
				change(f, 7 * (100 - round));
		}
		scan_close(a.scan);
		/* All but those that moved, then or in an earlier round. */
		stays = MANY / 7;
		for (uint64_t r = 1; r <= round; r++)
			stays -= (MANY - 1 - 7 * (100 - r)) / 700 + 1;
		assert_int_equal(count, stays);
	}
}

static void
a_damaged_record_is_told_by_either_thread(void **state)
{
	static const char *const names[] = {
	    "Person 8999", "Person 4500", "Person 3"};
	struct fixture *f = *state;

	fill(f);
	for (size_t i = 0; i < 3; i++) {
		damage(f, names[i]);
		for (int two = 0; two < 2; two++) {
			enum crm_err err = CRM_OK;
			bool got = true;
			struct asked a;
			struct id id;

			reopen(f, two);
			ask(f, &a, "Basel");
			while (!err && got)
				err = scan_next(a.scan, &id, &got, &f->dg);
			assert_int_equal(err, CRM_CONFIG);
			assert_non_null(
			    strstr(diag_text(&f->dg), "is damaged"));
			diag_clear(&f->dg);
			scan_close(a.scan);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		two_threads_find_what_one_finds, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		walks_are_left_half_way, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		changes_meanwhile_are_seen_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_damaged_record_is_told_by_either_thread, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
