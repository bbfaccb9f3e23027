/* SPDX-License-Identifier: ISC */
/* logmail: who took part in a message, and the activity it makes. */
#include "crm/logmail.h"
#include "crm/log.h"
#include "model/value.h"

enum {
	PEOPLE_MAX = 256, /* linked by one message; a mailing list has more */
	SHARED_MAX = 16,  /* records that share one address */
	CLOCK_SLACK = 24 * 60 * 60 /* a Date further ahead is not believed */
};

struct people {
	struct id ids[PEOPLE_MAX];
	size_t n;
	bool sender; /* one of them sent it */
	bool orgs;   /* instead of persons */
};

static void
people_add(struct people *p, struct id id)
{
	for (size_t i = 0; i < p->n; i++)
		if (id_eq(p->ids[i], id))
			return;
	if (p->n < PEOPLE_MAX)
		p->ids[p->n++] = id;
}

/* ADDR as the store keeps addresses, with small letters when LOWER; empty
 * when it could not be kept. */
static enum crm_err
store_form(const struct field *email, struct str addr, bool lower,
    struct buf *out, struct diag *dg)
{
	static const struct clock never = {.now = 0};
	struct field one = *email;
	struct diag unfit = {0};
	bool odd = false;
	enum crm_err err;

	one.list = false;
	buf_reset(out);
	err = value_normalise(&one, addr, &never, out, &odd, &unfit);
	diag_clear(&unfit);
	if (err == CRM_TEMP || out->failed)
		return diag_nomem(dg);
	if (err)
		buf_reset(out);
	for (size_t i = 0; lower && i < out->n; i++)
		if (out->p[i] >= 'A' && out->p[i] <= 'Z')
			out->p[i] = (char)(out->p[i] + 'a' - 'A');
	return CRM_OK;
}

/* Everybody of kind K who has the address, as it is or in small letters. */
static enum crm_err
find_address(struct store *s, const struct kind *k, struct str addr,
    struct people *p, bool *known, struct diag *dg)
{
	const struct field *email = k ? schema_field(k, STR("email")) : NULL;
	struct id ids[SHARED_MAX];
	struct buf form = {0};
	enum crm_err err = CRM_OK;
	size_t n;

	*known = false;
	if (!email || !email->index)
		return CRM_OK;
	for (int lower = 0; !err && lower < 2; lower++) {
		n = 0;
		err = store_form(email, addr, lower, &form, dg);
		if (!err && form.n)
			err = store_find(s, email, str_of(&form), STORE_EXACT,
			    ids, SHARED_MAX, &n, dg);
		for (size_t i = 0; !err && i < n; i++)
			people_add(p, ids[i]);
		*known = *known || n;
	}
	buf_clear(&form);
	return err;
}

/* The known people of kind K in the roles given, in their order. */
static enum crm_err
find_people(struct store *s, uint16_t kind, const struct mail *m,
    struct people *p, struct diag *dg)
{
	static const enum mail_role roles[] = {
	    MAIL_FROM, MAIL_SENDER, MAIL_REPLY_TO, MAIL_TO, MAIL_CC};
	const struct kind *k = schema_kind_no(store_schema(s), kind);
	const struct mail_addr *a;
	enum crm_err err = CRM_OK;
	bool known;

	*p = (struct people){.n = 0};
	for (size_t r = 0; !err && r < ARRAY_LEN(roles); r++) {
		for (size_t i = 0; !err; i++) {
			a = mail_addr_at(m, roles[r], i);
			if (!a)
				break;
			err =
			    find_address(s, k, str_of(&a->addr), p, &known, dg);
			if (known && roles[r] < MAIL_TO)
				p->sender = true;
		}
	}
	return err;
}

/* The activity that has the message id; num 0 when none has. */
static enum crm_err
find_message(struct store *s, struct str msgid, struct id *id, struct diag *dg)
{
	const struct kind *k = schema_kind_no(store_schema(s), KIND_ACTIVITY);
	const struct field *f = k ? schema_field(k, STR("msgid")) : NULL;
	enum crm_err err;
	size_t n = 0;

	*id = (struct id){0};
	if (!msgid.n)
		return CRM_OK;
	if (!f)
		return diag_set(dg, CRM_CONFIG,
		    "activity.msgid: the schema has no such field");
	err = store_find(s, f, msgid, STORE_EXACT, id, 1, &n, dg);
	if (!n)
		*id = (struct id){0};
	return err;
}

/* The message answered: In-Reply-To, else the nearest of References. */
static enum crm_err
find_parent(
    struct store *s, const struct mail *m, struct id *id, struct diag *dg)
{
	struct str refs = str_of(&m->references);
	enum crm_err err;
	size_t at;

	err = find_message(s, str_of(&m->in_reply_to), id, dg);
	while (!err && !id->num && refs.n) {
		for (at = refs.n; at && refs.p[at - 1] != ' '; at--)
			;
		err = find_message(s, str_from_pos(refs, at), id, dg);
		refs = str_trim(str_head(refs, at));
	}
	return err;
}

static enum crm_err
set_people(struct writer *w, struct store *s, const char *field,
    const struct people *p, size_t max, struct diag *dg)
{
	struct buf list = {0};
	enum crm_err err;

	for (size_t i = 0; i < p->n && i < max; i++) {
		if (i)
			buf_addc(&list, ',');
		id_print(store_schema(s), p->ids[i], &list);
	}
	err =
	    list.failed ? diag_nomem(dg) : log_set(w, field, str_of(&list), dg);
	buf_clear(&list);
	return err;
}

/* Contacts, or orgs when none is known. */
static enum crm_err
find_parties(
    struct store *s, const struct mail *m, struct people *p, struct diag *dg)
{
	enum crm_err err;

	err = find_people(s, KIND_CONTACT, m, p, dg);
	if (err || p->n)
		return err;
	err = find_people(s, KIND_ORG, m, p, dg);
	p->orgs = true;
	return err;
}

/* The persons, or the first org, and the direction. */
static enum crm_err
set_parties(
    struct writer *w, struct store *s, const struct people *p, struct diag *dg)
{
	enum crm_err err;

	err = log_set(
	    w, "direction", p->n && !p->sender ? STR("out") : STR("in"), dg);
	if (!err && !p->n)
		return log_set(w, "tag", STR("inbox"), dg);
	if (!err)
		err = set_people(w, s, p->orgs ? "org" : "contact", p,
		    p->orgs ? 1 : PEOPLE_MAX, dg);
	return err;
}

/* A message has been held, whatever its sender's clock says. */
static enum crm_err
set_start(struct writer *w, const struct mail *m, const struct clock *clock,
    struct diag *dg)
{
	struct buf text = {0};
	int64_t start = clock_now(clock);
	enum crm_err err;

	if (m->has_date && m->date <= start + CLOCK_SLACK)
		start = m->date;
	time_print(start, &text);
	err = text.failed ? diag_nomem(dg)
			  : log_set(w, "start", str_of(&text), dg);
	buf_clear(&text);
	return err;
}

static enum crm_err
set_texts(struct writer *w, const struct mail *m, struct diag *dg)
{
	struct str subject = str_trim(str_of(&m->subject));
	enum crm_err err;

	err = log_set(
	    w, "subject", subject.n ? subject : STR("(no subject)"), dg);
	if (!err && m->body.n)
		err = log_set(w, "body", str_of(&m->body), dg);
	if (!err && m->message_id.n)
		err = log_set(w, "msgid", str_of(&m->message_id), dg);
	return err;
}

static enum crm_err
set_message(struct writer *w, struct store *s, const struct mail *m,
    const struct people *p, const struct logmail_options *o, struct diag *dg)
{
	struct id parent;
	enum crm_err err;

	err = log_set(w, "type", STR("email"), dg);
	if (!err)
		err = log_set(w, "channel", STR("email"), dg);
	if (!err)
		err = log_set(w, "status", STR("held"), dg);
	if (!err)
		err = set_start(w, m, o->clock, dg);
	if (!err)
		err = set_texts(w, m, dg);
	if (!err)
		err = set_parties(w, s, p, dg);
	if (!err)
		err = find_parent(s, m, &parent, dg);
	if (!err && parent.num)
		err = log_set_id(w, s, "re", parent, dg);
	return err;
}

enum crm_err
logmail_add(struct writer *w, struct store *s, const struct mail *m,
    const struct logmail_options *o, struct id *id, bool *fresh,
    struct diag *dg)
{
	const struct kind *k = schema_kind_no(store_schema(s), KIND_ACTIVITY);
	struct people p;
	enum writer_done done;
	enum crm_err err;

	*fresh = false;
	err = find_message(s, str_of(&m->message_id), id, dg);
	if (err || id->num)
		return err;
	err = find_parties(s, m, &p, dg);
	if (err || (o->known_only && !p.n))
		return err;
	*fresh = true;
	err = writer_create(w, k, dg);
	if (!err)
		err = set_message(w, s, m, &p, o, dg);
	for (size_t i = 0; !err && i < o->nassigns; i++)
		err = writer_assign(w, &o->assigns[i], dg);
	if (!err)
		err = writer_commit(w, id, &done, dg);
	return err;
}
