/* SPDX-License-Identifier: ISC */
/* profile_step: what becomes of the text of one cell. */
#include "crm/profile_impl.h"

#include "base/utf8.h"

/* A cell on its way through the steps of its line. */
struct course {
	const struct profile *p;
	const struct rule_line *line;
	const struct field *f;
	struct workshop *w;
	struct diag *dg;
	bool some; /* an item is there already: first and rest want to know */
};

void
workshop_clear(struct workshop *w)
{
	buf_clear(&w->a);
	buf_clear(&w->b);
	buf_clear(&w->items);
	buf_clear(&w->item);
	buf_clear(&w->whole);
}

static const struct pair *
map_find(const struct step *s, struct str in)
{
	for (size_t i = 0; i < s->npairs; i++)
		if (str_ieq(s->pairs[i].from, in))
			return &s->pairs[i];
	return NULL;
}

/* The maps from step I up to TO that follow one another are one table. Moves
 * *I to the last one. */
static struct str
maps_run(const struct step *steps, size_t *i, size_t to, struct str in)
{
	const struct pair *hit = NULL;
	size_t last = *i;

	for (size_t j = *i; j < to && steps[j].op == STEP_MAP; j++) {
		if (!hit)
			hit = map_find(&steps[j], in);
		last = j;
	}
	*i = last;
	return hit ? hit->to : in;
}

static struct str
bool_read(struct str in)
{
	static const char *const yes[] = {"1", "y", "yes", "t", "true", "x",
	    "on", "ja", "wahr", "oui", "vrai"};
	static const char *const no[] = {"0", "n", "no", "f", "false", "-",
	    "off", "nein", "falsch", "non", "faux"};

	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (str_ieq(in, str_from(yes[i])))
			return STR("yes");
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (str_ieq(in, str_from(no[i])))
			return STR("no");
	return in;
}

/* "https://www.acme.example:8080/x" to "acme.example". */
static struct str
host_of(struct str in)
{
	size_t at = str_find(in, STR("://"));
	size_t end = 0;

	if (at < in.n)
		in = str_from_pos(in, at + 3);
	in = str_from_pos(
	    in, str_chr(in, '@') < str_chr(in, '/') ? str_chr(in, '@') + 1 : 0);
	if (in.n > 4 && str_ieq(str_head(in, 4), STR("www.")))
		in = str_from_pos(in, 4);
	while (end < in.n && !memchr("/:?#", in.p[end], 4))
		end++;
	return str_head(in, end);
}

/* The sign that keeps a spreadsheet from running the text: an apostrophe or
 * a zero-width joiner before = + - @. */
static struct str
unguard(struct str in)
{
	static const struct str guards[] = {{"'", 1}, {"\xe2\x80\x8d", 3}};

	for (size_t i = 0; i < ARRAY_LEN(guards); i++) {
		size_t n = guards[i].n;

		if (in.n > n && str_starts(in, guards[i]) &&
		    memchr("=+-@", in.p[n], 4))
			return str_from_pos(in, n);
	}
	return in;
}

/* Does the id have 15 letters and digits? */
static bool
id_short(struct str in)
{
	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= 'a' && c <= 'z'))
			return false;
	}
	return in.n == 15;
}

/* Salesforce's ids of 15 characters, which tell upper from lower case, as
 * those of 18, whose last three say which letters are upper case. */
static void
id18_print(struct str in, struct buf *out)
{
	static const char code[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

	buf_add(out, in);
	for (size_t i = 0; id_short(in) && i < in.n; i += 5) {
		unsigned bits = 0;

		for (size_t j = 0; j < 5; j++)
			bits |=
			    (unsigned)(in.p[i + j] >= 'A' && in.p[i + j] <= 'Z')
			    << j;
		buf_addc(out, code[bits]);
	}
}

/* The steps that only take away, or choose among texts that are there. */
static bool
step_view(const struct step *s, struct str in, struct str *out)
{
	bool has = str_find(in, s->arg) < in.n;

	*out = in;
	switch (s->op) {
	case STEP_STRIP:
		if (str_starts(in, s->arg))
			*out = str_trim(str_from_pos(in, s->arg.n));
		return true;
	case STEP_CHOP:
		if (str_ends(in, s->arg))
			*out = str_trim(str_head(in, in.n - s->arg.n));
		return true;
	case STEP_WITH:
	case STEP_WITHOUT:
		if (has != (s->op == STEP_WITH))
			*out = (struct str){"", 0};
		return true;
	case STEP_BOOL:
		*out = bool_read(in);
		return true;
	case STEP_HOST:
		*out = host_of(in);
		return true;
	case STEP_UNGUARD:
		*out = unguard(in);
		return true;
	default:
		return false;
	}
}

/* The steps that write a new text. */
static enum crm_err
step_print(const struct course *c, const struct step *s, struct str in,
    struct buf *out)
{
	switch (s->op) {
	case STEP_DATE:
		return step_date(in, (enum date_order)s->format,
		    c->f->type == TYPE_DATE, out, c->dg);
	case STEP_ID18:
		id18_print(in, out);
		return CRM_OK;
	case STEP_LOWER:
		utf8_lower(in, out);
		return CRM_OK;
	case STEP_NUMBER:
		step_number(in, (char)s->format, out);
		return CRM_OK;
	case STEP_PERCENT:
		step_percent(in, out);
		return CRM_OK;
	default:
		buf_add(out, s->arg);
		buf_add(out, in);
		return CRM_OK;
	}
}

/* Steps FROM up to TO of the line, over IN. */
static enum crm_err
steps_run(const struct course *c, size_t from, size_t to, struct str in,
    struct str *out)
{
	const struct step *steps;
	struct buf *free_one = &c->w->a, *used = &c->w->b;
	enum crm_err err = CRM_OK;

	*out = in;
	if (from == to)
		return CRM_OK;
	steps = &c->p->steps[c->line->step];
	for (size_t i = from; !err && i < to && out->n; i++) {
		struct buf *next = used;

		if (steps[i].op == STEP_MAP) {
			*out = maps_run(steps, &i, to, *out);
			continue;
		}
		if (step_view(&steps[i], *out, out))
			continue;
		buf_reset(free_one);
		err = step_print(c, &steps[i], *out, free_one);
		if (!err && free_one->failed)
			err = diag_nomem(c->dg);
		*out = str_of(free_one);
		used = free_one;
		free_one = next;
	}
	return err;
}

/* Adds ITEM to the others. A comma in it would part it in two where commas
 * part items. */
static void
item_add(const struct course *c, struct str item)
{
	struct buf *items = &c->w->items;
	bool list = c->f->list && !c->line->label;
	size_t start;

	if (items->n)
		buf_addz(items, list ? "," : ", ");
	start = items->n;
	buf_add(items, item);
	for (size_t i = start; list && i < items->n; i++)
		if (items->p[i] == ',')
			items->p[i] = ';';
}

static enum crm_err
item_run(struct course *c, struct str item)
{
	struct str out = {0};
	bool some = c->some;
	enum crm_err err = steps_run(
	    c, c->line->cut + 1, c->line->nsteps, str_trim(item), &out);

	if (err || !out.n)
		return err;
	c->some = true;
	if (c->line->pick == PICK_ALL || some == (c->line->pick == PICK_REST))
		item_add(c, out);
	return CRM_OK;
}

static enum crm_err
split_run(struct course *c, struct str in, struct str by)
{
	enum crm_err err = CRM_OK;
	bool more = true;

	while (!err && more) {
		size_t at = str_find(in, by);

		more = at < in.n;
		err = item_run(c, str_head(in, at));
		in = str_from_pos(in, more ? at + by.n : in.n);
	}
	return err;
}

static enum crm_err
json_run(struct course *c, struct str in, struct str keys)
{
	struct json_items j;
	bool got = true;
	enum crm_err err = json_items_open(&j, in, keys, c->dg);

	while (!err && got) {
		err = json_items_next(&j, &c->w->item, &got, c->dg);
		if (!err && got)
			err = item_run(c, str_of(&c->w->item));
	}
	return err;
}

enum crm_err
line_run(const struct profile *p, const struct rule_line *line, struct str cell,
    const struct field *f, struct workshop *w, struct str *out, struct diag *dg)
{
	struct course c = {p, line, f, w, dg, false};
	const struct step *cut;
	enum crm_err err;

	err = steps_run(&c, 0, line->cut, str_trim(cell), out);
	if (err)
		return err;
	if (line->cut == line->nsteps) {
		if (line->pick == PICK_REST)
			*out = (struct str){"", 0};
		return CRM_OK;
	}
	cut = &p->steps[line->step + line->cut];
	buf_reset(&w->items);
	if (line->cut > 0) {
		/* The steps of the items write where it stands. */
		buf_reset(&w->whole);
		buf_add(&w->whole, *out);
		*out = str_of(&w->whole);
	}
	if (cut->op == STEP_SPLIT)
		err = split_run(&c, *out, cut->arg);
	else
		err = json_run(&c, *out, cut->arg);
	if (!err && (w->items.failed || w->item.failed || w->whole.failed))
		err = diag_nomem(dg);
	*out = str_of(&w->items);
	return err;
}
