/* SPDX-License-Identifier: ISC */
/* Tests of crm/import_mail: whose messages are taken, once each. */
#include "query_test.h"

#include "crm/import_mail.h"

#define FROM "From a@x Mon Mar  2 14:30:00 2026\n"
#define ADA "From: Ada <ADA@example.org>\n"
#define ME "From: me@example.com\n"

struct told {
	struct buf refused;
	uint64_t stored, progress;
	enum crm_err answer;
};

struct scene {
	struct world *w;
	struct writer *writer;
	struct import_mail *i;
	struct told told;
};

static enum crm_err
heard_stored(void *arg, struct id id, struct diag *dg)
{
	struct told *t = arg;

	assert_int_equal(id.kind, KIND_ACTIVITY);
	t->stored++;
	if (t->answer)
		return diag_set(dg, t->answer, "the pipe is closed");
	return CRM_OK;
}

static enum crm_err
heard_refused(void *arg, const struct import_mail_refusal *r, struct diag *dg)
{
	struct told *t = arg;

	buf_addf(&t->refused, "%s:%d: [%.*s] %s\n", r->name, (int)r->line,
	    STR_ARG(str_head(r->text, 20)), r->why);
	if (t->answer)
		return diag_set(dg, t->answer, "the pipe is closed");
	return CRM_OK;
}

static void
heard_progress(void *arg, uint64_t messages)
{
	struct told *t = arg;

	t->progress = messages;
}

static void
scene_open(struct scene *s)
{
	struct writer_options wo = {0};
	struct import_mail_options o = {
	    .stored = heard_stored,
	    .refused = heard_refused,
	    .progress = heard_progress,
	};

	*s = (struct scene){.w = world_new()};
	wo.clock = o.log.clock = &s->w->clock;
	o.arg = &s->told;
	OK(s->w, writer_new(&s->writer, s->w->s, &wo, &s->w->dg));
	OK(s->w, import_mail_new(&s->i, s->writer, s->w->s, &o, &s->w->dg));
	begin(s->w);
	add(s->w, "contact", "name=Ada;email=ada@example.org");
	add(s->w, "org", "name=Firm;email=info@firm.example");
}

static void
scene_close(struct scene *s)
{
	commit(s->w);
	import_mail_free(s->i);
	writer_free(s->writer);
	buf_clear(&s->told.refused);
	world_free(s->w);
}

static void
counts_are(const struct scene *s, uint64_t added, uint64_t same,
    uint64_t unknown, uint64_t refused)
{
	struct import_mail_count c = import_mail_count(s->i);

	assert_int_equal(c.added, added);
	assert_int_equal(c.same, same);
	assert_int_equal(c.unknown, unknown);
	assert_int_equal(c.refused, refused);
	assert_int_equal(s->told.stored, added);
}

static void
take(struct scene *s, const char *text)
{
	OK(s->w, import_mail_add(s->i, "file", 1, str_from(text), &s->w->dg));
}

static void
told_starts(struct scene *s, const char *want)
{
	const char *told = buf_z(&s->told.refused);

	if (!str_starts(str_from(told), str_from(want)))
		fail_msg("%s", told);
}

static ptrdiff_t
read_str(void *arg, char *p, size_t n)
{
	struct str *s = arg;

	n = n < s->n ? n : s->n;
	if (n)
		memcpy(p, s->p, n);
	*s = str_from_pos(*s, n);
	return (ptrdiff_t)n;
}

static enum crm_err
take_box(struct scene *s, const char *text, size_t max)
{
	struct str rest = str_from(text);
	struct source src = {.read = read_str, .arg = &rest, .name = "box"};
	struct mbox_options o = {.message_max = max};
	struct mbox *box;
	enum crm_err err;

	OK(s->w, mbox_open(&box, &src, &o, &s->w->dg));
	err = import_mail_box(s->i, box, "box", &s->w->dg);
	mbox_close(box);
	return err;
}

static void
finds(struct scene *s, const char *words, const char *want)
{
	struct buf out = {0};

	OK(s->w, ask(s->w, "activity", words, &out, NULL));
	assert_string_equal(buf_z(&out), want);
	buf_clear(&out);
}

static void
a_box_is_taken_once(void **state)
{
	static const char box[] = FROM ADA
	    "To: me@example.com\nMessage-ID: <1@x>\nSubject: Offer\n"
	    "Date: Sun, 1 Mar 2026 10:00:00 +0000\n\nHello\n\n" FROM ME
	    "To: Bo <bo@example.net>, ada@example.org\nMessage-ID: <2@x>\n"
	    "In-Reply-To: <1@x>\nSubject: Re: Offer\n\nAnswer\n\n" FROM ME
	    "To: bo@example.net\nMessage-ID: <3@x>\n\nNobody\n\n" FROM ME
	    "Cc: info@firm.example\nMessage-ID: <4@x>\n\nFirm\n\n" FROM
	    "no header\n\n" FROM ADA "Message-ID: <1@x>\n\nOnce more\n";
	struct scene s;

	(void)state;
	scene_open(&s);
	OK(s.w, take_box(&s, box, 0));
	counts_are(&s, 3, 1, 1, 1);
	told_starts(&s, "box:33: [no header\n] this is no mail message");
	finds(&s, "contact=c1", "a1 a2");
	finds(&s, "direction=out", "a2 a3");
	finds(&s, "org=o1", "a3");
	finds(&s, "msgid=1@x", "a1");
	finds(&s, "re=a1", "a2");
	finds(&s, "tag=inbox", "");
	OK(s.w, take_box(&s, box, 0));
	counts_are(&s, 3, 5, 2, 2);
	finds(&s, "type=email", "a1 a2 a3");
	scene_close(&s);
}

static void
a_message_without_an_id_is_known_again(void **state)
{
#define PLAIN                                                                  \
	ADA "To: me@example.com\nDate: Sun, 1 Mar 2026 10:00:00 +0000\n"       \
	    "Subject: Fax\n"
	struct scene s;

	(void)state;
	scene_open(&s);
	take(&s, PLAIN "\nHello\n");
	counts_are(&s, 1, 0, 0, 0);
	/* Read since, moved to another box, with other line ends. */
	take(&s, FROM "Received: by x\nStatus: RO\n" PLAIN
		      "X-Keywords: y\nMessage-ID: \n\nHello\n\n");
	take(&s, "From: Ada <ADA@example.org>\r\nTo: me@example.com\r\n"
		 "Subject:\r\n Fax\r\nDate: 1 Mar 2026 11:00:00 +0100\r\n\r\n"
		 "Hello\r\n");
	counts_are(&s, 1, 2, 0, 0);
	/* Another text, subject, second, recipient or role. */
	take(&s, PLAIN "\nHello!\n");
	take(&s, ADA "To: me@example.com\nSubject: Fax 2\n"
		     "Date: Sun, 1 Mar 2026 10:00:00 +0000\n\nHello\n");
	take(&s, ADA "To: me@example.com\nSubject: Fax\n"
		     "Date: Sun, 1 Mar 2026 10:00:01 +0000\n\nHello\n");
	take(&s, ADA "Cc: me@example.com\nSubject: Fax\n"
		     "Date: Sun, 1 Mar 2026 10:00:00 +0000\n\nHello\n");
	take(&s, ADA "To: me@example.com, x@x\nSubject: Fax\n"
		     "Date: Sun, 1 Mar 2026 10:00:00 +0000\n\nHello\n");
	take(&s, ADA "To: me@example.com\nSubject: Fax\n\nHello\n");
	/* What stands at the end of one part is not the start of the next. */
	take(&s, ADA "To: me@example.com\nSubject: Fa\n\nxHello\n");
	counts_are(&s, 8, 2, 0, 0);
	/* The documented form, the same in every version. */
	finds(&s, "msgid=hash:5f7acd93cb1239cdcb27c410a1565fb2", "a1");
	finds(&s, "msgid~^hash:[0-9a-f]{32}$", "a1 a2 a3 a4 a5 a6 a7 a8");
	scene_close(&s);
}

static void
refuses_and_goes_on(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	OK(s.w,
	    take_box(&s,
		FROM ADA "Subject: very very very very very long\n\n" FROM ADA
			 "\nx\n\n" FROM "\n",
		40));
	counts_are(&s, 1, 0, 0, 2);
	told_starts(&s,
	    "box:1: [] the message that begins here is longer "
	    "than 40 bytes; log it by hand with crm-log\nbox:10: [] ");
	diag_clear(&s.w->dg);
	assert_int_equal(take_box(&s, "Subject: x\n\n", 0), CRM_DATA);
	assert_true(str_starts(
	    str_from(diag_text(&s.w->dg)), STR("box:1: this is no mail box")));
	counts_are(&s, 1, 0, 0, 2);
	/* Nobody listens any more. */
	s.told.answer = CRM_IO;
	diag_clear(&s.w->dg);
	assert_int_equal(
	    import_mail_add(s.i, "f", 1, STR("x"), &s.w->dg), CRM_IO);
	assert_int_equal(
	    take_box(&s, FROM ADA "\ny\n\n" FROM ADA "\nz\n", 0), CRM_IO);
	assert_string_equal(diag_text(&s.w->dg), "the pipe is closed");
	counts_are(&s, 2, 0, 0, 3);
	scene_close(&s);
}

static void
hostile_headers(void **state)
{
	struct scene s;
	struct buf text = {0};

	(void)state;
	scene_open(&s);
	/* Ids that only differ far behind; one is nothing but controls. */
	for (int i = 0; i < 4; i++) {
		buf_reset(&text);
		buf_addz(&text, ADA "Message-ID: <");
		for (int n = 0; n < 20000; n++)
			buf_addc(&text, 'x');
		buf_addf(&text, "%d@x>\n\nHello\n", i % 2);
		take(&s, buf_z(&text));
	}
	counts_are(&s, 2, 2, 0, 0);
	take(&s, ADA "Message-ID: <\001\002\xff>\nSubject: \xff\xfe\x01\n"
		     "Date: Mon, 99 Foo\n\n\xff");
	take(&s, ADA "Message-ID: <\001\002\xff>\nSubject: other\n\n");
	counts_are(&s, 3, 3, 0, 0);
	OK(s.w, import_mail_add(s.i, "file", 1,
		    STR(ADA "Message-ID: <n\0ul@x>\nTo: a\0b@x\n\nx\0y\n"),
		    &s.w->dg));
	OK(s.w, import_mail_add(s.i, "file", 1, STR(""), &s.w->dg));
	OK(s.w, import_mail_add(s.i, "file", 1, STR("\0\0\0"), &s.w->dg));
	counts_are(&s, 4, 3, 0, 2);
	for (int i = 0; i < 100; i++)
		take(&s, ME "\n");
	assert_int_equal(s.told.progress, 100);
	counts_are(&s, 4, 3, 100, 2);
	buf_clear(&text);
	scene_close(&s);
}

static void
tells_files_apart(void **state)
{
	static const char *const mail[] = {"1772458200.M1P2.host",
	    "1772458200.M1P2.host:2,", "1772458200.M1P2.host:2,RS",
	    "1772458200.M1P2.DT.host,S=12,W=13:2,FPRa", "1.x;2,S", "1.x!2,S",
	    "a"};
	static const char *const none[] = {"", ".", "..", ".hidden",
	    "1.M1P2.host:2,DS", "1.M1P2.host:2,ST", "1.x;2,D", "1.x!2,T"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mail); i++)
		if (!import_mail_is_maildir(str_from(mail[i])))
			fail_msg("%s", mail[i]);
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		if (import_mail_is_maildir(str_from(none[i])))
			fail_msg("%s", none[i]);
	assert_true(import_mail_is_eml(STR("a.eml")));
	assert_true(import_mail_is_eml(STR("Re: offer.EML")));
	assert_false(import_mail_is_eml(STR(".eml")));
	assert_false(import_mail_is_eml(STR(".x.eml")));
	assert_false(import_mail_is_eml(STR("a.emlx")));
	assert_false(import_mail_is_eml(STR("eml")));
	assert_false(import_mail_is_eml(STR("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_box_is_taken_once),
	    cmocka_unit_test(a_message_without_an_id_is_known_again),
	    cmocka_unit_test(refuses_and_goes_on),
	    cmocka_unit_test(hostile_headers),
	    cmocka_unit_test(tells_files_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
