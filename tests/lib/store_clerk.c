/* SPDX-License-Identifier: ISC */
/* store_clerk: a batch whose keys and sums are made by a second thread, and
 * what is asked and changed meanwhile. */
#include "store_test.h"

enum { PEOPLE = 100, MANY = 2000 };

static int
setup_two(void **state)
{
	struct fixture *f;
	struct store_options o = {.aid_bytes = 1};

	if (setup(state) != 0)
		return -1;
	f = *state;
	store_close(f->s);
	o.path = f->path;
	OK(f, store_open(&f->s, &o, &f->dg));
	begin(f, true);
	for (int i = 1; i <= PEOPLE; i++) {
		struct id org = {0}, id = {0};
		char name[16], of[16];

		snprintf(name, sizeof(name), "Name %d", i);
		snprintf(of, sizeof(of), "o%d", i);
		OK(f, put(f, CHANGE_CREATE, "org", &org, "name", name, NULL));
		OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", name, "org",
			  of, NULL));
	}
	OK(f, store_commit(f->s, &f->dg));
	return 0;
}

static struct id
order_of(uint64_t num)
{
	return (struct id){.kind = KIND_ORDER, .num = num};
}

static struct id
contact(uint64_t num)
{
	return (struct id){.kind = KIND_CONTACT, .num = num};
}

/* Orders FROM to TO, in turn for everybody, a euro each; every tenth one is
 * a quote. */
static void
add_orders(struct fixture *f, int from, int to)
{
	for (int i = from; i <= to; i++) {
		char who[16], ext[16], day[16];
		struct id id = {0};

		snprintf(who, sizeof(who), "c%d", i % PEOPLE + 1);
		snprintf(ext, sizeof(ext), "E%d", i);
		snprintf(day, sizeof(day), "2025-01-%02d", i % 28 + 1);
		OK(f, put(f, CHANGE_CREATE, "order", &id, "contact", who, "ext",
			  ext, "issued", day, "total", "1.00", "doc",
			  i % 10 ? "order" : "quote", NULL));
		assert_int_equal(id.num, i);
	}
}

static void
is_found(struct fixture *f, int i)
{
	char ext[16];
	struct id id;
	size_t n;

	snprintf(ext, sizeof(ext), "E%d", i);
	OK(f, store_find(f->s, field(f, "order", "ext"), str_from(ext),
		  STORE_EXACT, &id, 1, &n, &f->dg));
	assert_int_equal(n, 1);
	assert_int_equal(id.num, i);
}

static size_t
references(struct fixture *f, struct id target)
{
	struct scan_spec spec = {.type = SCAN_REFS,
	    .field = field(f, "order", "contact"),
	    .target = target};
	struct scan *sc = NULL;
	struct id id;
	bool got = true;
	size_t n = 0;

	OK(f, scan_open(&sc, f->s, &spec, &f->dg));
	while (got) {
		OK(f, scan_next(sc, &id, &got, &f->dg));
		n += got;
	}
	scan_close(sc);
	return n;
}

static void
end(struct fixture *f)
{
	OK(f, store_commit(f->s, &f->dg));
	verify(f);
}

static void
all_is_added(void **state)
{
	struct fixture *f = *state;

	begin(f, true);
	add_orders(f, 1, MANY);
	end(f);
	value_is(f, contact(1), "orders", "0"); /* 100, 200 ..: quotes */
	value_is(f, contact(2), "orders", "20");
	value_is(f, contact(2), "revenue", "20.00");
	assert_int_equal(references(f, contact(2)), MANY / PEOPLE);
	begin(f, true);
	add_orders(f, MANY + 1, 2 * MANY);
	end(f);
	value_is(f, contact(2), "orders", "40");
	value_is(f, (struct id){.kind = KIND_ORG, .num = 2}, "orders", "40");
}

static void
what_was_added_is_seen(void **state)
{
	struct fixture *f = *state;

	begin(f, true);
	for (int i = 0; i < MANY; i += 100) {
		add_orders(f, i + 1, i + 100);
		is_found(f, i + 50);
		assert_int_equal(references(f, contact(2)), i / 100 + 1);
	}
	add_orders(f, MANY + 1, MANY + 500);
	value_is(f, contact(2), "orders", "25");
	add_orders(f, MANY + 501, MANY + 1000);
	end(f);
	value_is(f, contact(2), "orders", "30");
}

/* So often that nobody else makes them any more. */
static void
what_is_asked_all_the_time(void **state)
{
	struct fixture *f = *state;

	begin(f, true);
	for (int i = 1; i <= 1000; i++) {
		add_orders(f, i, i);
		if (i % 3 == 0)
			assert_int_equal(references(f, contact(1)), i / 100);
	}
	end(f);
	value_is(f, contact(2), "orders", "10");
}

static void
changes_are_in_order(void **state)
{
	struct fixture *f = *state;
	struct id id = order_of(901), gone = order_of(902);
	struct id moved = contact(4);

	begin(f, true);
	add_orders(f, 1, 1000);
	OK(f, put(f, CHANGE_UPDATE, "order", &id, "contact", "c9", "ext", "X",
		  NULL));
	OK(f, put(f, CHANGE_DELETE, "order", &gone, NULL));
	OK(f, put(f, CHANGE_UPDATE, "contact", &moved, "org", "o1", NULL));
	add_orders(f, 1001, 2000);
	end(f);
	value_is(f, contact(2), "orders", "19");
	value_is(f, contact(3), "orders", "19");
	value_is(f, contact(9), "orders", "21");
	value_is(f, (struct id){.kind = KIND_ORG, .num = 1}, "orders", "20");
	is_found(f, 900);
}

/* A contact and a kind come along, a time is none, an owner has a tag. */
static void
odd_ones(void **state)
{
	struct fixture *f = *state;
	struct id id = {0}, tagged = {.kind = KIND_CONTACT, .num = 7, .tag = 5};
	char who[32];

	begin(f, true);
	add_orders(f, 1, 1000);
	OK(f, put(f, CHANGE_CREATE, "order", &id, "contact", "c2", "issued",
		  "some day", "total", "5.00", NULL));
	id = (struct id){0};
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "New", NULL));
	OK(f, put(f, CHANGE_CREATE, "contact", &tagged, "name", "Far", NULL));
	snprintf(who, sizeof(who), "%s", text(f, tagged));
	id = (struct id){0};
	OK(f, put(f, CHANGE_CREATE, "order", &id, "contact", who, "issued",
		  "2025-01-01", "total", "5.00", NULL));
	assert_int_equal(id.num, 1002);
	add_orders(f, 1003, 2000);
	end(f);
	value_is(f, tagged, "orders", "1");
	value_is(f, contact(2), "orders", "20");
	value_is(f, contact(2), "revenue", "24.00");
}

static void
a_field_comes_meanwhile(void **state)
{
	struct fixture *f = *state;
	struct id id = {0};

	begin(f, true);
	add_orders(f, 1, 1000);
	OK(f, put(f, CHANGE_CREATE, "field", &id, "name", "order.rack", "type",
		  "text", "index", "yes", NULL));
	id = (struct id){0};
	OK(f, put(f, CHANGE_CREATE, "order", &id, "contact", "c2", "rack", "7",
		  NULL));
	add_orders(f, 1002, 2000);
	end(f);
}

static void
nothing_is_left_of_an_abort(void **state)
{
	struct fixture *f = *state;
	uint64_t n;

	begin(f, true);
	add_orders(f, 1, MANY);
	store_abort(f->s);
	OK(f, store_count(f->s, kind(f, "order"), &n, &f->dg));
	assert_int_equal(n, 0);
	begin(f, true);
	add_orders(f, 1, MANY);
	end(f);
	value_is(f, contact(2), "orders", "20");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(all_is_added, setup_two, teardown),
	    cmocka_unit_test_setup_teardown(
		what_was_added_is_seen, setup_two, teardown),
	    cmocka_unit_test_setup_teardown(
		what_is_asked_all_the_time, setup_two, teardown),
	    cmocka_unit_test_setup_teardown(
		changes_are_in_order, setup_two, teardown),
	    cmocka_unit_test_setup_teardown(odd_ones, setup_two, teardown),
	    cmocka_unit_test_setup_teardown(
		a_field_comes_meanwhile, setup_two, teardown),
	    cmocka_unit_test_setup_teardown(
		nothing_is_left_of_an_abort, setup_two, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
