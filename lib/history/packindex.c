/* SPDX-License-Identifier: ISC */
/* packindex: a hash table while a pack grows, git's index file at the end. */
#include "history/packindex.h"

#include "base/num.h"

#include <assert.h>
#include <nettle/sha1.h>

struct packed {
	struct oid id;
	uint32_t crc;
	uint64_t place; /* offset, and depth in the low byte */
};
static_assert(sizeof(struct packed) == 32, "entries stay small");

enum { WRITE_BYTES = 1 << 18 };

static size_t
slot_of(const struct packindex *x, struct oid id)
{
	return (size_t)num_get64(id.b) & x->mask;
}

/* The slot that holds ID, or the free one where it belongs. */
static size_t
slot_find(const struct packindex *x, struct oid id)
{
	size_t i = slot_of(x, id);

	while (x->slots[i] != 0 && !oid_eq(x->entries[x->slots[i] - 1].id, id))
		i = (i + 1) & x->mask;
	return i;
}

static bool
slots_grow(struct packindex *x)
{
	size_t n = x->slots ? 2 * (x->mask + 1) : 1024;
	uint32_t *slots = calloc(n, sizeof(*slots));

	if (!slots)
		return false;
	free(x->slots);
	x->slots = slots;
	x->mask = n - 1;
	for (size_t i = 0; i < x->n; i++)
		slots[slot_find(x, x->entries[i].id)] = (uint32_t)(i + 1);
	return true;
}

static bool
entries_grow(struct packindex *x)
{
	size_t cap = x->cap ? 2 * x->cap : 512;
	struct packed *p;

	if (cap > UINT32_MAX / 2)
		return false;
	p = realloc(x->entries, cap * sizeof(*p));
	if (!p)
		return false;
	x->entries = p;
	x->cap = cap;
	return true;
}

bool
packindex_add(
    struct packindex *x, struct oid id, struct pack_at at, uint32_t crc)
{
	if (x->n == x->cap && !entries_grow(x))
		return false;
	if ((!x->slots || 2 * x->n > x->mask) && !slots_grow(x))
		return false;
	x->slots[slot_find(x, id)] = (uint32_t)(x->n + 1);
	x->entries[x->n++] = (struct packed){
	    .id = id,
	    .crc = crc,
	    .place = at.off << 8 | (at.depth & 0xff),
	};
	return true;
}

bool
packindex_find(const struct packindex *x, struct oid id, struct pack_at *out)
{
	const struct packed *e;
	uint32_t i;

	if (x->n == 0)
		return false;
	i = x->slots[slot_find(x, id)];
	if (i == 0)
		return false;
	e = &x->entries[i - 1];
	*out = (struct pack_at){.off = e->place >> 8, .depth = e->place & 0xff};
	return true;
}

/* The first two bytes of an id, or only the first one of few. */
static size_t
bucket_of(const struct packed *e, bool many)
{
	return many ? num_get16(e->id.b) : e->id.b[0];
}

/* Insertion sort: a bucket holds a handful. */
static void
bucket_sort(const struct packed *e, uint32_t *order, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t x = order[i];
		size_t j = i;

		for (; j > 0; j--) {
			if (memcmp(e[order[j - 1]].id.b, e[x].id.b,
				OID_BYTES) <= 0)
				break;
			order[j] = order[j - 1];
		}
		order[j] = x;
	}
}

/* The entries in order of id, as indices; the caller frees. NULL: memory. */
static uint32_t *
order_make(const struct packindex *x)
{
	bool many = x->n > 1 << 12;
	size_t buckets = many ? 1 << 16 : 1 << 8;
	uint32_t *order = calloc(x->n + 1, sizeof(*order));
	uint32_t *ends = calloc(buckets, sizeof(*ends));
	uint32_t sum = 0;

	if (!order || !ends) {
		free(order);
		free(ends);
		return NULL;
	}
	for (size_t i = 0; i < x->n; i++)
		ends[bucket_of(&x->entries[i], many)]++;
	for (size_t b = 0; b < buckets; b++) {
		uint32_t n = ends[b];

		ends[b] = sum;
		sum += n;
	}
	for (size_t i = 0; i < x->n; i++)
		order[ends[bucket_of(&x->entries[i], many)]++] = (uint32_t)i;
	for (size_t b = 0, at = 0; b < buckets; at = ends[b++])
		bucket_sort(x->entries, order + at, ends[b] - at);
	free(ends);
	return order;
}

/* The index file on its way: its bytes and their checksum so far. */
struct sink {
	struct outfile *f;
	struct sha1_ctx sha;
	struct diag *dg;
	enum crm_err err;
};

static void
sink_flush(struct sink *s, size_t room)
{
	if (s->err != CRM_OK || s->f->pending.n <= room)
		return;
	sha1_update(&s->sha, s->f->pending.n, (const uint8_t *)s->f->pending.p);
	s->err = outfile_flush(s->f, 0, s->dg);
}

static void
sink_add(struct sink *s, const unsigned char *p, size_t n)
{
	buf_add(&s->f->pending, (struct str){.p = (const char *)p, .n = n});
	sink_flush(s, WRITE_BYTES);
}

static void
sink_add32(struct sink *s, uint32_t v)
{
	unsigned char b[4];

	num_put32(b, v);
	sink_add(s, b, sizeof(b));
}

static void
write_head(const struct packindex *x, struct sink *s)
{
	static const unsigned char magic[8] = {0xff, 't', 'O', 'c', 0, 0, 0, 2};
	uint32_t count[256] = {0};
	uint32_t sum = 0;

	sink_add(s, magic, sizeof(magic));
	for (size_t i = 0; i < x->n; i++)
		count[x->entries[i].id.b[0]]++;
	for (size_t b = 0; b < ARRAY_LEN(count); b++) {
		sum += count[b];
		sink_add32(s, sum);
	}
}

/* Offsets of 31 bits; larger ones stand in a table behind. */
static void
write_offsets(const struct packindex *x, const uint32_t *order, struct sink *s)
{
	const uint64_t limit = UINT64_C(1) << 31;
	uint32_t large = 0;

	for (size_t i = 0; i < x->n; i++) {
		uint64_t off = x->entries[order[i]].place >> 8;

		if (off < limit)
			sink_add32(s, (uint32_t)off);
		else
			sink_add32(s, (uint32_t)limit | large++);
	}
	for (size_t i = 0; large > 0 && i < x->n; i++) {
		uint64_t off = x->entries[order[i]].place >> 8;
		unsigned char b[8];

		if (off < limit)
			continue;
		num_put64(b, off);
		sink_add(s, b, sizeof(b));
	}
}

enum crm_err
packindex_write(
    struct packindex *x, struct oid pack, struct outfile *f, struct diag *dg)
{
	struct sink s = {.f = f, .dg = dg};
	uint32_t *order = order_make(x);
	struct oid sum;

	if (!order)
		return diag_nomem(dg);
	sha1_init(&s.sha);
	write_head(x, &s);
	for (size_t i = 0; i < x->n; i++)
		sink_add(&s, x->entries[order[i]].id.b, OID_BYTES);
	for (size_t i = 0; i < x->n; i++)
		sink_add32(&s, x->entries[order[i]].crc);
	write_offsets(x, order, &s);
	sink_add(&s, pack.b, OID_BYTES);
	free(order);
	if (f->pending.failed)
		return diag_nomem(dg);
	sink_flush(&s, 0);
	if (s.err != CRM_OK)
		return s.err;
	sha1_digest(&s.sha, OID_BYTES, sum.b);
	buf_add(&f->pending,
	    (struct str){.p = (const char *)sum.b, .n = OID_BYTES});
	return f->pending.failed ? diag_nomem(dg) : CRM_OK;
}

void
packindex_reset(struct packindex *x)
{
	x->n = 0;
	if (x->slots)
		memset(x->slots, 0, (x->mask + 1) * sizeof(*x->slots));
}

void
packindex_clear(struct packindex *x)
{
	free(x->entries);
	free(x->slots);
	*x = (struct packindex){0};
}
