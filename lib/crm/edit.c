/* SPDX-License-Identifier: ISC */
/* edit: prints and reads the text of the editor. */
#include "crm/edit.h"
#include "model/record.h"
#include "query/ref.h"

/* ---- printing --------------------------------------------------------- */

static bool
field_editable(const struct field *f)
{
	return f->slot != SLOT_NONE && !f->automatic;
}

/* Values of several lines go on behind a tab. */
static void
value_print(struct str value, struct buf *out)
{
	struct str rest = value;
	bool first = true;

	while (value.n && rest.p) {
		buf_addz(out, first ? " " : "\n\t");
		buf_add(out, str_cut(&rest, '\n'));
		first = false;
	}
	buf_addc(out, '\n');
}

/* Who is meant by the ids of a reference, as a comment. */
static enum crm_err
labels_print(
    struct store *s, struct str value, struct buf *out, struct diag *dg)
{
	struct str rest = value, item;
	struct id id;
	enum crm_err err = CRM_OK;

	while (!err && rest.p) {
		item = str_cut(&rest, ',');
		if (!id_parse(store_schema(s), item, &id))
			continue;
		buf_addf(out, "# %.*s ", STR_ARG(item));
		err = ref_label(s, id, out, dg);
		buf_addc(out, '\n');
	}
	return err;
}

static enum crm_err
fields_print(
    struct store *s, const struct record *r, struct buf *out, struct diag *dg)
{
	const struct field *f;
	struct str v;
	enum crm_err err = CRM_OK;
	size_t i;

	for (i = 0; !err && i < r->kind->nfields; i++) {
		f = r->kind->fields[i];
		if (!field_editable(f))
			continue;
		v = row_get(&r->row, f->slot);
		if (v.n == 0)
			continue;
		buf_addf(out, "%.*s:", STR_ARG(f->name));
		value_print(v, out);
		if (f->type == TYPE_REF)
			err = labels_print(s, v, out, dg);
	}
	return err;
}

/* The fields without a value, so that nobody has to look them up. */
static void
empty_print(const struct record *r, struct buf *out)
{
	enum { WIDTH = 72 };
	const struct field *f;
	size_t i, line = out->n;

	buf_addz(out, "# empty:");
	for (i = 0; i < r->kind->nfields; i++) {
		f = r->kind->fields[i];
		if (!field_editable(f) || row_get(&r->row, f->slot).n)
			continue;
		if (out->n - line + f->name.n > WIDTH) {
			buf_addz(out, "\n#");
			line = out->n - 1;
		}
		buf_addf(out, " %.*s", STR_ARG(f->name));
	}
	buf_addc(out, '\n');
}

enum crm_err
edit_print(struct store *s, const struct id *ids, size_t n, struct buf *out,
    struct diag *dg)
{
	struct record r;
	enum crm_err err = CRM_OK;
	size_t i;

	buf_addz(out,
	    "# field: value; lines of one value go on behind a tab.\n"
	    "# An empty value clears the field, a line taken out keeps it.\n");
	for (i = 0; !err && i < n; i++) {
		err = store_get(s, ids[i], &r, dg);
		if (err)
			break;
		buf_addz(out, "\nid: ");
		id_print(store_schema(s), ids[i], out);
		buf_addc(out, '\n');
		err = fields_print(s, &r, out, dg);
		empty_print(&r, out);
	}
	return !err && out->failed ? diag_nomem(dg) : err;
}

/* ---- reading ---------------------------------------------------------- */

/* A field with its value, which stands in the arena of the text. */
struct entry {
	struct str id, name; /* views of the text */
	size_t at, n;	     /* of the value in the arena */
	size_t line;
};

struct text {
	struct entry *list;
	size_t n, cap;
	struct buf arena;
};

static void
text_clear(struct text *t)
{
	free(t->list);
	buf_clear(&t->arena);
	*t = (struct text){0};
}

static struct str
entry_value(const struct text *t, const struct entry *e)
{
	return (struct str){.p = buf_z(&t->arena) + e->at, .n = e->n};
}

static enum crm_err
entry_add(
    struct text *t, const struct entry *e, struct str value, struct diag *dg)
{
	struct entry *more;
	size_t cap;

	if (t->n == t->cap) {
		cap = t->cap ? t->cap * 2 : 64;
		more = realloc(t->list, cap * sizeof(*more));
		if (!more)
			return diag_nomem(dg);
		t->list = more;
		t->cap = cap;
	}
	t->list[t->n] = *e;
	t->list[t->n].at = t->arena.n;
	t->list[t->n++].n = value.n;
	buf_add(&t->arena, value);
	return CRM_OK;
}

/* A line that goes on with the value of the one before. */
static enum crm_err
line_goes_on(struct text *t, struct str line, struct diag *dg)
{
	if (t->n == 0)
		return diag_set(dg, CRM_DATA,
		    "a line that starts with a tab goes on with the value "
		    "above, and there is none");
	buf_addc(&t->arena, '\n');
	buf_add(&t->arena, str_from_pos(line, 1));
	t->list[t->n - 1].n = t->arena.n - t->list[t->n - 1].at;
	return CRM_OK;
}

static enum crm_err
line_read(
    struct text *t, struct str line, size_t no, struct str *id, struct diag *dg)
{
	size_t colon = str_chr(line, ':');
	struct entry e = {.line = no};
	struct str value;

	if (str_starts(line, STR("\t")))
		return line_goes_on(t, line, dg);
	if (str_starts(line, STR("#")) || str_trim(line).n == 0)
		return CRM_OK;
	if (colon == line.n)
		return diag_set(dg, CRM_DATA,
		    "no colon in '%.*s'; write field: value, or a tab in "
		    "front of a line that goes on",
		    STR_ARG(line));
	e.name = str_trim(str_head(line, colon));
	value = str_from_pos(line, colon + 1);
	if (str_starts(value, STR(" ")))
		value = str_from_pos(value, 1);
	if (str_is(e.name, "id")) {
		e.id = *id = str_trim(value);
		return entry_add(t, &e, *id, dg);
	}
	if (id->n == 0)
		return diag_set(dg, CRM_DATA,
		    "no line 'id: ...' above says which record this is");
	e.id = *id;
	return entry_add(t, &e, value, dg);
}

static enum crm_err
text_read(struct text *t, struct str text, struct diag *dg)
{
	struct str rest = text, id = {0};
	size_t no = 0;
	enum crm_err err = CRM_OK;

	while (!err && rest.p) {
		err = line_read(t, str_cut(&rest, '\n'), ++no, &id, dg);
		if (err)
			diag_place(dg, "line %zu", no);
	}
	return !err && t->arena.failed ? diag_nomem(dg) : err;
}

/* ---- comparing -------------------------------------------------------- */

static bool
entry_same(const struct text *a, const struct entry *x, const struct text *b)
{
	const struct entry *e;
	size_t i;

	for (i = 0; i < a->n; i++) {
		e = &a->list[i];
		if (str_eq(e->id, x->id) && str_eq(e->name, x->name))
			return str_eq(entry_value(a, e), entry_value(b, x));
	}
	return false;
}

static bool
text_has_id(const struct text *t, struct str id)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (str_eq(t->list[i].id, id))
			return true;
	return false;
}

static enum crm_err
record_start(
    struct writer *w, struct store *s, struct str text, struct diag *dg)
{
	struct id id;
	enum crm_err err;

	if (!id_parse(store_schema(s), text, &id))
		return diag_set(
		    dg, CRM_DATA, "id: '%.*s' is no id", STR_ARG(text));
	err = writer_update(w, id, dg);
	return err == CRM_NO ? (dg->code = CRM_DATA) : err;
}

static enum crm_err
record_end(struct writer *w, struct diag *dg)
{
	enum writer_done done;
	struct id id;

	return writer_commit(w, &id, &done, dg);
}

/* Sets what differs of the entries [i, end) of one record. */
static enum crm_err
record_apply(struct writer *w, const struct text *old, const struct text *new,
    size_t i, size_t end, struct diag *dg)
{
	struct assign a = {.op = ASSIGN_SET};
	const struct entry *e;
	enum crm_err err = CRM_OK;

	for (; !err && i < end; i++) {
		e = &new->list[i];
		if (str_is(e->name, "id") || entry_same(old, e, new))
			continue;
		a.field = e->name;
		a.value = entry_value(new, e);
		err = writer_assign(w, &a, dg);
		if (err)
			diag_place(dg, "line %zu", e->line);
	}
	return err;
}

static enum crm_err
texts_apply(struct writer *w, struct store *s, const struct text *old,
    const struct text *new, struct diag *dg)
{
	struct str id;
	size_t i, end;
	enum crm_err err = CRM_OK;

	for (i = 0; !err && i < new->n; i = end) {
		id = new->list[i].id;
		for (end = i; end < new->n; end++)
			if (!str_eq(new->list[end].id, id))
				break;
		if (text_has_id(old, id))
			err = record_start(w, s, id, dg);
		else
			err = diag_set(dg, CRM_DATA,
			    "'%.*s' was not among the records to edit",
			    STR_ARG(id));
		if (!err)
			err = record_apply(w, old, new, i, end, dg);
		else
			diag_place(dg, "line %zu", new->list[i].line);
		if (!err) {
			err = record_end(w, dg);
			if (err)
				diag_place(dg, "%.*s", STR_ARG(id));
		}
	}
	return err;
}

enum crm_err
edit_apply(struct writer *w, struct store *s, struct str before,
    struct str after, struct diag *dg)
{
	struct text old = {0}, new = {0};
	enum crm_err err;

	err = text_read(&old, before, dg);
	if (!err)
		err = text_read(&new, after, dg);
	if (!err)
		err = texts_apply(w, s, &old, &new, dg);
	text_clear(&old);
	text_clear(&new);
	return err;
}
