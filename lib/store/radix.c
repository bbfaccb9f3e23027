/* SPDX-License-Identifier: ISC */
/* radix: sorts pairs by a number of eight bytes; those with the same one
 * stay in their order. */
#include "store/priv.h"

enum { DIGITS = 8, BUCKETS = 256, FEW = 48 };

static void
sort_few(struct pend *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct pend x = v[i];
		size_t j = i;

		for (; j > 0 && v[j - 1].prefix > x.prefix; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

static void
scatter(const struct pend *from, size_t n, unsigned shift, size_t *starts,
    struct pend *to)
{
	size_t at = 0;

	for (size_t i = 0; i < BUCKETS; i++) {
		size_t count = starts[i];

		starts[i] = at;
		at += count;
	}
	for (size_t i = 0; i < n; i++)
		to[starts[from[i].prefix >> shift & 0xff]++] = from[i];
}

void
radix_sort(struct pend *v, size_t n, struct pend *other)
{
	size_t counts[DIGITS][BUCKETS];
	struct pend *from = v, *to = other;

	if (n <= FEW) {
		sort_few(v, n);
		return;
	}
	memset(counts, 0, sizeof(counts));
	for (size_t i = 0; i < n; i++)
		for (unsigned d = 0; d < DIGITS; d++)
			counts[d][v[i].prefix >> 8 * d & 0xff]++;
	for (unsigned d = 0; d < DIGITS; d++) {
		struct pend *swap = from;

		/* All have the same digit. */
		if (counts[d][v[0].prefix >> 8 * d & 0xff] == n)
			continue;
		scatter(from, n, 8 * d, counts[d], to);
		from = to;
		to = swap;
	}
	if (from != v)
		memcpy(v, from, n * sizeof(*v));
}
