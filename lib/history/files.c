/* SPDX-License-Identifier: ISC */
/* files: walks the files of a commit, and reads one. */
#include "history/files.h"

#include "history/commit.h"
#include "history/level.h"

enum { LEVELS = LEVEL_FILE + 1 };

struct files {
	struct repo *repo;
	struct level levels[LEVELS];
	unsigned depth; /* levels in use */
	struct level_place place;
	struct buf text;
};

/* The tree of a commit. */
static enum crm_err
commit_tree(struct repo *r, struct oid commit, struct oid *out, struct diag *dg)
{
	struct buf raw = {0};
	struct commit_view c;
	enum crm_err err = commit_view_read(r, commit, &raw, &c, dg);

	if (err == CRM_OK)
		*out = c.tree;
	buf_clear(&raw);
	return err;
}

static enum crm_err
enter(struct files *f, struct oid tree, struct diag *dg)
{
	unsigned l = f->depth++;

	return level_read(
	    &f->levels[l], f->repo, tree, (enum level_kind)l, &f->place, dg);
}

/* Of the prefixes only the one wanted. */
static void
only(struct level *l, struct str prefix)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->slots[i].e.name, prefix))
			l->slots[kept++] = l->slots[i];
	l->n = kept;
}

enum crm_err
files_open(struct files **out, struct repo *r, struct oid commit,
    struct str prefix, struct diag *dg)
{
	struct files *f = calloc(1, sizeof(*f));
	struct oid tree;
	enum crm_err err;

	if (!f)
		return diag_nomem(dg);
	f->repo = r;
	repo_read_many(r);
	err = commit_tree(r, commit, &tree, dg);
	if (err == CRM_OK)
		err = enter(f, tree, dg);
	if (err != CRM_OK) {
		files_close(f);
		return err;
	}
	if (prefix.n > 0)
		only(&f->levels[LEVEL_PREFIX], prefix);
	*out = f;
	return CRM_OK;
}

/* One step into the directory at S, which is of level KIND. */
static enum crm_err
descend(struct files *f, enum level_kind kind, const struct level_slot *s,
    struct diag *dg)
{
	if (kind == LEVEL_PREFIX)
		f->place.prefix = s->e.name;
	else if (kind == LEVEL_HIGH)
		f->place.high = s->num;
	else
		f->place.mid = s->num;
	return enter(f, s->e.id, dg);
}

static enum crm_err
give(struct files *f, const struct level_slot *s, struct file *out,
    struct diag *dg)
{
	out->name = (struct file_name){
	    .prefix = f->place.prefix, .num = s->num, .name = s->e.name};
	out->blob = s->e.id;
	return object_read(f->repo, s->e.id, OBJECT_BLOB, &f->text, dg);
}

enum crm_err
files_next(struct files *f, struct file *out, bool *got, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	*got = false;
	while (err == CRM_OK && f->depth > 0) {
		unsigned kind = f->depth - 1;
		struct level *l = &f->levels[kind];
		const struct level_slot *s;

		if (l->at == l->n) {
			f->depth--;
			continue;
		}
		s = &l->slots[l->at++];
		if (kind == LEVEL_FILE) {
			err = give(f, s, out, dg);
			*got = err == CRM_OK;
			out->text = str_of(&f->text);
			return err;
		}
		err = descend(f, (enum level_kind)kind, s, dg);
	}
	return err;
}

void
files_close(struct files *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < LEVELS; i++)
		level_clear(&f->levels[i]);
	buf_clear(&f->text);
	free(f);
}

/* The entry NAME of the tree *id: its id then; CRM_NO without one. */
static enum crm_err
look_up(
    struct repo *r, struct oid *id, struct str name, bool dir, struct diag *dg)
{
	struct buf raw = {0};
	struct tree_entry e;
	size_t step;
	enum crm_err err = object_read(r, *id, OBJECT_TREE, &raw, dg);

	if (err == CRM_OK && !tree_check(str_of(&raw), &step))
		err = diag_set(dg, CRM_CONFIG,
		    "%s: a directory is damaged; git -C %s fsck --full tells "
		    "more",
		    repo_path(r), repo_path(r));
	else if (err == CRM_OK &&
		 (!tree_find(str_of(&raw), step, name, dir, &e) ||
		     (!dir && e.mode != TREE_MODE_FILE)))
		err = CRM_NO;
	if (err == CRM_OK)
		*id = e.id;
	buf_clear(&raw);
	return err;
}

/* Down to the file; CRM_NO without a message. */
static enum crm_err
find(struct repo *r, struct oid *id, const struct file_name *f, struct diag *dg)
{
	char room[NAME_NUMBER_MAX];
	enum crm_err err = look_up(r, id, f->prefix, true, dg);

	if (err == CRM_OK)
		err = look_up(
		    r, id, name_number(name_high(f->num), room), true, dg);
	if (err == CRM_OK)
		err = look_up(
		    r, id, name_number(name_mid(f->num), room), true, dg);
	return err == CRM_OK ? look_up(r, id, f->name, false, dg) : err;
}

enum crm_err
file_read(struct repo *r, struct oid commit, const struct file_name *f,
    struct buf *text, struct diag *dg)
{
	struct buf blob = {0};
	struct oid id;
	enum crm_err err = commit_tree(r, commit, &id, dg);

	if (err == CRM_OK)
		err = name_ok(f) ? find(r, &id, f, dg) : CRM_NO;
	if (err == CRM_NO)
		return diag_set(dg, CRM_NO, "%s: no %.*s in this commit",
		    repo_path(r), STR_ARG(f->name));
	if (err == CRM_OK)
		err = object_read(r, id, OBJECT_BLOB, &blob, dg);
	if (err == CRM_OK) {
		buf_add(text, str_of(&blob));
		err = text->failed ? diag_nomem(dg) : CRM_OK;
	}
	buf_clear(&blob);
	return err;
}
