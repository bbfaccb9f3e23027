/* SPDX-License-Identifier: ISC */
/* words: a query kept as one text, split as a shell would. */
#include "query/query.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Appends the word at *at, quotes removed; false when a quote stays open. */
static bool
word_read(struct str text, size_t *at, struct buf *out)
{
	char quote = 0;

	for (; *at < text.n; ++*at) {
		char c = text.p[*at];

		if (!quote && is_blank(c))
			return true;
		if (quote ? c == quote : c == '\'' || c == '"')
			quote = quote ? 0 : c;
		else
			buf_addc(out, c);
	}
	return !quote;
}

/* Words end in NUL, which no text holds, so that they can be counted. */
static enum crm_err
words_collect(struct str text, struct buf *hold, size_t *count, struct diag *dg)
{
	size_t at = 0;

	*count = 0;
	while (true) {
		while (at < text.n && is_blank(text.p[at]))
			at++;
		if (at == text.n)
			return CRM_OK;
		if (!word_read(text, &at, hold))
			return diag_set(dg, CRM_USAGE,
			    "a quote is not closed in \"%.*s\"", STR_ARG(text));
		buf_addc(hold, '\0');
		++*count;
	}
}

enum crm_err
query_words(struct str text, struct buf *hold, struct str **words,
    size_t *nwords, struct diag *dg)
{
	size_t count, start = hold->n;
	struct str rest, *list;
	enum crm_err err;

	*words = NULL;
	*nwords = 0;
	if (text.n && memchr(text.p, '\0', text.n))
		return diag_set(dg, CRM_USAGE, "a NUL byte in a query");
	err = words_collect(text, hold, &count, dg);
	if (err)
		return err;
	if (hold->failed)
		return diag_nomem(dg);
	list = calloc(count + 1, sizeof(*list));
	if (!list)
		return diag_nomem(dg);
	rest = str_from_pos(str_of(hold), start);
	for (size_t i = 0; i < count; i++)
		list[i] = str_cut(&rest, '\0');
	*words = list;
	*nwords = count;
	return CRM_OK;
}
