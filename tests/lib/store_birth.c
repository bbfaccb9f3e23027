/* SPDX-License-Identifier: ISC */
/* store_birth: what a store is when its first transaction is committed. */
#include "store/priv.h"
#include "store_test.h"

/* The main table holds tables and nothing else. */
static void
only_tables(struct fixture *f)
{
	MDB_txn *txn;
	MDB_cursor *cur;
	MDB_val k, v;
	MDB_dbi names;
	size_t n = 0;

	assert_int_equal(env_snapshot(f->s, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, NULL, 0, &names), 0);
	assert_int_equal(mdb_cursor_open(txn, names, &cur), 0);
	/* The head of one has 48 bytes. */
	for (; mdb_cursor_get(cur, &k, &v, MDB_NEXT) == 0; n++)
		assert_int_equal(v.mv_size, 48);
	assert_true(n > 0);
	mdb_cursor_close(cur);
	mdb_txn_abort(txn);
}

/* Young ones would have long lists of free pages. */
static void
it_begins_late(void **state)
{
	struct fixture *f = *state;
	struct id id = {0};
	MDB_envinfo info;

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "Ada", NULL));
	OK(f, store_commit(f->s, &f->dg));
	assert_int_equal(mdb_env_info(f->s->env, &info), 0);
	assert_true(info.me_last_txnid > 256);
	/* Nothing of what came before is left. */
	reopen(f, false);
	only_tables(f);
	value_is(f, id, "name", "Ada");
	verify(f);
}

/* What is refused leaves no store, nor anything beside its place. */
static void
or_not_at_all(void **state)
{
	struct fixture *f = *state;
	struct id id = {0};
	char path[128];

	begin(f, false);
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "Ada", NULL));
	snprintf(path, sizeof(path), "%s.new", f->path);
	assert_int_equal(access(path, F_OK), 0);
	store_abort(f->s);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_not_equal(access(f->path, F_OK), 0);
	assert_true(store_missing(f->s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(it_begins_late, setup, teardown),
	    cmocka_unit_test_setup_teardown(or_not_at_all, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
