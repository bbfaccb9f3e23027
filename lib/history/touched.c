/* SPDX-License-Identifier: ISC */
/*
 * touched: which commit gave each file its text. From the last commit back
 * the trees of neighbours are compared, equal ones not even read; the first
 * difference met at a file is its last change.
 */
#include "history/commit.h"
#include "history/files.h"
#include "history/name.h"
#include "history/touchmap.h"
#include "history/tree.h"

enum {
	CACHE_SLOTS = 1 << 14,
	CACHE_TREE_MAX = 1 << 16, /* larger ones are read again */
	LEVELS = 4,
	FILES = 3, /* the level that holds them */
};

/* The map holds 1 + the number of a commit, counted from the last one. */
#define GONE UINT32_MAX /* deleted later: what was before does not count */

struct touched {
	struct touchmap map;
	int64_t *times;
	size_t n, cap;
	struct buf first_message;
};

struct cached {
	struct oid id;
	struct buf raw;
};

struct walker {
	struct repo *repo;
	struct touched *t;
	struct cached *cache; /* older sides, which are newer ones next */
	struct buf newer[LEVELS], older[LEVELS];
	struct str prefix;
	struct diag *dg;
};

static struct cached *
cache_slot(struct walker *w, struct oid id)
{
	return &w->cache[(id.b[0] << 8 | id.b[1]) % CACHE_SLOTS];
}

static enum crm_err
tree_damaged(struct walker *w, const struct oid *id)
{
	diag_set(w->dg, CRM_CONFIG, "%s: tree ", repo_path(w->repo));
	if (id)
		oid_print(*id, &w->dg->text);
	diag_more(w->dg, " is damaged; git -C %s fsck --full tells more",
	    repo_path(w->repo));
	return CRM_CONFIG;
}

/* A tree of the newer side, which was an older one mostly. NULL: empty. */
static enum crm_err
newer_read(struct walker *w, const struct oid *id, struct buf *out)
{
	struct cached *c;

	buf_reset(out);
	if (!id)
		return CRM_OK;
	c = cache_slot(w, *id);
	if (c->raw.n == 0 || !oid_eq(c->id, *id))
		return object_read(w->repo, *id, OBJECT_TREE, out, w->dg);
	buf_add(out, str_of(&c->raw));
	return out->failed ? diag_nomem(w->dg) : CRM_OK;
}

static enum crm_err
older_read(struct walker *w, const struct oid *id, struct buf *out)
{
	struct cached *c;
	enum crm_err err;

	buf_reset(out);
	if (!id)
		return CRM_OK;
	err = object_read(w->repo, *id, OBJECT_TREE, out, w->dg);
	if (err != CRM_OK || out->n > CACHE_TREE_MAX)
		return err;
	c = cache_slot(w, *id);
	c->id = *id;
	buf_reset(&c->raw);
	buf_add(&c->raw, str_of(out));
	return c->raw.failed ? diag_nomem(w->dg) : CRM_OK;
}

/* Notes a change of the file NAME, unless a later one is known. */
static enum crm_err
touch(struct walker *w, struct str name, bool gone)
{
	struct file_name f;
	uint32_t *at;

	if (!file_name_parse(name, &f) || !str_eq(f.prefix, w->prefix))
		return CRM_OK;
	at = touchmap_at(&w->t->map, &f);
	if (!at)
		return diag_nomem(w->dg);
	if (*at == 0)
		*at = gone ? GONE : (uint32_t)w->t->n;
	return CRM_OK;
}

static enum crm_err compare(struct walker *w, unsigned level,
    const struct oid *newer, const struct oid *older);

/* An entry that differs; NULL: not there. What crm does not write at this
 * level is passed over: files_open is there to complain. */
static enum crm_err
differs(struct walker *w, unsigned level, const struct tree_entry *newer,
    const struct tree_entry *older)
{
	const unsigned wanted = level == FILES ? TREE_MODE_FILE : TREE_MODE_DIR;
	struct str name = newer ? newer->name : older->name;

	if (newer && newer->mode != wanted)
		newer = NULL;
	if (older && older->mode != wanted)
		older = NULL;
	if (!newer && !older)
		return CRM_OK;
	if (newer && older && oid_eq(newer->id, older->id))
		return CRM_OK;
	if (level == FILES)
		return touch(w, name, !newer);
	if (level == 0)
		w->prefix = name;
	return compare(
	    w, level + 1, newer ? &newer->id : NULL, older ? &older->id : NULL);
}

/* Whether A goes on at AT as B does at BT for N bytes. */
static bool
same(const struct buf *a, size_t at, const struct buf *b, size_t bt, size_t n)
{
	return a->n - at >= n && b->n - bt >= n &&
	       memcmp(a->p + at, b->p + bt, n) == 0;
}

/* Two directories, entry by entry in the order both have; equal entries are
 * passed over as bytes. */
static enum crm_err
merge(struct walker *w, unsigned level, const struct buf *a,
    const struct buf *b, bool *whole)
{
	struct tree_entry x = {0}, y = {0};
	size_t at = 0, bt = 0;
	enum crm_err err = CRM_OK;

	while (err == CRM_OK && (at < a->n || bt < b->n)) {
		bool has_x = tree_next(str_of(a), at, &x), has_y;
		int c = has_x ? -1 : 1;

		if (has_x && same(a, at, b, bt, x.end - at)) {
			bt += x.end - at;
			at = x.end;
			continue;
		}
		has_y = tree_next(str_of(b), bt, &y);
		if (!has_x && !has_y)
			break;
		if (has_x && has_y)
			c = tree_order(x.name, x.mode == TREE_MODE_DIR, y.name,
			    y.mode == TREE_MODE_DIR);
		err = differs(w, level, c <= 0 ? &x : NULL, c >= 0 ? &y : NULL);
		at = c <= 0 ? x.end : at;
		bt = c >= 0 ? y.end : bt;
	}
	*whole = at == a->n && bt == b->n;
	return err;
}

static enum crm_err
compare(struct walker *w, unsigned level, const struct oid *newer,
    const struct oid *older)
{
	struct buf *a = &w->newer[level], *b = &w->older[level];
	bool whole = true;
	enum crm_err err = newer_read(w, newer, a);

	if (err == CRM_OK)
		err = older_read(w, older, b);
	if (err == CRM_OK)
		err = merge(w, level, a, b, &whole);
	if (err == CRM_OK && !whole)
		return tree_damaged(w, newer ? newer : older);
	return err;
}

static enum crm_err
time_add(struct walker *w, int64_t time)
{
	struct touched *t = w->t;

	if (t->n == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 256;
		int64_t *p = NULL;

		if (cap < GONE)
			p = realloc(t->times, cap * sizeof(*p));
		if (!p)
			return diag_nomem(w->dg);
		t->times = p;
		t->cap = cap;
	}
	t->times[t->n++] = time;
	return CRM_OK;
}

/* One commit after the other, the last one first. */
static enum crm_err
walk(struct walker *w, struct oid commit)
{
	struct buf raw = {0}, before = {0};
	struct commit_view c, parent;
	enum crm_err err = commit_view_read(w->repo, commit, &raw, &c, w->dg);

	while (err == CRM_OK) {
		struct buf turn = raw;

		err = time_add(w, c.time);
		if (err == CRM_OK && c.parents > 0)
			err = commit_view_read(
			    w->repo, c.parent, &before, &parent, w->dg);
		if (err == CRM_OK &&
		    (c.parents == 0 || !oid_eq(c.tree, parent.tree)))
			err = compare(
			    w, 0, &c.tree, c.parents > 0 ? &parent.tree : NULL);
		if (err != CRM_OK || c.parents == 0)
			break;
		raw = before;
		before = turn;
		c = parent;
	}
	if (err == CRM_OK)
		buf_add(&w->t->first_message, c.message);
	buf_clear(&raw);
	buf_clear(&before);
	return err == CRM_OK && w->t->first_message.failed ? diag_nomem(w->dg)
							   : err;
}

static void
walker_clear(struct walker *w)
{
	for (size_t i = 0; w->cache && i < CACHE_SLOTS; i++)
		buf_clear(&w->cache[i].raw);
	free(w->cache);
	for (size_t i = 0; i < LEVELS; i++) {
		buf_clear(&w->newer[i]);
		buf_clear(&w->older[i]);
	}
}

enum crm_err
touched_build(
    struct touched **out, struct repo *r, struct oid commit, struct diag *dg)
{
	struct walker w = {.repo = r, .dg = dg};
	enum crm_err err = CRM_OK;

	repo_read_many(r);
	w.t = calloc(1, sizeof(*w.t));
	w.cache = calloc(CACHE_SLOTS, sizeof(*w.cache));
	if (!w.t || !w.cache)
		err = diag_nomem(dg);
	else
		err = walk(&w, commit);
	walker_clear(&w);
	if (err == CRM_OK)
		*out = w.t;
	else
		touched_free(w.t);
	return err;
}

int64_t
touched_time(const struct touched *t, const struct file_name *f)
{
	uint32_t at = touchmap_get(&t->map, f);

	return at == 0 || at == GONE ? INT64_MIN : t->times[at - 1];
}

uint64_t
touched_highest(const struct touched *t, struct str prefix)
{
	return touchmap_highest(&t->map, prefix);
}

struct str
touched_first_message(const struct touched *t)
{
	return str_of(&t->first_message);
}

void
touched_free(struct touched *t)
{
	if (!t)
		return;
	touchmap_clear(&t->map);
	free(t->times);
	buf_clear(&t->first_message);
	free(t);
}
