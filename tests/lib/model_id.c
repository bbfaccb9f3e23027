/* SPDX-License-Identifier: ISC */
/* Ids: text and bytes, there and back. */
#include "model_test.h"

#include "model/id.h"

static void
good(void **state)
{
	static const struct {
		const char *text;
		struct id id;
	} cases[] = {
	    {"c1", {1, KIND_CONTACT, 0}},
	    {"c42", {42, KIND_CONTACT, 0}},
	    {"o7", {7, KIND_ORG, 0}},
	    {"x15", {15, KIND_KIND, 0}},
	    {"c281474976710655", {ID_NUM_MAX, KIND_CONTACT, 0}},
	    {"c42-00", {42, KIND_CONTACT, 1}},
	    {"c42-b7", {42, KIND_CONTACT, 1 + 11 * 36 + 7}},
	    {"f9-zz", {9, KIND_FIELD, 36 * 36}},
	};
	struct schema *s = test_schema();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = {0};
		struct id id;

		if (!id_parse(s, str_from(cases[i].text), &id))
			fail_msg("%s is refused", cases[i].text);
		assert_true(id_eq(id, cases[i].id));
		id_print(s, id, &b);
		assert_text(str_of(&b), cases[i].text);
		buf_clear(&b);
	}
	schema_free(s);
}

static void
bad(void **state)
{
	static const char *const cases[] = {"", "c", "42", "c0", "c01", "C1",
	    "c-1", "c1-", "c1-b", "c1-b77", "c1-B7", "c1 ", " c1", "c1-b_",
	    "z1", "cc1", "c1x", "c281474976710656", "c9999999999999999",
	    "c18446744073709551617", "c1\n", "\303\2441",
	    "cccccccccccccccccccccccccccccccccc1"};
	struct schema *s = test_schema();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct id id = {9, 9, 9};

		if (id_parse(s, str_from(cases[i]), &id))
			fail_msg("'%s' is taken", cases[i]);
		assert_int_equal(id.num, 0);
	}
	schema_free(s);
}

static void
unknown_kind(void **state)
{
	struct schema *s = test_schema();
	struct buf b = {0};

	(void)state;
	id_print(s, (struct id){42, 33, 0}, &b);
	assert_text(str_of(&b), "?33:42");
	buf_clear(&b);
	schema_free(s);
}

static struct id
any_id(uint64_t *seed)
{
	static const uint64_t nums[] = {1, 2, 255, 256, 65536, ID_NUM_MAX};

	return (struct id){
	    .num = nums[rnd_below(seed, ARRAY_LEN(nums))],
	    .kind = KIND_DEAL,
	    .tag = (uint16_t)rnd_below(seed, 3),
	};
}

static void
keys_sort_like_ids(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct id a = any_id(&seed), b = any_id(&seed);
		unsigned char ka[ID_BYTES], kb[ID_BYTES];
		int key, id = id_cmp(a, b);

		id_put(a, ka);
		id_put(b, kb);
		key = memcmp(ka, kb, ID_BYTES);
		assert_int_equal((key > 0) - (key < 0), id);
		assert_int_equal(id == 0, id_eq(a, b));
		assert_true(id_eq(id_get(KIND_DEAL, ka), a));
	}
	assert_true(id_cmp((struct id){9, 1, 0}, (struct id){1, 2, 0}) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good),
	    cmocka_unit_test(bad),
	    cmocka_unit_test(unknown_kind),
	    cmocka_unit_test(keys_sort_like_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
