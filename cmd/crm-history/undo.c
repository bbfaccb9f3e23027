/* SPDX-License-Identifier: ISC */
/* undo: takes transactions back, or says what that would do. */
#include "base/temp.h"
#include "crm-history/verbs.h"
#include "crm/undo.h"

#include <errno.h>

enum {
	BULK = 1000, /* more changes than this are sorted in first */
	TOLD = 20    /* conflicts that are told one by one */
};

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
	const char *dir = temp_dir(getenv("TMPDIR"));

	if (out->n < OUT_CHUNK)
		return CRM_OK;
	if (!u->spool)
		u->spool = temp_open(dir);
	if (!u->spool)
		return diag_set(&c->diag, CRM_IO,
		    "%s: no temporary file for what would be done: %s; set "
		    "TMPDIR to a folder that can be written",
		    dir, strerror(errno));
	if (fwrite(out->p, 1, out->n, u->spool) != out->n)
		return diag_set(&c->diag, errno == ENOSPC ? CRM_TEMP : CRM_IO,
		    "writing a temporary file for what would be done: %s; make "
		    "room, or set TMPDIR",
		    strerror(errno));
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

enum crm_err
run_undo(struct job *j)
{
	struct cli *c = j->c;
	struct undo_job u = {.j = j};
	struct undo_options o = {.now = clock_now(&c->clock),
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
