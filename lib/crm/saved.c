/* SPDX-License-Identifier: ISC */
/* saved: a query is parsed as if it were asked now. */
#include "crm/saved.h"
#include "query/query.h"

static enum crm_err
query_try(struct store *s, const struct clock *clock, const struct kind *k,
    struct str text, struct diag *dg)
{
	struct buf hold = {0};
	struct str *words = NULL;
	struct query *q = NULL;
	size_t n = 0;
	enum crm_err err = query_words(text, &hold, &words, &n, dg);

	if (!err)
		err = query_new(&q, s, clock, k, words, n, dg);
	query_free(q);
	free(words);
	buf_clear(&hold);
	return err;
}

/* A segment wants the name itself. */
static enum crm_err
kind_find(const struct schema *s, struct str text, const struct kind **out,
    struct diag *dg)
{
	enum crm_err err;

	*out = query_segment_kind(s, text);
	if (*out)
		return CRM_OK;
	err = schema_find_kind(s, text, out, dg);
	if (!err)
		err = diag_set(
		    dg, CRM_DATA, "write '%.*s'", STR_ARG((*out)->name));
	diag_place(dg, "kind '%.*s'", STR_ARG(text));
	return err;
}

enum crm_err
saved_check(struct store *s, const struct clock *clock, struct str kind,
    struct str query, struct diag *dg)
{
	const struct schema *schema = store_schema(s);
	const struct kind *k = schema_kind_no(schema, KIND_CONTACT);
	enum crm_err err = CRM_OK;

	if (kind.n)
		err = kind_find(schema, kind, &k, dg);
	if (!err && k) {
		err = query_try(s, clock, k, query, dg);
		if (err)
			diag_place(dg, "query");
	}
	if (err == CRM_USAGE || err == CRM_NO)
		dg->code = err = CRM_DATA;
	return err;
}
