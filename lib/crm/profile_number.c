/* SPDX-License-Identifier: ISC */
/* profile_number: numbers as people and spreadsheets write them. */
#include "crm/profile_impl.h"

#include "base/decimal.h"
#include "base/num.h"

enum { POWER_MAX = 27 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The number without the currency around it, in signs or letters. */
static struct str
currency_drop(struct str s)
{
	while (s.n && !is_digit(s.p[0]) && !memchr("+-(.,", s.p[0], 5))
		s = str_from_pos(s, 1);
	while (s.n && !is_digit(s.p[s.n - 1]) && s.p[s.n - 1] != ')')
		s = str_head(s, s.n - 1);
	return s;
}

/* "-$5", "$-5", "(5)", "5-": all of them less than nothing. */
static struct str
sign_drop(struct str s, bool *minus)
{
	s = str_trim(s);
	*minus = false;
	if (s.n && s.p[s.n - 1] == '-') {
		*minus = true;
		s = str_head(s, s.n - 1);
	}
	for (int i = 0; i < 2; i++) {
		s = currency_drop(s);
		if (s.n > 1 && s.p[0] == '(' && s.p[s.n - 1] == ')') {
			*minus = true;
			s = str_head(str_from_pos(s, 1), s.n - 2);
		} else if (s.n && (s.p[0] == '-' || s.p[0] == '+')) {
			*minus = s.p[0] == '-';
			s = str_from_pos(s, 1);
		}
	}
	return currency_drop(s);
}

/* Bytes of a sign between thousands; 0 when there is none. */
static size_t
gap(struct str s, char point)
{
	static const struct str gaps[] = {{" ", 1}, {"'", 1}, {"_", 1},
	    {"\xc2\xa0", 2}, {"\xe2\x80\xaf", 3}, {"\xe2\x80\x99", 3}};

	if (s.n && (s.p[0] == '.' || s.p[0] == ',') && s.p[0] != point)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(gaps); i++)
		if (str_starts(s, gaps[i]))
			return gaps[i].n;
	return 0;
}

/* Exactly three digits stand before the next sign or the end. */
static bool
three_follow(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_digit(s.p[n]))
		n++;
	return n == 3;
}

/* Appends S with a point where POINT stands and no gaps; false when it is
 * something else, as in "1.5" where a point parts thousands. */
static bool
number_spell(struct str s, char point, struct buf *out)
{
	bool seen = false;

	while (s.n) {
		size_t n = gap(s, point);

		if (n && (seen || !three_follow(str_from_pos(s, n))))
			return false;
		if (!n && s.p[0] == point && seen)
			return false;
		if (!n && s.p[0] != point && !is_digit(s.p[0]))
			return false;
		if (!n) {
			seen = seen || s.p[0] == point;
			buf_addc(out, s.p[0] == point ? '.' : s.p[0]);
		}
		s = str_from_pos(s, n ? n : 1);
	}
	return true;
}

/* "250.0" is a whole number to whoever wrote it. */
static void
zeros_chop(struct buf *out, size_t start)
{
	size_t n = out->n;

	if (out->failed || !memchr(out->p + start, '.', n - start))
		return;
	while (n > start && out->p[n - 1] == '0')
		n--;
	if (n > start && out->p[n - 1] == '.') {
		out->n = n - 1;
		out->p[out->n] = '\0';
	}
}

/* "3.5E7", as programs write what is large: the digits with the point moved.
 * False when there is no such exponent. */
static bool
power_spell(struct str s, char point, struct buf *out)
{
	size_t e = 0, dot = str_chr(s, '.'), digits = 0;
	int64_t power;

	while (e < s.n && s.p[e] != 'e' && s.p[e] != 'E')
		e++;
	if (point != '.' || e == 0 ||
	    !num_i64(str_from_pos(s, e + 1), &power) || power < 0 ||
	    power > POWER_MAX)
		return false;
	dot = dot < e ? dot : e;
	for (size_t i = 0; i < e; i++) {
		if (i == dot)
			continue;
		if (!is_digit(s.p[i]))
			return false;
		if (digits++ == dot + (size_t)power)
			buf_addc(out, '.');
		buf_addc(out, s.p[i]);
	}
	for (; digits < dot + (size_t)power; digits++)
		buf_addc(out, '0');
	return true;
}

void
step_number(struct str in, char point, struct buf *out)
{
	size_t start = out->n, digits;
	bool minus;
	struct str s = sign_drop(in, &minus);

	if (minus)
		buf_addc(out, '-');
	digits = out->n;
	if (power_spell(s, point, out)) {
		zeros_chop(out, start);
		return;
	}
	if (out->p)
		out->n = digits;
	if (s.n && s.p[0] == point)
		buf_addc(out, '0');
	if (s.n && number_spell(s, point, out)) {
		zeros_chop(out, start);
		return;
	}
	/* Not for us to guess: whoever checks the field says what to write. */
	out->n = start;
	buf_add(out, in);
}

void
step_percent(struct str in, struct buf *out)
{
	struct str s =
	    in.n && in.p[in.n - 1] == '%' ? str_head(in, in.n - 1) : in;
	struct decimal d;

	s = str_trim(s);
	if (s.n == in.n && decimal_parse(s, &d))
		decimal_print(decimal_mul(d, decimal_from_i64(100)), 0, out);
	else
		buf_add(out, s);
}
