/* SPDX-License-Identifier: ISC */
/* limit_sort: bytes that are collected and put in order. */
#ifndef BENCH_LIMIT_SORT_H
#define BENCH_LIMIT_SORT_H

#include <stddef.h>
#include <stdint.h>

struct entry {
	uint64_t prefix; /* sorted by this first */
	const char *bytes;
	uint32_t n;
};

struct heap {
	struct entry *entries;
	size_t count, size;
	char *chunk; /* the bytes lie in chunks that are never moved */
	size_t left;
};

/* returns room for n bytes; the caller fills it */
char *heap_add(struct heap *h, uint64_t prefix, size_t n);
/* by prefix; equal ones keep their order */
void heap_sort(struct heap *h);
/* by all bytes, of which prefix holds the first eight */
void heap_sort_bytes(struct heap *h);
/* the first eight bytes, or fewer and zeros, as a number */
uint64_t bytes_prefix(const char *s, size_t n);

#endif
