/* SPDX-License-Identifier: ISC */
/* store_hand: the second thread of a batch does its jobs in order, and what
 * is loaded is the same with it and without. */
#include "store_test.h"

#include "base/crc.h"
#include "rounds.h"
#include "store/words_priv.h"

enum { JOBS = 1000 };

/* ---- jobs ------------------------------------------------------------- */

struct count {
	unsigned n, wrong;
};

struct job {
	struct count *count;
	unsigned want;
	bool done;
};

static void
do_job(void *arg)
{
	struct job *j = arg;

	j->count->wrong += j->count->n++ != j->want;
	j->done = true;
}

static void
jobs_are_done_in_order(void **state)
{
	static struct job jobs[JOBS];

	(void)state;
	for (unsigned way = 0; way < 3; way++) {
		struct hand *h = hand_new(way == 1);
		struct count count = {0};

		assert_non_null(h);
		/* The last way has no thread at all. */
		if (way < 2)
			hand_start(h);
		for (unsigned i = 0; i < JOBS; i++) {
			uint64_t job;

			jobs[i] = (struct job){.count = &count, .want = i};
			job = hand_give(h, do_job, &jobs[i]);
			assert_true(job != 0);
			if (i % 100 != 99)
				continue;
			hand_wait(h, job);
			assert_true(jobs[i].done);
		}
		hand_rest(h);
		assert_int_equal(count.n, JOBS);
		jobs[0] = (struct job){.count = &count, .want = JOBS};
		(void)hand_give(h, do_job, &jobs[0]);
		hand_free(h);
		assert_true(jobs[0].done);
		assert_int_equal(count.wrong, 0);
	}
	hand_free(NULL);
}

/* ---- loads ------------------------------------------------------------ */

static const char *const names[] = {"Zoë Müller", "anna-maria 4711",
    "Dr. Kim 123456", "李小龙", "x", "Straße des 17. Juni 135",
    "a very long name that goes on and on and on"};

static void
any_text(char *out, size_t room)
{
	snprintf(out, room, "%s %llu %s", names[draw(ARRAY_LEN(names))],
	    (unsigned long long)draw(100000), names[draw(ARRAY_LEN(names))]);
}

static void
load(struct fixture *f, bool alone, size_t room)
{
	const unsigned rows = rounds(6000, 2000, 1500);
	char name[128], note[128], ext[32];

	f->s->alone = alone;
	f->s->words_room = room;
	seed = 7;
	for (unsigned round = 0; round < 3; round++) {
		begin(f, true);
		for (unsigned i = 0; i < rows; i++) {
			struct id id = {0};
			bool old = round > 0 && draw(4) == 0;

			any_text(name, sizeof(name));
			any_text(note, sizeof(note));
			snprintf(ext, sizeof(ext), "%u:%u", round, i);
			if (old)
				id = (struct id){.kind = KIND_CONTACT,
				    .num = 1 + draw(rows)};
			OK(f, put(f, old ? CHANGE_UPDATE : CHANGE_CREATE,
				  "contact", &id, "name", name, "note", note,
				  "ext", ext, NULL));
		}
		OK(f, store_commit(f->s, &f->dg));
	}
}

/* Of all entries of all tables. */
static uint32_t
sum(struct fixture *f)
{
	MDB_txn *txn;
	MDB_cursor *tables, *cur;
	MDB_val name, k, v;
	MDB_dbi all, t;
	uint32_t crc = 0;

	store_pause(f->s);
	assert_int_equal(mdb_txn_begin(f->s->env, NULL, MDB_RDONLY, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, NULL, 0, &all), 0);
	assert_int_equal(mdb_cursor_open(txn, all, &tables), 0);
	while (mdb_cursor_get(tables, &name, &v, MDB_NEXT) == 0) {
		char z[64] = "";

		memcpy(z, name.mv_data, name.mv_size);
		crc = crc32c(crc, z, name.mv_size);
		assert_int_equal(mdb_dbi_open(txn, z, 0, &t), 0);
		assert_int_equal(mdb_cursor_open(txn, t, &cur), 0);
		while (mdb_cursor_get(cur, &k, &v, MDB_NEXT) == 0) {
			crc = crc32c(crc, k.mv_data, k.mv_size);
			crc = crc32c(crc, v.mv_data, v.mv_size);
		}
		mdb_cursor_close(cur);
	}
	mdb_cursor_close(tables);
	mdb_txn_abort(txn);
	return crc;
}

static void
loads_are_the_same(void **state)
{
	/* Words go into their table once, or many times. */
	static const size_t rooms[] = {0, 30000};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
		uint32_t sums[2];

		for (unsigned alone = 0; alone < 2; alone++) {
			void *fresh = NULL;
			struct fixture *f;

			assert_int_equal(setup(&fresh), 0);
			f = fresh;
			load(f, alone, rooms[i]);
			verify(f);
			sums[alone] = sum(f);
			teardown(&fresh);
		}
		assert_int_equal(sums[0], sums[1]);
	}
}

/* An abort in the middle leaves nothing, and nothing of it comes later. */
static void
an_abort_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	const unsigned rows = rounds(1000, 333, 250);
	uint32_t before;
	uint64_t n;

	load(f, false, 30000);
	before = sum(f);
	for (unsigned i = 0; i < 5; i++) {
		begin(f, true);
		for (unsigned j = 0; j < 100 + rows * i; j++) {
			struct id id = {0};

			OK(f, put(f, CHANGE_CREATE, "contact", &id, "name",
				  "Nobody Atall", NULL));
		}
		store_abort(f->s);
		assert_true(sum(f) == before);
	}
	OK(f, store_count(f->s, kind(f, "contact"), &n, &f->dg));
	assert_true(n > 6 * rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(jobs_are_done_in_order),
	    cmocka_unit_test(loads_are_the_same),
	    cmocka_unit_test_setup_teardown(
		an_abort_leaves_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
