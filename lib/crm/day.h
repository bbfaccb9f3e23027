/* SPDX-License-Identifier: ISC */
/* day: the local day a stored time falls on, and back. */
#ifndef CRM_DAY_H
#define CRM_DAY_H

#include "base/base.h"
#include "base/date.h"
#include "base/str.h"
#include "base/when.h"

/* Reads a stored day or moment as a day of the zone; true also fills w->utc
 * and has_time for a moment. False when TEXT is neither. */
bool day_read(
    struct str text, const struct zone *z, struct when *out) CRM_NODISCARD;

/* W moved to DAY, keeping its local time of day. */
struct when day_move(const struct when *w, int day, const struct zone *z);

#endif
