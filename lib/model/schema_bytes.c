/* SPDX-License-Identifier: ISC */
/*
 * schema_bytes: a schema as bytes and back, so that a start parses no texts.
 * Numbers are big-endian, texts are u16 length and bytes:
 *
 *   "crmschm" version  u16 kinds  u32 fields  u32 choices
 *   kind:   u16 no  u64 num  name prefix label columns
 *   field:  u16 kind  u16 slot  u16 ref  u64 num  u8 type  u8 derived
 *           u8 flags  u16 choices  name label fallback
 *   choice: u32 weight + 1  u8 closed  name, behind its field
 */
#include "base/num.h"
#include "model/schema.h"
#include "model/schema_impl.h"

static const struct str magic = {"crmschm\x01", 8};

enum field_flag {
	FLAG_LIST = 1,
	FLAG_UNIQUE = 2,
	FLAG_INDEX = 4,
	FLAG_SENSITIVE = 8,
	FLAG_AUTOMATIC = 16,
	FLAG_ALL = 31
};

/* ---- writing ---------------------------------------------------------- */

static void
put(struct buf *out, uint64_t v, size_t bytes)
{
	while (bytes-- > 0)
		buf_addc(out, (char)(unsigned char)(v >> (8 * bytes)));
}

static void
put_text(struct buf *out, struct str s)
{
	if (s.n > UINT16_MAX)
		out->failed = true; /* no definition gets so far */
	put(out, s.n, 2);
	buf_add(out, s);
}

static void
put_kind(struct buf *out, const struct kind_slot *k)
{
	put(out, k->kind.no, 2);
	put(out, k->kind.num, 8);
	put_text(out, k->kind.name);
	put_text(out, k->kind.prefix);
	put_text(out, k->kind.label);
	put_text(out, k->columns);
}

static unsigned
field_flags(const struct field *f)
{
	return (f->list ? FLAG_LIST : 0U) | (f->unique ? FLAG_UNIQUE : 0U) |
	       (f->index ? FLAG_INDEX : 0U) |
	       (f->sensitive ? FLAG_SENSITIVE : 0U) |
	       (f->automatic ? FLAG_AUTOMATIC : 0U);
}

static void
put_field(struct buf *out, const struct field *f)
{
	put(out, f->kind, 2);
	put(out, f->slot, 2);
	put(out, f->ref, 2);
	put(out, f->num, 8);
	put(out, f->type, 1);
	put(out, f->derived, 1);
	put(out, field_flags(f), 1);
	put(out, f->nchoices, 2);
	put_text(out, f->name);
	put_text(out, f->label);
	put_text(out, f->fallback);
	for (size_t i = 0; i < f->nchoices; i++) {
		put(out, (uint64_t)(f->choices[i].weight + 1), 4);
		put(out, f->choices[i].closed, 1);
		put_text(out, f->choices[i].name);
	}
}

enum crm_err
schema_save(const struct schema *s, struct buf *out)
{
	size_t choices = 0;

	if (s->bytes.n) { /* loaded: nothing is ever added to it */
		buf_add(out, s->bytes);
		return out->failed ? CRM_TEMP : CRM_OK;
	}
	for (size_t i = 0; i < s->nfields; i++)
		choices += s->fields[i]->nchoices;
	buf_add(out, magic);
	put(out, s->nkinds, 2);
	put(out, s->nfields, 4);
	put(out, choices, 4);
	for (size_t i = 0; i < s->nkinds; i++)
		put_kind(out, s->kinds[i]);
	for (size_t i = 0; i < s->nfields; i++)
		put_field(out, s->fields[i]);
	return out->failed ? CRM_TEMP : CRM_OK;
}

/* ---- reading ---------------------------------------------------------- */

/* What is left to read; bad once something was missing or wrong. */
struct reader {
	const unsigned char *p;
	size_t n;
	bool bad;
};

/* BYTES is 1, 2, 4 or 8, which the compiler knows. */
static inline uint64_t
get(struct reader *r, size_t bytes)
{
	const unsigned char *p = r->p;

	if (r->n < bytes) {
		r->bad = true;
		r->n = 0;
		return 0;
	}
	r->p += bytes;
	r->n -= bytes;
	return bytes == 8   ? num_get64(p)
	       : bytes == 4 ? num_get32(p)
	       : bytes == 2 ? num_get16(p)
			    : p[0];
}

static struct str
get_text(struct reader *r)
{
	size_t n = (size_t)get(r, 2);
	struct str s = {(const char *)r->p, n};

	if (r->bad || r->n < n) {
		r->bad = true;
		return (struct str){0};
	}
	r->p += n;
	r->n -= n;
	return s;
}

static enum crm_err
get_kind(struct schema *s, struct reader *r, struct diag *dg)
{
	struct kind_slot *k = schema_push_kind(s);
	uint16_t no = (uint16_t)get(r, 2);

	if (!k)
		return diag_nomem(dg);
	k->kind.num = get(r, 8);
	k->kind.name = get_text(r);
	k->kind.prefix = get_text(r);
	k->kind.label = get_text(r);
	k->columns = get_text(r);
	if (no == KIND_NONE || no >= KIND_LIMIT || schema_building(s, no) ||
	    !schema_name_ok(k->kind.name) || !prefix_ok(k->kind.prefix))
		r->bad = true;
	else
		s->by_no[no] = (uint16_t)s->nkinds;
	k->kind.no = no;
	return CRM_OK;
}

/* Most of what is read at a start is passed over here: what can be wrong is
 * looked at, nothing is made of it. */
static void
pass_choices(struct reader *r, size_t n)
{
	enum { BYTES = 7 };

	while (!r->bad && n-- > 0) {
		const unsigned char *p = r->p;
		size_t text;

		if (r->n < BYTES) {
			r->bad = true;
			r->n = 0;
			return;
		}
		text = num_get16(p + 5);
		if (p[0] > INT8_MAX || p[4] > 1 || text == 0 ||
		    r->n - BYTES < text) {
			r->bad = true;
			return;
		}
		r->p += BYTES + text;
		r->n -= BYTES + text;
	}
}

/* The numbers in front of a field's texts. */
static void
get_numbers(struct reader *r, struct field *f)
{
	enum { BYTES = 19 };
	const unsigned char *p = r->p;
	unsigned flags;

	if (r->n < BYTES) {
		*f = (struct field){0};
		r->bad = true;
		r->n = 0;
		return;
	}
	r->p += BYTES;
	r->n -= BYTES;
	f->kind = num_get16(p);
	f->slot = num_get16(p + 2);
	f->ref = num_get16(p + 4);
	f->num = num_get64(p + 6);
	f->type = p[14];
	f->derived = p[15];
	flags = p[16];
	f->nchoices = num_get16(p + 17);
	f->list = flags & FLAG_LIST;
	f->unique = flags & FLAG_UNIQUE;
	f->index = flags & FLAG_INDEX;
	f->sensitive = flags & FLAG_SENSITIVE;
	f->automatic = flags & FLAG_AUTOMATIC;
	if (flags > FLAG_ALL)
		r->bad = true;
}

/* No two fields of a kind in one slot. Names were looked at when they were
 * given. */
static bool
field_sound(const struct schema *s, const struct field *f)
{
	struct kind_slot *k;
	uint64_t bit = UINT64_C(1) << (f->slot % 64);

	if (!schema_building(s, f->kind) || f->type > TYPE_RECUR ||
	    f->derived >= DERIVED_COUNT || f->name.n == 0 ||
	    f->name.n > NAME_MAX_BYTES ||
	    (f->ref != KIND_NONE && !schema_building(s, f->ref)))
		return false;
	if (f->derived)
		return f->slot == SLOT_NONE;
	k = s->kinds[s->by_no[f->kind] - 1];
	if (f->slot >= SLOT_LIMIT || k->taken[f->slot / 64] & bit)
		return false;
	k->taken[f->slot / 64] |= bit;
	return true;
}

/* Notes where the field stands and what it needs; PLACE is 1 and up. */
static void
pass_field(struct schema *s, struct reader *r, uint32_t place)
{
	const unsigned char *at = r->p;
	struct field f;
	struct kind_slot *k;

	get_numbers(r, &f);
	f.name = get_text(r);
	(void)get_text(r);
	(void)get_text(r);
	if (r->bad || !field_sound(s, &f)) {
		r->bad = true;
		return;
	}
	pass_choices(r, f.nchoices);
	s->places[place - 1].at =
	    (uint32_t)(at - (const unsigned char *)s->bytes.p);
	k = s->kinds[s->by_no[f.kind] - 1];
	if (k->last)
		s->places[k->last - 1].next = place;
	else
		k->first = place;
	k->last = place;
	k->nchoices += f.nchoices;
	k->kind.nfields++;
	s->nkeyed += field_keyed(&f);
	if (!f.derived && f.slot >= k->kind.nslots)
		k->kind.nslots = (size_t)f.slot + 1;
}

/* Takes N bytes off the room. */
static void *
room_take(char **room, size_t n)
{
	char *p = *room;

	*room += n;
	return p;
}

/* Gives each kind the room that its fields will need; with ROOM NULL only
 * returns how much that is. */
static size_t
room_share(struct schema *s, char *room)
{
	size_t sum = 0;

	for (size_t i = 0; i < s->nkinds; i++) {
		struct kind_slot *k = s->kinds[i];
		struct kind *kind = &k->kind;
		size_t fields = kind->nfields * sizeof *k->room;
		size_t choices = k->nchoices * sizeof *k->choices;
		size_t lists[4] = {kind->nfields, kind->nslots, kind->nslots,
		    schema_columns_most(k->columns)};

		sum += fields + choices;
		for (size_t j = 0; j < ARRAY_LEN(lists); j++)
			sum += lists[j] * sizeof *kind->fields;
		if (!room)
			continue;
		k->room = room_take(&room, fields);
		k->choices = room_take(&room, choices);
		kind->fields = room_take(&room, lists[0] * sizeof(void *));
		kind->slots = room_take(&room, lists[1] * sizeof(void *));
		kind->keyed = room_take(&room, lists[2] * sizeof(void *));
		kind->columns = room_take(&room, lists[3] * sizeof(void *));
		k->waits = true;
	}
	return sum;
}

/* The parts behind the counts. */
static enum crm_err
get_schema(struct schema *s, struct reader *r, struct diag *dg)
{
	enum { FIELD_LEAST = 24, CHOICE_LEAST = 7 };
	size_t kinds = (size_t)get(r, 2), fields = (size_t)get(r, 4);
	size_t choices = (size_t)get(r, 4);
	enum crm_err err = CRM_OK;

	if (fields > r->n / FIELD_LEAST || choices > r->n / CHOICE_LEAST ||
	    s->bytes.n > UINT32_MAX) {
		r->bad = true;
		return CRM_OK;
	}
	s->places = schema_alloc(s, (fields + 1) * sizeof *s->places);
	if (!s->places)
		return diag_nomem(dg);
	while (!err && !r->bad && kinds-- > 0)
		err = get_kind(s, r, dg);
	for (uint32_t i = 1; !err && !r->bad && i <= fields; i++)
		pass_field(s, r, i);
	for (size_t i = 0; i < s->nkinds; i++)
		choices -= s->kinds[i]->nchoices;
	r->bad = r->bad || r->n > 0 || choices != 0;
	if (err || r->bad)
		return err;
	s->room = malloc(room_share(s, NULL) + 1);
	if (!s->room)
		return diag_nomem(dg);
	room_share(s, s->room);
	schema_index_letters(s);
	return CRM_OK;
}

/* ---- the fields of one kind -------------------------------------------- */

static void
fill_field(struct field *f, struct choice *list, struct reader *r)
{
	*f = (struct field){.choices = list};
	get_numbers(r, f);
	f->name = get_text(r);
	f->label = get_text(r);
	f->fallback = get_text(r);
	for (size_t i = 0; i < f->nchoices; i++) {
		list[i].weight = (int)get(r, 4) - 1;
		list[i].closed = get(r, 1) != 0;
		list[i].name = get_text(r);
	}
}

/* All of it was looked at, and has its room: this cannot fail. */
void
schema_fill(struct kind_slot *k, const struct schema *s)
{
	struct choice *list = k->choices;
	struct field *f = k->room;
	size_t n = 0;

	k->waits = false;
	for (uint32_t at = k->first; at; at = s->places[at - 1].next, f++) {
		struct str text = str_from_pos(s->bytes, s->places[at - 1].at);
		struct reader r = {
		    (const unsigned char *)text.p, text.n, false};

		fill_field(f, list, &r);
		list += f->nchoices;
		k->kind.fields[n++] = f;
	}
	memset(k->kind.slots, 0, k->kind.nslots * sizeof *k->kind.slots);
	schema_index_kind(&k->kind, k->columns);
}

/* ---- all of it --------------------------------------------------------- */

static enum crm_err
damaged(const struct reader *r, size_t size, struct diag *dg)
{
	return diag_set(dg, CRM_CONFIG,
	    "the schema is damaged at byte %zu of %zu; run crm-check, then "
	    "restore a copy of the store",
	    size - r->n, size);
}

enum crm_err
schema_load(struct str bytes, struct schema **out, struct diag *dg)
{
	struct schema *s = schema_new();
	struct reader r = {0};
	struct str own;
	enum crm_err err;

	*out = NULL;
	if (!s)
		return diag_nomem(dg);
	s->copy = malloc(bytes.n + 1);
	if (!s->copy) {
		err = diag_nomem(dg);
		goto out;
	}
	if (bytes.n)
		memcpy(s->copy, bytes.p, bytes.n);
	own = (struct str){s->copy, bytes.n};
	if (!str_starts(own, magic)) {
		err = diag_set(dg, CRM_CONFIG,
		    "the schema is of another version; use the crm that wrote "
		    "the store");
		goto out;
	}
	s->bytes = own;
	r.p = (const unsigned char *)own.p + magic.n;
	r.n = own.n - magic.n;
	err = get_schema(s, &r, dg);
	if (!err && r.bad)
		err = damaged(&r, own.n, dg);
out:
	if (err)
		schema_free(s);
	else
		*out = s;
	return err;
}
