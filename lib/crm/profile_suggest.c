/* SPDX-License-Identifier: ISC */
/* profile_suggest: a profile for a file that no profile is known for. */
#include "crm/profile_impl.h"
#include "crm/profile_words.h"

#include "base/decimal.h"
#include "base/utf8.h"

enum { SAMPLE_MAX = 1000, MATCH_MAX = 5 };

/* What the cells of a column look like. */
struct looks {
	size_t some; /* cells with a text */
	size_t email, phone, url, flag, plain, point, comma, iso, us, eu;
	size_t semicolons, colons, bars; /* signs that part several values */
};

struct guess {
	struct str path; /* "" none */
	struct buf steps;
	bool sure; /* its line has no '#' */
};

struct suggest {
	const struct schema *s;
	const struct kind *k;
	const struct str *names, *cells;
	size_t n, rows;
	struct guess *guesses;
	struct buf scratch;
};

/* ---- what a cell looks like ------------------------------------------- */

static bool
looks_email(struct str s)
{
	size_t at = str_chr(s, '@');

	return at > 0 && at + 1 < s.n &&
	       str_chr(str_from_pos(s, at), '.') + at < s.n &&
	       str_find(s, STR("://")) == s.n;
}

static bool
looks_url(struct str s)
{
	return str_find(s, STR("://")) < s.n ||
	       (s.n > 4 && str_ieq(str_head(s, 4), STR("www.")));
}

/* Six digits or more, and nothing but what people put between them. */
static bool
looks_phone(struct str s)
{
	size_t digits = 0, dots = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!memchr("0123456789+-()./ ", s.p[i], 17))
			return false;
		digits += s.p[i] >= '0' && s.p[i] <= '9';
		dots += s.p[i] == '.';
	}
	return digits >= 6 && digits <= 17 &&
	       (s.p[0] == '+' || s.p[0] == '(' || s.p[0] == '0' ||
		   (dots != 1 && digits < s.n));
}

static bool
looks_flag(struct str s)
{
	static const char *const words[] = {"yes", "no", "true", "false", "1",
	    "0", "y", "n", "ja", "nein", "oui", "non"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_ieq(s, str_from(words[i])))
			return true;
	return false;
}

static bool
looks_number(struct str s, char point, struct buf *scratch)
{
	struct decimal d;

	buf_reset(scratch);
	step_number(s, point, scratch);
	return decimal_parse(str_of(scratch), &d);
}

static void
cell_look(struct str s, struct looks *l, struct buf *scratch)
{
	struct decimal d;

	s = str_trim(s);
	if (!s.n)
		return;
	l->some++;
	l->email += looks_email(s);
	l->phone += looks_phone(s);
	l->url += looks_url(s);
	l->flag += looks_flag(s);
	l->plain += decimal_parse(s, &d);
	l->point += looks_number(s, '.', scratch);
	l->comma += looks_number(s, ',', scratch);
	l->iso += step_date_reads(s, DATE_ISO);
	l->us += step_date_reads(s, DATE_US);
	l->eu += step_date_reads(s, DATE_EU);
	l->semicolons += str_chr(s, ';') < s.n;
	l->colons += str_find(s, STR(" ::: ")) < s.n;
	l->bars += str_chr(s, '|') < s.n;
}

static struct looks
column_look(struct suggest *g, size_t column)
{
	struct looks l = {0};

	for (size_t r = 0; r < g->rows && r < SAMPLE_MAX; r++)
		cell_look(g->cells[r * g->n + column], &l, &g->scratch);
	return l;
}

/* Four of five are enough: files are dirty. */
static bool
most(size_t n, const struct looks *l)
{
	return l->some == 0 || (n > 0 && n * 5 >= l->some * 4);
}

/* ---- what to make of it ----------------------------------------------- */

/* False when the order cannot be told. */
static bool
date_guess(const struct looks *l, struct buf *steps)
{
	const char *order = most(l->iso, l) ? "iso"
			    : l->us > l->eu ? "us"
					    : "eu";

	buf_addf(steps, "date %s", order);
	return l->iso || l->us != l->eu || !l->some;
}

static bool
number_guess(const struct looks *l, struct buf *steps)
{
	if (l->plain == l->some)
		return true;
	buf_addf(steps, "number %s", l->comma > l->point ? "," : ".");
	return l->comma != l->point;
}

static void
split_guess(const struct looks *l, struct buf *steps)
{
	if (l->colons)
		buf_addz(steps, "split \" ::: \"");
	else if (l->semicolons)
		buf_addz(steps, "split ;");
	else if (l->bars)
		buf_addz(steps, "split |");
}

/* Whether the cells are of the type of the field. Adds the steps that make
 * them so. */
static bool
type_fits(const struct field *f, const struct looks *l, struct guess *out)
{
	size_t dates = l->iso > l->us ? l->iso : l->us;

	dates = dates > l->eu ? dates : l->eu;
	if (f->list)
		split_guess(l, &out->steps);
	switch ((enum type)f->type) {
	case TYPE_EMAIL:
		return most(l->email, l);
	case TYPE_PHONE:
		return most(l->phone, l) || l->phone * 2 > l->some;
	case TYPE_DATE:
	case TYPE_TIME:
		return most(dates, l) && date_guess(l, &out->steps);
	case TYPE_INT:
	case TYPE_DECIMAL:
		return most(l->point > l->comma ? l->point : l->comma, l) &&
		       number_guess(l, &out->steps);
	case TYPE_BOOL:
		buf_addz(&out->steps, "bool");
		return most(l->flag, l);
	case TYPE_ENUM:
		buf_addz(&out->steps, "lower");
		return true;
	default:
		return true;
	}
}

/* Is it the first column that goes there, or one of a list? */
static bool
path_free(const struct suggest *g, size_t column, struct guess *out,
    const struct field *f)
{
	for (size_t i = 0; i < column; i++) {
		if (!g->guesses[i].sure ||
		    !str_eq(g->guesses[i].path, out->path))
			continue;
		if (str_is(out->path, "street") || str_is(out->path, "note"))
			buf_addz(&out->steps, "join \"\\n\"");
		else if (!f->list)
			return false;
		break;
	}
	return true;
}

/* What the cells say when the name says nothing. */
static struct str
looks_path(const struct looks *l)
{
	if (l->some && most(l->email, l))
		return STR("email");
	if (l->some && most(l->url, l))
		return STR("url");
	if (l->some && most(l->phone, l) && !most(l->plain, l) &&
	    !most(l->iso + l->eu, l))
		return STR("phone");
	return (struct str){"", 0};
}

/* The name first; it has to go with the cells, or they decide. */
static void
column_guess(struct suggest *g, size_t column)
{
	struct guess *out = &g->guesses[column];
	struct looks l = column_look(g, column);
	const struct field *f;
	bool near;

	buf_reset(&g->scratch);
	words_fold(g->names[column], &g->scratch);
	out->path = words_guess(g->s, g->k, str_of(&g->scratch), &near);
	f = words_field(g->s, g->k, out->path);
	out->sure = f && type_fits(f, &l, out);
	if (near && out->sure)
		out->sure = f->type != TYPE_REF && f->type != TYPE_TEXT;
	if (!out->sure && !f) {
		out->path = looks_path(&l);
		f = words_field(g->s, g->k, out->path);
		out->sure = f && type_fits(f, &l, out);
	}
	if (f && str_ends(out->path, STR("ext"))) {
		buf_addz(&out->steps, out->steps.n ? " " : "");
		buf_addz(&out->steps, "prefix mine:");
	}
	if (out->sure)
		out->sure = path_free(g, column, out, f);
}

/* ---- printing --------------------------------------------------------- */

/* A name that the reader would take for something else is quoted. */
static bool
name_plain(struct str s)
{
	if (!s.n || memchr("\"#= ", s.p[0], 4) || s.p[s.n - 1] == ' ')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' ||
		    (s.p[i] == ' ' && s.p[i + 1] == ' '))
			return false;
	return true;
}

static void
name_print(struct str name, struct buf *out)
{
	name = str_trim(name);
	if (name_plain(name)) {
		buf_add(out, name);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c == '"' || c == '\\')
			buf_addc(out, '\\');
		if (c == '\t' || c == '\n')
			buf_addz(out, c == '\t' ? "\\t" : "\\n");
		else
			buf_addc(out, c);
	}
	buf_addc(out, '"');
}

static bool
has_path(const struct suggest *g, const char *path)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->guesses[i].sure && str_is(g->guesses[i].path, path))
			return true;
	return false;
}

static void
head_print(const struct suggest *g, struct buf *out)
{
	static const char *const keys[] = {
	    "ext", "email", "domain", "number", "sku"};
	size_t n = 0;

	buf_addz(out, "# What the columns seem to be; see crm-profile(5). "
		      "Lines behind a # are\n# not taken: check them, and take "
		      "the # away.\nprofile\tmine\n");
	buf_addf(out, "kind\t%.*s\n", STR_ARG(g->k->name));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (has_path(g, keys[i]))
			buf_addf(out, "%s%s", n++ ? "," : "key\t", keys[i]);
	buf_addz(out, n ? "\n" : "");
	n = 0;
	for (size_t i = 0; i < g->n && n < MATCH_MAX; i++) {
		if (!g->guesses[i].sure)
			continue;
		buf_addz(out, "match\t");
		name_print(g->names[i], out);
		buf_addc(out, '\n');
		n++;
	}
	buf_addz(out, "\ncolumns\n");
}

static void
column_print(const struct suggest *g, size_t column, struct buf *out)
{
	const struct guess *guess = &g->guesses[column];
	const struct field *f = words_field(g->s, g->k, guess->path);
	bool plus = f && f->list && str_chr(guess->path, '.') == guess->path.n;

	if (!str_trim(g->names[column]).n) {
		buf_addf(out, "# column %zu has no name\n", column + 1);
		return;
	}
	if (!guess->sure)
		buf_addc(out, '#');
	name_print(g->names[column], out);
	if (f)
		buf_addf(
		    out, "\t%.*s%s", STR_ARG(guess->path), plus ? "+" : "");
	else
		buf_addz(out, "\tnote\tlabel");
	if (f && guess->steps.n)
		buf_addf(out, "\t%s", buf_z(&guess->steps));
	buf_addc(out, '\n');
}

enum crm_err
profile_suggest(const struct schema *s, const struct kind *k,
    const struct str *names, size_t n, const struct str *cells, size_t rows,
    struct buf *out, struct diag *dg)
{
	struct suggest g = {s, k, names, cells, n, rows, NULL, {0}};
	bool failed;

	g.guesses = calloc(n + 1, sizeof *g.guesses);
	if (!g.guesses)
		return diag_nomem(dg);
	for (size_t i = 0; i < n; i++)
		column_guess(&g, i);
	head_print(&g, out);
	for (size_t i = 0; i < n; i++)
		column_print(&g, i, out);
	failed = out->failed || g.scratch.failed;
	for (size_t i = 0; i < n; i++) {
		failed = failed || g.guesses[i].steps.failed;
		buf_clear(&g.guesses[i].steps);
	}
	free(g.guesses);
	buf_clear(&g.scratch);
	return failed ? diag_nomem(dg) : CRM_OK;
}
