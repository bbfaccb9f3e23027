/* SPDX-License-Identifier: ISC */
/* export_vcard: which field is which property. */
#include "crm/export_vcard.h"
#include "crm/name.h"
#include "text/vcard.h"

/* Fields that have a property of their own, or a part of one. */
enum part {
	PART_NAME,
	PART_PREFIX,
	PART_GIVEN,
	PART_MIDDLE,
	PART_FAMILY,
	PART_SUFFIX,
	PART_NICK,
	PART_EMAIL,
	PART_PHONE,
	PART_ORG,
	PART_DEPT,
	PART_TITLE,
	PART_ROLE,
	PART_STREET,
	PART_POSTCODE,
	PART_CITY,
	PART_REGION,
	PART_COUNTRY,
	PART_BDAY,
	PART_ANNIV,
	PART_GENDER,
	PART_SOCIAL,
	PART_TAG,
	PART_NOTE,
	PART_URL,
	PART_LANG,
	PART_CREATED,
	PART_UPDATED,
	PART_COUNT
};

static const char *const part_names[PART_COUNT] = {"name", "prefix", "given",
    "middle", "family", "suffix", "nick", "email", "phone", "org", "dept",
    "title", "role", "street", "postcode", "city", "region", "country", "bday",
    "anniv", "gender", "social", "tag", "note", "url", "lang", "created",
    "updated"};

/* A field that has none: its property. */
struct other {
	const struct field *field;
	char *property;
};

struct vcards {
	struct store *store;
	const struct kind *kind;
	enum vcard_version version;
	const struct field *parts[PART_COUNT]; /* NULL: the kind has none */
	struct other *others;
	size_t nothers;
	const struct record *record; /* being written */
	struct buf *out;
	struct buf params, name, org;
	bool made; /* the name in FN is a stopgap */
};

/* ---- life ------------------------------------------------------------- */

/* X-CRM-BUDGET for "budget": letters, digits, '-' are all that is allowed, so
 * that '-' is for '_', and "--" for '-'. */
static char *
property_name(struct str field)
{
	struct buf b = {0};
	size_t i;
	char c;

	buf_addz(&b, "X-CRM-");
	for (i = 0; i < field.n; i++) {
		c = field.p[i];
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (c == '-')
			buf_addc(&b, c);
		else if (c < '0' || c > '9')
			c = '-';
		buf_addc(&b, c);
	}
	if (b.failed) {
		buf_clear(&b);
		return NULL;
	}
	return b.p;
}

static bool
is_part(const struct vcards *v, const struct field *f)
{
	size_t i;

	for (i = 0; i < PART_COUNT; i++)
		if (v->parts[i] == f)
			return true;
	return false;
}

static enum crm_err
fields_sort_out(struct vcards *v, struct diag *dg)
{
	const struct kind *k = v->kind;
	const struct field *f;
	size_t i;

	for (i = 0; i < PART_COUNT; i++) {
		f = schema_field(k, str_from(part_names[i]));
		if (f && f->slot != SLOT_NONE && !f->sensitive)
			v->parts[i] = f;
	}
	v->others = calloc(k->nfields + 1, sizeof(*v->others));
	if (!v->others)
		return diag_nomem(dg);
	for (i = 0; i < k->nfields; i++) {
		f = k->fields[i];
		if (f->slot == SLOT_NONE || f->sensitive || is_part(v, f))
			continue;
		v->others[v->nothers].field = f;
		v->others[v->nothers].property = property_name(f->name);
		if (!v->others[v->nothers++].property)
			return diag_nomem(dg);
	}
	return CRM_OK;
}

enum crm_err
vcards_new(struct vcards **out, struct store *s, const struct kind *k,
    enum vcard_version version, struct diag *dg)
{
	struct vcards *v;
	enum crm_err err;

	*out = NULL;
	if (k->no != KIND_CONTACT && k->no != KIND_ORG)
		return diag_set(dg, CRM_USAGE,
		    "vcard is for contact and org; take tsv, csv or jsonl "
		    "for %.*s",
		    STR_ARG(k->name));
	v = calloc(1, sizeof(*v));
	if (!v)
		return diag_nomem(dg);
	v->store = s;
	v->kind = k;
	v->version = version;
	err = fields_sort_out(v, dg);
	if (err) {
		vcards_free(v);
		return err;
	}
	*out = v;
	return CRM_OK;
}

void
vcards_free(struct vcards *v)
{
	size_t i;

	if (!v)
		return;
	for (i = 0; i < v->nothers; i++)
		free(v->others[i].property);
	free(v->others);
	buf_clear(&v->params);
	buf_clear(&v->name);
	buf_clear(&v->org);
	free(v);
}

/* ---- one card --------------------------------------------------------- */

static struct str
part(const struct vcards *v, enum part p)
{
	if (!v->parts[p])
		return (struct str){.p = "", .n = 0};
	return row_get(&v->record->row, v->parts[p]->slot);
}

static struct str
first_item(struct str list)
{
	return str_head(list, str_chr(list, ','));
}

/* What FN says, into v->name. */
static void
formatted_name(struct vcards *v)
{
	buf_reset(&v->name);
	buf_add(&v->name, part(v, PART_NAME));
	v->made = v->name.n == 0;
	if (v->name.n == 0)
		name_join(&(struct name_parts){part(v, PART_PREFIX),
			      part(v, PART_GIVEN), part(v, PART_MIDDLE),
			      part(v, PART_FAMILY), part(v, PART_SUFFIX)},
		    &v->name);
	if (v->name.n == 0)
		buf_add(&v->name, part(v, PART_NICK));
	if (v->name.n == 0)
		buf_add(&v->name, first_item(part(v, PART_EMAIL)));
	if (v->name.n == 0)
		id_print(store_schema(v->store), v->record->id, &v->name);
}

static void
names_add(struct vcards *v)
{
	size_t before;

	formatted_name(v);
	vcard_text(v->out, "FN", "", str_of(&v->name));
	before = v->out->n;
	vcard_parts(v->out, "N", "",
	    (struct str[]){part(v, PART_FAMILY), part(v, PART_GIVEN),
		part(v, PART_MIDDLE), part(v, PART_PREFIX),
		part(v, PART_SUFFIX)},
	    5);
	/* Version 3 cannot be without, and guessing would be wrong. */
	if (v->version == VCARD_3 && v->out->n == before)
		content_raw(v->out, "N", "", STR(";;;;"));
	vcard_text(v->out, "NICKNAME", "", part(v, PART_NICK));
}

/* Version 4: ";PREF=1" for the first of several. */
static const char *
preference(struct vcards *v, bool first, bool more)
{
	buf_reset(&v->params);
	if (first && more)
		content_param(&v->params, "PREF", STR("1"));
	return buf_z(&v->params);
}

static const char *
email_params(struct vcards *v, bool first, bool more)
{
	if (v->version == VCARD_4)
		return preference(v, first, more);
	return first && more ? ";TYPE=INTERNET,PREF" : ";TYPE=INTERNET";
}

/* Version 3: a phone is of type VOICE unless it says otherwise. Old readers
 * (abook) take the last of those that say nothing: the preferred one does not,
 * the others do. */
static const char *
phone_params(struct vcards *v, bool first, bool more)
{
	if (v->version == VCARD_4)
		return preference(v, first, more);
	return first ? "" : ";TYPE=VOICE";
}

static void
emails_add(struct vcards *v)
{
	struct str all = part(v, PART_EMAIL), rest = all, item;

	while (all.n && rest.p) {
		bool first = rest.p == all.p;
		item = str_cut(&rest, ',');
		vcard_text(v->out, "EMAIL",
		    email_params(v, first, item.n < all.n), item);
	}
}

static void
phones_add(struct vcards *v)
{
	struct str all = part(v, PART_PHONE), rest = all, item;

	while (all.n && rest.p) {
		bool first = rest.p == all.p;
		item = str_cut(&rest, ',');
		vcard_text(v->out, "TEL",
		    phone_params(v, first, item.n < all.n), item);
	}
}

static void
social_add(struct vcards *v)
{
	struct str all = part(v, PART_SOCIAL), rest = all, item;
	const char *name =
	    v->version == VCARD_4 ? "SOCIALPROFILE" : "X-SOCIALPROFILE";

	while (all.n && rest.p) {
		item = str_cut(&rest, ',');
		if (str_find(item, STR("://")) < item.n)
			vcard_uri(v->out, name, "", item);
		else
			vcard_text(v->out, name, ";VALUE=text", item);
	}
}

/* The org's name, not its id. */
static enum crm_err
org_add(struct vcards *v, struct diag *dg)
{
	const struct schema *s = store_schema(v->store);
	struct record r;
	const struct field *f;
	struct id id;
	enum crm_err err;

	buf_reset(&v->org);
	if (v->kind->no == KIND_ORG)
		buf_add(&v->org, part(v, PART_NAME));
	if (id_parse(s, part(v, PART_ORG), &id)) {
		err = store_get(v->store, id, &r, dg);
		if (err && err != CRM_NO)
			return err;
		f = err ? NULL : schema_field(r.kind, STR("name"));
		if (f && f->slot != SLOT_NONE)
			buf_add(&v->org, row_get(&r.row, f->slot));
		diag_clear(dg);
	}
	vcard_parts(v->out, "ORG", "",
	    (struct str[]){str_of(&v->org), part(v, PART_DEPT)}, 2);
	return CRM_OK;
}

/* GENDER has a letter for the sex. */
static void
gender_add(struct vcards *v)
{
	static const char *const words[][2] = {{"female", "F"}, {"male", "M"},
	    {"other", "O"}, {"none", "N"}, {"unknown", "U"}};
	struct str g = part(v, PART_GENDER);
	size_t i;

	if (g.n == 0)
		return;
	if (v->version == VCARD_3) {
		vcard_text(v->out, "X-CRM-GENDER", "", g);
		return;
	}
	for (i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(g, words[i][0])) {
			content_raw(
			    v->out, "GENDER", "", str_from(words[i][1]));
			return;
		}
	/* A word of one's own is GENDER's second part. */
	vcard_parts(v->out, "GENDER", "", (struct str[]){{"", 0}, g}, 2);
}

static void
address_add(struct vcards *v)
{
	vcard_parts(v->out, "ADR", "",
	    (struct str[]){{"", 0}, {"", 0}, part(v, PART_STREET),
		part(v, PART_CITY), part(v, PART_REGION),
		part(v, PART_POSTCODE), part(v, PART_COUNTRY)},
	    7);
}

static void
others_add(struct vcards *v)
{
	const struct other *o;
	struct str value;
	size_t i;

	for (i = 0; i < v->nothers; i++) {
		o = &v->others[i];
		value = row_get(&v->record->row, o->field->slot);
		if (o->field->list)
			vcard_list(v->out, o->property, "", value);
		else
			vcard_text(v->out, o->property, "", value);
	}
}

/* A language that is none (RFC 5646) is kept all the same. */
static void
lang_add(struct vcards *v)
{
	struct str lang = part(v, PART_LANG);
	bool tag = v->version == VCARD_4;
	size_t i;

	for (i = 0; i < lang.n; i++) {
		char c = lang.p[i];
		tag &= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		       (c >= '0' && c <= '9') || c == '-';
	}
	vcard_text(v->out, tag ? "LANG" : "X-CRM-LANG", "", lang);
}

/* The UID the card had when it came from elsewhere: there it is known by it.
 * Of ext items "vcard:UID" the first. */
static struct str
foreign_uid(const struct vcards *v)
{
	static const struct str system = {.p = "vcard:", .n = 6};
	const struct field *f = schema_field(v->kind, STR("ext"));
	struct str rest = {.p = "", .n = 0}, item;

	if (f && f->slot != SLOT_NONE && !f->sensitive)
		rest = row_get(&v->record->row, f->slot);
	while (rest.p) {
		item = str_cut(&rest, ',');
		if (item.n > system.n && str_starts(item, system))
			return str_from_pos(item, system.n);
	}
	return (struct str){.p = "", .n = 0};
}

static void
uid_add(struct vcards *v)
{
	struct str foreign = foreign_uid(v);
	struct buf uid = {0};

	if (foreign.n == 0)
		buf_addz(&uid, "urn:crm:");
	id_print(store_schema(v->store), v->record->id, &uid);
	vcard_uri(v->out, foreign.n ? "X-CRM-ID" : "UID", "", str_of(&uid));
	vcard_uri(v->out, "UID", "", foreign);
	v->out->failed = v->out->failed || uid.failed;
	buf_clear(&uid);
}

static void
rest_add(struct vcards *v)
{
	bool new = v->version == VCARD_4;

	vcard_text(v->out, "TITLE", "", part(v, PART_TITLE));
	vcard_text(v->out, "ROLE", "", part(v, PART_ROLE));
	vcard_time(v->out, v->version, "BDAY", part(v, PART_BDAY));
	vcard_time(v->out, v->version, new ? "ANNIVERSARY" : "X-ANNIVERSARY",
	    part(v, PART_ANNIV));
	gender_add(v);
	lang_add(v);
	vcard_uri(v->out, "URL", "", part(v, PART_URL));
	social_add(v);
	vcard_list(v->out, "CATEGORIES", "", part(v, PART_TAG));
	vcard_text(v->out, "NOTE", "", part(v, PART_NOTE));
	others_add(v);
	if (v->made)
		content_raw(v->out, "X-CRM-UNNAMED", "", STR("yes"));
	uid_add(v);
	if (new)
		vcard_time(
		    v->out, v->version, "CREATED", part(v, PART_CREATED));
	else
		vcard_text(v->out, "X-CRM-CREATED", "", part(v, PART_CREATED));
	vcard_time(v->out, v->version, "REV", part(v, PART_UPDATED));
}

/* Version 3 has no KIND; Apple's word for it is widely known. */
static void
kind_add(struct vcards *v)
{
	bool org = v->kind->no == KIND_ORG;

	if (v->version == VCARD_4)
		content_raw(
		    v->out, "KIND", "", org ? STR("org") : STR("individual"));
	else if (org)
		content_raw(v->out, "X-ABShowAs", "", STR("COMPANY"));
}

enum crm_err
vcards_add(
    struct vcards *v, const struct record *r, struct buf *out, struct diag *dg)
{
	enum crm_err err;

	v->record = r;
	v->out = out;
	vcard_begin(out, v->version);
	kind_add(v);
	names_add(v);
	emails_add(v);
	phones_add(v);
	address_add(v);
	err = org_add(v, dg);
	rest_add(v);
	vcard_end(out);
	if (!err && (out->failed || v->params.failed || v->name.failed ||
			v->org.failed))
		err = diag_nomem(dg);
	return err;
}
