/* SPDX-License-Identifier: ISC */
/* idset: counter and tag of an id packed in one number. */
#include "query/idset.h"

uint64_t
idset_pack(struct id id)
{
	return id.num << 16 | id.tag;
}

void
idset_add(struct idset *s, struct id id)
{
	idset_add_packed(s, idset_pack(id));
}

void
idset_add_packed(struct idset *s, uint64_t v)
{
	if (s->n && s->list[s->n - 1] >= v) {
		if (s->list[s->n - 1] == v)
			return;
		s->unsorted = true;
	}
	if (s->most && s->n == s->most) {
		s->full = true;
		return;
	}
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		uint64_t *list = NULL;

		if (cap <= SIZE_MAX / sizeof(*list))
			list = realloc(s->list, cap * sizeof(*list));
		if (!list) {
			s->failed = true;
			return;
		}
		s->list = list;
		s->cap = cap;
	}
	s->list[s->n++] = v;
}

/* Puts the N numbers at FROM in order of one byte of them. */
static void
scatter(const uint64_t *from, size_t n, unsigned shift, uint64_t *to)
{
	size_t starts[256] = {0}, at = 0;

	for (size_t i = 0; i < n; i++)
		starts[from[i] >> shift & 0xff]++;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		size_t count = starts[i];

		starts[i] = at;
		at += count;
	}
	for (size_t i = 0; i < n; i++)
		to[starts[from[i] >> shift & 0xff]++] = from[i];
}

/* Sorts by the bytes that differ; false when there is no memory for it. */
static bool
sort_bytes(struct idset *s)
{
	uint64_t *to = malloc(s->n * sizeof(*to)), *swap;
	uint64_t differ = 0;

	if (!to)
		return false;
	for (size_t i = 0; i < s->n; i++)
		differ |= s->list[i] ^ s->list[0];
	for (unsigned shift = 0; shift < 64; shift += 8) {
		if ((differ >> shift & 0xff) == 0)
			continue;
		scatter(s->list, s->n, shift, to);
		swap = s->list;
		s->list = to;
		to = swap;
		s->cap = s->n;
	}
	free(to);
	return true;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void
idset_sort(struct idset *s)
{
	enum { FEW = 64 }; /* so many are sorted faster by comparing */
	size_t kept = 0;

	if (!s->unsorted)
		return;
	if (s->n <= FEW || !sort_bytes(s))
		qsort(s->list, s->n, sizeof(*s->list), compare);
	for (size_t i = 0; i < s->n; i++)
		if (!kept || s->list[kept - 1] != s->list[i])
			s->list[kept++] = s->list[i];
	s->n = kept;
	s->unsorted = false;
}

bool
idset_has(const struct idset *s, struct id id)
{
	uint64_t v = idset_pack(id);
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->list[mid] < v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->n && s->list[lo] == v;
}

struct id
idset_at(const struct idset *s, size_t i, uint16_t kind)
{
	return (struct id){
	    .num = s->list[i] >> 16,
	    .tag = (uint16_t)(s->list[i] & 0xffff),
	    .kind = kind,
	};
}

void
idset_reset(struct idset *s)
{
	s->n = 0;
	s->unsorted = s->full = false;
}

void
idset_clear(struct idset *s)
{
	free(s->list);
	*s = (struct idset){0};
}
