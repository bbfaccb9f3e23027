/* SPDX-License-Identifier: ISC */
/* mem: a chain of blocks, each twice as large as the one before. */
#include "query/mem.h"

#include <stdalign.h>

struct mem_block {
	struct mem_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

enum { MEM_FIRST = 1024, MEM_LARGEST = 1 << 20 };

static struct mem_block *
mem_grow(struct mem *m, size_t n)
{
	size_t size = m->blocks ? m->blocks->size * 2 : MEM_FIRST;
	struct mem_block *b;

	if (size > MEM_LARGEST)
		size = MEM_LARGEST;
	if (size < n)
		size = n;
	if (size > SIZE_MAX - sizeof(*b))
		return NULL;
	b = calloc(1, sizeof(*b) + size);
	if (!b)
		return NULL;
	b->size = size;
	b->next = m->blocks;
	m->blocks = b;
	return b;
}

void *
mem_get(struct mem *m, size_t n)
{
	struct mem_block *b = m->blocks;
	void *p;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = (n + alignof(max_align_t)) & ~(alignof(max_align_t) - 1);
	if (!b || b->size - b->used < n)
		b = mem_grow(m, n);
	if (!b)
		return NULL;
	p = b->bytes + b->used;
	b->used += n;
	return p;
}

void *
mem_array(struct mem *m, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / 2 / size)
		return NULL;
	return mem_get(m, count * size);
}

struct str
mem_str(struct mem *m, struct str s, bool *ok)
{
	char *p = mem_get(m, s.n + 1);

	if (!p) {
		*ok = false;
		return (struct str){0};
	}
	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct str){.p = p, .n = s.n};
}

void
mem_clear(struct mem *m)
{
	while (m->blocks) {
		struct mem_block *next = m->blocks->next;

		free(m->blocks);
		m->blocks = next;
	}
}
