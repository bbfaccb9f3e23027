/* SPDX-License-Identifier: ISC */
/* card_cell: texts of properties, and the cells they go to. */
#include "crm/card_impl.h"

#include "model/value.h"

struct str
card_view(const struct card *c, struct span s)
{
	return str_head(str_from_pos(str_of(&c->text), s.at), s.n);
}

/* ---- texts ------------------------------------------------------------ */

/* Undoes the escapes of S. vCard 2.1 knows no \n: it writes paths, C:\new. */
void
card_unescape(const struct prop *p, struct str s, struct buf *out)
{
	if (!p->old) {
		content_unescape(s, out);
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n &&
		    memchr("\\;,:", s.p[i + 1], 4))
			i++;
		buf_addc(out, s.p[i]);
	}
}

/* The whole value as one text; until the next call. */
struct str
card_text(struct card *c, const struct prop *p)
{
	buf_reset(&c->scratch);
	card_unescape(p, card_view(c, p->value), &c->scratch);
	return str_trim(str_of(&c->scratch));
}

/* A URI has no escapes but those that careless writers put in. */
struct str
card_uri(struct card *c, const struct prop *p)
{
	struct str s = card_view(c, p->value);

	if (p->text)
		return card_text(c, p);
	buf_reset(&c->scratch);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n &&
		    memchr(",;:", s.p[i + 1], 3))
			i++;
		buf_addc(&c->scratch, s.p[i]);
	}
	return str_trim(str_of(&c->scratch));
}

/* Takes the next part of a structured value off REST, several values in it
 * joined by JOIN; until the next call. */
struct str
card_part(
    struct card *c, const struct prop *p, struct str *rest, const char *join)
{
	struct str part = rest->p ? content_cut(rest, ';') : STR("");

	buf_reset(&c->part);
	while (part.p) {
		struct str item = content_cut(&part, ',');
		card_unescape(p, str_trim(item), &c->part);
		if (part.p)
			buf_addz(&c->part, join);
	}
	return str_trim(str_of(&c->part));
}

/* ---- cells ------------------------------------------------------------ */

struct str
card_cell(const struct card *c, enum col col)
{
	return str_of(&c->cells[col]);
}

/* An org has not all columns. */
bool
card_has(const struct card *c, enum col col)
{
	return !c->org || col < COL_ORGS;
}

void
card_line(struct buf *to)
{
	if (to->n && to->p[to->n - 1] != '\n')
		buf_addc(to, '\n');
}

/* "Spouse" of "_$!<Spouse>!$_". */
static struct str
label_plain(struct str s)
{
	static const struct str open = {"_$!<", 4}, close = {">!$_", 4};

	if (str_starts(s, open) && str_ends(s, close) && s.n >= 8)
		s = (struct str){s.p + 4, s.n - 8};
	return s;
}

/* What the card says the property is for: the label of its group, else its
 * types; "" nothing. */
struct str
card_label(const struct card *c, const struct prop *p)
{
	struct str group = card_view(c, p->group);

	for (size_t i = 0; group.n && i < c->nlabels; i++) {
		const struct prop *q = &c->labels[i];
		if (q->nested == p->nested &&
		    str_ieq(card_view(c, q->group), group))
			return label_plain(str_trim(card_view(c, q->value)));
	}
	return card_view(c, p->types);
}

/* Appends "WHAT (label): value" to the note. */
void
card_note(
    struct card *c, const struct prop *p, struct str what, struct str value)
{
	struct str label = card_label(c, p);

	if (value.n == 0)
		return;
	card_line(&c->extra);
	if (p->nested)
		buf_addz(&c->extra, "Agent ");
	buf_add(&c->extra, what);
	if (label.n) {
		buf_addz(&c->extra, " (");
		card_unescape(p, label, &c->extra);
		buf_addc(&c->extra, ')');
	}
	buf_addz(&c->extra, ": ");
	buf_add(&c->extra, value);
}

/* The label of what is in a field now has no place. */
void
card_label_left(struct card *c, const struct prop *p)
{
	if (card_label(c, p).n)
		c->left[LEFT_TYPES]++;
}

/* Sets a cell that is empty; what it says already is not said again. */
void
card_set(struct card *c, const struct prop *p, enum col col, struct str value)
{
	if (value.n == 0 || str_eq(card_cell(c, col), value))
		return;
	if (card_has(c, col) && c->cells[col].n == 0)
		buf_add(&c->cells[col], value);
	else
		card_note(c, p, card_view(c, p->name), value);
}

void
card_item_add(struct buf *list, struct str item)
{
	if (list->n)
		buf_addc(list, ',');
	buf_add(list, item);
}

/* Would the store take VALUE? */
bool
card_fits(struct card *c, enum type type, struct str value)
{
	struct field f = {.type = (uint8_t)type};
	struct diag dg = {0};
	bool odd = false;
	enum crm_err err;

	buf_reset(&c->checked);
	err = value_normalise(&f, value, NULL, &c->checked, &odd, &dg);
	c->failed = c->failed || err == CRM_TEMP;
	diag_clear(&dg);
	return !err && c->checked.n > 0;
}

/* An item of a list: checked, and without commas, which part the items. */
void
card_item(struct card *c, const struct prop *p, enum col col, enum type type,
    struct str value)
{
	value = str_trim(value);
	if (value.n == 0)
		return;
	if (str_chr(value, ',') < value.n || !card_fits(c, type, value)) {
		card_note(c, p, card_view(c, p->name), value);
		return;
	}
	card_item_add(&c->cells[col], value);
	card_label_left(c, p);
}
