/* SPDX-License-Identifier: ISC */
/*
 * writer: objects into packs: opens one, closes it when it is large enough,
 * begins the next. What was written can be read back at any time.
 */
#ifndef CRM_WRITER_H
#define CRM_WRITER_H

#include "history/pack.h"

/* A version of an object that a later one can be a delta against. */
struct version {
	unsigned number; /* of its pack; 0: none */
	struct pack_at at;
	size_t bytes;
};

/* A blob that those after it are deltas against: records next to each other
 * have the same fields, and many values that begin alike. */
struct like {
	struct version version;
	struct buf text;
	unsigned uses;
};

struct writer {
	struct repo *repo;
	struct pack *pack;
	uint64_t max_objects, max_bytes;
	unsigned number;   /* of the open pack: places are known within it */
	struct buf closed; /* names of those before, 40 digits each */
	struct like like;
	struct buf delta; /* reused */
};

enum crm_err writer_open(
    struct writer *w, struct repo *r, int level, struct diag *dg) CRM_NODISCARD;

/* An object with DATA is there afterwards; its id in *id. */
enum crm_err writer_put(struct writer *w, enum object_type t, struct str data,
    struct oid id, struct diag *dg) CRM_NODISCARD;

/* The same for a record's text, which may become a delta. */
enum crm_err writer_put_blob(struct writer *w, struct str text, struct oid id,
    struct diag *dg) CRM_NODISCARD;

/* Reads from the open pack or from the repository. */
enum crm_err writer_read(struct writer *w, struct oid id, enum object_type t,
    struct buf *out, struct diag *dg) CRM_NODISCARD;

/* Writes a tree of which HEAD and TAIL bytes are those of *v, if it can be
 * used; *v is the new version then. */
enum crm_err writer_put_tree(struct writer *w, struct str raw, struct oid id,
    struct delta_shape shape, struct version *v, struct diag *dg) CRM_NODISCARD;
/* The version of an object that was just read. */
struct version writer_version(
    const struct writer *w, struct oid id, size_t bytes);

/* Closes the last pack; all are guarded until the refs have moved. */
enum crm_err writer_finish(struct writer *w, struct diag *dg) CRM_NODISCARD;
/* Takes away what was not finished. */
void writer_close(struct writer *w);

#endif
