/* SPDX-License-Identifier: ISC */
/* rebuild: from the files of the history to a store. */
#include "history/rebuild.h"

#include "base/num.h"
#include "history/files.h"
#include "history/record_text.h"
#include "store/restore.h"

struct rebuild {
	struct store *s;
	struct repo *r;
	struct repo_head head;
	struct touched *touched;
	uint64_t *records;
	struct schema *schema; /* as the files have it, for their own sake */
	bool learning;	       /* it: nothing is put yet */
	struct buf hold;
};

static enum crm_err
file_wrong(const struct rebuild *b, const struct file *f, const char *what,
    struct diag *dg)
{
	struct buf path = {0};

	file_path(&f->name, &path);
	diag_set(
	    dg, CRM_CONFIG, "%s: %s: %s", repo_path(b->r), buf_z(&path), what);
	buf_clear(&path);
	return CRM_CONFIG;
}

static enum crm_err
put_file(struct rebuild *b, const struct file *f, struct diag *dg)
{
	const struct schema *schema =
	    b->schema && !b->learning ? b->schema : store_schema(b->s);
	const struct kind *k = schema_kind_prefix(schema, f->name.prefix);
	struct str values[ROW_SLOTS];
	struct diag why = {0};
	struct id id;
	enum crm_err err;

	if (!k || !id_parse(schema, f->name.name, &id))
		return file_wrong(b, f, "no kind has such ids", dg);
	if (b->learning)
		err = record_values_known(k, f->text, values, &b->hold, &why);
	else
		err = record_values(k, f->text,
		    touched_time(b->touched, &f->name), values, &b->hold, &why);
	if (err == CRM_OK && b->learning)
		err = restore_define(b->schema, k, id.num, values, &why);
	else if (err == CRM_OK)
		err = restore_put(b->s, id, values, k->nslots, &why);
	if (err != CRM_OK) {
		file_wrong(b, f, diag_text(&why), dg);
		diag_clear(&why);
		return err;
	}
	*b->records += !b->learning;
	return CRM_OK;
}

static bool
of_schema(struct str prefix)
{
	return str_is(prefix, "x") || str_is(prefix, "f");
}

/* The files of PREFIX, or all but those of the schema. */
static enum crm_err
put_files(struct rebuild *b, struct str prefix, struct diag *dg)
{
	struct files *files = NULL;
	struct file f;
	bool got = true;
	enum crm_err err = files_open(&files, b->r, b->head.commit, prefix, dg);

	while (err == CRM_OK) {
		err = files_next(files, &f, &got, dg);
		if (err != CRM_OK || !got)
			break;
		if (prefix.n == 0 && of_schema(f.name.prefix))
			continue;
		err = put_file(b, &f, dg);
	}
	files_close(files);
	return err;
}

/* Kinds and fields. They may have fields of the user's as well: what those
 * are is read first. */
static enum crm_err
put_schema(struct rebuild *b, struct diag *dg)
{
	static const char *const prefixes[] = {"x", "f"};
	enum crm_err err = CRM_OK;
	size_t i;

	b->schema = schema_new();
	if (!b->schema)
		return diag_nomem(dg);
	b->learning = true;
	for (i = 0; err == CRM_OK && i < ARRAY_LEN(prefixes); i++)
		err = put_files(b, str_from(prefixes[i]), dg);
	if (err == CRM_OK)
		err = schema_finish(b->schema, dg);
	b->learning = false;
	for (i = 0; err == CRM_OK && i < ARRAY_LEN(prefixes); i++)
		err = put_files(b, str_from(prefixes[i]), dg);
	if (err == CRM_OK)
		err = restore_schema(b->s, dg);
	schema_free(b->schema);
	b->schema = NULL;
	return err;
}

/* Numbers that were given before the history began: "Crm-Used: c42". */
static enum crm_err
used_before(struct rebuild *b, struct diag *dg)
{
	static const char *const trailer = "Crm-Used: ";
	struct str rest = touched_first_message(b->touched);
	enum crm_err err = CRM_OK;

	while (rest.p && err == CRM_OK) {
		struct str line = str_cut(&rest, '\n');
		struct id id;

		if (!str_starts(line, str_from(trailer)) ||
		    !id_parse(store_schema(b->s),
			str_from_pos(line, strlen(trailer)), &id))
			continue;
		err = restore_used(b->s,
		    schema_kind_no(store_schema(b->s), id.kind), id.num, dg);
	}
	return err;
}

/* Numbers that were given in it, to records that are gone. */
static enum crm_err
used_since(struct rebuild *b, struct diag *dg)
{
	const struct schema *schema = store_schema(b->s);
	const struct kind *k = schema_kind_at(schema, 0);
	enum crm_err err = CRM_OK;

	for (size_t i = 1; k && err == CRM_OK; k = schema_kind_at(schema, i++))
		err = restore_used(
		    b->s, k, touched_highest(b->touched, k->prefix), dg);
	return err;
}

enum crm_err
rebuild_run(struct store *s, struct repo *r, const struct change_origin *who,
    void (*found)(void *arg, const char *line), void *arg, uint64_t *records,
    struct diag *dg)
{
	struct rebuild b = {.s = s, .r = r, .records = records};
	enum crm_err err = repo_head(r, &b.head, dg);

	*records = 0;
	if (err == CRM_OK && !b.head.any)
		err = diag_set(dg, CRM_NO,
		    "%s: there is no commit in it that a store can be made of",
		    repo_path(r));
	if (err == CRM_OK)
		err = touched_build(&b.touched, r, b.head.commit, dg);
	if (err == CRM_OK)
		err = restore_begin(s, who, dg);
	if (err == CRM_OK)
		err = put_schema(&b, dg);
	if (err == CRM_OK)
		err = put_files(&b, (struct str){0}, dg);
	if (err == CRM_OK)
		err = used_before(&b, dg);
	if (err == CRM_OK)
		err = used_since(&b, dg);
	if (err == CRM_OK)
		err = restore_end(s, b.head.txn, found, arg, dg);
	store_abort(s);
	touched_free(b.touched);
	buf_clear(&b.hold);
	return err;
}
