/* SPDX-License-Identifier: ISC */
/* show: the page of a record for people. */
#include "crm/show.h"
#include "base/utf8.h"
#include "crm/columns.h"
#include "crm/day.h"
#include "crm/dossier.h"
#include "query/ref.h"
#include "text/emit.h"

enum {
	PEOPLE_MAX = 100, /* of an org, whose dealings count as its own */
	ROWS = 20,	  /* of a section that has no bound of its own */
	LABEL_MAX = 14,	  /* columns of a field's name */
	WIDTH_MIN = 20,
	INDENT = 2 /* of tables */
};

struct page {
	struct store *store;
	const struct show_options *o;
	struct buf *out;
	size_t width;
	struct record rec;
	struct id owners[1 + PEOPLE_MAX];
	size_t nowners;
	struct dossier found;
	struct buf line; /* visible text of what is being put */
};

/* ---- text -------------------------------------------------------------- */

static void
put_blanks(struct buf *out, size_t n)
{
	while (n--)
		buf_addc(out, ' ');
}

/* One word, broken where a line ends inside it. Returns the new column. */
static size_t
put_word(struct page *p, struct str word, size_t indent, size_t col)
{
	size_t at = 0, from;
	size_t w;

	while (at < word.n) {
		from = at;
		w = (size_t)utf8_char_width(utf8_next(word, &at));
		if (col + w > p->width && col > indent) {
			buf_addc(p->out, '\n');
			put_blanks(p->out, indent);
			col = indent;
		}
		buf_add(p->out, (struct str){word.p + from, at - from});
		col += w;
	}
	return col;
}

/* Text of one line from column COL on, wrapped at blanks. */
static void
put_wrapped(struct page *p, struct str text, size_t indent)
{
	size_t col = indent;
	struct str word;
	bool first = true;

	for (struct str rest = text; rest.p;) {
		word = str_cut(&rest, ' ');
		if (!first && col + 1 + utf8_width(word) > p->width) {
			buf_addc(p->out, '\n');
			put_blanks(p->out, indent);
			col = indent;
		} else if (!first) {
			buf_addc(p->out, ' ');
			col++;
		}
		first = false;
		col = put_word(p, word, indent, col);
	}
	buf_addc(p->out, '\n');
}

/* Any stored text: its own line ends kept, everything else made visible. */
static void
put_text(struct page *p, struct str text, size_t indent)
{
	struct str line;
	bool first = true;

	for (struct str rest = text; rest.p;) {
		line = str_cut(&rest, '\n');
		if (!first)
			put_blanks(p->out, indent);
		first = false;
		buf_reset(&p->line);
		utf8_visible(line, &p->line);
		put_wrapped(p, str_of(&p->line), indent);
	}
}

static void
put_bold(struct page *p, struct str text)
{
	if (p->o->colour)
		buf_addz(p->out, "\033[1m");
	buf_add(p->out, text);
	if (p->o->colour)
		buf_addz(p->out, "\033[0m");
}

/* ---- fields ------------------------------------------------------------ */

/* Each id of a list with the name of its record. */
static enum crm_err
say_refs(struct page *p, struct str ids, struct buf *out, struct diag *dg)
{
	struct str item;
	struct id id;
	enum crm_err err = CRM_OK;

	for (struct str rest = ids; !err && rest.p;) {
		item = str_cut(&rest, ',');
		if (out->n)
			buf_addz(out, ", ");
		buf_add(out, item);
		if (!id_parse(store_schema(p->store), item, &id) ||
		    !store_has(p->store, id))
			continue;
		buf_addc(out, ' ');
		err = ref_label(p->store, id, out, dg);
	}
	return err;
}

/* A value as people read it. */
static enum crm_err
say_value(struct page *p, const struct field *f, struct str value,
    struct buf *out, struct diag *dg)
{
	const struct zone *z = &p->o->clock->zone;
	struct when when;

	if (f->type == TYPE_REF)
		return say_refs(p, value, out, dg);
	if ((f->type == TYPE_TIME || f->type == TYPE_DATE) && !f->list &&
	    day_read(value, z, &when)) {
		when_say(&when, z, out);
		return CRM_OK;
	}
	if (!f->list) {
		buf_add(out, value);
		return CRM_OK;
	}
	for (struct str rest = value; rest.p;) {
		buf_add(out, str_cut(&rest, ','));
		buf_addz(out, rest.p ? ", " : "");
	}
	return CRM_OK;
}

/* A sum of nothing is no news. */
static bool
worth_showing(const struct field *f, struct str value)
{
	if (!value.n)
		return false;
	return !f->derived || (!str_is(value, "0") && !str_is(value, "0.00"));
}

static size_t
label_width(struct page *p)
{
	const struct kind *k = p->rec.kind;
	struct buf scratch = {0};
	size_t width = 0;

	for (size_t i = 0; i < k->nfields; i++) {
		const struct field *f = k->fields[i];

		if (worth_showing(f, record_get(&p->rec, f, &scratch)) &&
		    f->name.n > width)
			width = f->name.n;
	}
	buf_clear(&scratch);
	return width < LABEL_MAX ? width : LABEL_MAX;
}

static enum crm_err
put_field(struct page *p, const struct field *f, size_t width,
    struct buf *scratch, struct diag *dg)
{
	struct str value = record_get(&p->rec, f, scratch);
	struct buf said = {0};
	enum crm_err err;

	if (!worth_showing(f, value))
		return CRM_OK;
	err = say_value(p, f, value, &said, dg);
	if (!err && said.failed)
		err = diag_nomem(dg);
	if (!err) {
		buf_addz(p->out, "  ");
		buf_add(p->out, f->name);
		if (f->name.n > width)
			buf_addc(p->out, '\n');
		put_blanks(p->out,
		    f->name.n > width ? 4 + width : 2 + width - f->name.n);
		put_text(p, str_of(&said), 4 + width);
	}
	buf_clear(&said);
	return err;
}

static enum crm_err
put_fields(struct page *p, struct diag *dg)
{
	const struct kind *k = p->rec.kind;
	size_t width = label_width(p);
	struct buf scratch = {0};
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < k->nfields; i++)
		err = put_field(p, k->fields[i], width, &scratch, dg);
	buf_clear(&scratch);
	return err;
}

/* "Ada Lovelace  contact c1" */
static enum crm_err
put_heading(struct page *p, struct diag *dg)
{
	struct buf label = {0};
	enum crm_err err;

	buf_reset(&p->line);
	err = ref_label(p->store, p->rec.id, &label, dg);
	if (!err) {
		utf8_visible(str_of(&label), &p->line);
		put_bold(p, str_of(&p->line));
		buf_addf(p->out, "  %.*s ", STR_ARG(p->rec.kind->name));
		id_print(store_schema(p->store), p->rec.id, p->out);
		buf_addc(p->out, '\n');
	}
	buf_clear(&label);
	return err;
}

/* ---- sections ---------------------------------------------------------- */

enum {
	SECTION_OPEN = 1,   /* open ones only */
	SECTION_PEOPLE = 2, /* those of an org's people, too */
	SECTION_RISING = 4  /* the oldest first */
};

static const struct section {
	uint16_t kind;
	const char *title; /* NULL: the name of the kind */
	const char *columns;
	unsigned flags;
	size_t limit; /* 0: as many as the options say */
} sections[] = {
    {KIND_CONTACT, "people", "id,name,title,email,phone", SECTION_RISING, ROWS},
    {KIND_DEAL, "open deals", "id,name,stage,amount,currency,close",
	SECTION_OPEN | SECTION_PEOPLE | SECTION_RISING, ROWS},
    {KIND_ORDER, "orders", "id,issued,doc,number,status,total,currency",
	SECTION_PEOPLE, 5},
    {KIND_ITEM, "items", "id,product,product.name,qty,price,discount,tax",
	SECTION_RISING, 100},
    {KIND_TICKET, "open tickets", "id,opened,subject,priority,status",
	SECTION_OPEN | SECTION_PEOPLE | SECTION_RISING, ROWS},
    {KIND_TASK, "open tasks", "id,due,title,priority",
	SECTION_OPEN | SECTION_PEOPLE | SECTION_RISING, ROWS},
    {KIND_CONSENT, "consents",
	"id,purpose,channel,basis,state,captured,expires", 0, ROWS},
    {KIND_LINK, "links", NULL, SECTION_RISING, ROWS},
    {KIND_ACTIVITY, "activities", "id,start,type,direction,status,subject",
	SECTION_PEOPLE, 0},
};

static void
put_title(struct page *p, struct str title, size_t limit)
{
	buf_addc(p->out, '\n');
	put_bold(p, title);
	if (p->found.cut)
		buf_addf(p->out, " (%zu, there are more: -a)", limit);
	buf_addc(p->out, '\n');
}

static enum crm_err
table_open(struct page *p, struct emit **e, struct diag *dg)
{
	struct emit_options eo = {.format = FORMAT_TABLE,
	    .colour = p->o->colour,
	    .width = p->width - INDENT,
	    .indent = INDENT,
	    .zone = &p->o->clock->zone};

	return emit_new(e, &eo, p->out, dg);
}

/* A schema may have lost a field that the page would show: then the kind's
 * own columns, and *NAMES becomes NULL. */
static enum crm_err
table_columns(struct page *p, const struct kind *k, const char **names,
    struct columns **cols, struct diag *dg)
{
	enum crm_err err;

	err = columns_new(cols, p->store, k, *names, COLUMNS_SHOWN, dg);
	if (err != CRM_USAGE || !*names)
		return err;
	diag_clear(dg);
	*names = NULL;
	return columns_new(cols, p->store, k, NULL, COLUMNS_SHOWN, dg);
}

/* The columns of the table of activities, from the index. */
static void
covered_row(const struct kind *k, const struct pointer *d,
    const struct str cover[COVER_VALUES], struct emit *e)
{
	char id[ID_PREFIX_MAX + ID_TEXT_MAX];
	char *end = id_write(k->prefix, pointer_id(d, k->no), id);
	struct ref_time at = pointer_time(d);
	struct moment time;

	emit_cell(e, (struct str){id, (size_t)(end - id)}, true);
	if (at.given && !at.day) {
		emit_time(e, at.utc);
	} else {
		time = ref_time_text(at);
		emit_cell(e, moment_str(&time), true);
	}
	emit_cell(e, cover[COVER_TYPE], false);
	emit_cell(e, cover[COVER_DIRECTION], false);
	emit_cell(e, cover[COVER_STATUS], false);
	emit_cell(e, cover[COVER_SUBJECT], false);
	emit_row(e);
}

static enum crm_err
record_row(struct page *p, struct id id, struct columns *cols, struct emit *e,
    struct diag *dg)
{
	struct record rec;
	enum crm_err err = store_follow(p->store, id, &rec, dg);

	return err ? err : columns_emit(cols, e, &rec, dg);
}

static enum crm_err
put_table(
    struct page *p, const struct kind *k, const char *names, struct diag *dg)
{
	struct columns *cols = NULL;
	struct str cover[COVER_VALUES];
	struct emit *e = NULL;
	enum crm_err err;

	err = table_columns(p, k, &names, &cols, dg);
	if (!err)
		err = table_open(p, &e, dg);
	if (!err)
		err = columns_begin(cols, e, dg);
	for (size_t i = 0; !err && i < p->found.n; i++) {
		const struct pointer *d = &p->found.entries[i];

		if (names && pointer_cover(d, cover))
			covered_row(k, d, cover, e);
		else
			err = record_row(
			    p, dossier_id(&p->found, i), cols, e, dg);
	}
	if (!err)
		err = emit_end(e, dg);
	emit_free(e);
	columns_free(cols);
	return err;
}

/* ---- links: the other end, whatever it is ------------------------------ */

static struct str
link_get(const struct record *rec, const char *name)
{
	const struct field *f = schema_field(rec->kind, str_from(name));

	return f && f->slot != SLOT_NONE ? row_get(&rec->row, f->slot)
					 : (struct str){0};
}

static enum crm_err
link_row(
    struct page *p, const struct record *rec, struct emit *e, struct diag *dg)
{
	const struct schema *schema = store_schema(p->store);
	struct str other = link_get(rec, "to");
	struct buf cell = {0};
	struct id id;
	enum crm_err err = CRM_OK;
	bool from_here = id_parse(schema, link_get(rec, "from"), &id) &&
			 id_eq(id, p->rec.id);

	if (!from_here)
		other = link_get(rec, "from");
	id_print(schema, rec->id, &cell);
	emit_cell(e, str_of(&cell), true);
	emit_cell(e, from_here ? STR("is") : STR("has"), true);
	emit_cell(e, link_get(rec, "rel"), false);
	emit_cell(e, other, false);
	buf_reset(&cell);
	if (id_parse(schema, other, &id) && store_has(p->store, id))
		err = ref_label(p->store, id, &cell, dg);
	emit_cell(e, str_of(&cell), false);
	emit_cell(e, link_get(rec, "since"), false);
	emit_cell(e, link_get(rec, "until"), false);
	emit_row(e);
	if (!err && cell.failed)
		err = diag_nomem(dg);
	buf_clear(&cell);
	return err;
}

static enum crm_err
put_links(struct page *p, struct diag *dg)
{
	static const struct column cols[] = {
	    {.name = {"id", 2}},
	    {.name = {"", 0}},
	    {.name = {"rel", 3}},
	    {.name = {"other", 5}},
	    {.name = {"name", 4}},
	    {.name = {"since", 5}},
	    {.name = {"until", 5}},
	};
	struct emit *e = NULL;
	struct record rec;
	enum crm_err err;

	err = table_open(p, &e, dg);
	if (!err)
		err = emit_begin(e, cols, ARRAY_LEN(cols), dg);
	for (size_t i = 0; !err && i < p->found.n; i++) {
		err =
		    store_follow(p->store, dossier_id(&p->found, i), &rec, dg);
		if (!err)
			err = link_row(p, &rec, e, dg);
	}
	if (!err)
		err = emit_end(e, dg);
	emit_free(e);
	return err;
}

/* ---- the page ---------------------------------------------------------- */

/* Most sections have nothing to show: then the fields of their kind are not
 * even made. */
static enum crm_err
put_section(struct page *p, const struct section *sec, struct diag *dg)
{
	const struct kind *k;
	size_t limit = sec->limit ? sec->limit : p->o->activities;
	bool open_only = sec->flags & SECTION_OPEN && !p->o->all;
	size_t nowners = sec->flags & SECTION_PEOPLE ? p->nowners : 1;
	enum crm_err err;

	if (p->o->all)
		limit = SIZE_MAX - 1;
	err = dossier_read(p->store, sec->kind, p->owners, nowners, open_only,
	    limit, &p->found, dg);
	if (err || !p->found.n)
		return err;
	k = schema_kind_no(store_schema(p->store), sec->kind);
	if (sec->flags & SECTION_RISING)
		dossier_turn(&p->found);
	put_title(p, sec->title ? str_from(sec->title) : k->name, limit);
	return k->no == KIND_LINK ? put_links(p, dg)
				  : put_table(p, k, sec->columns, dg);
}

static bool
has_section(uint16_t kind)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (sections[i].kind == kind)
			return true;
	return false;
}

/* Kinds that the table does not know: users' own, and rare pairs. */
static enum crm_err
put_others(struct page *p, struct diag *dg)
{
	struct section sec = {.limit = ROWS};
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err; i++) {
		sec.kind = schema_no_at(store_schema(p->store), i);
		if (sec.kind == KIND_NONE)
			break;
		if (!has_section(sec.kind))
			err = put_section(p, &sec, dg);
	}
	return err;
}

/* An org's page shows what its people do, so they are owners as well. */
static enum crm_err
find_owners(struct page *p, struct diag *dg)
{
	enum crm_err err;

	p->owners[0] = p->rec.id;
	p->nowners = 1;
	if (p->rec.id.kind != KIND_ORG)
		return CRM_OK;
	err = dossier_read(p->store, KIND_CONTACT, p->owners, 1, false,
	    PEOPLE_MAX, &p->found, dg);
	for (size_t i = 0; !err && i < p->found.n; i++)
		p->owners[p->nowners++] = dossier_id(&p->found, i);
	return err;
}

static enum crm_err
put_sections(struct page *p, struct diag *dg)
{
	enum crm_err err = find_owners(p, dg);

	for (size_t i = 0; !err && i < ARRAY_LEN(sections); i++)
		err = put_section(p, &sections[i], dg);
	return err ? err : put_others(p, dg);
}

enum crm_err
show_page(struct store *s, struct id id, const struct show_options *o,
    struct buf *out, struct diag *dg)
{
	struct page p = {.store = s,
	    .o = o,
	    .out = out,
	    .width = o->width < WIDTH_MIN ? WIDTH_MIN : o->width};
	enum crm_err err;

	err = store_get(s, id, &p.rec, dg);
	if (!err)
		err = put_heading(&p, dg);
	if (!err)
		err = put_fields(&p, dg);
	if (!err)
		err = put_sections(&p, dg);
	if (!err && (out->failed || p.line.failed))
		err = diag_nomem(dg);
	dossier_clear(&p.found);
	buf_clear(&p.line);
	return err;
}
