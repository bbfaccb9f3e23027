/* SPDX-License-Identifier: ISC */
/* card_take: which property is which field. */
#include "crm/card_impl.h"

#include "base/date.h"

/* How a property becomes a field. */
struct rule {
	const char *name;
	void (*take)(struct card *c, const struct prop *p, int arg);
	int arg;
};

static void
note_take(struct card *c, const struct prop *p, int arg)
{
	(void)arg;
	card_note(c, p, card_view(c, p->name), card_text(c, p));
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
	card_set(c, p, (enum col)arg, card_text(c, p));
}

static void
fn_take(struct card *c, const struct prop *p, int arg)
{
	(void)arg;
	if (!c->made)
		card_set(c, p, COL_NAME, card_text(c, p));
}

static void
n_take(struct card *c, const struct prop *p, int arg)
{
	static const enum col cols[] = {
	    COL_FAMILY, COL_GIVEN, COL_MIDDLE, COL_PREFIX, COL_SUFFIX};
	struct str rest = card_view(c, p->value);
	size_t i;

	(void)arg;
	for (i = 0; i < ARRAY_LEN(cols) && rest.p; i++) {
		bool words = cols[i] != COL_PREFIX && cols[i] != COL_SUFFIX;
		struct str s = card_part(c, p, &rest, words ? " " : ", ");
		/* An organisation's name, put here for want of a place. */
		if (!c->org || !str_eq(s, card_cell(c, COL_NAME)))
			card_set(c, p, cols[i], s);
	}
	while (rest.p)
		card_note(c, p, STR("N"), card_part(c, p, &rest, ", "));
}

static void
nick_take(struct card *c, const struct prop *p, int arg)
{
	struct str rest = card_view(c, p->value);

	(void)arg;
	buf_reset(&c->scratch);
	while (rest.p) {
		struct str item = content_cut(&rest, ',');
		card_unescape(p, item, &c->scratch);
		if (rest.p)
			buf_addz(&c->scratch, ", ");
	}
	card_set(c, p, COL_NICK, str_trim(str_of(&c->scratch)));
}

static void
email_take(struct card *c, const struct prop *p, int arg)
{
	(void)arg;
	card_item(c, p, COL_EMAIL, TYPE_EMAIL, card_text(c, p));
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
	struct str rest = card_view(c, p->types);

	while (rest.p)
		if (str_is(str_trim(str_cut(&rest, ',')), type))
			return true;
	return false;
}

/* What answers no call is not among the phones. */
static void
tel_take(struct card *c, const struct prop *p, int arg)
{
	struct str s = card_text(c, p);
	bool plain = true;

	(void)arg;
	if (s.n > 4 && str_ieq(str_head(s, 4), STR("tel:")))
		plain = tel_uri(c, &s);
	if (!plain || has_type(c, p, "fax") || has_type(c, p, "pager") ||
	    has_type(c, p, "textphone"))
		card_note(c, p, STR("TEL"), s);
	else
		card_item(c, p, COL_PHONE, TYPE_PHONE, s);
}

/* Appends what there is of an address to TO: street, suite and box. */
static void
street_add(
    struct card *c, const struct prop *p, struct str *rest, struct buf *to)
{
	struct buf box = {0}, suite = {0};
	struct str street;

	buf_add(&box, card_part(c, p, rest, ", "));
	buf_add(&suite, card_part(c, p, rest, ", "));
	street = card_part(c, p, rest, ", ");
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
	struct str rest = card_view(c, p->value);
	struct buf all = {0};

	street_add(c, p, &rest, &all);
	while (rest.p) {
		struct str s = card_part(c, p, &rest, ", ");
		if (s.n && all.n)
			buf_addz(&all, ", ");
		buf_add(&all, s);
	}
	card_note(c, p, STR("Address"), str_of(&all));
	c->failed = c->failed || all.failed;
	buf_clear(&all);
}

static void
adr_take(struct card *c, const struct prop *p, int arg)
{
	static const enum col cols[] = {
	    COL_CITY, COL_REGION, COL_POSTCODE, COL_COUNTRY};
	struct str rest = card_view(c, p->value);
	struct buf street = {0};

	(void)arg;
	if (card_cell(c, COL_STREET).n || card_cell(c, COL_CITY).n ||
	    card_cell(c, COL_REGION).n || card_cell(c, COL_POSTCODE).n ||
	    card_cell(c, COL_COUNTRY).n) {
		address_note(c, p);
		return;
	}
	street_add(c, p, &rest, &street);
	buf_add(&c->cells[COL_STREET], str_of(&street));
	c->failed = c->failed || street.failed;
	buf_clear(&street);
	for (size_t i = 0; i < ARRAY_LEN(cols) && rest.p; i++)
		buf_add(&c->cells[cols[i]], card_part(c, p, &rest, ", "));
	while (rest.p)
		card_note(c, p, STR("ADR"), card_part(c, p, &rest, ", "));
	card_label_left(c, p);
}

/* The address once more as it is printed: of use only without an ADR. */
static void
label_take(struct card *c, const struct prop *p, int arg)
{
	(void)arg;
	if (c->address)
		c->left[LEFT_LABEL]++;
	else
		card_note(c, p, STR("Address"), card_text(c, p));
}

static void
org_take(struct card *c, const struct prop *p, int arg)
{
	struct str rest = card_view(c, p->value), unit;
	struct buf units = {0};
	bool first =
	    card_cell(c, COL_ORG).n == 0 && card_cell(c, COL_DEPT).n == 0;

	(void)arg;
	unit = card_part(c, p, &rest, ", ");
	if (c->org) {
		card_set(c, p, COL_NAME, unit);
	} else if (first) {
		buf_add(&c->cells[COL_ORG], unit);
	} else {
		buf_add(&units, unit);
	}
	while (rest.p) {
		unit = card_part(c, p, &rest, ", ");
		if (unit.n && units.n)
			buf_addz(&units, ", ");
		buf_add(&units, unit);
	}
	if (first && !c->org)
		buf_add(&c->cells[COL_DEPT], str_of(&units));
	else
		card_note(c, p, STR("ORG"), str_of(&units));
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
	struct str s = card_text(c, p), rest = {0};

	buf_reset(&c->part);
	if (p->omit || !day_read(s, &c->part, &rest)) {
		card_note(c, p, card_view(c, p->name), s);
		return;
	}
	if (time_of_day(rest))
		card_note(c, p, card_view(c, p->name), s);
	card_set(c, p, (enum col)arg, str_of(&c->part));
}

/* Apple's dates are what their label says. */
static void
abdate_take(struct card *c, const struct prop *p, int arg)
{
	(void)arg;
	if (str_ieq(card_label(c, p), STR("Anniversary")) && !p->nested)
		date_take(c, p, COL_ANNIV);
	else
		card_note(c, p, STR("Date"), card_text(c, p));
}

static void
abrelated_take(struct card *c, const struct prop *p, int arg)
{
	(void)arg;
	card_note(c, p, STR("Related"), card_text(c, p));
}

static void
gender_take(struct card *c, const struct prop *p, int arg)
{
	static const char *const words[][2] = {{"F", "female"}, {"M", "male"},
	    {"O", "other"}, {"N", "none"}, {"U", "unknown"}};
	struct str rest = card_view(c, p->value);
	struct str s = card_part(c, p, &rest, ", ");

	(void)arg;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_ieq(s, str_from(words[i][0])))
			s = str_from(words[i][1]);
	card_set(c, p, COL_GENDER, s);
	while (rest.p)
		card_set(c, p, COL_GENDER, card_part(c, p, &rest, ", "));
}

static void
url_take(struct card *c, const struct prop *p, int arg)
{
	struct str s = card_uri(c, p);

	(void)arg;
	if (s.n && !card_fits(c, TYPE_URL, s)) {
		card_note(c, p, STR("URL"), s);
		return;
	}
	if (s.n && card_cell(c, COL_URL).n == 0)
		card_label_left(c, p);
	card_set(c, p, COL_URL, s);
}

/* SOCIALPROFILE and IMPP stand for themselves; X-ICQ:123 is "icq:123". */
static void
social_take(struct card *c, const struct prop *p, int arg)
{
	struct str s = card_uri(c, p), name = card_view(c, p->name);

	if (arg && str_chr(s, ':') == s.n && s.n) {
		buf_reset(&c->part);
		name = str_from_pos(name, 2);
		for (size_t i = 0; i < name.n && name.p[i] != '-'; i++)
			buf_addc(&c->part, (char)(name.p[i] | 32));
		buf_addc(&c->part, ':');
		buf_add(&c->part, s);
		s = str_of(&c->part);
	}
	card_item(c, p, COL_SOCIAL, TYPE_TEXT, s);
}

static void
tag_take(struct card *c, const struct prop *p, int arg)
{
	struct str rest = card_view(c, p->value);
	char sep = p->old && str_chr(rest, ',') == rest.n ? ';' : ',';

	(void)arg;
	while (rest.p) {
		struct str item = content_cut(&rest, sep);
		buf_reset(&c->scratch);
		card_unescape(p, item, &c->scratch);
		card_item(c, p, COL_TAG, TYPE_TEXT, str_of(&c->scratch));
	}
}

static void
notes_take(struct card *c, const struct prop *p, int arg)
{
	struct str s = card_text(c, p);

	(void)arg;
	if (s.n == 0)
		return;
	card_line(&c->cells[COL_NOTE]);
	buf_add(&c->cells[COL_NOTE], s);
}

static void
uid_take(struct card *c, const struct prop *p, int arg)
{
	static const struct str ours = {"urn:crm:", 8};
	struct str s = card_uri(c, p);
	bool own = arg || str_starts(s, ours);

	if (s.n == 0)
		return;
	if (own && !arg)
		s = str_from_pos(s, ours.n);
	if (own && c->o.own) {
		card_set(c, p, COL_ID, s);
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
	card_item_add(&c->cells[COL_EXT], str_of(&c->part));
}

/* 20260102T030405Z, 2026-01-02T03:04:05+01:00, or a day. */
static void
time_take(struct card *c, const struct prop *p, int arg)
{
	struct str s = card_text(c, p), rest = {0};
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
			card_set(c, p, (enum col)arg, str_of(&c->part));
			return;
		}
	}
	card_note(c, p, card_view(c, p->name), s);
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
		if (str_is(name, card_cols[i]) && card_has(c, (enum col)i))
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
	struct str property = str_from_pos(card_view(c, p->name), 6);
	struct str value = card_text(c, p);
	struct buf *cell = NULL;

	buf_reset(&c->part);
	if (field_name(c, property, &c->part))
		cell = more_cell(c, str_of(&c->part));
	if (!cell)
		card_note(c, p, card_view(c, p->name), value);
	else if (cell->n == 0)
		buf_add(cell, value);
	else if (value.n)
		card_item_add(cell, value);
}

void
card_take(struct card *c, const struct prop *p)
{
	const struct rule *r = rule_of(card_view(c, p->name));

	if (p->nested)
		r = r->take == skip_take ? r : &other;
	if (r == &other && !p->nested &&
	    str_starts(card_view(c, p->name), STR("X-CRM-")))
		own_take(c, p);
	else
		r->take(c, p, r->arg);
}
