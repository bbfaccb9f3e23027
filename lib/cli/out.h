/* SPDX-License-Identifier: ISC */
/*
 * out: buffered output that remembers a failed write. Nothing is written
 * while the store holds a snapshot: out_drain calls store_pause first.
 */
#ifndef CRM_OUT_H
#define CRM_OUT_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

#include <sys/types.h>

struct store;

enum { OUT_CHUNK = 256 * 1024 };

struct out {
	struct buf buf; /* append here */
	int fd;
	int error;	     /* errno of the first failed write */
	struct store *store; /* paused before a write; may be NULL */
	const char *path;    /* -o FILE, else NULL: standard output */
	char *part;	     /* FILE is written here first, then renamed */
	size_t page_rows;    /* more lines than this go to a pager; 0: none */
	pid_t pager;	     /* who reads fd; 0: none */
	bool terminal;	     /* a person sees it: controls are made visible */
	bool safe;	     /* not needed: the text is made for a terminal */
};

/* Standard output, or PATH: a regular file is replaced only by out_close. */
enum crm_err out_open(
    struct out *o, const char *path, struct diag *dg) CRM_NODISCARD;
/*
 * Writes all of it and closes. With KEEP a file takes its name, else what was
 * there before stays. Waits for the pager.
 */
enum crm_err out_close(struct out *o, bool keep, struct diag *dg) CRM_NODISCARD;

/* Writes what is there when it is more than OUT_CHUNK. CRM_IO after a failed
 * write, so that a long walk stops early; SIGPIPE ends the process as it
 * does other filters. */
enum crm_err out_drain(struct out *o, struct diag *dg) CRM_NODISCARD;
/* Writes all of it. */
enum crm_err out_flush(struct out *o, struct diag *dg) CRM_NODISCARD;

#endif
