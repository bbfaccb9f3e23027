/* SPDX-License-Identifier: ISC */
/* input: a file, what it is, and its rows. */
#include "cli/msg.h"
#include "crm-import/job.h"
#include "crm/archive.h"
#include "crm/import_ical.h"
#include "crm/import_vcard.h"
#include "text/csv.h"
#include "text/csv_guard.h"
#include "text/json_rows.h"
#include "text/tsv_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- bytes ------------------------------------------------------------ */

static ptrdiff_t
fd_read(int fd, char *p, size_t n)
{
	ptrdiff_t got;

	do {
		got = read(fd, p, n);
	} while (got < 0 && errno == EINTR);
	return got;
}

static ptrdiff_t
input_read(void *arg, char *p, size_t n)
{
	struct input *in = arg;
	struct str rest = str_from_pos(str_of(&in->head), in->head_at);
	ptrdiff_t got;

	if (rest.n > 0) {
		n = n < rest.n ? n : rest.n;
		memcpy(p, rest.p, n);
		in->head_at += n;
		in->done += n;
		return (ptrdiff_t)n;
	}
	if (in->head_whole)
		return 0;
	/* What may take long: a file does not. */
	if (in->store && !in->size)
		store_pause(in->store);
	got = fd_read(in->fd, p, n);
	in->done += got > 0 ? (uint64_t)got : 0;
	return got;
}

struct source
input_source(struct input *in)
{
	return (struct source){.read = input_read, .arg = in, .name = in->name};
}

/* Reads the beginning; a pipe may give it bit by bit. */
static enum crm_err
head_read(struct input *in, struct diag *dg)
{
	ptrdiff_t got = 1;
	char *p;

	while (in->head.n < SNIFF_MAX && got > 0) {
		p = buf_room(&in->head, SNIFF_MAX - in->head.n);
		if (!p)
			return diag_nomem(dg);
		got = fd_read(in->fd, p, SNIFF_MAX - in->head.n);
		if (got < 0)
			return msg_errno(dg, in->name, errno);
		in->head.n += (size_t)got;
	}
	in->head_whole = got == 0;
	return CRM_OK;
}

static enum crm_err
fd_open(struct input *in, const char *file, struct diag *dg)
{
	struct stat st;

	if (strcmp(file, "-") == 0) {
		in->name = "standard input";
		in->fd = STDIN_FILENO;
	} else {
		in->fd = open(file, O_RDONLY | O_CLOEXEC);
	}
	if (in->fd < 0)
		return msg_errno(dg, in->name, errno);
	if (fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode))
		in->size = (uint64_t)st.st_size;
	if (in->fd != STDIN_FILENO && S_ISDIR(st.st_mode))
		return diag_set(dg, CRM_DATA,
		    "%s: a directory that is neither a Maildir nor what "
		    "crm-export --all -o made; name a file",
		    in->name);
	return CRM_OK;
}

static enum crm_err
input_sniff(struct job *j, struct input *in, struct diag *dg)
{
	struct sniff_input what = {
	    .head = str_of(&in->head),
	    .whole = in->head_whole,
	    .name = in->name,
	    .encoding = j->encoding_told ? &j->encoding : NULL,
	    .delimiter = j->delimiter,
	    .is_dump = archive_sniff,
	};
	enum crm_err err = sniff_head(&in->sniff, &what, dg);

	in->sniffed = true;
	if (err)
		return err;
	if (j->format != SNIFF_UNKNOWN) {
		if (j->format != in->sniff.format)
			in->sniff.skip = 0;
		in->sniff.format = j->format;
		if (!in->sniff.delimiter)
			in->sniff.delimiter = j->delimiter;
	}
	if (in->sniff.format == SNIFF_UNKNOWN)
		return diag_set(
		    dg, CRM_DATA, "%s: %s", in->name, buf_z(&in->sniff.why));
	cli_verbose(j->c, "%s: %s", in->name, buf_z(&in->sniff.why));
	return CRM_OK;
}

enum crm_err
inputs_check(struct job *j, struct diag *dg)
{
	struct stat *seen = calloc(j->nfiles + 1, sizeof(*seen));
	size_t n = 0, at;
	enum crm_err err = seen ? CRM_OK : diag_nomem(dg);

	for (size_t i = 0; !err && i < j->nfiles; i++) {
		if (stat(buf_z(&j->names[i]), &seen[n]) != 0 ||
		    !S_ISREG(seen[n].st_mode))
			continue;
		for (at = 0; at < n && (seen[at].st_ino != seen[n].st_ino ||
					   seen[at].st_dev != seen[n].st_dev);
		     at++)
			;
		if (at < n)
			err = diag_set(dg, CRM_USAGE,
			    "%s is there twice; name it once",
			    buf_z(&j->names[i]));
		n++;
	}
	free(seen);
	return err;
}

enum crm_err
input_open(struct job *j, const char *file, struct input *in, struct diag *dg)
{
	enum crm_err err;

	*in = (struct input){.name = file, .fd = -1, .store = j->c->store};
	err = fd_open(in, file, dg);
	if (!err)
		err = head_read(in, dg);
	if (!err)
		err = input_sniff(j, in, dg);
	return err;
}

void
input_close(struct input *in)
{
	rows_close(in->rows);
	recode_close(in->recode);
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	if (in->sniffed)
		sniff_clear(&in->sniff);
	buf_clear(&in->head);
	free(in->cells);
	diag_clear(&in->first_diag);
}

enum crm_err
input_fault(const struct input *in, enum crm_err err, struct diag *dg)
{
	struct diag why = {0};

	if (err != CRM_IO || !in->recode ||
	    recode_fault(in->recode, &why) == CRM_OK)
		return err;
	diag_clear(dg);
	*dg = why;
	return CRM_DATA;
}

/* ---- rows ------------------------------------------------------------- */

/* Takes off what our export puts in front of formulas. */
static enum crm_err
unguard(struct input *in, struct rows_row *row, struct diag *dg)
{
	if (row->n > in->ncells) {
		struct str *p = realloc(in->cells, row->n * sizeof(*p));

		if (!p)
			return diag_nomem(dg);
		in->cells = p;
		in->ncells = row->n;
	}
	for (size_t i = 0; i < row->n; i++)
		in->cells[i] = csv_unguard(row->cells[i]);
	row->cells = in->cells;
	return CRM_OK;
}

static enum crm_err
row_next(struct input *in, struct rows_row *row, bool *got, struct diag *dg)
{
	enum crm_err err = rows_next(in->rows, row, got, dg);

	if (!err && *got && in->guarded)
		err = unguard(in, row, dg);
	return err;
}

/* Gives the row that was looked at first, then the others. */
static enum crm_err
ahead_next(struct rows *r, struct rows_row *row, bool *got, struct diag *dg)
{
	struct input *in =
	    (struct input *)((char *)r - offsetof(struct input, ahead));

	if (!in->first_kept)
		return row_next(in, row, got, dg);
	in->first_kept = false;
	*row = in->first;
	*got = in->first_got;
	if (in->first_err)
		return diag_set(
		    dg, in->first_err, "%s", diag_text(&in->first_diag));
	if (*got && in->guarded)
		return unguard(in, row, dg);
	return CRM_OK;
}

static void
ahead_close(struct rows *r)
{
	(void)r;
}

static const struct rows_class ahead_class = {ahead_next, ahead_close};

static enum crm_err
table_open(
    struct job *j, struct input *in, const struct source *src, struct diag *dg)
{
	const struct opts *o = &j->c->opt;
	struct str columns = {0};

	if (o->columns)
		columns = str_from(o->columns);
	if (in->sniff.format == SNIFF_TSV)
		return tsv_rows_open(&in->rows, src,
		    &(struct tsv_options){.columns = columns}, dg);
	return csv_rows_open(&in->rows, src,
	    &(struct csv_options){
		.delimiter = in->sniff.delimiter,
		.lenient = o->lenient,
		.columns = columns,
		.skip = in->sniff.skip,
	    },
	    dg);
}

/* The system's data of a time zone. */
static bool
zone_read(void *arg, struct str name, struct buf *out)
{
	enum { ZONE_MAX = 1 << 20 };
	struct buf path = {0};
	ptrdiff_t got = 1;
	char *p;
	int fd = -1;

	(void)arg;
	buf_addf(&path, "/usr/share/zoneinfo/%.*s", STR_ARG(name));
	if (!path.failed)
		fd = open(buf_z(&path), O_RDONLY | O_CLOEXEC);
	buf_clear(&path);
	while (fd >= 0 && got > 0 && out->n < ZONE_MAX) {
		p = buf_room(out, 4096);
		got = p ? fd_read(fd, p, 4096) : -1;
		out->n += got > 0 ? (size_t)got : 0;
	}
	if (fd >= 0)
		close(fd);
	return fd >= 0 && got == 0;
}

enum crm_err
input_format(struct job *j, enum sniff_format format, const struct source *src,
    struct rows **out, struct diag *dg)
{
	switch (format) {
	case SNIFF_JSON:
	case SNIFF_JSONL:
		return json_rows_open(out, src, NULL, dg);
	case SNIFF_VCARD:
		return vcard_rows_open(out, src,
		    &(struct vcard_options){.store = j->c->store,
			.own = j->own,
			.warn = report_warn,
			.arg = j},
		    dg);
	case SNIFF_ICAL:
		return ical_rows_open(out, src,
		    &(struct ical_options){.clock = &j->c->clock,
			.store = j->c->store,
			.create = j->c->opt.create,
			.warn = report_warn,
			.zone = zone_read,
			.arg = j},
		    dg);
	case SNIFF_CSV:
	case SNIFF_TSV:
	case SNIFF_MBOX:
	case SNIFF_DUMP:
	case SNIFF_UNKNOWN:
		break;
	}
	return diag_set(dg, CRM_BUG, "%s: no rows in this format", src->name);
}

static enum crm_err
format_open(struct job *j, struct input *in, struct diag *dg)
{
	struct source src = input_source(in);
	enum crm_err err =
	    recode_open(&in->recode, &src, in->sniff.encoding, dg);

	if (err)
		return err;
	src = recode_source(in->recode);
	if (in->sniff.format == SNIFF_CSV || in->sniff.format == SNIFF_TSV)
		return table_open(j, in, &src, dg);
	return input_format(j, in->sniff.format, &src, &in->rows, dg);
}

static void
first_read(struct input *in)
{
	in->first = (struct rows_row){.n = 0};
	diag_clear(&in->first_diag);
	in->first_err =
	    rows_next(in->rows, &in->first, &in->first_got, &in->first_diag);
	in->first_err = input_fault(in, in->first_err, &in->first_diag);
	in->first_kept = true;
}

/* Nothing is lost in silence: columns without a field are named. */
static enum crm_err
left_out_say(struct job *j, const struct input *in, struct diag *dg)
{
	const struct profile *p = in->profile ? in->profile : j->profile;
	struct buf names = {0};
	enum crm_err err = CRM_OK;

	if (!p || in->first.kind.n || in->first.n == 0)
		return CRM_OK;
	err = profile_left_out(j, p, &in->first, &names, dg);
	if (err == CRM_DATA) {
		/* The rows will say it. */
		diag_clear(dg);
		err = CRM_OK;
	}
	if (!err && names.n)
		cli_warn(j->c,
		    "%s: columns left out, the profile has no line "
		    "for them:%s",
		    in->name, buf_z(&names));
	buf_clear(&names);
	return err;
}

enum crm_err
input_rows(struct job *j, struct input *in, struct diag *dg)
{
	struct buf why = {0};
	enum crm_err err = format_open(j, in, dg);

	if (err)
		return input_fault(in, err, dg);
	in->ahead.class = &ahead_class;
	in->ahead.apart = in->size && (in->sniff.format == SNIFF_CSV ||
					  in->sniff.format == SNIFF_TSV);
	first_read(in);
	if (texts_is(in, &in->first)) {
		in->ahead.apart = false;
		err = texts_open(j, in, dg);
		if (err)
			return err;
		first_read(in);
	}
	if (in->first.kind.n == 0 && in->first.n > 0)
		err = profile_choose(j, &in->first, &in->profile, &why, dg);
	/* A table with columns of ours is our export. */
	in->guarded = in->sniff.format == SNIFF_CSV && !in->profile &&
		      !j->profile && !j->c->opt.raw;
	if (!err && why.n)
		cli_verbose(j->c, "%s: %s", in->name, buf_z(&why));
	else if (err)
		diag_place(dg, "%s", in->name);
	buf_clear(&why);
	return err ? err : left_out_say(j, in, dg);
}
