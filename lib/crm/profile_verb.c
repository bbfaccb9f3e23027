/* SPDX-License-Identifier: ISC */
/* profile_verb: the steps of a column, from the verbs of its line. */
#include "crm/profile_read.h"

#include "base/near.h"

static const struct {
	const char *name;
	enum step_op op;
	const char *arg; /* what it is, as in a message; NULL: none */
} verbs[] = {
    {"bool", STEP_BOOL, NULL},
    {"chop", STEP_CHOP, "TEXT"},
    {"date", STEP_DATE, "iso, us, eu, ms or s"},
    {"else", STEP_ELSE, NULL},
    {"first", STEP_FIRST, NULL},
    {"front", STEP_FRONT, "COLUMN"},
    {"host", STEP_HOST, NULL},
    {"id18", STEP_ID18, NULL},
    {"join", STEP_JOIN, "TEXT"},
    {"json", STEP_JSON, "MEMBER[,MEMBER]"},
    {"label", STEP_LABEL, NULL},
    {"lower", STEP_LOWER, NULL},
    {"map", STEP_MAP, "THEIRS=OURS[,THEIRS=OURS]"},
    {"named", STEP_NAMED, "COLUMN"},
    {"number", STEP_NUMBER, ". or , (the decimal point)"},
    {"percent", STEP_PERCENT, NULL},
    {"prefix", STEP_PREFIX, "TEXT"},
    {"rest", STEP_REST, NULL},
    {"set", STEP_SET, "NAME"},
    {"split", STEP_SPLIT, "TEXT"},
    {"strip", STEP_STRIP, "TEXT"},
    {"unguard", STEP_UNGUARD, NULL},
    {"with", STEP_WITH, "TEXT"},
    {"without", STEP_WITHOUT, "TEXT"},
};

static enum crm_err
verb_unknown(struct profile_reader *r, struct str word)
{
	struct near near = {.word = word};

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		near_offer(&near, str_from(verbs[i].name));
	diag_set(r->dg, CRM_DATA, "nothing is called '%.*s'",
	    STR_ARG(str_head(word, 60)));
	if (near.best.n)
		diag_more(r->dg, "; did you mean %.*s", STR_ARG(near.best));
	else
		diag_more(r->dg, "; what may stand here is in crm-profile(5)");
	return CRM_DATA;
}

/* Takes the text up to an END that has no '\' before it off REST; "\END" and
 * "\=" become the plain signs where they stand. */
static struct str
map_part(struct profile *p, struct str *rest, char end)
{
	char *base = p->text.p + (rest->p - p->text.p), *to = base;
	size_t i = 0;

	for (; i < rest->n && rest->p[i] != end; i++) {
		char c = rest->p[i];
		char next = i + 1 < rest->n ? rest->p[i + 1] : '\0';

		if (c == '\\' && (next == ',' || next == '='))
			c = rest->p[++i];
		*to++ = c;
	}
	if (i == rest->n)
		rest->p = NULL;
	else
		*rest = str_from_pos(*rest, i + 1);
	return str_trim((struct str){base, (size_t)(to - base)});
}

/* "A=b,C=d" to PAIRS, one for every comma and one more. */
static enum crm_err
pairs_read(
    struct profile_reader *r, struct str rest, struct pair *pairs, size_t *n)
{
	while (rest.p) {
		struct pair *pair = &pairs[*n];
		size_t comma = str_chr(rest, ','), equals = str_chr(rest, '=');

		if (equals == rest.n ||
		    (comma < equals && comma > 0 && rest.p[comma - 1] != '\\'))
			return diag_set(r->dg, CRM_DATA,
			    "map: no = in '%.*s'; write theirs=ours, and \\, "
			    "for a comma in a value",
			    STR_ARG(str_head(rest, comma)));
		pair->from = map_part(r->p, &rest, '=');
		if (!rest.p)
			rest = (struct str){"", 0};
		pair->to = map_part(r->p, &rest, ',');
		(*n)++;
	}
	return CRM_OK;
}

static enum crm_err
map_read(struct profile_reader *r, struct step *step)
{
	struct profile *p = r->p;
	struct pair **maps = profile_room(p->maps, p->nmaps, sizeof *maps);
	struct pair *pairs;
	size_t most = 1;

	if (!maps)
		return diag_nomem(r->dg);
	p->maps = maps;
	for (size_t i = 0; i < step->arg.n; i++)
		most += step->arg.p[i] == ',';
	pairs = calloc(most, sizeof *pairs);
	if (!pairs)
		return diag_nomem(r->dg);
	maps[p->nmaps++] = pairs;
	step->pairs = pairs;
	return pairs_read(r, step->arg, pairs, &step->npairs);
}

/* Position of WORD among NAMES; n when there is none. */
static int
word_among(struct str word, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (str_is(word, names[i]))
			return i;
	return n;
}

static enum crm_err
date_read(struct profile_reader *r, struct step *step)
{
	static const char *const names[] = {
	    [DATE_ISO] = "iso",
	    [DATE_US] = "us",
	    [DATE_EU] = "eu",
	    [DATE_MS] = "ms",
	    [DATE_S] = "s",
	};
	enum { COUNT = ARRAY_LEN(names) };

	step->format = word_among(step->arg, names, COUNT);
	if (step->format < COUNT)
		return CRM_OK;
	return diag_set(r->dg, CRM_DATA,
	    "date: '%.*s' is no order; write iso (2024-01-15), us "
	    "(1/15/2024), eu (15/1/2024), ms or s (counted since 1970)",
	    STR_ARG(str_head(step->arg, 60)));
}

static enum crm_err
number_read(struct profile_reader *r, struct step *step)
{
	if (!str_is(step->arg, ".") && !str_is(step->arg, ","))
		return diag_set(r->dg, CRM_DATA,
		    "number: '%.*s' is no decimal point; write number . or "
		    "number ,",
		    STR_ARG(str_head(step->arg, 60)));
	step->format = step->arg.p[0];
	return CRM_OK;
}

/* The number of a set, from 1. */
static enum crm_err
set_read(struct profile_reader *r, struct rule_line *line, struct str name)
{
	struct profile *p = r->p;

	for (size_t i = 0; i < p->nsets; i++) {
		if (str_eq(p->sets[i], name)) {
			line->set = i + 1;
			return CRM_OK;
		}
	}
	line->set = p->nsets + 1;
	return reader_list(r, &p->sets, &p->nsets, name);
}

/* What is kept in the line itself; false when STEP is one to be run. */
static bool
line_option(struct profile_reader *r, struct rule_line *line,
    const struct step *step, enum crm_err *err)
{
	*err = CRM_OK;
	switch (step->op) {
	case STEP_FIRST:
		line->pick = PICK_FIRST;
		return true;
	case STEP_REST:
		line->pick = PICK_REST;
		return true;
	case STEP_ELSE:
		line->otherwise = true;
		return true;
	case STEP_FRONT:
		line->front = step->arg;
		return true;
	case STEP_JOIN:
		line->join = step->arg;
		line->joined = true;
		return true;
	case STEP_NAMED:
		line->named = step->arg;
		line->label = true;
		return true;
	case STEP_LABEL:
		line->label = true;
		return true;
	case STEP_SET:
		*err = set_read(r, line, step->arg);
		return true;
	default:
		return false;
	}
}

static enum crm_err
step_add(
    struct profile_reader *r, struct rule_line *line, const struct step *step)
{
	struct profile *p = r->p;
	struct step *room;

	if (step->op == STEP_SPLIT || step->op == STEP_JSON) {
		if (line->cut < line->nsteps)
			return diag_set(r->dg, CRM_DATA,
			    "a second split or json; one column is taken apart "
			    "once");
		line->cut = line->nsteps;
	} else if (line->cut == line->nsteps) {
		line->cut++;
	}
	room = profile_room(p->steps, p->nsteps, sizeof *room);
	if (!room)
		return diag_nomem(r->dg);
	p->steps = room;
	room[p->nsteps++] = *step;
	line->nsteps++;
	return CRM_OK;
}

/* A verb and its argument. */
static enum crm_err
step_read(struct profile_reader *r, struct rule_line *line)
{
	struct step step = {0};
	struct str word;
	size_t i = 0;
	enum crm_err err = reader_word(r, &word);

	if (err)
		return err;
	while (i < ARRAY_LEN(verbs) && !str_is(word, verbs[i].name))
		i++;
	if (i == ARRAY_LEN(verbs))
		return verb_unknown(r, word);
	step.op = verbs[i].op;
	if (verbs[i].arg && !r->rest.n)
		return diag_set(r->dg, CRM_DATA,
		    "nothing behind %s; write %s %s", verbs[i].name,
		    verbs[i].name, verbs[i].arg);
	if (verbs[i].arg)
		err = reader_word(r, &step.arg);
	if (err)
		return err;
	if (line_option(r, line, &step, &err))
		return err;
	if (!step.arg.n && verbs[i].arg && step.op != STEP_JSON)
		return diag_set(
		    r->dg, CRM_DATA, "%s: the text is empty", verbs[i].name);
	if (step.op == STEP_MAP)
		err = map_read(r, &step);
	else if (step.op == STEP_DATE)
		err = date_read(r, &step);
	else if (step.op == STEP_NUMBER)
		err = number_read(r, &step);
	return err ? err : step_add(r, line, &step);
}

enum crm_err
reader_steps(struct profile_reader *r, struct rule_line *line)
{
	enum crm_err err = CRM_OK;

	if (!line->column.n && r->rest.n)
		return diag_set(r->dg, CRM_DATA,
		    "'%.*s' behind a text that stands for itself",
		    STR_ARG(str_head(r->rest, 60)));
	if (!line->field.n && r->rest.n)
		return diag_set(r->dg, CRM_DATA,
		    "'%.*s' for a column that is left out",
		    STR_ARG(str_head(r->rest, 60)));
	while (!err && r->rest.n)
		err = step_read(r, line);
	return err;
}
