/* SPDX-License-Identifier: ISC */
/*
 * priv: what the files of lib/store share. The tables of an environment:
 *
 *   meta      settings: format, schema, next id of each kind
 *   rK        records of kind K: id -> seal, row
 *   dK        derived fields of kind K: id -> seal, derived
 *   iK.S      index of field S: value key, 0, id -> nothing
 *   fK.S      references of field S: target, class, time, id -> amount
 *   due       what is due: time, kind, id -> seal of key and value, cover:
 *             what a list of tasks shows of one
 *   journal   transaction, 0 -> seal, who, when, why; transaction, 1.. ->
 *             seal, changes
 *   mention   changes of a record: kind, id, transaction, chunk -> nothing
 *   run       new ids of a bulk load: kind, block, transaction, chunk, first
 *             -> last, further chunks
 *   wK        words of the texts of kind K: word, 0, id -> seal, ids; parts of
 *             words: 0xfe, part, character -> seal, where
 *   fresh     records whose words are not filed: kind, id -> seal, words
 *
 * K is the number of a kind, S the slot of a field. A seal is the CRC-32C of
 * table, key and value.
 */
#ifndef CRM_STORE_PRIV_H
#define CRM_STORE_PRIV_H

#include "store/journal.h"
#include "store/store.h"

#include <lmdb.h>

/* Asks for memory that is read soon: a hint, to whatever address. */
#ifdef __GNUC__
#define ASK(at) __builtin_prefetch((const void *)(at), 0, 3)
#else
#define ASK(at) (void)(at)
#endif

enum { FORMAT_VERSION = 4, SEAL_BYTES = 4, KEY_MAX = 511 };

/* What a table holds; with kind and slot its identity. */
enum table_type {
	TABLE_META = 'm',
	TABLE_RECORD = 'r',
	TABLE_DERIVED = 'd',
	TABLE_INDEX = 'i',
	TABLE_REFS = 'f',
	TABLE_DUE = 'q',
	TABLE_JOURNAL = 'j',
	TABLE_MENTION = 'h',
	TABLE_RUN = 'b',
	TABLE_WORDS = 'w',
	TABLE_FRESH = 'n'
};

struct pending; /* index keys collected for a sorted insertion */
struct lookup;	/* what an index holds, for many questions */
struct owners;	/* derived fields changed by this transaction */
struct sums;	/* what a batch adds to them */
struct journal_writer;
struct word_batch; /* texts turned round */
struct word_feed;  /* texts on their way there */
struct hand;	   /* a second thread */
struct clerk;	   /* what that does for new records */

/* One collected key: where it is, and eight bytes of it to sort by. */
struct pend {
	uint64_t prefix;
	uint64_t at; /* in the arena; also the order of arrival */
};

struct table {
	enum table_type type;
	uint16_t kind;
	uint16_t slot;
	MDB_dbi dbi;
	bool open;	    /* dbi is valid */
	bool absent;	    /* looked for in this snapshot and not there */
	bool fresh;	    /* opened by the write transaction under way */
	MDB_cursor *writer; /* of the write transaction, for appends */
	struct pending *pending;
	struct lookup *lookup; /* of a batch; NULL: nobody asked yet */
};

/* Slots of the fields that decide how a record counts; SLOT_NONE where the
 * schema has no such field. */
struct roles {
	uint16_t status, time, amount, currency, doc, contact, org;
	uint16_t every, suppress; /* of those who have a cadence */
	uint16_t cover[COVER_VALUES];
	bool known;	/* looked for since the schema changed */
	struct str own; /* the store's currency, where there is an amount */
};
enum { ROLE_KINDS = 16 };

/* An entry is what a record puts into another table. */
struct entry {
	struct table *table;
	size_t key_at, key_n, value_n; /* value follows the key */
};
struct entry_set {
	struct entry *v;
	size_t n, cap;
	struct buf memory;
};
struct str entry_key(const struct entry_set *e, size_t i);
struct str entry_value(const struct entry_set *e, size_t i);

/* How a record counts for those it refers to. */
struct standing {
	enum ref_class class;
	struct str time; /* view of the row; n = 0 none */
	struct decimal amount;
	bool counts; /* amount is in the store's currency */
};

/* What a kind asks of every record, found once: which slots are filled in, by
 * a plain fallback first, and which are checked. */
struct outline {
	uint16_t fill[SLOT_LIMIT], check[SLOT_LIMIT];
	size_t nfill, ncheck;
};
enum { OUTLINES = 4, PRESENT = 1024 };

/* Memory that store_apply uses again and again. What stands behind VALUES is
 * not cleared when it is made: a page that nothing touches costs nothing. */
struct scratch {
	struct buf before, after, sealed, key, text, prefix;
	struct entry_set old_entries, new_entries;
	int64_t now; /* as text in NOW_TEXT */
	struct buf now_text;
	struct standing standing; /* of AFTER in change COUNTED */
	uint64_t counted;
	/* Whose outlines there are, by the number of the kind; of a schema
	 * that is kept until close. */
	const struct kind *outlined[OUTLINES];
	struct str values[SLOT_LIMIT], olds[SLOT_LIMIT];
	struct outline outlines[OUTLINES];
	uint64_t present[PRESENT]; /* of a batch; see present_note */
};

struct issue {
	uint64_t next; /* id of a kind; 0: not loaded */
	bool dirty;
};

/* Contacts met in a batch and their orgs, so that thousands of rows about
 * the same people read them once. Direct-mapped; num 0 is a free place. */
struct known {
	uint64_t contact, org; /* counters: those with a tag are not kept */
};
enum { KNOWN_CONTACTS = 1 << 20 };

/* In the place of a keyed field: when it is due. */
enum { SKIP_DUE = 63 };

enum { TABLES_NEAR = 64, TABLES_SHIFT = 64 - 6 };

struct store {
	char *path;
	size_t map_size;
	unsigned wait_ms;
	size_t aid_bytes; /* see struct store_options */
	bool read_only;
	bool roomy;    /* LMDB was told of all tables that may be */
	int dir;       /* the directory, also the writers' lock; -1: none */
	char *birth;   /* where a new store is made until its first commit */
	int parent;    /* the directory above, locked meanwhile; else -1 */
	MDB_env *env;  /* NULL while nothing is at the path */
	MDB_txn *rtxn; /* snapshot, NULL when paused */
	MDB_txn *wtxn;
	bool bulk;
	bool broken;	/* after a failure only abort is allowed */
	uint64_t epoch; /* of transactions: a scan knows that it must seek */
	uint64_t moves; /* of changes within one */
	struct scan *scans; /* open ones */
	struct pick *picks;
	struct schema *schema;
	uint32_t schema_seal;	/* of the stored bytes it was made from */
	struct schema *planned; /* what a change of the schema leads to */
	struct schema **older;	/* kept alive until close */
	size_t nolder;
	struct table **tables; /* hash by identity, open addressing */
	size_t ntables, tables_cap;
	struct table *near[TABLES_NEAR]; /* asked for last; see table_of */
	struct change_origin origin;
	struct owners *owners;
	struct sums *sums;		/* not yet in owners */
	bool no_cadence;		/* while they are flushed */
	struct journal_writer *journal; /* NULL: nothing changed yet */
	struct known *known;		/* NULL outside a batch */
	struct word_batch *words;	/* of each kind; see words_batch.c */
	struct word_feed *feed;		/* see words_feed.c */
	bool alone;			/* no second thread */
	struct hand *hand;		/* of a batch; see words_feed.c */
	struct clerk *clerk;		/* of a batch; NULL: not yet */
	bool is_desk;			/* a clerk's, without environment */
	unsigned added;			/* records, before there is one */
	uint64_t skip;	    /* keyed fields that entries_of leaves out */
	bool many_fresh;    /* words to be filed at the end */
	size_t words_room;  /* of a batch; 0: the usual */
	size_t lookup_room; /* places of all lookups; 0: the usual */
	size_t pending_bytes;
	bool again;  /* a key may be there more than once */
	int runs_fd; /* sorted runs of what is pending; -1: none */
	uint64_t runs_end;
	size_t dirty;  /* bytes put since LMDB wrote pages, about */
	bool relieved; /* it was told to at least once */
	bool ending;   /* nothing is collected any more */
	MDB_dbi relief;
	struct issue *counters; /* of wtxn, by the number of the kind */
	size_t ncounters;
	bool schema_dirty;
	bool seeding;  /* the default schema is being written, or fields go */
	bool unproven; /* a restored one: it moves to its place when checked */
	struct id restored; /* the last record of a restore */
	bool unborn;	    /* the default schema: that is not journaled */
	struct roles roles[ROLE_KINDS];
	struct scratch *scratch;
};

/* env.c: the environment and its transactions */
enum crm_err env_open(struct store *s, struct diag *dg) CRM_NODISCARD;
void env_close(struct store *s);
/* Before a write transaction, without a snapshot: sees that there is room for
 * the tables that it may open. */
enum crm_err env_widen(
    struct store *s, bool bulk, struct diag *dg) CRM_NODISCARD;
enum crm_err env_lock(struct store *s, struct diag *dg) CRM_NODISCARD;
void env_unlock(struct store *s);
/* The transaction to read in: the write transaction, else a snapshot. NULL
 * in *txn when there is no environment. */
enum crm_err env_read(
    struct store *s, MDB_txn **txn, struct diag *dg) CRM_NODISCARD;
/* A snapshot of one's own, in any thread; LMDB's code. */
int env_snapshot(const struct store *s, MDB_txn **txn);
/* The code and message for a return code of LMDB while doing WHAT. */
enum crm_err env_fail(
    const struct store *s, int rc, const char *what, struct diag *dg);
enum crm_err env_damaged(
    const struct store *s, const char *what, struct diag *dg);

/* Ends the process with a message, where a command has said how. */
void env_give_up(const char *what);

/* Tells LMDB to write pages of the transaction once enough BYTES came in. */
enum crm_err env_relieve(
    struct store *s, size_t bytes, struct diag *dg) CRM_NODISCARD;
/* Before a commit: takes away what env_relieve needed. */
enum crm_err env_relieved(struct store *s, struct diag *dg) CRM_NODISCARD;
/* A file without a name where the store is, to be closed. */
enum crm_err env_scratch_file(
    struct store *s, int *fd, struct diag *dg) CRM_NODISCARD;

/* For env_birth.c: the message for ERROR of the system; the lock file gets its
 * blocks; the environment of the directory PATH, s->dir, is opened; waits for
 * the lock on FD as long as a command may. */
enum crm_err env_errno(
    const char *path, int error, const char *what, struct diag *dg);
enum crm_err env_lock_file(
    const struct store *s, struct diag *dg) CRM_NODISCARD;
enum crm_err env_map(struct store *s, const char *path, unsigned flags,
    struct diag *dg) CRM_NODISCARD;
enum crm_err env_wait(const struct store *s, int fd, const char *what,
    struct diag *dg) CRM_NODISCARD;

/* env_birth.c: a new one */
/* Makes a store beside its place, or opens the one that somebody else has
 * made meanwhile; the first commit moves it there, an abort takes it away. */
enum crm_err env_create(struct store *s, struct diag *dg) CRM_NODISCARD;
enum crm_err env_settle(struct store *s, struct diag *dg) CRM_NODISCARD;
void env_discard(struct store *s); /* no effect on a store in its place */
/* Takes the mark off that only a store in the making has. */
void env_finished(const struct store *s);

/* table.c: named databases, opened when first used */
struct table *table_find(struct store *s, enum table_type type, uint16_t kind,
    uint16_t slot); /* NULL: out of memory */
static inline struct table *
table_of(struct store *s, enum table_type type, uint16_t kind, uint16_t slot)
{
	uint64_t h = (uint64_t)type << 32 | (uint64_t)kind << 16 | slot;
	struct table **at =
	    &s->near[h * UINT64_C(0x9e3779b97f4a7c15) >> TABLES_SHIFT];

	if (!*at || (*at)->type != type || (*at)->kind != kind ||
	    (*at)->slot != slot)
		*at = table_find(s, type, kind, slot);
	return *at;
}
/* *there is false when no write has made the table yet. */
enum crm_err table_open(struct store *s, struct table *t, bool *there,
    struct diag *dg) CRM_NODISCARD;
enum crm_err table_create(
    struct store *s, struct table *t, struct diag *dg) CRM_NODISCARD;
/* rc of mdb_get, MDB_NOTFOUND when the table does not exist. */
enum crm_err table_get(struct store *s, struct table *t, struct str key,
    struct str *value, bool *found, struct diag *dg) CRM_NODISCARD;
enum crm_err table_put(struct store *s, struct table *t, struct str key,
    struct str value, struct diag *dg) CRM_NODISCARD;
enum crm_err table_del(struct store *s, struct table *t, struct str key,
    struct diag *dg) CRM_NODISCARD;
/*
 * The memory that each of N puts in the order of keys makes LMDB take, in
 * bytes, about: what it adds, or its share of the pages that it changes when
 * they are spread over the table. For env_relieve; ADDED is key and value.
 */
size_t table_share(
    struct store *s, const struct table *t, size_t n, size_t added);
/* Takes all entries out of a table, when there is one. */
enum crm_err table_empty(
    struct store *s, struct table *t, struct diag *dg) CRM_NODISCARD;
void tables_forget(struct store *s); /* after an abort: fresh ones close */
void tables_settle(struct store *s); /* after a commit */
void tables_reset(struct store *s);  /* another environment: all close */
void tables_free(struct store *s);

/* seal.c: checksums */
uint32_t seal_of(const struct table *t, struct str key, struct str value);
/* Appends seal and value. */
void seal_put(
    const struct table *t, struct str key, struct str value, struct buf *out);
/* The value behind a correct seal. */
bool seal_check(const struct table *t, struct str key, struct str sealed,
    struct str *value) CRM_NODISCARD;
/* The same for up to SEAL_EACH of one table, whose keys have KEY_N bytes:
 * bit i is set when number i has a correct seal. */
enum { SEAL_EACH = 64 };
uint64_t seal_check_each(const struct table *t, size_t key_n,
    const struct str *keys, const struct str *sealed, size_t n);
MDB_val seal_val(struct str s);
struct str seal_str(MDB_val v);

/* keys.c: what a record puts into the other tables */
enum {
	TIME_BYTES = 9,
	REF_BYTES = 2 + ID_BYTES + 1 + TIME_BYTES + ID_BYTES,
	DUE_KEY = TIME_BYTES + 2 + ID_BYTES
};
void key_time(struct str text, unsigned char out[TIME_BYTES]);
void key_time_text(const unsigned char in[TIME_BYTES], struct moment *out);
struct ref_time key_time_number(const unsigned char in[TIME_BYTES]);
/* All entries of a record; DERIVED (may be NULL) settles its cadence. */
enum crm_err entries_of(struct store *s, const struct kind *k, struct id id,
    const struct row *row, const struct derived *derived, struct entry_set *out,
    struct diag *dg) CRM_NODISCARD;
void entries_sort(struct entry_set *e);
void entries_reset(struct entry_set *e);
void entries_clear(struct entry_set *e);
/* The entries of one field only. */
enum crm_err entries_of_field(struct store *s, const struct kind *k,
    const struct field *f, struct id id, const struct row *row,
    struct entry_set *out, struct diag *dg) CRM_NODISCARD;
void standing_of(struct store *s, const struct kind *k, const struct row *row,
    struct standing *out);
/* Appends the due key of a cadence; false when there is none. */
bool key_cadence(struct store *s, struct id id, const struct row *row,
    const struct derived *d, struct buf *out);
/* Appends the value of an entry: a seal of its key. */
void key_seal(const struct table *t, struct str key, struct buf *out);
/* The values in the cover of an entry; false when there is none. */
bool cover_split(struct str cover, struct str out[COVER_VALUES]);
/* The fields that decide, of kind NO, which is below ROLE_KINDS; looked for
 * when they are first asked for after a change of the schema. */
const struct roles *roles_find(struct store *s, uint16_t no);
void roles_forget(struct store *s);
static inline const struct roles *
roles_of(struct store *s, uint16_t no)
{
	return s->roles[no].known ? &s->roles[no] : roles_find(s, no);
}
/* Appends the prefix of a target's references, and of one class of them. */
void key_target(struct id target, struct buf *out);

/* scan.c: every open scan copies its last key, before that may change */
void scans_remember(struct store *s);
/* Before the environment is closed: no thread walks on. */
void scans_leave(struct store *s);
void picks_leave(struct store *s); /* pick.c: the same */

/* bulk.c: keys collected, sorted and inserted together */
enum crm_err pending_add(struct store *s, struct table *t, struct str key,
    struct str value, bool del, struct diag *dg) CRM_NODISCARD;
/* Looks for entries whose key is PREFIX and an id: up to MAX ids; *more
 * tells that the table on disk may hold others. */
size_t pending_find(struct table *t, struct str prefix, struct id *out,
    size_t max, uint16_t kind);
/* Was this very key deleted or put since the last flush? 0 no, 1 put,
 * -1 deleted. */
int pending_state(struct table *t, struct str key);
enum crm_err pending_flush(
    struct store *s, struct table *t, struct diag *dg) CRM_NODISCARD;
/* Has the second hand sort, before all of it is flushed. */
enum crm_err pending_prepare(struct store *s, struct diag *dg) CRM_NODISCARD;
enum crm_err pending_flush_all(struct store *s, struct diag *dg) CRM_NODISCARD;
void pending_drop_all(struct store *s);
/* Moves what is pending in the tables of DESK to those of S. */
enum crm_err pending_adopt(
    struct store *s, struct store *desk, struct diag *dg) CRM_NODISCARD;

/* Some are in a run, where pending_find does not see them. */
bool pending_runs(const struct table *t);
/* How many entries are collected, and all of them into the lookup. */
size_t pending_count(const struct table *t);
void pending_note(struct store *s, struct table *t);

/* radix.c: V[0..n) by prefix, OTHER as large */
void radix_sort(struct pend *v, size_t n, struct pend *other);

/* lookup.c: what an index holds, for a batch with many questions */
enum lookup_says {
	LOOKUP_UNKNOWN, /* look it up */
	LOOKUP_NONE,	/* no entry */
	LOOKUP_SOME	/* some of these at most: their records tell */
};
enum { LOOKUP_MOST = 8 };
/* VALUE: an index key without its id. NUMS, with room for LOOKUP_MOST, gets
 * the numbers of the *n records that may have it, rising. */
enum crm_err lookup_ask(struct store *s, struct table *t, struct str value,
    enum lookup_says *says, uint32_t *nums, size_t *n,
    struct diag *dg) CRM_NODISCARD;
/* One more entry. */
void lookup_note(struct store *s, struct table *t, struct str key);
bool lookup_on(const struct table *t);
void lookup_free(struct table *t);
/* Of all tables: nothing will be looked up any more. */
void lookups_free(struct store *s);

/* owners.c: derived fields */
/* The change of one record's row (either may be NULL) for its owners. */
enum crm_err owners_change(struct store *s, const struct kind *k, struct id id,
    const struct row *before, const struct row *after,
    struct diag *dg) CRM_NODISCARD;
/* Derived fields of a record as this transaction sees them. */
enum crm_err owners_get(struct store *s, struct id id, struct derived *out,
    struct diag *dg) CRM_NODISCARD;
/* As they are in the table, changes of this transaction left out. */
enum crm_err owners_stored(struct store *s, struct id id, struct derived *out,
    struct diag *dg) CRM_NODISCARD;
/* The org of a contact as this transaction has it (num 0: none); *exists is
 * false when there is no such contact. */
enum crm_err owners_org(struct store *s, struct id contact, struct id *org,
    bool *exists, struct diag *dg) CRM_NODISCARD;
/* Its org will be asked for: memory is slow. */
void owners_soon(const struct store *s, struct id contact);
/* R was read in a batch: its org need not be looked up again. */
void owners_know(struct store *s, const struct record *r);
/* The empty entry of a new contact or org. */
enum crm_err owners_found(
    struct store *s, struct id id, struct diag *dg) CRM_NODISCARD;
/* From the bytes in the table; false when they are not true. */
bool owners_decode(const struct table *t, struct str key, struct str sealed,
    struct derived *out) CRM_NODISCARD;
/* The other way, with the seal in front. */
void owners_encode(const struct table *t, struct str key,
    const struct derived *d, struct buf *sealed);
enum crm_err owners_flush(struct store *s, struct diag *dg) CRM_NODISCARD;
/* The same, while a clerk may go on with other sums. */
enum crm_err owners_settle(struct store *s, struct diag *dg) CRM_NODISCARD;
/* Are there changes that are not in the sums? */
bool owners_any(const struct store *s);
/* Do records of the kind count for anybody? */
bool owners_counted(uint16_t kind);
/* For whom a new record counts, if it does: *N of them in OUT, which has room
 * for MAX; *fit is false where they are more, or one has a tag. */
enum crm_err owners_list(struct store *s, const struct kind *k,
    const struct row *row, struct id *out, size_t max, size_t *n, bool *fit,
    struct diag *dg) CRM_NODISCARD;
void owners_drop(struct store *s);
bool owners_kind(uint16_t kind); /* has derived fields */
/* Recounts everything into a map of its own; see verify.c and rebuild.c. */
enum crm_err owners_recount(
    struct store *s, struct owners **out, struct diag *dg) CRM_NODISCARD;
const struct derived *owners_look(const struct owners *o, struct id id);
/* Walks a map: *at from 0; false at the end. */
bool owners_each(const struct owners *o, size_t *at, struct id *id,
    struct derived *d) CRM_NODISCARD;
void owners_free(struct owners *o);

/* sums.c: what a batch adds to derived fields */
/* One record of KIND more for OWNER; *done is false where it is not for here:
 * no batch, or a time that is none. */
enum crm_err sums_add(struct store *s, struct id owner, uint16_t kind,
    const struct standing *st, bool *done, struct diag *dg) CRM_NODISCARD;
/* Ask for the memory of such an addition, one behind the other, some time
 * before it comes. */
void sums_soon(const struct store *s, struct id owner, uint16_t kind);
void sums_sooner(const struct store *s, struct id owner, uint16_t kind);
/* Moves what there is for OWNER to D; with D NULL only tells of it. */
bool sums_take(struct store *s, struct id owner, struct derived *d);
bool sums_full(const struct store *s);
bool sums_many(const struct store *s); /* for more than a few owners */
/* How many there are for owners of a kind, who are fewer perhaps. */
size_t sums_count(const struct store *s, uint16_t kind);
/* Calls FN for every owner in order of ids. */
enum crm_err sums_each(struct store *s,
    enum crm_err (*fn)(struct store *s, struct id owner,
	const struct derived *more, void *arg, struct diag *dg),
    void *arg, struct diag *dg) CRM_NODISCARD;
void sums_drop(struct store *s);

/* recast.c: a table of derived fields written anew */
struct recast {
	uint16_t kind;
	struct table *table;
	MDB_cursor *cur;
	MDB_cursor_op op;
	bool on; /* else too few of its entries change */
};
/* N entries of KIND are going to change, or fewer. */
enum crm_err recast_open(struct store *s, uint16_t kind, size_t n,
    struct recast *r, struct diag *dg) CRM_NODISCARD;
/* What there is of one, in order of ids; then what becomes of it. */
enum crm_err recast_read(struct store *s, struct recast *r, struct id id,
    struct derived *out, struct diag *dg) CRM_NODISCARD;
enum crm_err recast_put(struct store *s, struct recast *r, struct id id,
    const struct derived *d, struct diag *dg) CRM_NODISCARD;
/* The others stay as they are. After a failure it need not be closed. */
enum crm_err recast_close(
    struct store *s, struct recast *r, struct diag *dg) CRM_NODISCARD;

/* journal.c: the journal. UNUSED: the id was never given before. */
enum crm_err journal_add(struct store *s, const struct change *c, bool unused,
    struct str before, struct str after, struct diag *dg) CRM_NODISCARD;
enum crm_err journal_finish(struct store *s, struct diag *dg) CRM_NODISCARD;
void journal_drop(struct store *s);
enum {
	JOURNAL_KEY = 12,
	MENTION_KEY = 2 + ID_BYTES + JOURNAL_KEY,
	RUN_KEY = 2 + 8 + JOURNAL_KEY + 1,
	RUN_BLOCK = 256
};
void journal_key(uint64_t txn, uint32_t chunk, unsigned char out[JOURNAL_KEY]);
void journal_mention_key(
    struct id id, uint64_t txn, uint32_t chunk, unsigned char out[MENTION_KEY]);
void journal_run_key(uint16_t kind, uint64_t first, uint64_t txn,
    uint32_t chunk, unsigned char out[RUN_KEY]);

/* The row that the last change of the reader left; n = 0: none. */
struct str journal_bytes(const struct journal *j);
/* journal_check.c */
struct verify;
enum crm_err journal_verify(
    struct store *s, struct verify *v, struct diag *dg) CRM_NODISCARD;

/* journal_entry.c: its bytes */
enum entry_op {
	ENTRY_RUN = 'r',
	ENTRY_CREATE = 'c',
	ENTRY_UPDATE = 'u',
	ENTRY_DELETE = 'd'
};
struct journal_entry {
	enum entry_op op;
	struct id id;	/* the first one of a run */
	uint64_t count; /* of a run, else 1 */
	struct str before, after;
	struct str slots; /* of an update: what differs */
};
void journal_put_run(struct buf *out, struct id first, uint64_t count);
void journal_put_row(
    struct buf *out, enum entry_op op, struct id id, struct str row);
void journal_put_update(struct buf *out, struct id id, struct str before,
    const struct str *olds, const struct str *values, size_t n);
/* Takes one entry off IN; false when the bytes are none. */
bool journal_get(struct str *in, struct journal_entry *e) CRM_NODISCARD;
/* Appends the row after an update. */
bool journal_after(
    const struct journal_entry *e, struct buf *out) CRM_NODISCARD;
void journal_put_head(
    struct buf *out, const struct journal_head *h, uint32_t chunks);
bool journal_get_head(
    struct str in, struct journal_head *h, uint32_t *chunks) CRM_NODISCARD;

/* rules.c: what apply checks before it changes anything */
/* OLDS and VALUES are the record's slots before and after; both all empty
 * where there is no record. */
enum crm_err rules_check(struct store *s, const struct kind *k,
    const struct change *c, const struct str *olds, const struct str *values,
    struct diag *dg) CRM_NODISCARD;
const struct outline *rules_outline(struct store *s, const struct kind *k);
/* Nothing may refer to ID. */
enum crm_err rules_unreferred(
    struct store *s, struct id id, struct diag *dg) CRM_NODISCARD;

/* schemas.c, schemas_seed.c and schemas_change.c: the schema as records, and
 * compiled; what the files share is in store/schemas.h */
enum crm_err schemas_load(struct store *s, struct diag *dg) CRM_NODISCARD;
enum crm_err schemas_seed(struct store *s, struct diag *dg) CRM_NODISCARD;
void schemas_free(struct store *s);
/* After a store that was being made is gone: the default again. */
enum crm_err schemas_default(struct store *s, struct diag *dg) CRM_NODISCARD;
/* Adds what a kind or field record says to a schema. */
enum crm_err schemas_add(struct schema *to, const struct kind *k, uint64_t num,
    const struct str *values, struct diag *dg) CRM_NODISCARD;
/* Before a kind or field record is written: checks, fills in numbers, slots
 * and prefix; texts it makes live in HOLD until the next call. */
enum crm_err schemas_prepare(struct store *s, const struct change *c,
    const struct str *olds, struct str *values, struct buf *hold,
    struct diag *dg) CRM_NODISCARD;
/* After one was written: compiles the schema again and rebuilds what it
 * means for stored records. OLDS and VALUES as above. */
enum crm_err schemas_changed(struct store *s, const struct change *c,
    const struct str *olds, const struct str *values,
    struct diag *dg) CRM_NODISCARD;

/* rebuild.c: made anew from the records after the schema changed */
enum crm_err rebuild_index(
    struct store *s, const struct field *f, struct diag *dg) CRM_NODISCARD;
enum crm_err rebuild_all(struct store *s, struct diag *dg) CRM_NODISCARD;

/* verify.c: the records and what they say of one another, without what is
 * made of them. */
enum crm_err verify_records(struct store *s,
    void (*found)(void *arg, const char *line), void *arg, uint64_t *faults,
    struct diag *dg) CRM_NODISCARD;
/* Counts and reports one fault. */
void verify_fault(struct verify *v, const char *fmt, ...) CRM_PRINTF(2, 3);

/* store.c */
/* The record without its derived fields. */
enum crm_err record_read(struct store *s, struct id id, struct record *out,
    struct diag *dg) CRM_NODISCARD;
/* A batch knows that it is there; or of no record any more. */
void present_note(struct store *s, struct id id);
void present_forget(struct store *s);
enum crm_err record_decode(struct store *s, const struct kind *k, struct id id,
    struct str sealed, struct record *out, struct diag *dg) CRM_NODISCARD;
enum crm_err record_follow(struct store *s, struct id id, struct record *out,
    struct diag *dg) CRM_NODISCARD;
enum crm_err save_counters(struct store *s, struct diag *dg) CRM_NODISCARD;
enum crm_err next_id(struct store *s, uint16_t kind, uint64_t *num,
    struct diag *dg) CRM_NODISCARD;
/* After next_id: NUM is the next one from now on. */
void next_set(struct store *s, uint16_t kind, uint64_t num);
/* Outside a transaction: the next one is to be looked up again. */
void next_forget(struct store *s, uint16_t kind);

/* apply.c */
/* Row bytes into the table; APPEND where the id is likely the last. */
enum crm_err record_put(struct store *s, struct id id, struct str row,
    bool append, struct diag *dg) CRM_NODISCARD;

#endif
