/* SPDX-License-Identifier: ISC */
/* level: the entries of one directory of the history, checked and put in
 * order of number. */
#ifndef CRM_LEVEL_H
#define CRM_LEVEL_H

#include "history/name.h"
#include "history/tree.h"

struct level_slot {
	uint64_t num;
	struct tree_entry e; /* its name is a view into RAW */
};

/* Reused from directory to directory. */
struct level {
	struct buf raw;
	struct level_slot *slots;
	size_t n, cap;
	size_t at; /* the next one */
};

/* What a directory holds: prefixes; numbers (twice); files. */
enum level_kind { LEVEL_PREFIX, LEVEL_HIGH, LEVEL_MID, LEVEL_FILE };

/* Where a directory is: for the names its entries may have, and messages. */
struct level_place {
	struct str prefix;
	uint64_t high, mid;
};

/* Reads the directory ID. CRM_CONFIG, with the path, for an entry that crm
 * would not have put there. */
enum crm_err level_read(struct level *l, struct repo *r, struct oid id,
    enum level_kind kind, const struct level_place *place,
    struct diag *dg) CRM_NODISCARD;
void level_clear(struct level *l);

#endif
