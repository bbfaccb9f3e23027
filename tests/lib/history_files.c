/* SPDX-License-Identifier: ISC */
/* Unit tests of reading: the walk in order of number, what does not belong
 * into a history, who changed what last. */
#include "history_test.h"

static void
walk(struct fixture *f, struct oid commit_id, const char *prefix,
    struct buf *out)
{
	struct files *w;
	struct file file;
	bool got;

	buf_reset(out);
	OK(f, files_open(&w, f->r, commit_id, str_from(prefix), &f->dg));
	for (;;) {
		OK(f, files_next(w, &file, &got, &f->dg));
		if (!got)
			break;
		assert_true(str_starts(file.name.name, file.name.prefix));
		assert_true(
		    oid_eq(file.blob, object_id(OBJECT_BLOB, file.text)));
		buf_add(out, file.name.name);
		buf_addc(out, '=');
		buf_add(out, file.text);
		buf_addc(out, ' ');
	}
	files_close(w);
}

static void
test_walk(void **state)
{
	static const char *const names[] = {"c1234567", "c10", "c9", "c99",
	    "c100", "c9-b7", "c9-a1", "c10000", "c990000", "c1000000", "c0",
	    "ca1", "a5", "c1010000", "c20"};
	struct fixture *f = *state;
	struct editor *e = edit(f, NULL);
	struct buf out = {0}, text = {0};
	struct file_name n;
	struct oid id;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		put(f, e, names[i], i % 2 ? "x" : "y");
	id = commit(f, e, 1);
	OK(f, editor_finish(e, &f->dg));
	editor_free(e);
	advance(f, id);
	walk(f, id, "", &out);
	assert_string_equal(out.p,
	    "a5=y c0=y c9=y c9-a1=y c9-b7=x c10=x c20=y c99=x c100=y "
	    "c10000=x c990000=y c1000000=x c1010000=x c1234567=y ca1=x ");
	walk(f, id, "c", &out);
	assert_string_equal(out.p,
	    "c0=y c9=y c9-a1=y c9-b7=x c10=x c20=y c99=x c100=y "
	    "c10000=x c990000=y c1000000=x c1010000=x c1234567=y ");
	walk(f, id, "zz", &out);
	assert_string_equal(buf_z(&out), "");

	n = name_of("c1000000");
	buf_addz(&text, ">");
	OK(f, file_read(f->r, id, &n, &text, &f->dg));
	assert_string_equal(text.p, ">x");
	n = name_of("c1000001");
	assert_int_equal(file_read(f->r, id, &n, &text, &f->dg), CRM_NO);
	n = name_of("q1");
	assert_int_equal(file_read(f->r, id, &n, &text, &f->dg), CRM_NO);
	n.num = 7;
	assert_int_equal(file_read(f->r, id, &n, &text, &f->dg), CRM_NO);
	buf_clear(&out);
	buf_clear(&text);
}

/* A commit that git made of entries "MODE,PATH". */
static struct oid
foreign(struct fixture *f, const char *const *entries, size_t n)
{
	struct buf script = {0};
	struct oid id;

	buf_addf(&script,
	    "cd %s && export GIT_DIR=. GIT_INDEX_FILE=i && rm -f i && "
	    "B=$(echo x | git hash-object -w --stdin) && "
	    "T=$(git rev-list -1 refs/crm/drained) && ",
	    f->path);
	for (size_t i = 0; i < n; i++)
		buf_addf(&script, "git update-index --add --cacheinfo %s && ",
		    entries[i]);
	buf_addz(&script, "GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x "
			  "GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x "
			  "git commit-tree $(git write-tree) -m x");
	shell(f, "%s", script.p);
	for (size_t i = 0; i < OID_BYTES; i++) {
		char digits[3] = {f->out.p[2 * i], f->out.p[2 * i + 1], 0};

		id.b[i] = (unsigned char)strtoul(digits, NULL, 16);
	}
	buf_clear(&script);
	return id;
}

static enum crm_err
walk_fails(struct fixture *f, struct oid id)
{
	struct files *w;
	struct file file;
	bool got = true;
	enum crm_err err = files_open(&w, f->r, id, (struct str){0}, &f->dg);

	if (err != CRM_OK)
		return err;
	while (err == CRM_OK && got)
		err = files_next(w, &file, &got, &f->dg);
	files_close(w);
	return err;
}

static void
test_foreign(void **state)
{
	static const struct {
		const char *entry, *path;
	} cases[] = {
	    {"100644,$B,README", "README"},
	    {"100644,$B,c", "c"},
	    {"100644,$B,c/00/c1", "c/00/c1"},
	    {"100644,$B,c/00/00/c1/x", "c/00/00/c1"},
	    {"100755,$B,c/00/00/c1", "c/00/00/c1"},
	    {"120000,$B,c/00/00/c1", "c/00/00/c1"},
	    {"160000,$T,c/00/00/c1", "c/00/00/c1"},
	    {"100644,$B,c/00/01/c1", "c/00/01/c1"},
	    {"100644,$B,c/01/00/c1", "c/01/00/c1"},
	    {"100644,$B,c/0/00/c1", "c/0"},
	    {"100644,$B,c/00/0/c1", "c/00/0"},
	    {"100644,$B,c/000/00/c1", "c/000"},
	    {"100644,$B,c/00/100/c10000", "c/00/100"},
	    {"100644,$B,c/00/00/c01", "c/00/00/c01"},
	    {"100644,$B,c/00/00/d1", "c/00/00/d1"},
	    {"100644,$B,c/00/00/c1.orig", "c/00/00/c1.orig"},
	    {"100644,$B,C/00/00/C1", "C"},
	    {"100644,$B,.gitmodules", ".gitmodules"},
	    {"100644,$B,abcdefghijklm/00/00/abcdefghijklm1", "abcdefghijklm"},
	    {"100644,$B,c/1844674407370956/00/c1", "c/1844674407370956"},
	};
	struct fixture *f = *state;
	const char *fine[] = {"100644,$B,c/00/00/c1", "100644,$B,c/00/00/c10"};

	one(f, 1, "c1", "x\n");
	assert_int_equal(walk_fails(f, foreign(f, fine, 2)), CRM_OK);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *entries[] = {
		    "100644,$B,a/00/00/a1", cases[i].entry};
		struct oid id = foreign(f, entries, 2);

		if (walk_fails(f, id) != CRM_CONFIG)
			fail_msg("%s is taken", cases[i].entry);
		if (!strstr(diag_text(&f->dg), cases[i].path))
			fail_msg("%s: %s", cases[i].path, diag_text(&f->dg));
	}
}

static int64_t
time_of(const struct touched *t, const char *name)
{
	struct file_name n = name_of(name);

	return touched_time(t, &n);
}

static void
test_touched(void **state)
{
	struct fixture *f = *state;
	struct editor *e = edit(f, NULL);
	struct touched *t;
	struct oid id;

	put(f, e, "c1", "a");
	put(f, e, "c2", "a");
	put(f, e, "c500", "a");
	put(f, e, "c3-b7", "a");
	put(f, e, "o9", "a");
	commit(f, e, 1);
	put(f, e, "c2", "b");
	put(f, e, "c70000", "b");
	put(f, e, "c4-zz", "b");
	commit(f, e, 2);
	del(f, e, "c70000");
	del(f, e, "c500");
	del(f, e, "o9");
	put(f, e, "c3-b7", "b");
	commit(f, e, 3);
	commit(f, e, 4);
	put(f, e, "c500", "a");
	put(f, e, "c2", "a");
	commit(f, e, 5);
	put(f, e, "c2", "b");
	id = commit(f, e, 6);
	OK(f, editor_finish(e, &f->dg));
	editor_free(e);
	advance(f, id);

	OK(f, touched_build(&t, f->r, id, &f->dg));
	assert_int_equal(time_of(t, "c1"), 1001);
	assert_int_equal(time_of(t, "c2"), 1006);
	assert_int_equal(time_of(t, "c500"), 1005);
	assert_int_equal(time_of(t, "c3-b7"), 1003);
	assert_int_equal(time_of(t, "c4-zz"), 1002);
	assert_true(time_of(t, "c70000") == INT64_MIN);
	assert_true(time_of(t, "o9") == INT64_MIN);
	assert_true(time_of(t, "c3") == INT64_MIN);
	assert_true(time_of(t, "c3-b8") == INT64_MIN);
	assert_true(time_of(t, "q1") == INT64_MIN);
	assert_true(time_of(t, "c999999") == INT64_MIN);
	assert_int_equal(touched_highest(t, STR("c")), 70000);
	assert_int_equal(touched_highest(t, STR("o")), 9);
	assert_int_equal(touched_highest(t, STR("q")), 0);
	assert_true(str_is(touched_first_message(t), "edit\n\nCrm-Txn: 1\n"));
	touched_free(t);
}

/* Random histories: a table of when each file was changed last. */
static void
test_touched_random(void **state)
{
	enum { NAMES = 300, COMMITS = 60 };
	static int64_t changed[NAMES];
	static unsigned version[NAMES];
	static char names[NAMES][24];
	struct fixture *f = *state;
	struct editor *e = edit(f, NULL);
	struct touched *t;
	struct oid id = {{0}};

	for (unsigned i = 0; i < NAMES; i++) {
		snprintf(names[i], sizeof(names[i]), "%s%u%s",
		    i % 3 ? "c" : "o", i * i * 37, i % 5 ? "" : "-x1");
		changed[i] = INT64_MIN;
	}
	for (unsigned c = 1; c <= COMMITS; c++) {
		for (uint64_t k = draw(f, 30); k-- > 0;) {
			size_t i = draw(f, NAMES / 30) * 30 + k;
			unsigned v = (unsigned)draw(f, 4);
			char text[32];

			snprintf(text, sizeof(text), "%zu %u\n", i, v);
			if (v != version[i]) /* each k gives another file */
				changed[i] = v ? 1000 + (int64_t)c : INT64_MIN;
			version[i] = v;
			if (v)
				put(f, e, names[i], text);
			else
				del(f, e, names[i]);
		}
		id = commit(f, e, c);
	}
	OK(f, editor_finish(e, &f->dg));
	editor_free(e);
	advance(f, id);
	OK(f, touched_build(&t, f->r, id, &f->dg));
	for (size_t i = 0; i < NAMES; i++)
		if (time_of(t, names[i]) != changed[i])
			fail_msg("%s: %lld instead of %lld", names[i],
			    (long long)time_of(t, names[i]),
			    (long long)changed[i]);
	touched_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_walk, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_foreign, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_touched, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_touched_random, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
