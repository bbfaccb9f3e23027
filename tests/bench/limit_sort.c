/* SPDX-License-Identifier: ISC */
/* limit_sort: see limit_sort.h. */
#include <stdlib.h>
#include <string.h>

#include "limit.h"
#include "limit_sort.h"

enum { CHUNK = 1 << 20 };

static void *
need(void *p)
{
	if (!p)
		limit_die("sort", "no memory");
	return p;
}

char *
heap_add(struct heap *h, uint64_t prefix, size_t n)
{
	char *p;

	if (h->count == h->size) {
		h->size = h->size ? h->size * 2 : 1 << 16;
		h->entries =
		    need(realloc(h->entries, h->size * sizeof *h->entries));
	}
	if (n > h->left || !h->chunk) {
		h->left = n > CHUNK ? n : CHUNK;
		h->chunk = need(malloc(h->left));
	}
	p = h->chunk;
	h->chunk += n;
	h->left -= n;
	h->entries[h->count++] = (struct entry){prefix, p, (uint32_t)n};
	return p;
}

uint64_t
bytes_prefix(const char *s, size_t n)
{
	uint64_t p = 0;

	memcpy(&p, s, n < sizeof p ? n : sizeof p);
	return __builtin_bswap64(p);
}

/* One pass by the byte at SHIFT; returns whether anything had to move. */
static int
pass(const struct entry *from, struct entry *to, size_t n, unsigned shift)
{
	size_t at[256] = {0}, sum = 0, count;

	for (size_t i = 0; i < n; i++)
		at[from[i].prefix >> shift & 255]++;
	if (at[from[0].prefix >> shift & 255] == n)
		return 0;
	for (unsigned b = 0; b < 256; b++) {
		count = at[b];
		at[b] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i].prefix >> shift & 255]++] = from[i];
	return 1;
}

void
heap_sort(struct heap *h)
{
	struct entry *from = h->entries, *to, *t;

	if (h->count == 0)
		return;
	to = need(malloc(h->count * sizeof *to));
	for (unsigned shift = 0; shift < 64; shift += 8)
		if (pass(from, to, h->count, shift)) {
			t = from;
			from = to;
			to = t;
		}
	free(to);
	h->entries = from;
	h->size = h->count;
}

static int
by_bytes(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = memcmp(x->bytes, y->bytes, x->n < y->n ? x->n : y->n);

	return order ? order : (x->n > y->n) - (x->n < y->n);
}

void
heap_sort_bytes(struct heap *h)
{
	size_t end;

	heap_sort(h);
	for (size_t i = 0; i < h->count; i = end) {
		end = i + 1;
		while (end < h->count &&
		       h->entries[end].prefix == h->entries[i].prefix)
			end++;
		if (end > i + 1)
			qsort(h->entries + i, end - i, sizeof *h->entries,
			    by_bytes);
	}
}
