/* SPDX-License-Identifier: ISC */
/* rebuild: a store made of its git history alone, and the proof that a store
 * and its history say the same. */
#ifndef CRM_REBUILD_H
#define CRM_REBUILD_H

#include "history/drain.h"

/*
 * Makes the store of the last commit of R in S, which must be missing.
 * *records counts. FOUND gets what does not fit together: then nothing is
 * made. CRM_NO when the history is empty.
 */
enum crm_err rebuild_run(struct store *s, struct repo *r,
    const struct change_origin *who, void (*found)(void *arg, const char *line),
    void *arg, uint64_t *records, struct diag *dg) CRM_NODISCARD;

/*
 * Drains, then compares every record with its file, and reads all of both.
 * FOUND gets a line for each difference, *faults counts them.
 */
enum crm_err compare_run(struct store *s, struct repo *r,
    const struct drain_options *o, void (*found)(void *arg, const char *line),
    void *arg, uint64_t *records, uint64_t *faults,
    struct diag *dg) CRM_NODISCARD;

#endif
