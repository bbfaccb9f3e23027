/* SPDX-License-Identifier: ISC */
/* crm-history: what was changed when and by whom; takes it back. */
#include "base/near.h"
#include "base/num.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "crm/between.h"
#include "crm/changes.h"
#include "crm/feed.h"
#include "crm/past.h"
#include "crm/then.h"
#include "crm/undo.h"
#include "crm-history/git.h"
#include "query/query.h"
#include "query/ref.h"
#include "store/journal.h"

enum {
	BULK = 1000, /* more changes than this are sorted in first */
	TOLD = 20,   /* conflicts that are told one by one */
	PRUNED = 256 /* pieces of the journal that go in one transaction */
};

#ifdef CRM_WITH_GIT
static const bool with_git = true;
#else
static const bool with_git = false;
#endif

static const char *const takes[] = {"since", "by",
    "after:TXN:later than transaction TXN",
    "limit:N:N rows, then to the end of the transaction",
    "fields:FIELDS:print these columns", "no-header", "format", "output",
    "dry-run", "force::undo what was changed again, too", "reason", "yes",
    NULL};

static const struct command command = {
    .name = "crm-history",
    .synopsis =
	"crm-history log [-Hqv] [--since WHEN] [--by USER] [--after TXN] "
	"[-l N]\n"
	"        [-f FIELDS] [-O FORMAT] [-o FILE] [REF...|QUERY...|-]\n"
	"crm-history show [-Hqv] [-f FIELDS] [-O FORMAT] [-o FILE] TXN\n"
	"crm-history diff [-Hqv] [-f FIELDS] [-O FORMAT] [-o FILE] A..B\n"
	"crm-history at [-Hqv] [-f FIELDS] [-O FORMAT] [-o FILE] WHEN|TXN "
	"REF\n"
	"crm-history undo [-Hnqv] [--force] [-m REASON] [-O FORMAT] "
	"TXN|A..B\n"
	"crm-history keep [-qvy] [all|none|N]",
    .examples = "crm-history log --since mon c42\n"
		"crm-history undo -n 12\n"
		"crm-history at 2026-01-31 c42",
    .takes = takes,
    .keeps = "w",
};

struct job {
	struct cli *c;
	const struct str *words; /* behind the verb */
	size_t nwords;
	struct past *past;
	struct changes *rows;
	struct emit *emit;
	uint64_t nrows;
};

/* ---- words ------------------------------------------------------------- */

static enum crm_err
read_txn(struct cli *c, struct str word, uint64_t *txn)
{
	if (num_u64(word, txn))
		return CRM_OK;
	return diag_set(&c->diag, CRM_USAGE,
	    "'%.*s' is no number of a transaction; crm-history log has them "
	    "in its first column",
	    STR_ARG(word));
}

/* "A..B" or "A..", which goes to the newest; a lone "A" only with ONE. */
static enum crm_err
read_range(struct cli *c, struct str word, bool one, uint64_t *a, uint64_t *b)
{
	struct journal_state state;
	size_t dots = str_find(word, STR(".."));
	struct str end = str_from_pos(word, dots + 2);
	enum crm_err err = journal_state(c->store, &state, &c->diag);

	if (!err && dots == word.n && !one)
		return diag_set(&c->diag, CRM_USAGE,
		    "'%.*s' is no range of transactions; write A..B",
		    STR_ARG(word));
	if (!err)
		err = read_txn(c, str_head(word, dots), a);
	*b = dots == word.n ? *a : state.last;
	if (!err && dots < word.n && end.n)
		err = read_txn(c, end, b);
	if (!err && *b < *a && !(end.n == 0 && dots < word.n))
		return diag_set(&c->diag, CRM_USAGE,
		    "%.*s runs backwards; write %llu..%llu", STR_ARG(word),
		    (unsigned long long)*b, (unsigned long long)*a);
	return err;
}

static enum crm_err
no_txn(struct cli *c, uint64_t txn)
{
	struct journal_state state;
	enum crm_err err = journal_state(c->store, &state, &c->diag);

	if (err)
		return err;
	if (state.off)
		return diag_set(&c->diag, CRM_NO,
		    "the journal is switched off; crm-history keep all "
		    "switches it on");
	if (!state.last)
		return diag_set(&c->diag, CRM_NO,
		    "there is no transaction %llu: nothing was written yet",
		    (unsigned long long)txn);
	return diag_set(&c->diag, CRM_NO,
	    "there is no transaction %llu; the last one is %llu",
	    (unsigned long long)txn, (unsigned long long)state.last);
}

/* It must have been; what is kept is the journal's to say. */
static enum crm_err
check_txn(struct cli *c, uint64_t txn, uint64_t least)
{
	struct journal_state state;
	enum crm_err err = journal_state(c->store, &state, &c->diag);

	if (!err && txn < least)
		return diag_set(
		    &c->diag, CRM_USAGE, "transactions are numbered from 1");

	if (!err && (txn > state.last || state.off))
		return no_txn(c, txn);
	return err;
}

static enum crm_err
need_words(struct job *j, size_t least, size_t most, const char *usage)
{
	if (j->nwords >= least && j->nwords <= most)
		return CRM_OK;
	return diag_set(&j->c->diag, CRM_USAGE,
	    "too %s operands; write crm-history %s",
	    j->nwords < least ? "few" : "many", usage);
}

/* ---- rows -------------------------------------------------------------- */

static enum crm_err
rows_begin(struct job *j, enum changes_set set)
{
	struct cli *c = j->c;
	enum crm_err err;

	err = j->past ? CRM_OK : past_new(&j->past, c->store, &c->diag);
	if (!err)
		err = changes_new(
		    &j->rows, j->past, set, c->opt.fields, &c->diag);
	if (!err)
		err = cli_emit(c, FORMAT_TSV, &j->emit);
	if (!err)
		err = changes_begin(j->rows, j->emit, &c->diag);
	return err;
}

static struct changes_of
change_of(const struct journal_change *c)
{
	return (struct changes_of){
	    .op = c->op, .id = c->id, .before = c->before, .after = c->after};
}

static enum crm_err
rows_change(
    struct job *j, const struct journal_head *head, const struct changes_of *c)
{
	struct cli *cli = j->c;
	enum crm_err err =
	    changes_emit(j->rows, j->emit, head, c, &j->nrows, &cli->diag);

	return err ? err : out_drain(&cli->out, &cli->diag);
}

/* ---- log --------------------------------------------------------------- */

static int
compare_ids(const void *a, const void *b)
{
	return id_cmp(*(const struct id *)a, *(const struct id *)b);
}

static size_t
sort_ids(struct id *ids, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(ids, n, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < n; i++)
		if (!kept || !id_eq(ids[i], ids[kept - 1]))
			ids[kept++] = ids[i];
	return kept;
}

/* A word that is an id, of a record that is there or was. */
static enum crm_err
read_id(struct job *j, struct str word, struct id *id, bool *yes)
{
	struct cli *c = j->c;
	struct journal_state state;
	struct journal *was = NULL;
	struct journal_change change;
	enum crm_err err = CRM_OK;
	bool there;

	*yes = id_parse(store_schema(c->store), word, id);
	if (!*yes)
		err = past_id_parse(j->past, word, id, yes, &c->diag);
	if (err || !*yes || store_has(c->store, *id))
		return err;
	err = journal_state(c->store, &state, &c->diag);
	if (!err)
		err = journal_open(&was, c->store, true, &c->diag);
	if (!err)
		err = journal_of(was, *id, 1, state.last, false, &c->diag);
	if (!err)
		err = journal_next(was, &change, &there, &c->diag);
	journal_close(was);
	if (!err && !there)
		err = diag_set(&c->diag, CRM_NO,
		    "there is no %.*s, nor does the journal know of one",
		    STR_ARG(word));
	return err;
}

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
		o->nids = sort_ids(*ids, o->nids);
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

static enum crm_err
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

/* ---- show -------------------------------------------------------------- */

static void
page_line(struct cli *c, const char *label, struct str text)
{
	struct buf *out = &c->out.buf;

	if (!text.n)
		return;
	buf_addf(out, "%-8s ", label);
	utf8_visible(text, out);
	buf_addc(out, '\n');
}

static void
page_head(struct cli *c, const struct journal_head *h)
{
	struct when when = {.has_time = true, .utc = h->time};
	struct buf time = {0};

	when.day = date_local(&c->clock.zone, h->time, NULL);
	when_say(&when, &c->clock.zone, &time);
	buf_addf(&c->out.buf, "transaction %llu\n", (unsigned long long)h->txn);
	page_line(c, "user", h->user);
	page_line(c, "time", str_of(&time));
	page_line(c, "command", h->command);
	page_line(c, "reason", h->reason);
	buf_clear(&time);
}

static enum crm_err
page_field(void *arg, struct str field, struct str old, struct str new)
{
	struct job *j = arg;
	struct buf *out = &j->c->out.buf;

	if (!field.n)
		return CRM_OK;
	buf_addf(out, "    %.*s: ", STR_ARG(field));
	utf8_visible(old, out);
	if (old.n && new.n)
		buf_addz(out, " -> ");
	else if (old.n)
		buf_addz(out, " ->");
	utf8_visible(new, out);
	buf_addc(out, '\n');
	return CRM_OK;
}

static enum crm_err
page_change(struct job *j, const struct journal_change *change)
{
	static const char *const words[] = {[CHANGE_CREATE] = "new",
	    [CHANGE_UPDATE] = "changed",
	    [CHANGE_DELETE] = "deleted"};
	struct cli *c = j->c;
	struct changes_of of = change_of(change);
	enum crm_err err;

	buf_addc(&c->out.buf, '\n');
	err = past_id(j->past, change->id, &c->out.buf, &c->diag);
	buf_addf(&c->out.buf, " %s\n", words[change->op]);
	if (!err)
		err = changes_each(j->past, &of, page_field, j, &c->diag);
	return err ? err : out_drain(&c->out, &c->diag);
}

static enum crm_err
show_changes(struct job *j, struct journal *journal, bool page)
{
	struct cli *c = j->c;
	struct journal_change change;
	struct changes_of of;
	enum crm_err err;
	bool got;

	for (;;) {
		err = journal_next(journal, &change, &got, &c->diag);
		if (err || !got)
			return err;
		of = change_of(&change);
		err = page ? page_change(j, &change)
			   : rows_change(j, journal_head(journal), &of);
		if (err)
			return err;
	}
}

static enum crm_err
run_show(struct job *j)
{
	struct cli *c = j->c;
	struct journal *journal = NULL;
	bool page = c->tty_out && !c->opt.format && !c->opt.fields;
	uint64_t txn = 0;
	enum crm_err err = need_words(j, 1, 1, "show TXN");

	if (!err)
		err = cli_open(c, false);
	if (!err)
		err = read_txn(c, j->words[0], &txn);
	if (!err)
		err = check_txn(c, txn, 1);
	if (!err)
		err = journal_open(&journal, c->store, false, &c->diag);
	if (!err)
		err = journal_txn(journal, txn, false, &c->diag);
	if (!err && page) {
		c->out.safe = true;
		page_head(c, journal_head(journal));
		err = past_new(&j->past, c->store, &c->diag);
	} else if (!err) {
		err = rows_begin(j, CHANGES_LOG);
	}
	if (!err)
		err = show_changes(j, journal, page);
	if (!err && !page)
		err = emit_end(j->emit, &c->diag);
	journal_close(journal);
	return err;
}

/* ---- diff -------------------------------------------------------------- */

static enum crm_err
diff_rows(struct job *j, struct between *w)
{
	struct changes_of of;
	enum crm_err err;
	bool got;

	for (;;) {
		err = between_next(w, &of, &got, &j->c->diag);
		if (err || !got)
			return err;
		err = rows_change(j, NULL, &of);
		if (err)
			return err;
	}
}

static enum crm_err
run_diff(struct job *j)
{
	struct cli *c = j->c;
	struct between *w = NULL;
	uint64_t a = 0, b = 0;
	enum crm_err err = need_words(j, 1, 1, "diff A..B");

	if (!err)
		err = cli_open(c, false);
	if (!err)
		err = read_range(c, j->words[0], false, &a, &b);
	if (!err)
		err = check_txn(c, a > b ? a : b, 0);
	if (!err)
		err = between_new(&w, c->store, a, b, &c->diag);
	if (!err)
		err = rows_begin(j, CHANGES_NET);
	if (!err)
		err = diff_rows(j, w);
	if (!err)
		err = emit_end(j->emit, &c->diag);
	between_free(w);
	return err;
}

/* ---- at ---------------------------------------------------------------- */

static bool
is_number(struct str word)
{
	size_t i = 0;

	while (i < word.n && word.p[i] >= '0' && word.p[i] <= '9')
		i++;
	return i > 0 && i == word.n;
}

/* What the journal still has, when it does not reach back so far. */
static enum crm_err
say_since(struct cli *c)
{
	struct journal_state state;
	struct journal *j = NULL;
	struct buf time = {0};
	struct diag dg = {0};
	enum crm_err err = journal_state(c->store, &state, &dg);

	if (!err && state.first)
		err = journal_open(&j, c->store, true, &dg);
	if (!err && state.first)
		err = journal_txn(j, state.first, false, &dg);
	if (!err && state.first) {
		time_print(journal_head(j)->time, &time);
		diag_more(&c->diag, " (%s)", buf_z(&time));
	}
	journal_close(j);
	buf_clear(&time);
	diag_clear(&dg);
	return CRM_NO;
}

/* The transaction whose state is meant. */
static enum crm_err
read_moment(struct cli *c, struct str word, uint64_t *txn)
{
	struct when when;
	int64_t time;
	enum crm_err err;

	if (is_number(word)) {
		err = read_txn(c, word, txn);
		return err ? err : check_txn(c, *txn, 0);
	}
	err = when_parse(word, &c->clock, &when, &c->diag);
	if (err)
		return err;
	time = when.has_time ? when.utc
			     : date_to_utc(&c->clock.zone, when.day + 1, 0) - 1;
	err = journal_at(c->store, time, txn, &c->diag);
	return err == CRM_NO ? say_since(c) : err;
}

static enum crm_err
at_print(struct job *j, struct id id, const struct row *row)
{
	struct cli *c = j->c;
	struct then *t = NULL;
	enum crm_err err;

	err = then_new(&t, j->past, id, row, c->opt.fields, &c->diag);
	if (!err && c->tty_out && !c->opt.format) {
		c->out.safe = true;
		then_page(t, &c->clock.zone, &c->out.buf);
	} else if (!err) {
		err = cli_emit(c, FORMAT_TSV, &j->emit);
		if (!err)
			err = then_emit(t, j->emit, &c->diag);
	}
	then_free(t);
	return err;
}

static enum crm_err
run_at(struct job *j)
{
	struct cli *c = j->c;
	struct buf hold = {0};
	struct row row;
	struct id id;
	uint64_t txn = 0;
	enum crm_err err = need_words(j, 2, 2, "at WHEN REF");
	bool there = false;

	if (!err)
		err = cli_open(c, false);
	if (!err)
		err = read_moment(c, j->words[0], &txn);
	if (!err)
		err = past_new(&j->past, c->store, &c->diag);
	if (!err)
		err = read_id(j, j->words[1], &id, &there);
	if (!err && !there)
		err = ref_resolve(c->store, NULL, j->words[1], &id, &c->diag);
	if (!err) {
		err = journal_row(
		    c->store, id, txn, &hold, &row, &there, &c->diag);
		if (err == CRM_NO)
			err = say_since(c);
	}
	if (!err && there)
		err = at_print(j, id, &row);
	else if (!err)
		err = diag_set(&c->diag, CRM_NO,
		    is_number(j->words[0])
			? "there was no %.*s after transaction %.*s"
			: "there was no %.*s at %.*s",
		    STR_ARG(j->words[1]), STR_ARG(j->words[0]));
	buf_clear(&hold);
	return err;
}

/* ---- undo -------------------------------------------------------------- */

struct undo_job {
	struct job *j;
	uint64_t told;
	FILE *spool; /* -n: rows wait until the store is free again */
};

static void
undo_conflict(void *arg, const char *text)
{
	struct undo_job *u = arg;

	if (u->told++ < TOLD)
		cli_warn(u->j->c, "%s%s", text,
		    u->j->c->opt.force ? "; left as it is" : "");
}

/* Other writers wait for us: no reader of ours may keep them waiting. */
static enum crm_err
undo_spool(struct undo_job *u)
{
	struct cli *c = u->j->c;
	struct buf *out = &c->out.buf;

	if (out->n < OUT_CHUNK)
		return CRM_OK;
	if (!u->spool)
		u->spool = tmpfile();
	if (!u->spool || fwrite(out->p, 1, out->n, u->spool) != out->n)
		return diag_set(&c->diag, CRM_IO,
		    "what would be done does not fit into a temporary file");
	buf_reset(out);
	return CRM_OK;
}

static enum crm_err
undo_unspool(struct undo_job *u)
{
	struct cli *c = u->j->c;
	struct buf rest = c->out.buf;
	enum crm_err err = CRM_OK;
	size_t n = 1;

	if (!u->spool)
		return CRM_OK;
	c->out.buf = (struct buf){0};
	rewind(u->spool);
	while (!err && n) {
		char *p = buf_room(&c->out.buf, OUT_CHUNK);

		if (!p) {
			err = diag_nomem(&c->diag);
			break;
		}
		n = fread(p, 1, OUT_CHUNK, u->spool);
		c->out.buf.n += n;
		c->out.buf.p[c->out.buf.n] = '\0';
		err = out_drain(&c->out, &c->diag);
	}
	if (!err && ferror(u->spool))
		err = diag_set(
		    &c->diag, CRM_IO, "the temporary file cannot be read");
	buf_add(&c->out.buf, str_of(&rest));
	buf_clear(&rest);
	return err;
}

static enum crm_err
undo_row(void *arg, const struct changes_of *of, struct diag *dg)
{
	struct undo_job *u = arg;
	enum crm_err err =
	    changes_emit(u->j->rows, u->j->emit, NULL, of, &u->j->nrows, dg);

	return err ? err : undo_spool(u);
}

static enum crm_err
undo_range(struct job *j, struct undo_options *o)
{
	struct cli *c = j->c;
	enum crm_err err;

	err = read_range(c, j->words[0], true, &o->from, &o->to);
	if (!err)
		err = check_txn(c, o->from, 1);
	return err ? err : check_txn(c, o->to, 1);
}

static void
undo_told(struct undo_job *u, const struct undo_result *r)
{
	if (r->conflicts > TOLD)
		cli_warn(u->j->c, "and %llu more",
		    (unsigned long long)(r->conflicts - TOLD));
}

static enum crm_err
undo_end(struct undo_job *u, const struct undo_result *r)
{
	struct cli *c = u->j->c;
	enum crm_err err;

	if (c->opt.dry_run) {
		store_abort(c->store);
		err = emit_end(u->j->emit, &c->diag);
		return err ? err : undo_unspool(u);
	}
	err = cli_commit(c);
	if (!err)
		cli_verbose(c, "%llu change%s taken back",
		    (unsigned long long)r->changes, r->changes == 1 ? "" : "s");
	return err;
}

/* In the transaction that is open. */
static enum crm_err
undo_do(struct undo_job *u, struct undo_options *o)
{
	struct cli *c = u->j->c;
	struct journal_state state;
	struct undo_result r = {0};
	/* Others may have written before it was our turn. */
	enum crm_err err = journal_state(c->store, &state, &c->diag);

	o->last = state.last;
	if (!err)
		err = undo_run(c->store, u->j->past, o, &r, &c->diag);
	undo_told(u, &r);
	if (err) {
		store_abort(c->store);
		buf_reset(&c->out.buf);
		return err;
	}
	return undo_end(u, &r);
}

static enum crm_err
run_undo(struct job *j)
{
	struct cli *c = j->c;
	struct undo_job u = {.j = j};
	struct undo_options o = {.now = c->clock.now,
	    .force = c->opt.force,
	    .conflict = undo_conflict,
	    .change = c->opt.dry_run ? undo_row : NULL,
	    .arg = &u};
	struct buf line = {0};
	uint64_t n = 0;
	enum crm_err err = need_words(j, 1, 1, "undo TXN, or undo A..B");

	if (!err)
		err = cli_open(c, true);
	if (!err)
		err = undo_range(j, &o);
	if (!err)
		err = undo_size(c->store, o.from, o.to, &n, &c->diag);
	if (!err && c->opt.dry_run)
		err = rows_begin(j, CHANGES_NET);
	else if (!err)
		err = past_new(&j->past, c->store, &c->diag);
	if (!err)
		buf_addf(
		    &line, "%s undo %.*s", c->cmd->name, STR_ARG(j->words[0]));
	if (!err && line.failed)
		err = diag_nomem(&c->diag);
	c->origin.command = o.command = str_of(&line);
	if (!err)
		err = store_begin(c->store, &c->origin, n > BULK, &c->diag);
	if (!err)
		err = undo_do(&u, &o);
	if (u.spool)
		fclose(u.spool);
	buf_clear(&line);
	return err;
}

/* ---- keep -------------------------------------------------------------- */

static enum crm_err
keep_print(struct cli *c, const struct journal_state *s)
{
	struct buf *out = &c->out.buf;
	uint64_t keep = s->keep ? s->keep : s->git ? JOURNAL_KEEP_MIN : 0;

	if (s->off)
		buf_addz(out, "none");
	else if (!keep || keep == UINT64_MAX)
		buf_addz(out, "all");
	else
		buf_addu(out, keep);
	buf_addc(out, '\n');
	if (s->first)
		cli_verbose(c, "transactions %llu to %llu are kept",
		    (unsigned long long)s->first, (unsigned long long)s->last);
	return CRM_OK;
}

static enum crm_err
keep_read(struct cli *c, struct str word, struct journal_state *s)
{
	s->off = str_is(word, "none");
	if (s->off && s->git)
		return diag_set(&c->diag, CRM_DATA,
		    "the git history is written from the journal; it cannot "
		    "be switched off");
	if (s->off)
		return CRM_OK;
	/* With a git history 0 means the least, not all. */
	if (str_is(word, "all")) {
		s->keep = s->git ? UINT64_MAX : 0;
		return CRM_OK;
	}
	if (!num_u64(word, &s->keep) || s->keep < JOURNAL_KEEP_MIN)
		return diag_set(&c->diag, CRM_USAGE,
		    "'%.*s': write all, none or a number of transactions, "
		    "%d or more",
		    STR_ARG(word), JOURNAL_KEEP_MIN);
	return CRM_OK;
}

/* Asks before something is forgotten. */
static enum crm_err
keep_ask(struct cli *c, const struct journal_state *s, bool *yes)
{
	struct buf question = {0};
	uint64_t have = s->first ? s->last - s->first + 1 : 0;
	uint64_t gone = s->off || !s->keep ? have : have - s->keep;
	enum crm_err err;

	*yes = true;
	if (!have || (!s->off && (!s->keep || s->keep >= have)))
		return CRM_OK;
	buf_addf(&question, "this forgets %llu transactions for good;",
	    (unsigned long long)gone);
	err = question.failed ? diag_nomem(&c->diag)
			      : cli_confirm(c, buf_z(&question), yes);
	buf_clear(&question);
	return err;
}

/* Piece by piece, so that no transaction becomes as large as the journal. */
static enum crm_err
keep_prune(struct cli *c)
{
	enum crm_err err = CRM_OK;
	bool more = true;

	while (!err && more) {
		err = store_begin(c->store, &c->origin, false, &c->diag);
		if (!err)
			err = journal_prune(c->store, PRUNED, &more, &c->diag);
		if (!err)
			err = store_commit(c->store, &c->diag);
	}
	return err;
}

static enum crm_err
run_keep(struct job *j)
{
	struct cli *c = j->c;
	struct journal_state state;
	enum crm_err err = need_words(j, 0, 1, "keep, or keep all|none|N");
	bool yes = true;

	if (!err)
		err = cli_open(c, j->nwords > 0);
	if (!err)
		err = journal_state(c->store, &state, &c->diag);
	if (!err && !j->nwords)
		return keep_print(c, &state);
	if (!err)
		err = keep_read(c, j->words[0], &state);
	if (!err)
		err = keep_ask(c, &state, &yes);
	if (err || !yes)
		return err;
	err = store_begin(c->store, &c->origin, false, &c->diag);
	if (!err)
		err = journal_configure(c->store, &state, &c->diag);
	if (!err)
		err = store_commit(c->store, &c->diag);
	return err ? err : keep_prune(c);
}

/* ---- which ------------------------------------------------------------- */

/* The verbs of the git history, which are compiled with libgit2 only. */
#ifdef CRM_WITH_GIT
static enum crm_err
run_git(struct job *j)
{
	return git_verb(j->c, j->c->words[0].p, j->words, j->nwords);
}
#else
static enum crm_err
run_git(struct job *j)
{
	(void)j;
	return CRM_CONFIG;
}
#endif

/* The options of a verb are those of its line in the synopsis. */
static const struct verb {
	const char *name;
	enum crm_err (*run)(struct job *j);
	bool needs_git;
	const char *takes;
} verbs[] = {
    {"log", run_log, false,
	"since by after limit fields no-header format output"},
    {"show", run_show, false, "fields no-header format output"},
    {"diff", run_diff, false, "fields no-header format output"},
    {"at", run_at, false, "fields no-header format output"},
    {"undo", run_undo, false, "dry-run force reason no-header format"},
    {"keep", run_keep, false, "yes"},
    {"init", run_git, true, ""},
    {"drain", run_git, true, ""},
    {"status", run_git, true, ""},
    {"verify", run_git, true, ""},
    {"rebuild", run_git, true, ""},
    {"eager", run_git, true, ""},
};

static enum crm_err
no_verb(struct cli *c)
{
	struct near near = {.word = c->nwords ? c->words[0] : STR("")};

	if (c->nwords)
		diag_set(&c->diag, CRM_USAGE, "unknown verb '%.*s'; there are",
		    STR_ARG(c->words[0]));
	else
		diag_set(&c->diag, CRM_USAGE,
		    "say what to do, as in crm-history log; there are");
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		diag_more(&c->diag, "%s %s", i ? "," : "", verbs[i].name);
		near_offer(&near, str_from(verbs[i].name));
	}
	if (near.best.n)
		diag_more(&c->diag, "; did you mean %.*s?", STR_ARG(near.best));
	return CRM_USAGE;
}

static bool
verb_takes(const struct verb *v, const char *option)
{
	for (struct str rest = str_from(v->takes); rest.p;)
		if (str_is(str_cut(&rest, ' '), option))
			return true;
	return false;
}

static enum crm_err
check_options(struct cli *c, const struct verb *v)
{
	const struct {
		const char *name;
		bool given;
	} options[] = {
	    {"since", c->opt.since != NULL},
	    {"by", c->opt.by != NULL},
	    {"after", c->opt.after != NULL},
	    {"limit", c->opt.limit != UINT64_MAX},
	    {"fields", c->opt.fields != NULL},
	    {"no-header", c->opt.no_header},
	    {"format", c->opt.format != NULL},
	    {"output", c->opt.output != NULL},
	    {"dry-run", c->opt.dry_run},
	    {"force", c->opt.force},
	    {"reason", c->opt.reason != NULL},
	    {"yes", c->opt.yes},
	};

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].given && !verb_takes(v, options[i].name))
			return diag_set(&c->diag, CRM_USAGE,
			    "%s takes no --%s; see crm-history -h", v->name,
			    options[i].name);
	return CRM_OK;
}

static enum crm_err
run(struct job *j)
{
	struct cli *c = j->c;
	const struct verb *v = verbs;
	enum crm_err err;

	while (v < verbs + ARRAY_LEN(verbs) &&
	       !(c->nwords && str_is(c->words[0], v->name)))
		v++;
	if (v == verbs + ARRAY_LEN(verbs))
		return no_verb(c);
	if (v->needs_git && !with_git)
		return diag_set(&c->diag, CRM_CONFIG,
		    "%s: built without the git history (WITH_GIT=0)", v->name);
	err = check_options(c, v);
	if (err)
		return err;
	j->words = c->words + 1;
	j->nwords = c->nwords - 1;
	return v->run(j);
}

int
main(int argc, char **argv)
{
	struct cli c;
	struct job j = {.c = &c};
	int status = cli_start(&c, &command, argc, argv);
	enum crm_err err;

	if (status >= 0)
		return status;
	err = run(&j);
	emit_free(j.emit);
	changes_free(j.rows);
	past_free(j.past);
	return cli_end(&c, err);
}
