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
/* Text AT, until now an empty one, is TEXT, which is copied. */
static inline void
sheaf_put(struct sheaf *s, size_t at, struct str text)
{
	if (at >= s->n)
		return;
	s->starts[at] = s->bytes.n;
	s->texts[at].n = text.n;
	buf_add(&s->bytes, text);
}

/* The same; where TEXT lies in WHOLE, what text OTHER was made of, it becomes a
 * part of that one. */
static inline void
sheaf_part(
    struct sheaf *s, size_t at, struct str text, size_t other, struct str whole)
{
	size_t from = (uintptr_t)text.p - (uintptr_t)whole.p;

	if (at >= s->n || text.n == 0)
		return;
	if (from > whole.n || text.n > whole.n - from) {
		sheaf_put(s, at, text);
		return;
	}
	s->starts[at] = s->starts[other] + from;
	s->texts[at].n = text.n;
}

/* Nothing will be added: s->texts are views that last until sheaf_reset.
 * False where the memory did not suffice. */
bool sheaf_settle(struct sheaf *s) CRM_NODISCARD;

#endif
