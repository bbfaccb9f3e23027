/* SPDX-License-Identifier: ISC */
/* Tests of text/content_read: folding, parameters, encodings, line ends, and
 * what is refused. */
#include "text_test.h"

#include "text/content_read.h"
#include "vcard_test.h"

/* "LINE GROUP.NAME|PARAM=VALUE|: VALUE" of each line. */
static void
transcript(struct str s, size_t step, struct buf *out)
{
	struct vcard_bytes bytes = {.s = s, .step = step};
	struct source src = {.read = vcard_read, .arg = &bytes, .name = "in"};
	struct content_reader *r = NULL;
	struct content_line l;
	struct diag dg = {0};
	bool got = true;
	enum crm_err err;

	assert_int_equal(content_open(&r, &src, &dg), CRM_OK);
	while (got) {
		err = content_next(r, &l, &got, &dg);
		if (err) {
			assert_int_equal(err, CRM_DATA);
			buf_addf(out, "!%s\n", diag_text(&dg));
			diag_clear(&dg);
			continue;
		}
		if (!got)
			break;
		buf_addf(out, "%d %.*s%s%.*s", (int)l.line, STR_ARG(l.group),
		    l.group.n ? "." : "", STR_ARG(l.name));
		for (size_t i = 0; i < l.nparams; i++)
			buf_addf(out, "|%.*s=%.*s", STR_ARG(l.params[i].name),
			    STR_ARG(l.params[i].value));
		buf_addf(out, "%s%s: %.*s\n", l.base64 ? " base64" : "",
		    l.cut ? " cut" : "", STR_ARG(l.value));
	}
	content_close(r);
}

static void
expect_bytes(struct str in, const char *want)
{
	static const size_t steps[] = {0, 1, 2, 3, 7};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct buf out = {0};
		transcript(in, steps[i], &out);
		assert_string_equal(buf_z(&out), want);
		buf_clear(&out);
	}
}

static void
expect(const char *in, const char *want)
{
	expect_bytes(str_from(in), want);
}

static void
lines_are_unfolded(void **state)
{
	(void)state;
	expect("", "");
	expect("\r\n\n\r", "");
	expect("A:1", "1 A: 1\n");
	expect("\xef\xbb\xbf"
	       "A:1\r\nB:2\r\n\r\nC:3\r\n",
	    "1 A: 1\n2 B: 2\n4 C: 3\n");
	expect("A:one\n  two\n\tthree\nB:x\n", "1 A: one twothree\n4 B: x\n");
	expect("A:1\rB:2\r 3\rC:4\r", "1 A: 1\n2 B: 23\n4 C: 4\n");
	/* CR LF written in text mode once more. */
	expect("A:1\r\r\n 2\r\r\nB:3\r\r\n", "1 A: 12\n3 B: 3\n");
	/* A letter broken in two. */
	expect("A:\xc3\r\n \xbc\r\n", "1 A: \xc3\xbc\n");
	expect("NO\r\n TE;X=\r\n y:a\r\n", "1 NOTE|X=y: a\n");
	expect("A:\n", "1 A: \n");
}

static void
parameters_are_taken_apart(void **state)
{
	(void)state;
	expect("item1.tel;type=home,CELL;Type=\"a;b:c\",d;pref=1:x:y;z\n",
	    "1 item1.TEL|TYPE=home|TYPE=CELL|TYPE=a;b:c|TYPE=d|PREF=1: "
	    "x:y;z\n");
	expect("TEL;WORK;voice;QUOTED-PRINTABLE;URL:x=20y\n",
	    "1 TEL|TYPE=WORK|TYPE=voice|ENCODING=QUOTED-PRINTABLE|VALUE=URL: "
	    "x y\n");
	expect("A;L=a^nb^^c^'d^e:x\n", "1 A|L=a\nb^c\"d^e: x\n");
	expect("VERSION:2.1\nA;L=a^nb:x\n", "1 VERSION: 2.1\n2 A|L=a^nb: x\n");
	expect("A;;B=;=c:x\n", "1 A|B=|=c: x\n");
	expect("A ; X = y:z\n", "1 A|X= y: z\n");
}

static void
old_encodings_are_undone(void **state)
{
	(void)state;
	expect("N;ENCODING=QUOTED-PRINTABLE:a=3D=0D=0Ab=\n c=\r\n=\nd\nB:1\n",
	    "1 N|ENCODING=QUOTED-PRINTABLE: a=\r\nb cd\n5 B: 1\n");
	/* What ends in a soft break, and what is no code. */
	expect("N;QUOTED-PRINTABLE:a=", "1 N|ENCODING=QUOTED-PRINTABLE: a\n");
	expect("N;QUOTED-PRINTABLE:a=zz=4\n",
	    "1 N|ENCODING=QUOTED-PRINTABLE: a=zz=4\n");
	expect("N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller\n",
	    "1 N|CHARSET=ISO-8859-1|ENCODING=QUOTED-PRINTABLE: "
	    "M\xc3\xbcller\n");
	expect("N;CHARSET=windows-1252;QUOTED-PRINTABLE:=80 =93x=94\n",
	    "1 N|CHARSET=windows-1252|ENCODING=QUOTED-PRINTABLE: "
	    "\xe2\x82\xac \xe2\x80\x9cx\xe2\x80\x9d\n");
	expect("N;CHARSET=ISO-8859-15:\xa4\n",
	    "1 N|CHARSET=ISO-8859-15: \xe2\x82\xac\n");
	/* The file was converted, its CHARSETs were not. */
	expect("N;CHARSET=ISO-8859-1:\xc3\xbc\n",
	    "1 N|CHARSET=ISO-8859-1: \xc3\xbc\n");
	expect("N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E2=82=AC\n",
	    "1 N|CHARSET=UTF-8|ENCODING=QUOTED-PRINTABLE: \xe2\x82\xac\n");
	/* vCard 2.1 breaks at a blank, which stays. */
	expect("VERSION:2.1\nN:one\n two\n", "1 VERSION: 2.1\n2 N: one two\n");
	expect("VERSION:2.1\nP;BASE64:\n  AAAA\n  BBBB\n\nQ:1\n",
	    "1 VERSION: 2.1\n2 P|ENCODING=BASE64 base64:  AAAA BBBB\n6 Q: "
	    "1\n");
	/* ... and some do not indent it. */
	expect("P;ENCODING=b:AAAA\nBBBB==\nEND:VCARD\n",
	    "1 P|ENCODING=b base64: AAAABBBB==\n3 END: VCARD\n");
}

static void
what_cannot_be_read_is_refused(void **state)
{
	(void)state;
	expect("A:1\nhello\nB:2\n",
	    "1 A: 1\n!in:2: no colon; write NAME:VALUE, or a blank in front "
	    "of a line that goes on\n3 B: 2\n");
	expect("A;X=\"y:z\nB:2\n",
	    "!in:1: a quote is not closed, or no colon; write NAME:VALUE\n"
	    "2 B: 2\n");
	expect(":x\n", "!in:1: no name before the colon; write NAME:VALUE\n");
	expect("A:\xff\nB:2\n",
	    "!in:1: A: not UTF-8; say which character set it is, or convert "
	    "the file to UTF-8 with iconv\n2 B: 2\n");
	expect("\xff:1\n",
	    "!in:1: the name of the property is no UTF-8; is this a text "
	    "file?\n");
	expect("A;CHARSET=KOI8-R:\xc1\n",
	    "!in:1: A: CHARSET=KOI8-R is not known; convert the file to UTF-8 "
	    "with iconv\n");
	expect("A;CHARSET=windows-1252;QUOTED-PRINTABLE:=81\n",
	    "!in:1: A: not windows-1252; say which character set it is, or "
	    "convert the file to UTF-8 with iconv\n");
	expect_bytes(STR("A:x\0y\nB:1\n"),
	    "!in:1: A: not UTF-8; say which character set it is, or convert "
	    "the file to UTF-8 with iconv\n2 B: 1\n");
	expect_bytes(STR("A;QUOTED-PRINTABLE:=00\nB:1\n"),
	    "!in:1: A: not UTF-8; say which character set it is, or convert "
	    "the file to UTF-8 with iconv\n2 B: 1\n");
}

static void
values_are_taken_apart(void **state)
{
	(void)state;
	struct buf out = {0};
	struct str rest = STR("a\\;b;c\\\\;;d\\");

	assert_true(str_is(content_cut(&rest, ';'), "a\\;b"));
	assert_true(str_is(content_cut(&rest, ';'), "c\\\\"));
	assert_true(str_is(content_cut(&rest, ';'), ""));
	assert_true(str_is(content_cut(&rest, ';'), "d\\"));
	assert_null(rest.p);
	content_unescape(STR("a\\nb\\Nc\\;\\,\\:\\\\n\\x\\"), &out);
	assert_string_equal(buf_z(&out), "a\nb\nc;,:\\n\\x\\");
	buf_reset(&out);
	assert_true(content_base64(STR(" QUJD\tRA=="), &out));
	assert_string_equal(buf_z(&out), "ABCD");
	assert_false(content_base64(STR("QUJ?"), &out));
	assert_false(content_base64(STR("QUJDR"), &out));
	assert_int_equal(out.n, 4);
	buf_clear(&out);
}

/* No line is too long: it is cut, and what follows is read. */
static void
long_lines_are_cut(void **state)
{
	(void)state;
	static const char x[] =
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	struct vcard_bytes bytes = {.s = STR("A;B=c:"),
	    .repeat = STR(x),
	    .again = 400000,
	    .tail = STR("\n y\nC:1\n")};
	struct source src = {.read = vcard_read, .arg = &bytes, .name = "in"};
	struct content_reader *r = NULL;
	struct content_line l;
	struct diag dg = {0};
	bool got = false;

	assert_int_equal(content_open(&r, &src, &dg), CRM_OK);
	assert_int_equal(content_next(r, &l, &got, &dg), CRM_OK);
	assert_true(got && l.cut && l.value.n == 0);
	assert_true(content_is(&l, "A", "") && content_says(&l, "B", "C"));
	content_record(r);
	assert_int_equal(content_next(r, &l, &got, &dg), CRM_OK);
	assert_true(got && content_is(&l, "C", "1") && l.line == 3);
	/* So much is not kept. */
	assert_int_equal(content_recorded(r).n, 0);
	assert_int_equal(content_next(r, &l, &got, &dg), CRM_OK);
	assert_false(got);
	content_close(r);
}

static void
raw_bytes_are_kept(void **state)
{
	(void)state;
	struct vcard_bytes bytes = {.step = 1,
	    .s = STR("A:1\r\nB:\r\n 2\r\n\r\nC;CHARSET=latin1:\xfc\nD:4\n")};
	struct source src = {.read = vcard_read, .arg = &bytes, .name = "in"};
	struct content_reader *r = NULL;
	struct content_line l;
	struct diag dg = {0};
	bool got = false;

	assert_int_equal(content_open(&r, &src, &dg), CRM_OK);
	assert_int_equal(content_next(r, &l, &got, &dg), CRM_OK);
	assert_int_equal(content_next(r, &l, &got, &dg), CRM_OK);
	content_record(r);
	assert_int_equal(content_next(r, &l, &got, &dg), CRM_OK);
	assert_true(str_is(
	    content_recorded(r), "B:\r\n 2\r\n\r\nC;CHARSET=latin1:\xc3\xbc"));
	content_record(r);
	assert_int_equal(content_next(r, &l, &got, &dg), CRM_OK);
	assert_true(
	    str_is(content_recorded_before(r), "C;CHARSET=latin1:\xc3\xbc"));
	content_close(r);
}

/* Whatever comes: no crash, no end that does not come. */
static void
noise_is_survived(void **state)
{
	(void)state;
	static const char card[] =
	    "BEGIN:VCARD\r\nVERSION:2.1\r\nitem1.N;CHARSET=latin1;QUOTED-"
	    "PRINTABLE:a=\r\n=20b;;\r\nP;BASE64:\r\n AAAA\r\n\r\nX;Y=\"a\","
	    "b^n:c\r\n d\r\nEND:VCARD\r\n";
	struct buf in = {0}, one = {0}, all = {0};
	uint64_t seed = 11;

	for (int i = 0; i < 20000; i++) {
		buf_reset(&in);
		buf_reset(&one);
		buf_reset(&all);
		buf_addz(&in, card);
		test_mutate(&seed, &in);
		transcript(str_of(&in), 1, &one);
		transcript(str_of(&in), 0, &all);
		assert_string_equal(buf_z(&one), buf_z(&all));
	}
	buf_clear(&in);
	buf_clear(&one);
	buf_clear(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_unfolded),
	    cmocka_unit_test(parameters_are_taken_apart),
	    cmocka_unit_test(old_encodings_are_undone),
	    cmocka_unit_test(what_cannot_be_read_is_refused),
	    cmocka_unit_test(values_are_taken_apart),
	    cmocka_unit_test(long_lines_are_cut),
	    cmocka_unit_test(raw_bytes_are_kept),
	    cmocka_unit_test(noise_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
