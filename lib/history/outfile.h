/* SPDX-License-Identifier: ISC */
/*
 * outfile: a file that is written under a temporary name, can be read back
 * meanwhile, and gets its name and its place on disk at the end.
 */
#ifndef CRM_OUTFILE_H
#define CRM_OUTFILE_H

#include "base/err.h"

struct outfile {
	int fd; /* -1: none */
	struct buf path;
	struct buf pending; /* the end of the file, not yet written */
	uint64_t written;
};

/* Temporary files begin with this, so that they are known after a kill. */
#define OUTFILE_PREFIX "tmp_crm_"

/* Makes an empty file in DIR. F is set in every case. */
enum crm_err outfile_open(
    struct outfile *f, const char *dir, struct diag *dg) CRM_NODISCARD;
/* Where the next byte goes. Append to f->pending, then call flush. */
uint64_t outfile_at(const struct outfile *f);
/* Writes what is pending when it is more than ROOM bytes. */
enum crm_err outfile_flush(
    struct outfile *f, size_t room, struct diag *dg) CRM_NODISCARD;
/* Replaces N bytes at AT, which are there. */
enum crm_err outfile_patch(struct outfile *f, uint64_t at, const void *p,
    size_t n, struct diag *dg) CRM_NODISCARD;
/*
 * Up to N bytes from AT on: a view into the pending ones or into SCRATCH
 * (N bytes). Empty at the end of the file.
 */
enum crm_err outfile_read(struct outfile *f, uint64_t at, size_t n,
    void *scratch, struct str *out, struct diag *dg) CRM_NODISCARD;
/* Everything on disk, mode 0444; the name is still the temporary one. */
enum crm_err outfile_seal(struct outfile *f, struct diag *dg) CRM_NODISCARD;
/* Closes, and takes the file away when it still has its temporary name. */
void outfile_clear(struct outfile *f);
/* Gives it the name NAME and closes it. */
enum crm_err outfile_rename(
    struct outfile *f, const char *name, struct diag *dg) CRM_NODISCARD;

/* fsync of the directory PATH. */
enum crm_err directory_sync(const char *path, struct diag *dg) CRM_NODISCARD;

#endif
