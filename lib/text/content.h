/* SPDX-License-Identifier: ISC */
/*
 * content: the content lines that vCard (RFC 6350) and iCalendar (RFC 5545)
 * share: NAME;PARAMS:VALUE, escaped, folded, ended by CR LF. Everything is
 * appended to a buf, whose failed flag tells of missing memory.
 *
 * PARAMS is "" or NULL for none, else the text between name and colon as
 * content_param builds it: ";TYPE=work;PREF=1". Values are valid UTF-8;
 * control characters in them other than tab and LF are left out, CR LF counts
 * as LF. A line with an empty value is not written at all.
 */
#ifndef CRM_CONTENT_H
#define CRM_CONTENT_H

#include "base/base.h"
#include "base/str.h"

/* One text: backslash, comma, semicolon and LF are escaped. */
void content_text(
    struct buf *to, const char *name, const char *params, struct str text);

/* A comma list as the store keeps it; every item is escaped by itself and
 * the commas between them stay: CATEGORIES, NICKNAME. */
void content_list(
    struct buf *to, const char *name, const char *params, struct str items);

/* A structured value: the N parts, each escaped, with ';' between them, empty
 * ones kept: N, ADR, ORG. Not written when all are empty. */
void content_parts(struct buf *to, const char *name, const char *params,
    const struct str *parts, size_t n);

/* A value whose own syntax says what is escaped: URI, RRULE, a word of an
 * enumeration, a number. Control characters, LF too, are left out. */
void content_raw(
    struct buf *to, const char *name, const char *params, struct str value);

/* Appends ";NAME=value" to a parameter text; a value that needs it stands in
 * quotes, with the circumflex escapes of RFC 6868. Nothing when empty. */
void content_param(struct buf *params, const char *name, struct str value);

/* Appends a stored day or moment in the basic form of ISO 8601: "2026-03-02"
 * as 20260302 and "2026-03-02T14:30:00Z" as 20260302T143000Z. False,
 * appending nothing, when TEXT is neither; *is_day (may be NULL) tells which
 * it was. */
bool content_time(struct buf *to, struct str text, bool *is_day);

#endif
