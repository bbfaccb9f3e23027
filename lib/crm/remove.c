/* SPDX-License-Identifier: ISC */
/* remove: finds who refers to what goes, decides who goes along. */
#include "crm/remove.h"
#include "crm/idlist.h"
#include "model/record.h"

enum { NAMED_MAX = 10 };

/* A reference to be taken out of a record that stays. */
struct cut {
	struct id id;
	struct id target;
	const struct field *field;
};

struct removal {
	struct store *store;
	const struct remove_options *opt;
	struct idlist gone; /* grows while its dependants are found */
	struct cut *cuts;
	size_t ncuts, cap;

	struct buf blockers; /* the first that stand in the way */
	uint64_t nblockers, named;
	struct id blocked; /* the record the first of them refers to */
	struct buf text;
};

/* ---- who means nothing without it -------------------------------------- */

/* What a record of the kind is about; it goes with the last of these. */
static const struct anchor {
	uint16_t kind;
	bool every; /* needs all of them, not just one */
	const char *fields;
} anchors[] = {
    {KIND_ACTIVITY, false, "contact,org,deal,ticket"},
    {KIND_TASK, false, "contact,org,deal,ticket,re"},
    {KIND_DEAL, false, "contact,org"},
    {KIND_ORDER, false, "contact,org"},
    {KIND_TICKET, false, "contact,org"},
    {KIND_ITEM, true, "order"},
    {KIND_LINK, true, "from,to"},
    {KIND_CONSENT, true, "contact"},
};

static const struct anchor *
anchor_of(uint16_t kind)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(anchors); i++)
		if (anchors[i].kind == kind)
			return &anchors[i];
	return NULL;
}

static bool
anchor_has(const struct anchor *a, struct str name)
{
	struct str rest = str_from(a->fields);

	while (rest.p)
		if (str_eq(str_cut(&rest, ','), name))
			return true;
	return false;
}

/* Some record that stays is named in LIST. */
static bool
list_stays(const struct removal *m, struct str list)
{
	const struct schema *s = store_schema(m->store);
	struct str rest = list;
	struct id id;

	while (list.n && rest.p)
		if (id_parse(s, str_cut(&rest, ','), &id) &&
		    !idlist_has(&m->gone, id))
			return true;
	return false;
}

/* R refers through F to what goes: does it go along? */
static bool
goes_along(
    const struct removal *m, const struct record *r, const struct field *f)
{
	const struct anchor *a = anchor_of(r->kind->no);
	struct str rest, name;
	const struct field *other;

	if (!a || !anchor_has(a, f->name))
		return false;
	if (a->every)
		return !list_stays(m, row_get(&r->row, f->slot));
	for (rest = str_from(a->fields); rest.p;) {
		name = str_cut(&rest, ',');
		other = schema_field(r->kind, name);
		if (other && other->slot != SLOT_NONE &&
		    list_stays(m, row_get(&r->row, other->slot)))
			return false;
	}
	return true;
}

/* ---- planning --------------------------------------------------------- */

static enum crm_err
cut_add(struct removal *m, struct id id, const struct field *f,
    struct id target, struct diag *dg)
{
	struct cut *more;
	size_t cap;

	if (m->ncuts == m->cap) {
		cap = m->cap ? m->cap * 2 : 64;
		more = realloc(m->cuts, cap * sizeof(*more));
		if (!more)
			return diag_nomem(dg);
		m->cuts = more;
		m->cap = cap;
	}
	m->cuts[m->ncuts++] =
	    (struct cut){.id = id, .target = target, .field = f};
	return CRM_OK;
}

static void
blocker_add(
    struct removal *m, struct id id, const struct field *f, struct id target)
{
	if (m->nblockers++ == 0)
		m->blocked = target;
	if (!id_eq(target, m->blocked) || m->named == NAMED_MAX)
		return;
	m->named++;
	buf_addz(&m->blockers, m->blockers.n ? ", " : "");
	id_print(store_schema(m->store), id, &m->blockers);
	buf_addf(&m->blockers, " (%.*s)", STR_ARG(f->name));
}

/* What becomes of ID, which refers to TARGET through F. */
static enum crm_err
referrer(struct removal *m, struct id id, const struct field *f,
    struct id target, struct diag *dg)
{
	struct record r;
	enum crm_err err;

	if (idlist_has(&m->gone, id))
		return CRM_OK;
	if (!m->opt->recursive) {
		blocker_add(m, id, f, target);
		return CRM_OK;
	}
	err = store_follow(m->store, id, &r, dg);
	if (err)
		return err;
	if (!goes_along(m, &r, f))
		return cut_add(m, id, f, target, dg);
	if (!idlist_add(&m->gone, id, NULL))
		return diag_nomem(dg);
	return CRM_OK;
}

static enum crm_err
referrers(
    struct removal *m, const struct field *f, struct id target, struct diag *dg)
{
	struct scan_spec spec = {
	    .type = SCAN_REFS, .field = f, .target = target};
	struct scan *sc = NULL;
	struct id id;
	bool got = true;
	enum crm_err err;

	err = scan_open(&sc, m->store, &spec, dg);
	while (!err && got) {
		err = scan_next(sc, &id, &got, dg);
		if (!err && got)
			err = referrer(m, id, f, target, dg);
	}
	scan_close(sc);
	return err;
}

/* All that refers to TARGET, through whatever field. */
static enum crm_err
target_plan(struct removal *m, struct id target, struct diag *dg)
{
	const struct schema *s = store_schema(m->store);
	const struct kind *k;
	const struct field *f;
	enum crm_err err = CRM_OK;
	size_t i, j;

	for (i = 0; !err && (k = schema_kind_at(s, i)) != NULL; i++)
		for (j = 0; !err && j < k->nfields; j++) {
			f = k->fields[j];
			if (f->type != TYPE_REF || f->slot == SLOT_NONE)
				continue;
			if (f->ref == KIND_NONE || f->ref == target.kind)
				err = referrers(m, f, target, dg);
		}
	return err;
}

static enum crm_err
blocked_error(struct removal *m, struct diag *dg)
{
	struct buf name = {0};
	uint64_t more;
	enum crm_err err;

	id_print(store_schema(m->store), m->blocked, &name);
	more = m->nblockers - m->named;
	err = diag_set(dg, CRM_DATA, "%s: %s refer%s to it", buf_z(&name),
	    buf_z(&m->blockers), m->named == 1 ? "s" : "");
	if (more)
		diag_more(dg, ", %llu more to the given records",
		    (unsigned long long)more);
	diag_more(dg, "; -r takes along what depends on it");
	buf_clear(&name);
	return err;
}

/* Fills gone and cuts. gone grows while it is walked. */
static enum crm_err
removal_plan(struct removal *m, const struct id *ids, size_t n, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	size_t i;

	for (i = 0; i < n; i++)
		if (!idlist_add(&m->gone, ids[i], NULL))
			return diag_nomem(dg);
	for (i = 0; !err && i < m->gone.n; i++)
		err = target_plan(m, m->gone.ids[i], dg);
	if (!err && m->nblockers)
		err = blocked_error(m, dg);
	return err;
}

/* A record that stayed at first may go for another reason later, so it is
 * known only now which cuts are left. */
static void
cuts_settle(struct removal *m)
{
	size_t i, kept = 0;

	for (i = 0; i < m->ncuts; i++)
		if (!idlist_has(&m->gone, m->cuts[i].id))
			m->cuts[kept++] = m->cuts[i];
	m->ncuts = kept;
}

static enum crm_err
plan_tell(struct removal *m, struct diag *dg)
{
	const struct remove_options *o = m->opt;
	enum crm_err err = CRM_OK;
	size_t i;

	for (i = 0; !err && i < m->gone.n; i++)
		err = o->plan(o->arg, m->gone.ids[i], NULL, (struct id){0}, dg);
	for (i = 0; !err && i < m->ncuts; i++)
		err = o->plan(o->arg, m->cuts[i].id, m->cuts[i].field,
		    m->cuts[i].target, dg);
	return err;
}

/* ---- doing ------------------------------------------------------------ */

/* The list NOW without what goes, into m->text. */
static void
list_without(struct removal *m, struct str now)
{
	const struct schema *s = store_schema(m->store);
	struct str rest = now, item;
	struct id id;

	buf_reset(&m->text);
	while (now.n && rest.p) {
		item = str_cut(&rest, ',');
		if (id_parse(s, item, &id) && idlist_has(&m->gone, id))
			continue;
		if (m->text.n)
			buf_addc(&m->text, ',');
		buf_add(&m->text, item);
	}
}

/* Takes all that goes out of field F of record ID. */
static enum crm_err
field_cut(
    struct removal *m, struct id id, const struct field *f, struct diag *dg)
{
	struct change_field cf = {.field = f};
	struct change c = {.op = CHANGE_UPDATE, .id = id, .nfields = 1};
	struct record r;
	enum crm_err err;

	err = store_follow(m->store, id, &r, dg);
	if (err)
		return err;
	cf.before = row_get(&r.row, f->slot);
	list_without(m, cf.before);
	if (m->text.failed)
		return diag_nomem(dg);
	cf.after = str_of(&m->text);
	if (str_eq(cf.before, cf.after))
		return CRM_OK;
	c.kind = r.kind;
	c.fields = &cf;
	return store_apply(m->store, &c, dg);
}

/* A field that must not be empty refers to its own record instead: that
 * holds nobody up. */
static enum crm_err
field_turn(
    struct removal *m, struct id id, const struct field *f, struct diag *dg)
{
	struct change_field cf = {.field = f};
	struct change c = {.op = CHANGE_UPDATE,
	    .id = id,
	    .kind = schema_kind_no(store_schema(m->store), id.kind),
	    .fields = &cf,
	    .nfields = 1};

	buf_reset(&m->text);
	id_print(store_schema(m->store), id, &m->text);
	if (m->text.failed)
		return diag_nomem(dg);
	cf.after = str_of(&m->text);
	return store_apply(m->store, &c, dg);
}

/* Takes the references of a record that goes, to others that go, out of it:
 * so that those which refer to one another in a circle can be deleted. */
static enum crm_err
circle_cut(struct removal *m, struct id id, struct diag *dg)
{
	const struct schema *s = store_schema(m->store);
	const struct kind *k = schema_kind_no(s, id.kind);
	const struct field *f;
	enum crm_err err = CRM_OK;
	size_t i;

	for (i = 0; !err && k && i < k->nfields; i++) {
		f = k->fields[i];
		if (f->type != TYPE_REF || f->slot == SLOT_NONE)
			continue;
		err = field_cut(m, id, f, dg);
		if (err != CRM_DATA)
			continue;
		/* What can neither be empty nor turned is in no circle. */
		err = CRM_OK;
		if (f->ref == KIND_NONE || f->ref == id.kind)
			err = field_turn(m, id, f, dg);
	}
	return err;
}

/* Deletes ID; *held tells that another one still refers to it. */
static enum crm_err
record_delete(struct removal *m, struct id id, bool *held, struct diag *dg)
{
	const struct schema *s = store_schema(m->store);
	struct change c = {
	    .op = CHANGE_DELETE,
	    .id = id,
	    .kind = schema_kind_no(s, id.kind),
	};
	enum crm_err err = store_apply(m->store, &c, dg);

	*held = err == CRM_DATA;
	return *held ? CRM_OK : err;
}

/* Dependants were found last and go first. What is still referred to waits
 * for the next round; LEFT is how many wait. */
static enum crm_err
round_delete(struct removal *m, struct id *ids, size_t *left, struct diag *dg)
{
	size_t i, n = *left, waiting = n;
	bool held = false;
	enum crm_err err = CRM_OK;

	/* Those that wait move to the end of ids[0..n). */
	for (i = n; !err && i-- > 0;) {
		err = record_delete(m, ids[i], &held, dg);
		if (!err && held)
			ids[--waiting] = ids[i];
	}
	*left = n - waiting;
	memmove(ids, ids + waiting, *left * sizeof(*ids));
	return err;
}

static enum crm_err
removal_delete(struct removal *m, struct diag *dg)
{
	size_t left = m->gone.n, before, i;
	struct id *ids = malloc((left + 1) * sizeof(*ids));
	bool cut = false;
	enum crm_err err = CRM_OK;

	if (!ids)
		return diag_nomem(dg);
	memcpy(ids, m->gone.ids, left * sizeof(*ids));
	while (!err && left) {
		before = left;
		diag_clear(dg);
		err = round_delete(m, ids, &left, dg);
		if (err || left < before)
			continue;
		if (cut) {
			err = CRM_DATA; /* dg says why the last one stays */
			break;
		}
		/* A circle: nothing more refers to anything after this. */
		cut = true;
		for (i = 0; !err && i < left; i++)
			err = circle_cut(m, ids[i], dg);
	}
	if (!err)
		diag_clear(dg);
	free(ids);
	return err;
}

static enum crm_err
removal_apply(struct removal *m, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	size_t i;

	for (i = 0; !err && i < m->ncuts; i++)
		err = field_cut(m, m->cuts[i].id, m->cuts[i].field, dg);
	if (!err)
		err = removal_delete(m, dg);
	return err;
}

enum crm_err
remove_run(struct store *s, const struct id *ids, size_t n,
    const struct remove_options *o, uint64_t *removed, struct diag *dg)
{
	struct removal m = {.store = s, .opt = o};
	enum crm_err err = removal_plan(&m, ids, n, dg);

	cuts_settle(&m);
	if (!err && o->plan)
		err = plan_tell(&m, dg);
	if (!err && !o->plan_only)
		err = removal_apply(&m, dg);
	*removed = m.gone.n;
	idlist_clear(&m.gone);
	free(m.cuts);
	buf_clear(&m.blockers);
	buf_clear(&m.text);
	return err;
}
