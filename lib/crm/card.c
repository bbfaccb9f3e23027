/* SPDX-License-Identifier: ISC */
/* card: properties collected and made into fields. */
#include "crm/card.h"

#include "base/date.h"
#include "model/value.h"

/* The columns of every card; those of orgs are a part of them. */
enum col {
	COL_ID, /* only where it is asked for */
	COL_NAME,
	COL_EMAIL,
	COL_PHONE,
	COL_STREET,
	COL_POSTCODE,
	COL_CITY,
	COL_REGION,
	COL_COUNTRY,
	COL_SOCIAL,
	COL_TAG,
	COL_NOTE,
	COL_URL,
	COL_LANG,
	COL_EXT,
	COL_CREATED,
	COL_UPDATED,
	COL_ORGS, /* here ends what an org has */
	COL_PREFIX = COL_ORGS,
	COL_GIVEN,
	COL_MIDDLE,
	COL_FAMILY,
	COL_SUFFIX,
	COL_NICK,
	COL_ORG,
	COL_DEPT,
	COL_TITLE,
	COL_ROLE,
	COL_BDAY,
	COL_ANNIV,
	COL_GENDER,
	COL_COUNT
};

static const char *const col_names[COL_COUNT] = {"id", "name", "email", "phone",
    "street", "postcode", "city", "region", "country", "social", "tag", "note",
    "url", "lang", "ext", "created", "updated", "prefix", "given", "middle",
    "family", "suffix", "nick", "org.name", "dept", "title", "role", "bday",
    "anniv", "gender"};

/* Fields of X-CRM-* beyond those, as many as a file may name. */
enum { MORE_MAX = 256, PREF_NONE = 101, LABELS_MAX = 1000 };

/* What is left out and counted. */
enum left {
	LEFT_PHOTO,
	LEFT_LOGO,
	LEFT_SOUND,
	LEFT_KEY,
	LEFT_LABEL,
	LEFT_TYPES,
	LEFT_BINARY,
	LEFT_COUNT
};

static const char *const left_names[LEFT_COUNT] = {"PHOTO", "LOGO", "SOUND",
    "KEY", "LABEL", "labels as home and work", "other base64"};

struct span {
	size_t at, n;
};

/* A property as it is kept until the card ends. */
struct prop {
	struct span group, name, value, types;
	int pref;    /* the lowest first */
	bool old;    /* vCard 2.1: fewer escapes */
	bool text;   /* VALUE=text */
	bool omit;   /* the year is a stopgap */
	bool nested; /* of a card within the card */
};

/* A field that is no column of every card. */
struct more {
	char *name;
	struct buf cell;
};

struct card {
	struct vcard_options o;
	struct buf text; /* what the spans point into */
	struct prop *props;
	size_t nprops, cap;
	bool org;
	bool made;    /* the name is a stopgap of our export */
	bool address; /* there is an ADR */
	struct prop labels[LABELS_MAX]; /* of groups */
	size_t nlabels;
	struct buf cells[COL_COUNT];
	struct buf extra; /* lines for the end of the note */
	struct buf scratch, part, checked;
	struct more more[2][MORE_MAX]; /* of contacts, of orgs */
	size_t nmore[2];
	struct str names[COL_COUNT + MORE_MAX], views[COL_COUNT + MORE_MAX];
	uint64_t left[LEFT_COUNT];
	bool failed;
};

/* How a property becomes a field. */
struct rule {
	const char *name;
	void (*take)(struct card *c, const struct prop *p, int arg);
	int arg;
};

/* ---- collecting ------------------------------------------------------- */

static struct str
view(const struct card *c, struct span s)
{
	return str_head(str_from_pos(str_of(&c->text), s.at), s.n);
}

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
	struct str name = view(c, p->name);

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

/* ---- texts ------------------------------------------------------------ */

/* Undoes the escapes of S. vCard 2.1 knows no \n: it writes paths, C:\new. */
static void
unescape(const struct prop *p, struct str s, struct buf *out)
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
static struct str
text_of(struct card *c, const struct prop *p)
{
	buf_reset(&c->scratch);
	unescape(p, view(c, p->value), &c->scratch);
	return str_trim(str_of(&c->scratch));
}

/* A URI has no escapes but those that careless writers put in. */
static struct str
uri_of(struct card *c, const struct prop *p)
{
	struct str s = view(c, p->value);

	if (p->text)
		return text_of(c, p);
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
static struct str
part_take(
    struct card *c, const struct prop *p, struct str *rest, const char *join)
{
	struct str part = rest->p ? content_cut(rest, ';') : STR("");

	buf_reset(&c->part);
	while (part.p) {
		struct str item = content_cut(&part, ',');
		unescape(p, str_trim(item), &c->part);
		if (part.p)
			buf_addz(&c->part, join);
	}
	return str_trim(str_of(&c->part));
}

/* ---- cells ------------------------------------------------------------ */

static struct str
cell(const struct card *c, enum col col)
{
	return str_of(&c->cells[col]);
}

/* An org has not all columns. */
static bool
has_col(const struct card *c, enum col col)
{
	return !c->org || col < COL_ORGS;
}

static void
line_add(struct buf *to)
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
static struct str
label_of(const struct card *c, const struct prop *p)
{
	struct str group = view(c, p->group);

	for (size_t i = 0; group.n && i < c->nlabels; i++) {
		const struct prop *q = &c->labels[i];
		if (q->nested == p->nested && str_ieq(view(c, q->group), group))
			return label_plain(str_trim(view(c, q->value)));
	}
	return view(c, p->types);
}

/* Appends "WHAT (label): value" to the note. */
static void
note_as(struct card *c, const struct prop *p, struct str what, struct str value)
{
	struct str label = label_of(c, p);

	if (value.n == 0)
		return;
	line_add(&c->extra);
	if (p->nested)
		buf_addz(&c->extra, "Agent ");
	buf_add(&c->extra, what);
	if (label.n) {
		buf_addz(&c->extra, " (");
		unescape(p, label, &c->extra);
		buf_addc(&c->extra, ')');
	}
	buf_addz(&c->extra, ": ");
	buf_add(&c->extra, value);
}

static void
note_take(struct card *c, const struct prop *p, int arg)
{
	(void)arg;
	note_as(c, p, view(c, p->name), text_of(c, p));
}

/* The label of what is in a field now has no place. */
static void
label_left(struct card *c, const struct prop *p)
{
	if (label_of(c, p).n)
		c->left[LEFT_TYPES]++;
}

/* Sets a cell that is empty; what it says already is not said again. */
static void
cell_set(struct card *c, const struct prop *p, enum col col, struct str value)
{
	if (value.n == 0 || str_eq(cell(c, col), value))
		return;
	if (has_col(c, col) && c->cells[col].n == 0)
		buf_add(&c->cells[col], value);
	else
		note_as(c, p, view(c, p->name), value);
}

static void
item_add(struct buf *list, struct str item)
{
	if (list->n)
		buf_addc(list, ',');
	buf_add(list, item);
}

/* Would the store take VALUE? */
static bool
value_fits(struct card *c, enum type type, struct str value)
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
static void
item_take(struct card *c, const struct prop *p, enum col col, enum type type,
    struct str value)
{
	value = str_trim(value);
	if (value.n == 0)
		return;
	if (str_chr(value, ',') < value.n || !value_fits(c, type, value)) {
		note_as(c, p, view(c, p->name), value);
		return;
	}
	item_add(&c->cells[col], value);
	label_left(c, p);
}

/* ---- rules ------------------------------------------------------------ */

/* Nothing about the person. */
static void
skip_take(struct card *c, const struct prop *p, int arg)
{
	(void)c;
	(void)p;
	(void)arg;
}

static void
text_take(struct card *c, const struct prop *p, int arg)
{
	cell_set(c, p, (enum col)arg, text_of(c, p));
}

static void
fn_take(struct card *c, const struct prop *p, int arg)
{
	(void)arg;
	if (!c->made)
		cell_set(c, p, COL_NAME, text_of(c, p));
}

static void
n_take(struct card *c, const struct prop *p, int arg)
{
	static const enum col cols[] = {
	    COL_FAMILY, COL_GIVEN, COL_MIDDLE, COL_PREFIX, COL_SUFFIX};
	struct str rest = view(c, p->value);
	size_t i;

	(void)arg;
	for (i = 0; i < ARRAY_LEN(cols) && rest.p; i++) {
		bool words = cols[i] != COL_PREFIX && cols[i] != COL_SUFFIX;
		struct str s = part_take(c, p, &rest, words ? " " : ", ");
		/* An organisation's name, put here for want of a place. */
		if (!c->org || !str_eq(s, cell(c, COL_NAME)))
			cell_set(c, p, cols[i], s);
	}
	while (rest.p)
		note_as(c, p, STR("N"), part_take(c, p, &rest, ", "));
}

static void
nick_take(struct card *c, const struct prop *p, int arg)
{
	struct str rest = view(c, p->value);

	(void)arg;
	buf_reset(&c->scratch);
	while (rest.p) {
		struct str item = content_cut(&rest, ',');
		unescape(p, item, &c->scratch);
		if (rest.p)
			buf_addz(&c->scratch, ", ");
	}
	cell_set(c, p, COL_NICK, str_trim(str_of(&c->scratch)));
}

static void
email_take(struct card *c, const struct prop *p, int arg)
{
	(void)arg;
	item_take(c, p, COL_EMAIL, TYPE_EMAIL, text_of(c, p));
}

/* "tel:+1-555;ext=2" as people write it; false when it says more. */
static bool
tel_uri(struct card *c, struct str *s)
{
	struct str rest = str_from_pos(*s, 4), number = str_cut(&rest, ';');

	buf_reset(&c->part);
	buf_add(&c->part, number);
	while (rest.p) {
		struct str param = str_cut(&rest, ';');
		if (param.n < 5 || !str_ieq(str_head(param, 4), STR("ext=")))
			return false;
		buf_addz(&c->part, " x");
		buf_add(&c->part, str_from_pos(param, 4));
	}
	*s = str_of(&c->part);
	return true;
}

static bool
has_type(const struct card *c, const struct prop *p, const char *type)
{
	struct str rest = view(c, p->types);

	while (rest.p)
		if (str_is(str_trim(str_cut(&rest, ',')), type))
			return true;
	return false;
}

/* What answers no call is not among the phones. */
static void
tel_take(struct card *c, const struct prop *p, int arg)
{
	struct str s = text_of(c, p);
	bool plain = true;

	(void)arg;
	if (s.n > 4 && str_ieq(str_head(s, 4), STR("tel:")))
		plain = tel_uri(c, &s);
	if (!plain || has_type(c, p, "fax") || has_type(c, p, "pager") ||
	    has_type(c, p, "textphone"))
		note_as(c, p, STR("TEL"), s);
	else
		item_take(c, p, COL_PHONE, TYPE_PHONE, s);
}

/* Appends what there is of an address to TO: street, suite and box. */
static void
street_add(
    struct card *c, const struct prop *p, struct str *rest, struct buf *to)
{
	struct buf box = {0}, suite = {0};
	struct str street;

	buf_add(&box, part_take(c, p, rest, ", "));
	buf_add(&suite, part_take(c, p, rest, ", "));
	street = part_take(c, p, rest, ", ");
	buf_add(to, street);
	if (to->n && suite.n)
		buf_addz(to, ", ");
	buf_add(to, str_of(&suite));
	if (to->n && box.n)
		buf_addz(to, ", ");
	buf_add(to, str_of(&box));
	c->failed = c->failed || box.failed || suite.failed;
	buf_clear(&box);
	buf_clear(&suite);
}

static void
address_note(struct card *c, const struct prop *p)
{
	struct str rest = view(c, p->value);
	struct buf all = {0};

	street_add(c, p, &rest, &all);
	while (rest.p) {
		struct str s = part_take(c, p, &rest, ", ");
		if (s.n && all.n)
			buf_addz(&all, ", ");
		buf_add(&all, s);
	}
	note_as(c, p, STR("Address"), str_of(&all));
	c->failed = c->failed || all.failed;
	buf_clear(&all);
}

static void
adr_take(struct card *c, const struct prop *p, int arg)
{
	static const enum col cols[] = {
	    COL_CITY, COL_REGION, COL_POSTCODE, COL_COUNTRY};
	struct str rest = view(c, p->value);
	struct buf street = {0};

	(void)arg;
	if (cell(c, COL_STREET).n || cell(c, COL_CITY).n ||
	    cell(c, COL_REGION).n || cell(c, COL_POSTCODE).n ||
	    cell(c, COL_COUNTRY).n) {
		address_note(c, p);
		return;
	}
	street_add(c, p, &rest, &street);
	buf_add(&c->cells[COL_STREET], str_of(&street));
	c->failed = c->failed || street.failed;
	buf_clear(&street);
	for (size_t i = 0; i < ARRAY_LEN(cols) && rest.p; i++)
		buf_add(&c->cells[cols[i]], part_take(c, p, &rest, ", "));
	while (rest.p)
		note_as(c, p, STR("ADR"), part_take(c, p, &rest, ", "));
	label_left(c, p);
}

/* The address once more as it is printed: of use only without an ADR. */
static void
label_take(struct card *c, const struct prop *p, int arg)
{
	(void)arg;
	if (c->address)
		c->left[LEFT_LABEL]++;
	else
		note_as(c, p, STR("Address"), text_of(c, p));
}

static void
org_take(struct card *c, const struct prop *p, int arg)
{
	struct str rest = view(c, p->value), unit;
	struct buf units = {0};
	bool first = cell(c, COL_ORG).n == 0 && cell(c, COL_DEPT).n == 0;

	(void)arg;
	unit = part_take(c, p, &rest, ", ");
	if (c->org) {
		cell_set(c, p, COL_NAME, unit);
	} else if (first) {
		buf_add(&c->cells[COL_ORG], unit);
	} else {
		buf_add(&units, unit);
	}
	while (rest.p) {
		unit = part_take(c, p, &rest, ", ");
		if (unit.n && units.n)
			buf_addz(&units, ", ");
		buf_add(&units, unit);
	}
	if (first && !c->org)
		buf_add(&c->cells[COL_DEPT], str_of(&units));
	else
		note_as(c, p, STR("ORG"), str_of(&units));
	c->failed = c->failed || units.failed;
	buf_clear(&units);
}

static bool
all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* Appends the day of 19850412, 1985-04-12 and whatever stands behind it in
 * *rest; false when it is no whole day. */
static bool
day_read(struct str s, struct buf *out, struct str *rest)
{
	size_t from = out->n;
	int day;

	if (s.n >= 8 && all_digits(str_head(s, 8))) {
		buf_add(out, str_head(s, 4));
		buf_addc(out, '-');
		buf_add(out, (struct str){s.p + 4, 2});
		buf_addc(out, '-');
		buf_add(out, (struct str){s.p + 6, 2});
		*rest = str_from_pos(s, 8);
	} else if (s.n >= 10) {
		buf_add(out, str_head(s, 10));
		*rest = str_from_pos(s, 10);
	}
	if (out->n > from && (rest->n == 0 || rest->p[0] == 'T') &&
	    date_parse(str_from_pos(str_of(out), from), &day))
		return true;
	out->n = from;
	return false;
}

/* Midnight is how some write a day. */
static bool
time_of_day(struct str s)
{
	for (size_t i = 0; i < s.n && s.p[i] != '.' && s.p[i] != '+'; i++)
		if (s.p[i] >= '1' && s.p[i] <= '9')
			return true;
	return false;
}

static void
date_take(struct card *c, const struct prop *p, int arg)
{
	struct str s = text_of(c, p), rest = {0};

	buf_reset(&c->part);
	if (p->omit || !day_read(s, &c->part, &rest)) {
		note_as(c, p, view(c, p->name), s);
		return;
	}
	if (time_of_day(rest))
		note_as(c, p, view(c, p->name), s);
	cell_set(c, p, (enum col)arg, str_of(&c->part));
}

/* Apple's dates are what their label says. */
static void
abdate_take(struct card *c, const struct prop *p, int arg)
{
	(void)arg;
	if (str_ieq(label_of(c, p), STR("Anniversary")) && !p->nested)
		date_take(c, p, COL_ANNIV);
	else
		note_as(c, p, STR("Date"), text_of(c, p));
}

static void
abrelated_take(struct card *c, const struct prop *p, int arg)
{
	(void)arg;
	note_as(c, p, STR("Related"), text_of(c, p));
}

static void
gender_take(struct card *c, const struct prop *p, int arg)
{
	static const char *const words[][2] = {{"F", "female"}, {"M", "male"},
	    {"O", "other"}, {"N", "none"}, {"U", "unknown"}};
	struct str rest = view(c, p->value);
	struct str s = part_take(c, p, &rest, ", ");

	(void)arg;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_ieq(s, str_from(words[i][0])))
			s = str_from(words[i][1]);
	cell_set(c, p, COL_GENDER, s);
	while (rest.p)
		cell_set(c, p, COL_GENDER, part_take(c, p, &rest, ", "));
}

static void
url_take(struct card *c, const struct prop *p, int arg)
{
	struct str s = uri_of(c, p);

	(void)arg;
	if (s.n && !value_fits(c, TYPE_URL, s)) {
		note_as(c, p, STR("URL"), s);
		return;
	}
	if (s.n && cell(c, COL_URL).n == 0)
		label_left(c, p);
	cell_set(c, p, COL_URL, s);
}

/* SOCIALPROFILE and IMPP stand for themselves; X-ICQ:123 is "icq:123". */
static void
social_take(struct card *c, const struct prop *p, int arg)
{
	struct str s = uri_of(c, p), name = view(c, p->name);

	if (arg && str_chr(s, ':') == s.n && s.n) {
		buf_reset(&c->part);
		name = str_from_pos(name, 2);
		for (size_t i = 0; i < name.n && name.p[i] != '-'; i++)
			buf_addc(&c->part, (char)(name.p[i] | 32));
		buf_addc(&c->part, ':');
		buf_add(&c->part, s);
		s = str_of(&c->part);
	}
	item_take(c, p, COL_SOCIAL, TYPE_TEXT, s);
}

static void
tag_take(struct card *c, const struct prop *p, int arg)
{
	struct str rest = view(c, p->value);
	char sep = p->old && str_chr(rest, ',') == rest.n ? ';' : ',';

	(void)arg;
	while (rest.p) {
		struct str item = content_cut(&rest, sep);
		buf_reset(&c->scratch);
		unescape(p, item, &c->scratch);
		item_take(c, p, COL_TAG, TYPE_TEXT, str_of(&c->scratch));
	}
}

static void
notes_take(struct card *c, const struct prop *p, int arg)
{
	struct str s = text_of(c, p);

	(void)arg;
	if (s.n == 0)
		return;
	line_add(&c->cells[COL_NOTE]);
	buf_add(&c->cells[COL_NOTE], s);
}

static void
uid_take(struct card *c, const struct prop *p, int arg)
{
	static const struct str ours = {"urn:crm:", 8};
	struct str s = uri_of(c, p);
	bool own = arg || str_starts(s, ours);

	if (s.n == 0)
		return;
	if (own && !arg)
		s = str_from_pos(s, ours.n);
	if (own && c->o.own) {
		cell_set(c, p, COL_ID, s);
		return;
	}
	buf_reset(&c->part);
	buf_addz(&c->part, own ? "crm:" : "vcard:");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ',')
			buf_addz(&c->part, "%2C");
		else
			buf_addc(&c->part, s.p[i]);
	}
	item_add(&c->cells[COL_EXT], str_of(&c->part));
}

/* 20260102T030405Z, 2026-01-02T03:04:05+01:00, or a day. */
static void
time_take(struct card *c, const struct prop *p, int arg)
{
	struct str s = text_of(c, p), rest = {0};
	int64_t utc;

	buf_reset(&c->part);
	if (day_read(s, &c->part, &rest)) {
		buf_add(&c->part, str_head(rest, 1));
		if (rest.n >= 7 && all_digits((struct str){rest.p + 1, 6})) {
			buf_addf(&c->part, "%.2s:%.2s:%.2s", rest.p + 1,
			    rest.p + 3, rest.p + 5);
			rest = str_from_pos(rest, 7);
		} else {
			rest = str_from_pos(rest, 1);
		}
		buf_add(&c->part, rest);
		if (c->part.n == DATE_LEN ||
		    time_parse(str_of(&c->part), &utc)) {
			cell_set(c, p, (enum col)arg, str_of(&c->part));
			return;
		}
	}
	note_as(c, p, view(c, p->name), s);
}

static const struct rule rules[] = {
    {"FN", fn_take, 0},
    {"N", n_take, 0},
    {"NICKNAME", nick_take, 0},
    {"X-NICKNAME", nick_take, 0},
    {"EMAIL", email_take, 0},
    {"TEL", tel_take, 0},
    {"ADR", adr_take, 0},
    {"LABEL", label_take, 0},
    {"ORG", org_take, 0},
    {"TITLE", text_take, COL_TITLE},
    {"ROLE", text_take, COL_ROLE},
    {"BDAY", date_take, COL_BDAY},
    {"ANNIVERSARY", date_take, COL_ANNIV},
    {"X-ANNIVERSARY", date_take, COL_ANNIV},
    {"X-EVOLUTION-ANNIVERSARY", date_take, COL_ANNIV},
    {"X-KADDRESSBOOK-X-ANNIVERSARY", date_take, COL_ANNIV},
    {"X-ABDATE", abdate_take, 0},
    {"X-ABRELATEDNAMES", abrelated_take, 0},
    {"GENDER", gender_take, 0},
    {"X-GENDER", gender_take, 0},
    {"URL", url_take, 0},
    {"LANG", text_take, COL_LANG},
    {"SOCIALPROFILE", social_take, 0},
    {"X-SOCIALPROFILE", social_take, 0},
    {"IMPP", social_take, 0},
    {"X-AIM", social_take, 1},
    {"X-GADUGADU", social_take, 1},
    {"X-GOOGLE-TALK", social_take, 1},
    {"X-GROUPWISE", social_take, 1},
    {"X-GTALK", social_take, 1},
    {"X-ICQ", social_take, 1},
    {"X-JABBER", social_take, 1},
    {"X-MSN", social_take, 1},
    {"X-QQ", social_take, 1},
    {"X-SKYPE", social_take, 1},
    {"X-SKYPE-USERNAME", social_take, 1},
    {"X-TWITTER", social_take, 1},
    {"X-YAHOO", social_take, 1},
    {"CATEGORIES", tag_take, 0},
    {"NOTE", notes_take, 0},
    {"X-CRM-ID", uid_take, 1},
    {"UID", uid_take, 0},
    {"CREATED", time_take, COL_CREATED},
    {"REV", time_take, COL_UPDATED},
    {"KIND", skip_take, 0},
    {"X-ADDRESSBOOKSERVER-KIND", skip_take, 0},
    {"X-ABSHOWAS", skip_take, 0},
    {"X-CRM-UNNAMED", skip_take, 0},
    {"PRODID", skip_take, 0},
    {"VERSION", skip_take, 0},
    {"PROFILE", skip_take, 0},
    {"X-ABLABEL", skip_take, 0},
};

static const struct rule other = {"", note_take, 0};

static const struct rule *
rule_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (str_is(name, rules[i].name))
			return &rules[i];
	return &other;
}

/* ---- X-CRM-FIELD ------------------------------------------------------ */

/* Is SHOE-SIZE what our export makes of the field shoe_size? */
static bool
name_says(struct str field, struct str property)
{
	size_t at = 0;

	for (size_t i = 0; i < field.n; i++) {
		char c = field.p[i];
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (c < '0' || c > '9')
			c = '-';
		if (field.p[i] == '-' &&
		    (at >= property.n || property.p[at++] != '-'))
			return false;
		if (at >= property.n || property.p[at++] != c)
			return false;
	}
	return at == property.n;
}

/* Appends the name of the field that the property PROPERTY is of. */
static bool
field_name(const struct card *c, struct str property, struct buf *out)
{
	const struct schema *s = c->o.store ? store_schema(c->o.store) : NULL;
	const struct kind *k =
	    s ? schema_kind_no(s, c->org ? KIND_ORG : KIND_CONTACT) : NULL;

	for (size_t i = 0; k && i < k->nfields; i++) {
		const struct field *f = k->fields[i];
		/* The ids of another store mean nothing here. */
		if (f->slot == SLOT_NONE ||
		    (f->type == TYPE_REF && !c->o.own) ||
		    !name_says(f->name, property))
			continue;
		buf_add(out, f->name);
		return true;
	}
	for (size_t i = 0; !s && i < property.n; i++) {
		char ch = property.p[i];
		if (ch >= 'A' && ch <= 'Z')
			ch = (char)(ch + 32);
		else if (ch < '0' || ch > '9')
			ch = '_';
		buf_addc(out, ch);
	}
	return !s && property.n > 0;
}

/* The cell of the field NAME, made when there is none yet; NULL when there
 * are too many. */
static struct buf *
more_cell(struct card *c, struct str name)
{
	struct more *m = c->more[c->org];
	size_t *n = &c->nmore[c->org], i;

	for (i = COL_NAME; i < COL_COUNT; i++)
		if (str_is(name, col_names[i]) && has_col(c, (enum col)i))
			return &c->cells[i];
	for (i = 0; i < *n; i++)
		if (str_is(name, m[i].name))
			return &m[i].cell;
	if (*n == MORE_MAX)
		return NULL;
	m[*n].name = malloc(name.n + 1);
	if (!m[*n].name) {
		c->failed = true;
		return NULL;
	}
	memcpy(m[*n].name, name.p, name.n);
	m[*n].name[name.n] = '\0';
	return &m[(*n)++].cell;
}

static void
own_take(struct card *c, const struct prop *p)
{
	struct str property = str_from_pos(view(c, p->name), 6);
	struct str value = text_of(c, p);
	struct buf *cell = NULL;

	buf_reset(&c->part);
	if (field_name(c, property, &c->part))
		cell = more_cell(c, str_of(&c->part));
	if (!cell)
		note_as(c, p, view(c, p->name), value);
	else if (cell->n == 0)
		buf_add(cell, value);
	else if (value.n)
		item_add(cell, value);
}

/* ---- the card as a whole ---------------------------------------------- */

static void
prop_take(struct card *c, const struct prop *p)
{
	const struct rule *r = rule_of(view(c, p->name));

	if (p->nested)
		r = r->take == skip_take ? r : &other;
	if (r == &other && !p->nested &&
	    str_starts(view(c, p->name), STR("X-CRM-")))
		own_take(c, p);
	else
		r->take(c, p, r->arg);
}

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
		    str_is(view(c, c->props[i].name), name))
			return str_trim(view(c, c->props[i].value));
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
		row_col(c, row, str_from(col_names[i]), cell(c, (enum col)i));
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
		prop_take(c, &c->props[i]);
	if (c->extra.n) {
		line_add(&c->cells[COL_NOTE]);
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
