/* SPDX-License-Identifier: ISC */
/* vcard: vCard 4.0 (RFC 6350), property by property. */
#include "text/vcard.h"

void
vcard_begin(struct buf *to)
{
	buf_addz(to, "BEGIN:VCARD\r\nVERSION:4.0\r\n");
}

void
vcard_end(struct buf *to)
{
	buf_addz(to, "END:VCARD\r\n");
}

void
vcard_text(
    struct buf *to, const char *name, const char *params, struct str text)
{
	content_text(to, name, params, text);
}

void
vcard_list(
    struct buf *to, const char *name, const char *params, struct str items)
{
	content_list(to, name, params, items);
}

void
vcard_parts(struct buf *to, const char *name, const char *params,
    const struct str *parts, size_t n)
{
	if (str_is(str_from(name), "ORG")) {
		while (n > 0 && parts[n - 1].n == 0)
			n--;
	}
	content_parts(to, name, params, parts, n);
}

/* Copies digits and a leading '+'; false when PHONE has anything that is no
 * mark between digits. "(0)" is dropped: it is dialled within the country
 * only, and a number with '+' is not. */
static bool
tel_digits(struct str phone, struct buf *out)
{
	static const struct str trunk = {.p = "(0)", .n = 3};

	for (size_t i = 0; i < phone.n; i++) {
		char c = phone.p[i];
		bool digit = c >= '0' && c <= '9';
		if (digit || (c == '+' && out->n == 0))
			buf_addc(out, c);
		else if (phone.p[0] == '+' &&
			 str_starts(str_from_pos(phone, i), trunk))
			i += trunk.n - 1;
		else if (!memchr(" -./()", c, 6))
			return false;
	}
	return out->n > 0 && out->p[out->n - 1] != '+';
}

void
vcard_tel(struct buf *to, const char *params, struct str phone)
{
	struct buf uri = {0};
	struct buf all = {0};

	buf_addz(&all, ";VALUE=uri");
	if (params)
		buf_addz(&all, params);
	/* RFC 3966: a number that is not global needs a context, which we do
	 * not know; text says what we have. */
	bool global = tel_digits(phone, &uri) && uri.p[0] == '+';
	if (global) {
		buf_insert(&uri, 0, STR("tel:"));
		content_raw(to, "TEL", buf_z(&all), str_of(&uri));
	} else {
		content_text(to, "TEL", params, phone);
	}
	to->failed |= uri.failed || all.failed;
	buf_clear(&uri);
	buf_clear(&all);
}

void
vcard_uri(struct buf *to, const char *name, const char *params, struct str uri)
{
	content_raw(to, name, params, uri);
}

void
vcard_time(struct buf *to, const char *name, struct str time)
{
	struct buf basic = {0};
	bool birth = str_is(str_from(name), "BDAY") ||
		     str_is(str_from(name), "ANNIVERSARY");

	if (content_time(&basic, time, NULL))
		content_raw(to, name, "", str_of(&basic));
	else if (birth)
		content_text(to, name, ";VALUE=text", time);
	to->failed |= basic.failed;
	buf_clear(&basic);
}
