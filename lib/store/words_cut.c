/* SPDX-License-Identifier: ISC */
/* words_cut: the words of a value as searches compare it: folded, with
 * umlauts in both spellings, the digits of a phone in a row. */
#include "base/utf8.h"
#include "model/value.h"
#include "store/words_priv.h"

bool
words_has_field(const struct field *f)
{
	return f->type == TYPE_TEXT || f->type == TYPE_EMAIL ||
	       f->type == TYPE_PHONE || f->type == TYPE_URL ||
	       f->type == TYPE_ENUM;
}

bool
words_has_kind(const struct kind *k)
{
	return k->no != KIND_KIND && k->no != KIND_FIELD;
}

static void
cut_digits(struct str run, struct word_sink *to)
{
	if (to->digits) {
		to->digits(to, run);
		return;
	}
	for (size_t i = 0; i + WORD_DIGITS <= run.n; i++)
		to->add(to, (struct str){.p = run.p + i, .n = WORD_DIGITS});
}

/* Any folded text. */
static void
cut_runs(struct str folded, struct word_sink *to)
{
	struct word_run run;
	size_t at = 0;

	while (word_run(folded, &at, &run)) {
		struct str word;
		size_t in = 0;

		while (word_next(&run, &in, &word))
			to->add(to, word);
	}
}

/* What cut_runs does for ASCII, which need not be folded yet. */
static void
cut_ascii(struct str s, struct word_sink *to)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;
	char word[WORD_MAX];

	while (p < end) {
		unsigned char c = word_ascii[*p];
		const unsigned char *from = p;
		size_t n = 0;

		if (c >= 'a') {
			do {
				word[n++] = (char)c;
				c = ++p < end ? word_ascii[*p] : 0;
			} while (c >= 'a' && n < WORD_MAX);
			if (c >= 'a') {
				while (p < end && word_ascii[*p] >= 'a')
					p++;
				buf_reset(&to->fold);
				utf8_fold((struct str){.p = (const char *)from,
					      .n = (size_t)(p - from)},
				    &to->fold);
				cut_runs(str_of(&to->fold), to);
			} else if (n > 1) {
				to->add(to, (struct str){.p = word, .n = n});
			}
		} else if (c) {
			while (
			    ++p < end && word_ascii[*p] && word_ascii[*p] < 'a')
				;
			cut_digits((struct str){.p = (const char *)from,
				       .n = (size_t)(p - from)},
			    to);
		} else {
			p++;
		}
	}
}

static void
cut_folded(struct str folded, struct word_sink *to)
{
	if (utf8_ascii(folded))
		cut_ascii(folded, to);
	else
		cut_runs(folded, to);
}

/* The offset behind AT of an ASCII character that is part of no word. */
static size_t
gap_from(struct str s, size_t at, bool *ascii)
{
	*ascii = true;
	for (; at < s.n; at++) {
		unsigned char c = (unsigned char)s.p[at];

		if (c >= 0x80)
			*ascii = false;
		else if (!word_ascii[c])
			break;
	}
	return at;
}

/* What lies between gaps is folded by itself, only where it has to be. */
static void
cut_mixed(struct str value, struct word_sink *to)
{
	for (size_t at = 0, end; at < value.n; at = end + 1) {
		struct str part;
		bool ascii;

		end = gap_from(value, at, &ascii);
		part = (struct str){.p = value.p + at, .n = end - at};
		if (ascii) {
			cut_ascii(part, to);
			continue;
		}
		buf_reset(&to->key);
		utf8_fold(part, &to->key);
		cut_folded(str_of(&to->key), to);
		buf_reset(&to->key);
		if (utf8_fold_umlaut(part, &to->key))
			cut_folded(str_of(&to->key), to);
	}
}

/* Backwards in the key, forwards in what is looked for. */
static void
cut_phone(const struct field *f, struct str value, struct word_sink *to)
{
	while (value.p) {
		struct str item = value_item(f, &value);
		char *p;
		size_t n;

		buf_reset(&to->key);
		value_phone_key(item, &to->key);
		p = to->key.p;
		n = to->key.n;
		for (size_t i = 0; i < n / 2; i++) {
			char c = p[i];

			p[i] = p[n - 1 - i];
			p[n - 1 - i] = c;
		}
		cut_digits(str_of(&to->key), to);
	}
}

void
words_cut(const struct field *f, struct str value, struct word_sink *to)
{
	if (value.n == 0 || !words_has_field(f))
		return;
	if (f->type == TYPE_PHONE)
		cut_phone(f, value, to);
	if (utf8_ascii(value)) {
		cut_ascii(value, to);
		return;
	}
	cut_mixed(value, to);
}

void
words_cut_row(const struct kind *k, const struct row *row, struct word_sink *to)
{
	unsigned at = 0, slot;
	struct str value;

	while (row_each(row, &at, &slot, &value))
		if (slot < k->nslots && k->slots[slot])
			words_cut(k->slots[slot], value, to);
}

void
words_sink_clear(struct word_sink *to)
{
	buf_clear(&to->fold);
	buf_clear(&to->key);
}

bool
words_sink_failed(const struct word_sink *to)
{
	return to->fold.failed || to->key.failed;
}
