/* SPDX-License-Identifier: ISC */
/* mail_body: MIME (RFC 2045, 2046) as far as the first plain text goes. */
#include "text/mail_priv.h"

enum {
	PARTS_MAX = 1024,		/* parts looked at in one message */
	BOUNDARY_MAX = 256,		/* 70 in the standard */
	ENCODED_MAX = 4 * MAIL_BODY_MAX /* bytes of a body before decoding */
};

/* What the header of a part says. */
struct entity {
	struct buf type; /* "text/plain", lower case */
	struct buf charset;
	struct buf boundary;
	struct buf encoding; /* lower case */
	bool attachment;
};

static void
entity_clear(struct entity *e)
{
	buf_clear(&e->type);
	buf_clear(&e->charset);
	buf_clear(&e->boundary);
	buf_clear(&e->encoding);
}

static void
lower(struct buf *b)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->p[i] >= 'A' && b->p[i] <= 'Z')
			b->p[i] = (char)(b->p[i] + 32);
	}
}

/* Reads a word or quoted string of S at AT into OUT, up to ';' or '='. */
static size_t
token(struct str s, size_t at, struct buf *out)
{
	while (at < s.n && s.p[at] != ';' && s.p[at] != '=') {
		char c = s.p[at];
		if (c == '"') {
			at = mail_string(s, at, out);
			continue;
		}
		if (c == '(') {
			at = mail_comment(s, at, NULL);
			continue;
		}
		if (c != ' ')
			buf_addc(out, c);
		at++;
	}
	return at;
}

/* A value may hold '=' outside quotes: boundaries of old mailers do. */
static size_t
param_value(struct str s, size_t at, struct buf *out)
{
	at = token(s, at, out);
	while (at < s.n && s.p[at] == '=') {
		buf_addc(out, '=');
		at = token(s, at + 1, out);
	}
	return at;
}

/* Reads "text/plain; charset=utf-8; boundary=x". The first of a name counts. */
static void
read_type(struct entity *e, struct str value)
{
	struct buf name = {0};
	struct buf other = {0};

	buf_reset(&e->type);
	size_t at = token(value, 0, &e->type);
	lower(&e->type);
	while (at < value.n) {
		buf_reset(&name);
		at = token(value, at + 1, &name);
		if (at == value.n || value.p[at] != '=')
			continue;
		struct buf *to = &other;
		if (str_ieq(str_of(&name), STR("charset")) && !e->charset.n)
			to = &e->charset;
		if (str_ieq(str_of(&name), STR("boundary")) && !e->boundary.n)
			to = &e->boundary;
		at = param_value(value, at + 1, to);
	}
	buf_clear(&name);
	buf_clear(&other);
}

static void
read_header(struct entity *e, struct str header)
{
	struct mail_field f;
	struct buf value = {0};

	while (mail_field_next(&header, &f)) {
		bool type = str_ieq(f.name, STR("Content-Type"));
		bool how = str_ieq(f.name, STR("Content-Transfer-Encoding"));
		bool place = str_ieq(f.name, STR("Content-Disposition"));
		if (!type && !how && !place)
			continue;
		buf_reset(&value);
		mail_unfold(f.value, &value);
		if (type && e->type.n == 0)
			read_type(e, str_of(&value));
		else if (how && e->encoding.n == 0)
			token(str_of(&value), 0, &e->encoding);
		else if (place)
			e->attachment = str_ieq(
			    str_head(str_of(&value), 10), STR("attachment"));
	}
	lower(&e->encoding);
	buf_clear(&value);
}

/* Line ends become LF; controls that are neither tab nor LF go; trailing
 * blank lines go. */
static void
tidy(struct buf *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++) {
		char c = b->p[i];
		bool crlf = c == '\r' && i + 1 < b->n && b->p[i + 1] == '\n';
		if (c == '\r' && !crlf)
			c = '\n';
		if (c == '\t' || c == '\n' ||
		    ((unsigned char)c >= 0x20 && c != 0x7f))
			b->p[n++] = c;
	}
	if (n > MAIL_BODY_MAX) {
		n = MAIL_BODY_MAX;
		while (n > 0 && ((unsigned char)b->p[n] & 0xc0) == 0x80)
			n--;
	}
	while (n > 0 && (b->p[n - 1] == '\n' || b->p[n - 1] == ' '))
		n--;
	if (b->p)
		b->p[n] = '\0';
	b->n = n;
}

static void
take_text(struct mail *m, const struct entity *e, struct str body)
{
	struct buf bytes = {0};
	struct str charset =
	    e->charset.n ? str_of(&e->charset) : STR("us-ascii");

	body = str_head(body, ENCODED_MAX);
	if (str_is(str_of(&e->encoding), "base64"))
		mail_base64(body, &bytes);
	else if (str_is(str_of(&e->encoding), "quoted-printable"))
		mail_quoted(body, false, &bytes);
	else
		buf_add(&bytes, body);
	mail_charset(charset, str_of(&bytes), &m->body);
	tidy(&m->body);
	m->body.failed |= bytes.failed;
	m->has_text = true;
	buf_clear(&bytes);
}

enum delimiter { NOT, NEXT, LAST };

/* "--boundary" starts a part, "--boundary--" ends the last one. */
static enum delimiter
delimiter(struct str line, struct str boundary)
{
	if (!str_starts(line, STR("--")) ||
	    !str_starts(str_from_pos(line, 2), boundary))
		return NOT;
	struct str rest = str_trim(str_from_pos(line, 2 + boundary.n));
	if (rest.n == 0)
		return NEXT;
	return str_is(rest, "--") ? LAST : NOT;
}

/* Takes the next part off REST, which starts behind a delimiter. The line end
 * before a delimiter belongs to it. *more tells whether one follows. */
static struct str
part_next(struct str *rest, struct str boundary, bool *more)
{
	struct str part = {.p = rest->p, .n = 0};
	struct str line = {0};
	enum delimiter d = NOT;

	while (d == NOT && rest->n > 0) {
		part.n = (size_t)(rest->p - part.p);
		line = mail_line_next(rest);
		d = delimiter(line, boundary);
	}
	*more = d == NEXT;
	if (d == NOT)
		part.n = line.p ? (size_t)(line.p + line.n - part.p) : 0;
	else if (part.n > 0 && part.p[part.n - 1] == '\n')
		part.n--;
	if (d != NOT && part.n > 0 && part.p[part.n - 1] == '\r')
		part.n--;
	return part;
}

/* The search for the text, bounded in depth and in all. */
struct walk {
	struct mail *m;
	size_t parts;
	int depth;
};

static void find_text(struct walk *w, struct str header, struct str body);

/* A part is its header, a blank line, its body. */
static void
find_in_part(struct walk *w, struct str part)
{
	struct mail_field f;
	struct str rest = part;

	while (mail_field_next(&rest, &f))
		;
	find_text(w, str_head(part, part.n - rest.n), rest);
}

static void
find_in_multipart(struct walk *w, struct str boundary, struct str body)
{
	bool more = false;

	if (boundary.n == 0 || boundary.n > BOUNDARY_MAX ||
	    w->depth >= MAIL_DEPTH_MAX)
		return;
	w->depth++;
	part_next(&body, boundary, &more); /* the preamble */
	while (more && !w->m->has_text && w->parts < PARTS_MAX) {
		w->parts++;
		find_in_part(w, part_next(&body, boundary, &more));
	}
	w->depth--;
}

static void
find_text(struct walk *w, struct str header, struct str body)
{
	struct entity e = {0};

	read_header(&e, header);
	struct str type = str_of(&e.type);
	/* RFC 2045, 5.2: no type, or none that one can read, is plain text. */
	bool plain = str_chr(type, '/') == type.n || str_is(type, "text/plain");
	if (plain && !e.attachment)
		take_text(w->m, &e, body);
	else if (str_starts(type, STR("multipart/")))
		find_in_multipart(w, str_of(&e.boundary), body);
	entity_clear(&e);
}

void
mail_body(struct mail *m, struct str header, struct str body)
{
	struct walk w = {.m = m};
	find_text(&w, header, body);
}
