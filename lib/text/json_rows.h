/* SPDX-License-Identifier: ISC */
/* json_rows: reads JSON objects as rows: one a line, in an array, or one after
 * the other. */
#ifndef CRM_JSON_ROWS_H
#define CRM_JSON_ROWS_H

#include "base/base.h"
#include "base/err.h"
#include "text/rows.h"
#include "text/source.h"

/* What one object may have. A text has at most CRM_FIELD_MAX bytes. */
enum {
	JSON_OBJECT_MAX = CRM_RECORD_MAX, /* bytes */
	JSON_NAMES_MAX = 4096,
	JSON_NAME_MAX = 1024,	   /* bytes of one name */
	JSON_NAMES_ALL = 256 << 10 /* bytes of all names together */
};

struct json_options {
	size_t object_max; /* bytes of one object; 0: JSON_OBJECT_MAX */
	bool judge_all;	   /* every object passes jansson; else those that look
			      like an earlier one take a quicker way */
};

/*
 * Memory holds one object, whatever the length of the input. The names are
 * those of the object; what is inside others is joined by dots:
 *
 *     {"a": {"b": 1}}              a.b
 *     {"a": [{"b": 1}, {"b": 2}]}  a.0.b, a.1.b
 *     {"a": ["x", "y"]}            a, a list: x,y (null and "" are left out)
 *
 * null, "", {} and [] are empty cells, true and false yes and no, numbers the
 * text that stands there, digit for digit. Refused, each with line, column
 * and way out: a name that is there twice, also after joining; \u0000; half a
 * surrogate pair; what is not UTF-8; a list with a comma in an item, for that
 * would come out as two; an object without names; more than JSON_DEPTH_MAX
 * brackets in each other.
 *
 * After a broken line of JSON lines reading goes on with the next line; after
 * broken brackets or words in an array it does not (got = false). A byte order
 * mark is passed over. Rows have no kind.
 *
 * SRC is copied, what it points to outlives the reader; O may be NULL. Reads
 * nothing yet. CRM_TEMP is the only error. *out is the caller's to rows_close.
 */
enum crm_err json_rows_open(struct rows **out, const struct source *src,
    const struct json_options *o, struct diag *dg) CRM_NODISCARD;

#endif
