/* SPDX-License-Identifier: ISC */
/* Unit tests of the repository: making and opening it in a hostile
 * environment, its lock and what a kill leaves, its refs, its commits. */
#include "history_test.h"

#include <fcntl.h>
#include <sys/stat.h>

static void
path_of(const struct fixture *f, const char *name, char out[256])
{
	snprintf(out, 256, "%s/%s", f->path, name);
}

static bool
there(const struct fixture *f, const char *name)
{
	char path[256];

	path_of(f, name, path);
	return access(path, F_OK) == 0;
}

/* A file with TEXT, last changed AGE seconds ago. */
static void
leave(const struct fixture *f, const char *name, const char *text, long age)
{
	char path[256];
	struct stat st;
	struct timespec times[2];
	int fd;

	path_of(f, name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
	assert_int_equal(fstat(fd, &st), 0);
	times[0] = times[1] = st.st_mtim;
	times[0].tv_sec -= age;
	times[1].tv_sec -= age;
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static void
test_create(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	struct repo_head h;
	char path[128];

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	OK(f, repo_create(f->path, &f->dg)); /* stays as it is */
	assert_string_equal(repo_path(f->r), f->path);
	OK(f, repo_head(f->r, &h, &f->dg));
	assert_false(h.any);
	assert_true(h.main_follows);
	git_ok(f, "symbolic-ref HEAD");
	assert_string_equal(f->out.p, "refs/heads/main\n");
	git_ok(f, "rev-parse --is-bare-repository");
	assert_string_equal(f->out.p, "true\n");

	snprintf(path, sizeof(path), "%s/none", f->dir);
	assert_int_equal(repo_open(&f->r, path, NULL, &f->dg), CRM_NO);
	snprintf(path, sizeof(path), "%s/none/below", f->dir);
	assert_int_equal(repo_create(path, &f->dg), CRM_IO);
}

/* A kill while it was made; an empty directory; a trailing slash. */
static void
test_create_half(void **state)
{
	struct fixture *f = *state;
	struct repo *r;
	char path[128];

	snprintf(path, sizeof(path), "%s/half", f->dir);
	shell(f,
	    "mkdir -p %s.crm-new/objects/pack %s.crm-new/refs/heads %s && "
	    "echo x > %s.crm-new/HEAD && ln -s %s %s.crm-new/link",
	    path, path, path, path, f->path, path);
	snprintf(path, sizeof(path), "%s/half/", f->dir);
	OK(f, repo_create(path, &f->dg));
	OK(f, repo_open(&r, path, NULL, &f->dg));
	repo_close(r);
	snprintf(path, sizeof(path), "%s/half.crm-new", f->dir);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_true(there(f, "HEAD")); /* the link was not followed */
}

static void
test_create_elsewhere(void **state)
{
	struct fixture *f = *state;
	struct repo *r;
	char path[128];

	snprintf(path, sizeof(path), "%s/full", f->dir);
	shell(f, "mkdir %s && echo x > %s/mine", path, path);
	assert_int_equal(repo_create(path, &f->dg), CRM_CONFIG);
	assert_non_null(strstr(diag_text(&f->dg), "move it away"));
	assert_int_equal(repo_open(&r, path, NULL, &f->dg), CRM_CONFIG);
	snprintf(path, sizeof(path), "%s/full/mine", f->dir);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(repo_create(path, &f->dg), CRM_CONFIG);
	assert_int_equal(repo_open(&r, path, NULL, &f->dg), CRM_CONFIG);
	snprintf(path, sizeof(path), "%s/dangling", f->dir);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_int_not_equal(repo_create(path, &f->dg), CRM_OK);
}

/* A broken ~/.gitconfig, GIT_DIR and friends, no HOME. */
static void
test_environment(void **state)
{
	struct fixture *f = *state;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/.gitconfig", f->dir);
	file = fopen(path, "w");
	fputs("[core\nthis is = = broken\n", file);
	fclose(file);
	setenv("HOME", f->dir, 1);
	setenv("XDG_CONFIG_HOME", f->dir, 1);
	setenv("GIT_DIR", "/nonexistent", 1);
	setenv("GIT_OBJECT_DIRECTORY", "/nonexistent", 1);
	one(f, 1, "c1", "name\tAnna\n");
	unsetenv("HOME");
	unsetenv("XDG_CONFIG_HOME");
	reopen(f);
	one(f, 2, "c1", "name\tAnne\n");
	unsetenv("GIT_DIR");
	unsetenv("GIT_OBJECT_DIRECTORY");
	setenv("HOME", f->dir, 1);
	unlink(path);
	fsck(f);
	git_ok(f, "cat-file -p main:c/00/00/c1");
	assert_string_equal(f->out.p, "name\tAnne\n");
}

/* Somebody else's repository: git itself would refuse. */
static void
test_owner(void **state)
{
	struct fixture *f = *state;

	one(f, 1, "c1", "x\n");
	if (geteuid() != 0)
		return; /* only root gives files away */
	shell(f, "chown -R 12345:12345 %s", f->path);
	reopen(f);
	one(f, 2, "c2", "y\n");
	shell(f, "chown -R 0:0 %s", f->path);
	fsck(f);
}

static void
test_config_broken(void **state)
{
	struct fixture *f = *state;
	struct repo *r = NULL;

	leave(f, "config", "[core\n=", 0);
	if (repo_open(&r, f->path, NULL, &f->dg) == CRM_OK) {
		assert_int_equal(repo_lock(r, 0, &f->dg), CRM_TEMP);
		repo_close(r);
	} else {
		assert_int_equal(f->dg.code, CRM_CONFIG);
	}
	leave(f, "config",
	    "[core]\n\trepositoryformatversion = 7\n\tbare = true\n", 0);
	assert_int_equal(repo_open(&r, f->path, NULL, &f->dg), CRM_CONFIG);
}

static void
test_lock(void **state)
{
	struct fixture *f = *state;
	struct repo *r;
	struct oid id = {{1}};

	OK(f, repo_open(&r, f->path, NULL, &f->dg));
	assert_int_equal(repo_lock(r, 0, &f->dg), CRM_TEMP);
	assert_int_equal(repo_lock(r, 20, &f->dg), CRM_TEMP);
	assert_int_equal(repo_advance(r, NULL, &id, &f->dg), CRM_BUG);
	repo_close(f->r);
	f->r = NULL;
	OK(f, repo_lock(r, 0, &f->dg));
	OK(f, repo_lock(r, 0, &f->dg)); /* has it already */
	repo_close(r);
}

/* Everything a killed one may leave goes; what belongs to others stays. */
static void
test_leftovers(void **state)
{
	struct fixture *f = *state;
	struct repo_head h;
	struct oid id;

	one(f, 1, "c1", "x\n");
	leave(f, "refs/crm/drained.lock", "", 3);
	leave(f, "refs/crm/other.lock", "", 0);
	leave(f, "refs/heads/main.lock", "", 11);
	leave(f, "objects/pack/tmp_crm_abcdef", "PACK", 0);
	leave(f, "objects/pack/tmp_pack_git", "PACK", 0);
	leave(f, "objects/pack/pack-1.keep", "crm\n", 0);
	leave(f, "objects/pack/pack-1.pack", "PACK", 0);
	leave(f, "objects/pack/pack-2.keep", "crm\n", 0);
	leave(f, "objects/pack/pack-2.pack", "PACK", 0);
	leave(f, "objects/pack/pack-2.idx", "", 0);
	leave(f, "objects/pack/pack-3.keep", "", 0);
	leave(f, "objects/pack/pack-4.keep", "fetch-pack 7\n", 0);
	leave(f, "objects/pack/pack-4.pack", "PACK", 0);
	leave(f, "objects/pack/pack-5.keep", "", 0);
	leave(f, "objects/pack/pack-5.pack", "PACK", 0);
	reopen(f);
	assert_false(there(f, "refs/crm/drained.lock"));
	assert_false(there(f, "refs/crm/other.lock"));
	assert_false(there(f, "refs/heads/main.lock"));
	assert_false(there(f, "objects/pack/tmp_crm_abcdef"));
	assert_true(there(f, "objects/pack/tmp_pack_git"));
	assert_false(there(f, "objects/pack/pack-1.keep"));
	assert_false(there(f, "objects/pack/pack-1.pack"));
	assert_false(there(f, "objects/pack/pack-2.keep"));
	assert_true(there(f, "objects/pack/pack-2.pack"));
	assert_false(there(f, "objects/pack/pack-3.keep"));
	assert_true(there(f, "objects/pack/pack-4.keep"));
	assert_true(there(f, "objects/pack/pack-4.pack"));
	assert_true(there(f, "objects/pack/pack-5.keep"));
	id = one(f, 2, "c2", "y\n");

	/* a living git holds main: drained goes on, main comes after */
	leave(f, "refs/heads/main.lock", "", 0);
	one(f, 3, "c3", "z\n");
	OK(f, repo_head(f->r, &h, &f->dg));
	assert_int_equal(h.txn, 3);
	assert_true(h.main_follows);
	leave(f, "refs/heads/main.lock", "", 3600);
	git_ok(f, "rev-parse main");
	{
		struct buf want = {0};

		oid_print(id, &want);
		assert_int_equal(strncmp(f->out.p, want.p, 40), 0);
		buf_clear(&want);
	}
	reopen(f);
	git_ok(f, "log --format=%s:%b main");
	assert_non_null(strstr(f->out.p, "Crm-Txn: 3"));
}

/* A clock that was set back: the lock of the future goes, too. */
static void
test_future_lock(void **state)
{
	struct fixture *f = *state;

	leave(f, "refs/heads/main.lock", "", -100000);
	leave(f, "refs/crm/drained.lock", "", -100000);
	reopen(f);
	assert_false(there(f, "refs/heads/main.lock"));
	one(f, 1, "c1", "x\n");
}

/* A fresh lock in refs/crm is waited for, then taken away. */
static void
test_fresh_lock(void **state)
{
	struct fixture *f = *state;

	leave(f, "refs/crm/drained.lock", "", 0);
	reopen(f);
	one(f, 1, "c1", "x\n");
}

static void
test_advance(void **state)
{
	struct fixture *f = *state;
	struct oid a = one(f, 1, "c1", "x\n"), b = one(f, 2, "c1", "y\n");
	struct repo_head h;

	assert_int_equal(repo_advance(f->r, &a, &b, &f->dg), CRM_TEMP);
	assert_int_equal(repo_advance(f->r, NULL, &b, &f->dg), CRM_TEMP);
	OK(f, repo_head(f->r, &h, &f->dg));
	assert_true(h.any && h.main_follows && oid_eq(h.commit, b));
	assert_int_equal(h.txn, 2);
	OK(f, repo_advance(f->r, &b, &b, &f->dg));
}

/* Refs and objects where git gc puts them. */
static void
test_packed(void **state)
{
	struct fixture *f = *state;
	struct repo_head h;
	uint64_t packs, loose, bytes;
	char path[256];

	for (uint64_t i = 1; i <= 5; i++)
		one(f, i, "c1", i % 2 ? "x\n" : "y\n");
	OK(f, repo_size(f->r, &packs, &loose, &bytes, &f->dg));
	assert_int_equal(packs, 5);
	assert_int_equal(loose, 0);
	assert_true(bytes > 1000);
	git_ok(f, "gc -q --prune=now");
	assert_false(there(f, "refs/crm/drained"));
	OK(f, repo_size(f->r, &packs, &loose, &bytes, &f->dg));
	assert_int_equal(packs, 1);
	OK(f, repo_head(f->r, &h, &f->dg)); /* without opening it anew */
	assert_int_equal(h.txn, 5);
	one(f, 6, "c2", "x\n");
	assert_true(there(f, "refs/crm/drained"));
	git_ok(f, "pack-refs --all");
	leave(f, "packed-refs.lock", "", 0);
	one(f, 7, "c3", "x\n");
	path_of(f, "packed-refs.lock", path);
	assert_int_equal(unlink(path), 0);
	fsck(f);
}

/* A clone has main only; the history goes on from there. */
static void
test_clone(void **state)
{
	struct fixture *f = *state;
	struct repo_head h;

	one(f, 1, "c1", "x\n");
	one(f, 2, "c2", "x\n");
	git_ok(f, "clone -q --bare . ../clone.git");
	snprintf(f->path, sizeof(f->path), "%s/clone.git", f->dir);
	reopen(f);
	OK(f, repo_head(f->r, &h, &f->dg));
	assert_true(h.any && h.main_follows);
	assert_int_equal(h.txn, 2);
	one(f, 3, "c3", "x\n");
	git_ok(f, "rev-parse main refs/crm/drained");
	assert_int_equal(strncmp(f->out.p, f->out.p + 41, 40), 0);
	fsck(f);
}

static void
foreign_commit(struct fixture *f, const char *message)
{
	char args[256];

	snprintf(args, sizeof(args),
	    "-c user.name=bob -c user.email=b@x commit-tree -p main "
	    "'main^{tree}' -m '%s' > %s/id",
	    message, f->dir);
	git_ok(f, args);
	snprintf(args, sizeof(args), "update-ref refs/heads/main $(cat %s/id)",
	    f->dir);
	git_ok(f, args);
}

/* Others' commits on main stay where they are; drained goes its way. */
static void
test_foreign(void **state)
{
	struct fixture *f = *state;
	struct repo_head h;
	struct oid id;

	id = one(f, 1, "c1", "x\n");
	foreign_commit(f, "notes");
	OK(f, repo_head(f->r, &h, &f->dg));
	assert_true(h.any && !h.main_follows && oid_eq(h.commit, id));
	assert_int_equal(f->beat % 2, 0); /* out of libgit2 again */
	one(f, 2, "c1", "y\n");
	reopen(f);
	git_ok(f, "log --format=%s -1 main");
	assert_string_equal(f->out.p, "notes\n");
	OK(f, repo_head(f->r, &h, &f->dg));
	assert_int_equal(h.txn, 2);

	git_ok(f, "update-ref -d refs/crm/drained");
	OK(f, repo_head(f->r, &h, &f->dg)); /* no trailer at main */
	assert_true(!h.any && !h.main_follows);
	git_ok(f, "update-ref refs/crm/drained main");
	assert_int_equal(repo_head(f->r, &h, &f->dg), CRM_CONFIG);
	assert_non_null(strstr(diag_text(&f->dg), "Crm-Txn"));
}

static void
check_trailer(struct fixture *f, const char *message, uint64_t txn)
{
	struct editor *e = edit(f, NULL);
	struct commit_text t = {.message = str_from(message), .time = 5};
	struct commit c = {0};
	struct oid id;

	OK(f, editor_commit(e, &t, &id, &f->dg));
	OK(f, editor_finish(e, &f->dg));
	editor_free(e);
	OK(f, commit_read(f->r, id, &c, &f->dg));
	if (c.txn != txn)
		fail_msg("'%s' gives %llu", message, (unsigned long long)c.txn);
	commit_clear(&c);
}

static void
test_trailer(void **state)
{
	struct fixture *f = *state;

	check_trailer(f, "a\n\nCrm-Txn: 17\n", 17);
	check_trailer(f, "Crm-Txn: 17\n", 17);
	check_trailer(f, "a\n\nCrm-Txn: 17", 17);
	check_trailer(f, "a\n\nCrm-Txn: 99\nb\nCrm-Txn: 3\n", 3);
	check_trailer(f, "a\n\nCrm-Txn: 17\nmore\n", 0);
	check_trailer(f, "a\n\nCrm-Txn: 17\n\n", 0);
	check_trailer(f, "a\n\nx Crm-Txn: 17\n", 0);
	check_trailer(f, "a\n\nCrm-Txn: 17 \n", 0);
	check_trailer(f, "a\n\nCrm-Txn: -1\n", 0);
	check_trailer(f, "a\n\nCrm-Txn: \n", 0);
	check_trailer(f, "a\n\nCrm-Txn: 18446744073709551615\n", UINT64_MAX);
	check_trailer(f, "a\n\nCrm-Txn: 18446744073709551616\n", 0);
	check_trailer(f, "", 0);
}

static void
test_commit_read(void **state)
{
	struct fixture *f = *state;
	struct oid a = one(f, 1, "c1", "x\n"), b = one(f, 2, "c1", "y\n");
	struct oid none = {{0xde, 0xad}};
	struct commit c = {0};

	OK(f, commit_read(f->r, b, &c, &f->dg));
	assert_true(oid_eq(c.id, b) && oid_eq(c.parent, a));
	assert_int_equal(c.parents, 1);
	assert_int_equal(c.time, 1002);
	assert_string_equal(c.author.p, "anna");
	assert_string_equal(c.message.p, "edit\n\nCrm-Txn: 2\n");
	OK(f, commit_read(f->r, a, &c, &f->dg));
	assert_int_equal(c.parents, 0);
	assert_string_equal(c.message.p, "edit\n\nCrm-Txn: 1\n");
	assert_int_equal(commit_read(f->r, none, &c, &f->dg), CRM_CONFIG);
	assert_non_null(strstr(diag_text(&f->dg), "fsck"));
	assert_int_equal(commit_read(f->r, c.tree, &c, &f->dg), CRM_CONFIG);
	assert_true(f->beat > 4);
	commit_clear(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_create, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_create_half, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_create_elsewhere, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_environment, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_owner, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_config_broken, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_lock, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_leftovers, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_future_lock, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_fresh_lock, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_advance, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_packed, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_clone, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_foreign, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_trailer, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_commit_read, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
