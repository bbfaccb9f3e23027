/* SPDX-License-Identifier: ISC */
/*
 * words_feed: rows of a batch on their way to the index of words: copied into
 * blocks, which the second hand cuts into words. The blocks are used in turn;
 * whether a word batch is full is asked only when the turn comes to a block
 * again, so that it does not depend on which thread is faster.
 */
#include "store/words_priv.h"

enum { BLOCKS = 4, BLOCK_BYTES = 1 << 16 };

struct block {
	struct buf rows; /* each a head and the bytes of one or two rows */
	uint64_t job;	 /* the hand's; 0: none yet */
	bool full;	 /* a batch was, behind it */
};

struct word_feed {
	struct block blocks[BLOCKS];
	unsigned at; /* the one that is being filled */
};

struct head {
	struct word_batch *b;
	const struct kind *k;
	uint64_t num;
	size_t before, after; /* bytes; 0: no such row */
};

/* ---- the second hand -------------------------------------------------- */

static struct str
take_bytes(struct str *rest, size_t n)
{
	struct str bytes = str_head(*rest, n);

	*rest = str_from_pos(*rest, n);
	return bytes;
}

static void
cut_block(void *arg)
{
	struct block *block = arg;
	struct str rest = str_of(&block->rows);

	while (rest.n > 0) {
		struct head h;
		struct row before, after;
		bool was, is;

		memcpy(&h, rest.p, sizeof(h));
		rest = str_from_pos(rest, sizeof(h));
		was =
		    h.before && row_open(take_bytes(&rest, h.before), &before);
		is = h.after && row_open(take_bytes(&rest, h.after), &after);
		if ((was || is) && !words_batch_failed(h.b))
			words_batch_take(h.b, h.k, h.num, was ? &before : NULL,
			    is ? &after : NULL);
		block->full = block->full || words_batch_full(h.b);
	}
}

/* ---- who feeds it ----------------------------------------------------- */

static void
give(struct store *s)
{
	struct word_feed *f = s->feed;
	struct block *block = &f->blocks[f->at];

	block->job = hand_give(s->hand, cut_block, block);
	f->at = (f->at + 1) % BLOCKS;
}

static enum crm_err
relieve(struct store *s, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	hand_rest(s->hand);
	for (struct word_batch *b = s->words; b && err == CRM_OK;
	     b = words_batch_next(b))
		err = words_batch_relieve(b, dg);
	return err;
}

/* The block whose turn it is, empty. */
static enum crm_err
reuse(struct store *s, struct block *block, struct diag *dg)
{
	bool full;

	hand_wait(s->hand, block->job);
	full = block->full;
	block->full = false;
	block->job = 0;
	/* A single large record does not stay for ever. */
	if (block->rows.cap > 4 * (size_t)BLOCK_BYTES)
		buf_clear(&block->rows);
	buf_reset(&block->rows);
	return full ? relieve(s, dg) : CRM_OK;
}

static enum crm_err
prepare(struct store *s, struct diag *dg)
{
	if (!s->feed)
		s->feed = calloc(1, sizeof(*s->feed));
	if (!s->hand)
		s->hand = hand_new(s->aid_bytes != 0);
	return s->feed && s->hand ? CRM_OK : diag_nomem(dg);
}

enum crm_err
words_feed(struct word_batch *b, struct store *s, const struct kind *k,
    uint64_t num, const struct row *before, const struct row *after,
    struct diag *dg)
{
	struct str was = before ? row_bytes(before) : (struct str){0};
	struct str is = after ? row_bytes(after) : (struct str){0};
	struct head h = {
	    .b = b, .k = k, .num = num, .before = was.n, .after = is.n};
	size_t most = s->words_room ? s->words_room / 8 : BLOCK_BYTES;
	struct block *block;
	enum crm_err err = prepare(s, dg);

	if (err != CRM_OK)
		return err;
	block = &s->feed->blocks[s->feed->at];
	if (block->job)
		err = reuse(s, block, dg);
	if (err != CRM_OK)
		return err;
	buf_add(
	    &block->rows, (struct str){.p = (const char *)&h, .n = sizeof(h)});
	buf_add(&block->rows, was);
	buf_add(&block->rows, is);
	if (block->rows.failed)
		return diag_nomem(dg);
	if (block->rows.n >= most) {
		if (!s->alone)
			hand_start(s->hand);
		give(s);
	}
	return CRM_OK;
}

void
words_feed_give(struct store *s)
{
	struct word_feed *f = s->feed;

	if (f && f->blocks[f->at].job == 0 && f->blocks[f->at].rows.n > 0)
		give(s);
}

enum crm_err
words_feed_rest(struct store *s, struct diag *dg)
{
	struct word_feed *f = s->feed;

	if (!f)
		return CRM_OK;
	words_feed_give(s);
	hand_rest(s->hand);
	for (unsigned i = 0; i < BLOCKS; i++) {
		f->blocks[i].full = false;
		f->blocks[i].job = 0;
		buf_reset(&f->blocks[i].rows);
	}
	return relieve(s, dg);
}

void
words_feed_free(struct store *s)
{
	struct word_feed *f = s->feed;

	if (s->hand)
		hand_rest(s->hand);
	for (unsigned i = 0; f && i < BLOCKS; i++)
		buf_clear(&f->blocks[i].rows);
	free(f);
	s->feed = NULL;
}
