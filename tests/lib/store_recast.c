/* SPDX-License-Identifier: ISC */
/* store_recast: sums of a batch that changes few, some, most, all owners: the
 * same whether their table is changed or written anew. */
#include "store_test.h"

enum { PEOPLE = 300, ORGS = 50 };

static void
add_people(struct fixture *f)
{
	char name[16], org[16];

	begin(f, true);
	for (int i = 1; i <= ORGS; i++) {
		struct id id = {0};

		snprintf(name, sizeof(name), "Org %d", i);
		OK(f, put(f, CHANGE_CREATE, "org", &id, "name", name, NULL));
	}
	for (int i = 1; i <= PEOPLE; i++) {
		struct id id = {0};

		snprintf(name, sizeof(name), "Person %d", i);
		snprintf(org, sizeof(org), "o%d", i % ORGS + 1);
		OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", name, "org",
			  org, "every", i % 7 ? "" : "1w", NULL));
	}
	OK(f, store_commit(f->s, &f->dg));
}

static void
add_order(struct fixture *f, const char *contact, int day, int euros)
{
	char date[16], total[16];
	struct id id = {0};

	snprintf(date, sizeof(date), "2025-03-%02d", day);
	snprintf(total, sizeof(total), "%d.00", euros);
	OK(f, put(f, CHANGE_CREATE, "order", &id, "contact", contact, "issued",
		  date, "total", total, NULL));
}

/* Orders for every STEPth contact; one for C2 and its activity besides. */
static void
add_orders(struct fixture *f, int step)
{
	struct id id = {0};
	char who[16];

	begin(f, true);
	for (int i = PEOPLE; i > 0; i -= step) {
		snprintf(who, sizeof(who), "c%d", i);
		add_order(f, who, 1 + i % 28, i);
		add_order(f, who, 2 + i % 28, i);
	}
	add_order(f, "c2", 3, 1000);
	OK(f, put(f, CHANGE_CREATE, "activity", &id, "contact", "c2", "subject",
		  "hello", "start", "2025-04-01", NULL));
	OK(f, store_commit(f->s, &f->dg));
	verify(f);
}

static struct id
contact(uint64_t num)
{
	return (struct id){.kind = KIND_CONTACT, .num = num};
}

static void
sums(void **state, int step)
{
	struct fixture *f = *state;
	bool more = (PEOPLE - 2) % step == 0;

	add_people(f);
	add_orders(f, step);
	value_is(f, contact(PEOPLE), "orders", "2");
	value_is(f, contact(PEOPLE), "revenue", "600.00");
	value_is(f, contact(2), "orders", more ? "3" : "1");
	value_is(f, contact(2), "last", "2025-04-01");
	value_is(f, contact(PEOPLE - 1), "orders", step == 1 ? "2" : "0");
	/* And what is there already is added to. */
	add_orders(f, step);
	value_is(f, contact(PEOPLE), "orders", "4");
	value_is(f, contact(PEOPLE), "revenue", "1200.00");
	value_is(f, contact(PEOPLE), "first_order", "2025-03-21");
	value_is(f, contact(PEOPLE), "last_order", "2025-03-22");
	value_is(f, contact(2), "revenue", more ? "2008.00" : "2000.00");
}

static void
of_few(void **state)
{
	sums(state, 100);
}

static void
of_some(void **state)
{
	sums(state, 4);
}

static void
of_most(void **state)
{
	sums(state, 2);
}

static void
of_all(void **state)
{
	sums(state, 1);
}

/* A contact that came in the same batch, one that went, one that moved. */
static void
of_others_meanwhile(void **state)
{
	struct fixture *f = *state;
	struct id id = {0}, gone = contact(7), moved = contact(9);
	char who[16];

	add_people(f);
	begin(f, true);
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "New", "org", "o1",
		  NULL));
	for (int i = 1; i <= PEOPLE + 1; i++) {
		snprintf(who, sizeof(who), "c%d", i);
		if (i != 7)
			add_order(f, who, 1, 1);
	}
	OK(f, put(f, CHANGE_DELETE, "contact", &gone, NULL));
	OK(f, put(f, CHANGE_UPDATE, "contact", &moved, "org", "o1", NULL));
	OK(f, store_commit(f->s, &f->dg));
	verify(f);
	value_is(f, id, "orders", "1");
	value_is(f, moved, "revenue", "1.00");
	value_is(f, (struct id){.kind = KIND_ORG, .num = 1}, "orders", "8");
}

/* What an aborted batch was about to write is forgotten. */
static void
of_none(void **state)
{
	struct fixture *f = *state;

	add_people(f);
	begin(f, true);
	for (int i = 0; i < 3; i++)
		add_order(f, "c1", 1, 1);
	store_abort(f->s);
	value_is(f, contact(1), "orders", "0");
	add_orders(f, 1);
	value_is(f, contact(1), "orders", "2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(of_few, setup, teardown),
	    cmocka_unit_test_setup_teardown(of_some, setup, teardown),
	    cmocka_unit_test_setup_teardown(of_most, setup, teardown),
	    cmocka_unit_test_setup_teardown(of_all, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		of_others_meanwhile, setup, teardown),
	    cmocka_unit_test_setup_teardown(of_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
