/* SPDX-License-Identifier: ISC */
/* sheaf: many texts in one piece of memory, gathered by one thread and read by
 * another. A sheaf of zeros is empty. */
#ifndef CRM_SHEAF_H
#define CRM_SHEAF_H

#include "base/base.h"
#include "base/str.h"

struct sheaf {
	struct str *texts; /* p is settled in the end */
	size_t *starts;	   /* of the texts in bytes */
	size_t n, cap;
	struct buf bytes;
	bool failed; /* out of memory */
};

/* Forgets all, keeps the memory. */
void sheaf_reset(struct sheaf *s);
void sheaf_clear(struct sheaf *s);

/* Adds N empty texts; the number of the first. */
size_t sheaf_room(struct sheaf *s, size_t n);
/* Text AT, until now an empty one, is TEXT. This is copied; where it lies in
 * WHOLE, what text OTHER was made of, it becomes a part of that one. */
void sheaf_put(struct sheaf *s, size_t at, struct str text);
void sheaf_part(struct sheaf *s, size_t at, struct str text, size_t other,
    struct str whole);

/* Nothing will be added: s->texts are views that last until sheaf_reset.
 * False where the memory did not suffice. */
bool sheaf_settle(struct sheaf *s) CRM_NODISCARD;

#endif
