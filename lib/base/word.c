/* SPDX-License-Identifier: ISC */
/* word: runs of letters, digits and signs, and the words they make. */
#include "base/word.h"

#include "base/utf8.h"

#define LETTERS(c)                                                             \
	[(c)] = (c), [(c)-32] = (c), [(c) + 1] = (c) + 1, [(c)-31] = (c) + 1,  \
	[(c) + 2] = (c) + 2, [(c)-30] = (c) + 2, [(c) + 3] = (c) + 3,          \
	[(c)-29] = (c) + 3
const unsigned char word_ascii[256] = {
    ['0'] = '0',
    ['1'] = '1',
    ['2'] = '2',
    ['3'] = '3',
    ['4'] = '4',
    ['5'] = '5',
    ['6'] = '6',
    ['7'] = '7',
    ['8'] = '8',
    ['9'] = '9',
    LETTERS('a'),
    LETTERS('e'),
    LETTERS('i'),
    LETTERS('m'),
    LETTERS('q'),
    LETTERS('u'),
    ['y'] = 'y',
    ['Y'] = 'y',
    ['z'] = 'z',
    ['Z'] = 'z',
};

/* Scripts without blanks between words, and what is no letter at all. What
 * is not listed counts as a letter: any choice is right as long as it is the
 * same for the text and for what is looked for. */
static const struct {
	uint32_t from, to;
	enum word_class class;
} ranges[] = {
    {0x80, 0xbf, WORD_NONE},
    {0xe00, 0xeff, WORD_SIGN},
    {0x1000, 0x109f, WORD_SIGN},
    {0x1780, 0x17ff, WORD_SIGN},
    {0x2000, 0x2bff, WORD_NONE},
    {0x2e00, 0x2e7f, WORD_NONE},
    {0x2e80, 0x2fff, WORD_SIGN},
    {0x3000, 0x303f, WORD_NONE},
    {0x3040, 0x312f, WORD_SIGN},
    {0x31f0, 0x31ff, WORD_SIGN},
    {0x3400, 0x9fff, WORD_SIGN},
    {0xf900, 0xfaff, WORD_SIGN},
    {0xfe00, 0xfe6f, WORD_NONE},
    {0xff00, 0xff0f, WORD_NONE},
    {0xff65, 0xff9f, WORD_SIGN},
    {0xffe0, 0xffff, WORD_NONE},
    {0x1f000, 0x1faff, WORD_NONE},
    {0x20000, 0x3ffff, WORD_SIGN},
};

static enum word_class
class_of(uint32_t c)
{
	size_t lo = 0, hi = ARRAY_LEN(ranges);

	if (c < 0x80) {
		unsigned char to = word_ascii[c];

		return to >= 'a' ? WORD_LETTER : to ? WORD_DIGIT : WORD_NONE;
	}
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ranges[mid].to < c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < ARRAY_LEN(ranges) && c >= ranges[lo].from ? ranges[lo].class
							      : WORD_LETTER;
}

bool
word_run(struct str folded, size_t *at, struct word_run *out)
{
	enum word_class class = WORD_NONE;
	size_t from = *at;

	while (*at < folded.n) {
		size_t next = *at;
		enum word_class one = class_of(utf8_next(folded, &next));

		if (class == WORD_NONE)
			from = *at;
		else if (one != class)
			break;
		class = one;
		*at = next;
	}
	*out = (struct word_run){
	    .text = {.p = folded.p + from, .n = *at - from}, .class = class};
	return class != WORD_NONE;
}

struct str
word_head(struct str s, size_t n)
{
	size_t cut = n;

	if (n >= s.n)
		return s;
	while (cut > 0 && ((unsigned char)s.p[cut] & 0xc0) == 0x80)
		cut--;
	return str_head(s, cut ? cut : n);
}

/* Overlapping pieces; the last one is the one that reaches the end. */
static bool
next_letters(struct str run, size_t *at, struct str *word)
{
	if (*at >= run.n || run.n < 2)
		return false;
	*word = word_head(str_from_pos(run, *at), WORD_MAX);
	if (*at + word->n >= run.n)
		*at = run.n;
	else
		*at += word_head(*word, WORD_STEP).n;
	return true;
}

static bool
next_digits(struct str run, size_t *at, struct str *word)
{
	if (*at + WORD_DIGITS > run.n)
		return false;
	*word = (struct str){.p = run.p + *at, .n = WORD_DIGITS};
	++*at;
	return true;
}

static bool
next_signs(struct str run, size_t *at, struct str *word)
{
	size_t second = *at, end;

	if (*at >= run.n)
		return false;
	utf8_next(run, &second);
	end = second;
	if (second < run.n)
		utf8_next(run, &end);
	else if (*at > 0)
		return false;
	*word = (struct str){.p = run.p + *at, .n = end - *at};
	*at = second;
	return true;
}

bool
word_next(const struct word_run *run, size_t *at, struct str *word)
{
	if (run->class == WORD_DIGIT)
		return next_digits(run->text, at, word);
	if (run->class == WORD_SIGN)
		return next_signs(run->text, at, word);
	return next_letters(run->text, at, word);
}
