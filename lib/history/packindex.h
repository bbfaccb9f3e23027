/* SPDX-License-Identifier: ISC */
/*
 * packindex: what is in a pack that is being written: finds objects by id,
 * and writes the index file of git (version 2).
 */
#ifndef CRM_PACKINDEX_H
#define CRM_PACKINDEX_H

#include "history/object.h"
#include "history/outfile.h"

struct packindex {
	struct packed *entries;
	size_t n, cap;
	uint32_t *slots; /* open addressing: 1 + index into entries */
	size_t mask;
};

/* Where an object lies, and how many deltas it stands on. */
struct pack_at {
	uint64_t off;
	unsigned depth;
};

/* False when memory ran out. */
bool packindex_add(struct packindex *x, struct oid id, struct pack_at at,
    uint32_t crc) CRM_NODISCARD;
bool packindex_find(
    const struct packindex *x, struct oid id, struct pack_at *out);
/* Sorts, and appends the whole index of the pack with the checksum PACK. */
enum crm_err packindex_write(struct packindex *x, struct oid pack,
    struct outfile *f, struct diag *dg) CRM_NODISCARD;
void packindex_reset(struct packindex *x); /* empty, memory kept */
void packindex_clear(struct packindex *x);

#endif
