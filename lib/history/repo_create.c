/* SPDX-License-Identifier: ISC */
/* repo_create: a new repository, made beside its place and moved into it. */
#define _XOPEN_SOURCE 700 /* nftw */
#define _DEFAULT_SOURCE	  /* flock */
#include "history/repo_priv.h"

#include "history/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORK_SUFFIX ".crm-new"

/* In the order in which they are made; synced the other way round. */
static const char *const directories[] = {"", "/objects", "/objects/info",
    "/objects/pack", "/refs", "/refs/heads", "/refs/tags", "/refs/crm"};

static const struct {
	const char *name, *text;
} files[] = {
    {"/config", "[core]\n\trepositoryformatversion = 0\n"
		"\tfilemode = true\n\tbare = true\n"},
    {"/HEAD", "ref: " REPO_MAIN "\n"},
};

static int
remove_below(
    const char *path, const struct stat *st, int type, struct FTW *position)
{
	(void)st;
	(void)type;
	return position->level == 0 ? 0 : remove(path);
}

static enum crm_err
file_make(const char *path, struct str text, struct diag *dg)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	enum crm_err err = CRM_OK;
	ssize_t put;

	if (fd < 0)
		return fail_errno(path, errno, "cannot make it", dg);
	put = write(fd, text.p, text.n);
	if (put != (ssize_t)text.n)
		err = fail_errno(
		    path, put < 0 ? errno : ENOSPC, "cannot write", dg);
	else if (fchmod(fd, 0600) != 0 || fsync(fd) != 0)
		err = fail_errno(path, errno, "cannot sync", dg);
	if (close(fd) != 0 && err == CRM_OK)
		err = fail_errno(path, errno, "cannot close", dg);
	return err;
}

/* WORK and NAME joined in PATH. */
static enum crm_err
join(const char *work, const char *name, struct buf *path, struct diag *dg)
{
	buf_reset(path);
	buf_addz(path, work);
	buf_addz(path, name);
	return path->failed ? diag_nomem(dg) : CRM_OK;
}

/* chmod: whatever the umask. */
static enum crm_err
work_fill(const char *work, struct buf *path, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	size_t n = ARRAY_LEN(directories);

	for (size_t i = 0; err == CRM_OK && i < n; i++) {
		err = join(work, directories[i], path, dg);
		if (err == CRM_OK && ((i > 0 && mkdir(path->p, 0700) != 0) ||
					 chmod(path->p, 0700) != 0))
			err = fail_errno(path->p, errno, "cannot make it", dg);
	}
	for (size_t i = 0; err == CRM_OK && i < ARRAY_LEN(files); i++) {
		err = join(work, files[i].name, path, dg);
		if (err == CRM_OK)
			err = file_make(path->p, str_from(files[i].text), dg);
	}
	while (err == CRM_OK && n-- > 0) {
		err = join(work, directories[n], path, dg);
		if (err == CRM_OK)
			err = directory_sync(path->p, dg);
	}
	return err;
}

/* Whether PATH is ready, can be made (absent or an empty directory), or is
 * something else. */
static enum crm_err
place_look(const char *path, bool *ready, struct diag *dg)
{
	struct repo *r = NULL;
	struct stat st;
	enum crm_err err;

	*ready = false;
	err = repo_open(&r, path, NULL, dg);
	repo_close(r);
	*ready = err == CRM_OK;
	if (err == CRM_NO || (err == CRM_CONFIG && lstat(path, &st) == 0 &&
				 S_ISDIR(st.st_mode) && rmdir(path) == 0)) {
		diag_clear(dg);
		return CRM_OK;
	}
	if (err != CRM_CONFIG)
		return err;
	diag_more(dg, "; it is not empty: move it away");
	return err;
}

/*
 * Makes the directory WORK and locks it: two who make the same repository
 * wait for one another. *fd is -1 when the other one has just finished.
 */
static enum crm_err
work_lock(const char *work, int *fd, struct diag *dg)
{
	struct stat ours, now;
	int rc;

	if (mkdir(work, 0700) != 0 && errno != EEXIST)
		return fail_errno(work, errno, "cannot make it", dg);
	*fd = open(work, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0)
		return errno == ENOENT
			   ? CRM_OK
			   : fail_errno(work, errno, "cannot open", dg);
	do
		rc = flock(*fd, LOCK_EX);
	while (rc != 0 && errno == EINTR);
	if (rc == 0 && fstat(*fd, &ours) == 0 && lstat(work, &now) == 0 &&
	    ours.st_ino == now.st_ino && ours.st_dev == now.st_dev)
		return CRM_OK;
	close(*fd);
	*fd = -1;
	return CRM_OK;
}

/* WORK may hold what a kill left of an earlier try. */
static enum crm_err
work_place(const char *work, const char *path, struct diag *dg)
{
	struct buf scratch = {0};
	enum crm_err err;

	if (nftw(work, remove_below, 16, FTW_DEPTH | FTW_PHYS) != 0)
		return fail_errno(work, errno, "cannot empty it", dg);
	err = work_fill(work, &scratch, dg);
	if (err == CRM_OK && rename(work, path) != 0)
		err = fail_errno(path, errno, "cannot rename to it", dg);
	buf_clear(&scratch);
	return err;
}

/* The directory PATH stands in. */
static enum crm_err
parent_sync(const char *path, struct diag *dg)
{
	struct str s = str_from(path);
	struct buf parent = {0};
	enum crm_err err;

	while (s.n > 0 && s.p[s.n - 1] != '/')
		s.n--;
	buf_add(&parent, s.n > 0 ? s : STR("."));
	err = parent.failed ? diag_nomem(dg) : directory_sync(parent.p, dg);
	buf_clear(&parent);
	return err;
}

/* One try; *ready is false when somebody else has just finished his. */
static enum crm_err
create_once(const char *path, const char *work, bool *ready, struct diag *dg)
{
	int fd = -1;
	enum crm_err err = place_look(path, ready, dg);

	if (err == CRM_OK && !*ready)
		err = work_lock(work, &fd, dg);
	if (err == CRM_OK && fd >= 0) {
		err = work_place(work, path, dg);
		*ready = true;
	}
	if (err == CRM_OK && *ready)
		err = parent_sync(path, dg);
	if (fd >= 0)
		close(fd);
	return err;
}

enum crm_err
repo_create(const char *path, struct diag *dg)
{
	struct buf at = {0}, work = {0};
	struct str s = str_from(path);
	enum crm_err err = CRM_OK;
	bool ready = false;

	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	buf_add(&at, s);
	buf_add(&work, s);
	buf_addz(&work, WORK_SUFFIX);
	if (at.failed || work.failed)
		err = diag_nomem(dg);
	while (err == CRM_OK && !ready)
		err = create_once(at.p, work.p, &ready, dg);
	buf_clear(&at);
	buf_clear(&work);
	return err;
}
