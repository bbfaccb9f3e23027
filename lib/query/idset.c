/* SPDX-License-Identifier: ISC */
/* idset: counter and tag of an id packed in one number. */
#include "query/idset.h"

static uint64_t
pack(struct id id)
{
	return id.num << 16 | id.tag;
}

void
idset_add(struct idset *s, struct id id)
{
	uint64_t v = pack(id);

	if (s->n && s->list[s->n - 1] >= v) {
		if (s->list[s->n - 1] == v)
			return;
		s->unsorted = true;
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

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void
idset_sort(struct idset *s)
{
	size_t kept = 0;

	if (!s->unsorted)
		return;
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
	uint64_t v = pack(id);
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
	s->unsorted = false;
}

void
idset_clear(struct idset *s)
{
	free(s->list);
	*s = (struct idset){0};
}
