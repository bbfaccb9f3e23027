/* SPDX-License-Identifier: ISC */
/* decimal: exact fixed-point arithmetic on 128-bit integers. */
#include "base/decimal.h"

#include "base/num.h"

__extension__ typedef unsigned __int128 crm_u128;

enum { ONE = 1000000000, DIGITS_BEFORE = 27 };

/* 10^36: 27 digits before the point and 9 after. */
static crm_i128
bound(void)
{
	return (crm_i128)1000000000000000000 * 1000000000000000000;
}

static struct decimal
clamp(crm_i128 v)
{
	crm_i128 max = bound() - 1;

	if (v > max)
		v = max;
	if (v < -max)
		v = -max;
	return (struct decimal){.v = v};
}

/* Digits of S from *at on into *v, at most MAX of them; how many. */
static int
digits(struct str s, size_t *at, int max, crm_i128 *v)
{
	int n = 0;

	while (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9' && n <= max) {
		*v = *v * 10 + (s.p[*at] - '0');
		(*at)++;
		n++;
	}
	return n;
}

static bool
parse_any(struct str s, struct decimal *out)
{
	crm_i128 v = 0;
	size_t at = 0;
	int before, after = 0;
	bool minus = s.n > 0 && s.p[0] == '-';

	if (s.n > 0 && (minus || s.p[0] == '+'))
		at = 1;
	while (s.n > at + 1 && s.p[at] == '0' && s.p[at + 1] == '0')
		at++;
	before = digits(s, &at, DIGITS_BEFORE, &v);
	if (before == 0 || before > DIGITS_BEFORE)
		return false;
	if (at < s.n && s.p[at] == '.') {
		at++;
		after = digits(s, &at, DECIMAL_SCALE, &v);
		if (after == 0 || after > DECIMAL_SCALE)
			return false;
	}
	if (at != s.n)
		return false;
	for (; after < DECIMAL_SCALE; after++)
		v *= 10;
	out->v = minus ? -v : v;
	return true;
}

/* What most numbers are: a minus perhaps, up to nine digits, a point and up to
 * nine more, in one word; false for all others, right or wrong. */
static bool
parse_short(struct str s, struct decimal *out)
{
	static const int64_t scale[DECIMAL_SCALE + 1] = {1000000000, 100000000,
	    10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
	size_t at = s.n > 0 && s.p[0] == '-', start = at, after = 0;
	bool minus = at;
	int64_t v = 0;

	for (; at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; at++) {
		if (at - start == DECIMAL_SCALE)
			return false;
		v = v * 10 + (s.p[at] - '0');
	}
	if (at == start)
		return false;
	if (at < s.n && s.p[at] == '.') {
		start = ++at;
		for (; at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; at++) {
			if (at - start == DECIMAL_SCALE)
				return false;
			v = v * 10 + (s.p[at] - '0');
		}
		after = at - start;
		if (after == 0)
			return false;
	}
	if (at != s.n)
		return false;
	v *= scale[after];
	out->v = minus ? -v : v;
	return true;
}

bool
decimal_parse(struct str s, struct decimal *out)
{
	return parse_short(s, out) || parse_any(s, out);
}

struct decimal
decimal_add(struct decimal a, struct decimal b)
{
	return (struct decimal){.v = (crm_i128)((crm_u128)a.v + (crm_u128)b.v)};
}

struct decimal
decimal_sub(struct decimal a, struct decimal b)
{
	return (struct decimal){.v = (crm_i128)((crm_u128)a.v - (crm_u128)b.v)};
}

struct decimal
decimal_pile(struct decimal a, struct decimal b)
{
	return clamp(clamp(a.v).v + clamp(b.v).v);
}

struct decimal
decimal_mul(struct decimal a, struct decimal b)
{
	bool minus = (a.v < 0) != (b.v < 0);
	crm_i128 x = a.v < 0 ? -a.v : a.v;
	crm_i128 y = b.v < 0 ? -b.v : b.v;
	crm_i128 whole = x / ONE, part = x % ONE;
	crm_i128 low, result;

	if (whole > 0 && y > bound() / whole)
		return clamp(minus ? -bound() : bound());
	low = part * (y / ONE) + (part * (y % ONE) + ONE / 2) / ONE;
	result = whole * y + low;
	return clamp(minus ? -result : result);
}

struct decimal
decimal_from_i64(int64_t v)
{
	return (struct decimal){.v = (crm_i128)v * ONE};
}

double
decimal_double(struct decimal d)
{
	return (double)d.v / ONE;
}

int
decimal_cmp(struct decimal a, struct decimal b)
{
	return (a.v > b.v) - (a.v < b.v);
}

/* Digits behind the point that are needed, at least MIN. */
static int
digits_shown(uint64_t part, int min)
{
	int shown = DECIMAL_SCALE;

	for (; shown > min && part % 10 == 0; shown--)
		part /= 10;
	return shown;
}

/* What most amounts are: not negative, with two digits and no more; NULL for
 * all others. Takes DECIMAL_TEXT bytes at P. */
static char *
cents_write(crm_i128 v, int min, char *p)
{
	enum { CENT = ONE / 100 };
	uint64_t whole, part, cents;

	if (min != 2 || v < 0 || v > (crm_i128)UINT64_MAX)
		return NULL;
	whole = (uint64_t)v / ONE;
	part = (uint64_t)v % ONE;
	cents = part / CENT;
	if (part % CENT != 0)
		return NULL;
	p = num_write(p, whole);
	p[0] = '.';
	p[1] = (char)('0' + cents / 10);
	p[2] = (char)('0' + cents % 10);
	return p + 3;
}

static char *
any_write(struct decimal d, int min, char *p)
{
	enum { BILLION_DIGITS = 9 };
	crm_u128 v = d.v < 0 ? -(crm_u128)d.v : (crm_u128)d.v;
	bool small = v <= UINT64_MAX; /* division of more takes its time */
	uint64_t part = small ? (uint64_t)v % ONE : (uint64_t)(v % ONE);
	char text[DECIMAL_TEXT], *end = text + sizeof(text), *at;
	int shown = digits_shown(part, min);

	for (int i = shown; i < DECIMAL_SCALE; i++)
		part /= 10;
	at = end;
	for (int i = 0; i < shown; i++, part /= 10)
		*--at = (char)('0' + part % 10);
	if (shown > 0)
		*--at = '.';
	v = small ? (uint64_t)v / ONE : v / ONE;
	while (v > UINT64_MAX) {
		char *low = num_digits((uint64_t)(v % ONE), at);

		while (at - low < BILLION_DIGITS)
			*--low = '0';
		at = low;
		v /= ONE;
	}
	at = num_digits((uint64_t)v, at);
	if (d.v < 0)
		*--at = '-';
	memcpy(p, at, (size_t)(end - at));
	return p + (end - at);
}

char *
decimal_write(struct decimal d, int min, char p[DECIMAL_TEXT])
{
	char *end = cents_write(d.v, min, p);

	return end ? end : any_write(d, min, p);
}

void
decimal_print(struct decimal d, int min, struct buf *out)
{
	char *p = buf_room(out, DECIMAL_TEXT), *end;

	if (!p)
		return;
	end = decimal_write(d, min, p);
	*end = '\0';
	out->n = (size_t)(end - out->p);
}

void
decimal_put(struct decimal d, unsigned char out[DECIMAL_BYTES])
{
	crm_u128 u = (crm_u128)d.v ^ ((crm_u128)1 << 127);

	num_put64(out, (uint64_t)(u >> 64));
	num_put64(out + 8, (uint64_t)u);
}

struct decimal
decimal_get(const unsigned char in[DECIMAL_BYTES])
{
	crm_u128 u = (crm_u128)num_get64(in) << 64 | num_get64(in + 8);

	return (struct decimal){.v = (crm_i128)(u ^ ((crm_u128)1 << 127))};
}
