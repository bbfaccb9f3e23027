/* SPDX-License-Identifier: ISC */
/* repo_lock: the lock of writers, and tidying up after one that was killed. */
#define _DEFAULT_SOURCE /* flock */
#include "history/repo_priv.h"

#include "history/packs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	STEP_MS = 5,
	/* Somebody alive holds a lock of refs/crm no longer than this: git
	 * pack-refs, for the blink of an eye. */
	CRM_LOCK_MS = 1000,
	MAIN_LOCK_MS = 10 * 1000,
};

static void
nap(unsigned ms)
{
	struct timespec t = {
	    .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000L};

	nanosleep(&t, NULL);
}

static enum crm_err
lock_take(struct repo *r, const char *path, unsigned wait_ms, struct diag *dg)
{
	unsigned waited = 0;

	r->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (r->lock < 0)
		return fail_errno(path, errno, "cannot open", dg);
	while (flock(r->lock, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return fail_errno(path, errno, "cannot lock", dg);
		if (waited >= wait_ms)
			return diag_set(dg, CRM_TEMP,
			    "%s: another crm-history writes; try again later",
			    r->path);
		nap(STEP_MS);
		waited += STEP_MS;
	}
	return CRM_OK;
}

/* Somebody may have put another repository here while we waited. */
static enum crm_err
lock_check(const struct repo *r, const char *path, struct diag *dg)
{
	struct stat ours, now;

	if (fstat(r->lock, &ours) == 0 && stat(path, &now) == 0 &&
	    ours.st_ino == now.st_ino && ours.st_dev == now.st_dev)
		return CRM_OK;
	return diag_set(
	    dg, CRM_TEMP, "%s: was replaced meanwhile; try again", r->path);
}

/* The time of the file system, by touching our lock: the clock that the
 * times of other files come from. */
static bool
file_clock(const struct repo *r, struct timespec *now)
{
	struct stat st;

	if (futimens(r->lock, NULL) != 0 || fstat(r->lock, &st) != 0)
		return false;
	*now = st.st_mtim;
	return true;
}

/* Milliseconds between then and now, whichever was first: a clock that was
 * set back must not keep a stale file for ever. */
static int64_t
distance_ms(struct timespec a, struct timespec b)
{
	int64_t ms = ((int64_t)a.tv_sec - (int64_t)b.tv_sec) * 1000 +
		     (a.tv_nsec - b.tv_nsec) / 1000000;

	return ms < 0 ? -ms : ms;
}

/*
 * Takes the lock file NAME away when it is older than AGE_MS. WAIT: until it
 * is that old or gone, because we cannot go on before.
 */
static void
stale_remove(
    const struct repo *r, int dir, const char *name, int64_t age_ms, bool wait)
{
	struct timespec now;
	struct stat st;
	int64_t waited = 0;

	while (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!file_clock(r, &now) || waited >= age_ms ||
		    distance_ms(now, st.st_mtim) >= age_ms) {
			unlinkat(dir, name, 0);
			return;
		}
		if (!wait)
			return;
		nap(STEP_MS);
		waited += STEP_MS;
	}
}

/* Each NAME.lock of refs/crm; the directory may be missing. */
static enum crm_err
crm_locks_clean(const struct repo *r, struct diag *dg)
{
	struct buf path = {0};
	enum crm_err err = repo_below(r, "refs/crm", &path, dg);
	const struct dirent *e;
	DIR *d;

	if (err != CRM_OK)
		return err;
	d = opendir(path.p);
	buf_clear(&path);
	if (!d && errno != ENOENT)
		return fail_errno(r->path, errno, "refs/crm", dg);
	while (d && (e = readdir(d)) != NULL)
		if (str_ends(str_from(e->d_name), STR(".lock")))
			stale_remove(r, dirfd(d), e->d_name, CRM_LOCK_MS, true);
	if (d)
		closedir(d);
	return CRM_OK;
}

static enum crm_err
clean(const struct repo *r, struct diag *dg)
{
	struct buf path = {0};
	enum crm_err err = crm_locks_clean(r, dg);

	if (err == CRM_OK)
		err = repo_below(r, REPO_MAIN ".lock", &path, dg);
	if (err == CRM_OK)
		stale_remove(r, AT_FDCWD, path.p, MAIN_LOCK_MS, false);
	buf_clear(&path);
	return err == CRM_OK ? packs_clean(r, dg) : err;
}

enum crm_err
repo_lock(struct repo *r, unsigned wait_ms, struct diag *dg)
{
	struct buf path = {0};
	enum crm_err err;

	if (r->lock >= 0)
		return CRM_OK;
	err = repo_below(r, "crm.lock", &path, dg);
	if (err == CRM_OK)
		err = lock_take(r, path.p, wait_ms, dg);
	if (err == CRM_OK)
		err = lock_check(r, path.p, dg);
	buf_clear(&path);
	if (err == CRM_OK)
		err = clean(r, dg);
	if (err == CRM_OK)
		err = repo_follow(r, dg);
	if (err != CRM_OK && r->lock >= 0) {
		close(r->lock);
		r->lock = -1;
	}
	return err;
}
