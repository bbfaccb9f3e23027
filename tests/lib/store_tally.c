/* SPDX-License-Identifier: ISC */
/* Unit tests of store_tally: all open references come once, those of a target
 * together, by one thread and by two. */
#include "store_test.h"

#include <stdatomic.h>

enum { PEOPLE = 700, ORDERS = 4000 };

/* Orders of some people, half of them of a few; every tenth is closed, every
 * seventh in another money. */
static void
fill(struct fixture *f)
{
	begin(f, true);
	for (int i = 1; i <= PEOPLE; i++) {
		struct id id = {0};

		OK(f,
		    put(f, CHANGE_CREATE, "contact", &id, "name", "Ada", NULL));
	}
	for (int i = 1; i <= ORDERS; i++) {
		struct id id = {0};
		char who[24], total[24];
		uint64_t n = draw(2) ? PEOPLE - draw(5) : 1 + draw(PEOPLE / 2);

		snprintf(who, sizeof(who), "c%d", (int)n);
		snprintf(total, sizeof(total), "%d.25", i);
		OK(f, put(f, CHANGE_CREATE, "order", &id, "contact", who,
			  "total", total, "issued", i % 3 ? "2026-01-31" : "",
			  "currency", i % 7 ? "EUR" : "CHF", "status",
			  i % 10 ? "paid" : "cancelled", NULL));
	}
	OK(f, store_commit(f->s, &f->dg));
}

/* What one thread was given. */
struct taken {
	atomic_int *calls; /* of both */
	bool falling;	   /* parts fall, else they rise */
	bool waits;	   /* until the other was called, too */
	unsigned refuse;   /* this call fails, from 1 on */
	unsigned n, part;
	bool any;
	uint64_t last; /* number in this part */
	uint64_t count[PEOPLE + 1], days[PEOPLE + 1];
	struct decimal sum[PEOPLE + 1];
	unsigned in[PEOPLE + 1]; /* part, from 1 on */
};

static void
part_note(struct taken *t, unsigned part)
{
	if (t->any && part == t->part)
		return;
	if (t->any)
		assert_true(t->falling ? part < t->part : part > t->part);
	t->any = true;
	t->part = part;
	t->last = 0;
}

static bool
take(void *arg, unsigned part, const struct ref_sum *sums, size_t n)
{
	struct taken *t = arg;

	atomic_fetch_add(&t->calls[t->falling], 1);
	while (t->waits && atomic_load(&t->calls[!t->falling]) == 0)
		;
	part_note(t, part);
	for (size_t i = 0; i < n; i++) {
		uint64_t num = sums[i].target.num;

		assert_int_equal(sums[i].target.kind, KIND_CONTACT);
		assert_in_range(num, t->last, PEOPLE);
		assert_true(t->in[num] == 0 || t->in[num] == part + 1);
		t->last = num;
		t->in[num] = part + 1;
		t->count[num]++;
		t->days[num] += sums[i].time.given;
		if (sums[i].counts)
			t->sum[num] = decimal_add(t->sum[num], sums[i].amount);
	}
	return ++t->n != t->refuse;
}

static enum crm_err
tally(struct fixture *f, struct taken t[2], atomic_int calls[2], bool two)
{
	struct store_tally what = {.field = field(f, "order", "contact"),
	    .take = take,
	    .first = &t[0],
	    .second = two ? &t[1] : NULL};

	for (int i = 0; i < 2; i++) {
		atomic_init(&calls[i], 0);
		t[i].calls = calls;
		t[i].falling = i;
	}
	return store_tally(f->s, &what, &f->dg);
}

/* The same by the walk of one. */
static void
expect_all(struct fixture *f, const struct taken t[2])
{
	for (uint64_t num = 1; num <= PEOPLE; num++) {
		struct scan_spec spec = {.type = SCAN_REFS,
		    .field = field(f, "order", "contact"),
		    .target = {.kind = KIND_CONTACT, .num = num},
		    .open_only = true};
		const struct taken *who = &t[t[1].in[num] != 0];
		struct decimal sum = {0};
		struct scan *sc;
		struct ref_key key;
		uint64_t count = 0, days = 0;
		struct id id;
		bool got = true;

		assert_true(!t[0].in[num] || !t[1].in[num]);
		OK(f, scan_open(&sc, f->s, &spec, &f->dg));
		while (true) {
			OK(f, scan_next(sc, &id, &got, &f->dg));
			if (!got)
				break;
			OK(f, scan_ref(sc, &key, &f->dg));
			count++;
			days += key.time.n > 0;
			if (key.counts)
				sum = decimal_add(sum, key.amount);
		}
		scan_close(sc);
		assert_int_equal(who->count[num], count);
		assert_int_equal(who->days[num], days);
		assert_int_equal(decimal_cmp(who->sum[num], sum), 0);
	}
}

static void
all_come_once(void **state)
{
	struct fixture *f = *state;
	struct taken *t = calloc(2, sizeof(*t));
	atomic_int calls[2];

	fill(f);
	for (int two = 0; two < 2; two++) {
		memset(t, 0, 2 * sizeof(*t));
		/* So that neither takes all parts. */
		t[0].waits = t[1].waits = two;
		reopen(f, two);
		OK(f, tally(f, t, calls, two));
		assert_int_equal(t[1].any, two);
		if (two)
			assert_true(t[0].part < t[1].part);
		expect_all(f, t);
	}
	free(t);
}

static void
either_may_refuse(void **state)
{
	struct fixture *f = *state;
	struct taken *t = calloc(2, sizeof(*t));
	atomic_int calls[2];

	fill(f);
	reopen(f, true);
	for (int who = 0; who < 2; who++) {
		memset(t, 0, 2 * sizeof(*t));
		t[who].refuse = 1;
		t[!who].waits = true;
		assert_int_equal(tally(f, t, calls, true), CRM_TEMP);
		diag_clear(&f->dg);
	}
	free(t);
}

static void
nothing_comes_of_nothing(void **state)
{
	struct fixture *f = *state;
	struct taken *t = calloc(2, sizeof(*t));
	atomic_int calls[2];

	OK(f, tally(f, t, calls, true));
	begin(f, false);
	OK(f, store_commit(f->s, &f->dg));
	OK(f, tally(f, t, calls, true));
	assert_int_equal(t[0].n + t[1].n, 0);
	free(t);
}

/* Spoils the amount of the order over TOTAL: its bytes in the index. */
static void
spoil_amount(struct fixture *f, const char *total)
{
	unsigned char bytes[DECIMAL_BYTES];
	struct decimal d;

	assert_true(decimal_parse(str_from(total), &d));
	decimal_put(d, bytes);
	damage_bytes(f, (struct str){(const char *)bytes, sizeof(bytes)});
}

static void
damage_is_told(void **state)
{
	static const char *const totals[] = {"3999.25", "1.25"};
	struct fixture *f = *state;
	struct taken *t = calloc(2, sizeof(*t));
	atomic_int calls[2];

	fill(f);
	for (size_t i = 0; i < ARRAY_LEN(totals); i++) {
		spoil_amount(f, totals[i]);
		for (int two = 0; two < 2; two++) {
			memset(t, 0, 2 * sizeof(*t));
			reopen(f, two);
			assert_int_equal(tally(f, t, calls, two), CRM_CONFIG);
			assert_non_null(
			    strstr(diag_text(&f->dg), "is damaged"));
			diag_clear(&f->dg);
		}
	}
	free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(all_come_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(either_may_refuse, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		nothing_comes_of_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(damage_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
