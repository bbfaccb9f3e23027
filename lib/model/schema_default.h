/* SPDX-License-Identifier: ISC */
/* schema_default: the kinds and fields a new store starts with. */
#ifndef CRM_SCHEMA_DEFAULT_H
#define CRM_SCHEMA_DEFAULT_H

#include "model/schema.h"

/* Walks the definitions in order, i = 0.. until false. Static data. */
bool schema_default_kind(size_t i, struct kind_def *out) CRM_NODISCARD;
bool schema_default_field(size_t i, struct field_def *out) CRM_NODISCARD;

/* The default schema compiled, for a store that does not exist yet. */
enum crm_err schema_default(struct schema **out, struct diag *dg) CRM_NODISCARD;

#endif
