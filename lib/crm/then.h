/* SPDX-License-Identifier: ISC */
/* then: a record as it was, with the fields it had. */
#ifndef CRM_THEN_H
#define CRM_THEN_H

#include "base/base.h"
#include "base/date.h"
#include "base/err.h"
#include "base/str.h"
#include "crm/past.h"
#include "model/row.h"
#include "text/emit.h"

struct then;

/*
 * The cells of the record ID that held ROW. FIELDS is a list of names, "id"
 * among them, or NULL for the id and every field with a value. CRM_USAGE for
 * a field that there is not, or that is not stored. PAST and the bytes of ROW
 * outlive it.
 */
enum crm_err then_new(struct then **out, struct past *past, struct id id,
    const struct row *row, const char *fields, struct diag *dg) CRM_NODISCARD;
void then_free(struct then *t);

/* Header, the one row, end. */
enum crm_err then_emit(
    const struct then *t, struct emit *e, struct diag *dg) CRM_NODISCARD;

/* One line a cell, for a terminal: name and value, moments in ZONE. */
void then_page(const struct then *t, const struct zone *zone, struct buf *out);

#endif
