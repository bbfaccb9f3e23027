/* SPDX-License-Identifier: ISC */
/*
 * profile: how the columns of another program's file become our fields. A
 * profile is a small text that people can read, copy and change
 * (crm-profile(5)); those of well-known programs are built in.
 */
#ifndef CRM_PROFILE_H
#define CRM_PROFILE_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "crm/intake.h"
#include "model/schema.h"

struct profile;

/* Reads TEXT, which messages call NAME. CRM_DATA with NAME:LINE: in front.
 * TEXT may go away afterwards. *out is the caller's to profile_free. */
enum crm_err profile_read(struct profile **out, struct str text,
    const char *name, struct diag *dg) CRM_NODISCARD;
void profile_free(struct profile *p); /* NULL is fine */

/* The built-in ones: i = 0.. until NULL; their names and texts, which live as
 * long as the program. */
const char *profile_known(size_t i, struct str *text);

struct str profile_name(const struct profile *p);
struct str profile_title(const struct profile *p); /* a few words; "" none */
struct str profile_kind(const struct profile *p);  /* "contact" */
/* The fields by which a record that is there already is found, tried in this
 * order, when nobody says otherwise; none: every row is new. */
const struct str *profile_keys(const struct profile *p, size_t *n);

/*
 * How many of the N columns the profile knows, numbered ones too; 0 when one
 * is missing that the profile cannot be without ("match"). The highest fits
 * best.
 */
size_t profile_fits(const struct profile *p, const struct str *names, size_t n);

struct profile_plan;

/*
 * Looks the columns NAMES up, once for every shape of rows. Columns that the
 * profile does not name are left out; UNUSED, when not NULL, gets the names of
 * those, one a line. CRM_DATA when nothing at all would be taken. P and the
 * schema outlive the plan, NAMES need not.
 */
enum crm_err profile_plan(struct profile_plan **out, const struct profile *p,
    const struct schema *s, const struct str *names, size_t n,
    struct buf *unused, struct diag *dg) CRM_NODISCARD;
void profile_plan_free(struct profile_plan *plan);

/*
 * The draft of a row with as many CELLS as NAMES were. An empty cell makes a
 * draft value with an empty value (what that means is the importer's
 * business), once for each field. A field that several columns go to (numbered
 * e-mails, parts of a street) is one value. CRM_DATA: "COLUMN: " in front of
 * value, reason and way out. Views until the next call; names of fields live
 * as long as the profile.
 */
enum crm_err profile_map(struct profile_plan *plan, const struct str *cells,
    struct intake *out, struct diag *dg) CRM_NODISCARD;

/*
 * Prints a profile for a file of these columns and the given first rows
 * (ROWS of N cells each, row after row), guessed from names and contents:
 * every column has a line, those with no good guess behind a '#'.
 */
enum crm_err profile_suggest(const struct schema *s, const struct kind *k,
    const struct str *names, size_t n, const struct str *cells, size_t rows,
    struct buf *out, struct diag *dg) CRM_NODISCARD;

#endif
