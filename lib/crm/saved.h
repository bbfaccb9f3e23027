/* SPDX-License-Identifier: ISC */
/* saved: the query of a segment, before it is kept. */
#ifndef CRM_SAVED_H
#define CRM_SAVED_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "store/store.h"

/* CRM_DATA when QUERY cannot be asked of records of KIND, which may be empty:
 * of contacts. Segments that it names have to be there. */
enum crm_err saved_check(struct store *s, const struct clock *clock,
    struct str kind, struct str query, struct diag *dg) CRM_NODISCARD;

#endif
