/* SPDX-License-Identifier: ISC */
/* Tests of text/vcard and of the content lines below it: escaping, folding,
 * parameters, and that a reader gets back what was written. */
#include "text_test.h"

#include "text/vcard.h"

static void
expect(struct buf *out, const char *want)
{
	assert_false(out->failed);
	assert_string_equal(buf_z(out), want);
	buf_reset(out);
}

static void
writes_a_card(void **state)
{
	(void)state;
	struct buf out = {0};
	const struct str n[5] = {
	    STR("M\xc3\xbcller"), STR("Anna"), {0}, STR("Dr."), {0}};
	const struct str adr[7] = {{0}, {0}, STR("Gasse 1; Hof"), STR("Bern"),
	    {0}, STR("3000"), STR("CH")};
	const struct str org[3] = {STR("A, B & Co"), STR("R\\D"), {0}};

	vcard_begin(&out, VCARD_4);
	vcard_text(&out, "FN", "", STR("Anna M\xc3\xbcller"));
	vcard_parts(&out, "N", NULL, n, 5);
	vcard_parts(&out, "ADR", ";TYPE=work", adr, 7);
	vcard_parts(&out, "ORG", "", org, 3);
	vcard_list(&out, "CATEGORIES", "", STR("vip,a;b"));
	vcard_text(&out, "NOTE", "", STR("one\r\ntwo\nthree\t4"));
	vcard_uri(&out, "URL", "", STR("https://example.org/a;b,c"));
	vcard_time(&out, VCARD_4, "BDAY", STR("1985-04-12"));
	vcard_time(&out, VCARD_4, "REV", STR("2026-03-02T14:30:00Z"));
	vcard_end(&out);
	expect(&out, "BEGIN:VCARD\r\nVERSION:4.0\r\n"
		     "FN:Anna M\xc3\xbcller\r\n"
		     "N:M\xc3\xbcller;Anna;;Dr.;\r\n"
		     "ADR;TYPE=work:;;Gasse 1\\; Hof;Bern;;3000;CH\r\n"
		     "ORG:A\\, B & Co;R\\\\D\r\n"
		     "CATEGORIES:vip,a\\;b\r\n"
		     "NOTE:one\\ntwo\\nthree\t4\r\n"
		     "URL:https://example.org/a;b,c\r\n"
		     "BDAY:19850412\r\n"
		     "REV:20260302T143000Z\r\n"
		     "END:VCARD\r\n");
	buf_clear(&out);
}

static void
writes_nothing_for_nothing(void **state)
{
	(void)state;
	struct buf out = {0};
	const struct str none[3] = {{0}, {0}, {0}};

	vcard_text(&out, "FN", "", STR(""));
	vcard_list(&out, "CATEGORIES", "", STR(""));
	vcard_parts(&out, "ORG", "", none, 3);
	vcard_parts(&out, "N", "", none, 3);
	vcard_uri(&out, "URL", "", STR(""));
	vcard_time(&out, VCARD_4, "BDAY", STR(""));
	vcard_time(&out, VCARD_4, "REV", STR("yesterday"));
	content_param(&out, "TYPE", STR(""));
	assert_int_equal(out.n, 0);
	buf_clear(&out);
}

static void
writes_dates(void **state)
{
	(void)state;
	struct buf out = {0};
	bool day = false;

	vcard_time(&out, VCARD_4, "BDAY", STR("spring 1985"));
	expect(&out, "BDAY;VALUE=text:spring 1985\r\n");
	vcard_time(&out, VCARD_4, "REV", STR("2026-03-02T15:30:00+01:00"));
	expect(&out, "REV:20260302T143000Z\r\n");
	vcard_time(&out, VCARD_3, "REV", STR("2026-03-02T15:30:00+01:00"));
	expect(&out, "REV:2026-03-02T14:30:00Z\r\n");
	vcard_time(&out, VCARD_3, "BDAY", STR("1985-04-12"));
	expect(&out, "BDAY:1985-04-12\r\n");
	assert_true(content_time(&out, STR("2026-03-02"), &day));
	assert_true(day);
	assert_true(content_time(&out, STR("2026-03-02T00:00:00Z"), &day));
	assert_false(day);
	expect(&out, "2026030220260302T000000Z");
	assert_false(content_time(&out, STR("2026-02-30"), NULL));
	assert_false(content_time(&out, STR(""), NULL));
	assert_int_equal(out.n, 0);
	buf_clear(&out);
}

static void
quotes_parameters(void **state)
{
	(void)state;
	struct buf out = {0};
	content_param(&out, "TYPE", STR("work"));
	content_param(&out, "PREF", STR("1"));
	expect(&out, ";TYPE=work;PREF=1");
	content_param(&out, "LABEL", STR("a \"b\"; c:d,^e\nf\x1b"));
	expect(&out, ";LABEL=\"a ^'b^'; c:d,^^e^nf\"");
	buf_clear(&out);
}

/* Nothing in a value may end its line and start another property. */
static void
cannot_be_injected(void **state)
{
	(void)state;
	struct buf out = {0};
	vcard_text(&out, "NOTE", "", STR("x\r\nEND:VCARD\rTEL:1\x1b[2J\x7f"));
	expect(&out, "NOTE:x\\nEND:VCARDTEL:1[2J\r\n");
	vcard_uri(&out, "URL", "", STR("http://x\r\nTEL:1"));
	expect(&out, "URL;VALUE=text:http://x\\nTEL:1\r\n");
	vcard_uri(&out, "URL", ";PREF=1", STR("http://x/\\"));
	expect(&out, "URL;VALUE=text;PREF=1:http://x/\\\\\r\n");
	content_param(&out, "X", STR("a\r\nTEL:1"));
	expect(&out, ";X=\"a^nTEL:1\"");
	buf_clear(&out);
}

static void
folds_at_75_bytes(void **state)
{
	(void)state;
	struct buf out = {0};
	static const char digits[] = "0123456789012345678901234567890123456789"
				     "0123456789012345678901234567890123456789"
				     "0123456789012345678901234567890123456789"
				     "0123456789012345678901234567890123456789";

	/* 75 bytes stay on one line. */
	vcard_text(&out, "NOTE", "", (struct str){.p = digits, .n = 70});
	assert_int_equal(out.n, 77);
	buf_reset(&out);
	vcard_text(&out, "NOTE", "", (struct str){.p = digits, .n = 71});
	expect(&out, "NOTE:"
		     "0123456789012345678901234567890123456789"
		     "012345678901234567890123456789\r\n 0\r\n");
	/* A line that goes on has 74 behind its blank. */
	vcard_text(&out, "NOTE", "", (struct str){.p = digits, .n = 145});
	expect(&out, "NOTE:"
		     "0123456789012345678901234567890123456789"
		     "012345678901234567890123456789\r\n "
		     "0123456789012345678901234567890123456789"
		     "0123456789012345678901234567890123\r\n 4\r\n");
	buf_clear(&out);
}

/* Undoes folding; every line is at most 75 bytes and whole UTF-8. */
static void
unfold(struct str s, struct buf *out)
{
	size_t bad = 0;

	while (s.n > 0) {
		size_t n = str_find(s, STR("\r\n"));
		struct str line = str_head(s, n);
		assert_true(n < s.n && n <= 75);
		assert_true(utf8_valid(line, &bad));
		buf_add(out, out->n ? str_from_pos(line, 1) : line);
		assert_true(out->n == n || line.p[0] == ' ');
		s = str_from_pos(s, n + 2);
	}
}

static void
unescape(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\') {
			assert_null(memchr(",;", s.p[i], 2));
			buf_addc(out, s.p[i]);
			continue;
		}
		assert_true(++i < s.n && memchr("\\,;n", s.p[i], 4));
		buf_addc(out, s.p[i] == 'n' ? '\n' : s.p[i]);
	}
}

/* A reader gets back every text, but for the controls no card may hold. */
static void
reads_back(void **state)
{
	(void)state;
	struct buf value = {0};
	struct buf out = {0};
	struct buf line = {0};
	struct buf back = {0};
	uint64_t seed = 7;

	for (int i = 0; i < 100000; i++) {
		buf_reset(&value);
		buf_reset(&out);
		buf_reset(&line);
		buf_reset(&back);
		buf_addc(&value, 'x');
		test_text(&seed, &value, i % 100 ? 12 : 120);
		content_text(&out, "NOTE", "", str_of(&value));
		unfold(str_of(&out), &line);
		assert_true(str_starts(str_of(&line), STR("NOTE:")));
		unescape(str_from_pos(str_of(&line), 5), &back);
		size_t n = 0;
		for (size_t k = 0; k < value.n; k++) {
			char c = value.p[k];
			if (c == '\t' || c == '\n' ||
			    ((unsigned char)c >= 0x20 && c != 0x7f))
				value.p[n++] = c;
		}
		value.n = n;
		assert_true(str_eq(str_of(&back), str_of(&value)));
	}
	buf_clear(&value);
	buf_clear(&out);
	buf_clear(&line);
	buf_clear(&back);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_a_card),
	    cmocka_unit_test(writes_nothing_for_nothing),
	    cmocka_unit_test(writes_dates),
	    cmocka_unit_test(quotes_parameters),
	    cmocka_unit_test(cannot_be_injected),
	    cmocka_unit_test(folds_at_75_bytes),
	    cmocka_unit_test(reads_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
