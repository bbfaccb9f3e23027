/* SPDX-License-Identifier: ISC */
/*
 * rejects: the refused rows as crm-tsv, to be mended and imported: rows of
 * the same columns in one file, what is no table as the text that it was.
 */
#include "base/escape.h"
#include "cli/msg.h"
#include "crm-import/job.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 16, HEADER_MAX = 1 << 20 };

struct rejects {
	struct reject_file {
		struct out out;
		struct buf name;
		const char *from; /* NULL: texts of all files */
		size_t kept;	  /* columns of the rows */
		uint64_t shape;
	} files[FILES_MAX];
	size_t n;
};

/* A row that could not be cut into its cells has none; its text is not lost. */
static bool
is_cut(const struct rows_row *row)
{
	bool any = row->raw.n == 0;

	for (size_t i = 0; row->cells && !any && i < row->n; i++)
		any = row->cells[i].n > 0;
	for (size_t i = 0; !any && i < row->raw.n; i++)
		if (!strchr(" \t,;|\"", row->raw.p[i]))
			return false;
	return row->cells != NULL;
}

static bool
is_table(const struct rows_row *row)
{
	return row->kind.n == 0 && row->n > 0 && is_cut(row);
}

static void
cell_add(struct buf *out, struct str s, bool first)
{
	if (!first)
		buf_addc(out, '\t');
	escape_tsv(s, out);
}

/* KEPT = 0: no table. */
static void
header_add(struct buf *out, const struct rows_row *row, size_t kept)
{
	const struct reject_input in = {.names = row->names, .n = row->n};

	for (size_t i = 0; i < kept; i++)
		cell_add(out, row->names[i], i == 0);
	if (kept == 0)
		buf_addz(out, IMPORT_TEXT);
	buf_addf(out, "\t%s\t%s\n", reject_line(&in, kept),
	    reject_reason(&in, kept));
}

/* How many columns are of the row, not of an earlier file of refused ones. */
static size_t
kept_of(const struct job *j, const struct rows_row *row)
{
	const struct reject_input in = {.names = row->names, .n = row->n};

	return reject_kept(store_schema(j->c->store), &in, true);
}

static enum crm_err
name_print(const struct job *j, size_t no, struct buf *name, struct diag *dg)
{
	buf_reset(name);
	buf_addz(name, j->c->opt.rejects);
	if (no > 1)
		buf_addf(name, ".%zu", no);
	return name->failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
file_open(struct job *j, struct reject_file *f, size_t no, struct diag *dg)
{
	enum crm_err err = name_print(j, no, &f->name, dg);

	return err ? err : out_open(&f->out, buf_z(&f->name), dg);
}

/* The file for rows like this one; *table: it has columns. */
static enum crm_err
file_of(struct job *j, const struct import_refusal *r, struct reject_file **out,
    bool *table, struct diag *dg)
{
	struct rejects *all = j->rejects;
	size_t at, texts = FILES_MAX;
	enum crm_err err;

	for (at = 0; at < all->n; at++) {
		*out = &all->files[at];
		texts = (*out)->from ? texts : at;
		if (*table ? (*out)->from == r->name &&
				 (*out)->shape == r->row->shape
			   : !(*out)->from)
			return CRM_OK;
	}
	/* The last place is for texts, and for columns when all are taken. */
	if (all->n + 1 >= FILES_MAX && texts < FILES_MAX) {
		*table = false;
		*out = &all->files[texts];
		return CRM_OK;
	}
	*table = *table && all->n + 1 < FILES_MAX;
	*out = &all->files[all->n];
	err = file_open(j, *out, all->n + 1, dg);
	if (err)
		return err;
	all->n++;
	(*out)->from = *table ? r->name : NULL;
	(*out)->shape = r->row->shape;
	(*out)->kept = *table ? kept_of(j, r->row) : 0;
	header_add(&(*out)->out.buf, r->row, (*out)->kept);
	return CRM_OK;
}

static void
row_add(struct buf *out, const struct rows_row *row, size_t kept)
{
	for (size_t i = 0; i < kept; i++)
		cell_add(out, row->cells[i], i == 0);
	if (kept == 0)
		cell_add(out, row->raw, true);
}

enum crm_err
rejects_add(struct job *j, const struct import_refusal *r, struct diag *dg)
{
	bool table = is_table(r->row);
	struct reject_file *f;
	struct buf column = {0};
	struct buf *out;
	enum crm_err err;

	if (!j->rejects)
		j->rejects = calloc(1, sizeof(*j->rejects));
	if (!j->rejects)
		return diag_nomem(dg);
	err = file_of(j, r, &f, &table, dg);
	if (err)
		return err;
	out = &f->out.buf;
	row_add(out, r->row, table ? f->kept : 0);
	buf_addf(out, "\t%llu\t", (unsigned long long)r->row->line);
	if (!table)
		buf_addf(&column, "%s: ", r->name);
	if (r->column.n && !str_starts(str_from(r->why), r->column))
		buf_addf(&column, "%.*s: ", STR_ARG(r->column));
	escape_tsv(str_of(&column), out);
	escape_tsv(str_from(r->why), out);
	buf_addc(out, '\n');
	if (out->failed || column.failed)
		err = diag_nomem(dg);
	buf_clear(&column);
	return err ? err : out_drain(&f->out, dg);
}

/* ---- of an earlier run ------------------------------------------------ */

/* Does the file begin with a header of ours? Nothing else is deleted. */
static bool
is_ours(int fd)
{
	static const char *const ends[] = {"\t" REJECT_LINE "\t" REJECT_REASON
					   "\n",
	    "\t" REJECT_LINE_ELSE "\t" REJECT_REASON_ELSE "\n"};
	struct buf head = {0};
	struct str text = {0};
	ptrdiff_t got = 1;
	bool ours = false;

	while (got > 0 && head.n < HEADER_MAX &&
	       str_chr(str_of(&head), '\n') == head.n) {
		char *p = buf_room(&head, OUT_CHUNK);

		got = p ? read(fd, p, OUT_CHUNK) : -1;
		head.n += got > 0 ? (size_t)got : 0;
	}
	text = str_of(&head);
	text = str_head(text, str_chr(text, '\n') + 1);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		ours = ours || str_ends(text, str_from(ends[i]));
	buf_clear(&head);
	return ours;
}

/* Deletes the file, where it has rows that an earlier run refused. */
static enum crm_err
old_remove(const char *path, bool *there, struct diag *dg)
{
	struct stat st;
	int fd;

	*there = lstat(path, &st) == 0;
	if (!*there || !S_ISREG(st.st_mode))
		return CRM_OK;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return msg_errno(dg, path, errno);
	if (is_ours(fd) && unlink(path) != 0)
		*there = false;
	close(fd);
	return *there ? CRM_OK : msg_errno(dg, path, errno);
}

/* What this run has not written is not there: nobody takes rows of yesterday
 * for refused today. */
static enum crm_err
old_clear(struct job *j, size_t written, struct diag *dg)
{
	struct buf name = {0};
	bool there = true;
	enum crm_err err = CRM_OK;

	for (size_t no = written + 1; !err && there && no <= FILES_MAX; no++) {
		err = name_print(j, no, &name, dg);
		if (!err)
			err = old_remove(buf_z(&name), &there, dg);
	}
	buf_clear(&name);
	return err;
}

enum crm_err
rejects_check(const struct job *j, struct diag *dg)
{
	const struct opts *o = &j->c->opt;
	struct stat a, b;

	if (!o->rejects || (o->keep_going && !o->dry_run) ||
	    stat(o->rejects, &a) != 0 || !S_ISREG(a.st_mode))
		return CRM_OK;
	for (size_t i = 0; i < j->nfiles; i++)
		if (stat(buf_z(&j->names[i]), &b) == 0 &&
		    a.st_ino == b.st_ino && a.st_dev == b.st_dev)
			return diag_set(dg, CRM_USAGE,
			    "--rejects: %s is what is imported, and its good "
			    "rows would be lost; name another file, or store "
			    "them with --keep-going",
			    o->rejects);
	return CRM_OK;
}

/* ---- the end ---------------------------------------------------------- */

static enum crm_err
files_close(struct job *j, bool keep, struct diag *dg)
{
	struct diag lost = {0};
	enum crm_err err = CRM_OK, one;

	for (size_t at = 0; at < j->rejects->n; at++) {
		struct reject_file *f = &j->rejects->files[at];

		one = out_close(&f->out, keep, err ? &lost : dg);
		err = err ? err : one;
		if (keep && at > 0)
			cli_warn(j->c,
			    "refused rows of other columns are in %s",
			    buf_z(&f->name));
		buf_clear(&f->name);
	}
	diag_clear(&lost);
	return err;
}

enum crm_err
rejects_close(struct job *j, bool keep)
{
	struct diag *dg = &j->c->diag, lost = {0};
	size_t n = j->rejects ? j->rejects->n : 0;
	enum crm_err err = CRM_OK;

	if (dg->code)
		dg = &lost;
	if (j->rejects)
		err = files_close(j, keep, dg);
	if (!err && keep && j->c->opt.rejects)
		err = old_clear(j, n, dg);
	diag_clear(&lost);
	free(j->rejects);
	j->rejects = NULL;
	return err;
}
