/* SPDX-License-Identifier: ISC */
/* Unit tests of the journal: what it says of transactions and records, both
 * ways; a record as it was; bulk loads; what is kept. */
#define _XOPEN_SOURCE 700 /* truncate */
#include "store_test.h"

#include <sys/stat.h>

enum { NAMES = 40 };

/* A model: the contacts after each transaction, as name and city. */
struct past {
	bool there[NAMES + 1];
	char city[NAMES + 1][16];
};

static void
commit(struct fixture *f)
{
	OK(f, store_commit(f->s, &f->dg));
}

static struct journal_state
state_of(struct fixture *f)
{
	struct journal_state j;

	OK(f, journal_state(f->s, &j, &f->dg));
	return j;
}

static struct str
slot_text(struct fixture *f, const struct row *row, const char *name)
{
	return row_get(row, field(f, "contact", name)->slot);
}

/* What the journal says of a transaction, as letters and ids. */
static void
txn_is(struct fixture *f, uint64_t txn, bool backwards, const char *want)
{
	struct journal *j;
	struct journal_change c;
	struct buf all = {0};
	bool got;

	OK(f, journal_open(&j, f->s, false, &f->dg));
	OK(f, journal_txn(j, txn, backwards, &f->dg));
	for (;;) {
		OK(f, journal_next(j, &c, &got, &f->dg));
		if (!got)
			break;
		buf_addc(&all, "cud"[c.op]);
		buf_addz(&all, text(f, c.id));
		buf_addc(&all, ' ');
	}
	assert_string_equal(buf_z(&all), want);
	buf_clear(&all);
	journal_close(j);
}

static void
city_was(struct fixture *f, struct id id, uint64_t txn, const char *want)
{
	struct buf hold = {0};
	struct row row;
	bool there;

	OK(f, journal_row(f->s, id, txn, &hold, &row, &there, &f->dg));
	if (there != (want != NULL))
		fail_msg("%s after %d", text(f, id), (int)txn);
	if (there)
		assert_true(str_is(slot_text(f, &row, "city"), want));
	buf_clear(&hold);
}

static void
says_what_was_done(void **state)
{
	struct fixture *f = *state;
	struct id a = {0}, b = {0};
	struct journal_state j;

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &a, "name", "Ada", NULL));
	OK(f, put(f, CHANGE_CREATE, "contact", &b, "name", "Bob", NULL));
	OK(f, put(f, CHANGE_UPDATE, "contact", &a, "city", "Bern", NULL));
	commit(f);
	begin(f, false);
	OK(f, put(f, CHANGE_UPDATE, "contact", &a, "city", "Ulm", NULL));
	OK(f, put(f, CHANGE_DELETE, "contact", &b, NULL));
	commit(f);
	txn_is(f, 1, false, "cc1 cc2 uc1 ");
	txn_is(f, 1, true, "uc1 cc2 cc1 ");
	txn_is(f, 2, false, "uc1 dc2 ");
	j = state_of(f);
	assert_int_equal(j.first, 1);
	assert_int_equal(j.last, 2);
	city_was(f, a, 0, NULL);
	city_was(f, a, 1, "Bern");
	city_was(f, a, 2, "Ulm");
	city_was(f, b, 1, "");
	city_was(f, b, 2, NULL);
	verify(f);
}

static void
nothing_has_no_number(void **state)
{
	struct fixture *f = *state;
	struct id a = {0};

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &a, "name", "Ada", NULL));
	commit(f);
	begin(f, false);
	OK(f, put(f, CHANGE_UPDATE, "contact", &a, "name", "Ada", NULL));
	commit(f);
	begin(f, false);
	OK(f, put(f, CHANGE_UPDATE, "contact", &a, "name", "Eve", NULL));
	store_abort(f->s);
	assert_int_equal(state_of(f).last, 1);
}

/* A load whose rows make orgs on the way, then changes of some of them. */
static void
a_load_is_runs_of_ids(void **state)
{
	struct fixture *f = *state;
	struct journal *j;
	struct journal_change c;
	struct id id = {0}, org = {0}, one;
	uint64_t n = 0;
	bool got;

	begin(f, true);
	for (int i = 1; i <= 3000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "n%d", i);
		org.num = id.num = 0;
		if (i % 3 == 0)
			OK(f, put(f, CHANGE_CREATE, "org", &org, "name", name,
				  NULL));
		OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", name,
			  "city", "Bonn", NULL));
	}
	commit(f);
	one = (struct id){.kind = KIND_CONTACT, .num = 1777};
	begin(f, false);
	OK(f, put(f, CHANGE_UPDATE, "contact", &one, "city", "Bern", NULL));
	commit(f);
	begin(f, false);
	OK(f, put(f, CHANGE_DELETE, "contact", &one, NULL));
	commit(f);
	city_was(f, one, 0, NULL);
	city_was(f, one, 1, "Bonn");
	city_was(f, one, 2, "Bern");
	city_was(f, one, 3, NULL);
	OK(f, journal_open(&j, f->s, false, &f->dg));
	OK(f, journal_txn(j, 1, false, &f->dg));
	assert_int_equal(journal_head(j)->changes, 4000);
	for (;; n++) {
		OK(f, journal_next(j, &c, &got, &f->dg));
		if (!got)
			break;
		assert_int_equal(c.op, CHANGE_CREATE);
		if (c.id.kind == KIND_CONTACT)
			assert_true(
			    str_is(slot_text(f, &c.after, "city"), "Bonn"));
	}
	assert_int_equal(n, 4000);
	OK(f, journal_of(j, one, 1, 9, true, &f->dg));
	for (int i = 3; i > 0; i--) {
		OK(f, journal_next(j, &c, &got, &f->dg));
		assert_true(got);
		assert_int_equal(journal_head(j)->txn, i);
		assert_int_equal(c.id.num, 1777);
	}
	OK(f, journal_next(j, &c, &got, &f->dg));
	assert_false(got);
	journal_close(j);
	verify(f);
}

/* Random transactions; then every record as it was after each of them. */
static void
any_record_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct past now = {0}, *then = calloc(201, sizeof(*then));
	uint64_t txn = 0;

	assert_non_null(then);
	seed = 7;
	while (txn < 200) {
		bool any = false;

		begin(f, draw(3) == 0);
		for (uint64_t n = 1 + draw(5); n > 0; n--) {
			struct id id = {
			    .kind = KIND_CONTACT, .num = 1 + draw(NAMES)};
			char city[16], name[16];
			bool *there = &now.there[id.num];

			snprintf(city, sizeof(city), "x%d", (int)draw(1000));
			snprintf(name, sizeof(name), "n%d", (int)id.num);
			if (*there && draw(4) == 0) {
				OK(f, put(f, CHANGE_DELETE, "contact", &id,
					  NULL));
				*there = false;
			} else {
				OK(f,
				    put(f,
					*there ? CHANGE_UPDATE : CHANGE_CREATE,
					"contact", &id, "name", name, "city",
					city, NULL));
				*there = true;
				memcpy(now.city[id.num], city, sizeof(city));
			}
			any = true;
		}
		commit(f);
		txn += any;
		then[txn] = now;
	}
	for (txn = 0; txn <= 200; txn++)
		for (uint64_t i = 1; i <= NAMES; i++)
			city_was(f, (struct id){.kind = KIND_CONTACT, .num = i},
			    txn, then[txn].there[i] ? then[txn].city[i] : NULL);
	verify(f);
	free(then);
}

static void
what_is_not_kept_goes(void **state)
{
	struct fixture *f = *state;
	struct journal_state j;
	struct journal *r;
	struct id id = {0};
	bool more = true;

	for (int i = 0; i < 1300; i++) {
		begin(f, i % 2);
		id.num = 0;
		OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "n", NULL));
		commit(f);
	}
	assert_int_equal(state_of(f).first, 1);
	j = (struct journal_state){.keep = 1000};
	begin(f, false);
	OK(f, journal_configure(f->s, &j, &f->dg));
	while (more)
		OK(f, journal_prune(f->s, 100, &more, &f->dg));
	commit(f);
	j = state_of(f);
	assert_int_equal(j.first, 301);
	assert_int_equal(j.last, 1300);
	verify(f);
	/* The history has taken nothing: nothing more goes. */
	j = (struct journal_state){.keep = 1000, .git = true, .drained = 305};
	begin(f, false);
	OK(f, journal_configure(f->s, &j, &f->dg));
	commit(f);
	for (int i = 0; i < 20; i++) {
		begin(f, false);
		OK(f, put(f, CHANGE_UPDATE, "contact", &id, "city",
			  i % 2 ? "a" : "b", NULL));
		commit(f);
	}
	j = state_of(f);
	assert_int_equal(j.first, 306);
	assert_int_equal(j.last, 1320);
	OK(f, journal_open(&r, f->s, true, &f->dg));
	assert_int_equal(journal_txn(r, 305, false, &f->dg), CRM_NO);
	OK(f, journal_txn(r, 306, false, &f->dg));
	journal_close(r);
	verify(f);
}

/* Pages that the file lacks at its end, by what its head says. */
static long
pages_short(struct fixture *f)
{
	unsigned char head[8192];
	uint64_t last, txn, best = 0, newest = 0;
	struct stat st;
	char file[128];
	FILE *in;

	snprintf(file, sizeof(file), "%s/data.mdb", f->path);
	in = fopen(file, "rb");
	assert_non_null(in);
	assert_int_equal(fread(head, 1, sizeof(head), in), sizeof(head));
	assert_int_equal(fstat(fileno(in), &st), 0);
	fclose(in);
	for (size_t at = 0; at < sizeof(head); at += 4096) {
		memcpy(&last, head + at + 136, sizeof(last));
		memcpy(&txn, head + at + 144, sizeof(txn));
		if (txn >= newest) {
			newest = txn;
			best = last;
		}
	}
	return (long)best + 1 - (long)(st.st_size / 4096);
}

/* LMDB need not write pages at the end of its file that a transaction took and
 * gave back: the file is then shorter than its last page says, and sound. */
static void
a_short_file_may_be_sound(void **state)
{
	struct fixture *f = *state;
	struct journal_state off = {.off = true};
	char note[3000];
	long shortest = 0;

	if (sysconf(_SC_PAGESIZE) != 4096)
		return; /* another page size, other numbers */
	memset(note, 'x', sizeof(note));
	begin(f, false);
	OK(f, journal_configure(f->s, &off, &f->dg));
	commit(f);
	for (int round = 0; round < 400 && shortest == 0; round++) {
		struct id ids[40] = {{0}};
		size_t n = 1 + draw(ARRAY_LEN(ids) - 1);

		begin(f, false);
		for (size_t i = 0; i < n; i++) {
			note[1000 + draw(1999)] = '\0';
			OK(f, put(f, CHANGE_CREATE, "org", &ids[i], "note",
				  note, NULL));
			memset(note, 'x', sizeof(note));
		}
		for (size_t i = n; i-- > draw(n);)
			OK(f, put(f, CHANGE_DELETE, "org", &ids[i], NULL));
		commit(f);
		shortest = pages_short(f);
	}
	assert_true(shortest > 0);
	store_close(f->s);
	open_store(f);
	verify(f);
}

static void
off_forgets_and_numbers_go_on(void **state)
{
	struct fixture *f = *state;
	struct journal_state j = {.off = true};
	struct id id = {0}, other = {0};
	struct buf hold = {0};
	struct row row;
	bool there;

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "n", NULL));
	commit(f);
	begin(f, false);
	OK(f, journal_configure(f->s, &j, &f->dg));
	commit(f);
	begin(f, false);
	OK(f, put(f, CHANGE_UPDATE, "contact", &id, "city", "a", NULL));
	commit(f);
	assert_int_equal(state_of(f).first, 0);
	assert_int_equal(state_of(f).last, 1);
	assert_int_equal(
	    journal_row(f->s, id, 0, &hold, &row, &there, &f->dg), CRM_NO);
	j.off = false;
	begin(f, false);
	OK(f, journal_configure(f->s, &j, &f->dg));
	commit(f);
	begin(f, true);
	OK(f, put(f, CHANGE_CREATE, "contact", &other, "name", "m", NULL));
	commit(f);
	txn_is(f, 2, false, "cc2 ");
	buf_clear(&hold);
	verify(f);
}

static void
times_find_transactions(void **state)
{
	struct fixture *f = *state;
	struct id id = {0};
	uint64_t txn;

	for (int i = 0; i < 5; i++) {
		struct change_origin who = {.time = 1000 + i / 2 * 100};

		OK(f, store_begin(f->s, &who, false, &f->dg));
		id.num = 0;
		OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "n", NULL));
		commit(f);
	}
	OK(f, journal_at(f->s, 999, &txn, &f->dg));
	assert_int_equal(txn, 0);
	OK(f, journal_at(f->s, 1000, &txn, &f->dg));
	assert_int_equal(txn, 2);
	OK(f, journal_at(f->s, 1199, &txn, &f->dg));
	assert_int_equal(txn, 4);
	OK(f, journal_at(f->s, 5000, &txn, &f->dg));
	assert_int_equal(txn, 5);
}

/* A field that is gone leaves its slot to nobody. */
static void
slots_are_given_once(void **state)
{
	struct fixture *f = *state;
	struct id x = {0}, y = {0}, k = {0}, l = {0};
	uint16_t slot, no;

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "field", &x, "name", "contact.shoe", NULL));
	OK(f, put(f, CHANGE_CREATE, "kind", &k, "name", "boat", NULL));
	commit(f);
	slot = field(f, "contact", "shoe")->slot;
	no = kind(f, "boat")->no;
	begin(f, false);
	OK(f, put(f, CHANGE_DELETE, "field", &x, NULL));
	OK(f, put(f, CHANGE_DELETE, "kind", &k, NULL));
	OK(f, put(f, CHANGE_CREATE, "field", &y, "name", "contact.hat", NULL));
	OK(f, put(f, CHANGE_CREATE, "kind", &l, "name", "car", NULL));
	commit(f);
	assert_int_not_equal(field(f, "contact", "hat")->slot, slot);
	assert_int_not_equal(kind(f, "car")->no, no);
	verify(f);
}

/* An exact change is just what it says. */
static void
exact_fills_in_nothing(void **state)
{
	struct fixture *f = *state;
	struct change_field fields[] = {{.after = STR("Ada")},
	    {.after = STR("2001-01-01T00:00:00Z")},
	    {.after = STR("2002-02-02T00:00:00Z")}};
	struct change c = {.op = CHANGE_CREATE,
	    .kind = kind(f, "contact"),
	    .id = {.kind = KIND_CONTACT, .num = 5},
	    .fields = fields,
	    .nfields = 3,
	    .exact = true};

	fields[0].field = field(f, "contact", "name");
	fields[1].field = field(f, "contact", "created");
	fields[2].field = field(f, "contact", "updated");
	begin(f, false);
	OK(f, store_apply(f->s, &c, &f->dg));
	fields[0].after = STR("Eve");
	c.op = CHANGE_UPDATE;
	c.nfields = 1;
	OK(f, store_apply(f->s, &c, &f->dg));
	commit(f);
	value_is(f, c.id, "name", "Eve");
	value_is(f, c.id, "created", "2001-01-01T00:00:00Z");
	value_is(f, c.id, "updated", "2002-02-02T00:00:00Z");
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(says_what_was_done),
	    TEST(nothing_has_no_number),
	    TEST(a_load_is_runs_of_ids),
	    TEST(any_record_as_it_was),
	    TEST(what_is_not_kept_goes),
	    TEST(a_short_file_may_be_sound),
	    TEST(off_forgets_and_numbers_go_on),
	    TEST(times_find_transactions),
	    TEST(slots_are_given_once),
	    TEST(exact_fills_in_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
