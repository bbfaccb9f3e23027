/* SPDX-License-Identifier: ISC */
/* mail_addr: address lists (RFC 5322, 3.4, and what mailers make of them). */
#include "text/mail_priv.h"

#include "base/utf8.h"

size_t
mail_comment(struct str s, size_t at, struct buf *text)
{
	size_t depth = 0;

	for (; at < s.n; at++) {
		char c = s.p[at];
		bool outer = false;
		if (c == '(') {
			outer = depth++ == 0;
		} else if (c == ')') {
			outer = --depth == 0;
		} else if (c == '\\' && at + 1 < s.n) {
			c = s.p[++at];
		}
		if (text && !outer)
			buf_addc(text, c);
		if (depth == 0)
			return at + 1;
	}
	return at;
}

size_t
mail_string(struct str s, size_t at, struct buf *text)
{
	for (at++; at < s.n; at++) {
		char c = s.p[at];
		if (c == '"')
			return at + 1;
		if (c == '\\' && at + 1 < s.n)
			c = s.p[++at];
		if (text)
			buf_addc(text, c);
	}
	return at;
}

/* The mailbox being read. */
struct box {
	struct buf raw;	    /* all but comments and blanks: an address? */
	struct buf phrase;  /* words unquoted: a display name? */
	struct buf comment; /* the last comment: a name of the old style */
	struct buf angle;   /* what stood in < > */
	bool has_angle;
};

static void
box_reset(struct box *b)
{
	buf_reset(&b->raw);
	buf_reset(&b->phrase);
	buf_reset(&b->comment);
	buf_reset(&b->angle);
	b->has_angle = false;
}

static void
box_clear(struct box *b)
{
	buf_clear(&b->raw);
	buf_clear(&b->phrase);
	buf_clear(&b->comment);
	buf_clear(&b->angle);
}

/* Copies a quoted string as it stands, quotes and all. */
static size_t
copy_string(struct str s, size_t at, struct buf *out)
{
	size_t end = mail_string(s, at, NULL);
	buf_add(out, (struct str){.p = s.p + at, .n = end - at});
	return end;
}

/* The length of a domain literal, [192.0.2.1] or [IPv6:2001:db8::1], at
 * S[at] = '['; 1 when it is just a bracket. */
static size_t
literal_len(struct str s, size_t at)
{
	for (size_t i = at + 1; i < s.n; i++) {
		char c = s.p[i];
		if (c == ']')
			return i + 1 - at;
		bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			  (c >= 'A' && c <= 'Z') || c == ':' || c == '.';
		if (!ok)
			break;
	}
	return 1;
}

/* Reads "<@route:local@domain>" at S[at] = '<'; blanks and comments inside
 * are dropped, as is the route. */
static size_t
read_angle(struct str s, size_t at, struct box *b)
{
	buf_reset(&b->angle);
	b->has_angle = true;
	for (at++; at < s.n;) {
		char c = s.p[at];
		if (c == '>')
			return at + 1;
		if (c == '"') {
			at = copy_string(s, at, &b->angle);
			continue;
		}
		if (c == '(') {
			at = mail_comment(s, at, NULL);
			continue;
		}
		if (c == '[') {
			size_t n = literal_len(s, at);
			buf_add(&b->angle, str_head(str_from_pos(s, at), n));
			at += n;
			continue;
		}
		if (c == ':')
			buf_reset(&b->angle);
		else if (c != ' ' && c != '\t')
			buf_addc(&b->angle, c);
		at++;
	}
	return at;
}

/* Reads one token of a mailbox at S[at]; the offset behind it. */
static size_t
read_token(struct str s, size_t at, struct box *b)
{
	char c = s.p[at];

	if (c == '<')
		return read_angle(s, at, b);
	if (c == '(') {
		buf_reset(&b->comment);
		return mail_comment(s, at, &b->comment);
	}
	if (c == '"') {
		copy_string(s, at, &b->raw);
		return mail_string(s, at, &b->phrase);
	}
	size_t n = c == '[' ? literal_len(s, at) : 1;
	if (c != ' ' && c != '\t')
		buf_add(&b->raw, str_head(str_from_pos(s, at), n));
	buf_add(&b->phrase, str_head(str_from_pos(s, at), n));
	return at + n;
}

/* Where the domain starts; 0 when S is no address. */
static size_t
domain_at(struct str s)
{
	size_t at = 0;
	size_t bad = 0;

	if (s.n > MAIL_ADDR_MAX || !utf8_valid(s, &bad))
		return 0;
	if (s.n > 0 && s.p[0] == '"') {
		at = mail_string(s, 0, NULL);
		if (at == s.n || s.p[at] != '@')
			return 0;
	}
	at += str_chr(str_from_pos(s, at), '@');
	if (at == 0 || at + 1 >= s.n)
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		bool quoted = i < at && s.p[0] == '"';
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ||
		    (!quoted && memchr(" \"<>,;\\()", s.p[i], 9)))
			return 0;
	}
	return str_chr(str_from_pos(s, at + 1), '@') == s.n - at - 1 ? at + 1
								     : 0;
}

/* Appends runs of blanks as one, without outer ones. */
static void
squeeze(struct buf *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++) {
		bool blank = b->p[i] == ' ';
		if (!blank || (n > 0 && b->p[n - 1] != ' '))
			b->p[n++] = b->p[i];
	}
	if (n > 0 && b->p[n - 1] == ' ')
		n--;
	b->n = n;
	if (b->p)
		b->p[n] = '\0';
}

static struct mail_addr *
addr_new(struct mail *m, bool *failed)
{
	/* Grows at 1, 2, 4, ... addresses. */
	if ((m->naddrs & (m->naddrs - 1)) == 0) {
		size_t cap = m->naddrs ? m->naddrs * 2 : 1;
		struct mail_addr *p = realloc(m->addrs, cap * sizeof(*p));
		if (!p) {
			*failed = true;
			return NULL;
		}
		m->addrs = p;
	}
	m->addrs[m->naddrs] = (struct mail_addr){0};
	return &m->addrs[m->naddrs++];
}

/* The mailbox is complete: adds it when it has an address. */
static void
box_end(struct mail *m, enum mail_role role, struct box *b, bool *failed)
{
	struct str addr = str_of(b->has_angle ? &b->angle : &b->raw);
	struct str name = str_of(&b->comment);
	size_t domain = domain_at(addr);

	if (domain == 0 || m->naddrs >= MAIL_ADDRS_MAX) {
		box_reset(b);
		return;
	}
	if (b->has_angle && str_trim(str_of(&b->phrase)).n > 0)
		name = str_of(&b->phrase);
	struct mail_addr *a = addr_new(m, failed);
	if (a) {
		a->role = role;
		mail_words(name, &a->name);
		squeeze(&a->name);
		buf_add(&a->addr, addr);
		*failed |= a->addr.failed || a->name.failed;
	}
	for (size_t i = domain; a && i < a->addr.n; i++) {
		char c = a->addr.p[i];
		if (c >= 'A' && c <= 'Z')
			a->addr.p[i] = (char)(c + 32);
	}
	box_reset(b);
}

void
mail_addrs(struct mail *m, enum mail_role role, struct str list, bool *failed)
{
	struct box b = {0};
	size_t at = 0;

	while (at < list.n) {
		char c = list.p[at];
		if (c == ',' || c == ';') {
			box_end(m, role, &b, failed);
			at++;
		} else if (c == ':') { /* the name of a group */
			box_reset(&b);
			at++;
		} else {
			at = read_token(list, at, &b);
		}
	}
	box_end(m, role, &b, failed);
	*failed |= b.raw.failed || b.phrase.failed || b.comment.failed ||
		   b.angle.failed;
	box_clear(&b);
}
