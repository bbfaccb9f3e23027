/* SPDX-License-Identifier: ISC */
/*
 * fault: a damaged or truncated store file shows as a fault in the map or as
 * a state that LMDB refuses; both become a message and a status.
 *
 * A signal handler gets no argument of ours: hence the one static here.
 */
#define _XOPEN_SOURCE 700 /* sigaltstack */
#include "cli/rooms.h"

#include <signal.h>
#include <unistd.h>

enum {
	STACK_SIZE = 64 * 1024,
	FAULT_TEXT = 512,
	NULL_AREA = 64 * 1024 /* below it a bug is likelier than a page */
};

static struct {
	const struct store *store;
	const struct store *left; /* who looks for leaks follows this */
	bool opening; /* the store is being opened: it cannot be asked yet */
	char name[64];
	char text[FAULT_TEXT]; /* made beforehand: a handler may not format */
	size_t n;
	struct sigaction was_segv, was_bus;
} watch;

static unsigned char stack[STACK_SIZE];

_Noreturn static void
fault_end(void)
{
	ptrdiff_t n = write(STDERR_FILENO, watch.text, watch.n);
	_exit(n < 0 ? CRM_CONFIG : CRM_CONFIG);
}

static void
fault_caught(int sig, siginfo_t *info, void *context)
{
	(void)context;
	/* Nothing but the store's files is mapped that could shrink. */
	if (sig == SIGBUS && (watch.opening || watch.store != NULL))
		fault_end();
	if (watch.opening && (uintptr_t)info->si_addr >= NULL_AREA)
		fault_end();
	/* The map is read only: a page that says it is a copy in memory is
	 * written to where it lies. */
	if (watch.store != NULL && sig == SIGSEGV &&
	    info->si_code == SEGV_ACCERR)
		fault_end();
	if (watch.store != NULL && store_owns(watch.store, info->si_addr))
		fault_end();
	/* Not ours: back to what it was, and the fault comes again. */
	sigaction(sig, sig == SIGBUS ? &watch.was_bus : &watch.was_segv, NULL);
}

_Noreturn static void
fault_damage(const char *what)
{
	struct buf text = {0};
	buf_addf(&text, "%s: the store at %s is damaged: %s; see crm-check\n",
	    watch.name, watch.store ? store_path(watch.store) : "its place",
	    what);
	ptrdiff_t n = write(STDERR_FILENO, buf_z(&text), text.n);
	_exit(n < 0 ? CRM_CONFIG : CRM_CONFIG);
}

static void
handlers_set(void)
{
	struct sigaction act = {
	    .sa_sigaction = fault_caught,
	    .sa_flags = SA_SIGINFO | SA_ONSTACK,
	};
	stack_t ours = {.ss_sp = stack, .ss_size = sizeof(stack)}, was;

	/* Where a sanitizer has a stack of its own, that one serves. */
	if (sigaltstack(&ours, &was) == 0 && (was.ss_flags & SS_DISABLE) == 0)
		sigaltstack(&was, NULL);
	sigemptyset(&act.sa_mask);
	sigaction(SIGSEGV, &act, &watch.was_segv);
	sigaction(SIGBUS, &act, &watch.was_bus);
}

void
fault_watch(const struct store *s)
{
	watch.opening = false;
	watch.left = watch.store;
	watch.store = s;
}

void
fault_opening(const char *name, const char *path)
{
	watch.store = NULL;
	watch.opening = true;
	snprintf(watch.name, sizeof(watch.name), "%s", name);
	int n = snprintf(watch.text, sizeof(watch.text),
	    "%s: the store at %.400s is damaged: a part of the file is "
	    "missing; see crm-check\n",
	    name, path);
	watch.n = n < 0 ? 0 : strnlen(watch.text, sizeof(watch.text));
	handlers_set();
	store_on_damage(fault_damage);
}
