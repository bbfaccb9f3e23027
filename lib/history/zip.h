/* SPDX-License-Identifier: ISC */
/*
 * zip: zlib streams for many small texts. A stream is made once and reset
 * for each text; small texts have one with small tables, whose reset is
 * cheap.
 */
#ifndef CRM_ZIP_H
#define CRM_ZIP_H

#include "base/err.h"

struct zip;

/* LEVEL 1 .. 9. NULL when memory ran out. */
struct zip *zip_new(int level);
/* Appends DATA compressed; false when memory ran out. */
bool zip_add(struct zip *z, struct str data, struct buf *out) CRM_NODISCARD;
void zip_free(struct zip *z);
/* Appends DATA, at most 65,535 bytes, in the form of a compressed text that
 * is not compressed: for what is mostly checksums, ten times as fast. */
void zip_store(struct str data, struct buf *out);

/*
 * Takes one compressed text of SIZE bytes out of pieces: FEED gives the next
 * piece, an empty one at the end. OUT is emptied first. CRM_IO when it is
 * damaged or of another size.
 */
struct unzip {
	enum crm_err (*feed)(void *arg, struct str *piece, struct diag *dg);
	void *arg;
	size_t size;
};
enum crm_err zip_take(struct zip *z, const struct unzip *u, struct buf *out,
    struct diag *dg) CRM_NODISCARD;

#endif
