/* SPDX-License-Identifier: ISC */
/*
 * csv_guard: keeps a spreadsheet from running a text of csv as a formula.
 *
 * A text is taken for a formula when, behind any blanks, its first character
 * is = + - @, their full-width forms, or a control character (tab, CR, LF).
 * Such a text gets an apostrophe in front, and so does one that is apostrophes
 * and then such a text: thus taking one off gives back what was there, whatever
 * it was.
 *
 *     =1+1     '=1+1
 *     '=1+1    ''=1+1
 *     'n Huis  'n Huis
 */
#ifndef CRM_CSV_GUARD_H
#define CRM_CSV_GUARD_H

#include "base/base.h"
#include "base/str.h"

/* Does S need the apostrophe? */
bool csv_guard_needed(struct str s);

/* The same for S in a column of phones, numbers or days: what is made of
 * digits and the signs of these alone (+41 44 123, -3.50) needs none. */
bool csv_guard_needed_plain(struct str s);

/* S without the apostrophe that a guarded text has, any other text as it is:
 * the inverse, for columns of every type. A view of S. */
struct str csv_unguard(struct str s);

#endif
