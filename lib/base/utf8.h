/* SPDX-License-Identifier: ISC */
/*
 * utf8: validation, NFC, the folded form that searches compare, display
 * width, and text made safe for a terminal. No locale is involved.
 */
#ifndef CRM_UTF8_H
#define CRM_UTF8_H

#include "base/base.h"
#include "base/str.h"

bool utf8_ascii(struct str s); /* no byte over 0x7f */
/* ASCII without control characters but DEL. */
bool utf8_printable(struct str s);
/* The same and letters U+00C0..U+017F: valid, and in normal form C. */
bool utf8_latin(struct str s);
/* The same without DEL; *COLUMNS is how wide it is. */
bool utf8_latin_width(struct str s, size_t *columns) CRM_NODISCARD;

/* Valid UTF-8 without NUL; else false and the offset of the first bad byte. */
bool utf8_valid(struct str s, size_t *bad) CRM_NODISCARD;

/* Appends S in Unicode normal form C. S must be valid. */
void utf8_nfc(struct str s, struct buf *out);

/* Appends S in lower case, letter by letter, accents kept. */
void utf8_lower(struct str s, struct buf *out);

/*
 * Appends the folded form: case folded, accents stripped, special letters
 * spelled out (ß ss, ø o, æ ae, ł l, đ d, ı i). Folding is stable:
 * fold(fold(s)) = fold(s).
 */
void utf8_fold(struct str s, struct buf *out);

/* The same with ä ö ü (and å ø) as ae oe ue (aa oe). Returns false, appending
 * nothing, when S has none of them, so that the two forms are equal. */
bool utf8_fold_umlaut(struct str s, struct buf *out);

/* A prepared search text; owned by the caller, freed by needle_clear. */
struct needle {
	struct buf plain;	/* folded */
	struct buf umlaut;	/* folded with ae oe ue; empty when the same */
	struct str core, other; /* a part of each that texts with it have,
				   folded the one way or the other */
};
enum needle_result { NEEDLE_NO, NEEDLE_YES };
/* False when memory ran out. */
bool needle_init(struct needle *n, struct str text) CRM_NODISCARD;
void needle_clear(struct needle *n);
/* TEXT contains the needle ignoring case and accents, ue for ü both ways.
 * SCRATCH is reused between calls. */
bool needle_in(const struct needle *n, struct str text, struct buf *scratch);

/* Reads one character at *at and moves *at behind it; invalid bytes give
 * U+FFFD one at a time. */
uint32_t utf8_next(struct str s, size_t *at);
void utf8_put(uint32_t c, struct buf *out);
/* Columns on a terminal: 0 for combining marks, 2 for wide characters. */
int utf8_char_width(uint32_t c);
size_t utf8_width(struct str s);
/* Printable ASCII alone: shown as it is, as wide as it is long. */
bool utf8_plain(struct str s);

/* Appends S with every control, bidi control, zero-width trick and invalid
 * byte shown: ^A, \x9b, <U+202E>. Tab, LF and CR become \t \n \r. */
void utf8_visible(struct str s, struct buf *out);

#endif
