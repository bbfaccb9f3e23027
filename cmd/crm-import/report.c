/* SPDX-License-Identifier: ISC */
/* report: what is said of an import: refused rows, changes, counts. */
#include "cli/msg.h"
#include "crm-import/job.h"
#include "query/ref.h"

enum { SAID_MAX = 20 };

/* ---- refused rows ----------------------------------------------------- */

/* What the writer was about to change, when it comes to nothing. */
static void
pending_drop(struct job *j)
{
	buf_reset(&j->pending);
}

static void
refused_say(struct job *j, const struct import_refusal *r)
{
	struct str why = str_from(r->why);
	struct buf column = {0};

	progress_wipe(&j->progress);
	/* The reason often begins with the field: once is enough. */
	if (r->column.n)
		buf_addf(&column, "%.*s: ", STR_ARG(r->column));
	if (str_starts(why, str_of(&column)))
		buf_reset(&column);
	msg_say(j->c->cmd->name, "%s:%llu: %s%.*s", r->name,
	    (unsigned long long)r->row->line, buf_z(&column), STR_ARG(why));
	buf_clear(&column);
}

enum crm_err
report_refused(void *arg, const struct import_refusal *r, struct diag *dg)
{
	struct job *j = arg;

	pending_drop(j);
	if (j->said++ < SAID_MAX && !(j->c->opt.rejects && j->c->opt.quiet))
		refused_say(j, r);
	return j->c->opt.rejects ? rejects_add(j, r, dg) : CRM_OK;
}

enum crm_err
report_close(struct job *j, bool keep)
{
	progress_wipe(&j->progress);
	return rejects_close(j, keep);
}

/* ---- changes ---------------------------------------------------------- */

enum { WHAT, ID, FIELD, BEFORE, AFTER, COLUMNS };

enum crm_err
report_open(struct job *j)
{
	static const char *const names[COLUMNS] = {
	    "what", "id", "field", "before", "after"};
	struct column cols[COLUMNS] = {0};
	enum crm_err err;

	progress_start(&j->progress, j->c);
	if (!j->c->opt.verbose)
		return CRM_OK;
	for (size_t i = 0; i < COLUMNS; i++)
		cols[i].name = str_from(names[i]);
	err = cli_emit(j->c, FORMAT_TSV, &j->emit);
	return err ? err : emit_begin(j->emit, cols, COLUMNS, &j->c->diag);
}

static void
change_print(struct job *j, const char *what, struct id id, struct str field,
    struct str before, struct str after)
{
	struct buf text = {0};

	if (!j->emit)
		return;
	id_print(store_schema(j->c->store), id, &text);
	emit_cell(j->emit, str_from(what), true);
	emit_cell(j->emit, str_of(&text), false);
	emit_cell(j->emit, field, false);
	emit_cell(j->emit, before, false);
	emit_cell(j->emit, after, false);
	emit_row(j->emit);
	buf_clear(&text);
}

/* The store may refuse it still: it waits for report_stored. */
void
report_changed(void *arg, struct id id, const struct field *f,
    struct str before, struct str after)
{
	const struct str parts[] = {f->name, before, after};
	struct job *j = arg;

	if (!j->emit)
		return;
	if (!id_eq(id, j->pending_id))
		pending_drop(j);
	j->pending_id = id;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		buf_add(&j->pending, parts[i]);
		buf_addc(&j->pending, '\0');
	}
}

static void
pending_print(struct job *j, struct id id)
{
	struct str rest = str_of(&j->pending), field, before, after;

	while (rest.n > 0 && id_eq(id, j->pending_id)) {
		field = str_cut(&rest, '\0');
		before = str_cut(&rest, '\0');
		after = str_cut(&rest, '\0');
		change_print(j, "updated", id, field, before, after);
	}
	pending_drop(j);
}

enum crm_err
report_stored(void *arg, struct id id, enum writer_done done, struct diag *dg)
{
	static const struct str none = {.p = "", .n = 0};
	struct job *j = arg;

	if (done == WRITER_ADDED)
		change_print(j, "added", id, none, none, none);
	else
		pending_print(j, id);
	/* The store writes at its own pace: no reader of ours may stop it
	 * while it holds the lock, so what is printed waits here. */
	return j->c->out.buf.failed || j->pending.failed ? diag_nomem(dg)
							 : CRM_OK;
}

/* Few are said, for there may be a million of them. */
static bool
made_wanted(struct job *j)
{
	const struct opts *o = &j->c->opt;

	return o->verbose || (j->made_said++ < SAID_MAX && !o->quiet);
}

static void
made_say(struct job *j, struct id id, struct str name)
{
	const struct schema *s = store_schema(j->c->store);
	const struct kind *k = schema_kind_no(s, id.kind);
	struct buf text = {0};

	change_print(j, "made", id, STR("name"), STR(""), name);
	if (j->c->opt.verbose)
		return;
	progress_wipe(&j->progress);
	id_print(s, id, &text);
	cli_warn(j->c, "new %.*s %s %.*s", STR_ARG(k->name), buf_z(&text),
	    STR_ARG(name));
	buf_clear(&text);
}

void
report_made(void *arg, struct id id)
{
	struct job *j = arg;
	struct buf name = {0};
	struct diag lost = {0};

	if (!made_wanted(j))
		return;
	if (ref_label(j->c->store, id, &name, &lost) == CRM_OK)
		made_say(j, id, str_of(&name));
	buf_clear(&name);
	diag_clear(&lost);
}

void
report_named(void *arg, struct id id, const struct kind *k, struct str name)
{
	struct job *j = arg;

	(void)k;
	if (!import_made(j->import, id) && made_wanted(j))
		made_say(j, id, name);
}

void
report_warn(void *arg, const char *text)
{
	struct job *j = arg;

	progress_wipe(&j->progress);
	cli_warn(j->c, "%s", text);
}

void
report_progress(void *arg, uint64_t rows)
{
	struct job *j = arg;

	progress_tell(&j->progress, j->rows + rows,
	    j->input ? j->input->done : 0, j->input ? j->input->size : 0);
}

/* ---- counts ----------------------------------------------------------- */

static void
count_add(struct buf *b, uint64_t n, const char *what)
{
	buf_addf(b, "%s%llu %s", b->n ? ", " : "", (unsigned long long)n, what);
}

struct import_count
report_sum(const struct job *j, uint64_t *unknown)
{
	struct import_count n = import_count(j->import);
	struct import_mail_count m = {0};

	if (j->mail)
		m = import_mail_count(j->mail);
	n.added += m.added;
	n.same += m.same;
	n.refused += m.refused;
	*unknown = m.unknown;
	return n;
}

/* What was not said row by row. */
static void
more_say(struct job *j)
{
	progress_wipe(&j->progress);
	if (j->said > SAID_MAX)
		msg_say(j->c->cmd->name, "and %llu more rows refused",
		    (unsigned long long)(j->said - SAID_MAX));
	if (j->made_said > SAID_MAX)
		cli_warn(j->c, "and %llu more new records",
		    (unsigned long long)(j->made_said - SAID_MAX));
}

void
report_failed(struct job *j)
{
	more_say(j);
	/* Nothing of it has happened. */
	if (!j->c->opt.dry_run)
		buf_reset(&j->c->out.buf);
}

void
report_count(struct job *j)
{
	uint64_t unknown;
	struct import_count n = report_sum(j, &unknown);
	struct buf text = {0};

	more_say(j);
	count_add(&text, n.added, "added");
	count_add(&text, n.updated, "updated");
	count_add(&text, n.same, "unchanged");
	count_add(&text, n.refused, "refused");
	if (n.made)
		count_add(&text, n.made, "made because rows name them");
	if (unknown)
		count_add(&text, unknown,
		    unknown == 1 ? "mail left out: nobody in it is known"
				 : "mails left out: nobody in them is known");
	cli_warn(
	    j->c, "%s%s", j->c->opt.dry_run ? "dry run: " : "", buf_z(&text));
	buf_clear(&text);
}
