/* SPDX-License-Identifier: ISC */
/*
 * str: text as (pointer, length). A struct str borrows: it is valid as long
 * as the bytes it points into. A struct buf owns: it grows, remembers its
 * first failure and is freed by buf_clear. Both are valid when zero.
 */
#ifndef CRM_STR_H
#define CRM_STR_H

#include "base/base.h"

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
struct str str_of(const struct buf *b);
int str_int(size_t n); /* n, at most INT_MAX: for "%.*s" */

bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *z); /* equal to a C string */
int str_cmp(struct str a, struct str b);  /* bytewise; shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_trim(struct str s); /* without outer blanks, tabs */
struct str str_from_pos(struct str s, size_t at); /* s[at..]; "" past the end */
struct str str_head(struct str s, size_t n);	  /* s[0..n) */
/* Offset of the first C or of the first occurrence of NEEDLE; s.n if none. */
size_t str_chr(struct str s, char c);
size_t str_find(struct str s, struct str needle);
/* Equal when ASCII letters are compared without case. */
bool str_ieq(struct str a, struct str b);

/*
 * Takes the text up to the next SEP off REST and returns it. The last part
 * sets rest->p to NULL; a NULL rest->p on entry means there is none left:
 *     for (rest = s; rest.p;) { item = str_cut(&rest, ','); ... }
 * An empty s with a non-NULL p gives one empty part.
 */
struct str str_cut(struct str *rest, char sep);

void buf_add(struct buf *b, struct str s);
void buf_addz(struct buf *b, const char *z);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) CRM_PRINTF(2, 3);
void buf_addu(struct buf *b, uint64_t v); /* decimal digits */
/* Room for N more bytes; NULL and b->failed when memory runs out. The caller
 * writes at the returned place and adds what it used to b->n. */
char *buf_room(struct buf *b, size_t n);
void buf_insert(struct buf *b, size_t at, struct str s);
void buf_reset(struct buf *b); /* empty, memory and failure kept */
void buf_clear(struct buf *b); /* frees; the buf is zero again */
/* The content as a C string, never NULL; valid until the buf changes. */
const char *buf_z(const struct buf *b);

#endif
