/* SPDX-License-Identifier: ISC */
/* mail: mail boxes in one file, in a Maildir, and single messages. */
#include "cli/msg.h"
#include "crm-import/job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static enum crm_err
mail_refused(void *arg, const struct import_mail_refusal *r, struct diag *dg)
{
	struct rows_row row = {.line = r->line, .raw = r->text};
	struct import_refusal refusal = {
	    .name = r->name, .row = &row, .why = r->why};

	return report_refused(arg, &refusal, dg);
}

static enum crm_err
mail_stored(void *arg, struct id id, struct diag *dg)
{
	return report_stored(arg, id, WRITER_ADDED, dg);
}

static enum crm_err
mail_open(struct job *j)
{
	struct import_mail_options o = {
	    .log = {.clock = &j->c->clock},
	    .stored = mail_stored,
	    .refused = mail_refused,
	    .progress = report_progress,
	    .arg = j,
	};

	if (j->kind && j->kind->no != KIND_ACTIVITY)
		return diag_set(&j->c->diag, CRM_USAGE,
		    "mail becomes activities, not %.*ss; leave the kind out",
		    STR_ARG(j->kind->name));
	if (j->mail)
		return CRM_OK;
	return import_mail_new(
	    &j->mail, j->writer, j->c->store, &o, &j->c->diag);
}

enum crm_err
mail_box(struct job *j, struct input *in)
{
	struct source src = input_source(in);
	struct mbox *box = NULL;
	enum crm_err err = mail_open(j);

	j->input = in;
	if (!err)
		err = mbox_open(&box, &src, NULL, &j->c->diag);
	if (!err)
		err = import_mail_box(j->mail, box, in->name, &j->c->diag);
	mbox_close(box);
	j->input = NULL;
	return err;
}

/* ---- messages in files ------------------------------------------------ */

static enum crm_err
message_read(int fd, const char *name, struct buf *out, struct diag *dg)
{
	enum { CHUNK = 1 << 16 };
	ptrdiff_t got = 1;
	char *p;

	buf_reset(out);
	while (got != 0 && out->n <= MBOX_MESSAGE_MAX) {
		p = buf_room(out, CHUNK);
		if (!p)
			return diag_nomem(dg);
		got = read(fd, p, CHUNK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return msg_errno(dg, name, errno);
		out->n += (size_t)got;
	}
	return CRM_OK;
}

/* One message; a file that went away meanwhile was moved by its reader. */
static enum crm_err
message_import(struct job *j, const char *path, struct buf *text)
{
	struct diag *dg = &j->c->diag;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum crm_err err;

	if (fd < 0 && errno == ENOENT)
		return CRM_OK;
	if (fd < 0)
		return msg_errno(dg, path, errno);
	err = message_read(fd, path, text, dg);
	close(fd);
	if (err)
		return err;
	if (text->n > MBOX_MESSAGE_MAX)
		return mail_refused(j,
		    &(struct import_mail_refusal){.name = path,
			.line = 1,
			.text = {.p = "", .n = 0},
			.why = "longer than 64 MiB; store what matters of it "
			       "with crm-log"},
		    dg);
	return import_mail_add(j->mail, path, 1, str_of(text), dg);
}

enum crm_err
mail_message(struct job *j, const char *path)
{
	struct buf text = {0};
	enum crm_err err = mail_open(j);

	if (!err)
		err = message_import(j, path, &text);
	buf_clear(&text);
	return err;
}

static int
name_order(const void *a, const void *b)
{
	const struct buf *x = a, *y = b;

	return str_cmp(str_of(x), str_of(y));
}

struct names {
	struct buf *v;
	size_t n, cap;
};

static bool
names_add(struct names *s, const char *name)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		struct buf *more = realloc(s->v, cap * sizeof(*more));

		if (!more)
			return false;
		s->v = more;
		s->cap = cap;
	}
	s->v[s->n] = (struct buf){0};
	buf_addz(&s->v[s->n], name);
	return !s->v[s->n++].failed;
}

/* The messages in DIR, by name: that is by time of arrival. */
static enum crm_err
names_read(const char *dir, struct names *s, struct diag *dg)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	bool ok = true;

	if (!d)
		return msg_errno(dg, dir, errno);
	while (ok && (e = readdir(d)) != NULL)
		if (import_mail_is_maildir(str_from(e->d_name)))
			ok = names_add(s, e->d_name);
	closedir(d);
	if (ok && s->n > 0)
		qsort(s->v, s->n, sizeof(*s->v), name_order);
	return ok ? CRM_OK : diag_nomem(dg);
}

static enum crm_err
folder_import(struct job *j, const char *maildir, const char *sub)
{
	struct names names = {0};
	struct buf path = {0}, text = {0};
	enum crm_err err;

	buf_addf(&path, "%s/%s", maildir, sub);
	err = path.failed ? diag_nomem(&j->c->diag)
			  : names_read(buf_z(&path), &names, &j->c->diag);
	for (size_t i = 0; !err && i < names.n; i++) {
		buf_reset(&path);
		buf_addf(&path, "%s/%s/%s", maildir, sub, buf_z(&names.v[i]));
		err = path.failed ? diag_nomem(&j->c->diag)
				  : message_import(j, buf_z(&path), &text);
	}
	for (size_t i = 0; i < names.n; i++)
		buf_clear(&names.v[i]);
	free(names.v);
	buf_clear(&path);
	buf_clear(&text);
	return err;
}

bool
mail_is_dir(const char *path)
{
	static const char *const subs[] = {"cur", "new"};
	struct buf sub = {0};
	struct stat st;
	bool all = true;

	for (size_t i = 0; all && i < ARRAY_LEN(subs); i++) {
		buf_reset(&sub);
		buf_addf(&sub, "%s/%s", path, subs[i]);
		all = !sub.failed && stat(buf_z(&sub), &st) == 0 &&
		      S_ISDIR(st.st_mode);
	}
	buf_clear(&sub);
	return all;
}

enum crm_err
mail_dir(struct job *j, const char *path)
{
	enum crm_err err = mail_open(j);

	if (!err)
		err = folder_import(j, path, "cur");
	if (!err)
		err = folder_import(j, path, "new");
	return err;
}
