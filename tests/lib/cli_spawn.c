/* SPDX-License-Identifier: ISC */
/* spawn and term: programs without a shell, sizes and colours. */
#include "cli/rooms.h"
#include "cli/spawn.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static int
run(const char *command, const char *last)
{
	pid_t pid = spawn_start(command, last, -1);
	return pid < 0 ? -errno : spawn_wait(pid);
}

static void
test_status(void **state)
{
	(void)state;
	assert_int_equal(run("true", NULL), 0);
	assert_int_equal(run("false", NULL), 1);
	assert_int_equal(run("test 1 -eq 1", NULL), 0);
	assert_int_equal(run(" \t test  a\t= ", "a"), 0);
}

static void
test_no_shell(void **state)
{
	(void)state;
	/* One word each: nothing is expanded, quoted or chained. */
	assert_int_equal(run("test $HOME = ", "$HOME"), 0);
	assert_int_equal(run("test 'a' = ", "'a'"), 0);
	assert_int_equal(run("test x = ", "x; false"), 1);
	assert_int_equal(run("test two\\ words = ", ""), 2);
}

static void
test_not_there(void **state)
{
	(void)state;
	assert_int_equal(run("/nowhere/at/all", NULL), -ENOENT);
	assert_int_equal(run("", NULL), -ENOENT);
	assert_int_equal(run("   ", "x"), -ENOENT);
	assert_int_equal(run("/", NULL), -EACCES);
}

static void
test_signal(void **state)
{
	(void)state;
	pid_t pid = spawn_start("sleep 1000", NULL, -1);
	assert_true(pid > 0);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(spawn_wait(pid), 128 + SIGTERM);
	assert_int_equal(spawn_wait(pid), -1);
}

static void
test_input(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "hello\n", 6), 6);
	close(fd[1]);
	pid_t pid = spawn_start("grep -q", "hello", fd[0]);
	close(fd[0]);
	assert_true(pid > 0);
	assert_int_equal(spawn_wait(pid), 0);
}

static void
test_colour(void **state)
{
	(void)state;
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	assert_true(term_colour(NULL, true));
	assert_true(term_colour("auto", true));
	assert_false(term_colour(NULL, false));
	assert_true(term_colour("always", false));
	assert_false(term_colour("never", true));
	setenv("NO_COLOR", "", 1);
	assert_true(term_colour(NULL, true));
	setenv("NO_COLOR", "1", 1);
	assert_false(term_colour(NULL, true));
	assert_true(term_colour("always", true));
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	assert_false(term_colour(NULL, true));
	unsetenv("TERM");
	assert_false(term_colour(NULL, true));
}

static void
test_size_without_a_terminal(void **state)
{
	size_t columns, lines;
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	unsetenv("COLUMNS");
	unsetenv("LINES");
	term_size(fd[0], &columns, &lines);
	assert_int_equal(columns, 0);
	assert_int_equal(lines, 0);
	setenv("COLUMNS", "132", 1);
	setenv("LINES", "-3", 1);
	term_size(fd[0], &columns, &lines);
	assert_int_equal(columns, 132);
	assert_int_equal(lines, 0);
	setenv("COLUMNS", "99999999999999999999999", 1);
	term_size(fd[0], &columns, &lines);
	assert_int_equal(columns, 0);
	close(fd[0]);
	close(fd[1]);
}

static void
test_question_without_a_terminal(void **state)
{
	static const struct command command = {.name = "crm-test"};
	struct cli c = {.cmd = &command};
	bool yes = true;

	(void)state;
	assert_int_equal(cli_confirm(&c, "delete 3 records?", &yes), CRM_USAGE);
	assert_false(yes);
	assert_non_null(strstr(diag_text(&c.diag), "delete 3 records?"));
	assert_non_null(strstr(diag_text(&c.diag), "write -y"));
	c.opt.yes = true;
	assert_int_equal(cli_confirm(&c, "delete?", &yes), CRM_OK);
	assert_true(yes);
	diag_clear(&c.diag);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_status),
	    cmocka_unit_test(test_no_shell),
	    cmocka_unit_test(test_not_there),
	    cmocka_unit_test(test_signal),
	    cmocka_unit_test(test_input),
	    cmocka_unit_test(test_colour),
	    cmocka_unit_test(test_size_without_a_terminal),
	    cmocka_unit_test(test_question_without_a_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
