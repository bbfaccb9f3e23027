/* SPDX-License-Identifier: ISC */
/* between: what is different between two states of the store. */
#ifndef CRM_BETWEEN_H
#define CRM_BETWEEN_H

#include "base/base.h"
#include "base/err.h"
#include "crm/changes.h"

struct between;

/* From the state after transaction A to that after B. CRM_NO when changes
 * after A are not kept, or B never was. Needs 16 to 32 bytes for every record
 * that was touched. */
enum crm_err between_new(struct between **out, struct store *s, uint64_t a,
    uint64_t b, struct diag *dg) CRM_NODISCARD;
void between_free(struct between *w);

/* The next record that differs, in order of kind and counter; its rows are
 * valid until the next call. *got is false at the end. */
enum crm_err between_next(struct between *w, struct changes_of *out, bool *got,
    struct diag *dg) CRM_NODISCARD;

#endif
