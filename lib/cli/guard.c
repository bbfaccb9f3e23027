/* SPDX-License-Identifier: ISC */
/* guard: a child process that is watched. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "cli/guard.h"

#include "base/num.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { SECONDS_MAX = 86400 };

_Noreturn static void
child_run(int (*run)(void *arg, volatile uint64_t *beat), void *arg,
    volatile uint64_t *beat, const sigset_t *mask, pid_t parent)
{
#ifdef __linux__
	/* Who kills the command means the whole of it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(CRM_TEMP);
#endif
	(void)parent;
	sigprocmask(SIG_SETMASK, mask, NULL);
	int status = run(arg, beat);
	fflush(NULL);
	_exit(status);
}

/* Waits a second, or until a child ends. */
static void
wait_second(const sigset_t *child)
{
	struct timespec second = {.tv_sec = 1};

	sigtimedwait(child, NULL, &second);
}

/* Its wait status; *hung: we ended it. */
static int
child_watch(pid_t pid, const volatile uint64_t *beat, unsigned seconds,
    const sigset_t *child, bool *hung)
{
	uint64_t last = 0;
	unsigned still = 0;
	int status = 0;
	pid_t got;

	*hung = false;
	for (;;) {
		got = waitpid(pid, &status, WNOHANG);
		if (got == pid || (got < 0 && errno != EINTR))
			return status;
		wait_second(child);
		still = *beat == last && last % 2 == 1 ? still + 1 : 0;
		last = *beat;
		if (still >= seconds) {
			*hung = true;
			kill(pid, SIGKILL);
			while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
				continue;
			return status;
		}
	}
}

static enum crm_err
child_tell(int status, bool hung, unsigned seconds, const char *what, int *out,
    struct diag *dg)
{
	*out = WIFEXITED(status) ? WEXITSTATUS(status) : CRM_CONFIG;
	if (hung)
		return diag_set(dg, CRM_CONFIG,
		    "%s: libgit2 did not come back for %u seconds; the "
		    "history may be damaged: git -C %s fsck --full tells",
		    what, seconds, what);
	if (WIFSIGNALED(status))
		return diag_set(dg, CRM_CONFIG,
		    "%s: ended by signal %d; the history may be damaged: git "
		    "-C %s fsck --full tells",
		    what, WTERMSIG(status), what);
	return CRM_OK;
}

/* CRM_HISTORY_DEADLINE, when it is set; a slow disk may need more. */
static enum crm_err
deadline(unsigned *seconds, struct diag *dg)
{
	const char *value = getenv("CRM_HISTORY_DEADLINE");
	uint64_t n;

	if (!value || !*value)
		return CRM_OK;
	if (!num_u64(str_from(value), &n) || n == 0 || n > SECONDS_MAX)
		return diag_set(dg, CRM_USAGE,
		    "CRM_HISTORY_DEADLINE '%s': write seconds, 1 to %d", value,
		    SECONDS_MAX);
	*seconds = (unsigned)n;
	return CRM_OK;
}

enum crm_err
guard_run(int (*run)(void *arg, volatile uint64_t *beat), void *arg,
    unsigned seconds, const char *what, int *status, struct diag *dg)
{
	pid_t parent = getpid(), pid;
	sigset_t child, old;
	bool hung;
	int ended;
	volatile uint64_t *beat;
	enum crm_err err = deadline(&seconds, dg);

	*status = CRM_TEMP;
	if (err != CRM_OK)
		return err;
	beat = mmap(NULL, sizeof(*beat), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (beat == MAP_FAILED)
		return diag_nomem(dg);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &old);
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		child_run(run, arg, beat, &old, parent);
	if (pid < 0) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		return diag_set(dg, CRM_TEMP, "no process for the history: %s",
		    strerror(errno));
	}
	ended = child_watch(pid, beat, seconds, &child, &hung);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return child_tell(ended, hung, seconds, what, status, dg);
}
