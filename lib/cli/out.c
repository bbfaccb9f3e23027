/* SPDX-License-Identifier: ISC */
/* out: the buffer before standard output or a file, and what is done when a
 * write fails. */
#include "cli/out.h"

#include "base/utf8.h"
#include "cli/msg.h"
#include "cli/pager.h"
#include "cli/spawn.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
out_name(const struct out *o)
{
	return o->path ? o->path : "standard output";
}

static enum crm_err
out_failed(const struct out *o, struct diag *dg)
{
	return diag_set(dg, CRM_IO, "%s: %s", out_name(o), strerror(o->error));
}

/* A new file beside PATH that takes its place in out_close. */
static int
part_open(struct out *o, mode_t mode)
{
	struct buf name = {0};
	buf_addf(&name, "%s.part%ld", o->path, (long)getpid());
	if (name.failed) {
		buf_clear(&name);
		errno = ENOMEM;
		return -1;
	}
	o->part = name.p;
	int fd = open(o->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0) {
		free(o->part);
		o->part = NULL;
	}
	return fd;
}

enum crm_err
out_open(struct out *o, const char *path, struct diag *dg)
{
	struct stat st;

	*o = (struct out){.fd = STDOUT_FILENO};
	if (path == NULL || strcmp(path, "-") == 0)
		return CRM_OK;
	o->path = path;
	/* Only a plain file is replaced; links, devices and pipes are written
	 * to as they are. */
	bool new = lstat(path, &st) != 0;
	o->fd = -1;
	if (new)
		o->fd = part_open(o, 0666);
	else if (S_ISREG(st.st_mode) && access(path, W_OK) == 0)
		o->fd = part_open(o, st.st_mode & 0777);
	if (!new && o->fd < 0)
		o->fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (o->fd < 0)
		return msg_errno(dg, path, errno);
	return CRM_OK;
}

/* Whether a write that failed with errno may be tried again. */
static bool
write_again(int fd)
{
	if (errno == EINTR)
		return true;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return false;
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	return poll(&p, 1, -1) >= 0 || errno == EINTR;
}

/* Rows as they are stored, on a terminal: what it would obey is shown, but
 * for tabs and the ends of lines. */
static void
out_show(struct out *o)
{
	struct str rest = str_of(&o->buf);
	struct buf shown = {0};

	while (rest.n > 0) {
		size_t n = 0;
		while (n < rest.n && rest.p[n] != '\n' && rest.p[n] != '\t')
			n++;
		utf8_visible(str_head(rest, n), &shown);
		if (n < rest.n)
			buf_addc(&shown, rest.p[n++]);
		rest = str_from_pos(rest, n);
	}
	buf_clear(&o->buf);
	o->buf = shown;
}

enum crm_err
out_flush(struct out *o, struct diag *dg)
{
	size_t at = 0;

	if (o->terminal && !o->safe)
		out_show(o);
	if (o->buf.failed)
		return diag_nomem(dg);
	if (o->error == 0 && o->buf.n > 0 && o->store != NULL)
		store_pause(o->store);
	if (o->buf.n > 0 && o->page_rows > 0)
		pager_start(o);
	while (o->error == 0 && at < o->buf.n) {
		ptrdiff_t n = write(o->fd, o->buf.p + at, o->buf.n - at);
		if (n >= 0)
			at += (size_t)n;
		else if (!write_again(o->fd))
			o->error = errno;
	}
	buf_reset(&o->buf);
	return o->error ? out_failed(o, dg) : CRM_OK;
}

enum crm_err
out_drain(struct out *o, struct diag *dg)
{
	if (o->buf.failed || o->error != 0 || o->buf.n > OUT_CHUNK)
		return out_flush(o, dg);
	return CRM_OK;
}

/* Gives the written file its name, or takes it away. */
static enum crm_err
part_end(struct out *o, bool keep, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (o->part == NULL)
		return CRM_OK;
	if (!keep || rename(o->part, o->path) != 0) {
		if (keep)
			err = msg_errno(dg, o->path, errno);
		unlink(o->part);
	}
	free(o->part);
	o->part = NULL;
	return err;
}

enum crm_err
out_close(struct out *o, bool keep, struct diag *dg)
{
	enum crm_err err = out_flush(o, dg);

	if (close(o->fd) != 0 && err == CRM_OK) {
		o->error = errno;
		err = out_failed(o, dg);
	}
	o->fd = -1;
	if (o->pager > 0)
		spawn_wait(o->pager);
	o->pager = 0;
	enum crm_err last = part_end(o, keep && err == CRM_OK, dg);
	buf_clear(&o->buf);
	return err != CRM_OK ? err : last;
}
