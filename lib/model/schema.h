/* SPDX-License-Identifier: ISC */
/*
 * schema: kinds and their fields, as a store holds them. Kinds and fields are
 * records too (kinds "kind" and "field"); a struct schema is the compiled
 * form of those records, read-only once built. Everything it points to lives
 * as long as the schema.
 */
#ifndef CRM_SCHEMA_H
#define CRM_SCHEMA_H

#include "base/base.h"
#include "base/err.h"
#include "base/near.h"
#include "base/str.h"

/* The numbers of the built-in kinds never change; users' start at 32. */
enum kind_no {
	KIND_NONE,
	KIND_CONTACT,
	KIND_ORG,
	KIND_ACTIVITY,
	KIND_TASK,
	KIND_DEAL,
	KIND_ORDER,
	KIND_ITEM,
	KIND_PRODUCT,
	KIND_TICKET,
	KIND_CAMPAIGN,
	KIND_LINK,
	KIND_CONSENT,
	KIND_SEGMENT,
	KIND_KIND,
	KIND_FIELD,
	KIND_USER = 32,
	KIND_LIMIT = 1024
};

enum type {
	TYPE_TEXT,
	TYPE_INT,
	TYPE_DECIMAL,
	TYPE_BOOL,
	TYPE_DATE,
	TYPE_TIME, /* a day or a moment */
	TYPE_ENUM,
	TYPE_REF,
	TYPE_EMAIL,
	TYPE_PHONE,
	TYPE_URL,
	TYPE_RECUR /* a rule of repetition, see base/recur.h */
};

/* One value of an enumeration. */
struct choice {
	struct str name;
	int weight;  /* a stage's probability; -1 when none */
	bool closed; /* done, won, cancelled: no longer open */
};

enum { SLOT_NONE = 0xffff, SLOT_LIMIT = 512 };

/* Fields that every kind has, in these slots. */
enum common_slot {
	SLOT_CREATED,
	SLOT_UPDATED,
	SLOT_OWNER,
	SLOT_SOURCE,
	SLOT_EXT,
	SLOT_TAG,
	SLOT_NOTE,
	SLOT_URL,
	SLOT_DOC,
	SLOT_LANG,
	SLOT_COMMON /* the first slot of a kind's own */
};

/* Derived fields of contact and org, maintained by the store. */
enum derived_no {
	DERIVED_NONE,
	DERIVED_LAST,
	DERIVED_ACTIVITIES,
	DERIVED_NEXT,
	DERIVED_ORDERS,
	DERIVED_REVENUE,
	DERIVED_FIRST_ORDER,
	DERIVED_LAST_ORDER,
	DERIVED_OPEN_DEALS,
	DERIVED_PIPELINE,
	DERIVED_OPEN_TICKETS,
	DERIVED_COUNT
};

struct field {
	struct str name;     /* without the kind: "city" */
	struct str label;    /* a few words for people */
	struct str fallback; /* value of a new record; "@FIELD": the weight of
				that field's choice; "" none */
	const struct choice *choices; /* TYPE_ENUM */
	size_t nchoices;
	uint64_t num;	 /* counter of the field's own record, f12 */
	uint16_t kind;	 /* number of the kind it belongs to */
	uint16_t slot;	 /* place in the record; SLOT_NONE when derived */
	uint16_t ref;	 /* TYPE_REF: kind it points to, KIND_NONE any */
	uint8_t type;	 /* enum type */
	uint8_t derived; /* enum derived_no */
	bool list;	 /* several values, joined by commas, first preferred */
	bool unique;	 /* one record per value; implies index */
	bool index;	 /* looked up by value */
	bool sensitive;	 /* left out of exports unless asked for */
	bool automatic;	 /* set by the program: created, updated */
};

struct kind {
	struct str name;
	struct str prefix; /* of ids */
	struct str label;
	const struct field **fields; /* shown order: stored, then derived */
	size_t nfields;
	const struct field **slots; /* by slot; NULL where retired */
	size_t nslots;
	const struct field **keyed; /* by slot: those that are looked up by
				       value or refer to something */
	size_t nkeyed;
	const struct field **columns; /* shown when none are asked for */
	size_t ncolumns;
	uint64_t num; /* counter of the kind's own record, x3 */
	uint16_t no;
};

struct schema;

/* NULL when there is none. */
const struct kind *schema_kind(const struct schema *s, struct str name);
const struct kind *schema_kind_no(const struct schema *s, uint16_t no);
const struct kind *schema_kind_prefix(const struct schema *s, struct str pre);
const struct field *schema_field(const struct kind *k, struct str name);

/* Walks all kinds: i = 0.. until NULL. */
const struct kind *schema_kind_at(const struct schema *s, size_t i);
/* The same, its number only, which makes no fields; KIND_NONE at the end. */
uint16_t schema_no_at(const struct schema *s, size_t i);

/*
 * The stored fields of kind NO that refer to records. Fields that nobody asked
 * for yet are not made for this: what most kinds are asked is whether they
 * point somewhere. Returns how many there are; the first MOST are told.
 */
struct ref_field {
	uint16_t slot;
	uint16_t to; /* the kind; KIND_NONE: any */
};
size_t schema_refs(
    const struct schema *s, uint16_t no, struct ref_field *out, size_t most);

/* The most tables that a store may need for its kinds and fields: a few for
 * each kind, and one for each field that records are looked up by. */
size_t schema_tables(const struct schema *s);

/* The same, or CRM_USAGE naming the word and the nearest name. Also takes
 * a plural ("contacts") and an id prefix for a kind. */
enum crm_err schema_find_kind(const struct schema *s, struct str name,
    const struct kind **out, struct diag *dg) CRM_NODISCARD;
enum crm_err schema_find_field(const struct kind *k, struct str name,
    const struct field **out, struct diag *dg) CRM_NODISCARD;

/* NULL when the enumeration has no such value. */
const struct choice *field_choice(const struct field *f, struct str value);
/* Position of the value in its enumeration; nchoices when unknown. */
size_t field_choice_rank(const struct field *f, struct str value);
/* "text", "decimal" ...; and back: false when there is no such type. */
const char *type_name(enum type t);
bool type_from(struct str name, enum type *out) CRM_NODISCARD;

/*
 * Building. A definition is what the records of kinds "kind" and "field"
 * say, in texts. Order of the calls gives order of kinds and fields. A kind
 * without definitions for the common slots gets the usual ones (num 0); one
 * may redefine a common field under its name and slot, as consent.source
 * does. Columns that name no field of the kind are passed over: the fields
 * of a new kind come after it. CRM_DATA names the field and the way out;
 * the schema may only be freed then.
 */
struct kind_def {
	struct str name, prefix, label, columns; /* columns: comma list */
	uint64_t num;
	uint16_t no;
};
struct field_def {
	struct str name; /* "contact.city" */
	struct str type, label, fallback;
	struct str ref;	   /* kind name, "" any */
	struct str values; /* "new:10,won:100" */
	struct str closed; /* "won,lost" */
	uint64_t num;
	uint16_t slot; /* SLOT_NONE when derived */
	uint16_t derived;
	bool list, unique, index, sensitive, automatic;
};

struct schema *schema_new(void); /* NULL when out of memory */
/* A lower-case letter, then letters, digits, '-' and '_', the last one no
 * sign; at most 48 bytes; not "id", "and", "or", "not". */
bool schema_name_ok(struct str name);
void schema_free(struct schema *s);
enum crm_err schema_add_kind(
    struct schema *s, const struct kind_def *d, struct diag *dg) CRM_NODISCARD;
enum crm_err schema_add_field(
    struct schema *s, const struct field_def *d, struct diag *dg) CRM_NODISCARD;
/* After the last addition: builds the tables that lookups use. */
enum crm_err schema_finish(struct schema *s, struct diag *dg) CRM_NODISCARD;

/* The compiled bytes, kept by the store so that a start parses no texts. */
enum crm_err schema_save(const struct schema *s, struct buf *out) CRM_NODISCARD;
/*
 * CRM_CONFIG when they are no schema. The fields of a kind are read out of
 * BYTES when it is first asked for: they stay until schema_keep has copied what
 * nobody asked for yet. Fields that make no sense leave their kind without
 * any; UNSOUND (may be NULL) is told, and need not come back.
 */
enum crm_err schema_load(struct str bytes, struct schema **out,
    void (*unsound)(const char *what), struct diag *dg) CRM_NODISCARD;
void schema_keep(struct schema *s);
/* Reads all fields of a loaded one: CRM_CONFIG when some make no sense. */
enum crm_err schema_sound(
    const struct schema *s, struct diag *dg) CRM_NODISCARD;

#endif
