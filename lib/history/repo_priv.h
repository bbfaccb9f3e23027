/* SPDX-License-Identifier: ISC */
/* repo_priv: what the files of repo share. */
#ifndef CRM_REPO_PRIV_H
#define CRM_REPO_PRIV_H

#include <git2.h> /* first: it uses names that base.h bans */

#include "history/fail.h"
#include "history/object.h"
#include "history/packread.h"

struct repo {
	git_repository *git;
	git_odb *odb;
	char *path;
	volatile uint64_t *beat;
	int lock;	 /* -1: not held */
	struct buf kept; /* names of guarded packs, 40 digits each */
	bool initialised;
	struct packread *packs; /* NULL: not looked into yet */
};

#define REPO_DRAINED "refs/crm/drained"
#define REPO_MAIN "refs/heads/main"

void repo_beat(struct repo *r);
git_oid repo_git_oid(struct oid id);
/* The commit a ref names; *there is false when there is no such ref. */
enum crm_err repo_ref(struct repo *r, const char *name, struct oid *out,
    bool *there, struct diag *dg) CRM_NODISCARD;
/* Lets main follow drained when it is behind or missing. What stands in the
 * way is left for the next time. */
enum crm_err repo_follow(struct repo *r, struct diag *dg) CRM_NODISCARD;
/* PATH of the repository and NAME below it. */
enum crm_err repo_below(const struct repo *r, const char *name, struct buf *out,
    struct diag *dg) CRM_NODISCARD;

#endif
