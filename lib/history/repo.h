/* SPDX-License-Identifier: ISC */
/*
 * repo: the bare git repository that keeps a store's history: making and
 * opening it, its lock, its two refs, and reading what is in it. Everything
 * that libgit2 does for us goes through here.
 *
 * refs/crm/drained is the last commit written by a drain; the last line of
 * its message, "Crm-Txn: N", says up to which transaction the history goes.
 * refs/heads/main is what people see; it follows drained.
 */
#ifndef CRM_REPO_H
#define CRM_REPO_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

enum { OID_BYTES = 20 };
struct oid {
	unsigned char b[OID_BYTES];
};
bool oid_eq(struct oid a, struct oid b);
void oid_print(struct oid o, struct buf *out); /* 40 hex digits */

struct repo;

/*
 * Makes an empty bare repository at PATH (mode 0700, HEAD at
 * refs/heads/main), durable when it returns; one that is there stays as it
 * is. What a kill left half made is completed. CRM_CONFIG for something else
 * at PATH, CRM_PERM, CRM_IO, CRM_TEMP.
 */
enum crm_err repo_create(const char *path, struct diag *dg) CRM_NODISCARD;

/*
 * Opens the repository. No configuration of the user, the system or the
 * environment is read. CRM_NO when nothing is at PATH, CRM_CONFIG when it is
 * no repository. BEAT (may be NULL) is counted up when
 * libgit2 is called and again when it returns: a watcher that sees it odd and
 * standing still knows that libgit2 does not come back.
 */
enum crm_err repo_open(struct repo **out, const char *path,
    volatile uint64_t *beat, struct diag *dg) CRM_NODISCARD;
void repo_close(struct repo *r); /* gives back the lock, too */
const char *repo_path(const struct repo *r);

/*
 * Takes the lock of writers (flock on crm.lock in the repository, ended by
 * the kernel with the process), waiting up to WAIT_MS: CRM_TEMP. Then takes
 * away what a killed one left: lock files of refs/crm, a main.lock older
 * than ten seconds, temporary packs of ours; and lets main follow drained.
 */
enum crm_err repo_lock(
    struct repo *r, unsigned wait_ms, struct diag *dg) CRM_NODISCARD;

/* How far the history goes. Without refs/crm/drained (a clone has none) main
 * is taken, when its message ends with a Crm-Txn line. */
struct repo_head {
	bool any;	   /* there is a commit */
	struct oid commit; /* the last one */
	uint64_t txn;	   /* from its trailer */
	bool main_follows; /* main is at commit, or an ancestor of it */
};
enum crm_err repo_head(
    struct repo *r, struct repo_head *out, struct diag *dg) CRM_NODISCARD;

/*
 * Moves refs/crm/drained from FROM (NULL: it must not exist) to TO, then main
 * if it followed; compare and swap, durable when it returns. CRM_TEMP when
 * somebody else moved drained meanwhile.
 */
enum crm_err repo_advance(struct repo *r, const struct oid *from,
    const struct oid *to, struct diag *dg) CRM_NODISCARD;

struct commit {
	struct oid id, tree;
	struct oid parent; /* the first one */
	unsigned parents;
	int64_t time;		    /* of the author, UTC seconds */
	bool marked;		    /* its message has a trailer */
	uint64_t txn;		    /* what that says */
	struct buf author, message; /* owned */
};
/* Reads the commit ID; OUT is reused, or all zero the first time. */
enum crm_err commit_read(struct repo *r, struct oid id, struct commit *out,
    struct diag *dg) CRM_NODISCARD;
void commit_clear(struct commit *c);

/* Packs and loose objects, to tell when git gc would help. */
enum crm_err repo_size(struct repo *r, uint64_t *packs, uint64_t *loose,
    uint64_t *bytes, struct diag *dg) CRM_NODISCARD;

#endif
