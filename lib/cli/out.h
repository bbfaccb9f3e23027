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

struct store;

enum { OUT_CHUNK = 256 * 1024 };

struct out {
	struct buf buf; /* append here */
	int fd;
	int error; /* errno of the first failed write */
	struct store *store; /* paused before a write; may be NULL */
};

/* Writes what is there when it is more than OUT_CHUNK. CRM_IO after a failed
 * write, so that a long walk stops early; SIGPIPE ends the process as it
 * does other filters. */
enum crm_err out_drain(struct out *o, struct diag *dg) CRM_NODISCARD;
/* Writes all of it. */
enum crm_err out_flush(struct out *o, struct diag *dg) CRM_NODISCARD;

#endif
