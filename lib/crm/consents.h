/* SPDX-License-Identifier: ISC */
/*
 * consents: who has consented to a purpose. A person has when the last of
 * their consents to it that is given, withdrawn, objected to or expired is a
 * given one, today is not behind its last day, and the person does not want to
 * be left in peace (suppress). Of one day the refusal counts; the channel does
 * not.
 */
#ifndef CRM_CONSENTS_H
#define CRM_CONSENTS_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "model/record.h"
#include "store/store.h"

struct consents;

/* Reads the consents of the store; TODAY as a stored day. NEAREST gets the
 * nearest purpose there is when there is none called so, else nothing; NULL:
 * nobody cares. The store outlives it. */
enum crm_err consents_new(struct consents **out, struct store *s,
    struct str purpose, struct str today, bool *known, struct buf *nearest,
    struct diag *dg) CRM_NODISCARD;
void consents_free(struct consents *c); /* NULL is fine */

/* Is KIND that of people, or does it refer to people? */
bool consents_cover(const struct kind *kind);

/* May R be given away for the purpose: the person itself, or all people that
 * it refers to? Of a kind that consents_cover says yes to. */
enum crm_err consents_allow(struct consents *c, const struct record *r,
    bool *yes, struct diag *dg) CRM_NODISCARD;

#endif
