/* SPDX-License-Identifier: ISC */
/*
 * ahead: records of a snapshot taken from LMDB some at a time, so that their
 * pages come into the cache while others are looked at, and their checksums
 * are made side by side.
 */
#ifndef CRM_STORE_AHEAD_H
#define CRM_STORE_AHEAD_H

#include "store/priv.h"

enum { AHEAD_MAX = 32 };

struct ahead {
	struct str keys[AHEAD_MAX], sealed[AHEAD_MAX];
	uint64_t good; /* those with a correct seal, once checked */
	bool checked;
	unsigned n, at; /* taken, handed out */
	unsigned room;	/* how many the next time: a scan may end soon */
	uintptr_t page; /* where the last entry was */
	int rc;		/* what LMDB said in the end, to be told in its turn */
};

/* Takes the entry KEY, VALUE where CUR stands and those behind it in the
 * direction of OP; in a write transaction, where pages move, just the one. */
void ahead_fill(struct ahead *a, MDB_cursor *cur, MDB_cursor_op op, MDB_val key,
    MDB_val value, bool alone);

/* Entry I is what was stored. */
static inline bool
ahead_good(struct ahead *a, const struct table *t, unsigned i)
{
	if (!a->checked) {
		a->good =
		    seal_check_each(t, ID_BYTES, a->keys, a->sealed, a->n);
		a->checked = true;
	}
	return a->good >> i & 1;
}

#endif
