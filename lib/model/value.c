/* SPDX-License-Identifier: ISC */
/* value: the way in: checks the bytes, then applies the rule of the type. */
#include "model/value.h"

#include "base/utf8.h"
#include "model/value_impl.h"

enum { SHOWN_MAX = 60 };

struct str
value_cut(struct str s, size_t n)
{
	if (s.n <= n)
		return s;
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return str_head(s, n);
}

struct str
value_shown(struct str value)
{
	return value_cut(value, SHOWN_MAX);
}

size_t
value_gap(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return i;
	return s.n;
}

static enum crm_err
bytes_check(struct str in, struct diag *dg)
{
	const char *nul;
	size_t bad;

	if (in.n > CRM_FIELD_MAX)
		return diag_set(dg, CRM_DATA,
		    "%zu bytes; at most %d fit, keep the rest in a file and "
		    "name it in doc",
		    in.n, CRM_FIELD_MAX);
	nul = in.n ? memchr(in.p, '\0', in.n) : NULL;
	if (nul)
		return diag_set(dg, CRM_DATA,
		    "NUL at byte %zu; take it out, as in tr -d '\\000'",
		    (size_t)(nul - in.p) + 1);
	if (!utf8_ascii(in) && !utf8_valid(in, &bad))
		return diag_set(dg, CRM_DATA,
		    "no UTF-8 at byte %zu of '%.*s'; convert it first, as in "
		    "iconv -f latin1 -t utf-8",
		    bad + 1, STR_ARG(value_shown(in)));
	return CRM_OK;
}

static enum crm_err (*const rules[])(const struct rule *r, struct str in) = {
    [TYPE_TEXT] = text_normalise,
    [TYPE_INT] = int_normalise,
    [TYPE_DECIMAL] = decimal_normalise,
    [TYPE_BOOL] = bool_normalise,
    [TYPE_DATE] = date_normalise,
    [TYPE_TIME] = time_normalise,
    [TYPE_ENUM] = enum_normalise,
    [TYPE_REF] = ref_normalise,
    [TYPE_EMAIL] = email_normalise,
    [TYPE_PHONE] = phone_normalise,
    [TYPE_URL] = url_normalise,
    [TYPE_RECUR] = recur_normalise,
};

enum crm_err
item_normalise(const struct rule *r, struct str in)
{
	return rules[r->field->type](r, in);
}

struct str
item_trim(const struct field *f, struct str s)
{
	s = str_trim(s);
	if (f->type == TYPE_TEXT)
		return s;
	while (s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s = str_trim(str_head(s, s.n - 1));
	return s;
}

void
value_back(struct buf *b, size_t n)
{
	b->n = n;
	if (b->p)
		b->p[n] = '\0';
}

struct str
value_item(const struct field *f, struct str *rest)
{
	struct str all = *rest;

	if (f->list)
		return str_cut(rest, ',');
	rest->p = NULL;
	return all;
}

/* The part of VALUE_NORMALISE that most values never come to. */
static enum crm_err
normalise(const struct rule *r, struct str in)
{
	enum crm_err err = CRM_OK;

	if (r->field->list && memchr(in.p, ',', in.n))
		err = list_normalise(r, in);
	else
		err = item_normalise(r, in);
	if (!err && r->out->failed)
		err = diag_nomem(r->dg);
	return err;
}

enum crm_err
value_normalise(const struct field *f, struct str in, const struct clock *clock,
    struct buf *out, bool *odd, struct diag *dg)
{
	const struct rule r = {f, clock, out, odd, dg};
	size_t start = out->n;
	bool plain =
	    in.n <= CRM_FIELD_MAX && (utf8_printable(in) || utf8_latin(in));
	enum crm_err err = plain ? CRM_OK : bytes_check(in, dg);

	if (err)
		return err;
	in = item_trim(f, in);
	if (in.n == 0)
		return CRM_OK;
	/* This is its own canonical text. */
	if (plain && f->type == TYPE_TEXT && !f->list) {
		buf_add(out, in);
		return out->failed ? diag_nomem(dg) : CRM_OK;
	}
	err = normalise(&r, in);
	if (!err && out->n - start > CRM_FIELD_MAX)
		err = diag_set(dg, CRM_DATA, "over %d bytes when normalised",
		    CRM_FIELD_MAX);
	if (err)
		value_back(out, start);
	return err;
}
