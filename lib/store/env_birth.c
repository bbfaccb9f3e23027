/* SPDX-License-Identifier: ISC */
/* env_birth: a new store: made beside its place, moved there when its first
 * transaction is committed. */
#define _DEFAULT_SOURCE /* realpath */
#include "store/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 32 };

/* mkdir -p of the directory that will hold the store. */
static enum crm_err
make_parents(char *path, struct diag *dg)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		int rc, error;

		*p = '\0';
		rc = mkdir(path, 0700);
		error = errno;
		if (rc != 0 && error != EEXIST && access(path, F_OK) != 0) {
			env_errno(path, error, "making the directory", dg);
			*p = '/';
			return dg->code;
		}
		*p = '/';
	}
	return CRM_OK;
}

/* A file that only a store in the making has: nothing else is ever removed. */
static const char *const mark = "unfinished";

void
env_finished(const struct store *s)
{
	unlinkat(s->dir, mark, 0);
}

/* Removes a store that was never finished; anything else stays. */
static void
remove_unfinished(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (dir >= 0 && faccessat(dir, mark, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		unlinkat(dir, "data.mdb", 0);
		unlinkat(dir, "lock.mdb", 0);
		unlinkat(dir, mark, 0);
	}
	if (dir >= 0)
		close(dir);
	rmdir(path);
}

/* A file with its mode whatever the umask; LMDB then finds its data there. */
static enum crm_err
make_file(const struct store *s, const char *name, struct diag *dg)
{
	int fd = openat(s->dir, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = 0;

	if (fd < 0 || fchmod(fd, 0600) != 0)
		rc = errno;
	if (fd >= 0 && close(fd) != 0 && rc == 0)
		rc = errno;
	return rc == 0 ? CRM_OK : env_errno(s->path, rc, name, dg);
}

/* The directory that will hold the store, opened. */
static enum crm_err
open_parent(const struct store *s, int *out, struct diag *dg)
{
	char *parent = strdup(s->path);
	char *slash = parent ? strrchr(parent, '/') : NULL;
	int error;

	*out = -1;
	if (!slash) {
		free(parent);
		return diag_nomem(dg);
	}
	slash[slash == parent ? 1 : 0] = '\0';
	*out = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	error = errno;
	free(parent);
	return *out >= 0 ? CRM_OK
			 : env_errno(s->path, error, "making the store", dg);
}

/*
 * LMDB keeps the pages that a transaction set free as one list under its
 * number, and what is left of it under smaller numbers. Of a young store there
 * are few: after a large load the lists are so long that each small change
 * would write hundreds of pages of them anew. So a store begins at a number
 * where they are short. Nothing of it is there yet: no need to wait for disks.
 */
static enum crm_err
grow_up(struct store *s, struct diag *dg)
{
	enum { FIRST = 256 };
	char age[] = "age";
	MDB_val k = {.mv_data = age, .mv_size = sizeof(age)};
	MDB_txn *txn;
	MDB_dbi main_table;
	int rc = mdb_env_set_flags(s->env, MDB_NOSYNC, 1);

	for (unsigned i = 0; i < FIRST && rc == 0; i++) {
		MDB_val v = {.mv_data = &i, .mv_size = sizeof(i)};

		rc = mdb_txn_begin(s->env, NULL, 0, &txn);
		if (rc != 0)
			break;
		rc = mdb_dbi_open(txn, NULL, 0, &main_table);
		if (rc == 0)
			rc = i + 1 < FIRST ? mdb_put(txn, main_table, &k, &v, 0)
					   : mdb_del(txn, main_table, &k, NULL);
		if (rc == 0)
			rc = mdb_txn_commit(txn);
		else
			mdb_txn_abort(txn);
	}
	if (rc == 0)
		rc = mdb_env_set_flags(s->env, MDB_NOSYNC, 0);
	return rc == 0 ? CRM_OK : env_fail(s, rc, "making the store", dg);
}

/* Fills the new directory with a store of the default schema. */
static enum crm_err
fill(struct store *s, struct diag *dg)
{
	enum crm_err err;

	s->dir = open(s->birth, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = s->dir < 0 ? env_errno(s->birth, errno, "opening", dg)
			 : make_file(s, mark, dg);
	if (err == CRM_OK)
		err = make_file(s, "data.mdb", dg);
	if (err == CRM_OK)
		err = env_lock_file(s, dg);
	if (err == CRM_OK)
		err = env_map(s, s->birth, 0, dg);
	if (err == CRM_OK)
		err = grow_up(s, dg);
	if (err == CRM_OK)
		err = schemas_seed(s, dg);
	return err;
}

/* What a killed command left at our place goes; then it is ours. */
static enum crm_err
make_birth(struct store *s, struct diag *dg)
{
	size_t n = strlen(s->path) + PATH_ROOM;

	s->birth = malloc(n);
	if (!s->birth)
		return diag_nomem(dg);
	snprintf(s->birth, n, "%s.new", s->path);
	remove_unfinished(s->birth);
	if (mkdir(s->birth, 0700) == 0 && chmod(s->birth, 0700) == 0)
		return CRM_OK;
	if (errno == EEXIST)
		return diag_set(dg, CRM_CONFIG,
		    "%s: in the way of making the store %s there; move it "
		    "elsewhere",
		    s->birth, s->path);
	return env_errno(s->birth, errno, "making the store", dg);
}

/* A link to where the store is to be: there it is made. */
static enum crm_err
follow_link(struct store *s, struct diag *dg)
{
	struct stat st;
	char *real;

	if (lstat(s->path, &st) != 0 || !S_ISLNK(st.st_mode))
		return CRM_OK;
	real = realpath(s->path, NULL);
	if (!real)
		return env_errno(s->path, errno, "making the store", dg);
	free(s->path);
	s->path = real;
	return CRM_OK;
}

/*
 * A power cut while LMDB makes its file leaves one that cannot be opened, and
 * a refused first transaction must leave nothing: so a store is born beside
 * its place, gets its first transaction there, and is renamed when that was
 * committed. A lock on the directory above lets one do so at a time; who
 * waited finds the other's store and uses that.
 */
enum crm_err
env_create(struct store *s, struct diag *dg)
{
	enum crm_err err = follow_link(s, dg);

	if (err == CRM_OK)
		err = make_parents(s->path, dg);
	if (err == CRM_OK)
		err = open_parent(s, &s->parent, dg);
	if (err == CRM_OK)
		err = env_wait(s, s->parent, "writing", dg);
	if (err == CRM_OK)
		err = env_open(s, dg);
	if (err == CRM_OK && s->env) {
		close(s->parent);
		s->parent = -1;
		return CRM_OK;
	}
	if (err == CRM_OK)
		err = make_birth(s, dg);
	if (err == CRM_OK)
		err = fill(s, dg);
	if (err != CRM_OK)
		env_discard(s);
	return err;
}

enum crm_err
env_settle(struct store *s, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (!s->birth)
		return CRM_OK;
	if (fsync(s->dir) != 0)
		err = env_errno(s->birth, errno, "writing", dg);
	else if (rename(s->birth, s->path) != 0)
		err = env_errno(s->path, errno, "making the store", dg);
	else if (fsync(s->parent) != 0 && errno != EINVAL)
		err = env_errno(s->path, errno, "writing", dg);
	if (err != CRM_OK) {
		env_discard(s);
		return err;
	}
	env_finished(s);
	free(s->birth);
	s->birth = NULL;
	close(s->parent);
	s->parent = -1;
	return CRM_OK;
}

void
env_discard(struct store *s)
{
	if (s->parent < 0)
		return;
	env_close(s);
	tables_reset(s);
	if (s->birth)
		remove_unfinished(s->birth);
	free(s->birth);
	s->birth = NULL;
	close(s->parent);
	s->parent = -1;
}
