/* SPDX-License-Identifier: ISC */
/* block: what a reader of text holds of its input: unread bytes in one piece,
 * with room behind them. */
#ifndef CRM_BLOCK_H
#define CRM_BLOCK_H

#include "base/base.h"
#include "base/err.h"
#include "text/source.h"

/* A block of zeros with SRC is a start; P is the reader's to free. */
struct block {
	struct source src;
	char *p;
	size_t cap, start, end; /* unread bytes are [start, end) */
	uint64_t offset;	/* of p[0] in the input */
	bool eof;
};

/* Makes room behind the unread bytes: moves them down to p[0], and grows when
 * that is not enough. CRM_TEMP without memory. */
enum crm_err block_room(struct block *b, struct diag *dg) CRM_NODISCARD;

/* Reads once into the room, which there must be, and sets eof at the end; else
 * the errno of what went wrong, 0 when nothing did. */
int block_read(struct block *b) CRM_NODISCARD;

/* The message for such an errno. */
enum crm_err block_fault(const struct block *b, int error, struct diag *dg);

#endif
