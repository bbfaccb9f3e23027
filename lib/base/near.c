/* SPDX-License-Identifier: ISC */
/* near: edit distance for "did you mean". */
#include "base/near.h"

enum { NEAR_MAX = 48 }; /* longer words are not compared */

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/*
 * Optimal string alignment (Damerau 1964 restricted to one edit a
 * substring): insert, delete, change, swap of neighbours cost one each.
 */
unsigned
near_distance(struct str a, struct str b, unsigned limit)
{
	unsigned rows[3][NEAR_MAX + 1];
	unsigned *two = rows[0], *one = rows[1], *now = rows[2];

	if (a.n > NEAR_MAX || b.n > NEAR_MAX)
		return limit + 1;
	for (size_t j = 0; j <= b.n; j++)
		one[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *spare = two;

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			char x = lower(a.p[i - 1]), y = lower(b.p[j - 1]);
			unsigned d = one[j - 1] + (x == y ? 0 : 1);

			d = least(d, least(one[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && x == lower(b.p[j - 2]) &&
			    y == lower(a.p[i - 2]))
				d = least(d, two[j - 2] + 1);
			now[j] = d;
		}
		two = one;
		one = now;
		now = spare;
	}
	return least(one[b.n], limit + 1);
}

void
near_offer(struct near *n, struct str candidate)
{
	unsigned limit = n->word.n <= 3 ? 1 : n->word.n <= 7 ? 2 : 3;
	unsigned d = near_distance(n->word, candidate, limit);

	if (d > limit || d >= candidate.n)
		return;
	if (n->best.n == 0 || d < n->distance) {
		n->best = candidate;
		n->distance = d;
	}
}
