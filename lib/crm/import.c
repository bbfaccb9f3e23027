/* SPDX-License-Identifier: ISC */
/* import: the rows of a file, one after the other. */
#include "base/num.h"
#include "crm/import_impl.h"

enum {
	PROGRESS_ROWS = 1024,
	AHEAD_MIN = 256 /* rows before a thread of its own is worth it */
};

/* Which numbers records of this import will have. */
static enum crm_err
firsts_note(struct import *i, struct diag *dg)
{
	const struct schema *s = store_schema(i->store);
	const struct kind *k;
	enum crm_err err = CRM_OK;

	for (uint16_t no = 0; !err && no < KIND_LIMIT; no++) {
		k = schema_kind_no(s, no);
		if (k)
			err = store_next(i->store, k, &i->first[no], dg);
	}
	return err;
}

enum crm_err
import_new(struct import **out, struct writer *w, struct store *s,
    const struct import_options *o, struct diag *dg)
{
	struct writer_options wo = {
	    .clock = o->clock, .warn = o->warn, .arg = o->arg};
	struct import *i = calloc(1, sizeof(*i));
	enum crm_err err;

	*out = NULL;
	if (!i)
		return diag_nomem(dg);
	i->writer = w;
	i->store = s;
	i->opt = *o;
	err = writer_new(&i->other, s, &wo, dg);
	if (!err)
		err = firsts_note(i, dg);
	if (err) {
		import_free(i);
		return err;
	}
	/* What is not there may come: only the last try needs the nearest. */
	writer_hints(w, false);
	*out = i;
	return CRM_OK;
}

static void
plan_clear(struct import *i)
{
	profile_plan_free(i->plan);
	free(i->plain);
	i->plan = NULL;
	i->layout = NULL;
	i->plain = NULL;
	i->planned = false;
}

void
import_free(struct import *i)
{
	if (!i)
		return;
	plan_clear(i);
	writer_free(i->other);
	waiting_free(i->waiting);
	free(i->targets);
	free(i->made);
	for (size_t k = 0; k < KIND_LIMIT; k++)
		free(i->touched[k].v);
	buf_clear(&i->text);
	buf_clear(&i->key);
	buf_clear(&i->other_key);
	buf_clear(&i->near_time);
	buf_clear(&i->crowd.text);
	for (size_t k = 0; k < LENT_MAX; k++)
		buf_clear(&i->lent_ext[k]);
	free(i);
}

struct import_count
import_count(const struct import *i)
{
	return i->count;
}

/* ---- refusals --------------------------------------------------------- */

/* What DG says, without the place in front that the reader may have said; only
 * another line than that of the row is worth a word. */
static void
reason(const struct import *i, const struct rows_row *row,
    const struct diag *dg, struct buf *out)
{
	struct str text = str_of(&dg->text), place, line;
	struct str name = str_from(i->name);
	uint64_t at;

	if (!str_starts(text, name) || text.n <= name.n ||
	    text.p[name.n] != ':') {
		buf_add(out, text);
		return;
	}
	text = str_from_pos(text, name.n + 1);
	place = str_head(text, str_chr(text, ' '));
	text = str_from_pos(text, place.n + 1);
	line = str_cut(&place, ':');
	if (num_u64(line, &at) && at != row->line)
		buf_addf(out, "line %.*s: ", STR_ARG(line));
	buf_add(out, text);
}

enum crm_err
import_refuse(struct import *i, const struct rows_row *row, struct diag *dg)
{
	struct import_refusal r = {.name = i->name, .row = row};
	struct buf why = {0};
	enum crm_err err = CRM_OK;

	reason(i, row, dg, &why);
	diag_clear(dg);
	if (i->at) {
		r.column = i->at->column.n ? i->at->column : i->at->field;
		r.value = i->at->value;
	}
	r.why = buf_z(&why);
	i->count.refused++;
	if (why.failed)
		err = diag_nomem(dg);
	else if (i->opt.refused)
		err = i->opt.refused(i->opt.arg, &r, dg);
	buf_clear(&why);
	return err;
}

/* ---- rows ------------------------------------------------------------- */

enum crm_err
import_done(
    struct import *i, struct id id, enum writer_done done, struct diag *dg)
{
	i->count.added += done == WRITER_ADDED;
	i->count.updated += done == WRITER_UPDATED;
	i->count.same += done == WRITER_NOTHING;
	if (id.num && !touched_add(i, id))
		return diag_nomem(dg);
	return i->opt.stored ? i->opt.stored(i->opt.arg, id, done, dg) : CRM_OK;
}

static enum crm_err
row_store(struct import *i, const struct kind *k, const struct rows_row *row,
    const struct intake *in, struct diag *dg)
{
	enum writer_done done;
	struct id id;
	enum crm_err err = row_apply(i, k, in, &id, &done, dg);

	if (err == CRM_OK)
		return import_done(i, id, done, dg);
	if (err != CRM_DATA || !i->missing)
		return err;
	return wait_add(i,
	    &(struct waiting_row){.name = i->name,
		.profile = i->profile,
		.kind = k->no,
		.row = *row,
		.intake = *in},
	    dg);
}

static enum crm_err
row_kind(const struct import *i, const struct rows_row *row,
    const struct kind **out, struct diag *dg)
{
	struct str name = row->kind;

	if (name.n == 0 && i->opt.kind) {
		*out = i->opt.kind;
		return CRM_OK;
	}
	if (name.n == 0 && i->profile)
		name = profile_kind(i->profile);
	if (name.n == 0)
		name = STR("contact");
	return schema_find_kind(store_schema(i->store), name, out, dg);
}

/* A file without a profile: its columns are called as our fields, but for
 * what a reject file has besides. */
static enum crm_err
plain_plan(struct import *i, const struct rows_row *row, struct diag *dg)
{
	i->plain = calloc(row->n + 1, sizeof(*i->plain));
	return i->plain ? CRM_OK : diag_nomem(dg);
}

static void
plain_map(struct import *i, const struct kind *k, const struct rows_row *row,
    struct intake *in)
{
	size_t n = 0;

	for (size_t at = 0; at < row->n; at++) {
		if (reject_column(k, row->names[at]))
			continue;
		i->plain[n++] = (struct intake_value){.field = row->names[at],
		    .value = row->cells[at],
		    .column = row->names[at]};
	}
	*in = (struct intake){.v = i->plain, .n = n};
}

static enum crm_err
row_plan(struct import *i, const struct rows_row *row, struct diag *dg)
{
	enum crm_err err;

	if (i->planned && row->shape == i->shape)
		return CRM_OK;
	plan_clear(i);
	i->ntargets = 0;
	if (i->profile)
		err = profile_plan(&i->plan, i->profile, store_schema(i->store),
		    row->names, row->n, NULL, dg);
	else
		err = plain_plan(i, row, dg);
	i->planned = err == CRM_OK;
	i->misfit = err != CRM_OK && row->kind.n == 0;
	i->shape = row->shape;
	return err;
}

enum crm_err
rows_map(struct import *i, const struct kind *k, const struct rows_row *row,
    struct intake *in, struct diag *dg)
{
	if (i->profile)
		return profile_map(i->plan, row->cells, in, dg);
	plain_map(i, k, row, in);
	return CRM_OK;
}

/* IN has its values, if somebody read it ahead. */
static enum crm_err
row_read(struct import *i, const struct rows_row *row, struct intake *in,
    struct diag *dg)
{
	const struct kind *k;
	enum crm_err err = row_kind(i, row, &k, dg);

	i->at = NULL;
	i->missing = i->misfit = false;
	if (!err)
		err = row_plan(i, row, dg);
	if (!err && !i->ahead)
		err = rows_map(i, k, row, in, dg);
	return err ? err : row_store(i, k, row, in, dg);
}

/* From the row behind ROW on somebody reads ahead, where all rows are of one
 * kind and none of them changes the schema. */
static enum crm_err
ahead_send(struct import *i, struct rows *in, const struct rows_row *row,
    struct diag *dg)
{
	const struct kind *k;
	uint64_t from = i->opt.ahead ? 1 : AHEAD_MIN;
	enum crm_err err;

	if (!in->apart || i->read < from || i->tried || !i->planned ||
	    row->kind.n || row->shape != i->shape)
		return CRM_OK;
	i->tried = true;
	err = row_kind(i, row, &k, dg);
	if (err || k->no == KIND_KIND || k->no == KIND_FIELD)
		return err;
	return ahead_new(&i->ahead, i, in, k, dg);
}

static enum crm_err
row_next(struct import *i, struct rows *in, struct rows_row *row,
    struct intake *intake, bool *got, struct diag *dg)
{
	*row = (struct rows_row){0};
	*intake = (struct intake){0};
	return i->ahead ? ahead_next(i->ahead, row, intake, got, dg)
			: rows_next(in, row, got, dg);
}

static enum crm_err
rows_take(struct import *i, struct rows *in, const char *name, struct diag *dg)
{
	struct rows_row row;
	struct intake intake;
	bool got = true;
	enum crm_err err = CRM_OK;

	while (!err && got) {
		i->at = NULL;
		err = row_next(i, in, &row, &intake, &got, dg);
		if (err == CRM_DATA && !got)
			return err;
		if (!got)
			break;
		i->read++;
		if (!err)
			err = row_read(i, &row, &intake, dg);
		if (err == CRM_USAGE)
			return err;
		/* The columns of a table do not fit: no row of it will. */
		if (err == CRM_DATA && i->misfit && i->read == 1) {
			diag_place(dg, "%s", name);
			return err;
		}
		if (err == CRM_DATA)
			err = import_refuse(i, &row, dg);
		if (i->opt.progress && i->read % PROGRESS_ROWS == 0)
			i->opt.progress(i->opt.arg, i->read);
		if (!err && !i->ahead)
			err = ahead_send(i, in, &row, dg);
	}
	return err;
}

enum crm_err
import_rows(struct import *i, struct rows *in, const char *name,
    const struct profile *p, struct diag *dg)
{
	enum crm_err err;

	plan_clear(i);
	i->name = name;
	i->profile = p;
	i->kind = NULL;
	i->read = 0;
	i->tried = false;
	err = rows_take(i, in, name, dg);
	ahead_free(i->ahead);
	i->ahead = NULL;
	return err;
}
