/* SPDX-License-Identifier: ISC */
/* write: drafts of records, their values checked, references resolved. */
#include "crm/write.h"
#include "crm/name.h"
#include "crm/reference.h"
#include "crm/saved.h"
#include "model/record.h"
#include "model/value.h"

enum { WARNINGS_MAX = 20 };

/* Fields that make up a person's name. */
enum { NAME_FULL, NAME_GIVEN, NAME_MIDDLE, NAME_FAMILY, NAME_FIELDS };

/* An unknown word that was warned of. */
struct warned {
	const struct field *field;
	struct buf value;
};

struct writer {
	struct store *store;
	struct writer_options opt;
	struct references *refs;
	struct draft draft;
	struct record stored; /* id.num 0: a new record */
	uint64_t wanted;      /* number of a new record; 0: the next */
	bool complete;	      /* the stored one is new in the transaction */
	struct change_field *fields;
	size_t fields_cap;
	const struct field *names[NAME_FIELDS]; /* NULL: the kind has none */
	struct buf item;  /* normalised text of one writer_set */
	struct buf value; /* the value that comes out of it */
	struct buf name;  /* a full name made of its parts */
	struct warned warned[WARNINGS_MAX];
	size_t nwarned;
};

/* ---- life ------------------------------------------------------------- */

enum crm_err
writer_new(struct writer **out, struct store *s, const struct writer_options *o,
    struct diag *dg)
{
	struct reference_options ro = {
	    .clock = o->clock,
	    .create = o->create,
	    .made = o->made,
	    .arg = o->arg,
	};
	struct writer *w = calloc(1, sizeof(*w));
	enum crm_err err;

	*out = NULL;
	if (!w)
		return diag_nomem(dg);
	w->store = s;
	w->opt = *o;
	err = references_new(&w->refs, s, &ro, dg);
	if (err) {
		writer_free(w);
		return err;
	}
	*out = w;
	return CRM_OK;
}

void
writer_free(struct writer *w)
{
	size_t i;

	if (!w)
		return;
	references_free(w->refs);
	draft_clear(&w->draft);
	buf_clear(&w->item);
	buf_clear(&w->value);
	buf_clear(&w->name);
	for (i = 0; i < w->nwarned; i++)
		buf_clear(&w->warned[i].value);
	free(w->fields);
	free(w);
}

static void
names_find(struct writer *w, const struct kind *k)
{
	static const char *const names[] = {
	    "name", "given", "middle", "family"};
	const struct field *f;
	size_t i;

	for (i = 0; i < NAME_FIELDS; i++) {
		f = k->no == KIND_CONTACT ? schema_field(k, str_from(names[i]))
					  : NULL;
		w->names[i] = f && f->slot != SLOT_NONE ? f : NULL;
	}
}

/* An empty draft of K, with room for a change of every field. */
static enum crm_err
writer_start(struct writer *w, const struct kind *k, struct diag *dg)
{
	struct change_field *fields;

	if (w->draft.kind == k) {
		draft_reset(&w->draft);
		return CRM_OK;
	}
	if (w->fields_cap < k->nslots) {
		fields = realloc(w->fields, k->nslots * sizeof(*fields));
		if (!fields)
			return diag_nomem(dg);
		w->fields = fields;
		w->fields_cap = k->nslots;
	}
	draft_clear(&w->draft);
	names_find(w, k);
	return draft_init(&w->draft, k, dg);
}

enum crm_err
writer_create(struct writer *w, const struct kind *k, struct diag *dg)
{
	return writer_create_as(w, k, 0, dg);
}

enum crm_err
writer_create_as(
    struct writer *w, const struct kind *k, uint64_t num, struct diag *dg)
{
	w->stored = (struct record){0};
	w->wanted = num;
	w->complete = false;
	return writer_start(w, k, dg);
}

void
writer_makes(struct writer *w, bool create)
{
	references_create(w->refs, create);
}

void
writer_hints(struct writer *w, bool hints)
{
	references_hints(w->refs, hints);
}

void
writer_forget(struct writer *w, const struct kind *k)
{
	references_forget(w->refs, k);
}

enum crm_err
writer_update(struct writer *w, struct id id, struct diag *dg)
{
	enum crm_err err = store_get(w->store, id, &w->stored, dg);

	w->complete = false;
	if (err)
		return err;
	return writer_start(w, w->stored.kind, dg);
}

enum crm_err
writer_complete(struct writer *w, struct id id, struct diag *dg)
{
	enum crm_err err = writer_update(w, id, dg);

	w->complete = err == CRM_OK;
	return err;
}

const struct clock *
writer_clock(const struct writer *w)
{
	return w->opt.clock;
}

const struct kind *
writer_kind(const struct writer *w)
{
	return w->draft.kind;
}

bool
writer_fresh(const struct writer *w)
{
	return w->stored.id.num == 0;
}

/* ---- which fields ----------------------------------------------------- */

enum crm_err
writer_field(const struct kind *k, struct str name, bool fresh,
    const struct field **out, struct diag *dg)
{
	enum crm_err err;

	if (str_is(name, "id"))
		return diag_set(dg, CRM_USAGE,
		    "id: ids are given by the store; "
		    "keep a number of your own in ext");
	err = schema_find_field(k, name, out, dg);
	if (err)
		return err;
	if ((*out)->derived != DERIVED_NONE)
		return diag_set(dg, CRM_USAGE,
		    "%.*s: summed up by the store, it cannot be set; "
		    "change the records it is the sum of",
		    STR_ARG(name));
	if ((*out)->automatic && !fresh)
		return diag_set(dg, CRM_USAGE,
		    "%.*s: kept by the store; it can only be given to a new "
		    "record",
		    STR_ARG(name));
	return CRM_OK;
}

struct str
writer_get(const struct writer *w, const struct field *f)
{
	if (f->slot >= w->draft.nslots)
		return (struct str){.p = "", .n = 0};
	if (w->draft.set[f->slot])
		return str_of(&w->draft.values[f->slot]);
	if (w->stored.id.num == 0)
		return (struct str){.p = "", .n = 0};
	return row_get(&w->stored.row, f->slot);
}

bool
writer_changes(const struct writer *w, const struct field *f)
{
	struct str before = {.p = "", .n = 0};

	if (f->slot >= w->draft.nslots || !w->draft.set[f->slot])
		return false;
	if (w->stored.id.num != 0)
		before = row_get(&w->stored.row, f->slot);
	return !str_eq(before, str_of(&w->draft.values[f->slot]));
}

/* ---- warnings --------------------------------------------------------- */

/* True the first time that F has VALUE, until there were enough. */
static bool
warning_fresh(struct writer *w, const struct field *f, struct str value)
{
	struct warned *seen;
	size_t i;

	for (i = 0; i < w->nwarned; i++)
		if (w->warned[i].field == f &&
		    str_eq(str_of(&w->warned[i].value), value))
			return false;
	if (w->nwarned == WARNINGS_MAX)
		return false;
	seen = &w->warned[w->nwarned++];
	seen->field = f;
	buf_add(&seen->value, value);
	return true;
}

static void
warn_choice(struct writer *w, const struct field *f, struct str value)
{
	struct buf text = {0};
	struct near near = {.word = value};
	size_t i;

	if (!w->opt.warn || !warning_fresh(w, f, value))
		return;
	for (i = 0; i < f->nchoices; i++)
		near_offer(&near, f->choices[i].name);
	buf_addf(&text, "%.*s: '%.*s' is new here", STR_ARG(f->name),
	    STR_ARG(value));
	if (near.best.n)
		buf_addf(&text, "; did you mean '%.*s'?", STR_ARG(near.best));
	else
		buf_addz(&text, "; known are");
	for (i = 0; !near.best.n && i < f->nchoices; i++)
		buf_addf(&text, "%s %.*s", i ? "," : "",
		    STR_ARG(f->choices[i].name));
	if (w->nwarned == WARNINGS_MAX)
		buf_addz(&text, " (no more such warnings)");
	if (!text.failed)
		w->opt.warn(w->opt.arg, buf_z(&text));
	buf_clear(&text);
}

/* Takes the next item of a list, or all of what is no list. */
static struct str
item_next(const struct field *f, struct str *rest)
{
	struct str all = *rest;

	if (f->list)
		return str_cut(rest, ',');
	rest->p = NULL;
	return all;
}

static void
warn_odd(struct writer *w, const struct field *f, struct str value)
{
	struct str rest = value, item;

	while (rest.p) {
		item = item_next(f, &rest);
		if (item.n && !field_choice(f, item))
			warn_choice(w, f, item);
	}
}

/* ---- values ----------------------------------------------------------- */

enum crm_err
writer_refresh(struct writer *w, struct diag *dg)
{
	if (w->stored.id.num == 0)
		return CRM_OK;
	return store_get(w->store, w->stored.id, &w->stored, dg);
}

/* Is TEXT the id that the new record is going to have? */
static bool
is_own(const struct writer *w, const struct field *f, struct str text)
{
	const struct kind *k = w->draft.kind;
	struct id id;

	return w->wanted != 0 && w->stored.id.num == 0 &&
	       (f->ref == KIND_NONE || f->ref == k->no) &&
	       id_parse(store_schema(w->store), text, &id) &&
	       id_eq(id, (struct id){.kind = k->no, .num = w->wanted});
}

static enum crm_err
reference_read(struct writer *w, const struct field *f, struct str text,
    struct buf *to, struct diag *dg)
{
	struct diag lost = {0};
	bool wrote = false;
	enum crm_err err, again = CRM_OK;

	if (is_own(w, f, str_trim(text))) {
		buf_add(to, str_trim(text));
		return CRM_OK;
	}
	err = references_resolve(w->refs, f, text, to, &wrote, dg);
	/* A record made on the way ended the view of the stored one. */
	if (wrote && (!err || err == CRM_DATA))
		again = writer_refresh(w, err ? &lost : dg);
	diag_clear(&lost);
	return err ? err : again;
}

/* TEXT as canonical value into TO. */
static enum crm_err
value_read(struct writer *w, const struct field *f, struct str text,
    struct buf *to, struct diag *dg)
{
	bool odd = false;
	enum crm_err err;

	if (f->type == TYPE_REF)
		err = reference_read(w, f, text, to, dg);
	else
		err = value_normalise(f, text, w->opt.clock, to, &odd, dg);
	if (!err && to->failed)
		err = diag_nomem(dg);
	if (!err && odd)
		warn_odd(w, f, str_of(to));
	return err;
}

static bool
list_has(const struct field *f, struct str list, struct str item)
{
	struct str rest = list;

	if (list.n == 0)
		return false;
	while (rest.p)
		if (value_eq(f, str_cut(&rest, ','), item))
			return true;
	return false;
}

/* Appends to TO the items of FROM that are (not) in OTHER. */
static void
list_pick(
    const struct field *f, struct str from, struct str other, struct buf *to)
{
	struct str rest = from, item;

	while (from.n && rest.p) {
		item = str_cut(&rest, ',');
		if (list_has(f, other, item))
			continue;
		if (to->n)
			buf_addc(to, ',');
		buf_add(to, item);
	}
}

/* How many digits stand behind the point. */
static int
decimals(struct str number)
{
	size_t point = str_chr(number, '.');

	return point < number.n ? (int)(number.n - point - 1) : 0;
}

static enum crm_err
number_change(const struct field *f, enum assign_op op, struct str now,
    struct str by, struct buf *to, struct diag *dg)
{
	struct decimal a = {0}, b;
	int places =
	    decimals(now) > decimals(by) ? decimals(now) : decimals(by);
	struct buf sum = {0};
	bool odd = false;
	enum crm_err err;

	if ((now.n && !decimal_parse(now, &a)) || !decimal_parse(by, &b))
		return diag_set(
		    dg, CRM_DATA, "'%.*s' is no number", STR_ARG(by));
	a = op == ASSIGN_ADD ? decimal_add(a, b) : decimal_sub(a, b);
	/* 0.10 and 0.2 make 0.30: money keeps its cents. */
	decimal_print(a, places, &sum);
	/* Once more through the door: the sum may be out of range. */
	err = value_normalise(f, str_of(&sum), NULL, to, &odd, dg);
	buf_clear(&sum);
	return err;
}

/* What NOW becomes when ITEM is added or removed, into w->value. */
static enum crm_err
value_change(struct writer *w, const struct field *f, enum assign_op op,
    struct str now, struct diag *dg)
{
	struct str item = str_of(&w->item);

	if (f->list && op == ASSIGN_ADD) {
		buf_add(&w->value, now);
		list_pick(f, item, now, &w->value);
		return CRM_OK;
	}
	if (f->list) {
		list_pick(f, now, item, &w->value);
		return CRM_OK;
	}
	if (f->type == TYPE_INT || f->type == TYPE_DECIMAL)
		return number_change(f, op, now, item, &w->value, dg);
	if (f->type == TYPE_TEXT && op == ASSIGN_ADD) {
		buf_add(&w->value, now);
		if (now.n)
			buf_addc(&w->value, '\n');
		buf_add(&w->value, item);
		return CRM_OK;
	}
	return diag_set(
	    dg, CRM_BUG, "%.*s cannot be changed by an item", STR_ARG(f->name));
}

static enum crm_err
op_check(const struct field *f, enum assign_op op, struct diag *dg)
{
	bool number = f->type == TYPE_INT || f->type == TYPE_DECIMAL;
	bool text = f->type == TYPE_TEXT && op == ASSIGN_ADD;

	if (op == ASSIGN_SET || f->list || number || text)
		return CRM_OK;
	return diag_set(dg, CRM_USAGE,
	    "%s= changes lists%s and numbers; write %.*s=VALUE",
	    op == ASSIGN_ADD ? "+" : "-", op == ASSIGN_ADD ? ", texts" : "",
	    STR_ARG(f->name));
}

static enum crm_err
value_build(struct writer *w, const struct field *f, enum assign_op op,
    struct str text, struct diag *dg)
{
	enum crm_err err = op_check(f, op, dg);

	buf_reset(&w->value);
	if (err)
		return err;
	if (op == ASSIGN_SET)
		return text.n ? value_read(w, f, text, &w->value, dg) : CRM_OK;
	buf_reset(&w->item);
	err = value_read(w, f, text, &w->item, dg);
	if (err || w->item.n == 0) {
		buf_add(&w->value, writer_get(w, f));
		return err;
	}
	err = value_change(w, f, op, writer_get(w, f), dg);
	if (!err && w->value.n > CRM_FIELD_MAX)
		err =
		    diag_set(dg, CRM_DATA, "%zu bytes; a value has at most %d",
			w->value.n, CRM_FIELD_MAX);
	return err;
}

enum crm_err
writer_set(struct writer *w, const struct field *f, enum assign_op op,
    struct str text, struct diag *dg)
{
	struct buf *slot = &w->draft.values[f->slot];
	struct buf swap;
	enum crm_err err;

	if (f->slot >= w->draft.nslots)
		return diag_set(dg, CRM_BUG, "%.*s has no place in a record",
		    STR_ARG(f->name));
	err = value_build(w, f, op, text, dg);
	if (err) {
		diag_place(dg, "%.*s", STR_ARG(f->name));
		return err;
	}
	if (w->value.failed || w->item.failed)
		return diag_nomem(dg);
	swap = *slot;
	*slot = w->value;
	w->value = swap;
	w->draft.set[f->slot] = true;
	return CRM_OK;
}

enum crm_err
writer_take(struct writer *w, const struct field *f, struct str value, bool odd,
    struct diag *dg)
{
	if (f->slot >= w->draft.nslots)
		return diag_set(dg, CRM_BUG, "%.*s has no place in a record",
		    STR_ARG(f->name));
	if (odd)
		warn_odd(w, f, value);
	draft_set(&w->draft, f, value);
	return w->draft.failed ? diag_nomem(dg) : CRM_OK;
}

enum crm_err
writer_refer(
    struct writer *w, const struct field *f, struct id id, struct diag *dg)
{
	struct buf *slot = &w->draft.values[f->slot];

	if (f->slot >= w->draft.nslots)
		return diag_set(dg, CRM_BUG, "%.*s has no place in a record",
		    STR_ARG(f->name));
	buf_reset(slot);
	if (id.num)
		id_print(store_schema(w->store), id, slot);
	w->draft.set[f->slot] = true;
	return slot->failed ? diag_nomem(dg) : CRM_OK;
}

enum crm_err
writer_assign(struct writer *w, const struct assign *a, struct diag *dg)
{
	const struct field *f;
	enum crm_err err;

	err = writer_field(
	    w->draft.kind, a->field, w->stored.id.num == 0, &f, dg);
	if (err)
		return err;
	return writer_set(w, f, a->op, a->value, dg);
}

/* ---- names ------------------------------------------------------------ */

/* A part of the name, as it is stored or as it is going to be. */
static struct str
name_part(const struct writer *w, int part, bool stored)
{
	const struct field *f = w->names[part];

	if (!f || (stored && w->stored.id.num == 0))
		return (struct str){.p = "", .n = 0};
	return stored ? row_get(&w->stored.row, f->slot) : writer_get(w, f);
}

static void
name_make(struct writer *w, bool stored)
{
	buf_reset(&w->name);
	name_join(
	    &(struct name_parts){
		.given = name_part(w, NAME_GIVEN, stored),
		.middle = name_part(w, NAME_MIDDLE, stored),
		.family = name_part(w, NAME_FAMILY, stored),
	    },
	    &w->name);
}

/* The full name follows its parts unless somebody gave another one. */
static enum crm_err
name_follow(struct writer *w, struct diag *dg)
{
	const struct field *f = w->names[NAME_FULL];
	struct str now;
	bool given = false;
	int i;

	for (i = NAME_GIVEN; i < NAME_FIELDS; i++)
		given =
		    given || (w->names[i] && w->draft.set[w->names[i]->slot]);
	if (!f || !given || w->draft.set[f->slot])
		return CRM_OK;
	now = name_part(w, NAME_FULL, true);
	name_make(w, true);
	if (now.n && !str_eq(now, str_of(&w->name)))
		return CRM_OK;
	name_make(w, false);
	if (w->name.n)
		draft_set(&w->draft, f, str_of(&w->name));
	return w->name.failed ? diag_nomem(dg) : CRM_OK;
}

/* ---- applying --------------------------------------------------------- */

/* The change of slot I, which is set; false when there is none. */
static bool
slot_diff(const struct writer *w, size_t i, struct change_field *out)
{
	struct str before = {.p = "", .n = 0};
	struct str after = str_of(&w->draft.values[i]);

	if (w->stored.id.num)
		before = row_get(&w->stored.row, (unsigned)i);
	*out = (struct change_field){
	    .field = w->draft.kind->slots[i], .before = before, .after = after};
	return out->field && !str_eq(before, after);
}

/* Lists what differs in w->fields. */
static size_t
writer_diff(struct writer *w)
{
	const struct draft *d = &w->draft;
	size_t n = 0;

	for (size_t i = 0; i < d->nslots; i++) {
		if (i % DRAFT_STEP == 0 && !draft_any(d, i))
			i += DRAFT_STEP - 1;
		else if (d->set[i] && slot_diff(w, i, &w->fields[n]))
			n++;
	}
	return n;
}

static void
writer_tell(struct writer *w, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		w->opt.changed(w->opt.arg, w->stored.id, w->fields[i].field,
		    w->fields[i].before, w->fields[i].after);
}

static struct str
value_named(const struct writer *w, const char *name)
{
	const struct field *f = schema_field(w->draft.kind, str_from(name));

	return f && f->slot != SLOT_NONE ? writer_get(w, f) : (struct str){0};
}

/* A segment that changes can be asked. */
static enum crm_err
segment_check(const struct writer *w, struct diag *dg)
{
	if (!w->opt.asked || w->draft.kind->no != KIND_SEGMENT)
		return CRM_OK;
	return saved_check(w->store, w->opt.clock, value_named(w, "kind"),
	    value_named(w, "query"), dg);
}

enum crm_err
writer_commit(
    struct writer *w, struct id *id, enum writer_done *done, struct diag *dg)
{
	bool fresh = w->stored.id.num == 0;
	struct change c = {
	    .op = fresh ? CHANGE_CREATE : CHANGE_UPDATE,
	    .kind = w->draft.kind,
	    .id = w->stored.id,
	    .fields = w->fields,
	    .exact = w->complete,
	};
	enum crm_err err = name_follow(w, dg);

	if (err)
		return err;
	c.nfields = writer_diff(w);
	c.id.kind = c.kind->no;
	if (fresh)
		c.id.num = w->wanted;
	*id = c.id;
	*done = WRITER_NOTHING;
	if (!fresh && c.nfields == 0)
		return CRM_OK;
	if (fresh && c.nfields == 0)
		return diag_set(dg, CRM_DATA,
		    "a %.*s without a single value; give field=value",
		    STR_ARG(c.kind->name));
	err = segment_check(w, dg);
	if (err)
		return err;
	if (!fresh && !w->complete && w->opt.changed)
		writer_tell(w, c.nfields);
	if (store_writing(w->store))
		err = store_apply(w->store, &c, dg);
	if (err)
		return err;
	references_forget(w->refs, c.kind);
	*id = c.id;
	*done = fresh ? WRITER_ADDED : WRITER_UPDATED;
	return CRM_OK;
}

/* ---- keys ------------------------------------------------------------- */

enum crm_err
writer_key(const struct kind *k, struct str name, const struct field **out,
    struct diag *dg)
{
	const struct field *f;
	enum crm_err err = schema_find_field(k, name, out, dg);
	size_t i, n = 0;

	if (err) {
		diag_place(dg, "-k");
		return err;
	}
	if ((*out)->slot != SLOT_NONE && ((*out)->index || (*out)->unique))
		return CRM_OK;
	err = diag_set(dg, CRM_USAGE,
	    "-k: %.*s is not looked up by value; take", STR_ARG(name));
	for (i = 0; i < k->nfields; i++) {
		f = k->fields[i];
		if (f->slot != SLOT_NONE && (f->index || f->unique))
			diag_more(
			    dg, "%s %.*s", n++ ? "," : "", STR_ARG(f->name));
	}
	return err;
}

enum { KEY_HITS = 4 };

/* Notes what has the key value ITEM; another record than *id is an error. */
static enum crm_err
find_item(struct writer *w, const struct field *f, struct str item,
    struct id *id, struct diag *dg)
{
	struct id hits[KEY_HITS];
	struct buf names = {0};
	size_t i, n = 0;
	enum crm_err err;

	err =
	    store_find(w->store, f, item, STORE_EXACT, hits, KEY_HITS, &n, dg);
	if (err)
		return err;
	if (n == 0 || (n == 1 && (id->num == 0 || id_eq(*id, hits[0])))) {
		*id = n ? hits[0] : *id;
		return CRM_OK;
	}
	if (n == 1)
		hits[n++] = *id;
	for (i = 0; i < n; i++) {
		buf_addz(&names, i ? ", " : "");
		id_print(store_schema(w->store), hits[i], &names);
	}
	err = diag_set(dg, CRM_DATA,
	    "several records have '%.*s': %s%s; take another key, or merge "
	    "them",
	    STR_ARG(item), buf_z(&names), n == KEY_HITS ? " ..." : "");
	buf_clear(&names);
	return err;
}

static enum crm_err
find_items(
    struct writer *w, const struct field *f, struct id *id, struct diag *dg)
{
	struct str rest = str_of(&w->item);
	enum crm_err err = CRM_OK;

	if (rest.n == 0)
		return diag_set(dg, CRM_DATA,
		    "no value to recognise the record by; "
		    "give one, or add it without -k");
	while (!err && rest.p)
		err = find_item(w, f, item_next(f, &rest), id, dg);
	return err;
}

enum crm_err
writer_find(struct writer *w, const struct field *key, struct str text,
    struct id *id, struct diag *dg)
{
	bool odd = false;
	enum crm_err err;

	*id = (struct id){0};
	buf_reset(&w->item);
	err = value_normalise(key, text, w->opt.clock, &w->item, &odd, dg);
	if (!err && w->item.failed)
		err = diag_nomem(dg);
	if (!err)
		err = find_items(w, key, id, dg);
	if (err)
		diag_place(dg, "%.*s", STR_ARG(key->name));
	return err;
}
