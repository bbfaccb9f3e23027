/* SPDX-License-Identifier: ISC */
/*
 * columns: what is shown of a record. A list of fields and paths is looked up
 * once; a plain stored field is then copied straight out of the row.
 */
#ifndef CRM_COLUMNS_H
#define CRM_COLUMNS_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "model/record.h"
#include "store/store.h"
#include "text/emit.h"

struct columns;

enum columns_set {
	COLUMNS_SHOWN,	/* id and the kind's own choice */
	COLUMNS_STORED, /* id and every stored field, sensitive ones too */
	COLUMNS_OPEN,	/* the same without the sensitive ones */
};

/*
 * TEXT is "a,b.c,d" (these, the id only where it is named), "all"
 * (COLUMNS_STORED), "+a,b" (those of SET and these behind); NULL is SET.
 * CRM_USAGE for an unknown field, with the nearest name, and for one that
 * stands there twice. The store outlives the columns.
 */
enum crm_err columns_new(struct columns **out, struct store *s,
    const struct kind *k, const char *text, enum columns_set set,
    struct diag *dg) CRM_NODISCARD;
void columns_free(struct columns *c);

/* The column NAME gives a row for each item of its list. CRM_USAGE when it is
 * not among the columns or no list. */
enum crm_err columns_explode(
    struct columns *c, struct str name, struct diag *dg) CRM_NODISCARD;

/* Do cells need derived fields of the record itself, or may they? */
bool columns_derive(const struct columns *c);

/* The header. */
enum crm_err columns_begin(
    const struct columns *c, struct emit *e, struct diag *dg) CRM_NODISCARD;
/* The row, or the rows, of R. */
enum crm_err columns_emit(struct columns *c, struct emit *e,
    const struct record *r, struct diag *dg) CRM_NODISCARD;
/* Many rows where all columns are stored ones, as emit_twin has found; another
 * thread may do so at the same time. */
void columns_emit_rows(const struct columns *c, struct emit *e,
    const struct id *ids, const struct row *rows, size_t n);

#endif
