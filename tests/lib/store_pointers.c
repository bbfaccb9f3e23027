/* SPDX-License-Identifier: ISC */
/* Unit tests of store_pointers: what it tells of some records is what a scan
 * tells, backwards, and what the records say. */
#include "store_test.h"

enum { PEOPLE = 9, EACH = 700, MOST = 4096 };

/* What points to one person, of one kind and class, as a scan finds it. */
struct seen {
	struct id ids[MOST];
	struct ref_time times[MOST];
	size_t n;
};

/* What came. */
struct taken {
	struct fixture *f;
	uint16_t kind;
	struct id ids[MOST];
	struct ref_time times[MOST];
	size_t n, covers;
	size_t refuse; /* false from this call on, from 1 */
	size_t calls;
};

static const char *const kinds[] = {"activity", "order", "task"};

static void
put_one(struct fixture *f, const char *kind, const char *who, const char *when)
{
	struct id id = {0};

	if (str_is(str_from(kind), "activity"))
		OK(f,
		    put(f, CHANGE_CREATE, kind, &id, "contact", who, "subject",
			draw(50) ? "spoke" : "of a long day", "start", when,
			"status", draw(3) ? "held" : "planned", NULL));
	else if (str_is(str_from(kind), "order"))
		OK(f, put(f, CHANGE_CREATE, kind, &id, "contact", who, "total",
			  "1234.25", "issued", when, "status",
			  draw(3) ? "paid" : "cancelled", NULL));
	else
		OK(f, put(f, CHANGE_CREATE, kind, &id, "contact", who, "title",
			  "call", "due", when, "status",
			  draw(3) ? "open" : "done", NULL));
}

/* Some have many, some few, the last one nothing. */
static void
fill(struct fixture *f, bool bulk)
{
	char who[24], when[32];

	begin(f, bulk);
	for (int i = 1; i <= PEOPLE; i++) {
		struct id id = {0};

		OK(f,
		    put(f, CHANGE_CREATE, "contact", &id, "name", "Ada", NULL));
	}
	for (int i = 0; i < EACH * (int)ARRAY_LEN(kinds); i++) {
		uint64_t day = draw(90);

		snprintf(who, sizeof(who), "c%d",
		    (int)(draw(2) ? 4 : 1 + draw(PEOPLE - 1)));
		snprintf(when, sizeof(when), "2026-0%d-%02d%s",
		    (int)(1 + day / 30), (int)(1 + day % 28),
		    draw(2) ? "" : "T10:00:00Z");
		put_one(
		    f, kinds[draw(ARRAY_LEN(kinds))], who, draw(9) ? when : "");
	}
}

static struct scan_spec
spec_of(struct fixture *f, const char *kind, uint64_t num, bool open_only)
{
	return (struct scan_spec){.type = SCAN_REFS,
	    .field = field(f, kind, "contact"),
	    .target = {.kind = KIND_CONTACT, .num = num},
	    .open_only = open_only};
}

static void
scan_seen(struct fixture *f, const char *kind, uint64_t num,
    enum ref_class class, struct seen *out)
{
	struct scan_spec spec = spec_of(f, kind, num, false);
	struct scan *sc;
	struct ref_key key;
	struct id id;
	bool got;

	out->n = 0;
	OK(f, scan_open(&sc, f->s, &spec, &f->dg));
	while (true) {
		OK(f, scan_next(sc, &id, &got, &f->dg));
		if (!got)
			break;
		OK(f, scan_ref(sc, &key, &f->dg));
		if (key.class != class)
			continue;
		assert_in_range(out->n, 0, MOST - 1);
		out->times[out->n] = scan_ref_time(sc);
		out->ids[out->n++] = id;
	}
	scan_close(sc);
}

/* The entry says of an activity what its record says. */
static void
cover_check(struct taken *t, const struct pointer *p)
{
	struct str v[COVER_VALUES];

	if (!pointer_cover(p, v))
		return;
	t->covers++;
	assert_int_equal(t->kind, KIND_ACTIVITY);
	assert_true(str_is(v[COVER_SUBJECT], "spoke") ||
		    str_is(v[COVER_SUBJECT], "of a long day"));
	assert_true(str_is(v[COVER_STATUS], "held") ||
		    str_is(v[COVER_STATUS], "planned"));
}

/* Those of a block come backwards. */
static void
order_check(const struct pointer *later, const struct pointer *p)
{
	struct ref_time a = pointer_time(p), b = pointer_time(later);

	assert_true(pointer_cmp(p, later) < 0);
	assert_true(pointer_cmp(later, p) > 0);
	assert_int_equal(pointer_cmp(p, p), 0);
	assert_true(!b.given || (a.given && a.utc <= b.utc));
	if (a.given && b.given && a.utc == b.utc)
		assert_true(a.day >= b.day);
}

static bool
take(void *arg, const struct pointer *p, size_t n)
{
	struct taken *t = arg;

	assert_in_range(n, 1, MOST);
	for (size_t i = 0; i < n; i++) {
		assert_in_range(t->n, 0, MOST - 1);
		t->ids[t->n] = pointer_id(&p[i], t->kind);
		t->times[t->n++] = pointer_time(&p[i]);
		cover_check(t, &p[i]);
		if (i > 0)
			order_check(&p[i - 1], &p[i]);
	}
	return ++t->calls != t->refuse;
}

static enum crm_err
ask(struct fixture *f, const char *kind, const struct id *who, size_t n,
    bool open_only, size_t limit, struct taken *t)
{
	const struct field *from = field(f, kind, "contact");
	struct store_pointers what = {.kind = from->kind,
	    .slot = from->slot,
	    .targets = who,
	    .ntargets = n,
	    .open_only = open_only,
	    .limit = limit,
	    .take = take,
	    .arg = t};

	t->kind = from->kind;
	t->n = t->covers = t->calls = 0;
	return store_pointers(f->s, &what, &f->dg);
}

/* From *AT on stand the last LIMIT of what was seen, backwards. */
static void
expect(const struct taken *t, size_t *at, const struct seen *seen, size_t limit)
{
	for (size_t i = 0; i < seen->n && i < limit; i++, ++*at) {
		size_t j = seen->n - 1 - i;

		assert_in_range(*at, 0, t->n - 1);
		assert_true(id_eq(t->ids[*at], seen->ids[j]));
		assert_int_equal(t->times[*at].given, seen->times[j].given);
		assert_int_equal(t->times[*at].utc, seen->times[j].utc);
		assert_int_equal(t->times[*at].day, seen->times[j].day);
	}
}

static void
compare(struct fixture *f, const char *kind, bool open_only, size_t limit)
{
	struct taken *t = calloc(1, sizeof(*t));
	struct seen *seen = calloc(1, sizeof(*seen));
	struct id who[PEOPLE + 1];
	size_t at = 0;

	for (size_t i = 0; i <= PEOPLE; i++)
		who[i] = (struct id){.kind = KIND_CONTACT, .num = i + 1};
	OK(f, ask(f, kind, who, PEOPLE + 1, open_only, limit, t));
	for (size_t i = 0; i <= PEOPLE; i++) {
		scan_seen(f, kind, who[i].num, REF_OPEN, seen);
		expect(t, &at, seen, limit);
		if (open_only)
			continue;
		scan_seen(f, kind, who[i].num, REF_CLOSED, seen);
		expect(t, &at, seen, limit);
	}
	assert_int_equal(t->n, at);
	if (limit > 0)
		assert_true(at > 0);
	assert_int_equal(t->covers, t->ids[0].kind == KIND_ACTIVITY ? at : 0);
	free(seen);
	free(t);
}

static void
compare_all(struct fixture *f)
{
	static const size_t limits[] = {
	    0, 1, 2, 4, 5, 11, 12, 13, 45, MOST, SIZE_MAX};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		for (size_t j = 0; j < ARRAY_LEN(limits); j++)
			for (int open_only = 0; open_only < 2; open_only++)
				compare(f, kinds[i], open_only, limits[j]);
}

static void
tells_what_a_scan_tells(void **state)
{
	struct fixture *f = *state;

	fill(f, true);
	compare_all(f); /* what was put stands there already */
	OK(f, store_commit(f->s, &f->dg));
	compare_all(f);
	begin(f, false);
	put_one(f, "activity", "c9", "2026-03-31");
	compare_all(f);
	store_abort(f->s);
}

static void
nothing_comes_of_nothing(void **state)
{
	struct fixture *f = *state;
	struct taken *t = calloc(1, sizeof(*t));
	struct id who = {.kind = KIND_CONTACT, .num = 1};

	OK(f, ask(f, "activity", &who, 1, false, 5, t));
	assert_int_equal(t->n + t->calls, 0);
	fill(f, false);
	OK(f, store_commit(f->s, &f->dg));
	who.num = PEOPLE;
	OK(f, ask(f, "activity", &who, 1, true, 0, t));
	assert_int_equal(t->n + t->calls, 0);
	OK(f, ask(f, "activity", &who, 0, false, 5, t));
	assert_int_equal(t->n + t->calls, 0);
	free(t);
}

static void
who_takes_may_refuse(void **state)
{
	struct fixture *f = *state;
	struct taken *t = calloc(1, sizeof(*t));
	struct id who = {.kind = KIND_CONTACT, .num = 4};

	fill(f, true);
	OK(f, store_commit(f->s, &f->dg));
	for (t->refuse = 1; t->refuse < 4; t->refuse++) {
		assert_int_equal(
		    ask(f, "order", &who, 1, false, MOST, t), CRM_TEMP);
		assert_int_equal(t->calls, t->refuse);
		diag_clear(&f->dg);
	}
	free(t);
}

static void
damage_is_told(void **state)
{
	struct fixture *f = *state;
	struct taken *t = calloc(1, sizeof(*t));
	struct id who = {.kind = KIND_CONTACT, .num = 4};

	fill(f, true);
	OK(f, store_commit(f->s, &f->dg));
	damage(f, "of a long day");
	open_store(f);
	assert_int_equal(
	    ask(f, "activity", &who, 1, false, MOST, t), CRM_CONFIG);
	assert_non_null(strstr(diag_text(&f->dg), "is damaged"));
	diag_clear(&f->dg);
	OK(f, ask(f, "order", &who, 1, false, MOST, t));
	free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		tells_what_a_scan_tells, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		nothing_comes_of_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		who_takes_may_refuse, setup, teardown),
	    cmocka_unit_test_setup_teardown(damage_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
