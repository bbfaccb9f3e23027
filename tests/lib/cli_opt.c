/* SPDX-License-Identifier: ISC */
/* opt: the table, getopt's cases, what is said to a wrong call. */
#include "cli/opt.h"

#include "base/str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const takes[] = {"fields", "limit", "reason", "null",
    "empty", "ties", "output", "output", NULL};
static const struct command find = {
    .name = "crm-find",
    .synopsis = "crm-find [-f FIELDS] [QUERY...]\ncrm-find -",
    .examples = "crm-find one\ncrm-find two\ncrm-find three",
    .takes = takes,
};
static const struct command body = {
    .name = "crm-body",
    .synopsis = "crm-body COMMAND",
    .examples = "crm-body sort",
    .wrapper = true,
};

/* What a parse printed on standard output and standard error. */
struct said {
	char out[4096], err[4096];
};

static void
fd_take(int fd, int file, int was, char *text, size_t room)
{
	lseek(file, 0, SEEK_SET);
	ptrdiff_t n = read(file, text, room - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	dup2(was, fd);
	close(was);
	close(file);
}

static int
file_new(void)
{
	char name[] = "/tmp/crm-test-XXXXXX";
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	unlink(name);
	return fd;
}

enum { WORDS = 12 };

/* Parses WORDS, blank-separated. */
static int
parse(struct opts *o, const struct command *cmd, const char *words,
    struct said *said, char **argv)
{
	static char text[256];
	int argc = 0;

	snprintf(text, sizeof(text), "%s", words);
	for (char *p = text; p != NULL;) {
		assert_true(argc < WORDS - 1);
		argv[argc++] = p;
		p = strchr(p, ' ');
		if (p != NULL)
			*p++ = '\0';
	}
	argv[argc] = NULL;
	int was_out = dup(1), was_err = dup(2);
	int out = file_new(), err = file_new();
	dup2(out, 1);
	dup2(err, 2);
	int status = opts_parse(o, cmd, argc, argv);
	fd_take(1, out, was_out, said->out, sizeof(said->out));
	fd_take(2, err, was_err, said->err, sizeof(said->err));
	return status;
}

static void
test_values(void **state)
{
	struct opts o;
	struct said said;
	char *argv[WORDS];

	(void)state;
	assert_int_equal(parse(&o, &find, "crm-find", &said, argv), -1);
	assert_true(o.limit == UINT64_MAX);
	assert_int_equal(o.operand, 1);
	assert_int_equal(
	    parse(&o, &find, "x a -qf id,name --limit=7 b -S /s --reason why",
		&said, argv),
	    -1);
	assert_true(o.quiet);
	assert_false(o.verbose);
	assert_string_equal(o.fields, "id,name");
	assert_true(o.limit == 7);
	assert_string_equal(o.store, "/s");
	assert_string_equal(o.reason, "why");
	assert_string_equal(argv[o.operand], "a");
	assert_string_equal(argv[o.operand + 1], "b");
	assert_string_equal(said.err, "");
}

static void
test_words_of_a_choice(void **state)
{
	struct opts o;
	struct said said;
	char *argv[WORDS];

	(void)state;
	assert_int_equal(
	    parse(&o, &find, "x --empty clear --ties split", &said, argv), -1);
	assert_true(o.clear_empty);
	assert_string_equal(o.ties, "split");
	assert_int_equal(parse(&o, &find, "x --empty keep", &said, argv), -1);
	assert_false(o.clear_empty);
	assert_int_equal(parse(&o, &find, "x --color blue", &said, argv), 2);
	assert_string_equal(said.err,
	    "crm-find: --color: unknown word 'blue'; write "
	    "auto|always|never; see crm-find -h\n");
	assert_int_equal(parse(&o, &find, "x --ties spl", &said, argv), 2);
	assert_int_equal(parse(&o, &find, "x --empty split", &said, argv), 2);
}

static void
test_wrong_numbers(void **state)
{
	static const char *const bad[] = {"x -l ten", "x -l -1", "x -l 1x",
	    "x -l 99999999999999999999", "x -l 0x10", "x -l +"};
	struct opts o;
	struct said said;
	char *argv[WORDS];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(parse(&o, &find, bad[i], &said, argv), 2);
		assert_non_null(strstr(
		    said.err, " is no number of rows; write -l 10; see "));
	}
	assert_int_equal(parse(&o, &find, "x -l 0", &said, argv), -1);
	assert_true(o.limit == 0);
}

static void
test_dashes(void **state)
{
	struct opts o;
	struct said said;
	char *argv[WORDS];

	(void)state;
	assert_int_equal(
	    parse(&o, &find, "x a -q b -- -c a=b", &said, argv), -1);
	assert_string_equal(argv[o.operand], "a");
	assert_string_equal(argv[o.operand + 2], "-c");
	assert_int_equal(o.before_dashes, 2);
	/* The argument of -m is no end of the options. */
	assert_int_equal(parse(&o, &find, "x -m -- a -q", &said, argv), -1);
	assert_string_equal(o.reason, "--");
	assert_true(o.quiet);
	assert_int_equal(o.before_dashes, 1);
	assert_int_equal(parse(&o, &find, "x --", &said, argv), -1);
	assert_int_equal(o.before_dashes, 0);
	assert_int_equal(parse(&o, &find, "x -- -- a", &said, argv), -1);
	assert_string_equal(argv[o.operand], "--");
	assert_int_equal(o.before_dashes, 0);
	assert_int_equal(parse(&o, &find, "x a -", &said, argv), -1);
	assert_string_equal(argv[o.operand + 1], "-");
}

static void
test_posix_order(void **state)
{
	struct opts o;
	struct said said;
	char *argv[WORDS];

	(void)state;
	setenv("POSIXLY_CORRECT", "1", 1);
	assert_int_equal(parse(&o, &find, "x a -q", &said, argv), -1);
	unsetenv("POSIXLY_CORRECT");
	assert_false(o.quiet);
	assert_string_equal(argv[o.operand + 1], "-q");
	assert_int_equal(parse(&o, &body, "x sort -V", &said, argv), -1);
	assert_string_equal(argv[o.operand + 1], "-V");
}

static void
test_unknown(void **state)
{
	static const struct {
		const char *words, *said;
	} cases[] = {
	    {"x --feilds id", "unknown option --feilds; nearest is --fields"},
	    {"x --feilds=id", "unknown option --feilds; nearest is --fields"},
	    {"x --zzzzzzzz", "unknown option --zzzzzzzz"},
	    {"x --recursive", "takes no --recursive"},
	    {"x -r", "takes no -r (--recursive)"},
	    {"x -qZ", "unknown option -Z"},
	    {"x -90d",
		"unknown option -9; put -- before -90d when it is no option"},
	    {"x a -9 b",
		"unknown option -9; put -- before -9 when it is no option"},
	    {"x -f", "-f needs an argument: FIELDS"},
	    {"x --fields", "--fields needs an argument: FIELDS"},
	    {"x --quiet=yes", "--quiet takes no argument"},
	    {"x --ver", "--ver may be --version --verbose"},
	};
	struct opts o;
	struct said said;
	char *argv[WORDS];
	char want[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(
		    parse(&o, &find, cases[i].words, &said, argv), 2);
		snprintf(want, sizeof(want), "crm-find: %s; see crm-find -h\n",
		    cases[i].said);
		assert_string_equal(said.err, want);
		assert_string_equal(said.out, "");
	}
}

static void
test_control_bytes(void **state)
{
	struct opts o;
	struct said said;
	char *argv[WORDS];

	(void)state;
	assert_int_equal(parse(&o, &find, "x --\033[31m", &said, argv), 2);
	assert_null(strchr(said.err, '\033'));
	assert_int_equal(parse(&o, &find, "x -\033", &said, argv), 2);
	assert_null(strchr(said.err, '\033'));
	assert_int_equal(parse(&o, &find, "x -\303\274", &said, argv), 2);
}

static void
test_help(void **state)
{
	struct opts o;
	struct said said;
	char *argv[WORDS];

	(void)state;
	assert_int_equal(parse(&o, &find, "x -h", &said, argv), 0);
	assert_string_equal(said.err, "");
	assert_ptr_equal(strstr(said.out, "usage: crm-find [-f FIELDS] "
					  "[QUERY...]\n       crm-find -\n"),
	    said.out);
	assert_non_null(strstr(said.out, "\n  -f, --fields FIELDS "));
	assert_non_null(strstr(said.out, "examples:\n  crm-find one\n"));
	assert_int_equal(parse(&o, &find, "x --help", &said, argv), 0);
	assert_int_equal(parse(&o, &find, "x -V", &said, argv), 0);
	assert_string_equal(said.out, "crm-find " CRM_VERSION "\n");
}

/* A command may say for itself what an option means there. */
static void
test_own_words(void **state)
{
	static const char *const own[] = {"after:TXN:later than this",
	    "force::whatever it costs", "by", NULL};
	static const struct command history = {.name = "crm-history",
	    .synopsis = "crm-history",
	    .examples = "crm-history log",
	    .takes = own};
	struct opts o;
	struct said said;
	char *argv[WORDS];

	(void)state;
	assert_int_equal(parse(&o, &history, "x -h", &said, argv), 0);
	assert_non_null(
	    strstr(said.out, "\n      --after TXN          later than this\n"));
	assert_non_null(strstr(
	    said.out, "\n      --force              whatever it costs\n"));
	assert_non_null(strstr(said.out, "\n      --by USER "));
	assert_int_equal(parse(&o, &history, "x --after", &said, argv), 2);
	assert_non_null(strstr(said.err, "--after needs an argument: TXN;"));
	assert_int_equal(
	    parse(&o, &history, "x --after 3 --force --by me", &said, argv),
	    -1);
	assert_string_equal(o.after, "3");
	assert_string_equal(o.by, "me");
	assert_true(o.force);
	assert_int_equal(parse(&o, &history, "x --forse", &said, argv), 2);
	assert_non_null(strstr(said.err, "nearest is --force"));
}

static void
test_import_and_export(void **state)
{
	static const char *const all[] = {"raw", "delimiter", "crlf", "bom",
	    "template", "for", "lenient", "profile", "map", "rejects",
	    "encoding", "suggest", "all", NULL};
	static const struct command both = {.name = "crm-both",
	    .synopsis = "crm-both",
	    .examples = "crm-both x",
	    .takes = all};
	struct opts o;
	struct said said;
	char *argv[WORDS];

	(void)state;
	assert_int_equal(
	    parse(&o, &both, "x --raw --crlf --bom --lenient --suggest -a",
		&said, argv),
	    -1);
	assert_true(
	    o.raw && o.crlf && o.bom && o.lenient && o.suggest && o.all);
	assert_int_equal(
	    parse(&o, &both,
		"x --delimiter ; --template l --for p --profile=g f", &said,
		argv),
	    -1);
	assert_string_equal(o.delimiter, ";");
	assert_string_equal(o.template, "l");
	assert_string_equal(o.purpose, "p");
	assert_string_equal(o.profile, "g");
	assert_string_equal(argv[o.operand], "f");
	assert_int_equal(
	    parse(&o, &both, "x --map m --rejects r --encoding latin-1", &said,
		argv),
	    -1);
	assert_string_equal(o.map, "m");
	assert_string_equal(o.rejects, "r");
	assert_string_equal(o.encoding, "latin-1");
	assert_false(o.raw || o.suggest);
}

/* No letter and no name stands twice: they mean one thing everywhere. */
static void
test_table(void **state)
{
	const char *name, *arg, *other, *other_arg;
	int letter, other_letter;

	(void)state;
	for (size_t i = 0; opts_describe(i, &letter, &name, &arg); i++)
		for (size_t k = 0; k < i; k++) {
			assert_non_null(opts_describe(
			    k, &other_letter, &other, &other_arg));
			assert_string_not_equal(name, other);
			assert_true(letter == 0 || letter != other_letter);
		}
}

static void
test_no_words_at_all(void **state)
{
	struct opts o;
	char *argv[] = {NULL};

	(void)state;
	assert_int_equal(opts_parse(&o, &find, 0, argv), -1);
	assert_int_equal(o.before_dashes, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_words_of_a_choice),
	    cmocka_unit_test(test_wrong_numbers),
	    cmocka_unit_test(test_dashes),
	    cmocka_unit_test(test_posix_order),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_control_bytes),
	    cmocka_unit_test(test_help),
	    cmocka_unit_test(test_own_words),
	    cmocka_unit_test(test_import_and_export),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_no_words_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
