/* SPDX-License-Identifier: ISC */
/*
 * words_feed: rows of a batch on their way to the index of words, and to the
 * clerk: copied into blocks, which the second hand goes through. The blocks
 * are used in turn; whether a word batch or the clerk is full is asked only
 * when the turn comes to a block again, so that it does not depend on which
 * thread is faster.
 */
#include "store/words_priv.h"

enum { BLOCKS = 4, BLOCK_BYTES = 1 << 16 };

struct block {
	struct buf rows; /* each a head, owners, and one or two rows */
	uint64_t job;	 /* the hand's; 0: none yet */
	bool full;	 /* a batch was, behind it */
};

struct word_feed {
	struct block blocks[BLOCKS];
	unsigned at; /* the one that is being filled */
};

struct head {
	struct word_batch *b; /* or NULL */
	struct clerk *clerk;  /* or NULL */
	const struct kind *k;
	struct id id;
	uint64_t skip;
	size_t owners;	      /* bytes */
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
file_row(const struct head *h, struct str owners, struct row *row)
{
	struct id ids[FEED_OWNERS];

	if (owners.n)
		memcpy(ids, owners.p, owners.n);
	clerk_file(
	    h->clerk, h->k, h->id, row, h->skip, ids, owners.n / sizeof(*ids));
}

/* Takes the first row off REST; true when somebody has enough. */
static bool
cut_row(struct str *rest)
{
	struct head h;
	struct row before, after;
	struct str owners;
	bool was, is;

	memcpy(&h, rest->p, sizeof(h));
	*rest = str_from_pos(*rest, sizeof(h));
	owners = take_bytes(rest, h.owners);
	was = h.before && row_open(take_bytes(rest, h.before), &before);
	is = h.after && row_open(take_bytes(rest, h.after), &after);
	if (h.clerk && is)
		file_row(&h, owners, &after);
	if (h.b && (was || is) && !words_batch_failed(h.b))
		words_batch_take(h.b, h.k, h.id.num, was ? &before : NULL,
		    is ? &after : NULL);
	return (h.b && words_batch_full(h.b)) ||
	       (h.clerk && clerk_full(h.clerk));
}

static void
cut_block(void *arg)
{
	struct block *block = arg;
	struct str rest = str_of(&block->rows);

	while (rest.n > 0)
		block->full = cut_row(&rest) || block->full;
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
	return err == CRM_OK ? clerk_relieve(s, dg) : err;
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

/* Behind one another into the block. */
static bool
put_row(struct block *block, const struct feed_row *r)
{
	struct str was = r->before ? row_bytes(r->before) : (struct str){0};
	struct str is = r->after ? row_bytes(r->after) : (struct str){0};
	struct str owners = {
	    .p = (const char *)r->owners, .n = r->nowners * sizeof(*r->owners)};
	struct head h = {.b = r->words,
	    .clerk = r->clerk,
	    .k = r->k,
	    .id = r->id,
	    .skip = r->skip,
	    .owners = owners.n,
	    .before = was.n,
	    .after = is.n};

	buf_add(
	    &block->rows, (struct str){.p = (const char *)&h, .n = sizeof(h)});
	buf_add(&block->rows, owners);
	buf_add(&block->rows, was);
	buf_add(&block->rows, is);
	return !block->rows.failed;
}

enum crm_err
words_feed(struct store *s, const struct feed_row *r, struct diag *dg)
{
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
	if (!put_row(block, r))
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
