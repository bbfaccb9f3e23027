/* SPDX-License-Identifier: ISC */
/* escape: the four escapes of crm-tsv(5): \t \n \r \\ and nothing else. */
#ifndef CRM_ESCAPE_H
#define CRM_ESCAPE_H

#include "base/base.h"
#include "base/str.h"

/* True when S holds a tab, LF, CR or backslash. */
bool escape_needed(struct str s);

/* Appends S with the four bytes escaped. */
void escape_tsv(struct str s, struct buf *out);

/*
 * Appends S with the four escapes undone. Any other backslash pair is taken
 * literally and sets *odd, which is left alone otherwise.
 */
void unescape_tsv(struct str s, struct buf *out, bool *odd);

#endif
