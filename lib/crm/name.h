/* SPDX-License-Identifier: ISC */
/* name: a person's full name and its parts. */
#ifndef CRM_NAME_H
#define CRM_NAME_H

#include "base/base.h"
#include "base/str.h"

struct name_parts {
	struct str prefix, given, middle, family, suffix;
};

/* Appends the parts that there are, in this order, with blanks between. */
void name_join(const struct name_parts *p, struct buf *out);

#endif
