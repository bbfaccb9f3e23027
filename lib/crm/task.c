/* SPDX-License-Identifier: ISC */
/* task: the life of a task, and the next of a series. */
#include "crm/task.h"
#include "base/num.h"
#include "base/recur.h"
#include "crm/day.h"
#include "crm/log.h"

static struct str
task_get(const struct record *rec, const char *name)
{
	const struct field *f = schema_field(rec->kind, str_from(name));

	if (!f || f->slot == SLOT_NONE)
		return (struct str){0};
	return row_get(&rec->row, f->slot);
}

static bool
task_closed(const struct record *rec)
{
	const struct field *f = schema_field(rec->kind, STR("status"));
	const struct choice *c;

	c = f ? field_choice(f, task_get(rec, "status")) : NULL;
	return c && c->closed;
}

/* The task ID; what else there could be gets a hint. */
static enum crm_err
task_open(struct store *s, struct id id, struct record *rec, struct diag *dg)
{
	enum crm_err err = store_get(s, id, rec, dg);
	struct buf text = {0};

	if (err || id.kind == KIND_TASK)
		return err;
	id_print(store_schema(s), id, &text);
	if (id.kind == KIND_CONTACT || id.kind == KIND_ORG)
		err = diag_set(dg, CRM_USAGE,
		    "%s is %s %.*s, not a task; its cadence starts again when "
		    "you log something: crm-log %s TEXT",
		    buf_z(&text), id.kind == KIND_ORG ? "an" : "a",
		    STR_ARG(rec->kind->name), buf_z(&text));
	else
		err = diag_set(dg, CRM_USAGE, "%s is a %.*s, not a task",
		    buf_z(&text), STR_ARG(rec->kind->name));
	buf_clear(&text);
	return err;
}

static enum crm_err
set_when(struct writer *w, const char *name, const struct when *when,
    struct diag *dg)
{
	struct buf text = {0};
	enum crm_err err;

	when_print(when, &text);
	err =
	    text.failed ? diag_nomem(dg) : log_set(w, name, str_of(&text), dg);
	buf_clear(&text);
	return err;
}

static enum crm_err
set_day(struct writer *w, const char *name, int day, struct diag *dg)
{
	return set_when(w, name, &(struct when){.day = day}, dg);
}

static enum crm_err
set_number(struct writer *w, const char *name, uint64_t n, struct diag *dg)
{
	struct buf text = {0};
	enum crm_err err;

	buf_addu(&text, n);
	err =
	    text.failed ? diag_nomem(dg) : log_set(w, name, str_of(&text), dg);
	buf_clear(&text);
	return err;
}

/* ---- adding ------------------------------------------------------------ */

/* The first of a series knows where the series starts. */
static enum crm_err
set_rule(struct writer *w, const struct task_entry *t, struct diag *dg)
{
	enum crm_err err = log_set(w, "every", t->rule, dg);

	if (!err)
		err = set_day(w, "anchor", t->due.day, dg);
	if (!err)
		err = set_number(w, "serial", 1, dg);
	return err;
}

enum crm_err
task_add(struct writer *w, struct store *s, struct id target,
    const struct task_entry *t, struct id *id, struct diag *dg)
{
	const struct kind *k = schema_kind_no(store_schema(s), KIND_TASK);
	enum writer_done done;
	enum crm_err err;

	err = writer_create(w, k, dg);
	if (!err)
		err = log_set(w, "title", t->title, dg);
	if (!err)
		err = set_when(w, "due", &t->due, dg);
	if (!err && t->rule.n)
		err = set_rule(w, t, dg);
	if (!err)
		err = log_target(w, s, target, dg);
	for (size_t i = 0; !err && i < t->nassigns; i++)
		err = writer_assign(w, &t->assigns[i], dg);
	if (!err)
		err = writer_commit(w, id, &done, dg);
	return err;
}

/* ---- the next of a series ---------------------------------------------- */

/* Where a series stands when one of its tasks is closed. */
struct series {
	struct recur rule;
	struct when due, start;
	bool has_due, has_start;
	int anchor;
	uint64_t serial;
	int next;
};

/* Reads it from the task; *goes_on tells whether there is a next one. */
static enum crm_err
series_read(const struct record *rec, const struct clock *clock,
    struct series *se, bool *goes_on, struct diag *dg)
{
	struct str rule = task_get(rec, "every");
	int today = when_today(clock);
	enum crm_err err;

	*goes_on = false;
	if (!rule.n)
		return CRM_OK;
	err = recur_parse(rule, clock, &se->rule, dg);
	if (err) {
		diag_place(dg, "every");
		return CRM_DATA;
	}
	se->has_due = day_read(task_get(rec, "due"), &clock->zone, &se->due);
	se->has_start =
	    day_read(task_get(rec, "start"), &clock->zone, &se->start);
	if (!se->has_due)
		se->due = (struct when){.day = today};
	if (!date_parse(task_get(rec, "anchor"), &se->anchor))
		se->anchor = se->due.day;
	if (!num_u64(task_get(rec, "serial"), &se->serial) ||
	    se->serial >= INT32_MAX)
		se->serial = 1;
	*goes_on = recur_next(&se->rule, se->anchor, se->due.day, today, today,
	    (int)se->serial, &se->next);
	return CRM_OK;
}

/* What a next task does not take over from the one before. */
static bool
stays_behind(const struct field *f)
{
	static const char *const names[] = {
	    "status", "done", "due", "start", "anchor", "serial", "ext"};

	if (f->automatic || f->unique || f->derived)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(f->name, names[i]))
			return true;
	return false;
}

static enum crm_err
copy_fields(struct writer *w, const struct record *rec, struct diag *dg)
{
	const struct field *f;
	struct str value;
	unsigned at = 0, slot;
	enum crm_err err = CRM_OK;

	while (!err && row_each(&rec->row, &at, &slot, &value)) {
		f = slot < rec->kind->nslots ? rec->kind->slots[slot] : NULL;
		if (f && !stays_behind(f))
			err = writer_set(w, f, ASSIGN_SET, value, dg);
	}
	return err;
}

static enum crm_err
add_next(struct writer *w, const struct record *rec, const struct series *se,
    const struct zone *z, struct id *id, struct diag *dg)
{
	struct when due = day_move(&se->due, se->next, z);
	int lead = se->next - se->due.day;
	struct when start = day_move(&se->start, se->start.day + lead, z);
	enum writer_done done;
	enum crm_err err;

	err = writer_create(w, rec->kind, dg);
	if (!err)
		err = copy_fields(w, rec, dg);
	if (!err)
		err = set_when(w, "due", &due, dg);
	if (!err && se->has_start)
		err = set_when(w, "start", &start, dg);
	if (!err)
		err = set_day(w, "anchor", se->anchor, dg);
	if (!err)
		err = set_number(w, "serial", se->serial + 1, dg);
	if (!err)
		err = writer_commit(w, id, &done, dg);
	return err;
}

/* ---- closing and moving ------------------------------------------------ */

enum crm_err
task_done(struct writer *w, struct store *s, struct id id,
    const struct clock *clock, struct id *next, bool *closed, struct diag *dg)
{
	struct when now = {.has_time = true, .utc = clock_now(clock)};
	enum writer_done done;
	struct series se = {0};
	struct record rec;
	enum crm_err err;
	bool goes_on;

	*next = (struct id){0};
	err = task_open(s, id, &rec, dg);
	*closed = !err && task_closed(&rec);
	if (err || *closed)
		return err;
	err = series_read(&rec, clock, &se, &goes_on, dg);
	if (!err && goes_on)
		err = add_next(w, &rec, &se, &clock->zone, next, dg);
	if (!err)
		err = writer_update(w, id, dg);
	if (!err)
		err = log_set(w, "status", STR("done"), dg);
	if (!err)
		err = set_when(w, "done", &now, dg);
	if (!err)
		err = writer_commit(w, &id, &done, dg);
	return err;
}

enum crm_err
task_drop(struct writer *w, struct store *s, struct id id, bool *closed,
    struct diag *dg)
{
	enum writer_done done;
	struct record rec;
	enum crm_err err;

	err = task_open(s, id, &rec, dg);
	*closed = !err && task_closed(&rec);
	if (err || *closed)
		return err;
	err = writer_update(w, id, dg);
	if (!err)
		err = log_set(w, "status", STR("cancelled"), dg);
	if (!err)
		err = writer_commit(w, &id, &done, dg);
	return err;
}

enum crm_err
task_snooze(struct writer *w, struct store *s, struct id id,
    const struct when *due, const struct zone *z, struct diag *dg)
{
	enum writer_done done;
	struct when old;
	struct record rec;
	enum crm_err err;
	bool anchor;

	err = task_open(s, id, &rec, dg);
	if (!err && task_closed(&rec))
		return diag_set(dg, CRM_DATA,
		    "the task is closed; open it again with crm-edit "
		    "status=todo");
	if (err)
		return err;
	anchor = task_get(&rec, "every").n && !task_get(&rec, "anchor").n &&
		 day_read(task_get(&rec, "due"), z, &old);
	err = writer_update(w, id, dg);
	if (!err && anchor)
		err = set_day(w, "anchor", old.day, dg);
	if (!err)
		err = set_when(w, "due", due, dg);
	if (!err)
		err = writer_commit(w, &id, &done, dg);
	return err;
}
