/* SPDX-License-Identifier: ISC */
/*
 * journal: what every transaction did to which field of which record, from
 * the transaction that did it. Transactions are numbered 1, 2, 3 ...; one
 * that changed nothing has no number.
 *
 * A bulk load is kept as runs of ids: what such a record held is what the
 * next change of it, or the record itself, says. Readers do not see the
 * difference.
 *
 * Only the store writes it. Views that come out are valid until the next
 * call with the same reader, and until store_pause and the like.
 */
#ifndef CRM_JOURNAL_H
#define CRM_JOURNAL_H

#include "store/store.h"

/*
 * Settings, and how far things are. Without the git history everything is
 * kept, or KEEP transactions when that is not 0; with it what it has not
 * taken yet and the last KEEP (1,000 when 0).
 */
enum { JOURNAL_KEEP_MIN = 1000 };
struct journal_state {
	bool off;	  /* nothing is journaled */
	bool git;	  /* there is a git history to be drained into */
	bool eager;	  /* every command drains at its end */
	uint64_t keep;	  /* transactions; 0: the default */
	uint64_t drained; /* up to which the git history has them */
	uint64_t first;	  /* of those kept; 0: none */
	uint64_t last;	  /* the newest there ever was; 0: none */
};
enum crm_err journal_state(
    struct store *s, struct journal_state *out, struct diag *dg) CRM_NODISCARD;
/* Stores the settings and DRAINED (first and last are not looked at), inside
 * a write transaction. OFF forgets all that was kept. */
enum crm_err journal_configure(struct store *s, const struct journal_state *j,
    struct diag *dg) CRM_NODISCARD;
/* Removes up to CHUNKS pieces of what need not be kept, inside a write
 * transaction; *more tells that some are left. Commits do this, too, a
 * little at a time. */
enum crm_err journal_prune(struct store *s, unsigned chunks, bool *more,
    struct diag *dg) CRM_NODISCARD;

struct journal_head {
	uint64_t txn;
	int64_t time; /* UTC seconds */
	struct str user, command, reason;
	uint64_t changes; /* a record counts as often as it was changed */
};

/* One change. Rows are complete: every field, not only those that differ. */
struct journal_change {
	enum change_op op;
	struct id id;
	struct row before; /* UPDATE, DELETE; else a row of nothing */
	struct row after;  /* CREATE, UPDATE; else a row of nothing */
};

struct journal;

/* A reader. With BARE the AFTER of created records is left out: it may cost
 * a look at the record. */
enum crm_err journal_open(struct journal **out, struct store *s, bool bare,
    struct diag *dg) CRM_NODISCARD;
void journal_close(struct journal *j);

/* Goes to the changes of transaction TXN: in the order in which they were
 * made, or the last one first. CRM_NO when it is not kept or never was,
 * saying which are. */
enum crm_err journal_txn(struct journal *j, uint64_t txn, bool backwards,
    struct diag *dg) CRM_NODISCARD;

/* Goes to the changes of one record in the transactions FROM..TO, the oldest
 * first, or the newest. */
enum crm_err journal_of(struct journal *j, struct id id, uint64_t from,
    uint64_t to, bool backwards, struct diag *dg) CRM_NODISCARD;

/* The next change; *got is false at the end. store_pause and, where only
 * earlier transactions are read, store_apply may come in between. */
enum crm_err journal_next(struct journal *j, struct journal_change *out,
    bool *got, struct diag *dg) CRM_NODISCARD;

/* The transaction that the reader is in; after journal_of that of the last
 * change. */
const struct journal_head *journal_head(const struct journal *j);

/*
 * The record ID as it was when transaction TXN was done (0: before the first
 * one), its bytes in HOLD; *there is false when it was not. CRM_NO when
 * changes after TXN are not kept any more.
 */
enum crm_err journal_row(struct store *s, struct id id, uint64_t txn,
    struct buf *hold, struct row *out, bool *there,
    struct diag *dg) CRM_NODISCARD;

/* The last kept transaction that is not later than TIME: 0 when all are
 * later, so the state before the first. */
enum crm_err journal_at(struct store *s, int64_t time, uint64_t *txn,
    struct diag *dg) CRM_NODISCARD;

/*
 * The schema as it was when transaction TXN was done; the caller's to free
 * with schema_free. *changed tells whether it has changed since: when it has
 * not, none is made and *out is NULL.
 */
enum crm_err journal_schema(struct store *s, uint64_t txn, bool *changed,
    struct schema **out, struct diag *dg) CRM_NODISCARD;

#endif
