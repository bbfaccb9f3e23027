/* SPDX-License-Identifier: ISC */
/* git: turns the git history on, writes it, proves it, and makes a store of
 * it. What needs libgit2 runs in a child process that is watched. */
#include "crm-history/verbs.h"

#include "cli/guard.h"
#include "cli/rooms.h"
#include "history/rebuild.h"

enum {
	WAIT_MS = 10000, /* for another command that writes the history */
	HANG_SECONDS = 60,
	MANY_PACKS = 50 /* git gc makes reading faster from here on */
};

struct git_job {
	struct cli *c;
	const struct str *words;
	size_t n;
	struct buf path; /* of the repository */
	enum crm_err (*run)(struct git_job *j);
	volatile uint64_t *beat;
	struct repo *repo;
};

static struct drain_options
options(const struct git_job *j)
{
	return (struct drain_options){
	    .wait_ms = WAIT_MS, .origin = &j->c->origin};
}

static void
print_line(void *arg, const char *line)
{
	struct cli *c = arg;
	struct diag dg = {0};

	buf_addz(&c->out.buf, line);
	buf_addc(&c->out.buf, '\n');
	/* A failed write is remembered and reported at the end. */
	if (out_drain(&c->out, &dg) != CRM_OK)
		buf_reset(&c->out.buf);
	diag_clear(&dg);
}

static enum crm_err
history_is_off(struct cli *c)
{
	return diag_set(&c->diag, CRM_CONFIG,
	    "%s: the git history is off; crm-history init turns it on",
	    store_path(c->store));
}

/* The repository of a store that has one. */
static enum crm_err
open_repo(struct git_job *j)
{
	struct diag *dg = &j->c->diag;
	enum crm_err err = repo_open(&j->repo, buf_z(&j->path), j->beat, dg);

	if (err != CRM_NO)
		return err;
	diag_clear(dg);
	return diag_set(dg, CRM_CONFIG,
	    "%s: the git history is gone; put it back, or crm-history init "
	    "begins a new one",
	    buf_z(&j->path));
}

/* Opens the store and its repository, which must be there. */
static enum crm_err
open_both(struct git_job *j, bool write)
{
	struct cli *c = j->c;
	struct journal_state state;
	enum crm_err err = cli_open(c, write);

	if (!err)
		err = journal_state(c->store, &state, &c->diag);
	if (!err)
		store_pause(c->store);
	if (!err && !state.git)
		return history_is_off(c);
	return err ? err : open_repo(j);
}

/* ---- the verbs, in the child ------------------------------------------ */

static enum crm_err
drain_now(struct git_job *j)
{
	struct drain_options o = options(j);
	uint64_t written = 0;
	enum crm_err err =
	    drain_run(j->c->store, j->repo, &o, &written, &j->c->diag);

	if (!err)
		cli_verbose(j->c, "%llu transaction%s written",
		    (unsigned long long)written, written == 1 ? "" : "s");
	return err;
}

static enum crm_err
run_drain(struct git_job *j)
{
	enum crm_err err = open_both(j, true);

	return err ? err : drain_now(j);
}

static enum crm_err
run_verify(struct git_job *j)
{
	struct cli *c = j->c;
	struct drain_options o = options(j);
	uint64_t records = 0, faults = 0;
	enum crm_err err = open_both(j, true);

	if (!err)
		err = compare_run(c->store, j->repo, &o, print_line, c,
		    &records, &faults, &c->diag);
	if (err)
		return err;
	cli_verbose(c, "%llu records compared", (unsigned long long)records);
	if (faults == 0)
		return CRM_OK;
	return diag_set(&c->diag, CRM_NO,
	    "the store and its history differ in %llu place%s",
	    (unsigned long long)faults, faults == 1 ? "" : "s");
}

/* A history that was there before is taken over only when it is the store's:
 * to the last field. */
static enum crm_err
adopt(struct git_job *j)
{
	struct cli *c = j->c;
	struct drain_options o = options(j);
	struct journal_state state;
	uint64_t records = 0, faults = 0;
	enum crm_err err = compare_run(
	    c->store, j->repo, &o, print_line, c, &records, &faults, &c->diag);

	if (err || faults == 0)
		return err;
	err = store_begin(c->store, &c->origin, false, &c->diag);
	if (!err)
		err = journal_state(c->store, &state, &c->diag);
	state.git = false;
	state.drained = 0;
	if (!err)
		err = journal_configure(c->store, &state, &c->diag);
	if (!err)
		err = store_commit(c->store, &c->diag);
	return err ? err
		   : diag_set(&c->diag, CRM_CONFIG,
			 "%s: the history of another store: %llu differences; "
			 "move it away and run crm-history init again",
			 buf_z(&j->path), (unsigned long long)faults);
}

static enum crm_err
run_init(struct git_job *j)
{
	struct cli *c = j->c;
	struct drain_options o = options(j);
	struct journal_state before = {0};
	bool made = false;
	enum crm_err err = cli_open(c, true);

	if (!err)
		err = journal_state(c->store, &before, &c->diag);
	if (!err)
		err = drain_init(
		    c->store, buf_z(&j->path), j->beat, &o, &made, &c->diag);
	if (!err && made)
		cli_verbose(c, "%s made", buf_z(&j->path));
	if (!err)
		err = repo_open(&j->repo, buf_z(&j->path), j->beat, &c->diag);
	if (!err)
		err = drain_now(j);
	return !err && !made && !before.git ? adopt(j) : err;
}

/* The store that is to be made; the words' own, not -S. */
static enum crm_err
open_new(struct git_job *j)
{
	struct cli *c = j->c;
	struct buf path = {0}, word = {0};
	struct store_options o = {0};
	enum crm_err err;

	buf_add(&word, j->words[0]);
	err = place_store(buf_z(&word), &path, &c->diag);
	o.path = buf_z(&path);
	if (!err && path.failed)
		err = diag_nomem(&c->diag);
	if (!err)
		err = store_open(&c->store, &o, &c->diag);
	c->origin.time = clock_now(&c->clock);
	buf_clear(&word);
	buf_clear(&path);
	return err;
}

static enum crm_err
run_rebuild(struct git_job *j)
{
	struct cli *c = j->c;
	uint64_t records = 0;
	enum crm_err err = open_new(j);

	if (!err)
		err = repo_open(&j->repo, buf_z(&j->path), j->beat, &c->diag);
	if (!err)
		err = rebuild_run(c->store, j->repo, &c->origin, print_line, c,
		    &records, &c->diag);
	if (!err)
		cli_verbose(c, "%llu records", (unsigned long long)records);
	return err;
}

static void
status_line(struct cli *c, const char *name, uint64_t value)
{
	buf_addf(&c->out.buf, "%s\t%llu\n", name, (unsigned long long)value);
}

static void
status_text(struct cli *c, const char *name, const char *value)
{
	buf_addf(&c->out.buf, "%s\t%s\n", name, value);
}

static enum crm_err
status_git(struct git_job *j, const struct journal_state *state)
{
	struct cli *c = j->c;
	struct repo_head head;
	uint64_t packs, loose, bytes;
	enum crm_err err = open_repo(j);

	if (!err)
		err = repo_head(j->repo, &head, &c->diag);
	if (!err)
		err = repo_size(j->repo, &packs, &loose, &bytes, &c->diag);
	if (err)
		return err;
	status_text(c, "eager", state->eager ? "yes" : "no");
	status_line(c, "written", head.txn);
	status_line(
	    c, "behind", state->last > head.txn ? state->last - head.txn : 0);
	status_line(c, "packs", packs);
	status_line(c, "loose", loose);
	status_line(c, "bytes", bytes);
	if (packs > MANY_PACKS)
		cli_warn(c, "%llu packs: git -C %s gc makes one of them",
		    (unsigned long long)packs, buf_z(&j->path));
	if (!head.main_follows)
		cli_warn(c, "main has commits that are not of the store; "
			    "refs/crm/drained goes on without them");
	return CRM_OK;
}

static enum crm_err
run_status(struct git_job *j)
{
	struct cli *c = j->c;
	struct journal_state state = {0};
	enum crm_err err = cli_open(c, false);

	if (!err)
		err = journal_state(c->store, &state, &c->diag);
	if (err)
		return err;
	store_pause(c->store);
	buf_addz(&c->out.buf, "name\tvalue\n");
	status_text(c, "journal", state.off ? "off" : "on");
	status_line(c, "first", state.first);
	status_line(c, "last", state.last);
	status_text(c, "git", state.git ? "on" : "off");
	return state.git ? status_git(j, &state) : CRM_OK;
}

/* ---- without libgit2 -------------------------------------------------- */

static enum crm_err
eager_set(struct cli *c, struct str word)
{
	struct journal_state state;
	bool yes = str_is(word, "yes");
	enum crm_err err;

	if (!yes && !str_is(word, "no"))
		return diag_set(&c->diag, CRM_USAGE,
		    "eager '%.*s': write yes or no", STR_ARG(word));
	err = cli_open(c, true);
	if (!err && store_missing(c->store))
		return history_is_off(c);
	if (!err)
		err = store_begin(c->store, &c->origin, false, &c->diag);
	if (!err)
		err = journal_state(c->store, &state, &c->diag);
	if (!err && !state.git)
		err = history_is_off(c);
	state.eager = yes;
	if (!err)
		err = journal_configure(c->store, &state, &c->diag);
	return err ? err : cli_commit(c);
}

static enum crm_err
eager_verb(struct cli *c, const struct str *words, size_t n)
{
	struct journal_state state;
	enum crm_err err;

	if (n == 1)
		return eager_set(c, words[0]);
	err = cli_open(c, false);
	if (!err)
		err = journal_state(c->store, &state, &c->diag);
	if (!err)
		buf_addz(&c->out.buf, state.eager ? "yes\n" : "no\n");
	return err;
}

/* ---- the child -------------------------------------------------------- */

static int
run_in_child(void *arg, volatile uint64_t *beat)
{
	struct git_job *j = arg;
	enum crm_err err;

	j->beat = beat;
	err = j->run(j);
	repo_close(j->repo);
	buf_clear(&j->path);
	return cli_end(j->c, err);
}

static enum crm_err
run_guarded(struct git_job *j)
{
	struct cli *c = j->c;
	int status;
	enum crm_err err;

	if (j->path.failed)
		return diag_nomem(&c->diag);
	err = guard_run(
	    run_in_child, j, HANG_SECONDS, buf_z(&j->path), &status, &c->diag);
	/* The child has said what there was to say. */
	c->said = !err;
	return err ? err : (enum crm_err)status;
}

/* The repository in the store's directory, or the one that is named. */
static enum crm_err
repository(struct git_job *j, const struct str *named)
{
	struct cli *c = j->c;
	struct buf word = {0};
	enum crm_err err;

	if (named) {
		buf_add(&word, *named);
		err = place_store(buf_z(&word), &j->path, &c->diag);
		buf_clear(&word);
		return err;
	}
	err = place_store(c->opt.store, &j->path, &c->diag);
	buf_addz(&j->path, "/history.git");
	return err;
}

static const struct git_verb {
	const char *name;
	enum crm_err (*run)(struct git_job *j);
	size_t least, most; /* operands */
	const char *usage;
} verbs[] = {
    {"init", run_init, 0, 0, "init"},
    {"drain", run_drain, 0, 0, "drain"},
    {"status", run_status, 0, 0, "status"},
    {"verify", run_verify, 0, 0, "verify"},
    {"rebuild", run_rebuild, 1, 2, "rebuild DIR [REPOSITORY]"},
    {"eager", NULL, 0, 1, "eager, or eager yes|no"},
};

enum crm_err
run_git(struct job *job)
{
	struct git_job j = {.c = job->c, .words = job->words, .n = job->nwords};
	const struct git_verb *v = verbs;
	enum crm_err err;

	while (!str_is(job->verb, v->name))
		v++;
	err = need_words(job, v->least, v->most, v->usage);
	if (err)
		return err;
	if (!v->run)
		return eager_verb(j.c, j.words, j.n);
	for (size_t i = 0; i < j.n; i++)
		if (!j.words[i].n)
			return diag_set(&j.c->diag, CRM_USAGE,
			    "an empty name; write crm-history %s", v->usage);
	j.run = v->run;
	err = repository(&j, j.n == 2 ? &j.words[1] : NULL);
	if (!err)
		err = run_guarded(&j);
	buf_clear(&j.path);
	return err;
}
