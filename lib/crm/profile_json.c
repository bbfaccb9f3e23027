/* SPDX-License-Identifier: ISC */
/* profile_json: lists that stand as JSON in a cell, as Twenty writes them. */
#include "crm/profile_impl.h"

#include "base/utf8.h"

static void
blanks(struct str *s)
{
	while (s->n && memchr(" \t\r\n", s->p[0], 4))
		*s = str_from_pos(*s, 1);
}

static bool
take(struct str *s, char c)
{
	blanks(s);
	if (!s->n || s->p[0] != c)
		return false;
	*s = str_from_pos(*s, 1);
	return true;
}

static enum crm_err
broken(const struct json_items *j, struct diag *dg)
{
	return diag_set(dg, CRM_DATA,
	    "broken JSON before '%.*s'; write [\"a\",\"b\"]",
	    STR_ARG(str_head(j->rest, 40)));
}

/* Four hexadecimal digits behind "\u". */
static bool
hex_read(struct str s, uint32_t *out)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	*out = 0;
	for (size_t i = 2; i < 6; i++) {
		const char *hit =
		    i < s.n && s.p[i] ? strchr(digits, s.p[i]) : NULL;
		uint32_t v;

		if (!hit)
			return false;
		v = (uint32_t)(hit - digits);
		*out = *out << 4 | (v > 15 ? v - 6 : v);
	}
	return true;
}

/* "\ud83d\ude00" is one character in two halves. Bytes taken; 0: broken. */
static size_t
unicode_read(struct str s, struct buf *out)
{
	uint32_t c, low;

	if (!hex_read(s, &c) || c == 0)
		return 0;
	if (c < 0xd800 || c > 0xdfff) {
		utf8_put(c, out);
		return 6;
	}
	if (c > 0xdbff || !str_starts(str_from_pos(s, 6), STR("\\u")) ||
	    !hex_read(str_from_pos(s, 6), &low) || low < 0xdc00 || low > 0xdfff)
		return 0;
	utf8_put(0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00), out);
	return 12;
}

static size_t
escape_read(struct str s, struct buf *out)
{
	static const char from[] = "nrtbf\"\\/";
	static const char to[] = "\n\r\t\b\f\"\\/";
	const char *hit;

	if (s.n < 2 || !s.p[1])
		return 0;
	if (s.p[1] == 'u')
		return unicode_read(s, out);
	hit = strchr(from, s.p[1]);
	if (!hit)
		return 0;
	buf_addc(out, to[hit - from]);
	return 2;
}

/* A string; rest stands behind its first quote. */
static bool
string_read(struct str *s, struct buf *out)
{
	while (s->n && s->p[0] != '"') {
		size_t n = 1;

		if (s->p[0] == '\\')
			n = escape_read(*s, out);
		else
			buf_addc(out, s->p[0]);
		if (!n)
			return false;
		*s = str_from_pos(*s, n);
	}
	return take(s, '"');
}

/* A number, true, false, null, as it stands; null is nothing. */
static bool
bare_read(struct str *s, struct buf *out)
{
	size_t n = 0;

	while (n < s->n && !memchr(",]}:[{\" \t\r\n", s->p[n], 11))
		n++;
	if (!str_is(str_head(*s, n), "null"))
		buf_add(out, str_head(*s, n));
	*s = str_from_pos(*s, n);
	return n > 0;
}

static bool
value_read(struct str *s, struct buf *out)
{
	blanks(s);
	return take(s, '"') ? string_read(s, out) : bare_read(s, out);
}

/* The name of a member and its colon: as it stands, escapes and all. */
static bool
key_read(struct str *s, struct str *key)
{
	size_t n = 0;

	if (!take(s, '"'))
		return false;
	while (n < s->n && s->p[n] != '"')
		n += s->p[n] == '\\' ? 2 : 1;
	*key = str_head(*s, n);
	*s = str_from_pos(*s, n);
	return take(s, '"') && take(s, ':');
}

/* Appends the member WANT of an object; rest stands behind its brace. */
static bool
object_read(struct str *s, struct str want, struct buf *out)
{
	struct str key = {0};
	bool more = true;

	if (take(s, '}'))
		return true;
	while (more) {
		size_t n = out->n;

		if (!key_read(s, &key) || !value_read(s, out))
			return false;
		if (!str_eq(key, want) && out->p) {
			out->n = n;
			out->p[n] = '\0';
		}
		more = take(s, ',');
	}
	return take(s, '}');
}

/* Once over the object for every key. */
static bool
members_read(struct str *s, struct str keys, struct buf *out)
{
	struct str start = *s;
	bool ok = true;

	if (!keys.n)
		return object_read(s, keys, out);
	while (ok && keys.p) {
		*s = start;
		ok = object_read(s, str_cut(&keys, ','), out);
	}
	return ok;
}

enum crm_err
json_items_open(
    struct json_items *j, struct str text, struct str keys, struct diag *dg)
{
	*j = (struct json_items){.rest = str_trim(text), .keys = keys};
	if (!take(&j->rest, '[')) {
		j->bare = true;
		return CRM_OK;
	}
	if (!take(&j->rest, ']'))
		return CRM_OK;
	blanks(&j->rest);
	if (j->rest.n)
		return broken(j, dg);
	j->rest.p = NULL;
	return CRM_OK;
}

enum crm_err
json_items_next(
    struct json_items *j, struct buf *out, bool *got, struct diag *dg)
{
	bool ok;

	buf_reset(out);
	*got = j->rest.p && (!j->bare || j->rest.n);
	if (!*got)
		return CRM_OK;
	if (j->bare) {
		buf_add(out, j->rest);
		j->rest.p = NULL;
		return CRM_OK;
	}
	ok = take(&j->rest, '{') ? members_read(&j->rest, j->keys, out)
				 : value_read(&j->rest, out);
	if (!ok)
		return broken(j, dg);
	if (take(&j->rest, ','))
		return CRM_OK;
	if (!take(&j->rest, ']'))
		return broken(j, dg);
	blanks(&j->rest);
	if (j->rest.n)
		return broken(j, dg);
	j->rest.p = NULL;
	return CRM_OK;
}
