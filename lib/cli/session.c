/* SPDX-License-Identifier: ISC */
/* session: one transaction of a command, and what is said about it. */
#include "cli/session.h"
#include "cli/msg.h"

enum { SAID_MAX = 20 };

static void
session_warn(void *arg, const char *text)
{
	struct session *s = arg;

	cli_warn(s->cli, "%s", text);
}

/* In a batch of thousands the first few are enough. */
static void
session_made(void *arg, struct id id, const struct kind *k, struct str name)
{
	struct session *s = arg;
	struct buf text = {0};

	s->made++;
	if (s->made > SAID_MAX && !s->cli->opt.verbose)
		return;
	if (id.num)
		id_print(store_schema(s->cli->store), id, &text);
	cli_warn(s->cli, "new %.*s %s%s%.*s", STR_ARG(k->name), buf_z(&text),
	    text.n ? " " : "", STR_ARG(name));
	buf_clear(&text);
}

enum crm_err
session_open(struct session *s, struct cli *c, bool bulk,
    const struct writer_options *opt)
{
	struct writer_options o = *opt;
	enum crm_err err;

	*s = (struct session){.cli = c};
	if (!c->store) {
		err = cli_open(c, true);
		if (err)
			return err;
	}
	o.clock = &c->clock;
	o.create = c->opt.create;
	o.asked = true;
	o.warn = session_warn;
	o.made = session_made;
	o.arg = s;
	if (!c->opt.dry_run || !store_missing(c->store)) {
		err = store_begin(c->store, &c->origin, bulk, &c->diag);
		if (err)
			return err;
		s->begun = true;
	}
	return writer_new(&s->writer, c->store, &o, &c->diag);
}

/* What was said only in part. */
static void
session_sum_up(struct session *s)
{
	unsigned long long n;

	if (s->made > SAID_MAX && !s->cli->opt.verbose) {
		n = s->made - SAID_MAX;
		cli_warn(s->cli, "and %llu more new records", n);
	}
	if (s->refused > SAID_MAX) {
		n = s->refused - SAID_MAX;
		msg_say(s->cli->cmd->name, "and %llu more rows refused", n);
	}
}

enum crm_err
session_end(struct session *s, enum crm_err err)
{
	struct cli *c = s->cli;

	session_sum_up(s);
	if (!s->begun)
		return err;
	s->begun = false;
	if (err || c->opt.dry_run)
		store_abort(c->store);
	else
		err = cli_commit(c);
	return err;
}

void
session_close(struct session *s)
{
	if (s->begun)
		store_abort(s->cli->store);
	writer_free(s->writer);
	free(s->runs);
	*s = (struct session){.cli = s->cli};
}

/* ---- ids -------------------------------------------------------------- */

static bool
run_goes_on(const struct id_run *r, struct id id)
{
	return r->first.kind == id.kind && r->first.tag == id.tag &&
	       r->first.num + r->count == id.num;
}

bool
session_id(struct session *s, struct id id)
{
	struct id_run *more;
	size_t cap;

	if (s->nruns && run_goes_on(&s->runs[s->nruns - 1], id)) {
		s->runs[s->nruns - 1].count++;
		return true;
	}
	if (s->nruns == s->cap) {
		cap = s->cap ? s->cap * 2 : 16;
		more = realloc(s->runs, cap * sizeof(*more));
		if (!more)
			return false;
		s->runs = more;
		s->cap = cap;
	}
	s->runs[s->nruns++] = (struct id_run){.first = id, .count = 1};
	return true;
}

static enum crm_err
run_print(struct session *s, const struct id_run *r, struct out *out)
{
	const struct schema *schema = store_schema(s->cli->store);
	struct id id = r->first;
	uint64_t i;
	enum crm_err err = CRM_OK;

	for (i = 0; !err && i < r->count; i++, id.num++) {
		id_print(schema, id, &out->buf);
		buf_addc(&out->buf, '\n');
		err = out_drain(out, &s->cli->diag);
	}
	return err;
}

enum crm_err
session_print(struct session *s, struct out *out)
{
	enum crm_err err = CRM_OK;
	size_t i;

	for (i = 0; !err && i < s->nruns; i++)
		err = run_print(s, &s->runs[i], out);
	return err;
}

enum crm_err
session_refuse(struct session *s, const struct tsv_reader *in, struct str raw,
    const char *place, const char *why, struct diag *dg)
{
	struct out *out = &s->cli->out;

	if (!s->cli->opt.keep_going) {
		if (s->refused++ < SAID_MAX)
			msg_say(s->cli->cmd->name, "%s: %s", place, why);
		return CRM_OK;
	}
	batch_reject_row(store_schema(s->cli->store), in, raw, why, &out->buf);
	return out->buf.failed ? diag_nomem(dg) : out_drain(out, dg);
}
