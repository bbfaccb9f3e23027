/* SPDX-License-Identifier: ISC */
/* crm-edit: changes records. */
#include "cli/assign.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "crm/batch.h"
#include "crm/edit.h"
#include "crm/write.h"

enum { BULK = 1000 }; /* more records than this are sorted in first */

static const char *const takes[] = {"dry-run", "create", "keep-going", "empty",
    "columns", "output", "format", "reason", NULL};

static const struct command command = {
    .name = "crm-edit",
    .synopsis = "crm-edit [-nqv] [--create] [-m REASON] REF...|- "
		"FIELD=VALUE...\n"
		"crm-edit [-nqv] [--create] [-m REASON] [--keep-going] "
		"[-o FILE]\n"
		"        [--empty keep|clear] [--columns NAMES] -\n"
		"crm-edit [-nqv] [--create] [-m REASON] REF...",
    .examples = "crm-edit ada@example.org tag+=vip phone=\n"
		"crm-find -i contact city=Bern | crm-edit - owner=eva\n"
		"crm-segment --rfm -f id,tier | crm-edit -",
    .takes = takes,
    .keeps = "e",
};

struct edit {
	struct cli *c;
	struct session session;
	struct str *refs; /* operands that are no assignments */
	size_t nrefs;
	bool input; /* one of them is - */
	struct buf *holds;
	struct assign *given;
	size_t ngiven;
	struct id *ids;
	size_t nids;
	struct emit *emit; /* -n: the changes */
	bool given_up;	   /* the editor left the text as it was */
	struct batch_count count;
};

/* ---- operands --------------------------------------------------------- */

static enum crm_err
operands_read(struct edit *e)
{
	struct cli *c = e->c;
	bool yes;
	size_t i;
	enum crm_err err = CRM_OK;

	if (c->nwords == 0)
		return diag_set(&c->diag, CRM_USAGE,
		    "no record; write crm-edit REF FIELD=VALUE, or see "
		    "crm-edit -h");
	e->refs = calloc(c->nwords, sizeof(*e->refs));
	e->holds = calloc(c->nwords, sizeof(*e->holds));
	e->given = calloc(c->nwords, sizeof(*e->given));
	if (!e->refs || !e->holds || !e->given)
		return diag_nomem(&c->diag);
	for (i = 0; !err && i < c->nwords; i++) {
		err = cli_assign(c, c->words[i], &e->holds[e->ngiven],
		    &e->given[e->ngiven], &yes);
		if (yes) {
			e->ngiven++;
			continue;
		}
		e->input = e->input || str_is(c->words[i], "-");
		e->refs[e->nrefs++] = c->words[i];
	}
	if (!err && e->nrefs == 0)
		return diag_set(&c->diag, CRM_USAGE,
		    "no record to change; write its id, or - for records on "
		    "standard input");
	return err;
}

/* ---- what would change ------------------------------------------------ */

static void
changed(void *arg, struct id id, const struct field *f, struct str before,
    struct str after)
{
	struct session *s = arg;
	struct edit *e =
	    (struct edit *)((char *)s - offsetof(struct edit, session));
	struct buf name = {0};

	id_print(store_schema(e->c->store), id, &name);
	emit_cell(e->emit, str_of(&name), true);
	emit_cell(e->emit, f->name, true);
	emit_cell(e->emit, before, false);
	emit_cell(e->emit, after, false);
	emit_row(e->emit);
	buf_clear(&name);
}

static enum crm_err
changes_begin(struct edit *e)
{
	static const struct column columns[] = {{.name = {"id", 2}},
	    {.name = {"field", 5}}, {.name = {"old", 3}}, {.name = {"new", 3}}};
	enum crm_err err;

	if (!e->c->opt.dry_run || e->emit)
		return CRM_OK;
	if (e->c->opt.keep_going && !e->c->opt.output)
		return diag_set(&e->c->diag, CRM_USAGE,
		    "-n and --keep-going both print; write -o FILE for the "
		    "rejects");
	err = cli_emit(e->c, FORMAT_TSV, &e->emit);
	if (err)
		return err;
	return emit_begin(e->emit, columns, ARRAY_LEN(columns), &e->c->diag);
}

static enum crm_err
edit_session(struct edit *e, bool bulk)
{
	struct writer_options o = {0};
	enum crm_err err = changes_begin(e);

	if (err)
		return err;
	if (e->emit)
		o.changed = changed;
	session_close(&e->session);
	return session_open(&e->session, e->c, bulk, &o);
}

/* ---- the same to each ------------------------------------------------- */

static enum crm_err
record_change(struct edit *e, struct id id)
{
	struct writer *w = e->session.writer;
	struct diag *dg = &e->c->diag;
	struct buf name = {0};
	enum writer_done done;
	size_t i;
	enum crm_err err = writer_update(w, id, dg);

	for (i = 0; !err && i < e->ngiven; i++)
		err = writer_assign(w, &e->given[i], dg);
	if (!err)
		err = writer_commit(w, &id, &done, dg);
	if (!err) {
		e->count.updated += done == WRITER_UPDATED;
		e->count.same += done == WRITER_NOTHING;
		return out_drain(&e->c->out, dg);
	}
	id_print(store_schema(e->c->store), id, &name);
	if (e->nids > 1)
		diag_place(dg, "%s", buf_z(&name));
	buf_clear(&name);
	return err;
}

static enum crm_err
edit_each(struct edit *e)
{
	size_t i;
	enum crm_err err;

	err = cli_refs(e->c, NULL, e->refs, e->nrefs, &e->ids, &e->nids);
	if (!err)
		err = edit_session(e, e->nids > BULK);
	for (i = 0; !err && i < e->nids; i++)
		err = record_change(e, e->ids[i]);
	return err;
}

/* ---- columns written back --------------------------------------------- */

static enum crm_err
row_refused(void *arg, const struct tsv_reader *in, struct str raw,
    const char *place, const char *why, struct diag *dg)
{
	struct edit *e = arg;

	return session_refuse(&e->session, in, raw, place, why, dg);
}

static void
column_warn(void *arg, const char *text)
{
	struct edit *e = arg;

	cli_warn(e->c, "%s", text);
}

static enum crm_err
rows_run(struct edit *e, struct tsv_reader *in)
{
	struct cli *c = e->c;
	struct batch_options o = {
	    .clear_empty = c->opt.clear_empty,
	    .refused = row_refused,
	    .warn = column_warn,
	    .arg = e,
	};
	unsigned long long bad, all;
	enum crm_err err;

	if (c->opt.keep_going)
		batch_reject_header(store_schema(c->store), in, &c->out.buf);
	err = batch_run(e->session.writer, c->store, in, "standard input", &o,
	    &e->count, &c->diag);
	if (err || e->count.refused == 0 || c->opt.keep_going)
		return err;
	bad = e->count.refused;
	all = bad + e->count.updated + e->count.same;
	return diag_set(&c->diag, CRM_DATA,
	    "%llu of %llu rows refused, nothing stored; mend them, or store "
	    "the others with --keep-going",
	    bad, all);
}

static enum crm_err
edit_rows(struct edit *e)
{
	struct cli *c = e->c;
	struct tsv_options o = {.bare_ids = !c->opt.columns};
	struct tsv_reader *in = NULL;
	const struct str *names;
	size_t n;
	enum crm_err err;

	if (c->opt.columns)
		o.columns = str_from(c->opt.columns);
	err = cli_tsv(c, &o, &in);
	if (err)
		return err;
	n = tsv_columns(in, &names);
	if (n == 1 && str_is(names[0], "id"))
		err = diag_set(&c->diag, CRM_USAGE,
		    "nothing to change: the input has ids only; write "
		    "FIELD=VALUE, or give more columns");
	if (!err)
		err = edit_session(e, true);
	if (!err)
		err = rows_run(e, in);
	tsv_close(in);
	return err;
}

/* ---- the editor ------------------------------------------------------- */

/* Puts what is wrong in front of the text, instead of what was wrong before;
 * SAID is what stands there. */
static enum crm_err
text_complain(struct edit *e, struct buf *text, struct buf *said)
{
	struct str rest = str_of(text);
	struct buf with = {0};

	if (said->n && str_starts(rest, str_of(said)))
		rest = str_from_pos(rest, said->n);
	buf_reset(said);
	buf_addf(said, "# %s\n", diag_text(&e->c->diag));
	buf_add(&with, str_of(said));
	buf_add(&with, rest);
	buf_clear(text);
	*text = with;
	return with.failed || said->failed ? diag_nomem(&e->c->diag) : CRM_OK;
}

static enum crm_err
text_apply(struct edit *e, struct str before, struct str text)
{
	struct cli *c = e->c;
	enum crm_err err;

	/* What an earlier try would have printed is void. */
	emit_free(e->emit);
	e->emit = NULL;
	buf_reset(&c->out.buf);
	diag_clear(&c->diag);
	err = edit_session(e, false);
	if (!err)
		err = edit_apply(
		    e->session.writer, c->store, before, text, &c->diag);
	return session_end(&e->session, err);
}

/* One time through the editor. WRONG says that the text was refused before;
 * when the person leaves it like that, the diag still tells why. */
static enum crm_err
edit_once(struct edit *e, struct str before, struct buf *text, bool wrong)
{
	struct buf offered = {0};
	bool same;
	enum crm_err err;

	buf_add(&offered, str_of(text));
	/* The last LF is lost on the way. */
	buf_addc(text, '\n');
	if (offered.failed || text->failed) {
		buf_clear(&offered);
		return diag_nomem(&e->c->diag);
	}
	err = cli_edit(e->c, "crm", text);
	same = str_eq(str_of(&offered), str_of(text));
	buf_clear(&offered);
	if (err)
		return err;
	e->given_up = same;
	if (same)
		return wrong ? e->c->diag.code : CRM_OK;
	return text_apply(e, before, str_of(text));
}

static enum crm_err
edit_text(struct edit *e)
{
	struct cli *c = e->c;
	struct buf before = {0}, text = {0}, said = {0};
	bool wrong = false;
	enum crm_err err;

	err = cli_refs(c, NULL, e->refs, e->nrefs, &e->ids, &e->nids);
	if (!err)
		err = edit_print(c->store, e->ids, e->nids, &before, &c->diag);
	buf_add(&text, str_of(&before));
	while (!err) {
		err = edit_once(e, str_of(&before), &text, wrong);
		wrong = err == CRM_DATA || err == CRM_USAGE;
		if (!wrong || e->given_up || !e->session.cli)
			break;
		err = text_complain(e, &text, &said);
	}
	buf_clear(&before);
	buf_clear(&text);
	buf_clear(&said);
	return err;
}

/* ---- the end ---------------------------------------------------------- */

static enum crm_err
edit_run(struct edit *e)
{
	struct cli *c = e->c;
	enum crm_err err = cli_open(c, true);

	if (!err)
		err = operands_read(e);
	if (err)
		return err;
	if (e->ngiven)
		err = edit_each(e);
	else if (e->input && e->nrefs == 1)
		err = edit_rows(e);
	else
		err = edit_text(e);
	if (e->session.cli)
		err = session_end(&e->session, err);
	if (!err && e->emit)
		err = emit_end(e->emit, &c->diag);
	if (err)
		return err;
	if (c->opt.verbose || (c->opt.keep_going && e->count.refused))
		cli_warn(c, "%llu updated, %llu unchanged, %llu refused",
		    (unsigned long long)e->count.updated,
		    (unsigned long long)e->count.same,
		    (unsigned long long)e->count.refused);
	return e->count.refused ? CRM_NO : CRM_OK;
}

static void
edit_clear(struct edit *e)
{
	size_t i;

	for (i = 0; e->holds && i < e->c->nwords; i++)
		buf_clear(&e->holds[i]);
	free(e->holds);
	free(e->given);
	free(e->refs);
	free(e->ids);
	emit_free(e->emit);
	if (e->session.cli)
		session_close(&e->session);
}

int
main(int argc, char **argv)
{
	struct cli c;
	int status = cli_start(&c, &command, argc, argv);
	struct edit e = {.c = &c};
	enum crm_err err;

	if (status >= 0)
		return status;
	err = edit_run(&e);
	edit_clear(&e);
	return cli_end(&c, err);
}
