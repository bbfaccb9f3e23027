/* SPDX-License-Identifier: ISC */
/* posting: the three ways to write a row of numbers, and back. */
#include "store/posting.h"

#include "base/num.h"

enum { ROOM = POSTING_BYTES - POSTING_HEAD, LEB_MAX = 10 };

/* ---- LEB128 ----------------------------------------------------------- */

static size_t
leb_size(uint64_t v)
{
	size_t n = 1;

	while (v >= 0x80) {
		v >>= 7;
		n++;
	}
	return n;
}

static unsigned char *
leb_put(unsigned char *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (unsigned char)(v | 0x80);
		v >>= 7;
	}
	*p++ = (unsigned char)v;
	return p;
}

static bool
leb_get(const unsigned char **p, const unsigned char *end, uint64_t *v)
{
	*v = 0;
	for (unsigned shift = 0; *p < end && shift < 64; shift += 7) {
		unsigned char c = *(*p)++;

		*v |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return true;
	}
	return false;
}

/* ---- reading ---------------------------------------------------------- */

size_t
posting_count(struct str chunk)
{
	size_t n;

	if (chunk.n < POSTING_HEAD)
		return 0;
	n = num_get16((const unsigned char *)chunk.p + 1);
	return n <= POSTING_MOST ? n : 0;
}

static bool
read_distances(
    const unsigned char *p, const unsigned char *end, uint64_t *out, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t d;

		if (p < end && *p < 0x80)
			d = *p++;
		else if (!leb_get(&p, end, &d))
			return false;
		if (d == 0)
			return false;
		out[i] = out[i - 1] + d;
	}
	return p == end;
}

static bool
read_runs(
    const unsigned char *p, const unsigned char *end, uint64_t *out, size_t n)
{
	size_t i = 0;
	uint64_t at = out[0];

	while (true) {
		uint64_t more, d;

		if (!leb_get(&p, end, &more) || more >= n - i)
			return false;
		for (uint64_t j = 0; j <= more; j++)
			out[i++] = at++;
		if (i == n)
			return p == end;
		if (!leb_get(&p, end, &d) || d == 0)
			return false;
		at += d - 1;
	}
}

static bool
read_bits(
    const unsigned char *p, const unsigned char *end, uint64_t *out, size_t n)
{
	uint64_t first = out[0];
	size_t i = 0;

	for (size_t at = 0; p < end; p++, at += 8)
		for (unsigned c = *p; c; c &= c - 1) {
			if (i == n)
				return false;
			out[i++] = first + at + (unsigned)__builtin_ctz(c);
		}
	return i == n && out[0] == first;
}

bool
posting_read(struct str chunk, uint64_t first, uint64_t *out, size_t *n)
{
	const unsigned char *p = (const unsigned char *)chunk.p;
	const unsigned char *end = p + chunk.n;

	*n = posting_count(chunk);
	if (*n == 0)
		return false;
	out[0] = first;
	switch (p[0]) {
	case 'd':
		return read_distances(p + POSTING_HEAD, end, out, *n);
	case 'r':
		return read_runs(p + POSTING_HEAD, end, out, *n);
	case 'b':
		return read_bits(p + POSTING_HEAD, end, out, *n);
	default:
		return false;
	}
}

/* ---- writing ---------------------------------------------------------- */

/* How many of V fit each way, and in how many bytes. */
struct fit {
	size_t n, bytes;
};

/* *NEAR: how many follow the one before at once. */
static struct fit
fit_distances(const uint64_t *v, size_t n, size_t *near)
{
	struct fit f = {.n = 1};

	*near = 0;
	for (; f.n < n; f.n++) {
		uint64_t d = v[f.n] - v[f.n - 1];
		size_t size = d < 0x80 ? 1 : leb_size(d);

		if (f.bytes + size > ROOM)
			break;
		f.bytes += size;
		*near += d == 1;
	}
	return f;
}

static struct fit
fit_runs(const uint64_t *v, size_t n)
{
	struct fit f = {0};
	size_t at = 0;

	while (at < n) {
		size_t end = at + 1, size;

		while (end < n && v[end] == v[end - 1] + 1)
			end++;
		size = leb_size(end - at - 1);
		if (at > 0)
			size += leb_size(v[at] - v[at - 1]);
		if (f.bytes + size > ROOM)
			break;
		f.bytes += size;
		f.n = at = end;
	}
	return f;
}

static struct fit
fit_bits(const uint64_t *v, size_t n)
{
	struct fit f = {.n = n};

	if (v[n - 1] - v[0] >= (uint64_t)ROOM * 8) {
		size_t lo = 1, hi = n;

		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;

			if (v[mid] - v[0] < (uint64_t)ROOM * 8)
				lo = mid + 1;
			else
				hi = mid;
		}
		f.n = lo;
	}
	f.bytes = (size_t)((v[f.n - 1] - v[0]) / 8 + 1);
	return f;
}

static unsigned char *
put_runs(unsigned char *p, const uint64_t *v, size_t n)
{
	for (size_t at = 0, end; at < n; at = end) {
		end = at + 1;
		while (end < n && v[end] == v[end - 1] + 1)
			end++;
		if (at > 0)
			p = leb_put(p, v[at] - v[at - 1]);
		p = leb_put(p, end - at - 1);
	}
	return p;
}

static void
put_bits(unsigned char *p, size_t bytes, const uint64_t *v, size_t n)
{
	memset(p, 0, bytes);
	for (size_t i = 0; i < n; i++) {
		uint64_t at = v[i] - v[0];

		p[at / 8] |= (unsigned char)(1U << at % 8);
	}
}

/* The way by which the most fit; of those the shortest. */
static bool
better(struct fit a, struct fit b)
{
	return a.n > b.n || (a.n == b.n && a.bytes < b.bytes);
}

size_t
posting_write(const uint64_t *v, size_t n, struct buf *out)
{
	struct fit best, runs = {0}, bits;
	size_t near;
	unsigned char *p = (unsigned char *)buf_room(out, POSTING_BYTES);
	char how = 'd';

	if (n > POSTING_MOST)
		n = POSTING_MOST;
	if (!p || n == 0)
		return 0;
	best = fit_distances(v, n, &near);
	/* A run has two numbers. */
	if (near > best.n / 2)
		runs = fit_runs(v, n);
	bits = fit_bits(v, n);
	if (better(runs, best)) {
		best = runs;
		how = 'r';
	}
	if (better(bits, best)) {
		best = bits;
		how = 'b';
	}
	p[0] = (unsigned char)how;
	num_put16(p + 1, (uint16_t)best.n);
	p += POSTING_HEAD;
	if (how == 'r')
		put_runs(p, v, best.n);
	else if (how == 'b')
		put_bits(p, best.bytes, v, best.n);
	for (size_t i = 1; how == 'd' && i < best.n; i++)
		p = leb_put(p, v[i] - v[i - 1]);
	out->n += POSTING_HEAD + best.bytes;
	out->p[out->n] = '\0';
	return best.n;
}
