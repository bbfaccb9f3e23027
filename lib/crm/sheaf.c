/* SPDX-License-Identifier: ISC */
/* sheaf: texts by where they start, as their bytes move while they grow. */
#include "crm/sheaf.h"

void
sheaf_reset(struct sheaf *s)
{
	s->n = 0;
	buf_reset(&s->bytes);
}

void
sheaf_clear(struct sheaf *s)
{
	free(s->texts);
	free(s->starts);
	buf_clear(&s->bytes);
	*s = (struct sheaf){0};
}

static bool
grow(struct sheaf *s, size_t n)
{
	size_t cap = s->cap ? s->cap : 64;
	void *p;

	while (cap < n)
		cap *= 2;
	p = realloc(s->texts, cap * sizeof(*s->texts));
	if (!p)
		return false;
	s->texts = p;
	p = realloc(s->starts, cap * sizeof(*s->starts));
	if (!p)
		return false;
	s->starts = p;
	s->cap = cap;
	return true;
}

size_t
sheaf_room(struct sheaf *s, size_t n)
{
	size_t at = s->n;

	if (at + n > s->cap && !grow(s, at + n)) {
		s->failed = true;
		return at;
	}
	memset(s->texts + at, 0, n * sizeof(*s->texts));
	memset(s->starts + at, 0, n * sizeof(*s->starts));
	s->n = at + n;
	return at;
}

void
sheaf_put(struct sheaf *s, size_t at, struct str text)
{
	if (at >= s->n)
		return;
	s->starts[at] = s->bytes.n;
	s->texts[at].n = text.n;
	buf_add(&s->bytes, text);
}

void
sheaf_part(
    struct sheaf *s, size_t at, struct str text, size_t other, struct str whole)
{
	size_t from = (uintptr_t)text.p - (uintptr_t)whole.p;

	if (at >= s->n || other >= s->n)
		return;
	if (text.n == 0 || from > whole.n || text.n > whole.n - from) {
		sheaf_put(s, at, text);
		return;
	}
	s->starts[at] = s->starts[other] + from;
	s->texts[at].n = text.n;
}

bool
sheaf_settle(struct sheaf *s)
{
	const char *bytes = buf_z(&s->bytes);

	if (s->failed || s->bytes.failed)
		return false;
	for (size_t i = 0; i < s->n; i++)
		s->texts[i].p = bytes + s->starts[i];
	return true;
}
