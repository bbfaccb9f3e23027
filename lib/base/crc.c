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

__attribute__((target("sse4.2"))) static uint32_t
crc32c_sse(uint32_t crc, const unsigned char *b, size_t n)
{
	uint64_t c = ~crc;

	for (; n >= 8; n -= 8, b += 8) {
		uint64_t word;

		memcpy(&word, b, 8);
		c = _mm_crc32_u64(c, word);
	}
	for (; n > 0; n--, b++)
		c = _mm_crc32_u8((uint32_t)c, *b);
	return ~(uint32_t)c;
}

uint32_t
crc32c(uint32_t crc, const void *p, size_t n)
{
	if (__builtin_cpu_supports("sse4.2"))
		return crc32c_sse(crc, p, n);
	return crc32c_portable(crc, p, n);
}
#else
uint32_t
crc32c(uint32_t crc, const void *p, size_t n)
{
	return crc32c_portable(crc, p, n);
}
#endif
