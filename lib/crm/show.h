/* SPDX-License-Identifier: ISC */
/* show: one record and what belongs to it, on one page or as one object. */
#ifndef CRM_SHOW_H
#define CRM_SHOW_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "model/id.h"
#include "store/store.h"

struct show_options {
	const struct clock *clock;
	size_t width; /* columns of the page */
	bool colour;
	bool all;	   /* everything, not only the latest and open */
	size_t activities; /* how many of them, unless all */
};

/*
 * Appends the page of ID: text for people, LF after every line, control
 * characters made visible. CRM_NO when there is no such record. Reads ranges
 * only, whose length the page bounds (with `all` the record does).
 */
enum crm_err show_page(struct store *s, struct id id,
    const struct show_options *o, struct buf *out,
    struct diag *dg) CRM_NODISCARD;

/*
 * Appends everything kept about ID as one JSON object in one line: its own
 * fields, derived ones too, under "record"; under the name of each kind an
 * array of the records that point to it, items of its orders included.
 */
enum crm_err show_json(struct store *s, struct id id, const struct zone *zone,
    struct buf *out, struct diag *dg) CRM_NODISCARD;

#endif
