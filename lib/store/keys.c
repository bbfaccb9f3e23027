/* SPDX-License-Identifier: ISC */
/* keys: what a record puts into the other tables: index keys, references,
 * due times. All of it follows from the record (and, for a cadence, from its
 * derived fields), so a change is the difference of two such sets. */
#include "base/date.h"
#include "base/num.h"
#include "base/recur.h"
#include "model/value.h"
#include "store/priv.h"

enum { PRECISION_DAY, PRECISION_MOMENT, TIME_NONE = 0xff };

void
key_time(struct str text, unsigned char out[TIME_BYTES])
{
	int64_t utc;
	int days;

	if (text.n == DATE_LEN && date_parse(text, &days)) {
		num_put_i64(out, (int64_t)days * 86400);
		out[8] = PRECISION_DAY;
	} else if (text.n && time_parse(text, &utc)) {
		num_put_i64(out, utc);
		out[8] = PRECISION_MOMENT;
	} else {
		memset(out, TIME_NONE, TIME_BYTES);
	}
}

/* The day an instant falls on, UTC, also before 1970. */
static int
day_of(int64_t utc)
{
	int64_t d = utc / 86400 - (utc % 86400 < 0 ? 1 : 0);

	if (d < DATE_MIN)
		return DATE_MIN;
	return d > DATE_MAX ? DATE_MAX : (int)d;
}

struct ref_time
key_time_number(const unsigned char in[TIME_BYTES])
{
	if (in[8] == TIME_NONE)
		return (struct ref_time){0};
	return (struct ref_time){.utc = num_get_i64(in),
	    .given = true,
	    .day = in[8] == PRECISION_DAY};
}

struct moment
ref_time_text(struct ref_time t)
{
	struct moment out = {0};

	if (t.given && t.day) {
		date_write(day_of(t.utc), out.text);
		out.n = DATE_LEN;
	} else if (t.given) {
		time_write(t.utc, out.text);
		out.n = TIME_LEN;
	}
	return out;
}

void
key_time_text(const unsigned char in[TIME_BYTES], struct moment *out)
{
	*out = ref_time_text(key_time_number(in));
}

/* ---- the set ---------------------------------------------------------- */

struct str
entry_key(const struct entry_set *e, size_t i)
{
	return (struct str){
	    .p = e->memory.p + e->v[i].key_at, .n = e->v[i].key_n};
}

struct str
entry_value(const struct entry_set *e, size_t i)
{
	return (struct str){.p = e->memory.p + e->v[i].key_at + e->v[i].key_n,
	    .n = e->v[i].value_n};
}

/* The key and then the value have been appended to the memory from AT on. */
static enum crm_err
entry_add(struct entry_set *e, struct table *t, size_t at, size_t key_n,
    struct diag *dg)
{
	if (!t || e->memory.failed)
		return diag_nomem(dg);
	if (e->n == e->cap) {
		size_t cap = e->cap ? e->cap * 2 : 16;
		struct entry *v = realloc(e->v, cap * sizeof(*v));

		if (!v)
			return diag_nomem(dg);
		e->v = v;
		e->cap = cap;
	}
	e->v[e->n++] = (struct entry){.table = t,
	    .key_at = at,
	    .key_n = key_n,
	    .value_n = e->memory.n - at - key_n};
	return CRM_OK;
}

static int
entry_cmp(
    const struct entry_set *e, const struct entry *a, const struct entry *b)
{
	uintptr_t x = (uintptr_t)a->table, y = (uintptr_t)b->table;

	if (x != y)
		return x < y ? -1 : 1;
	return str_cmp(
	    (struct str){.p = e->memory.p + a->key_at, .n = a->key_n},
	    (struct str){.p = e->memory.p + b->key_at, .n = b->key_n});
}

/* Shell sort: sets are small, and qsort has no argument for the memory. */
void
entries_sort(struct entry_set *e)
{
	for (size_t gap = e->n / 2; gap > 0; gap /= 2) {
		for (size_t i = gap; i < e->n; i++) {
			struct entry x = e->v[i];
			size_t j = i;

			for (; j >= gap && entry_cmp(e, &e->v[j - gap], &x) > 0;
			     j -= gap)
				e->v[j] = e->v[j - gap];
			e->v[j] = x;
		}
	}
}

void
entries_reset(struct entry_set *e)
{
	e->n = 0;
	buf_reset(&e->memory);
}

void
entries_clear(struct entry_set *e)
{
	free(e->v);
	buf_clear(&e->memory);
	*e = (struct entry_set){0};
}

/* ---- what counts ------------------------------------------------------ */

static uint16_t
slot(const struct kind *k, const char *name)
{
	const struct field *f = k ? schema_field(k, str_from(name)) : NULL;

	return f ? f->slot : SLOT_NONE;
}

const struct roles *
roles_find(struct store *s, uint16_t no)
{
	static const struct {
		const char *status, *time, *amount;
	} names[ROLE_KINDS] = {
	    [KIND_ACTIVITY] = {"status", "start", ""},
	    [KIND_TASK] = {"status", "due", ""},
	    [KIND_DEAL] = {"stage", "close", "amount"},
	    [KIND_ORDER] = {"status", "issued", "total"},
	    [KIND_TICKET] = {"status", "opened", ""},
	};
	static const char *const tasks[COVER_VALUES] = {
	    [COVER_PRIORITY] = "priority",
	    [COVER_CONTACT] = "contact",
	    [COVER_ORG] = "org",
	    [COVER_TITLE] = "title",
	};
	static const char *const activities[COVER_VALUES] = {
	    [COVER_TYPE] = "type",
	    [COVER_DIRECTION] = "direction",
	    [COVER_STATUS] = "status",
	    [COVER_SUBJECT] = "subject",
	};
	const char *const *covered = no == KIND_TASK	   ? tasks
				     : no == KIND_ACTIVITY ? activities
							   : NULL;
	const struct kind *k = schema_kind_no(s->schema, no);
	bool named = names[no].status != NULL;

	s->roles[no] = (struct roles){
	    .known = true,
	    .status = slot(k, named ? names[no].status : ""),
	    .time = slot(k, named ? names[no].time : ""),
	    .amount = slot(k, named ? names[no].amount : ""),
	    .currency = slot(k, "currency"),
	    .doc = no == KIND_ORDER ? slot(k, "doc") : SLOT_NONE,
	    .contact = no == KIND_CONTACT ? SLOT_NONE : slot(k, "contact"),
	    .org = slot(k, "org"),
	    .every = owners_kind(no) ? slot(k, "every") : SLOT_NONE,
	    .suppress = owners_kind(no) ? slot(k, "suppress") : SLOT_NONE,
	};
	/* Who has an amount has a currency: that of the store is asked for. */
	if (s->roles[no].amount != SLOT_NONE)
		s->roles[no].own = store_currency(s);
	for (size_t i = 0; i < COVER_VALUES; i++)
		s->roles[no].cover[i] =
		    covered ? slot(k, covered[i]) : SLOT_NONE;
	return &s->roles[no];
}

void
roles_forget(struct store *s)
{
	memset(s->roles, 0, sizeof(s->roles));
	for (size_t i = 0; s->scratch && i < OUTLINES; i++)
		s->scratch->outlined[i] = NULL;
}

static struct str
role_value(const struct row *row, uint16_t slot_no)
{
	return slot_no == SLOT_NONE ? (struct str){0} : row_get(row, slot_no);
}

static bool
role_closed(const struct kind *k, const struct roles *r, const struct row *row)
{
	struct str v = role_value(row, r->status);
	const struct choice *c;

	if (r->doc != SLOT_NONE && !str_is(row_get(row, r->doc), "order"))
		return true;
	if (v.n == 0)
		return false;
	c = field_choice(k->slots[r->status], v);
	return c && c->closed;
}

static void
standing_find(struct store *s, const struct kind *k, const struct row *row,
    struct standing *out)
{
	const struct roles *r = k->no < ROLE_KINDS ? roles_of(s, k->no) : NULL;
	struct str amount, currency;

	*out = (struct standing){.time = row_get(row, SLOT_CREATED)};
	if (!r)
		return;
	if (r->time != SLOT_NONE)
		out->time = row_get(row, r->time);
	if (role_closed(k, r, row))
		out->class = REF_CLOSED;
	amount = role_value(row, r->amount);
	currency = role_value(row, r->currency);
	if (amount.n && decimal_parse(amount, &out->amount))
		out->counts = currency.n == 0 || str_eq(currency, r->own);
}

/* The row that is being written is asked for more than once. */
void
standing_of(struct store *s, const struct kind *k, const struct row *row,
    struct standing *out)
{
	struct scratch *w = s->scratch;
	bool own = w && w->after.n > 0 && row->data > w->after.p &&
		   row->data <= w->after.p + w->after.n;

	if (own && w->counted == s->moves) {
		*out = w->standing;
		return;
	}
	standing_find(s, k, row, out);
	if (own) {
		w->standing = *out;
		w->counted = s->moves;
	}
}

/* ---- covers ----------------------------------------------------------- */

enum { COVER_MAX = 240, COVER_SIZES = COVER_VALUES - 1 };

/*
 * A byte with the length of each value but the last, then the values. Nothing
 * where they are too long: an entry is a fraction of a page.
 */
static void
cover_put(const struct roles *r, const struct row *row, struct buf *out)
{
	struct str v[COVER_VALUES];
	size_t sum = COVER_SIZES;
	char *p;

	for (size_t i = 0; i < COVER_VALUES; i++) {
		v[i] = role_value(row, r->cover[i]);
		sum += v[i].n;
	}
	p = sum > COVER_MAX ? NULL : buf_room(out, sum);
	if (!p)
		return;
	out->n += sum;
	for (size_t i = 0; i < COVER_SIZES; i++)
		*p++ = (char)(unsigned char)v[i].n;
	for (size_t i = 0; i < COVER_SIZES; i++)
		for (size_t j = 0; j < v[i].n; j++)
			*p++ = v[i].p[j];
	if (v[COVER_SIZES].n)
		memcpy(p, v[COVER_SIZES].p, v[COVER_SIZES].n);
	p[v[COVER_SIZES].n] = '\0';
}

bool
cover_split(struct str cover, struct str out[COVER_VALUES])
{
	struct str rest = str_from_pos(cover, COVER_SIZES);

	if (cover.n < COVER_SIZES)
		return false;
	for (size_t i = 0; i < COVER_SIZES; i++) {
		size_t n = (unsigned char)cover.p[i];

		out[i] = str_head(rest, n);
		rest = str_from_pos(rest, n);
	}
	out[COVER_SIZES] = rest;
	return true;
}

/* Behind a key that begins at AT: the seal of both, then the cover. */
static void
add_cover(const struct table *t, size_t at, size_t key_n, const struct roles *r,
    const struct row *row, struct buf *m)
{
	static const char room[SEAL_BYTES];

	buf_add(m, (struct str){.p = room, .n = SEAL_BYTES});
	cover_put(r, row, m);
	if (m->failed)
		return;
	num_put32((unsigned char *)m->p + at + key_n,
	    seal_of(t, (struct str){.p = m->p + at, .n = key_n},
		str_from_pos(str_of(m), at + key_n + SEAL_BYTES)));
}

/* ---- the entries ------------------------------------------------------ */

void
key_target(struct id target, struct buf *out)
{
	unsigned char bytes[2 + ID_BYTES];

	num_put16(bytes, target.kind);
	id_put(target, bytes + 2);
	buf_add(
	    out, (struct str){.p = (const char *)bytes, .n = sizeof(bytes)});
}

static void
add_id(struct buf *out, struct id id)
{
	unsigned char bytes[ID_BYTES];

	id_put(id, bytes);
	buf_add(out, (struct str){.p = (const char *)bytes, .n = ID_BYTES});
}

/* What orders and deals carry in their references: enough to sum up without
 * reading the record, with a seal of its own. */
static void
add_amount(
    struct table *t, size_t at, const struct standing *st, struct buf *out)
{
	unsigned char value[1 + DECIMAL_BYTES] = {st->counts ? 1 : 0};
	unsigned char seal[SEAL_BYTES];
	struct str v = {.p = (const char *)value, .n = sizeof(value)};
	struct str key = {.p = out->p + at, .n = out->n - at};

	decimal_put(st->amount, value + 1);
	if (out->failed)
		return;
	num_put32(seal, seal_of(t, key, v));
	buf_add(out, (struct str){.p = (const char *)seal, .n = SEAL_BYTES});
	buf_add(out, v);
}

static enum crm_err
ref_entry(struct store *s, const struct field *f, struct id target,
    struct id id, const struct row *row, const struct standing *st,
    struct entry_set *out, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_REFS, f->kind, f->slot);
	struct buf *m = &out->memory;
	size_t at = m->n;
	unsigned char key[REF_BYTES], *p = key;

	if (!t)
		return diag_nomem(dg);
	sums_sooner(s, target, f->kind);
	num_put16(p, target.kind);
	id_put(target, p += 2);
	*(p += ID_BYTES) = (unsigned char)st->class;
	key_time(st->time, ++p);
	id_put(id, p + TIME_BYTES);
	buf_add(m, (struct str){.p = (const char *)key, .n = REF_BYTES});
	if (f->kind == KIND_ORDER || f->kind == KIND_DEAL)
		add_amount(t, at, st, m);
	else if (f->kind == KIND_ACTIVITY &&
		 f->slot == roles_of(s, KIND_ACTIVITY)->contact)
		add_cover(t, at, REF_BYTES, roles_of(s, KIND_ACTIVITY), row, m);
	return entry_add(out, t, at, REF_BYTES, dg);
}

static enum crm_err
index_entry(struct store *s, const struct field *f, struct str item,
    struct id id, struct entry_set *out, struct diag *dg)
{
	struct buf *m = &out->memory;
	size_t at = m->n;

	value_key(f, item, m);
	buf_addc(m, '\0');
	add_id(m, id);
	return entry_add(
	    out, table_of(s, TABLE_INDEX, f->kind, f->slot), at, m->n - at, dg);
}

static enum crm_err
field_entries(struct store *s, const struct field *f, struct str value,
    struct id id, const struct row *row, const struct standing *st,
    struct entry_set *out, struct diag *dg)
{
	struct str rest = value;
	enum crm_err err = CRM_OK;

	while (rest.p && err == CRM_OK) {
		struct str item = value_item(f, &rest);
		struct id target;

		if (f->type != TYPE_REF)
			err = index_entry(s, f, item, id, out, dg);
		else if (id_parse(s->schema, item, &target))
			err = ref_entry(s, f, target, id, row, st, out, dg);
	}
	return err;
}

static void
due_key(struct str time, uint16_t kind, struct id id, struct buf *out)
{
	unsigned char head[TIME_BYTES + 2];

	key_time(time, head);
	num_put16(head + TIME_BYTES, kind);
	buf_add(out, (struct str){.p = (const char *)head, .n = sizeof(head)});
	add_id(out, id);
}

bool
key_cadence(struct store *s, struct id id, const struct row *row,
    const struct derived *d, struct buf *out)
{
	const struct roles *r = roles_of(s, id.kind);
	struct str text = role_value(row, r->every);
	struct str from = d ? moment_str(&d->last) : (struct str){0};
	struct diag dg = {0};
	struct recur rule;
	struct buf day = {0};
	int days;
	bool due;

	if (text.n == 0 || str_is(role_value(row, r->suppress), "yes"))
		return false;
	if (from.n == 0)
		from = row_get(row, SLOT_CREATED);
	due = date_parse(str_head(from, DATE_LEN), &days) &&
	      recur_parse(text, NULL, &rule, &dg) == CRM_OK;
	diag_clear(&dg);
	if (!due)
		return false;
	date_print(recur_add(&rule, days), &day);
	due_key(str_of(&day), id.kind, id, out);
	buf_clear(&day);
	return true;
}

/* A due time is printed as the key has it, so the key has a seal. */
void
key_seal(const struct table *t, struct str key, struct buf *out)
{
	unsigned char seal[SEAL_BYTES];

	num_put32(seal, seal_of(t, key, (struct str){0}));
	buf_add(out, (struct str){.p = (const char *)seal, .n = SEAL_BYTES});
}

static enum crm_err
due_entry(struct store *s, const struct kind *k, struct id id,
    const struct row *row, const struct standing *st,
    const struct derived *derived, struct entry_set *out, struct diag *dg)
{
	struct buf *m = &out->memory;
	struct table *t = table_of(s, TABLE_DUE, 0, 0);
	size_t at = m->n, key_n;

	if (k->no == KIND_TASK) {
		if (st->class != REF_OPEN || st->time.n == 0)
			return CRM_OK;
		due_key(st->time, k->no, id, m);
	} else if (!owners_kind(k->no) ||
		   !key_cadence(s, id, row, derived, m)) {
		return CRM_OK;
	}
	key_n = m->n - at;
	if (t && k->no == KIND_TASK)
		add_cover(t, at, key_n, roles_of(s, KIND_TASK), row, m);
	else if (t && !m->failed)
		key_seal(t, (struct str){.p = m->p + at, .n = key_n}, m);
	return entry_add(out, t, at, key_n, dg);
}

enum crm_err
entries_of(struct store *s, const struct kind *k, struct id id,
    const struct row *row, const struct derived *derived, struct entry_set *out,
    struct diag *dg)
{
	struct standing st = {0};
	bool due = !(s->skip >> SKIP_DUE);
	enum crm_err err = CRM_OK;

	/* References count, too: who leaves out both has no use for it. */
	if (due)
		standing_of(s, k, row, &st);
	for (size_t i = 0; i < k->nkeyed && err == CRM_OK; i++) {
		const struct field *f = k->keyed[i];
		struct str value = row_get(row, f->slot);

		if (value.n > 0 && (i >= SKIP_DUE || !(s->skip >> i & 1)))
			err = field_entries(s, f, value, id, row, &st, out, dg);
	}
	if (err == CRM_OK && due)
		err = due_entry(s, k, id, row, &st, derived, out, dg);
	if (err == CRM_OK && out->memory.failed)
		err = diag_nomem(dg);
	return err;
}

enum crm_err
entries_of_field(struct store *s, const struct kind *k, const struct field *f,
    struct id id, const struct row *row, struct entry_set *out, struct diag *dg)
{
	struct standing st;
	struct str value = row_get(row, f->slot);

	if (value.n == 0)
		return CRM_OK;
	standing_of(s, k, row, &st);
	return field_entries(s, f, value, id, row, &st, out, dg);
}
