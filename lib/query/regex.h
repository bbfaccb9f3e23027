/* SPDX-License-Identifier: ISC */
/* regex: PCRE2 patterns that cannot run away. */
#ifndef CRM_QUERY_REGEX_H
#define CRM_QUERY_REGEX_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

struct regex;

/* Caseless, UTF-8. CRM_USAGE when PATTERN is none: why and where. */
enum crm_err regex_new(
    struct regex **out, struct str pattern, struct diag *dg) CRM_NODISCARD;
/*
 * TEXT must be valid UTF-8. CRM_USAGE naming the pattern when matching would
 * take more than the limits of steps, depth and memory.
 */
enum crm_err regex_match(struct regex *re, struct str text, bool *yes,
    struct diag *dg) CRM_NODISCARD;
void regex_free(struct regex *re);

#endif
