/* SPDX-License-Identifier: ISC */
/* What goes with a record, on random webs of references as well. */
#include "query_test.h"

#include "crm/remove.h"

static struct id
id_of(struct world *w, const char *text)
{
	struct id id;

	assert_true(id_parse(store_schema(w->s), str_from(text), &id));
	return id;
}

/* Removes the ids, separated by blanks. */
static enum crm_err
removes(struct world *w, const char *ids, bool recursive, uint64_t *n)
{
	struct remove_options o = {.recursive = recursive};
	struct str rest = str_from(ids);
	struct id list[16];
	size_t count = 0;

	while (rest.p)
		assert_true(id_parse(
		    store_schema(w->s), str_cut(&rest, ' '), &list[count++]));
	diag_clear(&w->dg);
	return remove_run(w->s, list, count, &o, n, &w->dg);
}

static void
has(struct world *w, const char *ids, bool yes)
{
	struct str rest = str_from(ids), one;
	struct id id;

	while (rest.p) {
		one = str_cut(&rest, ' ');
		assert_true(id_parse(store_schema(w->s), one, &id));
		if (store_has(w->s, id) != yes)
			fail_msg("%.*s", STR_ARG(one));
	}
}

static struct world *
people(void)
{
	struct world *w = world_new();

	begin(w);
	add(w, "org", "name=Wind");
	add(w, "contact", "name=Ada;org=o1");
	add(w, "contact", "name=Zoe");
	return w;
}

static void
refusals_name_ten(void **state)
{
	struct world *w = people();
	uint64_t n;

	(void)state;
	for (int i = 0; i < 12; i++)
		add(w, "task", "title=x;contact=c2");
	assert_int_equal(removes(w, "c2", false, &n), CRM_DATA);
	assert_non_null(strstr(diag_text(&w->dg), "t10 (contact) refer to it"));
	assert_non_null(strstr(diag_text(&w->dg), "2 more"));
	assert_int_equal(removes(w, "o1", false, &n), CRM_DATA);
	assert_string_equal(diag_text(&w->dg),
	    "o1: c1 (org) refers to it; -r takes along what depends on it");
	commit(w);
	has(w, "c1 c2 o1 t1", true);
	world_free(w);
}

static void
together(void **state)
{
	struct world *w = people();
	uint64_t n;

	(void)state;
	OK(w, removes(w, "o1 c1 o1", false, &n));
	assert_int_equal(n, 2);
	has(w, "c1 o1", false);
	commit(w);
	world_free(w);
}

static void
later_reasons_count(void **state)
{
	struct world *w = people();
	uint64_t n;

	(void)state;
	/* The activity would stay with its deal, but the deal goes too. */
	add(w, "deal", "name=D;contact=c1");
	add(w, "activity", "subject=x;contact=c1;deal=d1");
	OK(w, removes(w, "c1", true, &n));
	has(w, "c1 d1 a1", false);
	has(w, "o1 c2", true);
	assert_int_equal(n, 3);
	commit(w);
	world_free(w);
}

static void
circles_of_needed_references(void **state)
{
	struct world *w = people();
	uint64_t n;
	struct change_field cf = {.after = STR("l2")};
	struct change c = {.op = CHANGE_UPDATE, .fields = &cf, .nfields = 1};

	(void)state;
	add(w, "link", "from=c1;rel=knows;to=c2");
	add(w, "link", "from=l1;rel=knows;to=c2");
	c.kind = kind_of(w, "link");
	c.id = id_of(w, "l1");
	cf.field = schema_field(c.kind, STR("to"));
	OK(w, store_apply(w->s, &c, &w->dg));
	has(w, "l1 l2", true);
	/* And something that only waits for the circle. */
	add(w, "order", "number=1;contact=c1");
	add(w, "item", "order=r1");
	add(w, "link", "from=i1;rel=knows;to=l1");
	OK(w, removes(w, "c1 c2", true, &n));
	has(w, "c1 c2 l1 l2 l3 r1 i1", false);
	commit(w);
	world_free(w);
}

static void
fault(void *arg, const char *line)
{
	(void)arg;
	print_error("%s\n", line);
}

static uint32_t
below(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

/* A record of some kind that refers to contact c<A> and org o<B>. */
static void
add_some(struct world *w, uint32_t *seed, unsigned serial, unsigned each)
{
	static const char *const kinds[] = {"contact", "activity", "activity",
	    "deal", "task", "task", "link", "consent", "ticket", "order"};
	unsigned kind = below(seed, ARRAY_LEN(kinds));
	unsigned a = 1 + below(seed, each), b = 1 + below(seed, each);
	const char *forms[] = {"name=x;org=o", "subject=x;contact=c",
	    "subject=x;org=o", "name=x;contact=c", "title=x;re=c",
	    "title=x;org=o", "rel=knows;from=c", "purpose=x;contact=c",
	    "subject=x;contact=c", "contact=c"};
	char text[128];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "%s%u", forms[kind], a);
	if (kind == 1 && a != b)
		snprintf(text + n, sizeof(text) - n, ",c%u", b);
	else if (kind == 2 || kind == 5)
		snprintf(text + n, sizeof(text) - n, ";contact=c%u", b);
	else if (kind == 6)
		snprintf(text + n, sizeof(text) - n, ";to=o%u", b);
	else if (kind == 9)
		snprintf(text + n, sizeof(text) - n, ";number=%u", serial);
	add(w, kinds[kind], text);
}

/* Whatever refers to whatever, -r ends, and no reference dangles. */
static void
random_webs(void **state)
{
	enum { ROUNDS = 30, EACH = 8 };
	char gone[48];
	uint32_t seed = 1;
	uint64_t n, faults;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct world *w = world_new();

		begin(w);
		for (unsigned i = 0; i < EACH; i++) {
			add(w, "org", "name=x");
			add(w, "contact", "name=x");
		}
		for (unsigned i = 0; i < 40; i++)
			add_some(w, &seed, i, EACH);
		commit(w);
		begin(w);
		snprintf(gone, sizeof(gone), "c%u o%u c%u",
		    1 + below(&seed, EACH), 1 + below(&seed, EACH),
		    1 + below(&seed, EACH));
		OK(w, removes(w, gone, true, &n));
		has(w, gone, false);
		commit(w);
		OK(w, store_verify(w->s, fault, NULL, &faults, &w->dg));
		assert_int_equal(faults, 0);
		world_free(w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refusals_name_ten),
	    cmocka_unit_test(together),
	    cmocka_unit_test(later_reasons_count),
	    cmocka_unit_test(circles_of_needed_references),
	    cmocka_unit_test(random_webs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
