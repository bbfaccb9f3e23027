/* SPDX-License-Identifier: ISC */
/*
 * posting: the numbers of records that have a word, in order, as bytes. A
 * chunk is: how it is written, 1 byte; how many there are, 2 bytes; and what
 * follows the first one, which the key tells:
 *
 *   'd'  the distance to the next one, in LEB128, for each
 *   'r'  runs: how many more follow in a row, the distance from the last of
 *        them to the next run, and so on, in LEB128
 *   'b'  a bit for each number from the first on, lowest bit first
 */
#ifndef CRM_STORE_POSTING_H
#define CRM_STORE_POSTING_H

#include "base/base.h"
#include "base/str.h"

enum {
	POSTING_HEAD = 3,
	POSTING_BYTES = 4080 - 4, /* with a seal: a page of LMDB's */
	POSTING_MOST = 32768	  /* numbers in a chunk */
};

/* The numbers of a chunk; room for POSTING_MOST. False: damaged. */
bool posting_read(
    struct str chunk, uint64_t first, uint64_t *out, size_t *n) CRM_NODISCARD;

/* How many the chunk says it has; 0: damaged. */
size_t posting_count(struct str chunk);

/* Appends a chunk of as many of V[0..n) as fit, at most POSTING_MOST; how
 * many that were. */
size_t posting_write(const uint64_t *v, size_t n, struct buf *out);

#endif
