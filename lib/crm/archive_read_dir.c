/* SPDX-License-Identifier: ISC */
/* archive_read_dir: a directory with one crm-tsv(5) a kind to what it says. */
#include "crm/archive_impl.h"

#include "base/num.h"
#include "text/tsv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* In crm-tsv a byte may take two. */
enum { LINE_MAX_BYTES = 2 * CRM_RECORD_MAX };

/* One open file; its name with the directory in front. */
struct dir_file {
	int fd;
	struct buf name;
	struct source src;
	struct tsv_reader *tsv;
};

struct dir_in {
	struct archive_taker *taker;
	const char *path;
	int dir;
	struct dir_file manifest;
	struct buf names; /* files of the parts so far, a NUL behind each */
};

/* ---- one file --------------------------------------------------------- */

static ptrdiff_t
file_read(void *arg, char *p, size_t n)
{
	const struct dir_file *f = arg;

	return read(f->fd, p, n);
}

static enum crm_err
file_fail(const struct dir_file *f, struct diag *dg)
{
	enum crm_err code = errno == EACCES || errno == EPERM ? CRM_PERM
			    : errno == ENOENT		      ? CRM_DATA
							      : CRM_IO;

	return diag_set(dg, code, "%s: %s", buf_z(&f->name), strerror(errno));
}

static void
file_close(struct dir_file *f)
{
	tsv_close(f->tsv);
	if (f->fd >= 0)
		close(f->fd);
	buf_clear(&f->name);
	*f = (struct dir_file){.fd = -1};
}

/* Only a plain file: nothing that might wait for somebody to write. */
static enum crm_err
file_open(
    struct dir_file *f, struct dir_in *in, const char *name, struct diag *dg)
{
	const struct tsv_options o = {.line_max = LINE_MAX_BYTES};
	struct stat st;

	buf_addf(&f->name, "%s/%s", in->path, name);
	if (f->name.failed)
		return diag_nomem(dg);
	f->fd = openat(in->dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (f->fd < 0 || fstat(f->fd, &st) != 0)
		return file_fail(f, dg);
	if (!S_ISREG(st.st_mode))
		return diag_set(
		    dg, CRM_DATA, "%s: no plain file", buf_z(&f->name));
	f->src = (struct source){
	    .read = file_read, .arg = f, .name = buf_z(&f->name)};
	return tsv_open(&f->tsv, &f->src, &o, dg);
}

/* The message of DG happened in the present line of F. */
static enum crm_err
placed(const struct dir_file *f, enum crm_err err, struct diag *dg)
{
	if (err == CRM_DATA)
		diag_place(dg, "%s:%llu", buf_z(&f->name),
		    (unsigned long long)tsv_line(f->tsv));
	return err;
}

/* ---- the manifest ----------------------------------------------------- */

/* The next line, which must be called NAME. */
static enum crm_err
say_next(
    struct dir_in *in, const char *name, struct str *value, struct diag *dg)
{
	const struct str *cells;
	bool got = false;
	enum crm_err err = tsv_next(in->manifest.tsv, &cells, &got, dg);

	if (err != CRM_OK)
		return err;
	if (!got || !str_is(cells[0], name))
		return placed(&in->manifest,
		    diag_set(dg, CRM_DATA, "no '%s' here: damaged", name), dg);
	*value = cells[1];
	return CRM_OK;
}

static enum crm_err
say_number(struct dir_in *in, const char *name, uint64_t *out, struct diag *dg)
{
	struct str value;
	enum crm_err err = say_next(in, name, &value, dg);

	if (err == CRM_OK && !num_u64(value, out))
		err = placed(&in->manifest,
		    diag_set(dg, CRM_DATA, "%s: '%.*s' is no number", name,
			STR_ARG(str_head(value, 60))),
		    dg);
	return err;
}

static enum crm_err
head_take(struct dir_in *in, struct archive_head *h, struct diag *dg)
{
	const struct str *names;
	struct str what;
	enum crm_err err = CRM_OK;

	*h = (struct archive_head){0};
	if (tsv_columns(in->manifest.tsv, &names) != 2 ||
	    !str_is(names[0], "name") || !str_is(names[1], "value"))
		return diag_set(dg, CRM_DATA,
		    "%s:1: no archive: the columns are not name and value",
		    buf_z(&in->manifest.name));
	err = say_next(in, "crm", &what, dg);
	if (err == CRM_OK)
		err = say_number(in, "version", &h->version, dg);
	if (err == CRM_OK && h->version == ARCHIVE_VERSION) {
		err = say_number(in, "txn", &h->txn, dg);
		if (err == CRM_OK)
			err = say_number(in, "kinds", &h->kinds, dg);
		if (err == CRM_OK)
			err = say_number(in, "numbers", &h->numbers, dg);
	}
	if (err == CRM_OK)
		err = placed(&in->manifest, taker_head(in->taker, h, dg), dg);
	return err;
}

/* ---- a kind ----------------------------------------------------------- */

static enum crm_err
records_take(struct dir_in *in, struct dir_file *f, struct diag *dg)
{
	const struct str *names, *cells;
	size_t n = tsv_columns(f->tsv, &names);
	bool got = true;
	enum crm_err err = CRM_OK;

	while (err == CRM_OK) {
		err = tsv_next(f->tsv, &cells, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err =
		    placed(f, taker_record(in->taker, names, cells, n, dg), dg);
	}
	/* Ours has no such pairs. */
	if (err == CRM_OK && tsv_odd(f->tsv))
		err = diag_set(dg, CRM_DATA,
		    "%s: a backslash with another letter than t, n or r "
		    "behind it: not as it was written",
		    buf_z(&f->name));
	return err;
}

static enum crm_err
part_take(struct dir_in *in, struct diag *dg)
{
	struct dir_file f = {.fd = -1};
	struct archive_part p;
	struct buf name = {0};
	struct str text;
	enum crm_err err = say_next(in, "kind", &text, dg);

	/* The next line moves it. A name that is one holds no slash. */
	if (err == CRM_OK && !schema_name_ok(text))
		err = placed(&in->manifest,
		    diag_set(dg, CRM_DATA, "kind: '%.*s' is no name",
			STR_ARG(str_head(text, 60))),
		    dg);
	if (err == CRM_OK)
		buf_addf(&name, "%.*s.tsv", STR_ARG(text));
	if (err == CRM_OK)
		err = say_number(in, "records", &p.records, dg);
	if (err == CRM_OK)
		err = say_number(in, "next", &p.next, dg);
	if (err == CRM_OK)
		err = say_number(in, "slots", &p.slots, dg);
	if (err == CRM_OK && name.failed)
		err = diag_nomem(dg);
	if (err == CRM_OK) {
		p.name = str_head(str_of(&name), name.n - strlen(".tsv"));
		err = placed(&in->manifest, taker_part(in->taker, &p, dg), dg);
	}
	if (err == CRM_OK)
		err = file_open(&f, in, buf_z(&name), dg);
	if (err == CRM_OK)
		err = records_take(in, &f, dg);
	buf_add(&in->names, str_of(&name));
	buf_addc(&in->names, '\0');
	file_close(&f);
	buf_clear(&name);
	return err;
}

/* ---- all of it -------------------------------------------------------- */

static bool
listed(const struct dir_in *in, const char *name)
{
	for (struct str rest = str_of(&in->names); rest.p;)
		if (str_is(str_cut(&rest, '\0'), name))
			return true;
	return false;
}

/* A file that the manifest does not know of would be left behind. */
static enum crm_err
strangers(const struct dir_in *in, struct diag *dg)
{
	DIR *dir = opendir(in->path);
	const struct dirent *e;
	enum crm_err err = CRM_OK;

	if (in->names.failed || !dir)
		err = diag_nomem(dg);
	while (err == CRM_OK) {
		e = readdir(dir);
		if (!e)
			break;
		if (str_ends(str_from(e->d_name), STR(".tsv")) &&
		    !listed(in, e->d_name))
			err = diag_set(dg, CRM_DATA,
			    "%s/%s: %s says nothing of it; move it elsewhere",
			    in->path, e->d_name, ARCHIVE_MANIFEST);
	}
	if (dir)
		closedir(dir);
	return err;
}

static enum crm_err
end_take(struct dir_in *in, struct diag *dg)
{
	const struct str *cells;
	struct str crc;
	uint64_t records;
	bool got = false;
	enum crm_err err = say_number(in, "end", &records, dg);

	if (err == CRM_OK)
		err = say_next(in, "crc32c", &crc, dg);
	if (err == CRM_OK)
		err = placed(
		    &in->manifest, taker_end(in->taker, records, crc, dg), dg);
	if (err == CRM_OK)
		err = tsv_next(in->manifest.tsv, &cells, &got, dg);
	if (err == CRM_OK && got)
		err = placed(&in->manifest,
		    diag_set(dg, CRM_DATA,
			"something follows the end of the archive"),
		    dg);
	return err == CRM_OK ? strangers(in, dg) : err;
}

static enum crm_err
dir_take(struct dir_in *in, struct diag *dg)
{
	struct archive_head h;
	enum crm_err err;

	in->dir = open(in->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (in->dir < 0)
		return diag_set(dg, errno == EACCES ? CRM_PERM : CRM_DATA,
		    "%s: %s", in->path, strerror(errno));
	err = file_open(&in->manifest, in, ARCHIVE_MANIFEST, dg);
	if (err == CRM_OK)
		err = head_take(in, &h, dg);
	for (uint64_t i = 0; err == CRM_OK && i < h.kinds; i++)
		err = part_take(in, dg);
	if (err == CRM_OK)
		err = end_take(in, dg);
	return err == CRM_OK ? taker_settle(in->taker, dg) : err;
}

enum crm_err
archive_read_dir(struct store *s, const char *path,
    const struct archive_options *o, uint64_t *records, struct diag *dg)
{
	struct dir_in in = {.path = path, .dir = -1, .manifest = {.fd = -1}};
	enum crm_err err = taker_new(&in.taker, s, o, dg);

	*records = 0;
	if (err == CRM_OK)
		err = dir_take(&in, dg);
	if (err == CRM_OK)
		*records = taker_records(in.taker);
	file_close(&in.manifest);
	if (in.dir >= 0)
		close(in.dir);
	buf_clear(&in.names);
	taker_free(in.taker);
	return err;
}
