/* SPDX-License-Identifier: ISC */
/* env: the LMDB environment: opening it, its locks and its transactions, and
 * what its errors mean. */
#define _DEFAULT_SOURCE /* flock, mkdtemp */
#include "store/priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	READERS = 1024,
	/* LMDB's lock file: a header and a cache line for each reader */
	LOCK_FILE_BYTES = 64 * (READERS + 16)
};
/*
 * LMDB clears memory for each table that could be opened, with the environment
 * and with each transaction: 80 KB for all that may be. So it is told of fewer
 * where they will do, with some to SPARE for those that others make meanwhile.
 */
enum {
	TABLES = 512,
	TABLES_READ = 128,
	TABLES_WRITE = 192,
	TABLES_SPARE = 24,
	TABLES_FIXED = 8 /* meta, due, ... and relief */
};
static const size_t map_default = (size_t)1 << 40;

enum crm_err
env_errno(const char *path, int error, const char *what, struct diag *dg)
{
	enum crm_err code = CRM_IO;

	if (error == EACCES || error == EPERM || error == EROFS)
		code = CRM_PERM;
	else if (error == ENOSPC || error == EDQUOT || error == EFBIG ||
		 error == ENOMEM || error == EMFILE || error == ENFILE)
		code = CRM_TEMP;
	return diag_set(dg, code, "%s: %s: %s", path, what, strerror(error));
}

enum crm_err
env_damaged(const struct store *s, const char *what, struct diag *dg)
{
	return diag_set(dg, CRM_CONFIG,
	    "%s: the store is damaged: %s; crm-check lists what is wrong, "
	    "a backup brings it back",
	    s->path, what);
}

/* A file without a name in the folder; -1, and errno. */
static int
scratch_open(int dir)
{
	static const char name[] = "runs.tmp";
	enum { FLAGS = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
	int fd = openat(dir, name, FLAGS, 0600), error;

	/* What a killed one left: we have the writers' lock. */
	if (fd < 0 && errno == EEXIST && unlinkat(dir, name, 0) == 0)
		fd = openat(dir, name, FLAGS, 0600);
	if (fd < 0 || unlinkat(dir, name, 0) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* LMDB says EIO of a write that came out short, which it does when the disk
 * has become full in the midst of it: then it has no room for this either. */
static bool
disk_full(const struct store *s)
{
	static const char page[1 << 14];
	ptrdiff_t got = 1;
	size_t done = 0;
	int fd = s->dir < 0 ? -1 : scratch_open(s->dir);
	bool full;

	errno = s->dir < 0 ? EIO : errno;
	while (fd >= 0 && got > 0 && done < sizeof(page)) {
		got = write(fd, page + done, sizeof(page) - done);
		done += got > 0 ? (size_t)got : 0;
	}
	full = done < sizeof(page) && (errno == ENOSPC || errno == EDQUOT);
	if (fd >= 0)
		close(fd);
	return full;
}

/* The same of a file that a limit on its size cuts off. */
static bool
file_full(const struct store *s)
{
	struct rlimit limit;
	struct stat st;

	return s->dir >= 0 && getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	       limit.rlim_cur != RLIM_INFINITY &&
	       fstatat(s->dir, "data.mdb", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (rlim_t)st.st_size >= limit.rlim_cur;
}

/* What stands behind a write that was cut off. */
static int
cut_by(const struct store *s)
{
	if (disk_full(s))
		return ENOSPC;
	return file_full(s) ? EFBIG : EIO;
}

enum crm_err
env_fail(const struct store *s, int rc, const char *what, struct diag *dg)
{
	switch (rc == EIO ? cut_by(s) : rc) {
	case MDB_MAP_FULL:
		return diag_set(dg, CRM_TEMP,
		    "%s: %s: the map of the store is full; raise the limit "
		    "on address space (ulimit -v)",
		    s->path, what);
	case MDB_READERS_FULL:
		return diag_set(dg, CRM_TEMP,
		    "%s: %s: more than %d commands read at once; try again",
		    s->path, what, READERS);
	case ENOSPC:
	case EDQUOT:
		return diag_set(dg, CRM_TEMP,
		    "%s: %s: the disk is full; nothing was changed; free "
		    "some space and try again",
		    s->path, what);
	case EFBIG:
		return diag_set(dg, CRM_TEMP,
		    "%s: %s: data.mdb would be larger than a file may be; "
		    "nothing was changed; raise the limit (ulimit -f)",
		    s->path, what);
	case EIO:
		return diag_set(dg, CRM_IO,
		    "%s: %s: the disk is full or failing (%s); nothing was "
		    "changed",
		    s->path, what, strerror(EIO));
	case MDB_VERSION_MISMATCH:
		return diag_set(dg, CRM_CONFIG,
		    "%s: data.mdb is of another version of LMDB", s->path);
	case MDB_INVALID:
	case EBADF:
		return diag_set(dg, CRM_CONFIG,
		    "%s: data.mdb is not a crm store, or its head is damaged",
		    s->path);
	case MDB_DBS_FULL:
		return diag_set(dg, CRM_TEMP,
		    "%s: %s: tables were added meanwhile; try again", s->path,
		    what);
	case MDB_TXN_FULL:
		return diag_set(dg, CRM_DATA,
		    "%s: %s: more changes than one transaction holds; split "
		    "the batch",
		    s->path, what);
	case MDB_CORRUPTED:
	case MDB_PAGE_FULL:
	case MDB_PAGE_NOTFOUND:
	case MDB_PANIC:
	case MDB_CURSOR_FULL:
	case MDB_BAD_TXN:
	case MDB_BAD_DBI:
	case MDB_INCOMPATIBLE:
	case MDB_BAD_VALSIZE:
		return env_damaged(s, mdb_strerror(rc), dg);
	default:
		return env_errno(s->path, rc, what, dg);
	}
}

/* The file NAME of the directory must be a plain file or not there. */
static enum crm_err
plain_file(const struct store *s, const char *name, struct stat *st,
    bool *there, struct diag *dg)
{
	*there = fstatat(s->dir, name, st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*there && errno != ENOENT)
		return env_errno(s->path, errno, name, dg);
	if (*there && !S_ISREG(st->st_mode))
		return diag_set(dg, CRM_CONFIG,
		    "%s/%s is not a plain file: refusing to follow it", s->path,
		    name);
	return CRM_OK;
}

/*
 * LMDB makes its lock file sparse and maps it: on a full disk even a reader
 * would then die of SIGBUS. So it gets its blocks before.
 */
enum crm_err
env_lock_file(const struct store *s, struct diag *dg)
{
	struct stat st;
	bool there;
	enum crm_err err = plain_file(s, "lock.mdb", &st, &there, dg);
	int fd, rc = 0;

	if (err != CRM_OK)
		return err;
	if (there && (size_t)st.st_blocks * 512 >= LOCK_FILE_BYTES)
		return CRM_OK;
	fd = openat(s->dir, "lock.mdb",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EROFS
			   ? CRM_OK
			   : env_errno(s->path, errno, "lock.mdb", dg);
	if (fchmod(fd, 0600) != 0)
		rc = errno;
	if (rc == 0)
		rc = posix_fallocate(fd, 0, LOCK_FILE_BYTES);
	if (close(fd) != 0 && rc == 0)
		rc = errno;
	return rc == 0 || rc == EOPNOTSUPP || rc == EINVAL
		   ? CRM_OK
		   : env_errno(s->path, rc, "lock.mdb", dg);
}

static enum crm_err
check_directory(const struct store *s, struct diag *dg)
{
	struct stat st;

	if (fstat(s->dir, &st) != 0)
		return env_errno(s->path, errno, "store", dg);
	if ((st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0)
		return diag_set(dg, CRM_PERM,
		    "%s: anybody may write into this directory; "
		    "chmod 700 it first",
		    s->path);
	return CRM_OK;
}

enum { TABLE_FREE = 0 }; /* LMDB's own list of pages that nobody uses */

/*
 * How many pages from FIRST on are free: LMDB does not write pages that a
 * transaction took at the end of the file and gave back. Each entry is a
 * count and as many page numbers.
 */
static int
count_free(MDB_txn *txn, size_t first, size_t *n)
{
	MDB_cursor *cur = NULL;
	MDB_val k, v;
	int rc = mdb_cursor_open(txn, TABLE_FREE, &cur);

	*n = 0;
	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &v, MDB_FIRST);
	for (; rc == 0; rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT)) {
		size_t count = 0, page;
		const char *p = v.mv_data;

		if (v.mv_size >= sizeof(count))
			memcpy(&count, p, sizeof(count));
		if (count >= v.mv_size / sizeof(page))
			rc = MDB_CORRUPTED;
		for (size_t i = 1; i <= count && rc == 0; i++) {
			memcpy(&page, p + i * sizeof(page), sizeof(page));
			*n += page >= first;
		}
		if (rc != 0)
			break;
	}
	if (cur)
		mdb_cursor_close(cur);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/*
 * A file that ends before a page in use would kill us with SIGBUS. SIZE is
 * what it had a moment ago: it only grows.
 */
static enum crm_err
check_length(struct store *s, size_t size, struct diag *dg)
{
	MDB_envinfo info;
	MDB_stat stat;
	MDB_txn *txn = NULL;
	struct stat st;
	bool there;
	size_t pages, nfree;
	enum crm_err err;
	int rc;

	/* In this order: a writer may be making the file longer. */
	if (mdb_env_info(s->env, &info) != 0 ||
	    mdb_env_stat(s->env, &stat) != 0)
		return env_damaged(s, "its head cannot be read", dg);
	if (size / stat.ms_psize >= info.me_last_pgno + 1)
		return CRM_OK;
	err = plain_file(s, "data.mdb", &st, &there, dg);
	if (err != CRM_OK)
		return err;
	if (!there)
		return env_damaged(s, "data.mdb is gone", dg);
	pages = (size_t)st.st_size / stat.ms_psize;
	if (pages >= info.me_last_pgno + 1)
		return CRM_OK;
	rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);
	if (rc == 0)
		rc = count_free(txn, pages, &nfree);
	if (txn)
		mdb_txn_abort(txn);
	if (rc != 0 || nfree < info.me_last_pgno + 1 - pages)
		return env_damaged(s, "data.mdb was cut short", dg);
	return CRM_OK;
}

static void on_assert(MDB_env *env, const char *what);

static unsigned
tables_told(const struct store *s)
{
	if (s->roomy)
		return TABLES;
	return s->read_only ? TABLES_READ : TABLES_WRITE;
}

/* One attempt with a map of SIZE. */
static int
open_map(struct store *s, const char *path, size_t size, unsigned flags)
{
	int rc = mdb_env_create(&s->env);

	if (rc != 0)
		return rc;
	rc = mdb_env_set_mapsize(s->env, size);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(s->env, READERS);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(s->env, tables_told(s));
	if (rc == 0)
		rc = mdb_env_set_assert(s->env, on_assert);
	if (rc == 0)
		rc = mdb_env_open(s->env, path, flags | MDB_NOTLS, 0600);
	if (rc != 0) {
		mdb_env_close(s->env);
		s->env = NULL;
	}
	return rc;
}

static int64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * LMDB's own locks wait for ever and cannot be interrupted; ours stand in
 * front of them and have a deadline. They end with the process. WHAT the
 * other one does.
 */
enum crm_err
env_wait(const struct store *s, int fd, const char *what, struct diag *dg)
{
	int64_t end = milliseconds() + s->wait_ms;
	long pause = 100000; /* nanoseconds */

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		struct timespec t = {.tv_nsec = pause};

		if (errno != EWOULDBLOCK && errno != EINTR)
			return env_errno(s->path, errno, "locking", dg);
		if (milliseconds() >= end)
			return diag_set(dg, CRM_TEMP,
			    "%s: another command has been %s for %u seconds; "
			    "try again",
			    s->path, what, s->wait_ms / 1000);
		nanosleep(&t, NULL);
		if (pause < 4000000)
			pause += pause / 2;
	}
	return CRM_OK;
}

/*
 * The first one to open the environment prepares its lock file while others
 * wait. When he is killed half way, LMDB lets the next one go on with what is
 * there: with transaction 0, so that what that one writes is lost. So only
 * one at a time opens; who comes after a dead one is the first one again. The
 * lock is on data.mdb, where LMDB has none.
 */
static enum crm_err
lock_opening(const struct store *s, int *fd, struct diag *dg)
{
	*fd = openat(s->dir, "data.mdb", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0)
		return env_errno(s->path, errno, "data.mdb", dg);
	return env_wait(s, *fd, "opening it", dg);
}

/* A limit on address space refuses a large map: halve until it fits. */
static int
open_fitting(struct store *s, const char *path, unsigned flags)
{
	size_t size = s->map_size ? s->map_size : map_default;
	int rc = open_map(s, path, size, flags);

	while ((rc == ENOMEM || rc == EINVAL) && size > ((size_t)1 << 24)) {
		size /= 2;
		rc = open_map(s, path, size, flags);
	}
	return rc;
}

/* It has more tables than LMDB was told of, or soon may. */
static bool
tables_many(const struct store *s)
{
	MDB_stat stat;

	return !s->roomy && mdb_env_stat(s->env, &stat) == 0 &&
	       stat.ms_entries + TABLES_SPARE > tables_told(s);
}

enum crm_err
env_map(struct store *s, const char *path, unsigned flags, struct diag *dg)
{
	int rc, dead, fd;
	enum crm_err err = lock_opening(s, &fd, dg);

	rc = err == CRM_OK ? open_fitting(s, path, flags) : 0;
	if (err == CRM_OK && rc == 0 && tables_many(s)) {
		mdb_env_close(s->env);
		s->roomy = true;
		rc = open_fitting(s, path, flags);
	}
	if (fd >= 0)
		close(fd);
	if (err != CRM_OK)
		return err;
	if (rc != 0)
		return env_fail(s, rc, "opening", dg);
	rc = mdb_reader_check(s->env, &dead);
	return rc == 0 ? CRM_OK : env_fail(s, rc, "opening", dg);
}

static enum crm_err
check_data(const struct store *s, bool *there, size_t *size, struct diag *dg)
{
	struct stat st;
	enum crm_err err = plain_file(s, "data.mdb", &st, there, dg);

	if (err != CRM_OK || !*there)
		return err;
	*size = (size_t)st.st_size;
	if (*size == 0)
		return diag_set(dg, CRM_CONFIG,
		    "%s: data.mdb is empty: not a crm store", s->path);
	return CRM_OK;
}

/* An existing directory without data.mdb: empty is as good as missing. */
static enum crm_err
refuse_foreign(struct store *s, struct diag *dg)
{
	DIR *d = fdopendir(s->dir);
	struct dirent *e;
	size_t others = 0;

	if (!d)
		return env_errno(s->path, errno, "opening", dg);
	for (e = readdir(d); e; e = readdir(d))
		if (e->d_name[0] != '.' ||
		    strspn(e->d_name, ".") != strlen(e->d_name))
			others++;
	closedir(d);
	s->dir = -1;
	if (others == 0)
		return CRM_OK;
	return diag_set(dg, CRM_CONFIG,
	    "%s: this directory has other things in it and no data.mdb: not "
	    "a crm store; name another with -S or CRM_STORE",
	    s->path);
}

enum crm_err
env_open(struct store *s, struct diag *dg)
{
	bool there;
	size_t size = 0;
	enum crm_err err;

	s->dir = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0 && errno == ENOENT)
		return CRM_OK;
	if (s->dir < 0 && errno == ENOTDIR)
		return diag_set(dg, CRM_CONFIG,
		    "%s: not a directory; a crm store is one", s->path);
	if (s->dir < 0)
		return env_errno(s->path, errno, "opening", dg);
	err = check_directory(s, dg);
	if (err == CRM_OK)
		err = check_data(s, &there, &size, dg);
	if (err == CRM_OK && !there)
		return refuse_foreign(s, dg);
	if (err == CRM_OK)
		err = env_lock_file(s, dg);
	if (err == CRM_OK)
		err = env_map(s, s->path, s->read_only ? MDB_RDONLY : 0, dg);
	if (err == CRM_OK)
		err = check_length(s, size, dg);
	return err;
}

void
env_close(struct store *s)
{
	if (s->rtxn)
		mdb_txn_abort(s->rtxn);
	s->rtxn = NULL;
	if (s->env)
		mdb_env_close(s->env);
	s->env = NULL;
	if (s->dir >= 0)
		close(s->dir);
	s->dir = -1;
}

/* ---- locks and transactions ------------------------------------------- */

enum crm_err
env_widen(struct store *s, bool bulk, struct diag *dg)
{
	size_t most = schema_tables(s->schema) + TABLES_FIXED + TABLES_SPARE;
	enum crm_err err;

	if (s->roomy || (!bulk && most <= TABLES_WRITE))
		return CRM_OK;
	s->roomy = true;
	if (!s->env)
		return CRM_OK;
	scans_leave(s);
	tables_reset(s);
	mdb_env_close(s->env);
	s->env = NULL;
	err = env_map(s, s->path, 0, dg);
	return err == CRM_OK ? check_length(s, 0, dg) : err;
}

enum crm_err
env_lock(struct store *s, struct diag *dg)
{
	enum crm_err err = env_wait(s, s->dir, "writing", dg);

	/* Who was killed right after the rename left it marked. */
	if (err == CRM_OK && !s->birth)
		env_finished(s);
	return err;
}

void
env_unlock(struct store *s)
{
	if (s->dir >= 0)
		flock(s->dir, LOCK_UN);
}

int
env_snapshot(const struct store *s, MDB_txn **txn)
{
	int dead, rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, txn);

	if (rc == MDB_READERS_FULL && mdb_reader_check(s->env, &dead) == 0)
		rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, txn);
	if (rc != 0)
		*txn = NULL;
	return rc;
}

enum crm_err
env_read(struct store *s, MDB_txn **txn, struct diag *dg)
{
	int rc;

	*txn = s->wtxn;
	if (*txn || !s->env)
		return CRM_OK;
	if (!s->rtxn) {
		rc = env_snapshot(s, &s->rtxn);
		if (rc != 0)
			return env_fail(s, rc, "reading", dg);
		s->epoch++;
	}
	*txn = s->rtxn;
	return CRM_OK;
}

/* The one piece of process-wide state: LMDB's assert hook has no argument of
 * ours. Set once at start. */
static void (*damage_hook)(const char *what);

void
store_on_damage(void (*fn)(const char *what))
{
	damage_hook = fn;
}

void
env_give_up(const char *what)
{
	if (damage_hook)
		damage_hook(what);
}

static void
on_assert(MDB_env *env, const char *what)
{
	(void)env;
	env_give_up(what);
}

/* ---- memory of a large transaction ------------------------------------ */

/*
 * LMDB keeps the pages that a transaction has made in memory and writes some
 * of them only when there are 131,072, half a gigabyte. When a put is about
 * to make more pages than there is room for, it writes those that it has
 * first. So we announce a put of that many values, the first of which is
 * refused because it is there already. A LMDB that reckons otherwise takes
 * more memory, no more.
 */
enum {
	DIRTY_MAX = 32 << 20,
	/* LMDB sorts the numbers of all pages that it has written each time it
	 * writes some. Nothing is collected any more: there is room. */
	DIRTY_LAST = 96 << 20,
	ROOM_PAGES = 1 << 17,
	PAGE_LEAST = 4096
};

static int
announce(struct store *s)
{
	char one[8] = "", name[] = "relief";
	MDB_val k = {.mv_data = name, .mv_size = sizeof(name)};
	MDB_val v[2] = {{.mv_data = one, .mv_size = sizeof(one)},
	    {.mv_size = (size_t)ROOM_PAGES / 2 * PAGE_LEAST / sizeof(one)}};
	MDB_cursor *cur = NULL;
	int rc = mdb_cursor_open(s->wtxn, s->relief, &cur);

	if (rc == 0)
		rc = mdb_cursor_put(cur, &k, v, MDB_NODUPDATA);
	if (rc == 0 || rc == MDB_KEYEXIST)
		rc = mdb_cursor_put(cur, &k, v, MDB_MULTIPLE | MDB_NODUPDATA);
	if (cur)
		mdb_cursor_close(cur);
	return rc == MDB_KEYEXIST ? 0 : rc;
}

enum crm_err
env_relieve(struct store *s, size_t bytes, struct diag *dg)
{
	int rc = 0;

	s->dirty += bytes;
	if (s->dirty < (s->ending ? DIRTY_LAST : DIRTY_MAX) || !s->bulk)
		return CRM_OK;
	s->dirty = 0;
	if (!s->relieved)
		rc = mdb_dbi_open(s->wtxn, "relief",
		    MDB_CREATE | MDB_DUPSORT | MDB_DUPFIXED, &s->relief);
	s->relieved = s->relieved || rc == 0;
	if (rc == 0)
		rc = announce(s);
	return rc == 0 ? CRM_OK : env_fail(s, rc, "writing", dg);
}

enum crm_err
env_relieved(struct store *s, struct diag *dg)
{
	int rc;

	if (!s->relieved)
		return CRM_OK;
	s->relieved = false;
	rc = mdb_drop(s->wtxn, s->relief, 1);
	return rc == 0 ? CRM_OK : env_fail(s, rc, "writing", dg);
}

enum crm_err
env_scratch_file(struct store *s, int *fd, struct diag *dg)
{
	*fd = scratch_open(s->dir);
	if (*fd >= 0)
		return CRM_OK;
	return env_errno(s->path, errno, "a temporary file", dg);
}
