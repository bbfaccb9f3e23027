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

/* clang-format off */
const char num_pairs[] =
	"00010203040506070809" "10111213141516171819"
	"20212223242526272829" "30313233343536373839"
	"40414243444546474849" "50515253545556575859"
	"60616263646566676869" "70717273747576777879"
	"80818283848586878889" "90919293949596979899";
/* clang-format on */

char *
num_digits(uint64_t v, char *end)
{
	while (v >= 100) {
		end -= 2;
		num_two(end, (unsigned)(v % 100));
		v /= 100;
	}
	if (v < 10) {
		*--end = (char)('0' + v);
		return end;
	}
	end -= 2;
	num_two(end, (unsigned)v);
	return end;
}

/* How many digits V has, which is not 0: of its bits, 1233/4096 is log 2. */
static size_t
small_length(uint32_t v)
{
	static const uint32_t powers[] = {0, 10, 100, 1000, 10000, 100000,
	    1000000, 10000000, 100000000, 1000000000};
	unsigned n = (32U - (unsigned)__builtin_clz(v)) * 1233 >> 12;

	return n + (v >= powers[n]);
}

/* num_digits of one whose divisions are cheaper. */
static void
small_digits(uint32_t v, char *end)
{
	for (; v >= 100; v /= 100) {
		end -= 2;
		num_two(end, v % 100);
	}
	if (v < 10)
		end[-1] = (char)('0' + v);
	else
		num_two(end - 2, v);
}

char *
num_write(char *p, uint64_t v)
{
	size_t n;
	char text[20], *at;

	if (v < 10) {
		*p = (char)('0' + v);
		return p + 1;
	}
	if (v < 1000000000) {
		n = small_length((uint32_t)v);
		small_digits((uint32_t)v, p + n);
		return p + n;
	}
	at = num_digits(v, text + sizeof(text));
	n = (size_t)(text + sizeof(text) - at);
	memcpy(p, at, n);
	return p + n;
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
