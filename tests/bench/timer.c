/* SPDX-License-Identifier: ISC */
/* timer ROUNDS DIR: measures programs in turn. Standard input describes them,
 * a word and a text each line:
 *	line NAME	a program follows; its output goes to DIR/NAME.out
 *	prepare TEXT	sh runs this before each run; it does not count
 *	input PATH	its standard input; else /dev/null
 *	arg TEXT	its name, then its arguments
 * All of them run in each round (A B C A B C ...), so that what else happens on
 * the machine meets all. A round before the others is for the memory: there
 * the program and all its children are traced, and stopped when they exit to
 * read the private memory (RssAnon) that they have then; meanwhile it is read
 * every half millisecond. What is printed, parted by tabs:
 *	memory NAME ANON_KIB PEAK_KIB THREADS	of the largest process
 *	run NAME ROUND WALL_SECONDS CPU_SECONDS	CPU: user and system, with
 *						children that were waited for
 *	foreign CORES	how busy others kept the machine meanwhile
 * A program that fails ends it all. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_LINES = 32, MAX_ARGS = 32, MAX_TRACED = 4096 };

struct line {
	char *name, *prepare, *input;
	char *argv[MAX_ARGS + 1];
	int argc;
};

struct memory {
	long anon, peak, threads;
};

struct usage {
	double wall, cpu;
};

extern char **environ;

static _Noreturn void
die(const char *what, const char *why)
{
	fprintf(stderr, "timer: %s: %s\n", what, why);
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double
cpu_of(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
	       1e-6 * (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

/* ---- what to run ----------------------------------------------------------
 */

static void
line_word(struct line *l, const char *word, char *text)
{
	if (strcmp(word, "prepare") == 0)
		l->prepare = text;
	else if (strcmp(word, "input") == 0)
		l->input = text;
	else if (strcmp(word, "arg") == 0 && l->argc < MAX_ARGS)
		l->argv[l->argc++] = text;
	else
		die(word, "no such word, or too many of them");
}

static int
lines_read(struct line *lines)
{
	char *s = NULL, *copy, *text;
	size_t size = 0;
	int n = 0;

	while (getline(&s, &size, stdin) > 0) {
		s[strcspn(s, "\n")] = 0;
		copy = strdup(s);
		if (!copy)
			die("input", strerror(errno));
		text = copy + strcspn(copy, " ");
		if (*text)
			*text++ = 0;
		if (strcmp(copy, "line") != 0 && n > 0)
			line_word(&lines[n - 1], copy, text);
		else if (n < MAX_LINES)
			lines[n++].name = text;
		else
			die("input", "too many lines");
	}
	free(s);
	return n;
}

static void
path_of(char out[4096], const char *dir, const struct line *l)
{
	snprintf(out, 4096, "%s/%s.out", dir, l->name);
}

static void
status_check(const struct line *l, int status)
{
	char why[64];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	snprintf(why, sizeof why, WIFEXITED(status) ? "status %d" : "signal %d",
	    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	die(l->name, why);
}

static void
prepare(const struct line *l)
{
	int status;

	if (!l->prepare)
		return;
	status = system(l->prepare);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die(l->name, "its preparation failed");
}

/* ---- time -----------------------------------------------------------------
 */

/* The files are opened before the clock starts, since emptying a large one
 * takes a while. */
static struct usage
run_timed(const struct line *l, const char *dir)
{
	posix_spawn_file_actions_t files;
	char out[4096];
	struct rusage ru;
	struct usage u;
	double start;
	pid_t pid;
	int in, to, status, err;

	path_of(out, dir, l);
	in = open(l->input ? l->input : "/dev/null", O_RDONLY | O_CLOEXEC);
	to = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (in < 0 || to < 0)
		die(in < 0 && l->input ? l->input : out, strerror(errno));
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, 0);
	posix_spawn_file_actions_adddup2(&files, to, 1);
	start = now();
	err = posix_spawnp(&pid, l->argv[0], &files, NULL, l->argv, environ);
	if (err)
		die(l->argv[0], strerror(err));
	while (wait4(pid, &status, 0, &ru) < 0)
		if (errno != EINTR)
			die(l->name, strerror(errno));
	u.wall = now() - start;
	u.cpu = cpu_of(&ru);
	posix_spawn_file_actions_destroy(&files);
	close(in);
	close(to);
	status_check(l, status);
	return u;
}

/* ---- memory ---------------------------------------------------------------
 */

static void
sample(pid_t pid, struct memory *most)
{
	char path[64], s[256];
	struct memory m = {0};
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(s, sizeof s, f)) {
		if (strncmp(s, "RssAnon:", 8) == 0)
			m.anon = strtol(s + 8, NULL, 10);
		else if (strncmp(s, "VmHWM:", 6) == 0)
			m.peak = strtol(s + 6, NULL, 10);
		else if (strncmp(s, "Threads:", 8) == 0)
			m.threads = strtol(s + 8, NULL, 10);
	}
	fclose(f);
	most->anon = m.anon > most->anon ? m.anon : most->anon;
	most->peak = m.peak > most->peak ? m.peak : most->peak;
	most->threads = m.threads > most->threads ? m.threads : most->threads;
}

/* In the child: becomes the program, and stops there for the tracer. */
static _Noreturn void
become(const struct line *l, const char *out)
{
	int in = open(l->input ? l->input : "/dev/null", O_RDONLY);
	int to = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (in < 0 || to < 0 || dup2(in, 0) < 0 || dup2(to, 1) < 0 ||
	    ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		_exit(126);
	execvp(l->argv[0], l->argv);
	_exit(127);
}

struct tracees {
	pid_t pids[MAX_TRACED];
	int count;
};

static int
tracee_find(const struct tracees *t, pid_t pid)
{
	int i = 0;

	while (i < t->count && t->pids[i] != pid)
		i++;
	return i;
}

/* One that stopped goes on: with its signal, unless that was the tracing's. */
static void
tracee_go(struct tracees *t, pid_t pid, int status, struct memory *most)
{
	int sig = WSTOPSIG(status), at = tracee_find(t, pid);

	if (at == t->count && at < MAX_TRACED) {
		t->pids[t->count++] = pid;
		sig = sig == SIGSTOP ? 0 : sig;
	}
	if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
		sample(pid, most);
	ptrace(PTRACE_CONT, pid, NULL, sig == SIGTRAP ? 0 : (long)sig);
}

static void
tracee_end(struct tracees *t, pid_t pid)
{
	int at = tracee_find(t, pid);

	if (at < t->count)
		t->pids[at] = t->pids[--t->count];
}

/* Until all have ended; returns how the first one did. */
static int
trace(pid_t first, struct memory *most)
{
	static const struct timespec pause = {0, 500000};
	struct tracees t = {{first}, 1};
	int status, result = 0;
	pid_t pid;

	for (;;) {
		pid = waitpid(-1, &status, __WALL | WNOHANG);
		if (pid < 0)
			return result;
		if (pid == 0) {
			for (int i = 0; i < t.count; i++)
				sample(t.pids[i], most);
			nanosleep(&pause, NULL);
		} else if (WIFSTOPPED(status)) {
			tracee_go(&t, pid, status, most);
		} else {
			result = pid == first ? status : result;
			tracee_end(&t, pid);
		}
	}
}

static struct memory
run_traced(const struct line *l, const char *dir)
{
	struct memory most = {0};
	char out[4096];
	int status;
	pid_t pid;

	path_of(out, dir, l);
	pid = fork();
	if (pid == 0)
		become(l, out);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die(l->name, strerror(errno));
	if (!WIFSTOPPED(status))
		die(l->argv[0], WEXITSTATUS(status) == 126
				    ? "cannot be traced (ptrace)"
				    : "cannot be run");
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		PTRACE_O_TRACEEXIT | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		    PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
		    PTRACE_O_EXITKILL) < 0)
		die(l->name, strerror(errno));
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	status_check(l, trace(pid, &most));
	return most;
}

/* ---- the machine ----------------------------------------------------------
 */

/* Seconds that all processors together were busy, idle and waiting left out. */
static double
busy(void)
{
	unsigned long v[8] = {0};
	FILE *f = fopen("/proc/stat", "re");

	if (!f)
		return 0;
	if (fscanf(f, "cpu %lu %lu %lu %lu %lu %lu %lu %lu", &v[0], &v[1],
		&v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) != 8)
		v[0] = 0;
	fclose(f);
	return (double)(v[0] + v[1] + v[2] + v[5] + v[6] + v[7]) /
	       (double)sysconf(_SC_CLK_TCK);
}

static double
own(void)
{
	struct rusage self, children;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	return cpu_of(&self) + cpu_of(&children);
}

static void
memory_round(const struct line *lines, int n, const char *dir)
{
	struct memory m;

	for (int i = 0; i < n; i++) {
		prepare(&lines[i]);
		m = run_traced(&lines[i], dir);
		printf("memory\t%s\t%ld\t%ld\t%ld\n", lines[i].name, m.anon,
		    m.peak, m.threads);
		fflush(stdout);
	}
}

static void
timed_rounds(const struct line *lines, int n, const char *dir, long rounds)
{
	struct usage u;

	for (long round = 1; round <= rounds; round++)
		for (int i = 0; i < n; i++) {
			prepare(&lines[i]);
			u = run_timed(&lines[i], dir);
			printf("run\t%s\t%ld\t%.6f\t%.6f\n", lines[i].name,
			    round, u.wall, u.cpu);
			fflush(stdout);
		}
}

int
main(int argc, char **argv)
{
	struct line *lines = calloc(MAX_LINES, sizeof *lines);
	double start, before;
	long rounds;
	int n;

	if (argc != 3 || !lines) {
		fputs("usage: timer ROUNDS DIR <DESCRIPTION\n", stderr);
		return 2;
	}
	rounds = strtol(argv[1], NULL, 10);
	n = lines_read(lines);
	for (int i = 0; i < n; i++)
		if (lines[i].argc == 0)
			die(lines[i].name, "nothing to run");
	memory_round(lines, n, argv[2]);
	start = now();
	before = busy() - own();
	timed_rounds(lines, n, argv[2], rounds);
	printf("foreign\t%.3f\n", (busy() - own() - before) / (now() - start));
	return 0;
}
