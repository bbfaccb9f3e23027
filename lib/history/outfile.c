/* SPDX-License-Identifier: ISC */
/* outfile: files that become visible when they are whole. */
#include "history/outfile.h"

#include "history/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum crm_err
outfile_open(struct outfile *f, const char *dir, struct diag *dg)
{
	*f = (struct outfile){.fd = -1};
	buf_addf(&f->path, "%s/" OUTFILE_PREFIX "XXXXXX", dir);
	if (f->path.failed)
		return diag_nomem(dg);
	f->fd = mkstemp(f->path.p);
	if (f->fd >= 0) {
		fcntl(f->fd, F_SETFD, FD_CLOEXEC);
		return CRM_OK;
	}
	buf_clear(&f->path);
	return fail_errno(dir, errno, "cannot make a file", dg);
}

uint64_t
outfile_at(const struct outfile *f)
{
	return f->written + f->pending.n;
}

static enum crm_err
write_at(
    struct outfile *f, uint64_t at, const char *p, size_t n, struct diag *dg)
{
	while (n > 0) {
		ssize_t put = pwrite(f->fd, p, n, (off_t)at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return fail_errno(f->path.p, put < 0 ? errno : ENOSPC,
			    "cannot write", dg);
		p += put;
		n -= (size_t)put;
		at += (uint64_t)put;
	}
	return CRM_OK;
}

enum crm_err
outfile_flush(struct outfile *f, size_t room, struct diag *dg)
{
	enum crm_err err;

	if (f->pending.failed)
		return diag_nomem(dg);
	if (f->pending.n <= room)
		return CRM_OK;
	err = write_at(f, f->written, f->pending.p, f->pending.n, dg);
	if (err == CRM_OK) {
		f->written += f->pending.n;
		buf_reset(&f->pending);
	}
	return err;
}

enum crm_err
outfile_patch(
    struct outfile *f, uint64_t at, const void *p, size_t n, struct diag *dg)
{
	if (at < f->written)
		return write_at(f, at, p, n, dg);
	memcpy(f->pending.p + (at - f->written), p, n);
	return CRM_OK;
}

enum crm_err
outfile_read(struct outfile *f, uint64_t at, size_t n, void *scratch,
    struct str *out, struct diag *dg)
{
	ssize_t got;

	if (at >= f->written) {
		*out = str_head(
		    str_from_pos(str_of(&f->pending), at - f->written), n);
		return CRM_OK;
	}
	do
		got = pread(f->fd, scratch, n, (off_t)at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail_errno(f->path.p, errno, "cannot read back", dg);
	*out = (struct str){.p = scratch, .n = (size_t)got};
	return CRM_OK;
}

enum crm_err
outfile_seal(struct outfile *f, struct diag *dg)
{
	enum crm_err err = outfile_flush(f, 0, dg);

	if (err != CRM_OK)
		return err;
	if (fchmod(f->fd, 0444) != 0)
		return fail_errno(f->path.p, errno, "cannot set the mode", dg);
	if (fsync(f->fd) != 0)
		return fail_errno(f->path.p, errno, "cannot sync", dg);
	return CRM_OK;
}

void
outfile_clear(struct outfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->fd >= 0 && f->path.p)
		unlink(f->path.p);
	buf_clear(&f->path);
	buf_clear(&f->pending);
	*f = (struct outfile){.fd = -1};
}

enum crm_err
outfile_rename(struct outfile *f, const char *name, struct diag *dg)
{
	int fd = f->fd;

	if (rename(f->path.p, name) != 0)
		return fail_errno(name, errno, "cannot rename to it", dg);
	f->fd = -1;
	outfile_clear(f);
	if (close(fd) != 0)
		return fail_errno(name, errno, "cannot close", dg);
	return CRM_OK;
}

enum crm_err
directory_sync(const char *path, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(path, errno, "cannot open", dg);
	if (fsync(fd) != 0)
		err = fail_errno(path, errno, "cannot sync", dg);
	close(fd);
	return err;
}
