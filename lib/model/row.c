/* SPDX-License-Identifier: ISC */
/* row: packs a record's values and finds one of them again. */
#include "model/row.h"

#include <assert.h>

#include "base/eight.h"
#include "model/schema.h"

static_assert((int)ROW_SLOTS == (int)SLOT_LIMIT, "a row holds every slot");
static_assert(ROW_SLOTS / 8 <= UINT8_MAX, "nb is one byte");

enum { HEAD = 2, ROW_ALL_CLEAN = 15, ROW_KNOWN = 31 };

/* Without the processor's instruction, which the oldest x86-64 lack. */
static unsigned
bits_count(uint64_t w)
{
	const uint64_t m1 = UINT64_C(0x5555555555555555);
	const uint64_t m2 = UINT64_C(0x3333333333333333);
	const uint64_t m4 = UINT64_C(0x0f0f0f0f0f0f0f0f);

	w -= w >> 1 & m1;
	w = (w & m2) + (w >> 2 & m2);
	w = (w + (w >> 4)) & m4;
	return (unsigned)(w * UINT64_C(0x0101010101010101) >> 56);
}

/* Up to 8 bytes, the first one lowest. */
static uint64_t
bits_load(const unsigned char *p, unsigned n)
{
	uint64_t w = 0;

	for (unsigned i = 0; i < n; i++)
		w |= (uint64_t)p[i] << (8 * i);
	return w;
}

/* The 64 bits of the map from slot 64 * I on. */
static uint64_t
row_word(const struct row *r, unsigned i)
{
	unsigned from = i * 8;

	if (i == 0)
		return r->low;
	if (from >= r->nb)
		return 0;
	return bits_load(r->map + from, r->nb - from < 8 ? r->nb - from : 8);
}

static uint32_t
row_end(const struct row *r, unsigned rank)
{
	const unsigned char *p;

	if (!(r->flags & ROW_WIDE)) {
		p = r->ends + (size_t)rank * 2;
		return (uint32_t)p[0] | (uint32_t)p[1] << 8;
	}
	p = r->ends + (size_t)rank * 4;
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* The value with RANK present ones before it, kept within the data. */
static struct str
row_value(const struct row *r, unsigned rank)
{
	uint32_t from = rank ? row_end(r, rank - 1) : 0;
	uint32_t to = row_end(r, rank);

	if (to > r->data_len)
		to = r->data_len;
	if (from > to)
		from = to;
	return (struct str){r->data + from, to - from};
}

bool
row_open(struct str bytes, struct row *out)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	struct row r = {0};
	unsigned count = 0;
	size_t head;

	*out = r;
	if (bytes.n < HEAD || bytes.n > UINT32_MAX || p[0] > ROW_KNOWN ||
	    p[1] > ROW_SLOTS / 8 || bytes.n - HEAD < p[1])
		return false;
	r.flags = p[0];
	r.nb = p[1];
	r.map = p + HEAD;
	r.low = bits_load(r.map, r.nb < 8 ? r.nb : 8);
	for (unsigned i = 0; i * 8 < r.nb; i++)
		count += bits_count(row_word(&r, i));
	r.count = (uint16_t)count;
	head = HEAD + r.nb + (size_t)count * (r.flags & ROW_WIDE ? 4 : 2);
	if (head > bytes.n)
		return false;
	r.ends = r.map + r.nb;
	r.data = bytes.p + head;
	r.data_len = (uint32_t)(bytes.n - head);
	if ((count ? row_end(&r, count - 1) : 0) != r.data_len)
		return false;
	*out = r;
	return true;
}

struct str
row_get(const struct row *r, unsigned slot)
{
	unsigned rank = 0;
	uint64_t word = r->low;

	if (slot >= ROW_SLOTS)
		return (struct str){0};
	if (slot >= 64) {
		word = row_word(r, slot / 64);
		for (unsigned i = 0; i < slot / 64; i++)
			rank += bits_count(row_word(r, i));
	}
	word <<= 63 - slot % 64;
	if (!(word >> 63))
		return (struct str){0};
	return row_value(r, rank + bits_count(word) - 1);
}

/* *at: the next slot to look at, and above its 16 bits the values passed. */
bool
row_each(const struct row *r, unsigned *at, unsigned *slot, struct str *value)
{
	unsigned next = *at & 0xffff, rank = *at >> 16;

	while (next < r->nb * 8U) {
		uint64_t word = row_word(r, next / 64) >> next % 64;

		if (word == 0) {
			next = (next / 64 + 1) * 64;
			continue;
		}
		next += (unsigned)__builtin_ctzll(word);
		*slot = next;
		*value = row_value(r, rank);
		*at = (rank + 1) << 16 | (next + 1);
		return true;
	}
	return false;
}

/* Commas, quotes, backslashes, controls and others found so far; the high
 * bits tell. */
struct dirt {
	uint64_t comma, quote, slash, control, high;
};

static inline void
dirt_find(struct dirt *d, uint64_t w)
{
	d->comma |= eight_like(w, ',');
	d->quote |= eight_like(w, '"');
	d->slash |= eight_like(w, '\\');
	d->control |= eight_below(w, ' ');
	d->high |= w;
}

/* What control characters take away: tabs and line ends more than others. */
static unsigned
control_dirt(const unsigned char *p, size_t n)
{
	unsigned seen = ROW_JSON_CLEAN;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\t')
			seen |= ROW_TSV_CLEAN;
		else if (p[i] == '\n' || p[i] == '\r')
			seen |= ROW_TSV_CLEAN | ROW_CSV_CLEAN;
	}
	return seen;
}

/* The flags that the bytes take away. */
static unsigned
data_dirt(const unsigned char *p, size_t n)
{
	struct dirt d = {0};
	unsigned seen = 0;
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		dirt_find(&d, eight_load(p + i));
	if (i < n)
		dirt_find(
		    &d, n >= 8 ? eight_load(p + n - 8) : eight_tail(p, n, ' '));
	if (d.comma & EIGHT_HIGH)
		seen |= ROW_CSV_CLEAN;
	if (d.quote & EIGHT_HIGH)
		seen |= ROW_CSV_CLEAN | ROW_JSON_CLEAN;
	if (d.slash & EIGHT_HIGH)
		seen |= ROW_TSV_CLEAN | ROW_JSON_CLEAN;
	if (d.high & EIGHT_HIGH)
		seen |= ROW_ASCII;
	if (d.control & EIGHT_HIGH)
		seen |= control_dirt(p, n);
	return seen;
}

/* What a row will take, found in one pass over the values. */
struct layout {
	unsigned flags;
	size_t slots; /* up to the last present value */
	size_t count;
	size_t data;
	uint16_t present[ROW_SLOTS]; /* COUNT slots with a value */
};

/* False when there are more values than a row has slots for, or too large
 * ones. */
static bool
layout_find(const struct str *values, size_t n, struct layout *l)
{
	l->flags = ROW_ALL_CLEAN;
	l->slots = l->count = l->data = 0;
	for (size_t i = 0; i < n; i++) {
		if (values[i].n == 0)
			continue;
		if (i >= ROW_SLOTS || values[i].n > UINT32_MAX - l->data)
			return false;
		l->data += values[i].n;
		l->slots = i + 1;
		l->present[l->count++] = (uint16_t)i;
	}
	if (l->data > UINT16_MAX)
		l->flags |= ROW_WIDE;
	return true;
}

static unsigned char *
end_put(unsigned char *p, size_t end, bool wide)
{
	*p++ = (unsigned char)end;
	*p++ = (unsigned char)(end >> 8);
	if (wide) {
		*p++ = (unsigned char)(end >> 16);
		*p++ = (unsigned char)(end >> 24);
	}
	return p;
}

static void
row_put(const struct str *values, const struct layout *l, unsigned char *p)
{
	size_t nb = (l->slots + 7) / 8, end = 0;
	bool wide = l->flags & ROW_WIDE;
	unsigned char *map = p + HEAD, *ends = map + nb;
	unsigned char *data = ends + l->count * (wide ? 4 : 2);

	p[0] = (unsigned char)l->flags;
	p[1] = (unsigned char)nb;
	memset(map, 0, nb);
	for (size_t j = 0; j < l->count; j++) {
		size_t i = l->present[j];

		map[i / 8] |= (unsigned char)(1U << i % 8);
		memcpy(data + end, values[i].p, values[i].n);
		end += values[i].n;
		ends = end_put(ends, end, wide);
	}
	p[0] &= (unsigned char)~data_dirt(data, end);
}

void
row_encode(const struct str *values, size_t n, struct buf *out)
{
	struct layout l;
	size_t size;
	char *p;

	if (!layout_find(values, n, &l)) {
		out->failed = true;
		return;
	}
	size = HEAD + (l.slots + 7) / 8 +
	       l.count * (l.flags & ROW_WIDE ? 4 : 2) + l.data;
	p = buf_room(out, size);
	if (!p)
		return;
	row_put(values, &l, (unsigned char *)p);
	out->n += size;
	out->p[out->n] = '\0';
}
