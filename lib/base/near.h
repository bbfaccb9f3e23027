/* SPDX-License-Identifier: ISC */
/* near: the word that was probably meant. */
#ifndef CRM_NEAR_H
#define CRM_NEAR_H

#include "base/base.h"
#include "base/str.h"

/* Keeps the nearest candidate seen so far; { 0 } with .word set to start. */
struct near {
	struct str word; /* what was written */
	struct str best; /* the nearest, n = 0 when none was near enough */
	unsigned distance;
};

/* Optimal string alignment distance, ASCII case ignored, at most LIMIT + 1. */
unsigned near_distance(struct str a, struct str b, unsigned limit);

/* Offers a candidate; it must stay valid as long as the struct near. */
void near_offer(struct near *n, struct str candidate);

#endif
