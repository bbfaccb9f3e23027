/* SPDX-License-Identifier: ISC */
/*
 * feed: walks the changes of the journal, the oldest first: all of them, or
 * those of some records. Between two calls the store may be paused.
 */
#ifndef CRM_FEED_H
#define CRM_FEED_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "store/journal.h"

struct feed_options {
	bool resume;	/* from the first transaction later than AFTER ... */
	uint64_t after; /* CRM_NO when some of those are not kept any more */
	bool has_since;
	int64_t since; /* else only what was done at this time or later */
	struct str by; /* only by this user; n = 0 anybody */
	/* With ONLY the changes of these records, each once, in order of id;
	 * within a transaction they come in this order. Borrowed. */
	bool only;
	const struct id *ids;
	size_t nids;
};

/* Brings ids into that order, each once; how many are left. */
size_t feed_ids(struct id *ids, size_t n);

struct feed;

/* What is done after this call does not come. The options' texts are
 * borrowed. */
enum crm_err feed_new(struct feed **out, struct store *s,
    const struct feed_options *o, struct diag *dg) CRM_NODISCARD;
void feed_free(struct feed *f);

/* The next change and the transaction it belongs to, views as with
 * journal_next; *got is false at the end. */
enum crm_err feed_next(struct feed *f, const struct journal_head **head,
    struct journal_change *c, bool *got, struct diag *dg) CRM_NODISCARD;

#endif
