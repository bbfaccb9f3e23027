/* SPDX-License-Identifier: ISC */
/* Unit tests of reading listed records, by one thread and by two, in one
 * snapshot and in many. */
#include "store/pick.h"
#include "store_test.h"

enum { MANY = 3000, GONE = 11 };

/* Every eleventh is not there. */
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
		if (i % GONE == 0)
			OK(f, put(f, CHANGE_DELETE, "contact", &id, NULL));
	}
	OK(f, store_commit(f->s, &f->dg));
}

/* A list: every STEP-th number, and some behind the last. */
struct asked {
	struct want here, there;
	uint64_t step, at;
	struct pick *pick;
};

static enum crm_err
more(void *from, uint64_t *ids, size_t room, size_t *n, struct diag *dg)
{
	struct asked *a = from;

	(void)dg;
	for (*n = 0; *n < room && a->at + a->step < MANY + 50; ++*n)
		ids[*n] = (a->at += a->step) << 16;
	return CRM_OK;
}

static void
ask(struct fixture *f, struct asked *a, const char *city, uint64_t step)
{
	unsigned slot = field(f, "contact", "city")->slot;
	struct pick_spec spec = {.kind = kind(f, "contact"),
	    .more = more,
	    .from = a,
	    .about = MANY / step,
	    .pass = lives_there,
	    .arg = &a->here,
	    .aid = &a->there};

	a->here = a->there = (struct want){.slot = slot, .city = city};
	a->step = step;
	a->at = 0;
	OK(f, pick_open(&a->pick, f->s, &spec, &f->dg));
}

/* The next record's number, 0 at the end. */
static uint64_t
next(struct fixture *f, struct asked *a)
{
	struct record r;
	bool got;

	OK(f, pick_next(a->pick, &r, &got, &f->dg));
	if (!got)
		return 0;
	assert_int_equal(r.id.kind, KIND_CONTACT);
	assert_true(lives_there(&a->here, &r.row));
	return r.id.num;
}

static void
all_come_once(
    struct fixture *f, const char *city, uint64_t step, uint64_t pause)
{
	uint64_t due = 0;
	struct asked a;

	ask(f, &a, city, step);
	while ((due += step) <= MANY) {
		if (due % GONE == 0 || (city && due % 7 != 0))
			continue;
		assert_int_equal(next(f, &a), due);
		if (pause && draw(pause) == 0)
			store_pause(f->s);
	}
	assert_int_equal(next(f, &a), 0);
	assert_int_equal(next(f, &a), 0);
	pick_close(a.pick);
}

static void
two_threads_find_what_one_finds(void **state)
{
	struct fixture *f = *state;

	fill(f);
	for (int two = 0; two < 2; two++) {
		reopen(f, two);
		for (uint64_t step = 1; step < 40; step++) {
			all_come_once(f, "Basel", step, 0);
			all_come_once(f, NULL, step, 0);
			all_come_once(f, "Basel", step, step);
			all_come_once(f, NULL, step, step);
		}
	}
}

static void
picks_are_left_half_way(void **state)
{
	struct fixture *f = *state;
	struct asked a;

	fill(f);
	reopen(f, true);
	for (uint64_t stop = 0; stop < 60; stop++) {
		ask(f, &a, stop % 2 ? NULL : "Basel", 1 + stop % 3);
		for (uint64_t i = 0; i < stop * stop; i++)
			if (!next(f, &a))
				break;
		if (stop == 59)
			break;
		pick_close(a.pick);
	}
	/* The store goes first. */
	store_close(f->s);
	f->s = NULL;
	pick_close(a.pick);
}

/* Who is moved while somebody walks comes as he is, or not any more. */
static void
changes_meanwhile_are_seen(void **state)
{
	struct fixture *f = *state;

	fill(f);
	reopen(f, true);
	for (uint64_t round = 1; round < 6; round++) {
		uint64_t n, last = 0, moved = 7 * (100 + 40 * round);
		struct id id = {.kind = KIND_CONTACT, .num = moved};
		struct asked a;

		if (moved % GONE == 0)
			id.num = moved += 7;
		ask(f, &a, "Basel", 1);
		for (n = next(f, &a); n != 0; n = next(f, &a)) {
			assert_true(n > last && n != moved);
			/* While something is written one reads on, too. */
			if (last < 7 * 20 && n >= 7 * 20) {
				begin(f, false);
				OK(f, put(f, CHANGE_UPDATE, "contact", &id,
					  "city", "Genf", NULL));
				n = next(f, &a);
				OK(f, store_commit(f->s, &f->dg));
			}
			last = n;
		}
		assert_true(last > MANY - 14);
		pick_close(a.pick);
	}
}

/* Those before it come first. */
static void
a_damaged_record_is_told_in_its_turn(void **state)
{
	static const uint64_t numbers[] = {2999, 1500, 100, 50};
	struct fixture *f = *state;

	fill(f);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		char name[32];

		snprintf(name, sizeof(name), "Person %d", (int)numbers[i]);
		store_close(f->s);
		f->s = NULL;
		damage(f, name);
		for (int two = 0; two < 2; two++) {
			enum crm_err err = CRM_OK;
			uint64_t last = 0;
			struct record r;
			bool got = true;
			struct asked a;

			reopen(f, two);
			ask(f, &a, "Basel", 1);
			while (!err && got) {
				err = pick_next(a.pick, &r, &got, &f->dg);
				if (!err && got)
					last = r.id.num;
			}
			assert_int_equal(err, CRM_CONFIG);
			assert_true(
			    last < numbers[i] && last + 14 >= numbers[i]);
			assert_non_null(
			    strstr(diag_text(&f->dg), "is damaged"));
			diag_clear(&f->dg);
			pick_close(a.pick);
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
		picks_are_left_half_way, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		changes_meanwhile_are_seen, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_damaged_record_is_told_in_its_turn, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
