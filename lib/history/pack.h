/* SPDX-License-Identifier: ISC */
/*
 * pack: a git pack that is being written, with its index. Objects go in
 * once; one may be a delta against another. What is in it can be read back.
 * Nothing is visible to git before pack_close.
 */
#ifndef CRM_PACK_H
#define CRM_PACK_H

#include "history/delta.h"
#include "history/object.h"
#include "history/packindex.h"

struct pack;

enum { PACK_DEPTH_MAX = 50 }; /* deltas in a chain; git's own limit */

/* DIR is objects/pack; LEVEL as of zlib. Makes no file yet. */
enum crm_err pack_open(struct pack **out, const char *dir, int level,
    struct diag *dg) CRM_NODISCARD;

/* Whether the object is in the pack, and where. */
bool pack_find(const struct pack *p, struct oid id, struct pack_at *out);

/* Appends the object ID, which is not in it yet. AT may be NULL. */
enum crm_err pack_put(struct pack *p, enum object_type t, struct str data,
    struct oid id, struct pack_at *at, struct diag *dg) CRM_NODISCARD;
/* The same as a delta against the object at BASE, when that is shorter and
 * the chain not too long; *at tells by its depth. */
struct pack_text {
	struct str whole, delta;
};
enum crm_err pack_put_delta(struct pack *p, enum object_type t,
    struct pack_text text, struct oid id, struct pack_at base,
    struct pack_at *at, struct diag *dg) CRM_NODISCARD;

/* The object at AT, which pack_find gave. OUT is emptied first. */
enum crm_err pack_read(struct pack *p, struct pack_at at, struct buf *out,
    struct diag *dg) CRM_NODISCARD;

uint64_t pack_objects(const struct pack *p);
uint64_t pack_bytes(const struct pack *p);

/*
 * Puts pack and index in place, on disk, guarded against git gc by a file
 * pack-NAME.keep; NAME is appended as 40 hex digits. The pack is empty
 * afterwards, ready for the next one. Without objects nothing is done.
 */
enum crm_err pack_close(
    struct pack *p, struct buf *name, struct diag *dg) CRM_NODISCARD;
void pack_free(struct pack *p);

/* What a .keep file of ours contains. */
#define PACK_KEEP_TEXT "crm\n"

#endif
