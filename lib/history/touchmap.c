/* SPDX-License-Identifier: ISC */
/* touchmap: pages of a hundred numbers, found by hashing; names with a tag
 * in a table of their own. */
#include "history/touchmap.h"

enum { PAGE = 100, SLOTS = 64 };

struct touch_page {
	uint64_t key;
	uint32_t value[PAGE];
};

struct touch_range {
	struct buf prefix;
	uint64_t highest;
	struct touch_page *pages;
	size_t n, cap;
	uint32_t *slots; /* 1 + index of a page */
	size_t mask;
	size_t last; /* the page found last: neighbours come together */
};

struct touch_tagged {
	size_t name, len; /* len = 0: free */
	uint32_t value;
};

static bool
has_tag(const struct file_name *f)
{
	return str_chr(f->name, '-') < f->name.n;
}

static size_t
slot_find(const struct touch_range *r, uint64_t key)
{
	size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & r->mask;

	while (r->slots[i] != 0 && r->pages[r->slots[i] - 1].key != key)
		i = (i + 1) & r->mask;
	return i;
}

static bool
slots_grow(struct touch_range *r)
{
	size_t n = r->slots ? 2 * (r->mask + 1) : SLOTS;
	uint32_t *slots = calloc(n, sizeof(*slots));

	if (!slots)
		return false;
	free(r->slots);
	r->slots = slots;
	r->mask = n - 1;
	for (size_t i = 0; i < r->n; i++)
		slots[slot_find(r, r->pages[i].key)] = (uint32_t)(i + 1);
	return true;
}

static struct touch_page *
page_find(const struct touch_range *r, uint64_t key)
{
	uint32_t i;

	if (r->n == 0)
		return NULL;
	if (r->pages[r->last].key == key)
		return &r->pages[r->last];
	i = r->slots[slot_find(r, key)];
	return i > 0 ? &r->pages[i - 1] : NULL;
}

static struct touch_page *
page_new(struct touch_range *r, uint64_t key)
{
	if ((!r->slots || 2 * r->n > r->mask) && !slots_grow(r))
		return NULL;
	if (r->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 8;
		struct touch_page *p;

		if (cap > UINT32_MAX / 2)
			return NULL;
		p = realloc(r->pages, cap * sizeof(*p));
		if (!p)
			return NULL;
		r->pages = p;
		r->cap = cap;
	}
	r->slots[slot_find(r, key)] = (uint32_t)(r->n + 1);
	r->pages[r->n] = (struct touch_page){.key = key};
	return &r->pages[r->n++];
}

static struct touch_range *
range_find(const struct touchmap *m, struct str prefix)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(str_of(&m->ranges[i].prefix), prefix))
			return &m->ranges[i];
	return NULL;
}

static struct touch_range *
range_make(struct touchmap *m, struct str prefix)
{
	struct touch_range *r = range_find(m, prefix);

	if (r)
		return r;
	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 8;

		r = realloc(m->ranges, cap * sizeof(*r));
		if (!r)
			return NULL;
		m->ranges = r;
		m->cap = cap;
	}
	r = &m->ranges[m->n];
	*r = (struct touch_range){0};
	buf_add(&r->prefix, prefix);
	if (r->prefix.failed)
		return NULL;
	m->n++;
	return r;
}

static size_t
tagged_find(const struct touchmap *m, struct str name)
{
	size_t h = 5381, i;

	for (i = 0; i < name.n; i++)
		h = h * 33 ^ (unsigned char)name.p[i];
	for (i = h & (m->tagged_cap - 1); m->tagged[i].len > 0;
	     i = (i + 1) & (m->tagged_cap - 1)) {
		const struct touch_tagged *t = &m->tagged[i];

		if (str_eq((struct str){.p = m->names.p + t->name, .n = t->len},
			name))
			break;
	}
	return i;
}

static bool
tagged_grow(struct touchmap *m)
{
	struct touch_tagged *old = m->tagged;
	size_t n = m->tagged_cap;
	struct touch_tagged *new = calloc(n ? 2 * n : SLOTS, sizeof(*new));

	if (!new)
		return false;
	m->tagged = new;
	m->tagged_cap = n ? 2 * n : SLOTS;
	for (size_t i = 0; i < n; i++)
		if (old[i].len > 0)
			new[tagged_find(
			    m, (struct str){.p = m->names.p + old[i].name,
				   .n = old[i].len})] = old[i];
	free(old);
	return true;
}

static uint32_t *
tagged_at(struct touchmap *m, struct str name)
{
	struct touch_tagged *t;

	if (2 * m->tagged_n >= m->tagged_cap && !tagged_grow(m))
		return NULL;
	t = &m->tagged[tagged_find(m, name)];
	if (t->len == 0) {
		size_t at = m->names.n;

		buf_add(&m->names, name);
		if (m->names.failed)
			return NULL;
		*t = (struct touch_tagged){.name = at, .len = name.n};
		m->tagged_n++;
	}
	return &t->value;
}

uint32_t *
touchmap_at(struct touchmap *m, const struct file_name *f)
{
	struct touch_range *r = range_make(m, f->prefix);
	struct touch_page *p;

	if (!r)
		return NULL;
	if (f->num > r->highest)
		r->highest = f->num;
	if (has_tag(f))
		return tagged_at(m, f->name);
	p = page_find(r, f->num / PAGE);
	if (!p)
		p = page_new(r, f->num / PAGE);
	if (!p)
		return NULL;
	r->last = (size_t)(p - r->pages);
	return &p->value[f->num % PAGE];
}

uint32_t
touchmap_get(const struct touchmap *m, const struct file_name *f)
{
	const struct touch_range *r = range_find(m, f->prefix);
	const struct touch_page *p;

	if (!r)
		return 0;
	if (has_tag(f))
		return m->tagged_cap ? m->tagged[tagged_find(m, f->name)].value
				     : 0;
	p = page_find(r, f->num / PAGE);
	return p ? p->value[f->num % PAGE] : 0;
}

uint64_t
touchmap_highest(const struct touchmap *m, struct str prefix)
{
	const struct touch_range *r = range_find(m, prefix);

	return r ? r->highest : 0;
}

void
touchmap_clear(struct touchmap *m)
{
	for (size_t i = 0; i < m->n; i++) {
		buf_clear(&m->ranges[i].prefix);
		free(m->ranges[i].pages);
		free(m->ranges[i].slots);
	}
	free(m->ranges);
	free(m->tagged);
	buf_clear(&m->names);
	*m = (struct touchmap){0};
}
