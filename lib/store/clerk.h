/* SPDX-License-Identifier: ISC */
/*
 * clerk: what new records of a batch put into other tables, made by the second
 * hand: their keys, and what they add to the sums of their owners. It has
 * tables and sums of its own, so that the two threads share nothing but the
 * schema; what it has made is handed over when somebody asks for it. As soon
 * as the batch does anything but add, it stops for the rest of it.
 */
#ifndef CRM_STORE_CLERK_H
#define CRM_STORE_CLERK_H

#include "store/priv.h"

struct clerk;

/* ---- in the thread of the batch --------------------------------------- */

/* *YES: keys and sums of the new record ID are made by the clerk, but for the
 * fields that s->skip leaves to the caller. */
enum crm_err clerk_takes(struct store *s, const struct kind *k, struct id id,
    bool *yes, struct diag *dg) CRM_NODISCARD;
/* What the clerk makes: the complement of s->skip. */
uint64_t clerk_share(const struct store *s);

/* All that was given so far is pending in the tables of S, or what concerns
 * records of a kind (0: any). */
enum crm_err clerk_yield(
    struct store *s, uint16_t kind, struct diag *dg) CRM_NODISCARD;
/* The same with the sums, and nothing more is taken in this transaction. */
enum crm_err clerk_stop(struct store *s, struct diag *dg) CRM_NODISCARD;
/* Makes room where it has too much; the hand is at rest. */
enum crm_err clerk_relieve(struct store *s, struct diag *dg) CRM_NODISCARD;
/* Were there rows with owners? */
bool clerk_counts(const struct store *s);
/* At the end of a transaction. */
void clerk_free(struct store *s);

/* ---- in the other one ------------------------------------------------- */

/* SKIP: keyed fields that are not for the clerk. */
void clerk_file(struct clerk *c, const struct kind *k, struct id id,
    struct row *row, uint64_t skip, const struct id *owners, size_t nowners);
bool clerk_full(const struct clerk *c);

#endif
