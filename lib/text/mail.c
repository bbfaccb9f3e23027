/* SPDX-License-Identifier: ISC */
/* mail: the header of a message: lines, fields, and what is kept of them. */
#include "text/mail_priv.h"

#include "base/utf8.h"

struct str
mail_line_next(struct str *rest)
{
	struct str line = str_cut(rest, '\n');

	if (!rest->p)
		*rest = (struct str){.p = "", .n = 0};
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* The length of a field's name at the start of LINE, 0 when it is no field.
 * Old mailers put blanks before the colon. */
static size_t
name_len(struct str line)
{
	size_t n = 0;
	while (n < line.n && line.p[n] > ' ' && line.p[n] < 0x7f &&
	       line.p[n] != ':')
		n++;
	size_t colon = n;
	while (
	    colon < line.n && (line.p[colon] == ' ' || line.p[colon] == '\t'))
		colon++;
	return colon < line.n && line.p[colon] == ':' ? n : 0;
}

static bool
folded(struct str rest)
{
	return rest.n > 0 && (rest.p[0] == ' ' || rest.p[0] == '\t');
}

bool
mail_field_next(struct str *rest, struct mail_field *out)
{
	while (rest->n > 0) {
		struct str line = mail_line_next(rest);
		if (line.n == 0)
			return false;
		const char *end = line.p + line.n;
		while (folded(*rest)) {
			struct str more = mail_line_next(rest);
			end = more.p + more.n;
		}
		size_t n = name_len(line);
		if (n == 0)
			continue;
		size_t colon = str_chr(line, ':');
		out->name = str_head(line, n);
		out->value = (struct str){.p = line.p + colon + 1,
		    .n = (size_t)(end - line.p) - colon - 1};
		return true;
	}
	return false;
}

void
mail_unfold(struct str raw, struct buf *out)
{
	size_t bad = 0;
	size_t from = out->n;
	struct str s = str_head(raw, MAIL_HEADER_MAX);

	/* A cut must not make UTF-8 look like something else. */
	while (s.n < raw.n && s.n > 0 &&
	       ((unsigned char)raw.p[s.n] & 0xc0) == 0x80)
		s.n--;
	while (s.n > 0 && (unsigned char)s.p[0] <= ' ')
		s = str_from_pos(s, 1);
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	if (utf8_valid(s, &bad) || s.p[bad] == '\0')
		mail_charset(STR("utf-8"), s, out);
	else
		mail_charset(STR("windows-1252"), s, out);
	size_t n = from;
	for (size_t i = from; i < out->n; i++) {
		char c = out->p[i];
		bool control = (unsigned char)c < 0x20 || c == 0x7f;
		if (c != '\r' && c != '\n')
			out->p[n++] = control ? ' ' : c;
	}
	if (out->p)
		out->p[n] = '\0';
	out->n = n;
}

/* Takes the next message id, what stands in < >, off REST. False at the end.
 * Blanks in an id come from folding and go. */
static bool
id_next(struct str *rest, struct buf *out)
{
	size_t from = out->n;

	while (out->n == from) {
		size_t open = str_chr(*rest, '<');
		if (open == rest->n)
			return false;
		struct str id = str_from_pos(*rest, open + 1);
		size_t n = str_chr(id, '>');
		*rest = str_from_pos(id, n + 1);
		for (size_t i = 0; i < n; i++) {
			if (id.p[i] != ' ' && id.p[i] != '<')
				buf_addc(out, id.p[i]);
		}
		if (out->failed)
			return false;
	}
	return true;
}

/* The first id of a field; a field without any < > is taken as one. */
static void
first_id(struct str value, struct buf *out)
{
	if (out->n > 0 || id_next(&value, out))
		return;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] != ' ')
			buf_addc(out, value.p[i]);
	}
}

static void
all_ids(struct str value, struct buf *out)
{
	struct buf id = {0};

	for (size_t i = 0; i < MAIL_REFS_MAX && id_next(&value, &id); i++) {
		if (out->n > 0)
			buf_addc(out, ' ');
		buf_add(out, str_of(&id));
		buf_reset(&id);
	}
	out->failed |= id.failed;
	buf_clear(&id);
}

enum field_no {
	F_FROM = MAIL_FROM,
	F_SENDER = MAIL_SENDER,
	F_REPLY_TO = MAIL_REPLY_TO,
	F_TO = MAIL_TO,
	F_CC = MAIL_CC,
	F_SUBJECT,
	F_DATE,
	F_MESSAGE_ID,
	F_IN_REPLY_TO,
	F_REFERENCES,
	F_OTHER
};

static const char *const field_names[F_OTHER] = {
    [F_FROM] = "From",
    [F_SENDER] = "Sender",
    [F_REPLY_TO] = "Reply-To",
    [F_TO] = "To",
    [F_CC] = "Cc",
    [F_SUBJECT] = "Subject",
    [F_DATE] = "Date",
    [F_MESSAGE_ID] = "Message-ID",
    [F_IN_REPLY_TO] = "In-Reply-To",
    [F_REFERENCES] = "References",
};

static enum field_no
field_from(struct str name)
{
	for (int i = 0; i < F_OTHER; i++) {
		if (str_ieq(name, str_from(field_names[i])))
			return (enum field_no)i;
	}
	return F_OTHER;
}

/* Keeps what a field says. Of a field that must be there once the first one
 * counts, so that nothing appended later can hide it. */
static void
field_keep(struct mail *m, enum field_no no, struct str value, bool *failed)
{
	switch (no) {
	case F_SUBJECT:
		if (m->subject.n == 0)
			mail_words(value, &m->subject);
		break;
	case F_DATE:
		if (!m->has_date)
			m->has_date = mail_date(value, &m->date);
		break;
	case F_MESSAGE_ID:
		first_id(value, &m->message_id);
		break;
	case F_IN_REPLY_TO:
		first_id(value, &m->in_reply_to);
		break;
	case F_REFERENCES:
		if (m->references.n == 0)
			all_ids(value, &m->references);
		break;
	case F_OTHER:
		break;
	default:
		mail_addrs(m, (enum mail_role)no, value, failed);
	}
}

/* "From " starts the lines that mbox files put between messages. */
static void
skip_envelope(struct str *text)
{
	if (str_starts(*text, STR("From ")) || str_starts(*text, STR(">From ")))
		mail_line_next(text);
}

enum crm_err
mail_parse(struct str text, struct mail *out, struct diag *dg)
{
	struct mail_field f;
	struct buf value = {0};
	bool failed = false;

	mail_clear(out);
	skip_envelope(&text);
	struct str rest = text;
	if (name_len(mail_line_next(&rest)) == 0)
		return diag_set(dg, CRM_DATA,
		    "this is no mail message: it does not begin with a header "
		    "line like 'From: name@host'");
	rest = text;
	while (mail_field_next(&rest, &f)) {
		enum field_no no = field_from(f.name);
		buf_reset(&value);
		if (no == F_OTHER)
			continue;
		mail_unfold(f.value, &value);
		field_keep(out, no, str_of(&value), &failed);
	}
	failed |= value.failed;
	buf_clear(&value);
	text.n -= rest.n;
	mail_body(out, text, rest);
	failed |= out->subject.failed || out->message_id.failed ||
		  out->in_reply_to.failed || out->references.failed ||
		  out->body.failed;
	return failed ? diag_nomem(dg) : CRM_OK;
}

void
mail_clear(struct mail *m)
{
	for (size_t i = 0; i < m->naddrs; i++) {
		buf_clear(&m->addrs[i].name);
		buf_clear(&m->addrs[i].addr);
	}
	free(m->addrs);
	buf_clear(&m->subject);
	buf_clear(&m->message_id);
	buf_clear(&m->in_reply_to);
	buf_clear(&m->references);
	buf_clear(&m->body);
	*m = (struct mail){0};
}

const struct mail_addr *
mail_addr_at(const struct mail *m, enum mail_role role, size_t i)
{
	for (size_t at = 0; at < m->naddrs; at++) {
		if (m->addrs[at].role == role && i-- == 0)
			return &m->addrs[at];
	}
	return NULL;
}
