/* SPDX-License-Identifier: ISC */
/*
 * packread: objects straight out of the packs of a repository. libgit2 sets up
 * a stream, with its memory, for each object; a walk over millions of small
 * files pays for that three times over. What is whole and blobs that are deltas
 * are taken, with the right SHA-1 only; for everything else (directories that
 * are deltas of older ones: libgit2 keeps those) the caller asks libgit2.
 */
#ifndef CRM_PACKREAD_H
#define CRM_PACKREAD_H

#include "history/object.h"

struct packread;

/* Looks into the packs that are in DIR now. NULL when memory ran out. */
struct packread *packread_open(const char *dir);
void packread_close(struct packread *p);

/* The object ID of type T into OUT, which is emptied first; false when it is
 * to be had from libgit2, or not at all. */
bool packread_object(struct packread *p, enum object_type t, struct oid id,
    struct buf *out) CRM_NODISCARD;

#endif
