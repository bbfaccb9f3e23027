/* SPDX-License-Identifier: ISC */
/*
 * ref: which record a person means: an id, a value that only one record has
 * (unique field, e-mail, phone, ext), or a unique name.
 */
#ifndef CRM_REF_H
#define CRM_REF_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "model/id.h"
#include "model/schema.h"
#include "store/store.h"

/*
 * KIND bounds the search; NULL searches contacts, then orgs, then all kinds'
 * unique fields. Order: id, unique fields, ext, e-mail, phone, exact name,
 * folded name. CRM_NO when nothing is meant (nearest names in the message),
 * CRM_USAGE when several are (the candidates, id and name, in the message).
 */
enum crm_err ref_resolve(struct store *s, const struct kind *kind,
    struct str text, struct id *out, struct diag *dg) CRM_NODISCARD;

/*
 * The search alone: *n is 0 when nothing is meant, and no message is made,
 * which costs more than the search.
 */
enum crm_err ref_lookup(struct store *s, const struct kind *kind,
    struct str text, struct id *out, size_t max, size_t *n,
    struct diag *dg) CRM_NODISCARD;

/* The same, but several are no error: all (at most MAX) that the first rule
 * which finds any finds, in order of id. */
enum crm_err ref_matches(struct store *s, const struct kind *kind,
    struct str text, struct id *out, size_t max, size_t *n,
    struct diag *dg) CRM_NODISCARD;

/* A short name for people: the name, subject or title of a record, else its
 * first e-mail, else its id. Appends. */
enum crm_err ref_label(struct store *s, struct id id, struct buf *out,
    struct diag *dg) CRM_NODISCARD;

/* The stored field that people call a record of K by: name, subject, title,
 * number; NULL when it has none of them. */
const struct field *ref_label_field(const struct kind *k);

#endif
