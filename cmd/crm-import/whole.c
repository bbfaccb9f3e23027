/* SPDX-License-Identifier: ISC */
/* whole: an export of a whole store becomes a store. */
#include "cli/msg.h"
#include "crm-import/job.h"
#include "crm/archive.h"
#include "crm/archive_read.h"

enum { FAULTS_MAX = 20 };

struct whole {
	struct job *job;
	uint64_t faults;
};

static void
fault_say(void *arg, const char *line)
{
	struct whole *w = arg;

	progress_wipe(&w->job->progress);
	if (w->faults++ < FAULTS_MAX)
		msg_say(w->job->c->cmd->name, "%s", line);
}

static void
tell(void *arg, uint64_t records)
{
	struct whole *w = arg;

	report_progress(w->job, records);
}

bool
whole_is(const char *file)
{
	return archive_is_dir(file);
}

static enum crm_err
options_check(const struct job *j)
{
	const struct opts *o = &j->c->opt;
	const char *wrong = NULL;

	if (j->nkeys)
		wrong = "-k";
	else if (o->profile || o->map)
		wrong = "--profile and --map";
	else if (o->keep_going || o->rejects)
		wrong = "--keep-going and --rejects";
	else if (j->kind)
		wrong = "a kind";
	else if (j->nfiles != 1)
		wrong = "another file";
	if (!wrong)
		return CRM_OK;
	return diag_set(&j->c->diag, CRM_USAGE,
	    "an export of a whole store makes a store of just that: it goes "
	    "not with %s",
	    wrong);
}

static enum crm_err
whole_read(struct job *j, struct input *in, const char *dir)
{
	struct cli *c = j->c;
	struct whole w = {.job = j};
	struct archive_options o = {.who = &c->origin,
	    .found = fault_say,
	    .arg = &w,
	    .progress = {.tell = tell, .arg = &w},
	    .dry = c->opt.dry_run};
	struct source src = {0};
	uint64_t records = 0;
	enum crm_err err = options_check(j);

	if (err)
		return err;
	progress_start(&j->progress, c);
	if (in)
		src = input_source(in);
	if (in)
		err = archive_read(c->store, &src, &o, &records, &c->diag);
	else
		err = archive_read_dir(c->store, dir, &o, &records, &c->diag);
	progress_wipe(&j->progress);
	if (w.faults > FAULTS_MAX)
		msg_say(c->cmd->name, "and %llu more",
		    (unsigned long long)(w.faults - FAULTS_MAX));
	if (!err)
		cli_warn(c, "%s%llu records, ids and times as they were",
		    c->opt.dry_run ? "dry run: " : "",
		    (unsigned long long)records);
	return err;
}

enum crm_err
whole_dir(struct job *j, const char *file)
{
	return whole_read(j, NULL, file);
}

enum crm_err
whole_file(struct job *j, struct input *in)
{
	j->input = in;
	return whole_read(j, in, NULL);
}
