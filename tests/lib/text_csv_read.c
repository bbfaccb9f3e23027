/* SPDX-License-Identifier: ISC */
/* Tests of text/csv: what is read, what is refused and how, for any size of
 * reads; that it cuts as libcsv does, and reads back what emit writes. */
#include "rows_test.h"

#include <csv.h>
#include <jansson.h>

#include "rounds.h"
#include "text/csv.h"
#include "text/csv_cut.h"
#include "text/emit.h"

static void
transcript(
    struct str s, size_t step, const struct csv_options *o, struct buf *out)
{
	struct test_bytes bytes = {.s = s, .step = step, .again = 1};
	struct source src = test_source(&bytes);
	struct rows *r = NULL;
	struct diag dg = {0};
	size_t n = 0;

	if (csv_rows_open(&r, &src, o, &dg)) {
		assert_null(r);
		buf_addf(out, "!%d %s\n", (int)dg.code, diag_text(&dg));
		diag_clear(&dg);
		return;
	}
	const struct str *names = csv_rows_names(r, &n);
	test_line(out, names, n);
	test_rows(r, out);
	assert_true(bytes.most <= (size_t)2 * CRM_RECORD_MAX);
}

static void
expect_with(struct str in, const struct csv_options *o, const char *want)
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
	expect(STR("id,name\n1,Anna\n2,\n"), "id|name\n2: 1|Anna\n3: 2|\n");
	expect(STR("id,name\r\n1,Anna\r\n"), "id|name\n2: 1|Anna\n");
	expect(STR("id,name\r\r\n1,Anna\r\r\n"), "id|name\n2: 1|Anna\n");
	expect(STR("id,name\r1,Anna\r2,Bo"), "id|name\n2: 1|Anna\n3: 2|Bo\n");
	expect(STR("\xef\xbb\xbfid,name\n1,Anna"), "id|name\n2: 1|Anna\n");
	expect(STR("\xef\xbb\xbf\"a,b\",c\n1,2"), "a,b|c\n2: 1|2\n");
	expect(STR("a,b\n,\n"), "a|b\n2: |\n");
	expect(STR("a,b\n\"\",\"\"\n"), "a|b\n2: |\n");
	expect(STR("a,b\n1,2\r"), "a|b\n2: 1|2\n");
	expect(STR("a,b\n 1 , 2\t\n"), "a|b\n2:  1 | 2\t\n");
	expect(STR("a,b\n \"1\" , \"2\"\n"), "a|b\n2: 1|2\n");
	expect(STR(" a , \"b\" \n1,2\n"), "a|b\n2: 1|2\n");
	expect(STR("a,b\n\" 1 \",\"2, 3\"\n"), "a|b\n2:  1 |2, 3\n");
	expect(STR("a,b\n\"\"\"\",\"x\"\"\"\n"), "a|b\n2: \"|x\"\n");
	expect(STR("a,b\n1,\"x\"\"\"\"y\""), "a|b\n2: 1|x\"\"y\n");
	expect(STR("a,b\nZ\xc3\xbcrich,\"\xe2\x82\xac\"\n"),
	    "a|b\n2: Z\xc3\xbcrich|\xe2\x82\xac\n");
	expect(STR("a,,b,\n1,2,3,4\n"), "a||b|\n2: 1|2|3|4\n");
}

static void
counts_lines(void **state)
{
	(void)state;
	expect(STR("a,b\n1,\"x\ny\r\nz\"\n2,y\n\"\n\",\"\n\"\n3,z\n"),
	    "a|b\n2: 1|x\ny\r\nz\n5: 2|y\n6: \n|\n\n9: 3|z\n");
	expect(STR("a,b\r1,\"x\ry\"\r2,y\r"), "a|b\n2: 1|x\ry\n4: 2|y\n");
	expect(STR("\"a\nx\",b\r\n1,\"x\ry\"\r\n"), "a\nx|b\n3: 1|x\ry\n");
}

static void
reads_nothing(void **state)
{
	(void)state;
	expect(STR(""), "\n");
	expect(STR("\xef\xbb\xbf"), "\n");
	expect(STR("\n\r\n\n"), "\n");
	expect(STR("a,b"), "a|b\n");
	expect(STR("a,b\r\n"), "a|b\n");
	expect(STR("\n\na,b\n1,2\n"), "a|b\n4: 1|2\n");
	expect(STR("a,b\n1,2\n\n\r\n\r"), "a|b\n2: 1|2\n");
}

static void
minds_blank_lines(void **state)
{
	(void)state;
	expect(STR("a,b\n\n1,2\n"),
	    "a|b\n!65 in:2: blank line; delete it\n3: 1|2\n");
	expect(STR("a,b\r\n\r\n\r\n1,2\r\n"),
	    "a|b\n!65 in:2: blank lines; delete them\n4: 1|2\n");
	expect(STR("a\n\n1\n\n\n2\n\n"), "a\n2: \n3: 1\n4: \n5: \n6: 2\n");
	expect(STR("a,b\n \n1,2\n"),
	    "a|b\n!65 in:2: 1 cell, the header has 2; an empty cell stands "
	    "for no value, a cell of several lines needs quotes\n < >\n"
	    "3: 1|2\n");
}

static void
skips_the_header_again(void **state)
{
	(void)state;
	expect(STR("a,b\n1,2\na,b\n3,4\n"), "a|b\n2: 1|2\n4: 3|4\n");
	expect(STR("a,b\r\na,b\r\n"), "a|b\n");
	expect(STR("a\na\n\n1\n"), "a\n3: \n4: 1\n");
	expect(STR("\xef\xbb\xbf\x61,b\n1,2\n\xef\xbb\xbf\x61,b\n3,4\n"),
	    "a|b\n2: 1|2\n4: 3|4\n");
}

static void
refuses_wrong_lengths(void **state)
{
	(void)state;
	expect(STR("a,b,c\n1,2\n1,2,3,4\n1,2,3\n"),
	    "a|b|c\n"
	    "!65 in:2: 2 cells, the header has 3; an empty cell stands for "
	    "no value, a cell of several lines needs quotes\n <1,2>\n"
	    "!65 in:3: 4 cells, the header has 3; a cell with ',' in it needs "
	    "quotes\n <1,2,3,4>\n4: 1|2|3\n");
	expect(STR("a,b,c\n1;2;3\n"),
	    "a|b|c\n!65 in:2: 1 cell, the header has 3; is the delimiter ';'? "
	    "use --delimiter ';'\n <1;2;3>\n");
	expect(STR("a;b;c\n1;2;3\n"),
	    "!65 in:1: the header is one column, 'a;b;c'; is the delimiter "
	    "';'? use --delimiter ';'\n");
	expect(STR("a\tb\n1\t2\n"),
	    "!65 in:1: the header is one column, 'a\\tb'; is the delimiter "
	    "'\\t'? use --delimiter '\\t'\n");
	expect_with(STR("\na,b\n1,2\n"),
	    &(struct csv_options){.delimiter = ';'},
	    "!65 in:2: the header is one column, 'a,b'; is the delimiter ','? "
	    "use --delimiter ','\n");
	expect(STR("\"a;b\"\n1\n"), "a;b\n2: 1\n");
}

static void
refuses_headers(void **state)
{
	(void)state;
	expect(STR("a,b,a\n"), "!65 in:1: column 'a' is there twice (1 and "
			       "3); drop or rename one\n");
	expect(STR("\na, a\n"), "!65 in:2: column 'a' is there twice (1 and "
				"2); drop or rename one\n");
	expect(STR(",,\n"), "!65 in:1: no column has a name; name them with "
			    "--columns a,b,c\n");
	expect(STR("a,\"b\n"),
	    "!65 in:1: cell 2: the quote that opens it is never closed; close "
	    "it, or double it and put quotes around the cell\n");
	expect(STR("\xff\xfe\x61\0\n\0"),
	    "!65 in:1: byte 1 of the line (1 of the input) is 0xff, which is "
	    "not UTF-8; name the encoding, perhaps --encoding utf-16\n");
	expect(STR("a\0b\0\n\0"),
	    "!65 in:1: byte 2 of the line (2 of the input) is NUL; is this "
	    "UTF-16 (--encoding utf-16), or no text at all?\n");
}

static void
refuses_many_columns(void **state)
{
	struct buf in = {0};

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addf(&in, "%s%d", i ? "," : "", i);
	struct buf out = {0};
	transcript(str_of(&in), 0, NULL, &out);
	assert_string_equal(buf_z(&out),
	    "!65 in:1: 100000 columns are more than 4096; cut those away that "
	    "are not needed\n");
	buf_reset(&in);
	buf_reset(&out);
	buf_addz(&in, "a,b\n");
	for (int i = 0; i < 100000; i++)
		buf_addc(&in, ',');
	buf_addz(&in, "\n1,2\n");
	transcript(str_of(&in), 0, NULL, &out);
	assert_non_null(strstr(buf_z(&out), "\n!65 in:2: 100001 cells, the "
					    "header has 2;"));
	assert_non_null(strstr(buf_z(&out), "\n3: 1|2\n"));
	buf_clear(&in);
	buf_clear(&out);
}

#define LENIENT "or read them as they are with --lenient"

static void
refuses_stray_quotes(void **state)
{
	(void)state;
	expect(STR("a,b\n1,5\" pipe\n2,x\n"),
	    "a|b\n!65 in:2: cell 2 (b): a quote stands inside a cell that "
	    "does not begin with one: '\" pipe'; put quotes around the cell "
	    "and double those inside, " LENIENT "\n <1,5\" pipe>\n3: 2|x\n");
	expect(STR("a,b\n1,\"x\"y\n2,x\n"),
	    "a|b\n!65 in:2: cell 2 (b): 'y' stands after the closing quote; "
	    "double the quotes inside a cell, " LENIENT
	    "\n <1,\"x\"y>\n3: 2|x\n");
	expect(STR("a,b\n1,\"x\" \"y\"\n"),
	    "a|b\n!65 in:2: cell 2 (b): '\"y\"' stands after the closing "
	    "quote; double the quotes inside a cell, " LENIENT
	    "\n <1,\"x\" \"y\">\n");
	expect(STR("a,b\nx\ry,2\n1,2\n"),
	    "a|b\n!65 in:2: a carriage return in the middle of a line; put "
	    "quotes around the cell\n <x\ry,2>\n3: 1|2\n");
	expect(STR("a,b\n\"x\"\ry,2\n1,2\n"),
	    "a|b\n!65 in:2: a carriage return in the middle of a line; put "
	    "quotes around the cell\n <\"x\"\ry,2>\n3: 1|2\n");
}

/* The line where it opened is named, and reading goes on behind that line. */
static void
refuses_open_quotes(void **state)
{
	(void)state;
	expect(STR("a,b\n1,\"x\n2,y\n3,\"z\"\n4,w\n"),
	    "a|b\n!65 in:2: cell 2 (b): the quote that opens it is not "
	    "closed: 2 lines on, 'z\"' stands after a quote; double the quotes "
	    "inside a cell and close it, " LENIENT
	    "\n <1,\"x>\n3: 2|y\n4: 3|z\n5: 4|w\n");
	expect(STR("a,b\n\"p\nq\",\"x\n2,y\n"),
	    "a|b\n!65 in:3: cell 2 (b): the quote that opens it is never "
	    "closed; close it, or double it and put quotes around the cell\n"
	    " <\"p>\n"
	    "!65 in:3: cell 1 (a): a quote stands inside a cell that does not "
	    "begin with one: '\",\"x'; put quotes around the cell and double "
	    "those inside, " LENIENT "\n <q\",\"x>\n4: 2|y\n");
	/* Of several quoted cells in a row the right one is named. */
	expect(STR("a,b,c\n\"1\",\"2\",\"x\n\"3\",\"4\",\"5\"y\n"
		   "\"6\",\"7\",\"8\"\n"),
	    "a|b|c\n!65 in:2: cell 3 (c): the quote that opens it is not "
	    "closed: 1 line on, '3\",\"4\",\"5\"y' stands after a quote; "
	    "double "
	    "the quotes inside a cell and close it, " LENIENT
	    "\n <\"1\",\"2\",\"x>\n"
	    "!65 in:3: cell 3 (c): 'y' stands after the closing quote; double "
	    "the quotes inside a cell, " LENIENT
	    "\n <\"3\",\"4\",\"5\"y>\n4: 6|7|8\n");
	expect(STR("a,b,c\n\"1\",\"\n2\",\"x"),
	    "a|b|c\n!65 in:3: cell 3 (c): the quote that opens it is never "
	    "closed; close it, or double it and put quotes around the cell\n"
	    " <\"1\",\">\n"
	    "!65 in:3: cell 1 (a): a quote stands inside a cell that does not "
	    "begin with one: '\",\"x'; put quotes around the cell and double "
	    "those inside, " LENIENT "\n <2\",\"x>\n");
	expect(STR("a\n\""),
	    "a\n!65 in:2: cell 1 (a): the quote that opens it is never "
	    "closed; close it, or double it and put quotes around the cell\n"
	    " <\">\n");
}

static void
takes_stray_quotes_when_told(void **state)
{
	const struct csv_options o = {.lenient = true};

	(void)state;
	expect_with(
	    STR("a,b\n1,5\" pipe\n2,x\n"), &o, "a|b\n2: 1|5\" pipe\n3: 2|x\n");
	expect_with(STR("a,b\n1,\"so \"he\" said\"\n2,\"x\" \n"), &o,
	    "a|b\n2: 1|so \"he\" said\n3: 2|x\n");
	expect_with(STR("a,b\n\"x\" \"y\",2\n"), &o, "a|b\n2: x\" \"y|2\n");
	expect_with(STR("a,b\nx\ry,2\n"), &o, "a|b\n2: x\ry|2\n");
	expect_with(STR("a,b\n1,\"x\n2,y\n"), &o,
	    "a|b\n!65 in:2: cell 2 (b): the quote that opens it is never "
	    "closed; close it, or double it and put quotes around the cell\n"
	    " <1,\"x>\n3: 2|y\n");
}

static void
gives_up_on_open_quotes(void **state)
{
	const struct csv_options o = {.lenient = true};
	struct buf in = {0}, out = {0};

	(void)state;
	buf_addz(&in, "a\n");
	for (int i = 0; i < 1000; i++)
		buf_addz(&in, "\"x\n");
	transcript(str_of(&in), 0, &o, &out);
	assert_non_null(strstr(buf_z(&out), "\n!65 in:101: "));
	assert_null(strstr(buf_z(&out), "\n!65 in:102: "));
	assert_non_null(strstr(
	    buf_z(&out), "reading ends here, at the 100th such quote\n"));
	buf_clear(&in);
	buf_clear(&out);
}

static void
refuses_what_is_not_utf8(void **state)
{
	(void)state;
	expect(STR("a,b\n1,2\nx,M\xfcller\ny,\"\n\0\"\nz,\xe2\x82\n3,4\n"),
	    "a|b\n2: 1|2\n"
	    "!65 in:3: byte 4 of the line (12 of the input) is 0xfc, which is "
	    "not UTF-8; name the encoding, perhaps --encoding windows-1252\n"
	    " <x,M\xef\xbf\xbdller>\n"
	    "!65 in:5: byte 1 of the line (22 of the input) is NUL; is this "
	    "UTF-16 (--encoding utf-16), or no text at all?\n"
	    " <y,\"\n\xef\xbf\xbd\">\n"
	    "!65 in:6: byte 3 of the line (27 of the input) is 0xe2, which is "
	    "not UTF-8; name the encoding, perhaps --encoding windows-1252\n"
	    " <z,\xef\xbf\xbd\xef\xbf\xbd>\n7: 3|4\n");
	expect(STR("a\n\xc3"),
	    "a\n!65 in:2: byte 1 of the line (3 of the input) is 0xc3, which "
	    "is not UTF-8; name the encoding, perhaps --encoding windows-1252"
	    "\n <\xef\xbf\xbd>\n");
}

static void
takes_options(void **state)
{
	struct csv_options o = {.delimiter = ';'};

	(void)state;
	expect_with(STR("a;b\n1,5;\"x;y\"\n"), &o, "a|b\n2: 1,5|x;y\n");
	o.delimiter = '\t';
	expect_with(STR("a\tb\n\t \"x\ty\"\t\n"), &o,
	    "a|b\n!65 in:2: 3 cells, the header has 2; a cell with '\\t' in "
	    "it needs quotes\n <\t \"x\ty\"\t>\n");
	expect_with(STR("a\tb\n \t\"x\ty\"\n"), &o, "a|b\n2:  |x\ty\n");
	o.delimiter = ' ';
	expect_with(
	    STR("a b\n\"1\" \"x \"\n 2\n"), &o, "a|b\n2: 1|x \n3: |2\n");
	o = (struct csv_options){.columns = STR("First Name,b")};
	expect_with(STR("\xef\xbb\xbf\x31,2\nFirst Name,b\n3,4\n"), &o,
	    "First Name|b\n1: 1|2\n3: 3|4\n");
	o.columns = STR("a,a");
	expect_with(STR("1,2\n"), &o,
	    "!2 columns: column 'a' is there twice (1 and 2); drop or rename "
	    "one\n");
	o = (struct csv_options){.skip = 3};
	expect_with(STR("Notes:\n\"it's \"\"so\"\" said\"\n\nA B,c\n1,2\n"), &o,
	    "A B|c\n5: 1|2\n");
	expect_with(STR("Notes:\n"), &o, "\n");
	o.skip = 1;
	o.columns = STR("a,b");
	expect_with(STR("x\"\r\n1,2\r\n"), &o, "a|b\n2: 1|2\n");
	o = (struct csv_options){.delimiter = '"'};
	expect_with(STR("a\n"), &o,
	    "!2 delimiter: it cannot be a quote, a line end or a character "
	    "beyond ASCII; use ',' ';' '|' or a tab\n");
}

static void
reports_read_errors(void **state)
{
	struct test_bytes bytes = {.s = STR("a,b\n1,2\n3,"), .error = EIO};
	struct source src = test_source(&bytes);
	struct rows *r = NULL;
	struct diag dg = {0};
	struct buf out = {0};

	(void)state;
	assert_int_equal(csv_rows_open(&r, &src, NULL, &dg), CRM_OK);
	test_rows(r, &out);
	assert_string_equal(
	    buf_z(&out), "2: 1|2\n!74 in: cannot read: Input/output error\n");
	bytes = (struct test_bytes){.error = EIO};
	assert_int_equal(csv_rows_open(&r, &src, NULL, &dg), CRM_IO);
	assert_null(r);
	buf_clear(&out);
	diag_clear(&dg);
}

/* A source of FIRST, then COUNT times AGAIN, then LAST. */
struct flood {
	struct str first, again, last;
	uint64_t count;
	struct str now;
	size_t most;
};

static ptrdiff_t
flood_read(void *arg, char *p, size_t n)
{
	struct flood *f = arg;
	size_t done = 0;

	f->most = n > f->most ? n : f->most;
	while (done < n) {
		if (f->now.n == 0 && f->first.n > 0) {
			f->now = f->first;
			f->first.n = 0;
		} else if (f->now.n == 0 && f->count > 0) {
			f->now = f->again;
			f->count--;
		} else if (f->now.n == 0) {
			f->now = f->last;
			f->last.n = 0;
		}
		size_t k = f->now.n < n - done ? f->now.n : n - done;
		if (k == 0)
			break;
		memcpy(p + done, f->now.p, k);
		f->now = str_from_pos(f->now, k);
		done += k;
	}
	return (ptrdiff_t)done;
}

/* Reads all; the number of rows, and the messages in OUT. */
static size_t
flood_rows(struct flood *f, struct buf *out)
{
	struct source src = {.read = flood_read, .arg = f, .name = "in"};
	struct rows *r = NULL;
	struct diag dg = {0};
	struct rows_row row;
	bool got = true;
	size_t n = 0;

	buf_reset(out);
	assert_int_equal(csv_rows_open(&r, &src, NULL, &dg), CRM_OK);
	while (got) {
		enum crm_err err = rows_next(r, &row, &got, &dg);
		n += !err && got;
		if (err)
			buf_addf(out, "%s\n", diag_text(&dg));
	}
	rows_close(r);
	diag_clear(&dg);
	return n;
}

static void
refuses_floods(void **state)
{
	const size_t bound = (size_t)2 * CRM_RECORD_MAX;
	struct buf kilo = {0}, out = {0};
	struct flood f;

	(void)state;
	for (int i = 0; i < 1024; i++)
		buf_addc(&kilo, 'x');
	/* A cell of 100 MB, without quotes. */
	f = (struct flood){STR("a,b\n1,2\n3,"), str_of(&kilo), STR("\n5,6\n"),
	    .count = 100 << 10};
	assert_int_equal(flood_rows(&f, &out), 2);
	assert_string_equal(buf_z(&out),
	    "in:3: the record is longer than 16777216 bytes; is a line feed "
	    "or a quote missing?\n");
	assert_true(f.most <= bound);
	/* The same in quotes, in one line and in many. */
	f = (struct flood){STR("a,b\n1,2\n3,\""), str_of(&kilo),
	    STR("\"\n5,6\n"), .count = 100 << 10};
	assert_int_equal(flood_rows(&f, &out), 2);
	assert_string_equal(buf_z(&out),
	    "in:3: the record is longer than 16777216 bytes; is a line feed "
	    "or a quote missing?\n");
	assert_true(f.most <= bound);
	f = (struct flood){STR("a\n1\n\"\n"), str_of(&kilo), STR("\n\"\n5\n"),
	    .count = 100 << 10};
	assert_int_equal(flood_rows(&f, &out), 2);
	assert_non_null(strstr(buf_z(&out),
	    "in:3: cell 1 (a): the quote that opens it is not closed within "
	    "1048576 bytes, the most a value may have; close it, or double it "
	    "and put quotes around the cell\n"));
	assert_true(f.most <= bound);
	/* One byte too many. */
	f = (struct flood){STR("a,b\n1,2\n3,\""), str_of(&kilo),
	    STR("x\"\n5,6\n"), .count = 1 << 10};
	assert_int_equal(flood_rows(&f, &out), 2);
	assert_string_equal(buf_z(&out),
	    "in:3: cell 2 (b): 1048577 bytes are more than 1048576; shorten "
	    "the value\n");
	f = (struct flood){STR("a,b\n1,2\n3,\""), str_of(&kilo),
	    STR("\"\n5,6\n"), .count = 1 << 10};
	assert_int_equal(flood_rows(&f, &out), 3);
	buf_clear(&kilo);
	buf_clear(&out);
}

/* A quote that nobody closes in row 500,000, with quotes later and without. */
static void
names_the_line_of_an_open_quote(void **state)
{
	struct buf many = {0}, out = {0};
	struct flood f;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_addz(&many, "1,Anna Smith,anna@example.org\n");
	struct buf head = {0}, tail = {0};
	buf_addz(&head, "id,name,mail\n");
	for (int i = 0; i < 499; i++)
		buf_add(&head, str_of(&many));
	for (int i = 0; i < 999; i++)
		buf_addz(&head, "2,\"B, C\",d\n");
	buf_addz(&head, "3,\"Open,x\n");
	f = (struct flood){
	    str_of(&head), str_of(&many), STR("4,\"E, F\",g\n"), .count = 1};
	assert_int_equal(flood_rows(&f, &out), 499999 + 1001);
	assert_string_equal(buf_z(&out),
	    "in:500001: cell 2 (name): the quote that opens it is not closed: "
	    "1001 lines on, 'E, F\",g' stands after a quote; double the "
	    "quotes inside a cell and close it, " LENIENT "\n");
	f = (struct flood){
	    str_of(&head), str_of(&many), STR(""), .count = 1000};
	assert_int_equal(flood_rows(&f, &out), 499999 + 1000000);
	assert_non_null(
	    strstr(buf_z(&out), "in:500001: cell 2 (name): the quote that "
				"opens it is not closed within 1048576 "));
	assert_true(f.most < (size_t)8 << 20);
	buf_clear(&head);
	buf_clear(&tail);
	buf_clear(&many);
	buf_clear(&out);
}

static void
file_read(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	size_t n = 1;

	assert_non_null(f);
	while (n > 0) {
		char *p = buf_room(out, 4096);
		assert_non_null(p);
		n = fread(p, 1, 4096, f);
		out->n += n;
	}
	assert_int_equal(fclose(f), 0);
}

/* The rows of R are the objects of WANT. */
static void
rows_match(struct rows *r, const json_t *want)
{
	struct diag dg = {0};
	struct rows_row row;
	bool got = true;
	size_t i = 0;

	for (;; i++) {
		assert_int_equal(rows_next(r, &row, &got, &dg), CRM_OK);
		if (!got)
			break;
		json_t *o = json_array_get(want, i);
		assert_int_equal(json_object_size(o), row.n);
		for (size_t j = 0; j < row.n; j++) {
			json_t *v =
			    json_object_getn(o, row.names[j].p, row.names[j].n);
			struct str s = {.p = json_string_value(v),
			    .n = json_string_length(v)};
			assert_true(json_is_string(v));
			assert_true(str_eq(s, row.cells[j]));
		}
	}
	assert_int_equal(json_array_size(want), i);
}

static void
reads_csv_spectrum(void **state)
{
	static const char *const names[] = {"comma_in_quotes", "empty",
	    "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf",
	    "quotes_and_newlines", "simple", "simple_crlf", "utf8"};
	struct buf path = {0}, in = {0};
	struct diag dg = {0};

	(void)state;
	for (size_t i = 0; i < 8 * ARRAY_LEN(names); i++) {
		const char *name = names[i / 8];
		struct rows *r = NULL;
		buf_reset(&path);
		buf_reset(&in);
		buf_addf(&path, "tests/data/csv-spectrum/%s.csv", name);
		file_read(buf_z(&path), &in);
		struct test_bytes b = {.s = str_of(&in), .step = i % 8};
		struct source src = test_source(&b);
		buf_reset(&path);
		buf_addf(&path, "tests/data/csv-spectrum/%s.json", name);
		json_t *want = json_load_file(buf_z(&path), 0, NULL);
		assert_non_null(want);
		assert_int_equal(csv_rows_open(&r, &src, NULL, &dg), CRM_OK);
		rows_match(r, want);
		rows_close(r);
		json_decref(want);
	}
	buf_clear(&path);
	buf_clear(&in);
	diag_clear(&dg);
}

static void
reads_csv_spectrum_leniently(void **state)
{
	const struct csv_options lenient = {.lenient = true};
	struct buf in = {0}, out = {0};

	(void)state;
	file_read("tests/data/csv-spectrum/location_coordinates.csv", &in);
	transcript(str_of(&in), 0, NULL, &out);
	assert_non_null(
	    strstr(buf_z(&out), "\n!65 in:2: cell 2 (Location Coordinates): "
				"a quote stands inside a cell"));
	buf_reset(&out);
	transcript(str_of(&in), 0, &lenient, &out);
	assert_string_equal(buf_z(&out),
	    "Contact Phone Number|Location Coordinates|Cities|Counties\n"
	    "2: 2095257564|37\xef\xbf\xbd\x33\x36'37.8\"N "
	    "121\xef\xbf\xbd\x32'17.9\"W|Modesto|Stanislaus\n");
	buf_clear(&in);
	buf_clear(&out);
}

/* What libcsv finds, and what we do: cells ended by |, records by LF. */
static void
oracle_cell(void *text, size_t n, void *arg)
{
	buf_add(arg, (struct str){.p = text, .n = n});
	buf_addc(arg, '|');
}

static void
oracle_row(int c, void *arg)
{
	(void)c;
	buf_addc(arg, '\n');
}

static bool
oracle(struct str in, bool lenient, struct buf *out)
{
	struct csv_parser p;

	assert_int_equal(
	    csv_init(&p, lenient ? 0 : CSV_STRICT | CSV_STRICT_FINI), 0);
	bool good =
	    csv_parse(&p, in.p, in.n, oracle_cell, oracle_row, out) == in.n &&
	    csv_fini(&p, oracle_cell, oracle_row, out) == 0;
	csv_free(&p);
	return good;
}

static bool
ours(struct csv_cutter *c, struct str in, struct buf *out)
{
	while (in.n > 0) {
		struct csv_found f;
		if (csv_cut(c, in, true, &f))
			return false;
		for (size_t i = 0; i < f.n && f.end > in.p; i++) {
			buf_add(out, f.cells[i]);
			buf_addc(out, '|');
		}
		if (f.end > in.p) /* libcsv says nothing of blank lines */
			buf_addc(out, '\n');
		in = str_from_pos(in, (size_t)(f.next - in.p));
	}
	return true;
}

/* Every short text of these bytes is cut as libcsv cuts it, but for the blanks
 * that libcsv trims: those stand in quoted cells here only by chance. */
static void
cuts_as_libcsv(void **state)
{
	static const char bytes[] = "a,\"\"\n\"";
	struct csv_cutter *c = csv_cutter_new(',', '\n', false);
	struct buf in = {0}, want = {0}, got = {0};
	uint64_t seed = 5;
	size_t good = 0, bad = 0;

	(void)state;
	assert_non_null(c);
	for (unsigned round = 0; round < rounds(200000, 100000, 40000);
	     round++) {
		buf_reset(&in);
		buf_reset(&want);
		buf_reset(&got);
		for (uint64_t n = test_rand(&seed) % 14; n > 0; n--)
			buf_addc(&in, bytes[test_rand(&seed) % 6]);
		bool fine = oracle(str_of(&in), false, &want);
		assert_int_equal(ours(c, str_of(&in), &got), fine);
		if (fine)
			assert_string_equal(buf_z(&got), buf_z(&want));
		good += fine;
		bad += !fine;
	}
	assert_true(good > 1000 && bad > 1000);
	csv_cutter_free(c);
	buf_clear(&in);
	buf_clear(&want);
	buf_clear(&got);
}

/* The same for lenient reading of quoted cells with whatever in them. */
static void
cuts_as_libcsv_leniently(void **state)
{
	static const char bytes[] = "a, \"\"";
	struct csv_cutter *c = csv_cutter_new(',', '\n', true);
	struct buf in = {0}, want = {0}, got = {0};
	uint64_t seed = 6;
	size_t good = 0;

	(void)state;
	assert_non_null(c);
	for (unsigned round = 0; round < rounds(200000, 100000, 40000);
	     round++) {
		buf_reset(&in);
		buf_reset(&want);
		buf_reset(&got);
		buf_addc(&in, '"');
		for (uint64_t n = test_rand(&seed) % 10; n > 0; n--)
			buf_addc(&in, bytes[test_rand(&seed) % 5]);
		buf_addz(&in, "\",x\n");
		if (!ours(c, str_of(&in), &got))
			continue; /* nothing closes a quote at the end */
		assert_true(oracle(str_of(&in), true, &want));
		if (str_find(str_of(&got), STR(" |")) < got.n ||
		    str_find(str_of(&got), STR("| ")) < got.n)
			continue; /* blanks that libcsv trims */
		assert_string_equal(buf_z(&got), buf_z(&want));
		good++;
	}
	assert_true(good > 1000);
	csv_cutter_free(c);
	buf_clear(&in);
	buf_clear(&want);
	buf_clear(&got);
}

enum { BACK_ROWS = 200, BACK_COLUMNS = 4 };

/* Writes random cells with emit and reads them back, in pieces. */
static void
reads_back_what_emit_writes(void **state)
{
	struct column cols[BACK_COLUMNS] = {{.name = STR("a b")},
	    {.name = STR("c,\"d\"")}, {.name = STR("e\nf")}, {.name = STR("")}};
	struct emit_options eo = {.format = FORMAT_CSV, .raw = true};
	struct buf csv = {0}, all = {0};
	struct diag dg = {0};
	size_t ends[BACK_ROWS * BACK_COLUMNS + 1] = {0};
	uint64_t seed = 7;

	(void)state;
	for (size_t round = 0; round < 60; round++) {
		size_t ncols = 1 + round % BACK_COLUMNS;
		struct emit *e = NULL;
		buf_reset(&csv);
		buf_reset(&all);
		assert_int_equal(emit_new(&e, &eo, &csv, &dg), CRM_OK);
		assert_int_equal(emit_begin(e, cols, ncols, &dg), CRM_OK);
		for (size_t i = 0; i < BACK_ROWS * ncols; i++) {
			size_t at = all.n;
			test_text(&seed, &all, 12);
			ends[i + 1] = all.n;
			emit_cell(e, str_from_pos(str_of(&all), at), false);
			if (i % ncols == ncols - 1)
				emit_row(e);
		}
		assert_int_equal(emit_end(e, &dg), CRM_OK);
		emit_free(e);
		struct test_bytes b = {.s = str_of(&csv), .step = round % 9};
		struct source src = test_source(&b);
		struct rows *r = NULL;
		struct rows_row row;
		bool got = true;
		assert_int_equal(csv_rows_open(&r, &src, NULL, &dg), CRM_OK);
		for (size_t i = 0; i < BACK_ROWS * ncols; i++) {
			if (i % ncols == 0)
				assert_int_equal(
				    rows_next(r, &row, &got, &dg), CRM_OK);
			assert_true(got && row.n == ncols);
			struct str want = {.p = buf_z(&all) + ends[i],
			    .n = ends[i + 1] - ends[i]};
			assert_true(str_eq(row.cells[i % ncols], want));
		}
		assert_int_equal(rows_next(r, &row, &got, &dg), CRM_OK);
		assert_false(got);
		rows_close(r);
	}
	buf_clear(&csv);
	buf_clear(&all);
	diag_clear(&dg);
}

/* Broken files: whatever comes out, it does not depend on the reads, and no
 * line is counted twice. */
static void
survives_mutations(void **state)
{
	static const char whole[] =
	    "id,First Name,note\r\n1,Anna,\"x, \"\"y\"\"\r\nz\"\r\n"
	    "2,\"Bo\",\r\n\r\n3,Z\xc3\xbcrich,\"\"\r\nid,First Name,note\r\n";
	struct buf in = {0}, one = {0}, two = {0};
	uint64_t seed = 9;

	(void)state;
	for (size_t round = 0; round < rounds(20000, 20000, 6000); round++) {
		const struct csv_options o = {.lenient = round % 3 == 0};
		buf_reset(&in);
		buf_addz(&in, whole);
		test_mutate(&seed, &in);
		buf_reset(&one);
		buf_reset(&two);
		transcript(str_of(&in), 0, &o, &one);
		transcript(str_of(&in), 1 + round % 5, &o, &two);
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
	    cmocka_unit_test(reads_rows),
	    cmocka_unit_test(counts_lines),
	    cmocka_unit_test(reads_nothing),
	    cmocka_unit_test(minds_blank_lines),
	    cmocka_unit_test(skips_the_header_again),
	    cmocka_unit_test(refuses_wrong_lengths),
	    cmocka_unit_test(refuses_headers),
	    cmocka_unit_test(refuses_many_columns),
	    cmocka_unit_test(refuses_stray_quotes),
	    cmocka_unit_test(refuses_open_quotes),
	    cmocka_unit_test(takes_stray_quotes_when_told),
	    cmocka_unit_test(gives_up_on_open_quotes),
	    cmocka_unit_test(refuses_what_is_not_utf8),
	    cmocka_unit_test(takes_options),
	    cmocka_unit_test(reports_read_errors),
	    cmocka_unit_test(refuses_floods),
	    cmocka_unit_test(names_the_line_of_an_open_quote),
	    cmocka_unit_test(reads_csv_spectrum),
	    cmocka_unit_test(reads_csv_spectrum_leniently),
	    cmocka_unit_test(cuts_as_libcsv),
	    cmocka_unit_test(cuts_as_libcsv_leniently),
	    cmocka_unit_test(reads_back_what_emit_writes),
	    cmocka_unit_test(survives_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
