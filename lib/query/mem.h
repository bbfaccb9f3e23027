/* SPDX-License-Identifier: ISC */
/* mem: memory that lives as long as a query and is freed at once. */
#ifndef CRM_QUERY_MEM_H
#define CRM_QUERY_MEM_H

#include "base/base.h"
#include "base/str.h"

struct mem_block;

/* { 0 } is valid; freed by mem_clear. */
struct mem {
	struct mem_block *blocks;
};

/* N zero bytes, aligned for any object; NULL when memory ran out. */
void *mem_get(struct mem *m, size_t n);
/* Room for COUNT objects of SIZE bytes; NULL also when that overflows. */
void *mem_array(struct mem *m, size_t count, size_t size);
/* A copy of S; *ok is cleared when memory ran out, else left alone. */
struct str mem_str(struct mem *m, struct str s, bool *ok);
void mem_clear(struct mem *m);

#endif
