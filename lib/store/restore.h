/* SPDX-License-Identifier: ISC */
/*
 * restore: a new store made of complete records, as a history or a backup has
 * them: ids, times and all. Nothing is checked on the way; at the end
 * everything is, and the store is there or it is not.
 *
 *     restore_begin, restore_put of kinds and fields, restore_schema,
 *     restore_put of all other kinds, restore_end
 *
 * After any error: store_abort.
 */
#ifndef CRM_RESTORE_H
#define CRM_RESTORE_H

#include "store/store.h"

/* Begins in a store that is missing. CRM_DATA when it is not. */
enum crm_err restore_begin(struct store *s, const struct change_origin *who,
    struct diag *dg) CRM_NODISCARD;

/* Puts a record: VALUES by slot of its kind, N of them. Fastest in order of
 * kind and id. CRM_DATA when it is there already. */
enum crm_err restore_put(struct store *s, struct id id,
    const struct str *values, size_t n, struct diag *dg) CRM_NODISCARD;

/* The kinds and fields that were put are the schema from now on. */
enum crm_err restore_schema(struct store *s, struct diag *dg) CRM_NODISCARD;

/* No record of KIND will get a number up to HIGHEST. */
enum crm_err restore_used(struct store *s, const struct kind *k,
    uint64_t highest, struct diag *dg) CRM_NODISCARD;

/*
 * Neither the slot of a field nor the number of a kind is given again after
 * it was deleted. The lowest slot of K, or number of a kind (K NULL), that
 * was never given; and back, after restore_schema: none below LOWEST will be.
 */
enum crm_err restore_unused(struct store *s, const struct kind *k,
    uint16_t *lowest, struct diag *dg) CRM_NODISCARD;
enum crm_err restore_reserve(struct store *s, const struct kind *k,
    uint16_t lowest, struct diag *dg) CRM_NODISCARD;

/* Adds what the record NUM of K, a kind or field as a new store has them,
 * says to a schema that is being built: who does not believe it looks first. */
enum crm_err restore_define(struct schema *to, const struct kind *k,
    uint64_t num, const struct str *values, struct diag *dg) CRM_NODISCARD;

/*
 * Makes indexes and derived fields, checks what records say of one another
 * (FOUND gets the faults; CRM_CONFIG when there are any), goes on with
 * transaction TXN + 1, and commits.
 */
enum crm_err restore_end(struct store *s, uint64_t txn,
    void (*found)(void *arg, const char *line), void *arg,
    struct diag *dg) CRM_NODISCARD;

#endif
