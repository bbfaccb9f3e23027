/* SPDX-License-Identifier: ISC */
/*
 * words_parts: where among the words those are that hold a part. For every
 * three characters in a row of a word, but the first three, the table tells
 * its head: those first three. Words with one head are neighbours, and they
 * share most of what they hold, so that this is small; whoever looks for a
 * part walks over the heads that have all its threes.
 *
 * In memory three characters are one number, 21 bits each, in whose order
 * their UTF-8 is. The first of them is not 0.
 */
#include "base/utf8.h"
#include "store/words_priv.h"

enum {
	CHAR_BITS = 21,
	THREE = 3,
	NO_CHAR = 0xfffd, /* is in no word */
	CELLS_MIN = 1 << 8
};

/* Three characters and, as a list, the heads of words that hold them. */
struct part {
	uint64_t three;
	uint32_t first, last; /* links, + 1 */
	uint32_t latest;      /* the head of the last one */
};

struct link {
	uint32_t head, next;
};

struct word_parts {
	struct part *v;
	uint32_t n, cap;
	uint32_t *cells; /* hash of three -> index + 1 */
	size_t ncells;
	struct link *links;
	uint32_t nlinks, links_cap;
	uint64_t *heads;
	uint32_t nheads, heads_cap;
	/* What is given out. */
	uint32_t at, link;
	struct buf key, list;
};

/* ---- characters ------------------------------------------------------- */

static inline uint32_t
char_next(struct str s, size_t *at)
{
	unsigned char c = (unsigned char)s.p[*at];

	if (c < 0x80) {
		++*at;
		return c;
	}
	return utf8_next(s, at);
}

/* The last three characters when C comes behind those before. */
static inline uint64_t
three_push(uint64_t before, uint32_t c)
{
	const uint64_t mask = (UINT64_C(1) << THREE * CHAR_BITS) - 1;

	return (before << CHAR_BITS | c) & mask;
}

/* The last N characters of a number. */
static void
chars_put(uint64_t three, unsigned n, struct buf *out)
{
	const uint32_t mask = (UINT32_C(1) << CHAR_BITS) - 1;

	while (n-- > 0)
		utf8_put((uint32_t)(three >> n * CHAR_BITS) & mask, out);
}

static uint64_t
first_char(uint64_t three)
{
	return three >> (THREE - 1) * CHAR_BITS;
}

/* Takes N characters off S as a number; false where they are not there. */
static bool
chars_take(struct str *s, unsigned n, uint64_t *out)
{
	size_t at = 0;

	*out = 0;
	for (; n > 0; n--) {
		uint32_t c = at < s->n ? char_next(*s, &at) : NO_CHAR;

		if (c == NO_CHAR)
			return false;
		*out = three_push(*out, c);
	}
	*s = str_from_pos(*s, at);
	return true;
}

/* ---- collecting ------------------------------------------------------- */

struct word_parts *
word_parts_new(void)
{
	return calloc(1, sizeof(struct word_parts));
}

void
word_parts_free(struct word_parts *p)
{
	if (!p)
		return;
	free(p->v);
	free(p->cells);
	free(p->links);
	free(p->heads);
	buf_clear(&p->key);
	buf_clear(&p->list);
	free(p);
}

/* Room for one more of SIZE bytes each behind N of them; false: none. */
static bool
room(void **v, uint32_t n, uint32_t *cap, size_t size)
{
	uint32_t more = *cap ? *cap * 2 : 256;
	void *grown;

	if (n < *cap)
		return true;
	grown = *cap > UINT32_MAX / 4 ? NULL : realloc(*v, more * size);
	if (!grown)
		return false;
	*v = grown;
	*cap = more;
	return true;
}

static size_t
hash_of(uint64_t three)
{
	return (size_t)(three * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static bool
cells_grow(struct word_parts *p)
{
	size_t n = p->ncells ? p->ncells * 2 : CELLS_MIN;
	uint32_t *cells = calloc(n, sizeof(*cells));

	if (!cells)
		return false;
	for (uint32_t i = 0; i < p->n; i++) {
		size_t at = hash_of(p->v[i].three) & (n - 1);

		while (cells[at])
			at = (at + 1) & (n - 1);
		cells[at] = i + 1;
	}
	free(p->cells);
	p->cells = cells;
	p->ncells = n;
	return true;
}

/* NULL: out of memory. */
static struct part *
part_get(struct word_parts *p, uint64_t three)
{
	void *v = p->v;
	size_t at;

	if (p->n >= p->ncells / 2 && !cells_grow(p))
		return NULL;
	at = hash_of(three) & (p->ncells - 1);
	for (; p->cells[at]; at = (at + 1) & (p->ncells - 1))
		if (p->v[p->cells[at] - 1].three == three)
			return &p->v[p->cells[at] - 1];
	if (!room(&v, p->n, &p->cap, sizeof(*p->v)))
		return NULL;
	p->v = v;
	p->v[p->n] = (struct part){.three = three};
	p->cells[at] = ++p->n;
	return &p->v[p->n - 1];
}

static bool
part_link(struct word_parts *p, struct part *part)
{
	void *links = p->links;

	if (!room(&links, p->nlinks, &p->links_cap, sizeof(*p->links)))
		return false;
	p->links = links;
	p->links[p->nlinks] = (struct link){.head = p->nheads - 1};
	if (part->last)
		p->links[part->last - 1].next = p->nlinks + 1;
	else
		part->first = p->nlinks + 1;
	part->last = ++p->nlinks;
	part->latest = p->nheads;
	return true;
}

static bool
head_take(struct word_parts *p, uint64_t head)
{
	void *heads = p->heads;

	if (p->nheads > 0 && p->heads[p->nheads - 1] == head)
		return true;
	if (!room(&heads, p->nheads, &p->heads_cap, sizeof(*p->heads)))
		return false;
	p->heads = heads;
	p->heads[p->nheads++] = head;
	return true;
}

bool
word_parts_add(struct word_parts *p, struct str word)
{
	uint64_t three = 0;
	size_t at = 0;

	for (unsigned n = 1; at < word.n; n++) {
		struct part *part;

		three = three_push(three, char_next(word, &at));
		if (n < THREE || (n == THREE && at == word.n))
			continue;
		if (n == THREE) {
			if (!head_take(p, three))
				return false;
			continue;
		}
		part = part_get(p, three);
		if (!part || (part->latest != p->nheads && !part_link(p, part)))
			return false;
	}
	return true;
}

/* ---- entries ---------------------------------------------------------- */

static int
part_cmp(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return (x->three > y->three) - (x->three < y->three);
}

static void
key_put(uint64_t three, struct buf *out)
{
	buf_reset(out);
	buf_addc(out, (char)WORD_PARTS);
	chars_put(three, THREE, out);
}

enum crm_err
word_parts_next(struct word_parts *p, struct str *key, struct str *list,
    bool *got, struct diag *dg)
{
	uint64_t first, head;

	if (p->at == 0 && p->link == 0 && p->n > 0)
		qsort(p->v, p->n, sizeof(*p->v), part_cmp);
	*got = p->at < p->n;
	if (!*got)
		return CRM_OK;
	if (p->link == 0)
		p->link = p->v[p->at].first;
	key_put(p->v[p->at].three, &p->key);
	buf_reset(&p->list);
	first = first_char(p->heads[p->links[p->link - 1].head]);
	utf8_put((uint32_t)first, &p->key);
	while (p->link) {
		head = p->heads[p->links[p->link - 1].head];
		if (first_char(head) != first)
			break;
		chars_put(head, THREE - 1, &p->list);
		p->link = p->links[p->link - 1].next;
	}
	if (p->link == 0)
		p->at++;
	*key = str_of(&p->key);
	*list = str_of(&p->list);
	return p->key.failed || p->list.failed ? diag_nomem(dg) : CRM_OK;
}

bool
word_parts_read(struct str key, struct str list)
{
	uint64_t three, head, last = 0;

	if (list.n == 0 || str_from_pos(key, 1).n == 0)
		return false;
	key = str_from_pos(key, 1);
	if (!chars_take(&key, THREE, &three) || !chars_take(&key, 1, &head) ||
	    key.n > 0)
		return false;
	for (; list.n > 0; last = head)
		if (!chars_take(&list, THREE - 1, &head) || head <= last)
			return false;
	return true;
}

bool
word_parts_merge(struct str a, struct str b, struct buf *out)
{
	uint64_t x = 0, y = 0;
	bool fresh = false;

	buf_reset(out);
	while (a.n > 0 || b.n > 0) {
		struct str i = a, j = b;
		bool is_a = chars_take(&i, THREE - 1, &x);
		bool is_b = chars_take(&j, THREE - 1, &y);

		if (!is_a && !is_b)
			break;
		if (is_a && (!is_b || x <= y)) {
			chars_put(x, THREE - 1, out);
			a = i;
			if (is_b && x == y)
				b = j;
		} else {
			chars_put(y, THREE - 1, out);
			b = j;
			fresh = true;
		}
	}
	return fresh;
}

/* ---- looking ---------------------------------------------------------- */

void
word_heads_clear(struct word_heads *h)
{
	free(h->v);
	*h = (struct word_heads){0};
}

struct str
word_heads_text(const struct word_heads *h, size_t i, struct buf *out)
{
	buf_reset(out);
	chars_put(h->v[i], THREE, out);
	return str_of(out);
}

static bool
heads_add(struct word_heads *h, uint64_t head)
{
	if (h->n == h->cap) {
		size_t cap = h->cap ? h->cap * 2 : 64;
		uint64_t *v = realloc(h->v, cap * sizeof(*v));

		if (!v)
			return false;
		h->v = v;
		h->cap = cap;
	}
	h->v[h->n++] = head;
	return true;
}

/* The heads of an entry with THREE at the front of its place in order. */
static bool
heads_of_list(struct word_heads *h, uint64_t three, uint64_t first,
    struct str list, bool *own)
{
	uint64_t rest;

	while (list.n > 0 && chars_take(&list, THREE - 1, &rest)) {
		uint64_t head = first << (THREE - 1) * CHAR_BITS | rest;

		if (!*own && head >= three) {
			*own = true;
			if (head > three && !heads_add(h, three))
				return false;
		}
		if (!heads_add(h, head))
			return false;
	}
	return true;
}

/* The heads of all words that have THREE, in order. */
static enum crm_err
heads_of(struct store *s, struct table *t, MDB_cursor *cur, uint64_t three,
    struct word_heads *h, struct diag *dg)
{
	struct buf key = {0};
	bool own = false;
	MDB_val k, v;
	struct str list, rest;
	uint64_t first;
	enum crm_err err = CRM_OK;
	int rc = 0;

	h->n = 0;
	key_put(three, &key);
	if (key.failed)
		err = diag_nomem(dg);
	k = seal_val(str_of(&key));
	if (err == CRM_OK)
		rc = mdb_cursor_get(cur, &k, &v, MDB_SET_RANGE);
	while (
	    err == CRM_OK && rc == 0 && str_starts(seal_str(k), str_of(&key))) {
		rest = str_from_pos(seal_str(k), key.n);
		if (!seal_check(t, seal_str(k), seal_str(v), &list) ||
		    !chars_take(&rest, 1, &first) || rest.n > 0)
			err = words_damaged(s, t->kind, seal_str(k), dg);
		else if (!heads_of_list(h, three, first, list, &own))
			err = diag_nomem(dg);
		else
			rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT);
	}
	buf_clear(&key);
	if (err == CRM_OK && rc != 0 && rc != MDB_NOTFOUND)
		err = env_fail(s, rc, "reading", dg);
	if (err == CRM_OK && !own && !heads_add(h, three))
		err = diag_nomem(dg);
	return err;
}

/* Those of A that are in B as well. */
static void
heads_meet(struct word_heads *a, const struct word_heads *b)
{
	size_t n = 0, j = 0;

	for (size_t i = 0; i < a->n; i++) {
		while (j < b->n && b->v[j] < a->v[i])
			j++;
		if (j < b->n && b->v[j] == a->v[i])
			a->v[n++] = a->v[i];
	}
	a->n = n;
}

enum crm_err
word_heads_find(struct store *s, struct table *t, MDB_cursor *cur,
    struct str text, struct word_heads *out, bool *known, struct diag *dg)
{
	struct word_heads other = {0};
	uint64_t three = 0;
	size_t at = 0;
	enum crm_err err = CRM_OK;

	*known = false;
	for (unsigned n = 1; at < text.n && err == CRM_OK; n++) {
		three = three_push(three, char_next(text, &at));
		if (n < THREE || (*known && out->n == 0))
			continue;
		err = heads_of(s, t, cur, three, *known ? &other : out, dg);
		if (err == CRM_OK && *known)
			heads_meet(out, &other);
		*known = true;
	}
	word_heads_clear(&other);
	return err;
}
