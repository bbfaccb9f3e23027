/* SPDX-License-Identifier: ISC */
/* refs: how far the history goes, and moving it on. */
#include "history/repo_priv.h"

#include "history/outfile.h"
#include "history/packs.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

enum { TRIES = 40, TRY_MS = 25 }; /* a git pack-refs holds a lock briefly */

enum crm_err
repo_ref(struct repo *r, const char *name, struct oid *out, bool *there,
    struct diag *dg)
{
	git_oid id;
	int rc;

	repo_beat(r);
	rc = git_reference_name_to_id(&id, r->git, name);
	repo_beat(r);
	*there = rc == 0;
	if (rc == GIT_ENOTFOUND)
		return CRM_OK;
	if (rc != 0)
		return fail_git(r->path, CRM_CONFIG, name, dg);
	memcpy(out->b, id.id, OID_BYTES);
	return CRM_OK;
}

/* Whether ANCESTOR is COMMIT or one before it. */
static enum crm_err
is_before(struct repo *r, struct oid ancestor, struct oid commit, bool *out,
    struct diag *dg)
{
	git_oid a = repo_git_oid(commit), b = repo_git_oid(ancestor);
	int rc;

	*out = oid_eq(ancestor, commit);
	if (*out)
		return CRM_OK;
	repo_beat(r);
	rc = git_graph_descendant_of(r->git, &a, &b);
	repo_beat(r);
	if (rc < 0)
		return fail_git(r->path, CRM_CONFIG, REPO_MAIN, dg);
	*out = rc == 1;
	return CRM_OK;
}

/* Where main is, and whether it may move on from COMMIT. */
struct main_state {
	struct oid at;
	bool there, follows;
};

static enum crm_err
main_look(
    struct repo *r, struct oid commit, struct main_state *m, struct diag *dg)
{
	enum crm_err err = repo_ref(r, REPO_MAIN, &m->at, &m->there, dg);

	m->follows = true;
	if (err == CRM_OK && m->there)
		err = is_before(r, m->at, commit, &m->follows, dg);
	return err;
}

static void
nap(void)
{
	struct timespec t = {.tv_nsec = TRY_MS * 1000000L};

	nanosleep(&t, NULL);
}

/* Compare and swap; FROM NULL: the ref must not exist. A lock that somebody
 * holds is waited for. What libgit2 returns. */
static int
ref_move(
    struct repo *r, const char *name, const struct oid *from, struct oid to)
{
	git_oid old = {{0}}, new = repo_git_oid(to);
	git_reference *ref = NULL;
	int rc = 0;

	if (from)
		old = repo_git_oid(*from);
	for (int i = 0; i < TRIES; i++) {
		repo_beat(r);
		rc = git_reference_create_matching(&ref, r->git, name, &new,
		    from != NULL, from ? &old : NULL, "crm-history");
		repo_beat(r);
		if (rc != GIT_ELOCKED)
			break;
		nap();
	}
	git_reference_free(ref);
	return rc;
}

static enum crm_err
main_move(
    struct repo *r, const struct main_state *m, struct oid to, struct diag *dg)
{
	int rc;

	if (!m->follows || (m->there && oid_eq(m->at, to)))
		return CRM_OK;
	rc = ref_move(r, REPO_MAIN, m->there ? &m->at : NULL, to);
	if (rc == 0 || rc == GIT_ELOCKED || rc == GIT_EMODIFIED ||
	    rc == GIT_EEXISTS || rc == GIT_ENOTFOUND)
		return CRM_OK;
	return fail_git(r->path, CRM_IO, "cannot move " REPO_MAIN, dg);
}

enum crm_err
repo_follow(struct repo *r, struct diag *dg)
{
	struct main_state m;
	struct oid drained;
	bool there;
	enum crm_err err = repo_ref(r, REPO_DRAINED, &drained, &there, dg);

	if (err != CRM_OK || !there)
		return err;
	err = main_look(r, drained, &m, dg);
	return err == CRM_OK ? main_move(r, &m, drained, dg) : err;
}

/* git pack-refs takes empty directories away; a new one must be on disk. */
static enum crm_err
directory_make(struct repo *r, struct diag *dg)
{
	struct buf path = {0};
	enum crm_err err = repo_below(r, "refs/crm", &path, dg);

	if (err == CRM_OK && mkdir(path.p, 0700) == 0) {
		path.n -= strlen("/crm");
		path.p[path.n] = '\0';
		err = directory_sync(path.p, dg);
	} else if (err == CRM_OK && errno != EEXIST) {
		err = fail_errno(path.p, errno, "cannot make it", dg);
	}
	buf_clear(&path);
	return err;
}

static enum crm_err
drained_move(struct repo *r, const struct oid *from, const struct oid *to,
    struct diag *dg)
{
	enum crm_err err = directory_make(r, dg);
	int rc;

	if (err != CRM_OK)
		return err;
	rc = ref_move(r, REPO_DRAINED, from, *to);
	if (rc == 0)
		return CRM_OK;
	if (rc == GIT_EMODIFIED || rc == GIT_EEXISTS || rc == GIT_ENOTFOUND)
		return diag_set(dg, CRM_TEMP,
		    "%s: " REPO_DRAINED " moved meanwhile; try again", r->path);
	return fail_git(r->path, rc == GIT_ELOCKED ? CRM_TEMP : CRM_IO,
	    "cannot move " REPO_DRAINED, dg);
}

/* A clone has no drained: its history goes on from main. */
static enum crm_err
from_main(struct repo *r, const struct main_state *m, const struct oid **from,
    struct diag *dg)
{
	struct oid drained;
	bool there;
	enum crm_err err = repo_ref(r, REPO_DRAINED, &drained, &there, dg);

	if (err == CRM_OK && !there && m->there && *from &&
	    oid_eq(m->at, **from))
		*from = NULL;
	return err;
}

enum crm_err
repo_advance(struct repo *r, const struct oid *from, const struct oid *to,
    struct diag *dg)
{
	struct main_state m;
	enum crm_err err;

	if (r->lock < 0)
		return diag_set(dg, CRM_BUG, "%s: not locked", r->path);
	err = main_look(r, from ? *from : *to, &m, dg);
	if (err == CRM_OK)
		err = from_main(r, &m, &from, dg);
	if (err == CRM_OK)
		err = drained_move(r, from, to, dg);
	if (err == CRM_OK)
		err = main_move(r, &m, *to, dg);
	if (err == CRM_OK)
		packs_unguard(r);
	return err;
}

/* The commit the history ends with: drained, or main of a clone. */
static enum crm_err
head_read(
    struct repo *r, struct repo_head *out, struct commit *c, struct diag *dg)
{
	struct oid id;
	bool drained, there;
	enum crm_err err = repo_ref(r, REPO_DRAINED, &id, &drained, dg);

	there = drained;
	if (err == CRM_OK && !there)
		err = repo_ref(r, REPO_MAIN, &id, &there, dg);
	if (err == CRM_OK && there)
		err = commit_read(r, id, c, dg);
	if (err != CRM_OK)
		return err;
	if (drained && !c->marked)
		return diag_set(dg, CRM_CONFIG,
		    "%s: the message of the commit at " REPO_DRAINED
		    " does not end with a Crm-Txn line; git -C %s log "
		    "tells what it is",
		    r->path, r->path);
	out->any = there && c->marked;
	if (out->any) {
		out->commit = id;
		out->txn = c->txn;
	}
	out->main_follows = !there;
	return CRM_OK;
}

enum crm_err
repo_head(struct repo *r, struct repo_head *out, struct diag *dg)
{
	struct commit c = {0};
	struct main_state m;
	enum crm_err err;

	*out = (struct repo_head){0};
	err = head_read(r, out, &c, dg);
	commit_clear(&c);
	if (err != CRM_OK || !out->any)
		return err;
	err = main_look(r, out->commit, &m, dg);
	out->main_follows = m.there && m.follows;
	return err;
}
