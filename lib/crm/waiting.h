/* SPDX-License-Identifier: ISC */
/* waiting: rows that wait for records they refer to, in a temporary file, so
 * that there may be any number of them. */
#ifndef CRM_WAITING_H
#define CRM_WAITING_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "crm/intake.h"
#include "model/id.h"
#include "model/schema.h"
#include "text/rows.h"

struct profile;
struct waiting;

/* What is kept of a row; views of the waiting until its next call. */
struct waiting_row {
	const char *name;	       /* of the file it is from */
	const struct profile *profile; /* it was read by */
	uint16_t kind;
	/* The record that was laid for it, without what it refers to; num 0:
	 * none. */
	struct id laid;
	bool propped; /* what was laid has values that are not its own */
	struct rows_row row;
	struct intake intake;
};

/* The file is in temp_dir(DIR) and has no name there. *out is the caller's to
 * waiting_free. CRM_TEMP, CRM_IO. */
enum crm_err waiting_new(
    struct waiting **out, const char *dir, struct diag *dg) CRM_NODISCARD;
void waiting_free(struct waiting *w); /* NULL is fine */

/* Adds a row behind the others; its NAME and PROFILE must outlive W. CRM_IO,
 * CRM_TEMP when the temporary file cannot be written. */
enum crm_err waiting_add(struct waiting *w, const struct waiting_row *r,
    struct diag *dg) CRM_NODISCARD;
/* From now on waiting_next reads, from the first row on; BACK: from the last
 * row to the first. */
enum crm_err waiting_rewind(
    struct waiting *w, bool back, struct diag *dg) CRM_NODISCARD;
/* *got is false at the end. */
enum crm_err waiting_next(struct waiting *w, struct waiting_row *r, bool *got,
    struct diag *dg) CRM_NODISCARD;
/* Rows that were added. */
uint64_t waiting_count(const struct waiting *w);

#endif
