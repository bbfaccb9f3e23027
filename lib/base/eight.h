/* SPDX-License-Identifier: ISC */
/*
 * eight: eight bytes of text at a time. A test gives a word whose high bits
 * tell of the bytes; whether there is one at all is exact, which byte it is
 * only for the lowest one (a borrow may mark those above it).
 */
#ifndef CRM_EIGHT_H
#define CRM_EIGHT_H

#include "base/base.h"

#include <string.h>

#define EIGHT_ONES UINT64_C(0x0101010101010101)
#define EIGHT_HIGH UINT64_C(0x8080808080808080)

/* The eight bytes at P. */
static inline uint64_t
eight_load(const void *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

/* The N bytes at P, at most eight, and FILL for those that are missing. */
static inline uint64_t
eight_tail(const void *p, size_t n, unsigned char fill)
{
	const unsigned char *b = p;
	uint64_t w = 0;

	for (size_t i = 0; i < sizeof(w); i++)
		w |= (uint64_t)(i < n ? b[i] : fill) << 8 * i;
	return w;
}

/* Bytes below N, at most 0x80. */
static inline uint64_t
eight_below(uint64_t w, unsigned n)
{
	return (w - EIGHT_ONES * n) & ~w & EIGHT_HIGH;
}

/* Bytes that are N. */
static inline uint64_t
eight_like(uint64_t w, unsigned n)
{
	return eight_below(w ^ EIGHT_ONES * n, 1);
}

/* ASCII letters in lower case, where all bytes are below 0x80. */
static inline uint64_t
eight_lower(uint64_t w)
{
	uint64_t from_a = w + EIGHT_ONES * (0x80 - 'A');
	uint64_t past_z = w + EIGHT_ONES * (0x7f - 'Z');

	return w | (from_a & ~past_z & EIGHT_HIGH) >> 2;
}

#endif
