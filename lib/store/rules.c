/* SPDX-License-Identifier: ISC */
/* rules: what must hold before a change is applied: references name records,
 * unique values are free, numbers are in range, a record means something. */
#include "base/num.h"
#include "model/value.h"
#include "store/priv.h"

static enum crm_err
check_ref(struct store *s, const struct field *f, struct str item,
    struct id own, struct diag *dg)
{
	struct id id;
	bool exists = true;

	if (!id_parse(s->schema, item, &id))
		return diag_set(dg, CRM_DATA,
		    "%.*s: '%.*s' is not the id of a record", STR_ARG(f->name),
		    STR_ARG(item));
	if (f->ref && id.kind != f->ref) {
		const struct kind *k = schema_kind_no(s->schema, f->ref);

		return diag_set(dg, CRM_DATA, "%.*s: %.*s is no %.*s",
		    STR_ARG(f->name), STR_ARG(item), STR_ARG(k->name));
	}
	if (id.kind == KIND_CONTACT) {
		struct id org;
		enum crm_err err = owners_org(s, id, &org, &exists, dg);

		if (err != CRM_OK)
			return err;
		sums_soon(s, id, f->kind);
		sums_soon(s, org, f->kind);
	} else {
		exists = store_has(s, id);
	}
	if (!exists && !id_eq(id, own))
		return diag_set(dg, CRM_DATA, "%.*s: there is no %.*s",
		    STR_ARG(f->name), STR_ARG(item));
	return CRM_OK;
}

static enum crm_err
check_unique(struct store *s, const struct kind *k, const struct field *f,
    struct str item, struct id own, struct diag *dg)
{
	struct id found[2];
	size_t n;
	enum crm_err err =
	    store_find(s, f, item, STORE_EXACT, found, 2, &n, dg);

	for (size_t i = 0; err == CRM_OK && i < n; i++) {
		if (id_eq(found[i], own))
			continue;
		err = diag_set(dg, CRM_DATA,
		    "%.*s: '%.*s' is taken by %.*s%llu; each %.*s needs its "
		    "own (crm-add -k %.*s updates the one that has it)",
		    STR_ARG(f->name), STR_ARG(item), STR_ARG(k->prefix),
		    (unsigned long long)found[i].num, STR_ARG(k->name),
		    STR_ARG(f->name));
	}
	return err;
}

/* Numbers that mean something between these bounds only. */
static const struct bounds {
	uint16_t kind;
	const char *field;
	int64_t least, most;
} bounded[] = {
    {KIND_CONTACT, "sympathy", 1, 5},
    {KIND_CONTACT, "acceptance", 1, 5},
    {KIND_CONTACT, "trust", 1, 5},
    {KIND_CONTACT, "competence", 1, 5},
    {KIND_CONTACT, "reciprocity", 1, 5},
    {KIND_CONTACT, "intensity", 1, 5},
    {KIND_ORG, "size", 0, INT64_MAX},
    {KIND_ACTIVITY, "duration", 0, INT64_MAX},
    {KIND_ACTIVITY, "sentiment", -2, 2},
    {KIND_ACTIVITY, "score", 0, 10},
    {KIND_DEAL, "probability", 0, 100},
};

static const struct bounds *
bounds_of(const struct field *f)
{
	if (f->type != TYPE_INT)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(bounded); i++)
		if (bounded[i].kind == f->kind &&
		    str_is(f->name, bounded[i].field))
			return &bounded[i];
	return NULL;
}

static enum crm_err
check_bounds(const struct field *f, struct str item, struct diag *dg)
{
	const struct bounds *b = bounds_of(f);
	int64_t v;

	if (!b || (num_i64(item, &v) && v >= b->least && v <= b->most))
		return CRM_OK;
	if (b->most == INT64_MAX)
		return diag_set(dg, CRM_DATA,
		    "%.*s: '%.*s' is out of range; write %lld or more",
		    STR_ARG(f->name), STR_ARG(item), (long long)b->least);
	return diag_set(dg, CRM_DATA,
	    "%.*s: '%.*s' is out of range; write %lld to %lld",
	    STR_ARG(f->name), STR_ARG(item), (long long)b->least,
	    (long long)b->most);
}

static enum crm_err
check_field(struct store *s, const struct kind *k, const struct field *f,
    struct str value, struct id own, struct diag *dg)
{
	struct str rest = value;
	enum crm_err err = CRM_OK;

	while (rest.p && err == CRM_OK) {
		struct str item = value_item(f, &rest);

		if (f->type == TYPE_REF)
			err = check_ref(s, f, item, own, dg);
		else if (f->type == TYPE_INT)
			err = check_bounds(f, item, dg);
		if (!err && f->unique)
			err = check_unique(s, k, f, item, own, dg);
	}
	return err;
}

/* Without these a record of the kind would mean nothing. */
static const struct {
	uint16_t kind;
	const char *field, * or ;
} needed[] = {
    {KIND_LINK, "from", NULL},
    {KIND_LINK, "to", NULL},
    {KIND_ACTIVITY, "subject", "body"},
    {KIND_TASK, "title", NULL},
    {KIND_SEGMENT, "name", NULL},
    {KIND_KIND, "name", NULL},
    {KIND_FIELD, "name", NULL},
};

static uint16_t
slot_of(const struct kind *k, const char *name)
{
	const struct field *f = name ? schema_field(k, str_from(name)) : NULL;

	return f ? f->slot : SLOT_NONE;
}

static void
outline_fill(struct outline *p, const struct kind *k, bool weights)
{
	for (size_t i = SLOT_UPDATED + 1; i < k->nslots; i++)
		if (k->slots[i] && k->slots[i]->fallback.n > 0 &&
		    (k->slots[i]->fallback.p[0] == '@') == weights)
			p->fill[p->nfill++] = (uint16_t)i;
}

static void
outline_make(struct outline *p, const struct kind *k)
{
	p->nfill = p->ncheck = 0;
	outline_fill(p, k, false);
	outline_fill(p, k, true);
	for (size_t i = 0; i < k->nslots; i++)
		if (k->slots[i] &&
		    (k->slots[i]->type == TYPE_REF || k->slots[i]->unique ||
			bounds_of(k->slots[i])))
			p->check[p->ncheck++] = (uint16_t)i;
}

const struct outline *
rules_outline(struct store *s, const struct kind *k)
{
	size_t at = k->no % OUTLINES;
	struct outline *p = &s->scratch->outlines[at];

	if (s->scratch->outlined[at] != k)
		outline_make(p, k);
	s->scratch->outlined[at] = k;
	return p;
}

static bool
given(const struct kind *k, const char *name, const struct str *values)
{
	uint16_t slot = slot_of(k, name);

	return slot != SLOT_NONE && values[slot].n > 0;
}

static const char *
article(struct str name)
{
	return name.n > 0 && strchr("aeiou", name.p[0]) ? "an" : "a";
}

static enum crm_err
check_needed(const struct kind *k, const struct str *values, struct diag *dg)
{
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (needed[i].kind == k->no &&
		    !given(k, needed[i].field, values) &&
		    !given(k, needed[i].or, values))
			return diag_set(dg, CRM_DATA,
			    "%s %.*s without %s means nothing; write %s=...",
			    article(k->name), STR_ARG(k->name), needed[i].field,
			    needed[i].field);
	for (size_t i = SLOT_UPDATED + 1; i < k->nslots && !any; i++)
		any = values[i].n > 0 &&
		      !str_eq(values[i], k->slots[i] ? k->slots[i]->fallback
						     : (struct str){0});
	if (!any)
		return diag_set(dg, CRM_DATA,
		    "%s %.*s with no field at all would be lost; write "
		    "FIELD=VALUE",
		    article(k->name), STR_ARG(k->name));
	return CRM_OK;
}

enum crm_err
rules_check(struct store *s, const struct kind *k, const struct change *c,
    const struct str *olds, const struct str *values, struct diag *dg)
{
	const struct outline *p = rules_outline(s, k);
	enum crm_err err = check_needed(k, values, dg);

	for (size_t i = 0; i < p->ncheck && err == CRM_OK; i++) {
		uint16_t at = p->check[i];

		if (values[at].n > 0 && !str_eq(olds[at], values[at]))
			err = check_field(
			    s, k, k->slots[at], values[at], c->id, dg);
	}
	return err;
}

/* ---- deletion --------------------------------------------------------- */

static enum crm_err
check_referrers(
    struct store *s, const struct field *f, struct id target, struct diag *dg)
{
	struct scan_spec spec = {
	    .type = SCAN_REFS, .field = f, .target = target};
	struct scan *sc = NULL;
	enum crm_err err = scan_open(&sc, s, &spec, dg);
	struct buf text = {0};
	bool got = true;

	while (err == CRM_OK) {
		struct id id;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		if (id_eq(id, target))
			continue; /* refers to itself */
		id_print(s->schema, id, &text);
		err = diag_set(dg, CRM_DATA,
		    "%s refers to it (%.*s); crm-rm -r takes along what "
		    "depends on it",
		    buf_z(&text), STR_ARG(f->name));
	}
	scan_close(sc);
	buf_clear(&text);
	return err;
}

enum crm_err
rules_unreferred(struct store *s, struct id id, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	const struct kind *k = schema_kind_at(s->schema, 0);

	for (size_t i = 1; k; k = schema_kind_at(s->schema, i++)) {
		for (size_t j = 0; j < k->nslots && err == CRM_OK; j++) {
			const struct field *f = k->slots[j];

			if (f && f->type == TYPE_REF &&
			    (f->ref == KIND_NONE || f->ref == id.kind))
				err = check_referrers(s, f, id, dg);
		}
	}
	return err;
}
