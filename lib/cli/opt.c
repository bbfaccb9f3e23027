/* SPDX-License-Identifier: ISC */
/* opt: the table of options and the one way through getopt. */
#include "cli/opt.h"

#include "base/err.h"
#include "base/near.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/msg.h"
#include "cli/out.h"

#include <getopt.h>

enum kind {
	OPT_FLAG,
	OPT_TEXT,
	OPT_WORD,  /* a text out of a few, "a|b" in arg */
	OPT_EMPTY, /* keep or clear */
	OPT_NUMBER,
	OPT_HELP,
	OPT_VERSION
};

struct option_def {
	int letter; /* 0: long name only */
	enum kind kind;
	const char *name;
	const char *arg; /* how the argument is called in -h; NULL: none */
	const char *help;
	size_t at; /* offset in struct opts */
};

#define AT(member) offsetof(struct opts, member)

static const struct option_def table[] = {
    {'h', OPT_HELP, "help", NULL, "print this", 0},
    {'V', OPT_VERSION, "version", NULL, "print name and version", 0},
    {'q', OPT_FLAG, "quiet", NULL, "no warnings", AT(quiet)},
    {'v', OPT_FLAG, "verbose", NULL, "say what is done", AT(verbose)},
    {'S', OPT_TEXT, "store", "DIR", "use the store in DIR", AT(store)},
    {0, OPT_TEXT, "today", "WHEN", "take WHEN for the present", AT(today)},
    {0, OPT_WORD, "color", "auto|always|never", "colour the table", AT(color)},
    {'n', OPT_FLAG, "dry-run", NULL, "show what would change, change nothing",
	AT(dry_run)},
    {'y', OPT_FLAG, "yes", NULL, "ask nothing", AT(yes)},
    {'f', OPT_TEXT, "fields", "FIELDS", "print these, as in id,name,org.name",
	AT(fields)},
    {'H', OPT_FLAG, "no-header", NULL, "print no header line", AT(no_header)},
    {'O', OPT_TEXT, "format", "FORMAT", "print in this format", AT(format)},
    {'o', OPT_TEXT, "output", "FILE", "write to FILE", AT(output)},
    {'0', OPT_FLAG, "null", NULL, "end rows with NUL, not LF", AT(nul)},
    {'i', OPT_FLAG, "ids", NULL, "print ids only", AT(ids)},
    {'l', OPT_NUMBER, "limit", "N", "print at most N rows", AT(limit)},
    {'s', OPT_TEXT, "sort", "FIELDS", "sort by these, -FIELD downwards",
	AT(sort)},
    {'x', OPT_TEXT, "explode", "FIELD", "one row for each item of FIELD",
	AT(explode)},
    {'e', OPT_FLAG, "exit-status", NULL, "status 1 when nothing matched",
	AT(exit_status)},
    {'k', OPT_TEXT, "key", "FIELD", "update the record with the same FIELD",
	AT(key)},
    {'m', OPT_TEXT, "reason", "TEXT", "why, kept in the history", AT(reason)},
    {'t', OPT_TEXT, "type", "TYPE", "of this type", AT(type)},
    {'d', OPT_TEXT, "date", "WHEN", "at this time", AT(date)},
    {'F', OPT_TEXT, "file", "FILE", "read the text from FILE", AT(file)},
    {'r', OPT_FLAG, "recursive", NULL, "take the dependants along",
	AT(recursive)},
    {'a', OPT_FLAG, "all", NULL, "all of them", AT(all)},
    {0, OPT_FLAG, "keep-going", NULL, "store good rows, print bad ones",
	AT(keep_going)},
    {0, OPT_FLAG, "create", NULL, "make records that references name",
	AT(create)},
    {0, OPT_EMPTY, "empty", "keep|clear", "what an empty cell does",
	AT(clear_empty)},
    {0, OPT_FLAG, "rfm", NULL, "recency, frequency and money", AT(rfm)},
    {0, OPT_FLAG, "abc", NULL, "classes by share of revenue", AT(abc)},
    {0, OPT_FLAG, "mail", NULL, "read a mail on standard input", AT(mail)},
    {0, OPT_TEXT, "follow", "WHEN", "add a task for WHEN", AT(follow)},
    {0, OPT_TEXT, "until", "WHEN", "up to this day", AT(until)},
    {0, OPT_TEXT, "every", "RULE", "repeat, as in '2w on mo'", AT(every)},
    {0, OPT_TEXT, "after", "INTERVAL", "repeat, counted from when it is done",
	AT(after)},
    {0, OPT_TEXT, "as-of", "WHEN", "as things were on this day", AT(as_of)},
    {0, OPT_WORD, "ties", "together|split", "where equal ones go", AT(ties)},
    {0, OPT_TEXT, "columns", "NAMES", "names for input without a header",
	AT(columns)},
    {0, OPT_TEXT, "since", "WHEN", "from this day on", AT(since)},
    {0, OPT_TEXT, "by", "USER", "by this user", AT(by)},
    {0, OPT_FLAG, "force", NULL, "do it all the same", AT(force)},
    {0, OPT_FLAG, "raw", NULL, "csv: no apostrophes before formulas", AT(raw)},
    {0, OPT_TEXT, "delimiter", "CHAR", "csv: between cells; also 'tab'",
	AT(delimiter)},
    {0, OPT_FLAG, "crlf", NULL, "csv: end lines with CR and LF", AT(crlf)},
    {0, OPT_FLAG, "bom", NULL, "csv: begin with a byte order mark", AT(bom)},
    {0, OPT_TEXT, "template", "FILE", "fill in FILE for each record",
	AT(template)},
    {0, OPT_TEXT, "for", "PURPOSE", "only who has consented to PURPOSE",
	AT(purpose)},
    {0, OPT_FLAG, "lenient", NULL, "take quotes as they come", AT(lenient)},
    {0, OPT_TEXT, "profile", "NAME", "columns as the program NAME has them",
	AT(profile)},
    {0, OPT_TEXT, "map", "FILE", "columns as FILE says", AT(map)},
    {0, OPT_TEXT, "rejects", "FILE", "write refused rows to FILE", AT(rejects)},
    {0, OPT_TEXT, "encoding", "NAME", "the input is in this encoding",
	AT(encoding)},
    {0, OPT_FLAG, "suggest", NULL, "print a profile for the file", AT(suggest)},
};

enum {
	ALWAYS = 7, /* the first entries of the table */
	WRAPPER_ALWAYS = 2,
	HELP_LINES = 24,
	LONG_ONLY = 0x100 /* getopt's value of entry i is this plus i */
};

const char *
opts_describe(size_t i, int *letter, const char **long_name, const char **arg)
{
	if (i >= ARRAY_LEN(table))
		return NULL;
	*letter = table[i].letter;
	*long_name = table[i].name;
	*arg = table[i].arg;
	return table[i].help;
}

/* The name in an entry of a command's list; behind it stands what -h says. */
static struct str
entry_name(const char *entry)
{
	struct str rest = str_from(entry);
	return str_cut(&rest, ':');
}

/* The option that an entry names, in the words of the entry. False when there
 * is no such name. HOLD keeps the words. */
static bool
table_find(const char *entry, struct buf *hold, struct option_def *out)
{
	struct str rest = str_from(entry);
	struct str name = str_cut(&rest, ':');
	size_t i = 0;

	while (i < ARRAY_LEN(table) && !str_is(name, table[i].name))
		i++;
	if (i == ARRAY_LEN(table))
		return false;
	*out = table[i];
	if (rest.p == NULL)
		return true;
	struct str arg = str_cut(&rest, ':');
	buf_reset(hold);
	buf_add(hold, arg);
	buf_addc(hold, '\0');
	buf_add(hold, rest);
	if (hold->failed)
		return true;
	out->arg = arg.n > 0 ? hold->p : NULL;
	out->help = hold->p + arg.n + 1;
	return true;
}

/* What stands for option I in the command's list; NULL when nothing does. */
static const char *
entry_of(const struct command *cmd, size_t i)
{
	for (size_t k = 0; cmd->takes != NULL && cmd->takes[k] != NULL; k++)
		if (cmd->takes[k][0] == table[i].name[0] &&
		    str_is(entry_name(cmd->takes[k]), table[i].name))
			return cmd->takes[k];
	return NULL;
}

static bool
command_takes(const struct command *cmd, size_t i)
{
	return i < (cmd->wrapper ? WRAPPER_ALWAYS : ALWAYS) ||
	       entry_of(cmd, i) != NULL;
}

/* ---- help ------------------------------------------------------------- */

static void
lines_indent(
    struct buf *out, const char *first, const char *next, const char *lines)
{
	struct str rest = str_from(lines);
	for (const char *lead = first; rest.p != NULL; lead = next) {
		struct str line = str_cut(&rest, '\n');
		if (line.n == 0)
			continue;
		buf_addz(out, lead);
		buf_add(out, line);
		buf_addc(out, '\n');
	}
}

static void
option_line(struct buf *out, const struct option_def *d)
{
	enum { HELP_COLUMN = 27 };
	size_t start = out->n;

	if (d->letter != 0)
		buf_addf(out, "  -%c, ", d->letter);
	else
		buf_addz(out, "      ");
	buf_addf(out, "--%s", d->name);
	if (d->arg != NULL)
		buf_addf(out, " %s", d->arg);
	do {
		buf_addc(out, ' ');
	} while (!out->failed && out->n - start < HELP_COLUMN);
	buf_addz(out, d->help);
	buf_addc(out, '\n');
}

static size_t
lines_count(const struct buf *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++)
		n += b->p[i] == '\n';
	return n;
}

void
opts_help(const struct command *cmd, struct buf *out)
{
	struct buf examples = {0}, hold = {0};
	struct option_def d;

	lines_indent(out, "usage: ", "       ", cmd->synopsis);
	for (size_t k = 0; cmd->takes != NULL && cmd->takes[k] != NULL; k++)
		if (table_find(cmd->takes[k], &hold, &d))
			option_line(out, &d);
	if (cmd->wrapper)
		buf_addz(out, "  -h, -V                   as everywhere, "
			      "see crm(7)\n");
	else
		buf_addz(out, "  -h -V -q -v -S DIR --today WHEN --color WHEN"
			      "  as everywhere, see crm(7)\n");
	lines_indent(&examples, "  ", "  ", cmd->examples);
	if (lines_count(out) + lines_count(&examples) + 1 <= HELP_LINES)
		buf_addz(out, "examples:\n");
	buf_add(out, str_of(&examples));
	out->failed |= examples.failed || hold.failed;
	buf_clear(&examples);
	buf_clear(&hold);
}

/* Writes TEXT to standard output; the exit status. */
static int
text_print(const struct command *cmd, const struct buf *text)
{
	struct diag dg = {0};
	struct out out = {.fd = 1};

	buf_add(&out.buf, str_of(text));
	out.buf.failed |= text->failed;
	enum crm_err err = out_close(&out, true, &dg);
	msg_diag(cmd->name, &dg, err);
	diag_clear(&dg);
	return (int)err;
}

static int
help_print(const struct command *cmd)
{
	struct buf text = {0};
	opts_help(cmd, &text);
	int status = text_print(cmd, &text);
	buf_clear(&text);
	return status;
}

static int
version_print(const struct command *cmd)
{
	struct buf text = {0};
	buf_addf(&text, "%s %s\n", cmd->name, CRM_VERSION);
	int status = text_print(cmd, &text);
	buf_clear(&text);
	return status;
}

/* ---- wrong calls ------------------------------------------------------ */

/* Says what is wrong and where to look; returns CRM_USAGE. */
static int
wrong(const struct command *cmd, const struct buf *why)
{
	msg_say(cmd->name, "%s; see %s -h", buf_z(why), cmd->name);
	return CRM_USAGE;
}

static void
unknown_long(const struct command *cmd, struct str word, struct buf *why)
{
	struct str name = str_head(word, str_chr(word, '='));
	struct near near = {.word = name};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (str_is(name, table[i].name)) {
			buf_addf(why, "takes no --%s", table[i].name);
			return;
		}
		if (command_takes(cmd, i))
			near_offer(&near, str_from(table[i].name));
	}
	buf_addf(why, "unknown option --%.*s", STR_ARG(name));
	if (near.best.n > 0)
		buf_addf(why, "; nearest is --%.*s", STR_ARG(near.best));
}

/* A name that several options of the command start with. */
static bool
ambiguous_long(const struct command *cmd, struct str word, struct buf *why)
{
	struct str name = str_head(word, str_chr(word, '='));
	struct buf names = {0};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (!command_takes(cmd, i) ||
		    !str_starts(str_from(table[i].name), name))
			continue;
		buf_addf(&names, " --%s", table[i].name);
		n++;
	}
	if (n > 1)
		buf_addf(why, "--%.*s may be%s", STR_ARG(name), buf_z(&names));
	buf_clear(&names);
	return n > 1;
}

static void
unknown_letter(int letter, const char *word, struct buf *why)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].letter == letter) {
			buf_addf(
			    why, "takes no -%c (--%s)", letter, table[i].name);
			break;
		}
	if (why->n == 0)
		buf_addf(why, "unknown option -%c", letter);
	if (letter >= '0' && letter <= '9')
		buf_addf(why, "; put -- before %s when it is no option", word);
}

static const struct option_def *
table_entry(int value)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (value == (int)(LONG_ONLY + i) ||
		    (table[i].letter != 0 && value == table[i].letter))
			return &table[i];
	return NULL;
}

static void
missing_argument(const struct command *cmd, const struct option_def *d,
    const char *word, struct buf *why)
{
	const char *entry = entry_of(cmd, (size_t)(d - table));
	struct option_def own = *d;
	struct buf hold = {0};

	if (entry != NULL)
		(void)table_find(entry, &hold, &own);
	buf_addf(why, "%s needs an argument: %s", word, own.arg);
	buf_clear(&hold);
}

/* getopt refused ARGV: finds out why. */
static int
refused(const struct command *cmd, int argc, char **argv, bool missing)
{
	struct buf why = {0};
	/* Behind the last letter of a word optind has moved on; before that
	 * it still stands on the word. */
	const char *here = optind < argc ? argv[optind] : "";
	const char *last = argv[optind > 1 ? optind - 1 : 0];
	const char *word = optopt != 0 && here[0] == '-' && here[1] != '-' &&
				   strchr(here, optopt) != NULL
			       ? here
			       : last;
	const struct option_def *d = table_entry(optopt);

	if (missing && d != NULL)
		missing_argument(cmd, d, last, &why);
	else if (last[0] == '-' && last[1] == '-' && d != NULL)
		buf_addf(&why, "--%s takes no argument", d->name);
	else if (optopt != 0)
		unknown_letter(optopt, word, &why);
	else if (!ambiguous_long(cmd, str_from(last + 2), &why))
		unknown_long(cmd, str_from(last + 2), &why);
	int status = wrong(cmd, &why);
	buf_clear(&why);
	return status;
}

/* ---- one option ------------------------------------------------------- */

static bool
word_allowed(const char *list, const char *word)
{
	for (struct str rest = str_from(list); rest.p != NULL;)
		if (str_is(str_cut(&rest, '|'), word))
			return true;
	return false;
}

static bool
value_set(struct opts *o, const struct option_def *d, const char *value,
    struct buf *why)
{
	char *member = (char *)o + d->at;

	switch (d->kind) {
	case OPT_FLAG:
		*(bool *)(void *)member = true;
		return true;
	case OPT_NUMBER:
		if (num_u64(str_from(value), (uint64_t *)(void *)member))
			return true;
		buf_addf(why, "-%c: '%s' is no number of rows; write -%c 10",
		    d->letter, value, d->letter);
		return false;
	case OPT_WORD:
	case OPT_EMPTY:
		if (!word_allowed(d->arg, value)) {
			buf_addf(why, "--%s: unknown word '%s'; write %s",
			    d->name, value, d->arg);
			return false;
		}
		if (d->kind == OPT_EMPTY) {
			*(bool *)(void *)member = strcmp(value, "clear") == 0;
			return true;
		}
		break;
	default:
		break;
	}
	*(const char **)(void *)member = value;
	return true;
}

/* ---- all of them ------------------------------------------------------ */

/* What getopt_long is given. */
struct spec {
	char letters[2 + 2 * ARRAY_LEN(table) + 1];
	struct option longs[ARRAY_LEN(table) + 1];
};

static void
spec_init(struct spec *s, const struct command *cmd)
{
	size_t n = 0, m = 0;

	*s = (struct spec){0};
	if (cmd->wrapper)
		s->letters[n++] = '+';
	s->letters[n++] = ':';
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		const struct option_def *d = &table[i];
		if (!command_takes(cmd, i))
			continue;
		if (d->letter != 0)
			s->letters[n++] = (char)d->letter;
		if (d->letter != 0 && d->arg != NULL)
			s->letters[n++] = ':';
		s->longs[m++] = (struct option){
		    .name = d->name,
		    .has_arg = d->arg ? required_argument : no_argument,
		    .val = d->letter ? d->letter : (int)(LONG_ONLY + i),
		};
	}
}

/*
 * getopt moves operands behind the options and "--" with them; where it stood
 * is found again by its address in the list as it was.
 */
static int
operands_before(char *const *was, int argc, char **argv, const char *last_arg)
{
	int operands = argc - optind;
	const char *end = optind > 1 ? argv[optind - 1] : NULL;

	if (end == NULL || end == last_arg || strcmp(end, "--") != 0)
		return operands;
	for (int i = 1; i < argc; i++)
		if (was[i] == end)
			return operands - (argc - i - 1);
	return operands;
}

/* -1 to go on, else the exit status. */
static int
options_walk(struct opts *o, const struct command *cmd, int argc, char **argv,
    const char **last_arg)
{
	struct spec spec;
	struct buf why = {0};
	int status = -1;
	int got;

	spec_init(&spec, cmd);
	while (status < 0 && (got = getopt_long(argc, argv, spec.letters,
				  spec.longs, NULL)) != -1) {
		const struct option_def *d = table_entry(got);
		*last_arg = optarg;
		if (got == '?' || got == ':' || d == NULL)
			status = refused(cmd, argc, argv, got == ':');
		else if (d->kind == OPT_HELP)
			status = help_print(cmd);
		else if (d->kind == OPT_VERSION)
			status = version_print(cmd);
		else if (!value_set(o, d, optarg, &why))
			status = wrong(cmd, &why);
	}
	buf_clear(&why);
	return status;
}

int
opts_parse(struct opts *o, const struct command *cmd, int argc, char **argv)
{
	const char *last_arg = NULL;
	size_t words = argc > 0 ? (size_t)argc : 0;

	*o = (struct opts){.limit = UINT64_MAX};
	if (words == 0) /* someone gave execve an empty list */
		return -1;
	char **was = malloc(words * sizeof(*was));
	if (was == NULL) {
		msg_diag(cmd->name, &(struct diag){0}, CRM_TEMP);
		return CRM_TEMP;
	}
	memcpy(was, argv, words * sizeof(*was));
	opterr = 0;
	optind = 0; /* from the start, also when called again */
	int status = options_walk(o, cmd, argc, argv, &last_arg);
	o->operand = optind;
	o->before_dashes = operands_before(was, argc, argv, last_arg);
	free(was);
	return status;
}
