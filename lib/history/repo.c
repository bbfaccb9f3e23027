/* SPDX-License-Identifier: ISC */
/* repo: opening the repository, reading objects, its refs. */
#include "history/repo_priv.h"

#include "history/packs.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * libgit2 as we want it: no configuration but the repository's own, no
 * question who owns the files, refs synced, no cache beside our own.
 */
static bool
library_start(void)
{
	static const int levels[] = {GIT_CONFIG_LEVEL_PROGRAMDATA,
	    GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
	    GIT_CONFIG_LEVEL_GLOBAL};
	bool fine = git_libgit2_init() > 0;

	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		fine &= git_libgit2_opts(
			    GIT_OPT_SET_SEARCH_PATH, levels[i], "") == 0;
	fine &= git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0) == 0;
	fine &= git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1) == 0;
	fine &= git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0) == 0;
	fine &=
	    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1) == 0;
	return fine;
}

static enum crm_err
look_at(const char *path, struct diag *dg)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return diag_set(
			    dg, CRM_NO, "%s: no history here", path);
		return fail_errno(path, errno, "cannot look at it", dg);
	}
	if (!S_ISDIR(st.st_mode))
		return diag_set(
		    dg, CRM_CONFIG, "%s is no directory; move it away", path);
	/* libgit2 takes what it may not see for what is not there. */
	if (access(path, R_OK | X_OK) != 0)
		return fail_errno(path, errno, "cannot open", dg);
	return CRM_OK;
}

enum crm_err
repo_open(struct repo **out, const char *path, volatile uint64_t *beat,
    struct diag *dg)
{
	const unsigned flags = GIT_REPOSITORY_OPEN_NO_SEARCH |
			       GIT_REPOSITORY_OPEN_NO_DOTGIT |
			       GIT_REPOSITORY_OPEN_BARE;
	enum crm_err err = look_at(path, dg);
	struct repo *r;

	if (err != CRM_OK)
		return err;
	r = calloc(1, sizeof(*r));
	if (!r)
		return diag_nomem(dg);
	r->lock = -1;
	r->beat = beat;
	r->path = strdup(path);
	r->initialised = r->path != NULL;
	repo_beat(r);
	if (!r->path)
		err = diag_nomem(dg);
	else if (!library_start())
		err = fail_git(path, CRM_BUG, "libgit2 does not start", dg);
	else if (git_repository_open_ext(&r->git, path, flags, NULL) != 0 ||
		 git_repository_odb(&r->odb, r->git) != 0 ||
		 git_repository_set_ident(r->git, "crm", "crm@localhost") != 0)
		err = fail_git(path, CRM_CONFIG, "no git repository", dg);
	repo_beat(r);
	if (err != CRM_OK) {
		repo_close(r);
		return err;
	}
	*out = r;
	return CRM_OK;
}

void
repo_close(struct repo *r)
{
	if (!r)
		return;
	packs_unguard(r);
	packread_close(r->packs);
	git_odb_free(r->odb);
	git_repository_free(r->git);
	if (r->initialised)
		git_libgit2_shutdown();
	if (r->lock >= 0)
		close(r->lock);
	buf_clear(&r->kept);
	free(r->path);
	free(r);
}

const char *
repo_path(const struct repo *r)
{
	return r->path;
}

void
repo_beat(struct repo *r)
{
	if (r->beat)
		(*r->beat)++;
}

git_oid
repo_git_oid(struct oid id)
{
	git_oid o;

	memcpy(o.id, id.b, OID_BYTES);
	return o;
}

enum crm_err
repo_below(
    const struct repo *r, const char *name, struct buf *out, struct diag *dg)
{
	buf_addf(out, "%s/%s", r->path, name);
	return out->failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
read_failed(
    const struct repo *r, struct oid id, enum object_type t, struct diag *dg)
{
	struct buf what = {0};
	enum crm_err err;

	buf_addf(&what, "cannot read %s ", object_type_name(t));
	oid_print(id, &what);
	err = fail_git(r->path, CRM_CONFIG, buf_z(&what), dg);
	buf_clear(&what);
	return err;
}

/* A git gc may take a pack away that is about to be opened: a second look
 * finds the object in the new one. */
static int
read_twice(struct repo *r, struct oid id, git_odb_object **out)
{
	git_oid want = repo_git_oid(id);
	int rc;

	repo_beat(r);
	rc = git_odb_read(out, r->odb, &want);
	if (rc != 0 && git_odb_refresh(r->odb) == 0)
		rc = git_odb_read(out, r->odb, &want);
	repo_beat(r);
	return rc;
}

void
repo_read_many(struct repo *r)
{
	struct buf path = {0};
	struct diag dg = {0};

	if (!r->packs && packs_path(r, &path, &dg) == CRM_OK)
		r->packs = packread_open(buf_z(&path));
	buf_clear(&path);
	diag_clear(&dg);
}

/* The shorter way to what is in a pack. */
static bool
pack_object(struct repo *r, enum object_type t, struct oid id, struct buf *out)
{
	return r->packs && packread_object(r->packs, t, id, out);
}

enum crm_err
object_read(struct repo *r, struct oid id, enum object_type t, struct buf *out,
    struct diag *dg)
{
	git_odb_object *o = NULL;
	enum crm_err err = CRM_OK;

	buf_reset(out);
	if (pack_object(r, t, id, out))
		return CRM_OK;
	buf_reset(out);
	if (read_twice(r, id, &o) != 0)
		return read_failed(r, id, t, dg);
	if ((int)git_odb_object_type(o) != (int)t) {
		err = diag_set(dg, CRM_CONFIG, "%s: ", r->path);
		oid_print(id, &dg->text);
		diag_more(dg, " is no %s; git -C %s fsck --full tells more",
		    object_type_name(t), r->path);
	} else {
		buf_add(out, (struct str){.p = git_odb_object_data(o),
				 .n = git_odb_object_size(o)});
		if (out->failed)
			err = diag_nomem(dg);
	}
	git_odb_object_free(o);
	return err;
}
