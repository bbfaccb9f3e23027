/* SPDX-License-Identifier: ISC */
/* mail_word: charsets to UTF-8, and the encoded words of RFC 2047. */
#include "text/mail_priv.h"

#include "base/utf8.h"

enum charset { UTF_8, LATIN_1, LATIN_9, CP_1252, ASCII, UNKNOWN };

static const struct {
	const char *name;
	enum charset charset;
} charsets[] = {
    {"utf-8", UTF_8},
    {"utf8", UTF_8},
    {"us-ascii", ASCII},
    {"ascii", ASCII},
    {"ansi_x3.4-1968", ASCII},
    {"iso-8859-1", LATIN_1},
    {"iso8859-1", LATIN_1},
    {"iso_8859-1", LATIN_1},
    {"latin1", LATIN_1},
    {"iso-8859-15", LATIN_9},
    {"iso8859-15", LATIN_9},
    {"iso_8859-15", LATIN_9},
    {"latin9", LATIN_9},
    {"latin-9", LATIN_9},
    {"windows-1252", CP_1252},
    {"cp1252", CP_1252},
    {"cp-1252", CP_1252},
    {"x-cp1252", CP_1252},
};

/* 0x80 to 0x9f of windows-1252; 0 where it has nothing. */
static const uint16_t cp1252[32] = {
    0x20ac,
    0,
    0x201a,
    0x0192,
    0x201e,
    0x2026,
    0x2020,
    0x2021,
    0x02c6,
    0x2030,
    0x0160,
    0x2039,
    0x0152,
    0,
    0x017d,
    0,
    0,
    0x2018,
    0x2019,
    0x201c,
    0x201d,
    0x2022,
    0x2013,
    0x2014,
    0x02dc,
    0x2122,
    0x0161,
    0x203a,
    0x0153,
    0,
    0x017e,
    0x0178,
};

/* Where ISO-8859-15 is not ISO-8859-1. */
static const struct {
	unsigned char byte;
	uint16_t c;
} latin9[] = {{0xa4, 0x20ac}, {0xa6, 0x0160}, {0xa8, 0x0161}, {0xb4, 0x017d},
    {0xb8, 0x017e}, {0xbc, 0x0152}, {0xbd, 0x0153}, {0xbe, 0x0178}};

static enum charset
charset_from(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(charsets); i++) {
		if (str_ieq(name, str_from(charsets[i].name)))
			return charsets[i].charset;
	}
	return UNKNOWN;
}

bool
mail_charset_known(struct str charset)
{
	return charset_from(charset) != UNKNOWN;
}

/* The character of one byte. The C1 controls of ISO-8859-1 are never meant:
 * as browsers do, they are read as windows-1252. */
static uint32_t
byte_char(enum charset set, unsigned char b)
{
	enum { REPLACEMENT = 0xfffd };

	if (b >= 0x80 && b < 0xa0)
		return cp1252[b - 0x80] ? cp1252[b - 0x80] : REPLACEMENT;
	for (size_t i = 0; set == LATIN_9 && i < ARRAY_LEN(latin9); i++) {
		if (latin9[i].byte == b)
			return latin9[i].c;
	}
	return b;
}

static void
add_bytes(enum charset set, struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char b = (unsigned char)s.p[i];
		if (b >= 0x80)
			utf8_put(byte_char(set, b), out);
		else if (b != 0)
			buf_addc(out, s.p[i]);
	}
}

static void
add_utf8(struct str s, struct buf *out)
{
	size_t at = 0;

	while (at < s.n) {
		uint32_t c = utf8_next(s, &at);
		if (c != 0)
			utf8_put(c, out);
	}
}

void
mail_charset(struct str charset, struct str bytes, struct buf *out)
{
	enum charset set = charset_from(charset);
	size_t bad = 0;

	if (set == LATIN_1 || set == LATIN_9 || set == CP_1252)
		add_bytes(set, bytes, out);
	else if (set == ASCII && !utf8_valid(bytes, &bad))
		add_bytes(CP_1252, bytes, out); /* a liar */
	else
		add_utf8(bytes, out);
}

/* Longer than the 75 bytes of the standard, which not everybody keeps. */
enum { WORD_MAX = 4096 };

/* =?charset?encoding?text?= */
struct word {
	struct str charset;
	char encoding; /* 'B' or 'Q' */
	struct str text;
	size_t len; /* of the whole word */
};

/* The encoded word at the start of S. Unknown charsets stay as they are:
 * undecoded nothing is lost. */
static bool
word_at(struct str s, struct word *out)
{
	if (!str_starts(s, STR("=?")))
		return false;
	struct str rest = str_head(str_from_pos(s, 2), WORD_MAX);
	struct str charset = str_cut(&rest, '?');
	struct str encoding = rest.p ? str_cut(&rest, '?') : rest;
	size_t end = rest.p ? str_find(rest, STR("?=")) : rest.n;
	if (!rest.p || end == rest.n || encoding.n != 1)
		return false;
	charset.n = str_chr(charset, '*'); /* RFC 2231: a language */
	out->charset = charset;
	out->encoding = (char)(encoding.p[0] & ~0x20);
	out->text = str_head(rest, end);
	out->len = (size_t)(rest.p + end + 2 - s.p);
	return (out->encoding == 'B' || out->encoding == 'Q') &&
	       charset_from(charset) != UNKNOWN &&
	       str_chr(out->text, ' ') == out->text.n;
}

/* Bytes of words that follow one another; a character may be split between
 * two of them. */
struct run {
	struct str charset;
	struct buf bytes;
};

static void
run_end(struct run *r, struct buf *out)
{
	mail_charset(r->charset, str_of(&r->bytes), out);
	out->failed |= r->bytes.failed;
	buf_clear(&r->bytes);
}

static void
run_add(struct run *r, const struct word *w, struct buf *out)
{
	if (!str_ieq(r->charset, w->charset))
		run_end(r, out);
	r->charset = w->charset;
	if (w->encoding == 'B')
		mail_base64(w->text, &r->bytes);
	else
		mail_quoted(w->text, true, &r->bytes);
}

/* Blanks between two encoded words are no part of the text. */
static size_t
blanks(struct str s)
{
	size_t n = 0;
	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return n;
}

/* A decoded text may hold what a header line never could. */
static void
tame(struct buf *b, size_t from)
{
	for (size_t i = from; i < b->n; i++) {
		if ((unsigned char)b->p[i] < 0x20 || b->p[i] == 0x7f)
			b->p[i] = ' ';
	}
}

void
mail_words(struct str text, struct buf *out)
{
	struct run run = {0};
	struct word w;
	size_t from = out->n;
	size_t at = 0;
	bool coded = false; /* the last thing was an encoded word */

	while (at < text.n) {
		struct str rest = str_from_pos(text, at);
		size_t gap = coded ? blanks(rest) : 0;
		if (word_at(str_from_pos(rest, gap), &w)) {
			run_add(&run, &w, out);
			at += gap + w.len;
			coded = true;
			continue;
		}
		if (coded)
			run_end(&run, out);
		coded = false;
		size_t n = 1 + str_chr(str_from_pos(rest, 1), '=');
		buf_add(out, str_head(rest, n));
		at += n;
	}
	run_end(&run, out);
	tame(out, from);
}
