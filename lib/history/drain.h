/* SPDX-License-Identifier: ISC */
/*
 * drain: writes what the journal holds into the git history, a commit for
 * each transaction, and keeps the two in step. The trailer of the last commit
 * says how far it is: a drain that was killed anywhere is simply done again
 * and makes the same commits.
 */
#ifndef CRM_DRAIN_H
#define CRM_DRAIN_H

#include "history/repo.h"
#include "store/journal.h"

struct drain_options {
	unsigned wait_ms; /* for another drain */
	/* The change of settings that marks what was drained. */
	const struct change_origin *origin;
};

/*
 * Turns the history on for a store: makes the repository at PATH when there
 * is none, and its first commit of all that the store holds; what is there
 * already must be this store's. *made tells whether it made a commit.
 */
enum crm_err drain_init(struct store *s, const char *path,
    volatile uint64_t *beat, const struct drain_options *o, bool *made,
    struct diag *dg) CRM_NODISCARD;

/*
 * Writes what is behind. *written counts commits. CRM_CONFIG when the history
 * is off, or goes on where the store does not: that of another store, or of
 * one that was put back from a backup. CRM_TEMP when another drain runs.
 */
enum crm_err drain_run(struct store *s, struct repo *r,
    const struct drain_options *o, uint64_t *written,
    struct diag *dg) CRM_NODISCARD;

/* Is the last commit of the history what the journal says? CRM_CONFIG with
 * the way out when it is not. */
enum crm_err drain_check(struct store *s, struct repo *r,
    const struct repo_head *head, struct diag *dg) CRM_NODISCARD;

#endif
