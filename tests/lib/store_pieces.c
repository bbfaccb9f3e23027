/* SPDX-License-Identifier: ISC */
/* Unit tests of large transactions in the journal: where their pieces end, and
 * what is found of one that is half gone. */
#include "store_test.h"

static void
commit(struct fixture *f)
{
	OK(f, store_commit(f->s, &f->dg));
}

static uint64_t
first_txn(struct fixture *f)
{
	struct journal_state j;

	OK(f, journal_state(f->s, &j, &f->dg));
	return j.first;
}

/* Rows of two kinds by turns; *c and *o are the last ones. */
static void
add_by_turns(struct fixture *f, bool bulk, int n, struct id *c, struct id *o)
{
	begin(f, bulk);
	for (int i = 0; i < n; i++) {
		struct id *id = i % 2 ? c : o;

		id->num = 0;
		OK(f, put(f, CHANGE_CREATE, i % 2 ? "contact" : "org", id,
			  "name", "somebody", NULL));
	}
}

/* The first change of the record that the journal has is of TXN (0: it has
 * none); *more: there are others. */
static void
first_known(struct fixture *f, struct id id, uint64_t txn, bool *more)
{
	struct journal *j;
	struct journal_change c;
	bool got;

	OK(f, journal_open(&j, f->s, false, &f->dg));
	OK(f, journal_of(j, id, 0, UINT64_MAX, false, &f->dg));
	OK(f, journal_next(j, &c, &got, &f->dg));
	if (got != (txn > 0))
		fail_msg("%s: %s", text(f, id), got ? "known" : "not known");
	*more = false;
	if (got) {
		assert_int_equal(journal_head(j)->txn, txn);
		OK(f, journal_next(j, &c, more, &f->dg));
	}
	journal_close(j);
}

/* They are many short runs; whatever of them ends a piece of the journal, no
 * run says that it goes on in one that is not. */
static void
runs_end_with_their_pieces(void **state)
{
	struct fixture *f = *state;
	uint64_t txn = 0;
	bool more;

	for (int n = 2724; n < 2732; n++) {
		struct id c = {0}, o = {0};

		add_by_turns(f, true, n, &c, &o);
		commit(f);
		txn++;
		first_known(f, c, txn, &more);
		assert_false(more);
		first_known(f, o, txn, &more);
		assert_false(more);
	}
	verify(f);
}

/* A large transaction goes a few pieces at a time: what is left of it in
 * between is no fault, and in nobody's way. */
static void
half_gone(struct fixture *f, bool bulk)
{
	struct journal_state j = {.keep = 1};
	struct id a = {0}, b = {0}, one = {.kind = KIND_CONTACT, .num = 14999};
	bool more;

	add_by_turns(f, bulk, 30000, &a, &b);
	OK(f, put(f, CHANGE_UPDATE, "contact", &one, "city", "Ulm", NULL));
	commit(f);
	begin(f, false);
	OK(f, journal_configure(f->s, &j, &f->dg));
	commit(f);
	for (uint64_t txn = 2; txn < 70; txn++) {
		begin(f, false);
		OK(f, put(f, CHANGE_UPDATE, "contact", &a, "city",
			  txn % 2 ? "Bonn" : "Bern", NULL));
		commit(f);
		first_known(f, a, first_txn(f), &more);
		first_known(f, one, 0, &more);
		if (txn % 8 == 2)
			verify(f);
	}
	verify(f);
}

static void
half_gone_is_gone(void **state)
{
	half_gone(*state, false);
}

static void
half_a_load_is_gone(void **state)
{
	half_gone(*state, true);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(runs_end_with_their_pieces),
	    TEST(half_gone_is_gone),
	    TEST(half_a_load_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
