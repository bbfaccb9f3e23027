/* SPDX-License-Identifier: ISC */
/* Tests of crm/import_vcard: what the fields of real and of odd cards are,
 * and what is refused. */
#include "rounds.h"
#include "text_test.h"

#include "vcard_test.h"

static void
expect_with(const struct vcard_options *o, struct str in, const char *want)
{
	static const size_t steps[] = {0, 1, 5};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct vcard_bytes bytes = {.s = in, .step = steps[i]};
		struct buf out = {0};
		vcard_rows_text(&bytes, o, &out);
		assert_string_equal(buf_z(&out), want);
		buf_clear(&out);
	}
}

static void
expect(const char *in, const char *want)
{
	expect_with(NULL, str_from(in), want);
}

/* One card of version VERSION with the lines BODY. */
static void
card_is(const char *version, const char *body, const char *want)
{
	struct buf in = {0}, all = {0};

	buf_addf(
	    &in, "BEGIN:VCARD\r\nVERSION:%s\r\n%sEND:VCARD\r\n", version, body);
	buf_addf(&all, "1 contact\n%s", want);
	expect_with(NULL, str_of(&in), buf_z(&all));
	buf_clear(&in);
	buf_clear(&all);
}

/* ---- real files ------------------------------------------------------- */

static void
real_files(void **state)
{
	(void)state;
	static const char *const names[] = {"fullcontact", "gmail-list",
	    "gmail-single", "gmail-single2", "issue114", "outlook-2003",
	    "rfc2426-example", "rfc6350-example"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct buf path = {0}, in = {0}, want = {0};
		buf_addf(&path, "tests/data/vcard/%s.vcf", names[i]);
		vcard_file(buf_z(&path), &in);
		buf_reset(&path);
		buf_addf(&path, "tests/data/vcard/%s.want", names[i]);
		vcard_file(buf_z(&path), &want);
		expect_with(NULL, str_of(&in), buf_z(&want));
		buf_clear(&path);
		buf_clear(&in);
		buf_clear(&want);
	}
}

/* ---- properties ------------------------------------------------------- */

static void
names_and_their_parts(void **state)
{
	(void)state;
	card_is("3.0",
	    "FN:Dr. Ann B. C. M\xc3\xbcller, PhD\r\n"
	    "N:M\xc3\xbcller;Ann;B.,C.;Dr.,Prof.;PhD,MA;more\r\n"
	    "NICKNAME:Annie,Nan\\, the\r\nFN:Other\r\n",
	    "name=Dr. Ann B. C. M\xc3\xbcller, PhD\n"
	    "note=FN: Other\nN: more\n"
	    "prefix=Dr., Prof.\ngiven=Ann\nmiddle=B. C.\n"
	    "family=M\xc3\xbcller\nsuffix=PhD, MA\n"
	    "nick=Annie, Nan, the\n");
	/* A semicolon that is none of N's. */
	card_is("3.0", "N:a\\;b;c\\\\;\r\n", "given=c\\\nfamily=a;b\n");
	card_is("2.1", "N:a\\;b;C:\\new\r\nNOTE:C:\\new\\; x\r\n",
	    "note=C:\\new; x\ngiven=C:\\new\nfamily=a;b\n");
}

static void
preferred_comes_first(void **state)
{
	(void)state;
	card_is("4.0",
	    "EMAIL:c@x.org\r\nEMAIL;PREF=2:b@x.org\r\nEMAIL;PREF=1:a@x.org\r\n"
	    "TEL;TYPE=home:044 1\r\nTEL;TYPE=\"cell,pref\":079 1\r\n"
	    "URL:http://b\r\nURL;PREF=1:http://a\r\n"
	    "LANG;PREF=2:en\r\nLANG;PREF=1:de\r\n"
	    "ADR:;;Home;Bern;;;\r\nADR;TYPE=work;PREF=1:Box 1;2nd floor;Work "
	    "1;Z\\, \\;;ZH;8000;CH\r\n",
	    "email=a@x.org,b@x.org,c@x.org\nphone=079 1,044 1\n"
	    "street=Work 1, 2nd floor, Box 1\npostcode=8000\ncity=Z, ;\n"
	    "region=ZH\ncountry=CH\n"
	    "note=LANG: en\nURL: http://b\nAddress: Home, Bern\n"
	    "url=http://a\nlang=de\n"
	    "~in: left out: labels as home and work 3\n");
	card_is("2.1", "EMAIL;INTERNET:b@x.org\r\nEMAIL;PREF:a@x.org\r\n",
	    "email=a@x.org,b@x.org\n");
	card_is("3.0", "EMAIL:b@x.org\r\nEMAIL;TYPE=INTERNET,PREF:a@x.org\r\n",
	    "email=a@x.org,b@x.org\n");
}

static void
phones_that_are_none_are_noted(void **state)
{
	(void)state;
	card_is("4.0",
	    "TEL;VALUE=uri:tel:+41-44-1;ext=7\r\n"
	    "TEL;VALUE=uri:tel:+41-44-2;phone-context=x\r\n"
	    "TEL;TYPE=fax:044 3\r\nTEL:044 4,,5\r\nTEL:ask Ann\r\n"
	    "EMAIL:nobody\r\nEMAIL:a b@x.org\r\nURL:a b\r\nTEL:\r\n",
	    "phone=+41-44-1 x7\n"
	    "note=TEL: tel:+41-44-2;phone-context=x\nTEL (fax): 044 3\n"
	    "TEL: 044 4,,5\nTEL: ask Ann\nEMAIL: nobody\n"
	    "EMAIL: a b@x.org\nURL: a b\n");
}

static void
days_without_a_year_are_noted(void **state)
{
	(void)state;
	card_is("4.0", "BDAY:19850412\r\nANNIVERSARY:20090808T143000-0500\r\n",
	    "note=ANNIVERSARY: 20090808T143000-0500\n"
	    "bday=1985-04-12\nanniv=2009-08-08\n");
	card_is("3.0",
	    "BDAY:1985-04-12T00:00:00Z\r\nX-ANNIVERSARY:2009-08-08\r\n",
	    "bday=1985-04-12\nanniv=2009-08-08\n");
	card_is("4.0",
	    "BDAY:--0412\r\nBDAY:1985-04\r\nBDAY:19850230\r\n"
	    "BDAY;VALUE=text:circa 1800\r\n"
	    "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12\r\n",
	    "note=BDAY: --0412\nBDAY: 1985-04\nBDAY: 19850230\n"
	    "BDAY: circa 1800\nBDAY: 1604-04-12\n");
	card_is("4.0",
	    "FN:x\r\nREV:20260302T143000Z\r\nCREATED:2026-01-02T01:00:00"
	    "+01:00\r\n",
	    "name=x\ncreated=2026-01-02T01:00:00+01:00\n"
	    "updated=2026-03-02T14:30:00Z\n");
	card_is("4.0", "REV:yesterday\r\n", "note=REV: yesterday\n");
}

static void
gender_and_organisation(void **state)
{
	(void)state;
	card_is("4.0", "GENDER:F\r\n", "gender=female\n");
	card_is("4.0", "GENDER:O;it's complicated\r\n",
	    "note=GENDER: it's complicated\ngender=other\n");
	card_is("4.0", "GENDER:;fae\r\n", "gender=fae\n");
	card_is("4.0", "ORG:A\\;B;R&D;Lab\r\nORG:Two;Dept\r\nTITLE:T\r\n",
	    "note=ORG: Two, Dept\norg.name=A;B\ndept=R&D, Lab\ntitle=T\n");
	expect("BEGIN:VCARD\nVERSION:4.0\nKIND:org\nFN:Wind AG\nORG:Wind "
	       "AG;Sales\nTITLE:x\nEMAIL:a@b.org\nEND:VCARD\n"
	       "BEGIN:VCARD\nVERSION:3.0\nN:Wind AG;;;;\nFN:Wind "
	       "AG\nX-ABShowAs:COMPANY\nEND:VCARD\n"
	       "BEGIN:VCARD\nVERSION:3.0\nORG:Sun\nX-ABShowAs:COMPANY\n"
	       "END:VCARD\n",
	    "1 org\nname=Wind AG\nemail=a@b.org\nnote=ORG: Sales\nTITLE: x\n"
	    "9 org\nname=Wind AG\n15 org\nname=Sun\n");
}

static void
words_and_networks(void **state)
{
	(void)state;
	card_is("3.0", "CATEGORIES:vip,a\\;b,Smith\\, Co,,vip\r\n",
	    "tag=vip,a;b,vip\nnote=CATEGORIES: Smith, Co\n");
	card_is("2.1", "CATEGORIES:vip;friend\r\n", "tag=vip,friend\n");
	card_is("3.0",
	    "X-ICQ:123\r\nIMPP;X-SERVICE-TYPE=Jabber:xmpp:a@b\r\n"
	    "X-SOCIALPROFILE;TYPE=twitter:https\\://x.com/a\r\n"
	    "X-SKYPE-USERNAME:live:a\r\n",
	    "social=icq:123,xmpp:a@b,https://x.com/a,live:a\n"
	    "~in: left out: labels as home and work 1\n");
	card_is(
	    "4.0", "SOCIALPROFILE;VALUE=text:a\\;b\\\\\r\n", "social=a;b\\\n");
}

static void
labels_of_groups(void **state)
{
	(void)state;
	card_is("3.0",
	    "item1.TEL:044 1\r\nitem1.X-ABLabel:_$!<Home>!$_\r\n"
	    "item2.X-FOO:bar\r\nITEM2.X-ABLabel:My\\, label\r\n"
	    "item3.X-ABDATE:2009-08-08\r\n"
	    "item3.X-ABLabel:_$!<Anniversary>!$_\r\n"
	    "item4.ADR:;;A;;;;\r\nitem5.ADR:;;B;;;;\r\n"
	    "item5.X-ABLabel:Hut\r\n",
	    "phone=044 1\nstreet=A\n"
	    "note=X-FOO (My, label): bar\nAddress (Hut): B\n"
	    "anniv=2009-08-08\n"
	    "~in: left out: labels as home and work 1\n");
}

static void
pictures_are_left_out(void **state)
{
	(void)state;
	card_is("3.0",
	    "FN:x\r\nPHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\n BBBB\r\n"
	    "KEY:http://x\r\nLOGO;VALUE=uri:http://y\r\n"
	    "X-MS-CARDPICTURE;ENCODING=b:/9j/\r\nLABEL:street\r\n",
	    "name=x\nnote=Address: street\n"
	    "~in: left out: PHOTO 1, LOGO 1, KEY 1, other base64 1\n");
	/* Text in base64 is text. */
	card_is("2.1", "NOTE;ENCODING=BASE64:\r\n TcO8bGw=\r\n\r\nFN:x\r\n",
	    "name=x\nnote=M\xc3\xbcll\n");
	card_is("2.1", "NOTE;CHARSET=ISO-8859-1;BASE64:TfxsbA==\r\n\r\n",
	    "note=M\xc3\xbcll\n");
}

static void
old_character_sets(void **state)
{
	(void)state;
	card_is("2.1",
	    "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg"
	    "\r\nADR;WORK;CHARSET=windows-1252;QUOTED-PRINTABLE:;;Caf=E9 =80 "
	    "=96=\r\n x=0D=0Ay;Z=FCrich;;;\r\n"
	    "NOTE;CHARSET=ISO-8859-1:na\xefve\r\n",
	    "street=Caf\xc3\xa9 \xe2\x82\xac \xe2\x80\x93 x\r\ny\n"
	    "city=Z\xc3\xbcrich\nnote=na\xc3\xafve\n"
	    "given=J\xc3\xb6rg\nfamily=M\xc3\xbcller\n"
	    "~in: left out: labels as home and work 1\n");
}

static void
a_card_within_a_card(void **state)
{
	(void)state;
	expect("BEGIN:VCARD\nVERSION:2.1\nFN:Boss\nAGENT:\nBEGIN:VCARD\n"
	       "VERSION:2.1\nFN:Sue\nTEL;WORK:1234\nAGENT:\nBEGIN:VCARD\nFN:"
	       "Low\nEND:VCARD\nEND:VCARD\nTITLE:Chief\nEND:VCARD\n"
	       "BEGIN:VCARD\nVERSION:3.0\nFN:Two\nAGENT:BEGIN:VCARD\\nFN:Joe"
	       "\\nEND:VCARD\\n\nEND:VCARD\n",
	    "1 contact\nname=Boss\nnote=Agent FN: Sue\nAgent TEL (work): "
	    "1234\nAgent FN: Low\ntitle=Chief\n"
	    "16 contact\nname=Two\nnote=AGENT: BEGIN:VCARD\nFN:Joe\n"
	    "END:VCARD\n\n");
}

static void
our_own_cards(void **state)
{
	(void)state;
	static const char card[] =
	    "BEGIN:VCARD\nVERSION:4.0\nFN:c7\nX-CRM-UNNAMED:yes\nX-CRM-TIER:a"
	    "\nX-CRM-SHOE-SIZE:42\nX-CRM-EXT:shop:1,vcard:u\\;1\n"
	    "UID:urn:crm:c7\nEND:VCARD\n"
	    "BEGIN:VCARD\nVERSION:4.0\nFN:b\nX-CRM-ID:c8\nUID:a,b\n"
	    "END:VCARD\n";
	const struct vcard_options own = {.own = true};

	expect(card, "1 contact\next=shop:1,vcard:u;1,crm:c7\ntier=a\n"
		     "shoe_size=42\n10 contact\nname=b\n"
		     "ext=crm:c8,vcard:a%2Cb\n");
	expect_with(&own, str_from(card),
	    "1 contact\nid=c7\next=shop:1,vcard:u;1\ntier=a\nshoe_size=42\n"
	    "10 contact\nid=c8\nname=b\next=vcard:a%2Cb\n");
}

/* ---- refusals --------------------------------------------------------- */

static void
bad_cards_are_refused(void **state)
{
	(void)state;
	expect("BEGIN:VCARD\nFN:a\nBEGIN:VCARD\nFN:b\nEND:VCARD\n",
	    "!in:1: the card has no END:VCARD before the next one begins in "
	    "line 3\n3 contact\nname=b\n");
	expect("BEGIN:VCARD\nFN:a\nEND:VCARD\nBEGIN:VCARD\nFN:b\n",
	    "1 contact\nname=a\n!in:4: the card has no END:VCARD; was the "
	    "file cut off?\n");
	expect("BEGIN:VCARD\nFN:a\n\xff:1\nNOTE:\xff\nEND:VCARD\n"
	       "BEGIN:VCARD\nFN:b\nEND:VCARD\n",
	    "!in:3: the name of the property is no UTF-8; is this a text "
	    "file?\n6 contact\nname=b\n");
	expect("hello\nFN:x\nEND:VCARD\nBEGIN:VCARD\nFN:b\nEND:VCARD\nbye\n",
	    "!in:1: no colon; write NAME:VALUE, or a blank in front of a line "
	    "that goes on\n4 contact\nname=b\n!in:7: no colon; write "
	    "NAME:VALUE, or a blank in front of a line that goes on\n");
	expect("BEGIN:VCALENDAR\nEND:VCALENDAR\n",
	    "!in:1: not in a card; a card is from BEGIN:VCARD to "
	    "END:VCARD\n");
	expect("BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:x\nEND:VCARD\n",
	    "!in:1: KIND:group is neither person nor organisation; take the "
	    "card out\n");
	expect("BEGIN:VCARD\nVERSION:4.0\nEND:VCARD\n",
	    "!in:1: the card says nothing\n");
	expect("", "");
}

static void
reading_may_fail(void **state)
{
	(void)state;
	struct vcard_bytes bytes = {
	    .s = STR("BEGIN:VCARD\nFN:a\nEND:VCARD\nBEGIN:VCARD\nFN:b\n"),
	    .step = 4,
	    .error = EIO};
	struct buf out = {0};

	vcard_rows_text(&bytes, NULL, &out);
	assert_string_equal(buf_z(&out),
	    "1 contact\nname=a\n!in: cannot read: Input/output error\n");
	buf_clear(&out);
}

/* A picture of 40 MB is nothing to a card; a note of it is too much. */
static void
memory_is_bounded(void **state)
{
	(void)state;
	/* Far more than fits, with sanitizers twice as much. */
	const unsigned many = rounds(1000000, 1000000, 200000);
	static const char x[] =
	    " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
	struct vcard_bytes photo = {.s = STR("BEGIN:VCARD\nFN:a\nPHOTO;B:\n"),
	    .repeat = STR(x),
	    .again = many,
	    .tail = STR("\nEND:VCARD\n")};
	struct vcard_bytes note = {.s = STR("BEGIN:VCARD\nFN:a\nNOTE:\n"),
	    .repeat = STR(x),
	    .again = many,
	    .tail = STR("\nEND:VCARD\nBEGIN:VCARD\nFN:b\nEND:VCARD\n")};
	struct vcard_bytes lines = {.s = STR("BEGIN:VCARD\n"),
	    .repeat = STR("a.TEL;TYPE=x:12345\na.X-ABLabel:y\n"),
	    .again = 400000,
	    .tail = STR("END:VCARD\nBEGIN:VCARD\nFN:b\nEND:VCARD\n")};
	struct buf out = {0}, want = {0};

	vcard_rows_text(&photo, NULL, &out);
	assert_string_equal(
	    buf_z(&out), "1 contact\nname=a\n~in: left out: PHOTO 1\n");
	buf_reset(&out);
	vcard_rows_text(&note, NULL, &out);
	buf_addf(&want,
	    "!in:3: NOTE: more than 4194304 bytes; at most 1048576 fit\n"
	    "%u contact\nname=b\n",
	    many + 6);
	assert_string_equal(buf_z(&out), buf_z(&want));
	buf_reset(&out);
	vcard_rows_text(&lines, NULL, &out);
	assert_non_null(strstr(buf_z(&out),
	    "the card is larger than 16777216 bytes; is END:VCARD missing?\n"
	    "800003 contact\nname=b\n"));
	buf_clear(&out);
	buf_clear(&want);
}

static void
noise_is_survived(void **state)
{
	(void)state;
	static const char *const files[] = {"outlook-2003.vcf",
	    "gmail-single.vcf", "rfc6350-example.vcf", "issue114.vcf"};
	struct buf in = {0}, out = {0}, again = {0}, path = {0};
	uint64_t seed = 5;

	for (unsigned i = 0; i < rounds(4000, 2000, 1000); i++) {
		buf_reset(&in);
		buf_reset(&out);
		buf_reset(&again);
		buf_reset(&path);
		buf_addf(&path, "tests/data/vcard/%s", files[i % 4]);
		vcard_file(buf_z(&path), &in);
		test_mutate(&seed, &in);
		struct vcard_bytes one = {.s = str_of(&in), .step = 1};
		struct vcard_bytes all = {.s = str_of(&in)};
		vcard_rows_text(&one, NULL, &out);
		vcard_rows_text(&all, NULL, &again);
		assert_true(out.n > 0);
		assert_string_equal(buf_z(&out), buf_z(&again));
	}
	buf_clear(&in);
	buf_clear(&out);
	buf_clear(&again);
	buf_clear(&path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(real_files),
	    cmocka_unit_test(names_and_their_parts),
	    cmocka_unit_test(preferred_comes_first),
	    cmocka_unit_test(phones_that_are_none_are_noted),
	    cmocka_unit_test(days_without_a_year_are_noted),
	    cmocka_unit_test(gender_and_organisation),
	    cmocka_unit_test(words_and_networks),
	    cmocka_unit_test(labels_of_groups),
	    cmocka_unit_test(pictures_are_left_out),
	    cmocka_unit_test(old_character_sets),
	    cmocka_unit_test(a_card_within_a_card),
	    cmocka_unit_test(our_own_cards),
	    cmocka_unit_test(bad_cards_are_refused),
	    cmocka_unit_test(reading_may_fail),
	    cmocka_unit_test(memory_is_bounded),
	    cmocka_unit_test(noise_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
