/* SPDX-License-Identifier: ISC */
/* history_test: what the unit tests of the history share: a directory of
 * their own, git beside us as a judge, and random numbers that repeat. */
#ifndef CRM_HISTORY_TEST_H
#define CRM_HISTORY_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "history/files.h"
#include "history/object.h"
#include "tmp.h"

#include <unistd.h>

struct fixture {
	char dir[64], path[80];
	struct repo *r;
	struct diag dg;
	uint64_t seed, beat;
	struct buf out; /* of the last git command */
};

#define OK(f, call)                                                            \
	do {                                                                   \
		if ((call) != CRM_OK)                                          \
			fail_msg("%s: %s", #call, diag_text(&(f)->dg));        \
	} while (0)

static inline uint64_t
draw(struct fixture *f, uint64_t n)
{
	uint64_t z = (f->seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

/* Runs a command of the shell; its output and its exit status. */
static inline int
run(struct fixture *f, const char *command)
{
	char room[4096];
	size_t n;
	FILE *p = popen(command, "r");

	assert_non_null(p);
	buf_reset(&f->out);
	while ((n = fread(room, 1, sizeof(room), p)) > 0)
		buf_add(&f->out, (struct str){.p = room, .n = n});
	return pclose(p);
}

/* Runs a command of the shell that must succeed. */
static inline void CRM_PRINTF(2, 3)
    shell(struct fixture *f, const char *fmt, ...)
{
	char command[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (run(f, command) != 0)
		fail_msg("%s: %s", command, buf_z(&f->out));
}

/* Runs "git -C REPO ..." with no configuration but the repository's. */
static inline int
git(struct fixture *f, const char *args)
{
	char command[2048];

	snprintf(command, sizeof(command),
	    "HOME=%s GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 "
	    "git -C %s %s 2>&1",
	    f->dir, f->path, args);
	return run(f, command);
}

static inline void
git_ok(struct fixture *f, const char *args)
{
	if (git(f, args) != 0)
		fail_msg("git %s: %s", args, buf_z(&f->out));
}

static inline void
fsck(struct fixture *f)
{
	git_ok(f, "fsck --full --strict --no-dangling --no-progress");
	if (f->out.n > 0)
		fail_msg("fsck: %s", buf_z(&f->out));
}

static inline void
reopen(struct fixture *f)
{
	repo_close(f->r);
	f->r = NULL;
	OK(f, repo_open(&f->r, f->path, &f->beat, &f->dg));
	OK(f, repo_lock(f->r, 0, &f->dg));
}

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->seed = 42;
	snprintf(f->dir, sizeof(f->dir), "%s/crm-history-XXXXXX", tmp_dir());
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/history.git", f->dir);
	OK(f, repo_create(f->path, &f->dg));
	reopen(f);
	*state = f;
	return 0;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	repo_close(f->r);
	shell(f, "rm -rf %s", f->dir);
	diag_clear(&f->dg);
	buf_clear(&f->out);
	free(f);
	return 0;
}

static inline struct file_name
name_of(const char *text)
{
	struct file_name f = {0};

	if (!file_name_parse(str_from(text), &f))
		fail_msg("%s is no name", text);
	return f;
}

static inline void
put(struct fixture *f, struct editor *e, const char *name, const char *text)
{
	struct file_name n = name_of(name);

	OK(f, editor_put(e, &n, str_from(text), &f->dg));
}

static inline void
del(struct fixture *f, struct editor *e, const char *name)
{
	struct file_name n = name_of(name);

	OK(f, editor_del(e, &n, &f->dg));
}

/* A commit of the transaction TXN, at the second 1000 + TXN. */
static inline struct oid
commit(struct fixture *f, struct editor *e, uint64_t txn)
{
	struct buf message = {0};
	struct commit_text t = {
	    .author = STR("anna"), .time = 1000 + (int64_t)txn};
	struct oid id;

	buf_addf(&message, "edit\n\nCrm-Txn: %llu\n", (unsigned long long)txn);
	t.message = str_of(&message);
	OK(f, editor_commit(e, &t, &id, &f->dg));
	buf_clear(&message);
	return id;
}

/* The refs move on to ID. */
static inline void
advance(struct fixture *f, struct oid id)
{
	struct repo_head h;

	OK(f, repo_head(f->r, &h, &f->dg));
	OK(f, repo_advance(f->r, h.any ? &h.commit : NULL, &id, &f->dg));
}

static inline struct editor *
edit(struct fixture *f, const struct editor_options *o)
{
	struct repo_head h;
	struct editor *e = NULL;

	OK(f, repo_head(f->r, &h, &f->dg));
	OK(f, editor_open(&e, f->r, h.any ? &h.commit : NULL, o, &f->dg));
	return e;
}

/* One commit with one file. */
static inline struct oid
one(struct fixture *f, uint64_t txn, const char *name, const char *text)
{
	struct editor *e = edit(f, NULL);
	struct oid id;

	put(f, e, name, text);
	id = commit(f, e, txn);
	OK(f, editor_finish(e, &f->dg));
	editor_free(e);
	advance(f, id);
	return id;
}

#endif
