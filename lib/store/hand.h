/* SPDX-License-Identifier: ISC */
/*
 * hand: a second thread of a batch, which does jobs one behind the other in
 * the order in which they are given. It never touches the environment: LMDB's
 * transaction belongs to the thread that gives them. Where no thread can be
 * had, or there is one processor only, a job is done when it is given, so
 * that the outcome is the same.
 */
#ifndef CRM_STORE_HAND_H
#define CRM_STORE_HAND_H

#include "base/base.h"

struct hand;

/* NULL: out of memory. FORCE: also with one processor. */
struct hand *hand_new(bool force);

/* Starts the thread, unless there is none to be had (false): until then jobs
 * are done at once. For work that is worth it. */
bool hand_start(struct hand *h);

/* Gives a job: FN is called with ARG, which is the hand's until hand_wait for
 * what this returns (never 0) has come back. Waits while too many jobs are
 * waiting. */
uint64_t hand_give(struct hand *h, void (*fn)(void *arg), void *arg);

/* Until that job and all before it are done. */
void hand_wait(struct hand *h, uint64_t job);

/* Until all jobs are done. */
void hand_rest(struct hand *h);

/* Waits for all jobs; H may be NULL. */
void hand_free(struct hand *h);

#endif
