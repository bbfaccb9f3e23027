/* SPDX-License-Identifier: ISC */
/* dossier: the records that point to a record, the newest first. */
#ifndef CRM_DOSSIER_H
#define CRM_DOSSIER_H

#include "base/base.h"
#include "base/err.h"
#include "model/id.h"
#include "model/schema.h"
#include "store/store.h"

/* { 0 } is a valid empty one; dossier_clear frees it. */
struct dossier {
	struct pointer *entries; /* views of the store */
	size_t n, cap;
	uint16_t kind; /* of all of them */
	bool cut;      /* there are more than the limit */
};

/*
 * The records of a kind that point to one of the owners in any field, each
 * once: open ones only, or all. At most LIMIT; the walk reads little more
 * than that. Earlier content of OUT is dropped. The kind's fields need not be
 * there: most kinds have nothing to say of a record.
 */
enum crm_err dossier_read(struct store *s, uint16_t kind,
    const struct id *owners, size_t nowners, bool open_only, size_t limit,
    struct dossier *out, struct diag *dg) CRM_NODISCARD;
struct id dossier_id(const struct dossier *d, size_t i);

/* The oldest first. */
void dossier_turn(struct dossier *d);
void dossier_clear(struct dossier *d);

#endif
