/* SPDX-License-Identifier: ISC */
/* show_json: everything about a record as one JSON object. */
#include "crm/columns.h"
#include "crm/dossier.h"
#include "crm/show.h"
#include "text/emit.h"

struct object {
	struct store *store;
	const struct zone *zone;
	struct buf *out;
	struct dossier found;
};

/* Every field there is; the derived ones are added by name. */
static enum crm_err
every_column(struct store *s, const struct kind *k, struct columns **out,
    struct diag *dg)
{
	struct buf names = {0};
	enum crm_err err;

	for (size_t i = 0; i < k->nfields; i++) {
		if (!k->fields[i]->derived)
			continue;
		buf_addc(&names, names.n ? ',' : '+');
		buf_add(&names, k->fields[i]->name);
	}
	err = names.failed
		  ? diag_nomem(dg)
		  : columns_new(out, s, k, names.n ? buf_z(&names) : NULL,
			COLUMNS_STORED, dg);
	buf_clear(&names);
	return err;
}

/* The records as one array, or the one as an object. */
static enum crm_err
add_records(struct object *j, const struct kind *k, const struct id *ids,
    size_t n, enum format format, struct diag *dg)
{
	struct emit_options eo = {.format = format, .zone = j->zone};
	struct columns *cols = NULL;
	struct emit *e = NULL;
	struct record rec;
	enum crm_err err;

	err = every_column(j->store, k, &cols, dg);
	if (!err)
		err = emit_new(&e, &eo, j->out, dg);
	if (!err)
		err = columns_begin(cols, e, dg);
	for (size_t i = 0; !err && i < n; i++) {
		err = store_follow(j->store,
		    ids ? ids[i] : dossier_id(&j->found, i), &rec, dg);
		if (!err)
			err = columns_emit(cols, e, &rec, dg);
	}
	if (!err)
		err = emit_end(e, dg);
	emit_free(e);
	columns_free(cols);
	return err;
}

static void
add_key(struct object *j, struct str name)
{
	buf_addf(j->out, "\"%.*s\":", STR_ARG(name));
}

/* What was found, the oldest first. */
static enum crm_err
add_array(struct object *j, struct diag *dg)
{
	const struct kind *k;

	if (!j->found.n)
		return CRM_OK;
	k = schema_kind_no(store_schema(j->store), j->found.kind);
	dossier_turn(&j->found);
	buf_addc(j->out, ',');
	add_key(j, k->name);
	return add_records(j, k, NULL, j->found.n, FORMAT_JSON, dg);
}

/* The items of the orders found: they are the customer's, too. */
static enum crm_err
add_items(struct object *j, struct diag *dg)
{
	size_t n = j->found.n;
	struct id *orders;
	enum crm_err err;

	if (!n)
		return CRM_OK;
	orders = calloc(n, sizeof(*orders));
	if (!orders)
		return diag_nomem(dg);
	for (size_t i = 0; i < n; i++)
		orders[i] = dossier_id(&j->found, i);
	err = dossier_read(
	    j->store, KIND_ITEM, orders, n, false, SIZE_MAX - 1, &j->found, dg);
	if (!err)
		err = add_array(j, dg);
	free(orders);
	return err;
}

static enum crm_err
add_kind(struct object *j, uint16_t kind, struct id id, struct diag *dg)
{
	enum crm_err err = dossier_read(
	    j->store, kind, &id, 1, false, SIZE_MAX - 1, &j->found, dg);

	if (!err)
		err = add_array(j, dg);
	if (!err && kind == KIND_ORDER)
		err = add_items(j, dg);
	return err;
}

/* Strings hold no raw line feed in JSON, so those there are only lay out. */
static void
join_lines(struct buf *out, size_t from)
{
	size_t to = from;

	for (size_t i = from; i < out->n; i++)
		if (out->p[i] != '\n')
			out->p[to++] = out->p[i];
	if (out->p)
		out->p[to] = '\0';
	out->n = to;
}

enum crm_err
show_json(struct store *s, struct id id, const struct zone *zone,
    struct buf *out, struct diag *dg)
{
	const struct schema *schema = store_schema(s);
	struct object j = {.store = s, .zone = zone, .out = out};
	size_t from = out->n;
	uint16_t kind;
	struct record rec;
	enum crm_err err;

	err = store_get(s, id, &rec, dg);
	if (err)
		return err;
	buf_addc(out, '{');
	add_key(&j, STR("kind"));
	buf_addf(out, "\"%.*s\",", STR_ARG(rec.kind->name));
	add_key(&j, STR("record"));
	err = add_records(&j, rec.kind, &id, 1, FORMAT_JSONL, dg);
	for (size_t i = 0; !err; i++) {
		kind = schema_no_at(schema, i);
		if (kind == KIND_NONE)
			break;
		err = add_kind(&j, kind, id, dg);
	}
	join_lines(out, from);
	buf_addz(out, "}\n");
	dossier_clear(&j.found);
	return !err && out->failed ? diag_nomem(dg) : err;
}
