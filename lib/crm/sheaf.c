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
