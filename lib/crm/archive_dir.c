/* SPDX-License-Identifier: ISC */
/* archive_dir: an archive as a directory, one crm-tsv(5) a kind and MANIFEST.
 * It is made beside its place and renamed when all of it is on disk. */
#include "crm/archive_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct dir_form {
	struct archive_form form;
	struct store *s;
	struct str path;    /* where it is to be, without slashes at its end */
	struct buf part;    /* the directory that is written, "" none */
	int dir;	    /* that one, else -1 */
	int file;	    /* of the present kind, else -1 */
	struct buf name;    /* of it */
	struct buf records; /* not yet written */
	struct buf manifest;
};

static enum crm_err
dir_fail(const struct dir_form *d, const char *name, struct diag *dg)
{
	int error = errno;
	enum crm_err code =
	    error == EACCES || error == EPERM ? CRM_PERM : CRM_IO;

	return diag_set(
	    dg, code, "%.*s/%s: %s", STR_ARG(d->path), name, strerror(error));
}

/* ---- one file --------------------------------------------------------- */

static enum crm_err
file_write(struct dir_form *d, struct buf *from, struct diag *dg)
{
	size_t at = 0;

	if (from->failed)
		return diag_nomem(dg);
	while (at < from->n) {
		ptrdiff_t n = write(d->file, from->p + at, from->n - at);

		if (n < 0 && errno != EINTR)
			return dir_fail(d, buf_z(&d->name), dg);
		at += n > 0 ? (size_t)n : 0;
	}
	buf_reset(from);
	return CRM_OK;
}

static enum crm_err
file_open(struct dir_form *d, struct str name, const char *end, struct diag *dg)
{
	buf_reset(&d->name);
	buf_add(&d->name, name);
	buf_addz(&d->name, end);
	if (d->name.failed)
		return diag_nomem(dg);
	d->file = openat(d->dir, buf_z(&d->name),
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return d->file >= 0 ? CRM_OK : dir_fail(d, buf_z(&d->name), dg);
}

static enum crm_err
file_close(struct dir_form *d, struct buf *rest, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (d->file < 0)
		return CRM_OK;
	err = file_write(d, rest, dg);
	if (err == CRM_OK && fsync(d->file) != 0)
		err = dir_fail(d, buf_z(&d->name), dg);
	if (close(d->file) != 0 && err == CRM_OK)
		err = dir_fail(d, buf_z(&d->name), dg);
	d->file = -1;
	return err;
}

/* ---- the form --------------------------------------------------------- */

static void
say(struct buf *to, const char *name, uint64_t value)
{
	buf_addf(to, "%s\t%llu\n", name, (unsigned long long)value);
}

static enum crm_err
dir_head(struct archive_form *f, const struct archive_head *h, struct diag *dg)
{
	struct buf *to = &((struct dir_form *)f)->manifest;

	buf_addz(to, "name\tvalue\ncrm\tarchive\n");
	say(to, "version", h->version);
	say(to, "txn", h->txn);
	say(to, "kinds", h->kinds);
	say(to, "numbers", h->numbers);
	return to->failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
dir_part(struct archive_form *f, const struct archive_part *p, struct diag *dg)
{
	struct dir_form *d = (struct dir_form *)f;
	struct buf *to = &d->manifest;
	enum crm_err err = file_close(d, &d->records, dg);

	buf_addf(to, "kind\t%.*s\n", STR_ARG(p->name));
	say(to, "records", p->records);
	say(to, "next", p->next);
	say(to, "slots", p->slots);
	return err == CRM_OK ? file_open(d, p->name, ".tsv", dg) : err;
}

static enum crm_err
dir_drain(struct archive_form *f, struct diag *dg)
{
	struct dir_form *d = (struct dir_form *)f;

	return d->file < 0 ? CRM_OK : file_write(d, &d->records, dg);
}

static enum crm_err
dir_end(struct archive_form *f, uint64_t records, uint32_t crc, struct diag *dg)
{
	struct dir_form *d = (struct dir_form *)f;
	enum crm_err err = file_close(d, &d->records, dg);

	buf_addf(&d->manifest, "end\t%llu\ncrc32c\t%08x\n",
	    (unsigned long long)records, (unsigned)crc);
	if (err == CRM_OK)
		err = file_open(d, STR(ARCHIVE_MANIFEST), "", dg);
	return err == CRM_OK ? file_close(d, &d->manifest, dg) : err;
}

/* ---- the directory ---------------------------------------------------- */

static enum crm_err
dir_make(struct dir_form *d, struct diag *dg)
{
	buf_addf(&d->part, "%.*s.new-XXXXXX", STR_ARG(d->path));
	if (d->part.failed)
		return diag_nomem(dg);
	if (!mkdtemp(d->part.p)) {
		buf_clear(&d->part);
		return dir_fail(d, "", dg);
	}
	d->dir = open(buf_z(&d->part), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return d->dir >= 0 ? CRM_OK : dir_fail(d, "", dg);
}

/* Takes away what is not going to be an archive. */
static void
dir_discard(struct dir_form *d)
{
	const struct schema *schema = store_schema(d->s);
	const struct kind *k = schema_kind_at(schema, 0);

	for (size_t i = 1; k && d->dir >= 0; k = schema_kind_at(schema, i++)) {
		buf_reset(&d->name);
		buf_addf(&d->name, "%.*s.tsv", STR_ARG(k->name));
		unlinkat(d->dir, buf_z(&d->name), 0);
	}
	if (d->dir >= 0)
		unlinkat(d->dir, ARCHIVE_MANIFEST, 0);
	rmdir(buf_z(&d->part));
}

/* The rename is on disk, too. */
static enum crm_err
parent_sync(struct dir_form *d, struct diag *dg)
{
	size_t slash = d->path.n;
	int fd;
	enum crm_err err = CRM_OK;

	while (slash > 0 && d->path.p[slash - 1] != '/')
		slash--;
	buf_reset(&d->name);
	buf_add(&d->name, slash ? str_head(d->path, slash) : STR("."));
	fd = open(buf_z(&d->name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Some file systems know no fsync of a directory. */
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		err = dir_fail(d, "", dg);
	if (fd >= 0)
		close(fd);
	return err;
}

static enum crm_err
taken(const struct dir_form *d, struct diag *dg)
{
	return diag_set(dg, CRM_DATA,
	    "%.*s: something is there already; name a new place",
	    STR_ARG(d->path));
}

static enum crm_err
dir_settle(struct dir_form *d, const char *path, struct diag *dg)
{
	if (fsync(d->dir) != 0 && errno != EINVAL)
		return dir_fail(d, "", dg);
	/* An empty directory gives way; nothing else does. */
	if (rename(buf_z(&d->part), path) == 0) {
		buf_clear(&d->part);
		return parent_sync(d, dg);
	}
	return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
		   ? taken(d, dg)
		   : dir_fail(d, "", dg);
}

/* Better now than after an hour: is there a place for it? */
static enum crm_err
place_check(struct dir_form *d, const char *path, struct diag *dg)
{
	struct stat st;
	const struct dirent *e = NULL;
	DIR *dir;
	size_t n = 0;

	if (lstat(path, &st) != 0)
		return CRM_OK;
	dir = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
	if (!dir)
		return taken(d, dg);
	do {
		e = readdir(dir);
		n += e && strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	} while (e && n == 0);
	closedir(dir);
	return n ? taken(d, dg) : CRM_OK;
}

enum crm_err
archive_write_dir(struct store *s, const char *path,
    const struct archive_progress *p, struct diag *dg)
{
	struct dir_form d = {
	    .form = {.format = FORMAT_TSV,
		.head = dir_head,
		.part = dir_part,
		.drain = dir_drain,
		.end = dir_end},
	    .s = s,
	    .path = str_from(path),
	    .dir = -1,
	    .file = -1,
	};
	enum crm_err err;

	d.form.to = &d.records;
	while (d.path.n > 1 && d.path.p[d.path.n - 1] == '/')
		d.path.n--;
	err = place_check(&d, path, dg);
	if (err == CRM_OK)
		err = dir_make(&d, dg);
	if (err == CRM_OK)
		err = archive_walk(s, &d.form, p, dg);
	if (err == CRM_OK)
		err = dir_settle(&d, path, dg);
	if (d.file >= 0)
		close(d.file);
	if (d.part.n)
		dir_discard(&d);
	if (d.dir >= 0)
		close(d.dir);
	buf_clear(&d.part);
	buf_clear(&d.name);
	buf_clear(&d.records);
	buf_clear(&d.manifest);
	return err;
}

bool
archive_is_dir(const char *path)
{
	struct buf name = {0};
	struct stat st;
	bool is = false;

	buf_addf(&name, "%s/%s", path, ARCHIVE_MANIFEST);
	if (!name.failed)
		is = stat(buf_z(&name), &st) == 0 && S_ISREG(st.st_mode);
	buf_clear(&name);
	return is;
}
