/* SPDX-License-Identifier: ISC */
/*
 * recode: a source of UTF-8 on top of a source in another encoding. A BOM is
 * dropped. UTF-8 passes through unchecked and without a copy: readers check.
 */
#ifndef CRM_RECODE_H
#define CRM_RECODE_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "text/source.h"

enum encoding {
	ENCODING_UTF8,
	ENCODING_UTF16, /* by its BOM; without one little-endian */
	ENCODING_UTF16LE,
	ENCODING_UTF16BE,
	ENCODING_LATIN1,
	ENCODING_WINDOWS1252,
};

/* The encoding that a word names, in the usual spellings ("utf-8", "UTF16le",
 * "latin1", "iso-8859-1", "cp1252", "windows-1252"); CRM_USAGE with the list
 * of what there is. */
enum crm_err encoding_parse(
    struct str name, enum encoding *out, struct diag *dg) CRM_NODISCARD;
const char *encoding_name(enum encoding e); /* as on a command line */

struct recode;

/* SRC is copied, what it points to must outlive *out, which is the caller's to
 * recode_close. CRM_CONFIG: this system cannot convert from FROM. */
enum crm_err recode_open(struct recode **out, const struct source *src,
    enum encoding from, struct diag *dg) CRM_NODISCARD;
void recode_close(struct recode *r); /* NULL is fine */

/* What to read from; it has the name of the source below. */
struct source recode_source(struct recode *r);

/*
 * A read that fails because the bytes are not what the encoding says has errno
 * EILSEQ and shows in a reader as CRM_IO. Ask here then: CRM_DATA with the
 * message NAME:LINE: byte, offset and way out; CRM_OK, *dg as it was, when it
 * was something else.
 */
enum crm_err recode_fault(const struct recode *r, struct diag *dg);

/* Appends S with U+FFFD for every NUL and every byte that is not UTF-8. */
void recode_mend(struct str s, struct buf *out);

#endif
