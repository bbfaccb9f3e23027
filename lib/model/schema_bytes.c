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

	if (r->n < n) {
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
		s->by_no[no] = &k->kind;
	k->kind.no = no;
	return CRM_OK;
}

static void
get_choices(struct field *f, struct choice *list, struct reader *r)
{
	f->choices = list;
	for (size_t i = 0; !r->bad && i < f->nchoices; i++) {
		uint64_t weight = get(r, 4);
		uint64_t closed = get(r, 1);

		list[i].name = get_text(r);
		list[i].weight = (int)(weight & INT32_MAX) - 1;
		list[i].closed = closed != 0;
		if (weight > INT32_MAX || closed > 1 || list[i].name.n == 0)
			r->bad = true;
	}
}

static bool
field_sound(const struct schema *s, const struct field *f)
{
	if (!schema_building(s, f->kind) || f->type > TYPE_RECUR ||
	    f->derived >= DERIVED_COUNT || !schema_name_ok(f->name) ||
	    (f->ref != KIND_NONE && !schema_building(s, f->ref)))
		return false;
	return f->derived ? f->slot == SLOT_NONE : f->slot < SLOT_LIMIT;
}

/* *LEFT choices of LIST are not given out yet. */
static enum crm_err
get_field(struct schema *s, struct reader *r, struct choice **list,
    size_t *left, struct diag *dg)
{
	struct field *f = schema_push_field(s);
	unsigned flags;

	if (!f)
		return diag_nomem(dg);
	f->kind = (uint16_t)get(r, 2);
	f->slot = (uint16_t)get(r, 2);
	f->ref = (uint16_t)get(r, 2);
	f->num = get(r, 8);
	f->type = (uint8_t)get(r, 1);
	f->derived = (uint8_t)get(r, 1);
	flags = (unsigned)get(r, 1);
	f->nchoices = (size_t)get(r, 2);
	f->name = get_text(r);
	f->label = get_text(r);
	f->fallback = get_text(r);
	f->list = flags & FLAG_LIST;
	f->unique = flags & FLAG_UNIQUE;
	f->index = flags & FLAG_INDEX;
	f->sensitive = flags & FLAG_SENSITIVE;
	f->automatic = flags & FLAG_AUTOMATIC;
	if (flags > FLAG_ALL || f->nchoices > *left || !field_sound(s, f)) {
		r->bad = true;
		return CRM_OK;
	}
	get_choices(f, *list, r);
	*list += f->nchoices;
	*left -= f->nchoices;
	return CRM_OK;
}

/* No two fields of a kind in one slot. */
static bool
slots_sound(const struct schema *s)
{
	for (size_t i = 0; i < s->nfields; i++) {
		const struct field *f = s->fields[i];

		if (!f->derived &&
		    schema_kind_no(s, f->kind)->slots[f->slot] != f)
			return false;
	}
	return true;
}

static enum crm_err
damaged(const struct reader *r, size_t size, struct diag *dg)
{
	return diag_set(dg, CRM_CONFIG,
	    "the schema is damaged at byte %zu of %zu; run crm-check, then "
	    "restore a copy of the store",
	    size - r->n, size);
}

/* The parts behind the counts, then the tables. */
static enum crm_err
get_schema(struct schema *s, struct reader *r, struct diag *dg)
{
	enum { FIELD_LEAST = 24, CHOICE_LEAST = 7 };
	size_t kinds = (size_t)get(r, 2), fields = (size_t)get(r, 4);
	size_t choices = (size_t)get(r, 4);
	struct choice *list;
	enum crm_err err = CRM_OK;

	if (fields > r->n / FIELD_LEAST || choices > r->n / CHOICE_LEAST) {
		r->bad = true;
		return CRM_OK;
	}
	list = schema_alloc(s, (choices + 1) * sizeof *list);
	if (!list)
		return diag_nomem(dg);
	while (!err && !r->bad && kinds-- > 0)
		err = get_kind(s, r, dg);
	while (!err && !r->bad && fields-- > 0)
		err = get_field(s, r, &list, &choices, dg);
	if (err || r->bad)
		return err;
	r->bad = r->n > 0 || choices > 0;
	err = r->bad ? CRM_OK : schema_index(s, dg);
	if (!err && !r->bad)
		r->bad = !slots_sound(s);
	return err;
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
	own = schema_copy(s, bytes);
	if (!own.p) {
		err = diag_nomem(dg);
		goto out;
	}
	if (!str_starts(own, magic)) {
		err = diag_set(dg, CRM_CONFIG,
		    "the schema is of another version; use the crm that wrote "
		    "the store");
		goto out;
	}
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
