/* SPDX-License-Identifier: ISC */
/* content_code: what stands in a content line: escapes, lists, encodings. */
#include "base/utf8.h"
#include "text/content_read.h"
#include "text/mail_priv.h"

bool
content_is(const struct content_line *line, const char *name, const char *value)
{
	return str_is(line->name, name) &&
	       str_ieq(str_trim(line->value), str_from(value));
}

struct str
content_get(const struct content_line *line, const char *name)
{
	for (size_t i = 0; i < line->nparams; i++)
		if (str_is(line->params[i].name, name))
			return line->params[i].value;
	return STR("");
}

bool
content_says(
    const struct content_line *line, const char *name, const char *value)
{
	for (size_t i = 0; i < line->nparams; i++) {
		struct str rest = line->params[i].value;
		if (!str_is(line->params[i].name, name))
			continue;
		while (rest.p)
			if (str_ieq(
				str_trim(str_cut(&rest, ',')), str_from(value)))
				return true;
	}
	return false;
}

struct str
content_cut(struct str *rest, char sep)
{
	struct str s = *rest;
	size_t i = 0;

	while (i < s.n && s.p[i] != sep)
		i += s.p[i] == '\\' && i + 1 < s.n ? 2 : 1;
	*rest = i < s.n ? str_from_pos(s, i + 1) : (struct str){0};
	return str_head(s, i);
}

void
content_unescape(struct str text, struct buf *out)
{
	while (text.n > 0) {
		size_t n = str_chr(text, '\\');
		char c = n + 1 < text.n ? text.p[n + 1] : 0;
		buf_add(out, str_head(text, n));
		if (n == text.n)
			return;
		if (c == 'n' || c == 'N')
			buf_addc(out, '\n');
		else if (c && memchr("\\,;:", c, 4))
			buf_addc(out, c);
		else
			buf_addc(out, '\\');
		/* A backslash that escapes nothing leaves what follows. */
		text = str_from_pos(
		    text, c && memchr("nN\\,;:", c, 6) ? n + 2 : n + 1);
	}
}

bool
content_base64(struct str value, struct buf *out)
{
	size_t letters = 0;

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			  (c >= '0' && c <= '9') || c == '+' || c == '/' ||
			  c == '=';
		if (!ok && c != ' ' && c != '\t')
			return false;
		letters += ok && c != '=';
	}
	if (letters % 4 == 1)
		return false;
	mail_base64(value, out);
	return true;
}

bool
content_charset(struct str bytes, struct str name, struct buf *out)
{
	size_t from = out->n, bad = 0;
	bool utf8 = name.n == 0 || str_ieq(name, STR("utf-8")) ||
		    str_ieq(name, STR("utf8")) ||
		    str_ieq(name, STR("us-ascii")) ||
		    str_ieq(name, STR("ascii"));
	struct str made;

	if (utf8) {
		if (!utf8_valid(bytes, &bad))
			return false;
		buf_add(out, bytes);
		return true;
	}
	if (!mail_charset_known(name) ||
	    (bytes.n && memchr(bytes.p, 0, bytes.n)))
		return false;
	mail_charset(name, bytes, out);
	made = str_from_pos(str_of(out), from);
	if (str_find(made, STR("\xef\xbf\xbd")) == made.n)
		return true;
	out->n = from; /* a byte that the set has no letter for */
	return false;
}
