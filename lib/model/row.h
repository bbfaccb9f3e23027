/* SPDX-License-Identifier: ISC */
/*
 * row: the bytes of a record's fields. Only fields with a value take space:
 *
 *   u8  flags      ROW_TSV_CLEAN ... what an encoder need not look for
 *   u8  nb         bytes of the presence map, 0..64
 *   nb bytes       presence, slot 0 is bit 0 of byte 0
 *   n x u16|u32    little-endian end offset of each present value in data
 *   data           the values, raw UTF-8, one behind the other
 *
 * Values are kept raw; the flags tell an output format that no byte of the
 * record needs escaping there, so that a row is copied, not scanned.
 */
#ifndef CRM_ROW_H
#define CRM_ROW_H

#include "base/base.h"
#include "base/str.h"

enum row_flag {
	ROW_TSV_CLEAN = 1,  /* no tab, LF, CR, backslash */
	ROW_CSV_CLEAN = 2,  /* no comma, quote, LF, CR */
	ROW_JSON_CLEAN = 4, /* no quote, backslash, control character */
	ROW_ASCII = 8,	    /* no byte over 0x7f */
	ROW_WIDE = 16	    /* offsets are u32 */
};

/* A checked view; valid as long as the bytes. { 0 } is a row of nothing. */
struct row {
	uint64_t low; /* the map's first 64 bits, what most lookups need */
	const unsigned char *map;
	const unsigned char *ends;
	const char *data;
	uint32_t data_len;
	uint16_t count; /* present values */
	uint8_t nb;
	uint8_t flags;
};

/* False when the bytes are no row. Offsets that run backwards pass here (it
 * would take a look at each) and give short or empty values, never a view
 * beyond the bytes. */
bool row_open(struct str bytes, struct row *out) CRM_NODISCARD;

/* The bytes of an open row. */
static inline struct str
row_bytes(const struct row *r)
{
	enum { FLAGS_AND_NB = 2 };
	const char *p = (const char *)r->map - FLAGS_AND_NB;

	return (struct str){.p = p, .n = (size_t)(r->data - p) + r->data_len};
}

/* Bits of W that are set, without the processor's instruction, which the
 * oldest x86-64 lack. */
static inline unsigned
row_ones(uint64_t w)
{
	const uint64_t m1 = UINT64_C(0x5555555555555555);
	const uint64_t m2 = UINT64_C(0x3333333333333333);
	const uint64_t m4 = UINT64_C(0x0f0f0f0f0f0f0f0f);

	w -= w >> 1 & m1;
	w = (w & m2) + (w >> 2 & m2);
	w = (w + (w >> 4)) & m4;
	return (unsigned)(w * UINT64_C(0x0101010101010101) >> 56);
}

/* The end in the data of the value with RANK present ones before it. */
static inline uint32_t
row_upto(const struct row *r, unsigned rank)
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

/* That value, kept within the data. */
static inline struct str
row_ranked(const struct row *r, unsigned rank)
{
	uint32_t from = rank ? row_upto(r, rank - 1) : 0;
	uint32_t to = row_upto(r, rank);

	if (to > r->data_len)
		to = r->data_len;
	if (from > to)
		from = to;
	return (struct str){r->data + from, to - from};
}

/* row_get of a slot above 63. */
struct str row_far(const struct row *r, unsigned slot);

/* The value in SLOT, n = 0 when it has none. */
static inline struct str
row_get(const struct row *r, unsigned slot)
{
	uint64_t word;

	if (slot >= 64)
		return row_far(r, slot);
	word = r->low << (63 - slot);
	if (!(word >> 63))
		return (struct str){0};
	return row_ranked(r, row_ones(word) - 1);
}

/* Walks the present values in slot order: *at is opaque and starts at 0;
 * false at the end. */
bool row_each(const struct row *r, unsigned *at, unsigned *slot,
    struct str *value) CRM_NODISCARD;

/* Appends the row of VALUES[0..n), an n = 0 value being absent. More than
 * ROW_SLOTS values or 4 GiB of data mark OUT as failed. */
enum { ROW_SLOTS = 512 };
void row_encode(const struct str *values, size_t n, struct buf *out);

#endif
