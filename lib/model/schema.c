/* SPDX-License-Identifier: ISC */
/* schema: looks up kinds, fields and the values of enumerations. */
#include "model/schema.h"

#include "model/schema_impl.h"

static const char *const types[] = {
    [TYPE_TEXT] = "text",
    [TYPE_INT] = "int",
    [TYPE_DECIMAL] = "decimal",
    [TYPE_BOOL] = "bool",
    [TYPE_DATE] = "date",
    [TYPE_TIME] = "time",
    [TYPE_ENUM] = "enum",
    [TYPE_REF] = "ref",
    [TYPE_EMAIL] = "email",
    [TYPE_PHONE] = "phone",
    [TYPE_URL] = "url",
    [TYPE_RECUR] = "recur",
};

const char *
type_name(enum type t)
{
	return (size_t)t < ARRAY_LEN(types) ? types[t] : "unknown";
}

bool
type_from(struct str name, enum type *out)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (str_is(name, types[i])) {
			*out = (enum type)i;
			return true;
		}
	}
	return false;
}

const struct kind *
schema_kind_at(const struct schema *s, size_t i)
{
	if (i >= s->nkinds)
		return NULL;
	if (s->kinds[i]->waits)
		schema_fill(s->kinds[i], s);
	return &s->kinds[i]->kind;
}

uint16_t
schema_no_at(const struct schema *s, size_t i)
{
	return i < s->nkinds ? s->kinds[i]->kind.no : KIND_NONE;
}

static size_t
kind_refs(const struct kind *k, struct ref_field *out, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < k->nfields; i++) {
		const struct field *f = k->fields[i];

		if (f->type != TYPE_REF || f->slot == SLOT_NONE)
			continue;
		if (n < most)
			out[n] = (struct ref_field){f->slot, f->ref};
		n++;
	}
	return n;
}

size_t
schema_refs(
    const struct schema *s, uint16_t no, struct ref_field *out, size_t most)
{
	size_t at = no < KIND_LIMIT ? s->by_no[no] : 0, n;
	const struct kind *k;

	if (at && s->kinds[at - 1]->waits &&
	    schema_bytes_refs(s->kinds[at - 1], out, most, &n))
		return n;
	k = schema_kind_no(s, no);
	return k ? kind_refs(k, out, most) : 0;
}

size_t
schema_tables(const struct schema *s)
{
	enum { OF_KIND = 3 }; /* records, derived fields, words */

	return s->nkinds * OF_KIND + s->nkeyed;
}

const struct kind *
schema_kind(const struct schema *s, struct str name)
{
	for (size_t i = 0; i < s->nkinds; i++)
		if (str_eq(s->kinds[i]->kind.name, name))
			return schema_kind_at(s, i);
	return NULL;
}

const struct kind *
schema_kind_no(const struct schema *s, uint16_t no)
{
	size_t at = no < KIND_LIMIT ? s->by_no[no] : 0;

	return at ? schema_kind_at(s, at - 1) : NULL;
}

const struct kind *
schema_kind_prefix(const struct schema *s, struct str pre)
{
	size_t at;

	if (pre.n == 1 && pre.p[0] >= 'a' && pre.p[0] <= 'z') {
		at = s->letter[pre.p[0] - 'a'];
		return at ? schema_kind_at(s, at - 1) : NULL;
	}
	for (size_t i = 0; i < s->nkinds; i++)
		if (str_eq(s->kinds[i]->kind.prefix, pre))
			return schema_kind_at(s, i);
	return NULL;
}

const struct field *
schema_field(const struct kind *k, struct str name)
{
	for (size_t i = 0; i < k->nfields; i++)
		if (str_eq(k->fields[i]->name, name))
			return k->fields[i];
	return NULL;
}

/* "contacts", "activities", "boxes": the kind whose plural NAME is. */
static const struct kind *
kind_plural(const struct schema *s, struct str name)
{
	char stem[NAME_MAX_BYTES];
	const struct kind *k = NULL;

	if (name.n > sizeof stem)
		return NULL;
	if (str_ends(name, STR("ies"))) {
		memcpy(stem, name.p, name.n);
		stem[name.n - 3] = 'y';
		k = schema_kind(s, (struct str){stem, name.n - 2});
	}
	if (!k && str_ends(name, STR("es")))
		k = schema_kind(s, str_head(name, name.n - 2));
	if (!k && str_ends(name, STR("s")))
		k = schema_kind(s, str_head(name, name.n - 1));
	return k;
}

static enum crm_err
kind_unknown(const struct schema *s, struct str name, struct diag *dg)
{
	struct near near = {.word = name};

	for (size_t i = 0; i < s->nkinds; i++)
		near_offer(&near, s->kinds[i]->kind.name);
	if (near.best.n)
		return diag_set(dg, CRM_USAGE,
		    "no kind '%.*s'; did you mean '%.*s'?", STR_ARG(name),
		    STR_ARG(near.best));
	return diag_set(dg, CRM_USAGE,
	    "no kind '%.*s'; crm-find kind lists them", STR_ARG(name));
}

enum crm_err
schema_find_kind(const struct schema *s, struct str name,
    const struct kind **out, struct diag *dg)
{
	*out = schema_kind(s, name);
	if (!*out)
		*out = kind_plural(s, name);
	if (!*out)
		*out = schema_kind_prefix(s, name);
	return *out ? CRM_OK : kind_unknown(s, name, dg);
}

static enum crm_err
field_unknown(const struct kind *k, struct str name, struct diag *dg)
{
	struct near near = {.word = name};

	for (size_t i = 0; i < k->nfields; i++)
		near_offer(&near, k->fields[i]->name);
	if (near.best.n)
		return diag_set(dg, CRM_USAGE,
		    "%.*s has no field '%.*s'; did you mean '%.*s'?",
		    STR_ARG(k->name), STR_ARG(name), STR_ARG(near.best));
	return diag_set(dg, CRM_USAGE,
	    "%.*s has no field '%.*s'; crm-find field name:%.*s. lists them",
	    STR_ARG(k->name), STR_ARG(name), STR_ARG(k->name));
}

enum crm_err
schema_find_field(const struct kind *k, struct str name,
    const struct field **out, struct diag *dg)
{
	*out = schema_field(k, name);
	return *out ? CRM_OK : field_unknown(k, name, dg);
}

size_t
field_choice_rank(const struct field *f, struct str value)
{
	size_t i = 0;

	while (i < f->nchoices && !str_eq(f->choices[i].name, value))
		i++;
	return i;
}

const struct choice *
field_choice(const struct field *f, struct str value)
{
	size_t i = field_choice_rank(f, value);

	return i < f->nchoices ? &f->choices[i] : NULL;
}
