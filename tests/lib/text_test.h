/* SPDX-License-Identifier: ISC */
/* text_test: random texts with a fixed seed. */
#ifndef CRM_TEXT_TEST_H
#define CRM_TEXT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"

/* splitmix64 */
static inline uint64_t
test_rand(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Appends up to MOST characters, none NUL: half of them the ones that some
 * format treats specially, the others from all of Unicode. */
static inline void
test_text(uint64_t *state, struct buf *out, unsigned most)
{
	static const char special[] = "\t\n\r\\\",;:'N{}[] nrt0u\x1f\x1b\x7f=";
	unsigned n = (unsigned)(test_rand(state) % (most + 1));

	while (n-- > 0) {
		uint64_t r = test_rand(state);
		uint32_t c = (uint32_t)(r >> 32);
		if (r % 4 < 2)
			buf_addc(out, special[c % (sizeof(special) - 1)]);
		else if (r % 4 == 2)
			buf_addc(out, (char)(1 + c % 127));
		else
			utf8_put(1 + c % 0x10ffff, out);
	}
}

/* Changes a few bytes of B: overwrites, inserts, cuts, doubles. */
static inline void
test_mutate(uint64_t *state, struct buf *b)
{
	static const char bytes[] =
	    "\t\n\r\\\"<>@,;:()=?[]-\xff\x80\xc3\xe2\x00 ";
	unsigned n = 1 + (unsigned)(test_rand(state) % 6);

	while (n-- > 0 && b->n > 0) {
		uint64_t r = test_rand(state);
		size_t at = (size_t)(r >> 8) % b->n;
		char c = bytes[(r >> 40) % (sizeof(bytes) - 1)];
		switch (r % 5) {
		case 0:
			b->p[at] = c;
			break;
		case 1:
			b->p[at] = (char)(r >> 48);
			break;
		case 2:
			buf_insert(b, at, (struct str){.p = &c, .n = 1});
			break;
		case 3:
			memmove(b->p + at, b->p + at + 1, b->n - at - 1);
			b->n--;
			break;
		default:
			b->n = r % 64 == 4 ? at : b->n;
		}
	}
}

#endif
