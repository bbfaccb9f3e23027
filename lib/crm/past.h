/* SPDX-License-Identifier: ISC */
/*
 * past: names of fields and kinds that are gone. A journaled row knows its
 * fields by slot only and its record by the number of a kind; neither is ever
 * given to another one.
 */
#ifndef CRM_PAST_H
#define CRM_PAST_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "model/id.h"
#include "model/schema.h"
#include "store/store.h"

struct past;

/* The store outlives it. */
enum crm_err past_new(
    struct past **out, struct store *s, struct diag *dg) CRM_NODISCARD;
void past_free(struct past *p);
const struct schema *past_schema(const struct past *p); /* of now */

/* Reads the journal for what is gone. Done when first needed; who is going to
 * change kinds and fields does it before. */
enum crm_err past_load(struct past *p, struct diag *dg) CRM_NODISCARD;

/* The field in SLOT of the kind with number NO: FIELD as the schema has it, or
 * NULL when it is gone. The name is valid as long as PAST and the schema. */
struct past_field {
	const struct field *field;
	struct str name; /* of a lost one: "?SLOT" when nobody knows */
	uint64_t gone;	 /* the transaction that deleted it; 0: not known */
};
enum crm_err past_field(struct past *p, uint16_t no, unsigned slot,
    struct past_field *out, struct diag *dg) CRM_NODISCARD;

/* Appends an id, with the prefix that its kind has or had. */
enum crm_err past_id(struct past *p, struct id id, struct buf *out,
    struct diag *dg) CRM_NODISCARD;

/* The reverse of past_id for a kind that is gone; false when it is none. */
enum crm_err past_id_parse(struct past *p, struct str text, struct id *out,
    bool *yes, struct diag *dg) CRM_NODISCARD;

/* Does the journal know of a change of ID? */
enum crm_err past_has(
    struct past *p, struct id id, bool *yes, struct diag *dg) CRM_NODISCARD;

#endif
