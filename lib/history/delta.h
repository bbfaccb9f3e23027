/* SPDX-License-Identifier: ISC */
/* delta: an object as changes to another one, in git's form. */
#ifndef CRM_DELTA_H
#define CRM_DELTA_H

#include "base/str.h"

/*
 * What DATA has in common with a base of BASE bytes: HEAD bytes at the
 * beginning and TAIL bytes at the end. They may overlap in either.
 */
struct delta_shape {
	size_t base, head, tail;
};

/* Appends the delta that makes DATA. */
void delta_make(struct delta_shape s, struct str data, struct buf *out);

/* The same, found by the lines both have: texts of lines NAME<TAB>VALUE, most
 * of them in the same order. */
void delta_lines(struct str base, struct str data, struct buf *out);

/* Makes the object from BASE and DELTA; false when they do not fit. */
bool delta_apply(
    struct str base, struct str delta, struct buf *out) CRM_NODISCARD;

/* Git's number of seven bits a byte, low ones first. */
void delta_size_put(size_t n, struct buf *out);
bool delta_size_get(struct str *in, size_t *out) CRM_NODISCARD;

#endif
