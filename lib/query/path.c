/* SPDX-License-Identifier: ISC */
/* path: "org.name", "deal.stage": values at the end of references. */
#include "base/near.h"
#include "query/query.h"

enum { PATH_STEPS = 8 };

/* One name of the path. */
struct step {
	struct str name;
	const struct kind *from; /* reverse: whose references are searched */
};

/* What a name means depends on the kind at hand where a reference may point
 * to several, so that steps are resolved as they are walked. */
struct path {
	struct store *s;
	const struct schema *schema;
	struct buf text;
	struct step steps[PATH_STEPS];
	size_t nsteps;
	const struct field *last;
	bool derives; /* that of some kind is a derived one */
	bool many;
	struct buf scratch;
};

/* ---- checking --------------------------------------------------------- */

static bool
is_pseudo(struct str name)
{
	return str_is(name, "id") || str_is(name, "kind");
}

static bool
kind_points(const struct kind *from, const struct kind *to)
{
	for (size_t i = 0; i < from->nfields; i++) {
		const struct field *f = from->fields[i];

		if (f->type == TYPE_REF && !f->derived &&
		    (f->ref == KIND_NONE || f->ref == to->no))
			return true;
	}
	return false;
}

static const struct kind *
step_reverse(const struct path *p, const struct kind *k, struct str name)
{
	const struct kind *from;

	if (schema_field(k, name))
		return NULL;
	from = schema_kind(p->schema, name);
	return from && kind_points(from, k) ? from : NULL;
}

static enum crm_err
step_unknown(const struct path *p, const struct kind *k, struct str name,
    struct diag *dg)
{
	struct near near = {.word = name};
	const struct kind *from;

	for (size_t i = 0; i < k->nfields; i++)
		near_offer(&near, k->fields[i]->name);
	for (size_t i = 0; (from = schema_kind_at(p->schema, i)); i++)
		if (kind_points(from, k))
			near_offer(&near, from->name);
	near_offer(&near, STR("id"));
	diag_set(dg, CRM_USAGE, "no field '%.*s' of %.*s", STR_ARG(name),
	    STR_ARG(k->name));
	if (near.best.n)
		diag_more(dg, "; did you mean '%.*s'", STR_ARG(near.best));
	return CRM_USAGE;
}

static enum crm_err path_check(
    struct path *p, const struct kind *k, size_t at, struct diag *dg);

/* A reference to any kind: good when some kind takes the rest. */
static enum crm_err
check_any(struct path *p, size_t at, struct diag *dg)
{
	struct diag other = {0};
	const struct kind *k;
	bool found = false;
	enum crm_err err = CRM_USAGE;

	for (size_t i = 0; (k = schema_kind_at(p->schema, i)); i++) {
		const struct field *last = p->last;
		struct diag *to = i ? &other : dg;

		err = path_check(p, k, at, to);
		if (!err && found && last)
			p->last = last;
		found = found || !err;
	}
	diag_clear(&other);
	if (found)
		diag_clear(dg);
	return found ? CRM_OK : CRM_USAGE;
}

/* Resolves the steps from AT on for records of K; sets the last field. */
static enum crm_err
path_check(struct path *p, const struct kind *k, size_t at, struct diag *dg)
{
	struct str name = p->steps[at].name;
	const struct field *f = schema_field(k, name);
	const struct kind *from = step_reverse(p, k, name);
	bool end = at + 1 == p->nsteps;

	if (end && f) {
		p->last = f;
		p->derives = p->derives || f->derived;
	}
	if (from || (f && f->list))
		p->many = true;
	if (end && (f || from || is_pseudo(name)))
		return CRM_OK;
	if (from)
		return path_check(p, from, at + 1, dg);
	if (!f)
		return step_unknown(p, k, name, dg);
	if (f->type != TYPE_REF)
		return diag_set(dg, CRM_USAGE,
		    "'%.*s' of %.*s is no reference, so nothing can follow it",
		    STR_ARG(name), STR_ARG(k->name));
	if (f->ref == KIND_NONE)
		return check_any(p, at + 1, dg);
	k = schema_kind_no(p->schema, f->ref);
	if (!k)
		return diag_set(dg, CRM_USAGE,
		    "'%.*s' points to a kind that is gone", STR_ARG(name));
	return path_check(p, k, at + 1, dg);
}

static enum crm_err
path_split(struct path *p, struct str text, struct diag *dg)
{
	struct str rest;

	buf_add(&p->text, text);
	if (p->text.failed)
		return diag_nomem(dg);
	rest = str_of(&p->text);
	if (!rest.n)
		return diag_set(dg, CRM_USAGE, "a field name is empty");
	while (rest.p) {
		struct str name = str_cut(&rest, '.');

		if (!name.n)
			return diag_set(dg, CRM_USAGE,
			    "a name is missing beside a '.' in '%.*s'",
			    STR_ARG(text));
		if (p->nsteps == PATH_STEPS)
			return diag_set(dg, CRM_USAGE,
			    "'%.*s' has more than %d steps", STR_ARG(text),
			    PATH_STEPS);
		p->steps[p->nsteps++].name = name;
	}
	return CRM_OK;
}

enum crm_err
path_new(struct path **out, struct store *s, const struct kind *kind,
    struct str text, struct diag *dg)
{
	struct path *p = calloc(1, sizeof(*p));
	enum crm_err err;

	*out = NULL;
	if (!p)
		return diag_nomem(dg);
	p->s = s;
	p->schema = store_schema(s);
	err = path_split(p, text, dg);
	if (!err)
		err = path_check(p, kind, 0, dg);
	if (err) {
		path_free(p);
		return err;
	}
	*out = p;
	return CRM_OK;
}

const struct field *
path_field(const struct path *p)
{
	return p->last;
}

bool
path_many(const struct path *p)
{
	return p->many;
}

void
path_free(struct path *p)
{
	if (!p)
		return;
	buf_clear(&p->text);
	buf_clear(&p->scratch);
	free(p);
}

/* ---- walking ---------------------------------------------------------- */

static enum crm_err path_walk(struct path *p, const struct record *r, size_t at,
    struct buf *out, struct diag *dg);

static void
add_value(struct buf *out, struct str value)
{
	if (!value.n)
		return;
	if (out->n)
		buf_addc(out, ',');
	buf_add(out, value);
}

static void
add_id(struct path *p, struct id id, struct buf *out)
{
	buf_reset(&p->scratch);
	id_print(p->schema, id, &p->scratch);
	add_value(out, str_of(&p->scratch));
}

/* The derived fields are read where the last field may be one. */
static enum crm_err
path_read(struct path *p, struct id id, struct record *r, struct diag *dg)
{
	return p->derives ? store_get(p->s, id, r, dg)
			  : store_get_bare(p->s, id, r, dg);
}

/* Goes on at the record ID; one that is gone has no value. */
static enum crm_err
path_enter(
    struct path *p, struct id id, size_t at, struct buf *out, struct diag *dg)
{
	struct record r;
	enum crm_err err = path_read(p, id, &r, dg);

	if (err == CRM_NO) {
		diag_clear(dg);
		return CRM_OK;
	}
	return err ? err : path_walk(p, &r, at, out, dg);
}

static enum crm_err
walk_forward(struct path *p, struct str value, size_t at, struct buf *out,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;
	struct id id;

	while (!err && value.n && value.p)
		if (id_parse(p->schema, str_cut(&value, ','), &id))
			err = path_enter(p, id, at + 1, out, dg);
	return err;
}

/* True when an earlier reference field of the record points there too. */
static bool
points_before(const struct path *p, const struct record *r,
    const struct field *until, struct id target)
{
	struct id id;

	for (size_t i = 0; r->kind->fields[i] != until; i++) {
		const struct field *f = r->kind->fields[i];
		struct str rest = {0};

		if (f->type == TYPE_REF && !f->derived)
			rest = row_get(&r->row, f->slot);
		while (rest.n && rest.p)
			if (id_parse(p->schema, str_cut(&rest, ','), &id) &&
			    id_eq(id, target))
				return true;
	}
	return false;
}

static enum crm_err
reverse_record(struct path *p, const struct field *f, struct id source,
    struct id target, size_t at, struct buf *out, struct diag *dg)
{
	struct record r;
	enum crm_err err = path_read(p, source, &r, dg);

	if (err == CRM_NO) {
		diag_clear(dg);
		return CRM_OK;
	}
	if (err || points_before(p, &r, f, target))
		return err;
	if (at + 1 < p->nsteps)
		return path_walk(p, &r, at + 1, out, dg);
	add_id(p, source, out);
	return CRM_OK;
}

static enum crm_err
reverse_field(struct path *p, const struct field *f, struct id target,
    size_t at, struct buf *out, struct diag *dg)
{
	struct scan_spec spec = {
	    .type = SCAN_REFS,
	    .field = f,
	    .target = target,
	};
	struct scan *sc = NULL;
	struct id id;
	bool got = true;
	enum crm_err err = scan_open(&sc, p->s, &spec, dg);

	while (!err) {
		err = scan_next(sc, &id, &got, dg);
		if (err || !got)
			break;
		err = reverse_record(p, f, id, target, at, out, dg);
	}
	scan_close(sc);
	return err;
}

static enum crm_err
walk_reverse(struct path *p, const struct kind *from, struct id target,
    size_t at, struct buf *out, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < from->nfields; i++) {
		const struct field *f = from->fields[i];

		if (f->type == TYPE_REF && !f->derived &&
		    (f->ref == KIND_NONE || f->ref == target.kind))
			err = reverse_field(p, f, target, at, out, dg);
	}
	return err;
}

static enum crm_err
path_walk(struct path *p, const struct record *r, size_t at, struct buf *out,
    struct diag *dg)
{
	struct str name = p->steps[at].name;
	const struct field *f = schema_field(r->kind, name);
	const struct kind *from;

	if (f && at + 1 < p->nsteps)
		return f->type == TYPE_REF
			   ? walk_forward(
				 p, row_get(&r->row, f->slot), at, out, dg)
			   : CRM_OK;
	if (f) {
		add_value(out, record_get(r, f, &p->scratch));
		return CRM_OK;
	}
	from = step_reverse(p, r->kind, name);
	if (from)
		return walk_reverse(p, from, r->id, at, out, dg);
	if (str_is(name, "id"))
		add_id(p, r->id, out);
	else if (str_is(name, "kind"))
		add_value(out, r->kind->name);
	return CRM_OK;
}

enum crm_err
path_get(
    struct path *p, const struct record *r, struct buf *out, struct diag *dg)
{
	struct buf value = {0};
	enum crm_err err;

	/* The plain case: one field of the record itself. */
	if (p->nsteps == 1 && p->last) {
		buf_add(out, record_get(r, p->last, &p->scratch));
		return out->failed ? diag_nomem(dg) : CRM_OK;
	}
	err = path_walk(p, r, 0, &value, dg);
	buf_add(out, str_of(&value));
	if (!err && (value.failed || out->failed || p->scratch.failed))
		err = diag_nomem(dg);
	buf_clear(&value);
	return err;
}
