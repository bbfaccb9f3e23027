/* SPDX-License-Identifier: ISC */
/* when_words: the words of date texts, English and German. */
#include "base/when_words.h"

#include "base/near.h"
#include "base/utf8.h"

enum { TEXT_MAX = 100 };

/* Every German spelling is here as utf8_fold leaves it (ü is u) and with e
 * for the umlaut. English names need three letters, so none collides. */
static const struct word vocabulary[] = {
    {"today", WORD_DAY, 0, NULL},
    {"heute", WORD_DAY, 0, NULL},
    {"tomorrow", WORD_DAY, 1, NULL},
    {"morgen", WORD_DAY, 1, NULL},
    {"yesterday", WORD_DAY, -1, NULL},
    {"gestern", WORD_DAY, -1, NULL},
    {"ubermorgen", WORD_DAY, 2, "übermorgen"},
    {"uebermorgen", WORD_DAY, 2, "übermorgen"},
    {"vorgestern", WORD_DAY, -2, NULL},
    {"now", WORD_NOW, 0, NULL},
    {"jetzt", WORD_NOW, 0, NULL},

    {"monday", WORD_WEEKDAY, 1, NULL},
    {"mon", WORD_WEEKDAY, 1, NULL},
    {"montag", WORD_WEEKDAY, 1, NULL},
    {"mo", WORD_WEEKDAY, 1, NULL},
    {"tuesday", WORD_WEEKDAY, 2, NULL},
    {"tues", WORD_WEEKDAY, 2, NULL},
    {"tue", WORD_WEEKDAY, 2, NULL},
    {"dienstag", WORD_WEEKDAY, 2, NULL},
    {"di", WORD_WEEKDAY, 2, NULL},
    {"wednesday", WORD_WEEKDAY, 3, NULL},
    {"wed", WORD_WEEKDAY, 3, NULL},
    {"mittwoch", WORD_WEEKDAY, 3, NULL},
    {"mi", WORD_WEEKDAY, 3, NULL},
    {"thursday", WORD_WEEKDAY, 4, NULL},
    {"thurs", WORD_WEEKDAY, 4, NULL},
    {"thur", WORD_WEEKDAY, 4, NULL},
    {"thu", WORD_WEEKDAY, 4, NULL},
    {"donnerstag", WORD_WEEKDAY, 4, NULL},
    {"do", WORD_WEEKDAY, 4, NULL},
    {"friday", WORD_WEEKDAY, 5, NULL},
    {"fri", WORD_WEEKDAY, 5, NULL},
    {"freitag", WORD_WEEKDAY, 5, NULL},
    {"fr", WORD_WEEKDAY, 5, NULL},
    {"saturday", WORD_WEEKDAY, 6, NULL},
    {"sat", WORD_WEEKDAY, 6, NULL},
    {"samstag", WORD_WEEKDAY, 6, NULL},
    {"sonnabend", WORD_WEEKDAY, 6, NULL},
    {"sa", WORD_WEEKDAY, 6, NULL},
    {"sunday", WORD_WEEKDAY, 7, NULL},
    {"sun", WORD_WEEKDAY, 7, NULL},
    {"sonntag", WORD_WEEKDAY, 7, NULL},
    {"so", WORD_WEEKDAY, 7, NULL},

    {"january", WORD_MONTH, 1, NULL},
    {"januar", WORD_MONTH, 1, NULL},
    {"janner", WORD_MONTH, 1, "jänner"},
    {"jaenner", WORD_MONTH, 1, "jänner"},
    {"jan", WORD_MONTH, 1, NULL},
    {"february", WORD_MONTH, 2, NULL},
    {"februar", WORD_MONTH, 2, NULL},
    {"feb", WORD_MONTH, 2, NULL},
    {"march", WORD_MONTH, 3, NULL},
    {"marz", WORD_MONTH, 3, "märz"},
    {"maerz", WORD_MONTH, 3, "märz"},
    {"mrz", WORD_MONTH, 3, NULL},
    {"mar", WORD_MONTH, 3, NULL},
    {"april", WORD_MONTH, 4, NULL},
    {"apr", WORD_MONTH, 4, NULL},
    {"may", WORD_MONTH, 5, NULL},
    {"mai", WORD_MONTH, 5, NULL},
    {"june", WORD_MONTH, 6, NULL},
    {"juni", WORD_MONTH, 6, NULL},
    {"jun", WORD_MONTH, 6, NULL},
    {"july", WORD_MONTH, 7, NULL},
    {"juli", WORD_MONTH, 7, NULL},
    {"jul", WORD_MONTH, 7, NULL},
    {"august", WORD_MONTH, 8, NULL},
    {"aug", WORD_MONTH, 8, NULL},
    {"september", WORD_MONTH, 9, NULL},
    {"sept", WORD_MONTH, 9, NULL},
    {"sep", WORD_MONTH, 9, NULL},
    {"october", WORD_MONTH, 10, NULL},
    {"oktober", WORD_MONTH, 10, NULL},
    {"oct", WORD_MONTH, 10, NULL},
    {"okt", WORD_MONTH, 10, NULL},
    {"november", WORD_MONTH, 11, NULL},
    {"nov", WORD_MONTH, 11, NULL},
    {"december", WORD_MONTH, 12, NULL},
    {"dezember", WORD_MONTH, 12, NULL},
    {"dec", WORD_MONTH, 12, NULL},
    {"dez", WORD_MONTH, 12, NULL},

    {"sow", WORD_EDGE, 'w', NULL},
    {"eow", WORD_EDGE, 'w' + WORD_END, NULL},
    {"som", WORD_EDGE, 'm', NULL},
    {"eom", WORD_EDGE, 'm' + WORD_END, NULL},
    {"soq", WORD_EDGE, 'q', NULL},
    {"eoq", WORD_EDGE, 'q' + WORD_END, NULL},
    {"soy", WORD_EDGE, 'y', NULL},
    {"eoy", WORD_EDGE, 'y' + WORD_END, NULL},
    {"monatsanfang", WORD_EDGE, 'm', NULL},
    {"monatsende", WORD_EDGE, 'm' + WORD_END, NULL},
    {"quartalsanfang", WORD_EDGE, 'q', NULL},
    {"quartalsende", WORD_EDGE, 'q' + WORD_END, NULL},
    {"jahresanfang", WORD_EDGE, 'y', NULL},
    {"jahresende", WORD_EDGE, 'y' + WORD_END, NULL},

    {"day", WORD_UNIT, 'd', NULL},
    {"days", WORD_UNIT, 'd', NULL},
    {"tag", WORD_UNIT, 'd', NULL},
    {"tage", WORD_UNIT, 'd', NULL},
    {"tagen", WORD_UNIT, 'd', NULL},
    {"week", WORD_UNIT, 'w', NULL},
    {"weeks", WORD_UNIT, 'w', NULL},
    {"woche", WORD_UNIT, 'w', NULL},
    {"wochen", WORD_UNIT, 'w', NULL},
    {"month", WORD_UNIT, 'm', NULL},
    {"months", WORD_UNIT, 'm', NULL},
    {"monat", WORD_UNIT, 'm', NULL},
    {"monate", WORD_UNIT, 'm', NULL},
    {"monaten", WORD_UNIT, 'm', NULL},
    {"quarter", WORD_UNIT, 'q', NULL},
    {"quarters", WORD_UNIT, 'q', NULL},
    {"quartal", WORD_UNIT, 'q', NULL},
    {"quartale", WORD_UNIT, 'q', NULL},
    {"quartalen", WORD_UNIT, 'q', NULL},
    {"year", WORD_UNIT, 'y', NULL},
    {"years", WORD_UNIT, 'y', NULL},
    {"jahr", WORD_UNIT, 'y', NULL},
    {"jahre", WORD_UNIT, 'y', NULL},
    {"jahren", WORD_UNIT, 'y', NULL},
    {"workday", WORD_UNIT, 'b', NULL},
    {"workdays", WORD_UNIT, 'b', NULL},
    {"arbeitstag", WORD_UNIT, 'b', NULL},
    {"arbeitstage", WORD_UNIT, 'b', NULL},
    {"arbeitstagen", WORD_UNIT, 'b', NULL},
    {"business", WORD_BUSINESS, 0, NULL},
    {"working", WORD_BUSINESS, 0, NULL},

    {"next", WORD_STEP, 1, NULL},
    {"coming", WORD_STEP, 1, NULL},
    {"last", WORD_STEP, -1, NULL},
    {"this", WORD_STEP, 0, NULL},
    {"in", WORD_SIGN, 1, NULL},
    {"vor", WORD_SIGN, -1, NULL},
    {"ago", WORD_AGO, 0, NULL},
    {"kw", WORD_WEEK, 0, NULL},
    {"a", WORD_ONE, 1, NULL},
    {"an", WORD_ONE, 1, NULL},
    {"one", WORD_ONE, 1, NULL},
    {"ein", WORD_ONE, 1, NULL},
    {"eine", WORD_ONE, 1, NULL},
    {"einem", WORD_ONE, 1, NULL},
    {"einer", WORD_ONE, 1, NULL},
    {"uhr", WORD_CLOCK, 0, NULL},
    {"on", WORD_ON, 0, NULL},
    {"am", WORD_ON, 0, NULL},
    {"pm", WORD_NOON, 12, NULL},
    {"at", WORD_AT, 0, NULL},
    {"um", WORD_AT, 0, NULL},
    {"of", WORD_OF, 0, NULL},

    {"h", WORD_REFUSED, 0, "hours are not counted; write today 14:30"},
    {"min", WORD_REFUSED, 0, "minutes are not counted; write today 14:30"},
    {"hour", WORD_REFUSED, 0, "hours are not counted; write today 14:30"},
    {"hours", WORD_REFUSED, 0, "hours are not counted; write today 14:30"},
    {"stunde", WORD_REFUSED, 0, "hours are not counted; write heute 14:30"},
    {"stunden", WORD_REFUSED, 0, "hours are not counted; write heute 14:30"},
    {"minute", WORD_REFUSED, 0, "minutes are not counted; write today 14:30"},
    {"minutes", WORD_REFUSED, 0, "minutes are not counted; write today 14:30"},
    {"werktag", WORD_REFUSED, 0,
	"a Werktag may be a Saturday; write Arbeitstag for Monday to Friday"},
    {"werktage", WORD_REFUSED, 0,
	"a Werktag may be a Saturday; write Arbeitstage for Monday to Friday"},
    {"werktagen", WORD_REFUSED, 0,
	"a Werktag may be a Saturday; write Arbeitstagen for Monday to Friday"},
    {"wochenende", WORD_REFUSED, 0, "a weekend has two days; write Sa or So"},
    {"weekend", WORD_REFUSED, 0, "a weekend has two days; write sat or sun"},
    {"fortnight", WORD_REFUSED, 0, "write 2w"},
    {"noon", WORD_REFUSED, 0, "write 12:00"},
    {"mittag", WORD_REFUSED, 0, "write 12:00"},
    {"midnight", WORD_REFUSED, 0,
	"midnight is the beginning or the end of a day; write the day and "
	"00:00"},
    {"mitternacht", WORD_REFUSED, 0,
	"midnight is the beginning or the end of a day; write the day and "
	"00:00"},
};

/* The German words for next, last and this take endings. */
static const struct {
	const char *stem;
	struct word word;
} stems[] = {
    {"nachst", {"nachste", WORD_STEP, 1, "nächste"}},
    {"naechst", {"naechste", WORD_STEP, 1, "nächste"}},
    {"kommend", {"kommende", WORD_STEP, 1, NULL}},
    {"letzt", {"letzte", WORD_STEP, -1, NULL}},
    {"vorig", {"vorige", WORD_STEP, -1, NULL}},
    {"vergangen", {"vergangene", WORD_STEP, -1, NULL}},
    {"dies", {"diese", WORD_STEP, 0, NULL}},
};

static bool
ending_is(struct str s)
{
	static const char *const endings[] = {"e", "en", "er", "es", "em"};
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (str_is(s, endings[i]))
			return true;
	return false;
}

const struct word *
word_find(struct str fold)
{
	if (fold.n == 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(vocabulary); i++)
		if (vocabulary[i].name[0] == fold.p[0] &&
		    str_is(fold, vocabulary[i].name))
			return &vocabulary[i];
	for (size_t i = 0; i < ARRAY_LEN(stems); i++) {
		struct str stem = str_from(stems[i].stem);
		if (str_starts(fold, stem) &&
		    ending_is(str_from_pos(fold, stem.n)))
			return &stems[i].word;
	}
	return NULL;
}

/* Words of one or two letters are near to everything: not offered. */
const char *
word_near(struct str fold)
{
	struct near near = {.word = fold};
	for (size_t i = 0; i < ARRAY_LEN(vocabulary); i++)
		if (vocabulary[i].kind != WORD_REFUSED &&
		    vocabulary[i].name[1] && vocabulary[i].name[2])
			near_offer(&near, str_from(vocabulary[i].name));
	for (size_t i = 0; i < ARRAY_LEN(stems); i++)
		near_offer(&near, str_from(stems[i].word.name));
	if (near.best.n == 0)
		return NULL;
	const struct word *w = word_find(near.best);
	if (!w)
		return NULL;
	return w->show ? w->show : w->name;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "2026-11-27T14:30": the T is a blank. */
static size_t
raw_length(struct str s)
{
	size_t n = 0;
	while (n < s.n && !blank(s.p[n]))
		n++;
	if (n > 11 && digit(s.p[0]) && s.p[4] == '-' && s.p[7] == '-' &&
	    (s.p[10] == 'T' || s.p[10] == 't') && digit(s.p[11]))
		return 10;
	return n;
}

static struct str
fold_trim(struct str s)
{
	if (s.n > 1 && s.p[s.n - 1] == ',')
		s.n--;
	if (s.n > 1 && s.p[s.n - 1] == '.' && !digit(s.p[0]))
		s.n--;
	return s;
}

/* The folded bytes move while they grow: their views are made at the end. */
static void
tokens_fold(struct tokens *t)
{
	size_t start[TOKENS_MAX + 1] = {0};
	for (size_t i = 0; i < t->n; i++) {
		utf8_fold(t->v[i].raw, &t->fold);
		start[i + 1] = t->fold.n;
	}
	for (size_t i = 0; i < t->n && !t->fold.failed; i++)
		t->v[i].fold =
		    fold_trim(str_head(str_from_pos(str_of(&t->fold), start[i]),
			start[i + 1] - start[i]));
}

enum crm_err
tokens_split(struct tokens *t, struct str text, struct diag *dg)
{
	size_t bad;
	*t = (struct tokens){0};
	if (!utf8_valid(text, &bad))
		return diag_set(dg, CRM_USAGE,
		    "byte %zu is not UTF-8; write a date like 2026-11-27",
		    bad + 1);
	if (text.n > TEXT_MAX)
		return diag_set(dg, CRM_USAGE,
		    "too long for a date; write one like 2026-11-27");
	for (size_t at = 0; at < text.n;) {
		struct str rest = str_from_pos(text, at);
		if (blank(text.p[at])) {
			at++;
			continue;
		}
		if (t->n == TOKENS_MAX)
			return diag_set(dg, CRM_USAGE,
			    "too many words for a date; write one like "
			    "2026-11-27");
		size_t n = raw_length(rest);
		t->v[t->n++].raw = str_head(rest, n);
		at += n + (n < rest.n && !blank(rest.p[n]));
	}
	if (t->n == 0)
		return diag_set(dg, CRM_USAGE,
		    "no date; write one like 2026-11-27, tomorrow or fri");
	tokens_fold(t);
	return t->fold.failed ? diag_nomem(dg) : CRM_OK;
}

void
tokens_clear(struct tokens *t)
{
	buf_clear(&t->fold);
	*t = (struct tokens){0};
}

bool
digits_match(struct str s, const char *pattern, struct digits *v)
{
	size_t at = 0;
	for (; *pattern; pattern++) {
		if (*pattern != 'N') {
			if (at >= s.n || s.p[at++] != *pattern)
				return false;
			continue;
		}
		*v = (struct digits){0};
		for (; at < s.n && digit(s.p[at]); at++, v->n++)
			v->value = v->value < 100000000
				       ? v->value * 10 + (s.p[at] - '0')
				       : 1000000000;
		if (v->n == 0)
			return false;
		v++;
	}
	return at == s.n;
}
