/* SPDX-License-Identifier: ISC */
/* Tests of text/mail: headers as mailers really write them, MIME, charsets,
 * and messages that mean harm. */
#include "text_test.h"

#include "base/date.h"
#include "text/mail.h"

static void
parse(struct str text, struct mail *m)
{
	struct diag dg = {0};
	assert_int_equal(mail_parse(text, m, &dg), CRM_OK);
	assert_null(dg.text.p);
}

static void
parse_z(const char *text, struct mail *m)
{
	parse(str_from(text), m);
}

/* The addresses as "role name <addr>" with ';' behind each. */
static void
expect_addrs(const struct mail *m, const char *want)
{
	static const char *const roles[] = {
	    "from", "sender", "reply", "to", "cc"};
	struct buf out = {0};

	for (size_t i = 0; i < m->naddrs; i++)
		buf_addf(&out, "%s %s <%s>;", roles[m->addrs[i].role],
		    buf_z(&m->addrs[i].name), buf_z(&m->addrs[i].addr));
	assert_string_equal(buf_z(&out), want);
	buf_clear(&out);
}

static void
expect_to(const char *list, const char *want)
{
	struct mail m = {0};
	struct buf text = {0};

	buf_addf(&text, "To: %s\n\n", list);
	parse(str_of(&text), &m);
	expect_addrs(&m, want);
	mail_clear(&m);
	buf_clear(&text);
}

static void
reads_a_message(void **state)
{
	(void)state;
	struct mail m = {0};

	parse_z("From anna@example.org Mon Mar  2 14:30:00 2026\r\n"
		"Return-Path: <bounce@example.org>\r\n"
		"From: Anna =?utf-8?Q?M=C3=BCller?= <anna@Example.ORG>\r\n"
		"To: \"Meier, Bo\" <bo@example.net>,\r\n"
		"\tcy@example.net (Cy Young)\r\n"
		"Cc: team: d@x.org, E <e@x.org>; , f@x.org\r\n"
		"Reply-To: list@example.org\r\n"
		"Sender: office@example.org\r\n"
		"Date: Mon, 2 Mar 2026 14:30:00 +0100 (CET)\r\n"
		"Subject: Offer\r\n for\r\n\tyou\r\n"
		"Message-ID: <1@example.org>\r\n"
		"In-Reply-To: <0@example.net>\r\n"
		"References: <a@x> <b@x>\r\n <c@x>\r\n"
		"\r\n"
		"Hello\r\n\r\nBye\r\n\r\n",
	    &m);
	expect_addrs(&m, "from Anna M\xc3\xbcller <anna@example.org>;"
			 "to Meier, Bo <bo@example.net>;"
			 "to Cy Young <cy@example.net>;"
			 "cc  <d@x.org>;cc E <e@x.org>;cc  <f@x.org>;"
			 "reply  <list@example.org>;"
			 "sender  <office@example.org>;");
	assert_true(m.has_date);
	assert_int_equal(m.date, 1772458200);
	assert_string_equal(buf_z(&m.subject), "Offer for you");
	assert_string_equal(buf_z(&m.message_id), "1@example.org");
	assert_string_equal(buf_z(&m.in_reply_to), "0@example.net");
	assert_string_equal(buf_z(&m.references), "a@x b@x c@x");
	assert_true(m.has_text);
	assert_string_equal(buf_z(&m.body), "Hello\n\nBye");
	assert_string_equal(
	    buf_z(&mail_addr_at(&m, MAIL_TO, 1)->addr), "cy@example.net");
	assert_null(mail_addr_at(&m, MAIL_TO, 2));
	assert_null(mail_addr_at(&m, MAIL_SENDER, 1));
	mail_clear(&m);
}

static void
refuses_what_is_no_message(void **state)
{
	(void)state;
	static const struct {
		const char *p;
	} cases[] = {{""}, {"\n"}, {"hello world\n"}, {"\n\nFrom: a@b.c\n"},
	    {": x\n"}, {" From: a@b.c\n"}, {"From a@b.c Mon\n"}};
	struct mail m = {0};
	struct diag dg = {0};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(
		    mail_parse(str_from(cases[i].p), &m, &dg), CRM_DATA);
		assert_string_equal(diag_text(&dg),
		    "this is no mail message: it does not begin with a "
		    "header line like 'From: name@host'");
	}
	assert_int_equal(mail_parse((struct str){0}, &m, &dg), CRM_DATA);
	diag_clear(&dg);
	mail_clear(&m);
}

static void
does_without_headers(void **state)
{
	(void)state;
	struct mail m = {0};
	parse_z("X-Nothing: 1", &m);
	assert_int_equal(m.naddrs, 0);
	assert_int_equal(m.subject.n, 0);
	assert_int_equal(m.message_id.n, 0);
	assert_false(m.has_date);
	assert_int_equal(m.body.n, 0);
	/* A line that is no field is passed over; the first of a kind counts.
	 */
	parse_z("Subject: one\ngarbage\nSUBJECT : two\nsubject: three\n"
		"Message-Id: <1@x>\nMessage-ID: <2@x>\nfrom : a@b.c\n\nb",
	    &m);
	assert_string_equal(buf_z(&m.subject), "one");
	assert_string_equal(buf_z(&m.message_id), "1@x");
	expect_addrs(&m, "from  <a@b.c>;");
	assert_string_equal(buf_z(&m.body), "b");
	mail_clear(&m);
}

static void
reads_addresses(void **state)
{
	(void)state;
	expect_to("a@b.org", "to  <a@b.org>;");
	expect_to("<a@b.org>", "to  <a@b.org>;");
	expect_to("A.B@B.ORG", "to  <A.B@b.org>;");
	expect_to(
	    "Bo <a@b.org>, ,; c@d.org,", "to Bo <a@b.org>;to  <c@d.org>;");
	expect_to("\"Q \\\"q\\\", <x@y.z>\" <a@b.org>",
	    "to Q \"q\", <x@y.z> <a@b.org>;");
	expect_to("\"john doe\"@b.org, \"a,b@c\"@d.org",
	    "to  <\"john doe\"@b.org>;to  <\"a,b@c\"@d.org>;");
	expect_to(
	    "a@b.org (one (two) \\) three)", "to one (two) ) three <a@b.org>;");
	expect_to("J(x)ane (y) Doe<a@b.org>(z)", "to Jane Doe <a@b.org>;");
	expect_to("a @ b . org", "to  <a@b.org>;");
	expect_to("<@x.org,@y.org:a@b.org>", "to  <a@b.org>;");
	expect_to("me@[192.0.2.1], <u@[IPv6:2001:db8::1]>",
	    "to  <me@[192.0.2.1]>;to  <u@[ipv6:2001:db8::1]>;");
	expect_to("[Team] <a@b.org>", "to [Team] <a@b.org>;");
	expect_to("undisclosed-recipients:;", "");
	expect_to("A: a@b.org, B: b@b.org;, c@b.org;",
	    "to  <a@b.org>;to  <b@b.org>;to  <c@b.org>;");
	expect_to("J\xc3\xbcrg <j@m\xc3\xbcller.de>",
	    "to J\xc3\xbcrg <j@m\xc3\xbcller.de>;");
	expect_to("\"=?iso-8859-1?q?J=FCrg?=\" <a@b.org>",
	    "to J\xc3\xbcrg <a@b.org>;");
	expect_to("mailto:a@b.org", "to  <a@b.org>;");
	expect_to("a@b.org <c@d.org>", "to a@b.org <c@d.org>;");
}

static void
refuses_addresses(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "anna", "@b.org", "a@", "<>",
	    "<a@b.org, c@d.org", "a@b@c", "\"a@b.org", "(a@b.org", "<a b>",
	    "\"x\"y@z.org", "a\x01@b.org <\x02@>", "\"a\"", "a@b.org\\"};
	struct mail m = {0};
	struct buf text = {0};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		expect_to(bad[i], "");
	/* One that is too long to be one. */
	buf_addz(&text, "To: ");
	for (int i = 0; i < MAIL_ADDR_MAX; i++)
		buf_addc(&text, 'a');
	buf_addz(&text, "@b.org, ok@b.org\n\n");
	parse(str_of(&text), &m);
	expect_addrs(&m, "to  <ok@b.org>;");
	mail_clear(&m);
	buf_clear(&text);
}

/* An address hidden in an encoded word stays part of the name. */
static void
is_not_fooled_by_words(void **state)
{
	(void)state;
	expect_to("=?utf-8?q?boss=40x=2Eorg=3E=2C?= <a@b.org>",
	    "to boss@x.org>, <a@b.org>;");
	expect_to("=?utf-8?b?YQpUbzogYkBjLm9yZwA=?= <a@b.org>",
	    "to a To: b@c.org <a@b.org>;");
}

static void
expect_subject(const char *raw, const char *want)
{
	struct mail m = {0};
	struct buf text = {0};

	buf_addf(&text, "Subject: %s\n\n", raw);
	parse(str_of(&text), &m);
	assert_string_equal(buf_z(&m.subject), want);
	mail_clear(&m);
	buf_clear(&text);
}

static void
decodes_words(void **state)
{
	(void)state;
	expect_subject("=?UTF-8?B?WsO8cmljaA==?=", "Z\xc3\xbcrich");
	expect_subject("=?iso-8859-1?Q?Z=FCrich_x?= y", "Z\xc3\xbcrich x y");
	expect_subject("a =?utf-8?q?b?=\n =?utf-8?q?c?= d", "a bc d");
	expect_subject("=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b");
	/* A character split between two words. */
	expect_subject("=?utf-8?q?Z=C3?= =?utf-8?q?=BCrich?=", "Z\xc3\xbcrich");
	expect_subject("=?utf-8?b?Wg==?= =?utf-8?b?w7w=?=", "Z\xc3\xbc");
	expect_subject("=?ISO-8859-15?Q?=A4=BD?=", "\xe2\x82\xac\xc5\x93");
	expect_subject("=?windows-1252?Q?=80=93=81?=",
	    "\xe2\x82\xac\xe2\x80\x9c\xef\xbf\xbd");
	expect_subject("=?iso-8859-1?Q?=80?=", "\xe2\x82\xac");
	expect_subject("=?us-ascii*en?Q?hi?=", "hi");
	expect_subject("=?utf-8?q?bad=FFbyte=?=", "bad\xef\xbf\xbd"
						  "byte=");
	expect_subject("=?utf-8?q?a=00b=0Ac?=", "ab c");
	/* What is no encoded word stays. */
	expect_subject("=?klingon?q?x?=", "=?klingon?q?x?=");
	expect_subject("=?utf-8?x?x?=", "=?utf-8?x?x?=");
	expect_subject("=?utf-8?q?x y?=", "=?utf-8?q?x y?=");
	expect_subject("=?utf-8?q?x", "=?utf-8?q?x");
	expect_subject("=?utf-8", "=?utf-8");
	expect_subject("=?", "=?");
	expect_subject("1 = 1 == =?=", "1 = 1 == =?=");
}

/* Raw eight-bit headers are against the standard and common. */
static void
reads_raw_bytes(void **state)
{
	(void)state;
	expect_subject("Z\xc3\xbcrich", "Z\xc3\xbcrich");
	expect_subject("Z\xfcrich \x80", "Z\xc3\xbcrich \xe2\x82\xac");
	expect_subject("a\tb\x1b[2J\x7f"
		       "c",
	    "a b [2J c");
}

static void
expect_date(const char *text, const char *want)
{
	struct buf out = {0};
	int64_t utc = 0;

	if (mail_date(str_from(text), &utc))
		time_print(utc, &out);
	assert_string_equal(buf_z(&out), want);
	buf_clear(&out);
}

static void
reads_dates(void **state)
{
	(void)state;
	expect_date("Mon, 2 Mar 2026 14:30:05 +0100", "2026-03-02T13:30:05Z");
	expect_date("2 Mar 2026 14:30 GMT", "2026-03-02T14:30:00Z");
	expect_date(
	    "Mon, 02 March 2026 00:10:00 +0530", "2026-03-01T18:40:00Z");
	expect_date("Fri, 31 Dec 1999 23:59:60 -0000", "2000-01-01T00:00:00Z");
	expect_date("21 Nov 97 09:55:06 -0600", "1997-11-21T15:55:06Z");
	expect_date("1 Jan 26 0:00:00 EST", "2026-01-01T05:00:00Z");
	expect_date("1 Jan 126 00:00 PDT", "2026-01-01T07:00:00Z");
	expect_date("Thu,13\tFeb 1969(x) 23:32 -0330 (Newfoundland (N))",
	    "1969-02-14T03:02:00Z");
	expect_date("2 Mar 2026 14:30:00", "2026-03-02T14:30:00Z");
	expect_date("2 mAR 2026 14:30:00 A", "2026-03-02T14:30:00Z");
	expect_date("29 Feb 2024 00:00:00 Z", "2024-02-29T00:00:00Z");
}

static void
refuses_dates(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "now", "30 Feb 2026 10:00:00 Z",
	    "0 Jan 2026 10:00:00 Z", "32 Jan 2026 10:00 Z",
	    "2 Foo 2026 10:00:00 Z", "2 Mar 2026", "2 Mar 2026 24:00:00 Z",
	    "2 Mar 2026 10:60:00 Z", "2 Mar 2026 10:00:61 Z", "2 Mar 2026 10 Z",
	    "2 Mar 20266 10:00:00 Z", "2 Mar 6 10:00:00 Z",
	    "2 Mar 2026 10:00:00 +01:00", "2 Mar 2026 10:00:00 +9900",
	    "2 Mar 2026 10:00:00 +0175", "2 Mar 0000 10:00:00 Z",
	    "-2 Mar 2026 10:00:00 Z", "2 Mar 2026 1:2:3:4 Z",
	    "2026-03-02T10:00:00Z", "2 Mar 2026 ::: Z"};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		expect_date(bad[i], "");
}

static void
reads_ids(void **state)
{
	(void)state;
	struct mail m = {0};
	parse_z("Message-ID:\n <a\n b@x>\n"
		"In-Reply-To: Your message of \"Mon\" <1@x> <2@x>\n"
		"References: <1@x><2@x>, junk <> <3@x\n\n",
	    &m);
	assert_string_equal(buf_z(&m.message_id), "ab@x");
	assert_string_equal(buf_z(&m.in_reply_to), "1@x");
	assert_string_equal(buf_z(&m.references), "1@x 2@x 3@x");
	parse_z("Message-ID: 12 3@x\nIn-Reply-To: <>\n\n", &m);
	assert_string_equal(buf_z(&m.message_id), "123@x");
	assert_int_equal(m.in_reply_to.n, 0);
	mail_clear(&m);
}

static void
expect_body(const char *text, const char *want)
{
	struct mail m = {0};
	parse_z(text, &m);
	assert_int_equal(m.has_text, want != NULL);
	assert_string_equal(buf_z(&m.body), want ? want : "");
	mail_clear(&m);
}

static void
decodes_bodies(void **state)
{
	(void)state;
	expect_body("A: 1\nContent-Type: text/plain; charset=\"ISO-8859-1\"\n"
		    "Content-Transfer-Encoding: Quoted-Printable\n\n"
		    "Z=FCrich=\nx =3D  =  \ny=\r\nz=XX=4\r\n",
	    "Z\xc3\xbcrichx =  yz=XX=4");
	expect_body("Content-Transfer-Encoding: BASE64\n"
		    "Content-Type: text/plain; charset=utf-8\n\n"
		    "WsO8\ncmlj\r\n aA==\n",
	    "Z\xc3\xbcrich");
	/* Encoded chunks glued together, padding in the middle. */
	expect_body(
	    "Content-Transfer-Encoding: base64\n\nWg==\nWlo=\nWlpa", "ZZZZZZ");
	expect_body("Content-Type: text/plain; charset=windows-1252\n\n\x80 5",
	    "\xe2\x82\xac 5");
	expect_body("A: 1\n\nZ\xc3\xbcrich", "Z\xc3\xbcrich");
	expect_body("A: 1\n\nZ\xfcrich", "Z\xc3\xbcrich");
	expect_body("Content-Type: text/plain; charset=utf-8\n\nZ\xfcrich",
	    "Z\xef\xbf\xbdrich");
	expect_body("A: 1\n\na\r\nb\rc\x1b[2J\t\x7f\n\n \n", "a\nb\nc[2J\t");
	expect_body("Content-Type: nonsense\n\nx", "x");
	expect_body("Content-Type: text/html\n\n<p>x", NULL);
	expect_body("Content-Type: text/plain\n"
		    "Content-Disposition: attachment; filename=x\n\nx",
	    NULL);
}

static void
finds_the_plain_part(void **state)
{
	(void)state;
	expect_body("Content-Type: multipart/alternative; boundary=\"b 1\"\n\n"
		    "preamble\n--b 1\nContent-Type: text/html\n\n<p>\n"
		    "--b 1  \nContent-Type: TEXT/Plain; charset=utf-8\n\n"
		    "one\n\ntwo\n--b 1--\nepilogue\n",
	    "one\n\ntwo");
	/* Nested, CR LF, a boundary that begins like the outer one. */
	expect_body("Content-Type: multipart/mixed; boundary=b\r\n\r\n"
		    "--b\r\nContent-Type: multipart/alternative;\r\n"
		    "\tboundary=bb\r\n\r\n"
		    "--bb\r\n\r\ninner\r\n--bb--\r\n--b--\r\n",
	    "inner");
	/* An attachment in front; no closing delimiter. */
	expect_body("Content-Type: multipart/mixed; boundary=b\n\n"
		    "--b\nContent-Disposition: ATTACHMENT\n\nno\n"
		    "--b\n\nyes\n",
	    "yes");
	/* An empty part is a part. */
	expect_body(
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b--\n", "");
	expect_body("Content-Type: multipart/mixed; boundary=b\n\n"
		    "--b\nContent-Type: message/rfc822\n\n"
		    "From: x@y.z\n\nforwarded\n--b--\n",
	    NULL);
	expect_body(
	    "Content-Type: multipart/mixed; boundary=b\n\nnothing\n", NULL);
	expect_body("Content-Type: multipart/mixed\n\n--b\n\nx\n", NULL);
	expect_body("Content-Type: multipart/mixed; boundary===_x=\n\n"
		    "--==_x=\n\nx\n--==_x=--",
	    "x");
	/* "--b" inside a line, or longer, is no delimiter. */
	expect_body("Content-Type: multipart/mixed; boundary=b\n\n"
		    "--b\n\nx --b\n--bc\n--b--\n",
	    "x --b\n--bc");
}

static void
nest(struct buf *text, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_addf(text,
		    "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i,
		    i);
	buf_addz(text, "\ndeep\n");
}

static void
bounds_depth(void **state)
{
	(void)state;
	struct mail m = {0};
	struct buf text = {0};

	nest(&text, MAIL_DEPTH_MAX);
	parse(str_of(&text), &m);
	assert_string_equal(buf_z(&m.body), "deep");
	buf_reset(&text);
	nest(&text, MAIL_DEPTH_MAX + 1);
	parse(str_of(&text), &m);
	assert_false(m.has_text);
	buf_reset(&text);
	nest(&text, 20000);
	parse(str_of(&text), &m);
	assert_false(m.has_text);
	mail_clear(&m);
	buf_clear(&text);
}

static void
repeat(struct buf *b, const char *z, int n)
{
	while (n-- > 0)
		buf_addz(b, z);
}

/* Much of everything: an answer in bounded time and memory. */
static void
bounds_lengths(void **state)
{
	(void)state;
	struct mail m = {0};
	struct buf text = {0};

	buf_addz(&text, "To: ");
	repeat(&text, "a@b.org,", 200000);
	buf_addz(&text, "\nCc: ");
	repeat(&text, "(", 300000);
	buf_addz(&text, "\nReferences: ");
	repeat(&text, "<a@b>", 300000);
	buf_addz(&text, "\nIn-Reply-To: ");
	repeat(&text, "<>", 300000);
	buf_addz(&text, "\nSubject: ");
	repeat(&text, "=?x?q?", 100000);
	buf_addz(&text, "\nContent-Type: text/plain");
	repeat(&text, "; charset=x", 100000);
	buf_addz(&text, "\n\n");
	repeat(&text, "\xc3\xa4 ", 1000000);
	parse(str_of(&text), &m);
	assert_int_equal(m.naddrs, MAIL_ADDRS_MAX);
	assert_int_equal(m.references.n, MAIL_REFS_MAX * 4 - 1);
	assert_true(m.subject.n <= MAIL_HEADER_MAX);
	size_t bad = 0;
	assert_true(m.body.n <= MAIL_BODY_MAX && m.body.n > 1000000);
	assert_true(utf8_valid(str_of(&m.body), &bad));
	mail_clear(&m);
	buf_clear(&text);
}

static void
bounds_parts(void **state)
{
	(void)state;
	struct mail m = {0};
	struct buf text = {0};

	buf_addz(&text, "Content-Type: multipart/mixed; boundary=b\n\n");
	repeat(&text, "--b\nContent-Type: image/png\n\nx\n", 100000);
	buf_addz(&text, "--b\n\nlate\n");
	parse(str_of(&text), &m);
	assert_false(m.has_text);
	mail_clear(&m);
	buf_clear(&text);
}

static void
check_line(const struct buf *b)
{
	size_t bad = 0;
	assert_true(utf8_valid(str_of(b), &bad));
	for (size_t i = 0; i < b->n; i++)
		assert_true((unsigned char)b->p[i] >= 0x20);
}

/* Whatever the bytes: no crash, and texts as the header promises them. */
static void
survives_mutations(void **state)
{
	(void)state;
	static const char start[] =
	    "From a@b Mon\nFrom: =?utf-8?B?WsO8?= \"x\\\"y\" <a@b.org> (c(d))\n"
	    "To: g: \"q\"@[1.2.3.4], <@r:s@t.org>;\n"
	    "Date: Mon, 2 Mar 2026 14:30:00 +0100 (CET)\n"
	    "Subject: =?iso-8859-1?Q?Z=FC?=\n =?utf-8?q?=C3=BC?=\n"
	    "Message-ID: <1@x>\nReferences: <a@x> <b@x>\n"
	    "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\n"
	    "Content-Type: text/plain; charset=windows-1252\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n"
	    "x=80=\ny\n--b--\n";
	struct mail m = {0};
	struct buf text = {0};
	struct diag dg = {0};
	uint64_t seed = 8;
	size_t bad = 0;

	for (int i = 0; i < 40000; i++) {
		buf_reset(&text);
		buf_add(&text, STR(start));
		test_mutate(&seed, &text);
		enum crm_err err = mail_parse(str_of(&text), &m, &dg);
		assert_true(err == CRM_OK || err == CRM_DATA);
		check_line(&m.subject);
		check_line(&m.message_id);
		check_line(&m.in_reply_to);
		check_line(&m.references);
		for (size_t k = 0; k < m.naddrs; k++) {
			check_line(&m.addrs[k].name);
			check_line(&m.addrs[k].addr);
		}
		assert_true(utf8_valid(str_of(&m.body), &bad));
	}
	diag_clear(&dg);
	mail_clear(&m);
	buf_clear(&text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_a_message),
	    cmocka_unit_test(refuses_what_is_no_message),
	    cmocka_unit_test(does_without_headers),
	    cmocka_unit_test(reads_addresses),
	    cmocka_unit_test(refuses_addresses),
	    cmocka_unit_test(is_not_fooled_by_words),
	    cmocka_unit_test(decodes_words),
	    cmocka_unit_test(reads_raw_bytes),
	    cmocka_unit_test(reads_dates),
	    cmocka_unit_test(refuses_dates),
	    cmocka_unit_test(reads_ids),
	    cmocka_unit_test(decodes_bodies),
	    cmocka_unit_test(finds_the_plain_part),
	    cmocka_unit_test(bounds_depth),
	    cmocka_unit_test(bounds_lengths),
	    cmocka_unit_test(bounds_parts),
	    cmocka_unit_test(survives_mutations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
