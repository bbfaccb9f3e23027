/* SPDX-License-Identifier: ISC */
/* csv_guard: apostrophes before what a spreadsheet would run. */
#include "text/csv_guard.h"

/* What programs pass over at the beginning of a cell: blank, no-break blank,
 * the blanks of typesetting, ideographic blank, nothing wide, byte order mark.
 */
static const struct str blanks[] = {{" ", 1}, {"\xc2\xa0", 2},
    {"\xe1\x9a\x80", 3}, {"\xe2\x80\x80", 3}, {"\xe2\x80\x81", 3},
    {"\xe2\x80\x82", 3}, {"\xe2\x80\x83", 3}, {"\xe2\x80\x84", 3},
    {"\xe2\x80\x85", 3}, {"\xe2\x80\x86", 3}, {"\xe2\x80\x87", 3},
    {"\xe2\x80\x88", 3}, {"\xe2\x80\x89", 3}, {"\xe2\x80\x8a", 3},
    {"\xe2\x80\x8b", 3}, {"\xe2\x80\xaf", 3}, {"\xe2\x81\x9f", 3},
    {"\xe3\x80\x80", 3}, {"\xef\xbb\xbf", 3}};

/* What begins a formula, also full-width and as the minus of mathematics. Of
 * ASCII see is_trigger. */
static const struct str triggers[] = {{"\xef\xbc\x9d", 3}, {"\xef\xbc\x8b", 3},
    {"\xef\xbc\x8d", 3}, {"\xef\xbc\xa0", 3}, {"\xe2\x88\x92", 3}};

/* How many bytes at the beginning of S are one of LIST; 0: none. */
static size_t
one_of(struct str s, const struct str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(s, list[i]))
			return list[i].n;
	return 0;
}

/* The signs, and every control character: what is made of those differs. */
static bool
is_trigger(char c)
{
	unsigned char u = (unsigned char)c;

	return u < ' ' || u == 0x7f || c == '=' || c == '+' || c == '-' ||
	       c == '@';
}

static bool
is_formula(struct str s)
{
	size_t n = one_of(s, blanks, ARRAY_LEN(blanks));

	while (n > 0) {
		s = str_from_pos(s, n);
		n = one_of(s, blanks, ARRAY_LEN(blanks));
	}
	if (s.n > 0 && is_trigger(s.p[0]))
		return true;
	return one_of(s, triggers, ARRAY_LEN(triggers)) > 0;
}

static struct str
behind_apostrophes(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == '\'')
		n++;
	return str_from_pos(s, n);
}

bool
csv_guard_needed(struct str s)
{
	return is_formula(behind_apostrophes(s));
}

/* Digits, and what stands between them in phones, numbers, days, lists. */
static bool
is_plain(char c)
{
	static const bool plain[256] = {
	    [' '] = true,
	    ['('] = true,
	    [')'] = true,
	    ['+'] = true,
	    [','] = true,
	    ['-'] = true,
	    ['.'] = true,
	    ['/'] = true,
	    [':'] = true,
	    ['T'] = true,
	    ['Z'] = true,
	    ['x'] = true,
	};

	return (c >= '0' && c <= '9') || plain[(unsigned char)c];
}

bool
csv_guard_needed_plain(struct str s)
{
	size_t i = 0;

	while (i < s.n && is_plain(s.p[i]))
		i++;
	return i < s.n && csv_guard_needed(s);
}

struct str
csv_unguard(struct str s)
{
	if (s.n > 0 && s.p[0] == '\'' && csv_guard_needed(s))
		return str_from_pos(s, 1);
	return s;
}
