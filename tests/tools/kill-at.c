/* SPDX-License-Identifier: ISC */
/*
 * kill-at [-1] [-w MS] N COMMAND...: runs COMMAND and, right before the N-th
 * call of the system that changes something on a disk or takes a lock, by it
 * or by what it started, kills all of them with SIGKILL; with -1 only the
 * process that was about to make that call, with -w after standing still for
 * so many milliseconds, so that others run into its locks. Says on standard
 * error which call it was. The exit status is the command's; 137 when it was
 * killed. N = 0 kills nothing.
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
#include <time.h>
#include <unistd.h>

/* When such a call counts: always, with O_CREAT in its 2nd or 3rd argument, as
 * a lock. */
enum when { ALWAYS, CREAT_2, CREAT_3, LOCK };

static const struct point {
	long nr;
	const char *name;
	enum when when;
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
    {SYS_fcntl, "fcntl", LOCK},
    {SYS_openat, "openat", CREAT_3},
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
    {SYS_open, "open", CREAT_2},
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

static bool
counts(const struct point *p, const uint64_t *args)
{
	switch (p->when) {
	case CREAT_2:
		return (args[1] & O_CREAT) != 0;
	case CREAT_3:
		return (args[2] & O_CREAT) != 0;
	case LOCK:
		return args[1] == F_SETLK || args[1] == F_SETLKW;
	case ALWAYS:
	default:
		return true;
	}
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
	for (size_t i = 0; i < ARRAY_LEN(points); i++)
		if ((long)info.entry.nr == points[i].nr &&
		    counts(&points[i], (uint64_t *)info.entry.args))
			return &points[i];
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

struct order {
	unsigned long n;
	unsigned wait; /* ms */
	bool one;
};

static void
carry_out(const struct order *o, const struct point *p, pid_t main, pid_t pid)
{
	struct timespec t = {
	    .tv_sec = o->wait / 1000, .tv_nsec = o->wait % 1000 * 1000000L};

	fprintf(stderr, "kill-at: %lu: %s\n", o->n, p->name);
	nanosleep(&t, NULL);
	kill(o->one ? pid : -main, SIGKILL);
}

/* Until none is left. The status of MAIN. */
static int
watch(pid_t main, const struct order *o)
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
		if (p && ++count == o->n)
			carry_out(o, p, main, pid);
		else
			go_on(pid, status);
	}
	return result;
}

int
main(int argc, char **argv)
{
	struct order o = {0};
	char **words = argv + (argc > 0), *end = NULL;

	if (words[0] && strcmp(words[0], "-1") == 0) {
		o.one = true;
		words++;
	}
	if (words[0] && words[1] && strcmp(words[0], "-w") == 0) {
		o.wait = (unsigned)strtoul(words[1], &end, 10);
		words += 2;
	}
	if (words[0])
		o.n = strtoul(words[0], &end, 10);
	if (!words[0] || !words[1] || *end) {
		fputs("usage: kill-at [-1] [-w MS] N COMMAND...\n", stderr);
		return 2;
	}
	return watch(start(words + 1), &o);
}
