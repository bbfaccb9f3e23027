/* SPDX-License-Identifier: ISC */
/* hand: a ring of jobs between two threads. */
#include "store/hand.h"

#include "store/aid.h"

#include <unistd.h>

enum { JOBS = 64 };

struct job {
	void (*fn)(void *arg);
	void *arg;
};

struct hand {
	pthread_t thread;
	bool force, tried, running;
	pthread_mutex_t lock;
	pthread_cond_t more, less;
	struct job jobs[JOBS]; /* number N is at N % JOBS */
	uint64_t given, done;  /* how many; the first one is number 1 */
	bool stop;
};

struct hand *
hand_new(bool force)
{
	struct hand *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	*h = (struct hand){.force = force,
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .more = PTHREAD_COND_INITIALIZER,
	    .less = PTHREAD_COND_INITIALIZER};
	return h;
}

static void *
hand_main(void *arg)
{
	struct hand *h = arg;

	pthread_mutex_lock(&h->lock);
	while (true) {
		struct job job;

		while (h->given == h->done && !h->stop)
			pthread_cond_wait(&h->more, &h->lock);
		if (h->given == h->done)
			break;
		job = h->jobs[(h->done + 1) % JOBS];
		pthread_mutex_unlock(&h->lock);
		job.fn(job.arg);
		pthread_mutex_lock(&h->lock);
		h->done++;
		pthread_cond_signal(&h->less);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

static bool
launch(struct hand *h)
{
	if (!h->force && sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return false;
	return aid_launch(&h->thread, hand_main, h);
}

bool
hand_start(struct hand *h)
{
	if (!h->tried)
		h->running = launch(h);
	h->tried = true;
	return h->running;
}

uint64_t
hand_give(struct hand *h, void (*fn)(void *arg), void *arg)
{
	uint64_t job;

	if (!h->running) {
		fn(arg);
		h->done++;
		return ++h->given;
	}
	pthread_mutex_lock(&h->lock);
	while (h->given - h->done == JOBS)
		pthread_cond_wait(&h->less, &h->lock);
	job = ++h->given;
	h->jobs[job % JOBS] = (struct job){.fn = fn, .arg = arg};
	pthread_cond_signal(&h->more);
	pthread_mutex_unlock(&h->lock);
	return job;
}

void
hand_wait(struct hand *h, uint64_t job)
{
	if (!h->running)
		return;
	pthread_mutex_lock(&h->lock);
	while (h->done < job)
		pthread_cond_wait(&h->less, &h->lock);
	pthread_mutex_unlock(&h->lock);
}

void
hand_rest(struct hand *h)
{
	hand_wait(h, h->given);
}

void
hand_free(struct hand *h)
{
	if (!h)
		return;
	if (h->running) {
		pthread_mutex_lock(&h->lock);
		h->stop = true;
		pthread_cond_signal(&h->more);
		pthread_mutex_unlock(&h->lock);
		pthread_join(h->thread, NULL);
	}
	pthread_cond_destroy(&h->less);
	pthread_cond_destroy(&h->more);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
