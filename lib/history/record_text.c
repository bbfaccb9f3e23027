/* SPDX-License-Identifier: ISC */
/* record_text: rows to the texts of their files, and back. */
#include "history/record_text.h"

#include "base/date.h"
#include "base/escape.h"
#include "model/value.h"

enum { TIME_ROOM = 64 };

struct file_name
record_file(const struct schema *s, struct id id, struct buf *hold)
{
	const struct kind *k = schema_kind_no(s, id.kind);

	buf_reset(hold);
	id_print(s, id, hold);
	return (struct file_name){
	    .prefix = k ? k->prefix : (struct str){0},
	    .num = id.num,
	    .name = str_of(hold),
	};
}

static void
line_add(struct str name, struct str value, struct buf *out)
{
	buf_add(out, name);
	buf_addc(out, '\t');
	escape_tsv(value, out);
	buf_addc(out, '\n');
}

void
record_text(
    const struct kind *k, const struct row *row, bool updated, struct buf *out)
{
	unsigned at = 0, slot;
	struct str value;

	while (row_each(row, &at, &slot, &value)) {
		const struct field *f =
		    slot < k->nslots ? k->slots[slot] : NULL;

		if (!f || value.n == 0 || (slot == SLOT_UPDATED && !updated))
			continue;
		if (!f->list) {
			line_add(f->name, value, out);
			continue;
		}
		for (struct str rest = value; rest.p;)
			line_add(f->name, value_item(f, &rest), out);
	}
}

bool
record_updated_at(const struct row *row, int64_t time)
{
	char room[40];
	struct buf text = {.p = room, .cap = sizeof(room)};

	time_print(time, &text);
	return str_eq(str_of(&text), row_get(row, SLOT_UPDATED));
}

/* ---- back ------------------------------------------------------------- */

/* A text on its way into VALUES. */
struct taking {
	const struct kind *kind;
	size_t line;
	struct str name; /* of the field of this line */
	const struct field *field;
	bool beside; /* the line before has the same */
	bool plain;  /* no backslash in all of the text */
	struct str *values;
	struct buf *hold;
};

static enum crm_err
line_wrong(const struct taking *t, const char *what, struct diag *dg)
{
	return diag_set(dg, CRM_CONFIG, "line %zu: %.*s: %s", t->line,
	    STR_ARG(t->name), what);
}

/* The lines stand in the order of the slots: the field of LINE is that of the
 * last one or follows soon. NULL when it does not. */
static const struct field *
field_after(const struct kind *k, const struct field *last, struct str line)
{
	for (size_t i = last ? last->slot : 0; i < k->nslots; i++) {
		const struct field *f = k->slots[i];

		if (f && f->name.n < line.n && line.p[f->name.n] == '\t' &&
		    memcmp(f->name.p, line.p, f->name.n) == 0)
			return f;
	}
	return NULL;
}

/* Name and field of LINE, whatever field that is; false without a tab. */
static bool
field_take(struct taking *t, struct str line)
{
	const struct field *f = field_after(t->kind, t->field, line);
	size_t tab;

	t->beside = f && f == t->field;
	if (f) {
		t->name = str_head(line, f->name.n);
		t->field = f;
		return true;
	}
	tab = str_chr(line, '\t');
	t->name = str_head(line, tab);
	f = tab < line.n ? schema_field(t->kind, t->name) : NULL;
	t->field = f && f->slot < t->kind->nslots ? f : NULL;
	return tab < line.n;
}

/* A value with escapes, or of a list: after the ones that it has already. */
static enum crm_err
value_hold(const struct taking *t, struct str text, struct diag *dg)
{
	struct str *v = &t->values[t->field->slot];
	size_t at = t->hold->n;
	bool odd = false;

	if (v->n > 0 && !t->beside)
		return line_wrong(
		    t, "not beside the other values of its list", dg);
	if (v->n > 0) {
		buf_addc(t->hold, ',');
		at -= v->n;
	}
	unescape_tsv(text, t->hold, &odd);
	if (odd || (t->field->list && str_chr(text, ',') < text.n))
		return line_wrong(t, "not a value as it is kept", dg);
	*v = (struct str){.p = t->hold->p + at, .n = t->hold->n - at};
	return CRM_OK;
}

static enum crm_err
value_take(const struct taking *t, struct str text, struct diag *dg)
{
	struct str *v;

	if (!t->field)
		return line_wrong(t, "no field of this kind", dg);
	v = &t->values[t->field->slot];
	if (v->n > 0 && !t->field->list)
		return line_wrong(t, "a second value", dg);
	if (text.n == 0)
		return line_wrong(t, "not a value as it is kept", dg);
	if (!t->plain || t->field->list)
		return value_hold(t, text, dg);
	*v = text;
	return CRM_OK;
}

/* KNOWN: fields that K does not have are passed over. */
static enum crm_err
text_take(const struct kind *k, struct str text, bool known, struct str *values,
    struct buf *hold, struct diag *dg)
{
	struct taking t = {.kind = k, .values = values, .hold = hold};
	size_t slots = k->nslots > SLOT_UPDATED ? k->nslots : SLOT_UPDATED + 1;
	struct str rest = text;
	enum crm_err err = CRM_OK;

	memset(values, 0, slots * sizeof(*values));
	buf_reset(hold);
	/* Nothing may move while views are handed out. */
	if (!buf_room(hold, text.n + TIME_ROOM))
		return diag_nomem(dg);
	t.plain = str_chr(text, '\\') == text.n;
	for (t.line = 1; rest.n > 0 && err == CRM_OK; t.line++) {
		size_t end = str_chr(rest, '\n');
		struct str line = str_head(rest, end);

		if (!field_take(&t, line) || end == rest.n)
			return line_wrong(
			    &t, "not a field, a tab and a value", dg);
		rest = str_from_pos(rest, end + 1);
		if (t.field || !known)
			err = value_take(
			    &t, str_from_pos(line, t.name.n + 1), dg);
	}
	return err == CRM_OK && hold->failed ? diag_nomem(dg) : err;
}

enum crm_err
record_values_known(const struct kind *k, struct str text, struct str *values,
    struct buf *hold, struct diag *dg)
{
	return text_take(k, text, true, values, hold, dg);
}

enum crm_err
record_values(const struct kind *k, struct str text, int64_t time,
    struct str *values, struct buf *hold, struct diag *dg)
{
	enum crm_err err = text_take(k, text, false, values, hold, dg);

	if (err == CRM_OK && values[SLOT_UPDATED].n == 0 && time != INT64_MIN) {
		size_t at = hold->n;

		time_print(time, hold);
		values[SLOT_UPDATED] =
		    (struct str){.p = hold->p + at, .n = hold->n - at};
	}
	return err == CRM_OK && hold->failed ? diag_nomem(dg) : err;
}
