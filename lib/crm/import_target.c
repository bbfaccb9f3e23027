/* SPDX-License-Identifier: ISC */
/* import_target: what the names of columns mean: fields of the record, and of
 * those it refers to. */
#include "crm/import_impl.h"

static enum crm_err
sub_target(struct import *i, const struct kind *k, struct str path,
    struct target *t, struct diag *dg)
{
	struct str rest = path, head = str_cut(&rest, '.');
	enum crm_err err = writer_field(k, head, true, &t->field, dg);

	if (err)
		return err;
	if (t->field->type != TYPE_REF || t->field->ref == KIND_NONE)
		return diag_set(dg, CRM_DATA,
		    "%.*s: %.*s refers to no kind of record", STR_ARG(path),
		    STR_ARG(head));
	t->of = schema_kind_no(store_schema(i->store), t->field->ref);
	if (!t->of)
		return diag_set(
		    dg, CRM_BUG, "%.*s: a kind is missing", STR_ARG(path));
	t->is = str_is(rest, "name")  ? SUB_NAME
		: str_is(rest, "ext") ? SUB_EXT
				      : SUB_OTHER;
	return writer_field(t->of, rest, true, &t->sub, dg);
}

static enum crm_err
target_find(struct import *i, const struct kind *k, struct str name,
    struct target *t, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	*t = (struct target){.n = 0};
	if (str_is(name, "id"))
		return CRM_OK;
	if (str_chr(name, '.') < name.n)
		err = sub_target(i, k, name, t, dg);
	else
		err = writer_field(k, name, true, &t->field, dg);
	if (err == CRM_USAGE)
		err = dg->code = CRM_DATA;
	if (!err && name.n <= sizeof(t->text)) {
		memcpy(t->text, name.p, name.n);
		t->n = name.n;
	}
	return err;
}

static bool
target_is(const struct target *t, struct str name)
{
	return t->n > 0 && t->n == name.n &&
	       memcmp(t->text, name.p, name.n) == 0;
}

static bool
targets_room(struct import *i, size_t n)
{
	struct target *more;

	if (n <= i->captargets)
		return true;
	more = realloc(i->targets, n * sizeof(*more));
	if (!more)
		return false;
	i->targets = more;
	i->captargets = n;
	return true;
}

/* Who comes first of those that tell of the same record. */
static void
leaders_find(struct import *i, size_t n)
{
	i->refs = false;
	for (size_t at = 0; at < n; at++) {
		struct target *t = &i->targets[at];
		size_t first = 0;

		i->refs = i->refs ||
			  (t->field && !t->sub && t->field->type == TYPE_REF);

		while (first < at && !(i->targets[first].sub &&
					 i->targets[first].field == t->field))
			first++;
		t->leader = first;
	}
}

enum crm_err
targets_find(struct import *i, const struct kind *k, const struct intake *in,
    struct diag *dg)
{
	bool found = false;
	enum crm_err err = CRM_OK;

	if (k != i->kind) {
		i->ntargets = 0;
		i->layout = NULL;
		i->kind = NULL;
		err = match_keys(i, k, dg);
		if (err)
			return err;
		i->kind = k;
	}
	if (in->layout && in->layout == i->layout)
		return CRM_OK;
	if (!targets_room(i, in->n))
		return diag_nomem(dg);
	for (size_t at = 0; !err && at < in->n; at++) {
		i->at = &in->v[at];
		if (at < i->ntargets &&
		    target_is(&i->targets[at], in->v[at].field))
			continue;
		err = target_find(i, k, in->v[at].field, &i->targets[at], dg);
		i->misfit = err != CRM_OK;
		i->ntargets =
		    err ? at : (i->ntargets > at ? i->ntargets : at + 1);
		found = true;
	}
	if (!err && found)
		leaders_find(i, i->ntargets);
	i->layout = err ? NULL : in->layout;
	i->at = NULL;
	return err;
}
