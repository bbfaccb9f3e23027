/* SPDX-License-Identifier: ISC */
/* profile_words: what people and programs call the columns of our fields. */
#ifndef CRM_PROFILE_WORDS_H
#define CRM_PROFILE_WORDS_H

#include "base/base.h"
#include "base/str.h"
#include "model/schema.h"

/* Appends the words of a column's NAME, folded: "E-mail 1 - Value" is
 * "e mail value", "MailingStreet" is "mailing street". */
void words_fold(struct str name, struct buf *out);

/* The field that "city" or "org.name" means for a record of K; NULL. */
const struct field *words_field(
    const struct schema *s, const struct kind *k, struct str path);

/* The path of the field that a folded NAME stands for, "" when none is; *near
 * when it is only the nearest. */
struct str words_guess(
    const struct schema *s, const struct kind *k, struct str name, bool *near);

#endif
