/* SPDX-License-Identifier: ISC */
/*
 * kill-at [-1] N COMMAND...: runs COMMAND and, right before the N-th call of
 * the system that changes something on a disk or the like, by it or by what it
 * started, kills all of them with SIGKILL; with -1 only the process that was
 * about to make that call. Says on standard error which call it was. The exit
 * status is the command's; 137 when it was killed. N = 0 kills nothing.
 */
#define _GNU_SOURCE /* ptrace, __WALL */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The argument that holds the flags, where only O_CREAT counts. */
enum { ALWAYS = -1 };

static const struct point {
	long nr;
	const char *name;
	int flags;
} points[] = {
    {SYS_write, "write", ALWAYS},
    {SYS_writev, "writev", ALWAYS},
    {SYS_pwrite64, "pwrite", ALWAYS},
    {SYS_pwritev, "pwritev", ALWAYS},
    {SYS_fsync, "fsync", ALWAYS},
    {SYS_fdatasync, "fdatasync", ALWAYS},
    {SYS_msync, "msync", ALWAYS},
    {SYS_ftruncate, "ftruncate", ALWAYS},
    {SYS_fallocate, "fallocate", ALWAYS},
    {SYS_fchmod, "fchmod", ALWAYS},
    {SYS_utimensat, "utimensat", ALWAYS},
    {SYS_flock, "flock", ALWAYS},
    {SYS_openat, "openat", 2},
    {SYS_unlinkat, "unlinkat", ALWAYS},
    {SYS_mkdirat, "mkdirat", ALWAYS},
    {SYS_linkat, "linkat", ALWAYS},
    {SYS_fchmodat, "fchmodat", ALWAYS},
    {SYS_renameat2, "renameat2", ALWAYS},
#ifdef SYS_renameat
    {SYS_renameat, "renameat", ALWAYS},
#endif
/* Newer machines do without these. */
#ifdef SYS_open
    {SYS_open, "open", 1},
    {SYS_creat, "creat", ALWAYS},
    {SYS_rename, "rename", ALWAYS},
    {SYS_link, "link", ALWAYS},
    {SYS_unlink, "unlink", ALWAYS},
    {SYS_rmdir, "rmdir", ALWAYS},
    {SYS_mkdir, "mkdir", ALWAYS},
    {SYS_chmod, "chmod", ALWAYS},
#endif
};

static void
die(const char *what)
{
	fprintf(stderr, "kill-at: %s: %s\n", what, strerror(errno));
	exit(125);
}

/* The call that PID is about to make, when it is one of the table. */
static const struct point *
point_at(pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) <
		0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		const struct point *p = &points[i];

		if ((long)info.entry.nr == p->nr)
			return p->flags == ALWAYS ||
				       info.entry.args[p->flags] & O_CREAT
				   ? p
				   : NULL;
	}
	return NULL;
}

/* In the child: COMMAND, when the other side of the pipe has got hold of us. */
_Noreturn static void
run(const int ready[2], char **command)
{
	char c;

	if (setpgid(0, 0) != 0)
		die("setpgid");
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		die("pipe");
	close(ready[0]);
	execvp(command[0], command);
	fprintf(stderr, "kill-at: %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

static pid_t
start(char **command)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
			     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			     PTRACE_O_EXITKILL;
	int ready[2], status;
	pid_t pid;

	if (pipe(ready) != 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0)
		run(ready, command);
	close(ready[0]);
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) != 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0 ||
	    waitpid(pid, &status, __WALL) != pid ||
	    ptrace(PTRACE_SYSCALL, pid, NULL, NULL) != 0)
		die("ptrace");
	if (write(ready[1], "", 1) != 1)
		die("pipe");
	close(ready[1]);
	return pid;
}

static int
status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Lets PID go on from a stop; a signal is its own. */
static void
go_on(pid_t pid, int status)
{
	int sig = WSTOPSIG(status);

	if (status >> 16 != 0 || sig == (SIGTRAP | 0x80))
		sig = 0;
	/* It may be gone: somebody else has killed it. */
	ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)sig);
}

/* Until none is left. The status of MAIN. */
static int
watch(pid_t main, unsigned long n, bool one)
{
	unsigned long count = 0;
	int status, result = 125;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		const struct point *p = NULL;

		if (!WIFSTOPPED(status)) {
			if (pid == main)
				result = status_of(status);
			continue;
		}
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			p = point_at(pid);
		if (p && ++count == n) {
			fprintf(stderr, "kill-at: %lu: %s\n", n, p->name);
			kill(one ? pid : -main, SIGKILL);
		} else {
			go_on(pid, status);
		}
	}
	return result;
}

int
main(int argc, char **argv)
{
	bool one = argc > 1 && strcmp(argv[1], "-1") == 0;
	char **words = argv + 1 + one, *end;
	unsigned long n;

	if (!words[0] || !words[1]) {
		fputs("usage: kill-at [-1] N COMMAND...\n", stderr);
		return 2;
	}
	n = strtoul(words[0], &end, 10);
	if (*end)
		return 2;
	return watch(start(words + 1), n, one);
}
