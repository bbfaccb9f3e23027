/* SPDX-License-Identifier: ISC */
/* Tests of text/tsv: what is read, what is refused and how, for any block
 * size; and that it reads back whatever emit writes. */
#include "rounds.h"
#include "rows_test.h"

#include "text/emit.h"
#include "text/tsv.h"

/* The next row as one who reads ahead comes to it. */
static enum crm_err
next_held(
    struct tsv_reader *r, const struct str **cells, bool *got, struct diag *dg)
{
	enum crm_err err = tsv_held(r, cells, got, dg);

	if (err || *got || !tsv_hungry(r))
		return err;
	err = tsv_feed(r, dg);
	if (!err)
		err = tsv_held(r, cells, got, dg);
	if (err || *got || !tsv_hungry(r))
		return err;
	return tsv_next(r, cells, got, dg);
}

/* Reads all of S and writes what came out as one text: header, rows and
 * messages with their lines. */
static void
transcript_with(enum crm_err (*next)(struct tsv_reader *r,
		    const struct str **cells, bool *got, struct diag *dg),
    struct str s, size_t step, const struct tsv_options *o, struct buf *out)
{
	struct test_bytes bytes = {.s = s, .step = step};
	struct source src = test_source(&bytes);
	struct tsv_reader *r = NULL;
	struct diag dg = {0};
	const struct str *cells = NULL;
	bool got = false;

	if (tsv_open(&r, &src, o, &dg)) {
		assert_null(r);
		buf_addf(out, "!%d %s\n", (int)dg.code, diag_text(&dg));
		diag_clear(&dg);
		return;
	}
	size_t n = tsv_columns(r, &cells);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s%.*s", i ? "|" : "", STR_ARG(cells[i]));
	buf_addc(out, '\n');
	for (;;) {
		enum crm_err err = next(r, &cells, &got, &dg);
		if (err) {
			buf_addf(out, "!%d %s\n", (int)err, diag_text(&dg));
			assert_int_equal(err, dg.code);
			if (err != CRM_DATA)
				break;
			continue;
		}
		if (!got)
			break;
		buf_addf(out, "%d:", (int)tsv_line(r));
		for (size_t i = 0; i < n; i++) {
			buf_addc(out, i ? '|' : ' ');
			buf_add(out, cells[i]);
		}
		buf_addc(out, '\n');
	}
	if (tsv_odd(r))
		buf_addz(out, "odd\n");
	/* Memory is bounded, whatever the lines are like. */
	assert_true(bytes.most <= (size_t)2 * CRM_RECORD_MAX);
	diag_clear(&dg);
	tsv_close(r);
}

static void
transcript(
    struct str s, size_t step, const struct tsv_options *o, struct buf *out)
{
	struct buf held = {0};

	transcript_with(tsv_next, s, step, o, out);
	transcript_with(next_held, s, step, o, &held);
	assert_string_equal(buf_z(&held), buf_z(out));
	buf_clear(&held);
}

static void
expect_with(struct str in, const struct tsv_options *o, const char *want)
{
	struct buf out = {0};
	for (size_t step = 0; step < 8; step++) {
		buf_reset(&out);
		transcript(in, step, o, &out);
		assert_string_equal(buf_z(&out), want);
	}
	buf_clear(&out);
}

static void
expect(struct str in, const char *want)
{
	expect_with(in, NULL, want);
}

static void
reads_rows(void **state)
{
	(void)state;
	expect(
	    STR("id\tname\nc1\tAnna\nc2\t\n"), "id|name\n2: c1|Anna\n3: c2|\n");
	expect(STR("id\tname\r\nc1\tAnna\r\n"), "id|name\n2: c1|Anna\n");
	expect(STR("\xef\xbb\xbfid\tname\nc1\tAnna"), "id|name\n2: c1|Anna\n");
	expect(STR("a\tb\n\t\n"), "a|b\n2: |\n");
	expect(STR("a\n\"x\n"), "a\n2: \"x\n");
	expect(STR("a\nx\ry\n"), "a\n2: x\ry\n");
	expect(STR("a.b-c_1\nZ\xc3\xbcrich\n"), "a.b-c_1\n2: Z\xc3\xbcrich\n");
	expect(STR("id\tname\n"), "id|name\n");
	expect(STR("id"), "id\n");
}

static void
reads_nothing(void **state)
{
	(void)state;
	expect(STR(""), "\n");
	expect(STR("\xef\xbb\xbf"), "\n");
}

static void
undoes_escapes(void **state)
{
	(void)state;
	expect(
	    STR("a\tb\n1\\t2\\n3\\r4\\\\5\tx\n"), "a|b\n2: 1\t2\n3\r4\\5|x\n");
	expect(STR("a\tb\n\\N\tx\\N\n"), "a|b\n2: |x\\N\nodd\n");
	expect(STR("a\nC:\\qemu\\\n"), "a\n2: C:\\qemu\\\nodd\n");
	expect(STR("a\n\\N\n"), "a\n2: \n");
	expect(STR("a\n\\\\N\n"), "a\n2: \\N\n");
}

static void
skips_headers_in_between(void **state)
{
	(void)state;
	expect(
	    STR("id\ta\n1\tx\nid\ta\n2\ty\nid\ta"), "id|a\n2: 1|x\n4: 2|y\n");
	expect(STR("id\ta\r\n1\tx\r\n\xef\xbb\xbfid\ta\r\n2\ty\r\n"),
	    "id|a\n2: 1|x\n4: 2|y\n");
}

static void
takes_columns_from_outside(void **state)
{
	(void)state;
	struct tsv_options o = {.columns = STR("id,name")};
	expect_with(STR("c1\tAnna\n"), &o, "id|name\n1: c1|Anna\n");
	expect_with(STR("\xef\xbb\xbf"
			"c1\tAnna\n"),
	    &o, "id|name\n1: c1|Anna\n");
	expect_with(STR(""), &o, "id|name\n");
	expect_with(STR("c1\n"), &o,
	    "id|name\n!65 in:1: expected 2 cells, found 1; leave a cell empty "
	    "for no value\n");
	o.columns = STR("id,Name");
	expect_with(STR("c1\tAnna\n"), &o,
	    "!2 columns: column 2: 'Name' is no column name; write 'name'\n");
	o.columns = STR("id,,a");
	expect_with(STR(""), &o, "!2 columns: column 2 has no name\n");
	o.columns = STR("id,a,id");
	expect_with(STR(""), &o,
	    "!2 columns: column 'id' is there twice (1 and 3); drop or rename "
	    "one\n");
}

static void
takes_bare_ids(void **state)
{
	(void)state;
	struct tsv_options o = {.bare_ids = true};
	expect_with(STR("c1\nc2-b7\n"), &o, "id\n1: c1\n2: c2-b7\n");
	expect_with(STR("c2-b7\nid\nc3"), &o, "id\n1: c2-b7\n3: c3\n");
	expect_with(STR("anna@example.org\r\nc1\r\n"), &o,
	    "id\n1: anna@example.org\n2: c1\n");
	expect_with(STR("id\nc1\n"), &o, "id\n2: c1\n");
	expect_with(STR("email\nc1\n"), &o, "email\n2: c1\n");
	expect_with(STR("id\tname\nc1\tx\n"), &o, "id|name\n2: c1|x\n");
	expect_with(STR("c1\n\nc2\n"), &o,
	    "id\n1: c1\n!65 in:2: blank line; delete it\n3: c2\n");
	expect_with(STR("c1\nc2\tx\n"), &o,
	    "id\n1: c1\n!65 in:2: expected 1 cell, found 2; write a tab in a "
	    "value as \\t\n");
	expect_with(STR("c1\tAnna\n"), &o,
	    "!65 in:1: this line is no header; was it sorted? use crm-body\n");
	expect_with(STR(""), &o, "\n");
}

static void
refuses_headers(void **state)
{
	(void)state;
	expect(STR("id\tName\n"),
	    "!65 in:1: column 2: 'Name' is no column name; write 'name'; was "
	    "it sorted? use crm-body\n");
	expect(STR("id\tFirst Name\n"),
	    "!65 in:1: column 2: 'First Name' is no column name; write "
	    "'first_name'; was it sorted? use crm-body\n");
	expect(STR("id\t\xc3\x84ra\n"),
	    "!65 in:1: column 2: '\xc3\x84ra' is no column name; was it "
	    "sorted? use crm-body\n");
	expect(STR("c17\tAnna\tBern\nid\tname\tcity\n"),
	    "!65 in:1: this line is no header; was it sorted? use crm-body\n");
	expect(STR("id\t\tname\n"),
	    "!65 in:1: column 2 has no name; was it sorted? use crm-body\n");
	expect(STR("id\t1st\n"),
	    "!65 in:1: column 2: '1st' is no column name; was it sorted? use "
	    "crm-body\n");
	expect(STR("id\tname\tid\n"),
	    "!65 in:1: column 'id' is there twice (1 and 3); drop or rename "
	    "one\n");
	expect(STR("\nid\n"), "!65 in:1: blank line; a header is expected\n");
	expect(STR("\xef\xbb\xbf\nid\n"),
	    "!65 in:1: blank line; a header is expected\n");
	expect(STR("id\x1b[2J\n"),
	    "!65 in:1: column 1: 'id^[[2J' is no column name; was it sorted? "
	    "use crm-body\n");
	expect(STR("i\xff\n"),
	    "!65 in:1: byte 2 of the line (2 of the input) is 0xff, which is "
	    "not UTF-8; convert the input with iconv\n");
}

static void
refuses_rows_and_goes_on(void **state)
{
	(void)state;
	expect(STR("a\tb\n1\n2\tx\n1\t2\t3\n3\ty\n"),
	    "a|b\n"
	    "!65 in:2: expected 2 cells, found 1; leave a cell empty for no "
	    "value\n"
	    "3: 2|x\n"
	    "!65 in:4: expected 2 cells, found 3; write a tab in a value as "
	    "\\t\n"
	    "5: 3|y\n");
	expect(STR("a\tb\n\n1\t2\n"),
	    "a|b\n!65 in:2: blank line; delete it\n3: 1|2\n");
	expect(STR("a\n\r\n1\n"), "a\n!65 in:2: blank line; delete it\n3: 1\n");
	expect(STR("a\nx\0y\n1\n"),
	    "a\n!65 in:2: byte 2 of the line (4 of the input) is NUL; is this "
	    "a text file?\n3: 1\n");
	expect(STR("a\n12345678\0\n1\n"),
	    "a\n!65 in:2: byte 9 of the line (11 of the input) is NUL; is "
	    "this a text file?\n3: 1\n");
	expect(STR("a\nab\0defghijklmnopq\n1\n"),
	    "a\n!65 in:2: byte 3 of the line (5 of the input) is NUL; is this "
	    "a text file?\n3: 1\n");
	expect(STR("a\nZ\xfcrich\n1\n"),
	    "a\n!65 in:2: byte 2 of the line (4 of the input) is 0xfc, which "
	    "is not UTF-8; convert the input with iconv\n3: 1\n");
	expect(STR("a\n\xed\xa0\x80\n\xc0\xaf\n\xf4\x90\x80\x80\n\xc3\n"),
	    "a\n"
	    "!65 in:2: byte 1 of the line (3 of the input) is 0xed, which is "
	    "not UTF-8; convert the input with iconv\n"
	    "!65 in:3: byte 1 of the line (7 of the input) is 0xc0, which is "
	    "not UTF-8; convert the input with iconv\n"
	    "!65 in:4: byte 1 of the line (10 of the input) is 0xf4, which is "
	    "not UTF-8; convert the input with iconv\n"
	    "!65 in:5: byte 1 of the line (15 of the input) is 0xc3, which is "
	    "not UTF-8; convert the input with iconv\n");
}

/* The byte offset must be right far behind the first block, too. */
static void
counts_bytes_over_blocks(void **state)
{
	(void)state;
	struct buf in = {0};
	struct buf out = {0};

	buf_addz(&in, "a\n");
	for (int i = 0; i < 100000; i++)
		buf_addz(&in, "0123456\n");
	buf_addz(&in, "x\xffy\n");
	transcript(str_of(&in), 0, NULL, &out);
	assert_non_null(strstr(buf_z(&out),
	    "!65 in:100002: byte 2 of the line (800004 of the input) is "
	    "0xff"));
	buf_clear(&in);
	buf_clear(&out);
}

static void
fill(struct buf *b, char c, size_t n)
{
	char *p = buf_room(b, n);
	assert_non_null(p);
	memset(p, c, n);
	b->n += n;
	b->p[b->n] = '\0';
}

static void
bounds_cells(void **state)
{
	(void)state;
	struct buf in = {0};
	struct buf out = {0};

	buf_addz(&in, "a\tb\nx\t");
	fill(&in, 'y', CRM_FIELD_MAX);
	buf_addz(&in, "\nx\t");
	fill(&in, 'y', CRM_FIELD_MAX + 1);
	buf_addz(&in, "\n1\t2\n");
	transcript(str_of(&in), 0, NULL, &out);
	assert_true(out.n > CRM_FIELD_MAX && out.n < CRM_FIELD_MAX + 200);
	assert_non_null(strstr(buf_z(&out),
	    "y\n!65 in:3: b: 1048577 bytes are more than 1048576; shorten the "
	    "value\n4: 1|2\n"));
	buf_clear(&in);
	buf_clear(&out);
}

/* An escape counts as the byte it stands for. */
static void
bounds_values_not_escapes(void **state)
{
	(void)state;
	struct buf in = {0};
	struct buf out = {0};

	buf_addz(&in, "a\n");
	for (size_t i = 0; i < CRM_FIELD_MAX; i++)
		buf_addz(&in, "\\\\");
	transcript(str_of(&in), 0, NULL, &out);
	assert_int_equal(out.n, strlen("a\n2: \n") + CRM_FIELD_MAX);
	buf_clear(&in);
	buf_clear(&out);
}

static void
bounds_lines(void **state)
{
	(void)state;
	struct buf in = {0};
	struct buf out = {0};

	buf_addz(&in, "a\n");
	fill(&in, 'y', CRM_RECORD_MAX + 1);
	buf_addz(&in, "\n1\n");
	fill(&in, 'y', (size_t)3 * CRM_RECORD_MAX);
	buf_addz(&in, "\n2\n");
	fill(&in, 'y', (size_t)CRM_RECORD_MAX + 7);
	transcript(str_of(&in), 0, NULL, &out);
	assert_string_equal(buf_z(&out),
	    "a\n"
	    "!65 in:2: the line is longer than 16777216 bytes; is a line feed "
	    "missing?\n"
	    "3: 1\n"
	    "!65 in:4: the line is longer than 16777216 bytes; is a line feed "
	    "missing?\n"
	    "5: 2\n"
	    "!65 in:6: the line is longer than 16777216 bytes; is a line feed "
	    "missing?\n");
	buf_clear(&in);
	buf_clear(&out);
}

static void
bounds_columns(void **state)
{
	(void)state;
	struct buf in = {0};
	struct buf out = {0};

	for (unsigned i = 0; i < 4097; i++)
		buf_addf(&in, "%sa%u", i ? "\t" : "", i);
	transcript(str_of(&in), 0, NULL, &out);
	assert_string_equal(
	    buf_z(&out), "!65 in:1: 4097 columns are more than 4096\n");
	in.n = str_find(str_of(&in), STR("\ta4096"));
	buf_reset(&out);
	transcript(str_of(&in), 0, NULL, &out);
	assert_null(strchr(buf_z(&out), '!'));
	buf_clear(&in);
	buf_clear(&out);
}

static void
reports_read_errors(void **state)
{
	(void)state;
	struct test_bytes bytes = {.s = STR("a\n1\n2"), .error = EIO};
	struct source src = test_source(&bytes);
	struct tsv_reader *r = NULL;
	struct diag dg = {0};
	const struct str *cells = NULL;
	bool got = false;

	assert_int_equal(tsv_open(&r, &src, NULL, &dg), CRM_OK);
	assert_int_equal(tsv_next(r, &cells, &got, &dg), CRM_OK);
	assert_true(got);
	assert_int_equal(tsv_next(r, &cells, &got, &dg), CRM_IO);
	assert_string_equal(
	    diag_text(&dg), "in: cannot read: Input/output error");
	/* Half a line is no row. */
	assert_int_equal(tsv_next(r, &cells, &got, &dg), CRM_OK);
	assert_false(got);
	tsv_close(r);
	bytes.at = bytes.s.n;
	assert_int_equal(tsv_open(&r, &src, NULL, &dg), CRM_IO);
	assert_null(r);
	diag_clear(&dg);
}

static void
keeps_the_raw_line(void **state)
{
	(void)state;
	struct test_bytes bytes = {.s = STR("a\tb\nx\\ty\t\\N\r\n1\n")};
	struct source src = test_source(&bytes);
	struct tsv_reader *r = NULL;
	struct diag dg = {0};
	const struct str *cells = NULL;
	bool got = false;

	assert_int_equal(tsv_open(&r, &src, NULL, &dg), CRM_OK);
	assert_int_equal(tsv_next(r, &cells, &got, &dg), CRM_OK);
	assert_true(str_is(cells[0], "x\ty"));
	assert_true(str_is(tsv_raw(r), "x\\ty\t\\N"));
	assert_int_equal(tsv_line(r), 2);
	assert_int_equal(tsv_next(r, &cells, &got, &dg), CRM_DATA);
	assert_true(str_is(tsv_raw(r), "1"));
	assert_int_equal(tsv_line(r), 3);
	tsv_close(r);
	diag_clear(&dg);
}

/* ROWS rows of three random cells, as emit writes them. */
static void
write_random(uint64_t *seed, unsigned rows, struct buf *text,
    struct buf *values, size_t *ends)
{
	static const struct column cols[] = {
	    {.name = {.p = "a", .n = 1}},
	    {.name = {.p = "b", .n = 1}},
	    {.name = {.p = "c", .n = 1}},
	};
	struct emit_options o = {.format = FORMAT_TSV};
	struct emit *e = NULL;
	struct diag dg = {0};

	assert_int_equal(emit_new(&e, &o, text, &dg), CRM_OK);
	assert_int_equal(emit_begin(e, cols, 3, &dg), CRM_OK);
	for (unsigned i = 0; i < rows * 3; i++) {
		size_t from = values->n;
		test_text(seed, values, 20);
		ends[i] = values->n;
		emit_cell(e, str_from_pos(str_of(values), from), false);
		if (i % 3 == 2)
			emit_row(e);
	}
	assert_int_equal(emit_end(e, &dg), CRM_OK);
	emit_free(e);
}

/* decode(encode(x)) = x, 100,002 times. */
static void
reads_what_emit_writes(void **state)
{
	(void)state;
	enum { ROWS = 33334 };
	uint64_t seed = 1;
	struct buf text = {0};
	struct buf values = {0};
	size_t *ends = calloc((size_t)ROWS * 3, sizeof(*ends));
	assert_non_null(ends);
	write_random(&seed, ROWS, &text, &values, ends);

	struct test_bytes bytes = {.s = str_of(&text), .step = 4099};
	struct source src = test_source(&bytes);
	struct tsv_reader *r = NULL;
	struct diag dg = {0};
	const struct str *cells = NULL;
	bool got = false;
	assert_int_equal(tsv_open(&r, &src, NULL, &dg), CRM_OK);
	size_t from = 0;
	for (size_t i = 0; i < (size_t)ROWS * 3; i++) {
		if (i % 3 == 0) {
			assert_int_equal(
			    tsv_next(r, &cells, &got, &dg), CRM_OK);
			assert_true(got);
		}
		struct str want = {.p = values.p + from, .n = ends[i] - from};
		assert_true(str_eq(cells[i % 3], want));
		from = ends[i];
	}
	assert_int_equal(tsv_next(r, &cells, &got, &dg), CRM_OK);
	assert_false(got);
	assert_false(tsv_odd(r));
	tsv_close(r);
	free(ends);
	buf_clear(&text);
	buf_clear(&values);
}

/* Validation goes in steps of eight bytes; the offset must not. */
static void
finds_the_first_bad_byte(void **state)
{
	(void)state;
	static const char *const parts[] = {"a", "abcdefgh", "\xc3\xa4",
	    "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xc3", "\x80", "\xe2\x82",
	    "\xff", "\xf0\x9f\x98", "bcd", "\xed\xa0\x80"};
	uint64_t seed = 3;
	struct buf in = {0};
	struct buf out = {0};
	struct buf want = {0};

	for (unsigned i = 0; i < rounds(20000, 20000, 6000); i++) {
		buf_reset(&in);
		buf_reset(&out);
		buf_reset(&want);
		buf_addz(&in, "a\nx");
		for (uint64_t n = test_rand(&seed) % 12; n > 0; n--)
			buf_addz(&in, parts[test_rand(&seed) %
					    (i % 2 ? 5 : ARRAY_LEN(parts))]);
		size_t bad = 0;
		if (utf8_valid(str_from_pos(str_of(&in), 2), &bad))
			buf_addf(&want, "a\n2: %s\n", buf_z(&in) + 2);
		else
			buf_addf(&want,
			    "a\n!65 in:2: byte %zu of the line "
			    "(%zu of the input) is 0x%02x,",
			    bad + 1, bad + 3, (unsigned char)in.p[bad + 2]);
		transcript(str_of(&in), 0, NULL, &out);
		assert_true(str_starts(str_of(&out), str_of(&want)));
	}
	buf_clear(&in);
	buf_clear(&out);
	buf_clear(&want);
}

/* Whatever the bytes: no crash, and the same rows for every block size. */
static void
survives_mutations(void **state)
{
	(void)state;
	const struct str start =
	    STR("\xef\xbb\xbfid\tname\tcity\r\nc1\tZ\xc3\xbcrich\\t\t\\N\n"
		"id\tname\tcity\nc2\t\t\\q\nc3\tx\ty");
	uint64_t seed = 2;
	struct buf in = {0};
	struct buf one = {0};
	struct buf two = {0};

	for (unsigned i = 0; i < rounds(20000, 20000, 6000); i++) {
		struct tsv_options o = {.bare_ids = i % 3 == 0};
		if (i % 5 == 0)
			o.columns = STR("id,name,city");
		buf_reset(&in);
		buf_reset(&one);
		buf_reset(&two);
		buf_add(&in, start);
		test_mutate(&seed, &in);
		transcript(str_of(&in), 0, &o, &one);
		transcript(str_of(&in), 1 + (size_t)i % 7, &o, &two);
		assert_true(str_eq(str_of(&one), str_of(&two)));
	}
	buf_clear(&in);
	buf_clear(&one);
	buf_clear(&two);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_rows),
	    cmocka_unit_test(reads_nothing),
	    cmocka_unit_test(undoes_escapes),
	    cmocka_unit_test(skips_headers_in_between),
	    cmocka_unit_test(takes_columns_from_outside),
	    cmocka_unit_test(takes_bare_ids),
	    cmocka_unit_test(refuses_headers),
	    cmocka_unit_test(refuses_rows_and_goes_on),
	    cmocka_unit_test(counts_bytes_over_blocks),
	    cmocka_unit_test(bounds_cells),
	    cmocka_unit_test(bounds_values_not_escapes),
	    cmocka_unit_test(bounds_lines),
	    cmocka_unit_test(bounds_columns),
	    cmocka_unit_test(reports_read_errors),
	    cmocka_unit_test(keeps_the_raw_line),
	    cmocka_unit_test(reads_what_emit_writes),
	    cmocka_unit_test(finds_the_first_bad_byte),
	    cmocka_unit_test(survives_mutations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
