/* SPDX-License-Identifier: ISC */
/* retain: how much of the journal is kept. */
#ifndef CRM_RETAIN_H
#define CRM_RETAIN_H

#include "store/journal.h"

/* How many transactions these settings keep; UINT64_MAX: all. With a git
 * history those that it has not taken are kept besides. */
uint64_t retain_count(const struct journal_state *s);

/* How many of those that are kept now these settings would forget. */
uint64_t retain_loss(const struct journal_state *s);

/* CRM_DATA when it is switched off although a git history needs it. */
enum crm_err retain_check(
    const struct journal_state *s, struct diag *dg) CRM_NODISCARD;

/* Checks and stores the settings and forgets what need not be kept, in
 * transactions of its own: none of them becomes as large as the journal. */
enum crm_err retain_set(struct store *s, const struct change_origin *who,
    const struct journal_state *settings, struct diag *dg) CRM_NODISCARD;

#endif
