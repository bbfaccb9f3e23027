/* SPDX-License-Identifier: ISC */
/* str: views and growable buffers. */
#include "base/str.h"

#include "base/num.h"

#include <limits.h>
#include <stdarg.h>

struct str
str_from(const char *z)
{
	return (struct str){.p = z, .n = z ? strlen(z) : 0};
}

int
str_int(size_t n)
{
	return n > INT_MAX ? INT_MAX : (int)n;
}

bool
str_is(struct str a, const char *z)
{
	return str_eq(a, str_from(z));
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c != 0)
		return c;
	return (a.n > b.n) - (a.n < b.n);
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_head(s, prefix.n), prefix);
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	       str_eq(str_from_pos(s, s.n - suffix.n), suffix);
}

size_t
str_find(struct str s, struct str needle)
{
	size_t at = 0;

	if (needle.n == 0)
		return 0;
	while (s.n - at >= needle.n) {
		const char *hit =
		    memchr(s.p + at, needle.p[0], s.n - at - needle.n + 1);

		if (!hit)
			return s.n;
		if (memcmp(hit, needle.p, needle.n) == 0)
			return (size_t)(hit - s.p);
		at = (size_t)(hit - s.p) + 1;
	}
	return s.n;
}

static unsigned char
ascii_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

bool
str_ieq(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ascii_lower((unsigned char)a.p[i]) !=
		    ascii_lower((unsigned char)b.p[i]))
			return false;
	return true;
}

/* B gets memory of CAP bytes. */
static char *
buf_resize(struct buf *b, size_t cap)
{
	char *p = realloc(b->p, cap);

	if (!p) {
		b->failed = true;
		return NULL;
	}
	b->p = p;
	b->cap = cap;
	b->p[b->n] = '\0';
	return b->p + b->n;
}

static bool
buf_can_grow(struct buf *b, size_t n)
{
	if (n > SIZE_MAX / 2 - b->n - 1)
		b->failed = true;
	return !b->failed;
}

char *
buf_grow(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 64;

	if (!buf_can_grow(b, n))
		return NULL;
	while (cap < b->n + n + 1)
		cap *= 2;
	return buf_resize(b, cap);
}

char *
buf_exact(struct buf *b, size_t n)
{
	if (!buf_can_grow(b, n))
		return NULL;
	return b->cap > b->n + n ? b->p + b->n : buf_resize(b, b->n + n + 1);
}

void
buf_addz(struct buf *b, const char *z)
{
	buf_add(b, str_from(z));
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;
	char *p;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	p = buf_room(b, (size_t)n);
	if (!p)
		return;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

void
buf_addu(struct buf *b, uint64_t v)
{
	enum { DIGITS = 20 };
	char *p = buf_room(b, DIGITS), *end;

	if (!p)
		return;
	end = num_write(p, v);
	*end = '\0';
	b->n = (size_t)(end - b->p);
}

void
buf_insert(struct buf *b, size_t at, struct str s)
{
	if (!buf_room(b, s.n) || at > b->n || s.n == 0)
		return;
	memmove(b->p + at + s.n, b->p + at, b->n - at + 1);
	memcpy(b->p + at, s.p, s.n);
	b->n += s.n;
}

void
buf_clear(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}

const char *
buf_z(const struct buf *b)
{
	return b->p ? b->p : "";
}
