/* SPDX-License-Identifier: ISC */
/* packs: the directory objects/pack: guards against git gc, what a kill left
 * there, sizes. */
#ifndef CRM_PACKS_H
#define CRM_PACKS_H

#include "history/repo.h"

/* Appends the path of objects/pack. */
enum crm_err packs_path(
    const struct repo *r, struct buf *out, struct diag *dg) CRM_NODISCARD;
/* NAMES are those of packs closed, 40 digits each: they stay guarded until
 * repo_advance or repo_close. False when memory ran out. */
bool packs_guard(struct repo *r, struct str names) CRM_NODISCARD;
void packs_unguard(struct repo *r);
/* Takes packs away that nothing refers to. */
void packs_remove(const struct repo *r, struct str names);
/* Temporary files, guards and packs without an index of a killed writer. */
enum crm_err packs_clean(const struct repo *r, struct diag *dg) CRM_NODISCARD;

#endif
