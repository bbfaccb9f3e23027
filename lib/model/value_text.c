/* SPDX-License-Identifier: ISC */
/* value_text: the rules for text, enumerations, references, web addresses. */
#include "base/utf8.h"
#include "model/value_impl.h"

/*
 * Nothing below U+0300 changes in NFC: there are no combining marks to
 * compose and no letters to replace. Most European text is of that kind.
 */
static bool
nfc_plain(struct str s)
{
	unsigned char most = 0;
	uint64_t word;

	while (s.n > 0) {
		size_t n = s.n < sizeof(word) ? s.n : sizeof(word);

		word = 0;
		memcpy(&word, s.p, n);
		for (size_t i = 0;
		     (word & UINT64_C(0x8080808080808080)) && i < n; i++) {
			unsigned char c = (unsigned char)s.p[i];

			most = c > most ? c : most;
		}
		s.p += n;
		s.n -= n;
	}
	return most < 0xcc;
}

static void
nfc_add(struct str s, struct buf *out)
{
	if (utf8_ascii(s) || nfc_plain(s))
		buf_add(out, s);
	else
		utf8_nfc(s, out);
}

/* CRLF becomes LF in what OUT holds from START on; CRCRLF too, or the same
 * text would change again the next time. */
static void
lines_unix(struct buf *out, size_t start)
{
	size_t to = start;

	if (out->failed || out->n == start ||
	    !memchr(out->p + start, '\r', out->n - start))
		return;
	for (size_t i = start; i < out->n; i++) {
		while (
		    out->p[i] == '\n' && to > start && out->p[to - 1] == '\r')
			to--;
		out->p[to++] = out->p[i];
	}
	out->n = to;
	out->p[to] = '\0';
}

enum crm_err
text_normalise(const struct rule *r, struct str in)
{
	size_t start = r->out->n;

	nfc_add(in, r->out);
	lines_unix(r->out, start);
	return CRM_OK;
}

enum crm_err
enum_normalise(const struct rule *r, struct str in)
{
	size_t start = r->out->n;
	struct str made;

	if (field_choice(r->field, in)) {
		buf_add(r->out, in);
		return CRM_OK;
	}
	if (utf8_ascii(in)) {
		utf8_lower(in, r->out);
	} else {
		struct buf composed = {0};

		utf8_nfc(in, &composed);
		utf8_lower(str_of(&composed), r->out);
		r->out->failed = r->out->failed || composed.failed;
		buf_clear(&composed);
	}
	made = str_from_pos(str_of(r->out), start);
	if (!field_choice(r->field, made))
		*r->odd = true;
	return CRM_OK;
}

enum crm_err
ref_normalise(const struct rule *r, struct str in)
{
	buf_add(r->out, in);
	return CRM_OK;
}

/* "https:" or another scheme (RFC 3986 3.1) in front. */
static bool
url_scheme(struct str s)
{
	size_t colon = str_chr(s, ':');

	for (size_t i = 0; i < colon; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool more =
		    (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';

		if (!letter && (i == 0 || !more))
			return false;
	}
	return colon > 0 && colon + 1 < s.n;
}

enum crm_err
url_normalise(const struct rule *r, struct str in)
{
	if (value_gap(in) < in.n)
		return diag_set(r->dg, CRM_DATA,
		    "blank in '%.*s'; write it as %%20",
		    STR_ARG(value_shown(in)));
	if (!url_scheme(in) && str_chr(in, '.') == in.n)
		return diag_set(r->dg, CRM_DATA,
		    "no web address in '%.*s'; write https://host or "
		    "host.example",
		    STR_ARG(value_shown(in)));
	nfc_add(in, r->out);
	return CRM_OK;
}
