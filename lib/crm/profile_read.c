/* SPDX-License-Identifier: ISC */
/* profile_read: the text of a profile, line by line. */
#include "crm/profile_read.h"

#include "base/near.h"
#include "base/utf8.h"

/* ---- words ------------------------------------------------------------ */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
blanks_skip(struct profile_reader *r)
{
	r->rest = str_trim(r->rest);
}

/* One character of a quoted word; "\x" stands for itself when x is none of
 * ours, so that map can have escapes of its own. */
static size_t
escape_read(struct str s, char *out)
{
	static const char from[] = "nt\"\\";
	static const char to[] = "\n\t\"\\";
	const char *hit;

	*out = s.p[0];
	if (s.p[0] != '\\' || s.n < 2)
		return 1;
	hit = memchr(from, s.p[1], sizeof(from) - 1);
	if (!hit)
		return 1;
	*out = to[hit - from];
	return 2;
}

/* A word in double quotes, decoded where it stands in the text. */
static enum crm_err
quoted_read(struct profile_reader *r, struct str *out)
{
	/* The text is the profile's own; words are read once. */
	char *to = r->p->text.p + (r->rest.p - r->p->text.p);
	struct str s = str_from_pos(r->rest, 1);

	*out = (struct str){to, 0};
	while (s.n && s.p[0] != '"') {
		size_t n = escape_read(s, to);

		to++;
		out->n++;
		s = str_from_pos(s, n);
	}
	if (!s.n)
		return diag_set(r->dg, CRM_DATA,
		    "quote without an end; write \" behind the text, and \\\" "
		    "for one in it");
	s = str_from_pos(s, 1);
	if (s.n && !is_blank(s.p[0]))
		return diag_set(r->dg, CRM_DATA,
		    "'%.*s' right behind a quote; put a blank between",
		    STR_ARG(str_head(s, 20)));
	r->rest = s;
	blanks_skip(r);
	return CRM_OK;
}

/* A word up to the next blank; rest must not be empty. */
enum crm_err
reader_word(struct profile_reader *r, struct str *out)
{
	size_t n = 0;

	if (r->rest.p[0] == '"')
		return quoted_read(r, out);
	while (n < r->rest.n && !is_blank(r->rest.p[n]))
		n++;
	*out = str_head(r->rest, n);
	r->rest = str_from_pos(r->rest, n);
	blanks_skip(r);
	return CRM_OK;
}

/* The name of a column: up to a tab or two blanks. */
static enum crm_err
cell_read(struct profile_reader *r, struct str *out)
{
	struct str s = r->rest;
	size_t n = 0;

	if (s.p[0] == '"')
		return quoted_read(r, out);
	while (n < s.n && s.p[n] != '\t' &&
	       (s.p[n] != ' ' || (n + 1 < s.n && !is_blank(s.p[n + 1]))))
		n++;
	*out = str_head(s, n);
	r->rest = str_from_pos(s, n);
	blanks_skip(r);
	return CRM_OK;
}

enum crm_err
reader_list(
    struct profile_reader *r, struct str **list, size_t *n, struct str s)
{
	struct str *room = profile_room(*list, *n, sizeof **list);

	if (!room)
		return diag_nomem(r->dg);
	*list = room;
	room[(*n)++] = s;
	return CRM_OK;
}

/* ---- the head --------------------------------------------------------- */

static enum crm_err
once_set(struct profile_reader *r, struct str *out, const char *what)
{
	if (out->n)
		return diag_set(r->dg, CRM_DATA,
		    "%s is there twice; one profile is for one file", what);
	*out = r->rest;
	return CRM_OK;
}

static enum crm_err
head_name(struct profile_reader *r)
{
	return once_set(r, &r->p->name, "profile");
}

static enum crm_err
head_title(struct profile_reader *r)
{
	return once_set(r, &r->p->title, "title");
}

static enum crm_err
head_kind(struct profile_reader *r)
{
	if (!schema_name_ok(r->rest))
		return diag_set(r->dg, CRM_DATA,
		    "'%.*s' is no kind; write contact, org, deal or another "
		    "kind of the store",
		    STR_ARG(str_head(r->rest, 60)));
	return once_set(r, &r->p->kind, "kind");
}

static enum crm_err
head_key(struct profile_reader *r)
{
	struct profile *p = r->p;
	enum crm_err err = CRM_OK;

	for (struct str rest = r->rest; !err && rest.p;) {
		struct str key = str_trim(str_cut(&rest, ','));

		if (!schema_name_ok(key))
			return diag_set(r->dg, CRM_DATA,
			    "'%.*s' is no field; write them as in "
			    "key ext,email",
			    STR_ARG(str_head(key, 60)));
		err = reader_list(r, &p->keys, &p->nkeys, key);
	}
	return err;
}

static enum crm_err
cells_add(struct profile_reader *r, struct str **list, size_t *n)
{
	enum crm_err err = CRM_OK;
	struct str cell;

	while (!err && r->rest.n) {
		err = cell_read(r, &cell);
		if (!err)
			err = reader_list(r, list, n, cell);
	}
	return err;
}

static enum crm_err
head_match(struct profile_reader *r)
{
	return cells_add(r, &r->p->match, &r->p->nmatch);
}

static enum crm_err
head_unless(struct profile_reader *r)
{
	return cells_add(r, &r->p->unless, &r->p->nunless);
}

static const struct {
	const char *name;
	enum crm_err (*read)(struct profile_reader *r);
} heads[] = {
    {"profile", head_name},
    {"title", head_title},
    {"kind", head_kind},
    {"key", head_key},
    {"match", head_match},
    {"unless", head_unless},
};

static enum crm_err
head_unknown(struct profile_reader *r, struct str word)
{
	struct near near = {.word = word};

	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		near_offer(&near, str_from(heads[i].name));
	near_offer(&near, STR("columns"));
	diag_set(r->dg, CRM_DATA, "unknown word '%.*s'",
	    STR_ARG(str_head(word, 60)));
	if (near.best.n)
		diag_more(r->dg, "; did you mean %.*s", STR_ARG(near.best));
	else
		diag_more(r->dg, "; lines for columns come behind a line "
				 "'columns'");
	return CRM_DATA;
}

static enum crm_err
head_read(struct profile_reader *r)
{
	struct str word;
	enum crm_err err = reader_word(r, &word);

	if (err)
		return err;
	if (str_is(word, "columns") && !r->rest.n) {
		r->columns = true;
		return CRM_OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		if (!str_is(word, heads[i].name))
			continue;
		if (!r->rest.n)
			return diag_set(r->dg, CRM_DATA, "nothing behind %s",
			    heads[i].name);
		return heads[i].read(r);
	}
	return head_unknown(r, word);
}

/* ---- columns ---------------------------------------------------------- */

/* "name" or "org.name". */
static bool
path_ok(struct str path)
{
	size_t dot = str_chr(path, '.');

	return schema_name_ok(str_head(path, dot)) &&
	       (dot == path.n || schema_name_ok(str_from_pos(path, dot + 1)));
}

/* A field may be set or added to, not one here and the other there. */
static enum crm_err
op_check(struct profile_reader *r, const struct rule_line *line)
{
	const struct profile *p = r->p;

	for (size_t i = 0; i < p->nlines; i++)
		if (str_eq(p->lines[i].field, line->field) &&
		    p->lines[i].op != line->op)
			return diag_set(r->dg, CRM_DATA,
			    "%.*s is %s here and %s in line %zu; write %.*s "
			    "in both, or %.*s+",
			    STR_ARG(line->field),
			    line->op == ASSIGN_ADD ? "added to" : "set",
			    line->op == ASSIGN_ADD ? "set" : "added to",
			    p->lines[i].line, STR_ARG(line->field),
			    STR_ARG(line->field));
	return CRM_OK;
}

static enum crm_err
field_read(struct profile_reader *r, struct rule_line *line)
{
	struct str word = {0};
	enum crm_err err;

	if (!r->rest.n)
		return diag_set(r->dg, CRM_DATA,
		    "no field behind the column '%.*s'; part them by a tab or "
		    "two blanks, and write - to leave it out",
		    STR_ARG(str_head(line->column, 60)));
	err = reader_word(r, &word);
	if (err || str_is(word, "-"))
		return err;
	if (str_ends(word, STR("+"))) {
		line->op = ASSIGN_ADD;
		word.n--;
	}
	if (!path_ok(word))
		return diag_set(r->dg, CRM_DATA,
		    "'%.*s' is no field; write one as in email, email+ or "
		    "org.name, or - to leave the column out",
		    STR_ARG(str_head(word, 60)));
	line->field = word;
	return op_check(r, line);
}

static enum crm_err
constant_read(struct profile_reader *r, struct rule_line *line)
{
	if (!line->field.n)
		return diag_set(
		    r->dg, CRM_DATA, "a text for no field; write = FIELD TEXT");
	if (!r->rest.n)
		return diag_set(r->dg, CRM_DATA,
		    "no text behind %.*s; write = FIELD TEXT",
		    STR_ARG(line->field));
	if (r->rest.p[0] != '"') {
		line->constant = r->rest;
		r->rest = str_from_pos(r->rest, r->rest.n);
		return CRM_OK;
	}
	return quoted_read(r, &line->constant);
}

static enum crm_err
column_read(struct profile_reader *r)
{
	struct profile *p = r->p;
	struct rule_line line = {.step = p->nsteps, .line = r->line};
	struct rule_line *room =
	    profile_room(p->lines, p->nlines, sizeof *room);
	bool constant =
	    r->rest.p[0] == '=' && (r->rest.n == 1 || is_blank(r->rest.p[1]));
	enum crm_err err;

	if (!room)
		return diag_nomem(r->dg);
	p->lines = room;
	err = constant ? reader_word(r, &line.column)
		       : cell_read(r, &line.column);
	if (err)
		return err;
	if (!line.column.n)
		return diag_set(r->dg, CRM_DATA, "a column without a name");
	if (constant)
		line.column.n = 0;
	line.hole = str_find(line.column, STR("{n}"));
	err = field_read(r, &line);
	if (!err && constant)
		err = constant_read(r, &line);
	if (!err)
		err = reader_steps(r, &line);
	if (!err)
		p->lines[p->nlines++] = line;
	return err;
}

/* ---- the text --------------------------------------------------------- */

static enum crm_err
line_read(struct profile_reader *r, struct str line)
{
	bool more = line.n && is_blank(line.p[0]);

	r->rest = str_trim(line);
	if (r->rest.n && r->rest.p[r->rest.n - 1] == '\r')
		r->rest = str_trim(str_head(r->rest, r->rest.n - 1));
	if (!r->rest.n || r->rest.p[0] == '#')
		return CRM_OK;
	if (!r->columns && !more)
		return head_read(r);
	if (!more)
		return column_read(r);
	if (!r->columns || r->p->nlines == 0)
		return diag_set(r->dg, CRM_DATA,
		    "a line that begins with a blank goes on with the one "
		    "before, and there is no column before");
	return reader_steps(r, &r->p->lines[r->p->nlines - 1]);
}

static enum crm_err
lines_read(struct profile_reader *r, const char *name)
{
	enum crm_err err = CRM_OK;
	struct str rest = str_of(&r->p->text);

	while (!err && rest.p) {
		struct str line = str_cut(&rest, '\n');

		r->line++;
		err = line_read(r, line);
		if (err == CRM_DATA)
			diag_place(r->dg, "%s:%zu", name, r->line);
	}
	return err;
}

static enum crm_err
text_check(struct str text, const char *name, struct diag *dg)
{
	size_t bad = 0;

	if (text.n > PROFILE_TEXT_MAX)
		return diag_set(dg, CRM_DATA,
		    "%s: %zu bytes; a profile has at most %d", name, text.n,
		    PROFILE_TEXT_MAX);
	if (!utf8_valid(text, &bad))
		return diag_set(dg, CRM_DATA,
		    "%s: no UTF-8 at byte %zu; a profile is plain text, see "
		    "crm-profile(5)",
		    name, bad + 1);
	return CRM_OK;
}

static enum crm_err
whole_check(const struct profile *p, const char *name, struct diag *dg)
{
	const char *missing = !p->name.n   ? "profile NAME"
			      : !p->kind.n ? "kind KIND"
					   : NULL;

	if (missing)
		return diag_set(
		    dg, CRM_DATA, "%s: a line '%s' is missing", name, missing);
	return CRM_OK;
}

enum crm_err
profile_read(
    struct profile **out, struct str text, const char *name, struct diag *dg)
{
	struct profile_reader r = {.dg = dg};
	enum crm_err err = text_check(text, name, dg);

	*out = NULL;
	if (err)
		return err;
	r.p = calloc(1, sizeof *r.p);
	if (!r.p)
		return diag_nomem(dg);
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from_pos(text, 3);
	buf_add(&r.p->text, text);
	buf_addc(&r.p->text, '\n');
	err = r.p->text.failed ? diag_nomem(dg) : lines_read(&r, name);
	if (!err)
		err = whole_check(r.p, name, dg);
	if (err)
		profile_free(r.p);
	else
		*out = r.p;
	return err;
}
