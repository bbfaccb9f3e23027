/* SPDX-License-Identifier: ISC */
/* num: integers from text with bounds, big-endian bytes that sort. */
#ifndef CRM_NUM_H
#define CRM_NUM_H

#include "base/base.h"
#include "base/str.h"

/* The whole of S as a decimal number; false on anything else or overflow. */
bool num_u64(struct str s, uint64_t *out) CRM_NODISCARD;
bool num_i64(struct str s, int64_t *out) CRM_NODISCARD; /* leading - or + */

/* Writes the decimal digits of V, 20 at most, in front of END; where they
 * begin. */
char *num_digits(uint64_t v, char *end);
/* The same from P on; behind the last one. */
char *num_write(char *p, uint64_t v);

extern const char num_pairs[201]; /* "00" to "99" */

/* Two digits of V, which is below 100. */
static inline void
num_two(char *p, unsigned v)
{
	memcpy(p, num_pairs + 2 * v, 2);
}

/* ---- big-endian bytes: memcmp orders them like the numbers ------------ */

static inline void
num_put16(unsigned char *p, uint16_t v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

static inline void
num_put32(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 24);
	p[1] = (unsigned char)(v >> 16);
	p[2] = (unsigned char)(v >> 8);
	p[3] = (unsigned char)v;
}

/* The lower six bytes. */
static inline void
num_put48(unsigned char *p, uint64_t v)
{
	num_put16(p, (uint16_t)(v >> 32));
	num_put32(p + 2, (uint32_t)v);
}

static inline void
num_put64(unsigned char *p, uint64_t v)
{
	num_put32(p, (uint32_t)(v >> 32));
	num_put32(p + 4, (uint32_t)v);
}

static inline uint16_t
num_get16(const unsigned char *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
num_get32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t
num_get48(const unsigned char *p)
{
	return (uint64_t)num_get16(p) << 32 | num_get32(p + 2);
}

static inline uint64_t
num_get64(const unsigned char *p)
{
	return (uint64_t)num_get32(p) << 32 | num_get32(p + 4);
}

/* Signed numbers with the sign bit turned, so that memcmp orders them too. */
void num_put_i64(unsigned char *p, int64_t v);
int64_t num_get_i64(const unsigned char *p);

#endif
