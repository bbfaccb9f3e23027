/* SPDX-License-Identifier: ISC */
/* journal_entry: one change as bytes: a letter, the id, and what was there
 * before and after. Numbers are LEB128. */
#include "store/priv.h"

static void
put_num(struct buf *out, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_addc(out, (char)(v | 0x80));
	buf_addc(out, (char)v);
}

static void
put_text(struct buf *out, struct str s)
{
	put_num(out, s.n);
	buf_add(out, s);
}

static bool
get_num(struct str *in, uint64_t *out)
{
	*out = 0;
	for (unsigned shift = 0; shift < 64 && in->n > 0; shift += 7) {
		unsigned char c = (unsigned char)in->p[0];

		*in = str_from_pos(*in, 1);
		*out |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return true;
	}
	return false;
}

static bool
get_text(struct str *in, struct str *out)
{
	uint64_t n;

	if (!get_num(in, &n) || n > in->n)
		return false;
	*out = str_head(*in, (size_t)n);
	*in = str_from_pos(*in, (size_t)n);
	return true;
}

static void
put_id(struct buf *out, enum entry_op op, struct id id)
{
	buf_addc(out, (char)op);
	put_num(out, id.kind);
	put_num(out, id.num);
	put_num(out, id.tag);
}

void
journal_put_run(struct buf *out, struct id first, uint64_t count)
{
	put_id(out, ENTRY_RUN, first);
	put_num(out, count);
}

void
journal_put_row(struct buf *out, enum entry_op op, struct id id, struct str row)
{
	put_id(out, op, id);
	put_text(out, row);
}

void
journal_put_update(struct buf *out, struct id id, struct str before,
    const struct str *olds, const struct str *values, size_t n)
{
	uint64_t differ = 0;

	put_id(out, ENTRY_UPDATE, id);
	put_text(out, before);
	for (size_t i = 0; i < n; i++)
		differ += !str_eq(olds[i], values[i]);
	put_num(out, differ);
	for (size_t i = 0; i < n; i++) {
		if (str_eq(olds[i], values[i]))
			continue;
		put_num(out, i);
		put_text(out, values[i]);
	}
}

/* The slots of an update must be read to know where it ends. */
static bool
get_update(struct str *in, struct journal_entry *e)
{
	struct str value;
	const char *start;
	uint64_t n, slot;

	if (!get_text(in, &e->before))
		return false;
	start = in->p;
	if (!get_num(in, &n))
		return false;
	for (; n > 0; n--)
		if (!get_num(in, &slot) || slot >= ROW_SLOTS ||
		    !get_text(in, &value))
			return false;
	e->slots = (struct str){.p = start, .n = (size_t)(in->p - start)};
	return true;
}

bool
journal_get(struct str *in, struct journal_entry *e)
{
	uint64_t kind, num, tag;

	*e = (struct journal_entry){.count = 1};
	if (in->n == 0)
		return false;
	e->op = (enum entry_op)in->p[0];
	*in = str_from_pos(*in, 1);
	if (!get_num(in, &kind) || !get_num(in, &num) || !get_num(in, &tag) ||
	    kind > UINT16_MAX || tag > UINT16_MAX || num == 0 ||
	    num > ID_NUM_MAX)
		return false;
	e->id = (struct id){
	    .kind = (uint16_t)kind, .num = num, .tag = (uint16_t)tag};
	switch (e->op) {
	case ENTRY_RUN:
		return get_num(in, &e->count) && e->count > 0 &&
		       e->count <= ID_NUM_MAX - num + 1;
	case ENTRY_CREATE:
		return get_text(in, &e->after);
	case ENTRY_DELETE:
		return get_text(in, &e->before);
	case ENTRY_UPDATE:
		return get_update(in, e);
	}
	return false;
}

bool
journal_after(const struct journal_entry *e, struct buf *out)
{
	struct str values[ROW_SLOTS] = {{0}}, rest = e->slots, value;
	struct row row;
	unsigned at = 0, slot;
	uint64_t n, i;

	if (!row_open(e->before, &row))
		return false;
	while (row_each(&row, &at, &slot, &value))
		if (slot < ROW_SLOTS)
			values[slot] = value;
	if (!get_num(&rest, &n))
		return false;
	for (; n > 0; n--) {
		if (!get_num(&rest, &i) || !get_text(&rest, &value))
			return false;
		values[i] = value;
	}
	row_encode(values, ROW_SLOTS, out);
	return true;
}

void
journal_put_head(struct buf *out, const struct journal_head *h, uint32_t chunks)
{
	put_num(out, chunks);
	put_num(out, h->changes);
	put_num(out, (uint64_t)h->time << 1 ^ (h->time < 0 ? UINT64_MAX : 0));
	put_text(out, h->user);
	put_text(out, h->command);
	put_text(out, h->reason);
}

bool
journal_get_head(struct str in, struct journal_head *h, uint32_t *chunks)
{
	uint64_t n, time;

	if (!get_num(&in, &n) || n > UINT32_MAX || !get_num(&in, &h->changes) ||
	    !get_num(&in, &time) || !get_text(&in, &h->user) ||
	    !get_text(&in, &h->command) || !get_text(&in, &h->reason))
		return false;
	*chunks = (uint32_t)n;
	h->time = (int64_t)(time >> 1 ^ (time & 1 ? UINT64_MAX : 0));
	return in.n == 0;
}
