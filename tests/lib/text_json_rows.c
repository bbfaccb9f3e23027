/* SPDX-License-Identifier: ISC */
/* Tests of text/json_rows: what is read, what is refused and where, for any
 * block size; memory that the length of the input does not change. */
#include "rounds.h"
#include "rows_test.h"

#include "text/json_rows.h"

static void
write_row(const struct rows_row *row, struct buf *out)
{
	assert_int_equal(row->kind.n, 0);
	buf_addf(out, "%d@%d:", (int)row->line, (int)row->shape);
	for (size_t i = 0; i < row->n; i++) {
		buf_addf(out, "%s%.*s=", i ? "|" : " ", STR_ARG(row->names[i]));
		buf_add(out, row->cells[i]);
	}
	buf_addc(out, '\n');
}

/* Reads all of S and writes what came out as one text: LINE@SHAPE: NAME=CELL
 * for rows, !CODE MESSAGE [RAW] for errors. */
static void
transcript_by(
    struct test_bytes *bytes, size_t max, bool judge, bool raw, struct buf *out)
{
	struct source src = test_source(bytes);
	struct json_options o = {.object_max = max, .judge_all = judge};
	struct rows *r = NULL;
	struct diag dg = {0};
	struct rows_row row;
	bool got = true;
	size_t bad = 0;

	assert_int_equal(
	    json_rows_open(&r, &src, max || judge ? &o : NULL, &dg), 0);
	while (got) {
		enum crm_err err = rows_next(r, &row, &got, &dg);
		assert_true(utf8_valid(row.raw, &bad));
		if (err) {
			assert_int_equal(err, dg.code);
			buf_addf(out, "!%d %s%s\n", (int)err, diag_text(&dg),
			    got ? "" : " END");
		} else if (got) {
			write_row(&row, out);
		}
		if (raw && (got || err))
			buf_addf(out, "<%.*s>\n", STR_ARG(row.raw));
		if (err == CRM_IO)
			break;
	}
	if (!raw) { /* the end stays the end */
		assert_int_equal(rows_next(r, &row, &got, &dg),
		    bytes->error ? CRM_IO : CRM_OK);
		assert_false(got);
	}
	diag_clear(&dg);
	rows_close(r);
}

/* The same, whether jansson sees every object or not. */
static void
transcript(struct test_bytes *bytes, size_t max, bool raw, struct buf *out)
{
	struct test_bytes again = *bytes;
	struct buf judged = {0};
	size_t from = out->n;

	transcript_by(bytes, max, false, raw, out);
	transcript_by(&again, max, true, raw, &judged);
	assert_string_equal(buf_z(out) + from, buf_z(&judged));
	buf_clear(&judged);
}

static void
expect_max(struct str in, size_t max, bool raw, const char *want)
{
	struct buf out = {0};

	for (size_t step = 0; step < 6; step++) {
		struct test_bytes bytes = {.s = in, .step = step};
		buf_reset(&out);
		transcript(&bytes, max, raw, &out);
		assert_string_equal(buf_z(&out), want);
	}
	buf_clear(&out);
}

static void
expect(const char *in, const char *want)
{
	expect_max(str_from(in), 0, false, want);
}

static void
reads_the_three_forms(void **state)
{
	(void)state;
	expect("{\"a\":1}\n{\"a\":2}\n", "1@1: a=1\n2@1: a=2\n");
	expect("{\"a\":1}\r\n\r\n{\"a\":2}", "1@1: a=1\n3@1: a=2\n");
	expect("[{\"a\":1},\n{\"a\":2}]\n", "1@1: a=1\n2@1: a=2\n");
	expect(" [ ] ", "");
	expect("[\n  {\n    \"a\": 1\n  }\n,{\"a\":\n2}\n]",
	    "2@1: a=1\n5@1: a=2\n");
	expect("{\n\"a\":1}{\"a\":2} {\"a\":3}\n{\n  \"a\": 4\n}",
	    "1@1: a=1\n2@1: a=2\n2@1: a=3\n3@1: a=4\n");
	/* Files that were put together. */
	expect("[{\"a\":1}]\n[{\"a\":2}]\n{\"a\":3}\n{\n\"a\":4\n}\n",
	    "1@1: a=1\n2@1: a=2\n3@1: a=3\n4@1: a=4\n");
	expect("\xef\xbb\xbf{\"a\":1}\n\xef\xbb\xbf{\"a\":2}\n",
	    "1@1: a=1\n2@1: a=2\n");
	expect("\xef\xbb\xbf\n[{\"a\":1}]", "2@1: a=1\n");
	expect("", "");
	expect(" \n\t\r\n", "");
	expect("\xef\xbb\xbf", "");
}

static void
makes_cells(void **state)
{
	(void)state;
	expect("{\"a\":\"\",\"b\":null,\"c\":{},\"d\":[],\"e\":true,"
	       "\"f\":false,\"g\":\"x\"}",
	    "1@1: a=|b=|c=|d=|e=yes|f=no|g=x\n");
	expect("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00fc\\ud83d\\ude00\"}",
	    "1@1: a=\"\\/\b\f\n\r\t\xc3\xbc\xf0\x9f\x98\x80\n");
	expect("{\"a\":{\"b\":1,\"c\":{\"d\":2}},\"e\":3}",
	    "1@1: a.b=1|a.c.d=2|e=3\n");
	expect("{\"a\":[\"x\",1,true,null,\"\",\"y\"]}", "1@1: a=x,1,yes,y\n");
	expect("{\"a\":[{\"b\":1},{\"b\":2,\"c\":[3,4]}]}",
	    "1@1: a.0.b=1|a.1.b=2|a.1.c=3,4\n");
	expect("{\"a\":[[1,2],[],{},5,null,[[6]]]}",
	    "1@1: a.0=1,2|a.1=|a.2=|a.3=5|a.4=|a.5.0=6\n");
	expect("{\"\":1,\"a b\":2,\"\xc3\xbc.x\":3,\"d\":{\"\":4}}",
	    "1@1: =1|a b=2|\xc3\xbc.x=3|d.=4\n");
	expect("{\"\":{\"a\":1},\"a\":2}", "1@1: .a=1|a=2\n");
}

static void
numbers_keep_their_text(void **state)
{
	(void)state;
	expect("{\"a\":12345678901234567890,\"b\":0.10,\"c\":-0,"
	       "\"d\":1e999,\"e\":[1.50 , 2E-3],\"f\":-12.00E+07\n}",
	    "1@1: a=12345678901234567890|b=0.10|c=-0|d=1e999|"
	    "e=1.50,2E-3|f=-12.00E+07\n");
	/* Digits in texts and names are none of its business. */
	expect("{\"1\":\": 5,\",\"a\\\"\":\"[7]\\\\\",\"b\":8}",
	    "1@1: 1=: 5,|a\"=[7]\\|b=8\n");
	for (int i = 0; i < 14; i++) {
		static const char *const wrong[] = {"01", "-", "+1", ".5", "5.",
		    "1e", "1e+", "0x10", "1_0", "--1", "NaN", "-Infinity",
		    "1.2.3", "1 2"};
		struct buf in = {0}, out = {0};
		struct test_bytes bytes = {0};
		buf_addf(&in, "{\"a\":%s}\n{\"a\":5}\n", wrong[i]);
		bytes.s = str_of(&in);
		transcript(&bytes, 0, false, &out);
		assert_true(str_starts(str_of(&out), STR("!65 in:1:")));
		assert_true(str_ends(str_of(&out), STR("\n2@1: a=5\n")));
		buf_clear(&in);
		buf_clear(&out);
	}
	/* A number is no name. */
	expect("{5:1}\n{ 5 : 1}\n{\"a\":1,6:2}\n",
	    "!65 in:1:2: near 5: this is not JSON: string or '}' expected; "
	    "correct it\n"
	    "!65 in:2:3: near 5: this is not JSON: string or '}' expected; "
	    "correct it\n"
	    "!65 in:3:8: near 6: this is not JSON: string or '}' expected; "
	    "correct it\n");
}

static void
a_long_number_is_a_text(void **state)
{
	struct buf in = {0}, out = {0};
	struct test_bytes bytes = {0};

	(void)state;
	buf_addz(&in, "{\"a\":");
	for (size_t i = 0; i < 500000; i++)
		buf_addc(&in, (char)('1' + i % 9));
	buf_addz(&in, "}");
	bytes.s = str_of(&in);
	transcript(&bytes, 0, false, &out);
	assert_int_equal(out.n, 500000 + strlen("1@1: a=\n"));
	assert_memory_equal(out.p + 7, in.p + 5, 500000);
	buf_clear(&in);
	buf_clear(&out);
}

static void
shapes_are_remembered(void **state)
{
	struct buf in = {0}, out = {0};
	struct test_bytes bytes = {0};

	(void)state;
	expect("{\"a\":1}{\"b\":1}{\"a\":2}{\"a\":{\"b\":1}}{\"a.b\":3}"
	       "{\"b\":1,\"a\":2}{\"a\":2,\"b\":1}{\"b\":5}",
	    "1@1: a=1\n1@2: b=1\n1@1: a=2\n1@3: a.b=1\n1@4: a.b=3\n"
	    "1@5: b=1|a=2\n1@6: a=2|b=1\n1@2: b=5\n");
	/* More shapes than are kept: a number never comes back with other
	 * names. */
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 100; i++)
			buf_addf(&in, "{\"n%d\":0}\n", i);
	bytes.s = str_of(&in);
	transcript(&bytes, 0, false, &out);
	assert_true(str_find(str_of(&out), STR("\n100@100: n99=")) < out.n);
	assert_true(str_find(str_of(&out), STR("\n101@101: n0=")) < out.n);
	buf_clear(&in);
	buf_clear(&out);
}

#define HALF                                                                   \
	": half of a surrogate pair; write both halves, or the character "     \
	"itself\n"
#define EMPTY ": the object is empty; delete it, or give it names and values\n"
#define COMMA                                                                  \
	" has a comma, which stands between the items of a list; replace it, " \
	"or write a single value without brackets\n"
#define TWICE ": this name is in the object twice; rename or drop one\n"
#define NUL ": \\u0000 is no text; leave it out\n"
#define UTF8 ": this is not UTF-8; convert the input with iconv\n"

static void
refuses_content(void **state)
{
	(void)state;
	expect("{\"a\":1,\"a\":2}\n{\"b\":{\"\xc3\xbc\":7},\"a\":3, \"a\" :4}",
	    "!65 in:1:8: near \"a\"" TWICE "!65 in:2:21: near \"a\"" TWICE);
	expect("{\"a\":{\"b\":1},\"a\":{\"c\":1}}\n",
	    "!65 in:1:14: near \"a\"" TWICE);
	expect("{\"a\":{\"b\":1},\"a.b\":2}\n",
	    "!65 in:1:1: the name 'a.b' comes out twice; rename one\n");
	expect("{\"a\":\"x\\u0000y\"}\n{\"x\\u0000\":1}\n{\"a\":1}",
	    "!65 in:1:6: near \"x\\u0000y\"" NUL
	    "!65 in:2:2: near \"x\\u0000\"" NUL "3@1: a=1\n");
	expect("{\"a\":\"\\ud83d\"}\n{\"a\":\"\\ude00x\"}\n"
	       "{\"a\":5,\"b\":\"\\ud83dx\"}\n{\"a\":\"\\ud83d\\u0041\"}\n"
	       "{\"a\":\"\\ud83d\\ud83d\"}\n",
	    "!65 in:1:6: near \"\\ud83d\"" HALF
	    "!65 in:2:6: near \"\\ude00x\"" HALF
	    "!65 in:3:12: near \"\\ud83dx\"" HALF
	    "!65 in:4:6: near \"\\ud83d\\u0041\"" HALF
	    "!65 in:5:6: near \"\\ud83d\\ud83d\"" HALF);
	expect("{\"a\":\"x\xff\"}\n{\"\xc3\":\"y\"}\n{\"a\":\"\xed\xa0\x80\"}\n"
	       "{\"a\":\"\xc0\x80\"}\n{\"a\":\"\xf4\x90\x80\x80\"}\n",
	    "!65 in:1:6: near \"x" UTF8 "!65 in:2:2: near \"" UTF8
	    "!65 in:3:6: near \"" UTF8 "!65 in:4:6: near \"" UTF8
	    "!65 in:5:6: near \"" UTF8);
	expect("{\"a\":\"x\ty\"}\n{\"a\":\"c:\\dir\"}\n{\"a\":1}\n",
	    "!65 in:1:6: near \"x: a control character; write it as \\t or "
	    "\\u00XX\n"
	    "!65 in:2:6: near \"c:\\d: no escape of JSON; write a backslash "
	    "as \\\\\n3@1: a=1\n");
	expect("{\"a\":[\"x\",\"y,z\"]}\n{\"a\":1}\n",
	    "!65 in:1:1: a: the item 'y,z'" COMMA "2@1: a=1\n");
	/* The same where the object is read the quick way, and the item is
	 * alone. */
	expect("{\"a\":[\"x\"]}\n{\"a\":[\"y,z\"]}\n{\"a\":[\",\",\"\"]}\n"
	       "{\"a\":[\"\\u002c\"]}\n{\"a\":1}\n",
	    "1@1: a=x\n!65 in:2:1: a: the item 'y,z'" COMMA
	    "!65 in:3:1: a: the item ','" COMMA
	    "!65 in:4:1: a: the item ','" COMMA "5@1: a=1\n");
	expect("{}\n[ {},{\"a\":1}]\n",
	    "!65 in:1:1" EMPTY "!65 in:2:3" EMPTY "2@1: a=1\n");
	/* In an array what is whole but refused does not end it. */
	expect("[{\"a\":1,\"a\":2},{\"a\":\"\\ud83d\"},{\"a\":3}]",
	    "!65 in:1:9: near \"a\"" TWICE "!65 in:1:21: near \"\\ud83d\"" HALF
	    "1@1: a=3\n");
}

#define CUT(line)                                                              \
	": the object that begins here is not closed before line " line        \
	" begins another; add the missing end\n"
#define OPEN                                                                   \
	": the object that begins here is not closed at the end of the "       \
	"input; is the file cut off? fetch it again\n"
#define QUOTE                                                                  \
	": the text that begins here does not end on its line; close it "      \
	"with '\"', write a line end in it as \\n\n"
#define STRAY(what)                                                            \
	what " where an object '{' is expected; write each record as "         \
	     "{\"name\": \"value\"}\n"

static void
goes_on_behind_broken_lines(void **state)
{
	(void)state;
	/* Cut off in every way: the first line, and later ones. */
	expect("{\"a\":1\n{\"a\":2}\n{\"a\":[3,\n{\"a\":4}\n{\"a\":\n"
	       "{\"a\":{\"b\":5}\n{\"a\":6}\n{\"a\":7",
	    "!65 in:1:1" CUT("2") "2@1: a=2\n!65 in:3:1" CUT(
		"4") "4@1: a=4\n!65 in:5:1" CUT("6") "!65 in:6:1" CUT("7") "7@"
									   "1: "
									   "a="
									   "6\n"
									   "!65"
									   " in"
									   ":8:"
									   "1" OPEN);
	expect("{\"a\":\"x\n{\"a\":2}\n{\"a\":\"y\\\n{\"a\":3}\n{\"a\n"
	       "{\"a\":4}",
	    "!65 in:1:6" QUOTE "2@1: a=2\n!65 in:3:6" QUOTE
	    "4@1: a=3\n!65 in:5:2" QUOTE "6@1: a=4\n");
	expect("{\"a\":1]\n{\"a\":2}\n{\"a\":[1}} x\n{\"a\":3}\n",
	    "!65 in:1:7: ']' closes what '{' opened; is a bracket missing?\n"
	    "2@1: a=2\n"
	    "!65 in:3:8: '}' closes what '[' opened; is a bracket missing?\n"
	    "4@1: a=3\n");
	expect("{\"a\":tru}\n{\"a\":2}\n{\"a\" 2}\n{\"a\":2,}\n{\"a\":3}\n",
	    "!65 in:1:6: near tru: this is not JSON: invalid token; correct "
	    "it\n2@1: a=2\n"
	    "!65 in:3:6: near 2: this is not JSON: ':' expected; correct it\n"
	    "!65 in:4:8: near }: this is not JSON: string or '}' expected; "
	    "correct it\n5@1: a=3\n");
	/* Words between. */
	expect("{\"a\":1},\n{\"a\":2} x {\"a\":3}\nfoo\n \"a\"\n{\"a\":4}}\n"
	       "{\"a\":5}",
	    "1@1: a=1\n!65 in:1:8: " STRAY(
		"','") "2@1: a=2\n"
		       "!65 in:2:9: " STRAY("'x'") "!65 in:3:1: " STRAY(
			   "'f'") "!65 in:4:2: " STRAY("'\"'") "5@1: a=4\n"
							       "!65 "
							       "in:5:8: " STRAY(
								   "'}'") "6@1:"
									  " a="
									  "5"
									  "\n");
	expect("a,b\n1,2\n3,4\n", "!65 in:1:1: " STRAY("'a'"));
	expect("{\n \"a\": 1,\n \"b\": [\n}\n{\n \"a\": 2\n}\n",
	    "!65 in:4:1: '}' closes what '[' opened; is a bracket missing?\n"
	    "5@1: a=2\n");
	expect("{\n \"a\": 1\n{\n \"a\": 2\n}\n",
	    "!65 in:1:1" CUT("3") "3@1: a=2\n");
	expect("{", "!65 in:1:1" OPEN);
	expect("\n {\"a", "!65 in:2:2" OPEN);
}

static void
an_array_ends_where_it_breaks(void **state)
{
	(void)state;
	expect("[{\"a\":1},{\"a\":2}",
	    "1@1: a=1\n1@1: a=2\n!65 in:1:17: the array is not closed at the "
	    "end of the input; is the file cut off? fetch it again END\n");
	expect("[{\"a\":1},{\"a\":2\n",
	    "1@1: a=1\n!65 in:1:10: the object that begins here is not closed "
	    "at the end of the input; is the file cut off? fetch it again "
	    "END\n");
	expect("[{\"a\":1},{\"a\":2,\n{\"a\":3}]",
	    "1@1: a=1\n!65 in:1:10: the object that begins here is not closed "
	    "before line 2 begins another; add the missing end END\n");
	expect("[{\"a\":1} {\"a\":2}]",
	    "1@1: a=1\n!65 in:1:10: '{' where ',' or ']' is expected; write "
	    "each record as {\"name\": \"value\"} END\n");
	expect("[{\"a\":1},]",
	    "1@1: a=1\n!65 in:1:10: ']' where an object '{' is expected; "
	    "write each record as {\"name\": \"value\"} END\n");
	expect("[1,2]",
	    "!65 in:1:2: '1' where an object or ']' is expected; write each "
	    "record as {\"name\": \"value\"} END\n");
	expect("[{\"a\":nul},{\"a\":2}]",
	    "!65 in:1:7: near nul: this is not JSON: invalid token; correct "
	    "it END\n");
	expect("[",
	    "!65 in:1:2: the array is not closed at the end of the input; is "
	    "the file cut off? fetch it again END\n");
}

static void
names_utf16(void **state)
{
	(void)state;
	expect_max(STR("\xff\xfe{\0\"\0a\0\"\0"), 0, false,
	    "!65 in:1:1: byte 0xff where an object '{' is expected; if this "
	    "is UTF-16, convert it to UTF-8 with iconv\n");
	expect_max(STR("\0{\0\"\0"), 0, false,
	    "!65 in:1:1: byte 0x00 where an object '{' is expected; if this "
	    "is UTF-16, convert it to UTF-8 with iconv\n");
}

static void
keeps_the_raw_text(void **state)
{
	(void)state;
	expect_max(STR("{\"a\":1}\r\n[ {\n\"a\":2 }\n]{\"a\":1\r\n"
		       "{\"b\xff\":\"\\u0000\"}\nx y\r\n{\"a\":\"\0\"}"),
	    0, true,
	    "1@1: a=1\n<{\"a\":1}>\n2@1: a=2\n<{\n\"a\":2 }>\n"
	    "!65 in:4:2" CUT(
		"5") "<{\"a\":1>\n"
		     "!65 in:5:2: near \"b" UTF8
		     "<{\"b\xef\xbf\xbd\":\"\\u0000\"}>\n"
		     "!65 in:6:1: " STRAY(
			 "'x'") "<x y>\n"
				"!65 in:7:6: near \": a control character; "
				"write it as \\t or "
				"\\u00XX\n<{\"a\":\"\xef\xbf\xbd\"}>\n");
}

/* N times TEXT. */
static void
repeat(struct buf *b, const char *text, size_t n)
{
	while (n-- > 0)
		buf_addz(b, text);
}

static void
bounds_the_nesting(void **state)
{
	struct buf in = {0}, out = {0};
	struct test_bytes bytes = {0};

	(void)state;
	/* As deep as may be, in both brackets. */
	repeat(&in, "{\"a\":", 64);
	buf_addz(&in, "1");
	repeat(&in, "}", 64);
	buf_addz(&in, "\n{\"a\":");
	repeat(&in, "[", 63);
	repeat(&in, "]", 63);
	buf_addz(&in, "}\n{\"a\":");
	repeat(&in, "[", 64);
	repeat(&in, "]", 64);
	buf_addz(&in, "}\n");
	repeat(&in, "{\"a\":", 1000);
	repeat(&in, "}", 1000);
	buf_addz(&in, "\n[{\"a\":");
	repeat(&in, "[", 1000000);
	repeat(&in, "]", 1000000);
	buf_addz(&in, "},{\"b\":1}]\n");
	bytes.s = str_of(&in);
	transcript(&bytes, 0, false, &out);
	assert_true(str_starts(str_of(&out), STR("1@1: a.a.a.")));
	static const char want[] =
	    ".0.0=\n"
	    "!65 in:3:1: the object that begins here has more than 64 "
	    "brackets inside each other; leave the inner ones out\n"
	    "!65 in:4:1: the object that begins here has more than 64 "
	    "brackets inside each other; leave the inner ones out\n"
	    "!65 in:5:2: the object that begins here has more than 64 "
	    "brackets inside each other; leave the inner ones out\n"
	    "5@3: b=1\n";
	assert_true(str_ends(str_of(&out), str_from(want)));
	buf_clear(&in);
	buf_clear(&out);
}

static void
bounds_an_object(void **state)
{
	(void)state;
	expect_max(STR("{\"a\":1}\n{\"abcd\":\"}1234\"}\n{\"b\":2}\n"
		       "[{\"abcd\":\"{12345\"},{\"b\":3}]{\"abcd\":\"12\n"
		       "{\"b\":4}\n{\"abcd\":\"1234567\n{\"b\":5}\n"
		       "abcdefghijklmnopqrst\n{\"b\":6}\n"),
	    9, false,
	    "1@1: a=1\n"
	    "!65 in:2:1: the object that begins here is longer than 9 bytes; "
	    "is a bracket or '\"' missing?\n"
	    "3@2: b=2\n"
	    "!65 in:4:2: the object that begins here is longer than 9 bytes; "
	    "is a bracket or '\"' missing?\n"
	    "4@2: b=3\n"
	    "!65 in:4:36" QUOTE "5@2: b=4\n!65 in:6:9" QUOTE
	    "7@2: b=5\n!65 in:8:1: " STRAY("'a'") "9@2: b=6\n"
						  "");
}

static void
bounds_names_and_cells(void **state)
{
	struct buf in = {0}, out = {0};
	struct test_bytes bytes = {0};

	(void)state;
	/* A name of 1,024 bytes, then of 1,025. */
	for (size_t n = 1024; n <= 1025; n++) {
		buf_addz(&in, "{\"");
		repeat(&in, "n", n);
		buf_addz(&in, "\":1}\n");
	}
	/* 4,096 names, then one more. */
	for (int n = 4096; n <= 4097; n++) {
		for (int i = 0; i < n; i++)
			buf_addf(&in, "%s\"%d\":0", i ? "," : "{", i);
		buf_addz(&in, "}\n");
	}
	/* A cell of 1 MiB, then of one byte more, in one item and in two. */
	buf_addz(&in, "{\"a\":\"");
	repeat(&in, "12345678", CRM_FIELD_MAX / 8);
	buf_addz(&in, "\"}\n{\"a\":[\"");
	repeat(&in, "12345678", CRM_FIELD_MAX / 8);
	buf_addz(&in, "9\"]}\n{\"a\":[\"");
	repeat(&in, "12345678", CRM_FIELD_MAX / 8);
	buf_addz(&in, "\",null,\"\"]}\n{\"a\":{\"b\":[\"");
	repeat(&in, "12345678", CRM_FIELD_MAX / 8);
	buf_addz(&in, "\",5]}}\n");
	/* A long path many times over: names are bounded together as well. */
	buf_addz(&in, "{\"");
	repeat(&in, "n", 1000);
	buf_addz(&in, "\":[{}");
	repeat(&in, ",{}", 1000);
	buf_addz(&in, "]}\n");
	bytes.s = str_of(&in);
	transcript(&bytes, 0, false, &out);
	char *at = out.p;
	static const char *const wants[] = {"1@1: nnn",
	    "\n!65 in:2:1: a name of 1025 bytes, 'nnn",
	    "', is longer than 1024; use a shorter one\n3@2: 0=0|1=0|",
	    "|4095=0\n!65 in:4:1: the object has more names than the 4096, "
	    "of 262144 bytes in all, that one may have; leave out what you "
	    "do not need\n5@3: a=12345678",
	    "\n!65 in:6:1: a: 1048577 bytes are more than 1048576; shorten "
	    "the value\n7@3: a=12345678",
	    "\n!65 in:8:1: a.b: 1048578 bytes are more than 1048576; shorten "
	    "the value\n!65 in:9:1: the object has more names"};
	for (size_t i = 0; i < ARRAY_LEN(wants); i++) {
		at = strstr(at, wants[i]);
		if (!at)
			fail_msg("not found: %s", wants[i]);
		at += strlen(wants[i]);
	}
	buf_clear(&in);
	buf_clear(&out);
}

static void
reading_fails(void **state)
{
	static const char *const texts[] = {
	    "", "{\"a\":1}\n", "[", "{\"a\":", "{\"a\":\"x\n", "foo", "\xef"};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct test_bytes bytes = {
		    .s = str_from(texts[i]), .error = EIO};
		buf_reset(&out);
		transcript(&bytes, 0, true, &out);
		if (!strstr(
			buf_z(&out), "!74 in: cannot read: Input/output error"))
			fail_msg("%s: %s", texts[i], buf_z(&out));
	}
	buf_clear(&out);
}

/* The same object over and over, as many times as there are bytes to give. */
struct endless {
	struct str s;
	uint64_t left; /* bytes */
	size_t at, most;
};

static ptrdiff_t
endless_read(void *arg, char *p, size_t n)
{
	struct endless *e = arg;
	size_t done = 0;

	e->most = n > e->most ? n : e->most;
	n = n < e->left ? n : (size_t)e->left;
	while (done < n) {
		size_t rest = e->s.n - e->at;

		rest = rest < n - done ? rest : n - done;
		memcpy(p + done, e->s.p + e->at, rest);
		e->at = (e->at + rest) % e->s.n;
		done += rest;
	}
	e->left -= n;
	return (ptrdiff_t)n;
}

static void
memory_is_bounded(void **state)
{
	struct endless e = {.s = STR("{\"a\":1,\"b\":[1,2]}\n")};
	struct source src = {.read = endless_read, .arg = &e, .name = "in"};
	struct diag dg = {0};
	struct rows *r;
	struct rows_row row;
	bool got = true;
	uint64_t n = 0;

	(void)state;
	e.left = e.s.n * 200000;
	assert_int_equal(json_rows_open(&r, &src, NULL, &dg), 0);
	for (; got; n++)
		assert_int_equal(rows_next(r, &row, &got, &dg), 0);
	assert_int_equal(n, 200001);
	assert_true(e.most <= 256 << 10);
	rows_close(r);
	/* A bracket that is never closed: 64 MB of the one object. */
	e = (struct endless){.s = STR("[[],"), .left = 64 << 20};
	assert_int_equal(json_rows_open(&r, &src, NULL, &dg), 0);
	e.at = 0;
	e.s = STR("{\"a\":1,  ");
	e.left = 64 << 20;
	got = true;
	assert_int_equal(rows_next(r, &row, &got, &dg), CRM_DATA);
	assert_true(got);
	assert_int_equal(row.line, 1);
	assert_int_equal(row.raw.n, 0);
	assert_true(e.most <= 2 * CRM_RECORD_MAX);
	assert_int_equal(rows_next(r, &row, &got, &dg), CRM_OK);
	assert_false(got);
	rows_close(r);
	diag_clear(&dg);
}

/* Bytes that mean something to the reader, in any order: it never crashes, is
 * the same for any block size, and comes to an end. */
static void
survives_anything(void **state)
{
	static const char *const bits[] = {"{", "}", "[", "]", "\"", ":", ",",
	    "\n", "\\", "\"a\":", "1", "-0.5e1", "true", "null", " ",
	    "{\"a\":1}", "\n{", "\\u0041", "\\ud83d", "\xc3\xbc", "\xff",
	    "\xef\xbb\xbf", "{\"a\":{\"b\":[1,2]}}\n", "\r\n", "x"};
	struct buf in = {0}, one = {0}, two = {0};
	uint64_t seed = 7;

	(void)state;
	for (unsigned round = 0; round < rounds(3000, 3000, 1500); round++) {
		struct test_bytes bytes;
		size_t max = round % 3 ? 0 : 12;
		buf_reset(&in);
		for (uint64_t n = test_rand(&seed) % 30; n; n--)
			buf_addz(&in, bits[test_rand(&seed) % ARRAY_LEN(bits)]);
		buf_reset(&one);
		buf_reset(&two);
		bytes = (struct test_bytes){.s = str_of(&in)};
		transcript(&bytes, max, true, &one);
		bytes = (struct test_bytes){.s = str_of(&in), .step = 1};
		transcript(&bytes, max, true, &two);
		assert_string_equal(buf_z(&one), buf_z(&two));
	}
	buf_clear(&in);
	buf_clear(&one);
	buf_clear(&two);
}

/* Objects of few shapes, with everything that a value can be and cannot be:
 * those that take the quick way come out as jansson has them (transcript
 * compares). */
static void
the_quick_way_agrees(void **state)
{
	static const char *const values[] = {"1", "-0.50", "1e5", "01", "-",
	    "1.", "12345678901234567890", "true", "truex", "false", "null",
	    "nul", "NaN", "\"\"", "\"x\"", "\"a,b\"", "\"\\u00fc\\n\\/\\\"\"",
	    "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\uDC00\"",
	    "\"\\x\"", "\"\\u12\"", "\"\\uFFff\"", "\"\xc3\xbc\"", "\"\xc3\"",
	    "\"\x01\"", "\"\x7f\"", "[]", "[1, 2]", "[\"a\",null,\"\",\"b\"]",
	    "[\"a,b\"]", "[\"a,b\",\"\"]", "[\"a,b\",1]", "[\"\\u002c\",1]",
	    "[1,]", "[,1]", "[1 2]", "[1,[2]]", "[[1],2]", "[{\"x\":1}]",
	    "[{\"x\":1,\"x\":1}]", "[{},{\"x\":[true]}]", "{}", "{\"x\":1}",
	    "{\"x\":1,}", "{\"x\":1,\"x\":2}", "{\"x\" 1}", "{x:1}",
	    "{\"x\":{\"y\":[]}}", "\"x\" \"y\"", "", "+1", "{1:2}",
	    "[\"\\\"\"]", " 7 ", "\t[ ]\t", "{ \"x\" : \"\\t\" }"};
	static const char *const names[] = {"a", "b", "a", "a.x", "a.0.x",
	    "\\u0061", "", "\xc3\xbc", "\xff", "\x01", "c"};
	struct buf in = {0}, out = {0};
	uint64_t seed = 11;

	(void)state;
	for (unsigned i = 0; i < rounds(40000, 40000, 15000); i++) {
		struct test_bytes bytes = {0};
		const char *odd = test_rand(&seed) % 8 ? "b" : NULL;
		buf_addf(&in, "{\"a\":%s,\"%s\":%s%s\n",
		    values[test_rand(&seed) % ARRAY_LEN(values)],
		    odd ? odd : names[test_rand(&seed) % ARRAY_LEN(names)],
		    values[test_rand(&seed) % ARRAY_LEN(values)],
		    test_rand(&seed) % 50 ? "}" : " ,}");
		if (i % 1000 < 999)
			continue;
		bytes.s = str_of(&in);
		buf_reset(&out);
		transcript(&bytes, 0, true, &out);
		buf_reset(&in);
	}
	assert_true(
	    str_find(str_of(&out), STR("|b=12345678901234567890")) < out.n);
	buf_clear(&in);
	buf_clear(&out);
}

/* Names twice in ways that look like a known shape from afar. */
static void
no_duplicate_takes_the_quick_way(void **state)
{
	(void)state;
	expect("{\"a\":{\"b\":1,\"c\":1}}\n{\"a\":{\"b\":1},"
	       "\"a\":{\"c\":1}}\n",
	    "1@1: a.b=1|a.c=1\n!65 in:2:14: near \"a\"" TWICE);
	expect("{\"a\":1,\"a.b\":2}\n{\"a\":1,\"a\":{\"b\":2}}\n"
	       "{\"a\":1,\"a.b\":2}\n",
	    "1@1: a=1|a.b=2\n!65 in:2:8: near \"a\"" TWICE "3@1: a=1|a.b=2\n");
	/* Brackets that come out with one name: jansson passes each. */
	expect("{\"a\":{\"b\":{\"x\":1}},\"a.b\":{\"y\":1}}\n"
	       "{\"a\":{\"b\":{\"x\":1},\"b\":{\"y\":1}}}\n"
	       "{\"a\":{\"b\":{\"x\":1}},\"a.b\":{\"y\":2}}\n",
	    "1@1: a.b.x=1|a.b.y=1\n!65 in:2:19: near \"b\"" TWICE
	    "3@1: a.b.x=1|a.b.y=2\n");
	expect("{\"a\":[{\"x\":1},{\"x\":2}]}\n"
	       "{\"a\":[{\"x\":1,\"x\":2}]}\n{\"a\":[{\"x\":3},{\"x\":4}]}\n",
	    "1@1: a.0.x=1|a.1.x=2\n!65 in:2:14: near \"x\"" TWICE
	    "3@1: a.0.x=3|a.1.x=4\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_the_three_forms),
	    cmocka_unit_test(makes_cells),
	    cmocka_unit_test(numbers_keep_their_text),
	    cmocka_unit_test(a_long_number_is_a_text),
	    cmocka_unit_test(shapes_are_remembered),
	    cmocka_unit_test(refuses_content),
	    cmocka_unit_test(goes_on_behind_broken_lines),
	    cmocka_unit_test(an_array_ends_where_it_breaks),
	    cmocka_unit_test(names_utf16),
	    cmocka_unit_test(keeps_the_raw_text),
	    cmocka_unit_test(bounds_the_nesting),
	    cmocka_unit_test(bounds_an_object),
	    cmocka_unit_test(bounds_names_and_cells),
	    cmocka_unit_test(reading_fails),
	    cmocka_unit_test(memory_is_bounded),
	    cmocka_unit_test(survives_anything),
	    cmocka_unit_test(the_quick_way_agrees),
	    cmocka_unit_test(no_duplicate_takes_the_quick_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
