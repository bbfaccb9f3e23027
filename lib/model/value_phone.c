/* SPDX-License-Identifier: ISC */
/*
 * value_phone: the rule for phone numbers, and which two of them are the same
 * line. Numbers stay as people write them; they are found by their digits
 * from the end, because the notations differ at the front.
 */
#include "model/value_impl.h"

enum { DIGITS_MIN = 3, DIGITS_MAX = 20, EXT_MAX = 10, TYPED_MAX = 64 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Blanks and hyphens as typewriters do not have them. */
static const struct {
	struct str from;
	char to;
} pasted[] = {
    {{"\xc2\xa0", 2}, ' '},	/* no-break space */
    {{"\xe2\x80\x89", 3}, ' '}, /* thin space */
    {{"\xe2\x80\xaf", 3}, ' '}, /* narrow no-break space */
    {{"\xe2\x80\x90", 3}, '-'}, /* hyphen */
    {{"\xe2\x80\x91", 3}, '-'}, /* no-break hyphen */
    {{"\xe2\x80\x93", 3}, '-'}, /* en dash */
    {{"\xe2\x88\x92", 3}, '-'}, /* minus */
    {{"\xe2\x80\xaa", 3}, 0},	/* direction marks of contact lists */
    {{"\xe2\x80\xac", 3}, 0},
    {{"\xe2\x80\x8e", 3}, 0},
};

/* The bytes at AT as plain ASCII in *c, 0 to leave out; how many they are,
 * 0 when there is no such form. */
static size_t
plain_char(struct str s, size_t at, char *c)
{
	struct str rest = str_from_pos(s, at);

	*c = s.p[at];
	if ((unsigned char)s.p[at] < 0x80)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(pasted); i++) {
		if (!str_starts(rest, pasted[i].from))
			continue;
		*c = pasted[i].to;
		return pasted[i].from.n;
	}
	return 0;
}

/* Where the extension begins: "x12", "ext 12", "ext. 12"; s.n without. */
static size_t
extension(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == 'x' || c == 'X' || c == 'e' || c == 'E')
			return i;
	}
	return s.n;
}

/* The digits behind "x", "ext", "ext."; false when it is no extension. */
static bool
extension_digits(struct str s, struct str *digits)
{
	if (s.n >= 3 && str_ieq(str_head(s, 3), STR("ext")))
		s = str_from_pos(s, 3);
	else if (s.n && (s.p[0] == 'x' || s.p[0] == 'X'))
		s = str_from_pos(s, 1);
	else
		return false;
	if (s.n && s.p[0] == '.')
		s = str_from_pos(s, 1);
	*digits = str_trim(s);
	for (size_t i = 0; i < digits->n; i++)
		if (!is_digit(digits->p[i]))
			return false;
	return digits->n > 0 && digits->n <= EXT_MAX;
}

static enum crm_err
phone_refuse(const struct rule *r, const char *why, struct str in)
{
	return diag_set(r->dg, CRM_DATA,
	    "%s in '%.*s'; write digits, as in +49 30 1234567 or 030/1234567 "
	    "x12",
	    why, STR_ARG(value_shown(in)));
}

static bool
is_sign(char c)
{
	return c == ' ' || c == '-' || c == '/' || c == '.' || c == '(' ||
	       c == ')' || c == '+' || c == '\t';
}

/* MAIN is a number of digits and signs, a plus only in front. */
static enum crm_err
phone_check(const struct rule *r, struct str main, struct str in)
{
	size_t digits = 0;

	for (size_t i = 0; i < main.n; i++) {
		if (is_digit(main.p[i]))
			digits++;
		else if (!is_sign(main.p[i]))
			return phone_refuse(r, "no phone number", in);
		else if (main.p[i] == '+' && digits)
			return phone_refuse(r, "a plus amid the digits", in);
	}
	if (digits < DIGITS_MIN)
		return phone_refuse(r, "too few digits", in);
	if (digits > DIGITS_MAX)
		return phone_refuse(r, "too many digits", in);
	return CRM_OK;
}

/* Appends IN as plain ASCII with single blanks; false when it has none. */
static bool
phone_plain(struct str in, struct buf *out)
{
	char *p = buf_room(out, in.n);
	size_t n = 0;

	if (!p)
		return true; /* the caller looks */
	for (size_t at = 0; at < in.n;) {
		char c = in.p[at];
		size_t len =
		    (unsigned char)c < 0x80 ? 1 : plain_char(in, at, &c);

		if (len == 0)
			return false;
		at += len;
		if (c == '\t')
			c = ' ';
		if (c && (c != ' ' || (n && p[n - 1] != ' ')))
			p[n++] = c;
	}
	if (n && p[n - 1] == ' ')
		n--;
	out->n += n;
	out->p[out->n] = '\0';
	return true;
}

enum crm_err
phone_normalise(const struct rule *r, struct str in)
{
	size_t start = r->out->n, ext;
	struct str made, digits;

	if (in.n > 4 && str_ieq(str_head(in, 4), STR("tel:")))
		in = str_from_pos(in, 4);
	if (in.n > TYPED_MAX)
		return phone_refuse(r, "too much", in);
	if (!phone_plain(in, r->out))
		return phone_refuse(r, "no phone number", in);
	if (r->out->failed)
		return CRM_OK; /* the caller looks */
	made = str_from_pos(str_of(r->out), start);
	ext = extension(made);
	if (ext < made.n && !extension_digits(str_from_pos(made, ext), &digits))
		return phone_refuse(r, "no phone number", in);
	return phone_check(r, str_head(made, ext), in);
}

/* ---- the same line ---------------------------------------------------- */

/* The digits of a number in order; n at most DIGITS_MAX. */
struct line {
	char digits[DIGITS_MAX];
	size_t n;
};

/* "(0)" is dialled only at home: it counts for nothing behind a country
 * code, and alone it is a leading zero, which counts for nothing either. */
static size_t
trunk(struct str s, size_t at)
{
	return s.p[at] == '(' && str_starts(str_from_pos(s, at), STR("(0)"))
		   ? 3
		   : 0;
}

static struct line
phone_line(struct str phone)
{
	struct line l = {.n = 0};
	struct str s = str_head(phone, extension(phone));

	for (size_t i = 0; i < s.n;) {
		size_t skip = trunk(s, i);

		if (skip) {
			i += skip;
			continue;
		}
		if (is_digit(s.p[i]) && l.n < DIGITS_MAX &&
		    (l.n || s.p[i] != '0'))
			l.digits[l.n++] = s.p[i];
		i++;
	}
	return l;
}

void
value_phone_key(struct str phone, struct buf *out)
{
	struct line l = phone_line(phone);
	char key[DIGITS_MAX];

	for (size_t i = 0; i < l.n; i++)
		key[i] = l.digits[l.n - 1 - i];
	buf_add(out, (struct str){key, l.n});
}

/* Both have an extension and it is not the same. */
static bool
extension_differs(struct str a, struct str b)
{
	struct str x, y;

	return extension_digits(str_from_pos(a, extension(a)), &x) &&
	       extension_digits(str_from_pos(b, extension(b)), &y) &&
	       !str_eq(x, y);
}

bool
value_phone_same(struct str a, struct str b)
{
	struct line x = phone_line(a), y = phone_line(b);
	size_t n = x.n < y.n ? x.n : y.n;

	if (n == 0 || (n < PHONE_MIN && x.n != y.n))
		return false;
	return memcmp(x.digits + x.n - n, y.digits + y.n - n, n) == 0 &&
	       !extension_differs(a, b);
}
