/* SPDX-License-Identifier: ISC */
/* Records and drafts. */
#include "model_test.h"

#include "model/record.h"

static void
get(void **state)
{
	struct schema *s = test_schema();
	const struct field *city = test_field(s, "contact.city");
	const struct field *name = test_field(s, "contact.name");
	const struct field *orders = test_field(s, "contact.orders");
	const struct field *last = test_field(s, "contact.last");
	struct str values[SLOT_LIMIT] = {{0}};
	struct buf bytes = {0}, scratch = {0};
	struct record r = {.kind = schema_kind(s, STR("contact"))};

	(void)state;
	values[city->slot] = STR("Bern");
	row_encode(values, r.kind->nslots, &bytes);
	assert_true(row_open(str_of(&bytes), &r.row));
	r.derived.orders = 12;
	assert_text(record_get(&r, city, &scratch), "Bern");
	assert_text(record_get(&r, name, &scratch), "");
	assert_text(record_get(&r, orders, &scratch), "12");
	assert_text(record_get(&r, last, &scratch), "");
	buf_clear(&bytes);
	buf_clear(&scratch);
	schema_free(s);
}

static void
draft(void **state)
{
	struct schema *s = test_schema();
	const struct kind *k = schema_kind(s, STR("contact"));
	const struct field *city = test_field(s, "contact.city");
	const struct field *name = test_field(s, "contact.name");
	const struct field *orders = test_field(s, "contact.orders");
	struct diag dg = {0};
	struct draft d;

	(void)state;
	assert_int_equal(draft_init(&d, k, &dg), CRM_OK);
	assert_int_equal(d.nslots, k->nslots);
	assert_int_equal(d.id.kind, KIND_CONTACT);
	assert_int_equal(d.id.num, 0);
	draft_set(&d, city, STR("Bern"));
	draft_set(&d, city, STR("Basel"));
	draft_set(&d, name, (struct str){0});
	draft_set(&d, orders, STR("9")); /* derived: no slot, no effect */
	assert_text(draft_get(&d, city), "Basel");
	assert_text(draft_get(&d, orders), "");
	assert_true(d.set[city->slot]);
	assert_true(d.set[name->slot]);
	assert_false(d.set[SLOT_NOTE]);
	assert_false(d.failed);
	d.id.num = 5;
	draft_reset(&d);
	assert_false(d.set[city->slot]);
	assert_text(draft_get(&d, city), "");
	assert_int_equal(d.id.num, 0);
	assert_int_equal(d.id.kind, KIND_CONTACT);
	draft_set(&d, city, STR("Chur"));
	assert_text(draft_get(&d, city), "Chur");
	draft_clear(&d);
	assert_null(d.values);
	schema_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(get),
	    cmocka_unit_test(draft),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
