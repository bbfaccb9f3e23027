/* SPDX-License-Identifier: ISC */
/* spawn: fork and exec that tell whether the program was there. */
#include "cli/spawn.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* The words of COMMAND and LAST as execvp wants them, in one allocation. */
static char **
words_new(const char *command, const char *last)
{
	size_t n = strlen(command);
	size_t max = n / 2 + 3;
	char **argv = malloc(max * sizeof(*argv) + n + 1);
	if (argv == NULL)
		return NULL;

	char *text = (char *)(argv + max);
	size_t argc = 0;
	memcpy(text, command, n + 1);
	for (char *p = text; *p != '\0';) {
		size_t blank = strspn(p, " \t\n");
		memset(p, 0, blank);
		p += blank;
		size_t word = strcspn(p, " \t\n");
		if (word > 0)
			argv[argc++] = p;
		p += word;
	}
	if (argc > 0 && last != NULL) {
		union {
			const char *in;
			char *out; /* execvp leaves it alone */
		} word = {.in = last};
		argv[argc++] = word.out;
	}
	argv[argc] = NULL;
	return argv;
}

/* In the child: becomes the program, or tells the parent why not. */
_Noreturn static void
child_run(char **argv, int in, int report)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	if (in < 0 || dup2(in, STDIN_FILENO) >= 0)
		execvp(argv[0], argv);
	int error = errno;
	ptrdiff_t n = write(report, &error, sizeof(error));
	_exit(n < 0 ? 126 : 127);
}

/* 0 when the program runs, else the errno of its exec. */
static int
report_read(int fd)
{
	int error = 0;
	ptrdiff_t n;
	do {
		n = read(fd, &error, sizeof(error));
	} while (n < 0 && errno == EINTR);
	return n == (ptrdiff_t)sizeof(error) ? error : 0;
}

static bool
report_open(int fd[2])
{
	if (pipe(fd) != 0)
		return false;
	return fcntl(fd[0], F_SETFD, FD_CLOEXEC) == 0 &&
	       fcntl(fd[1], F_SETFD, FD_CLOEXEC) == 0;
}

pid_t
spawn_words(char **argv, int in)
{
	int report[2] = {-1, -1};
	int error = 0;
	pid_t pid = -1;

	if (!report_open(report)) {
		error = errno;
		goto out;
	}
	pid = fork();
	if (pid < 0)
		error = errno;
	if (pid == 0)
		child_run(argv, in, report[1]);
	close(report[1]);
	report[1] = -1;
	if (pid > 0)
		error = report_read(report[0]);
	if (pid > 0 && error != 0)
		spawn_wait(pid);
out:
	if (report[0] >= 0)
		close(report[0]);
	if (report[1] >= 0)
		close(report[1]);
	errno = error;
	return error ? -1 : pid;
}

pid_t
spawn_start(const char *command, const char *last, int in)
{
	char **argv = words_new(command, last);
	pid_t pid = -1;
	int error = errno;

	if (argv != NULL && argv[0] != NULL) {
		pid = spawn_words(argv, in);
		error = errno;
	} else if (argv != NULL) {
		error = ENOENT;
	}
	free(argv);
	errno = error;
	return pid;
}

int
spawn_wait(pid_t pid)
{
	int status = 0;
	pid_t got;
	do {
		got = waitpid(pid, &status, 0);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -1;
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}
