/* SPDX-License-Identifier: ISC */
/* node: directories in memory, read and written as they are needed. */
#include "history/node.h"

struct kid {
	uint64_t key;
	struct node *node;
};

struct node {
	struct node *up;
	struct node *older, *newer; /* by use */
	struct node *dirty_next, *dirty_last;
	struct node *dirty; /* the first of the kids to be written */
	struct node *dirty_end;
	struct kid *kids; /* those in memory, by key */
	size_t nkids, capkids;
	uint64_t key;
	enum node_level level;
	bool changed;	/* since it was written; then so is UP */
	struct buf raw; /* every directory below is listed at once, with
			   the id 0 until it is written */
	size_t step;	/* of tree_check */
	struct oid id;	/* of the version last written, when not changed */
	struct version version;
	size_t head, tail; /* bytes in common with it */
};

/*
 * A directory by a number: its own, or its letters as digits of base 27.
 */
static uint64_t
prefix_key(struct str prefix)
{
	uint64_t key = 0;

	for (size_t i = 0; i < prefix.n; i++)
		key = key * 27 + (uint64_t)(prefix.p[i] - 'a' + 1);
	return key;
}

static uint64_t
level_key(const struct file_name *f, enum node_level level)
{
	if (level == NODE_PREFIX)
		return prefix_key(f->prefix);
	return level == NODE_HIGH ? name_high(f->num) : name_mid(f->num);
}

/* The other way round, into ROOM. */
static struct str
node_name(const struct node *n, char room[NAME_NUMBER_MAX])
{
	uint64_t key = n->key;
	char *p = room + NAME_NUMBER_MAX;

	if (n->level != NODE_PREFIX)
		return name_number(key, room);
	for (; key > 0; key /= 27)
		*--p = (char)('a' + key % 27 - 1);
	return (struct str){.p = p, .n = (size_t)(room + NAME_NUMBER_MAX - p)};
}

static size_t
node_bytes(const struct node *n)
{
	return sizeof(*n) + n->raw.cap + n->capkids * sizeof(*n->kids);
}

/* List of use. The root is not in it. */
static void
use_unlink(struct nodes *s, struct node *n)
{
	if (n->older)
		n->older->newer = n->newer;
	else
		s->oldest = n->newer;
	if (n->newer)
		n->newer->older = n->older;
	else
		s->newest = n->older;
	n->older = n->newer = NULL;
}

static void
use_link(struct nodes *s, struct node *n)
{
	n->older = s->newest;
	n->newer = NULL;
	if (s->newest)
		s->newest->newer = n;
	else
		s->oldest = n;
	s->newest = n;
}

/* A directory is used after all that are below it: the oldest one has none
 * below it in memory. */
static void
use_path(struct nodes *s, struct node *n)
{
	for (; n->up; n = n->up) {
		if (s->newest == n)
			continue;
		use_unlink(s, n);
		use_link(s, n);
	}
}

/* List of kids to be written. */
static void
dirty_link(struct node *n)
{
	struct node *up = n->up;

	n->dirty_last = up->dirty_end;
	n->dirty_next = NULL;
	if (up->dirty_end)
		up->dirty_end->dirty_next = n;
	else
		up->dirty = n;
	up->dirty_end = n;
}

static void
dirty_unlink(struct node *n)
{
	struct node *up = n->up;

	if (n->dirty_last)
		n->dirty_last->dirty_next = n->dirty_next;
	else
		up->dirty = n->dirty_next;
	if (n->dirty_next)
		n->dirty_next->dirty_last = n->dirty_last;
	else
		up->dirty_end = n->dirty_last;
	n->dirty_last = n->dirty_next = NULL;
}

static void
node_changed(struct node *n)
{
	for (; n && !n->changed; n = n->up) {
		n->changed = true;
		if (n->up)
			dirty_link(n);
	}
}

static void
node_clean(struct node *n)
{
	if (n->changed && n->up)
		dirty_unlink(n);
	n->changed = false;
}

/* The place of KEY among the kids. */
static size_t
kid_place(const struct node *n, uint64_t key)
{
	size_t low = 0, high = n->nkids;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (n->kids[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct node *
kid_find(const struct node *n, uint64_t key)
{
	size_t i = kid_place(n, key);

	return i < n->nkids && n->kids[i].key == key ? n->kids[i].node : NULL;
}

static bool
kid_add(struct nodes *s, struct node *up, struct node *n)
{
	size_t i;

	if (up->nkids == up->capkids) {
		size_t cap = up->capkids ? 2 * up->capkids : 4;
		struct kid *p = realloc(up->kids, cap * sizeof(*p));

		if (!p)
			return false;
		s->bytes += (cap - up->capkids) * sizeof(*p);
		up->kids = p;
		up->capkids = cap;
	}
	i = kid_place(up, n->key);
	memmove(up->kids + i + 1, up->kids + i,
	    (up->nkids - i) * sizeof(*up->kids));
	up->kids[i] = (struct kid){.key = n->key, .node = n};
	up->nkids++;
	n->up = up;
	return true;
}

static void
kid_remove(struct node *n)
{
	struct node *up = n->up;
	size_t i = kid_place(up, n->key);

	up->nkids--;
	memmove(up->kids + i, up->kids + i + 1,
	    (up->nkids - i) * sizeof(*up->kids));
}

/* Frees one that has no kids in memory and is in none of the lists of the
 * changed. */
static void
node_free(struct nodes *s, struct node *n)
{
	s->bytes -= node_bytes(n);
	if (s->last == n)
		s->last = NULL;
	if (n->up) {
		kid_remove(n);
		use_unlink(s, n);
	}
	free(n->kids);
	buf_clear(&n->raw);
	free(n);
}

/* An empty directory below UP, which does not list it yet. */
static struct node *
node_new(struct nodes *s, struct node *up, uint64_t key)
{
	struct node *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->key = key;
	n->level = up ? up->level + 1 : NODE_ROOT;
	if (up && !kid_add(s, up, n)) {
		free(n);
		return NULL;
	}
	if (up)
		use_link(s, n);
	s->bytes += node_bytes(n);
	return n;
}

/* Replaces DEL bytes at AT by PUT. */
static bool
raw_splice(
    struct nodes *s, struct node *n, size_t at, size_t del, struct str put)
{
	size_t cap = n->raw.cap, after = n->raw.n - at - del;
	char *p;

	if (put.n > del && !buf_room(&n->raw, put.n - del))
		return false;
	s->bytes += n->raw.cap - cap;
	p = n->raw.p + at;
	memmove(p + put.n, p + del, after + 1);
	if (put.n > 0)
		memcpy(p, put.p, put.n);
	n->raw.n = at + put.n + after;
	if (n->head > at)
		n->head = at;
	if (n->tail > after)
		n->tail = after;
	return true;
}

/* Takes the id of NAME in, or a new entry. */
static enum crm_err
raw_set(struct nodes *s, struct node *n, struct str name, bool dir,
    struct oid id, struct diag *dg)
{
	struct str raw = str_of(&n->raw);
	char entry[8 + NAME_MAX_BYTES + 1 + OID_BYTES];
	struct tree_entry e;
	size_t len;

	if (tree_find(raw, n->step, name, dir, &e)) {
		struct str put = {.p = (const char *)id.b, .n = OID_BYTES};

		if (oid_eq(e.id, id))
			return CRM_OK;
		raw_splice(s, n, e.end - OID_BYTES, OID_BYTES, put);
		node_changed(n);
		return CRM_OK;
	}
	len = (size_t)snprintf(entry, sizeof(entry), "%s %.*s",
	    dir ? "40000" : "100644", STR_ARG(name));
	memcpy(entry + ++len, id.b, OID_BYTES);
	len += OID_BYTES;
	if (!raw_splice(s, n, e.at, 0, (struct str){.p = entry, .n = len}))
		return diag_nomem(dg);
	if (raw.n == 0)
		n->step = len;
	else if (len != n->step)
		n->step = 0;
	node_changed(n);
	return CRM_OK;
}

static void
raw_unset(struct nodes *s, struct node *n, struct str name, bool dir)
{
	struct tree_entry e;

	if (!tree_find(str_of(&n->raw), n->step, name, dir, &e))
		return;
	raw_splice(s, n, e.at, e.end - e.at, (struct str){0});
	node_changed(n);
}

/* What is in the way of a directory or a file. */
static enum crm_err
misplaced(const struct nodes *s, struct str name, struct diag *dg)
{
	return diag_set(dg, CRM_CONFIG,
	    "%s: '%.*s' in the history is not what crm puts there; git -C %s "
	    "log -- '*%.*s' tells who did",
	    repo_path(s->writer->repo), STR_ARG(name),
	    repo_path(s->writer->repo), STR_ARG(name));
}

/* Fills N with the tree ID. */
static enum crm_err
node_load(struct nodes *s, struct node *n, struct oid id, struct diag *dg)
{
	size_t cap = n->raw.cap;
	enum crm_err err = writer_read(s->writer, id, OBJECT_TREE, &n->raw, dg);

	s->bytes += n->raw.cap - cap;
	if (err != CRM_OK)
		return err;
	if (!tree_check(str_of(&n->raw), &n->step)) {
		err = diag_set(
		    dg, CRM_CONFIG, "%s: tree ", repo_path(s->writer->repo));
		oid_print(id, &dg->text);
		diag_more(dg, " is damaged; git -C %s fsck --full tells more",
		    repo_path(s->writer->repo));
		return err;
	}
	n->id = id;
	n->head = n->tail = n->raw.n;
	n->version = writer_version(s->writer, id, n->raw.n);
	return CRM_OK;
}

/* Takes back what failed half way. */
static void
node_drop(struct nodes *s, struct node *n)
{
	node_clean(n);
	node_free(s, n);
}

/* The directory KEY below UP: in memory, read, or, with MAKE, new. */
static enum crm_err
node_enter(struct nodes *s, struct node *up, uint64_t key, bool make,
    struct node **out, struct diag *dg)
{
	struct node probe = {.key = key, .level = up->level + 1};
	char room[NAME_NUMBER_MAX];
	struct tree_entry e, other;
	enum crm_err err;
	struct str name;
	bool there;

	*out = kid_find(up, key);
	if (*out)
		return CRM_OK;
	name = node_name(&probe, room);
	there = tree_find(str_of(&up->raw), up->step, name, true, &e);
	if (!there &&
	    tree_find(str_of(&up->raw), up->step, name, false, &other))
		return misplaced(s, name, dg);
	if (!there && !make)
		return CRM_OK;
	*out = node_new(s, up, key);
	if (!*out)
		return diag_nomem(dg);
	if (there)
		err = node_load(s, *out, e.id, dg);
	else
		err = raw_set(s, up, name, true, (struct oid){{0}}, dg);
	if (err != CRM_OK) {
		node_drop(s, *out);
		*out = NULL;
	} else if (!there) {
		node_changed(*out);
	}
	return err;
}

static enum crm_err
node_write(struct nodes *s, struct node *n, struct diag *dg)
{
	struct delta_shape shape = {
	    .base = n->version.bytes, .head = n->head, .tail = n->tail};
	struct oid id = object_id(OBJECT_TREE, str_of(&n->raw));
	enum crm_err err = CRM_OK;

	if (!oid_eq(id, n->id))
		err = writer_put_tree(
		    s->writer, str_of(&n->raw), id, shape, &n->version, dg);
	if (err != CRM_OK)
		return err;
	n->id = id;
	n->head = n->tail = n->raw.n;
	node_clean(n);
	return CRM_OK;
}

/* Writes a changed directory without changed kids into UP; an empty one
 * vanishes. */
static enum crm_err
node_settle(struct nodes *s, struct node *n, struct diag *dg)
{
	char room[NAME_NUMBER_MAX];
	struct node *up = n->up;
	struct str name = node_name(n, room);
	enum crm_err err;

	if (n->raw.n == 0) {
		node_drop(s, n);
		raw_unset(s, up, name, true);
		return CRM_OK;
	}
	err = node_write(s, n, dg);
	return err == CRM_OK ? raw_set(s, up, name, true, n->id, dg) : err;
}

/* Puts the directories used least aside until the rest fits. */
static enum crm_err
nodes_shrink(struct nodes *s, struct diag *dg)
{
	while (s->bytes > s->limit && s->oldest) {
		struct node *n = s->oldest;

		if (n->changed) {
			bool gone = n->raw.n == 0;
			enum crm_err err = node_settle(s, n, dg);

			if (err != CRM_OK)
				return err;
			if (gone)
				continue;
		}
		node_free(s, n);
	}
	return CRM_OK;
}

/* Enters the directories of F one after the other. */
static enum crm_err
descend(struct nodes *s, const struct file_name *f, bool make,
    struct node **out, struct diag *dg)
{
	struct node *n = s->root, *deepest = n;
	enum crm_err err = CRM_OK;

	for (unsigned l = NODE_PREFIX; err == CRM_OK && n && l <= NODE_MID;
	     l++) {
		deepest = n;
		err = node_enter(
		    s, deepest, level_key(f, (enum node_level)l), make, &n, dg);
	}
	use_path(s, n ? n : deepest);
	if (err == CRM_OK && n)
		s->last = n;
	*out = n;
	return err;
}

enum crm_err
nodes_leaf(struct nodes *s, const struct file_name *f, bool make,
    struct node **out, struct diag *dg)
{
	struct node *n = s->last;
	enum crm_err err;

	if (n && n->key == name_mid(f->num) &&
	    n->up->key == name_high(f->num) &&
	    n->up->up->key == prefix_key(f->prefix)) {
		*out = n;
		return CRM_OK;
	}
	err = nodes_shrink(s, dg);
	return err == CRM_OK ? descend(s, f, make, out, dg) : err;
}

/* The first directory of RAW after NAME (n = 0: at all) that is called by a
 * number. */
static bool
entry_after(
    struct str raw, struct str name, struct tree_entry *e, uint64_t *number)
{
	for (size_t at = 0; tree_next(raw, at, e); at = e->end) {
		if (e->mode != TREE_MODE_DIR)
			continue;
		if (name.n > 0 && tree_order(e->name, true, name, true) <= 0)
			continue;
		if (name_number_parse(e->name, number) &&
		    e->name.n <= NAME_NUMBER_MAX)
			return true;
	}
	return false;
}

/* The next mid directory of HIGH, or the first one of the next high one. */
static enum crm_err
walk_step(struct nodes *s, struct walk *w, struct node *prefix,
    struct node **out, struct diag *dg)
{
	struct str high = {.p = w->high, .n = w->high_n};
	struct str mid = {.p = w->mid, .n = w->mid_n};
	struct node *n = NULL;
	struct tree_entry e;
	uint64_t number;
	enum crm_err err = CRM_OK;

	if (high.n > 0 && name_number_parse(high, &number))
		err = node_enter(s, prefix, number, false, &n, dg);
	while (err == CRM_OK) {
		if (n && entry_after(str_of(&n->raw), mid, &e, &number))
			break;
		if (!entry_after(str_of(&prefix->raw), high, &e, &number))
			return CRM_OK;
		memcpy(w->high, e.name.p, e.name.n);
		w->high_n = high.n = e.name.n;
		mid.n = 0;
		err = node_enter(s, prefix, number, false, &n, dg);
	}
	if (err != CRM_OK)
		return err;
	memcpy(w->mid, e.name.p, e.name.n);
	w->mid_n = e.name.n;
	return node_enter(s, n, number, false, out, dg);
}

enum crm_err
nodes_walk(struct nodes *s, struct walk *w, struct node **out, struct diag *dg)
{
	struct node *prefix = NULL;
	enum crm_err err = nodes_shrink(s, dg);

	*out = NULL;
	if (err == CRM_OK)
		err = node_enter(
		    s, s->root, prefix_key(w->prefix), false, &prefix, dg);
	if (err == CRM_OK && prefix)
		err = walk_step(s, w, prefix, out, dg);
	if (prefix)
		use_path(s, *out ? *out : prefix);
	return err;
}

struct str
node_raw(const struct node *n)
{
	return str_of(&n->raw);
}

bool
node_find(const struct node *n, struct str name, struct oid *out)
{
	struct tree_entry e;

	if (!tree_find(str_of(&n->raw), n->step, name, false, &e) ||
	    e.mode != TREE_MODE_FILE)
		return false;
	*out = e.id;
	return true;
}

enum crm_err
node_put(struct nodes *s, struct node *n, struct str name, struct oid blob,
    struct diag *dg)
{
	struct tree_entry e;

	if (tree_find(str_of(&n->raw), n->step, name, false, &e)) {
		if (e.mode != TREE_MODE_FILE)
			return misplaced(s, name, dg);
	} else if (tree_find(str_of(&n->raw), n->step, name, true, &e)) {
		return misplaced(s, name, dg);
	}
	return raw_set(s, n, name, false, blob, dg);
}

void
node_del(struct nodes *s, struct node *n, struct str name)
{
	raw_unset(s, n, name, false);
}

enum crm_err
nodes_write(struct nodes *s, struct oid *tree, struct diag *dg)
{
	struct node *n = s->root;
	enum crm_err err = CRM_OK;

	while (err == CRM_OK && (n->dirty || n->up)) {
		if (n->dirty) {
			n = n->dirty;
			continue;
		}
		n = n->up;
		err = node_settle(s, n->dirty, dg);
	}
	if (err == CRM_OK && n->changed)
		err = node_write(s, n, dg);
	if (err == CRM_OK)
		*tree = n->id;
	return err;
}

enum crm_err
nodes_open(struct nodes *s, struct writer *w, const struct oid *tree,
    size_t limit, struct diag *dg)
{
	*s = (struct nodes){.writer = w, .limit = limit};
	s->root = node_new(s, NULL, 0);
	if (!s->root)
		return diag_nomem(dg);
	if (tree)
		return node_load(s, s->root, *tree, dg);
	s->root->changed = true; /* the empty tree is written, too */
	return CRM_OK;
}

void
nodes_close(struct nodes *s)
{
	while (s->oldest) {
		struct node *n = s->oldest;

		node_clean(n);
		node_free(s, n);
	}
	if (s->root)
		node_free(s, s->root);
	*s = (struct nodes){0};
}
