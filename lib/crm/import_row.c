/* SPDX-License-Identifier: ISC */
/* import_row: one row to one change of the store, and what it refers to. */
#include "crm/import_impl.h"
#include "model/value.h"
#include "query/ref.h"

/* ---- targets ---------------------------------------------------------- */

static enum crm_err
sub_target(struct import *i, const struct kind *k, struct str path,
    struct target *t, struct diag *dg)
{
	struct str rest = path, head = str_cut(&rest, '.');
	enum crm_err err = writer_field(k, head, true, &t->field, dg);

	if (err)
		return err;
	if (t->field->type != TYPE_REF || t->field->ref == KIND_NONE)
		return diag_set(dg, CRM_DATA,
		    "%.*s: %.*s refers to no kind of record", STR_ARG(path),
		    STR_ARG(head));
	t->of = schema_kind_no(store_schema(i->store), t->field->ref);
	if (!t->of)
		return diag_set(
		    dg, CRM_BUG, "%.*s: a kind is missing", STR_ARG(path));
	t->is = str_is(rest, "name")  ? SUB_NAME
		: str_is(rest, "ext") ? SUB_EXT
				      : SUB_OTHER;
	return writer_field(t->of, rest, true, &t->sub, dg);
}

static enum crm_err
target_find(struct import *i, const struct kind *k, struct str name,
    struct target *t, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	*t = (struct target){.n = 0};
	if (str_is(name, "id"))
		return CRM_OK;
	if (str_chr(name, '.') < name.n)
		err = sub_target(i, k, name, t, dg);
	else
		err = writer_field(k, name, true, &t->field, dg);
	if (err == CRM_USAGE)
		err = dg->code = CRM_DATA;
	if (!err && name.n <= sizeof(t->text)) {
		memcpy(t->text, name.p, name.n);
		t->n = name.n;
	}
	return err;
}

static bool
target_is(const struct target *t, struct str name)
{
	return t->n > 0 && t->n == name.n &&
	       memcmp(t->text, name.p, name.n) == 0;
}

static bool
targets_room(struct import *i, size_t n)
{
	struct target *more;

	if (n <= i->captargets)
		return true;
	more = realloc(i->targets, n * sizeof(*more));
	if (!more)
		return false;
	i->targets = more;
	i->captargets = n;
	return true;
}

/* Who comes first of those that tell of the same record. */
static void
leaders_find(struct import *i, size_t n)
{
	i->refs = false;
	for (size_t at = 0; at < n; at++) {
		struct target *t = &i->targets[at];
		size_t first = 0;

		i->refs = i->refs ||
			  (t->field && !t->sub && t->field->type == TYPE_REF);

		while (first < at && !(i->targets[first].sub &&
					 i->targets[first].field == t->field))
			first++;
		t->leader = first;
	}
}

/* Looks the names of IN up, unless they are those of the row before. */
static enum crm_err
targets_find(struct import *i, const struct kind *k, const struct intake *in,
    struct diag *dg)
{
	bool found = false;
	enum crm_err err = CRM_OK;

	if (k != i->kind) {
		i->ntargets = 0;
		i->layout = NULL;
		i->kind = NULL;
		err = match_keys(i, k, dg);
		if (err)
			return err;
		i->kind = k;
	}
	if (in->layout && in->layout == i->layout)
		return CRM_OK;
	if (!targets_room(i, in->n))
		return diag_nomem(dg);
	for (size_t at = 0; !err && at < in->n; at++) {
		i->at = &in->v[at];
		if (at < i->ntargets &&
		    target_is(&i->targets[at], in->v[at].field))
			continue;
		err = target_find(i, k, in->v[at].field, &i->targets[at], dg);
		i->misfit = err != CRM_OK;
		i->ntargets =
		    err ? at : (i->ntargets > at ? i->ntargets : at + 1);
		found = true;
	}
	if (!err && found)
		leaders_find(i, i->ntargets);
	i->layout = err ? NULL : in->layout;
	i->at = NULL;
	return err;
}

/* ---- ids -------------------------------------------------------------- */

static enum crm_err
id_given(struct import *i, const struct kind *k, const struct intake *in,
    struct diag *dg)
{
	struct str text = {0};

	i->given = (struct id){0};
	for (size_t at = 0; at < in->n; at++)
		if (!i->targets[at].field) {
			i->at = &in->v[at];
			text = str_trim(in->v[at].value);
		}
	if (text.n == 0) {
		i->at = NULL;
		return CRM_OK;
	}
	if (!id_parse(store_schema(i->store), text, &i->given) ||
	    i->given.kind != k->no) {
		i->given = (struct id){0};
		return diag_set(dg, CRM_DATA,
		    "'%.*s' is no id of a %.*s here, as in %.*s42; a number "
		    "of another program goes to ext",
		    STR_ARG(text), STR_ARG(k->name), STR_ARG(k->prefix));
	}
	i->at = NULL;
	return CRM_OK;
}

static enum crm_err
row_start(struct import *i, const struct kind *k, const struct intake *in,
    struct diag *dg)
{
	struct id id = {0};
	enum crm_err err = id_given(i, k, in, dg);

	i->compare = false;
	/* By another key: the number is that of another store. */
	if (i->opt.nkeys && !i->key_id)
		i->given = (struct id){0};
	if (!err && i->given.num) {
		if (!store_has(i->store, i->given))
			return writer_create_as(i->writer, k, i->given.num, dg);
		i->compare = !i->key_id;
		return writer_update(i->writer, i->given, dg);
	}
	if (!err)
		err = match_find(i, in, &id, dg);
	if (err)
		return err;
	i->at = NULL;
	return id.num ? writer_update(i->writer, id, dg)
		      : writer_create(i->writer, k, dg);
}

/* ---- values ----------------------------------------------------------- */

/* Does TEXT name a record that is not there? *id is the one that it names,
 * when it is a single one. */
static enum crm_err
foreign_find(struct import *i, const struct field *f, struct str text,
    struct id *id, struct diag *dg)
{
	const struct kind *k =
	    f->ref ? schema_kind_no(store_schema(i->store), f->ref) : NULL;
	struct id found[2];
	size_t n = 0;
	enum crm_err err;

	*id = (struct id){0};
	err = ref_lookup(i->store, k, text, found, ARRAY_LEN(found), &n, dg);
	if (err || n > 1)
		return err;
	if (n == 1) {
		*id = found[0];
		return CRM_OK;
	}
	i->missing = true;
	return diag_set(dg, CRM_DATA,
	    "%.*s: no %.*s '%.*s'; import the file that has it in the same "
	    "run, or before",
	    STR_ARG(f->name), STR_ARG(k ? k->name : STR("record")),
	    STR_ARG(text));
}

/* The texts of a reference as ids, where they are names of other programs
 * ("hubspot:77"): what is not there may come later. */
static enum crm_err
foreign_read(struct import *i, const struct field *f, struct str text,
    struct str *out, struct diag *dg)
{
	struct str rest = text, item;
	struct id id;
	enum crm_err err = CRM_OK;

	*out = text;
	if (str_chr(text, ':') == text.n)
		return CRM_OK;
	buf_reset(&i->text);
	while (!err && rest.p) {
		item = rest;
		rest.p = f->list ? rest.p : NULL;
		if (f->list)
			item = str_cut(&rest, ',');
		item = str_trim(item);
		if (item.n == 0)
			continue;
		err = foreign_find(i, f, item, &id, dg);
		if (i->text.n)
			buf_addc(&i->text, ',');
		if (!err && id.num)
			id_print(store_schema(i->store), id, &i->text);
		else
			buf_add(&i->text, item);
	}
	if (!err && i->text.failed)
		err = diag_nomem(dg);
	*out = str_of(&i->text);
	return err;
}

/* Whether a reference that writer_set refused names nothing: it may come. */
static void
missing_find(struct import *i, const struct field *f, struct str text)
{
	const struct kind *k =
	    f->ref ? schema_kind_no(store_schema(i->store), f->ref) : NULL;
	struct str rest = text, item;
	struct diag lost = {0};
	struct id found[2];
	size_t n = 1;

	while (n > 0 && rest.p) {
		item = rest;
		if (f->list)
			item = str_cut(&rest, ',');
		else
			rest.p = NULL;
		item = str_trim(item);
		n = 1;
		if (item.n && ref_lookup(i->store, k, item, found,
				  ARRAY_LEN(found), &n, &lost) != CRM_OK)
			n = 1;
	}
	i->missing = n == 0;
	diag_clear(&lost);
}

static int
line_order(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The lines of TEXT in order, for line_in; NULL without memory. */
static struct str *
lines_sorted(struct str text, size_t *n)
{
	struct str *v, rest;

	*n = 0;
	for (rest = text; rest.p; (*n)++)
		str_cut(&rest, '\n');
	v = calloc(*n + 1, sizeof(*v));
	*n = 0;
	for (rest = text; v && rest.p;)
		v[(*n)++] = str_cut(&rest, '\n');
	if (v && *n)
		qsort(v, *n, sizeof(*v), line_order);
	return v;
}

/* Those lines of TEXT that are none of NOW, and the empty ones between them,
 * into i->text. */
static enum crm_err
lines_pick(struct import *i, struct str now, struct str text, struct diag *dg)
{
	size_t n, empty = 0;
	struct str *known = lines_sorted(now, &n);

	if (!known)
		return diag_nomem(dg);
	for (struct str rest = text; rest.p;) {
		struct str line = str_cut(&rest, '\n');
		bool old = bsearch(&line, known, n, sizeof(line), line_order);

		empty = line.n == 0 ? empty + 1 : empty;
		if (line.n > 0 && !old) {
			for (; i->text.n && empty > 0; empty--)
				buf_addc(&i->text, '\n');
			if (i->text.n)
				buf_addc(&i->text, '\n');
			buf_add(&i->text, line);
		}
		empty = line.n == 0 ? empty : 0;
	}
	free(known);
	return i->text.failed ? diag_nomem(dg) : CRM_OK;
}

enum crm_err
lines_new(struct import *i, const struct field *f, struct str text,
    struct str *out, struct diag *dg)
{
	struct str now = writer_get(i->writer, f);
	bool odd = false;
	enum crm_err err;

	buf_reset(&i->text);
	buf_reset(&i->key);
	err = value_normalise(f, text, i->opt.clock, &i->key, &odd, dg);
	if (!err && i->key.failed)
		err = diag_nomem(dg);
	if (!err && now.n && i->key.n && !str_eq(now, str_of(&i->key)))
		err = lines_pick(i, now, str_of(&i->key), dg);
	if (err == CRM_DATA)
		diag_place(dg, "%.*s", STR_ARG(f->name));
	*out = str_of(now.n ? &i->text : &i->key);
	return err;
}

static enum crm_err
value_set(struct import *i, const struct field *f, const struct intake_value *v,
    struct diag *dg)
{
	struct str text = v->value;
	enum crm_err err = CRM_OK;

	i->at = v;
	if (f->type == TYPE_REF && text.n)
		err = foreign_read(i, f, text, &text, dg);
	else if (v->op == ASSIGN_ADD && f->type == TYPE_TEXT && !f->list)
		err = lines_new(i, f, text, &text, dg);
	if (err || (v->op == ASSIGN_ADD && text.n == 0))
		return err;
	err = writer_set(i->writer, f, v->op, text, dg);
	if (err == CRM_DATA && f->type == TYPE_REF)
		missing_find(i, f, v->value);
	return err;
}

/* All but what needs other records: REFS says which half. */
static enum crm_err
values_set(
    struct import *i, const struct intake *in, bool refs, struct diag *dg)
{
	bool fresh = writer_fresh(i->writer);
	const struct target *t;
	enum crm_err err = CRM_OK;

	if (refs && !i->refs)
		return CRM_OK;
	for (size_t at = 0; !err && at < in->n; at++) {
		t = &i->targets[at];
		if (!t->field || t->sub || (t->field->type == TYPE_REF) != refs)
			continue;
		if (in->v[at].value.n == 0 && (fresh || !i->opt.clear_empty))
			continue;
		/* created of a record that is there already */
		if (t->field->automatic && !fresh)
			continue;
		err = value_set(i, t->field, &in->v[at], dg);
	}
	return err;
}

/* Is target AT the first of its reference that has a value, or that would
 * clear it? */
static bool
sub_first(const struct import *i, const struct intake *in, size_t at, bool *any)
{
	const struct target *t = &i->targets[at];

	if (!t->sub || t->leader != at)
		return false;
	*any = false;
	for (size_t j = at; j < in->n && !*any; j++)
		*any = i->targets[j].sub && i->targets[j].leader == at &&
		       str_trim(in->v[j].value).n > 0;
	return true;
}

/* What one row made is there before the row is: views of it are over. */
static enum crm_err
subs_set(struct import *i, const struct intake *in, struct diag *dg)
{
	struct id id;
	bool any;
	enum crm_err err = CRM_OK;

	for (size_t at = 0; !err && at < in->n; at++) {
		if (!sub_first(i, in, at, &any) || !any)
			continue;
		err = refer_find(i, in, at, &id, dg);
		if (!err)
			err = writer_refresh(i->writer, dg);
		if (!err)
			err = writer_refer(
			    i->writer, i->targets[at].field, id, dg);
	}
	return err;
}

/* ---- the row ---------------------------------------------------------- */

/* A record given by its id must be the same: another store's c12 is somebody
 * else. */
static enum crm_err
compare(struct import *i, const struct intake *in, struct diag *dg)
{
	for (size_t at = 0; at < in->n; at++) {
		const struct field *f = i->targets[at].field;

		if (!f || !writer_changes(i->writer, f))
			continue;
		i->at = &in->v[at];
		return diag_set(dg, CRM_DATA,
		    "%.*s%llu is here with another %.*s; to change it import "
		    "with -k id, to take the id for another store's import "
		    "with another -k",
		    STR_ARG(i->kind->prefix), (unsigned long long)i->given.num,
		    STR_ARG(f->name));
	}
	return CRM_OK;
}

bool
made_add(struct import *i, struct id id)
{
	size_t cap = i->capmade ? i->capmade * 2 : 16;
	struct id *more;

	if (i->nmade == i->capmade) {
		more = realloc(i->made, cap * sizeof(*more));
		if (!more)
			return false;
		i->made = more;
		i->capmade = cap;
	}
	i->made[i->nmade++] = id;
	return true;
}

/* Gives records that got an ext from a refused row theirs again. */
static enum crm_err
unlend(struct import *i, struct diag *dg)
{
	enum writer_done done;
	enum crm_err err = CRM_OK;

	while (!err && i->nlent > 0) {
		struct id id = i->lent[--i->nlent];
		const struct kind *k =
		    schema_kind_no(store_schema(i->store), id.kind);

		err = writer_update(i->other, id, dg);
		if (!err)
			err = writer_set(i->other, schema_field(k, STR("ext")),
			    ASSIGN_SET, str_of(&i->lent_ext[i->nlent]), dg);
		if (!err)
			err = writer_commit(i->other, &id, &done, dg);
		writer_forget(i->writer, k);
	}
	return err;
}

/* Takes back what a refused row has made. */
static void
unmake(struct import *i)
{
	struct diag lost = {0};

	if (unlend(i, &lost) != CRM_OK)
		i->nlent = 0;
	while (i->nmade > 0) {
		struct id id = i->made[--i->nmade];
		const struct kind *k =
		    schema_kind_no(store_schema(i->store), id.kind);
		struct change c = {.op = CHANGE_DELETE, .kind = k, .id = id};

		if (id.num && store_apply(i->store, &c, &lost) == CRM_OK) {
			writer_forget(i->writer, k);
			writer_forget(i->other, k);
		}
	}
	diag_clear(&lost);
}

/* Counts what a row has made, and says it. */
static void
made_tell(struct import *i)
{
	for (size_t at = 0; at < i->nmade; at++) {
		i->count.made++;
		if (i->opt.made)
			i->opt.made(i->opt.arg, i->made[at]);
	}
	i->nmade = 0;
}

bool
import_made(struct import *i, struct id id)
{
	return i->under_way && made_add(i, id);
}

/* What I is to do with a row of kind K; its targets are looked up. */
static enum crm_err
row_begin(struct import *i, const struct kind *k, const struct intake *in,
    struct diag *dg)
{
	i->missing = false;
	i->under_way = true;
	i->nmade = 0;
	return targets_find(i, k, in, dg);
}

/* What a row does that is refused is no fault of the import. */
static enum crm_err
row_end(struct import *i, enum crm_err err, struct diag *dg)
{
	if (err == CRM_USAGE || err == CRM_NO)
		err = dg->code = CRM_DATA;
	i->under_way = false;
	if (err == CRM_DATA && (i->nmade || i->nlent))
		unmake(i);
	if (!err)
		made_tell(i);
	i->nlent = 0;
	return err;
}

/* With --empty=clear: takes away what a new record got where the row has an
 * empty cell. It is there already, and cannot be refused any more. */
static enum crm_err
blanks_clear(
    struct import *i, const struct intake *in, struct id id, struct diag *dg)
{
	enum writer_done done;
	size_t n = 0;
	enum crm_err err = CRM_OK;

	for (size_t at = 0; !err && id.num && at < in->n; at++) {
		const struct field *f = i->targets[at].field;

		if (!f || i->targets[at].sub || f->automatic ||
		    f->fallback.n == 0 || in->v[at].value.n > 0)
			continue;
		if (n++ == 0)
			err = writer_complete(i->writer, id, dg);
		if (!err)
			err = writer_set(i->writer, f, ASSIGN_SET, STR(""), dg);
	}
	if (!err && n > 0)
		err = writer_commit(i->writer, &id, &done, dg);
	return err ? (dg->code = CRM_BUG) : CRM_OK;
}

enum crm_err
row_apply(struct import *i, const struct kind *k, const struct intake *in,
    struct id *id, enum writer_done *done, struct diag *dg)
{
	enum crm_err err = row_begin(i, k, in, dg);

	if (err == CRM_USAGE)
		return err;
	if (!err)
		err = row_start(i, k, in, dg);
	if (!err)
		err = values_set(i, in, false, dg);
	if (!err)
		err = values_set(i, in, true, dg);
	if (!err)
		err = subs_set(i, in, dg);
	if (!err && i->compare)
		err = compare(i, in, dg);
	if (!err) {
		i->at = NULL;
		err = writer_commit(i->writer, id, done, dg);
	}
	if (!err && *done == WRITER_ADDED && i->opt.clear_empty)
		err = blanks_clear(i, in, *id, dg);
	return row_end(i, err, dg);
}

/* ---- rows that refer to one another ----------------------------------- */

/* Does the row say anything for the field? */
static bool
row_says(const struct import *i, const struct intake *in, const struct field *f)
{
	for (size_t at = 0; at < in->n; at++)
		if (i->targets[at].field == f && !i->targets[at].sub &&
		    in->v[at].value.n > 0)
			return true;
	return false;
}

static const struct field *
note_of(const struct import *i, const struct intake *in, const struct kind *k)
{
	const struct field *f = schema_field(k, STR("note"));

	return f && f->slot != SLOT_NONE && !row_says(i, in, f) ? f : NULL;
}

/* Gives the record what it cannot be without until it is completed: a note,
 * and itself where it must refer to something. */
static enum crm_err
prop(struct import *i, const struct kind *k, const struct intake *in,
    struct diag *dg)
{
	static const char *const ends[] = {"from", "to"};
	const struct field *f = note_of(i, in, k);
	struct buf own = {0};
	enum crm_err err = CRM_OK;

	if (f)
		err = writer_set(i->writer, f, ASSIGN_SET, STR("waits"), dg);
	if (i->given.num)
		id_print(store_schema(i->store), i->given, &own);
	for (size_t at = 0; own.n && at < ARRAY_LEN(ends) && !err; at++) {
		f = k->no == KIND_LINK ? schema_field(k, str_from(ends[at]))
				       : NULL;
		if (f)
			err = writer_set(
			    i->writer, f, ASSIGN_SET, str_of(&own), dg);
	}
	if (!err && own.failed)
		err = diag_nomem(dg);
	buf_clear(&own);
	return err;
}

/* The record of the row without what it refers to, *id.num 0 when there is
 * one. */
static enum crm_err
lay(struct import *i, const struct kind *k, const struct intake *in,
    bool propped, struct id *id, struct diag *dg)
{
	enum writer_done done;
	enum crm_err err = row_start(i, k, in, dg);

	*id = (struct id){0};
	if (err || !writer_fresh(i->writer))
		return err;
	if (propped)
		err = prop(i, k, in, dg);
	if (!err)
		err = values_set(i, in, false, dg);
	i->at = NULL;
	return err ? err : writer_commit(i->writer, id, &done, dg);
}

enum crm_err
row_lay(struct import *i, const struct kind *k, const struct intake *in,
    struct id *id, bool *propped, struct diag *dg)
{
	enum crm_err err = row_begin(i, k, in, dg);

	*propped = false;
	if (!err)
		err = lay(i, k, in, false, id, dg);
	if (err == CRM_DATA) {
		diag_clear(dg);
		*propped = true;
		err = lay(i, k, in, true, id, dg);
	}
	return row_end(i, err, dg);
}

/* Those targets that are parts of what is referred to. */
static enum crm_err
subs_check(struct import *i, const struct intake *in, struct diag *dg)
{
	bool any;
	enum crm_err err = CRM_OK;

	for (size_t at = 0; !err && at < in->n; at++)
		if (sub_first(i, in, at, &any) && any)
			err = refer_check(i, in, at, dg);
	return err;
}

enum crm_err
row_check(struct import *i, const struct kind *k, const struct intake *in,
    struct id laid, struct diag *dg)
{
	enum crm_err err = row_begin(i, k, in, dg);

	if (!err && laid.num)
		err = writer_complete(i->writer, laid, dg);
	else if (!err)
		err = row_start(i, k, in, dg);
	if (!err && !laid.num)
		err = values_set(i, in, false, dg);
	if (!err)
		err = values_set(i, in, true, dg);
	if (!err)
		err = subs_check(i, in, dg);
	if (!err && !laid.num && i->compare)
		err = compare(i, in, dg);
	return row_end(i, err, dg);
}

enum crm_err
row_complete(struct import *i, const struct kind *k, const struct intake *in,
    struct id laid, bool propped, struct diag *dg)
{
	const struct field *note;
	enum writer_done done;
	enum crm_err err = row_begin(i, k, in, dg);

	if (!err)
		err = writer_complete(i->writer, laid, dg);
	note = err || !propped ? NULL : note_of(i, in, k);
	if (note)
		err = writer_set(i->writer, note, ASSIGN_SET, STR(""), dg);
	if (!err)
		err = values_set(i, in, true, dg);
	if (!err)
		err = subs_set(i, in, dg);
	i->at = NULL;
	if (!err)
		err = writer_commit(i->writer, &laid, &done, dg);
	if (!err && i->opt.clear_empty)
		err = blanks_clear(i, in, laid, dg);
	i->under_way = false;
	if (!err)
		made_tell(i);
	i->nlent = 0;
	return err;
}
