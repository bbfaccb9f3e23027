/* SPDX-License-Identifier: ISC */
/* crc: CRC-32C by the processor's instruction or by a table. */
#include "base/crc.h"

static const uint32_t POLY = 0x82f63b78; /* reflected Castagnoli */

/* One entry of table 0, from the definition. */
static uint32_t
entry(uint32_t i)
{
	for (int bit = 0; bit < 8; bit++)
		i = (i & 1) != 0 ? i >> 1 ^ POLY : i >> 1;
	return i;
}

/* The table is made for each call: no global state; this way is only met
 * on processors without the instruction. */
uint32_t
crc32c_portable(uint32_t crc, const void *p, size_t n)
{
	const unsigned char *b = p;
	uint32_t table[256];

	for (uint32_t i = 0; i < 256; i++)
		table[i] = entry(i);
	crc = ~crc;
	for (size_t i = 0; i < n; i++)
		crc = crc >> 8 ^ table[(crc ^ b[i]) & 0xff];
	return ~crc;
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <nmmintrin.h>

#define WITH_CRC __attribute__((target("sse4.2")))

WITH_CRC static inline uint64_t
step(uint64_t crc, const unsigned char *b)
{
	uint64_t word;

	memcpy(&word, b, sizeof(word));
	return _mm_crc32_u64(crc, word);
}

/* The last bytes, fewer than eight. */
WITH_CRC static inline uint64_t
rest(uint64_t crc, const unsigned char *b, size_t n)
{
	uint32_t four, c = (uint32_t)crc;
	uint16_t two;

	if (n & 4) {
		memcpy(&four, b, sizeof(four));
		c = _mm_crc32_u32(c, four);
		b += 4;
	}
	if (n & 2) {
		memcpy(&two, b, sizeof(two));
		c = _mm_crc32_u16(c, two);
		b += 2;
	}
	return n & 1 ? _mm_crc32_u8(c, *b) : c;
}

/*
 * The same where eight bytes end at END, without a branch that nobody can
 * guess: zeros in front do not matter to a checksum of zero, so the N bytes
 * are taken with the low bits of CRC as the end of a word, and what is left
 * of CRC is added. All shifts are made in two, as 64 at once is not defined.
 */
WITH_CRC static inline uint64_t
rest_of_word(uint64_t crc, const unsigned char *end, size_t n)
{
	size_t bits = 8 * n;
	uint64_t word;

	memcpy(&word, end - 8, sizeof(word));
	word = word >> 1 >> (63 - bits);
	word = (word ^ crc) << (56 - bits) << 8;
	return _mm_crc32_u64(0, word) ^ crc >> bits;
}

/* N bytes of a text that is at least AT longer in front. */
WITH_CRC static inline uint32_t
crc32c_from(uint64_t c, const unsigned char *b, size_t n, size_t at)
{
	size_t before = n + at;

	for (; n >= 8; n -= 8, b += 8)
		c = step(c, b);
	return ~(
	    uint32_t)(before >= 8 ? rest_of_word(c, b + n, n) : rest(c, b, n));
}

WITH_CRC static inline uint32_t
crc32c_sse(uint32_t crc, const unsigned char *b, size_t n)
{
	return crc32c_from((uint32_t)~crc, b, n, 0);
}

enum { LANES = 4 };

WITH_CRC static inline uint32_t
crc32c_str(uint32_t crc, struct str s)
{
	return crc32c_sse(crc, (const unsigned char *)s.p, s.n);
}

/* As long as all four go on; each ends by itself. */
WITH_CRC static inline void
crc32c_four(uint32_t *crc, const struct str *data)
{
	const unsigned char *p[LANES];
	uint64_t c[LANES];
	size_t n = data[0].n, at = 0;

	for (int i = 0; i < LANES; i++) {
		p[i] = (const unsigned char *)data[i].p;
		c[i] = (uint32_t)~crc[i];
		n = data[i].n < n ? data[i].n : n;
	}
	for (; n - at >= 8; at += 8) {
		c[0] = step(c[0], p[0] + at);
		c[1] = step(c[1], p[1] + at);
		c[2] = step(c[2], p[2] + at);
		c[3] = step(c[3], p[3] + at);
	}
	for (int i = 0; i < LANES; i++)
		crc[i] = crc32c_from(c[i], p[i] + at, data[i].n - at, at);
}

WITH_CRC static void
crc32c_each_sse(uint32_t start, const struct str *front, const struct str *data,
    size_t n, uint32_t *crc)
{
	size_t i = 0;

	for (; i < n; i++)
		crc[i] = crc32c_str(start, front[i]);
	for (i = 0; n - i >= LANES; i += LANES)
		crc32c_four(crc + i, data + i);
	for (; i < n; i++)
		crc[i] = crc32c_str(crc[i], data[i]);
}

WITH_CRC static uint32_t
crc32c_three_sse(struct str a, struct str b, struct str c)
{
	return crc32c_str(crc32c_str(crc32c_str(0, a), b), c);
}

/* The C library has asked the processor already; the compiler's own way asks
 * again at every start, which takes 25 us in a virtual machine. */
#if defined(__GLIBC__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
static bool
has_crc(void)
{
	return CPU_FEATURE_ACTIVE(SSE4_2);
}
#else
static bool
has_crc(void)
{
	return __builtin_cpu_supports("sse4.2");
}
#endif
#else
static bool
has_crc(void)
{
	return false;
}

static uint32_t
crc32c_sse(uint32_t crc, const unsigned char *b, size_t n)
{
	return crc32c_portable(crc, b, n);
}

static uint32_t
crc32c_three_sse(struct str a, struct str b, struct str c)
{
	(void)a;
	(void)b;
	(void)c;
	return 0;
}

static void
crc32c_each_sse(uint32_t start, const struct str *front, const struct str *data,
    size_t n, uint32_t *crc)
{
	(void)start;
	(void)front;
	(void)data;
	(void)n;
	(void)crc;
}
#endif

uint32_t
crc32c(uint32_t crc, const void *p, size_t n)
{
	return has_crc() ? crc32c_sse(crc, p, n) : crc32c_portable(crc, p, n);
}

uint32_t
crc32c_three(struct str a, struct str b, struct str c)
{
	uint32_t crc;

	if (has_crc())
		return crc32c_three_sse(a, b, c);
	crc = crc32c_portable(0, a.p, a.n);
	crc = crc32c_portable(crc, b.p, b.n);
	return crc32c_portable(crc, c.p, c.n);
}

void
crc32c_each(uint32_t start, const struct str *front, const struct str *data,
    size_t n, uint32_t *crc)
{
	if (has_crc()) {
		crc32c_each_sse(start, front, data, n, crc);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		crc[i] = crc32c_portable(start, front[i].p, front[i].n);
		crc[i] = crc32c_portable(crc[i], data[i].p, data[i].n);
	}
}
