/* SPDX-License-Identifier: ISC */
/* Operands taken apart, names put together, lists of ids. */
#include <setjmp.h>
#include <stdarg.h>

#include "crm/assign.h"
#include "crm/idlist.h"
#include "crm/name.h"

#include <cmocka.h>

static void
splits(
    const char *word, const char *field, enum assign_op op, const char *value)
{
	struct assign a;

	assert_true(assign_parse(str_from(word), &a));
	assert_true(str_is(a.field, field));
	assert_true(str_is(a.value, value));
	assert_int_equal(a.op, op);
}

static void
operands(void **state)
{
	(void)state;
	splits("name=Ada", "name", ASSIGN_SET, "Ada");
	splits("tag+=vip", "tag", ASSIGN_ADD, "vip");
	splits("tag-=vip", "tag", ASSIGN_REMOVE, "vip");
	splits("name=", "name", ASSIGN_SET, "");
	splits("tag+=", "tag", ASSIGN_ADD, "");
	splits("note=a=b+=c", "note", ASSIGN_SET, "a=b+=c");
	splits("x.y_z-2=1", "x.y_z-2", ASSIGN_SET, "1");
	splits("a--=1", "a-", ASSIGN_REMOVE, "1");
}

static void
no_operands(void **state)
{
	static const char *const words[] = {"", "=", "+=", "-=x", "c42", "Ada",
	    "Ada=1", "a b=1", "9=1", "-", "ada@x.org?a=b", "+a=1", "ä=1"};
	struct assign a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (assign_parse(str_from(words[i]), &a))
			fail_msg("'%s' is no assignment", words[i]);
}

static void
names(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_addz(&b, "x:");
	name_join(&(struct name_parts){.given = STR("Ada"),
		      .family = STR("Lovelace"),
		      .prefix = STR("Dr.")},
	    &b);
	assert_string_equal(buf_z(&b), "x:Dr. Ada Lovelace");
	name_join(&(struct name_parts){0}, &b);
	assert_string_equal(buf_z(&b), "x:Dr. Ada Lovelace");
	buf_clear(&b);
}

static void
ids(void **state)
{
	struct idlist l = {0};
	bool fresh;

	(void)state;
	assert_false(idlist_has(&l, (struct id){.num = 1}));
	for (uint64_t i = 0; i < 10000; i++) {
		struct id id = {.num = 1 + i / 2 % 2500, .kind = i % 2};

		assert_true(idlist_add(&l, id, &fresh));
		assert_int_equal(fresh, i < 5000);
		assert_true(idlist_has(&l, id));
	}
	assert_int_equal(l.n, 5000);
	for (uint64_t i = 0; i < 5000; i++)
		assert_int_equal(l.ids[i].num, 1 + i / 2);
	assert_false(idlist_has(&l, (struct id){.num = 2501}));
	assert_false(idlist_has(&l, (struct id){.num = 1, .tag = 1}));
	idlist_clear(&l);
	assert_int_equal(l.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(operands),
	    cmocka_unit_test(no_operands),
	    cmocka_unit_test(names),
	    cmocka_unit_test(ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
