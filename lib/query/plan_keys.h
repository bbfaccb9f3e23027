/* SPDX-License-Identifier: ISC */
/* plan_keys: which part of an index holds the values that a test wants. */
#ifndef CRM_QUERY_PLAN_KEYS_H
#define CRM_QUERY_PLAN_KEYS_H

#include "query/run.h"

/* The ranges of the field's index that hold every value that meets T;
 * *usable is false when the index cannot tell. */
enum crm_err keys_ranges(struct run *run, const struct test *t,
    struct key_range **out, size_t *n, bool *usable,
    struct diag *dg) CRM_NODISCARD;

/* The key of the field holds its folded text or its digits, so that a word
 * can be looked for in it. */
bool keys_hold_text(const struct field *f);

/* A plan over the due list when N asks for open tasks due by some time, else
 * *out stays NULL. N is an AND. */
enum crm_err keys_due(struct run *run, const struct kind *k,
    const struct node *n, struct plan **out, struct diag *dg) CRM_NODISCARD;

/* Adds to *n the entries in a range, up to LIMIT in all; *all is cleared when
 * there are more. */
enum crm_err keys_count(struct run *run, const struct plan *p,
    const struct key_range *kr, size_t limit, size_t *n, bool *all,
    struct diag *dg) CRM_NODISCARD;
enum crm_err refs_count(struct run *run, const struct field *f,
    struct id target, size_t limit, size_t *n, bool *all,
    struct diag *dg) CRM_NODISCARD;

#endif
