/* SPDX-License-Identifier: ISC */
/* The order of values, keys that sort like it, and which ones are equal. */
#include "model_test.h"

#include "base/utf8.h"
#include "model/value.h"

static struct schema *schema;

static int
setup(void **state)
{
	(void)state;
	schema = test_schema();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	schema_free(schema);
	return 0;
}

static int
sign(int c)
{
	return (c > 0) - (c < 0);
}

static int
cmp(const char *field, const char *a, const char *b)
{
	return sign(
	    value_cmp(test_field(schema, field), str_from(a), str_from(b)));
}

/* Each list is in ascending order. */
static void
order(void **state)
{
	static const struct {
		const char *field;
		const char *values[10];
	} cases[] = {
	    {"contact.name", {"10", "9", "Abel", "abel", "\303\204bel", "Zorn",
				 "\316\261", ""}},
	    {"contact.name",
		{"M\303\274ller", "muller", "m\303\274ller", "mullera", ""}},
	    {"contact.name", {"ab", "ab\314\201", "abc"}},
	    {"contact.sympathy", {"-10", "-9", "0", "9", "10", ""}},
	    {"deal.amount", {"-1.5", "-1", "0", "0.5", "2", "10.25", ""}},
	    {"contact.suppress", {"no", "yes", ""}},
	    {"contact.bday", {"0999-01-01", "1970-01-01", "2026-03-02", ""}},
	    {"task.due",
		{"2026-03-01T23:59:59Z", "2026-03-02", "2026-03-02T00:00:00Z",
		    "2026-03-02T10:00:00Z", "2026-03-03", ""}},
	    {"deal.stage",
		{"new", "qualified", "won", "lost", "aaa", "zzz", ""}},
	    {"contact.org", {"c9", "c10", "o2", "o2-aa", "o2-b7", "o3", ""}},
	    {"contact.email", {"a@b.de", "b@a.de", ""}},
	    {"contact.phone", {"+49 30 1", "030 1", ""}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const *v = cases[i].values;

		for (size_t a = 0; v[a]; a++) {
			for (size_t b = 0; v[b]; b++) {
				int want = (a > b) - (a < b);

				if (cmp(cases[i].field, v[a], v[b]) != want)
					fail_msg("%s: '%s' and '%s'",
					    cases[i].field, v[a], v[b]);
			}
		}
	}
}

/* ---- keys ------------------------------------------------------------- */

/* A random text out of BITS, at times a long one. */
static void
join(uint64_t *seed, const char *const *bits, size_t n, struct buf *out)
{
	size_t parts = 1 + rnd_below(seed, 5);

	if (rnd_below(seed, 8) == 0)
		for (int i = 0; i < 60; i++)
			buf_addz(out, "abcd");
	while (parts-- > 0)
		buf_addz(out, bits[rnd_below(seed, n)]);
}

static void
any_text(uint64_t *seed, struct buf *out)
{
	static const char *const bits[] = {"a", "A", "b", "z", " ", "\303\244",
	    "\303\204", "\303\237", "\314\210", "\342\202\254", "\001",
	    "\360\237\230\200", "i", "\304\260", "\317\202", "\357\254\201"};

	join(seed, bits, ARRAY_LEN(bits), out);
}

static void
any_int(uint64_t *seed, struct buf *out)
{
	uint64_t v = rnd(seed) >> rnd_below(seed, 64);

	if (rnd_below(seed, 20) == 0)
		buf_addz(out, "odd");
	else
		buf_addf(out, "%lld", (long long)(int64_t)v);
}

static void
any_decimal(uint64_t *seed, struct buf *out)
{
	any_int(seed, out);
	if (rnd_below(seed, 2))
		buf_addf(out, ".%u", (unsigned)rnd_below(seed, 1000));
}

static void
any_time(uint64_t *seed, struct buf *out)
{
	int64_t utc = (int64_t)rnd_below(seed, 4) * 43200 -
		      (int64_t)rnd_below(seed, 3) * 1000000000;

	if (rnd_below(seed, 2))
		time_print(utc, out);
	else
		date_print(date_local(NULL, utc, NULL), out);
}

static void
any_date(uint64_t *seed, struct buf *out)
{
	date_print(DATE_MIN + (int)rnd_below(seed, DATE_MAX - DATE_MIN), out);
}

static void
any_choice(uint64_t *seed, struct buf *out)
{
	static const char *const bits[] = {
	    "new", "won", "lost", "proposal", "odd", "x"};

	buf_addz(out, bits[rnd_below(seed, ARRAY_LEN(bits))]);
	if (rnd_below(seed, 5) == 0)
		buf_addz(out, "y");
}

static void
any_ref(uint64_t *seed, struct buf *out)
{
	static const char *const tags[] = {"", "", "", "-a0", "-b7"};

	buf_addz(out, rnd_below(seed, 2) ? "c" : "ca");
	buf_addu(out, rnd(seed) >> (17 + rnd_below(seed, 47)));
	buf_addz(out, tags[rnd_below(seed, ARRAY_LEN(tags))]);
}

static void
any_email(uint64_t *seed, struct buf *out)
{
	static const char *const bits[] = {"ann", "bob", "@", ".", "de", "x"};

	join(seed, bits, ARRAY_LEN(bits), out);
}

static void
any_bool(uint64_t *seed, struct buf *out)
{
	buf_addz(out, rnd_below(seed, 2) ? "yes" : "no");
}

/* In which order the keys are; equal keys say nothing about the values but
 * that they are cut or fold alike. */
static void
compare_keys(const struct field *f, struct str a, struct str b)
{
	struct buf ka = {0}, kb = {0};
	int key, value = sign(value_cmp(f, a, b));

	value_key(f, a, &ka);
	value_key(f, b, &kb);
	assert_true(ka.n <= VALUE_KEY_MAX && kb.n <= VALUE_KEY_MAX);
	key = sign(str_cmp(str_of(&ka), str_of(&kb)));
	if (key != 0 && key != value)
		fail_msg("%.*s: '%.*s' '%.*s': key %d, value %d",
		    STR_ARG(f->name), STR_ARG(a), STR_ARG(b), key, value);
	assert_int_equal(value, -sign(value_cmp(f, b, a)));
	if (value_eq(f, a, b))
		assert_int_equal(key, 0);
	if (key == 0 && f->type != TYPE_TEXT && f->type != TYPE_EMAIL)
		assert_true(value_eq(f, a, b));
	buf_clear(&ka);
	buf_clear(&kb);
}

static void
keys(void **state)
{
	static const struct {
		const char *field;
		void (*any)(uint64_t *seed, struct buf *out);
	} cases[] = {
	    {"contact.name", any_text},
	    {"contact.sympathy", any_int},
	    {"deal.amount", any_decimal},
	    {"task.due", any_time},
	    {"contact.bday", any_date},
	    {"deal.stage", any_choice},
	    {"contact.org", any_ref},
	    {"contact.email", any_email},
	    {"contact.suppress", any_bool},
	};
	uint64_t seed = 17;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct field *f = test_field(schema, cases[i].field);

		for (int round = 0; round < 3000; round++) {
			struct buf a = {0}, b = {0};

			cases[i].any(&seed, &a);
			cases[i].any(&seed, &b);
			compare_keys(f, str_of(&a), str_of(&b));
			buf_clear(&a);
			buf_clear(&b);
		}
	}
}

/* A key is fit for a bound: what begins alike has a key that begins alike. */
static void
text_keys(void **state)
{
	const struct field *f = test_field(schema, "contact.name");
	struct buf text = {0}, a = {0}, b = {0};
	size_t bad;

	(void)state;
	value_key(f, STR("M\303\234LLER"), &a);
	assert_text(str_of(&a), "muller");
	buf_reset(&a);
	for (int i = 0; i < 200; i++)
		buf_addz(&text, "\360\237\230\200"); /* 4 bytes each */
	value_key(f, str_of(&text), &a);
	assert_int_equal(a.n, VALUE_KEY_MAX);
	buf_reset(&a);
	buf_insert(&text, 0, STR("x"));
	value_key(f, str_of(&text), &a);
	assert_int_equal(a.n, VALUE_KEY_MAX - 3); /* no half character */
	assert_true(utf8_valid(str_of(&a), &bad));
	/* Marks that fold to nothing do not use up the key. */
	buf_reset(&text);
	for (int i = 0; i < 2000; i++)
		buf_addz(&text, "\314\201");
	buf_addz(&text, "end");
	value_key(f, str_of(&text), &b);
	assert_text(str_of(&b), "end");
	buf_clear(&text);
	buf_clear(&a);
	buf_clear(&b);
}

/* The bytes of keys are a format of the store. */
static void
key_bytes(void **state)
{
	struct buf b = {0};

	(void)state;
	value_key(test_field(schema, "task.due"), STR("1970-01-02"), &b);
	assert_int_equal(b.n, 9);
	assert_memory_equal(b.p, "\x80\0\0\0\0\x01\x51\x80\0", 9);
	buf_reset(&b);
	value_key(test_field(schema, "contact.sympathy"), STR("-1"), &b);
	assert_int_equal(b.n, 8);
	assert_memory_equal(b.p, "\x7f\xff\xff\xff\xff\xff\xff\xff", 8);
	buf_reset(&b);
	value_key(test_field(schema, "deal.stage"), STR("won"), &b);
	assert_int_equal(b.n, 2);
	assert_memory_equal(b.p, "\0\4", 2);
	buf_clear(&b);
}

/* ---- phones ----------------------------------------------------------- */

static void
phone_keys(void **state)
{
	static const struct {
		const char *phone, *key;
	} cases[] = {
	    {"+49 30 1234567", "76543210394"},
	    {"0049 (0)30/1234567", "76543210394"},
	    {"(+49) 30 123-4567 x12", "76543210394"},
	    {"030 1234567", "765432103"},
	    {"(0)30 1234567", "765432103"},
	    {"30.1234567 ext. 99", "765432103"},
	    {"000", ""},
	    {"", ""},
	    {"12345678901234567890123", "09876543210987654321"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = {0};

		value_phone_key(str_from(cases[i].phone), &b);
		assert_text(str_of(&b), cases[i].key);
		buf_clear(&b);
	}
}

static void
same_line(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
	    {"+49 30 1234567", "030 1234567", true},
	    {"+49 30 1234567", "0049 (0)30/1234567", true},
	    {"030 1234567", "0049 (0)30/1234567", true},
	    {"+49 (30) 123-4567", "1234567", true},
	    {"(800) 555-1234", "1-800-555-1234", true},
	    {"+1 800 555 1234", "800.555.1234", true},
	    {"+41 44 668 18 00", "044 668 18 00", true},
	    {"110", "110", true},
	    {"1 10", "110", true},
	    {"030 123456 x1", "030 123456", true},
	    {"030 123456 x1", "+49 30 123456 ext 1", true},
	    {"030 123456 x1", "030 123456 x2", false},
	    {"+49 30 1234567", "+43 30 1234567", false},
	    {"030 1234567", "040 1234567", false},
	    {"030 1234567", "030 1234568", false},
	    {"34567", "030 1234567", false}, /* too short to tell */
	    {"110", "030 1110", false},
	    {"000", "000", false}, /* no digit that counts */
	    {"", "030 1234567", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str a = str_from(cases[i].a), b = str_from(cases[i].b);

		if (value_phone_same(a, b) != cases[i].same ||
		    value_phone_same(b, a) != cases[i].same)
			fail_msg("'%s' and '%s'", cases[i].a, cases[i].b);
	}
}

/* ---- equality and spans ----------------------------------------------- */

static void
equal(void **state)
{
	static const struct {
		const char *field, *a, *b;
		bool same;
	} cases[] = {
	    {"deal.amount", "1.5", "1.500", true},
	    {"deal.amount", "-0", "0.0", true},
	    {"deal.amount", "1.5", "1.51", false},
	    {"deal.amount", "odd", "1", false},
	    {"contact.sympathy", "1", "1", true},
	    {"contact.phone", "+49 30 1234567", "030 1234567", true},
	    {"contact.name", "Ann", "ann", false},
	    {"contact.name", "Ann", "Ann", true},
	    {"contact.email", "a@b.de", "a@b.de", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (value_eq(test_field(schema, cases[i].field),
			str_from(cases[i].a),
			str_from(cases[i].b)) != cases[i].same)
			fail_msg("%s: '%s' and '%s'", cases[i].field,
			    cases[i].a, cases[i].b);
}

/* Two hours east of UTC. */
static long
east(int64_t utc, void *arg)
{
	(void)utc;
	(void)arg;
	return 7200;
}

static void
spans(void **state)
{
	const struct zone zone = {.offset = east};
	int64_t lo, hi;

	(void)state;
	assert_true(value_time_span(STR("1970-01-02"), NULL, &lo, &hi));
	assert_int_equal(lo, 86400);
	assert_int_equal(hi, 2 * 86400 - 1);
	assert_true(value_time_span(STR("1970-01-02"), &zone, &lo, &hi));
	assert_int_equal(lo, 86400 - 7200);
	assert_int_equal(hi, 2 * 86400 - 1 - 7200);
	assert_true(
	    value_time_span(STR("1970-01-02T00:00:05Z"), &zone, &lo, &hi));
	assert_int_equal(lo, 86405);
	assert_int_equal(hi, 86405);
	assert_true(value_time_span(STR("9999-12-31"), &zone, &lo, &hi));
	assert_int_equal(hi - lo, 86399);
	assert_false(value_time_span(STR("tomorrow"), NULL, &lo, &hi));
	assert_false(value_time_span(STR(""), NULL, &lo, &hi));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order),
	    cmocka_unit_test(keys),
	    cmocka_unit_test(text_keys),
	    cmocka_unit_test(key_bytes),
	    cmocka_unit_test(phone_keys),
	    cmocka_unit_test(same_line),
	    cmocka_unit_test(equal),
	    cmocka_unit_test(spans),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
