/* SPDX-License-Identifier: ISC */
/* tsv_rows: crm-tsv(5) with the columns of any program, as rows. */
#ifndef CRM_TSV_ROWS_H
#define CRM_TSV_ROWS_H

#include "base/base.h"
#include "base/err.h"
#include "text/rows.h"
#include "text/source.h"
#include "text/tsv.h"

/* As tsv_open, but with o->foreign: names may be anything that is not empty,
 * with escapes. *out is the caller's to rows_close. */
enum crm_err tsv_rows_open(struct rows **out, const struct source *src,
    const struct tsv_options *o, struct diag *dg) CRM_NODISCARD;

/* The names of the columns, valid until rows_close; R is from tsv_rows_open.
 * An input of nothing has none. */
const struct str *tsv_rows_names(const struct rows *r, size_t *n);

/* A pair like \q was taken literally somewhere (one warning per run). */
bool tsv_rows_odd(const struct rows *r);

#endif
