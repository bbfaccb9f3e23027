/* SPDX-License-Identifier: ISC */
/* page: a transaction for people to read: who, when and why, then each record
 * with what became of its fields. */
#ifndef CRM_PAGE_H
#define CRM_PAGE_H

#include "base/date.h"
#include "crm/changes.h"

/* Appends the lines about the transaction; times are those of ZONE. */
void page_head(
    const struct journal_head *h, const struct zone *zone, struct buf *out);

/* Appends a change: a blank line, the record, a line for each field. Control
 * characters come out visible. */
enum crm_err page_of(struct past *p, const struct changes_of *c,
    struct buf *out, struct diag *dg) CRM_NODISCARD;

#endif
