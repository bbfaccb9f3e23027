/* SPDX-License-Identifier: ISC */
/* export_vcard: contacts and orgs as vCard 4.0 (RFC 6350) and 3.0 (RFC 2426),
 * which most other programs read. import_vcard gives the same fields back. */
#ifndef CRM_EXPORT_VCARD_H
#define CRM_EXPORT_VCARD_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "model/record.h"
#include "store/store.h"
#include "text/vcard.h"

struct vcards;

/* CRM_USAGE for a kind that is neither contact nor org. The store must
 * outlive it. */
enum crm_err vcards_new(struct vcards **out, struct store *s,
    const struct kind *k, enum vcard_version version,
    struct diag *dg) CRM_NODISCARD;
void vcards_free(struct vcards *v);

/*
 * Appends the card of R. Every field with a value is in it, as the property
 * that the standard (in version 4 also RFC 9554) or a wide custom has for it,
 * else as X-CRM-FIELD; sensitive fields are left out, and control characters,
 * which no card can hold. FN, which the standard wants, is the name, else the
 * parts of it, the nickname, the first e-mail, the id; X-CRM-UNNAMED says that
 * it is not the name. UID is the one the card came with (ext "vcard:UID"),
 * else urn:crm:ID.
 */
enum crm_err vcards_add(struct vcards *v, const struct record *r,
    struct buf *out, struct diag *dg) CRM_NODISCARD;

#endif
