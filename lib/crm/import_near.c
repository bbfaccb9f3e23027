/* SPDX-License-Identifier: ISC */
/*
 * import_near: which record a row is about that has neither a key nor a name:
 * the line of an order, a call, a link. It is looked for among those that
 * refer to the same record, and must be as old where its kind has a time.
 */
#include "crm/import_impl.h"
#include "model/value.h"
#include "query/ref.h"

enum { REFS = 5, CORE = 3 };

/* REFS: one of these leads to its neighbours. WHEN, if there is one, the row
 * must say, and CORE is what a record may not have that the row does not say:
 * without it the two may be two. But consent that is given twice is there
 * once, whenever. */
struct near_kind {
	uint16_t kind;
	const char *refs[REFS];
	const char *when;
	const char *core[CORE];
};

static const struct near_kind near_kinds[] = {
    {KIND_LINK, {"from"}, NULL, {"rel", "to"}},
    {KIND_ITEM, {"order"}, NULL, {"product", "price", "note"}},
    {KIND_ACTIVITY, {"contact", "org", "deal", "ticket"}, "start",
	{"type", "subject"}},
    {KIND_TASK, {"contact", "org", "deal", "ticket", "re"}, "due", {"title"}},
    {KIND_TICKET, {"contact", "org"}, "opened", {"subject"}},
    {KIND_CONSENT, {"contact"}, "captured", {"purpose", "channel"}},
};

static const struct near_kind *
near_of(const struct kind *k)
{
	for (size_t at = 0; at < ARRAY_LEN(near_kinds); at++)
		if (near_kinds[at].kind == k->no)
			return &near_kinds[at];
	return NULL;
}

/* ---- the record that it refers to ------------------------------------- */

/* Target AT as the id of what it names; num 0: nothing that is there. */
static enum crm_err
ref_find(struct import *i, const struct intake *in, size_t at, struct id *id,
    struct diag *dg)
{
	const struct field *f = i->targets[at].field;
	const struct schema *s = store_schema(i->store);
	const struct kind *k = f->ref ? schema_kind_no(s, f->ref) : NULL;
	struct str rest = in->v[at].value, item;
	struct id found[2];
	size_t n = 0;
	enum crm_err err;

	*id = (struct id){0};
	if (i->targets[at].sub)
		return refer_look(i, in, at, id, dg);
	item = str_trim(value_item(f, &rest));
	err = ref_lookup(i->store, k, item, found, ARRAY_LEN(found), &n, dg);
	if (!err && n == 1)
		*id = found[0];
	return err;
}

/* The first of the kind's references that the row says. */
static enum crm_err
owner_find(struct import *i, const struct intake *in,
    const struct near_kind *near, const struct field **f, struct id *id,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;

	*id = (struct id){0};
	for (size_t r = 0; r < REFS && near->refs[r]; r++)
		for (size_t at = 0; at < in->n; at++) {
			*f = i->targets[at].field;
			if (!*f || !str_is((*f)->name, near->refs[r]) ||
			    str_trim(in->v[at].value).n == 0)
				continue;
			err = ref_find(i, in, at, id, dg);
			if (err != CRM_DATA)
				return err;
			/* The row will be refused for it. */
			diag_clear(dg);
			*id = (struct id){0};
			i->missing = false;
			return CRM_OK;
		}
	return err;
}

/* ---- its neighbours --------------------------------------------------- */

/* Has the record nothing to tell it from the row that the row does not say? */
static bool
core_said(const struct import *i, const struct intake *in,
    const struct near_kind *near)
{
	for (size_t at = 0; at < CORE && near->core[at]; at++) {
		const struct field *f =
		    schema_field(i->kind, str_from(near->core[at]));
		bool said = false;

		for (size_t j = 0; f && j < in->n; j++)
			said = said || (i->targets[j].field == f &&
					   str_trim(in->v[j].value).n > 0);
		if (f && !said && writer_get(i->writer, f).n > 0)
			return false;
	}
	return true;
}

/* Goes through those of one class that refer to the record by F. */
static enum crm_err
class_search(struct import *i, const struct intake *in,
    const struct near_kind *near, const struct scan_spec *spec, struct id *id,
    struct diag *dg)
{
	struct scan *sc = NULL;
	bool got = true, same = false;
	size_t n = 0;
	struct id one;
	enum crm_err err = scan_open(&sc, i->store, spec, dg);

	for (; !err && n < NEAR_MAX; n++) {
		err = scan_next(sc, &one, &got, dg);
		if (err || !got)
			break;
		if (touched_has(i, one))
			continue;
		err = same_values(i, in, one, &same, dg);
		if (!err && same && core_said(i, in, near)) {
			*id = one;
			break;
		}
	}
	scan_close(sc);
	return err;
}

/* When the row says that it was, as it is stored, in i->near_time; n 0: it does
 * not say. */
static enum crm_err
when_find(struct import *i, const struct intake *in,
    const struct near_kind *near, struct diag *dg)
{
	const struct field *f = schema_field(i->kind, str_from(near->when));
	const struct intake_value *v = value_of(i, in, str_from(near->when));
	bool odd = false;
	enum crm_err err;

	buf_reset(&i->near_time);
	if (!f || !v || str_trim(v->value).n == 0)
		return CRM_OK;
	i->at = v;
	err =
	    value_normalise(f, v->value, i->opt.clock, &i->near_time, &odd, dg);
	if (err) {
		diag_place(dg, "%.*s", STR_ARG(f->name));
		return err;
	}
	i->at = NULL;
	return i->near_time.failed ? diag_nomem(dg) : CRM_OK;
}

/* Is the record of this import? Then nothing older refers to it. */
static bool
is_new(const struct import *i, struct id id)
{
	return id.num >= i->first[id.kind];
}

/* ---- consent that was taken back -------------------------------------- */

/* What the row says of FIELD, as it is stored; empty: nothing. */
static enum crm_err
said(struct import *i, const struct intake *in, const struct field *f,
    struct buf *out, struct diag *dg)
{
	const struct intake_value *v = value_of(i, in, f->name);
	bool odd = false;
	enum crm_err err;

	if (!v || str_trim(v->value).n == 0)
		return CRM_OK;
	i->at = v;
	err = value_normalise(f, v->value, i->opt.clock, out, &odd, dg);
	if (err)
		diag_place(dg, "%.*s", STR_ARG(f->name));
	return !err && out->failed ? diag_nomem(dg) : err;
}

static enum crm_err
refuse_anew(const struct import *i, struct id id, struct diag *dg)
{
	struct buf name = {0};
	enum crm_err err;

	id_print(store_schema(i->store), id, &name);
	err = name.failed
		  ? diag_nomem(dg)
		  : diag_set(dg, CRM_DATA,
			"purpose: consent to it is there and holds no longer "
			"(%s); say in captured when it was given again",
			buf_z(&name));
	buf_clear(&name);
	return err;
}

/*
 * A consent without a day counts from today on. An old list must not give what
 * its owner has taken back since: CRM_DATA where one of those under SPEC, which
 * hold no longer, is to the same purpose.
 */
static enum crm_err
refusal_check(struct import *i, const struct intake *in,
    const struct scan_spec *spec, struct diag *dg)
{
	const struct field *state = schema_field(i->kind, STR("state"));
	const struct field *purpose = schema_field(i->kind, STR("purpose"));
	struct scan *sc = NULL;
	struct buf text = {0};
	struct record r;
	struct id id;
	bool got = true;
	enum crm_err err = CRM_OK;

	if (!purpose || purpose->slot == SLOT_NONE)
		return CRM_OK;
	if (state)
		err = said(i, in, state, &text, dg);
	if (err || (text.n > 0 && !str_is(str_of(&text), "given")))
		goto out;
	buf_reset(&text);
	err = said(i, in, purpose, &text, dg);
	if (!err)
		err = scan_open(&sc, i->store, spec, dg);
	while (!err && got) {
		err = scan_next(sc, &id, &got, dg);
		if (err || !got || touched_has(i, id))
			continue;
		err = scan_record(sc, &r, dg);
		if (!err &&
		    str_eq(row_get(&r.row, purpose->slot), str_of(&text)))
			err = refuse_anew(i, id, dg);
	}
out:
	scan_close(sc);
	buf_clear(&text);
	return err;
}

/* ---- the record ------------------------------------------------------- */

enum crm_err
near_find(
    struct import *i, const struct intake *in, struct id *id, struct diag *dg)
{
	const struct near_kind *near = near_of(i->kind);
	bool consent = i->kind->no == KIND_CONSENT, dated;
	struct scan_spec spec = {.type = SCAN_REFS,
	    .class = REF_OPEN,
	    .settled = true,
	    .bare = true};
	enum crm_err err = CRM_OK;

	/* Of a first import no row is looked for. */
	if (!near || i->first[i->kind->no] <= 1)
		return CRM_OK;
	if (near->when)
		err = when_find(i, in, near, dg);
	dated = near->when && i->near_time.n > 0;
	if (err || (near->when && !dated && !consent))
		return err;
	err = owner_find(i, in, near, &spec.field, &spec.target, dg);
	if (err || !spec.target.num || is_new(i, spec.target))
		return err;
	/* Consents are not filed by their time. */
	if (dated && !consent)
		spec.time = str_of(&i->near_time);
	err = class_search(i, in, near, &spec, id, dg);
	spec.class = REF_CLOSED;
	if (!err && !id->num && near->when)
		err = class_search(i, in, near, &spec, id, dg);
	if (!err && !id->num && consent && !dated)
		err = refusal_check(i, in, &spec, dg);
	if (!err)
		i->at = NULL;
	return err;
}
