/* SPDX-License-Identifier: ISC */
/* crm-add: adds records, or updates those with the same key. */
#include "cli/assign.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "crm/batch.h"
#include "crm/write.h"

#include <unistd.h>

static const char *const takes[] = {"dry-run", "key", "create", "keep-going",
    "empty", "columns", "output", "reason", NULL};

static const struct command command = {
    .name = "crm-add",
    .synopsis = "crm-add [-nqv] [-k FIELD] [--create] [-m REASON] KIND "
		"FIELD=VALUE...\n"
		"crm-add [-nqv] [-k FIELD] [--create] [-m REASON] "
		"[--keep-going] [-o FILE]\n"
		"        [--empty keep|clear] [--columns NAMES] KIND - "
		"[FIELD=VALUE...]",
    .examples = "crm-add contact name='Ada Lovelace' email=ada@example.org\n"
		"crm-add -k email --create contact - <people.tsv\n"
		"crm-add field name=contact.budget type=decimal",
    .takes = takes,
    .keeps = "we",
};

struct add {
	struct cli *c;
	struct session session;
	const struct kind *kind;
	const struct field *key;
	bool input;	   /* rows on standard input */
	struct buf *holds; /* values that were read from files */
	struct assign *given;
	size_t ngiven;
	struct batch_count count;
};

/* ---- operands --------------------------------------------------------- */

static enum crm_err
operand_read(struct add *a, struct str word)
{
	struct cli *c = a->c;
	bool yes;
	enum crm_err err;

	if (str_is(word, "-")) {
		a->input = true;
		return CRM_OK;
	}
	err = cli_assign(
	    c, word, &a->holds[a->ngiven], &a->given[a->ngiven], &yes);
	if (err)
		return err;
	if (!yes)
		return diag_set(&c->diag, CRM_USAGE,
		    "'%.*s' is no assignment; write FIELD=VALUE, or - for "
		    "rows on standard input",
		    STR_ARG(word));
	a->ngiven++;
	return CRM_OK;
}

static enum crm_err
operands_read(struct add *a)
{
	struct cli *c = a->c;
	size_t i;
	enum crm_err err;

	if (c->nwords == 0)
		return diag_set(&c->diag, CRM_USAGE,
		    "no kind; write crm-add contact name=..., or see "
		    "crm-add -h");
	a->holds = calloc(c->nwords, sizeof(*a->holds));
	a->given = calloc(c->nwords, sizeof(*a->given));
	if (!a->holds || !a->given)
		return diag_nomem(&c->diag);
	err = schema_find_kind(
	    store_schema(c->store), c->words[0], &a->kind, &c->diag);
	for (i = 1; !err && i < c->nwords; i++)
		err = operand_read(a, c->words[i]);
	if (!err && !a->input && a->ngiven == 0)
		return diag_set(&c->diag, CRM_USAGE,
		    "nothing to add; write FIELD=VALUE, or - for rows on "
		    "standard input");
	if (!err && !a->input && c->opt.keep_going)
		return diag_set(&c->diag, CRM_USAGE,
		    "--keep-going is for rows on standard input; write -");
	if (!err && c->opt.key)
		err = writer_key(
		    a->kind, str_from(c->opt.key), &a->key, &c->diag);
	return err;
}

/* ---- one record ------------------------------------------------------- */

static enum crm_err
record_start(struct add *a, struct writer *w)
{
	struct diag *dg = &a->c->diag;
	const struct assign *key = NULL;
	struct id id;
	size_t i;
	enum crm_err err;

	for (i = 0; a->key && i < a->ngiven; i++)
		if (str_eq(a->given[i].field, a->key->name))
			key = &a->given[i];
	if (!a->key)
		return writer_create(w, a->kind, dg);
	if (!key)
		return diag_set(dg, CRM_USAGE,
		    "-k %s: its value is missing; write %s=VALUE",
		    a->c->opt.key, a->c->opt.key);
	err = writer_find(w, a->key, key->value, &id, dg);
	if (err)
		return err;
	if (id.num)
		return writer_update(w, id, dg);
	return writer_create(w, a->kind, dg);
}

static enum crm_err
record_add(
    struct add *a, struct writer *w, struct id *id, enum writer_done *done)
{
	size_t i;
	enum crm_err err = record_start(a, w);

	for (i = 0; !err && i < a->ngiven; i++)
		err = writer_assign(w, &a->given[i], &a->c->diag);
	return err ? err : writer_commit(w, id, done, &a->c->diag);
}

/* What is refused must not leave a new, empty store behind: while there is
 * none, all is tried without a transaction first. */
static enum crm_err
rehearse(struct add *a)
{
	struct writer_options o = {
	    .clock = &a->c->clock, .create = a->c->opt.create};
	struct writer *w = NULL;
	enum writer_done done;
	struct id id;
	enum crm_err err;

	if (!store_missing(a->c->store))
		return CRM_OK;
	err = writer_new(&w, a->c->store, &o, &a->c->diag);
	if (!err)
		err = record_add(a, w, &id, &done);
	writer_free(w);
	return err;
}

static enum crm_err
add_one(struct add *a)
{
	enum writer_done done;
	struct id id;
	enum crm_err err = rehearse(a);

	if (!err)
		err = session_open(
		    &a->session, a->c, false, &(struct writer_options){0});
	if (!err)
		err = record_add(a, a->session.writer, &id, &done);
	if (err)
		return err;
	a->count.added = done == WRITER_ADDED;
	a->count.updated = done == WRITER_UPDATED;
	a->count.same = done == WRITER_NOTHING;
	return session_id(&a->session, id) ? CRM_OK : diag_nomem(&a->c->diag);
}

/* ---- rows ------------------------------------------------------------- */

static enum crm_err
row_stored(void *arg, struct id id, enum writer_done done, struct diag *dg)
{
	struct add *a = arg;

	(void)done;
	return session_id(&a->session, id) ? CRM_OK : diag_nomem(dg);
}

static enum crm_err
row_refused(void *arg, const struct tsv_reader *in, struct str raw,
    const char *place, const char *why, struct diag *dg)
{
	struct add *a = arg;

	return session_refuse(&a->session, in, raw, place, why, dg);
}

static void
column_warn(void *arg, const char *text)
{
	struct add *a = arg;

	cli_warn(a->c, "%s", text);
}

static enum crm_err
rows_run(struct add *a, struct tsv_reader *in)
{
	struct cli *c = a->c;
	struct batch_options o = {
	    .kind = a->kind,
	    .key = a->key,
	    .clear_empty = c->opt.clear_empty,
	    .given = a->given,
	    .ngiven = a->ngiven,
	    .stored = row_stored,
	    .refused = row_refused,
	    .warn = column_warn,
	    .arg = a,
	};
	unsigned long long bad, all;
	enum crm_err err;

	if (c->opt.keep_going)
		batch_reject_header(store_schema(c->store), in, &c->out.buf);
	err = batch_run(a->session.writer, c->store, in, "standard input", &o,
	    &a->count, &c->diag);
	if (err || a->count.refused == 0 || c->opt.keep_going)
		return err;
	bad = a->count.refused;
	all = bad + a->count.added + a->count.updated + a->count.same;
	return diag_set(&c->diag, CRM_DATA,
	    "%llu of %llu rows refused, nothing stored; mend them, or store "
	    "the others with --keep-going",
	    bad, all);
}

static enum crm_err
add_rows(struct add *a)
{
	struct cli *c = a->c;
	struct tsv_options o = {0};
	struct tsv_reader *in = NULL;
	enum crm_err err;

	if (c->opt.columns)
		o.columns = str_from(c->opt.columns);
	err = cli_tsv(c, &o, &in);
	if (err)
		return err;
	err = session_open(&a->session, c, true, &(struct writer_options){0});
	if (!err)
		err = rows_run(a, in);
	if (!err && tsv_odd(in))
		cli_warn(c, "a backslash before another letter than t, n, r "
			    "or \\ was taken as it is");
	tsv_close(in);
	return err;
}

/* ---- the end ---------------------------------------------------------- */

static void
count_say(struct add *a)
{
	const struct batch_count *n = &a->count;

	if (!a->c->opt.dry_run && !a->c->opt.verbose &&
	    !(a->c->opt.keep_going && n->refused))
		return;
	cli_warn(a->c,
	    "%s%llu added, %llu updated, %llu unchanged, %llu refused",
	    a->c->opt.dry_run ? "dry run: " : "", (unsigned long long)n->added,
	    (unsigned long long)n->updated, (unsigned long long)n->same,
	    (unsigned long long)n->refused);
}

/* Ids after the commit only: what is printed is stored. With --keep-going
 * standard output is for the rejects, unless -o took them. */
static enum crm_err
ids_print(struct add *a)
{
	struct cli *c = a->c;
	struct out out = {.fd = STDOUT_FILENO, .store = c->store};
	enum crm_err err;

	if (c->opt.dry_run || (c->opt.keep_going && !c->opt.output))
		return CRM_OK;
	if (!c->opt.keep_going)
		return session_print(&a->session, &c->out);
	err = session_print(&a->session, &out);
	if (!err)
		err = out_flush(&out, &c->diag);
	buf_clear(&out.buf);
	return err;
}

static enum crm_err
add_run(struct add *a)
{
	enum crm_err err = cli_open(a->c, true);

	if (!err)
		err = operands_read(a);
	if (!err && a->input)
		err = add_rows(a);
	else if (!err)
		err = add_one(a);
	if (a->session.cli)
		err = session_end(&a->session, err);
	if (err)
		return err;
	count_say(a);
	err = ids_print(a);
	return !err && a->count.refused ? CRM_NO : err;
}

static void
add_clear(struct add *a)
{
	size_t i;

	for (i = 0; a->holds && i < a->c->nwords; i++)
		buf_clear(&a->holds[i]);
	free(a->holds);
	free(a->given);
	if (a->session.cli)
		session_close(&a->session);
}

int
main(int argc, char **argv)
{
	struct cli c;
	int status = cli_start(&c, &command, argc, argv);
	struct add a = {.c = &c};
	enum crm_err err;

	if (status >= 0)
		return status;
	err = add_run(&a);
	add_clear(&a);
	return cli_end(&c, err);
}
