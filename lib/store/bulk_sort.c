/* SPDX-License-Identifier: ISC */
/* bulk_sort: the keys of a batch in order, by eight bytes at a time. */
#include "store/bulk.h"

static bool
before_eq(const struct pending *p, size_t i, size_t j)
{
	return str_cmp(pend_key_at(p, i), pend_key_at(p, j)) <= 0;
}

static void
sort_few(struct pending *p, size_t at, size_t n)
{
	for (size_t i = at + 1; i < at + n; i++)
		for (size_t j = i; j > at && !before_eq(p, j - 1, j); j--) {
			struct pend x = p->v[j];

			p->v[j] = p->v[j - 1];
			p->v[j - 1] = x;
		}
}

static bool
in_order(const struct pending *p, size_t at, size_t n)
{
	for (size_t i = at + 1; i < at + n; i++)
		if (!before_eq(p, i - 1, i))
			return false;
	return true;
}

/*
 * Sorts a range, the same up to DEPTH, by the eight bytes there, and what has
 * those in common by the next ones; equal keys stay in the order of arrival.
 * It calls itself once for every eight bytes of a key at most.
 */
static void
sort_range(
    struct pending *p, size_t at, size_t n, size_t depth, struct pend *other)
{
	enum { FEW = 16 };
	size_t end = at + n, next;

	if (n < FEW || depth > KEY_MAX) {
		sort_few(p, at, n);
		return;
	}
	for (size_t i = at; i < end; i++)
		p->v[i].prefix = key_bytes_at(pend_key_at(p, i), depth);
	radix_sort(p->v + at, n, other);
	for (; at < end; at = next) {
		next = at + 1;
		while (next < end && p->v[next].prefix == p->v[at].prefix)
			next++;
		if (next - at > 1 && !in_order(p, at, next - at))
			sort_range(p, at, next - at, depth + 8, other);
	}
}

bool
pend_sort(struct pending *p)
{
	struct pend *other;

	if (in_order(p, 0, p->n))
		return true;
	other = malloc(p->n * sizeof(*other));
	if (!other)
		return false;
	sort_range(p, 0, p->n, p->common, other);
	free(other);
	return true;
}

bool
pend_outdated(bool again, const struct pending *p, size_t i)
{
	return again && i + 1 < p->n &&
	       str_eq(pend_key_at(p, i), pend_key_at(p, i + 1));
}
