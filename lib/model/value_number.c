/* SPDX-License-Identifier: ISC */
/* value_number: the rules for whole numbers, decimals and yes or no. */
#include "base/num.h"
#include "model/value_impl.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
digits_count(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += is_digit(s.p[i]);
	return n;
}

static struct str
zeros_drop(struct str s)
{
	while (s.n > 1 && s.p[0] == '0' && is_digit(s.p[1]))
		s = str_from_pos(s, 1);
	return s;
}

static bool
is_zero(struct str digits)
{
	for (size_t i = 0; i < digits.n; i++)
		if (digits.p[i] != '0' && digits.p[i] != '.')
			return false;
	return true;
}

/* S, a number with a sign or none, without '+' and leading zeros. */
static void
number_add(struct str s, struct buf *out)
{
	bool minus = s.p[0] == '-';

	if (minus || s.p[0] == '+')
		s = str_from_pos(s, 1);
	if (minus && !is_zero(s))
		buf_addc(out, '-');
	buf_add(out, zeros_drop(s));
}

/* ---- what was probably meant ------------------------------------------ */

/* Bytes of a sign that people put between thousands; 0 for none: blank,
 * apostrophe, no-break blank, narrow no-break blank, right quote. */
static size_t
gap_length(struct str s)
{
	static const struct str gaps[] = {{" ", 1}, {"'", 1}, {"_", 1},
	    {"\xc2\xa0", 2}, {"\xe2\x80\xaf", 3}, {"\xe2\x80\x99", 3}};

	for (size_t i = 0; i < ARRAY_LEN(gaps); i++)
		if (str_starts(s, gaps[i]))
			return gaps[i].n;
	return 0;
}

/* Digits, points and commas of S without gaps; false when there is more. */
static bool
number_bare(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n;) {
		size_t gap = gap_length(str_from_pos(s, i));
		char c = s.p[i];

		if (gap) {
			i += gap;
			continue;
		}
		if (!is_digit(c) && c != '.' && c != ',' && (i || c != '-'))
			return false;
		buf_addc(out, c);
		i++;
	}
	return true;
}

/* Appends S without points and commas, the one at POINT as a point. */
static void
number_spell(struct str s, size_t point, struct buf *out)
{
	if (point == 0)
		buf_addc(out, '0');
	for (size_t i = 0; i < s.n; i++) {
		if (i == point && i + 1 < s.n)
			buf_addc(out, '.');
		else if (s.p[i] != '.' && s.p[i] != ',')
			buf_addc(out, s.p[i]);
	}
}

/*
 * How the number was probably meant. Of two kinds of signs the last is the
 * point; one that stands several times parts thousands; a single one before
 * three digits may be either.
 */
static void
number_guess(struct str s, struct buf *out)
{
	size_t last = s.n, signs = 0;
	bool mixed = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '.' && s.p[i] != ',')
			continue;
		mixed = mixed || (last < s.n && s.p[last] != s.p[i]);
		last = i;
		signs++;
	}
	if (signs > 1 && !mixed)
		last = s.n;
	number_spell(s, last, out);
	if (signs == 1 && s.n - last == 4 && last > 0 && last <= 3) {
		buf_addz(out, " or ");
		number_spell(s, s.n, out);
	}
}

/* Thousands only: every sign has three digits behind it. */
static bool
number_grouped(struct str s)
{
	size_t run = 3;

	for (size_t i = s.n; i-- > 0;) {
		bool mark = s.p[i] == '.' || s.p[i] == ',';

		if (mark && (s.n - i) % 4 != 0)
			return false;
		run = mark ? 0 : run + 1;
	}
	return s.n > 0 && run > 0;
}

/* Appends what to write for IN, nothing when that is anyone's guess. */
static void
number_advice(const struct rule *r, struct str in, struct buf *out)
{
	struct buf bare = {0};
	struct decimal d;
	struct str s;

	if (!number_bare(in, &bare) || digits_count(str_of(&bare)) == 0)
		goto out;
	s = str_of(&bare);
	if (r->field->type != TYPE_INT)
		number_guess(s, out);
	else if (number_grouped(s))
		number_spell(s, s.n, out);
	if (!decimal_parse(
		str_head(str_of(out), str_chr(str_of(out), ' ')), &d))
		buf_reset(out);
out:
	buf_clear(&bare);
}

static enum crm_err
number_refuse(const struct rule *r, const char *what, struct str in)
{
	struct buf advice = {0};
	bool whole = r->field->type == TYPE_INT;

	number_advice(r, in, &advice);
	if (advice.n == 0)
		buf_addf(&advice, "digits alone, as in %s",
		    whole ? "1500" : "1500.50");
	diag_set(r->dg, CRM_DATA, "'%.*s' is no %s; write %s",
	    STR_ARG(value_shown(in)), what, buf_z(&advice));
	buf_clear(&advice);
	return CRM_DATA;
}

/* ---- the rules -------------------------------------------------------- */

static bool
all_digits(struct str s)
{
	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = str_from_pos(s, 1);
	return s.n && digits_count(s) == s.n;
}

enum crm_err
int_normalise(const struct rule *r, struct str in)
{
	int64_t v;

	if (num_i64(in, &v)) {
		number_add(in, r->out);
		return CRM_OK;
	}
	if (all_digits(in))
		return diag_set(r->dg, CRM_DATA,
		    "'%.*s' is out of range; the limit is %lld",
		    STR_ARG(value_shown(in)), (long long)INT64_MAX);
	return number_refuse(r, "whole number", in);
}

/* "[+-]digits.digits" in form, only too long. */
static bool
decimal_shaped(struct str s)
{
	size_t point;

	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = str_from_pos(s, 1);
	point = str_chr(s, '.');
	return point > 0 && point + 1 != s.n &&
	       digits_count(s) + (point < s.n) == s.n;
}

enum crm_err
decimal_normalise(const struct rule *r, struct str in)
{
	struct decimal d;

	if (decimal_parse(in, &d)) {
		number_add(in, r->out);
		return CRM_OK;
	}
	if (decimal_shaped(in))
		return diag_set(r->dg, CRM_DATA,
		    "'%.*s' is too long; at most 27 digits before and %d "
		    "behind the point",
		    STR_ARG(value_shown(in)), DECIMAL_SCALE);
	return number_refuse(r, "number", in);
}

enum crm_err
bool_normalise(const struct rule *r, struct str in)
{
	static const char *const yes[] = {"yes", "y", "true", "1", "ja", "on"};
	static const char *const no[] = {
	    "no", "n", "false", "0", "nein", "off"};

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		bool is_yes = str_ieq(in, str_from(yes[i]));

		if (!is_yes && !str_ieq(in, str_from(no[i])))
			continue;
		buf_addz(r->out, is_yes ? "yes" : "no");
		return CRM_OK;
	}
	return diag_set(r->dg, CRM_DATA,
	    "'%.*s' is neither yes nor no; write yes or no",
	    STR_ARG(value_shown(in)));
}
