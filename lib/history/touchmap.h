/* SPDX-License-Identifier: ISC */
/* touchmap: a small number for each file's name: four bytes a record number,
 * more only for names with a tag. */
#ifndef CRM_TOUCHMAP_H
#define CRM_TOUCHMAP_H

#include "history/editor.h"

struct touchmap {
	struct touch_range *ranges; /* one a prefix */
	size_t n, cap;
	struct touch_tagged *tagged; /* open addressing */
	size_t tagged_n, tagged_cap;
	struct buf names; /* of the tagged ones */
};

/* The number of F, 0 at first; NULL when memory ran out. Valid until the
 * next call. */
uint32_t *touchmap_at(struct touchmap *m, const struct file_name *f);
/* The same without making one: 0. */
uint32_t touchmap_get(const struct touchmap *m, const struct file_name *f);
/* The highest record number of PREFIX that was asked for with touchmap_at. */
uint64_t touchmap_highest(const struct touchmap *m, struct str prefix);
void touchmap_clear(struct touchmap *m);

#endif
