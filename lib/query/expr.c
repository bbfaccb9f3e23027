/* SPDX-License-Identifier: ISC */
/* expr: tokens out of words, then a recursive descent over the tokens. */
#include "query/expr.h"

#include "base/utf8.h"
#include "query/query.h"

enum token_type {
	TOKEN_END,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_TERM,
};

struct token {
	enum token_type type;
	size_t no;
	struct str text;
};

struct tokens {
	struct token *list;
	size_t n, cap;
	size_t open; /* groups that are open where the lexer stands */
};

struct parser {
	struct mem *mem;
	const struct token *at;
	unsigned depth;
	struct diag *dg;
};

static const char *const op_texts[] = {
    [OP_FREE] = "",
    [OP_EQ] = "=",
    [OP_NE] = "!=",
    [OP_LT] = "<",
    [OP_LE] = "<=",
    [OP_GT] = ">",
    [OP_GE] = ">=",
    [OP_HAS] = ":",
    [OP_LIKE] = "~",
};

const char *
expr_op_text(enum expr_op op)
{
	return op_texts[op];
}

/* A word in a message: a long one is cut. */
static void
blame_word(size_t no, struct str word, struct diag *dg)
{
	enum { SHOWN = 60 };
	size_t n = word.n > SHOWN ? SHOWN : word.n;

	while (n < word.n && n && ((unsigned char)word.p[n] & 0xc0) == 0x80)
		n--;
	diag_place(dg, "word %zu '%.*s%s'", no, STR_ARG(str_head(word, n)),
	    n < word.n ? "..." : "");
}

enum crm_err
expr_blame(const struct term *t, struct diag *dg)
{
	blame_word(t->no, t->word, dg);
	return dg->code;
}

/* ---- one term --------------------------------------------------------- */

static bool
path_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static bool
path_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The operator at the start of S and its length; 0 when there is none. */
static size_t
op_read(struct str s, enum expr_op *op)
{
	static const enum expr_op order[] = {
	    OP_NE, OP_LE, OP_GE, OP_EQ, OP_LT, OP_GT, OP_HAS, OP_LIKE};

	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct str text = str_from(op_texts[order[i]]);

		if (str_starts(s, text)) {
			*op = order[i];
			return text.n;
		}
	}
	return 0;
}

bool
expr_split(struct str word, struct term *out)
{
	size_t n = 0, len;
	enum expr_op op;

	if (word.n && path_start(word.p[0]))
		while (n < word.n && path_char(word.p[n]))
			n++;
	len = op_read(str_from_pos(word, n), &op);
	/* An address is a text to look for, not the field "https". */
	if (!len || (n && op == OP_HAS &&
			str_starts(str_from_pos(word, n), STR("://"))))
		return false;
	out->path = str_head(word, n);
	out->op = op;
	out->value = str_from_pos(word, n + len);
	return true;
}

/* ---- words to tokens --------------------------------------------------- */

static enum crm_err
token_add(struct tokens *ts, enum token_type type, size_t no, struct str text,
    struct diag *dg)
{
	if (ts->n == EXPR_WORDS)
		return diag_set(dg, CRM_USAGE,
		    "a query of more than %d words; give many ids on standard "
		    "input",
		    EXPR_WORDS);
	if (ts->n == ts->cap) {
		size_t cap = ts->cap ? ts->cap * 2 : 16;
		struct token *list = realloc(ts->list, cap * sizeof(*list));

		if (!list)
			return diag_nomem(dg);
		ts->list = list;
		ts->cap = cap;
	}
	ts->list[ts->n++] =
	    (struct token){.type = type, .no = no, .text = text};
	if (type == TOKEN_OPEN)
		ts->open++;
	if (type == TOKEN_CLOSE && ts->open)
		ts->open--;
	return CRM_OK;
}

static size_t
blank_find(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n')
			return i;
	return s.n;
}

/*
 * True for one argument that is a whole group: "(a=1 or b=2)". The bracket
 * it starts with is closed by its last character; quotes hide brackets.
 */
static bool
word_is_group(struct str w)
{
	size_t depth = 0;
	char quote = 0;

	if (w.n < 2 || w.p[0] != '(' || blank_find(w) == w.n)
		return false;
	for (size_t i = 0; i < w.n; i++) {
		char c = w.p[i];

		if (quote || c == '\'' || c == '"') {
			quote = quote == c ? 0 : quote ? quote : c;
			continue;
		}
		depth += c == '(';
		depth -= c == ')';
		if (!depth)
			return i + 1 == w.n;
	}
	/* A quote left open is complained about, not taken for a letter. */
	return quote && w.p[w.n - 1] == ')';
}

/*
 * How many brackets at the end of W close groups rather than belong to it:
 * those that nothing in W opens. Where no group is open they are part of the
 * value, as in "note=:-)".
 */
static size_t
closers_count(struct str w, size_t open)
{
	size_t opened = 0, closed = 0, n = 0;

	for (size_t i = 0; i < w.n; i++) {
		opened += w.p[i] == '(';
		closed += w.p[i] == ')';
	}
	while (n < w.n && closed > opened && w.p[w.n - 1 - n] == ')') {
		closed--;
		n++;
	}
	return open || n == w.n ? n : 0;
}

static enum token_type
token_type_of(struct str w)
{
	static const struct {
		const char *text;
		enum token_type type;
	} names[] = {{"and", TOKEN_AND}, {"or", TOKEN_OR}, {"not", TOKEN_NOT}};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(w, names[i].text))
			return names[i].type;
	return TOKEN_TERM;
}

static enum crm_err lex_group(struct tokens *ts, struct mem *m, size_t no,
    struct str text, struct diag *dg);

static enum crm_err
lex_word(struct tokens *ts, struct mem *m, size_t no, struct str w, bool whole,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;
	size_t closers;

	while (!err && w.n && (w.p[0] == '(' || w.p[0] == '!')) {
		bool not = w.p[0] == '!';

		if (whole && word_is_group(w))
			return lex_group(ts, m, no, w, dg);
		err = token_add(
		    ts, not ? TOKEN_NOT : TOKEN_OPEN, no, str_head(w, 1), dg);
		w = str_from_pos(w, 1);
	}
	closers = closers_count(w, ts->open);
	w.n -= closers;
	if (!err && w.n)
		err = token_add(ts, token_type_of(w), no, w, dg);
	for (; !err && closers; closers--)
		err = token_add(ts, TOKEN_CLOSE, no, STR(")"), dg);
	return err;
}

/* A group in one argument: brackets apart, the text between them is split
 * like a saved query. */
static enum crm_err
lex_group(struct tokens *ts, struct mem *m, size_t no, struct str text,
    struct diag *dg)
{
	struct str *words = NULL, inner = text;
	struct buf hold = {0};
	size_t n = 0;
	bool ok = true;
	enum crm_err err;

	inner.p++;
	inner.n -= 2;
	err = query_words(inner, &hold, &words, &n, dg);
	if (err) {
		blame_word(no, text, dg);
		goto out;
	}
	err = token_add(ts, TOKEN_OPEN, no, STR("("), dg);
	for (size_t i = 0; !err && i < n; i++) {
		struct str w = mem_str(m, words[i], &ok);

		err = ok ? lex_word(ts, m, no, w, false, dg) : diag_nomem(dg);
	}
	if (!err)
		err = token_add(ts, TOKEN_CLOSE, no, STR(")"), dg);
out:
	free(words);
	buf_clear(&hold);
	return err;
}

static enum crm_err
lex_check(size_t no, struct str w, struct diag *dg)
{
	size_t bad;

	if (w.n == 0)
		return diag_set(dg, CRM_USAGE,
		    "word %zu is empty; leave it out, or write FIELD= for "
		    "records without a value",
		    no);
	if (w.n > CRM_FIELD_MAX)
		return diag_set(dg, CRM_USAGE,
		    "word %zu is longer than %d bytes", no, CRM_FIELD_MAX);
	if (!utf8_valid(w, &bad))
		return diag_set(dg, CRM_USAGE,
		    "word %zu '%.*s' is not UTF-8 at byte %zu", no, STR_ARG(w),
		    bad + 1);
	return CRM_OK;
}

static enum crm_err
lex(struct tokens *ts, struct mem *m, const struct str *words, size_t nwords,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;
	bool ok = true;

	for (size_t i = 0; !err && i < nwords; i++) {
		struct str w;

		err = lex_check(i + 1, words[i], dg);
		if (err)
			return err;
		w = mem_str(m, words[i], &ok);
		err = ok ? lex_word(ts, m, i + 1, w, true, dg) : diag_nomem(dg);
	}
	if (!err)
		err = token_add(ts, TOKEN_END, nwords, (struct str){0}, dg);
	return err;
}

/* ---- tokens to a tree -------------------------------------------------- */

static enum crm_err
parse_fail(struct parser *p, const struct token *t, const char *why)
{
	diag_set(p->dg, CRM_USAGE, "%s", why);
	if (t->type == TOKEN_END)
		diag_place(p->dg, "at the end");
	else
		blame_word(t->no, t->text, p->dg);
	return CRM_USAGE;
}

static struct expr *
expr_new(struct parser *p, enum expr_type type)
{
	struct expr *e = mem_get(p->mem, sizeof(*e));

	if (e)
		e->type = type;
	else
		(void)diag_nomem(p->dg);
	return e;
}

static enum crm_err
expr_adopt(struct parser *p, struct expr *parent, struct expr *kid)
{
	/* Room doubles when the count is a power of two. */
	if ((parent->nkids & (parent->nkids - 1)) == 0) {
		size_t cap = parent->nkids ? parent->nkids * 2 : 1;
		struct expr **kids = mem_array(p->mem, cap, sizeof(*kids));

		if (!kids)
			return diag_nomem(p->dg);
		if (parent->nkids)
			memcpy(
			    kids, parent->kids, parent->nkids * sizeof(*kids));
		parent->kids = kids;
	}
	parent->kids[parent->nkids++] = kid;
	return CRM_OK;
}

static enum crm_err
parse_term(struct parser *p, struct expr **out)
{
	const struct token *t = p->at++;
	struct expr *e = expr_new(p, EXPR_TERM);

	if (!e)
		return CRM_TEMP;
	e->term.no = t->no;
	e->term.word = t->text;
	if (!expr_split(t->text, &e->term)) {
		e->term.op = OP_FREE;
		e->term.value = t->text;
	} else if (!e->term.path.n && e->term.op == OP_HAS) {
		e->term.op = OP_FREE;
		e->term.colon = true;
	} else if (!e->term.path.n) {
		return parse_fail(p, t,
		    "no field before the operator; write FIELD=VALUE without "
		    "blanks around the operator, or :TEXT to search for it");
	}
	*out = e;
	return CRM_OK;
}

static enum crm_err parse_or(struct parser *p, struct expr **out);

static enum crm_err
parse_group(struct parser *p, struct expr **out)
{
	const struct token *open = p->at++;
	enum crm_err err;

	if (p->at->type == TOKEN_CLOSE)
		return parse_fail(p, p->at,
		    "nothing stands in the "
		    "parentheses");
	err = parse_or(p, out);
	if (err)
		return err;
	if (p->at->type != TOKEN_CLOSE)
		return parse_fail(p, open,
		    "no ')' closes this parenthesis; to search for it write "
		    "':(...'");
	p->at++;
	return CRM_OK;
}

static enum crm_err parse_not(struct parser *p, struct expr **out);

static enum crm_err
parse_nested_not(struct parser *p, struct expr **out)
{
	enum crm_err err;

	if (++p->depth > EXPR_DEPTH)
		return parse_fail(p, p->at, "too many 'not' in a row");
	err = parse_not(p, out);
	p->depth--;
	return err;
}

static enum crm_err
parse_not(struct parser *p, struct expr **out)
{
	enum crm_err err;
	struct expr *e, *kid = NULL;

	p->at++;
	e = expr_new(p, EXPR_NOT);
	if (!e)
		return CRM_TEMP;
	if (p->at->type == TOKEN_NOT)
		err = parse_nested_not(p, &kid);
	else if (p->at->type == TOKEN_OPEN)
		err = parse_group(p, &kid);
	else if (p->at->type == TOKEN_TERM)
		err = parse_term(p, &kid);
	else
		err = parse_fail(p, p->at, "a term is missing after 'not'");
	*out = e;
	return err ? err : expr_adopt(p, e, kid);
}

static enum crm_err
parse_unary(struct parser *p, struct expr **out)
{
	switch (p->at->type) {
	case TOKEN_NOT:
		return parse_not(p, out);
	case TOKEN_OPEN:
		return parse_group(p, out);
	case TOKEN_TERM:
		return parse_term(p, out);
	case TOKEN_CLOSE:
		return parse_fail(p, p->at,
		    "a term is missing here, or no '(' opens this one; to "
		    "search for it write ':)'");
	case TOKEN_END:
		return parse_fail(p, p->at, "a term is missing");
	case TOKEN_AND:
	case TOKEN_OR:
		break;
	}
	return parse_fail(p, p->at,
	    "a term is missing before this operator; to search for the word "
	    "put a ':' before it");
}

static bool
ends_and(enum token_type t)
{
	return t == TOKEN_END || t == TOKEN_CLOSE || t == TOKEN_OR;
}

static enum crm_err
parse_and(struct parser *p, struct expr **out)
{
	struct expr *e = NULL, *kid = NULL;
	enum crm_err err = parse_unary(p, out);

	while (!err && !ends_and(p->at->type)) {
		if (p->at->type == TOKEN_AND)
			p->at++;
		err = parse_unary(p, &kid);
		if (err)
			return err;
		if (!e) {
			e = expr_new(p, EXPR_AND);
			err = e ? expr_adopt(p, e, *out) : CRM_TEMP;
			*out = e;
		}
		if (!err)
			err = expr_adopt(p, e, kid);
	}
	return err;
}

static enum crm_err
parse_or_tail(struct parser *p, struct expr **out)
{
	struct expr *e = expr_new(p, EXPR_OR), *kid = NULL;
	enum crm_err err;

	if (!e)
		return CRM_TEMP;
	err = expr_adopt(p, e, *out);
	*out = e;
	while (!err && p->at->type == TOKEN_OR) {
		p->at++;
		err = parse_and(p, &kid);
		if (!err)
			err = expr_adopt(p, e, kid);
	}
	return err;
}

static enum crm_err
parse_or(struct parser *p, struct expr **out)
{
	enum crm_err err;

	if (++p->depth > EXPR_DEPTH)
		return parse_fail(p, p->at, "parentheses are nested too deep");
	err = parse_and(p, out);
	if (!err && p->at->type == TOKEN_OR)
		err = parse_or_tail(p, out);
	p->depth--;
	return err;
}

enum crm_err
expr_parse(struct mem *m, const struct str *words, size_t nwords,
    struct expr **out, struct diag *dg)
{
	struct tokens ts = {0};
	struct parser p = {.mem = m, .dg = dg};
	enum crm_err err;

	err = lex(&ts, m, words, nwords, dg);
	if (err)
		goto out;
	p.at = ts.list;
	if (p.at->type == TOKEN_END) {
		*out = expr_new(&p, EXPR_ALL);
		err = *out ? CRM_OK : CRM_TEMP;
		goto out;
	}
	err = parse_or(&p, out);
	if (!err && p.at->type != TOKEN_END)
		err = parse_fail(&p, p.at,
		    "no '(' opens this parenthesis; to search for it write "
		    "':)'");
out:
	free(ts.list);
	return err;
}
