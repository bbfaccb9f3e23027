/* SPDX-License-Identifier: ISC */
/* utf8: Unicode text without a locale; the only file that sees utf8proc. */
#include "base/utf8.h"

#include "base/eight.h"

#include <utf8proc.h>

/* What TEST says of any eight bytes of S, those that S does not fill up
 * being blanks. */
static inline uint64_t
any_eight(struct str s, uint64_t (*test)(uint64_t w))
{
	uint64_t seen = 0;
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8)
		seen |= test(eight_load(s.p + i));
	/* The last eight bytes once more, where there are so many. */
	if (i < s.n)
		seen |= s.n >= 8 ? test(eight_load(s.p + s.n - 8))
				 : test(eight_tail(s.p, s.n, ' '));
	return seen & EIGHT_HIGH;
}

static inline uint64_t
high(uint64_t w)
{
	return w;
}

static inline uint64_t
odd(uint64_t w)
{
	return w | eight_below(w, ' ');
}

bool
utf8_ascii(struct str s)
{
	return any_eight(s, high) == 0;
}

bool
utf8_printable(struct str s)
{
	return any_eight(s, odd) == 0;
}

/* Two bytes that are a letter U+00C0..U+017F. */
static inline bool
latin_at(const unsigned char *p)
{
	return p[0] >= 0xc3 && p[0] <= 0xc5 && (p[1] & 0xc0) == 0x80;
}

/* The first byte of S from I on that is not printable ASCII, or S.n. DEL is
 * printable or not. */
static inline size_t
plain_end(struct str s, size_t i, bool del)
{
	unsigned char c;
	uint64_t w;

	for (; i + 8 <= s.n; i += 8) {
		w = eight_load(s.p + i);
		w |= (w - EIGHT_ONES * ' ') | (del ? 0 : w + EIGHT_ONES);
		if (w & EIGHT_HIGH)
			break;
	}
	for (; i < s.n; i++) {
		c = (unsigned char)s.p[i];
		if (c < ' ' || c >= 0x80 || (c == 0x7f && !del))
			break;
	}
	return i;
}

/* *LETTERS: of two bytes. */
static inline bool
latin_read(struct str s, bool del, size_t *letters)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = plain_end(s, 0, del);

	for (*letters = 0; i < s.n; i = plain_end(s, i + 2, del)) {
		if (i + 1 == s.n || !latin_at(p + i))
			return false;
		++*letters;
	}
	return true;
}

bool
utf8_latin(struct str s)
{
	size_t letters;

	return latin_read(s, true, &letters);
}

bool
utf8_latin_width(struct str s, size_t *columns)
{
	size_t letters;
	bool latin = latin_read(s, false, &letters);

	*columns = s.n - letters;
	return latin;
}

/*
 * Length of the well-formed sequence at S (Unicode 15, table 3-7), 0 when
 * there is none.
 */
static size_t
sequence(const unsigned char *p, size_t n)
{
	unsigned char lo = 0x80, hi = 0xbf;
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n < len)
		return 0;
	if (p[0] == 0xe0)
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* The offset, from AT in steps of eight bytes, where NUL or a byte over 0x7f
 * comes within eight bytes, or S has fewer left. */
static size_t
plain_span(struct str s, size_t at)
{
	for (; at + 8 <= s.n; at += 8) {
		uint64_t w = eight_load(s.p + at);

		/* The top bit of a byte that is 0, or over 0x7f. */
		if (((w - EIGHT_ONES) | w) & EIGHT_HIGH)
			break;
	}
	return at;
}

bool
utf8_valid(struct str s, size_t *bad)
{
	/* Most of a text is ASCII and passed over in words. */
	size_t i = plain_span(s, 0);

	while (i < s.n) {
		size_t end = s.n - i > 8 ? i + 8 : s.n;
		while (i < end) {
			size_t len =
			    sequence((const unsigned char *)s.p + i, s.n - i);
			if (len == 0 || s.p[i] == '\0') {
				*bad = i;
				return false;
			}
			i += len;
		}
		i = plain_span(s, i);
	}
	return true;
}

/* Runs utf8proc_map and appends the result; the text itself on failure. */
static void
map(struct str s, utf8proc_option_t options, struct buf *out)
{
	utf8proc_uint8_t *mapped = NULL;
	utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)s.p,
	    (utf8proc_ssize_t)s.n, &mapped, options);

	if (n == UTF8PROC_ERROR_NOMEM)
		out->failed = true;
	else if (n < 0)
		buf_add(out, s);
	else
		buf_add(out,
		    (struct str){.p = (const char *)mapped, .n = (size_t)n});
	free(mapped);
}

void
utf8_nfc(struct str s, struct buf *out)
{
	if (utf8_ascii(s))
		buf_add(out, s);
	else
		map(s, UTF8PROC_STABLE | UTF8PROC_COMPOSE, out);
}

static void
fold_ascii(struct str s, struct buf *out)
{
	char *p = buf_room(out, s.n);
	size_t i = 0;

	if (!p)
		return;
	for (; i + 8 <= s.n; i += 8) {
		uint64_t w = eight_lower(eight_load(s.p + i));

		memcpy(p + i, &w, 8);
	}
	for (; i < s.n; i++) {
		char c = s.p[i];

		p[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	out->n += s.n;
	out->p[out->n] = '\0';
}

void
utf8_lower(struct str s, struct buf *out)
{
	size_t at = 0;

	if (utf8_ascii(s)) {
		fold_ascii(s, out);
		return;
	}
	while (at < s.n) {
		utf8proc_int32_t c = (utf8proc_int32_t)utf8_next(s, &at);

		utf8_put((uint32_t)utf8proc_tolower(c), out);
	}
}

/* Letters that no decomposition takes apart, and what they are searched by. */
static const struct {
	uint16_t from;
	char to[3];
} spelled[] = {{0xe6, "ae"}, {0xf0, "d"}, {0xf8, "o"}, {0xfe, "th"},
    {0x111, "d"}, {0x127, "h"}, {0x131, "i"}, {0x138, "k"}, {0x142, "l"},
    {0x14b, "n"}, {0x153, "oe"}, {0x167, "t"}, {0x3c2, "\xcf\x83"}};

static void
fold_char(utf8proc_int32_t c, struct buf *out)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t n;

	for (size_t i = 0; i < ARRAY_LEN(spelled); i++) {
		if (spelled[i].from == c) {
			buf_add(out,
			    (struct str){.p = spelled[i].to,
				.n = spelled[i].to[2] ? 3
						      : strlen(spelled[i].to)});
			return;
		}
	}
	n = utf8proc_encode_char(c, bytes);
	buf_add(out, (struct str){.p = (const char *)bytes, .n = (size_t)n});
}

/* The common letters of Latin text without a table walk: U+00C0..U+017F
 * folded to one or two ASCII letters. */
static const char latin[] =
    "a a a a a a aec e e e e i i i i d n o o o o o * o u u u u y thss"
    "a a a a a a aec e e e e i i i i d n o o o o o * o u u u u y thy "
    "a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g "
    "g g g g h h h h i i i i i i i i i i ijijj j k k k l l l l l l l "
    "l l l n n n n n n n n n o o o o o o oeoer r r r r r s s s s s s "
    "s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s ";

/* Folds ASCII and the common letters from AT on; where it stopped. */
static size_t
fold_quick(struct str s, size_t at, struct buf *out)
{
	const unsigned char *in = (const unsigned char *)s.p;
	char *p = buf_room(out, s.n - at);
	size_t n = 0;

	for (; p && at < s.n; at++) {
		unsigned char c = in[at];
		const char *two;

		if (c < 0x80 && at + 8 <= s.n) {
			uint64_t w = eight_load(in + at);

			if (!(w & EIGHT_HIGH)) {
				w = eight_lower(w);
				memcpy(p + n, &w, 8);
				n += 8;
				at += 7;
				continue;
			}
		}
		if (c < 0x80) {
			p[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
			continue;
		}
		if (at + 1 == s.n || !latin_at(in + at))
			break;
		two = latin +
		      2 * (((c & 0x1fU) << 6 | (in[at + 1] & 0x3fU)) - 0xc0U);
		if (two[0] == '*')
			break;
		p[n++] = two[0];
		if (two[1] != ' ')
			p[n++] = two[1];
		at++;
	}
	if (p) {
		out->n += n;
		out->p[out->n] = '\0';
	}
	return p ? at : s.n;
}

static void
fold_any(uint32_t c, struct buf *out)
{
	utf8proc_int32_t parts[32];
	int last = 0;
	utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)c, parts,
	    ARRAY_LEN(parts),
	    (utf8proc_option_t)(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
				UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK |
				UTF8PROC_IGNORE),
	    &last);

	for (utf8proc_ssize_t i = 0; i < n && i < (int)ARRAY_LEN(parts); i++)
		fold_char(parts[i], out);
}

void
utf8_fold(struct str s, struct buf *out)
{
	size_t at = 0;

	if (utf8_ascii(s)) {
		fold_ascii(s, out);
		return;
	}
	for (;;) {
		at = fold_quick(s, at, out);
		if (at == s.n)
			break;
		fold_any(utf8_next(s, &at), out);
	}
}

/* What a letter with an umlaut is written as where there is none. */
static const char *
umlaut(uint32_t c)
{
	switch (c) {
	case 0xc4:
	case 0xe4:
		return "ae";
	case 0xd6:
	case 0xf6:
	case 0xd8:
	case 0xf8:
		return "oe";
	case 0xdc:
	case 0xfc:
		return "ue";
	case 0xc5:
	case 0xe5:
		return "aa";
	default:
		return NULL;
	}
}

bool
utf8_fold_umlaut(struct str s, struct buf *out)
{
	size_t start = out->n, at = 0, from = 0;
	bool found = false;

	/* All of them begin with this byte. */
	if (str_chr(s, (char)0xc3) == s.n)
		return false;
	while (at < s.n) {
		size_t here = at;
		const char *spelling;

		if ((unsigned char)s.p[at] < 0x80) {
			at++;
			continue;
		}
		spelling = umlaut(utf8_next(s, &at));
		if (!spelling)
			continue;
		utf8_fold((struct str){.p = s.p + from, .n = here - from}, out);
		buf_addz(out, spelling);
		from = at;
		found = true;
	}
	if (found)
		utf8_fold(str_from_pos(s, from), out);
	else
		out->n = start;
	return found;
}

/* The longest part of S without a and e: the other spelling only puts these
 * in, so that a text with S in it has that part in both. */
static struct str
core_of(struct str s)
{
	struct str core = {.p = s.p};
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == 'a' || s.p[i] == 'e')
			from = i + 1;
		else if (i + 1 - from > core.n)
			core = (struct str){.p = s.p + from, .n = i + 1 - from};
	}
	return core;
}

bool
needle_init(struct needle *n, struct str text)
{
	*n = (struct needle){0};
	utf8_fold(text, &n->plain);
	utf8_fold_umlaut(text, &n->umlaut);
	n->core = core_of(str_of(&n->plain));
	n->other = core_of(str_of(&n->umlaut));
	return !n->plain.failed && !n->umlaut.failed;
}

void
needle_clear(struct needle *n)
{
	buf_clear(&n->plain);
	buf_clear(&n->umlaut);
}

static bool
needle_at(const struct needle *n, struct str folded)
{
	struct str plain = str_of(&n->plain), other = str_of(&n->umlaut);

	if (plain.n == 0)
		return true;
	if (str_find(folded, plain) < folded.n)
		return true;
	return other.n > 0 && str_find(folded, other) < folded.n;
}

/* Is the core of WHOLE in a text where WHOLE is not? */
static bool
core_in(struct str folded, struct str core, const struct buf *whole)
{
	return core.n < whole->n && str_find(folded, core) < folded.n;
}

bool
needle_in(const struct needle *n, struct str text, struct buf *scratch)
{
	struct str folded;

	buf_reset(scratch);
	utf8_fold(text, scratch);
	folded = str_of(scratch);
	if (needle_at(n, folded))
		return true;
	if (utf8_ascii(text) || (!core_in(folded, n->core, &n->plain) &&
				    !core_in(folded, n->other, &n->umlaut)))
		return false;
	buf_reset(scratch);
	return utf8_fold_umlaut(text, scratch) && needle_at(n, str_of(scratch));
}

uint32_t
utf8_next(struct str s, size_t *at)
{
	const unsigned char *p = (const unsigned char *)s.p + *at;
	size_t len = p[0] < 0x80 ? 1 : sequence(p, s.n - *at);

	*at += len ? len : 1;
	switch (len) {
	case 1:
		return p[0];
	case 2:
		return (p[0] & 0x1fU) << 6 | (p[1] & 0x3fU);
	case 3:
		return (p[0] & 0x0fU) << 12 | (p[1] & 0x3fU) << 6 |
		       (p[2] & 0x3fU);
	case 4:
		return (p[0] & 0x07U) << 18 | (p[1] & 0x3fU) << 12 |
		       (p[2] & 0x3fU) << 6 | (p[3] & 0x3fU);
	default:
		return 0xfffd;
	}
}

void
utf8_put(uint32_t c, struct buf *out)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t n;

	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	n = utf8proc_encode_char((utf8proc_int32_t)c, bytes);
	buf_add(out, (struct str){.p = (const char *)bytes, .n = (size_t)n});
}

int
utf8_char_width(uint32_t c)
{
	if (c < 0x20 || c == 0x7f)
		return 0;
	if (c < 0x7f || (c >= 0xc0 && c < 0x180)) /* letters, as latin_at */
		return 1;
	return utf8proc_charwidth((utf8proc_int32_t)c);
}

size_t
utf8_width(struct str s)
{
	size_t at = 0, width = 0;

	while (at < s.n) {
		unsigned char c = (unsigned char)s.p[at];

		if (c < 0x80) {
			width += c >= 0x20 && c < 0x7f;
			at++;
		} else {
			width += (size_t)utf8_char_width(utf8_next(s, &at));
		}
	}
	return width;
}

bool
utf8_plain(struct str s)
{
	size_t at = 0;

	for (; at + 8 <= s.n; at += 8) {
		uint64_t w = eight_load(s.p + at);

		/* a byte below a blank, or above '~' */
		if (((w - EIGHT_ONES * 0x20) | w | (w + EIGHT_ONES)) &
		    EIGHT_HIGH)
			return false;
	}
	for (; at < s.n; at++)
		if (s.p[at] < 0x20 || s.p[at] > 0x7e)
			return false;
	return true;
}

/* Characters that move, hide or reorder what a terminal shows. */
static bool
tricky(uint32_t c)
{
	return (c >= 0x80 && c < 0xa0) || c == 0xad || c == 0x61c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

static void
visible_char(uint32_t c, struct str bytes, struct buf *out)
{
	if (c == '\t')
		buf_addz(out, "\\t");
	else if (c == '\n')
		buf_addz(out, "\\n");
	else if (c == '\r')
		buf_addz(out, "\\r");
	else if (c < 0x20)
		buf_addf(out, "^%c", (char)(c + 0x40));
	else if (c == 0x7f)
		buf_addz(out, "^?");
	else if (c == 0xfffd && bytes.n == 1)
		buf_addf(out, "\\x%02x", (unsigned)(unsigned char)bytes.p[0]);
	else if (tricky(c))
		buf_addf(out, "<U+%04X>", (unsigned)c);
	else
		buf_add(out, bytes);
}

void
utf8_visible(struct str s, struct buf *out)
{
	size_t at = 0;

	while (at < s.n) {
		size_t from = at;
		uint32_t c;

		while (at < s.n && (unsigned char)s.p[at] >= 0x20 &&
		       (unsigned char)s.p[at] < 0x7f)
			at++;
		buf_add(out, (struct str){.p = s.p + from, .n = at - from});
		if (at == s.n)
			return;
		from = at;
		c = utf8_next(s, &at);
		visible_char(
		    c, (struct str){.p = s.p + from, .n = at - from}, out);
	}
}
