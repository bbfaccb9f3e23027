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
	bool cut; /* there are more than the limit */
};

/*
 * The records of kind K that point to one of the owners in any field, each
 * once: open ones only, or all. At most LIMIT; the walk reads little more
 * than that. Earlier content of OUT is dropped.
 */
enum crm_err dossier_read(struct store *s, const struct kind *k,
    const struct id *owners, size_t nowners, bool open_only, size_t limit,
    struct dossier *out, struct diag *dg) CRM_NODISCARD;

/* True when a field of kind K may point to records of kind TO. */
bool dossier_points(const struct kind *k, uint16_t to);

/* The oldest first. */
void dossier_turn(struct dossier *d);
void dossier_clear(struct dossier *d);

#endif
