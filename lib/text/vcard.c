/* SPDX-License-Identifier: ISC */
/* vcard: vCard 4.0 (RFC 6350) and 3.0 (RFC 2426), property by property. */
#include "text/vcard.h"

#include "base/date.h"

void
vcard_begin(struct buf *to, enum vcard_version version)
{
	buf_addf(to, "BEGIN:VCARD\r\nVERSION:%s\r\n",
	    version == VCARD_3 ? "3.0" : "4.0");
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

void
vcard_uri(struct buf *to, const char *name, const char *params, struct str uri)
{
	struct buf all = {0};
	bool plain = true;

	for (size_t i = 0; i < uri.n; i++)
		plain &= (unsigned char)uri.p[i] > ' ' && uri.p[i] != 0x7f &&
			 uri.p[i] != '\\';
	if (plain) {
		content_raw(to, name, params, uri);
		return;
	}
	buf_addf(&all, ";VALUE=text%s", params ? params : "");
	content_text(to, name, buf_z(&all), uri);
	to->failed |= all.failed;
	buf_clear(&all);
}

void
vcard_time(struct buf *to, enum vcard_version version, const char *name,
    struct str time)
{
	struct buf text = {0};
	bool birth = str_is(str_from(name), "BDAY") ||
		     str_is(str_from(name), "ANNIVERSARY");
	int64_t utc;
	int day;

	if (version == VCARD_4) {
		(void)content_time(&text, time, NULL);
	} else if (date_parse(time, &day)) {
		date_print(day, &text);
	} else if (time_parse(time, &utc)) {
		time_print(utc, &text);
	}
	if (text.n)
		content_raw(to, name, "", str_of(&text));
	else if (birth)
		content_text(to, name, ";VALUE=text", time);
	to->failed |= text.failed;
	buf_clear(&text);
}
