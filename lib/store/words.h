/* SPDX-License-Identifier: ISC */
/*
 * words: which records may have a word in one of their texts: an inverted
 * index that the store keeps. It names all that have it and perhaps others:
 * whoever asks looks at the records.
 */
#ifndef CRM_STORE_WORDS_H
#define CRM_STORE_WORDS_H

#include "store/store.h"

/* Which words of base/word.h are meant: this one, those that begin with, end
 * in, or hold it. */
enum words_match { WORDS_WHOLE, WORDS_HEAD, WORDS_TAIL, WORDS_PART };

struct words;

/* Are texts of this field filed? Those are what a bare word looks into. */
bool words_has_field(const struct field *f);
/* Has the kind an index of words? Those that describe kinds have none. */
bool words_has_kind(const struct kind *k);

/*
 * Looks for the words of KIND that match TEXT (folded; it outlives *out).
 * *out is freed by words_free; it is NULL when more than LIMIT records are
 * named, about. CRM_CONFIG for damage.
 */
enum crm_err words_find(struct store *s, const struct kind *k,
    enum words_match match, struct str text, uint64_t limit, struct words **out,
    struct diag *dg) CRM_NODISCARD;
void words_free(struct words *w);
uint64_t words_rows(const struct words *w); /* records named, at most */

/* Sets bit N - LO of MAP for each record N that is named, from LO on, BITS
 * of them; the others are left alone. */
enum crm_err words_fill(struct words *w, uint64_t lo, uint64_t *map,
    size_t bits, struct diag *dg) CRM_NODISCARD;
/* The first record from LO on that is named; UINT64_MAX: none. */
enum crm_err words_from(struct words *w, uint64_t lo, uint64_t *first,
    struct diag *dg) CRM_NODISCARD;

/* The records that were changed since words were last filed, and those with
 * a tag: they may have any word. In order of id; *ids is the caller's. */
enum crm_err words_fresh(struct store *s, const struct kind *k, struct id **ids,
    size_t *n, struct diag *dg) CRM_NODISCARD;

#endif
