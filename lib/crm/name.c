/* SPDX-License-Identifier: ISC */
/* name: a full name made of its parts. */
#include "crm/name.h"

void
name_join(const struct name_parts *p, struct buf *out)
{
	const struct str parts[] = {
	    p->prefix, p->given, p->middle, p->family, p->suffix};
	size_t i, start = out->n;

	for (i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i].n && out->n > start)
			buf_addc(out, ' ');
		buf_add(out, parts[i]);
	}
}
