/* SPDX-License-Identifier: ISC */
/*
 * intake: a record as another program's file gives it, on the way to the
 * store: texts of our fields, not checked yet.
 */
#ifndef CRM_INTAKE_H
#define CRM_INTAKE_H

#include "base/base.h"
#include "base/str.h"
#include "crm/assign.h"

/*
 * FIELD is a field of the record ("email"), or one of the record that a
 * reference of it points to ("org.name", "org.ext"): that one is found by its
 * ext, else by its name, or made. A reference itself ("contact") is whatever
 * a REF may be, e-mail and ext too; several for a list, joined by commas.
 */
struct intake_value {
	struct str field;
	struct str value;
	enum assign_op op; /* ASSIGN_SET, or ASSIGN_ADD to what is there */
	struct str column; /* it came from, for messages; "" for a constant */
	/* Where CHECKED, what value_normalise makes of it, ODD as it says. */
	struct str canon;
	bool checked, odd;
};

/* Views that last as long as the maker of the draft says. */
struct intake {
	const struct intake_value *v;
	size_t n;
	const void *layout; /* the same for drafts with the same fields in the
			       same order, one after the other; NULL: unknown */
};

#endif
