/* SPDX-License-Identifier: ISC */
/* The text of the editor: what is printed, what is read back. */
#include "query_test.h"

#include "crm/edit.h"

struct scene {
	struct world *w;
	struct writer *writer;
	struct buf text;
};

static void
scene_open(struct scene *s)
{
	struct writer_options o = {0};

	*s = (struct scene){.w = world_new()};
	o.clock = &s->w->clock;
	begin(s->w);
	add(s->w, "org", "name=Wind");
	add(s->w, "contact", "name=Ada;org=o1;tag=a,b");
	add(s->w, "contact", "name=Zoe");
	commit(s->w);
	OK(s->w, writer_new(&s->writer, s->w->s, &o, &s->w->dg));
	begin(s->w);
}

static void
scene_close(struct scene *s)
{
	store_abort(s->w->s);
	writer_free(s->writer);
	buf_clear(&s->text);
	world_free(s->w);
}

static void
print(struct scene *s, size_t n)
{
	const struct id ids[] = {
	    {.num = 1, .kind = KIND_CONTACT}, {.num = 2, .kind = KIND_CONTACT}};

	buf_reset(&s->text);
	OK(s->w, edit_print(s->w->s, ids, n, &s->text, &s->w->dg));
}

static enum crm_err
apply(struct scene *s, const char *after)
{
	diag_clear(&s->w->dg);
	return edit_apply(
	    s->writer, s->w->s, str_of(&s->text), str_from(after), &s->w->dg);
}

static void
value_is(struct scene *s, uint64_t num, const char *field, const char *want)
{
	struct record r;
	const struct field *f;

	OK(s->w,
	    store_get(s->w->s, (struct id){.num = num, .kind = KIND_CONTACT},
		&r, &s->w->dg));
	f = schema_field(r.kind, str_from(field));
	assert_true(str_is(row_get(&r.row, f->slot), want));
}

static void
printed(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	print(&s, 2);
	assert_non_null(strstr(buf_z(&s.text),
	    "\nid: c1\nname: Ada\norg: o1\n# o1 Wind\ntag: a,b\n# empty:"));
	assert_non_null(strstr(buf_z(&s.text), "\nid: c2\nname: Zoe\n"));
	assert_null(strstr(buf_z(&s.text), "created"));
	scene_close(&s);
}

static void
the_same_text_changes_nothing(void **state)
{
	struct scene s;
	struct record r;

	(void)state;
	scene_open(&s);
	print(&s, 2);
	OK(s.w, apply(&s, buf_z(&s.text)));
	OK(s.w, apply(&s, ""));
	OK(s.w, apply(&s, "# nothing\n\n \t\n"));
	OK(s.w, store_get(s.w->s, (struct id){.num = 1, .kind = KIND_CONTACT},
		    &r, &s.w->dg));
	value_is(&s, 1, "tag", "a,b");
	scene_close(&s);
}

static void
changes(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	print(&s, 2);
	OK(s.w, apply(&s, "id: c2\ncity:Bern\nnote: a\n\tb\n\t\n\t\tc\nid: c1\n"
			  "org:\nname : Ada L\n"));
	value_is(&s, 2, "city", "Bern");
	value_is(&s, 2, "note", "a\nb\n\n\tc");
	value_is(&s, 1, "org", "");
	value_is(&s, 1, "name", "Ada L");
	value_is(&s, 1, "tag", "a,b");
	/* A value of several lines comes back as it was printed. */
	print(&s, 2);
	OK(s.w, apply(&s, buf_z(&s.text)));
	value_is(&s, 2, "note", "a\nb\n\n\tc");
	scene_close(&s);
}

static void
refuses(struct scene *s, const char *after, const char *why)
{
	enum crm_err err = apply(s, after);

	assert_true(err == CRM_DATA || err == CRM_USAGE);
	if (!strstr(diag_text(&s->w->dg), why))
		fail_msg("'%s' does not say '%s'", diag_text(&s->w->dg), why);
}

static void
mistakes(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	print(&s, 1);
	refuses(&s, "name: x", "line 1: no line 'id: ...' above");
	refuses(&s, "\tx", "line 1: a line that starts with a tab");
	refuses(&s, "id: c1\n\nnonsense", "line 3: no colon in 'nonsense'");
	refuses(&s, "id: c1\nnmae: x", "line 2: contact has no field 'nmae'");
	refuses(&s, "id: c1\nemail: x", "line 2: email: no @");
	refuses(&s, "id: c1\nrevenue: 5", "line 2: revenue: summed up");
	refuses(&s, "id: c1\nupdated: 2020-01-01", "line 2: updated: kept");
	refuses(&s, "id: c2\nname: x", "line 1: 'c2' was not among");
	refuses(&s, "id:\nname: x", "line 2: no line 'id: ...' above");
	refuses(&s, "id: c1\n: x", "line 2: ");
	scene_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(printed),
	    cmocka_unit_test(the_same_text_changes_nothing),
	    cmocka_unit_test(changes),
	    cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
