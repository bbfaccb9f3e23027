/* SPDX-License-Identifier: ISC */
/* rounds: how often is done what is random, or how much of what is large. */
#ifndef CRM_TEST_ROUNDS_H
#define CRM_TEST_ROUNDS_H

#include <stdlib.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* ALL with CHECK_ALL; else USUAL, or FEW with sanitizers, which take their
 * time. */
static inline unsigned
rounds(unsigned all, unsigned usual, unsigned few)
{
	const char *set = getenv("CHECK_ALL");

	if (set && *set)
		return all;
	return SANITIZED ? few : usual;
}

#endif
