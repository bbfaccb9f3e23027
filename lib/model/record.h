/* SPDX-License-Identifier: ISC */
/*
 * record: a view of one stored record: its id, its fields and the derived
 * fields that go with it. And the draft: a record being written.
 */
#ifndef CRM_RECORD_H
#define CRM_RECORD_H

#include "base/base.h"
#include "base/eight.h"
#include "base/err.h"
#include "base/str.h"
#include "model/derived.h"
#include "model/id.h"
#include "model/row.h"
#include "model/schema.h"

/*
 * Valid until the store's next step (store.h says which). derived is filled
 * for kinds that have derived fields, else all zero.
 */
struct record {
	struct id id;
	const struct kind *kind;
	struct row row;
	struct derived derived;
};

/* The field's value as text, n = 0 when it has none. Derived values are
 * printed into SCRATCH (reset first), stored ones are views of the row. */
struct str record_get(
    const struct record *r, const struct field *f, struct buf *scratch);

/*
 * A record being written: one owned text per slot. A slot is either as it
 * was, or set (to "" = cleared).
 */
struct draft {
	const struct kind *kind;
	struct id id;	    /* num 0 for a new record */
	struct buf *values; /* nslots of them */
	bool *set;	    /* and DRAFT_STEP more, which are false */
	size_t nslots;
	bool failed; /* a draft_set ran out of memory: do not use it */
};
/* Is one of the DRAFT_STEP slots from AT on set? Most of a record's are not. */
enum { DRAFT_STEP = 8 };
static inline bool
draft_any(const struct draft *d, size_t at)
{
	return eight_load(d->set + at) != 0;
}
/* Starts an empty draft of K; what D held before is not freed. CRM_TEMP. */
enum crm_err draft_init(
    struct draft *d, const struct kind *k, struct diag *dg) CRM_NODISCARD;
/* Nothing is set any more; keeps the memory for the next record of the same
 * kind. */
void draft_reset(struct draft *d);
void draft_clear(struct draft *d);
/* Sets the slot of a stored field of the kind to a canonical value (copied);
 * any other field is left out. */
void draft_set(struct draft *d, const struct field *f, struct str value);
/* The value set, "" when none is; valid until the draft changes. */
struct str draft_get(const struct draft *d, const struct field *f);

#endif
