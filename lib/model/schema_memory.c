/* SPDX-License-Identifier: ISC */
/* schema_memory: where a schema's parts live. */
#include "model/schema.h"
#include "model/schema_impl.h"

void *
schema_alloc(struct schema *s, size_t n)
{
	enum { ALIGN = sizeof(max_align_t), BLOCK = 4096 };
	struct block *b = s->blocks;
	size_t cap;
	void *p;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = (n + ALIGN - 1) / ALIGN * ALIGN;
	if (!b || b->cap - b->used < n) {
		cap = n > BLOCK ? n : BLOCK;
		b = calloc(1, sizeof *b + cap);
		if (!b)
			return NULL;
		b->cap = cap;
		b->next = s->blocks;
		s->blocks = b;
	}
	p = (char *)b->bytes + b->used;
	b->used += n;
	return p;
}

struct str
schema_copy(struct schema *s, struct str text)
{
	char *p = schema_alloc(s, text.n + 1);

	if (!p)
		return (struct str){0};
	if (text.n)
		memcpy(p, text.p, text.n);
	return (struct str){p, text.n};
}

/* Room for one more pointer in a list that doubles. */
static bool
list_grow(void **list, size_t n, size_t *cap)
{
	size_t want = *cap ? *cap * 2 : 32;
	void *p;

	if (n < *cap)
		return true;
	p = realloc(*list, want * sizeof(void *));
	if (!p)
		return false;
	*list = p;
	*cap = want;
	return true;
}

struct kind_slot *
schema_push_kind(struct schema *s)
{
	struct kind_slot *k = schema_alloc(s, sizeof *k);
	void *list = s->kinds;

	if (!k || !list_grow(&list, s->nkinds, &s->kinds_cap))
		return NULL;
	s->kinds = list;
	s->kinds[s->nkinds++] = k;
	return k;
}

struct field *
schema_push_field(struct schema *s)
{
	struct field *f = schema_alloc(s, sizeof *f);
	void *list = s->fields;

	if (!f || !list_grow(&list, s->nfields, &s->fields_cap))
		return NULL;
	s->fields = list;
	s->fields[s->nfields++] = f;
	return f;
}

struct schema *
schema_new(void)
{
	return calloc(1, sizeof(struct schema));
}

void
schema_free(struct schema *s)
{
	struct block *b, *next;

	if (!s)
		return;
	for (b = s->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	free(s->kinds);
	free(s->fields);
	free(s->room);
	free(s->copy);
	free(s);
}
