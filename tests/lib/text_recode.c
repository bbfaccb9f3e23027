/* SPDX-License-Identifier: ISC */
/* Tests of text/recode: what comes out as UTF-8, for any size of reads on both
 * sides, and where what cannot be converted is. */
#include "rows_test.h"

#include <iconv.h>

#include "text/csv.h"
#include "text/recode.h"

/* Converts S read in pieces of STEP for somebody who asks for WANT bytes. */
static enum crm_err
convert(struct str s, enum encoding from, size_t step, size_t want,
    struct buf *out, struct diag *dg)
{
	struct test_bytes bytes = {.s = s, .step = step, .again = 1};
	struct source src = test_source(&bytes);
	struct recode *r = NULL;
	ptrdiff_t n = 1;

	buf_reset(out);
	assert_int_equal(recode_open(&r, &src, from, dg), CRM_OK);
	src = recode_source(r);
	assert_string_equal(src.name, "in");
	while (n > 0) {
		char *p = buf_room(out, want);
		assert_non_null(p);
		n = src.read(src.arg, p, want);
		assert_true(n <= (ptrdiff_t)want);
		if (n > 0)
			out->n += (size_t)n;
		out->p[out->n] = '\0';
	}
	enum crm_err err = recode_fault(r, dg);
	assert_int_equal(n < 0, err != CRM_OK);
	if (n < 0) {
		char c = 0;
		assert_int_equal(errno, EILSEQ);
		assert_int_equal(src.read(src.arg, &c, 1), -1);
	}
	recode_close(r);
	return err;
}

/* WANT is the text, or, behind '!', the message. */
static void
expect(struct str s, enum encoding from, struct str want)
{
	static const size_t sizes[] = {1, 2, 3, 5, 15, 16, 17, 4096};
	struct buf out = {0};
	struct diag dg = {0};

	for (size_t i = 0; i < 8 * ARRAY_LEN(sizes); i++) {
		if (convert(s, from, i / 8, sizes[i % 8], &out, &dg)) {
			buf_reset(&out);
			buf_addf(&out, "!%s", diag_text(&dg));
		}
		assert_string_equal(buf_z(&out), want.p);
		assert_int_equal(out.n, want.n);
		assert_memory_equal(buf_z(&out), want.p, want.n);
	}
	buf_clear(&out);
	diag_clear(&dg);
}

static void
passes_utf8(void **state)
{
	(void)state;
	expect(STR(""), ENCODING_UTF8, STR(""));
	expect(STR("a"), ENCODING_UTF8, STR("a"));
	expect(STR("Z\xc3\xbcrich, \xe2\x82\xac"), ENCODING_UTF8,
	    STR("Z\xc3\xbcrich, \xe2\x82\xac"));
	expect(STR("\xef\xbb\xbf"), ENCODING_UTF8, STR(""));
	expect(STR("\xef\xbb\xbf\xef\xbb\xbf!"), ENCODING_UTF8,
	    STR("\xef\xbb\xbf!"));
	expect(STR("\xef\xbb"), ENCODING_UTF8, STR("\xef\xbb"));
	expect(STR("bad \xff stays"), ENCODING_UTF8, STR("bad \xff stays"));
}

static void
converts_single_bytes(void **state)
{
	(void)state;
	expect(STR("M\xfcller \x80\x9f!"), ENCODING_WINDOWS1252,
	    STR("M\xc3\xbcller \xe2\x82\xac\xc5\xb8!"));
	expect(STR("M\xfcller \x80!"), ENCODING_LATIN1,
	    STR("M\xc3\xbcller \xc2\x80!"));
	expect(STR(""), ENCODING_LATIN1, STR(""));
}

static void
converts_utf16(void **state)
{
	(void)state;
	expect(STR("\xff\xfeZ\0\xfc\0\xac\x20=\xd8\0\xde"), ENCODING_UTF16,
	    STR("Z\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80"));
	expect(STR("\xfe\xff\0Z\0\xfc\x20\xac\xd8=\xde\0"), ENCODING_UTF16,
	    STR("Z\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80"));
	expect(STR("Z\0\xfc\0"), ENCODING_UTF16, STR("Z\xc3\xbc"));
	expect(STR("Z\0\xfc\0"), ENCODING_UTF16LE, STR("Z\xc3\xbc"));
	expect(STR("\xff\xfeZ\0"), ENCODING_UTF16LE, STR("Z"));
	expect(STR("\0Z\0\xfc"), ENCODING_UTF16BE, STR("Z\xc3\xbc"));
	expect(STR("\xfe\xff\0Z"), ENCODING_UTF16BE, STR("Z"));
	expect(STR("\xff\xfe"), ENCODING_UTF16, STR(""));
	expect(STR(""), ENCODING_UTF16, STR(""));
	/* NUL is a character; whoever reads refuses it. */
	expect(STR("a\0\0\0b\0"), ENCODING_UTF16LE, STR("a\0b"));
}

static void
tells_where_and_why(void **state)
{
	(void)state;
	expect(STR("a\nb\n\x81"), ENCODING_WINDOWS1252,
	    STR("!in:3: byte 5 of the input, 0x81, begins nothing that "
		"windows-1252 has; name the encoding it really is with "
		"--encoding"));
	expect(STR("a\rb\r\x81"), ENCODING_WINDOWS1252,
	    STR("!in:3: byte 5 of the input, 0x81, begins nothing that "
		"windows-1252 has; name the encoding it really is with "
		"--encoding"));
	expect(STR("\xff\xfe\n\0\0\xdcz\0"), ENCODING_UTF16,
	    STR("!in:2: byte 5 of the input, 0x00, begins nothing that "
		"utf-16 has; name the encoding it really is with "
		"--encoding"));
	expect(STR("a\0\n\0b"), ENCODING_UTF16LE,
	    STR("!in:2: the input ends in the middle of a character; is it "
		"cut off? (byte 5 of the input)"));
	expect(STR("a\0=\xd8"), ENCODING_UTF16LE,
	    STR("!in:1: the input ends in the middle of a character; is it "
		"cut off? (byte 3 of the input)"));
	expect(STR("\xef\xbb\xbfx"), ENCODING_LATIN1,
	    STR("!in:1: it begins with the BOM of UTF-8; use --encoding utf-8 "
		"(byte 1 of the input)"));
	expect(STR("\xef\xbb\xbfx"), ENCODING_UTF16,
	    STR("!in:1: it begins with the BOM of UTF-8; use --encoding utf-8 "
		"(byte 1 of the input)"));
	expect(STR("\xff\xfex\0"), ENCODING_WINDOWS1252,
	    STR("!in:1: it begins with the BOM of UTF-16; use --encoding "
		"utf-16 (byte 1 of the input)"));
	expect(STR("\xff\xfex\0"), ENCODING_UTF8,
	    STR("!in:1: it begins with the BOM of UTF-16; use --encoding "
		"utf-16 (byte 1 of the input)"));
	expect(STR("\xfe\xff\0Z"), ENCODING_UTF16LE,
	    STR("!in:1: it begins with the BOM of big-endian UTF-16; use "
		"--encoding utf-16 (byte 1 of the input)"));
	expect(STR("\xff\xfex\0"), ENCODING_UTF16BE,
	    STR("!in:1: it begins with the BOM of little-endian UTF-16; use "
		"--encoding utf-16 (byte 1 of the input)"));
}

/* Far more than one block, all of Unicode, both ways round. */
static void
converts_what_iconv_makes(void **state)
{
	static const struct {
		enum encoding e;
		const char *name;
	} kinds[] = {{ENCODING_UTF16LE, "UTF-16LE"},
	    {ENCODING_UTF16BE, "UTF-16BE"}, {ENCODING_UTF16, "UTF-16"}};
	struct buf text = {0}, wide = {0}, out = {0};
	struct diag dg = {0};
	uint64_t seed = 3;

	(void)state;
	while (text.n < 300000) {
		uint32_t c = (uint32_t)(test_rand(&seed) % 0x110000);
		c = seed % 2 ? c % 128 : c;
		utf8_put(c >= 0xd800 && c < 0xe000 ? 'x' : c, &text);
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		buf_reset(&wide);
		char *p = buf_room(&wide, 4 * text.n + 4);
		char *in = text.p;
		char *to = p;
		size_t left = text.n;
		size_t room = 4 * text.n + 4;
		iconv_t cd = iconv_open(kinds[i].name, "UTF-8");
		assert_non_null(p);
		assert_int_equal(iconv(cd, &in, &left, &to, &room), 0);
		assert_int_equal(iconv_close(cd), 0);
		wide.n = (size_t)(to - p);
		for (size_t step = 0; step < 20000; step = step * 7 + 1) {
			assert_int_equal(convert(str_of(&wide), kinds[i].e,
					     step, 1 + step * 3, &out, &dg),
			    CRM_OK);
			assert_true(str_eq(str_of(&out), str_of(&text)));
		}
	}
	buf_clear(&text);
	buf_clear(&wide);
	buf_clear(&out);
	diag_clear(&dg);
}

/* Errors of the source below stay what they are. */
static void
passes_read_errors(void **state)
{
	(void)state;
	for (int e = ENCODING_UTF8; e <= ENCODING_WINDOWS1252; e++) {
		struct test_bytes bytes = {.s = STR("a\0b\0"), .error = EIO};
		struct source src = test_source(&bytes);
		struct recode *r = NULL;
		struct diag dg = {0};
		char p[64];
		ptrdiff_t n = 1;
		assert_int_equal(
		    recode_open(&r, &src, (enum encoding)e, &dg), CRM_OK);
		src = recode_source(r);
		while (n > 0)
			n = src.read(src.arg, p, sizeof(p));
		assert_int_equal(n, -1);
		assert_int_equal(errno, EIO);
		assert_int_equal(recode_fault(r, &dg), CRM_OK);
		assert_string_equal(diag_text(&dg), "");
		recode_close(r);
	}
}

/* A reader on top: rows up to the fault, then its reason is asked for. */
static void
reads_csv_of_another_encoding(void **state)
{
	struct test_bytes bytes = {
	    .s = STR("Name;Ort\nM\xfcller;Z\xfcrich\nx;\x81\n")};
	struct source src = test_source(&bytes);
	const struct csv_options o = {.delimiter = ';'};
	struct recode *rc = NULL;
	struct rows *r = NULL;
	struct rows_row row;
	struct diag dg = {0};
	bool got = false;

	(void)state;
	assert_int_equal(
	    recode_open(&rc, &src, ENCODING_WINDOWS1252, &dg), CRM_OK);
	src = recode_source(rc);
	assert_int_equal(csv_rows_open(&r, &src, &o, &dg), CRM_OK);
	assert_int_equal(rows_next(r, &row, &got, &dg), CRM_OK);
	assert_true(got && str_is(row.cells[0], "M\xc3\xbcller"));
	assert_int_equal(rows_next(r, &row, &got, &dg), CRM_IO);
	assert_false(got);
	assert_int_equal(recode_fault(rc, &dg), CRM_DATA);
	assert_int_equal(dg.code, CRM_DATA);
	assert_non_null(strstr(diag_text(&dg), "in:3: byte 26 of the input"));
	rows_close(r);
	recode_close(rc);
	diag_clear(&dg);
}

static void
names_encodings(void **state)
{
	static const struct {
		const char *word;
		enum encoding e;
	} good[] = {{"utf-8", ENCODING_UTF8}, {"UTF8", ENCODING_UTF8},
	    {"utf-16", ENCODING_UTF16}, {"UTF_16LE", ENCODING_UTF16LE},
	    {"utf16be", ENCODING_UTF16BE}, {"latin1", ENCODING_LATIN1},
	    {"ISO-8859-1", ENCODING_LATIN1}, {"iso8859-1", ENCODING_LATIN1},
	    {"Windows-1252", ENCODING_WINDOWS1252},
	    {"CP1252", ENCODING_WINDOWS1252}, {"us-ascii", ENCODING_UTF8}};
	static const char *const bad[] = {
	    "", "utf", "utf-7", "utf-88", "latin-2", "-", "8", "windows"};
	struct diag dg = {0};
	enum encoding e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_int_equal(
		    encoding_parse(str_from(good[i].word), &e, &dg), CRM_OK);
		assert_int_equal(e, good[i].e);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
		    encoding_parse(str_from(bad[i]), &e, &dg), CRM_USAGE);
	for (int i = ENCODING_UTF8; i <= ENCODING_WINDOWS1252; i++) {
		const char *word = encoding_name((enum encoding)i);
		assert_int_equal(
		    encoding_parse(str_from(word), &e, &dg), CRM_OK);
		assert_int_equal(e, i);
	}
	diag_clear(&dg);
}

static void
mends(void **state)
{
	struct buf out = {0};

	(void)state;
	recode_mend(STR("a\xff\0\xc3\xbc\xe2\x82"), &out);
	assert_string_equal(buf_z(&out), "a\xef\xbf\xbd\xef\xbf\xbd\xc3\xbc"
					 "\xef\xbf\xbd\xef\xbf\xbd");
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(passes_utf8),
	    cmocka_unit_test(converts_single_bytes),
	    cmocka_unit_test(converts_utf16),
	    cmocka_unit_test(tells_where_and_why),
	    cmocka_unit_test(converts_what_iconv_makes),
	    cmocka_unit_test(passes_read_errors),
	    cmocka_unit_test(reads_csv_of_another_encoding),
	    cmocka_unit_test(names_encodings),
	    cmocka_unit_test(mends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
