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

static const uint64_t sign_bit = UINT64_C(1) << 63;

void
num_put_i64(unsigned char *p, int64_t v)
{
	num_put64(p, (uint64_t)v ^ sign_bit);
}

int64_t
num_get_i64(const unsigned char *p)
{
	return (int64_t)(num_get64(p) ^ sign_bit);
}
