/* SPDX-License-Identifier: ISC */
/* Unit tests of drain, verify and rebuild: random transactions on a real
 * store and a real repository; what git holds is what the store holds, and a
 * store made of it is the same. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "history/rebuild.h"
#include "history/record_text.h"
#include "store_test.h"

#include <ftw.h>

struct world {
	struct fixture *f;
	char repo[96], other[96];
	volatile uint64_t beat;
	struct id contacts[64];
	size_t n;
	uint64_t clock;
	uint64_t least; /* the next contact of a rebuilt store at the least */
};

static const struct change_origin *
who(struct world *w)
{
	static struct change_origin o;

	o = (struct change_origin){.time = 1772452800 + (int64_t)w->clock,
	    .user = STR("tester"),
	    .command = STR("test c1 stage="),
	    .reason = STR("a reason\nCrm-Txn: 99999")};
	return &o;
}

static struct drain_options
options(struct world *w)
{
	return (struct drain_options){.wait_ms = 100, .origin = who(w)};
}

static void
txn_begin(struct world *w, bool bulk)
{
	w->clock += draw(2);
	OK(w->f, store_begin(w->f->s, who(w), bulk, &w->f->dg));
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
world_setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	void *f = NULL;

	if (setup(&f) != 0)
		return -1;
	w->f = f;
	snprintf(w->repo, sizeof(w->repo), "%s/history.git", w->f->dir);
	snprintf(w->other, sizeof(w->other), "%s/other", w->f->dir);
	*state = w;
	return 0;
}

static int
world_teardown(void **state)
{
	struct world *w = *state;
	char dir[64];

	memcpy(dir, w->f->dir, sizeof(dir));
	store_close(w->f->s);
	diag_clear(&w->f->dg);
	free(w->f);
	free(w);
	return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- what is done to the store ---------------------------------------- */

static void
op_add(struct world *w)
{
	struct id id = {0}, org = {0};
	char name[24], city[24];

	snprintf(name, sizeof(name), "n%d\tx\\y", (int)draw(1000));
	snprintf(city, sizeof(city), "b%d", (int)draw(9));
	if (draw(3) == 0)
		OK(w->f,
		    put(w->f, CHANGE_CREATE, "org", &org, "name", name, NULL));
	OK(w->f, put(w->f, CHANGE_CREATE, "contact", &id, "name", name, "city",
		     city, "tag", draw(2) ? "a,b,c" : "", "org",
		     org.num ? text(w->f, org) : "", NULL));
	if (w->n < 64)
		w->contacts[w->n++] = id;
}

static void
op_edit(struct world *w)
{
	size_t i = w->n ? draw(w->n) : 0;
	char city[24];

	if (w->n == 0)
		return;
	snprintf(city, sizeof(city), "b%d", (int)draw(3));
	OK(w->f,
	    put(w->f, CHANGE_UPDATE, "contact", &w->contacts[i], "city", city,
		draw(2) ? "note" : "tag", draw(2) ? "x,y" : "line", NULL));
}

static void
op_del(struct world *w)
{
	size_t i = w->n ? draw(w->n) : 0;

	if (w->n == 0)
		return;
	OK(w->f, put(w->f, CHANGE_DELETE, "contact", &w->contacts[i], NULL));
	w->contacts[i] = w->contacts[--w->n];
}

static void
some_transactions(struct world *w, int n)
{
	while (n-- > 0) {
		txn_begin(w, draw(3) == 0);
		for (uint64_t k = 1 + draw(6); k > 0; k--)
			switch (draw(4)) {
			case 0:
				op_del(w);
				break;
			case 1:
				op_add(w);
				break;
			default:
				op_edit(w);
			}
		OK(w->f, store_commit(w->f->s, &w->f->dg));
		for (size_t i = 0; i < w->n; i++)
			if (w->contacts[i].num >= w->least)
				w->least = w->contacts[i].num + 1;
	}
}

/* ---- what is asked ---------------------------------------------------- */

static void
turn_on(struct world *w)
{
	struct drain_options o = options(w);
	bool made;

	OK(w->f, drain_init(w->f->s, w->repo, &w->beat, &o, &made, &w->f->dg));
}

static void
drain(struct world *w)
{
	struct drain_options o = options(w);
	struct repo *r;
	uint64_t written;

	OK(w->f, repo_open(&r, w->repo, &w->beat, &w->f->dg));
	OK(w->f, drain_run(w->f->s, r, &o, &written, &w->f->dg));
	repo_close(r);
}

static uint64_t
compare(struct world *w, struct store *s)
{
	struct drain_options o = options(w);
	struct repo *r;
	uint64_t records, faults;

	OK(w->f, repo_open(&r, w->repo, &w->beat, &w->f->dg));
	OK(w->f, compare_run(s, r, &o, print_fault, NULL, &records, &faults,
		     &w->f->dg));
	repo_close(r);
	return faults;
}

static void
same_kind(
    struct world *w, struct store *a, struct store *b, const struct kind *k)
{
	struct scan_spec spec = {.type = SCAN_KIND, .kind = k};
	struct scan *x, *y;
	bool got, other;

	OK(w->f, scan_open(&x, a, &spec, &w->f->dg));
	OK(w->f, scan_open(&y, b, &spec, &w->f->dg));
	do {
		struct record r, q;
		struct buf s = {0}, t = {0};
		struct id i, j;

		OK(w->f, scan_next(x, &i, &got, &w->f->dg));
		OK(w->f, scan_next(y, &j, &other, &w->f->dg));
		assert_int_equal(got, other);
		if (!got)
			break;
		assert_true(id_eq(i, j));
		OK(w->f, scan_record(x, &r, &w->f->dg));
		OK(w->f, scan_record(y, &q, &w->f->dg));
		for (size_t n = 0; n < k->nfields; n++) {
			buf_reset(&s);
			buf_reset(&t);
			if (!str_eq(record_get(&r, k->fields[n], &s),
				record_get(&q, k->fields[n], &t)))
				fail_msg("%s: %.*s differs", text(w->f, i),
				    STR_ARG(k->fields[n]->name));
		}
		buf_clear(&s);
		buf_clear(&t);
	} while (got);
	scan_close(x);
	scan_close(y);
}

static void
rebuild_is_the_same(struct world *w)
{
	struct store_options o = {.path = w->other};
	struct store *s;
	struct repo *r;
	uint64_t records, faults, was, is;
	const struct kind *k;

	OK(w->f, store_open(&s, &o, &w->f->dg));
	OK(w->f, repo_open(&r, w->repo, &w->beat, &w->f->dg));
	OK(w->f,
	    rebuild_run(s, r, who(w), print_fault, NULL, &records, &w->f->dg));
	repo_close(r);
	k = schema_kind_at(store_schema(w->f->s), 0);
	for (size_t i = 1; k; k = schema_kind_at(store_schema(w->f->s), i++)) {
		same_kind(w, w->f->s, s, k);
		OK(w->f, store_next(w->f->s, k, &was, &w->f->dg));
		OK(w->f, store_next(s, k, &is, &w->f->dg));
		/* An id that one transaction gave and took back was never
		 * seen by anybody: git does not know it either. */
		if (is > was || is < (k->no == KIND_CONTACT ? w->least : was))
			fail_msg("next of %.*s: %d, not %d", STR_ARG(k->name),
			    (int)is, (int)was);
	}
	OK(w->f, store_verify(s, print_fault, NULL, &faults, &w->f->dg));
	assert_int_equal(faults, 0);
	store_close(s);
	assert_int_equal(nftw(w->other, remove_entry, 8, FTW_DEPTH), 0);
}

/* ---- tests ------------------------------------------------------------ */

static void
git_holds_what_the_store_holds(void **state)
{
	struct world *w = *state;

	seed = 11;
	some_transactions(w, 20);
	turn_on(w);
	assert_int_equal(compare(w, w->f->s), 0);
	for (int i = 0; i < 8; i++) {
		some_transactions(w, 1 + (int)draw(30));
		drain(w);
		assert_int_equal(compare(w, w->f->s), 0);
		rebuild_is_the_same(w);
	}
	verify(w->f);
}

/* Schema changes while the history is behind: names of then, names of now. */
static void
schema_changes_in_between(void **state)
{
	struct world *w = *state;
	struct id f = {0}, g = {0}, k = {0}, m = {0}, a = {0};

	some_transactions(w, 5);
	turn_on(w);
	txn_begin(w, false);
	OK(w->f, put(w->f, CHANGE_CREATE, "field", &f, "name", "contact.shoe",
		     NULL));
	OK(w->f, put(w->f, CHANGE_CREATE, "contact", &a, "name", "Ada", "shoe",
		     "38", NULL));
	OK(w->f, store_commit(w->f->s, &w->f->dg));
	txn_begin(w, false);
	OK(w->f, put(w->f, CHANGE_UPDATE, "field", &f, "name", "contact.size",
		     NULL));
	OK(w->f, store_commit(w->f->s, &w->f->dg));
	txn_begin(w, false);
	OK(w->f, put(w->f, CHANGE_CREATE, "kind", &k, "name", "boat", NULL));
	OK(w->f,
	    put(w->f, CHANGE_CREATE, "field", &g, "name", "boat.length", NULL));
	OK(w->f, store_commit(w->f->s, &w->f->dg));
	txn_begin(w, false);
	OK(w->f, put(w->f, CHANGE_CREATE, "boat", &m, "length", "12", NULL));
	OK(w->f, store_commit(w->f->s, &w->f->dg));
	drain(w);
	assert_int_equal(compare(w, w->f->s), 0);
	rebuild_is_the_same(w);
	txn_begin(w, false);
	OK(w->f, put(w->f, CHANGE_DELETE, "boat", &m, NULL));
	OK(w->f, put(w->f, CHANGE_DELETE, "kind", &k, NULL));
	OK(w->f, put(w->f, CHANGE_UPDATE, "field", &f, "name", "contact.shoe",
		     NULL));
	OK(w->f, store_commit(w->f->s, &w->f->dg));
	drain(w);
	assert_int_equal(compare(w, w->f->s), 0);
	rebuild_is_the_same(w);
}

/* Back and forth within one transaction: the file stays, its date must not
 * be taken for that of the record. */
static void
back_and_forth(void **state)
{
	struct world *w = *state;
	struct id a = {0};

	txn_begin(w, false);
	OK(w->f, put(w->f, CHANGE_CREATE, "contact", &a, "name", "Ada", "city",
		     "Ulm", NULL));
	OK(w->f, store_commit(w->f->s, &w->f->dg));
	turn_on(w);
	w->clock += 100;
	txn_begin(w, false);
	OK(w->f, put(w->f, CHANGE_UPDATE, "contact", &a, "city", "Bern", NULL));
	OK(w->f, put(w->f, CHANGE_UPDATE, "contact", &a, "city", "Ulm", NULL));
	OK(w->f, store_commit(w->f->s, &w->f->dg));
	assert_int_equal(compare(w, w->f->s), 0);
	rebuild_is_the_same(w);
}

/* A kind that comes, has records and goes in one transaction: git never sees
 * it; what takes its records back and changes its prefix leaves no file. */
static void
kinds_come_and_go_at_once(void **state)
{
	struct world *w = *state;
	struct id k = {0}, l = {0}, m = {0}, g = {0}, h = {0};

	turn_on(w);
	txn_begin(w, false);
	OK(w->f, put(w->f, CHANGE_CREATE, "kind", &k, "name", "boat", NULL));
	OK(w->f,
	    put(w->f, CHANGE_CREATE, "field", &g, "name", "boat.length", NULL));
	OK(w->f, put(w->f, CHANGE_CREATE, "boat", &m, "length", "12", NULL));
	OK(w->f, put(w->f, CHANGE_DELETE, "boat", &m, NULL));
	OK(w->f, put(w->f, CHANGE_DELETE, "kind", &k, NULL));
	OK(w->f, store_commit(w->f->s, &w->f->dg));
	drain(w);
	assert_int_equal(compare(w, w->f->s), 0);
	txn_begin(w, false);
	OK(w->f, put(w->f, CHANGE_CREATE, "kind", &l, "name", "car", "prefix",
		     "car", NULL));
	m = (struct id){0};
	OK(w->f,
	    put(w->f, CHANGE_CREATE, "field", &h, "name", "car.seats", NULL));
	OK(w->f, put(w->f, CHANGE_CREATE, "car", &m, "seats", "4", NULL));
	OK(w->f, store_commit(w->f->s, &w->f->dg));
	txn_begin(w, false);
	OK(w->f, put(w->f, CHANGE_DELETE, "car", &m, NULL));
	OK(w->f, put(w->f, CHANGE_UPDATE, "kind", &l, "prefix", "auto", NULL));
	OK(w->f, store_commit(w->f->s, &w->f->dg));
	drain(w);
	assert_int_equal(compare(w, w->f->s), 0);
}

static void
differences_are_named(void **state)
{
	struct world *w = *state;
	struct journal_state j = {0};

	some_transactions(w, 10);
	turn_on(w);
	/* A change that the journal does not know. */
	txn_begin(w, false);
	j.off = true;
	OK(w->f, journal_configure(w->f->s, &j, &w->f->dg));
	op_edit(w);
	op_add(w);
	OK(w->f, store_commit(w->f->s, &w->f->dg));
	assert_true(compare(w, w->f->s) >= 2);
}

static void
another_store_is_refused(void **state)
{
	struct world *w = *state;
	struct drain_options o = options(w);
	struct store_options so = {.path = w->other};
	struct store *s;
	struct repo *r;
	uint64_t written;

	some_transactions(w, 10);
	turn_on(w);
	OK(w->f, store_open(&s, &so, &w->f->dg));
	OK(w->f, store_begin(s, who(w), false, &w->f->dg));
	OK(w->f, store_commit(s, &w->f->dg));
	OK(w->f, repo_open(&r, w->repo, &w->beat, &w->f->dg));
	assert_int_equal(drain_run(s, r, &o, &written, &w->f->dg), CRM_CONFIG);
	repo_close(r);
	store_close(s);
}

static void
texts_that_are_none(void **state)
{
	struct world *w = *state;
	static const char *const bad[] = {"name", "name\n", "name\tAda",
	    "nme\tAda\n", "name\tA\nname\tB\n", "name\tA\\x\n", "name\t\n",
	    "tag\ta,b\n", "tag\ta\nname\tx\ntag\tb\n", "orders\t3\n"};
	struct str values[ROW_SLOTS];
	struct buf hold = {0};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (record_values(kind(w->f, "contact"), str_from(bad[i]), 0,
			values, &hold, &w->f->dg) != CRM_CONFIG)
			fail_msg("%s", bad[i]);
	OK(w->f, record_values(kind(w->f, "contact"),
		     STR("name\tA\\tB\ntag\tx\ntag\ty\n"), 0, values, &hold,
		     &w->f->dg));
	assert_true(str_is(values[field(w->f, "contact", "tag")->slot], "x,y"));
	assert_true(
	    str_is(values[field(w->f, "contact", "name")->slot], "A\tB"));
	assert_true(str_is(values[SLOT_UPDATED], "1970-01-01T00:00:00Z"));
	buf_clear(&hold);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(git_holds_what_the_store_holds),
	    TEST(schema_changes_in_between),
	    TEST(back_and_forth),
	    TEST(kinds_come_and_go_at_once),
	    TEST(differences_are_named),
	    TEST(another_store_is_refused),
	    TEST(texts_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
