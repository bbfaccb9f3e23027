/* SPDX-License-Identifier: ISC */
/*
 * value_email: the rule for e-mail addresses. What mail is really sent to is
 * let in, not all of RFC 5322: no quoted local parts, no comments, no
 * domain literals. The whole address is kept in lower case: no provider of
 * note tells Ann@ from ann@, and people type both.
 */
#include "base/utf8.h"
#include "model/value_impl.h"

enum { LOCAL_MAX = 64, LABEL_MAX = 63, EMAIL_MAX = 254 };

/* "Name <a@b>": the address between the brackets. */
static enum crm_err
email_named(const struct rule *r, struct str in)
{
	size_t from = str_chr(in, '<');
	struct str inner = str_from_pos(in, from + 1);

	inner = str_head(inner, str_chr(inner, '>'));
	if (str_chr(inner, '@') == inner.n)
		inner = STR("name@host");
	return diag_set(r->dg, CRM_DATA,
	    "'%.*s' is more than an address; write %.*s",
	    STR_ARG(value_shown(in)), STR_ARG(value_shown(inner)));
}

static bool
label_ok(struct str label)
{
	if (label.n == 0 || label.n > LABEL_MAX || label.p[0] == '-' ||
	    label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++) {
		unsigned char c = (unsigned char)label.p[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9');

		if (!alnum && c != '-' && c != '_' && c < 0x80)
			return false;
	}
	return true;
}

static bool
domain_ok(struct str domain)
{
	if (domain.n == 0)
		return false;
	for (struct str rest = domain; rest.p;)
		if (!label_ok(str_cut(&rest, '.')))
			return false;
	return true;
}

static bool
local_ok(struct str local)
{
	for (size_t i = 0; i < local.n; i++) {
		switch (local.p[i]) {
		case '<':
		case '>':
		case '(':
		case ')':
		case '[':
		case ']':
		case ',':
		case ';':
		case ':':
		case '\\':
		case '"':
			return false;
		default:
			break;
		}
	}
	return true;
}

/* Blanks people paste without seeing them, and the signs RFC 6532 leaves
 * out: controls of the second block. */
static bool
has_hidden(struct str s)
{
	for (size_t at = 0; at < s.n;) {
		uint32_t c = utf8_next(s, &at);

		if ((c >= 0x80 && c <= 0xa0) || c == 0xad ||
		    (c >= 0x2000 && c <= 0x200f) ||
		    (c >= 0x2028 && c <= 0x202f) ||
		    (c >= 0x205f && c <= 0x206f) || c == 0x3000 || c == 0xfeff)
			return true;
	}
	return false;
}

static enum crm_err
email_check(const struct rule *r, struct str in)
{
	struct str shown = value_shown(in);
	size_t at = str_chr(in, '@');
	struct str domain = str_from_pos(in, at + 1);

	if (str_chr(in, '<') < in.n)
		return email_named(r, in);
	if (at == in.n)
		return diag_set(r->dg, CRM_DATA,
		    "no @ in '%.*s'; write name@host", STR_ARG(shown));
	if (value_gap(in) < in.n || (!utf8_ascii(in) && has_hidden(in)))
		return diag_set(r->dg, CRM_DATA,
		    "blank in '%.*s'; write one address without blanks, "
		    "several with commas between",
		    STR_ARG(shown));
	if (str_chr(domain, '@') < domain.n)
		return diag_set(r->dg, CRM_DATA,
		    "more than one @ in '%.*s'; write one address, several "
		    "with commas between",
		    STR_ARG(shown));
	if (at && !local_ok(str_head(in, at)))
		return diag_set(r->dg, CRM_DATA,
		    "a sign before the @ in '%.*s' that no address has; write "
		    "name@host",
		    STR_ARG(shown));
	if (at == 0)
		return diag_set(r->dg, CRM_DATA,
		    "no name before the @ in '%.*s'; write name@host",
		    STR_ARG(shown));
	if (!domain_ok(domain))
		return diag_set(r->dg, CRM_DATA,
		    "no host behind the @ in '%.*s'; write name@host",
		    STR_ARG(shown));
	if (at > LOCAL_MAX || in.n > EMAIL_MAX)
		return diag_set(r->dg, CRM_DATA,
		    "'%.*s' is too long; at most %d bytes before the @, %d in "
		    "all",
		    STR_ARG(shown), LOCAL_MAX, EMAIL_MAX);
	return CRM_OK;
}

/* What most addresses are made of, in lower case; 0 for what needs a closer
 * look. */
static char
plain(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
	    c == '-' || c == '_')
		return c;
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : 0;
}

/* Copies S in lower case; the first byte that is not plain, or N. */
static size_t
plain_copy(struct str s, char *to)
{
	for (size_t i = 0; i < s.n; i++) {
		to[i] = plain(s.p[i]);
		if (!to[i])
			return i;
	}
	return s.n;
}

/* Labels of plain bytes, from FROM to the NUL: none is empty, none begins or
 * ends with a hyphen. */
static bool
labels_ok(const char *from)
{
	char before = '.';

	for (; *from; before = *from++)
		if ((before == '.' && (*from == '.' || *from == '-')) ||
		    (before == '-' && *from == '.'))
			return false;
	return before != '.' && before != '-';
}

/* An address of plain letters, digits and signs needs one walk. False, and
 * nothing appended: look closer. */
static bool
email_plain(struct str in, struct buf *out)
{
	char *p = in.n <= EMAIL_MAX ? buf_room(out, in.n) : NULL;
	size_t at = p ? plain_copy(in, p) : 0;
	size_t domain = in.n - at - 1;

	if (at == 0 || at > LOCAL_MAX || at == in.n || in.p[at] != '@' ||
	    domain > LABEL_MAX ||
	    plain_copy(str_from_pos(in, at + 1), p + at + 1) < domain)
		return false;
	p[at] = '@';
	p[in.n] = '\0';
	if (!labels_ok(p + at + 1))
		return false;
	out->n += in.n;
	return true;
}

enum crm_err
email_normalise(const struct rule *r, struct str in)
{
	struct buf composed = {0};
	enum crm_err err;

	if (email_plain(in, r->out))
		return CRM_OK;
	value_back(r->out, r->out->n);
	if (in.n > 7 && str_ieq(str_head(in, 7), STR("mailto:")))
		in = str_from_pos(in, 7);
	err = email_check(r, in);
	if (err)
		return err;
	if (utf8_ascii(in)) {
		utf8_lower(in, r->out);
		return CRM_OK;
	}
	utf8_nfc(in, &composed);
	utf8_lower(str_of(&composed), r->out);
	r->out->failed = r->out->failed || composed.failed;
	buf_clear(&composed);
	return CRM_OK;
}
