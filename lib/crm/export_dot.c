/* SPDX-License-Identifier: ISC */
/*
 * export_dot: nodes and edges. A record that is referred to is a node, asked
 * for or not: those that did not come by themselves are named at the end.
 */
#include "crm/export_dot.h"

#include "base/utf8.h"
#include "model/value.h"
#include "query/idset.h"
#include "query/ref.h"

enum { LABEL_WIDTH = 60 }; /* columns of a name */

struct dot {
	struct exporter exporter;
	struct store *store;
	struct idset *named; /* by number of the kind: nodes that have a name */
	struct idset *meant; /* nodes that were referred to */
	struct buf label;
};

/* ---- nodes ------------------------------------------------------------ */

/*
 * The text of a name: graphviz reads backslashes and entities in it, and what
 * XML cannot hold breaks the SVG it makes.
 */
static void
label_add(struct str s, struct buf *to)
{
	size_t at = 0;
	int width = 0;

	while (at < s.n && width < LABEL_WIDTH) {
		uint32_t c = utf8_next(s, &at);

		width += utf8_char_width(c);
		if (c == '"' || c == '\\')
			buf_addf(to, "\\%c", (char)c);
		else if (c == '&')
			buf_addz(to, "&amp;");
		else if (c == '\n' || c == '\t' || c == '\r')
			buf_addc(to, ' ');
		else if (c >= ' ' && c != 0x7f && (c < 0xfffe || c > 0xffff))
			utf8_put(c, to);
	}
	if (at < s.n)
		buf_addz(to, "…");
}

static const char *
shape_of(uint16_t kind)
{
	switch (kind) {
	case KIND_CONTACT:
		return "ellipse";
	case KIND_ORG:
		return "box";
	case KIND_DEAL:
		return "diamond";
	default:
		return "note";
	}
}

static void
node_id(const struct dot *d, struct id id, struct buf *to)
{
	buf_addc(to, '"');
	id_print(store_schema(d->store), id, to);
	buf_addc(to, '"');
}

static enum crm_err
node_add(struct dot *d, struct id id, struct buf *to, struct diag *dg)
{
	enum crm_err err;

	buf_reset(&d->label);
	err = ref_label(d->store, id, &d->label, dg);
	if (err != CRM_OK)
		return err;
	buf_addc(to, '\t');
	node_id(d, id, to);
	buf_addz(to, " [label=\"");
	label_add(str_of(&d->label), to);
	buf_addz(to, "\\n");
	id_print(store_schema(d->store), id, to);
	buf_addf(to, "\", shape=%s];\n", shape_of(id.kind));
	return to->failed ? diag_nomem(dg) : CRM_OK;
}

/* ---- edges ------------------------------------------------------------ */

static void
edge_add(struct dot *d, struct id from, struct id to, struct str label,
    struct buf *out)
{
	idset_add(&d->meant[to.kind], to);
	buf_addc(out, '\t');
	node_id(d, from, out);
	buf_addz(out, " -> ");
	node_id(d, to, out);
	buf_addz(out, " [label=\"");
	label_add(label, out);
	buf_addz(out, "\"];\n");
}

static void
edges_add(struct dot *d, const struct record *r, const struct field *f,
    struct buf *to)
{
	struct str value = row_get(&r->row, f->slot), rest = value;

	while (value.n > 0 && rest.p) {
		struct id id;

		if (id_parse(store_schema(d->store), value_item(f, &rest), &id))
			edge_add(d, r->id, id, f->name, to);
	}
}

static struct id
end_of(const struct dot *d, const struct record *r, const char *name)
{
	const struct field *f = schema_field(r->kind, str_from(name));
	struct id id;

	return f && f->slot < r->kind->nslots &&
		       id_parse(store_schema(d->store),
			   row_get(&r->row, f->slot), &id)
		   ? id
		   : (struct id){0};
}

static void
link_add(struct dot *d, const struct record *r, struct buf *to)
{
	const struct field *rel = schema_field(r->kind, STR("rel"));
	struct id a = end_of(d, r, "from"), b = end_of(d, r, "to");

	if (a.num == 0 || b.num == 0)
		return;
	idset_add(&d->meant[a.kind], a);
	edge_add(d, a, b,
	    rel && rel->slot < r->kind->nslots ? row_get(&r->row, rel->slot)
					       : (struct str){0},
	    to);
}

/* ---- the whole -------------------------------------------------------- */

static enum crm_err
dot_record(
    struct exporter *x, const struct record *r, struct buf *to, struct diag *dg)
{
	struct dot *d = (struct dot *)x;
	enum crm_err err;

	if (r->kind->no == KIND_KIND || r->kind->no == KIND_FIELD)
		return CRM_OK;
	if (r->kind->no == KIND_LINK) {
		link_add(d, r, to);
		return to->failed ? diag_nomem(dg) : CRM_OK;
	}
	idset_add(&d->named[r->id.kind], r->id);
	err = node_add(d, r->id, to, dg);
	for (size_t i = 0; i < r->kind->nfields && err == CRM_OK; i++) {
		const struct field *f = r->kind->fields[i];

		if (f->type == TYPE_REF && f->slot < r->kind->nslots &&
		    !f->sensitive)
			edges_add(d, r, f, to);
	}
	return err == CRM_OK && to->failed ? diag_nomem(dg) : err;
}

static enum crm_err
dot_begin(struct exporter *x, struct buf *to, struct diag *dg)
{
	x->bare = true;
	buf_addz(to, "digraph crm {\n\trankdir=LR;\n");
	return to->failed ? diag_nomem(dg) : CRM_OK;
}

/* Those that were meant and did not come. */
static enum crm_err
rest_add(struct dot *d, uint16_t kind, struct buf *to, struct diag *dg)
{
	struct idset *meant = &d->meant[kind], *named = &d->named[kind];
	enum crm_err err = CRM_OK;

	idset_sort(meant);
	idset_sort(named);
	if (meant->failed || named->failed)
		return diag_nomem(dg);
	for (size_t i = 0; i < meant->n && err == CRM_OK; i++) {
		struct id id = idset_at(meant, i, kind);

		if (idset_has(named, id))
			continue;
		err = node_add(d, id, to, dg);
		/* It was deleted while we wrote: its number is name enough. */
		if (err == CRM_NO) {
			diag_clear(dg);
			err = CRM_OK;
		}
	}
	return err;
}

static enum crm_err
dot_end(struct exporter *x, struct buf *to, struct diag *dg)
{
	struct dot *d = (struct dot *)x;
	enum crm_err err = CRM_OK;

	for (uint16_t kind = 0; kind < KIND_LIMIT && err == CRM_OK; kind++)
		err = rest_add(d, kind, to, dg);
	buf_addz(to, "}\n");
	return err == CRM_OK && to->failed ? diag_nomem(dg) : err;
}

static void
dot_free(struct exporter *x)
{
	struct dot *d = (struct dot *)x;

	for (size_t i = 0; d->named && d->meant && i < KIND_LIMIT; i++) {
		idset_clear(&d->named[i]);
		idset_clear(&d->meant[i]);
	}
	free(d->named);
	free(d->meant);
	buf_clear(&d->label);
	free(d);
}

enum crm_err
dot_exporter(
    struct exporter **out, const struct exporter_options *o, struct diag *dg)
{
	static const struct exporter_class class = {
	    .begin = dot_begin,
	    .record = dot_record,
	    .end = dot_end,
	    .free = dot_free,
	};
	struct dot *d = calloc(1, sizeof(*d));

	*out = NULL;
	if (!d)
		return diag_nomem(dg);
	d->exporter.class = &class;
	d->store = o->store;
	d->named = calloc(KIND_LIMIT, sizeof(*d->named));
	d->meant = calloc(KIND_LIMIT, sizeof(*d->meant));
	if (!d->named || !d->meant) {
		dot_free(&d->exporter);
		return diag_nomem(dg);
	}
	*out = &d->exporter;
	return CRM_OK;
}
