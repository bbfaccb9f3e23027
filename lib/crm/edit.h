/* SPDX-License-Identifier: ISC */
/*
 * edit: records as a text for a person's editor, and back.
 *
 *     id: c42
 *     name: Anna Muster
 *     note: first line
 *     <tab>second line
 *
 * A line that starts with '#' is a comment, an empty value clears the field,
 * a line taken out leaves it as it is.
 */
#ifndef CRM_EDIT_H
#define CRM_EDIT_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "crm/write.h"
#include "store/store.h"

/* Appends the text of the records. CRM_NO when one does not exist. */
enum crm_err edit_print(struct store *s, const struct id *ids, size_t n,
    struct buf *out, struct diag *dg) CRM_NODISCARD;

/*
 * Changes what differs between the text BEFORE, from edit_print, and AFTER,
 * what the person made of it; what somebody else changed meanwhile stays.
 * CRM_DATA or CRM_USAGE with "line 5: " in front: the caller aborts the
 * transaction and lets the person go on.
 */
enum crm_err edit_apply(struct writer *w, struct store *s, struct str before,
    struct str after, struct diag *dg) CRM_NODISCARD;

#endif
