/* SPDX-License-Identifier: ISC */
/*
 * remove: deletes records, and what goes with them.
 *
 * What refers to a deleted record is a dependant when it means nothing
 * without it: an activity, task, deal, order, ticket or consent that is left
 * without any contact, org or other record it is about; an item without its
 * order; a link without one of its ends. A dependant is deleted as well, and
 * its own dependants too. Any other record lives on, its reference taken
 * out.
 */
#ifndef CRM_REMOVE_H
#define CRM_REMOVE_H

#include "base/base.h"
#include "base/err.h"
#include "model/id.h"
#include "model/schema.h"
#include "store/store.h"

struct remove_options {
	bool recursive; /* else any reference from outside is an error */
	/* Hears what is going to be done, before anything is: FIELD NULL for
	 * a deletion, else the field whose reference to TARGET is taken out.
	 * An error ends it. */
	enum crm_err (*plan)(void *arg, struct id id, const struct field *field,
	    struct id target, struct diag *dg);
	void *arg;
	bool plan_only; /* change nothing */
};

/*
 * Removes IDS[0..n) in the transaction that is open (none is needed with
 * plan_only). CRM_DATA while others refer to one of them (up to ten are
 * named) and recursive is not set; then, and after any other error, the
 * caller aborts. *removed counts the deleted records.
 */
enum crm_err remove_run(struct store *s, const struct id *ids, size_t n,
    const struct remove_options *o, uint64_t *removed,
    struct diag *dg) CRM_NODISCARD;

#endif
