/* SPDX-License-Identifier: ISC */
/* choose: which profile a file is read by; a guess of one for --suggest. */
#include "base/near.h"
#include "crm-import/job.h"
#include "crm/find.h"

enum { SAMPLE_ROWS = 50, LEFT_OUT_MAX = 10 };

/* ---- told ------------------------------------------------------------- */

static enum crm_err
known_read(const char *name, struct profile **out, struct diag *dg)
{
	struct near near = {.word = str_from(name)};
	struct str text;
	const char *one;

	for (size_t i = 0; (one = profile_known(i, &text)) != NULL; i++) {
		if (strcmp(one, name) == 0)
			return profile_read(out, text, one, dg);
		near_offer(&near, str_from(one));
	}
	diag_set(dg, CRM_USAGE, "--profile: unknown profile '%s'", name);
	if (near.best.n) {
		diag_more(dg, "; did you mean %.*s?", STR_ARG(near.best));
		return CRM_USAGE;
	}
	diag_more(dg, "; there are");
	for (size_t i = 0; (one = profile_known(i, &text)) != NULL; i++)
		diag_more(dg, "%s %s", i ? "," : "", one);
	diag_more(dg, " and none; one of your own goes to --map");
	return CRM_USAGE;
}

enum crm_err
profile_open(struct job *j, struct diag *dg)
{
	const struct opts *o = &j->c->opt;
	struct buf text = {0};
	enum crm_err err;

	if (o->profile && o->map)
		return diag_set(dg, CRM_USAGE,
		    "--profile and --map both say how columns are read; give "
		    "one of them");
	if (o->profile && strcmp(o->profile, "none") == 0) {
		j->plain = true;
		return CRM_OK;
	}
	if (o->profile)
		return known_read(o->profile, &j->profile, dg);
	if (!o->map)
		return CRM_OK;
	err = cli_slurp(j->c, o->map, &text);
	if (!err)
		err = profile_read(&j->profile, str_of(&text), o->map, dg);
	buf_clear(&text);
	return err;
}

/* ---- found ------------------------------------------------------------ */

static bool
field_is(const struct kind *k, struct str name)
{
	const struct field *f;
	struct str head = str_head(name, str_chr(name, '.'));

	if (str_is(name, "id") || reject_column(k, name))
		return true;
	f = schema_field(k, head);
	return f && f->slot != SLOT_NONE;
}

/* How many of the columns are called as fields of ours. */
static size_t
fields_known(const struct job *j, const struct rows_row *row)
{
	const struct kind *k = j->kind;
	size_t n = 0;

	if (!k)
		k = schema_kind_no(store_schema(j->c->store), KIND_CONTACT);
	for (size_t i = 0; k && i < row->n; i++)
		n += field_is(k, row->names[i]);
	return n;
}

static enum crm_err
best_find(struct job *j, const struct rows_row *row, struct profile **out,
    size_t *most, struct diag *dg)
{
	struct profile *p;
	struct str text;
	const char *name;
	size_t n;
	enum crm_err err = CRM_OK;

	*most = 0;
	for (size_t i = 0; !err && (name = profile_known(i, &text)); i++) {
		err = profile_read(&p, text, name, dg);
		if (err)
			break;
		n = profile_fits(p, row->names, row->n);
		if (n > *most &&
		    (!j->kind || str_eq(profile_kind(p), j->kind->name))) {
			profile_free(*out);
			*out = p;
			*most = n;
		} else {
			profile_free(p);
		}
	}
	return err;
}

static enum crm_err
unfit(const struct job *j, const struct rows_row *row, struct diag *dg)
{
	const struct kind *k = j->kind;
	struct near near;
	const struct field *f;
	size_t i, at;

	if (!k)
		k = schema_kind_no(store_schema(j->c->store), KIND_CONTACT);
	for (at = 0; at + 1 < row->n && field_is(k, row->names[at]); at++)
		;
	near = (struct near){.word = row->names[at]};
	for (i = 0; i < k->nfields; i++) {
		f = k->fields[i];
		if (f->slot != SLOT_NONE)
			near_offer(&near, f->name);
	}
	diag_set(dg, CRM_DATA, "column %zu, '%.*s', is no field of %.*s",
	    at + 1, STR_ARG(row->names[at]), STR_ARG(k->name));
	if (near.best.n)
		diag_more(dg, "; did you mean %.*s?", STR_ARG(near.best));
	diag_more(dg,
	    "; for the columns of another program print a profile with "
	    "crm-import --suggest, mend it and take it with --map");
	return CRM_DATA;
}

/* Rows that wait are read by it after their file was closed. */
static bool
profile_keep(struct job *j, struct profile *p)
{
	struct profile **more =
	    realloc(j->found, (j->nfound + 1) * sizeof(struct profile *));

	if (!more)
		return false;
	j->found = more;
	j->found[j->nfound++] = p;
	return true;
}

enum crm_err
profile_choose(struct job *j, const struct rows_row *row, struct profile **out,
    struct buf *why, struct diag *dg)
{
	size_t known = fields_known(j, row), most = 0;
	enum crm_err err = CRM_OK;

	if (j->profile || j->plain)
		return CRM_OK;
	if (known < row->n)
		err = best_find(j, row, out, &most, dg);
	if (err)
		return err;
	if (most > known) {
		struct str name = profile_name(*out);

		if (!profile_keep(j, *out)) {
			profile_free(*out);
			return diag_nomem(dg);
		}

		buf_addf(why, "profile %.*s: it knows %zu of %zu columns",
		    STR_ARG(name), most, row->n);
		return CRM_OK;
	}
	profile_free(*out);
	*out = NULL;
	if (known < row->n)
		return unfit(j, row, dg);
	buf_addz(why, "every column is a field of ours");
	return CRM_OK;
}

enum crm_err
profile_left_out(struct job *j, const struct profile *p,
    const struct rows_row *row, struct buf *out, struct diag *dg)
{
	struct profile_plan *plan = NULL;
	struct buf names = {0};
	size_t n = 0;
	enum crm_err err = profile_plan(&plan, p, store_schema(j->c->store),
	    row->names, row->n, &names, dg);

	for (struct str rest = str_of(&names); !err && rest.n;) {
		struct str name = str_cut(&rest, '\n');

		if (name.n && n++ < LEFT_OUT_MAX)
			buf_addf(
			    out, "%s '%.*s'", n > 1 ? "," : "", STR_ARG(name));
	}
	if (n > LEFT_OUT_MAX)
		buf_addf(out, " and %zu more", n - LEFT_OUT_MAX);
	profile_plan_free(plan);
	buf_clear(&names);
	return err;
}

/* ---- suggested -------------------------------------------------------- */

/* The first rows, copied. */
struct sample {
	struct buf text;
	size_t *ends; /* of each cell in the text */
	struct str *cells;
	size_t n, columns;
};

static bool
sample_add(struct sample *s, const struct rows_row *row)
{
	for (size_t i = 0; i < s->columns; i++) {
		buf_add(&s->text, row->cells[i]);
		s->ends[s->n * s->columns + i] = s->text.n;
	}
	s->n++;
	return !s->text.failed;
}

static enum crm_err
sample_read(struct input *in, struct sample *s, struct diag *dg)
{
	struct rows_row row;
	bool got = true;
	size_t i, at = 0;
	enum crm_err err = CRM_OK;

	s->ends = calloc(SAMPLE_ROWS * s->columns + 1, sizeof(*s->ends));
	s->cells = calloc(SAMPLE_ROWS * s->columns + 1, sizeof(*s->cells));
	if (!s->ends || !s->cells)
		return diag_nomem(dg);
	while (got && s->n < SAMPLE_ROWS) {
		err = rows_next(&in->ahead, &row, &got, dg);
		if (err != CRM_OK && err != CRM_DATA)
			return err;
		if (!err && got && row.n == s->columns && !sample_add(s, &row))
			return diag_nomem(dg);
	}
	diag_clear(dg);
	for (i = 0; i < s->n * s->columns; i++) {
		s->cells[i] = str_head(
		    str_from_pos(str_of(&s->text), at), s->ends[i] - at);
		at = s->ends[i];
	}
	return CRM_OK;
}

/* The names of the first row, copied: the next row ends them. */
static bool
names_copy(const struct rows_row *row, struct buf *text, struct str **out)
{
	size_t at = 0;

	*out = calloc(row->n + 1, sizeof(**out));
	for (size_t i = 0; i < row->n; i++)
		buf_add(text, row->names[i]);
	if (!*out || text->failed)
		return false;
	for (size_t i = 0; i < row->n; i++) {
		(*out)[i] =
		    str_head(str_from_pos(str_of(text), at), row->names[i].n);
		at += row->names[i].n;
	}
	return true;
}

static enum crm_err
suggest_print(struct job *j, struct input *in, struct diag *dg)
{
	const struct schema *schema = store_schema(j->c->store);
	const struct kind *k = j->kind;
	struct sample s = {.columns = in->first.n};
	struct buf text = {0};
	struct str *names = NULL;
	enum crm_err err = CRM_OK;

	if (in->first.kind.n || in->first.n == 0)
		return diag_set(dg, CRM_DATA,
		    "%s: a profile is for tables with a header and for JSON; "
		    "this is %s",
		    in->name, sniff_name(in->sniff.format));
	if (!k)
		k = schema_kind_no(schema, KIND_CONTACT);
	if (!names_copy(&in->first, &text, &names))
		err = diag_nomem(dg);
	if (!err)
		err = sample_read(in, &s, dg);
	if (!err)
		err = profile_suggest(schema, k, names, s.columns, s.cells, s.n,
		    &j->c->out.buf, dg);
	buf_clear(&text);
	buf_clear(&s.text);
	free(names);
	free(s.ends);
	free(s.cells);
	return err;
}

/* A built-in one as it stands, to be copied and changed. */
static enum crm_err
known_print(struct job *j)
{
	const char *one;
	struct str text;

	for (size_t i = 0; (one = profile_known(i, &text)) != NULL; i++)
		if (strcmp(one, j->c->opt.profile) == 0)
			buf_add(&j->c->out.buf, text);
	return CRM_OK;
}

enum crm_err
suggest_run(struct job *j)
{
	struct diag *dg = &j->c->diag;
	struct input in = {.fd = -1};
	struct buf name = {0};
	enum crm_err err;

	if (j->profile && j->c->opt.profile && j->nfiles == 0)
		return known_print(j);
	if (j->nfiles != 1)
		return diag_set(
		    dg, CRM_USAGE, "--suggest takes one file, or -");
	buf_add(&name, j->files[0]);
	j->plain = true;
	err =
	    name.failed ? diag_nomem(dg) : input_open(j, buf_z(&name), &in, dg);
	if (!err &&
	    (in.sniff.format == SNIFF_MBOX || in.sniff.format == SNIFF_DUMP))
		err = diag_set(dg, CRM_DATA,
		    "%s: %s needs no profile; import it as it is", in.name,
		    sniff_name(in.sniff.format));
	if (!err)
		err = input_rows(j, &in, dg);
	if (!err)
		err = suggest_print(j, &in, dg);
	input_close(&in);
	buf_clear(&name);
	return err;
}
