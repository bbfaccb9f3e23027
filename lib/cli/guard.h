/* SPDX-License-Identifier: ISC */
/*
 * guard: runs a part of a command in a child process and watches it. libgit2
 * may loop for ever, or run over the end of its memory, on a damaged object:
 * then the child is what ends, and the user is told.
 */
#ifndef CRM_GUARD_H
#define CRM_GUARD_H

#include "base/base.h"
#include "base/err.h"

/*
 * Calls RUN in a child, which ends with its result as exit status. *BEAT,
 * shared with the child, is odd while it may hang: SECONDS without a change
 * of that end it, or as many as $CRM_HISTORY_DEADLINE says (CRM_USAGE for
 * nonsense). *status is the exit status; CRM_CONFIG when the child was ended
 * by a signal or by us, with WHAT and a way out, CRM_TEMP when there was no
 * process or memory for it. Nothing may be open that must not be used by two
 * processes: no store.
 */
enum crm_err guard_run(int (*run)(void *arg, volatile uint64_t *beat),
    void *arg, unsigned seconds, const char *what, int *status,
    struct diag *dg) CRM_NODISCARD;

#endif
