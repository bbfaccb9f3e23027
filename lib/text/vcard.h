/* SPDX-License-Identifier: ISC */
/*
 * vcard: writes vCard 4.0 (RFC 6350) and 3.0 (RFC 2426), property by property:
 *
 *     vcard_begin(to, VCARD_4);
 *     content_raw(to, "KIND", "", STR("individual"));
 *     vcard_text(to, "FN", "", name);               (the standard wants one)
 *     vcard_parts(to, "N", "", (struct str[]){family, given, middle, prefix,
 *         suffix}, 5);
 *     content_param(&params, "PREF", STR("1"));
 *     vcard_text(to, "EMAIL", buf_z(&params), email);
 *     vcard_parts(to, "ADR", "", (struct str[]){pobox, ext, street, city,
 *         region, postcode, country}, 7);
 *     vcard_parts(to, "ORG", "", (struct str[]){org, dept}, 2);
 *     vcard_list(to, "CATEGORIES", "", tags);
 *     vcard_time(to, VCARD_4, "BDAY", bday);
 *     vcard_time(to, VCARD_4, "REV", updated);
 *     vcard_end(to);
 *
 * Empty values write nothing, so a mapping needs no ifs. Which field is which
 * property is the caller's business. Escaping, folding and parameters are
 * those of content.h. Out of memory is remembered by the buf.
 */
#ifndef CRM_VCARD_H
#define CRM_VCARD_H

#include "base/base.h"
#include "base/str.h"
#include "text/content.h"

enum vcard_version { VCARD_3, VCARD_4 };

/* BEGIN:VCARD, VERSION:4.0 */
void vcard_begin(struct buf *to, enum vcard_version version);
void vcard_end(struct buf *to); /* END:VCARD */

/* FN, NOTE, TITLE, ROLE, EMAIL, TEL ...: one text. TEL could be a URI in
 * version 4, but a URI has no room for a number as it is written (blanks), and
 * half of the programs read text only. */
void vcard_text(
    struct buf *to, const char *name, const char *params, struct str text);
/* CATEGORIES, NICKNAME: a comma list, its items escaped one by one. */
void vcard_list(
    struct buf *to, const char *name, const char *params, struct str items);
/* N, ADR, ORG: parts with ';' between them. Trailing empty parts of ORG are
 * dropped (an ORG has as many as it needs, N and ADR a fixed number). */
void vcard_parts(struct buf *to, const char *name, const char *params,
    const struct str *parts, size_t n);
/* URL, UID, SOCIALPROFILE: a URI as it stands; what cannot be one (a
 * backslash, a control character) is ;VALUE=text, escaped. */
void vcard_uri(
    struct buf *to, const char *name, const char *params, struct str uri);
/* BDAY, ANNIVERSARY, REV: a stored day or moment; in the basic form in
 * version 4, else with the signs between. Anything else is written as
 * ;VALUE=text for BDAY and ANNIVERSARY, and not at all elsewhere. */
void vcard_time(struct buf *to, enum vcard_version version, const char *name,
    struct str time);

#endif
