/* SPDX-License-Identifier: ISC */
/*
 * json_quick: takes apart, at several times the speed of jansson, an object
 * with nothing unusual in it and the names of one that jansson has passed;
 * shared by the files of json_*.c only.
 */
#ifndef CRM_JSON_QUICK_H
#define CRM_JSON_QUICK_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "text/json_cells.h"

/*
 * Fills C from the object RAW, whose views the cells are. False when that is
 * not certain to be right, for any reason (errors, surrogates, names not seen
 * before, names with escapes, no memory): ask jansson then, it is the judge.
 */
bool json_quick(struct json_cells *c, struct str raw) CRM_NODISCARD;

/* The end of the number at S[at]; AT when it is none as JSON has them. */
size_t json_number_end(struct str s, size_t at);

#endif
