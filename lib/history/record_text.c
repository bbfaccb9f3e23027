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

static enum crm_err
line_wrong(size_t line, struct str name, const char *what, struct diag *dg)
{
	return diag_set(
	    dg, CRM_CONFIG, "line %zu: %.*s: %s", line, STR_ARG(name), what);
}

/* A value, after the ones that its list has already. */
static enum crm_err
value_take(const struct kind *k, struct str name, struct str text, size_t line,
    struct str *values, struct buf *hold, struct diag *dg)
{
	const struct field *f = schema_field(k, name);
	struct str *v;
	size_t at = hold->n;
	bool odd = false;

	if (!f || f->slot >= k->nslots)
		return line_wrong(line, name, "no field of this kind", dg);
	v = &values[f->slot];
	if (v->n > 0 && !f->list)
		return line_wrong(line, name, "a second value", dg);
	if (v->n > 0 && v->p + v->n != hold->p + at)
		return line_wrong(
		    line, name, "not beside the other values of its list", dg);
	if (v->n > 0) {
		buf_addc(hold, ',');
		at -= v->n;
	}
	unescape_tsv(text, hold, &odd);
	if (odd || text.n == 0 || (f->list && str_chr(text, ',') < text.n))
		return line_wrong(line, name, "not a value as it is kept", dg);
	*v = (struct str){.p = hold->p + at, .n = hold->n - at};
	return CRM_OK;
}

/* KNOWN: fields that K does not have are passed over. */
static enum crm_err
text_take(const struct kind *k, struct str text, bool known, struct str *values,
    struct buf *hold, struct diag *dg)
{
	struct str rest = text;
	enum crm_err err = CRM_OK;

	memset(values, 0, ROW_SLOTS * sizeof(*values));
	buf_reset(hold);
	/* Nothing may move while views are handed out. */
	if (!buf_room(hold, text.n + TIME_ROOM))
		return diag_nomem(dg);
	for (size_t line = 1; rest.n > 0 && err == CRM_OK; line++) {
		size_t end = str_chr(rest, '\n');
		struct str l = str_head(rest, end);
		size_t tab = str_chr(l, '\t');

		if (end == rest.n || tab == l.n)
			return line_wrong(
			    line, l, "not a field, a tab and a value", dg);
		rest = str_from_pos(rest, end + 1);
		if (known && !schema_field(k, str_head(l, tab)))
			continue;
		err = value_take(k, str_head(l, tab), str_from_pos(l, tab + 1),
		    line, values, hold, dg);
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
