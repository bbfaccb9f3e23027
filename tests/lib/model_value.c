/* SPDX-License-Identifier: ISC */
/* Values on the way in: canonical forms, and refusals with a way out. */
#include "model_test.h"

#include "base/utf8.h"
#include "model/value.h"

/* Monday 2026-03-02 00:00 UTC. */
static const struct clock monday = {.now = 1772409600};

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

static enum crm_err
normal(const char *field, struct str in, struct buf *out, bool *odd,
    struct diag *dg)
{
	return value_normalise(
	    test_field(schema, field), in, &monday, out, odd, dg);
}

struct accepted {
	const char *field, *in, *want;
};

/* Each becomes what is wanted, behind what was there, and stays that way. */
static void
accept(const struct accepted *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf b = {0}, again = {0};
		struct diag dg = {0};
		bool odd = false;
		struct str made;

		buf_addz(&b, "before ");
		if (normal(
			cases[i].field, str_from(cases[i].in), &b, &odd, &dg))
			fail_msg("%s '%s': %s", cases[i].field, cases[i].in,
			    diag_text(&dg));
		made = str_from_pos(str_of(&b), 7);
		assert_text(made, cases[i].want);
		assert_false(odd);
		assert_int_equal(
		    normal(cases[i].field, made, &again, &odd, &dg), CRM_OK);
		assert_text(str_of(&again), cases[i].want);
		buf_clear(&b);
		buf_clear(&again);
	}
}

struct refused {
	const char *field, *in, *says;
};

/* Each is bad data, says so, and leaves the buf as it was. */
static void
refuse(const struct refused *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf b = {0};
		struct diag dg = {0};
		bool odd = false;

		buf_addz(&b, "before");
		if (normal(cases[i].field, str_from(cases[i].in), &b, &odd,
			&dg) != CRM_DATA)
			fail_msg("%s '%s' gives '%s'", cases[i].field,
			    cases[i].in, buf_z(&b));
		assert_int_equal(dg.code, CRM_DATA);
		assert_says(&dg, cases[i].says);
		assert_string_equal(buf_z(&b), "before");
		buf_clear(&b);
	}
}

static void
text(void **state)
{
	static const struct accepted cases[] = {
	    {"contact.name", "", ""},
	    {"contact.name", " \t ", ""},
	    {"contact.name", " Ann  Bee\t", "Ann  Bee"},
	    {"contact.name", "Mu\314\210ller", "M\303\274ller"},
	    {"contact.name", "M\303\274ller", "M\303\274ller"},
	    {"contact.name", "\344\270\255\346\226\207",
		"\344\270\255\346\226\207"},
	    {"contact.note", "a\r\nb\rc\nd\r\n\r\n", "a\nb\rc\nd\n\n"},
	    {"contact.note", "\314\210\r\n\r\nx", "\314\210\n\nx"},
	    {"contact.note", "a\r\r\nb", "a\nb"},
	    {"contact.note", "a\001\033[1m\177", "a\001\033[1m\177"},
	    {"contact.name", "a,b", "a,b"},
	};

	(void)state;
	accept(cases, ARRAY_LEN(cases));
}

static void
lists(void **state)
{
	static const struct accepted cases[] = {
	    {"contact.tag", "a", "a"},
	    {"contact.tag", ",", ""},
	    {"contact.tag", " , ,", ""},
	    {"contact.tag", "a, b ,a,,\tc", "a,b,c"},
	    {"contact.tag", ",a,", "a"},
	    {"contact.tag", "ab,a,abc,b", "ab,a,abc,b"},
	    {"contact.tag", "Mu\314\210,M\303\274", "M\303\274"},
	    {"contact.email", "A@b.de, c@d.fr,a@B.de", "a@b.de,c@d.fr"},
	};

	(void)state;
	accept(cases, ARRAY_LEN(cases));
}

static void
list_limit(void **state)
{
	struct buf in = {0}, out = {0};
	struct diag dg = {0};
	bool odd = false;

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		buf_addf(&in, "%x,", i);
	assert_int_equal(
	    normal("contact.tag", str_of(&in), &out, &odd, &dg), CRM_OK);
	assert_int_equal(out.n, in.n - 1);
	buf_reset(&out);
	buf_addz(&in, "270f,0,11,"); /* there already: nothing is added */
	assert_int_equal(
	    normal("contact.tag", str_of(&in), &out, &odd, &dg), CRM_OK);
	assert_int_equal(out.n, in.n - 1 - 10);
	buf_addz(&in, "one more");
	assert_int_equal(
	    normal("contact.tag", str_of(&in), &out, &odd, &dg), CRM_DATA);
	assert_says(&dg, "more than 10000 items in a list");
	buf_clear(&in);
	buf_clear(&out);
}

static void
bytes(void **state)
{
	static const struct refused cases[] = {
	    {"contact.name", "a\377b",
		"no UTF-8 at byte 2 of 'a\\xffb'; convert it first"},
	    {"contact.email", "a\303@b", "no UTF-8 at byte 2"},
	    {"contact.bday", "\300\200", "no UTF-8 at byte 1"},
	};
	struct buf out = {0}, big = {0};
	struct diag dg = {0};
	bool odd = false;

	(void)state;
	refuse(cases, ARRAY_LEN(cases));
	assert_int_equal(
	    normal("contact.note", (struct str){"a\0b", 3}, &out, &odd, &dg),
	    CRM_DATA);
	assert_says(&dg, "NUL at byte 2; take it out");
	assert_non_null(buf_room(&big, CRM_FIELD_MAX + 1));
	memset(big.p, 'x', CRM_FIELD_MAX + 1);
	assert_int_equal(
	    normal("contact.note", (struct str){big.p, CRM_FIELD_MAX + 1}, &out,
		&odd, &dg),
	    CRM_DATA);
	assert_says(&dg, "1048577 bytes; at most 1048576 fit");
	assert_int_equal(
	    normal("contact.note", (struct str){big.p, CRM_FIELD_MAX}, &out,
		&odd, &dg),
	    CRM_OK);
	assert_int_equal(out.n, CRM_FIELD_MAX);
	buf_reset(&out);
	assert_int_equal(
	    normal("contact.bday", (struct str){big.p, CRM_FIELD_MAX}, &out,
		&odd, &dg),
	    CRM_DATA);
	diag_clear(&dg);
	assert_int_equal(
	    normal("contact.email", (struct str){big.p, CRM_FIELD_MAX}, &out,
		&odd, &dg),
	    CRM_DATA);
	assert_true(dg.text.n < 200); /* not the whole of the value */
	diag_clear(&dg);
	buf_clear(&out);
	buf_clear(&big);
}

static void
numbers(void **state)
{
	static const struct accepted good[] = {
	    {"org.size", "0", "0"},
	    {"org.size", "007", "7"},
	    {"org.size", "+12", "12"},
	    {"org.size", "-0", "0"},
	    {"org.size", " -15\n", "-15"},
	    {"org.size", "9223372036854775807", "9223372036854775807"},
	    {"org.size", "-9223372036854775808", "-9223372036854775808"},
	    {"deal.amount", "0", "0"},
	    {"deal.amount", "007.50", "7.50"},
	    {"deal.amount", "+1.0", "1.0"},
	    {"deal.amount", "-0.00", "0.00"},
	    {"deal.amount", "-00.10", "-0.10"},
	    {"deal.amount", "123456789012345678901234567.123456789",
		"123456789012345678901234567.123456789"},
	};
	static const struct refused bad[] = {
	    {"org.size", "1.500", "'1.500' is no whole number; write 1500"},
	    {"org.size", "1,234,567", "write 1234567"},
	    {"org.size", "1'500", "write 1500"},
	    {"org.size", "-1 500", "write -1500"},
	    {"org.size", "1.5", "write digits alone, as in 1500"},
	    {"org.size", "many", "'many' is no whole number; write digits"},
	    {"org.size", "1e3", "write digits alone"},
	    {"org.size", "0x10", "write digits alone"},
	    {"org.size", "-", "write digits alone"},
	    {"org.size", "9223372036854775808", "is out of range"},
	    {"org.size", "-9223372036854775809", "is out of range"},
	    {"deal.amount", "12,5", "'12,5' is no number; write 12.5"},
	    {"deal.amount", "1.234,50", "write 1234.50"},
	    {"deal.amount", "1,234.50", "write 1234.50"},
	    {"deal.amount", "1'234.50", "write 1234.50"},
	    {"deal.amount", "1\302\240234,50", "write 1234.50"},
	    {"deal.amount", "1\342\200\257234", "write 1234"},
	    {"deal.amount", "1,234", "write 1.234 or 1234"},
	    {"deal.amount", "1.234.567", "write 1234567"},
	    {"deal.amount", "1.234.567,8", "write 1234567.8"},
	    {"deal.amount", "1,50", "write 1.50"},
	    {"deal.amount", "-12,5", "write -12.5"},
	    {"deal.amount", ".5", "write 0.5"},
	    {"deal.amount", "5.", "write 5"},
	    {"deal.amount", "\342\202\254 5", "digits alone, as in 1500.50"},
	    {"deal.amount", "5 EUR", "digits alone, as in 1500.50"},
	    {"deal.amount", ",", "digits alone"},
	    {"deal.amount", "-,5", "digits alone"},
	    {"deal.amount", "1e5", "digits alone"},
	    {"deal.amount", "inf", "digits alone"},
	    {"deal.amount", "--1", "digits alone"},
	    {"deal.amount", "1.1234567891", "at most 27 digits before and 9"},
	    {"deal.amount", "1234567890123456789012345678", "at most 27"},
	};

	(void)state;
	accept(good, ARRAY_LEN(good));
	refuse(bad, ARRAY_LEN(bad));
}

static void
yes_no(void **state)
{
	static const struct accepted good[] = {
	    {"contact.suppress", "yes", "yes"},
	    {"contact.suppress", "TRUE", "yes"},
	    {"contact.suppress", "1", "yes"},
	    {"contact.suppress", "Ja", "yes"},
	    {"contact.suppress", "no", "no"},
	    {"contact.suppress", "false", "no"},
	    {"contact.suppress", "0", "no"},
	    {"contact.suppress", "nein", "no"},
	};
	static const struct refused bad[] = {
	    {"contact.suppress", "maybe", "'maybe' is neither yes nor no"},
	    {"contact.suppress", "10", "write yes or no"},
	};

	(void)state;
	accept(good, ARRAY_LEN(good));
	refuse(bad, ARRAY_LEN(bad));
}

static void
repetitions(void **state)
{
	static const struct accepted good[] = {
	    {"contact.every", "30d", "30d"},
	    {"contact.every", "2W", "2w"},
	    {"task.every", "m on last fri", "1m on last fr"},
	    {"task.every", "w until fri", "1w until 2026-03-06"},
	};
	static const struct refused bad[] = {
	    {"contact.every", "often", "'often'"},
	    {"task.every", "2w until monday of may", "until"},
	};

	(void)state;
	accept(good, ARRAY_LEN(good));
	refuse(bad, ARRAY_LEN(bad));
}

static void
times(void **state)
{
	static const struct accepted good[] = {
	    {"contact.bday", "1970-02-28", "1970-02-28"},
	    {"contact.bday", "0033-04-03", "0033-04-03"},
	    {"contact.bday", "28.2.1970", "1970-02-28"},
	    {"contact.bday", "tomorrow", "2026-03-03"},
	    {"contact.bday", "+2d", "2026-03-04"},
	    {"task.due", "2026-03-05", "2026-03-05"},
	    {"task.due", "tomorrow 14:30", "2026-03-03T14:30:00Z"},
	    {"task.due", "2026-03-05T10:00:00Z", "2026-03-05T10:00:00Z"},
	    {"task.due", "2026-03-05T10:00:00+02:00", "2026-03-05T08:00:00Z"},
	    {"task.due", "2026-03-05 10:00:00.25-01:00",
		"2026-03-05T11:00:00Z"},
	};
	static const struct refused bad[] = {
	    {"contact.bday", "2026-02-30", "2026-02-30"},
	    {"contact.bday", "soon", "soon"},
	    {"contact.bday", "12/1/2026", "12/1/2026"},
	    {"contact.bday", "2026-03-05 10:00",
		"has a time of day, the field holds days; write 2026-03-05"},
	    {"task.due", "2026-03-05T25:00:00Z", "2026-03-05"},
	};

	struct buf b = {0};
	struct diag dg = {0};
	bool odd = false;

	(void)state;
	accept(good, ARRAY_LEN(good));
	refuse(bad, ARRAY_LEN(bad));
	assert_int_equal(value_normalise(test_field(schema, "contact.bday"),
			     STR("1970-02-28"), NULL, &b, &odd, &dg),
	    CRM_OK);
	assert_int_equal(value_normalise(test_field(schema, "task.due"),
			     STR("tomorrow"), NULL, &b, &odd, &dg),
	    CRM_DATA);
	assert_says(&dg, "'tomorrow' is no date; write YYYY-MM-DD");
	buf_clear(&b);
}

static void
enums(void **state)
{
	static const struct accepted good[] = {
	    {"deal.stage", "won", "won"},
	    {"deal.stage", " WON ", "won"},
	    {"contact.status", "Bad-Timing", "bad-timing"},
	};
	struct buf b = {0};
	struct diag dg = {0};
	bool odd = false;

	(void)state;
	accept(good, ARRAY_LEN(good));
	assert_int_equal(
	    normal("deal.stage", STR(" Signed "), &b, &odd, &dg), CRM_OK);
	assert_true(odd);
	assert_text(str_of(&b), "signed");
	buf_reset(&b);
	assert_int_equal(
	    normal("deal.stage", STR("\303\234ber"), &b, &odd, &dg), CRM_OK);
	assert_text(str_of(&b), "\303\274ber");
	buf_clear(&b);
}

static void
refs_and_urls(void **state)
{
	static const struct accepted good[] = {
	    {"contact.org", " ACME AG ", "ACME AG"},
	    {"contact.org", "o7", "o7"},
	    {"contact.url", "https://Example.org/a?b=c",
		"https://Example.org/a?b=c"},
	    {"contact.url", "www.example.org", "www.example.org"},
	    {"contact.url", "mailto:a@b", "mailto:a@b"},
	};
	static const struct refused bad[] = {
	    {"contact.url", "my page", "blank in 'my page'; write it as %20"},
	    {"contact.url", "page", "no web address in 'page'; write https://"},
	    {"contact.url", ":page", "no web address"},
	    {"contact.url", "http:", "no web address"},
	};

	(void)state;
	accept(good, ARRAY_LEN(good));
	refuse(bad, ARRAY_LEN(bad));
}

static void
emails(void **state)
{
	static const struct accepted good[] = {
	    {"contact.email", "ann@b.de", "ann@b.de"},
	    {"contact.email", "Ann.Bee+News@B.DE", "ann.bee+news@b.de"},
	    {"contact.email", "mailto:ann@b.de", "ann@b.de"},
	    {"contact.email", "root@localhost", "root@localhost"},
	    {"contact.email", "o'hara_1@a-b.co.uk", "o'hara_1@a-b.co.uk"},
	    {"contact.email", "J\303\226RG@\303\204RGER.de",
		"j\303\266rg@\303\244rger.de"},
	    {"contact.email", "jo\314\210rg@x.de", "j\303\266rg@x.de"},
	    {"contact.email",
		"a123456789b123456789c123456789d123456789e123456789f123456789"
		"g123@x.de",
		"a123456789b123456789c123456789d123456789e123456789f123456789"
		"g123@x.de"},
	};
	static const struct refused bad[] = {
	    {"contact.email", "foo", "no @ in 'foo'; write name@host"},
	    {"contact.email", "Ann Bee <Ann@b.de>", "write Ann@b.de"},
	    {"contact.email", "<>", "write name@host"},
	    {"contact.email", "@b.de", "no name before the @ in '@b.de'"},
	    {"contact.email", "a@", "no host behind the @ in 'a@'"},
	    {"contact.email", "a@b..de", "no host behind the @"},
	    {"contact.email", "a@.de", "no host behind the @"},
	    {"contact.email", "a@b.de.", "no host behind the @"},
	    {"contact.email", "a@-b.de", "no host behind the @"},
	    {"contact.email", "a@b-.de", "no host behind the @"},
	    {"contact.email", "a@b/c", "no host behind the @"},
	    {"contact.email", "a@[1.2.3.4]", "no host behind the @"},
	    {"contact.email", "a@b@c.de", "more than one @"},
	    {"contact.email", "a b@c.de", "blank in 'a b@c.de'"},
	    {"contact.email", "a@b.de c@d.de", "several with commas between"},
	    {"contact.email", "a\n@b.de", "blank in 'a\\n@b.de'"},
	    {"contact.email", "a\302\240@b.de", "blank in"},
	    {"contact.email", "a@b\342\200\213.de", "blank in"},
	    {"contact.email", "\"a\"@b.de", "a sign before the @"},
	    {"contact.email", "a;b@b.de", "a sign before the @"},
	    {"contact.email",
		"a123456789b123456789c123456789d123456789e123456789f123456789"
		"g1234@x.de",
		"is too long; at most 64 bytes before the @"},
	    {"contact.email",
		"a@a123456789b123456789c123456789d123456789e123456789f12345"
		"6789g123.de",
		"no host behind the @"},
	};

	(void)state;
	accept(good, ARRAY_LEN(good));
	refuse(bad, ARRAY_LEN(bad));
}

static void
phones(void **state)
{
	static const struct accepted good[] = {
	    {"contact.phone", "110", "110"},
	    {"contact.phone", "+49 (0)30/123-45.67", "+49 (0)30/123-45.67"},
	    {"contact.phone", "(+49) 30 1234567", "(+49) 30 1234567"},
	    {"contact.phone", "030   123\t45", "030 123 45"},
	    {"contact.phone", "tel:+49-30-123", "+49-30-123"},
	    {"contact.phone", "555 1234 x12", "555 1234 x12"},
	    {"contact.phone", "555 1234 Ext. 12", "555 1234 Ext. 12"},
	    {"contact.phone", "555 1234ext12", "555 1234ext12"},
	    {"contact.phone", "030\302\240123\342\200\22345", "030 123-45"},
	    {"contact.phone", "\342\200\252+49 30 123\342\200\254",
		"+49 30 123"},
	    {"contact.phone", "030 123, 030  123,040 456", "030 123,040 456"},
	    {"contact.phone", "12345678901234567890", "12345678901234567890"},
	};
	static const struct refused bad[] = {
	    {"contact.phone", "call me", "no phone number in 'call me'"},
	    {"contact.phone", "12", "too few digits in '12'; write digits"},
	    {"contact.phone", "() -", "too few digits"},
	    {"contact.phone", "123456789012345678901", "too many digits"},
	    {"contact.phone", "0800-FLOWERS", "no phone number"},
	    {"contact.phone", "030+123", "a plus amid the digits"},
	    {"contact.phone", "030 123 x", "no phone number"},
	    {"contact.phone", "030 123 xa", "no phone number"},
	    {"contact.phone", "030 123 extra 5", "no phone number"},
	    {"contact.phone", "030 123 x12345678901", "no phone number"},
	    {"contact.phone", "030;123", "no phone number"},
	    {"contact.phone", "\357\274\221\357\274\222\357\274\223",
		"no phone number"},
	    {"contact.phone",
		"1                                                             "
		"     23",
		"too much in"},
	};

	(void)state;
	accept(good, ARRAY_LEN(good));
	refuse(bad, ARRAY_LEN(bad));
}

/* Whatever comes in: an error with a message, or a form that stays. */
static void
noise(void **state)
{
	static const char *const bits[] = {"1", "0", ".", ",", "-", "+", " ",
	    "@", "a", "Z", "x", "\r", "\n", "\t", "(", ")", "/", "\303\274",
	    "\314\210", "\342\200\257", "\377", "ext", "2026-03-0", "today",
	    ":", "<", ">", "e", "\305\277", "\357\254\201"};
	const struct kind *k = schema_kind(schema, STR("contact"));
	uint64_t seed = 5;

	(void)state;
	for (int i = 0; i < 60000; i++) {
		const struct field *f = k->fields[rnd_below(&seed, k->nfields)];
		struct buf in = {0}, once = {0}, twice = {0};
		struct diag dg = {0};
		bool odd = false;
		size_t n = rnd_below(&seed, 8);
		enum crm_err err;

		while (n-- > 0)
			buf_addz(&in, bits[rnd_below(&seed, ARRAY_LEN(bits))]);
		err =
		    value_normalise(f, str_of(&in), &monday, &once, &odd, &dg);
		if (err) {
			assert_int_equal(err, CRM_DATA);
			assert_true(dg.text.n > 0);
			assert_int_equal(once.n, 0);
		} else {
			assert_int_equal(value_normalise(f, str_of(&once),
					     &monday, &twice, &odd, &dg),
			    CRM_OK);
			if (!str_eq(str_of(&once), str_of(&twice)))
				fail_msg("%.*s: '%s' then '%s'",
				    STR_ARG(f->name), buf_z(&once),
				    buf_z(&twice));
		}
		diag_clear(&dg);
		buf_clear(&in);
		buf_clear(&once);
		buf_clear(&twice);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text),
	    cmocka_unit_test(lists),
	    cmocka_unit_test(list_limit),
	    cmocka_unit_test(bytes),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(yes_no),
	    cmocka_unit_test(times),
	    cmocka_unit_test(enums),
	    cmocka_unit_test(refs_and_urls),
	    cmocka_unit_test(repetitions),
	    cmocka_unit_test(emails),
	    cmocka_unit_test(phones),
	    cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
