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
	int64_t limit; /* last second that is due */
};

static struct str
value_of(const struct record *rec, const char *name)
{
	const struct field *f = schema_field(rec->kind, str_from(name));

	if (!f || f->slot == SLOT_NONE)
		return (struct str){0};
	return row_get(&rec->row, f->slot);
}

/* The first reference of a field; num 0 when there is none. */
static struct id
ref_of(struct store *s, const struct record *rec, const char *name)
{
	struct str value = value_of(rec, name);
	struct id id;

	if (!value.n || !id_parse(store_schema(s), str_cut(&value, ','), &id))
		return (struct id){0};
	return id;
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
rank_of(struct store *s, const struct record *rec)
{
	const struct kind *k = schema_kind_no(store_schema(s), KIND_TASK);
	const struct field *f = k ? schema_field(k, STR("priority")) : NULL;
	struct str value = {0};

	if (rec->kind == k)
		value = value_of(rec, "priority");
	return f ? field_choice_rank(f, value.n ? value : STR("normal")) : 0;
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

/* Adds the record as an item due at DUE, when it is one and wanted. */
static enum crm_err
consider(struct gathering *g, const struct record *rec, struct str due,
    struct diag *dg)
{
	struct followup_item item = {
	    .id = rec->id, .task = rec->id.kind == KIND_TASK};
	enum crm_err err;
	bool yes;

	if (item.task) {
		if (!task_is_open(rec))
			return CRM_OK;
		item.contact = ref_of(g->store, rec, "contact");
		item.org = ref_of(g->store, rec, "org");
	} else if (str_is(value_of(rec, "suppress"), "yes")) {
		return CRM_OK;
	} else if (rec->id.kind == KIND_ORG) {
		item.org = rec->id;
	} else {
		item.contact = rec->id;
		item.org = ref_of(g->store, rec, "org");
	}
	moment_set(&item.due, due);
	item.rank = rank_of(g->store, rec);
	err = item_wanted(g, &item, &yes, dg);
	return err || !yes ? err : list_add(g->list, &item, dg);
}

/* ---- the walks --------------------------------------------------------- */

/* The first second of a day or moment. */
static bool
second_of(struct str text, const struct zone *z, int64_t *utc)
{
	struct when w;

	if (!day_read(text, z, &w))
		return false;
	*utc = w.has_time ? w.utc : date_to_utc(z, w.day, 0);
	return true;
}

static enum crm_err
walk_due(struct gathering *g, struct str hi, struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_DUE, .hi = hi};
	struct scan *sc = NULL;
	struct record rec;
	struct id id;
	enum crm_err err;
	int64_t utc;
	bool got;

	err = scan_open(&sc, g->store, &spec, dg);
	while (!err) {
		err = scan_next(sc, &id, &got, dg);
		if (err || !got)
			break;
		if (!second_of(scan_key(sc), &g->o->clock->zone, &utc))
			continue;
		if (!g->o->all && utc > g->limit)
			continue;
		err = scan_record(sc, &rec, dg);
		if (!err)
			err = consider(g, &rec, scan_key(sc), dg);
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
	struct gathering g = {.store = s, .o = o, .list = out};
	struct buf hi = {0};
	enum crm_err err;

	g.limit = o->until.has_time
		      ? o->until.utc
		      : date_to_utc(&o->clock->zone, o->until.day + 1, 0) - 1;
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
	err = store_follow(v->store, id, &rec, dg);
	return err ? err : path_get(c->path, &rec, &v->cell, dg);
}

/* What to do: a task's title, or the rhythm that has run out. */
static void
add_title(const struct record *rec, bool task, struct buf *out)
{
	if (!task)
		buf_addz(out, "every ");
	buf_add(out, value_of(rec, task ? "title" : "every"));
}

static enum crm_err
add_label(struct store *s, struct id id, struct buf *out, struct diag *dg)
{
	return id.num ? ref_label(s, id, out, dg) : CRM_OK;
}

static enum crm_err
add_cell(struct followup_view *v, const struct view_column *c,
    const struct followup_item *item, const struct record *rec, struct diag *dg)
{
	const struct schema *schema = store_schema(v->store);
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
		add_title(rec, item->task, out);
		break;
	case CELL_PRIORITY:
		if (item->task)
			buf_add(out, value_of(rec, "priority"));
		break;
	case CELL_OVERDUE:
		if (followup_overdue(&item->due, v->clock, &days) && days > 0)
			buf_addu(out, (uint64_t)days);
		break;
	}
	return CRM_OK;
}

enum crm_err
followup_view_row(struct followup_view *v, const struct followup_item *item,
    struct emit *e, struct diag *dg)
{
	struct record rec;
	enum crm_err err;

	err = store_get(v->store, item->id, &rec, dg);
	if (err == CRM_NO) {
		/* Deleted by another command since it was listed. */
		diag_clear(dg);
		return CRM_OK;
	}
	for (size_t i = 0; !err && i < v->n; i++) {
		buf_reset(&v->cell);
		err = add_cell(v, &v->cells[i], item, &rec, dg);
		emit_cell(e, str_of(&v->cell), false);
	}
	if (!err && v->cell.failed)
		return diag_nomem(dg);
	if (!err)
		emit_row(e);
	return err;
}
