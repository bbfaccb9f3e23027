/* SPDX-License-Identifier: ISC */
/* Finding by two threads: the same records in the same order as by one, and
 * the same fault where a record is damaged; CRM_ROUNDS asks more. */
#include "crm/find.h"
#include "store_test.h"

enum { ORGS = 300, CONTACTS = 2400, DEALS = 5000, MOST = 6000 };

static struct id
add(struct fixture *f, const char *kind, const char *name, const char *field1,
    const char *value1, const char *field2, const char *value2)
{
	struct id id = {0};

	OK(f, put(f, CHANGE_CREATE, kind, &id, "name", name, field1, value1,
		  field2, value2, NULL));
	return id;
}

static void
fill(struct fixture *f)
{
	static const char *const cities[] = {"Bern", "Basel", "Thun", "Genf"};
	static const char *const stages[] = {
	    "new", "qualified", "proposal", "won", "lost"};
	static const char *const names[] = {"J\u00f6rg M\u00fcller",
	    "Joerg M\u00f6ri", "Anna Mueller", "Ann\u00e4 Jorg", "Kaputt"};
	char name[64], other[32];

	begin(f, true);
	for (int i = 0; i < ORGS; i++) {
		snprintf(name, sizeof(name), "Firma %d", i);
		add(f, "org", name, "city", cities[i % 4], "industry",
		    i % 3 ? "energy" : "wood");
	}
	for (int i = 0; i < CONTACTS; i++) {
		snprintf(name, sizeof(name), "%s %d", names[draw(5)], i);
		snprintf(other, sizeof(other), "o%d", (int)draw(ORGS) + 1);
		add(f, "contact", name, "city", cities[draw(4)], "org", other);
	}
	for (int i = 0; i < DEALS; i++) {
		struct id id = {0};
		char amount[16];

		snprintf(name, sizeof(name), "Handel %d", i);
		snprintf(other, sizeof(other), "c%d", (int)draw(CONTACTS) + 1);
		snprintf(amount, sizeof(amount), "%d", (int)draw(2000));
		OK(f, put(f, CHANGE_CREATE, "deal", &id, "name", name,
			  "contact", other, "amount", amount, "stage",
			  stages[draw(5)], NULL));
	}
	OK(f, store_commit(f->s, &f->dg));
}

/* What is asked: the kind and words, in what order. */
struct question {
	const char *kind, *words, *sort;
};

static const struct question questions[] = {
    {"contact", "name:j\u00f6rg m\u00fc", NULL},
    {"contact", "jorg", NULL},
    {"contact", "name:muller;city=Bern", "-name"},
    {"contact", "m\u00fcller;bern", NULL},
    {"contact", "org.city=Bern;deal.amount>1000;deal.stage=new,won", NULL},
    {"contact", "org.industry=wood;deal.stage=lost", "org.name,name"},
    {"contact", "name:anna;org.city=Thun,Genf", NULL},
    {"contact", "name:anna;org.name~7$", NULL},
    {"contact", "deal.amount>1990;open_deals>0", "-pipeline"},
    {"contact", "name:anna;not;org.industry=energy", NULL},
    {"contact", "city=Bern;or;name:m\u00f6ri", "city"},
    {"org", "contact.name:kaputt;city=Bern", NULL},
    {"org", "contact.deal.amount>1900", NULL},
    {"deal", "contact.org.city=Bern;amount>1500", NULL},
    {"deal", "contact.name:jorg;stage=won", "-amount"},
    {"deal", "amount=100..300", NULL},
};

/* What came of it. */
struct answer {
	size_t n;
	uint64_t numbers[MOST];
	enum crm_err err;
	char message[300];
};

/* At most LIMIT of the records; the snapshot is renewed now and then. */
static void
answer(struct fixture *f, const struct question *q, uint64_t limit,
    uint64_t pause, bool two, struct answer *a)
{
	struct clock clock = {.now = 1772452800};
	struct str words[16], rest = str_from(q->words);
	struct find_options o = {.kind = kind(f, q->kind),
	    .words = words,
	    .sort = q->sort,
	    .limit = limit};
	struct finder *fi = NULL;
	bool got = true;

	a->n = 0;
	while (rest.p)
		words[o.nwords++] = str_cut(&rest, ';');
	a->err = finder_new(&fi, f->s, &clock, &o, &f->dg);
	if (!a->err && two)
		finder_alone(fi);
	while (!a->err && got) {
		struct record r;

		a->err = finder_next(fi, &r, &got, &f->dg);
		if (!a->err && got && a->n < MOST)
			a->numbers[a->n++] = r.id.num;
		if (pause && draw(pause) == 0)
			store_pause(f->s);
	}
	finder_free(fi);
	snprintf(a->message, sizeof(a->message), "%s",
	    a->err ? diag_text(&f->dg) : "");
	diag_clear(&f->dg);
}

/* Does the answer of two threads equal that of one? How many records. */
static size_t
same(struct fixture *f, const struct question *q, uint64_t limit)
{
	struct answer *a = calloc(2, sizeof(*a));
	size_t n;

	assert_non_null(a);
	for (int two = 0; two < 2; two++)
		answer(f, q, limit, draw(3) * 40, two, &a[two]);
	if (a[0].err != a[1].err || a[0].n != a[1].n ||
	    memcmp(a[0].numbers, a[1].numbers, a[0].n * sizeof(uint64_t)) ||
	    strcmp(a[0].message, a[1].message) != 0)
		fail_msg("%s %s: %zu and %zu, %d and %d, '%s' and '%s'",
		    q->kind, q->words, a[0].n, a[1].n, (int)a[0].err,
		    (int)a[1].err, a[0].message, a[1].message);
	n = a[0].err ? SIZE_MAX : a[0].n;
	free(a);
	return n;
}

static long
rounds(void)
{
	const char *more = getenv("CRM_ROUNDS");

	return more ? strtol(more, NULL, 10) / 100 + 1 : 4;
}

static void
two_threads_answer_like_one(void **state)
{
	struct fixture *f = *state;

	fill(f);
	reopen(f, true);
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		const struct question *q = &questions[i];
		size_t all = same(f, q, UINT64_MAX);

		if (all < 5 || all == SIZE_MAX)
			fail_msg("%s %s: %zu", q->kind, q->words, all);
		for (long r = rounds(); r > 0; r--)
			same(f, q, r % 2 ? UINT64_MAX : draw(all + 2));
	}
}

/* A record of each kind is damaged in turn. */
static void
two_threads_fail_like_one(void **state)
{
	static const char *const names[] = {
	    "Handel 4321", "Handel 77", "Firma 100", "Firma 11", "Kaputt "};
	struct fixture *f = *state;
	size_t failed = 0;

	fill(f);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		damage(f, names[i]);
		reopen(f, true);
		for (size_t j = 0; j < ARRAY_LEN(questions); j++)
			failed +=
			    same(f, &questions[j], UINT64_MAX) == SIZE_MAX;
	}
	assert_true(failed > 2 * ARRAY_LEN(names));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		two_threads_answer_like_one, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		two_threads_fail_like_one, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
