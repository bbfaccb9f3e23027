/* SPDX-License-Identifier: ISC */
/* Unit tests of damage: bits flipped in packs, indexes, loose objects and
 * refs, files gone: an error that says so, and never a wrong text. */
#include "history_test.h"
#include "rounds.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { FILES = 60, COMMITS = 8 };

static void
text_of(unsigned i, unsigned c, struct buf *out)
{
	buf_reset(out);
	buf_addf(out, "name\tn%u\ncity\ttown %u\n", i, c);
}

static void
fill(struct fixture *f)
{
	struct editor *e = edit(f, NULL);
	struct buf text = {0};
	struct oid id = {{0}};

	for (unsigned c = 1; c <= COMMITS; c++) {
		for (unsigned i = 0; i < FILES; i++) {
			char name[16];
			struct file_name n;

			if (c > 1 && i % COMMITS != c % COMMITS)
				continue;
			snprintf(name, sizeof(name), "c%u", i * 7);
			n = name_of(name);
			text_of(i, c, &text);
			OK(f, editor_put(e, &n, str_of(&text), &f->dg));
		}
		id = commit(f, e, c);
	}
	OK(f, editor_finish(e, &f->dg));
	editor_free(e);
	advance(f, id);
	buf_clear(&text);
}

/* Everything read: how it ends. What is read must be right. */
static enum crm_err
read_all(struct fixture *f, struct repo *r)
{
	struct repo_head h;
	struct files *w = NULL;
	struct touched *t = NULL;
	struct buf want = {0};
	struct file file;
	bool got = true;
	enum crm_err err = repo_head(r, &h, &f->dg);

	if (err == CRM_OK && !h.any)
		return CRM_NO;
	if (err == CRM_OK)
		err = files_open(&w, r, h.commit, (struct str){0}, &f->dg);
	while (err == CRM_OK && got) {
		err = files_next(w, &file, &got, &f->dg);
		if (err != CRM_OK || !got)
			break;
		for (unsigned c = 1; c <= COMMITS; c++) {
			text_of((unsigned)file.name.num / 7, c, &want);
			if (str_eq(file.text, str_of(&want)))
				break;
			if (c == COMMITS)
				err = CRM_BUG; /* a wrong text */
		}
	}
	files_close(w);
	if (err == CRM_OK)
		err = touched_build(&t, r, h.commit, &f->dg);
	if (err == CRM_OK)
		touched_free(t);
	buf_clear(&want);
	return err;
}

/* An edit on top, thrown away. */
static enum crm_err
edit_some(struct fixture *f, struct repo *r)
{
	struct file_name n = name_of("c7");
	struct commit_text t = {.message = STR("x\n")};
	struct repo_head h;
	struct editor *e = NULL;
	struct oid id;
	enum crm_err err = repo_head(r, &h, &f->dg);

	if (err == CRM_OK)
		err =
		    editor_open(&e, r, h.any ? &h.commit : NULL, NULL, &f->dg);
	if (err == CRM_OK)
		err = editor_put(e, &n, STR("new"), &f->dg);
	if (err == CRM_OK)
		err = editor_commit(e, &t, &id, &f->dg);
	editor_free(e);
	return err;
}

static void
flip(const char *path, uint64_t at, unsigned bit)
{
	FILE *file = fopen(path, "r+");
	int c;

	assert_non_null(file);
	assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
	c = fgetc(file);
	fseek(file, (long)at, SEEK_SET);
	fputc(c ^ (int)(1u << bit), file);
	fclose(file);
}

/* Opens, reads and edits in a process of its own, which libgit2 may spoil:
 * its exit status, or 128 and the signal that ended it. */
static int
try_all(struct fixture *f)
{
	/* What libgit2 reads for ever, it reads in memory. */
	const struct rlimit once = {.rlim_cur = 1, .rlim_max = 1};
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct repo *r = NULL;
		enum crm_err err;

		signal(SIGSEGV, SIG_DFL); /* cmocka has taken these */
		signal(SIGBUS, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		setrlimit(RLIMIT_CPU, &once);
		alarm(60);
		err = repo_open(&r, f->path, NULL, &f->dg);
		if (err == CRM_OK)
			err = read_all(f, r);
		if (err == CRM_OK && edit_some(f, r) != CRM_OK)
			err = CRM_BUG;
		if (err != CRM_OK && err != CRM_CONFIG)
			fprintf(stderr, "%d %s\n", (int)err, diag_text(&f->dg));
		_exit((int)err);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/*
 * Tries it with one bit of PATH turned, then turns it back. True: noticed.
 * MAY_DIE: libgit2 1.5 believes an index whatever it says, and may read a
 * damaged loose object for ever; who reads for others does it in a process
 * apart, too.
 */
static bool
survives(struct fixture *f, const char *path, bool may_die)
{
	struct stat st;
	uint64_t at;
	unsigned bit = (unsigned)draw(f, 8);
	int end;

	assert_int_equal(stat(path, &st), 0);
	at = draw(f, (uint64_t)st.st_size);
	flip(path, at, bit);
	end = try_all(f);
	flip(path, at, bit);
	if (end == CRM_BUG || (!may_die && end != CRM_OK && end != CRM_CONFIG))
		fail_msg("%s at %llu bit %u: ends with %d", path,
		    (unsigned long long)at, bit, end);
	return end != CRM_OK;
}

/* Turns bits of each file that PATTERN names; how often it was noticed. */
static unsigned
turn(struct fixture *f, const char *pattern, unsigned many, bool may_die)
{
	struct buf list = {0};
	unsigned noticed = 0;

	shell(f, "ls -d %s/%s", f->path, pattern);
	buf_add(&list, str_of(&f->out));
	for (unsigned i = 0; i < many;) {
		struct str rest = str_of(&list);

		while (rest.n > 0 && i < many) {
			struct str line = str_cut(&rest, '\n');
			char path[256];

			snprintf(path, sizeof(path), "%.*s", STR_ARG(line));
			noticed += survives(f, path, may_die);
			i++;
		}
	}
	buf_clear(&list);
	return noticed;
}

static void
test_pack(void **state)
{
	struct fixture *f = *state;

	const unsigned many = rounds(60, 30, 20);

	fill(f);
	shell(f, "chmod 600 %s/objects/pack/*", f->path);
	repo_close(f->r);
	f->r = NULL;
	assert_int_equal(
	    turn(f, "objects/pack/*.pack", many, false) > many / 2, 1);
	assert_true(turn(f, "objects/pack/*.idx", many, true) > 0);
	assert_true(turn(f, "refs/crm/drained", 20, false) > 10);
}

static void
test_loose(void **state)
{
	struct fixture *f = *state;
	const unsigned many = rounds(60, 30, 20);

	fill(f);
	shell(f,
	    "cd %s && mv objects/pack/*.pack ../p && rm -f objects/pack/* && "
	    "git unpack-objects -q < ../p && chmod -R u+w objects",
	    f->path);
	reopen(f);
	assert_int_equal(read_all(f, f->r), CRM_OK);
	assert_int_equal(edit_some(f, f->r), CRM_OK);
	repo_close(f->r);
	f->r = NULL;
	assert_true(
	    turn(f, "objects/[0-9a-f][0-9a-f]/*", many, true) > many / 2);
}

static void
test_gone(void **state)
{
	struct fixture *f = *state;
	struct repo *r;

	fill(f);
	shell(f, "rm -f %s/objects/pack/*.pack", f->path);
	repo_close(f->r);
	f->r = NULL;
	OK(f, repo_open(&r, f->path, NULL, &f->dg));
	assert_int_equal(read_all(f, r), CRM_CONFIG);
	assert_non_null(strstr(diag_text(&f->dg), "fsck"));
	assert_non_null(strstr(diag_text(&f->dg), f->path));
	assert_int_equal(edit_some(f, r), CRM_CONFIG);
	repo_close(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_pack, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_loose, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
