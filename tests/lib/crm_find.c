/* SPDX-License-Identifier: ISC */
/* Finding in order, and the columns that are shown. */
#include "query_test.h"

#include "crm/columns.h"
#include "crm/find.h"

static struct world *
deals(void)
{
	static const char *const list[] = {"name=b;amount=9;stage=won",
	    "name=a;amount=10;stage=new", "name=c;stage=new",
	    "name=A;amount=-1;stage=lost", "name=b;amount=9.0;tag=y,x"};
	struct world *w = world_new();

	begin(w);
	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		add(w, "deal", list[i]);
	commit(w);
	return w;
}

/* The ids found, as "1 2 3"; the store is paused after each. */
static void
found_is(struct world *w, struct find_options *o, const char *want)
{
	struct finder *f = NULL;
	struct buf got = {0};
	struct record r;
	bool more = true;

	o->kind = kind_of(w, "deal");
	OK(w, finder_new(&f, w->s, &w->clock, o, &w->dg));
	while (more) {
		OK(w, finder_next(f, &r, &more, &w->dg));
		if (more)
			buf_addf(&got, "%s%llu", got.n ? " " : "",
			    (unsigned long long)r.id.num);
		store_pause(w->s);
	}
	OK(w, finder_next(f, &r, &more, &w->dg));
	assert_false(more);
	assert_string_equal(buf_z(&got), want);
	finder_free(f);
	buf_clear(&got);
}

static void
sorted_is(struct world *w, const char *sort, const char *want)
{
	struct find_options o = {.sort = sort, .limit = UINT64_MAX};

	found_is(w, &o, want);
}

static void
order(void **state)
{
	struct world *w = deals();

	(void)state;
	sorted_is(w, NULL, "1 2 3 4 5");
	sorted_is(w, "amount", "4 1 5 2 3");
	sorted_is(w, "-amount", "2 1 5 4 3");
	sorted_is(w, "-amount,-id", "2 5 1 4 3");
	sorted_is(w, "stage,amount", "5 2 3 1 4");
	sorted_is(w, "name", "4 2 1 5 3");
	sorted_is(w, "tag", "5 1 2 3 4");
	sorted_is(w, "-id", "5 4 3 2 1");
	sorted_is(w, "id", "1 2 3 4 5");
	world_free(w);
}

static void
limits_and_ids(void **state)
{
	struct world *w = deals();
	const struct str word = STR("amount>0");
	struct id ids[] = {{.num = 5}, {.num = 3}, {.num = 1}};
	struct find_options o = {.limit = 2};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		ids[i].kind = kind_of(w, "deal")->no;
	found_is(w, &o, "1 2");
	o.sort = "-amount";
	found_is(w, &o, "2 1");
	o.ids = ids;
	o.nids = 3;
	found_is(w, &o, "1 5");
	o.sort = NULL;
	found_is(w, &o, "5 3");
	o.words = &word;
	o.nwords = 1;
	found_is(w, &o, "5 1");
	o.limit = 0;
	found_is(w, &o, "");
	o.nids = 0;
	o.limit = UINT64_MAX;
	found_is(w, &o, "");
	world_free(w);
}

static void
wrong_calls(void **state)
{
	static const char *const sorts[] = {
	    "", ",", "-", "nope", "name,", "org.nope", "name,nope"};
	struct world *w = deals();
	struct find_options o = {.limit = 1};
	struct finder *f;

	(void)state;
	o.kind = kind_of(w, "deal");
	for (size_t i = 0; i < ARRAY_LEN(sorts); i++) {
		o.sort = sorts[i];
		assert_int_equal(
		    finder_new(&f, w->s, &w->clock, &o, &w->dg), CRM_USAGE);
		assert_null(f);
		assert_true(str_starts(str_from(diag_text(&w->dg)), STR("-s")));
	}
	world_free(w);
}

/* A record that is deleted between sorting and printing is passed over. */
static void
gone_meanwhile(void **state)
{
	struct world *w = deals();
	struct find_options o = {.sort = "name", .limit = UINT64_MAX};
	struct change c = {.op = CHANGE_DELETE};
	struct finder *f = NULL;
	struct record r;
	bool got;

	(void)state;
	o.kind = c.kind = kind_of(w, "deal");
	OK(w, finder_new(&f, w->s, &w->clock, &o, &w->dg));
	OK(w, finder_next(f, &r, &got, &w->dg));
	assert_int_equal(r.id.num, 4);
	store_pause(w->s);
	c.id = (struct id){.num = 2, .kind = c.kind->no};
	begin(w);
	OK(w, store_apply(w->s, &c, &w->dg));
	commit(w);
	OK(w, finder_next(f, &r, &got, &w->dg));
	assert_true(got);
	assert_int_equal(r.id.num, 1);
	finder_free(f);
	world_free(w);
}

/* ---- columns ---------------------------------------------------------- */

static void
shows(struct world *w, const char *kind, const char *fields,
    enum columns_set set, const char *explode, const char *want)
{
	const struct kind *k = kind_of(w, kind);
	struct emit_options eo = {.format = FORMAT_TSV};
	struct columns *c = NULL;
	struct emit *e = NULL;
	struct buf out = {0};
	struct record r;

	OK(w, columns_new(&c, w->s, k, fields, set, &w->dg));
	if (explode)
		OK(w, columns_explode(c, str_from(explode), &w->dg));
	OK(w, emit_new(&e, &eo, &out, &w->dg));
	OK(w, columns_begin(c, e, &w->dg));
	OK(w,
	    store_get(w->s, (struct id){.num = 1, .kind = k->no}, &r, &w->dg));
	OK(w, columns_emit(c, e, &r, &w->dg));
	OK(w, emit_end(e, &w->dg));
	assert_string_equal(buf_z(&out), want);
	emit_free(e);
	columns_free(c);
	buf_clear(&out);
}

static void
columns(void **state)
{
	struct world *w = world_new();

	(void)state;
	begin(w);
	add(w, "org", "name=W\\i\tnd");
	add(w, "contact", "name=Ada;org=o1;tag=a,b");
	add(w, "segment", "name=s;query=tag=a");
	commit(w);
	shows(w, "contact", "tag,org.name,id,revenue", COLUMNS_SHOWN, NULL,
	    "tag\torg.name\tid\trevenue\na,b\tW\\\\i\\tnd\tc1\t0.00\n");
	shows(w, "contact", "tag, name", COLUMNS_SHOWN, "tag",
	    "tag\tname\na\tAda\nb\tAda\n");
	shows(w, "org", "contact.tag", COLUMNS_SHOWN, "contact.tag",
	    "contact.tag\na\nb\n");
	shows(w, "org", "+note", COLUMNS_SHOWN, "tag",
	    "id\tname\ttype\tdomain\tcity\tphone\ttag\tlast\tnext\tnote\n"
	    "o1\tW\\\\i\\tnd\t\t\t\t\t\t\t\t\n");
	shows(w, "segment", NULL, COLUMNS_SHOWN, NULL,
	    "id\tname\tkind\tquery\tnote\ns1\ts\tcontact\ttag=a\t\n");
	world_free(w);
}

static void
wrong_columns(void **state)
{
	static const char *const lists[] = {"", "nope", "name,,id", "+",
	    "name,name", "id,id", "+name", "org.nope", "org.", ".name",
	    "all,name"};
	struct world *w = world_new();
	const struct kind *k = kind_of(w, "contact");
	struct columns *c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (columns_new(&c, w->s, k, lists[i], COLUMNS_SHOWN, &w->dg) !=
		    CRM_USAGE)
			fail_msg("'%s'", lists[i]);
		assert_null(c);
	}
	OK(w, columns_new(&c, w->s, k, "name,tag", COLUMNS_SHOWN, &w->dg));
	assert_int_equal(columns_explode(c, STR("name"), &w->dg), CRM_USAGE);
	assert_int_equal(columns_explode(c, STR("email"), &w->dg), CRM_USAGE);
	columns_free(c);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order),
	    cmocka_unit_test(limits_and_ids),
	    cmocka_unit_test(wrong_calls),
	    cmocka_unit_test(gone_meanwhile),
	    cmocka_unit_test(columns),
	    cmocka_unit_test(wrong_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
