/* SPDX-License-Identifier: ISC */
/* Tests of text/mbox: where messages begin and end, for any block size. */
#include "rows_test.h"

#include "text/mbox.h"

/* LINE[TEXT] for messages, !CODE MESSAGE for errors. */
static void
transcript(struct test_bytes *bytes, size_t max, struct buf *out)
{
	struct source src = test_source(bytes);
	struct mbox_options o = {.message_max = max};
	struct mbox *m = NULL;
	struct mbox_message msg;
	struct diag dg = {0};
	bool got = true;

	assert_int_equal(mbox_open(&m, &src, max ? &o : NULL, &dg), 0);
	while (got) {
		enum crm_err err = mbox_next(m, &msg, &got, &dg);
		if (err) {
			assert_int_equal(err, dg.code);
			buf_addf(out, "!%d %s%s\n", (int)err, diag_text(&dg),
			    got ? "" : " END");
		} else if (got) {
			buf_addf(out, "%d[", (int)msg.line);
			buf_add(out, msg.text);
			buf_addz(out, "]\n");
		}
	}
	assert_int_equal(mbox_next(m, &msg, &got, &dg), CRM_OK);
	assert_false(got);
	assert_true(bytes->most <= 64 << 10);
	diag_clear(&dg);
	mbox_close(m);
}

static void
expect_max(const char *in, size_t max, const char *want)
{
	struct buf out = {0};

	for (size_t step = 0; step < 6; step++) {
		struct test_bytes bytes = {.s = str_from(in), .step = step};
		buf_reset(&out);
		transcript(&bytes, max, &out);
		assert_string_equal(buf_z(&out), want);
	}
	buf_clear(&out);
}

static void
expect(const char *in, const char *want)
{
	expect_max(in, 0, want);
}

#define A "From a@x Mon Mar  2 14:30:00 2026\n"

static void
splits_messages(void **state)
{
	(void)state;
	expect(A "Subject: 1\n\none\n\n" A "Subject: 2\n\ntwo\n\n\n\n" A
		 "Subject: 3\n\nthree",
	    "1[Subject: 1\n\none\n]\n6[Subject: 2\n\ntwo\n\n\n]\n"
	    "13[Subject: 3\n\nthree]\n");
	expect("From - Mon Mar 02 14:30:00 2026\r\nSubject: 1\r\n\r\none\r\n"
	       "\r\nFrom - Mon Mar 02 14:31:00 2026\r\nSubject: 2\r\n\r\n",
	    "1[Subject: 1\r\n\r\none\r\n]\n6[Subject: 2\r\n]\n");
	expect("\n\n" A "Subject: 1\n", "3[Subject: 1\n]\n");
	expect(A, "1[]\n");
	expect(A "\n" A "\n\n" A "x", "1[]\n3[\n]\n6[x]\n");
	expect("", "");
	expect("\n\r\n\n", "");
}

static void
unquotes_bodies(void **state)
{
	(void)state;
	expect(A "X: 1\n>From y\n\n>From me\n>>From you\n>>>From\n> From\n"
		 ">>>>From us\n>\n>",
	    "1[X: 1\n>From y\n\nFrom me\n>From you\n>>>From\n> From\n"
	    ">>>From us\n>\n>]\n");
	/* Only behind a blank line, and only with a time. */
	expect(A "X: 1\n\na\n" A "b\n\nFrom 14:30 on it rains\n\nFrom here\n\n"
		 "From 2026 on\n\n" A "X: 2\n",
	    "1[X: 1\n\na\n" A "b\n\nFrom 14:30 on it rains\n\nFrom here\n\n"
	    "From 2026 on\n]\n14[X: 2\n]\n");
	/* No times at all: every such line. */
	expect("From a\nX: 1\n\na\n\nFrom b\nX: 2\n",
	    "1[X: 1\n\na\n]\n6[X: 2\n]\n");
}

static void
refuses_what_is_no_box(void **state)
{
	(void)state;
	expect("\nSubject: 1\n\nFrom a 14:30 2026\n",
	    "!65 in:2: this is no mail box: a message begins with a line "
	    "'From NAME@HOST DATE'; give a single message a name that ends in "
	    ".eml END\n");
	assert_true(mbox_like(STR("From a")));
	assert_false(mbox_like(STR("From: a")));
	assert_false(mbox_like(STR("")));
}

#define LONGER                                                                 \
	": the message that begins here is longer than 9 bytes; log it by "    \
	"hand with crm-log\n"

static void
bounds_a_message(void **state)
{
	expect_max(A "12345678\n\n" A "123456789\n\n\n" A "123\n\n567\n\n" A
		     "123\n\n5678\n\n" A "\n\n\n\n\n\n\n\n\n\n\n" A "1\n",
	    9,
	    "1[12345678\n]\n!65 in:4" LONGER "8[123\n\n567\n]\n"
	    "!65 in:13" LONGER "!65 in:18" LONGER "30[1\n]\n");
	(void)state;
}

/* Lines that no block can hold: the time of the last is not looked for. */
static void
long_lines(void **state)
{
	enum { LONG = 200000 };
	struct buf in = {0}, out = {0};

	(void)state;
	for (int part = 0; part < 4; part++) {
		buf_addz(&in, part == 3 ? "\nFrom " : part ? ">From " : A);
		for (int i = 0; i < LONG; i++)
			buf_addc(&in, (char)('a' + i % 26));
		buf_addz(&in, part == 3 ? " 14:30 2026\n\n" : "\n\n");
	}
	buf_addz(&in, A "end\n");
	for (size_t step = 0; step < 100000; step = step * 9 + 7001) {
		struct test_bytes b = {.s = str_of(&in), .step = step};
		buf_reset(&out);
		transcript(&b, 0, &out);
		assert_int_equal(out.n, 4 * LONG + 47);
	}
	/* The line in front of a message, too. */
	buf_reset(&in);
	buf_addz(&in, "From ");
	for (int i = 0; i < LONG; i++)
		buf_addc(&in, '>');
	buf_addz(&in, "From \nX: 1\n");
	for (size_t step = 0; step < 100000; step = step * 9 + 7001) {
		struct test_bytes b = {.s = str_of(&in), .step = step};
		buf_reset(&out);
		transcript(&b, 0, &out);
		assert_string_equal(buf_z(&out), "1[X: 1\n]\n");
	}
	buf_clear(&in);
	buf_clear(&out);
}

static void
reading_fails(void **state)
{
	static const char *const texts[] = {
	    "", "From", A, A "X: 1\n\nbody\n\n", A "X: 1\n\n" A};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct test_bytes bytes = {
		    .s = str_from(texts[i]), .error = EIO};
		buf_reset(&out);
		transcript(&bytes, 0, &out);
		if (!str_ends(str_of(&out),
			STR("!74 in: cannot read: Input/output error END\n")))
			fail_msg("%s: %s", texts[i], buf_z(&out));
	}
	buf_clear(&out);
}

/* Any bytes: the same messages for any block size. */
static void
survives_anything(void **state)
{
	static const char *const bits[] = {A, "From ", ">", "\n", "\r\n", "x",
	    "X: 1\n", "\n\n", "14:30 2026", ">From y\n", "\xff", " "};
	struct buf in = {0}, one = {0}, two = {0};
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct test_bytes bytes;
		size_t max = round % 2 ? 0 : 20;
		buf_reset(&in);
		for (uint64_t n = test_rand(&seed) % 30; n; n--)
			buf_addz(&in, bits[test_rand(&seed) % ARRAY_LEN(bits)]);
		buf_reset(&one);
		buf_reset(&two);
		bytes = (struct test_bytes){.s = str_of(&in)};
		transcript(&bytes, max, &one);
		bytes = (struct test_bytes){.s = str_of(&in), .step = 1};
		transcript(&bytes, max, &two);
		assert_string_equal(buf_z(&one), buf_z(&two));
	}
	buf_clear(&in);
	buf_clear(&one);
	buf_clear(&two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(splits_messages),
	    cmocka_unit_test(unquotes_bodies),
	    cmocka_unit_test(refuses_what_is_no_box),
	    cmocka_unit_test(bounds_a_message),
	    cmocka_unit_test(long_lines),
	    cmocka_unit_test(reading_fails),
	    cmocka_unit_test(survives_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
