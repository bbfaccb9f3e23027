/* SPDX-License-Identifier: ISC */
/* store_runs: a load that does not fit into the memory of a batch: keys put
 * aside and merged, pages written before the end, values found meanwhile. */
#include "rounds.h"
#include "store_test.h"

/* LMDB 0.9.24 loses its list of written pages, one of a transaction. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:mdb_midl_alloc\nleak:liblmdb\n";
}

enum { LONG = 400, EVERY = 97 };

/* With 800 bytes of keys each; a batch has room for 12 MiB of them. */
static unsigned
records(void)
{
	return rounds(120000, 40000, 30000);
}

/* Long and in no order: "x39876...". */
static const char *
long_name(uint64_t i, char *out)
{
	uint64_t mixed = i * UINT64_C(0x9e3779b97f4a7c15) >> 20;

	memset(out, 'x', LONG);
	snprintf(out, LONG, "n%llu", (unsigned long long)mixed);
	out[strlen(out)] = 'x';
	snprintf(out + LONG - 12, 12, "%011llu", (unsigned long long)i);
	return out;
}

static const char *
ext(uint64_t i, char *out)
{
	snprintf(out, 16, "E%08llu", (unsigned long long)i);
	return out;
}

static void
add_one(struct fixture *f, uint64_t i)
{
	char name[LONG + 1] = "", mail[LONG + 1] = "", e[16];
	struct id id = {0};

	long_name(i, name);
	long_name(i + records(), mail);
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", name, "email", mail,
		  "ext", ext(i, e), NULL));
	assert_int_equal(id.num, i);
}

static void
found(struct fixture *f, uint64_t i, const char *e)
{
	struct id id;
	size_t n;

	OK(f, store_find(f->s, field(f, "contact", "ext"), str_from(e),
		  STORE_EXACT, &id, 1, &n, &f->dg));
	assert_int_equal(n, i > 0);
	if (i > 0)
		assert_int_equal(id.num, i);
}

/* Some take another name and number in the same batch, some go. */
static void
change_some(struct fixture *f)
{
	for (uint64_t i = EVERY; i <= records(); i += EVERY) {
		struct id id = {.kind = KIND_CONTACT, .num = i};
		char name[LONG + 1] = "", e[16];

		long_name(i + 2 * records(), name);
		OK(f, put(f, CHANGE_UPDATE, "contact", &id, "name", name, "ext",
			  ext(i + records(), e), NULL));
		found(f, i, e);
		found(f, 0, ext(i, e));
		id.num = i - 1;
		OK(f, put(f, CHANGE_DELETE, "contact", &id, NULL));
		found(f, 0, ext(i - 1, e));
	}
}

static void
refuse_taken(struct fixture *f)
{
	struct id id = {0};
	char e[16];

	assert_int_equal(put(f, CHANGE_CREATE, "contact", &id, "name", "twice",
			     "ext", ext(5, e), NULL),
	    CRM_DATA);
	diag_clear(&f->dg);
	/* Free again, because its owner took another one. */
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "heir", "ext",
		  ext(EVERY, e), NULL));
	found(f, id.num, e);
}

static void
more_than_fits(void **state)
{
	struct fixture *f = *state;
	char e[16];
	uint64_t n;

	begin(f, true);
	for (uint64_t i = 1; i <= records(); i++) {
		add_one(f, i);
		if (i % 1000 == 0)
			found(f, i / 2, ext(i / 2, e));
	}
	change_some(f);
	refuse_taken(f);
	OK(f, store_commit(f->s, &f->dg));
	verify(f);
	OK(f, store_count(f->s, kind(f, "contact"), &n, &f->dg));
	assert_int_equal(n, records() - records() / EVERY + 1);
	found(f, 7, ext(7, e));
}

/* What a large batch wrote early is gone with it, its file too. */
static void
abort_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct id id = {0};
	char path[128];
	uint64_t n;

	begin(f, true);
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "Ada", NULL));
	OK(f, store_commit(f->s, &f->dg));
	begin(f, true);
	for (uint64_t i = 2; i <= records(); i++)
		add_one(f, i);
	store_abort(f->s);
	OK(f, store_count(f->s, kind(f, "contact"), &n, &f->dg));
	assert_int_equal(n, 1);
	verify(f);
	snprintf(path, sizeof(path), "%s/runs.tmp", f->path);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* Sums of a batch and changes of the same records go together. */
static void
sums_and_changes(void **state)
{
	struct fixture *f = *state;
	struct id who = {0}, org = {0}, order = {0}, gone = {0};

	begin(f, true);
	OK(f, put(f, CHANGE_CREATE, "org", &org, "name", "Works", NULL));
	OK(f, put(f, CHANGE_CREATE, "contact", &who, "name", "Ada", "org",
		  text(f, org), NULL));
	OK(f, put(f, CHANGE_CREATE, "order", &gone, "contact", text(f, who),
		  "total", "10.50", "issued", "2026-01-02", NULL));
	OK(f, put(f, CHANGE_CREATE, "order", &order, "contact", text(f, who),
		  "total", "4.25", "issued", "2026-02-03", NULL));
	value_is(f, who, "revenue", "14.75");
	OK(f, put(f, CHANGE_DELETE, "order", &gone, NULL));
	order = (struct id){0};
	OK(f, put(f, CHANGE_CREATE, "order", &order, "contact", text(f, who),
		  "total", "1.00", "issued", "2026-02-01", NULL));
	OK(f, store_commit(f->s, &f->dg));
	value_is(f, who, "revenue", "5.25");
	value_is(f, org, "orders", "2");
	value_is(f, org, "first_order", "2026-02-01");
	value_is(f, who, "last_order", "2026-02-03");
	begin(f, true);
	order = (struct id){0};
	OK(f, put(f, CHANGE_CREATE, "order", &order, "contact", text(f, who),
		  "total", "2.00", "issued", "2025-12-31", NULL));
	OK(f, store_commit(f->s, &f->dg));
	value_is(f, org, "first_order", "2025-12-31");
	value_is(f, org, "revenue", "7.25");
	verify(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(more_than_fits, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		abort_leaves_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(sums_and_changes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
