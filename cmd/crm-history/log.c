/* SPDX-License-Identifier: ISC */
/* log: the feed of changes, all of it or that of some records. */
#include "crm-history/verbs.h"

#include "crm/feed.h"
#include "query/query.h"
#include "query/ref.h"

/* All words are ids; *yes is false when one is not. */
static enum crm_err
read_ids(struct job *j, struct id **ids, size_t *n, bool *yes)
{
	enum crm_err err = CRM_OK;

	*ids = calloc(j->nwords, sizeof(**ids));
	if (!*ids)
		return diag_nomem(&j->c->diag);
	*yes = true;
	for (*n = 0; !err && *yes && *n < j->nwords; ++*n)
		err = read_id(j, j->words[*n], &(*ids)[*n], yes);
	return err;
}

/* A word that a query would look for in texts. */
static bool
is_bare(struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (strchr("=<>~:()", word.p[i]))
			return false;
	return true;
}

/* Words as in crm-find. One that finds nothing was meant as a REF. */
static enum crm_err
read_query(struct job *j, struct id **ids, size_t *n)
{
	struct cli *c = j->c;
	const struct schema *schema = store_schema(c->store);
	const struct kind *kind;
	struct query *q = NULL;
	struct id id;
	size_t took = query_kind(schema, j->words, j->nwords,
	    schema_kind_no(schema, KIND_CONTACT), &kind);
	enum crm_err err;

	err = query_new(&q, c->store, &c->clock, kind, j->words + took,
	    j->nwords - took, &c->diag);
	if (!err)
		err = query_ids(q, ids, n, &c->diag);
	query_free(q);
	if (!err && !*n && !took && j->nwords == 1 && is_bare(j->words[0]))
		err = ref_resolve(c->store, NULL, j->words[0], &id, &c->diag);
	return err;
}

/* One word that means one record, not a kind. */
static enum crm_err
read_ref(struct job *j, struct id *id, bool *yes)
{
	struct cli *c = j->c;
	const struct kind *kind;
	struct id ids[2];
	size_t n = 0;
	enum crm_err err = CRM_OK;

	if (j->nwords == 1 &&
	    !query_kind(store_schema(c->store), j->words, 1, NULL, &kind))
		err = ref_lookup(
		    c->store, NULL, j->words[0], ids, 2, &n, &c->diag);
	*yes = !err && n == 1;
	if (*yes)
		*id = ids[0];
	return err;
}

/* The records that the operands mean. */
static enum crm_err
read_records(struct job *j, struct id **ids, size_t *n)
{
	struct cli *c = j->c;
	enum crm_err err;
	bool yes = true;

	if (j->nwords == 1 && str_is(j->words[0], "-"))
		return cli_refs(c, NULL, j->words, 1, ids, n);
	err = read_ids(j, ids, n, &yes);
	if (err || yes)
		return err;
	err = read_ref(j, *ids, &yes);
	*n = yes;
	if (err || yes)
		return err;
	free(*ids);
	*ids = NULL;
	return read_query(j, ids, n);
}

static enum crm_err
log_options(struct job *j, struct feed_options *o, struct id **ids)
{
	struct cli *c = j->c;
	struct when since;
	enum crm_err err = CRM_OK;

	if (c->opt.after) {
		o->resume = true;
		err = read_txn(c, str_from(c->opt.after), &o->after);
	}
	if (!err && c->opt.since) {
		err = when_parse(
		    str_from(c->opt.since), &c->clock, &since, &c->diag);
		o->has_since = !err;
	}
	if (o->has_since)
		o->since = since.has_time
			       ? since.utc
			       : date_to_utc(&c->clock.zone, since.day, 0);
	o->by = str_from(c->opt.by);
	if (err || !j->nwords)
		return err;
	err = read_records(j, ids, &o->nids);
	if (!err)
		o->nids = feed_ids(*ids, o->nids);
	o->only = true;
	o->ids = *ids;
	return err;
}

/* A transaction is printed as a whole or not at all. */
static enum crm_err
log_rows(struct job *j, struct feed *f)
{
	const struct journal_head *head;
	struct journal_change change;
	struct changes_of of;
	uint64_t txn = 0;
	enum crm_err err;
	bool got;

	for (;;) {
		err = feed_next(f, &head, &change, &got, &j->c->diag);
		if (err || !got)
			return err;
		if (head->txn != txn && j->nrows >= j->c->opt.limit)
			return CRM_OK;
		txn = head->txn;
		of = change_of(&change);
		err = rows_change(j, head, &of);
		if (err)
			return err;
	}
}

enum crm_err
run_log(struct job *j)
{
	struct cli *c = j->c;
	struct feed_options o = {0};
	struct feed *f = NULL;
	struct id *ids = NULL;
	enum crm_err err;

	err = cli_open(c, false);
	if (!err)
		err = past_new(&j->past, c->store, &c->diag);
	if (!err)
		err = log_options(j, &o, &ids);
	if (!err)
		err = feed_new(&f, c->store, &o, &c->diag);
	if (!err)
		err = rows_begin(j, CHANGES_LOG);
	if (!err)
		err = log_rows(j, f);
	if (!err)
		err = emit_end(j->emit, &c->diag);
	feed_free(f);
	free(ids);
	return err;
}
