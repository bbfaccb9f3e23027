/* SPDX-License-Identifier: ISC */
/* block: the one way from a source to bytes in memory. */
#include "text/block.h"

#include <errno.h>

enum { FIRST = 256 << 10 };

enum crm_err
block_room(struct block *b, struct diag *dg)
{
	size_t cap;
	char *p;

	if (b->start > 0) {
		memmove(b->p, b->p + b->start, b->end - b->start);
		b->offset += b->start;
		b->end -= b->start;
		b->start = 0;
	}
	if (b->end < b->cap)
		return CRM_OK;
	cap = b->cap ? b->cap * 2 : FIRST;
	p = realloc(b->p, cap);
	if (!p)
		return diag_nomem(dg);
	b->p = p;
	b->cap = cap;
	return CRM_OK;
}

int
block_read(struct block *b)
{
	ptrdiff_t n;

	do {
		errno = 0;
		n = b->src.read(b->src.arg, b->p + b->end, b->cap - b->end);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno ? errno : EIO;
	b->eof = n == 0;
	b->end += (size_t)n;
	return 0;
}

enum crm_err
block_fault(const struct block *b, int error, struct diag *dg)
{
	return diag_set(
	    dg, CRM_IO, "%s: cannot read: %s", b->src.name, strerror(error));
}
