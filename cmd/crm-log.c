/* SPDX-License-Identifier: ISC */
/* crm-log: logs an interaction, or a mail message. */
#include "crm/log.h"
#include "cli/assign.h"
#include "cli/cli.h"
#include "crm/logmail.h"
#include "crm/write.h"

#include <errno.h>
#include <unistd.h>

enum {
	MAIL_MAX = 32 << 20, /* bytes of a message that are looked at */
	BULK = 1000	     /* more records than this are sorted in first */
};

static const char *const takes[] = {
    "type", "date", "follow", "file", "mail", "reason", "dry-run", NULL};

static const struct command command = {
    .name = "crm-log",
    .synopsis = "crm-log [-nqv] [-t TYPE] [-d WHEN] [--follow WHEN] "
		"[-F FILE] [-m REASON]\n"
		"        REF|- [FIELD=VALUE...] [--] [TEXT...]\n"
		"crm-log --mail [-nqv] [-m REASON] [FIELD=VALUE...]",
    .examples = "crm-log -t call ada@example.org wants an offer "
		"--follow fri\n"
		"crm-log c42 sentiment=2 duration=20 'very pleased'\n"
		"crm-find -i contact tag=fair | crm-log -t letter - "
		"invitation sent",
    .takes = takes,
    .keeps = "ix",
};

/* What the operands say besides the records. */
struct job {
	struct cli *c;
	struct log_entry entry;
	struct buf *holds; /* values that were read from files */
	struct assign *assigns;
	size_t nassigns;
	struct buf text, due;
	struct writer *writer;
};

/* ---- operands ---------------------------------------------------------- */

/* The words from AT up to the first that is no assignment; *next is that. */
static enum crm_err
read_assigns(struct job *j, size_t at, size_t *next)
{
	struct cli *c = j->c;
	enum crm_err err;
	bool yes = true;

	j->holds = calloc(c->nwords + 1, sizeof(*j->holds));
	j->assigns = calloc(c->nwords + 1, sizeof(*j->assigns));
	if (!j->holds || !j->assigns)
		return diag_nomem(&c->diag);
	for (; at < (size_t)c->opt.before_dashes; at++) {
		err = cli_assign(c, c->words[at], &j->holds[j->nassigns],
		    &j->assigns[j->nassigns], &yes);
		if (err)
			return err;
		if (!yes)
			break;
		err = cli_assign_field(
		    c, KIND_ACTIVITY, &j->assigns[j->nassigns++]);
		if (err)
			return err;
	}
	j->entry.assigns = j->assigns;
	j->entry.nassigns = j->nassigns;
	*next = at;
	return CRM_OK;
}

static bool
has_subject(const struct job *j)
{
	for (size_t i = 0; i < j->nassigns; i++)
		if (str_is(j->assigns[i].field, "subject") &&
		    j->assigns[i].value.n)
			return true;
	return false;
}

/* The text: operands, else -F FILE, else the editor. */
static enum crm_err
read_text(struct job *j, size_t at)
{
	struct cli *c = j->c;

	if (at < c->nwords && c->opt.file)
		return diag_set(&c->diag, CRM_USAGE,
		    "text both as operand '%.*s' and with -F; write one",
		    STR_ARG(c->words[at]));
	if (at + 1 == c->nwords && str_is(c->words[at], "-") &&
	    at < (size_t)c->opt.before_dashes)
		return diag_set(&c->diag, CRM_USAGE,
		    "'-' alone as text; write -F - for the text on standard "
		    "input, or -- -");
	for (size_t i = at; i < c->nwords; i++) {
		if (i > at)
			buf_addc(&j->text, ' ');
		buf_add(&j->text, c->words[i]);
	}
	if (j->text.failed)
		return diag_nomem(&c->diag);
	if (j->text.n)
		return CRM_OK;
	if (c->opt.file)
		return cli_slurp(c, c->opt.file, &j->text);
	if (has_subject(j)) {
		for (size_t i = 0; i < j->nassigns; i++)
			if (str_is(j->assigns[i].field, "subject"))
				buf_add(&j->text, j->assigns[i].value);
		return j->text.failed ? diag_nomem(&c->diag) : CRM_OK;
	}
	if (!term_is(STDIN_FILENO))
		return diag_set(&c->diag, CRM_USAGE,
		    "no text; write crm-log REF TEXT, or -F FILE");
	return cli_edit(c, "txt", &j->text);
}

/* ---- times ------------------------------------------------------------- */

static enum crm_err
read_start(struct job *j)
{
	struct cli *c = j->c;
	struct when *start = &j->entry.start;
	enum crm_err err;

	*start = (struct when){.has_time = true,
	    .utc = clock_now(&c->clock),
	    .day = when_today(&c->clock)};
	if (!c->opt.date)
		return CRM_OK;
	err = when_parse(str_from(c->opt.date), &c->clock, start, &c->diag);
	if (err)
		return err;
	j->entry.planned = start->has_time ? start->utc > clock_now(&c->clock)
					   : start->day > when_today(&c->clock);
	return CRM_OK;
}

static enum crm_err
read_follow(struct job *j)
{
	struct cli *c = j->c;
	struct buf say = {0};
	struct when when;
	enum crm_err err;

	if (!c->opt.follow)
		return CRM_OK;
	err = when_parse(str_from(c->opt.follow), &c->clock, &when, &c->diag);
	if (err)
		return err;
	when_say(&when, &c->clock.zone, &say);
	if (when.day < when_today(&c->clock))
		cli_warn(c, "--follow: %s is past", buf_z(&say));
	else if (term_is(STDERR_FILENO))
		cli_warn(c, "follow-up due %s", buf_z(&say));
	when_print(&when, &j->due);
	j->entry.follow = str_of(&j->due);
	if (say.failed || j->due.failed)
		err = diag_nomem(&c->diag);
	buf_clear(&say);
	return err;
}

/* ---- writing ----------------------------------------------------------- */

static void
warn(void *arg, const char *text)
{
	cli_warn(arg, "%s", text);
}

static enum crm_err
writer_open(struct job *j, bool bulk)
{
	struct cli *c = j->c;
	struct writer_options o = {.clock = &c->clock, .warn = warn, .arg = c};
	enum crm_err err;

	err = writer_new(&j->writer, c->store, &o, &c->diag);
	if (err)
		return err;
	return store_begin(c->store, &c->origin, bulk, &c->diag);
}

static void
print_id(struct cli *c, struct id id)
{
	if (!id.num)
		return;
	id_print(store_schema(c->store), id, &c->out.buf);
	buf_addc(&c->out.buf, '\n');
}

/* A dry run has written everything but the end of it. */
static enum crm_err
finish(struct cli *c, size_t n)
{
	if (!c->opt.dry_run)
		return cli_commit(c);
	store_abort(c->store);
	buf_reset(&c->out.buf);
	cli_warn(c, "would log %zu activit%s", n, n == 1 ? "y" : "ies");
	return CRM_OK;
}

static enum crm_err
log_all(struct job *j, const struct id *ids, size_t n)
{
	struct cli *c = j->c;
	struct id activity, task;
	enum crm_err err;

	err = writer_open(j, n > BULK);
	for (size_t i = 0; !err && i < n; i++) {
		err = log_add(j->writer, c->store, ids[i], &j->entry, &activity,
		    &task, &c->diag);
		print_id(c, activity);
		print_id(c, task);
	}
	if (!err)
		err = finish(c, n);
	else
		buf_reset(&c->out.buf);
	return err;
}

static enum crm_err
run_log(struct job *j)
{
	struct cli *c = j->c;
	struct id *ids = NULL;
	size_t n = 0, at;
	enum crm_err err;

	if (!c->nwords)
		return diag_set(&c->diag, CRM_USAGE,
		    "no record; write crm-log REF TEXT, or - for records on "
		    "standard input");
	if (str_is(c->words[0], "-") && c->opt.file &&
	    str_is(str_from(c->opt.file), "-"))
		return diag_set(&c->diag, CRM_USAGE,
		    "records and text cannot both come from standard input");
	j->entry.type = str_from(c->opt.type ? c->opt.type : "note");
	err = read_start(j);
	if (!err)
		err = read_follow(j);
	if (!err)
		err = cli_open(c, true);
	if (!err)
		err = cli_refs(c, NULL, c->words, 1, &ids, &n);
	if (!err)
		err = read_assigns(j, 1, &at);
	if (!err)
		err = read_text(j, at);
	j->entry.text = str_of(&j->text);
	if (!err && n)
		err = log_all(j, ids, n);
	free(ids);
	return err;
}

/* ---- mail -------------------------------------------------------------- */

/* All of standard input is read, lest the mail program see a broken pipe;
 * what is over MAIL_MAX is attachments and not kept. */
static enum crm_err
read_message(struct cli *c, struct buf *out)
{
	enum { STEP = 64 << 10 };
	char *room;
	ssize_t got;

	for (;;) {
		room = buf_room(out, STEP);
		if (!room)
			return diag_nomem(&c->diag);
		got = read(STDIN_FILENO, room, STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return diag_set(&c->diag, CRM_IO, "standard input: %s",
			    strerror(errno));
		if (!got)
			return CRM_OK;
		if (out->n < MAIL_MAX)
			out->n += (size_t)got;
	}
}

static enum crm_err
mail_refuse(struct cli *c)
{
	if (c->opt.file || c->opt.date || c->opt.follow || c->opt.type)
		return diag_set(&c->diag, CRM_USAGE,
		    "--mail takes everything from the message; set fields as "
		    "FIELD=VALUE");
	return CRM_OK;
}

static enum crm_err
log_message(struct job *j, const struct mail *m)
{
	struct cli *c = j->c;
	struct logmail_options o = {
	    .clock = &c->clock, .assigns = j->assigns, .nassigns = j->nassigns};
	struct id id;
	enum crm_err err;
	bool fresh;

	err = writer_open(j, false);
	if (!err)
		err = logmail_add(
		    j->writer, c->store, m, &o, &id, &fresh, &c->diag);
	if (err)
		return err;
	print_id(c, id);
	if (!fresh) {
		cli_verbose(c, "this message was logged before");
		store_abort(c->store);
		return CRM_OK;
	}
	return finish(c, 1);
}

static enum crm_err
run_mail(struct job *j)
{
	struct cli *c = j->c;
	struct buf text = {0};
	struct mail m = {0};
	size_t at = 0;
	enum crm_err err;

	err = mail_refuse(c);
	if (!err)
		err = cli_open(c, true);
	if (!err)
		err = read_assigns(j, 0, &at);
	if (!err && at < c->nwords)
		err = diag_set(&c->diag, CRM_USAGE,
		    "'%.*s': with --mail there are only FIELD=VALUE operands",
		    STR_ARG(c->words[at]));
	if (!err)
		err = read_message(c, &text);
	if (!err)
		err = mail_parse(str_of(&text), &m, &c->diag);
	if (!err)
		err = log_message(j, &m);
	mail_clear(&m);
	buf_clear(&text);
	return err;
}

static void
job_clear(struct job *j)
{
	for (size_t i = 0; j->holds && i <= j->nassigns; i++)
		buf_clear(&j->holds[i]);
	free(j->holds);
	free(j->assigns);
	buf_clear(&j->text);
	buf_clear(&j->due);
	writer_free(j->writer);
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
	err = c.opt.mail ? run_mail(&j) : run_log(&j);
	job_clear(&j);
	return cli_end(&c, err);
}
