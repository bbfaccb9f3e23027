/* SPDX-License-Identifier: ISC */
/* past: kinds and fields whose own records are gone, from the journal. */
#include "crm/past.h"

#include "base/num.h"
#include "model/schema_default.h"
#include "store/journal.h"

/* Counters that no record ever had are rare: where so many in a row are
 * missing, the end is reached. */
enum { GAP = 256 };

struct gone {
	uint64_t num;	 /* counter of its own record */
	uint64_t txn;	 /* that deleted it */
	uint16_t no;	 /* number of the kind; of the kind of a field */
	uint16_t slot;	 /* SLOT_NONE: this is a kind */
	struct buf name; /* of a field, without the kind */
	struct buf of;	 /* name of the kind */
	struct buf prefix;
};

struct past {
	struct store *store;
	uint64_t last; /* transaction when it was loaded */
	bool loaded;
	struct gone *gone;
	size_t n, cap;
};

enum crm_err
past_new(struct past **out, struct store *s, struct diag *dg)
{
	struct past *p = calloc(1, sizeof(*p));

	*out = p;
	if (!p)
		return diag_nomem(dg);
	p->store = s;
	return CRM_OK;
}

void
past_free(struct past *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++) {
		buf_clear(&p->gone[i].name);
		buf_clear(&p->gone[i].of);
		buf_clear(&p->gone[i].prefix);
	}
	free(p->gone);
	free(p);
}

const struct schema *
past_schema(const struct past *p)
{
	return store_schema(p->store);
}

/* ---- reading ----------------------------------------------------------- */

static struct str
text_of(const struct kind *k, const struct row *row, const char *name)
{
	const struct field *f = schema_field(k, str_from(name));

	return f ? row_get(row, f->slot) : (struct str){0};
}

static uint16_t
small_of(const struct kind *k, const struct row *row, const char *name)
{
	uint64_t v;

	return num_u64(text_of(k, row, name), &v) && v < SLOT_NONE - 1
		   ? (uint16_t)v
		   : SLOT_NONE - 1;
}

static struct gone *
gone_room(struct past *p)
{
	struct gone *more;
	size_t cap;

	if (p->n == p->cap) {
		cap = p->cap ? p->cap * 2 : 16;
		more = realloc(p->gone, cap * sizeof(*more));
		if (!more)
			return NULL;
		p->gone = more;
		p->cap = cap;
	}
	p->gone[p->n] = (struct gone){0};
	return &p->gone[p->n++];
}

static enum crm_err
gone_add(struct past *p, const struct kind *k, uint64_t num, uint64_t txn,
    const struct row *row, struct diag *dg)
{
	struct str name = text_of(k, row, "name");
	size_t dot = str_chr(name, '.');
	struct gone *g = gone_room(p);

	if (!g)
		return diag_nomem(dg);
	g->num = num;
	g->txn = txn;
	g->slot = SLOT_NONE;
	if (k->no == KIND_KIND) {
		g->no = small_of(k, row, "no");
		buf_add(&g->prefix, text_of(k, row, "prefix"));
	} else {
		g->slot = small_of(k, row, "slot");
		buf_add(&g->name, str_from_pos(name, dot + 1));
	}
	buf_add(&g->of, str_head(name, dot));
	return g->name.failed || g->of.failed || g->prefix.failed
		   ? diag_nomem(dg)
		   : CRM_OK;
}

/* The last change of a record that is not there: its deletion, or the creation
 * that this transaction is taking back. */
static enum crm_err
gone_read(struct past *p, struct journal *j, struct id id, bool *known,
    struct diag *dg)
{
	const struct kind *k = schema_kind_no(store_schema(p->store), id.kind);
	struct journal_change c;
	enum crm_err err;
	bool deleted;

	*known = store_has(p->store, id);
	if (*known)
		return CRM_OK;
	err = journal_of(j, id, 1, p->last, true, dg);
	if (!err)
		err = journal_next(j, &c, known, dg);
	if (err || !*known)
		return err;
	deleted = c.op == CHANGE_DELETE;
	return gone_add(p, k, id.num, deleted ? journal_head(j)->txn : 0,
	    deleted ? &c.before : &c.after, dg);
}

static enum crm_err
gone_read_all(struct past *p, struct journal *j, uint16_t kind, uint64_t num,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;
	unsigned missing = 0;
	bool known;

	for (; !err && missing < GAP; num++) {
		err = gone_read(p, j, (struct id){num, kind, 0}, &known, dg);
		missing = known ? 0 : missing + 1;
	}
	return err;
}

/* What the program brings along is never gone. */
static uint64_t
builtin_kinds(void)
{
	struct kind_def k;
	uint64_t n = 0;

	while (schema_default_kind((size_t)n, &k))
		n++;
	return n;
}

static uint64_t
builtin_fields(void)
{
	struct field_def f;
	uint64_t n = 0;

	while (schema_default_field((size_t)n, &f))
		n++;
	return n;
}

/* A field says the name of its kind, which has a number, or had. */
static void
kinds_settle(struct past *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct gone *g = &p->gone[i];
		const struct kind *k =
		    schema_kind(store_schema(p->store), str_of(&g->of));

		if (g->slot == SLOT_NONE)
			continue;
		g->no = k ? k->no : KIND_NONE;
		for (size_t i2 = 0; i2 < p->n && !k; i2++)
			if (p->gone[i2].slot == SLOT_NONE &&
			    p->gone[i2].txn == g->txn &&
			    str_eq(str_of(&p->gone[i2].of), str_of(&g->of)))
				g->no = p->gone[i2].no;
	}
}

enum crm_err
past_load(struct past *p, struct diag *dg)
{
	struct journal_state state;
	struct journal *j = NULL;
	enum crm_err err;

	if (p->loaded)
		return CRM_OK;
	err = journal_state(p->store, &state, dg);
	p->last = err ? 0 : state.last;
	if (!err)
		err = journal_open(&j, p->store, false, dg);
	if (!err)
		err = gone_read_all(p, j, KIND_KIND, builtin_kinds() + 1, dg);
	if (!err)
		err = gone_read_all(p, j, KIND_FIELD, builtin_fields() + 1, dg);
	journal_close(j);
	if (!err)
		kinds_settle(p);
	p->loaded = !err;
	return err;
}

/* ---- asking ------------------------------------------------------------ */

static const struct gone *
gone_find(const struct past *p, uint16_t no, uint16_t slot)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->gone[i].no == no && p->gone[i].slot == slot)
			return &p->gone[i];
	return NULL;
}

/* Deleted where the journal does not reach. */
static enum crm_err
gone_unknown(struct past *p, uint16_t no, unsigned slot, struct str *name,
    struct diag *dg)
{
	struct gone *g = gone_room(p);

	if (!g)
		return diag_nomem(dg);
	g->no = no;
	g->slot = (uint16_t)slot;
	buf_addf(&g->name, "?%u", slot);
	*name = str_of(&g->name);
	return g->name.failed ? diag_nomem(dg) : CRM_OK;
}

enum crm_err
past_field(struct past *p, uint16_t no, unsigned slot, struct past_field *out,
    struct diag *dg)
{
	const struct kind *k = schema_kind_no(store_schema(p->store), no);
	const struct gone *g;
	enum crm_err err;

	*out = (struct past_field){0};
	if (k && slot < k->nslots && k->slots[slot]) {
		out->field = k->slots[slot];
		out->name = out->field->name;
		return CRM_OK;
	}
	/* Every kind had these. */
	if (slot == SLOT_CREATED || slot == SLOT_UPDATED) {
		out->name =
		    slot == SLOT_CREATED ? STR("created") : STR("updated");
		return CRM_OK;
	}
	err = past_load(p, dg);
	if (err)
		return err;
	g = gone_find(p, no, (uint16_t)slot);
	if (g) {
		out->name = str_of(&g->name);
		out->gone = g->txn;
		return CRM_OK;
	}
	return gone_unknown(p, no, slot, &out->name, dg);
}

enum crm_err
past_id(struct past *p, struct id id, struct buf *out, struct diag *dg)
{
	const struct gone *g = NULL;
	enum crm_err err = CRM_OK;

	if (!schema_kind_no(store_schema(p->store), id.kind)) {
		err = past_load(p, dg);
		if (!err)
			g = gone_find(p, id.kind, SLOT_NONE);
	}
	if (g) {
		buf_add(out, str_of(&g->prefix));
		buf_addu(out, id.num);
	} else if (!err) {
		id_print(store_schema(p->store), id, out);
	}
	return err;
}

enum crm_err
past_id_parse(
    struct past *p, struct str text, struct id *out, bool *yes, struct diag *dg)
{
	enum crm_err err = past_load(p, dg);

	*yes = false;
	for (size_t i = 0; !err && i < p->n && !*yes; i++) {
		struct str prefix = str_of(&p->gone[i].prefix);

		*out = (struct id){.kind = p->gone[i].no};
		*yes = p->gone[i].slot == SLOT_NONE && prefix.n &&
		       str_starts(text, prefix) &&
		       num_u64(str_from_pos(text, prefix.n), &out->num) &&
		       out->num && out->num <= ID_NUM_MAX;
	}
	return err;
}

enum crm_err
past_has(struct past *p, struct id id, bool *yes, struct diag *dg)
{
	struct journal_state state;
	struct journal *j = NULL;
	struct journal_change change;
	enum crm_err err = journal_state(p->store, &state, dg);

	*yes = false;
	if (!err)
		err = journal_open(&j, p->store, true, dg);
	if (!err)
		err = journal_of(j, id, 1, state.last, false, dg);
	if (!err)
		err = journal_next(j, &change, yes, dg);
	journal_close(j);
	return err;
}
