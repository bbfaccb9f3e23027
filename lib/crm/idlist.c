/* SPDX-License-Identifier: ISC */
/* idlist: open addressing over an array of ids. */
#include "crm/idlist.h"

static size_t
id_hash(struct id id)
{
	uint64_t h =
	    id.num ^ ((uint64_t)id.kind << 48) ^ ((uint64_t)id.tag << 32);

	/* Fibonacci hashing: counters differ in their low bits only. */
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h >> 32);
}

/* The place of ID in the table: where it is or where it would go. */
static size_t
idlist_place(const struct idlist *s, struct id id)
{
	size_t i = id_hash(id) & (s->size - 1);

	while (s->table[i] && !id_eq(s->ids[s->table[i] - 1], id))
		i = (i + 1) & (s->size - 1);
	return i;
}

static bool
idlist_grow(struct idlist *s)
{
	size_t i, size = s->size ? s->size * 2 : 64;
	size_t *table = calloc(size, sizeof(*table));
	struct id *ids = realloc(s->ids, size / 2 * sizeof(*ids));

	if (ids)
		s->ids = ids;
	if (!table || !ids) {
		free(table);
		return false;
	}
	free(s->table);
	s->table = table;
	s->size = size;
	s->cap = size / 2;
	for (i = 0; i < s->n; i++)
		s->table[idlist_place(s, s->ids[i])] = i + 1;
	return true;
}

bool
idlist_add(struct idlist *s, struct id id, bool *fresh)
{
	size_t at;

	if (fresh)
		*fresh = false;
	if (s->n == s->cap && !idlist_grow(s))
		return false;
	at = idlist_place(s, id);
	if (s->table[at])
		return true;
	s->ids[s->n++] = id;
	s->table[at] = s->n;
	if (fresh)
		*fresh = true;
	return true;
}

bool
idlist_has(const struct idlist *s, struct id id)
{
	return s->size && s->table[idlist_place(s, id)];
}

void
idlist_clear(struct idlist *s)
{
	free(s->ids);
	free(s->table);
	*s = (struct idlist){0};
}
