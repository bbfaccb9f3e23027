/* SPDX-License-Identifier: ISC */
/* template: what is printed, what is refused and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "crm/template.h"
#include "crm/write.h"
#include "tmp.h"

struct world {
	char dir[256];
	struct store *store;
	struct clock clock;
	struct diag dg;
	struct id contact, empty;
};

static void
set(struct world *w, struct writer *wr, const char *field, const char *text)
{
	struct assign a = {.field = str_from(field),
	    .op = ASSIGN_SET,
	    .value = str_from(text)};

	assert_int_equal(writer_assign(wr, &a, &w->dg), CRM_OK);
}

/* A contact with an org and two deals, and one with nothing but an address. */
static int
world_make(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct change_origin who = {.time = 0};
	enum writer_done done;
	struct writer *wr;
	struct id id;

	assert_non_null(w);
	*state = w;
	snprintf(w->dir, sizeof(w->dir), "%s/crm-XXXXXX", tmp_dir());
	assert_non_null(mkdtemp(w->dir));
	struct buf path = {0};
	buf_addf(&path, "%s/store", w->dir);
	struct store_options so = {.path = buf_z(&path)};
	assert_int_equal(store_open(&w->store, &so, &w->dg), CRM_OK);
	buf_clear(&path);
	w->clock.now = 1772445600; /* 2026-03-02 10:00 UTC */
	struct writer_options wo = {.clock = &w->clock, .create = true};
	assert_int_equal(store_begin(w->store, &who, false, &w->dg), CRM_OK);
	assert_int_equal(writer_new(&wr, w->store, &wo, &w->dg), CRM_OK);
	const struct schema *s = store_schema(w->store);
	const struct kind *contact = schema_kind_no(s, KIND_CONTACT);
	const struct kind *deal = schema_kind_no(s, KIND_DEAL);

	assert_int_equal(writer_create(wr, contact, &w->dg), CRM_OK);
	set(w, wr, "name", "Ada");
	set(w, wr, "org", "Engines, Ltd");
	set(w, wr, "tag", "vip,math");
	set(w, wr, "suppress", "no");
	set(w, wr, "title", "../..//a\tb");
	set(w, wr, "nick", "...x.");
	assert_int_equal(writer_commit(wr, &w->contact, &done, &w->dg), CRM_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(writer_create(wr, deal, &w->dg), CRM_OK);
		set(w, wr, "contact", "c1");
		set(w, wr, "stage", i ? "won" : "new");
		assert_int_equal(writer_commit(wr, &id, &done, &w->dg), CRM_OK);
	}
	assert_int_equal(writer_create(wr, contact, &w->dg), CRM_OK);
	set(w, wr, "email", "b@x.example");
	assert_int_equal(writer_commit(wr, &w->empty, &done, &w->dg), CRM_OK);
	writer_free(wr);
	assert_int_equal(store_commit(w->store, &w->dg), CRM_OK);
	return 0;
}

static int
world_end(void **state)
{
	static const char *const files[] = {
	    "/store/data.mdb", "/store/lock.mdb", "/store/lock", "/store", ""};
	struct world *w = *state;

	store_close(w->store);
	diag_clear(&w->dg);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct buf path = {0};

		buf_addf(&path, "%s%s", w->dir, files[i]);
		(void)remove(buf_z(&path));
		buf_clear(&path);
	}
	free(w);
	return 0;
}

static enum crm_err
make(struct world *w, struct template **t, const char *text,
    enum template_use use)
{
	struct template_options o = {.store = w->store,
	    .clock = &w->clock,
	    .kind = schema_kind_no(store_schema(w->store), KIND_CONTACT),
	    .name = "letter",
	    .use = use};

	diag_clear(&w->dg);
	return template_new(t, str_from(text), &o, &w->dg);
}

static void
fills(struct world *w, enum template_use use, struct id id, const char *text,
    const char *want)
{
	struct template *t;
	struct record r;
	struct buf out = {0};

	if (make(w, &t, text, use) != CRM_OK)
		fail_msg("%s: %s", text, diag_text(&w->dg));
	assert_int_equal(store_get(w->store, id, &r, &w->dg), CRM_OK);
	assert_int_equal(template_fill(t, &r, &out, &w->dg), CRM_OK);
	assert_string_equal(buf_z(&out), want);
	template_free(t);
	buf_clear(&out);
}

static void
prints_values(void **state)
{
	static const char *const pairs[][2] = {
	    {"", ""},
	    {"no tag { } }} {\n", "no tag { } }} {\n"},
	    {"{{name}}", "Ada"},
	    {"{{ name\t}}!", "Ada!"},
	    {"{{id}} {{kind}}", "c1 contact"},
	    {"{{tag}}", "vip, math"},
	    {"{{org.name}}", "Engines, Ltd"},
	    {"{{deal.stage}}", "new, won"},
	    {"{{today}}", "2026-03-02"},
	    {"{{city}}", ""},
	    {"{{orders}}/{{open_deals}}", "0/1"},
	    {"\\name{{{name}}}", "\\name{Ada}"},
	    {"{{{{name}}}}", "{{Ada}}"},
	    {"{{\"{{\"}}name}}", "{{name}}"},
	    {"{{\" }} \"}}", " }} "},
	    {"{{\"\"}}", ""},
	    {"{{\"\"\"}}", "\""},
	    {"a{{! {{name }}b", "ab"},
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		fills(*state, TEMPLATE_TEXT, ((struct world *)*state)->contact,
		    pairs[i][0], pairs[i][1]);
}

static void
sections_ask_for_a_value(void **state)
{
	static const char *const rows[][3] = {
	    {"{{#name}}x{{/name}}", "x", ""},
	    {"{{^name}}x{{/name}}", "", "x"},
	    {"{{#suppress}}x{{/suppress}}", "x", ""},
	    {"{{#org}}{{#city}}a{{/city}}b{{/org}}c", "bc", "c"},
	    {"{{#name}}{{#name}}a{{/name}}{{^name}}b{{/name}}{{/name}}", "a",
		""},
	    {"{{#today}}x{{/today}}{{^today}}y{{/today}}", "x", "x"},
	    {"{{#deal.stage}}x{{/deal.stage}}", "x", ""},
	    {"{{#name}}{{/name}}", "", ""},
	    /* alone on their lines */
	    {"a\n{{#name}}\nb\n{{/name}}\nc\n", "a\nb\nc\n", "a\nc\n"},
	    {"a\r\n  {{#name}}  \r\nb\r\n{{/name}}\r\n", "a\r\nb\r\n", "a\r\n"},
	    {"{{#name}}\nb\n{{/name}}", "b\n", ""},
	    {"a\n{{! x }}\nb", "a\nb", "a\nb"},
	    {"a {{#name}}\nb{{/name}}\n", "a \nb\n", "a \n"},
	    {"{{^name}}\n\n{{/name}}\n{{\"x\"}}\n", "x\n", "\nx\n"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		fills(w, TEMPLATE_TEXT, w->contact, rows[i][0], rows[i][1]);
		fills(w, TEMPLATE_TEXT, w->empty, rows[i][0], rows[i][2]);
	}
}

static void
names_lead_nowhere_else(void **state)
{
	static const char *const pairs[][2] = {
	    {"l/{{name}}.txt", "l/Ada.txt"},
	    {"{{title}}", "___..__a_b"},
	    {"l/{{nick}}", "l/___x."},
	    {".{{nick}}", ".___x."},
	    {"{{city}}/{{city}}", "_/_"},
	    {"a{{city}}{{city}}", "a__"},
	    {"{{#city}}x{{/city}}y", "y"},
	    {"{{tag}}", "vip, math"},
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct world *w = *state;

		fills(w, TEMPLATE_PATH, w->contact, pairs[i][0], pairs[i][1]);
	}
}

static void
refuses_and_says_where(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"a\n\xc3\xbc\xc3\xbc {{nmae}}", "letter:2:4: no field 'nmae' of "
					     "contact; did you mean 'name'"},
	    {"{{#nmae}}{{/nmae}}", "letter:1:1: no field 'nmae'"},
	    {"\n\n  {{#city}}\nx", "letter:3:3: 'city' is not closed; write "
				   "{{/city}}"},
	    {"{{#city}}{{#name}}{{/city}}{{/name}}",
		"letter:1:19: '/city' where 'name' is open; write {{/name}} "
		"first"},
	    {"x{{/city}}", "letter:1:2: '/city' closes nothing"},
	    {"{{name", "letter:1:1: a tag without end"},
	    {"{{name}", "letter:1:1: a tag without end"},
	    {"{{\"x}}", "letter:1:1: a tag without end"},
	    {"{{}}", "letter:1:1: a tag without a field"},
	    {"{{#}}{{/}}", "letter:1:1: a tag without a field"},
	    {"{{org.nmae}}", "letter:1:1: no field 'nmae' of org"},
	    {"{{name.x}}", "letter:1:1: 'name' of contact is no reference"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct template *t = NULL;

		assert_int_equal(
		    make(w, &t, cases[i].text, TEMPLATE_TEXT), CRM_DATA);
		assert_null(t);
		if (strstr(diag_text(&w->dg), cases[i].message) !=
		    diag_text(&w->dg))
			fail_msg("%s: %s", cases[i].text, diag_text(&w->dg));
	}
}

/* Whatever is in a file, it is a template or refused. */
static void
any_text_ends(void **state)
{
	static const char *const pieces[] = {"{", "{{", "{{{", "}", "}}",
	    "name", "#name", "/name", "^name", "\"", " ", "\n", "\r\n", "!",
	    "{{#name}}", "{{/name}}", "{{name}}", "{{\"", "\"}}", "x"};
	struct world *w = *state;
	uint64_t seed = 5, good = 0;

	for (int i = 0; i < 50000; i++) {
		struct template *t = NULL;
		struct buf text = {0}, out = {0};
		struct record r;

		for (uint64_t n = seed >> 40 & 7; n + 1 > 0; n--) {
			seed = seed * UINT64_C(6364136223846793005) + 99;
			buf_addz(
			    &text, pieces[(seed >> 33) % ARRAY_LEN(pieces)]);
		}
		seed = seed * UINT64_C(6364136223846793005) + 99;
		if (make(w, &t, buf_z(&text), TEMPLATE_TEXT) == CRM_OK) {
			assert_int_equal(
			    store_get(w->store, w->contact, &r, &w->dg),
			    CRM_OK);
			assert_int_equal(
			    template_fill(t, &r, &out, &w->dg), CRM_OK);
			good++;
		} else {
			assert_int_equal(w->dg.code, CRM_DATA);
		}
		template_free(t);
		buf_clear(&text);
		buf_clear(&out);
	}
	assert_true(good > 5000 && good < 45000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(prints_values),
	    cmocka_unit_test(sections_ask_for_a_value),
	    cmocka_unit_test(names_lead_nowhere_else),
	    cmocka_unit_test(refuses_and_says_where),
	    cmocka_unit_test(any_text_ends),
	};
	return cmocka_run_group_tests(tests, world_make, world_end);
}
