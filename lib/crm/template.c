/* SPDX-License-Identifier: ISC */
/* template: texts cut at their tags, fields looked up once. */
#include "crm/template.h"

#include "query/query.h"

enum part_type {
	PART_TEXT,
	PART_VALUE,
	PART_TODAY,
	PART_SECTION, /* what follows up to END only with a value */
	PART_INVERTED /* only without one */
};

struct part {
	enum part_type type;
	struct str text;   /* a view of template.text; of a section its name */
	struct path *path; /* NULL for the day */
	size_t end;	   /* of a section: the part behind it */
	size_t at;	   /* of the tag in the text, for messages */
};

struct template
{
	struct template_options o;
	struct buf text, name;
	struct part *parts;
	size_t n, cap;
	struct buf value;
};

/* A tag in the text: from its first brace to behind its last. */
struct tag {
	size_t from, to;
	char sign;	 /* '#', '^', '/', '!', '"', or 0 for a value */
	struct str name; /* without blanks and sign */
};

void
template_free(struct template *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		path_free(t->parts[i].path);
	free(t->parts);
	buf_clear(&t->text);
	buf_clear(&t->name);
	buf_clear(&t->value);
	free(t);
}

/* ---- messages --------------------------------------------------------- */

/* NAME:LINE:COLUMN: in front of the message. */
static enum crm_err
refuse_at(const struct template *t, size_t at, struct diag *dg)
{
	struct str before = str_head(str_of(&t->text), at);
	size_t line = 1, column = 1;

	for (size_t i = 0; i < before.n; i++) {
		/* The later bytes of a character do not count. */
		if (((unsigned char)before.p[i] & 0xc0) != 0x80)
			column++;
		if (before.p[i] == '\n') {
			line++;
			column = 1;
		}
	}
	diag_place(dg, "%s:%zu:%zu", buf_z(&t->name), line, column);
	dg->code = CRM_DATA;
	return CRM_DATA;
}

/* ---- reading ---------------------------------------------------------- */

static struct part *
part_add(
    struct template *t, enum part_type type, struct str text, struct diag *dg)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 16;
		struct part *more = realloc(t->parts, cap * sizeof(*more));

		if (!more) {
			(void)diag_nomem(dg);
			return NULL;
		}
		t->parts = more;
		t->cap = cap;
	}
	t->parts[t->n] = (struct part){.type = type, .text = text};
	return &t->parts[t->n++];
}

/* The next tag from AT on; *got is false when there is none. */
static enum crm_err
tag_next(const struct template *t, size_t at, struct tag *out, bool *got,
    struct diag *dg)
{
	struct str text = str_of(&t->text), body;
	size_t from = at + str_find(str_from_pos(text, at), STR("{{")), end;

	*got = from < text.n;
	if (!*got)
		return CRM_OK;
	while (from + 2 < text.n && text.p[from + 2] == '{')
		from++;
	body = str_from_pos(text, from + 2);
	/* What is in quotes may hold braces. */
	bool quoted = str_starts(body, STR("\""));
	struct str inner = str_from_pos(body, quoted);
	end = str_find(inner, quoted ? STR("\"}}") : STR("}}"));
	if (end == inner.n) {
		(void)diag_set(dg, CRM_DATA,
		    "a tag without end; write }} behind it, or {{\"{{\"}} for "
		    "two braces");
		return refuse_at(t, from, dg);
	}
	*out = (struct tag){.from = from, .to = from + end + (quoted ? 6 : 4)};
	out->name = str_head(inner, end);
	if (quoted) {
		out->sign = '"';
		return CRM_OK;
	}
	out->name = str_trim(out->name);
	if (out->name.n > 0 && memchr("#^/!", out->name.p[0], 4) != NULL) {
		out->sign = out->name.p[0];
		out->name = str_trim(str_from_pos(out->name, 1));
	}
	return CRM_OK;
}

/* A tag that prints nothing takes its line along when it is alone there. */
static void
tag_widen(const struct template *t, struct tag *tag)
{
	struct str text = str_of(&t->text);
	size_t from = tag->from, to = tag->to;

	if (tag->sign == 0 || tag->sign == '"')
		return;
	while (
	    from > 0 && (text.p[from - 1] == ' ' || text.p[from - 1] == '\t'))
		from--;
	while (to < text.n && (text.p[to] == ' ' || text.p[to] == '\t'))
		to++;
	if (to + 1 < text.n && text.p[to] == '\r' && text.p[to + 1] == '\n')
		to++;
	if ((from > 0 && text.p[from - 1] != '\n') ||
	    (to < text.n && text.p[to] != '\n'))
		return;
	tag->from = from;
	tag->to = to < text.n ? to + 1 : to;
}

static enum crm_err
field_find(
    struct template *t, const struct tag *tag, struct part *p, struct diag *dg)
{
	enum crm_err err;

	if (str_is(tag->name, "today"))
		return CRM_OK;
	err = path_new(&p->path, t->o.store, t->o.kind, tag->name, dg);
	return err == CRM_USAGE ? refuse_at(t, tag->from, dg) : err;
}

/* The innermost section that is still open; n when none is. */
static size_t
open_section(const struct template *t)
{
	for (size_t i = t->n; i > 0; i--) {
		const struct part *p = &t->parts[i - 1];

		if ((p->type == PART_SECTION || p->type == PART_INVERTED) &&
		    p->end == 0)
			return i - 1;
	}
	return t->n;
}

static enum crm_err
section_close(struct template *t, const struct tag *tag, struct diag *dg)
{
	size_t i = open_section(t);

	if (i == t->n) {
		(void)diag_set(dg, CRM_DATA,
		    "'/%.*s' closes nothing; write {{#%.*s}} before it",
		    STR_ARG(tag->name), STR_ARG(tag->name));
		return refuse_at(t, tag->from, dg);
	}
	if (!str_eq(t->parts[i].text, tag->name)) {
		(void)diag_set(dg, CRM_DATA,
		    "'/%.*s' where '%.*s' is open; write {{/%.*s}} first",
		    STR_ARG(tag->name), STR_ARG(t->parts[i].text),
		    STR_ARG(t->parts[i].text));
		return refuse_at(t, tag->from, dg);
	}
	t->parts[i].end = t->n;
	return CRM_OK;
}

static enum crm_err
tag_add(struct template *t, const struct tag *tag, size_t at, struct diag *dg)
{
	enum part_type type = tag->sign == '#'	 ? PART_SECTION
			      : tag->sign == '^' ? PART_INVERTED
						 : PART_VALUE;
	struct part *p;

	if (tag->sign == '!')
		return CRM_OK;
	if (tag->sign == '"')
		return part_add(t, PART_TEXT, tag->name, dg) ? CRM_OK
							     : CRM_TEMP;
	if (tag->name.n == 0) {
		(void)diag_set(dg, CRM_DATA,
		    "a tag without a field; write {{name}}, or {{\"{{\"}} for "
		    "two braces");
		return refuse_at(t, at, dg);
	}
	if (tag->sign == '/')
		return section_close(t, tag, dg);
	if (type == PART_VALUE && str_is(tag->name, "today"))
		type = PART_TODAY;
	p = part_add(t, type, tag->name, dg);
	if (!p)
		return CRM_TEMP;
	p->at = at;
	return field_find(t, tag, p, dg);
}

static enum crm_err
parts_read(struct template *t, struct diag *dg)
{
	struct str text = str_of(&t->text);
	size_t at = 0, tag_at;
	struct tag tag = {0};
	bool got = true;
	enum crm_err err = CRM_OK;

	while (!err && got) {
		err = tag_next(t, at, &tag, &got, dg);
		if (err)
			return err;
		if (!got)
			tag = (struct tag){.from = text.n, .to = text.n};
		tag_at = tag.from;
		tag_widen(t, &tag);
		struct str before =
		    str_head(str_from_pos(text, at), tag.from - at);
		if (before.n && !part_add(t, PART_TEXT, before, dg))
			return CRM_TEMP;
		at = tag.to;
		if (got)
			err = tag_add(t, &tag, tag_at, dg);
	}
	size_t open = open_section(t);
	if (err || open == t->n)
		return err;
	(void)diag_set(dg, CRM_DATA, "'%.*s' is not closed; write {{/%.*s}}",
	    STR_ARG(t->parts[open].text), STR_ARG(t->parts[open].text));
	return refuse_at(t, t->parts[open].at, dg);
}

enum crm_err
template_new(struct template **out, struct str text,
    const struct template_options *o, struct diag *dg)
{
	struct template *t = calloc(1, sizeof(*t));
	enum crm_err err;

	*out = NULL;
	if (!t)
		return diag_nomem(dg);
	t->o = *o;
	buf_add(&t->text, text);
	buf_addz(&t->name, o->name);
	err = t->text.failed || t->name.failed ? diag_nomem(dg)
					       : parts_read(t, dg);
	if (err) {
		template_free(t);
		return err;
	}
	*out = t;
	return CRM_OK;
}

bool
template_has_tag(struct str text)
{
	return str_find(text, STR("{{")) < text.n;
}

/* ---- filling in ------------------------------------------------------- */

/* A list, or what a path met: "a,b" reads better as "a, b". */
static void
value_add(struct buf *out, struct str value, bool many)
{
	if (!many) {
		buf_add(out, value);
		return;
	}
	for (struct str rest = value; rest.p;) {
		buf_add(out, str_cut(&rest, ','));
		if (rest.p)
			buf_addz(out, ", ");
	}
}

/* What was added to OUT from AT on becomes part of a file's name. */
static void
name_make_safe(struct buf *out, size_t at)
{
	bool front = true;

	if (!out->failed && out->n == at)
		buf_addc(out, '_');
	for (size_t i = at; i < out->n; i++) {
		unsigned char c = (unsigned char)out->p[i];

		front = front && c == '.';
		if (front || c == '/' || c < ' ' || c == 0x7f)
			out->p[i] = '_';
	}
}

static enum crm_err
part_value(struct template *t, const struct part *p, const struct record *r,
    struct diag *dg)
{
	buf_reset(&t->value);
	if (!p->path) {
		date_print(when_today(t->o.clock), &t->value);
		return CRM_OK;
	}
	return path_get(p->path, r, &t->value, dg);
}

static enum crm_err
part_fill(struct template *t, size_t *i, const struct record *r,
    struct buf *out, struct diag *dg)
{
	const struct part *p = &t->parts[*i];
	size_t at = out->n;
	enum crm_err err;

	++*i;
	if (p->type == PART_TEXT) {
		buf_add(out, p->text);
		return CRM_OK;
	}
	err = part_value(t, p, r, dg);
	if (err)
		return err;
	if (p->type == PART_SECTION || p->type == PART_INVERTED) {
		if ((t->value.n > 0) != (p->type == PART_SECTION))
			*i = p->end;
		return CRM_OK;
	}
	value_add(out, str_of(&t->value), p->path && path_many(p->path));
	if (t->o.use == TEMPLATE_PATH)
		name_make_safe(out, at);
	return CRM_OK;
}

enum crm_err
template_fill(struct template *t, const struct record *r, struct buf *out,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < t->n;)
		err = part_fill(t, &i, r, out, dg);
	if (!err && (out->failed || t->value.failed))
		err = diag_nomem(dg);
	return err;
}

/* ---- as an exporter --------------------------------------------------- */

struct filler {
	struct exporter exporter;
	struct exporter_options o;
	struct str text;
	const char *name;
	struct template *template;
};

static enum crm_err
filler_kind(struct exporter *x, const struct kind *kind, struct buf *to,
    struct diag *dg)
{
	struct filler *f = (struct filler *)x;
	struct template_options o = {.store = f->o.store,
	    .clock = f->o.clock,
	    .kind = kind,
	    .name = f->name};

	(void)to;
	template_free(f->template);
	return template_new(&f->template, f->text, &o, dg);
}

static enum crm_err
filler_record(
    struct exporter *x, const struct record *r, struct buf *to, struct diag *dg)
{
	return template_fill(((struct filler *)x)->template, r, to, dg);
}

static void
filler_free(struct exporter *x)
{
	template_free(((struct filler *)x)->template);
	free(x);
}

enum crm_err
template_exporter(struct exporter **out, struct str text, const char *name,
    const struct exporter_options *o, struct diag *dg)
{
	static const struct exporter_class class = {
	    .kind = filler_kind, .record = filler_record, .free = filler_free};
	struct filler *f = calloc(1, sizeof(*f));

	*out = NULL;
	if (!f)
		return diag_nomem(dg);
	f->exporter.class = &class;
	f->o = *o;
	f->text = text;
	f->name = name;
	*out = &f->exporter;
	return CRM_OK;
}
