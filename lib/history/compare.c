/* SPDX-License-Identifier: ISC */
/* compare: the records of a store beside the files of its history, both in
 * order of their ids. */
#include "history/files.h"
#include "history/rebuild.h"
#include "history/record_text.h"

struct compare {
	struct store *s;
	struct repo *r;
	struct repo_head head;
	struct touched *touched;
	void (*found)(void *arg, const char *line);
	void *arg;
	uint64_t *records, *faults;
	const struct kind *kind; /* under way; NULL: none yet */
	bool seen[KIND_LIMIT];
	struct scan *sc; /* of its records */
	struct id id;	 /* the next one of them; num 0: none is left */
	struct buf text, hold, line;
};

/* ---- what is said ----------------------------------------------------- */

static void
say(struct compare *c, struct str name, const char *what)
{
	struct diag dg = {0};

	(*c->faults)++;
	diag_set(&dg, CRM_NO, "%.*s: %s", STR_ARG(name), what);
	c->found(c->arg, diag_text(&dg));
	diag_clear(&dg);
}

static void
say_id(struct compare *c, struct id id, const char *what)
{
	buf_reset(&c->line);
	id_print(store_schema(c->s), id, &c->line);
	say(c, str_of(&c->line), what);
}

static void
say_field(struct compare *c, struct str name, const struct field *f,
    struct str store, struct str history)
{
	struct diag dg = {0};

	diag_set(&dg, CRM_NO,
	    "%.*s: '%.*s' in the store, '%.*s' in the history",
	    STR_ARG(f->name), STR_ARG(store), STR_ARG(history));
	say(c, name, diag_text(&dg));
	diag_clear(&dg);
}

/* ---- one record ------------------------------------------------------- */

/* The texts differ: in which fields? */
static void
tell_fields(struct compare *c, const struct row *row, const struct file *f)
{
	struct str values[ROW_SLOTS];
	struct diag why = {0};
	bool any = false;

	if (record_values(c->kind, f->text, touched_time(c->touched, &f->name),
		values, &c->hold, &why) != CRM_OK) {
		say(c, f->name.name, diag_text(&why));
		diag_clear(&why);
		return;
	}
	for (unsigned i = 0; i < c->kind->nslots; i++) {
		struct str v = row_get(row, i);

		if (!c->kind->slots[i] || str_eq(v, values[i]))
			continue;
		any = true;
		say_field(c, f->name.name, c->kind->slots[i], v, values[i]);
	}
	if (!any)
		say(c, f->name.name, "its file is written in another way");
}

static enum crm_err
compare_record(struct compare *c, const struct file *f, struct diag *dg)
{
	struct record r;
	enum crm_err err = scan_record(c->sc, &r, dg);

	if (err != CRM_OK)
		return err;
	(*c->records)++;
	buf_reset(&c->text);
	record_text(c->kind, &r.row, false, &c->text);
	if (str_eq(str_of(&c->text), f->text) &&
	    record_updated_at(&r.row, touched_time(c->touched, &f->name)))
		return CRM_OK;
	buf_reset(&c->text);
	record_text(c->kind, &r.row, true, &c->text);
	if (c->text.failed)
		return diag_nomem(dg);
	if (!str_eq(str_of(&c->text), f->text))
		tell_fields(c, &r.row, f);
	return CRM_OK;
}

/* ---- side by side ----------------------------------------------------- */

static enum crm_err
step(struct compare *c, struct diag *dg)
{
	bool got;
	enum crm_err err = scan_next(c->sc, &c->id, &got, dg);

	if (err == CRM_OK && !got)
		c->id.num = 0;
	return err;
}

/* What is left of the store's records of the kind under way. */
static enum crm_err
kind_end(struct compare *c, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	while (c->sc && err == CRM_OK && c->id.num) {
		say_id(c, c->id, "not in the history");
		err = step(c, dg);
	}
	scan_close(c->sc);
	c->sc = NULL;
	return err;
}

static enum crm_err
kind_begin(struct compare *c, const struct kind *k, struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_KIND, .kind = k, .bare = true};
	enum crm_err err = kind_end(c, dg);

	c->kind = k;
	c->seen[k->no] = true;
	if (err == CRM_OK)
		err = scan_open(&c->sc, c->s, &spec, dg);
	return err == CRM_OK ? step(c, dg) : err;
}

static enum crm_err
compare_file(struct compare *c, const struct file *f, struct diag *dg)
{
	const struct schema *schema = store_schema(c->s);
	const struct kind *k = schema_kind_prefix(schema, f->name.prefix);
	struct id id;
	enum crm_err err = CRM_OK;

	if (!k || !id_parse(schema, f->name.name, &id)) {
		say(c, f->name.name, "no kind has such ids");
		return CRM_OK;
	}
	if (k != c->kind)
		err = kind_begin(c, k, dg);
	while (err == CRM_OK && c->id.num && id_cmp(c->id, id) < 0) {
		say_id(c, c->id, "not in the history");
		err = step(c, dg);
	}
	if (err != CRM_OK)
		return err;
	if (c->id.num == 0 || !id_eq(c->id, id)) {
		say(c, f->name.name, "not in the store");
		return CRM_OK;
	}
	err = compare_record(c, f, dg);
	return err == CRM_OK ? step(c, dg) : err;
}

static enum crm_err
compare_all(struct compare *c, struct diag *dg)
{
	const struct schema *schema = store_schema(c->s);
	const struct kind *k = schema_kind_at(schema, 0);
	struct files *files = NULL;
	struct file f;
	bool got = true;
	enum crm_err err =
	    files_open(&files, c->r, c->head.commit, (struct str){0}, dg);

	while (err == CRM_OK) {
		err = files_next(files, &f, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = compare_file(c, &f, dg);
	}
	files_close(files);
	if (err == CRM_OK)
		err = kind_end(c, dg);
	for (size_t i = 1; k && err == CRM_OK; k = schema_kind_at(schema, i++))
		if (!c->seen[k->no]) {
			err = kind_begin(c, k, dg);
			if (err == CRM_OK)
				err = kind_end(c, dg);
		}
	return err;
}

/* A snapshot of the store at the very transaction of the last commit: that is
 * so as soon as nobody writes between the drain and the look. */
static enum crm_err
meet(struct compare *c, const struct drain_options *o, struct diag *dg)
{
	struct journal_state state;
	uint64_t written;
	enum crm_err err;

	for (int i = 0; i < 100; i++) {
		err = drain_run(c->s, c->r, o, &written, dg);
		store_pause(c->s);
		if (err == CRM_OK)
			err = store_reload(c->s, dg);
		if (err == CRM_OK)
			err = repo_head(c->r, &c->head, dg);
		if (err == CRM_OK)
			err = journal_state(c->s, &state, dg);
		if (err != CRM_OK || state.last == c->head.txn)
			return err;
	}
	return diag_set(dg, CRM_TEMP,
	    "%s: others keep writing; try again when they rest",
	    store_path(c->s));
}

enum crm_err
compare_run(struct store *s, struct repo *r, const struct drain_options *o,
    void (*found)(void *arg, const char *line), void *arg, uint64_t *records,
    uint64_t *faults, struct diag *dg)
{
	struct compare c = {.s = s,
	    .r = r,
	    .found = found,
	    .arg = arg,
	    .records = records,
	    .faults = faults};
	enum crm_err err = meet(&c, o, dg);

	*records = *faults = 0;
	if (err == CRM_OK)
		err = touched_build(&c.touched, r, c.head.commit, dg);
	if (err == CRM_OK)
		err = compare_all(&c, dg);
	scan_close(c.sc);
	touched_free(c.touched);
	buf_clear(&c.text);
	buf_clear(&c.hold);
	buf_clear(&c.line);
	return err;
}
