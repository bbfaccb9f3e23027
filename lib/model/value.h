/* SPDX-License-Identifier: ISC */
/*
 * value: what the types mean: check and normalise on the way in, compare and
 * order inside. A stored value is canonical text; a list is its items joined
 * by commas, none empty, none twice, the first preferred.
 */
#ifndef CRM_VALUE_H
#define CRM_VALUE_H

#include "base/base.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "model/schema.h"

/*
 * Appends the canonical form of IN (one item, or a list where the field is
 * one; outer blanks are dropped). Text becomes NFC with LF, e-mail lower case
 * as a whole, phones are checked and their blanks squeezed, numbers lose
 * leading zeros and '+', dates and times become ISO, bool yes/no, enum lower
 * case. A TYPE_REF is copied; what it means is settled by query/ref.
 * *odd is set when an enumeration value is unknown (kept, worth a warning),
 * else left alone. CLOCK may be NULL: then only dates and times in canonical
 * form are taken. OUT is as it was after an error: CRM_DATA with value,
 * reason and way out; place and field are the caller's. CRM_TEMP.
 */
enum crm_err value_normalise(const struct field *f, struct str in,
    const struct clock *clock, struct buf *out, bool *odd,
    struct diag *dg) CRM_NODISCARD;

/*
 * Takes the next item off REST: up to the comma of a list, else all of it.
 * rest->p is NULL after the last one, as str_cut leaves it.
 */
struct str value_item(const struct field *f, struct str *rest);

/* The canonical texts of one item compared in the order of the type: numbers
 * by value, enumerations by position (unknown values last), a day before the
 * moments of that day, references by kind and counter, text by folded form
 * then bytes. Empty sorts after everything. */
int value_cmp(const struct field *f, struct str a, struct str b);

/*
 * Appends the key of one item for an index: bytes that memcmp orders like
 * value_cmp, but phones have their digits reversed. At most VALUE_KEY_MAX
 * bytes; a longer text is cut and texts that fold alike share a key, so a hit
 * must be compared with the record again. Keys of an enumeration hold the
 * position of the value: they change with the field's list of values.
 */
enum { VALUE_KEY_MAX = 240 };
void value_key(const struct field *f, struct str item, struct buf *out);

/* The digits of a phone that count, reversed: without +, 00, (0), leading
 * zeros and an extension. Two phones are the same line when the shorter key
 * has at least PHONE_MIN digits and is a prefix of the longer, or both keys
 * are the same; two different extensions are two lines. */
enum { PHONE_MIN = 6 };
void value_phone_key(struct str phone, struct buf *out);
bool value_phone_same(struct str a, struct str b);

/* One item equal to a canonical value, as '=' of the query language means
 * it: bytes, but decimals by number and phones by value_phone_same. */
bool value_eq(const struct field *f, struct str a, struct str b);

/*
 * A day or moment as seconds for comparison: *lo the first second, *hi the
 * last second the text covers (a whole local day for a date). False when it
 * is neither.
 */
bool value_time_span(struct str canonical, const struct zone *z, int64_t *lo,
    int64_t *hi) CRM_NODISCARD;

#endif
