/* SPDX-License-Identifier: ISC */
/* Tests of text/sniff: what a file is told to be, and what is not guessed. */
#include "text_test.h"

#include "text/sniff.h"

/* The answer as one line: format, encoding, delimiter, skip, why. */
static void
answer(const struct sniff_input *in, struct buf *out)
{
	struct sniff s;
	struct diag dg = {0};

	assert_int_equal(sniff_head(&s, in, &dg), CRM_OK);
	buf_reset(out);
	buf_addf(out, "%s %s", sniff_name(s.format), encoding_name(s.encoding));
	if (s.delimiter)
		buf_addf(out, " '%c'", s.delimiter);
	if (s.skip)
		buf_addf(out, " skip %d", (int)s.skip);
	buf_addf(out, ": %s", buf_z(&s.why));
	sniff_clear(&s);
	diag_clear(&dg);
}

static void
expect_of(const struct sniff_input *in, const char *want)
{
	struct buf out = {0};

	answer(in, &out);
	assert_string_equal(buf_z(&out), want);
	buf_clear(&out);
}

static void
expect(const char *name, struct str head, const char *want)
{
	expect_of(
	    &(struct sniff_input){.head = head, .whole = true, .name = name},
	    want);
}

static void
tells_delimiters(void **state)
{
	(void)state;
	expect("x", STR("a,b,c\n1,2,3\n"),
	    "csv utf-8 ',': csv: 3 columns separated by ',' in 2 records; "
	    "utf-8");
	expect("x", STR("Name;Betrag;Ort\r\nA;1,50;Bern\r\nB;2,25;Basel\r\n"),
	    "csv utf-8 ';': csv: 3 columns separated by ';' in 3 records; "
	    "utf-8");
	expect("x", STR("a|b\r1|2\r"),
	    "csv utf-8 '|': csv: 2 columns separated by '|' in 2 records; "
	    "utf-8");
	expect("x", STR("First Name\tB\n1\t2\n"),
	    "tsv utf-8 '\t': tsv: 2 columns separated by tabs in 2 records; "
	    "utf-8");
	/* Quotes hide delimiters and line ends. */
	expect("x", STR("a;b\n\"1,2\n3,4\";x\n\"5\"\"\n,\";y"),
	    "csv utf-8 ';': csv: 2 columns separated by ';' in 3 records; "
	    "utf-8");
	expect("x", STR("\"a,x\",\"b;y\"\n\"1,1\",\"2;2\"\n"),
	    "csv utf-8 ',': csv: 2 columns separated by ',' in 2 records; "
	    "utf-8");
	/* One wrong row is for the reader to tell. */
	expect("x", STR("a,b,c\n1,2,3\n1,2\n1,2,3\n"),
	    "csv utf-8 ',': csv: 3 columns separated by ',' in 3 of 4 "
	    "records; utf-8");
	expect("x", STR("a,b,c,d,e\n"),
	    "csv utf-8 ',': csv: 5 columns separated by ',' in 1 record; "
	    "utf-8");
	/* Many columns against a chance few. */
	expect("x", STR("Name, Vorname;b;c;d;e\nM, A;2;3;4;5\nN, B;2;3;4;5\n"),
	    "csv utf-8 ';': csv: 5 columns separated by ';' in 3 records; "
	    "utf-8");
}

static void
does_not_guess_delimiters(void **state)
{
	(void)state;
	expect("x.csv", STR("a,b;c\n1,2;3\n"),
	    "unknown utf-8: a table of 2 columns separated by ',', or of 2 "
	    "columns separated by ';'; say which with --delimiter");
	expect("x.csv", STR("a,b;c,d\n1,2;3,4\n"),
	    "unknown utf-8: a table of 3 columns separated by ',', or of 2 "
	    "columns separated by ';'; say which with --delimiter");
	expect_of(&(struct sniff_input){.head = STR("a,b;c\n1,2;3\n"),
		      .whole = true,
		      .name = "x",
		      .delimiter = ';'},
	    "csv utf-8 ';': csv: 2 columns separated by ';' in 2 records; "
	    "utf-8");
	expect_of(&(struct sniff_input){.head = STR("a,b\n"),
		      .whole = true,
		      .name = "x",
		      .delimiter = ';'},
	    "csv utf-8 ';': csv: with a delimiter as told; utf-8");
	expect("x.txt", STR("Dear Sir,\n\nhow are you?\n"),
	    "unknown utf-8: neither a table nor another format that can be "
	    "told");
	expect("x.csv", STR("mail\na@example.org\n"),
	    "csv utf-8 ',': csv: 1 column; its name ends in .csv; utf-8");
	expect("x.TSV", STR("Mail\na@example.org\n"),
	    "tsv utf-8: tsv: 1 column; its name ends in .tsv; utf-8");
	expect("-", STR("email\na@example.org\n"),
	    "tsv utf-8: tsv: 1 column with the name of a field; utf-8");
	expect("-", STR("Email\na@example.org\n"),
	    "unknown utf-8: neither a table nor another format that can be "
	    "told");
	expect("-", STR(""), "csv utf-8 ',': csv: there is nothing in it");
	expect("-", STR("\xef\xbb\xbf\r\n"),
	    "csv utf-8 ',': csv: there is nothing in it");
}

static void
tells_tsv_from_csv(void **state)
{
	(void)state;
	expect("x", STR("A\tB\n\"1\"\t2\n"),
	    "csv utf-8 '\t': csv: 2 columns separated by tabs in 2 records; "
	    "utf-8");
	expect("x", STR("id\tname\nc1\t\"Anna\"\n"),
	    "tsv utf-8 '\t': tsv: 2 columns separated by tabs in 2 records; "
	    "utf-8");
	expect("x", STR("A\tB\n1\"\t\"2\n"),
	    "tsv utf-8 '\t': tsv: 2 columns separated by tabs in 2 records; "
	    "utf-8");
	expect("x.csv", STR("A\tB\n1\t\"2\n"),
	    "tsv utf-8 '\t': tsv: 2 columns separated by tabs in 2 records; "
	    "utf-8");
	expect("x.csv", STR("A\tB\nC:\\temp\t2\n"),
	    "csv utf-8 '\t': csv: 2 columns separated by tabs in 2 records; "
	    "utf-8");
}

static void
finds_the_header(void **state)
{
	(void)state;
	expect("Connections.csv",
	    STR("Notes:\n\"When exporting, some \"\"mails\"\" are missing, "
		"see\n\nhelp.\"\n\nFirst Name,Last Name,URL\nA,B,c\n"),
	    "csv utf-8 ',' skip 5: csv: 3 columns separated by ',' in 2 "
	    "records after 5 lines; utf-8");
	expect("x", STR("Report\r\n\r\n\r\na;b\r\n1;2\r\n"),
	    "csv utf-8 ';' skip 3: csv: 2 columns separated by ';' in 2 "
	    "records after 3 lines; utf-8");
	expect("x", STR("sep=;\r\na,b;c\r\n1,2;3\r\n"),
	    "csv utf-8 ';' skip 1: csv: 2 columns separated by ';' in 2 "
	    "records after 1 line; utf-8");
	/* A header that is too short is no preamble. */
	expect("x.csv", STR("a\n1,2\n3,4\n"),
	    "csv utf-8 ',': csv: 1 column; its name ends in .csv; utf-8");
}

static void
tells_encodings(void **state)
{
	(void)state;
	expect("x", STR("a;b\nx;y\nM\xfcller;Z\xfcrich\n"),
	    "csv windows-1252 ';': csv: 2 columns separated by ';' in 3 "
	    "records; windows-1252: byte 0xfc in line 3");
	expect("x", STR("\xef\xbb\xbf\x61,b\n1,2\n"),
	    "csv utf-8 ',': csv: 2 columns separated by ',' in 2 records; "
	    "utf-8");
	expect("x", STR("\xff\xfe\x61\0,\0b\0\n\0\xfc\0,\0\xac\x20\n\0"),
	    "csv utf-16 ',': csv: 2 columns separated by ',' in 2 records; "
	    "utf-16 by its BOM");
	expect("x", STR("\xfe\xff\0a\0\t\0b\0\n\0\"\0x\0\"\0\t\0y\0\n"),
	    "csv utf-16 '\t': csv: 2 columns separated by tabs in 2 records; "
	    "utf-16 by its BOM");
	expect("x", STR("a\0;\0b\0\n\0x\0;\0y\0\n\0"),
	    "csv utf-16le ';': csv: 2 columns separated by ';' in 2 records; "
	    "utf-16le: 8 of 16 bytes are NUL, every second");
	expect("x", STR("\0a\0;\0b\0\n\0x\0;\0y\0\n"),
	    "csv utf-16be ';': csv: 2 columns separated by ';' in 2 records; "
	    "utf-16be: 8 of 16 bytes are NUL, every second");
	/* Mostly UTF-8 is UTF-8 with a fault. */
	expect("x", STR("a,b\nZ\xc3\xbc,K\xc3\xb6\nM\xfc,x\n"),
	    "csv utf-8 ',': csv: 2 columns separated by ',' in 3 records; "
	    "utf-8, but not byte 0xfc in line 3");
	expect("x", STR("a,b\nM\x81ller,x\n"),
	    "unknown utf-8: byte 0x81 in line 2 is neither UTF-8 nor "
	    "windows-1252; convert the file to utf-8 with iconv");
	expect("x", STR("a,b\nM\0ller,x\n"),
	    "unknown utf-8: byte 6 is NUL: this is no text");
	const enum encoding e = ENCODING_LATIN1;
	expect_of(&(struct sniff_input){.head = STR("a,\xfc\n"),
		      .whole = true,
		      .name = "x",
		      .encoding = &e},
	    "csv latin-1 ',': csv: 2 columns separated by ',' in 1 record; "
	    "latin-1 as told");
}

static bool
is_ours(struct str line)
{
	return str_is(line, "{\"dump\":1}");
}

static void
tells_formats(void **state)
{
	(void)state;
	expect("x", STR("{\"a\":1}\n{\"a\":2}\n"),
	    "jsonl utf-8: jsonl: its first line is an object; utf-8");
	expect("x", STR("{\"a\":\"}{\\\"\"}"),
	    "jsonl utf-8: jsonl: its first line is an object; utf-8");
	expect("x", STR("\n[ {\"a\":1}\n,{\"a\":2}]\n"),
	    "json utf-8: json: it begins with '['; utf-8");
	expect("x", STR("[]\n"), "json utf-8: json: it begins with '['; utf-8");
	expect("x", STR("{\n  \"a\": [1,\n 2]\n}\n"),
	    "json utf-8: json: an object over several lines; utf-8");
	expect("x", STR("[a],[b]\n1,2\n"),
	    "csv utf-8 ',': csv: 2 columns separated by ',' in 2 records; "
	    "utf-8");
	expect("x", STR("BEGIN:VCARD\r\nVERSION:3.0\r\n"),
	    "vcard utf-8: vcard: it begins with BEGIN:VCARD; utf-8");
	expect("x", STR("\xef\xbb\xbf\nbegin:vcard \nFN:M\xfc\n"),
	    "vcard utf-8: vcard: it begins with BEGIN:VCARD; utf-8, but not "
	    "byte 0xfc in line 3");
	expect("x", STR("BEGIN:VCALENDAR\r\n"),
	    "ical utf-8: ical: it begins with BEGIN:VCALENDAR; utf-8");
	expect("x",
	    STR("From a@b Thu Jan  1 00:00:00 1970\nReturn-Path: <a>\n\n\xfc"),
	    "mbox utf-8: mbox: it begins with a From line");
	expect("x", STR("From,To\n1:00,2:00\n"),
	    "csv utf-8 ',': csv: 2 columns separated by ',' in 2 records; "
	    "utf-8");
	expect_of(&(struct sniff_input){.head = STR("{\"dump\":1}\n{}\n"),
		      .whole = true,
		      .name = "x",
		      .is_dump = is_ours},
	    "dump utf-8: dump: its first line says so; utf-8");
	expect_of(&(struct sniff_input){.head = STR("{\"dump\":2}\n{}\n"),
		      .whole = true,
		      .name = "x",
		      .is_dump = is_ours},
	    "jsonl utf-8: jsonl: its first line is an object; utf-8");
	/* Broken: their readers say how. */
	expect("x.ics", STR("BEGIN:VEVENT\na,b\n"),
	    "ical utf-8: ical: by its name only; utf-8");
	expect("x.VCF", STR("FN:a,b\n"),
	    "vcard utf-8: vcard: by its name only; utf-8");
	expect("x.xlsx", STR("PK\x03\x04whatever"),
	    "unknown utf-8: a zip archive or a spreadsheet (.xlsx, .ods); "
	    "unpack it, or save it as csv");
	expect("x.gz", STR("\x1f\x8b\x08"),
	    "unknown utf-8: compressed; unpack it with gunzip");
	expect("x", STR("\xff\xfe\0\0a\0\0\0"),
	    "unknown utf-8: UTF-32; convert it to utf-8 with iconv");
}

/* The head ends anywhere: in a character, a line, a quoted cell. */
static void
takes_any_head(void **state)
{
	const struct str whole = STR("Name;Stra\xc3\x9f\x65;Ort\n"
				     "M\xc3\xbcller;\"Weg 1;\n2\";"
				     "Z\xc3\xbcrich\nB;\xe2\x82\xac;C\n");
	struct buf out = {0};

	(void)state;
	for (size_t n = 18; n <= whole.n; n++) {
		answer(&(struct sniff_input){.head = str_head(whole, n),
			   .name = "x"},
		    &out);
		struct str want = STR("csv utf-8 ';': csv: 3 columns");
		assert_true(str_starts(str_of(&out), want));
		assert_true(str_ends(str_of(&out), STR("utf-8")));
	}
	expect_of(&(struct sniff_input){.head = STR("{\"a\":\"a long lin"),
		      .name = "x"},
	    "jsonl utf-8: jsonl: a long line begins with '{'; utf-8");
	buf_clear(&out);
}

/* Every answer has a reason, whatever the bytes. */
static void
survives_anything(void **state)
{
	static const char *const seeds[] = {"a,b\n1,\"2\n3\"\n",
	    "BEGIN:VCARD\nFN:x\n", "{\"a\":[1,{}]}\n{}\n",
	    "\xff\xfe\x61\0;\0b\0\n\0", "sep=;\na;b\n", "\n\nx\n\n\ny;z\n",
	    "From a 1:2\nb: c\n", "[{\"a\":\"\\\"\"}]"};
	struct buf in = {0};
	struct diag dg = {0};
	uint64_t seed = 4;

	(void)state;
	for (size_t i = 0; i < 40000; i++) {
		struct sniff s;
		buf_reset(&in);
		buf_addz(&in, seeds[i % ARRAY_LEN(seeds)]);
		test_mutate(&seed, &in);
		test_mutate(&seed, &in);
		struct sniff_input input = {.head = str_of(&in),
		    .whole = i % 3 == 0,
		    .name = i % 2 ? "x.csv" : "-"};
		assert_int_equal(sniff_head(&s, &input, &dg), CRM_OK);
		assert_true(s.why.n > 0);
		if (s.format == SNIFF_CSV)
			assert_true(s.delimiter != '\0');
		sniff_clear(&s);
	}
	buf_clear(&in);
	diag_clear(&dg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_delimiters),
	    cmocka_unit_test(does_not_guess_delimiters),
	    cmocka_unit_test(tells_tsv_from_csv),
	    cmocka_unit_test(finds_the_header),
	    cmocka_unit_test(tells_encodings),
	    cmocka_unit_test(tells_formats),
	    cmocka_unit_test(takes_any_head),
	    cmocka_unit_test(survives_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
