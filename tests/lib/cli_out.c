/* SPDX-License-Identifier: ISC */
/* out: what is written, what is kept, what is remembered of a failure. */
#include "cli/out.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static char file[128];

static int
setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/crm-test-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/out", folder);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(file);
	/* Fails, and the test with it, when anything else is left there. */
	return rmdir(folder);
}

static void
file_is(const char *want)
{
	char text[256];
	int fd = open(file, O_RDONLY);
	assert_true(fd >= 0);
	ptrdiff_t n = read(fd, text, sizeof(text) - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	assert_string_equal(text, want);
}

static void
file_write(const char *text, mode_t mode)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
test_new_file(void **state)
{
	struct out out;
	struct diag dg = {0};

	(void)state;
	assert_int_equal(out_open(&out, file, &dg), CRM_OK);
	buf_addz(&out.buf, "one\n");
	assert_int_equal(out_drain(&out, &dg), CRM_OK);
	assert_int_equal(out.buf.n, 4); /* not yet worth a write */
	assert_int_equal(access(file, F_OK), -1);
	assert_int_equal(out_close(&out, true, &dg), CRM_OK);
	file_is("one\n");
}

static void
test_replaced_only_when_whole(void **state)
{
	struct out out;
	struct diag dg = {0};
	struct stat st;

	(void)state;
	file_write("before\n", 0640);
	assert_int_equal(out_open(&out, file, &dg), CRM_OK);
	buf_addz(&out.buf, "half");
	assert_int_equal(out_flush(&out, &dg), CRM_OK);
	file_is("before\n");
	assert_int_equal(out_close(&out, false, &dg), CRM_OK);
	file_is("before\n");

	assert_int_equal(out_open(&out, file, &dg), CRM_OK);
	buf_addz(&out.buf, "after\n");
	assert_int_equal(out_close(&out, true, &dg), CRM_OK);
	file_is("after\n");
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void
test_link_stays_a_link(void **state)
{
	struct out out;
	struct diag dg = {0};
	struct stat st;
	char name[160];

	(void)state;
	snprintf(name, sizeof(name), "%s/link", folder);
	file_write("before\n", 0600);
	assert_int_equal(symlink(file, name), 0);
	assert_int_equal(out_open(&out, name, &dg), CRM_OK);
	buf_addz(&out.buf, "x\n");
	assert_int_equal(out_close(&out, true, &dg), CRM_OK);
	assert_int_equal(lstat(name, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	file_is("x\n");
	unlink(name);
}

static void
test_where_there_is_no_folder(void **state)
{
	struct out out;
	struct diag dg = {0};

	(void)state;
	assert_int_equal(out_open(&out, "/nowhere/at/all", &dg), CRM_IO);
	assert_string_equal(
	    diag_text(&dg), "/nowhere/at/all: No such file or directory");
	diag_clear(&dg);
}

static void
test_full(void **state)
{
	struct out out;
	struct diag dg = {0};

	(void)state;
	assert_int_equal(out_open(&out, "/dev/full", &dg), CRM_OK);
	buf_addz(&out.buf, "one\n");
	assert_int_equal(out_flush(&out, &dg), CRM_IO);
	assert_string_equal(
	    diag_text(&dg), "/dev/full: No space left on device");
	assert_int_equal(out.error, ENOSPC);
	/* From then on every step says so, and nothing piles up. */
	buf_addz(&out.buf, "two\n");
	assert_int_equal(out_drain(&out, &dg), CRM_IO);
	assert_int_equal(out.buf.n, 0);
	assert_int_equal(out_close(&out, true, &dg), CRM_IO);
	diag_clear(&dg);
}

static void
test_out_of_memory(void **state)
{
	struct out out;
	struct diag dg = {0};

	(void)state;
	assert_int_equal(out_open(&out, file, &dg), CRM_OK);
	out.buf.failed = true;
	assert_int_equal(out_drain(&out, &dg), CRM_TEMP);
	assert_int_equal(out_close(&out, true, &dg), CRM_TEMP);
	assert_int_equal(access(file, F_OK), -1);
	diag_clear(&dg);
}

/* A pipe that is full for a while and does not block is waited for. */
static void
test_pipe_that_does_not_block(void **state)
{
	struct out out = {.fd = -1};
	struct diag dg = {0};
	int fd[2];
	enum { MUCH = 1 << 20 };

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(fcntl(fd[1], F_SETFL, O_NONBLOCK), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		static char sink[4096];
		size_t seen = 0;
		ptrdiff_t n;
		close(fd[1]);
		while ((n = read(fd[0], sink, sizeof(sink))) > 0)
			seen += (size_t)n;
		_exit(seen == MUCH ? 0 : 1);
	}
	close(fd[0]);
	out.fd = fd[1];
	char *p = buf_room(&out.buf, MUCH);
	assert_non_null(p);
	memset(p, 'x', MUCH);
	out.buf.n = MUCH;
	assert_int_equal(out_close(&out, true, &dg), CRM_OK);
	int status = -1;
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_new_file, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_replaced_only_when_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_link_stays_a_link, setup, teardown),
	    cmocka_unit_test(test_where_there_is_no_folder),
	    cmocka_unit_test(test_full),
	    cmocka_unit_test_setup_teardown(
		test_out_of_memory, setup, teardown),
	    cmocka_unit_test(test_pipe_that_does_not_block),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
