/* SPDX-License-Identifier: ISC */
/* editor: files into directories, directories into commits. */
#include "history/editor.h"

#include "base/utf8.h"
#include "history/commit.h"
#include "history/node.h"

enum { LEVEL = 1 };

static const size_t tree_bytes = (size_t)64 << 20;
static const uint64_t pack_objects_max = 1000 * 1000;
static const uint64_t pack_bytes_max = UINT64_C(1) << 30;

struct editor {
	struct writer writer;
	struct nodes nodes;
	struct buf scratch, text;
	struct oid parent;
	bool has_parent;
	bool broken; /* an operation failed half way: no commit any more */
};

enum crm_err
editor_open(struct editor **out, struct repo *r, const struct oid *base,
    const struct editor_options *o, struct diag *dg)
{
	static const struct editor_options none = {0};
	struct editor *e = calloc(1, sizeof(*e));
	struct commit_view c = {0};
	enum crm_err err = CRM_OK;

	if (!e)
		return diag_nomem(dg);
	if (!o)
		o = &none;
	e->writer.max_objects =
	    o->pack_objects ? o->pack_objects : pack_objects_max;
	e->writer.max_bytes = o->pack_bytes ? o->pack_bytes : pack_bytes_max;
	err = writer_open(&e->writer, r, o->level ? o->level : LEVEL, dg);
	if (err == CRM_OK && base) {
		e->parent = *base;
		e->has_parent = true;
		err = commit_view_read(r, *base, &e->scratch, &c, dg);
	}
	if (err == CRM_OK)
		err = nodes_open(&e->nodes, &e->writer, base ? &c.tree : NULL,
		    o->tree_bytes ? o->tree_bytes : tree_bytes, dg);
	if (err != CRM_OK) {
		editor_free(e);
		return err;
	}
	*out = e;
	return CRM_OK;
}

void
editor_free(struct editor *e)
{
	if (!e)
		return;
	nodes_close(&e->nodes);
	writer_close(&e->writer);
	buf_clear(&e->scratch);
	buf_clear(&e->text);
	free(e);
}

static enum crm_err
ready(const struct editor *e, struct diag *dg)
{
	if (!e->broken)
		return CRM_OK;
	return diag_set(dg, CRM_BUG,
	    "%s: edited on after an error; nothing was written",
	    repo_path(e->writer.repo));
}

static enum crm_err
check_name(const struct editor *e, const struct file_name *f, struct diag *dg)
{
	if (!name_ok(f))
		return diag_set(dg, CRM_DATA,
		    "'%.*s' is no name of a record's file; one is like c42 "
		    "or c42-b7",
		    STR_ARG(f->name));
	return ready(e, dg);
}

static enum crm_err
put(struct editor *e, const struct file_name *f, struct str text,
    struct diag *dg)
{
	struct oid id = object_id(OBJECT_BLOB, text), was;
	struct node *n;
	enum crm_err err = nodes_leaf(&e->nodes, f, true, &n, dg);

	if (err != CRM_OK)
		return err;
	if (node_find(n, f->name, &was) && oid_eq(id, was))
		return CRM_OK;
	err = writer_put_blob(&e->writer, text, id, dg);
	if (err != CRM_OK)
		return err;
	return node_put(&e->nodes, n, f->name, id, dg);
}

enum crm_err
editor_put(struct editor *e, const struct file_name *f, struct str text,
    struct diag *dg)
{
	enum crm_err err = check_name(e, f, dg);

	if (err != CRM_OK)
		return err;
	err = put(e, f, text, dg);
	e->broken = err != CRM_OK;
	return err;
}

enum crm_err
editor_del(struct editor *e, const struct file_name *f, struct diag *dg)
{
	struct node *n;
	enum crm_err err = check_name(e, f, dg);

	if (err != CRM_OK)
		return err;
	err = nodes_leaf(&e->nodes, f, false, &n, dg);
	e->broken = err != CRM_OK;
	if (err == CRM_OK && n)
		node_del(&e->nodes, n, f->name);
	return err;
}

/* One directory: a new id is as long as the old one, so that places stay. */
static enum crm_err
rewrite_leaf(struct editor *e, struct node *n,
    bool (*change)(
	void *arg, struct str name, struct str text, struct buf *out),
    void *arg, struct diag *dg)
{
	struct tree_entry f;
	enum crm_err err = CRM_OK;

	for (size_t at = 0; tree_next(node_raw(n), at, &f); at = f.end) {
		struct oid id;

		if (f.mode != TREE_MODE_FILE)
			continue;
		err =
		    writer_read(&e->writer, f.id, OBJECT_BLOB, &e->scratch, dg);
		if (err != CRM_OK)
			return err;
		buf_reset(&e->text);
		if (!change(arg, f.name, str_of(&e->scratch), &e->text))
			continue;
		if (e->text.failed)
			return diag_nomem(dg);
		id = object_id(OBJECT_BLOB, str_of(&e->text));
		err = writer_put_blob(&e->writer, str_of(&e->text), id, dg);
		if (err == CRM_OK)
			err = node_put(&e->nodes, n, f.name, id, dg);
		if (err != CRM_OK)
			return err;
	}
	return CRM_OK;
}

enum crm_err
editor_rewrite(struct editor *e, struct str prefix,
    bool (*change)(
	void *arg, struct str name, struct str text, struct buf *out),
    void *arg, struct diag *dg)
{
	struct walk w = {.prefix = prefix};
	struct node *n = NULL;
	enum crm_err err = ready(e, dg);

	if (err == CRM_OK && !name_prefix_ok(prefix))
		return diag_set(dg, CRM_DATA,
		    "'%.*s' is no prefix of ids; one is like c",
		    STR_ARG(prefix));
	repo_read_many(e->writer.repo);
	if (err == CRM_OK)
		err = nodes_walk(&e->nodes, &w, &n, dg);
	while (err == CRM_OK && n) {
		err = rewrite_leaf(e, n, change, arg, dg);
		if (err == CRM_OK)
			err = nodes_walk(&e->nodes, &w, &n, dg);
	}
	e->broken = e->broken || err != CRM_OK;
	return err;
}

/* A name that git accepts: without brackets and control bytes. */
static void
author_add(struct str author, struct buf *out)
{
	size_t start = out->n, bad;
	bool text = utf8_valid(author, &bad);

	for (size_t i = 0; i < author.n; i++) {
		unsigned char c = (unsigned char)author.p[i];

		if (c >= (out->n == start ? '!' : ' ') && c != 0x7f &&
		    c != '<' && c != '>' && (text || c < 0x80))
			buf_addc(out, (char)c);
	}
	while (out->n > start && out->p[out->n - 1] == ' ')
		out->n--;
	if (out->n == start)
		buf_addz(out, "crm");
}

static void
identity_add(const char *role, const struct commit_text *t, struct buf *out)
{
	int64_t time = t->time > 0 ? t->time : 0; /* git has none before 1970 */

	buf_addf(out, "%s ", role);
	author_add(t->author, out);
	buf_addz(out, " <");
	author_add(t->author, out);
	buf_addf(out, "@localhost> %lld +0000\n", (long long)time);
}

/* NUL bytes would end the message for git. */
static void
message_add(struct str message, struct buf *out)
{
	struct str rest = message;

	while (rest.p)
		buf_add(out, str_cut(&rest, '\0'));
	if (out->n > 0 && out->p[out->n - 1] != '\n')
		buf_addc(out, '\n');
}

enum crm_err
editor_commit(struct editor *e, const struct commit_text *t, struct oid *out,
    struct diag *dg)
{
	struct buf *b = &e->scratch;
	struct oid tree, id;
	enum crm_err err = ready(e, dg);

	if (err == CRM_OK)
		err = nodes_write(&e->nodes, &tree, dg);
	if (err != CRM_OK) {
		e->broken = true;
		return err;
	}
	buf_reset(b);
	buf_addz(b, "tree ");
	oid_print(tree, b);
	if (e->has_parent) {
		buf_addz(b, "\nparent ");
		oid_print(e->parent, b);
	}
	buf_addc(b, '\n');
	identity_add("author", t, b);
	identity_add("committer", t, b);
	buf_addc(b, '\n');
	message_add(t->message, b);
	if (b->failed)
		return diag_nomem(dg);
	id = object_id(OBJECT_COMMIT, str_of(b));
	err = writer_put(&e->writer, OBJECT_COMMIT, str_of(b), id, dg);
	e->broken = err != CRM_OK;
	if (err == CRM_OK) {
		e->parent = *out = id;
		e->has_parent = true;
	}
	return err;
}

enum crm_err
editor_finish(struct editor *e, struct diag *dg)
{
	enum crm_err err = ready(e, dg);

	if (err == CRM_OK)
		err = writer_finish(&e->writer, dg);
	e->broken = e->broken || err != CRM_OK;
	return err;
}
