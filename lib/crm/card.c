/* SPDX-License-Identifier: ISC */
/* card: properties are collected, and at the end they are a row. */
#include "crm/card_impl.h"

const char *const card_cols[COL_COUNT] = {"id", "name", "email", "phone",
    "street", "postcode", "city", "region", "country", "social", "tag", "note",
    "url", "lang", "ext", "created", "updated", "prefix", "given", "middle",
    "family", "suffix", "nick", "org.name", "dept", "title", "role", "bday",
    "anniv", "gender"};

static const char *const left_names[LEFT_COUNT] = {"PHOTO", "LOGO", "SOUND",
    "KEY", "LABEL", "labels as home and work", "other base64"};

/* ---- collecting ------------------------------------------------------- */

static struct span
keep(struct card *c, struct str s)
{
	struct span span = {c->text.n, s.n};

	buf_add(&c->text, s);
	return span;
}

/* Types that say nothing about where or what for. */
static bool
type_plain(struct str type)
{
	static const char *const plain[] = {"internet", "pref", "voice",
	    "postal", "parcel", "dom", "intl", "x-internet", "other", "text",
	    "msg", "video"};

	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (str_ieq(type, str_from(plain[i])))
			return true;
	return type.n == 0;
}

/* The types that are a label, "work, cell". */
static struct span
types_keep(struct card *c, const struct content_line *line)
{
	struct span span = {c->text.n, 0};

	for (size_t i = 0; i < line->nparams; i++) {
		struct str rest = line->params[i].value;
		if (!str_is(line->params[i].name, "TYPE"))
			continue;
		while (rest.p) {
			struct str type = str_trim(str_cut(&rest, ','));
			if (type_plain(type))
				continue;
			if (c->text.n > span.at)
				buf_addz(&c->text, ", ");
			for (size_t j = 0; j < type.n; j++) {
				char ch = type.p[j];
				if (ch >= 'A' && ch <= 'Z')
					ch = (char)(ch + 32);
				buf_addc(&c->text, ch);
			}
		}
	}
	span.n = c->text.n - span.at;
	return span;
}

static unsigned
pref_of(const struct content_line *line)
{
	struct str s = content_get(line, "PREF");
	unsigned n = 0;

	for (size_t i = 0; i < s.n && i < 3; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return PREF_NONE;
		n = n * 10 + (unsigned)(s.p[i] - '0');
	}
	if (n > 0 && n < PREF_NONE)
		return n;
	return content_says(line, "TYPE", "PREF") ? 1 : PREF_NONE;
}

static bool
props_room(struct card *c)
{
	size_t cap = c->cap ? c->cap * 2 : 32;
	struct prop *p;

	if (c->nprops < c->cap)
		return true;
	p = realloc(c->props, cap * sizeof(*p));
	if (!p)
		return false;
	c->props = p;
	c->cap = cap;
	return true;
}

/* Pictures and the like are counted, not kept. */
static bool
left_out(struct card *c, struct str name)
{
	for (size_t i = LEFT_PHOTO; i <= LEFT_KEY; i++) {
		if (!str_is(name, left_names[i]))
			continue;
		c->left[i]++;
		return true;
	}
	return false;
}

/* The value as text in UTF-8; false when it is none, but a picture or so. */
static bool
value_keep(struct card *c, const struct content_line *line, struct span *out)
{
	size_t from = c->text.n;

	buf_reset(&c->scratch);
	if (!line->base64)
		buf_add(&c->text, line->value);
	else if (line->cut || !content_base64(line->value, &c->scratch) ||
		 !content_charset(str_of(&c->scratch),
		     content_get(line, "CHARSET"), &c->text))
		return false;
	*out = (struct span){from, c->text.n - from};
	return true;
}

static void
prop_keep(struct card *c, const struct prop *p)
{
	struct str name = card_view(c, p->name);

	c->props[c->nprops++] = *p;
	c->address |= str_is(name, "ADR");
	if (str_is(name, "X-ABLABEL") && c->nlabels < LABELS_MAX)
		c->labels[c->nlabels++] = *p;
}

enum crm_err
card_add(struct card *c, const struct content_line *line, bool nested,
    struct diag *dg)
{
	struct prop p = {.nested = nested, .old = line->old};

	if (left_out(c, line->name))
		return CRM_OK;
	if (line->cut && !line->base64)
		return diag_set(dg, CRM_DATA,
		    "%.*s: more than %d bytes; at most %d fit",
		    STR_ARG(line->name), (int)CONTENT_LINE_MAX,
		    (int)CRM_FIELD_MAX);
	if (c->text.n + line->value.n + c->nprops * sizeof(p) > CRM_RECORD_MAX)
		return diag_set(dg, CRM_DATA,
		    "the card is larger than %d bytes; is END:VCARD missing?",
		    (int)CRM_RECORD_MAX);
	if (!props_room(c))
		return diag_nomem(dg);
	p.group = keep(c, line->group);
	p.name = keep(c, line->name);
	p.types = types_keep(c, line);
	/* Others look at the name. */
	p.pref = (int)pref_of(line) -
		 (!nested && str_is(line->name, "FN") ? 200 : 0);
	p.text = content_says(line, "VALUE", "TEXT");
	p.omit = content_get(line, "X-APPLE-OMIT-YEAR").n > 0;
	if (value_keep(c, line, &p.value))
		prop_keep(c, &p);
	else
		c->left[LEFT_BINARY]++;
	return c->text.failed ? diag_nomem(dg) : CRM_OK;
}

/* ---- the card as a whole ---------------------------------------------- */

static int
pref_cmp(const void *a, const void *b)
{
	const struct prop *x = a, *y = b;

	if (x->pref != y->pref)
		return x->pref < y->pref ? -1 : 1;
	return x->value.at < y->value.at ? -1 : x->value.at > y->value.at;
}

static struct str
value_named(struct card *c, const char *name)
{
	for (size_t i = 0; i < c->nprops; i++)
		if (!c->props[i].nested &&
		    str_is(card_view(c, c->props[i].name), name))
			return str_trim(card_view(c, c->props[i].value));
	return STR("");
}

static enum crm_err
kind_look(struct card *c, struct diag *dg)
{
	struct str kind = value_named(c, "KIND");

	if (kind.n == 0)
		kind = value_named(c, "X-ADDRESSBOOKSERVER-KIND");
	c->made = value_named(c, "X-CRM-UNNAMED").n > 0;
	c->org = str_ieq(kind, STR("org")) ||
		 (kind.n == 0 &&
		     str_ieq(value_named(c, "X-ABSHOWAS"), STR("COMPANY")));
	if (kind.n == 0 || c->org || str_ieq(kind, STR("individual")))
		return CRM_OK;
	return diag_set(dg, CRM_DATA,
	    "KIND:%.*s is neither person nor organisation; take the card out",
	    STR_ARG(kind));
}

static void
row_col(struct card *c, struct rows_row *row, struct str name, struct str value)
{
	c->names[row->n] = name;
	c->views[row->n++] = value;
}

/* The columns of a kind grow with the fields that its cards name. */
static bool
row_set(struct card *c, struct rows_row *row)
{
	size_t n = c->org ? COL_ORGS : COL_COUNT;
	bool any = false;

	row->n = 0;
	for (size_t i = c->o.own ? COL_ID : COL_NAME; i < n; i++)
		row_col(
		    c, row, str_from(card_cols[i]), card_cell(c, (enum col)i));
	for (size_t i = 0; i < c->nmore[c->org]; i++) {
		struct more *m = &c->more[c->org][i];
		row_col(c, row, str_from(m->name), str_of(&m->cell));
		c->failed |= m->cell.failed;
	}
	for (size_t i = 0; i < COL_COUNT; i++)
		c->failed |= c->cells[i].failed;
	for (size_t i = 0; i < row->n; i++)
		any |= c->views[i].n > 0;
	row->names = c->names;
	row->cells = c->views;
	row->shape = c->nmore[c->org] * 2 + c->org;
	row->kind = c->org ? STR("org") : STR("contact");
	return any;
}

enum crm_err
card_end(struct card *c, struct rows_row *row, struct diag *dg)
{
	enum crm_err err = kind_look(c, dg);

	if (err)
		return err;
	/* What is preferred comes first. */
	if (c->nprops)
		qsort(c->props, c->nprops, sizeof(*c->props), pref_cmp);
	for (size_t i = 0; i < c->nprops; i++)
		card_take(c, &c->props[i]);
	if (c->extra.n) {
		card_line(&c->cells[COL_NOTE]);
		buf_add(&c->cells[COL_NOTE], str_of(&c->extra));
	}
	if (!row_set(c, row))
		err = diag_set(dg, CRM_DATA, "the card says nothing");
	if (c->failed || c->text.failed || c->extra.failed ||
	    c->scratch.failed || c->part.failed)
		err = diag_nomem(dg);
	return err;
}

void
card_begin(struct card *c)
{
	c->nprops = c->nlabels = 0;
	c->address = false;
	buf_reset(&c->text);
	buf_reset(&c->extra);
	for (size_t i = 0; i < COL_COUNT; i++)
		buf_reset(&c->cells[i]);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < c->nmore[k]; i++)
			buf_reset(&c->more[k][i].cell);
}

/* ---- life ------------------------------------------------------------- */

enum crm_err
card_new(struct card **out, const struct vcard_options *o, struct diag *dg)
{
	struct card *c = calloc(1, sizeof(*c));

	*out = c;
	if (!c)
		return diag_nomem(dg);
	if (o)
		c->o = *o;
	return CRM_OK;
}

void
card_free(struct card *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < COL_COUNT; i++)
		buf_clear(&c->cells[i]);
	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < c->nmore[k]; i++) {
			free(c->more[k][i].name);
			buf_clear(&c->more[k][i].cell);
		}
	}
	buf_clear(&c->text);
	buf_clear(&c->extra);
	buf_clear(&c->scratch);
	buf_clear(&c->part);
	buf_clear(&c->checked);
	free(c->props);
	free(c);
}

void
card_left_out(const struct card *c, struct buf *out)
{
	for (size_t i = 0; i < LEFT_COUNT; i++)
		if (c->left[i])
			buf_addf(out, "%s%s %llu", out->n ? ", " : "",
			    left_names[i], (unsigned long long)c->left[i]);
}
