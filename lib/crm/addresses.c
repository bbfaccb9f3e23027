/* SPDX-License-Identifier: ISC */
/* addresses: e-mail addresses with the names that go with them. */
#include "crm/addresses.h"

#include "crm/name.h"

struct addresses {
	struct exporter exporter;
	struct store *store;
	bool message; /* a line before all others */
	uint64_t count;
	const struct field *email;
	struct buf name, org;
};

/* The field NAME of KIND when it may be shown. */
static const struct field *
shown_field(const struct kind *kind, const char *name)
{
	const struct field *f = schema_field(kind, str_from(name));

	return f && f->slot != SLOT_NONE && !f->sensitive ? f : NULL;
}

static struct str
shown(const struct record *r, const char *name)
{
	const struct field *f = shown_field(r->kind, name);

	return f ? row_get(&r->row, f->slot) : (struct str){.p = "", .n = 0};
}

static enum crm_err
addresses_kind(struct exporter *x, const struct kind *kind, struct buf *to,
    struct diag *dg)
{
	struct addresses *a = (struct addresses *)x;

	(void)to;
	a->email = shown_field(kind, "email");
	if (!a->email || a->email->type != TYPE_EMAIL)
		return diag_set(dg, CRM_USAGE,
		    "%.*s has no e-mail addresses; take contact or org",
		    STR_ARG(kind->name));
	return CRM_OK;
}

/* What would end the cell or the line, or move the cursor, is a blank. */
static void
cell_add(struct buf *to, struct str text)
{
	size_t at = to->n;

	buf_add(to, text);
	for (size_t i = at; i < to->n; i++) {
		unsigned char c = (unsigned char)to->p[i];

		if (c < ' ' || c == 0x7f)
			to->p[i] = ' ';
	}
}

/* The name, else its parts, else the nickname. */
static void
name_read(struct addresses *a, const struct record *r)
{
	buf_reset(&a->name);
	buf_add(&a->name, shown(r, "name"));
	if (a->name.n == 0)
		name_join(&(struct name_parts){shown(r, "prefix"),
			      shown(r, "given"), shown(r, "middle"),
			      shown(r, "family"), shown(r, "suffix")},
		    &a->name);
	if (a->name.n == 0)
		buf_add(&a->name, shown(r, "nick"));
}

/* The name of the org that the record belongs to. */
static enum crm_err
org_read(struct addresses *a, const struct record *r, struct diag *dg)
{
	struct record org;
	struct id id;
	enum crm_err err;

	buf_reset(&a->org);
	if (!id_parse(store_schema(a->store), shown(r, "org"), &id))
		return CRM_OK;
	err = store_get(a->store, id, &org, dg);
	if (!err)
		buf_add(&a->org, shown(&org, "name"));
	if (err == CRM_NO) {
		diag_clear(dg);
		err = CRM_OK;
	}
	return err;
}

static enum crm_err
addresses_record(
    struct exporter *x, const struct record *r, struct buf *to, struct diag *dg)
{
	struct addresses *a = (struct addresses *)x;
	struct str rest = row_get(&r->row, a->email->slot);
	enum crm_err err;

	if (rest.n == 0)
		return CRM_OK;
	name_read(a, r);
	err = org_read(a, r, dg);
	if (err)
		return err;
	if (a->message && a->count == 0)
		buf_addz(to, "addresses found\n");
	while (rest.p) {
		cell_add(to, str_cut(&rest, ','));
		buf_addc(to, '\t');
		cell_add(to, str_of(&a->name));
		buf_addc(to, '\t');
		cell_add(to, str_of(&a->org));
		buf_addc(to, '\n');
		a->count++;
	}
	return a->name.failed || a->org.failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
addresses_end(struct exporter *x, struct buf *to, struct diag *dg)
{
	struct addresses *a = (struct addresses *)x;

	(void)dg;
	if (!a->message || a->count > 0)
		return CRM_OK;
	buf_addz(to, "no address found\n");
	return CRM_NO;
}

static void
addresses_free(struct exporter *x)
{
	struct addresses *a = (struct addresses *)x;

	buf_clear(&a->name);
	buf_clear(&a->org);
	free(a);
}

static enum crm_err
addresses_new(struct exporter **out, const struct exporter_options *o,
    bool message, struct diag *dg)
{
	static const struct exporter_class class = {.kind = addresses_kind,
	    .record = addresses_record,
	    .end = addresses_end,
	    .free = addresses_free};
	struct addresses *a = calloc(1, sizeof(*a));

	*out = NULL;
	if (!a)
		return diag_nomem(dg);
	a->exporter = (struct exporter){.class = &class, .bare = true};
	a->store = o->store;
	a->message = message;
	*out = &a->exporter;
	return CRM_OK;
}

enum crm_err
mutt_exporter(
    struct exporter **out, const struct exporter_options *o, struct diag *dg)
{
	return addresses_new(out, o, true, dg);
}

enum crm_err
aerc_exporter(
    struct exporter **out, const struct exporter_options *o, struct diag *dg)
{
	return addresses_new(out, o, false, dg);
}
