/* SPDX-License-Identifier: ISC */
/* followup: walks the due list and keeps what is asked for. */
#include "crm/followup.h"
#include "crm/day.h"
#include "model/record.h"
#include "query/ref.h"

struct gathering {
	struct store *store;
	const struct followup_options *o;
	struct followup_list *list;
	const struct field *priority; /* of a task */
	int64_t limit;		      /* last second that is due */
	int day;		      /* last day that has begun by then */
};

/* What an item shows of its record. */
struct shown {
	struct str priority, contact, org, title;
};

static struct str
value_of(const struct record *rec, const char *name)
{
	const struct field *f = schema_field(rec->kind, str_from(name));

	if (!f || f->slot == SLOT_NONE)
		return (struct str){0};
	return row_get(&rec->row, f->slot);
}

/* The first reference of a value; num 0 when there is none. */
static struct id
ref_in(struct store *s, struct str value)
{
	struct id id;

	if (!value.n || !id_parse(store_schema(s), str_cut(&value, ','), &id))
		return (struct id){0};
	return id;
}

static struct id
ref_of(struct store *s, const struct record *rec, const char *name)
{
	return ref_in(s, value_of(rec, name));
}

static bool
task_is_open(const struct record *rec)
{
	const struct field *f = schema_field(rec->kind, STR("status"));
	const struct choice *c;

	c = f ? field_choice(f, value_of(rec, "status")) : NULL;
	return !c || !c->closed;
}

/* No priority is a normal one. */
static size_t
rank_of(const struct gathering *g, struct str priority)
{
	return g->priority ? field_choice_rank(g->priority,
				 priority.n ? priority : STR("normal"))
			   : 0;
}

/* ---- what is wanted ---------------------------------------------------- */

static bool
id_listed(const struct followup_options *o, struct id id)
{
	size_t lo = 0, hi = o->nids;

	while (id.num && lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = id_cmp(o->ids[mid], id);

		if (!c)
			return true;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

/* The record that the query is asked about; num 0 when there is none. */
static enum crm_err
query_subject(struct gathering *g, const struct followup_item *item,
    struct id *subject, struct diag *dg)
{
	struct record contact;
	enum crm_err err = CRM_OK;

	*subject = (struct id){0};
	if (g->o->kind->no == KIND_TASK)
		*subject = item->task ? item->id : (struct id){0};
	else if (g->o->kind->no == KIND_CONTACT)
		*subject = item->contact;
	else if (item->org.num)
		*subject = item->org;
	else if (item->contact.num) {
		err = store_follow(g->store, item->contact, &contact, dg);
		if (!err)
			*subject = ref_of(g->store, &contact, "org");
	}
	return err;
}

static enum crm_err
item_wanted(struct gathering *g, const struct followup_item *item, bool *yes,
    struct diag *dg)
{
	const struct followup_options *o = g->o;
	struct record rec;
	struct id subject;
	enum crm_err err;

	*yes = true;
	if (o->only)
		*yes = id_listed(o, item->id) || id_listed(o, item->contact) ||
		       id_listed(o, item->org);
	if (!*yes || !o->query)
		return CRM_OK;
	*yes = false;
	err = query_subject(g, item, &subject, dg);
	if (err || !subject.num)
		return err;
	err = store_follow(g->store, subject, &rec, dg);
	if (!err)
		err = query_match(o->query, &rec, yes, dg);
	return err;
}

static enum crm_err
list_add(
    struct followup_list *l, const struct followup_item *item, struct diag *dg)
{
	struct followup_item *items;
	size_t cap;

	if (l->n == l->cap) {
		cap = l->cap ? l->cap * 2 : 64;
		items = realloc(l->items, cap * sizeof(*items));
		if (!items)
			return diag_nomem(dg);
		l->items = items;
		l->cap = cap;
	}
	l->items[l->n++] = *item;
	return CRM_OK;
}

/* Adds ITEM, whose ids are filled in, when it is wanted. Its texts are kept:
 * what shows it need not read the record again. */
static enum crm_err
item_take(struct gathering *g, struct followup_item *item, struct str due,
    const struct shown *text, struct diag *dg)
{
	struct buf *texts = &g->list->texts;
	enum crm_err err;
	bool yes;

	item->texts = texts->n;
	item->priority = (uint32_t)text->priority.n;
	item->rank = rank_of(g, text->priority);
	moment_set(&item->due, due);
	buf_add(texts, text->priority);
	if (!item->task)
		buf_addz(texts, "every ");
	buf_add(texts, text->title);
	item->title = texts->n - item->texts - item->priority;
	if (texts->failed)
		return diag_nomem(dg);
	err = item_wanted(g, item, &yes, dg);
	if (!err && yes)
		return list_add(g->list, item, dg);
	texts->n = item->texts;
	return err;
}

static enum crm_err
take_task(struct gathering *g, struct id id, struct str due,
    const struct shown *text, struct diag *dg)
{
	struct followup_item item = {.id = id,
	    .task = true,
	    .contact = ref_in(g->store, text->contact),
	    .org = ref_in(g->store, text->org)};

	return item_take(g, &item, due, text, dg);
}

/* Adds the record as an item due at DUE, when it is one and wanted. */
static enum crm_err
consider(struct gathering *g, const struct record *rec, struct str due,
    struct diag *dg)
{
	struct followup_item item = {.id = rec->id};
	struct shown text = {0};

	if (rec->id.kind == KIND_TASK) {
		text.priority = value_of(rec, "priority");
		text.contact = value_of(rec, "contact");
		text.org = value_of(rec, "org");
		text.title = value_of(rec, "title");
		return task_is_open(rec) ? take_task(g, rec->id, due, &text, dg)
					 : CRM_OK;
	}
	if (str_is(value_of(rec, "suppress"), "yes"))
		return CRM_OK;
	text.title = value_of(rec, "every");
	if (rec->id.kind == KIND_ORG) {
		item.org = rec->id;
	} else {
		item.contact = rec->id;
		item.org = ref_of(g->store, rec, "org");
	}
	return item_take(g, &item, due, &text, dg);
}

/* ---- the walks --------------------------------------------------------- */

static bool
is_due(const struct gathering *g, struct str text)
{
	int64_t utc;
	int day;

	if (text.n == DATE_LEN)
		return date_parse(text, &day) && (g->o->all || day <= g->day);
	return time_parse(text, &utc) && (g->o->all || utc <= g->limit);
}

/* An entry of a task is as good as the record. */
static enum crm_err
consider_entry(
    struct gathering *g, struct scan *sc, struct id id, struct diag *dg)
{
	struct str v[COVER_VALUES];
	struct record rec;
	bool there = false;
	enum crm_err err = CRM_OK;

	if (id.kind == KIND_TASK)
		err = scan_cover(sc, v, &there, dg);
	if (!err && there)
		return take_task(g, id, scan_key(sc),
		    &(struct shown){v[COVER_PRIORITY], v[COVER_CONTACT],
			v[COVER_ORG], v[COVER_TITLE]},
		    dg);
	if (!err)
		err = scan_record(sc, &rec, dg);
	return err ? err : consider(g, &rec, scan_key(sc), dg);
}

static enum crm_err
walk_due(struct gathering *g, struct str hi, struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_DUE, .hi = hi};
	struct scan *sc = NULL;
	struct id id;
	enum crm_err err;
	bool got;

	err = scan_open(&sc, g->store, &spec, dg);
	while (!err) {
		err = scan_next(sc, &id, &got, dg);
		if (err || !got)
			break;
		if (is_due(g, scan_key(sc)))
			err = consider_entry(g, sc, id, dg);
	}
	scan_close(sc);
	return err;
}

/* Open tasks without a due date stand in no index. */
static enum crm_err
walk_undated(struct gathering *g, struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_KIND,
	    .kind = schema_kind_no(store_schema(g->store), KIND_TASK)};
	struct scan *sc = NULL;
	struct record rec;
	struct id id;
	enum crm_err err;
	bool got;

	err = scan_open(&sc, g->store, &spec, dg);
	while (!err) {
		err = scan_next(sc, &id, &got, dg);
		if (err || !got)
			break;
		err = scan_record(sc, &rec, dg);
		if (!err && !value_of(&rec, "due").n)
			err = consider(g, &rec, (struct str){0}, dg);
	}
	scan_close(sc);
	return err;
}

static int
compare_items(const void *a, const void *b)
{
	const struct followup_item *x = a;
	const struct followup_item *y = b;
	int c;

	if (!x->due.n || !y->due.n)
		c = !x->due.n - !y->due.n;
	else
		c = moment_cmp(&x->due, &y->due);
	if (!c)
		c = x->rank < y->rank ? -1 : x->rank > y->rank;
	return c ? c : id_cmp(x->id, y->id);
}

enum crm_err
followup_list(struct store *s, const struct followup_options *o,
    struct followup_list *out, struct diag *dg)
{
	const struct kind *task = schema_kind_no(store_schema(s), KIND_TASK);
	const struct zone *z = &o->clock->zone;
	struct gathering g = {.store = s, .o = o, .list = out};
	struct buf hi = {0};
	enum crm_err err;

	g.priority = task ? schema_field(task, STR("priority")) : NULL;
	g.limit = o->until.has_time ? o->until.utc
				    : date_to_utc(z, o->until.day + 1, 0) - 1;
	g.day = o->until.has_time ? date_local(z, o->until.utc, NULL)
				  : o->until.day;
	/* Local days end within a day of those of UTC. */
	if (!o->all && o->until.day + 2 <= DATE_MAX)
		date_print(o->until.day + 2, &hi);
	err = hi.failed ? diag_nomem(dg) : walk_due(&g, str_of(&hi), dg);
	if (!err && o->all)
		err = walk_undated(&g, dg);
	if (!err && out->n)
		qsort(out->items, out->n, sizeof(*out->items), compare_items);
	buf_clear(&hi);
	return err;
}

void
followup_clear(struct followup_list *l)
{
	free(l->items);
	buf_clear(&l->texts);
	*l = (struct followup_list){0};
}

bool
followup_overdue(const struct moment *due, const struct clock *clock, int *days)
{
	struct when w;

	if (!day_read(moment_str(due), &clock->zone, &w))
		return false;
	*days = when_today(clock) - w.day;
	return true;
}

/* ---- columns ----------------------------------------------------------- */

enum cell {
	CELL_PATH,
	CELL_ID,
	CELL_DUE,
	CELL_WHAT,
	CELL_CONTACT,
	CELL_ORG,
	CELL_NAME,
	CELL_TITLE,
	CELL_PRIORITY,
	CELL_OVERDUE
};

static const struct field time_field = {.type = TYPE_TIME};
static const struct field int_field = {.type = TYPE_INT};

static const struct {
	const char *name;
	const struct field *field;
	enum cell cell;
} cells[] = {
    {"id", NULL, CELL_ID},
    {"due", &time_field, CELL_DUE},
    {"what", NULL, CELL_WHAT},
    {"contact", NULL, CELL_CONTACT},
    {"org", NULL, CELL_ORG},
    {"name", NULL, CELL_NAME},
    {"title", NULL, CELL_TITLE},
    {"priority", NULL, CELL_PRIORITY},
    {"overdue", &int_field, CELL_OVERDUE},
};

struct view_column {
	enum cell cell;
	struct path *path; /* CELL_PATH */
	uint16_t kind;	   /* of the record it starts from */
};

struct followup_view {
	struct store *store;
	const struct clock *clock;
	struct buf names; /* what the columns' names point into */
	struct column *columns;
	struct view_column *cells;
	size_t n;
	struct buf cell;
};

/* "contact.phone": a path of the item's contact, org or task. */
static enum crm_err
column_path(struct followup_view *v, struct str name, struct diag *dg)
{
	static const uint16_t kinds[] = {KIND_CONTACT, KIND_ORG, KIND_TASK};
	struct view_column *cell = &v->cells[v->n];
	struct column *column = &v->columns[v->n];
	const struct kind *k = NULL;
	struct str rest = name;
	struct str head = str_cut(&rest, '.');
	enum crm_err err;

	for (size_t i = 0; rest.p && !k && i < ARRAY_LEN(kinds); i++) {
		k = schema_kind_no(store_schema(v->store), kinds[i]);
		k = k && str_eq(k->name, head) ? k : NULL;
	}
	if (!k)
		return diag_set(dg, CRM_USAGE,
		    "no such column '%.*s'; there are id, due, what, contact, "
		    "org, name, title, priority, overdue, and contact.FIELD, "
		    "org.FIELD, task.FIELD",
		    STR_ARG(name));
	err = path_new(&cell->path, v->store, k, rest, dg);
	if (err)
		return err;
	cell->kind = k->no;
	column->field = path_field(cell->path);
	column->list = true;
	v->n++;
	return CRM_OK;
}

static enum crm_err
column_add(struct followup_view *v, struct str name, struct diag *dg)
{
	v->columns[v->n] = (struct column){.name = name};
	for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
		if (!str_is(name, cells[i].name))
			continue;
		v->columns[v->n].field = cells[i].field;
		v->cells[v->n++].cell = cells[i].cell;
		return CRM_OK;
	}
	return column_path(v, name, dg);
}

enum crm_err
followup_view_new(struct followup_view **out, struct store *s,
    const struct clock *clock, struct str fields, struct diag *dg)
{
	struct followup_view *v = calloc(1, sizeof(*v));
	struct str rest;
	size_t n = 1;
	enum crm_err err = CRM_OK;

	*out = NULL;
	if (!v)
		return diag_nomem(dg);
	v->store = s;
	v->clock = clock;
	for (size_t i = 0; !fields.n && i < ARRAY_LEN(cells); i++)
		buf_addf(&v->names, "%s%s", i ? "," : "", cells[i].name);
	buf_add(&v->names, fields);
	rest = str_of(&v->names);
	for (size_t i = 0; i < rest.n; i++)
		n += rest.p[i] == ',';
	v->columns = calloc(n, sizeof(*v->columns));
	v->cells = calloc(n, sizeof(*v->cells));
	if (v->names.failed || !v->columns || !v->cells)
		err = diag_nomem(dg);
	while (!err && rest.p)
		err = column_add(v, str_trim(str_cut(&rest, ',')), dg);
	if (err)
		followup_view_free(v);
	else
		*out = v;
	return err;
}

const struct column *
followup_view_columns(const struct followup_view *v, size_t *n)
{
	*n = v->n;
	return v->columns;
}

void
followup_view_free(struct followup_view *v)
{
	if (!v)
		return;
	for (size_t i = 0; v->cells && i < v->n; i++)
		path_free(v->cells[i].path);
	free(v->cells);
	free(v->columns);
	buf_clear(&v->names);
	buf_clear(&v->cell);
	free(v);
}

/* Who was deleted by another command since it was listed has no value. */
static enum crm_err
add_path(struct followup_view *v, const struct view_column *c,
    const struct followup_item *item, struct diag *dg)
{
	struct id id = c->kind == KIND_CONTACT ? item->contact
		       : c->kind == KIND_ORG   ? item->org
		       : item->task	       ? item->id
					       : (struct id){0};
	struct record rec;
	enum crm_err err;

	if (!id.num)
		return CRM_OK;
	err = store_get(v->store, id, &rec, dg);
	if (err != CRM_NO)
		return err ? err : path_get(c->path, &rec, &v->cell, dg);
	diag_clear(dg);
	return CRM_OK;
}

static enum crm_err
add_label(struct store *s, struct id id, struct buf *out, struct diag *dg)
{
	enum crm_err err = id.num ? ref_label(s, id, out, dg) : CRM_OK;

	if (err != CRM_NO)
		return err;
	/* Deleted by another command since it was listed. */
	diag_clear(dg);
	return CRM_OK;
}

static enum crm_err
add_cell(struct followup_view *v, const struct view_column *c,
    const struct followup_list *l, const struct followup_item *item,
    struct diag *dg)
{
	const struct schema *schema = store_schema(v->store);
	struct str texts = str_from_pos(str_of(&l->texts), item->texts);
	struct buf *out = &v->cell;
	int days;

	switch (c->cell) {
	case CELL_PATH:
		return add_path(v, c, item, dg);
	case CELL_ID:
		id_print(schema, item->id, out);
		break;
	case CELL_DUE:
		buf_add(out, moment_str(&item->due));
		break;
	case CELL_WHAT:
		buf_addz(out, item->task ? "task" : "cadence");
		break;
	case CELL_CONTACT:
		if (item->contact.num)
			id_print(schema, item->contact, out);
		break;
	case CELL_ORG:
		if (item->org.num)
			id_print(schema, item->org, out);
		break;
	case CELL_NAME:
		return add_label(v->store,
		    item->contact.num ? item->contact : item->org, out, dg);
	case CELL_TITLE:
		buf_add(out,
		    str_head(str_from_pos(texts, item->priority), item->title));
		break;
	case CELL_PRIORITY:
		buf_add(out, str_head(texts, item->priority));
		break;
	case CELL_OVERDUE:
		if (followup_overdue(&item->due, v->clock, &days) && days > 0)
			buf_addu(out, (uint64_t)days);
		break;
	}
	return CRM_OK;
}

enum crm_err
followup_view_row(struct followup_view *v, const struct followup_list *l,
    size_t i, struct emit *e, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t c = 0; !err && c < v->n; c++) {
		buf_reset(&v->cell);
		err = add_cell(v, &v->cells[c], l, &l->items[i], dg);
		emit_cell(e, str_of(&v->cell), false);
	}
	if (!err && v->cell.failed)
		return diag_nomem(dg);
	if (!err)
		emit_row(e);
	return err;
}
