/* SPDX-License-Identifier: ISC */
/* idlist: a list of ids in which each stands once. */
#ifndef CRM_IDLIST_H
#define CRM_IDLIST_H

#include "base/base.h"
#include "model/id.h"

/* ids[0..n) in the order they came; { 0 } is a valid empty one. */
struct idlist {
	struct id *ids;
	size_t n, cap;
	size_t *table; /* place + 1 in ids; 0 free; a power of two long */
	size_t size;
};

/* *fresh (may be NULL) tells that it was not there. False: no memory. */
bool idlist_add(struct idlist *s, struct id id, bool *fresh) CRM_NODISCARD;
bool idlist_has(const struct idlist *s, struct id id);
void idlist_clear(struct idlist *s);

#endif
