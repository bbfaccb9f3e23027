/* SPDX-License-Identifier: ISC */
/* logmail: one mail message becomes an activity, once. */
#ifndef CRM_LOGMAIL_H
#define CRM_LOGMAIL_H

#include "base/base.h"
#include "base/err.h"
#include "base/when.h"
#include "crm/assign.h"
#include "crm/write.h"
#include "model/id.h"
#include "store/store.h"
#include "text/mail.h"

struct logmail_options {
	const struct clock *clock;
	const struct assign *assigns; /* win over what the message says */
	size_t nassigns;
	bool known_only; /* leave a message out in which nobody is known */
};

/*
 * Writes the activity for M, the caller holding the transaction; *fresh is
 * false when a message of that id was there already: *id is its activity
 * then, and nothing changes.
 *
 * People are found by e-mail address, as it is written or in small letters;
 * everybody who has the address is meant. direction is `in` when the sender is
 * known, `out` when only recipients are; nobody known: `in` and the tag
 * `inbox`, or with known_only nothing: *fresh is false and id->num 0. Orgs
 * count where no person is known.
 */
enum crm_err logmail_add(struct writer *w, struct store *s,
    const struct mail *m, const struct logmail_options *o, struct id *id,
    bool *fresh, struct diag *dg) CRM_NODISCARD;

#endif
