/* SPDX-License-Identifier: ISC */
/*
 * undo: takes transactions back, the newest first, in the transaction that is
 * open; what it does is journaled like everything else, so that it can be
 * undone itself.
 *
 * A new record is deleted, a deleted one is there again with its id and all
 * its fields, a changed one gets back what differed. Where the record now is
 * what the undone change left, it becomes exactly what it was before; where
 * other fields have changed since, "updated" becomes the time of the undo.
 *
 * It is a conflict when a field that is to be set back has another value by
 * now, when the record is gone, or when a deleted one is there again; a new
 * record conflicts in every field. All of them are told, then CRM_DATA is
 * returned and the caller aborts.
 */
#ifndef CRM_UNDO_H
#define CRM_UNDO_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "crm/changes.h"
#include "crm/past.h"
#include "store/store.h"

struct undo_options {
	uint64_t from, to; /* transactions, both included */
	uint64_t last;	   /* the newest; journal_state tells */
	int64_t now;
	struct str
	    command; /* of this undo, as the journal is going to have it */
	/* Old values come back even so; what is gone stays so. */
	bool force;
	/* Hears each conflict, "c42: stage: changed again by transaction 17
	 * (anna, crm-edit, TIME)"; with FORCE what is passed over. */
	void (*conflict)(void *arg, const char *text);
	/* Hears each change before it is made; may be NULL. An error ends
	 * it. */
	enum crm_err (*change)(
	    void *arg, const struct changes_of *c, struct diag *dg);
	void *arg;
};

struct undo_result {
	uint64_t changes;
	uint64_t conflicts; /* with FORCE: what was passed over */
	uint64_t cause;	    /* the newest transaction that made one; 0: none */
	bool undone; /* it ran the same command: nothing is left to undo */
};

/* How many changes there are to take back. CRM_NO when they are not kept. */
enum crm_err undo_size(struct store *s, uint64_t from, uint64_t to, uint64_t *n,
    struct diag *dg) CRM_NODISCARD;

/* After any error the caller aborts. CRM_DATA: refused, for conflicts or by
 * the store, whose message names the record. */
enum crm_err undo_run(struct store *s, struct past *past,
    const struct undo_options *o, struct undo_result *r,
    struct diag *dg) CRM_NODISCARD;

#endif
