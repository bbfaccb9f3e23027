/* SPDX-License-Identifier: ISC */
/*
 * schemas: what the files share that keep the schema, as records of kinds and
 * fields and compiled. What the rest of the store asks of them is in
 * store/priv.h.
 */
#ifndef CRM_STORE_SCHEMAS_H
#define CRM_STORE_SCHEMAS_H

#include "store/priv.h"

/* ---- schemas.c: the compiled form -------------------------------------- */

/* The default schema, where there is none yet. */
enum crm_err schemas_start(struct store *s, struct diag *dg) CRM_NODISCARD;
/* Writes the format of the store, and the schema as it is. */
enum crm_err schemas_put_format(struct store *s, struct diag *dg) CRM_NODISCARD;
enum crm_err schemas_save(struct store *s, struct diag *dg) CRM_NODISCARD;

/* What the field NAME of a kind's or field's record says, VALUES by slot:
 * views; NONE where it is no number. */
struct str schemas_text(
    const struct kind *k, const struct str *values, const char *name);
uint16_t schemas_small(const struct kind *k, const struct str *values,
    const char *name, uint16_t none);
bool schemas_flag(
    const struct kind *k, const struct str *values, const char *name);

/* A change that is being planned, the values that it leads to, and the kind
 * that it takes away. */
struct schemas_plan {
	const struct change *c;
	const struct str *values;
	struct str gone;
};
/* Is NAME a field of that kind? */
bool schemas_goes(const struct schemas_plan *p, struct str name);
/* What the stored kinds and fields and the plan lead to, into s->planned. */
enum crm_err schemas_compile(struct store *s, const struct schemas_plan *p,
    struct diag *dg) CRM_NODISCARD;
/* That is the schema from now on, and kept. */
enum crm_err schemas_adopt(struct store *s, struct diag *dg) CRM_NODISCARD;

/* ---- schemas_given.c: numbers that are given once only ----------------- */

/* The lowest slot of KIND, or number of a kind (KIND_NONE), never given. */
enum crm_err given_get(struct store *s, uint16_t kind, uint16_t *next,
    struct diag *dg) CRM_NODISCARD;
/* NUMBER is given, and with it all below. */
enum crm_err given_put(struct store *s, uint16_t kind, uint16_t number,
    struct diag *dg) CRM_NODISCARD;
/* Those of a new kind or field. */
enum crm_err given_note(struct store *s, const struct kind *k,
    const struct str *values, struct diag *dg) CRM_NODISCARD;

/* ---- schemas_check.c: what a change may do ----------------------------- */

/* CRM_DATA where it changes what the program relies on; then, with all that is
 * filled in, where it takes a meaning away that stored records need. */
enum crm_err schemas_check_builtin(const struct change *c,
    const struct str *olds, const struct str *values,
    struct diag *dg) CRM_NODISCARD;
enum crm_err schemas_check(struct store *s, const struct change *c,
    const struct str *olds, const struct str *values,
    struct diag *dg) CRM_NODISCARD;
/* The field that a field's record describes, as the schema has it; NULL. */
const struct field *schemas_field_now(
    struct store *s, const struct kind *k, const struct str *olds);

#endif
