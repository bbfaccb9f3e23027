/* SPDX-License-Identifier: ISC */
/* escape: the four escapes of the text between commands. */
#include "base/escape.h"

/* The letter behind the backslash, 0 for a byte that needs none. */
static char
escape_letter(char c)
{
	switch (c) {
	case '\t':
		return 't';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\\':
		return '\\';
	default:
		return 0;
	}
}

bool
escape_needed(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (escape_letter(s.p[i]))
			return true;
	return false;
}

void
escape_tsv(struct str s, struct buf *out)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		char letter = escape_letter(s.p[i]);
		char pair[2] = {'\\', letter};

		if (!letter)
			continue;
		buf_add(out, (struct str){.p = s.p + from, .n = i - from});
		buf_add(out, (struct str){.p = pair, .n = 2});
		from = i + 1;
	}
	buf_add(out, str_from_pos(s, from));
}

/* The byte a pair \LETTER stands for; 0 when it is no pair of ours. */
static char
escaped_byte(char letter)
{
	switch (letter) {
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case '\\':
		return '\\';
	default:
		return 0;
	}
}

void
unescape_tsv(struct str s, struct buf *out, bool *odd)
{
	while (s.n > 0) {
		size_t at = str_chr(s, '\\');
		char byte = at + 1 < s.n ? escaped_byte(s.p[at + 1]) : 0;

		buf_add(out, str_head(s, at));
		if (at == s.n)
			return;
		if (byte) {
			buf_addc(out, byte);
			s = str_from_pos(s, at + 2);
		} else {
			*odd = true;
			buf_addc(out, '\\');
			s = str_from_pos(s, at + 1);
		}
	}
}
