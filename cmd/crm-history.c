/* SPDX-License-Identifier: ISC */
/* crm-history: what was changed when and by whom; takes it back. */
#include "base/near.h"
#include "crm-history/verbs.h"

static const char *const takes[] = {"since", "by",
    "after:TXN:later than transaction TXN",
    "limit:N:N rows, then to the end of the transaction",
    "fields:FIELDS:print these columns", "no-header", "format", "output",
    "dry-run", "force::undo what was changed again, too", "reason", "yes",
    NULL};

static const struct command command = {
    .name = "crm-history",
    .synopsis =
	"crm-history log [-Hqv] [--since WHEN] [--by USER] [--after TXN] "
	"[-l N]\n"
	"        [-f FIELDS] [-O FORMAT] [-o FILE] [REF...|QUERY...|-]\n"
	"crm-history show TXN|diff A..B [-Hqv] [-f FIELDS] [-O FORMAT] "
	"[-o FILE]\n"
	"crm-history at [-Hqv] [-f FIELDS] [-O FORMAT] [-o FILE] WHEN|TXN "
	"REF\n"
	"crm-history undo [-Hnqv] [--force] [-m REASON] [-O FORMAT] "
	"TXN|A..B\n"
	"crm-history keep [-qvy] [all|none|N]\n"
	"crm-history init|drain|status|verify [-qv]\n"
	"crm-history rebuild DIR [REPOSITORY]|eager [yes|no] [-qv]",
    .examples = "crm-history log --since mon c42\n"
		"crm-history undo -n 12\n"
		"crm-history at 2026-01-31 c42",
    .takes = takes,
    .keeps = "w",
};

#ifndef CRM_WITH_GIT
/* What libgit2 is needed for. */
enum crm_err
run_git(struct job *j)
{
	return diag_set(&j->c->diag, CRM_CONFIG,
	    "%.*s: built without the git history (WITH_GIT=0)",
	    STR_ARG(j->verb));
}
#endif

/* The options of a verb are those of its line in the synopsis. */
static const struct verb {
	const char *name;
	enum crm_err (*run)(struct job *j);
	const char *takes;
	bool follow; /* the git history is brought up to date behind it */
} verbs[] = {
    {"log", run_log, "since by after limit fields no-header format output",
	true},
    {"show", run_show, "fields no-header format output", true},
    {"diff", run_diff, "fields no-header format output", true},
    {"at", run_at, "fields no-header format output", true},
    {"undo", run_undo, "dry-run force reason no-header format", true},
    {"keep", run_keep, "yes", false},
    {"init", run_git, "", false},
    {"drain", run_git, "", false},
    {"status", run_git, "", false},
    {"verify", run_git, "", false},
    {"rebuild", run_git, "", false},
    {"eager", run_git, "", false},
};

static enum crm_err
no_verb(struct cli *c)
{
	struct near near = {.word = c->nwords ? c->words[0] : STR("")};

	if (c->nwords)
		diag_set(&c->diag, CRM_USAGE, "unknown verb '%.*s'; there are",
		    STR_ARG(c->words[0]));
	else
		diag_set(&c->diag, CRM_USAGE,
		    "say what to do, as in crm-history log; there are");
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		diag_more(&c->diag, "%s %s", i ? "," : "", verbs[i].name);
		near_offer(&near, str_from(verbs[i].name));
	}
	if (near.best.n)
		diag_more(&c->diag, "; did you mean %.*s?", STR_ARG(near.best));
	return CRM_USAGE;
}

static bool
verb_takes(const struct verb *v, const char *option)
{
	for (struct str rest = str_from(v->takes); rest.p;)
		if (str_is(str_cut(&rest, ' '), option))
			return true;
	return false;
}

static enum crm_err
check_options(struct cli *c, const struct verb *v)
{
	const struct {
		const char *name;
		bool given;
	} options[] = {
	    {"since", c->opt.since != NULL},
	    {"by", c->opt.by != NULL},
	    {"after", c->opt.after != NULL},
	    {"limit", c->opt.limit != UINT64_MAX},
	    {"fields", c->opt.fields != NULL},
	    {"no-header", c->opt.no_header},
	    {"format", c->opt.format != NULL},
	    {"output", c->opt.output != NULL},
	    {"dry-run", c->opt.dry_run},
	    {"force", c->opt.force},
	    {"reason", c->opt.reason != NULL},
	    {"yes", c->opt.yes},
	};

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].given && !verb_takes(v, options[i].name))
			return diag_set(&c->diag, CRM_USAGE,
			    "%s takes no --%s; see crm-history -h", v->name,
			    options[i].name);
	return CRM_OK;
}

static enum crm_err
run(struct job *j)
{
	struct cli *c = j->c;
	const struct verb *v = verbs;
	enum crm_err err;

	while (v < verbs + ARRAY_LEN(verbs) &&
	       !(c->nwords && str_is(c->words[0], v->name)))
		v++;
	if (v == verbs + ARRAY_LEN(verbs))
		return no_verb(c);
	err = check_options(c, v);
	if (err)
		return err;
	j->verb = c->words[0];
	j->words = c->words + 1;
	j->nwords = c->nwords - 1;
	err = v->run(j);
	if (!err && v->follow)
		cli_follow(c);
	return err;
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
	err = run(&j);
	emit_free(j.emit);
	changes_free(j.rows);
	past_free(j.past);
	return cli_end(&c, err);
}
