/* SPDX-License-Identifier: ISC */
/* schema_build: checks definitions, as records say them, and adds them. */
#include "model/schema.h"
#include "model/schema_impl.h"

static bool
name_reserved(struct str name)
{
	static const struct str words[] = {
	    {"id", 2}, {"and", 3}, {"or", 2}, {"not", 3}};

	for (size_t i = 0; name.n <= 3 && i < ARRAY_LEN(words); i++)
		if (str_eq(name, words[i]))
			return true;
	return false;
}

static bool
name_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

bool
schema_name_ok(struct str name)
{
	if (name.n == 0 || name.n > NAME_MAX_BYTES || !name_letter(name.p[0]) ||
	    name_reserved(name))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool sign = c == '-' || c == '_';

		if (!name_letter(c) && !(c >= '0' && c <= '9') && !sign)
			return false;
		if (sign && i + 1 == name.n)
			return false;
	}
	return true;
}

bool
prefix_ok(struct str prefix)
{
	for (size_t i = 0; i < prefix.n; i++)
		if (!name_letter(prefix.p[i]))
			return false;
	return prefix.n > 0 && prefix.n <= ID_PREFIX_MAX;
}

static enum crm_err
name_check(struct str name, struct diag *dg)
{
	if (schema_name_ok(name))
		return CRM_OK;
	if (name_reserved(name))
		return diag_set(dg, CRM_DATA,
		    "name: '%.*s' is a word of the query language; take "
		    "another",
		    STR_ARG(name));
	return diag_set(dg, CRM_DATA,
	    "name: '%.*s' is no name; write a lower-case letter, then "
	    "letters, digits, - or _, at most %d",
	    STR_ARG(name), NAME_MAX_BYTES);
}

struct kind *
schema_building(const struct schema *s, uint16_t no)
{
	size_t at = no < KIND_LIMIT ? s->by_no[no] : 0;

	return at ? &s->kinds[at - 1]->kind : NULL;
}

static enum crm_err
kind_check(const struct schema *s, const struct kind_def *d, struct diag *dg)
{
	const struct kind *taken;
	enum crm_err err = name_check(d->name, dg);

	if (err)
		return err;
	if (schema_kind(s, d->name))
		return diag_set(dg, CRM_DATA,
		    "name: there is a kind '%.*s' already", STR_ARG(d->name));
	if (!prefix_ok(d->prefix))
		return diag_set(dg, CRM_DATA,
		    "prefix: '%.*s' is no prefix; write 1 to %d lower-case "
		    "letters",
		    STR_ARG(d->prefix), ID_PREFIX_MAX);
	for (size_t i = 0; i < s->nkinds; i++)
		if (str_eq(s->kinds[i]->kind.prefix, d->prefix))
			return diag_set(dg, CRM_DATA,
			    "prefix: '%.*s' is that of %.*s; take another",
			    STR_ARG(d->prefix),
			    STR_ARG(s->kinds[i]->kind.name));
	if (d->no == KIND_NONE || d->no >= KIND_LIMIT)
		return diag_set(dg, CRM_DATA, "no: %u is not between 1 and %d",
		    (unsigned)d->no, KIND_LIMIT - 1);
	taken = schema_building(s, d->no);
	if (taken)
		return diag_set(dg, CRM_DATA, "no: %u is that of %.*s",
		    (unsigned)d->no, STR_ARG(taken->name));
	if (d->label.n > LABEL_MAX_BYTES || d->columns.n > LABEL_MAX_BYTES)
		return diag_set(dg, CRM_DATA,
		    "label or columns: longer than %d bytes", LABEL_MAX_BYTES);
	return CRM_OK;
}

enum crm_err
schema_add_kind(struct schema *s, const struct kind_def *d, struct diag *dg)
{
	struct kind_slot *k;
	enum crm_err err = kind_check(s, d, dg);

	if (err) {
		diag_place(dg, "kind %.*s", STR_ARG(d->name));
		return err;
	}
	k = schema_push_kind(s);
	if (!k)
		return diag_nomem(dg);
	k->kind.name = schema_copy(s, d->name);
	k->kind.prefix = schema_copy(s, d->prefix);
	k->kind.label = schema_copy(s, d->label);
	k->kind.num = d->num;
	k->kind.no = d->no;
	s->by_no[d->no] = (uint16_t)s->nkinds;
	k->columns = schema_copy(s, d->columns);
	if (!k->kind.name.p || !k->kind.prefix.p || !k->kind.label.p ||
	    !k->columns.p)
		return diag_nomem(dg);
	return CRM_OK;
}

static enum crm_err
field_place(const struct schema *s, const struct field_def *d, struct field *f,
    struct diag *dg)
{
	size_t dot = str_chr(d->name, '.');
	struct str kind = str_head(d->name, dot);
	const struct kind *k = schema_kind(s, kind);

	if (dot == d->name.n)
		return diag_set(dg, CRM_DATA,
		    "name: no kind in '%.*s'; write contact.%.*s",
		    STR_ARG(d->name), STR_ARG(d->name));
	if (!k)
		return diag_set(dg, CRM_DATA,
		    "name: no kind '%.*s'; crm-find kind lists them",
		    STR_ARG(kind));
	f->kind = k->no;
	f->name = str_from_pos(d->name, dot + 1);
	return name_check(f->name, dg);
}

static enum crm_err
field_type(const struct schema *s, const struct field_def *d, struct field *f,
    struct diag *dg)
{
	const struct kind *k;
	enum type type;

	if (!type_from(d->type, &type))
		return diag_set(dg, CRM_DATA,
		    "type: no type '%.*s'; write text, int, decimal, bool, "
		    "date, time, enum, ref, email, phone, url or recur",
		    STR_ARG(d->type));
	f->type = (uint8_t)type;
	if (d->ref.n == 0)
		return CRM_OK;
	if (type != TYPE_REF)
		return diag_set(
		    dg, CRM_DATA, "ref: only type=ref points to a kind");
	k = schema_kind(s, d->ref);
	if (!k)
		return diag_set(dg, CRM_DATA,
		    "ref: no kind '%.*s'; crm-find kind lists them",
		    STR_ARG(d->ref));
	f->ref = k->no;
	return CRM_OK;
}

/* A common slot and a common name go together, so that SLOT_TAG is the tag
 * of any kind. */
static enum crm_err
slot_common(const struct field *f, struct diag *dg)
{
	enum common_slot slot = schema_common_slot(f->name);
	struct field_def d;

	if (slot != SLOT_COMMON && f->slot != slot)
		return diag_set(dg, CRM_DATA,
		    "name: every kind has a field '%.*s'; take another",
		    STR_ARG(f->name));
	if (slot != SLOT_COMMON || f->slot >= SLOT_COMMON)
		return CRM_OK;
	schema_common((enum common_slot)f->slot, &d);
	return diag_set(dg, CRM_DATA, "slot: %u is that of '%.*s'",
	    (unsigned)f->slot, STR_ARG(d.name));
}

static enum crm_err
field_slot(const struct field *f, struct diag *dg)
{
	bool customer = f->kind == KIND_CONTACT || f->kind == KIND_ORG;

	if (f->derived >= DERIVED_COUNT || (f->derived && !customer))
		return diag_set(dg, CRM_DATA,
		    "derived: the store knows no such sum; leave it out");
	if (f->derived)
		return f->slot == SLOT_NONE
			   ? CRM_OK
			   : diag_set(dg, CRM_DATA,
				 "slot: a derived field has none");
	if (f->slot >= SLOT_LIMIT)
		return diag_set(dg, CRM_DATA,
		    "slot: %u is too high; a kind has at most %d fields",
		    (unsigned)f->slot, SLOT_LIMIT);
	return slot_common(f, dg);
}

static enum crm_err
field_clash(const struct schema *s, const struct field *f, struct diag *dg)
{
	for (size_t i = 0; i < s->nfields; i++) {
		const struct field *o = s->fields[i];

		if (o->kind != f->kind)
			continue;
		if (str_eq(o->name, f->name))
			return diag_set(dg, CRM_DATA,
			    "name: there is such a field already");
		if (o->slot == f->slot && f->slot != SLOT_NONE)
			return diag_set(dg, CRM_DATA,
			    "slot: %u is that of '%.*s'", (unsigned)f->slot,
			    STR_ARG(o->name));
	}
	return CRM_OK;
}

static enum crm_err
field_texts(struct schema *s, const struct field_def *d, struct field *f,
    struct diag *dg)
{
	if (d->label.n > LABEL_MAX_BYTES || d->fallback.n > LABEL_MAX_BYTES ||
	    d->values.n > CRM_FIELD_MAX)
		return diag_set(
		    dg, CRM_DATA, "label, fallback or values: too long");
	f->name = schema_copy(s, f->name);
	f->label = schema_copy(s, d->label);
	f->fallback = schema_copy(s, d->fallback);
	if (!f->name.p || !f->label.p || !f->fallback.p)
		return diag_nomem(dg);
	return schema_choices(s, f, d, dg);
}

static enum crm_err
field_make(struct schema *s, const struct field_def *d, struct field *f,
    struct diag *dg)
{
	enum crm_err err;

	*f = (struct field){
	    .num = d->num,
	    .slot = d->slot,
	    .derived = (uint8_t)(d->derived < DERIVED_COUNT ? d->derived
							    : DERIVED_COUNT),
	    .list = d->list,
	    .unique = d->unique,
	    .index = d->index || d->unique,
	    .sensitive = d->sensitive,
	    .automatic = d->automatic,
	};
	err = field_place(s, d, f, dg);
	if (!err)
		err = field_type(s, d, f, dg);
	if (!err)
		err = field_slot(f, dg);
	if (!err)
		err = field_clash(s, f, dg);
	if (!err)
		err = field_texts(s, d, f, dg);
	return err;
}

enum crm_err
schema_add_field(struct schema *s, const struct field_def *d, struct diag *dg)
{
	struct field made, *f;
	enum crm_err err = field_make(s, d, &made, dg);

	if (err) {
		diag_place(dg, "field %.*s", STR_ARG(d->name));
		return err;
	}
	f = schema_push_field(s);
	if (!f)
		return diag_nomem(dg);
	*f = made;
	return CRM_OK;
}
