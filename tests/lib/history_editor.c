/* SPDX-License-Identifier: ISC */
/* Unit tests of the editor: random edits against a plain model and against
 * git, with memory and packs of any size. */
#include "history_test.h"
#include "rounds.h"

#include "history/name.h"

enum { NAMES = 400, VERSIONS = 8 };

/* A name of the universe, and which version of its text it has: 0 none. */
struct model {
	char path[NAMES][48];
	char name[NAMES][32];
	unsigned version[NAMES];
	size_t order[NAMES]; /* by path */
};

static void
model_fill(struct model *m)
{
	static const char *const prefixes[] = {"a", "c", "ca", "zz"};
	static const unsigned starts[] = {0, 80, 9980, 123440, 999990, 1234500};

	for (size_t i = 0; i < NAMES; i++) {
		unsigned num = starts[i / 4 % 6] + (unsigned)(i / 24) * 3;
		const char *tag = i % 7 == 3 ? "-b7" : i % 7 == 5 ? "-0x" : "";
		struct buf path = {0};
		struct file_name f;

		snprintf(m->name[i], sizeof(m->name[i]), "%s%u%s",
		    prefixes[i % 4], num, tag);
		f = name_of(m->name[i]);
		file_path(&f, &path);
		snprintf(m->path[i], sizeof(m->path[i]), "%s", path.p);
		buf_clear(&path);
		m->order[i] = i;
	}
	for (size_t i = 1; i < NAMES; i++) {
		size_t x = m->order[i], j = i;

		for (;
		     j > 0 && strcmp(m->path[m->order[j - 1]], m->path[x]) > 0;
		     j--)
			m->order[j] = m->order[j - 1];
		m->order[j] = x;
	}
}

static void
model_text(size_t i, unsigned version, struct buf *out)
{
	buf_reset(out);
	buf_addf(out, "name\tPerson %zu\n", i);
	for (unsigned v = 0; v < version; v++)
		buf_addf(out, "city\tTown %u of %zu\n", v * 7919, i);
}

/* What git ls-tree -r prints for the model. */
static void
model_list(const struct model *m, struct buf *out)
{
	struct buf text = {0};

	buf_reset(out);
	for (size_t k = 0; k < NAMES; k++) {
		size_t i = m->order[k];

		if (m->version[i] == 0)
			continue;
		model_text(i, m->version[i], &text);
		buf_addz(out, "100644 blob ");
		oid_print(object_id(OBJECT_BLOB, str_of(&text)), out);
		buf_addf(out, "\t%s\n", m->path[i]);
	}
	buf_clear(&text);
}

static void
model_check(struct fixture *f, const struct model *m, struct oid commit_id)
{
	struct buf want = {0}, args = {0};

	model_list(m, &want);
	buf_addz(&args, "ls-tree -r ");
	oid_print(commit_id, &args);
	git_ok(f, args.p);
	if (!str_eq(str_of(&want), str_of(&f->out)))
		fail_msg("git lists\n%s\nthe model\n%s", buf_z(&f->out),
		    buf_z(&want));
	buf_clear(&want);
	buf_clear(&args);
}

static void
random_change(struct fixture *f, struct model *m, struct editor *e)
{
	size_t i = draw(f, NAMES);
	unsigned version = (unsigned)draw(f, VERSIONS);
	struct file_name name = name_of(m->name[i]);
	struct buf text = {0};

	if (version <= 2) {
		OK(f, editor_del(e, &name, &f->dg));
		m->version[i] = 0;
		return;
	}
	model_text(i, version, &text);
	OK(f, editor_put(e, &name, str_of(&text), &f->dg));
	m->version[i] = version;
	buf_clear(&text);
}

/* A series of commits by editors that are opened anew now and then; the id
 * of the last commit. */
static struct oid
series(struct fixture *f, struct model *m, const struct editor_options *o,
    uint64_t first)
{
	struct editor *e = edit(f, o);
	struct oid id = {{0}};
	const uint64_t commits = rounds(60, 30, 20);

	for (uint64_t c = 0; c < commits; c++) {
		uint64_t n = draw(f, 10) == 0 ? draw(f, 300) : draw(f, 4);

		while (n-- > 0)
			random_change(f, m, e);
		id = commit(f, e, first + c);
		if (draw(f, 30) > 0 && c + 1 < commits)
			continue;
		OK(f, editor_finish(e, &f->dg));
		editor_free(e);
		advance(f, id);
		model_check(f, m, id);
		e = edit(f, o);
	}
	editor_free(e);
	return id;
}

static const struct editor_options limits[] = {
    {0},
    {.tree_bytes = 4096, .pack_objects = 50},
    {.tree_bytes = 1, .pack_objects = 40},
    {.tree_bytes = 20000, .pack_bytes = 9000, .level = 9},
};

/* The same edits make the same commits, whatever the limits. */
static void
test_random(void **state)
{
	struct fixture *f = *state;
	struct oid first = {{0}};

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		struct model *m = calloc(1, sizeof(*m));
		struct oid id;

		snprintf(f->path, sizeof(f->path), "%s/%zu.git", f->dir, i);
		OK(f, repo_create(f->path, &f->dg));
		reopen(f);
		f->seed = 7;
		model_fill(m);
		series(f, m, &limits[i], 1);
		fsck(f);
		git_ok(f, "gc -q");
		series(f, m, &limits[i], 1000);
		reopen(f);
		fsck(f);
		git_ok(f, "repack -adfq");
		id = series(f, m, &limits[i], 2000);
		fsck(f);
		if (i == 0)
			first = id;
		assert_true(oid_eq(id, first));
		free(m);
	}
}

/* What git shows of the file at PATH on main. */
static void
assert_file(struct fixture *f, const char *path, const char *text)
{
	char args[128];

	snprintf(args, sizeof(args), "cat-file -p main:%s", path);
	git_ok(f, args);
	assert_string_equal(buf_z(&f->out), text);
}

static void
assert_list(struct fixture *f, const char *list)
{
	git_ok(f, "ls-tree -r --name-only main");
	assert_string_equal(buf_z(&f->out), list);
}

static void
finish(struct fixture *f, struct editor *e, uint64_t txn)
{
	struct oid id = commit(f, e, txn);

	OK(f, editor_finish(e, &f->dg));
	editor_free(e);
	advance(f, id);
	fsck(f);
}

static void
test_paths(void **state)
{
	struct fixture *f = *state;
	struct editor *e = edit(f, NULL);

	put(f, e, "c0", "zero\n");
	put(f, e, "c42", "a\n");
	put(f, e, "c123456", "b\n");
	put(f, e, "c1234567", "c\n");
	put(f, e, "c1234567-b7", "d\n");
	put(f, e, "c18446744073709551615", "e\n");
	put(f, e, "abcdefghijkl1", "");
	finish(f, e, 1);
	assert_list(f, "abcdefghijkl/00/00/abcdefghijkl1\n"
		       "c/00/00/c0\nc/00/00/c42\nc/12/34/c123456\n"
		       "c/123/45/c1234567\nc/123/45/c1234567-b7\n"
		       "c/1844674407370955/16/c18446744073709551615\n");
	assert_file(f, "c/123/45/c1234567-b7", "d\n");
	assert_file(f, "abcdefghijkl/00/00/abcdefghijkl1", "");
}

static void
test_names(void **state)
{
	char tagged[NAME_MAX_BYTES + 2] = "c1-";
	const char *const bad[] = {"", "c", "42", "C1", "c01", "c00", "c1-",
	    "c1-B7", "c1-b_", "c1--b", "c 1", "c1 ", "c1/2", "../c1",
	    "c18446744073709551616", "abcdefghijklm1", ".git", "c1\n", tagged};
	struct fixture *f = *state;
	struct editor *e = edit(f, NULL);
	struct file_name n = name_of("c42-b7"), x;

	memset(tagged + 3, 'a', sizeof(tagged) - 4);
	assert_true(str_is(n.prefix, "c") && str_is(n.name, "c42-b7"));
	assert_int_equal(n.num, 42);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		x = (struct file_name){
		    .prefix = STR("c"), .num = 1, .name = str_from(bad[i])};
		assert_int_equal(editor_put(e, &x, STR("t"), &f->dg), CRM_DATA);
		assert_int_equal(editor_del(e, &x, &f->dg), CRM_DATA);
	}
	n.num = 43;
	assert_int_equal(editor_put(e, &n, STR("t"), &f->dg), CRM_DATA);
	n = name_of("c42");
	n.prefix = STR("d");
	assert_int_equal(editor_put(e, &n, STR("t"), &f->dg), CRM_DATA);
	put(f, e, "c1", "fine\n"); /* a wrong name spoils nothing */
	finish(f, e, 1);
	assert_list(f, "c/00/00/c1\n");
}

/* Empty directories vanish, up to the root; commits without a change. */
static void
test_empty(void **state)
{
	struct fixture *f = *state;
	struct editor *e = edit(f, NULL);
	struct commit a = {0}, b = {0};
	struct oid id;

	del(f, e, "c1");
	finish(f, e, 1);
	assert_list(f, "");
	e = edit(f, NULL);
	put(f, e, "c1", "x\n");
	put(f, e, "c200", "x\n");
	put(f, e, "o1", "x\n");
	commit(f, e, 2);
	del(f, e, "c1");
	del(f, e, "c999999");
	commit(f, e, 3);
	put(f, e, "c1", "y\n");
	del(f, e, "c1");
	id = commit(f, e, 4);
	OK(f, editor_finish(e, &f->dg));
	OK(f, commit_read(f->r, id, &a, &f->dg));
	OK(f, commit_read(f->r, a.parent, &b, &f->dg));
	assert_true(oid_eq(a.tree, b.tree));
	commit_clear(&a);
	commit_clear(&b);
	del(f, e, "c200");
	del(f, e, "o1");
	finish(f, e, 5);
	assert_list(f, "");
	git_ok(f, "rev-parse main^{tree}");
	assert_string_equal(
	    f->out.p, "4b825dc642cb6eb9a060e54bf8d69288fbee4904\n");
	one(f, 6, "c1", "z\n");
	assert_list(f, "c/00/00/c1\n");
}

/* What was not finished is taken away. */
static void
test_unfinished(void **state)
{
	const struct editor_options o = {.pack_objects = 3};
	struct fixture *f = *state;
	struct editor *e = edit(f, &o);
	char name[32], path[128];

	for (unsigned i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		put(f, e, name, name);
	}
	commit(f, e, 1);
	snprintf(path, sizeof(path), "ls %s/objects/pack | wc -l", f->path);
	assert_int_equal(run(f, path), 0);
	assert_true(strtol(f->out.p, NULL, 10) >= 18);
	editor_free(e);
	assert_int_equal(run(f, path), 0);
	assert_int_equal(strtol(f->out.p, NULL, 10), 0);

	e = edit(f, NULL); /* nothing done: no pack */
	OK(f, editor_finish(e, &f->dg));
	editor_free(e);
	assert_int_equal(run(f, path), 0);
	assert_int_equal(strtol(f->out.p, NULL, 10), 0);
}

/* A pack is guarded against git gc from its birth until the refs moved. */
static void
test_guard(void **state)
{
	struct fixture *f = *state;
	struct editor *e = edit(f, NULL);
	struct oid id;

	put(f, e, "c1", "x\n");
	id = commit(f, e, 1);
	OK(f, editor_finish(e, &f->dg));
	shell(f, "ls %s/objects/pack/*.keep", f->path);
	git_ok(f, "repack -adq");
	git_ok(f, "prune --expire=now");
	advance(f, id);
	shell(f, "test -z \"$(ls %s/objects/pack | grep keep)\"", f->path);
	editor_free(e);
	fsck(f);
	assert_file(f, "c/00/00/c1", "x\n");
	shell(f, "test -z \"$(find %s/objects/pack -type f -perm /222)\"",
	    f->path);
}

static void
test_identity(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"anna", "anna <anna@localhost>"},
	    {"", "crm <crm@localhost>"},
	    {" <>\n\t ", "crm <crm@localhost>"},
	    {"An<n>a\nM\x7f", "AnnaM <AnnaM@localhost>"},
	    {"J\xc3\xb6rg", "J\xc3\xb6rg <J\xc3\xb6rg@localhost>"},
	    {"J\xf6rg", "Jrg <Jrg@localhost>"},
	    {"\x01 x y ", "x y <x y@localhost>"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct editor *e = edit(f, NULL);
		struct commit_text t = {.author = str_from(cases[i].in),
		    .time = -5,
		    .message = {.p = "a\0b\nCrm-Txn: 1", .n = 14}};
		struct oid id;

		OK(f, editor_commit(e, &t, &id, &f->dg));
		OK(f, editor_finish(e, &f->dg));
		editor_free(e);
		advance(f, id);
		fsck(f);
		git_ok(f, "log -1 --format='%an <%ae>|%cn|%at|%ct|%B' main");
		f->out.n = strcspn(f->out.p, "|");
		assert_true(str_eq(str_of(&f->out), str_from(cases[i].out)));
		assert_non_null(strstr(f->out.p, "|0|0|ab\nCrm-Txn: 1\n"));
	}
}

static bool
rename_field(void *arg, struct str name, struct str text, struct buf *out)
{
	size_t at = str_find(text, STR("city\t"));

	assert_true(str_starts(name, STR("c")));
	++*(unsigned *)arg;
	if (at == text.n)
		return false;
	buf_add(out, str_head(text, at));
	buf_addz(out, "town\t");
	buf_add(out, str_from_pos(text, at + 5));
	return true;
}

/* Every file of a prefix, those not yet committed, too, however little
 * memory there is. */
static void
test_rewrite(void **state)
{
	const struct editor_options o = {
	    .tree_bytes = 2000, .pack_objects = 70};
	struct fixture *f = *state;
	struct editor *e = edit(f, &o);
	unsigned seen = 0;

	for (unsigned i = 0; i < 150; i++) {
		char name[32], text[64];

		snprintf(name, sizeof(name), "%s%u", i % 5 ? "c" : "co",
		    i * 7907 % 30011);
		snprintf(text, sizeof(text), "name\tn%u\n%s\tBern\n", i,
		    i % 3 ? "city" : "note");
		put(f, e, name, text);
		if (i == 100)
			commit(f, e, 1);
	}
	OK(f, editor_rewrite(e, STR("c"), rename_field, &seen, &f->dg));
	assert_int_equal(seen, 120);
	OK(f, editor_rewrite(e, STR("nothing"), rename_field, &seen, &f->dg));
	assert_int_equal(seen, 120);
	assert_int_equal(
	    editor_rewrite(e, STR("../"), rename_field, &seen, &f->dg),
	    CRM_DATA);
	finish(f, e, 2);
	git_ok(f, "grep -l '^town' main -- c | wc -l");
	assert_int_equal(strtol(f->out.p, NULL, 10), 80);
	git_ok(f, "grep -l '^city' main | wc -l");
	assert_int_equal(strtol(f->out.p, NULL, 10), 20);
}

/* Somebody put other things where ours belong. */
static void
test_foreign_tree(void **state)
{
	static const char *const made[] = {"120000,$B,c/00/00/c1", /* a link */
	    "100644,$B,c/00/00/c1/x", "100644,$B,c/00/00", "100644,$B,c"};
	struct fixture *f = *state;
	struct file_name n = name_of("c1");
	struct editor *e;

	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		shell(f,
		    "cd %s && export GIT_DIR=. GIT_INDEX_FILE=i && rm -f i && "
		    "B=$(echo x | git hash-object -w --stdin) && "
		    "git update-index --add --cacheinfo %s && "
		    "git update-ref refs/crm/drained $(GIT_AUTHOR_NAME=x "
		    "GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x "
		    "GIT_COMMITTER_EMAIL=x git commit-tree $(git write-tree) "
		    "-m 'Crm-Txn: 5')",
		    f->path, made[i]);
		e = edit(f, NULL);
		assert_int_equal(
		    editor_put(e, &n, STR("t"), &f->dg), CRM_CONFIG);
		assert_int_equal(editor_put(e, &n, STR("t"), &f->dg), CRM_BUG);
		assert_int_equal(editor_finish(e, &f->dg), CRM_BUG);
		editor_free(e);
	}
}

/* A large text, in and out of memory. */
static void
test_large(void **state)
{
	const struct editor_options o = {.tree_bytes = 1};
	struct fixture *f = *state;
	struct editor *e = edit(f, &o);
	struct file_name n = name_of("c7");
	struct buf text = {0}, back = {0};
	struct oid id;
	unsigned seen = 0;

	while (text.n < 3000000)
		buf_addf(&text, "note\t%llx\n",
		    (unsigned long long)draw(f, UINT64_MAX));
	OK(f, editor_put(e, &n, str_of(&text), &f->dg));
	OK(f, editor_rewrite(e, STR("c"), rename_field, &seen, &f->dg));
	id = commit(f, e, 1);
	OK(f, editor_finish(e, &f->dg));
	editor_free(e);
	advance(f, id);
	OK(f, file_read(f->r, id, &n, &back, &f->dg));
	assert_true(str_eq(str_of(&text), str_of(&back)));
	fsck(f);
	buf_clear(&text);
	buf_clear(&back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_paths, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_names, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_unfinished, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_guard, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_identity, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_rewrite, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_foreign_tree, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_large, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_random, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
