/* SPDX-License-Identifier: ISC */
/*
 * schema_bytes: a schema as bytes and back, so that a start parses no texts.
 * Numbers are big-endian, texts are u16 length and bytes:
 *
 *   "crmschm" version  u32 bytes of what follows up to the fields  u16 kinds
 *   kind:   u16 no  u64 num  u16 fields  u16 slots  u16 keyed  u32 choices
 *           u32 bytes of its fields  name prefix label columns
 *   field:  u16 kind  u16 slot  u16 ref  u64 num  u8 type  u8 derived
 *           u8 flags  u16 choices  name label fallback
 *   choice: u32 weight + 1  u8 closed  name, behind its field
 *
 * The fields of a kind are read when it is asked for, since most commands ask
 * for a few: what stands in front says how much room they need.
 */
#include "base/num.h"
#include "model/schema.h"
#include "model/schema_impl.h"

static const struct str magic = {"crmschm\x02", 8};

enum {
	HEAD_AT = 8,
	HEAD_SIZE = 4,
	NUMBERS = 19 /* bytes in front of a field's texts */
};

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

/* BYTES: of its fields. */
static void
put_kind(
    struct buf *out, const struct kind_slot *k, size_t choices, size_t bytes)
{
	put(out, k->kind.no, 2);
	put(out, k->kind.num, 8);
	put(out, k->kind.nfields, 2);
	put(out, k->kind.nslots, 2);
	put(out, k->kind.nkeyed, 2);
	put(out, choices, 4);
	put(out, bytes, 4);
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

/* The fields of a kind in the order in which they were given; *CHOICES: of all
 * of them. */
static void
put_fields(struct buf *out, const struct schema *s, const struct kind_slot *k,
    size_t *choices)
{
	size_t n = k->room ? k->kind.nfields : s->nfields;

	*choices = 0;
	for (size_t i = 0; i < n; i++) {
		const struct field *f = k->room ? &k->room[i] : s->fields[i];

		if (f->kind != k->kind.no)
			continue;
		put_field(out, f);
		*choices += f->nchoices;
	}
}

enum crm_err
schema_save(const struct schema *s, struct buf *out)
{
	struct buf fields = {0};
	size_t from = out->n, choices;

	buf_add(out, magic);
	put(out, 0, HEAD_SIZE);
	put(out, s->nkinds, 2);
	for (size_t i = 0; i < s->nkinds; i++) {
		size_t before = fields.n;

		(void)schema_kind_at(s, i);
		put_fields(&fields, s, s->kinds[i], &choices);
		put_kind(out, s->kinds[i], choices, fields.n - before);
	}
	if (!out->failed)
		num_put32((unsigned char *)out->p + from + HEAD_AT,
		    (uint32_t)(out->n - from - HEAD_AT - HEAD_SIZE));
	buf_add(out, str_of(&fields));
	out->failed = out->failed || fields.failed;
	buf_clear(&fields);
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

/* What stands in front of a kind's texts. */
static void
get_counts(struct kind_slot *k, struct reader *r)
{
	k->kind.no = (uint16_t)get(r, 2);
	k->kind.num = get(r, 8);
	k->kind.nfields = (size_t)get(r, 2);
	k->kind.nslots = (size_t)get(r, 2);
	k->keyed = (size_t)get(r, 2);
	k->nchoices = (size_t)get(r, 4);
	k->block.n = (size_t)get(r, 4);
}

/* What the counts say could be there. */
static bool
kind_sound(const struct schema *s, const struct kind_slot *k)
{
	enum { FIELD_LEAST = 25, CHOICE_LEAST = 7 };
	uint16_t no = k->kind.no;

	return no != KIND_NONE && no < KIND_LIMIT && !schema_building(s, no) &&
	       schema_name_ok(k->kind.name) && prefix_ok(k->kind.prefix) &&
	       k->kind.nfields <= k->block.n / FIELD_LEAST &&
	       k->nchoices <= k->block.n / CHOICE_LEAST &&
	       k->kind.nslots <= SLOT_LIMIT && k->keyed <= k->kind.nfields;
}

static enum crm_err
get_kind(struct schema *s, struct reader *r, struct diag *dg)
{
	struct kind_slot *k = schema_push_kind(s);

	if (!k)
		return diag_nomem(dg);
	get_counts(k, r);
	k->kind.name = get_text(r);
	k->kind.prefix = get_text(r);
	k->kind.label = get_text(r);
	k->columns = get_text(r);
	if (r->bad || !kind_sound(s, k))
		r->bad = true;
	else
		s->by_no[k->kind.no] = (uint16_t)s->nkinds;
	s->nkeyed += k->keyed;
	return CRM_OK;
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
 * returns how much that is. What nobody asks for is never touched. */
static size_t
room_share(struct schema *s, char *room)
{
	size_t sum = 0;

	for (size_t i = 0; i < s->nkinds; i++) {
		struct kind_slot *k = s->kinds[i];
		struct kind *kind = &k->kind;
		size_t fields = kind->nfields * sizeof *k->room;
		size_t choices = k->nchoices * sizeof *k->choices;
		/* A name has a letter, and a comma behind it. */
		size_t lists[4] = {kind->nfields, kind->nslots, kind->nslots,
		    k->columns.n / 2 + 1};

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
	/* All of it may be kept: side by side it is in fewer pages. */
	for (size_t i = 0; i < s->nkinds; i++) {
		sum += s->kinds[i]->block.n;
		if (room)
			s->kinds[i]->own =
			    room_take(&room, s->kinds[i]->block.n);
	}
	return sum;
}

/* Whose fields are where in REST. */
static void
share_blocks(struct schema *s, struct str rest, struct reader *r)
{
	for (size_t i = 0; i < s->nkinds && !r->bad; i++) {
		struct str *block = &s->kinds[i]->block;

		if (block->n > rest.n) {
			r->bad = true;
			return;
		}
		block->p = rest.p;
		rest = str_from_pos(rest, block->n);
	}
	r->bad = r->bad || rest.n > 0;
}

/* The kinds are read from a copy of their own. */
static enum crm_err
get_schema(
    struct schema *s, struct str bytes, struct reader *r, struct diag *dg)
{
	size_t head = (size_t)get(r, HEAD_SIZE), kinds;
	struct str rest;
	enum crm_err err = CRM_OK;

	if (r->bad || head > r->n) {
		r->bad = true;
		return CRM_OK;
	}
	rest = str_from_pos(bytes, bytes.n - r->n + head);
	s->copy = malloc(head + 1);
	if (!s->copy)
		return diag_nomem(dg);
	memcpy(s->copy, r->p, head);
	*r = (struct reader){(const unsigned char *)s->copy, head, false};
	kinds = (size_t)get(r, 2);
	while (!err && !r->bad && kinds-- > 0)
		err = get_kind(s, r, dg);
	r->bad = r->bad || r->n > 0;
	share_blocks(s, rest, r);
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

/* The numbers in front of a field's texts. */
static void
get_numbers(struct reader *r, struct field *f)
{
	const unsigned char *p = r->p;
	unsigned flags;

	if (r->n < NUMBERS) {
		*f = (struct field){0};
		r->bad = true;
		r->n = 0;
		return;
	}
	r->p += NUMBERS;
	r->n -= NUMBERS;
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
field_sound(
    const struct schema *s, const struct kind_slot *k, const struct field *f)
{
	if (f->kind != k->kind.no || f->type > TYPE_RECUR ||
	    f->derived >= DERIVED_COUNT || f->name.n == 0 ||
	    f->name.n > NAME_MAX_BYTES ||
	    (f->ref != KIND_NONE && !schema_building(s, f->ref)))
		return false;
	if (f->derived)
		return f->slot == SLOT_NONE;
	return f->slot < k->kind.nslots && !k->kind.slots[f->slot];
}

static void
get_choices(struct reader *r, struct choice *list, size_t n)
{
	for (size_t i = 0; i < n && !r->bad; i++) {
		uint64_t weight = get(r, 4), closed = get(r, 1);

		list[i].weight = (int)weight - 1;
		list[i].closed = closed != 0;
		list[i].name = get_text(r);
		if (weight > INT8_MAX || closed > 1 || list[i].name.n == 0)
			r->bad = true;
	}
}

/* A field and its choices, which come to *LIST, where LEFT fit. */
static void
get_field(const struct schema *s, const struct kind_slot *k, struct field *f,
    struct choice **list, size_t *left, struct reader *r)
{
	*f = (struct field){.choices = *list};
	get_numbers(r, f);
	f->name = get_text(r);
	f->label = get_text(r);
	f->fallback = get_text(r);
	if (r->bad || !field_sound(s, k, f) || f->nchoices > *left) {
		r->bad = true;
		return;
	}
	get_choices(r, *list, f->nchoices);
	*list += f->nchoices;
	*left -= f->nchoices;
	if (f->slot != SLOT_NONE)
		k->kind.slots[f->slot] = f;
}

/* The counts were checked against the bytes: there is room for what is there,
 * and what is not sound leaves a kind without fields. */
static bool
fill_sound(struct kind_slot *k, const struct schema *s)
{
	struct reader r = {(const unsigned char *)k->own, k->block.n, false};
	struct choice *list = k->choices;
	size_t left = k->nchoices;

	for (size_t i = 0; i < k->kind.nfields && !r.bad; i++) {
		get_field(s, k, &k->room[i], &list, &left, &r);
		k->kind.fields[i] = &k->room[i];
	}
	return !r.bad && r.n == 0 && left == 0;
}

void
schema_fill(struct kind_slot *k, const struct schema *s)
{
	k->waits = false;
	if (k->block.n > 0 && k->block.p != k->own)
		memcpy(k->own, k->block.p, k->block.n);
	k->block.p = k->own;
	if (k->kind.nslots > 0)
		memset(
		    k->kind.slots, 0, k->kind.nslots * sizeof *k->kind.slots);
	k->unsound = !fill_sound(k, s);
	if (k->unsound)
		k->kind.nfields = k->kind.nslots = 0;
	schema_index_kind(&k->kind, k->unsound ? (struct str){0} : k->columns);
	if (k->unsound && s->unsound)
		s->unsound("its schema");
}

/* Behind the text at P, of which END may be too near: then NULL. */
static inline const unsigned char *
skip_text(const unsigned char *p, const unsigned char *end)
{
	size_t n;

	if (!p || end - p < 2)
		return NULL;
	n = num_get16(p);
	p += 2;
	return (size_t)(end - p) < n ? NULL : p + n;
}

/* The same of a field: what stands there is not looked at, as get_field does,
 * but for what it refers to. */
static const unsigned char *
skip_field(const struct kind_slot *k, const unsigned char *p,
    const unsigned char *end, struct ref_field *ref)
{
	enum { CHOICE = 5 };
	unsigned type, choices;

	ref->slot = SLOT_NONE;
	if (end - p < NUMBERS || num_get16(p) != k->kind.no)
		return NULL;
	ref->slot = num_get16(p + 2);
	ref->to = num_get16(p + 4);
	type = p[14];
	choices = num_get16(p + 17);
	p = skip_text(p + NUMBERS, end);
	p = skip_text(p, end);
	p = skip_text(p, end);
	for (; p && choices > 0; choices--)
		p = end - p < CHOICE ? NULL : skip_text(p + CHOICE, end);
	if (type != TYPE_REF)
		ref->slot = SLOT_NONE;
	return ref->slot == SLOT_NONE || ref->slot < k->kind.nslots ? p : NULL;
}

bool
schema_bytes_refs(
    const struct kind_slot *k, struct ref_field *out, size_t most, size_t *n)
{
	const unsigned char *p = (const void *)k->block.p, *end;
	struct ref_field ref;

	*n = 0;
	if (!p)
		return false;
	end = p + k->block.n;
	for (size_t i = 0; i < k->kind.nfields && p; i++) {
		p = skip_field(k, p, end, &ref);
		if (ref.slot == SLOT_NONE)
			continue;
		if (*n < most)
			out[*n] = ref;
		++*n;
	}
	return p == end;
}

void
schema_keep(struct schema *s)
{
	for (size_t i = 0; i < s->nkinds; i++) {
		struct kind_slot *k = s->kinds[i];

		if (!k->waits || k->block.p == k->own || k->block.n == 0)
			continue;
		memcpy(k->own, k->block.p, k->block.n);
		k->block.p = k->own;
	}
}

/* ---- all of it --------------------------------------------------------- */

static enum crm_err
damaged(struct diag *dg)
{
	return diag_set(dg, CRM_CONFIG,
	    "the schema is damaged; run crm-check, then restore a copy of the "
	    "store");
}

enum crm_err
schema_sound(const struct schema *s, struct diag *dg)
{
	for (size_t i = 0; i < s->nkinds; i++) {
		(void)schema_kind_at(s, i);
		if (s->kinds[i]->unsound)
			return damaged(dg);
	}
	return CRM_OK;
}

enum crm_err
schema_load(struct str bytes, struct schema **out,
    void (*unsound)(const char *what), struct diag *dg)
{
	struct schema *s = schema_new();
	struct reader r = {(const unsigned char *)bytes.p, bytes.n, false};
	enum crm_err err;

	*out = NULL;
	if (!s)
		return diag_nomem(dg);
	if (str_starts(bytes, magic)) {
		r.p += magic.n;
		r.n -= magic.n;
		err = get_schema(s, bytes, &r, dg);
		if (!err && r.bad)
			err = damaged(dg);
	} else {
		err = diag_set(dg, CRM_CONFIG,
		    "the schema is of another version; use the crm that wrote "
		    "the store");
	}
	s->unsound = unsound;
	if (err)
		schema_free(s);
	else
		*out = s;
	return err;
}
