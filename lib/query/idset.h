/* SPDX-License-Identifier: ISC */
/* idset: many ids of one kind in 8 bytes each, sorted to be looked up. */
#ifndef CRM_QUERY_IDSET_H
#define CRM_QUERY_IDSET_H

#include "base/base.h"
#include "model/id.h"

/* { 0 } is empty. Owned; freed by idset_clear. */
struct idset {
	uint64_t *list;
	size_t n, cap;
	size_t most;   /* 0: any number; others are left out then */
	bool full;     /* some were */
	bool unsorted; /* idset_sort is due */
	bool failed;   /* memory ran out; ids are missing */
};

uint64_t idset_pack(struct id id); /* what the list holds */
void idset_add(struct idset *s, struct id id);
void idset_add_packed(struct idset *s, uint64_t v);
void idset_sort(struct idset *s); /* in order of id, each once */
bool idset_has(const struct idset *s, struct id id); /* s is sorted */
struct id idset_at(const struct idset *s, size_t i, uint16_t kind);
void idset_reset(struct idset *s); /* empty, memory kept */
void idset_clear(struct idset *s);

#endif
