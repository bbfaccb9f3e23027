/* SPDX-License-Identifier: ISC */
/* crm-followup: what is due; adds, closes, moves and cancels tasks. */
#include "crm/followup.h"
#include "base/near.h"
#include "base/recur.h"
#include "cli/assign.h"
#include "cli/cli.h"
#include "crm/task.h"
#include "crm/write.h"
#include "query/query.h"

#include <unistd.h>

enum { BULK = 1000 }; /* more records than this are sorted in first */

static const char *const takes[] = {"until", "all", "every", "after", "fields",
    "limit", "ids", "no-header", "format", "output", "null", "exit-status",
    "reason", "dry-run", NULL};

static const struct command command = {
    .name = "crm-followup",
    .synopsis =
	"crm-followup [-aeHi0qv] [--until WHEN] [-f FIELDS] [-l N] [-O "
	"FORMAT]\n"
	"        [-o FILE] [KIND] [QUERY...|-]\n"
	"crm-followup add [-nqv] [-m REASON] [--every RULE|--after INTERVAL]\n"
	"        REF|- WHEN [FIELD=VALUE...] [--] TEXT...\n"
	"crm-followup done|drop [-nqv] [-m REASON] REF...|-\n"
	"crm-followup snooze [-nqv] [-m REASON] WHEN REF...|-",
    .examples =
	"crm-followup --until eow city=Bern\n"
	"crm-followup add ada@example.org +2d --every 2w call\n"
	"crm-find -i tag=lead 'last<-90d' | crm-followup add - mon call",
    .takes = takes,
    .keeps = "wix",
};

struct job {
	struct cli *c;
	struct writer *writer;
	struct id *ids;
	size_t nids;
	struct buf *holds; /* values that were read from files */
	struct assign *assigns;
	size_t nassigns;
	struct buf title, rule;
};

/* ---- the list ---------------------------------------------------------- */

static int
compare_ids(const void *a, const void *b)
{
	return id_cmp(*(const struct id *)a, *(const struct id *)b);
}

static enum crm_err
list_query(struct job *j, struct followup_options *o, struct query **q)
{
	struct cli *c = j->c;
	const struct schema *schema = store_schema(c->store);
	const struct kind *contact = schema_kind_no(schema, KIND_CONTACT);
	size_t took;

	took = query_kind(schema, c->words, c->nwords, contact, &o->kind);
	if (o->kind->no != KIND_CONTACT && o->kind->no != KIND_ORG &&
	    o->kind->no != KIND_TASK)
		return diag_set(&c->diag, CRM_USAGE,
		    "'%.*s': what is due belongs to a contact, an org or a "
		    "task; write one of these, or nothing",
		    STR_ARG(c->words[0]));
	if (took == c->nwords && o->kind == contact)
		return CRM_OK;
	return query_new(q, c->store, &c->clock, o->kind, c->words + took,
	    c->nwords - took, &c->diag);
}

static enum crm_err
list_options(struct job *j, struct followup_options *o, struct query **q)
{
	struct cli *c = j->c;
	enum crm_err err = CRM_OK;

	*o = (struct followup_options){.clock = &c->clock,
	    .until = {.day = when_today(&c->clock)},
	    .all = c->opt.all};
	if (c->opt.until && c->opt.all)
		return diag_set(&c->diag, CRM_USAGE,
		    "-a lists what is due at any time; leave out --until");
	if (c->opt.until)
		err = when_parse(
		    str_from(c->opt.until), &c->clock, &o->until, &c->diag);
	if (err)
		return err;
	if (c->nwords != 1 || !str_is(c->words[0], "-")) {
		err = c->nwords ? list_query(j, o, q) : CRM_OK;
		o->query = *q;
		return err;
	}
	err = cli_refs(c, NULL, c->words, 1, &j->ids, &j->nids);
	if (!err && j->nids)
		qsort(j->ids, j->nids, sizeof(*j->ids), compare_ids);
	o->only = true;
	o->ids = j->ids;
	o->nids = j->nids;
	return err;
}

static enum crm_err
list_rows(struct cli *c, struct followup_view *v, const struct followup_list *l,
    struct emit *e)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < l->n && i < c->opt.limit; i++) {
		err = followup_view_row(v, l, i, e, &c->diag);
		if (err == CRM_NO)
			err = CRM_OK; /* deleted since it was listed */
		if (!err)
			err = out_drain(&c->out, &c->diag);
	}
	return err;
}

static enum crm_err
list_emit(struct cli *c, struct followup_view *v, const struct followup_list *l)
{
	const struct column *cols;
	struct emit *e = NULL;
	size_t ncols;
	enum crm_err err;

	/* Silence is the promise to cron: not even a header. */
	if (!l->n)
		return CRM_OK;
	cols = followup_view_columns(v, &ncols);
	err = cli_emit(c, FORMAT_TSV, &e);
	if (!err)
		err = emit_begin(e, cols, ncols, &c->diag);
	if (!err)
		err = list_rows(c, v, l, e);
	if (!err)
		err = emit_end(e, &c->diag);
	emit_free(e);
	return err;
}

static void
print_id(struct cli *c, struct id id)
{
	id_print(store_schema(c->store), id, &c->out.buf);
	buf_addc(&c->out.buf, c->opt.nul ? '\0' : '\n');
}

static enum crm_err
run_list(struct job *j)
{
	struct cli *c = j->c;
	const char *fields = c->opt.fields ? c->opt.fields : "";
	struct followup_options o;
	struct followup_view *v = NULL;
	struct followup_list l = {0};
	struct query *q = NULL;
	enum crm_err err = list_options(j, &o, &q);

	if (!err)
		err = followup_view_new(
		    &v, c->store, &c->clock, str_from(fields), &c->diag);
	if (!err)
		err = followup_list(c->store, &o, &l, &c->diag);
	if (!err && c->opt.ids)
		for (size_t i = 0; i < l.n && i < c->opt.limit; i++)
			print_id(c, l.items[i].id);
	else if (!err)
		err = list_emit(c, v, &l);
	if (!err && c->opt.exit_status && !l.n)
		err = CRM_NO;
	followup_clear(&l);
	followup_view_free(v);
	query_free(q);
	return err;
}

/* ---- writing ----------------------------------------------------------- */

static void
warn(void *arg, const char *text)
{
	cli_warn(arg, "%s", text);
}

/* The records, from word AT on, and a transaction to change them in. */
static enum crm_err
begin(struct job *j, size_t at, size_t n)
{
	struct cli *c = j->c;
	struct writer_options o = {.clock = &c->clock, .warn = warn, .arg = c};
	enum crm_err err;

	err = cli_open(c, true);
	if (!err)
		err = cli_refs(c, NULL, c->words + at, n, &j->ids, &j->nids);
	if (!err)
		err = writer_new(&j->writer, c->store, &o, &c->diag);
	if (!err && j->nids)
		err =
		    store_begin(c->store, &c->origin, j->nids > BULK, &c->diag);
	return err;
}

/* All or nothing; the ids printed so far stand for what is stored. */
static enum crm_err
finish(struct job *j, const char *verb, enum crm_err err)
{
	struct cli *c = j->c;

	if (!err && j->nids && !c->opt.dry_run)
		return cli_commit(c);
	buf_reset(&c->out.buf);
	if (err || !j->nids)
		return err;
	store_abort(c->store);
	cli_warn(
	    c, "would %s %zu task%s", verb, j->nids, j->nids == 1 ? "" : "s");
	return CRM_OK;
}

/* Reads WORD; says on a terminal how it was read, and warns of the past. */
static enum crm_err
read_due(struct cli *c, struct str word, struct when *due)
{
	struct buf say = {0};
	enum crm_err err;

	err = when_parse(word, &c->clock, due, &c->diag);
	if (err)
		return err;
	when_say(due, &c->clock.zone, &say);
	if (due->has_time ? due->utc < clock_now(&c->clock)
			  : due->day < when_today(&c->clock))
		cli_warn(c, "due %s is past", buf_z(&say));
	else if (term_is(STDERR_FILENO))
		cli_warn(c, "due %s", buf_z(&say));
	err = say.failed ? diag_nomem(&c->diag) : CRM_OK;
	buf_clear(&say);
	return err;
}

/* ---- add --------------------------------------------------------------- */

static enum crm_err
read_rule(struct job *j)
{
	struct cli *c = j->c;
	struct recur rule;
	struct buf text = {0};
	enum crm_err err;

	if (!c->opt.every && !c->opt.after)
		return CRM_OK;
	if (c->opt.every && c->opt.after)
		return diag_set(&c->diag, CRM_USAGE,
		    "--every counts from the first date, --after from "
		    "completion; take one");
	buf_addf(&text, "%s%s", c->opt.after ? "after " : "",
	    c->opt.after ? c->opt.after : c->opt.every);
	err = text.failed
		  ? diag_nomem(&c->diag)
		  : recur_parse(str_of(&text), &c->clock, &rule, &c->diag);
	buf_clear(&text);
	if (err)
		return err;
	recur_print(&rule, &j->rule);
	return j->rule.failed ? diag_nomem(&c->diag) : CRM_OK;
}

/* FIELD=VALUE words from AT on, then the title. */
static enum crm_err
read_title(struct job *j, size_t at)
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
		err = cli_assign_field(c, KIND_TASK, &j->assigns[j->nassigns]);
		if (err)
			return err;
		if (str_is(j->assigns[j->nassigns].field, "title"))
			buf_add(&j->title, j->assigns[j->nassigns].value);
		j->nassigns++;
	}
	if (at < c->nwords)
		buf_reset(&j->title);
	for (size_t i = at; i < c->nwords; i++) {
		if (i > at)
			buf_addc(&j->title, ' ');
		buf_add(&j->title, c->words[i]);
	}
	if (!j->title.failed && !str_trim(str_of(&j->title)).n)
		return diag_set(&c->diag, CRM_USAGE,
		    "no text; write crm-followup add REF WHEN TEXT");
	return j->title.failed ? diag_nomem(&c->diag) : CRM_OK;
}

static enum crm_err
run_add(struct job *j)
{
	struct cli *c = j->c;
	struct task_entry entry = {0};
	struct id id;
	enum crm_err err;

	if (c->nwords < 3)
		return diag_set(&c->diag, CRM_USAGE,
		    "too few operands; write crm-followup add REF WHEN TEXT");
	err = read_due(c, c->words[2], &entry.due);
	if (!err)
		err = read_rule(j);
	if (!err)
		err = begin(j, 1, 1);
	if (!err)
		err = read_title(j, 3);
	entry.title = str_of(&j->title);
	entry.rule = str_of(&j->rule);
	entry.assigns = j->assigns;
	entry.nassigns = j->nassigns;
	for (size_t i = 0; !err && i < j->nids; i++) {
		err = task_add(
		    j->writer, c->store, j->ids[i], &entry, &id, &c->diag);
		if (!err)
			print_id(c, id);
	}
	return finish(j, "add", err);
}

/* ---- done, drop, snooze ------------------------------------------------ */

/* A message about one of many says which. */
static void
place(struct job *j, struct id id, enum crm_err err)
{
	struct buf text = {0};

	if (!err || id.kind != KIND_TASK)
		return;
	id_print(store_schema(j->c->store), id, &text);
	diag_place(&j->c->diag, "%s", buf_z(&text));
	buf_clear(&text);
}

static void
warn_closed(struct job *j, struct id id)
{
	struct buf text = {0};

	id_print(store_schema(j->c->store), id, &text);
	cli_warn(j->c, "%s: closed before", buf_z(&text));
	buf_clear(&text);
}

static enum crm_err
need_refs(struct cli *c, size_t at, const char *usage)
{
	if (c->nwords > at)
		return CRM_OK;
	return diag_set(&c->diag, CRM_USAGE,
	    "no task; write crm-followup %s, or - for tasks on standard input",
	    usage);
}

static enum crm_err
run_done(struct job *j)
{
	struct cli *c = j->c;
	struct id next;
	enum crm_err err;
	bool closed;

	err = need_refs(c, 1, "done REF...");
	if (!err)
		err = begin(j, 1, c->nwords - 1);
	for (size_t i = 0; !err && i < j->nids; i++) {
		err = task_done(j->writer, c->store, j->ids[i], &c->clock,
		    &next, &closed, &c->diag);
		place(j, j->ids[i], err);
		if (!err && closed)
			warn_closed(j, j->ids[i]);
		if (!err && next.num)
			print_id(c, next);
	}
	return finish(j, "close", err);
}

static enum crm_err
run_drop(struct job *j)
{
	struct cli *c = j->c;
	enum crm_err err;
	bool closed;

	err = need_refs(c, 1, "drop REF...");
	if (!err)
		err = begin(j, 1, c->nwords - 1);
	for (size_t i = 0; !err && i < j->nids; i++) {
		err = task_drop(
		    j->writer, c->store, j->ids[i], &closed, &c->diag);
		place(j, j->ids[i], err);
		if (!err && closed)
			warn_closed(j, j->ids[i]);
	}
	return finish(j, "drop", err);
}

static enum crm_err
run_snooze(struct job *j)
{
	struct cli *c = j->c;
	struct when due;
	enum crm_err err;

	err = need_refs(c, 2, "snooze WHEN REF...");
	if (!err)
		err = read_due(c, c->words[1], &due);
	if (!err)
		err = begin(j, 2, c->nwords - 2);
	for (size_t i = 0; !err && i < j->nids; i++) {
		err = task_snooze(j->writer, c->store, j->ids[i], &due,
		    &c->clock.zone, &c->diag);
		place(j, j->ids[i], err);
	}
	return finish(j, "move", err);
}

/* ---- which ------------------------------------------------------------- */

static const struct {
	const char *name;
	enum crm_err (*run)(struct job *j);
} verbs[] = {
    {"add", run_add},
    {"done", run_done},
    {"drop", run_drop},
    {"snooze", run_snooze},
};

/* A plain word that is no kind, and nothing behind it that joins terms? */
static bool
begins_like_a_verb(const struct cli *c)
{
	struct str word = c->nwords ? c->words[0] : STR("");
	bool plain = word.n && !schema_kind(store_schema(c->store), word);

	for (size_t i = 0; i < word.n; i++)
		plain = plain && word.p[i] >= 'a' && word.p[i] <= 'z';
	for (size_t i = 0; i < c->nwords; i++)
		plain = plain && !str_is(c->words[i], "or") &&
			!str_is(c->words[i], "and") &&
			!str_is(c->words[i], "not");
	return plain;
}

/* "dnoe t1" would be a question that nothing answers, and nobody notices. */
static enum crm_err
refuse_misspelt(struct cli *c)
{
	struct near near = {.word = c->nwords ? c->words[0] : STR("")};
	bool any = false, task = false;
	struct id id;

	for (size_t i = 1; i < c->nwords; i++)
		if (id_parse(store_schema(c->store), c->words[i], &id)) {
			any = true;
			task = task || id.kind == KIND_TASK;
		}
	if (!any || !begins_like_a_verb(c))
		return CRM_OK;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		near_offer(&near, str_from(verbs[i].name));
	if (!task && !near.best.n)
		return CRM_OK;
	diag_set(&c->diag, CRM_USAGE, "unknown verb '%.*s'; there are",
	    STR_ARG(near.word));
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		diag_more(&c->diag, "%s %s", i ? "," : "", verbs[i].name);
	if (near.best.n)
		diag_more(&c->diag, "; did you mean %.*s?", STR_ARG(near.best));
	diag_more(&c->diag, "; to search for the word put a ':' before it");
	return CRM_USAGE;
}

static enum crm_err
run(struct job *j)
{
	struct cli *c = j->c;
	size_t verb = 0;
	enum crm_err err;

	while (verb < ARRAY_LEN(verbs) &&
	       !(c->nwords && str_is(c->words[0], verbs[verb].name)))
		verb++;
	if ((c->opt.every || c->opt.after) &&
	    (verb == ARRAY_LEN(verbs) || verbs[verb].run != run_add))
		return diag_set(&c->diag, CRM_USAGE,
		    "--every and --after go with crm-followup add");
	if (verb == ARRAY_LEN(verbs)) {
		err = cli_open(c, false);
		if (!err)
			err = refuse_misspelt(c);
		return err ? err : run_list(j);
	}
	if (c->opt.until || c->opt.all)
		return diag_set(&c->diag, CRM_USAGE,
		    "--until and -a go with the list, not with %s",
		    verbs[verb].name);
	return verbs[verb].run(j);
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
	for (size_t i = 0; j.holds && i <= j.nassigns; i++)
		buf_clear(&j.holds[i]);
	free(j.holds);
	free(j.assigns);
	free(j.ids);
	buf_clear(&j.title);
	buf_clear(&j.rule);
	writer_free(j.writer);
	return cli_end(&c, err);
}
