/* SPDX-License-Identifier: ISC */
/*
 * words_batch: the texts of a batch turned round in memory: for each word the
 * numbers of records, as distances in pieces of growing size. Mostly they
 * come in order and only more of them; a word of which that is not so goes on
 * with operations in the order in which they came.
 */
#include "base/eight.h"
#include "base/num.h"
#include "store/words_priv.h"

enum {
	GRAMS = 1000,
	BATCH_BYTES = 40 << 20, /* then it goes into the table */
	ODD_MOST = 1 << 20,
	CELLS_MIN = 1 << 10,
	PIECE_MIN = 16,
	PIECE_STEPS = 5, /* of twice the size each */
	LEB_MAX = 10
};

/* What comes behind a word. Its pieces have the place of the next one first,
 * then LEB128; a 0 means the rest of the piece is empty. */
struct post {
	uint64_t last;
	uint32_t text, hash;
	uint32_t head, tail; /* pieces; 0 none */
	uint32_t pure;	     /* how many are distances */
	uint32_t odd;	     /* and then operations */
	uint32_t gone;	     /* the round that takes it away */
	uint16_t used, room; /* of the tail */
	uint8_t step;	     /* the size of the tail */
	uint8_t len;
	bool is_odd;
};

enum mode {
	MODE_ADD,  /* it has the word */
	MODE_GONE, /* it had it, perhaps has */
	MODE_KEEP, /* it had it and has */
	MODE_STAY  /* it has it; filed if it may be gone */
};

struct word_batch {
	struct word_sink sink; /* first: this is one */
	struct store *s;
	struct table *table;
	struct word_batch *next;
	struct post *v;
	uint32_t n, cap;
	uint32_t *cells; /* hash of word -> index + 1 */
	size_t ncells;
	uint32_t grams[GRAMS]; /* the same for digits */
	struct buf text;
	struct buf paper; /* all words written, to be put */
	char *mem;
	size_t used, room;
	size_t odd;
	uint64_t num;
	uint32_t round;
	uint32_t *gone; /* marked in this round */
	size_t ngone, gone_cap;
	enum mode mode;
	bool failed;
};

/* ---- words ------------------------------------------------------------ */

static inline uint32_t
bytes4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Never 0. The eight bytes of the end overlap those before. */
static inline uint32_t
hash_of(struct str word)
{
	const uint64_t mix = UINT64_C(0x9e3779b97f4a7c15);
	const char *end = word.p + word.n;
	uint64_t h = word.n;

	if (word.n >= 8) {
		for (const char *p = word.p; p + 8 < end; p += 8) {
			h = (h ^ eight_load(p)) * mix;
			h ^= h >> 32;
		}
		h ^= eight_load(end - 8);
	} else if (word.n >= 4) {
		h ^= (uint64_t)bytes4(word.p) << 32 | bytes4(end - 4);
	} else {
		for (size_t i = 0; i < word.n; i++)
			h = h << 8 ^ (unsigned char)word.p[i];
	}
	h *= mix;
	return (uint32_t)(h >> 32) | 1;
}

static inline bool
same_bytes(const char *a, const char *b, size_t n)
{
	if (n >= 8) {
		for (size_t i = 0; i + 8 < n; i += 8)
			if (eight_load(a + i) != eight_load(b + i))
				return false;
		return eight_load(a + n - 8) == eight_load(b + n - 8);
	}
	if (n >= 4)
		return bytes4(a) == bytes4(b) &&
		       bytes4(a + n - 4) == bytes4(b + n - 4);
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static struct str
word_of(const struct word_batch *b, const struct post *w)
{
	return (struct str){.p = b->text.p + w->text, .n = w->len};
}

static bool
cells_grow(struct word_batch *b)
{
	size_t n = b->ncells ? b->ncells * 2 : CELLS_MIN;
	uint32_t *cells = calloc(n, sizeof(*cells));

	if (!cells)
		return false;
	for (uint32_t i = 0; i < b->n; i++) {
		size_t at = b->v[i].hash >> 1 & (n - 1);

		/* Digits have a place of their own. */
		if (b->v[i].hash == 0)
			continue;
		while (cells[at])
			at = (at + 1) & (n - 1);
		cells[at] = i + 1;
	}
	free(b->cells);
	b->cells = cells;
	b->ncells = n;
	return true;
}

/* Index + 1 of a new word; 0: out of memory. */
static uint32_t
word_add(struct word_batch *b, struct str word, uint32_t hash)
{
	if (b->n == b->cap) {
		uint32_t cap = b->cap ? b->cap * 2 : 512;
		struct post *v = realloc(b->v, cap * sizeof(*v));

		if (!v)
			return 0;
		b->v = v;
		b->cap = cap;
	}
	b->v[b->n] = (struct post){
	    .text = (uint32_t)b->text.n, .len = (uint8_t)word.n, .hash = hash};
	buf_add(&b->text, word);
	return b->text.failed ? 0 : ++b->n;
}

/* Where the index of WORD is kept, or is to be; NULL: out of memory. */
static uint32_t *
cell_of(struct word_batch *b, struct str word, uint32_t hash)
{
	size_t at;

	if (b->n >= b->ncells / 2 && !cells_grow(b))
		return NULL;
	at = hash >> 1 & (b->ncells - 1);
	for (; b->cells[at]; at = (at + 1) & (b->ncells - 1)) {
		const struct post *w = &b->v[b->cells[at] - 1];

		if (w->hash == hash && w->len == word.n &&
		    same_bytes(b->text.p + w->text, word.p, word.n))
			break;
	}
	return &b->cells[at];
}

static bool
is_gram(struct str word)
{
	return word.n == WORD_DIGITS && word.p[0] <= '9' && word.p[0] >= '0';
}

static inline size_t
gram_of(const char *p)
{
	return (size_t)((p[0] - '0') * 100 + (p[1] - '0') * 10 + p[2] - '0');
}

static struct post *
word_get(struct word_batch *b, struct str word, bool make)
{
	uint32_t hash = 0, *at;

	if (is_gram(word)) {
		at = &b->grams[gram_of(word.p)];
	} else {
		hash = hash_of(word);
		at = cell_of(b, word, hash);
	}
	if (at && *at == 0 && make)
		*at = word_add(b, word, hash);
	if (!at || (make && *at == 0))
		b->failed = true;
	return at && *at ? &b->v[*at - 1] : NULL;
}

/* ---- pieces ----------------------------------------------------------- */

static size_t
piece_room(unsigned step)
{
	return ((size_t)PIECE_MIN << step) - sizeof(uint32_t);
}

static bool
piece_add(struct word_batch *b, struct post *w)
{
	unsigned step = !w->head		? 0
			: w->step < PIECE_STEPS ? w->step + 1U
						: w->step;
	size_t size = (size_t)PIECE_MIN << step;
	uint32_t at;

	if (b->room - b->used < size) {
		size_t room = b->room ? b->room * 2 : 1 << 16;
		char *mem = room > UINT32_MAX ? NULL : realloc(b->mem, room);

		if (!mem)
			return false;
		b->mem = mem;
		b->room = room;
	}
	/* Nothing is at 0, which means none. */
	if (b->used == 0)
		b->used = PIECE_MIN;
	at = (uint32_t)b->used;
	if (w->head) {
		memcpy(b->mem + w->tail, &at, sizeof(at));
		memset(b->mem + w->tail + sizeof(at) + w->used, 0,
		    (size_t)w->room - w->used);
	} else {
		w->head = at;
	}
	memset(b->mem + at, 0, sizeof(at));
	w->tail = at;
	w->used = 0;
	w->step = (uint8_t)step;
	w->room = (uint16_t)piece_room(step);
	b->used += size;
	return true;
}

static void
leb_add(struct word_batch *b, struct post *w, uint64_t v)
{
	unsigned char bytes[LEB_MAX];
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		bytes[n++] = (unsigned char)(v | 0x80);
	bytes[n++] = (unsigned char)v;
	if (w->used + n > w->room && !piece_add(b, w)) {
		b->failed = true;
		return;
	}
	memcpy(b->mem + w->tail + sizeof(uint32_t) + w->used, bytes, n);
	w->used = (uint16_t)(w->used + n);
}

/* What is read of a word's pieces. */
struct reader {
	const struct word_batch *b;
	uint32_t piece;
	unsigned step;
	size_t at;
	uint64_t last;
	uint32_t pure, odd; /* left */
};

static struct reader
reader_of(const struct word_batch *b, const struct post *w)
{
	return (struct reader){
	    .b = b, .piece = w->head, .pure = w->pure, .odd = w->odd};
}

static uint64_t
leb_next(struct reader *r)
{
	const unsigned char *p;
	uint64_t v = 0;

	for (;;) {
		p = (const unsigned char *)r->b->mem + r->piece +
		    sizeof(uint32_t);
		if (r->at < piece_room(r->step) && p[r->at])
			break;
		memcpy(&r->piece, r->b->mem + r->piece, sizeof(r->piece));
		r->at = 0;
		if (r->step < PIECE_STEPS)
			r->step++;
	}
	for (unsigned shift = 0;; shift += 7) {
		unsigned char c = p[r->at++];

		v |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return v;
	}
}

/* ---- collecting ------------------------------------------------------- */

/* An operation out of order: there and back in one number, never 0. */
static void
odd_add(struct word_batch *b, struct post *w, bool del)
{
	uint64_t d = b->num - w->last;
	uint64_t zigzag = d << 1 ^ (b->num < w->last ? UINT64_MAX : 0);

	w->is_odd = true;
	leb_add(b, w, (zigzag << 1 | (del ? 1 : 0)) + 1);
	w->last = b->num;
	w->odd++;
	b->odd++;
}

static void
post_add_slow(struct word_batch *b, struct post *w)
{
	if (w->is_odd || b->num < w->last) {
		odd_add(b, w, false);
		return;
	}
	leb_add(b, w, b->num - w->last);
	w->last = b->num;
	w->pure++;
}

static inline void
post_add(struct word_batch *b, struct post *w)
{
	uint64_t d = b->num - w->last;

	if (d == 0 && !w->is_odd)
		return;
	if (d >= 0x80 || w->used == w->room || w->is_odd) {
		post_add_slow(b, w);
		return;
	}
	b->mem[w->tail + sizeof(uint32_t) + w->used++] = (char)d;
	w->last = b->num;
	w->pure++;
}

static void
mark_gone(struct word_batch *b, struct post *w)
{
	if (w->gone == b->round)
		return;
	if (b->ngone == b->gone_cap) {
		size_t cap = b->gone_cap ? b->gone_cap * 2 : 64;
		uint32_t *gone = realloc(b->gone, cap * sizeof(*gone));

		if (!gone) {
			b->failed = true;
			return;
		}
		b->gone = gone;
		b->gone_cap = cap;
	}
	w->gone = b->round;
	b->gone[b->ngone++] = (uint32_t)(w - b->v);
}

static void
take_word(struct word_sink *to, struct str word)
{
	/* The sink is the first thing in a batch. */
	struct word_batch *b = (struct word_batch *)(void *)to;
	struct post *w =
	    word_get(b, word, b->mode == MODE_ADD || b->mode == MODE_GONE);

	if (!w)
		return;
	if (b->mode == MODE_GONE) {
		mark_gone(b, w);
		return;
	}
	if (b->mode == MODE_ADD ||
	    (b->mode == MODE_STAY && w->gone == b->round))
		post_add(b, w);
	w->gone = 0;
}

static void
take_digits(struct word_sink *to, struct str run)
{
	struct word_batch *b = (struct word_batch *)(void *)to;
	size_t n = run.n < WORD_DIGITS ? 0 : run.n - WORD_DIGITS + 1;

	for (const char *p = run.p; p < run.p + n; p++) {
		uint32_t at = b->grams[gram_of(p)];

		if (at && b->mode == MODE_ADD) {
			struct post *w = &b->v[at - 1];

			post_add(b, w);
			w->gone = 0;
		} else {
			take_word(to, (struct str){.p = p, .n = WORD_DIGITS});
		}
	}
}

/* What is marked and was not taken back. */
static void
drop_gone(struct word_batch *b)
{
	for (size_t i = 0; i < b->ngone; i++) {
		struct post *w = &b->v[b->gone[i]];

		if (w->gone == b->round)
			odd_add(b, w, true);
	}
	b->ngone = 0;
}

bool
words_batch_failed(const struct word_batch *b)
{
	return b->failed || words_sink_failed(&b->sink);
}

bool
words_batch_full(const struct word_batch *b)
{
	size_t most = b->s->words_room ? b->s->words_room : BATCH_BYTES;

	return b->odd >= ODD_MOST || b->used + b->text.n +
					     b->cap * sizeof(*b->v) +
					     b->ncells * sizeof(*b->cells) >=
					 most;
}

/* All words of a new record. */
static void
take_new(struct word_batch *b, const struct kind *k, uint64_t num,
    const struct row *row)
{
	b->num = num;
	b->mode = MODE_ADD;
	words_cut_row(k, row, &b->sink);
}

/* The values of a slot that differ, or those that do not. */
static void
cut_slots(struct word_batch *b, const struct kind *k, const struct row *row,
    const struct row *other, bool same)
{
	unsigned at = 0, slot;
	struct str value;

	while (row && row_each(row, &at, &slot, &value)) {
		bool eq = other && str_eq(value, row_get(other, slot));

		if (eq == same && slot < k->nslots && k->slots[slot])
			words_cut(k->slots[slot], value, &b->sink);
	}
}

void
words_batch_take(struct word_batch *b, const struct kind *k, uint64_t num,
    const struct row *before, const struct row *after)
{
	if (!before) {
		take_new(b, k, num, after);
		return;
	}
	b->num = num;
	b->round++;
	b->mode = MODE_GONE;
	cut_slots(b, k, before, after, false);
	b->mode = MODE_ADD;
	cut_slots(b, k, after, before, false);
	b->mode = MODE_KEEP;
	if (b->ngone > 0)
		cut_slots(b, k, after, before, true);
	drop_gone(b);
}

enum crm_err
words_batch_settle(struct word_batch *b, const struct kind *k, uint64_t num,
    struct str list, bool whole, const struct row *row, struct diag *dg)
{
	b->num = num;
	b->round++;
	b->mode = MODE_GONE;
	while (list.n > 0) {
		size_t n = (unsigned char)list.p[0];

		take_word(&b->sink, str_head(str_from_pos(list, 1), n));
		list = str_from_pos(list, 1 + n);
	}
	b->mode = whole ? MODE_ADD : MODE_STAY;
	if (row)
		words_cut_row(k, row, &b->sink);
	drop_gone(b);
	return words_batch_relieve(b, dg);
}

/* ---- into the table --------------------------------------------------- */

/* The distances and the odd operations, merged. */
struct merge {
	struct word_ops ops; /* first: this is one */
	struct reader r;
	struct word_op *odd;
	size_t n, at;
	uint64_t num; /* the next of the distances */
	bool have;
};

static int
op_cmp(const void *a, const void *b)
{
	const struct word_op *x = a, *y = b;

	if (x->num != y->num)
		return x->num < y->num ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

static void
pure_next(struct merge *m)
{
	m->have = m->r.pure > 0;
	if (!m->have)
		return;
	m->r.pure--;
	m->r.last += leb_next(&m->r);
	m->num = m->r.last;
}

/* An odd one goes before a distance to the same record: it came later. */
static bool
merge_next(struct word_ops *ops, uint64_t *num, bool *del)
{
	struct merge *m = (struct merge *)(void *)ops;

	if (m->at < m->n && (!m->have || m->odd[m->at].num <= m->num)) {
		*num = m->odd[m->at].num;
		*del = m->odd[m->at++].del;
		if (m->have && m->num == *num)
			pure_next(m);
		return true;
	}
	if (!m->have)
		return false;
	*num = m->num;
	*del = false;
	pure_next(m);
	return true;
}

/* A row of distances, most of them of one byte. */
static size_t
merge_many(struct word_ops *ops, uint64_t *out, size_t room)
{
	struct merge *m = (struct merge *)(void *)ops;
	struct reader *r = &m->r;
	size_t n = 0;

	if (m->at < m->n || !m->have)
		return 0;
	out[n++] = m->num;
	while (n < room && r->pure > 0) {
		const unsigned char *p = (const unsigned char *)r->b->mem +
					 r->piece + sizeof(uint32_t);
		size_t end = piece_room(r->step);

		for (; n < room && r->pure > 0 && r->at < end && p[r->at] &&
		       p[r->at] < 0x80;
		     r->pure--)
			out[n++] = r->last += p[r->at++];
		if (n < room && r->pure > 0) {
			r->pure--;
			out[n++] = r->last += leb_next(r);
		}
	}
	pure_next(m);
	return n;
}

/* Reads the odd operations and keeps the last one of each record. */
static bool
merge_odd(struct merge *m, const struct word_batch *b, const struct post *w)
{
	struct reader r = reader_of(b, w);
	size_t kept = 0;

	m->odd = w->odd ? malloc(w->odd * sizeof(*m->odd)) : NULL;
	if (w->odd && !m->odd)
		return false;
	for (uint32_t i = 0; m->odd && i < w->pure; i++)
		r.last += leb_next(&r);
	for (uint32_t i = 0; i < w->odd; i++) {
		uint64_t v = leb_next(&r) - 1, zigzag = v >> 1;

		r.last += zigzag >> 1 ^ (zigzag & 1 ? UINT64_MAX : 0);
		m->odd[i] =
		    (struct word_op){.num = r.last, .seq = i, .del = v & 1};
	}
	if (w->odd)
		qsort(m->odd, w->odd, sizeof(*m->odd), op_cmp);
	for (uint32_t i = 0; i < w->odd; i++)
		if (i + 1 == w->odd || m->odd[i + 1].num != m->odd[i].num)
			m->odd[kept++] = m->odd[i];
	m->n = kept;
	return true;
}

static enum crm_err
flush_word(struct word_batch *b, const struct post *w,
    struct word_writer *writer, struct diag *dg)
{
	struct merge m = {.ops = {.next = merge_next, .many = merge_many},
	    .r = reader_of(b, w)};
	enum crm_err err;

	if (w->pure + w->odd == 0)
		return CRM_OK;
	if (!merge_odd(&m, b, w))
		return diag_nomem(dg);
	pure_next(&m);
	err = words_write_word(writer, word_of(b, w), &m.ops, dg);
	free(m.odd);
	return err;
}

static uint64_t
first_bytes(struct str word)
{
	unsigned char bytes[8] = {0};

	memcpy(bytes, word.p, word.n < 8 ? word.n : 8);
	return num_get64(bytes);
}

/* Words that begin alike, few of them. */
static void
sort_alike(const struct word_batch *b, struct pend *v, size_t n)
{
	for (size_t gap = n / 2; gap > 0; gap /= 2)
		for (size_t i = gap; i < n; i++) {
			struct pend x = v[i];
			size_t j = i;

			for (; j >= gap &&
			       str_cmp(word_of(b, &b->v[v[j - gap].at]),
				   word_of(b, &b->v[x.at])) > 0;
			     j -= gap)
				v[j] = v[j - gap];
			v[j] = x;
		}
}

static bool
order(const struct word_batch *b, struct pend **out)
{
	struct pend *v = malloc(b->n * sizeof(*v));
	struct pend *other = v ? malloc(b->n * sizeof(*other)) : NULL;

	*out = v;
	if (!other)
		return false;
	for (uint32_t i = 0; i < b->n; i++)
		v[i] = (struct pend){
		    .prefix = first_bytes(word_of(b, &b->v[i])), .at = i};
	radix_sort(v, b->n, other);
	free(other);
	for (size_t i = 0, end; i < b->n; i = end) {
		end = i + 1;
		while (end < b->n && v[end].prefix == v[i].prefix)
			end++;
		if (end - i > 1)
			sort_alike(b, v + i, end - i);
	}
	return true;
}

static void
forget(struct word_batch *b)
{
	b->n = 0;
	b->used = b->odd = b->ngone = 0;
	buf_reset(&b->text);
	memset(b->grams, 0, sizeof(b->grams));
	if (b->cells)
		memset(b->cells, 0, b->ncells * sizeof(*b->cells));
}

/* All words in order through a writer, which is closed. */
static enum crm_err
write_all(struct word_batch *b, struct word_writer *writer, struct diag *dg)
{
	struct pend *v = NULL;
	enum crm_err err = CRM_OK;

	if (!order(b, &v))
		err = diag_nomem(dg);
	for (uint32_t i = 0; i < b->n && err == CRM_OK; i++)
		err = flush_word(b, &b->v[v[i].at], writer, dg);
	if (err == CRM_OK)
		err = words_write_parts(writer, dg);
	words_write_close(writer);
	free(v);
	forget(b);
	return err;
}

static enum crm_err
batch_flush(struct word_batch *b, struct diag *dg)
{
	struct word_writer *writer = NULL;
	enum crm_err err;

	if (b->n == 0)
		return CRM_OK;
	err = words_write_open(&writer, b->s, b->table, b->n, dg);
	if (err == CRM_OK)
		return write_all(b, writer, dg);
	words_write_close(writer);
	return err;
}

enum crm_err
words_batch_relieve(struct word_batch *b, struct diag *dg)
{
	if (words_batch_failed(b))
		return diag_nomem(dg);
	return words_batch_full(b) ? batch_flush(b, dg) : CRM_OK;
}

/* ---- by the second hand ----------------------------------------------- */

/* Nothing but memory can be missing. */
static void
write_paper(void *arg)
{
	struct word_batch *b = arg;
	struct word_writer *writer = NULL;
	struct diag dg = {0};
	enum crm_err err = CRM_OK;

	if (b->n == 0 || b->failed)
		return;
	err = words_write_paper(&writer, b->table, &b->paper, &dg);
	if (err == CRM_OK)
		err = write_all(b, writer, &dg);
	else
		words_write_close(writer);
	b->failed = b->failed || err != CRM_OK;
	diag_clear(&dg);
}

enum crm_err
words_batches_prepare(struct store *s, struct diag *dg)
{
	for (struct word_batch *b = s->words; b; b = b->next) {
		MDB_stat stat;
		enum crm_err err = table_create(s, b->table, dg);
		int rc = 0;

		if (err == CRM_OK)
			rc = mdb_stat(s->wtxn, b->table->dbi, &stat);
		if (rc != 0)
			err = env_fail(s, rc, "reading", dg);
		if (err != CRM_OK)
			return err;
		if (stat.ms_entries == 0 && s->hand)
			(void)hand_give(s->hand, write_paper, b);
	}
	return CRM_OK;
}

/* ---- the batches of a transaction ------------------------------------- */

enum crm_err
words_batch_of(struct store *s, const struct kind *k, struct word_batch **out,
    struct diag *dg)
{
	struct word_batch *b = s->words;

	while (b && b->table->kind != k->no)
		b = b->next;
	*out = b;
	if (b)
		return CRM_OK;
	b = calloc(1, sizeof(*b));
	if (!b)
		return diag_nomem(dg);
	b->sink.add = take_word;
	b->sink.digits = take_digits;
	b->s = s;
	b->table = table_of(s, TABLE_WORDS, k->no, 0);
	if (!b->table) {
		free(b);
		return diag_nomem(dg);
	}
	b->next = s->words;
	s->words = b;
	*out = b;
	return CRM_OK;
}

struct word_batch *
words_batch_next(struct word_batch *b)
{
	return b->next;
}

enum crm_err
words_batches_flush(struct store *s, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (struct word_batch *b = s->words; b && err == CRM_OK; b = b->next) {
		if (words_batch_failed(b))
			err = diag_nomem(dg);
		if (err == CRM_OK && b->paper.n > 0)
			err = words_write_put(s, b->table, &b->paper, dg);
		if (err == CRM_OK)
			err = batch_flush(b, dg);
	}
	return err;
}

static void
batch_free(struct word_batch *b)
{
	words_sink_clear(&b->sink);
	free(b->v);
	free(b->cells);
	buf_clear(&b->text);
	buf_clear(&b->paper);
	free(b->mem);
	free(b->gone);
	free(b);
}

void
words_batches_free(struct store *s)
{
	while (s->words) {
		struct word_batch *b = s->words;

		s->words = b->next;
		batch_free(b);
	}
}
