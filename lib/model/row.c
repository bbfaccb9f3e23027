/* SPDX-License-Identifier: ISC */
/* row: packs a record's values and finds one of them again. */
#include "model/row.h"

#include <assert.h>

#include "base/eight.h"
#include "model/schema.h"

static_assert((int)ROW_SLOTS == (int)SLOT_LIMIT, "a row holds every slot");
static_assert(ROW_SLOTS / 8 <= UINT8_MAX, "nb is one byte");

enum { HEAD = 2, ROW_ALL_CLEAN = 15, ROW_KNOWN = 31 };

/* Up to 8 bytes, the first one lowest. */
static inline uint64_t
bits_load(const unsigned char *p, unsigned n)
{
	uint64_t w = 0;

	if (n == 8) /* one load, and no turning where that is not needed */
		return (uint64_t)p[0] | (uint64_t)p[1] << 8 |
		       (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
		       (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
		       (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;

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

/* The map's first 64 bits; eight bytes are read where there are eight. */
static inline uint64_t
row_low(const unsigned char *p, unsigned nb, size_t there)
{
	uint64_t w;

	if (there < sizeof(w) || nb == 0)
		return bits_load(p, nb < 8 ? nb : 8);
	w = bits_load(p, 8);
	return nb < 8 ? w & ((UINT64_C(1) << 8 * nb) - 1) : w;
}

static bool
row_none(struct row *out)
{
	*out = (struct row){0};
	return false;
}

bool
row_open(struct str bytes, struct row *out)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	unsigned count, width;
	size_t head;

	size_t there = bytes.n - HEAD; /* behind the head */

	if (bytes.n < HEAD || bytes.n > UINT32_MAX || p[0] > ROW_KNOWN ||
	    p[1] > ROW_SLOTS / 8 || there < p[1])
		return row_none(out);
	width = p[0] & ROW_WIDE ? 4 : 2;
	out->flags = p[0];
	out->nb = p[1];
	out->map = p + HEAD;
	out->low = row_low(out->map, out->nb, there);
	count = row_ones(out->low);
	for (unsigned i = 1; i * 8 < out->nb; i++)
		count += row_ones(row_word(out, i));
	head = HEAD + out->nb + (size_t)count * width;
	if (head > bytes.n)
		return row_none(out);
	out->count = (uint16_t)count;
	out->ends = out->map + out->nb;
	out->data = bytes.p + head;
	out->data_len = (uint32_t)(bytes.n - head);
	if ((count ? row_upto(out, count - 1) : 0) != out->data_len)
		return row_none(out);
	return true;
}

struct str
row_far(const struct row *r, unsigned slot)
{
	unsigned rank = 0;
	uint64_t word;

	if (slot >= ROW_SLOTS)
		return (struct str){0};
	word = row_word(r, slot / 64);
	for (unsigned i = 0; i < slot / 64; i++)
		rank += row_ones(row_word(r, i));
	word <<= 63 - slot % 64;
	if (!(word >> 63))
		return (struct str){0};
	return row_ranked(r, rank + row_ones(word) - 1);
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
		*value = row_ranked(r, rank);
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
