/* SPDX-License-Identifier: ISC */
/* crm-segment: saved segments, their members, RFM and ABC tables. */
#include "crm/segment.h"
#include "cli/cli.h"
#include "crm/columns.h"
#include "crm/find.h"
#include "query/query.h"
#include "query/ref.h"

static const char *const takes[] = {"rfm", "abc", "ties", "as-of", "fields",
    "sort", "limit", "ids", "no-header", "format", "output", "null",
    "exit-status", NULL};

static const struct command command = {
    .name = "crm-segment",
    .synopsis =
	"crm-segment [-eHi0qv] [-f FIELDS] [-s FIELDS] [-l N] [-O FORMAT]\n"
	"        [-o FILE] [NAME]\n"
	"crm-segment --rfm|--abc [-eHi0qv] [--ties together|split] "
	"[--as-of WHEN]\n"
	"        [-f FIELDS] [-l N] [-O FORMAT] [-o FILE] [QUERY...|-]",
    .examples = "crm-add segment name=vip 'query=revenue>1000'; "
		"crm-segment vip\n"
		"crm-segment --rfm -f id,name,rfm,segment country=CH\n"
		"crm-segment --abc -l 20",
    .takes = takes,
};

static enum crm_err
no_rows(struct cli *c, uint64_t rows)
{
	return c->opt.exit_status && !rows ? CRM_NO : CRM_OK;
}

static void
print_id(struct cli *c, struct id id)
{
	id_print(store_schema(c->store), id, &c->out.buf);
	buf_addc(&c->out.buf, c->opt.nul ? '\0' : '\n');
}

static enum crm_err
view_open(struct cli *c, enum segment_list list, uint16_t kind,
    struct segment_view **v)
{
	const char *fields = c->opt.fields ? c->opt.fields : "";

	return segment_view_new(v, c->store,
	    schema_kind_no(store_schema(c->store), kind), list,
	    str_from(fields), &c->diag);
}

/* ---- saved segments ---------------------------------------------------- */

/* What a segment asks. The words point into hold. */
struct saved {
	const struct kind *kind;
	struct buf hold;
	struct str *words;
	size_t nwords;
};

static void
saved_clear(struct saved *sv)
{
	buf_clear(&sv->hold);
	free(sv->words);
}

static struct str
text_of(const struct record *rec, const char *name)
{
	const struct field *f = schema_field(rec->kind, str_from(name));

	return f && f->slot != SLOT_NONE ? row_get(&rec->row, f->slot)
					 : (struct str){0};
}

static enum crm_err
saved_read(struct cli *c, const struct record *rec, struct saved *sv)
{
	const struct schema *schema = store_schema(c->store);
	struct str kind = text_of(rec, "kind");
	enum crm_err err;

	sv->kind = schema_kind_no(schema, KIND_CONTACT);
	if (kind.n) {
		err = schema_find_kind(schema, kind, &sv->kind, &c->diag);
		if (err)
			return err;
	}
	return query_words(text_of(rec, "query"), &sv->hold, &sv->words,
	    &sv->nwords, &c->diag);
}

static enum crm_err
saved_finder(struct cli *c, const struct saved *sv, uint64_t limit,
    const char *sort, struct finder **f)
{
	struct find_options o = {.kind = sv->kind,
	    .words = sv->words,
	    .nwords = sv->nwords,
	    .sort = sort,
	    .limit = limit};

	return finder_new(f, c->store, &c->clock, &o, &c->diag);
}

static enum crm_err
saved_count(struct cli *c, const struct record *rec, int64_t *count)
{
	struct saved sv = {0};
	struct finder *f = NULL;
	struct record got_rec;
	enum crm_err err;
	bool got = true;

	*count = 0;
	err = saved_read(c, rec, &sv);
	if (!err && !sv.nwords) {
		uint64_t n = 0;

		err = store_count(c->store, sv.kind, &n, &c->diag);
		*count = (int64_t)n;
		got = false;
	} else if (!err) {
		err = saved_finder(c, &sv, UINT64_MAX, NULL, &f);
	}
	while (!err && got) {
		err = finder_next(f, &got_rec, &got, &c->diag);
		*count += !err && got;
	}
	finder_free(f);
	saved_clear(&sv);
	return err;
}

/* One line of the list. A segment whose query no longer parses has no count;
 * the others are listed all the same. */
static enum crm_err
list_one(struct cli *c, struct id id, struct segment_view *v, struct emit *e,
    enum crm_err *broken)
{
	struct buf name = {0};
	struct record rec;
	int64_t count = -1;
	enum crm_err err;

	err = store_get(c->store, id, &rec, &c->diag);
	if (err)
		return err;
	buf_add(&name, text_of(&rec, "name"));
	err = saved_count(c, &rec, &count);
	if (err == CRM_USAGE || err == CRM_DATA) {
		cli_warn(
		    c, "segment %s: %s", buf_z(&name), diag_text(&c->diag));
		*broken = CRM_DATA;
		count = -1;
		err = CRM_OK;
	}
	buf_clear(&name);
	if (!err)
		err = segment_emit_record(v, id, count, e, &c->diag);
	return err ? err : out_drain(&c->out, &c->diag);
}

static enum crm_err
list_ids(struct cli *c, struct id **ids, size_t *n)
{
	const struct kind *k =
	    schema_kind_no(store_schema(c->store), KIND_SEGMENT);
	struct query *q = NULL;
	enum crm_err err;

	err = query_new(&q, c->store, &c->clock, k, NULL, 0, &c->diag);
	if (!err)
		err = query_ids(q, ids, n, &c->diag);
	query_free(q);
	return err;
}

static enum crm_err
list_emit(struct cli *c, const struct id *ids, size_t n, struct segment_view *v,
    enum crm_err *broken)
{
	const struct column *cols;
	struct emit *e = NULL;
	size_t ncols;
	enum crm_err err;

	cols = segment_view_columns(v, &ncols);
	err = cli_emit(c, FORMAT_TSV, &e);
	if (!err)
		err = emit_begin(e, cols, ncols, &c->diag);
	for (size_t i = 0; !err && i < n && i < c->opt.limit; i++)
		err = list_one(c, ids[i], v, e, broken);
	if (!err)
		err = emit_end(e, &c->diag);
	emit_free(e);
	return err;
}

static enum crm_err
run_list(struct cli *c)
{
	struct segment_view *v = NULL;
	struct id *ids = NULL;
	enum crm_err broken = CRM_OK;
	enum crm_err err;
	size_t n = 0;

	err = view_open(c, SEGMENT_SAVED, KIND_SEGMENT, &v);
	if (!err)
		err = list_ids(c, &ids, &n);
	if (!err && !n && c->tty_out)
		cli_warn(c, "no segments yet: crm-add segment name=vip "
			    "'query=revenue>1000'");
	if (!err && c->opt.ids)
		for (size_t i = 0; i < n && i < c->opt.limit; i++)
			print_id(c, ids[i]);
	else if (!err)
		err = list_emit(c, ids, n, v, &broken);
	if (!err && broken)
		err = diag_set(&c->diag, broken,
		    "not every segment could be counted; correct its query "
		    "with crm-edit");
	free(ids);
	segment_view_free(v);
	return err ? err : no_rows(c, n);
}

/* ---- the members of one ------------------------------------------------ */

static enum crm_err
members_emit(
    struct cli *c, struct finder *f, struct columns *cols, uint64_t *rows)
{
	struct emit *e = NULL;
	struct record rec;
	enum crm_err err = CRM_OK;
	bool got = true;

	if (!c->opt.ids) {
		err = cli_emit(c, FORMAT_TSV, &e);
		if (!err)
			err = columns_begin(cols, e, &c->diag);
	}
	while (!err) {
		err = finder_next(f, &rec, &got, &c->diag);
		if (err || !got)
			break;
		++*rows;
		if (c->opt.ids)
			print_id(c, rec.id);
		else
			err = columns_emit(cols, e, &rec, &c->diag);
		if (!err)
			err = out_drain(&c->out, &c->diag);
	}
	if (!err && e)
		err = emit_end(e, &c->diag);
	emit_free(e);
	return err;
}

static enum crm_err
run_members(struct cli *c)
{
	const struct kind *k =
	    schema_kind_no(store_schema(c->store), KIND_SEGMENT);
	struct columns *cols = NULL;
	struct finder *f = NULL;
	struct saved sv = {0};
	struct record rec;
	struct id id;
	uint64_t rows = 0;
	enum crm_err err;

	if (c->nwords > 1)
		return diag_set(&c->diag, CRM_USAGE,
		    "'%.*s': one segment at a time; write crm-find "
		    "segment=%.*s QUERY to ask for more",
		    STR_ARG(c->words[1]), STR_ARG(c->words[0]));
	err = ref_resolve(c->store, k, c->words[0], &id, &c->diag);
	if (!err)
		err = store_get(c->store, id, &rec, &c->diag);
	if (!err)
		err = saved_read(c, &rec, &sv);
	if (!err)
		err = saved_finder(c, &sv, c->opt.limit, c->opt.sort, &f);
	if (!err)
		err = columns_new(&cols, c->store, sv.kind, c->opt.fields,
		    COLUMNS_SHOWN, &c->diag);
	if (!err)
		err = members_emit(c, f, cols, &rows);
	columns_free(cols);
	finder_free(f);
	saved_clear(&sv);
	return err ? err : no_rows(c, rows);
}

/* ---- RFM and ABC ------------------------------------------------------- */

static int
compare_ids(const void *a, const void *b)
{
	return id_cmp(*(const struct id *)a, *(const struct id *)b);
}

static size_t
sort_ids(struct id *ids, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(ids, n, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < n; i++)
		if (!i || !id_eq(ids[i], ids[i - 1]))
			ids[kept++] = ids[i];
	return kept;
}

/* The contacts that the operands mean; *all without any. */
static enum crm_err
read_contacts(struct cli *c, struct id **ids, size_t *n, bool *all)
{
	const struct schema *schema = store_schema(c->store);
	const struct kind *contact = schema_kind_no(schema, KIND_CONTACT);
	const struct kind *kind;
	struct query *q = NULL;
	enum crm_err err;
	size_t took;

	if (c->nwords == 1 && str_is(c->words[0], "-")) {
		err = cli_refs(c, contact, c->words, 1, ids, n);
		if (!err)
			*n = sort_ids(*ids, *n);
		return err;
	}
	took = query_kind(schema, c->words, c->nwords, contact, &kind);
	if (kind != contact)
		return diag_set(&c->diag, CRM_USAGE,
		    "'%.*s': these tables are of contacts; orders count for "
		    "their contact",
		    STR_ARG(c->words[0]));
	*all = took == c->nwords;
	if (*all)
		return CRM_OK;
	err = query_new(&q, c->store, &c->clock, contact, c->words + took,
	    c->nwords - took, &c->diag);
	if (!err)
		err = query_ids(q, ids, n, &c->diag);
	query_free(q);
	return err;
}

static enum crm_err
table_options(struct cli *c, struct segment_options *o)
{
	struct when as_of;
	enum crm_err err;

	o->list = c->opt.rfm ? SEGMENT_RFM : SEGMENT_ABC;
	o->ties = c->opt.ties && str_is(str_from(c->opt.ties), "split")
		      ? TIES_SPLIT
		      : TIES_TOGETHER;
	o->zone = &c->clock.zone;
	if (c->opt.sort)
		return diag_set(&c->diag, CRM_USAGE,
		    "-s sorts the members of a segment; write crm-segment "
		    "... | crm-body sort");
	if (!c->opt.as_of)
		return CRM_OK;
	err = when_parse(str_from(c->opt.as_of), &c->clock, &as_of, &c->diag);
	if (err)
		return err;
	o->has_as_of = true;
	o->as_of = as_of.day;
	return CRM_OK;
}

static enum crm_err
table_emit(struct cli *c, struct segment_view *v, const struct segment_table *t)
{
	const struct column *cols;
	struct emit *e = NULL;
	size_t ncols;
	enum crm_err err;

	cols = segment_view_columns(v, &ncols);
	err = cli_emit(c, FORMAT_TSV, &e);
	if (!err)
		err = emit_begin(e, cols, ncols, &c->diag);
	for (size_t i = 0; !err && i < t->n && i < c->opt.limit; i++) {
		err = segment_emit_row(v, t, i, e, &c->diag);
		if (err == CRM_NO)
			err = CRM_OK; /* deleted since it was counted */
		if (!err)
			err = out_drain(&c->out, &c->diag);
	}
	if (!err)
		err = emit_end(e, &c->diag);
	emit_free(e);
	return err;
}

static void
table_ids(struct cli *c, const struct segment_table *t)
{
	struct id id = {.kind = KIND_CONTACT};

	for (size_t i = 0; i < t->n && i < c->opt.limit; i++) {
		id.num = t->rows[i].num;
		id.tag = t->rows[i].tag;
		print_id(c, id);
	}
}

static enum crm_err
run_table(struct cli *c)
{
	struct segment_options o = {0};
	struct segment_table t = {0};
	struct segment_view *v = NULL;
	struct id *ids = NULL;
	enum crm_err err;

	err = table_options(c, &o);
	if (!err)
		err = view_open(c, o.list, KIND_CONTACT, &v);
	if (!err)
		err = read_contacts(c, &ids, &o.nids, &o.all);
	o.ids = ids;
	if (!err)
		err = segment_read(c->store, &o, &t, &c->diag);
	if (!err && c->opt.ids)
		table_ids(c, &t);
	else if (!err)
		err = table_emit(c, v, &t);
	if (!err)
		err = no_rows(c, t.n);
	segment_clear(&t);
	segment_view_free(v);
	free(ids);
	return err;
}

static enum crm_err
run(struct cli *c)
{
	enum crm_err err;

	if (c->opt.rfm && c->opt.abc)
		return diag_set(&c->diag, CRM_USAGE,
		    "--rfm and --abc are two tables; ask for one");
	if (!c->opt.rfm && !c->opt.abc && (c->opt.ties || c->opt.as_of))
		return diag_set(&c->diag, CRM_USAGE,
		    "--ties and --as-of go with --rfm or --abc");
	err = cli_open(c, false);
	if (err)
		return err;
	if (c->opt.rfm || c->opt.abc)
		return run_table(c);
	return c->nwords ? run_members(c) : run_list(c);
}

int
main(int argc, char **argv)
{
	struct cli c;
	int status = cli_start(&c, &command, argc, argv);

	if (status >= 0)
		return status;
	return cli_end(&c, run(&c));
}
