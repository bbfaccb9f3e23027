/* SPDX-License-Identifier: ISC */
/*
 * packentry: what stands in front of each object in a pack: its type, its
 * size, and for a delta how far back its base begins (gitformat-pack).
 */
#ifndef CRM_PACKENTRY_H
#define CRM_PACKENTRY_H

#include "base/str.h"

enum { PACKENTRY_DELTA = 6 }; /* beside the types of object.h */

struct packentry {
	unsigned type;
	size_t size;   /* of the object, or of the delta */
	uint64_t back; /* bytes from the base to here; 0: no delta */
};

/* Appends it. */
void packentry_put(const struct packentry *e, struct buf *out);

/* Takes it from the beginning of IN, which stands at the stream then; false
 * when there is none. */
bool packentry_get(struct str *in, struct packentry *e) CRM_NODISCARD;

#endif
