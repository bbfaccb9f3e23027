/* SPDX-License-Identifier: ISC */
/* source: where a reader of text gets its bytes from. Readers do no I/O of
 * their own. */
#ifndef CRM_SOURCE_H
#define CRM_SOURCE_H

#include "base/base.h"

/*
 * Reads up to N bytes into P; the number read, 0 at the end, -1 on an error
 * with errno set. A reader copies the struct; what it points to outlives the
 * reader.
 */
struct source {
	ptrdiff_t (*read)(void *arg, char *p, size_t n);
	void *arg;
	const char *name; /* for messages: "standard input", a file */
	/* Would a read come back at once? NULL: it always does. */
	bool (*ready)(void *arg);
};

#endif
