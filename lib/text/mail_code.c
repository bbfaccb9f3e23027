/* SPDX-License-Identifier: ISC */
/* mail_code: base64 and quoted-printable (RFC 2045), Q words (RFC 2047). */
#include "text/mail_priv.h"

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

void
mail_base64(struct str in, struct buf *out)
{
	uint32_t bits = 0;
	int have = 0;
	char *p = buf_room(out, in.n);

	if (!p)
		return;
	size_t n = 0;
	for (size_t i = 0; i < in.n; i++) {
		int v = base64_value(in.p[i]);
		/* Padding ends a group; lists of encoded chunks glue them. */
		if (in.p[i] == '=')
			have = 0;
		if (v < 0)
			continue;
		bits = (bits << 6 | (uint32_t)v) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			p[n++] = (char)(bits >> have & 0xff);
		}
	}
	p[n] = '\0';
	out->n += n;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* The length of a soft line break "=  \r\n" at S[at], 0 when it is none. */
static size_t
soft_break(struct str s, size_t at)
{
	size_t i = at + 1;
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	if (i < s.n && s.p[i] == '\r')
		i++;
	if (i == s.n)
		return i - at;
	return s.p[i] == '\n' ? i + 1 - at : 0;
}

/* Reads what stands at '=': a byte, a soft break, or just itself. Returns how
 * many bytes of S it took. */
static size_t
quoted_pair(struct str s, size_t at, bool header, struct buf *out)
{
	int hi = at + 1 < s.n ? hex_value(s.p[at + 1]) : -1;
	int lo = at + 2 < s.n ? hex_value(s.p[at + 2]) : -1;

	if (hi >= 0 && lo >= 0) {
		buf_addc(out, (char)(hi << 4 | lo));
		return 3;
	}
	size_t soft = header ? 0 : soft_break(s, at);
	if (soft == 0)
		buf_addc(out, '=');
	return soft ? soft : 1;
}

void
mail_quoted(struct str in, bool header, struct buf *out)
{
	size_t i = 0;

	while (i < in.n) {
		if (in.p[i] == '=') {
			i += quoted_pair(in, i, header, out);
			continue;
		}
		buf_addc(out, header && in.p[i] == '_' ? ' ' : in.p[i]);
		i++;
	}
}
