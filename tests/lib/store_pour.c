/* SPDX-License-Identifier: ISC */
/* Unit tests of store_pour: everything comes once and in order, by one thread
 * and by two, whatever happens meanwhile. */
#include "store_test.h"

enum { MANY = 9000 };

/* Every hundredth has a long note: parts do not come out as planned. */
static void
fill(struct fixture *f)
{
	struct buf note = {0};

	for (int i = 0; i < 900; i++)
		buf_addz(&note, "0123456789");
	begin(f, true);
	for (int i = 1; i <= MANY; i++) {
		bool long_one = i % 100 == 0 || (i > 4000 && i < 4200);
		struct id id = {0};
		char name[32];

		snprintf(name, sizeof(name), "Person %d", i);
		OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", name,
			  "note", long_one ? buf_z(&note) : "short", NULL));
	}
	OK(f, store_commit(f->s, &f->dg));
	buf_clear(&note);
}

struct poured {
	struct fixture *f;
	unsigned name, note; /* slots */
	struct buf all;
	size_t drains, most;
	size_t stop;   /* fails then */
	size_t change; /* writes to the store then */
};

static void
print(void *arg, const struct id *ids, const struct row *rows, size_t n,
    struct buf *to)
{
	const struct poured *p = arg;

	for (size_t i = 0; i < n; i++) {
		buf_addf(to, "%llu ", (unsigned long long)ids[i].num);
		buf_add(to, row_get(&rows[i], p->name));
		buf_addf(to, " %zu ", row_get(&rows[i], p->note).n);
		buf_add(to, row_get(&rows[i], p->note));
		buf_addc(to, '\n');
	}
}

/* Renames the last one, and takes the one before away. */
static void
change(struct fixture *f)
{
	struct id id = {.kind = KIND_CONTACT, .num = MANY};

	begin(f, false);
	OK(f, put(f, CHANGE_UPDATE, "contact", &id, "name", "New", NULL));
	id.num--;
	OK(f, put(f, CHANGE_DELETE, "contact", &id, NULL));
	OK(f, store_commit(f->s, &f->dg));
}

static enum crm_err
drain(void *to, struct buf *text, struct diag *dg)
{
	struct poured *p = to;

	if (++p->drains == p->stop)
		return diag_set(dg, CRM_IO, "full");
	if (p->drains == p->change)
		change(p->f);
	buf_add(&p->all, str_of(text));
	p->most = text->n > p->most ? text->n : p->most;
	buf_reset(text);
	return CRM_OK;
}

static enum crm_err
pour(struct poured *p, struct fixture *f, bool second)
{
	struct store_pour what = {.kind = kind(f, "contact"),
	    .print = print,
	    .first = p,
	    .second = second ? p : NULL,
	    .drain = drain,
	    .to = p};

	p->f = f;
	p->name = field(f, "contact", "name")->slot;
	p->note = field(f, "contact", "note")->slot;
	return store_pour(f->s, &what, &f->dg);
}

/* The numbers in front of the lines are 1, 2, ... but for SKIP. */
static void
expect_all(const struct poured *p, uint64_t skip)
{
	struct str rest = str_of(&p->all);
	uint64_t due = 1;

	while (rest.n > 0) {
		struct str line = str_cut(&rest, '\n');

		if (due == skip)
			due++;
		assert_int_equal(strtoull(line.p, NULL, 10), due);
		due++;
		if (!rest.p)
			break;
	}
	assert_int_equal(due, MANY + 1);
}

static void
all_come_in_order(void **state)
{
	struct fixture *f = *state;
	struct buf first = {0};

	fill(f);
	for (int way = 0; way < 3; way++) {
		struct poured p = {0};

		reopen(f, way > 0);
		OK(f, pour(&p, f, way > 1));
		expect_all(&p, 0);
		/* What is kept at once does not grow with the table. */
		assert_in_range(p.most, 1, 1000000);
		assert_in_range(p.drains, 3, 1000);
		if (way == 0)
			buf_add(&first, str_of(&p.all));
		assert_true(str_eq(str_of(&p.all), str_of(&first)));
		buf_clear(&p.all);
	}
	buf_clear(&first);
}

/* A part without records, one of few, and one that ends with its text. */
static void
gaps_are_no_damage(void **state)
{
	struct fixture *f = *state;

	fill(f);
	begin(f, false);
	for (uint64_t num = 1000; num < 8000; num++) {
		struct id id = {.kind = KIND_CONTACT, .num = num};

		if (num % 2000 > 3)
			OK(f, put(f, CHANGE_DELETE, "contact", &id, NULL));
	}
	OK(f, store_commit(f->s, &f->dg));
	for (int two = 0; two < 2; two++) {
		struct poured p = {0};
		size_t lines = 0;

		reopen(f, two);
		OK(f, pour(&p, f, two));
		for (size_t i = 0; i < p.all.n; i++)
			lines += p.all.p[i] == '\n';
		assert_int_equal(lines, MANY - 7000 + 3 * 4);
		buf_clear(&p.all);
	}
}

static void
nothing_comes_of_nothing(void **state)
{
	struct fixture *f = *state;
	struct poured p = {0};

	OK(f, pour(&p, f, true));
	begin(f, false);
	OK(f, store_commit(f->s, &f->dg));
	OK(f, pour(&p, f, true));
	assert_int_equal(p.drains, 0);
}

static void
whoever_takes_the_text_may_refuse_it(void **state)
{
	struct fixture *f = *state;

	fill(f);
	reopen(f, true);
	for (size_t stop = 1; stop < 8; stop++) {
		struct poured p = {.stop = stop};

		assert_int_equal(pour(&p, f, true), CRM_IO);
		assert_int_equal(p.drains, stop);
		diag_clear(&f->dg);
		buf_clear(&p.all);
	}
}

static void
changes_meanwhile_are_no_harm(void **state)
{
	struct fixture *f = *state;

	fill(f);
	for (int two = 0; two < 2; two++) {
		struct poured p = {.change = 1};
		char line[40];
		struct id id = {.kind = KIND_CONTACT, .num = MANY - 1};

		reopen(f, two);
		OK(f, pour(&p, f, two));
		expect_all(&p, MANY - 1);
		snprintf(line, sizeof(line), "\n%d New ", MANY);
		assert_non_null(strstr(buf_z(&p.all), line));
		buf_clear(&p.all);
		begin(f, false);
		OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "x", NULL));
		OK(f, store_commit(f->s, &f->dg));
	}
}

static void
damage_is_told_where_it_is(void **state)
{
	static const char *const names[] = {
	    "Person 8999", "Person 4500", "Person 10"};
	static const uint64_t nums[] = {8999, 4500, 10};
	struct fixture *f = *state;

	fill(f);
	for (size_t i = 0; i < 3; i++) {
		damage(f, names[i]);
		for (int two = 0; two < 2; two++) {
			struct poured p = {0};
			char line[40];

			reopen(f, two);
			assert_int_equal(pour(&p, f, two), CRM_CONFIG);
			assert_non_null(
			    strstr(diag_text(&f->dg), "is damaged"));
			diag_clear(&f->dg);
			/* What stands before it has been handed on. */
			snprintf(line, sizeof(line), "%llu Person",
			    (unsigned long long)nums[i] - 1);
			assert_non_null(strstr(buf_z(&p.all), line));
			snprintf(line, sizeof(line), "\n%llu ",
			    (unsigned long long)nums[i]);
			assert_null(strstr(buf_z(&p.all), line));
			buf_clear(&p.all);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(all_come_in_order, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		gaps_are_no_damage, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		nothing_comes_of_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		whoever_takes_the_text_may_refuse_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		changes_meanwhile_are_no_harm, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		damage_is_told_where_it_is, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
