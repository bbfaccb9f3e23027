/* SPDX-License-Identifier: ISC */
/* schema_impl: what a schema consists of; for the files schema*.c only. */
#ifndef CRM_SCHEMA_IMPL_H
#define CRM_SCHEMA_IMPL_H

#include "model/id.h"
#include "model/schema.h"

enum {
	NAME_MAX_BYTES = 48,	/* of kinds and fields */
	CHOICE_MAX_BYTES = 64,	/* of one value of an enumeration */
	LABEL_MAX_BYTES = 4096, /* labels, fallbacks, column lists */
	COLUMNS_USUAL = 6	/* shown of a kind that names no columns */
};

/* Memory that lives as long as the schema, freed in one go. */
struct block {
	struct block *next;
	size_t used, cap;
	max_align_t bytes[];
};

/* A kind while it is put together. */
struct kind_slot {
	struct kind kind;
	struct str columns; /* names as they were given */
	/* Of loaded bytes: the fields are there when the kind is first asked
	 * for, in memory that waits for them. */
	bool waits, unsound;
	struct str block; /* their bytes; in OWN once they are kept */
	char *own;
	struct field *room; /* in the order of the calls */
	struct choice *choices;
	size_t nchoices, keyed;
};

struct schema {
	struct block *blocks;
	char *copy; /* of the kinds in loaded bytes */
	void *room; /* of the fields that wait, used as they come */
	void (*unsound)(const char *what); /* see schema_load */
	struct kind_slot **kinds;	   /* in order of the calls */
	size_t nkinds, kinds_cap;
	struct field **fields; /* of all kinds, in order of the calls */
	size_t nfields, fields_cap;
	size_t nkeyed;		    /* of all kinds: those looked up by */
	uint16_t by_no[KIND_LIMIT]; /* place in kinds, 1 and up */
	uint16_t letter[26];	    /* the same, prefixes of one letter */
};

/* Zeroed memory owned by the schema; NULL when there is none. */
void *schema_alloc(struct schema *s, size_t n);
/* A copy owned by the schema; p is NULL when memory ran out. */
struct str schema_copy(struct schema *s, struct str text);
/* Appends a zeroed kind or field; NULL when memory ran out. */
struct kind_slot *schema_push_kind(struct schema *s);
struct field *schema_push_field(struct schema *s);

/* Records are looked up by it. */
static inline bool
field_keyed(const struct field *f)
{
	return f->index || f->unique || f->type == TYPE_REF;
}

/* A kind to be completed; NULL when there is none. */
struct kind *schema_building(const struct schema *s, uint16_t no);
bool prefix_ok(struct str prefix);

/* The field every kind has in SLOT, which is below SLOT_COMMON; its name is
 * without a kind. */
void schema_common(enum common_slot slot, struct field_def *out);
/* The slot of the common field NAME; SLOT_COMMON when it is none. */
enum common_slot schema_common_slot(struct str name);

/* Reads values and closed of D into F. CRM_DATA. */
enum crm_err schema_choices(struct schema *s, struct field *f,
    const struct field_def *d, struct diag *dg) CRM_NODISCARD;

/* Builds the tables from kinds and fields; these must be sound. */
enum crm_err schema_index(struct schema *s, struct diag *dg) CRM_NODISCARD;
void schema_index_letters(struct schema *s);
/* Those of one kind whose fields are there, in the order of the calls; its
 * lists have room for them, and columns for each name of COLUMNS. */
void schema_index_kind(struct kind *k, struct str columns);
/* The most columns that a list of names can mean. */
size_t schema_columns_most(struct str columns);
/* Makes the fields of a kind that waits for them. */
void schema_fill(struct kind_slot *k, const struct schema *s);
/* schema_refs of a kind that waits; false when its bytes make no sense. */
bool schema_bytes_refs(const struct kind_slot *k, struct ref_field *out,
    size_t most, size_t *n) CRM_NODISCARD;

#endif
