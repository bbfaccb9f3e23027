/* SPDX-License-Identifier: ISC */
/*
 * str: text as (pointer, length). A struct str borrows: it is valid as long
 * as the bytes it points into. A struct buf owns: it grows, remembers its
 * first failure and is freed by buf_clear. Both are valid when zero.
 */
#ifndef CRM_STR_H
#define CRM_STR_H

#include "base/base.h"

#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* Bytes [0, n) are the content; p[n] is NUL whenever p is not NULL. */
struct buf {
	char *p;
	size_t n;
	size_t cap;
	bool failed; /* an append ran out of memory; content is incomplete */
};

#define STR(lit) ((struct str){.p = (lit), .n = sizeof(lit) - 1})
/* For printf: "%.*s", STR_ARG(s). Lengths are cut at INT_MAX. */
#define STR_ARG(s) str_int((s).n), ((s).p ? (s).p : "")

struct str str_from(const char *z); /* a view of a NUL-terminated string */
int str_int(size_t n);		    /* n, at most INT_MAX: for "%.*s" */

bool str_is(struct str a, const char *z); /* equal to a C string */
int str_cmp(struct str a, struct str b);  /* bytewise; shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Offset of the first occurrence of NEEDLE; s.n if there is none. */
size_t str_find(struct str s, struct str needle);
/* Equal when ASCII letters are compared without case. */
bool str_ieq(struct str a, struct str b);

void buf_addz(struct buf *b, const char *z);
void buf_addf(struct buf *b, const char *fmt, ...) CRM_PRINTF(2, 3);
void buf_addu(struct buf *b, uint64_t v); /* decimal digits */
/* buf_room where the memory is too small. */
char *buf_grow(struct buf *b, size_t n);
/* buf_room for one that will hardly grow any more: it takes no more memory than
 * it has to. */
char *buf_exact(struct buf *b, size_t n);
void buf_insert(struct buf *b, size_t at, struct str s);
void buf_clear(struct buf *b); /* frees; the buf is zero again */
/* The content as a C string, never NULL; valid until the buf changes. */
const char *buf_z(const struct buf *b);

/* ---- the short ones, which every loop calls --------------------------- */

static inline struct str
str_of(const struct buf *b)
{
	return (struct str){.p = b->p ? b->p : "", .n = b->n};
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* s[at..]; "" past the end */
static inline struct str
str_from_pos(struct str s, size_t at)
{
	if (at >= s.n)
		return (struct str){.p = s.p ? s.p + s.n : "", .n = 0};
	return (struct str){.p = s.p + at, .n = s.n - at};
}

/* s[0..n) */
static inline struct str
str_head(struct str s, size_t n)
{
	return (struct str){.p = s.p, .n = n < s.n ? n : s.n};
}

/* Without outer blanks and tabs. */
static inline struct str
str_trim(struct str s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* Offset of the first C; s.n if there is none. */
static inline size_t
str_chr(struct str s, char c)
{
	const char *at = s.n ? (const char *)memchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}

/*
 * Takes the text up to the next SEP off REST and returns it. The last part
 * sets rest->p to NULL; a NULL rest->p on entry means there is none left:
 *     for (rest = s; rest.p;) { item = str_cut(&rest, ','); ... }
 * An empty s with a non-NULL p gives one empty part.
 */
static inline struct str
str_cut(struct str *rest, char sep)
{
	struct str head = *rest;

	head.n = str_chr(*rest, sep);
	if (head.n == rest->n)
		*rest = (struct str){.p = NULL, .n = 0};
	else
		*rest = (struct str){
		    .p = rest->p + head.n + 1, .n = rest->n - head.n - 1};
	return head;
}

/* Room for N more bytes; NULL and b->failed when memory runs out. The caller
 * writes at the returned place and adds what it used to b->n. */
static inline char *
buf_room(struct buf *b, size_t n)
{
	return b->cap > b->n && b->cap - b->n > n ? b->p + b->n
						  : buf_grow(b, n);
}

static inline void
buf_add(struct buf *b, struct str s)
{
	char *p = buf_room(b, s.n);

	if (!p)
		return;
	if (s.n)
		memcpy(p, s.p, s.n);
	b->n += s.n;
	b->p[b->n] = '\0';
}

static inline void
buf_addc(struct buf *b, char c)
{
	char *p = buf_room(b, 1);

	if (!p)
		return;
	p[0] = c;
	p[1] = '\0';
	b->n++;
}

/* Empty; memory and failure are kept. */
static inline void
buf_reset(struct buf *b)
{
	b->n = 0;
	if (b->p)
		b->p[0] = '\0';
}

#endif
