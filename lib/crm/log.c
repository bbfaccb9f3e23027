/* SPDX-License-Identifier: ISC */
/* log: subject and body, whom it is about, the activity and its task. */
#include "crm/log.h"

static const struct {
	const char *type;
	const char *channel;
} channels[] = {
    {"call", "phone"},
    {"email", "email"},
    {"visit", "visit"},
    {"letter", "letter"},
    {"fax", "fax"},
    {"social", "social"},
    {"web", "web"},
};

struct str
log_channel(struct str type)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (str_ieq(type, str_from(channels[i].type)))
			return str_from(channels[i].channel);
	return (struct str){0};
}

/* ---- the text ---------------------------------------------------------- */

/* A line up to its LF, outer blanks and CR off. */
static struct str
line_cut(struct str *rest)
{
	struct str line = str_trim(str_cut(rest, '\n'));

	while (line.n && line.p[line.n - 1] == '\r')
		line = str_trim(str_head(line, line.n - 1));
	return line;
}

/* At most LOG_SUBJECT_MAX bytes with the dots, cut at a blank when there is
 * one in the second half, else between characters. */
static void
add_cut(struct str line, struct buf *out)
{
	size_t at = LOG_SUBJECT_MAX - 3;
	size_t blank;

	while (at && ((unsigned char)line.p[at] & 0xc0) == 0x80)
		at--;
	for (blank = at; blank > at / 2 && line.p[blank] != ' '; blank--)
		;
	buf_add(out, str_trim(str_head(line, blank > at / 2 ? blank : at)));
	buf_addz(out, "…");
}

static struct str
trim_lines(struct str s)
{
	while (s.n && strchr(" \t\r\n", s.p[s.n - 1]))
		s.n--;
	return s;
}

void
log_split(struct str text, struct buf *subject, struct str *body)
{
	struct str rest = trim_lines(text);
	struct str line = {0};

	while (rest.p && rest.n && !line.n)
		line = line_cut(&rest);
	if (line.n <= LOG_SUBJECT_MAX) {
		buf_add(subject, line);
		*body = rest.p ? rest : (struct str){0};
		return;
	}
	add_cut(line, subject);
	*body = trim_lines(text);
}

/* ---- fields ------------------------------------------------------------ */

enum crm_err
log_set(struct writer *w, const char *name, struct str value, struct diag *dg)
{
	const struct field *f = schema_field(writer_kind(w), str_from(name));

	if (!f)
		return diag_set(dg, CRM_CONFIG,
		    "%.*s.%s: the schema has no such field",
		    STR_ARG(writer_kind(w)->name), name);
	return writer_set(w, f, ASSIGN_SET, value, dg);
}

enum crm_err
log_set_id(struct writer *w, struct store *s, const char *name, struct id id,
    struct diag *dg)
{
	struct buf text = {0};
	enum crm_err err;

	id_print(store_schema(s), id, &text);
	err =
	    text.failed ? diag_nomem(dg) : log_set(w, name, str_of(&text), dg);
	buf_clear(&text);
	return err;
}

/* Copies the field NAME of REC, when both have it and REC has a value. */
static enum crm_err
copy_field(struct writer *w, const struct record *rec, const char *name,
    size_t *set, struct diag *dg)
{
	const struct field *f = schema_field(rec->kind, str_from(name));
	struct str value = {0};

	if (f && f->type == TYPE_REF && f->slot != SLOT_NONE &&
	    schema_field(writer_kind(w), f->name))
		value = row_get(&rec->row, f->slot);
	if (!value.n)
		return CRM_OK;
	++*set;
	return log_set(w, name, value, dg);
}

/* Contact, else org, deal and ticket of what is about somebody itself. */
static enum crm_err
copy_parties(
    struct writer *w, const struct record *rec, size_t *set, struct diag *dg)
{
	enum crm_err err;
	size_t people = 0;

	err = copy_field(w, rec, "contact", &people, dg);
	if (!err && !people)
		err = copy_field(w, rec, "org", &people, dg);
	if (!err)
		err = copy_field(w, rec, "deal", set, dg);
	if (!err)
		err = copy_field(w, rec, "ticket", set, dg);
	*set += people;
	return err;
}

/* The field of kind K that can point to records of kind TO: the one named
 * after it, else `re` where that may. */
static const struct field *
target_field(const struct kind *k, const struct kind *to)
{
	const struct field *f = schema_field(k, to->name);

	if (f && f->type == TYPE_REF && f->ref == to->no)
		return f;
	f = schema_field(k, STR("re"));
	if (f && f->type == TYPE_REF && (!f->ref || f->ref == to->no))
		return f;
	return NULL;
}

enum crm_err
log_target(struct writer *w, struct store *s, struct id target, struct diag *dg)
{
	const struct field *f;
	struct buf text = {0};
	struct record rec;
	enum crm_err err;
	size_t set = 0;

	err = store_get(s, target, &rec, dg);
	if (err)
		return err;
	f = target_field(writer_kind(w), rec.kind);
	if (f) {
		set++;
		id_print(store_schema(s), target, &text);
		err = text.failed
			  ? diag_nomem(dg)
			  : writer_set(w, f, ASSIGN_SET, str_of(&text), dg);
		buf_clear(&text);
	}
	if (!err && target.kind != KIND_CONTACT && target.kind != KIND_ORG)
		err = copy_parties(w, &rec, &set, dg);
	if (!err && !set)
		return diag_set(dg, CRM_USAGE,
		    "a %.*s has nobody to log this with; name a contact, org, "
		    "deal or ticket",
		    STR_ARG(rec.kind->name));
	return err;
}

static enum crm_err
set_assigns(struct writer *w, const struct log_entry *e, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < e->nassigns; i++)
		err = writer_assign(w, &e->assigns[i], dg);
	return err;
}

/* ---- the records ------------------------------------------------------- */

static enum crm_err
set_start(struct writer *w, const struct log_entry *e, struct diag *dg)
{
	struct buf text = {0};
	enum crm_err err;

	when_print(&e->start, &text);
	err = text.failed ? diag_nomem(dg)
			  : log_set(w, "start", str_of(&text), dg);
	buf_clear(&text);
	return err;
}

static enum crm_err
set_kind_of_talk(struct writer *w, const struct log_entry *e, struct diag *dg)
{
	struct str type = e->type.n ? e->type : STR("note");
	struct str channel = log_channel(type);
	enum crm_err err;

	err = log_set(w, "type", type, dg);
	if (!err && channel.n)
		err = log_set(w, "channel", channel, dg);
	if (!err)
		err = log_set(
		    w, "status", e->planned ? STR("planned") : STR("held"), dg);
	return err;
}

static enum crm_err
add_activity(struct writer *w, struct store *s, struct id target,
    const struct log_entry *e, struct str subject, struct str body,
    struct id *id, struct diag *dg)
{
	const struct kind *k = schema_kind_no(store_schema(s), KIND_ACTIVITY);
	enum writer_done done;
	enum crm_err err;

	err = writer_create(w, k, dg);
	if (!err)
		err = set_kind_of_talk(w, e, dg);
	if (!err)
		err = set_start(w, e, dg);
	if (!err)
		err = log_set(w, "subject", subject, dg);
	if (!err && body.n)
		err = log_set(w, "body", body, dg);
	if (!err)
		err = log_target(w, s, target, dg);
	if (!err)
		err = set_assigns(w, e, dg);
	if (!err)
		err = writer_commit(w, id, &done, dg);
	return err;
}

static enum crm_err
add_task(struct writer *w, struct store *s, struct id target, struct id re,
    struct str title, struct str due, struct id *id, struct diag *dg)
{
	const struct kind *k = schema_kind_no(store_schema(s), KIND_TASK);
	enum writer_done done;
	enum crm_err err;

	err = writer_create(w, k, dg);
	if (!err)
		err = log_set(w, "title", title, dg);
	if (!err)
		err = log_set(w, "due", due, dg);
	if (!err)
		err = log_target(w, s, target, dg);
	if (!err && re.num)
		err = log_set_id(w, s, "re", re, dg);
	if (!err)
		err = writer_commit(w, id, &done, dg);
	return err;
}

enum crm_err
log_add(struct writer *w, struct store *s, struct id target,
    const struct log_entry *entry, struct id *activity, struct id *task,
    struct diag *dg)
{
	struct buf subject = {0};
	struct str body;
	enum crm_err err;

	*activity = *task = (struct id){0};
	log_split(entry->text, &subject, &body);
	if (subject.failed)
		err = diag_nomem(dg);
	else if (!subject.n)
		err = diag_set(
		    dg, CRM_USAGE, "text: there is none; say what happened");
	else
		err = add_activity(
		    w, s, target, entry, str_of(&subject), body, activity, dg);
	if (!err && entry->follow.n)
		err = add_task(w, s, target, *activity, str_of(&subject),
		    entry->follow, task, dg);
	buf_clear(&subject);
	return err;
}
