/* SPDX-License-Identifier: ISC */
/* import_mail: messages that know each other again, and what became of them. */
#include "crm/import_mail.h"

enum { PROGRESS_EVERY = 100 };

struct import_mail {
	struct writer *w;
	struct store *s;
	struct import_mail_options o;
	struct import_mail_count count;
	struct mail mail;
};

enum crm_err
import_mail_new(struct import_mail **out, struct writer *w, struct store *s,
    const struct import_mail_options *o, struct diag *dg)
{
	struct import_mail *i = calloc(1, sizeof(*i));

	*out = i;
	if (!i)
		return diag_nomem(dg);
	i->w = w;
	i->s = s;
	i->o = *o;
	i->o.log.known_only = true;
	return CRM_OK;
}

void
import_mail_free(struct import_mail *i)
{
	if (!i)
		return;
	mail_clear(&i->mail);
	free(i);
}

struct import_mail_count
import_mail_count(const struct import_mail *i)
{
	return i->count;
}

/* ---- messages without an id -------------------------------------------- */

/* Two sums that go different ways: 128 bits, so that no two messages of a life
 * meet by chance. Not meant to withstand a writer who wants them to: he would
 * only hide a message of his own. */
struct sum {
	uint64_t a, b;
};

static void
sum_byte(struct sum *s, unsigned char c)
{
	s->a = (s->a ^ c) * UINT64_C(0x100000001b3);
	s->b = (s->b + c + 1) * UINT64_C(0x9e3779b97f4a7c15);
	s->b ^= s->b >> 29;
}

/* With its length behind it, so that parts do not run into each other. */
static void
sum_text(struct sum *s, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		sum_byte(s, (unsigned char)text.p[i]);
	for (uint64_t n = text.n, i = 0; i < 8; i++, n >>= 8)
		sum_byte(s, (unsigned char)(n & 0xff));
}

static void
sum_number(struct sum *s, int64_t n)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%lld", (long long)n);

	sum_text(s, (struct str){.p = text, .n = (size_t)len});
}

/* Gives M an id made of what it says. */
static enum crm_err
make_id(struct mail *m, struct diag *dg)
{
	struct sum s = {UINT64_C(0xcbf29ce484222325), 0};

	for (size_t i = 0; i < m->naddrs; i++) {
		sum_number(&s, m->addrs[i].role);
		sum_text(&s, str_of(&m->addrs[i].addr));
	}
	sum_number(&s, m->has_date ? m->date : INT64_MIN);
	sum_text(&s, str_of(&m->subject));
	sum_text(&s, str_of(&m->body));
	buf_addf(&m->message_id, "hash:%016llx%016llx", (unsigned long long)s.a,
	    (unsigned long long)s.b);
	return m->message_id.failed ? diag_nomem(dg) : CRM_OK;
}

/* ---- messages ---------------------------------------------------------- */

/* The reason without the place, which a refusal has by itself. */
static const char *
without_place(const char *why, const char *name, uint64_t line)
{
	char number[24];
	size_t n = strlen(name);
	size_t digits = (size_t)snprintf(
	    number, sizeof(number), ":%llu: ", (unsigned long long)line);

	if (strncmp(why, name, n) == 0 && strncmp(why + n, number, digits) == 0)
		return why + n + digits;
	return why;
}

/* DG holds the reason, which goes to the one who asked for it. */
static enum crm_err
refuse(struct import_mail *i, const char *name, uint64_t line, struct str text,
    struct diag *dg)
{
	struct import_mail_refusal r = {
	    .name = name, .line = line, .text = text};
	struct diag why = *dg;
	enum crm_err err = CRM_OK;

	*dg = (struct diag){0};
	i->count.refused++;
	r.why = without_place(diag_text(&why), name, line);
	if (i->o.refused)
		err = i->o.refused(i->o.arg, &r, dg);
	diag_clear(&why);
	return err;
}

static void
tick(const struct import_mail *i)
{
	const struct import_mail_count *c = &i->count;
	uint64_t n = c->added + c->same + c->unknown + c->refused;

	if (i->o.progress && n % PROGRESS_EVERY == 0)
		i->o.progress(i->o.arg, n);
}

/* *id is the activity when one was made, else its num is 0. */
static enum crm_err
take(struct import_mail *i, struct str text, struct id *id, struct diag *dg)
{
	bool fresh = false;
	enum crm_err err;

	err = mail_parse(text, &i->mail, dg);
	if (!err && !i->mail.message_id.n)
		err = make_id(&i->mail, dg);
	if (!err)
		err = logmail_add(
		    i->w, i->s, &i->mail, &i->o.log, id, &fresh, dg);
	if (err)
		return err;
	i->count.added += fresh;
	i->count.same += !fresh && id->num;
	i->count.unknown += !fresh && !id->num;
	if (!fresh)
		*id = (struct id){0};
	return CRM_OK;
}

enum crm_err
import_mail_add(struct import_mail *i, const char *name, uint64_t line,
    struct str text, struct diag *dg)
{
	struct id id = {0};
	enum crm_err err = take(i, text, &id, dg);

	if (err == CRM_DATA)
		err = refuse(i, name, line, text, dg);
	else if (!err && id.num && i->o.stored)
		err = i->o.stored(i->o.arg, id, dg);
	if (!err)
		tick(i);
	return err;
}

enum crm_err
import_mail_box(
    struct import_mail *i, struct mbox *box, const char *name, struct diag *dg)
{
	struct mbox_message m;
	bool got = true;
	enum crm_err err = CRM_OK;

	while (!err && got) {
		err = mbox_next(box, &m, &got, dg);
		if (!err && got)
			err = import_mail_add(i, name, m.line, m.text, dg);
		else if (err == CRM_DATA && got)
			err = refuse(i, name, m.line, STR(""), dg);
	}
	return err;
}

/* ---- names of files ---------------------------------------------------- */

/* What stands behind "2," in "1772458200.M1P2.host:2,RS"; other characters
 * than ':' are there where file systems do not know that one. */
static struct str
maildir_flags(struct str name)
{
	for (size_t at = name.n; at >= 3; at--) {
		const char *p = name.p + at - 3;
		if (memchr(":;!", p[0], 3) && p[1] == '2' && p[2] == ',')
			return str_from_pos(name, at);
	}
	return STR("");
}

bool
import_mail_is_maildir(struct str name)
{
	struct str flags = maildir_flags(name);

	if (!name.n || name.p[0] == '.')
		return false;
	return str_chr(flags, 'D') == flags.n && str_chr(flags, 'T') == flags.n;
}

bool
import_mail_is_eml(struct str name)
{
	return name.n > 4 && name.p[0] != '.' &&
	       str_ieq(str_from_pos(name, name.n - 4), STR(".eml"));
}
