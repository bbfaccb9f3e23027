/* SPDX-License-Identifier: ISC */
/* num: integers from text, integers as bytes that sort. */
#include "base/num.h"

bool
num_u64(struct str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned)(unsigned char)s.p[i] - '0';

		if (d > 9 || v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	return true;
}

bool
num_i64(struct str s, int64_t *out)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	uint64_t v;

	if (s.n > 0 && (minus || s.p[0] == '+'))
		s = str_from_pos(s, 1);
	if (!num_u64(s, &v))
		return false;
	if (v > (uint64_t)INT64_MAX + (minus ? 1 : 0))
		return false;
	if (minus)
		*out = v == 0 ? 0 : -(int64_t)(v - 1) - 1;
	else
		*out = (int64_t)v;
	return true;
}

static void
put(unsigned char *p, uint64_t v, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--) {
		p[i] = (unsigned char)(v & 0xff);
		v >>= 8;
	}
}

static uint64_t
get(const unsigned char *p, int bytes)
{
	uint64_t v = 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

void
num_put16(unsigned char *p, uint16_t v)
{
	put(p, v, 2);
}

void
num_put32(unsigned char *p, uint32_t v)
{
	put(p, v, 4);
}

void
num_put48(unsigned char *p, uint64_t v)
{
	put(p, v, 6);
}

void
num_put64(unsigned char *p, uint64_t v)
{
	put(p, v, 8);
}

uint16_t
num_get16(const unsigned char *p)
{
	return (uint16_t)get(p, 2);
}

uint32_t
num_get32(const unsigned char *p)
{
	return (uint32_t)get(p, 4);
}

uint64_t
num_get48(const unsigned char *p)
{
	return get(p, 6);
}

uint64_t
num_get64(const unsigned char *p)
{
	return get(p, 8);
}

static const uint64_t sign_bit = UINT64_C(1) << 63;

void
num_put_i64(unsigned char *p, int64_t v)
{
	put(p, (uint64_t)v ^ sign_bit, 8);
}

int64_t
num_get_i64(const unsigned char *p)
{
	return (int64_t)(get(p, 8) ^ sign_bit);
}
