/* SPDX-License-Identifier: ISC */
/*
 * store: records on disk. One LMDB environment in a directory; this header is
 * all that the rest of the program sees of it.
 *
 * Life of a view: a struct record or struct str that comes out of the store
 * is valid until the next store_pause, store_apply, store_commit, store_abort
 * or store_close; further reads and scans do not end it. A scan_key ends with
 * the next scan_next of that scan.
 *
 * Reading: the first read takes a snapshot. store_pause gives it back, so
 * that nothing is held while the caller writes to a pipe; the next read takes
 * a new one and every scan goes on behind the last key it returned.
 *
 * Writing: store_begin .. store_apply .. store_commit or store_abort. Reads
 * in between see the transaction's own changes; a scan goes on behind the
 * last key it returned. Errors of store_apply that
 * are CRM_DATA leave the transaction as it was before that call, so a caller
 * may go on; after any other code only store_abort is allowed.
 */
#ifndef CRM_STORE_H
#define CRM_STORE_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "model/change.h"
#include "model/id.h"
#include "model/record.h"
#include "model/schema.h"

struct store;

struct store_options {
	const char *path; /* directory; absolute */
	size_t map_size;  /* 0: the default; shrunk when refused */
	unsigned wait_ms; /* for another writer; 0: 10 seconds */
	bool read_only;	  /* never create, never write */
	/* A table of records from this size on is walked by two threads where
	 * the walk allows it, and so is a list of some of its records; 0: 50
	 * MB, or a list of 512, and only with two processors. */
	size_t aid_bytes;
};

/*
 * Opens what is at PATH. A path where nothing is opens as an empty store of
 * the default schema; the first store_begin creates it (mode 0700, files
 * 0600). CRM_CONFIG for a foreign or damaged file, CRM_PERM, CRM_IO.
 */
enum crm_err store_open(struct store **out, const struct store_options *o,
    struct diag *dg) CRM_NODISCARD;
void store_close(struct store *s); /* aborts an open transaction */
/* Right before the process ends, instead of a close: what others could wait for
 * is given back, files and memory go with the process. */
void store_leave(struct store *s);

bool store_missing(const struct store *s); /* nothing is at the path yet */
const char *store_path(const struct store *s);
/* Changes when a kind or field is written: pointers into an older schema
 * stay valid until store_close. */
const struct schema *store_schema(const struct store *s);
/* Takes over what another command made of the schema since it was read;
 * store_begin does so by itself. */
enum crm_err store_reload(struct store *s, struct diag *dg) CRM_NODISCARD;
/* Records of a kind; exact. */
enum crm_err store_count(struct store *s, const struct kind *k, uint64_t *n,
    struct diag *dg) CRM_NODISCARD;
/* The number that the next new record of a kind gets. */
enum crm_err store_next(struct store *s, const struct kind *k, uint64_t *num,
    struct diag *dg) CRM_NODISCARD;
/* The store's currency: the fallback of order.currency. */
struct str store_currency(const struct store *s);

/* True when a fault at ADDR is that of a damaged file. */
bool store_owns(const struct store *s, const void *addr);
/* Called instead of abort when LMDB meets a state that cannot be; must not
 * return. One per process. */
void store_on_damage(void (*fn)(const char *what));

/* ---- reading ---------------------------------------------------------- */

/* CRM_NO when there is no such record (the message says so). */
enum crm_err store_get(struct store *s, struct id id, struct record *out,
    struct diag *dg) CRM_NODISCARD;
/* The same without the derived fields, which are left zero; and these alone,
 * for a record that came so, in the same snapshot. */
enum crm_err store_get_bare(struct store *s, struct id id, struct record *out,
    struct diag *dg) CRM_NODISCARD;
enum crm_err store_derive(
    struct store *s, struct record *r, struct diag *dg) CRM_NODISCARD;
/* As store_get for an id that a record or an index of the same snapshot names:
 * it must be there, CRM_CONFIG when it is not. */
enum crm_err store_follow(struct store *s, struct id id, struct record *out,
    struct diag *dg) CRM_NODISCARD;
bool store_has(struct store *s, struct id id); /* readable or not */

/* A record of this batch will refer to ID: what is kept of it in memory may be
 * fetched. Does nothing else. */
void store_soon(const struct store *s, struct id id);

/* The ids of up to MAX records whose FIELD (indexed) has the item VALUE:
 * STORE_EXACT as value_eq says, STORE_FOLDED ignoring case and accents. *n
 * is how many were found. */
enum store_match { STORE_EXACT, STORE_FOLDED };
enum crm_err store_find(struct store *s, const struct field *f,
    struct str value, enum store_match match, struct id *out, size_t max,
    size_t *n, struct diag *dg) CRM_NODISCARD;

/*
 * Walks. Every scan yields (id, key); for SCAN_KIND the record comes with it
 * at no cost.
 *   SCAN_KIND  all records of kind, by id
 *   SCAN_INDEX entries of field's index with lo <= key < hi (hi n=0: open),
 *              by key then id; key is value_key bytes followed by a zero
 *              byte; a list field yields a record once per item
 *   SCAN_REFS  records whose field points to target, by class, time, id;
 *              see struct ref_key for the order
 *   SCAN_DUE   open tasks with a due date and contacts and orgs whose
 *              cadence runs out, by time; key is the time as text (a day or
 *              a moment); lo and hi bound it as texts
 */
enum ref_class { REF_OPEN = 0, REF_CLOSED = 1 };
enum scan_type { SCAN_KIND, SCAN_INDEX, SCAN_REFS, SCAN_DUE };
struct scan_spec {
	enum scan_type type;
	const struct kind *kind;   /* SCAN_KIND */
	const struct field *field; /* SCAN_INDEX, SCAN_REFS */
	struct id target;	   /* SCAN_REFS */
	struct str lo, hi;	   /* borrowed while the scan is open */
	bool open_only;		   /* SCAN_REFS: class REF_OPEN only */
	struct str time;	   /* SCAN_REFS of a target: those of this time,
				      a text, and of CLASS; borrowed, too */
	enum ref_class class;
	bool settled; /* what this transaction has put need not be there */
	bool reverse;
	bool bare; /* the caller needs no derived fields: leave them zero */
	/* SCAN_KIND: asked of every row; false passes the record over. It
	 * must not touch the store. */
	bool (*pass)(void *arg, const struct row *row);
	/* PASS is false for every row, and keeps what it wants: a second thread
	 * pays from four million bytes on then. */
	bool keeps;
	/* With pass: it may be asked in another thread at the same time, too,
	 * with this. The first scan_next then ends all views of the store. */
	void *aid;
	/* SCAN_INDEX: asked once for all entries with the same key, which is
	 * as scan_key gives it; false passes them over. */
	bool (*want)(void *arg, struct str key);
	void *arg;
};
struct scan;

enum crm_err scan_open(struct scan **out, struct store *s,
    const struct scan_spec *spec, struct diag *dg) CRM_NODISCARD;
/* *got is false at the end. */
enum crm_err scan_next(
    struct scan *sc, struct id *id, bool *got, struct diag *dg) CRM_NODISCARD;
/* What belongs to the entry that scan_next returned last. */
struct str scan_key(const struct scan *sc);
enum crm_err scan_record(
    struct scan *sc, struct record *out, struct diag *dg) CRM_NODISCARD;
/* Fills in the derived fields that a bare scan left out; OUT is what
 * scan_record gave for this entry. */
enum crm_err scan_derived(
    struct scan *sc, struct record *out, struct diag *dg) CRM_NODISCARD;
/*
 * Values of the record that stand in the entry itself, so that none need be
 * read for them: SCAN_DUE of a task. *there is false where they do not, being
 * too long, or the entry being of another kind: then the record tells.
 */
enum { COVER_PRIORITY, COVER_CONTACT, COVER_ORG, COVER_TITLE, COVER_VALUES };
enum { COVER_TYPE, COVER_DIRECTION, COVER_STATUS, COVER_SUBJECT };
enum crm_err scan_cover(const struct scan *sc, struct str out[COVER_VALUES],
    bool *there, struct diag *dg) CRM_NODISCARD;
void scan_close(struct scan *sc);

/*
 * How a reference is filed under its target. Open stands for what counts:
 * held activities, open tasks, deals, tickets, counted orders. The time is
 * the start of an activity, due of a task, issued of an order, close of a
 * deal, opened of a ticket, else created; n = 0 when there is none (last).
 */
struct ref_key {
	enum ref_class class;
	struct moment time;
	struct decimal amount; /* total of an order, amount of a deal */
	bool counts;	       /* amount is in the store's currency */
};
/* The time of such an entry as a number: the second, of a day its first one. */
struct ref_time {
	int64_t utc;
	bool given, day;
};
struct ref_time scan_ref_time(const struct scan *sc);
struct moment ref_time_text(struct ref_time t); /* n = 0: none */
/* All but the time, which is left empty. */
enum crm_err scan_ref_sum(
    const struct scan *sc, struct ref_key *out, struct diag *dg) CRM_NODISCARD;
/* Decodes the entry a SCAN_REFS returned last; no record is read. */
enum crm_err scan_ref(
    const struct scan *sc, struct ref_key *out, struct diag *dg) CRM_NODISCARD;

/*
 * Walks a whole reference index over all targets, in order of target: a spec
 * of the type SCAN_REFS with target.num 0 gives it; scan_target tells whose
 * entry it is.
 */
struct id scan_target(const struct scan *sc);

/*
 * What points to each of the targets by the field of KIND in SLOT, as its index
 * tells: the open ones and, but for open_only, the closed ones, of each no more
 * than LIMIT, the last one first. TAKE gets some at a time and must not touch
 * the store; false is out of memory.
 *
 * A pointer is a view of the store, and no more than that: a page may have
 * thousands of them, and memory that is touched costs more than what is said
 * there is read again.
 */
struct pointer {
	const unsigned char *key;
	uint32_t cover, ncover; /* where it stands from the key on */
};
struct store_pointers {
	uint16_t kind, slot;
	const struct id *targets;
	size_t ntargets;
	bool open_only;
	size_t limit;
	bool (*take)(void *arg, const struct pointer *p, size_t n);
	void *arg;
};
enum crm_err store_pointers(struct store *s, const struct store_pointers *what,
    struct diag *dg) CRM_NODISCARD;
/* Who points, a record of KIND, and when. */
struct id pointer_id(const struct pointer *p, uint16_t kind);
struct ref_time pointer_time(const struct pointer *p);
/* By time, then by id, as they stand in the index: a day is before its moments,
 * no time behind all. */
int pointer_cmp(const struct pointer *a, const struct pointer *b);
/* The values that stand in the entry itself, of activity.contact; false where
 * they do not, as with scan_cover. */
bool pointer_cover(const struct pointer *p, struct str out[COVER_VALUES]);

/*
 * The whole index of open references by FIELD, of orders or deals, with two
 * threads where it pays: what RFM reads. TAKE gets some at a time, in order of
 * target within a part; it is called with FIRST in this thread, parts rising,
 * and at the same time with SECOND (which may be NULL) in another one, parts
 * falling down to the last one of FIRST; all of a target is in one part. It
 * must not touch the store; false is out of memory. Views of the store end; not
 * inside a write transaction.
 */
enum { TALLY_PARTS = 64 };
struct ref_sum {
	struct id target;
	struct ref_time time;
	struct decimal amount;
	bool counts; /* amount is in the store's currency */
};
struct store_tally {
	const struct field *field;
	bool (*take)(
	    void *arg, unsigned part, const struct ref_sum *sums, size_t n);
	void *first, *second;
};
enum crm_err store_tally(struct store *s, const struct store_tally *what,
    struct diag *dg) CRM_NODISCARD;

/*
 * Makes text of all records of a kind, in order of ids, with two threads where
 * it pays. PRINT appends N records to TO; it is called with FIRST in this
 * thread and at the same time with SECOND in another one (NULL: in this one
 * only) and must not touch the store. DRAIN gets the text in order, and leaves
 * it empty; the store is paused meanwhile, so that no more than some hundred
 * kilobytes of the text are of one snapshot. No derived fields, and not inside
 * a write transaction.
 */
struct store_pour {
	const struct kind *kind;
	void (*print)(void *arg, const struct id *ids, const struct row *rows,
	    size_t n, struct buf *to);
	void *first, *second;
	enum crm_err (*drain)(void *to, struct buf *text, struct diag *dg);
	void *to;
};
enum crm_err store_pour(struct store *s, const struct store_pour *what,
    struct diag *dg) CRM_NODISCARD;

/* Ends the snapshot; see above. No effect inside a write transaction. */
void store_pause(struct store *s);

/* ---- writing ---------------------------------------------------------- */

/*
 * Waits for other writers up to wait_ms (CRM_TEMP). BULK collects index
 * keys and sorts them before they are inserted: for many records at once.
 */
enum crm_err store_begin(struct store *s, const struct change_origin *who,
    bool bulk, struct diag *dg) CRM_NODISCARD;

/*
 * The single door. Applies one change: the record, its index keys, derived
 * fields and the due list. For CREATE c->id.num 0 takes the next id, which is
 * stored back into c->id. Sets created and updated where not given, fills in
 * fallbacks. CRM_DATA: a unique value is taken, a reference names nothing,
 * others refer to a record to be deleted, a schema rule is broken.
 */
enum crm_err store_apply(
    struct store *s, struct change *c, struct diag *dg) CRM_NODISCARD;

/* All or nothing, on disk when it returns CRM_OK. */
enum crm_err store_commit(struct store *s, struct diag *dg) CRM_NODISCARD;
void store_abort(struct store *s);
bool store_writing(const struct store *s);

/* ---- checking --------------------------------------------------------- */

/*
 * Compares everything with everything: checksums, row format, indexes both
 * ways, unique values, references, derived fields against a recount, due
 * list, counters. Calls FOUND with one line per fault; *faults counts them.
 */
enum crm_err store_verify(struct store *s,
    void (*found)(void *arg, const char *line), void *arg, uint64_t *faults,
    struct diag *dg) CRM_NODISCARD;

#endif
