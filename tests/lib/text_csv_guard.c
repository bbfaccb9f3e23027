/* SPDX-License-Identifier: ISC */
/* csv_guard: what is a formula, and that the apostrophe comes off again. */
#include "text_test.h"

#include "text/csv_guard.h"
#include "text/emit.h"

static struct str
text(const char *z)
{
	return str_from(z);
}

static void
knows_formulas(void **state)
{
	static const char *const yes[] = {"=1+1", "+1", "-1", "@SUM(1)", "\tx",
	    "\rx", "\nx", "\x01x", "\x7fx", "=", " =1", "   @x", "\xc2\xa0=1",
	    "\xe3\x80\x80+1", "\xef\xbb\xbf=1", "\xe2\x80\x8b \xe2\x80\x8a-1",
	    "\xef\xbc\x9dz", "\xef\xbc\x8bz", "\xef\xbc\x8dz", "\xef\xbc\xa0x",
	    "\xe2\x88\x92z", "'=1", "''''=1", "'\t", "' =1",
	    "=HYPERLINK(\"http://x\")", "=cmd|' /C calc'!A0",
	    "-2+3+cmd|' /C calc'!A0"};
	static const char *const no[] = {"", "a", "a=1", "'", "''", "'a",
	    "'s-Hertogenbosch", "' a", "O'Brien", " ", "  a", "1-2", "(-1)",
	    "\"=1\"", "\xc3\x9c l", "\xe2\x82\xac=", "\xc2\xb1", "\xef\xbc\xa1",
	    "\xef\xbc", "\xe2\x88", "\xc2", "x@y.example", "https://x/?a=b",
	    "!A1", "#REF!", "%0A=1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (!csv_guard_needed(text(yes[i])))
			fail_msg("not guarded: %s", yes[i]);
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (csv_guard_needed(text(no[i])))
			fail_msg("guarded: %s", no[i]);
}

static void
leaves_phones_and_numbers(void **state)
{
	static const char *const no[] = {"+41 44 123 45 67", "-3.50", "+1",
	    "+49 30 1234567,+41 (0)44/1234567 x12", "2026-03-02T10:00:00Z", "-",
	    "+"};
	static const char *const yes[] = {"=1", "+1;=2", "-1e5", "@1",
	    "-2+3+cmd|' /C calc'!A0", "'+1", "+A1", "+1\t", " =1",
	    "\xef\xbc\x8bz"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (csv_guard_needed_plain(text(no[i])))
			fail_msg("guarded: %s", no[i]);
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (!csv_guard_needed_plain(text(yes[i])))
			fail_msg("not guarded: %s", yes[i]);
}

static void
guarded(struct buf *out, struct str s, bool yes)
{
	buf_reset(out);
	if (yes)
		buf_addc(out, '\'');
	buf_add(out, s);
}

/* Texts of what matters here, at random, and those of all of Unicode. */
static void
text_make(uint64_t *seed, struct buf *out)
{
	static const char *const pieces[] = {"'", "'", "=", "+", "-", "@", "\t",
	    "\r", "\n", " ", "\xc2\xa0", "\xe3\x80\x80", "\xef\xbc\x9d",
	    "\xef\xbb\xbf", "\xe2\x88\x92", "a", "1", ".", "\xc3\xbc", ",",
	    "\""};
	uint64_t n = test_rand(seed) % 7;

	buf_reset(out);
	if (test_rand(seed) % 4 == 0)
		test_text(seed, out, 6);
	while (n-- > 0)
		buf_addz(out, pieces[test_rand(seed) % ARRAY_LEN(pieces)]);
}

/* Whichever rule put it there, one way back: and no guarded text is left
 * that a spreadsheet would run. */
static void
comes_off_again(void **state)
{
	struct buf value = {0}, cell = {0};
	uint64_t seed = 9, count = 0;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		text_make(&seed, &value);
		struct str v = str_of(&value);
		bool need = csv_guard_needed(v);

		guarded(&cell, v, need);
		assert_true(str_eq(csv_unguard(str_of(&cell)), v));
		if (need)
			assert_int_equal(cell.p[0], '\'');
		guarded(&cell, v, csv_guard_needed_plain(v));
		assert_true(str_eq(csv_unguard(str_of(&cell)), v));
		/* The loose rule guards nothing that the strict one does not.
		 */
		assert_true(need || !csv_guard_needed_plain(v));
		count += need;
	}
	assert_true(count > 50000 && count < 250000);
	buf_clear(&value);
	buf_clear(&cell);
}

/* What emit makes of VALUE in a column of F; NULL: nobody knows. */
static void
cell_is(const struct emit_options *o, const struct field *f, const char *value,
    const char *want)
{
	struct column cols[2] = {
	    {.name = STR("a"), .field = f}, {.name = STR("b"), .field = f}};
	struct str cells[2] = {text(value), {0}};
	struct buf out = {0};
	struct diag dg = {0};
	struct emit *e;

	for (int whole = 0; whole < 2; whole++) {
		buf_reset(&out);
		assert_int_equal(emit_new(&e, o, &out, &dg), CRM_OK);
		assert_int_equal(emit_begin(e, cols, 2, &dg), CRM_OK);
		if (whole) {
			emit_cells(e, cells, false);
		} else {
			emit_cell(e, cells[0], false);
			emit_row(e);
		}
		assert_int_equal(emit_end(e, &dg), CRM_OK);
		assert_string_equal(buf_z(&out), want);
		emit_free(e);
	}
	buf_clear(&out);
}

static void
types_decide(void **state)
{
	static const struct field phone = {.type = TYPE_PHONE},
				  number = {.type = TYPE_DECIMAL},
				  day = {.type = TYPE_DATE},
				  plain = {.type = TYPE_TEXT},
				  mail = {.type = TYPE_EMAIL},
				  word = {.type = TYPE_ENUM},
				  address = {.type = TYPE_URL};
	struct emit_options o = {.format = FORMAT_CSV, .no_header = true};

	(void)state;
	cell_is(&o, &phone, "+41 44 1", "+41 44 1,\n");
	cell_is(&o, &number, "-3.50", "-3.50,\n");
	cell_is(&o, &day, "2026-03-02", "2026-03-02,\n");
	cell_is(&o, NULL, "-3", "-3,\n");
	cell_is(&o, NULL, "=3", "'=3,\n");
	cell_is(&o, &phone, "=1,2", "\"'=1,2\",\n");
	cell_is(&o, &plain, "+41 44 1", "'+41 44 1,\n");
	cell_is(&o, &plain, "-3.50", "'-3.50,\n");
	cell_is(&o, &plain, "=\"a\"", "\"'=\"\"a\"\"\",\n");
	cell_is(&o, &plain, "\n", "\"'\n\",\n");
	cell_is(&o, &mail, "+a@x.example", "'+a@x.example,\n");
	cell_is(&o, &word, "=1", "'=1,\n");
	cell_is(&o, &address, "@x", "'@x,\n");
	cell_is(&o, &plain, "'t Hooft", "'t Hooft,\n");
	o.raw = true;
	cell_is(&o, &plain, "=1", "=1,\n");
	cell_is(&o, &plain, "'=1", "'=1,\n");
}

static void
csv_as_others_want_it(void **state)
{
	struct emit_options o = {.format = FORMAT_CSV};

	(void)state;
	o.delimiter = ';';
	cell_is(&o, NULL, "a,b", "a;b\n\"a,b\";\n");
	cell_is(&o, NULL, "a;b", "a;b\n\"a;b\";\n");
	o.delimiter = '\t';
	cell_is(&o, NULL, "\tx", "a\tb\n\"'\tx\"\t\n");
	cell_is(&o, NULL, "x\ty", "a\tb\n\"x\ty\"\t\n");
	o.delimiter = '\0';
	o.crlf = true;
	cell_is(&o, NULL, "x\ny", "a,b\r\n\"x\ny\",\r\n");
	o.bom = true;
	cell_is(&o, NULL, "x",
	    "\xef\xbb\xbf"
	    "a,b\r\nx,\r\n");
	o.no_header = true;
	cell_is(&o, NULL, "x", "\xef\xbb\xbfx,\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_formulas),
	    cmocka_unit_test(leaves_phones_and_numbers),
	    cmocka_unit_test(comes_off_again),
	    cmocka_unit_test(types_decide),
	    cmocka_unit_test(csv_as_others_want_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
