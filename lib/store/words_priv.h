/* SPDX-License-Identifier: ISC */
/*
 * words_priv: what the files of the index of words share. The table of a
 * kind has word, 0, number of the first record -> seal, chunk of store/posting.
 * Records with a tag are under 0xff, 0, id. Under 0xfe, three characters and
 * a fourth is where words are that hold the three: see words_parts.c.
 *
 * A command that changes a few records only notes which ones, in the table of
 * the fresh, and which words they had; whoever looks for a word looks at
 * those as well. When they are many they are filed together. A batch files
 * what it loads: it turns the texts round in memory.
 */
#ifndef CRM_STORE_WORDS_PRIV_H
#define CRM_STORE_WORDS_PRIV_H

#include "base/word.h"
#include "store/clerk.h"
#include "store/hand.h"
#include "store/words.h"

enum {
	FRESH_MAX = 1024,		   /* records that are not filed yet */
	FRESH_KEY = 2 + ID_BYTES,	   /* kind, id */
	FRESH_BYTES = 1 << 14,		   /* one that has more is filed */
	WORD_PARTS = 0xfe,		   /* greater than any word, as 0xff */
	WORD_KEY = WORD_MAX + 1 + ID_BYTES /* at most */
};

/* ---- words_cut.c: texts to words -------------------------------------- */

/* Takes words; the same one perhaps several times. */
struct word_sink {
	void (*add)(struct word_sink *to, struct str word);
	/* The words of a run of digits at once; NULL: one by one. */
	void (*digits)(struct word_sink *to, struct str run);
	struct buf fold, key; /* for the one that cuts */
};
void words_cut(const struct field *f, struct str value, struct word_sink *to);
void words_cut_row(
    const struct kind *k, const struct row *row, struct word_sink *to);
void words_sink_clear(struct word_sink *to);
bool words_sink_failed(const struct word_sink *to);

/* ---- words_batch.c: turned round in memory ---------------------------- */

struct word_batch;

/* One operation on a word. */
struct word_op {
	uint64_t num;
	uint32_t seq;
	bool del;
};

/* The batch of a kind in the transaction under way. */
enum crm_err words_batch_of(struct store *s, const struct kind *k,
    struct word_batch **out, struct diag *dg) CRM_NODISCARD;
/* What differs; BEFORE is NULL for a new record, AFTER for one that goes. */
void words_batch_take(struct word_batch *b, const struct kind *k, uint64_t num,
    const struct row *before, const struct row *after);
bool words_batch_failed(const struct word_batch *b); /* out of memory */
bool words_batch_full(const struct word_batch *b);
/* Into the table when it is full. */
enum crm_err words_batch_relieve(
    struct word_batch *b, struct diag *dg) CRM_NODISCARD;
/* LIST: words that the record had or has, each behind its length; WHOLE: all
 * that it has are new. ROW is NULL where it is gone. */
enum crm_err words_batch_settle(struct word_batch *b, const struct kind *k,
    uint64_t num, struct str list, bool whole, const struct row *row,
    struct diag *dg) CRM_NODISCARD;
struct word_batch *words_batch_next(struct word_batch *b);
/* Has the second hand write down what goes into tables that are empty. */
enum crm_err words_batches_prepare(
    struct store *s, struct diag *dg) CRM_NODISCARD;
/* Puts everything into the tables; the second hand is at rest. */
enum crm_err words_batches_flush(
    struct store *s, struct diag *dg) CRM_NODISCARD;
void words_batches_free(struct store *s);

/* ---- words_feed.c: texts for the second hand -------------------------- */

enum { FEED_OWNERS = 16 };

struct feed_row {
	const struct kind *k;
	struct id id;
	const struct row *before, *after; /* either may be NULL */
	struct word_batch *words;	  /* NULL: no words of it */
	struct clerk *clerk;		  /* NULL: not for the clerk */
	uint64_t skip;			  /* as clerk_file */
	struct id owners[FEED_OWNERS];
	size_t nowners;
};

/* What words_batch_take and clerk_file do, some time later. */
enum crm_err words_feed(
    struct store *s, const struct feed_row *r, struct diag *dg) CRM_NODISCARD;
/* Gives the hand what is left; it is not done yet. */
void words_feed_give(struct store *s);
/* The same, and all is done. */
enum crm_err words_feed_rest(struct store *s, struct diag *dg) CRM_NODISCARD;
void words_feed_free(struct store *s);

/* ---- words_write.c: into the table ------------------------------------ */

/* Gives the operations of a word by number, each number once. */
struct word_ops {
	bool (*next)(struct word_ops *ops, uint64_t *num, bool *del);
	/* Up to ROOM more, none of which is deleted; 0: ask for the next. */
	size_t (*many)(struct word_ops *ops, uint64_t *out, size_t room);
};
struct word_writer;
/* For about N words. */
enum crm_err words_write_open(struct word_writer **out, struct store *s,
    struct table *t, size_t n, struct diag *dg) CRM_NODISCARD;
/* For a table that is empty: needs no transaction, puts nothing. */
enum crm_err words_write_paper(struct word_writer **out, struct table *t,
    struct buf *paper, struct diag *dg) CRM_NODISCARD;
/* Puts what is on the paper, and clears it. */
enum crm_err words_write_put(struct store *s, struct table *t,
    struct buf *paper, struct diag *dg) CRM_NODISCARD;
enum crm_err words_write_word(struct word_writer *w, struct str word,
    struct word_ops *ops, struct diag *dg) CRM_NODISCARD;
/* After the last word: where their parts are. */
enum crm_err words_write_parts(
    struct word_writer *w, struct diag *dg) CRM_NODISCARD;
void words_write_close(struct word_writer *w);

/* ---- words_parts.c: which words may hold a part ----------------------- */

/* Parts of words and the heads of those words. */
struct word_parts;
struct word_parts *word_parts_new(void); /* NULL: out of memory */
void word_parts_free(struct word_parts *p);
/* Words in order, some perhaps twice; false: out of memory. */
bool word_parts_add(struct word_parts *p, struct str word) CRM_NODISCARD;
/* The next entry in order of keys, valid until the next call; *got is false
 * at the end. From the first call on nothing can be added. */
enum crm_err word_parts_next(struct word_parts *p, struct str *key,
    struct str *list, bool *got, struct diag *dg) CRM_NODISCARD;
/* Are these an entry? */
bool word_parts_read(struct str key, struct str list) CRM_NODISCARD;
/* Sets OUT to both lists, which are in order; has B what A has not? */
bool word_parts_merge(struct str a, struct str b, struct buf *out);

/* Beginnings of words, in order; freed by word_heads_clear. */
struct word_heads {
	uint64_t *v;
	size_t n, cap;
};
/* All words of T that hold TEXT begin with one of *out, a word of three
 * characters or more; CUR is of T. *known is false where TEXT is too short to
 * tell. CRM_CONFIG for damage. */
enum crm_err word_heads_find(struct store *s, struct table *t, MDB_cursor *cur,
    struct str text, struct word_heads *out, bool *known,
    struct diag *dg) CRM_NODISCARD;
/* The text of number I, in OUT, which may fail. */
struct str word_heads_text(
    const struct word_heads *h, size_t i, struct buf *out);
void word_heads_clear(struct word_heads *h);

/* ---- words.c: records that change ------------------------------------- */

/* Before WORD's chunk with NUM as its first. */
struct str word_key(struct str word, uint64_t num, unsigned char *out);
/* The word and first number of a key; false when it is none. */
bool word_key_read(
    struct str key, struct str *word, uint64_t *num) CRM_NODISCARD;
enum crm_err words_damaged(
    struct store *s, uint16_t kind, struct str key, struct diag *dg);

/* *FEED: the batch to which words_feed takes it, NULL where all is done. */
enum crm_err words_change(struct store *s, const struct kind *k, struct id id,
    const struct row *before, const struct row *after, struct word_batch **feed,
    struct diag *dg) CRM_NODISCARD;
/* Files a record whatever the transaction: after the table was emptied. */
enum crm_err words_load(struct store *s, const struct kind *k, struct id id,
    const struct row *row, struct diag *dg) CRM_NODISCARD;
/* What is in memory goes into the tables. */
enum crm_err words_flush(struct store *s, struct diag *dg) CRM_NODISCARD;
/* Before a commit: many fresh ones are filed, and the second hand prepares
 * what words_finish puts. */
enum crm_err words_prepare(struct store *s, struct diag *dg) CRM_NODISCARD;
enum crm_err words_finish(struct store *s, struct diag *dg) CRM_NODISCARD;
void words_drop(struct store *s);
/* All words of all kinds go, to be loaded again. */
enum crm_err words_empty(struct store *s, struct diag *dg) CRM_NODISCARD;

/* The entry of a fresh record. */
struct fresh {
	struct id id;
	bool whole;
	struct str list;
};
bool fresh_read(const struct table *t, struct str key, struct str sealed,
    struct fresh *out) CRM_NODISCARD;

/* ---- words_verify.c --------------------------------------------------- */

enum crm_err words_verify(
    struct store *s, struct verify *v, struct diag *dg) CRM_NODISCARD;

#endif
