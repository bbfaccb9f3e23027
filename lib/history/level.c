/* SPDX-License-Identifier: ISC */
/* level: directories of the history, entry by entry. */
#include "history/level.h"

/* Appends the path of the directory. */
static void
place_path(enum level_kind kind, const struct level_place *at, struct buf *out)
{
	char room[NAME_NUMBER_MAX];

	if (kind >= LEVEL_HIGH) {
		buf_add(out, at->prefix);
		buf_addc(out, '/');
	}
	if (kind >= LEVEL_MID) {
		buf_add(out, name_number(at->high, room));
		buf_addc(out, '/');
	}
	if (kind == LEVEL_FILE) {
		buf_add(out, name_number(at->mid, room));
		buf_addc(out, '/');
	}
}

static enum crm_err
foreign(struct repo *r, enum level_kind kind, const struct level_place *at,
    struct str name, struct diag *dg)
{
	struct buf path = {0};

	place_path(kind, at, &path);
	buf_add(&path, name);
	diag_set(dg, CRM_CONFIG,
	    "%s: %s does not belong into a history of crm; git -C %s log "
	    "-- %s tells who put it there",
	    repo_path(r), buf_z(&path), repo_path(r), buf_z(&path));
	buf_clear(&path);
	return CRM_CONFIG;
}

static enum crm_err
damaged(struct repo *r, enum level_kind kind, const struct level_place *at,
    struct diag *dg)
{
	struct buf path = {0};

	place_path(kind, at, &path);
	diag_set(dg, CRM_CONFIG,
	    "%s: the directory %s is damaged; git -C %s fsck --full tells more",
	    repo_path(r), path.n > 0 ? path.p : "/", repo_path(r));
	buf_clear(&path);
	return CRM_CONFIG;
}

/* Whether an entry is what file_path makes. */
static bool
belongs(enum level_kind kind, const struct level_place *at,
    const struct tree_entry *e, uint64_t *num)
{
	struct file_name f;

	if (kind == LEVEL_FILE) {
		if (e->mode != TREE_MODE_FILE || !file_name_parse(e->name, &f))
			return false;
		*num = f.num;
		return str_eq(f.prefix, at->prefix) &&
		       name_high(f.num) == at->high &&
		       name_mid(f.num) == at->mid;
	}
	if (e->mode != TREE_MODE_DIR)
		return false;
	*num = 0;
	if (kind == LEVEL_PREFIX)
		return name_prefix_ok(e->name);
	return name_number_parse(e->name, num) &&
	       (kind == LEVEL_HIGH ? *num <= UINT64_MAX / 10000 : *num < 100);
}

static int
slot_order(const void *a, const void *b)
{
	const struct level_slot *x = a, *y = b;

	if (x->num != y->num)
		return x->num < y->num ? -1 : 1;
	return str_cmp(x->e.name, y->e.name);
}

static struct level_slot *
slot_new(struct level *l)
{
	size_t cap = l->cap ? 2 * l->cap : 128;
	struct level_slot *p = l->slots;

	if (l->n == l->cap) {
		p = realloc(p, cap * sizeof(*p));
		if (!p)
			return NULL;
		l->slots = p;
		l->cap = cap;
	}
	return &l->slots[l->n++];
}

enum crm_err
level_read(struct level *l, struct repo *r, struct oid id, enum level_kind kind,
    const struct level_place *place, struct diag *dg)
{
	struct tree_entry e;
	size_t step;
	enum crm_err err = object_read(r, id, OBJECT_TREE, &l->raw, dg);
	bool sorted = true;

	l->n = l->at = 0;
	if (err != CRM_OK)
		return err;
	if (!tree_check(str_of(&l->raw), &step))
		return damaged(r, kind, place, dg);
	for (size_t at = 0; tree_next(str_of(&l->raw), at, &e); at = e.end) {
		struct level_slot *s = slot_new(l);

		if (!s)
			return diag_nomem(dg);
		s->e = e;
		if (!belongs(kind, place, &e, &s->num))
			return foreign(r, kind, place, e.name, dg);
		sorted = sorted && (l->n == 1 || slot_order(s - 1, s) < 0);
	}
	if (!sorted)
		qsort(l->slots, l->n, sizeof(*l->slots), slot_order);
	return CRM_OK;
}

void
level_clear(struct level *l)
{
	buf_clear(&l->raw);
	free(l->slots);
	*l = (struct level){0};
}
