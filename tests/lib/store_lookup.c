/* SPDX-License-Identifier: ISC */
/* store_lookup: what a batch finds of what it has added itself: one, several
 * and many that are alike, numbers that rise and such that do not, and when
 * there is no room to keep them. */
#include "store/priv.h"
#include "store_test.h"

enum { RECORDS = 4000, NAMES = 500, SHARED = 256 };

/* What a contact has; number 0: it is gone, or never was. */
struct mine {
	unsigned name, number;
};

static const char *
name_of(unsigned name, char *out)
{
	snprintf(out, 16, "name %u", name);
	return out;
}

static const char *
number_of(unsigned number, char *out)
{
	snprintf(out, 16, "old:%u", number);
	return out;
}

static const struct lookup *
lookup_of(struct fixture *f, const char *name)
{
	const struct field *fd = field(f, "contact", name);

	return table_of(f->s, TABLE_INDEX, fd->kind, fd->slot)->lookup;
}

static bool
looks_up(struct fixture *f, const char *name)
{
	const struct field *fd = field(f, "contact", name);

	return lookup_on(table_of(f->s, TABLE_INDEX, fd->kind, fd->slot));
}

static void
find(struct fixture *f, const char *in, const char *value, const bool *has)
{
	struct id ids[SHARED];
	size_t n, want = 0;

	OK(f, store_find(f->s, field(f, "contact", in), str_from(value),
		  STORE_EXACT, ids, SHARED, &n, &f->dg));
	for (size_t i = 0; i < n; i++) {
		assert_true(ids[i].num <= RECORDS && has[ids[i].num]);
		for (size_t j = 0; j < i; j++)
			assert_false(id_eq(ids[j], ids[i]));
	}
	for (size_t i = 0; i <= RECORDS; i++)
		want += has[i];
	assert_int_equal(n, want);
}

static void
find_name(struct fixture *f, const struct mine *m, unsigned name)
{
	bool has[RECORDS + 1] = {false};
	char out[16];

	for (size_t i = 1; i <= RECORDS; i++)
		has[i] = m[i].number && m[i].name == name;
	find(f, "name", name_of(name, out), has);
}

static void
find_number(struct fixture *f, const struct mine *m, unsigned number)
{
	bool has[RECORDS + 1] = {false};
	char out[16];

	for (size_t i = 1; i <= RECORDS; i++)
		has[i] = m[i].number == number;
	find(f, "ext", number_of(number, out), has);
}

/* Some names are rare, some are shared by more than a lookup keeps. */
static unsigned
any_name(void)
{
	return (unsigned)(draw(10) ? draw(NAMES) : draw(3));
}

/* Without a number, which would be looked for. */
static void
add_named(struct fixture *f, struct mine *m, unsigned i, unsigned name)
{
	char out[16];
	struct id id = {0};

	m[i] = (struct mine){.name = name, .number = 1};
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", name_of(name, out),
		  NULL));
	assert_int_equal(id.num, i);
}

static void
add(struct fixture *f, struct mine *m, unsigned i, unsigned number)
{
	char name[16], num[16];
	struct id id = {0};

	m[i] = (struct mine){.name = any_name(), .number = number};
	OK(f,
	    put(f, CHANGE_CREATE, "contact", &id, "name",
		name_of(m[i].name, name), "ext", number_of(number, num), NULL));
	assert_int_equal(id.num, i);
}

static void
change(struct fixture *f, struct mine *m, unsigned i)
{
	struct id id = {.kind = KIND_CONTACT, .num = i};
	char name[16];

	if (!m[i].number)
		return;
	if (draw(4) == 0) {
		OK(f, put(f, CHANGE_DELETE, "contact", &id, NULL));
		m[i].number = 0;
		return;
	}
	m[i].name = any_name();
	OK(f, put(f, CHANGE_UPDATE, "contact", &id, "name",
		  name_of(m[i].name, name), NULL));
}

/* Adds the contacts from FIRST to LAST, whose numbers rise. */
static void
fill(struct fixture *f, struct mine *m, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++) {
		add(f, m, i, i);
		find_name(f, m, any_name());
		if (i % 5 == 0)
			change(f, m, 1 + (unsigned)draw(i));
	}
}

static void
all_found(struct fixture *f, const struct mine *m)
{
	for (unsigned i = 0; i < NAMES; i++)
		find_name(f, m, i);
	for (unsigned i = 1; i <= RECORDS; i += 7)
		if (m[i].number)
			find_number(f, m, m[i].number);
	find_number(f, m, 3 * RECORDS);
}

static void
as_the_model(struct fixture *f, size_t room)
{
	struct mine *m = calloc(RECORDS + 1, sizeof(*m));
	unsigned half = RECORDS / 2;

	f->s->lookup_room = room;
	begin(f, true);
	fill(f, m, 1, half);
	assert_int_equal(looks_up(f, "name"), room == 0);
	all_found(f, m);
	OK(f, store_commit(f->s, &f->dg));
	all_found(f, m);
	begin(f, true);
	fill(f, m, half + 1, RECORDS);
	all_found(f, m);
	OK(f, store_commit(f->s, &f->dg));
	assert_null(lookup_of(f, "name"));
	all_found(f, m);
	verify(f);
	free(m);
}

static void
with_room(void **state)
{
	as_the_model(*state, 0);
}

static void
without_room(void **state)
{
	as_the_model(*state, 1024);
}

/* The greatest number is enough, until one is asked for that is not beyond
 * it; then all are there. */
static void
numbers_that_rise(void **state)
{
	struct fixture *f = *state;
	struct mine *m = calloc(RECORDS + 1, sizeof(*m));
	char num[16];
	struct id id = {0};

	begin(f, true);
	for (unsigned i = 1; i <= RECORDS / 2; i++) {
		find_number(f, m, 9 + i);
		add(f, m, i, 9 + i);
	}
	assert_true(looks_up(f, "ext"));
	assert_null(*(uint64_t *const *)lookup_of(f, "ext"));
	find_number(f, m, 10);
	assert_non_null(*(uint64_t *const *)lookup_of(f, "ext"));
	for (unsigned i = RECORDS / 2 + 1; i < RECORDS; i++)
		add(f, m, i, i % 2 ? 5 * RECORDS - i : 9 + i);
	for (unsigned i = 1; i < RECORDS; i++)
		find_number(f, m, m[i].number);
	find_number(f, m, 9);
	assert_int_equal(put(f, CHANGE_CREATE, "contact", &id, "name", "late",
			     "ext", number_of(10, num), NULL),
	    CRM_DATA);
	diag_clear(&f->dg);
	OK(f, store_commit(f->s, &f->dg));
	verify(f);
	free(m);
}

/* Between two questions many are added whose keys the second hand still has:
 * what the store had before is not forgotten. */
static void
asked_rarely(void **state)
{
	struct fixture *f = *state;
	struct mine *m = calloc(RECORDS + 1, sizeof(*m));
	unsigned n = 0;

	begin(f, true);
	for (; n < 100; n++)
		add_named(f, m, n + 1, 5000 + n);
	OK(f, store_commit(f->s, &f->dg));
	begin(f, true);
	for (unsigned i = 0; i < 63; i++)
		find_name(f, m, 9000 + i);
	for (; n < 1000; n++)
		add_named(f, m, n + 1, n);
	find_name(f, m, 9999);
	for (unsigned i = 1; i <= n; i++)
		find_name(f, m, m[i].name);
	OK(f, store_commit(f->s, &f->dg));
	verify(f);
	free(m);
}

/* Who has found least leaves its room to the others. */
static void
one_makes_way(void **state)
{
	struct fixture *f = *state;
	struct mine *m = calloc(RECORDS + 1, sizeof(*m));

	f->s->lookup_room = 4096;
	begin(f, true);
	/* The numbers fall: all of them are kept, none is found. */
	for (unsigned i = 1; i <= 1200; i++) {
		add(f, m, i, 9000 - i);
		find_name(f, m, m[i].name);
	}
	assert_true(looks_up(f, "ext") && looks_up(f, "name"));
	for (unsigned i = 1201; i <= RECORDS / 2; i++) {
		add(f, m, i, 9000 - i);
		find_name(f, m, m[i].name);
	}
	assert_false(looks_up(f, "ext"));
	assert_true(looks_up(f, "name"));
	all_found(f, m);
	OK(f, store_commit(f->s, &f->dg));
	all_found(f, m);
	verify(f);
	free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(with_room, setup, teardown),
	    cmocka_unit_test_setup_teardown(without_room, setup, teardown),
	    cmocka_unit_test_setup_teardown(numbers_that_rise, setup, teardown),
	    cmocka_unit_test_setup_teardown(asked_rarely, setup, teardown),
	    cmocka_unit_test_setup_teardown(one_makes_way, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
