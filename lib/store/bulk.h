/* SPDX-License-Identifier: ISC */
/* bulk: what is collected for a table, as the rooms of bulk share it: bulk.c
 * collects, finds and inserts it, bulk_sort.c sorts it, bulk_runs.c keeps in a
 * file what does not fit and merges that. */
#ifndef CRM_STORE_BULK_H
#define CRM_STORE_BULK_H

#include "base/num.h"
#include "store/priv.h"

struct run;   /* sorted entries in the file */
struct aside; /* on its way there */

/* In the arena, before the bytes of key and value. */
struct pend_head {
	uint16_t key_n;
	uint8_t value_n;
	uint8_t del;
};

struct pending {
	char *arena;
	size_t used, cap;
	struct pend *v;
	size_t n, vcap;
	uint32_t *heads; /* hash of key without id -> index + 1; NULL: none */
	uint32_t *next;	 /* chain, as many as vcap */
	size_t nheads;
	size_t common; /* bytes that all keys begin with */
	struct run *runs;
	size_t nruns;
	size_t naside;	     /* entries in runs, or on their way */
	struct aside *aside; /* on its way to be the last one of these */
	/* While the second hand sorts it: the job; then how that ended. */
	uint64_t job;
	bool unsorted;
};

static inline struct pend_head
pend_head_at(const struct pending *p, size_t i)
{
	struct pend_head h;

	memcpy(&h, p->arena + p->v[i].at, sizeof(h));
	return h;
}

static inline struct str
pend_key_at(const struct pending *p, size_t i)
{
	return (struct str){
	    .p = p->arena + p->v[i].at + sizeof(struct pend_head),
	    .n = pend_head_at(p, i).key_n};
}

/* The eight bytes of a key from DEPTH on, zeros behind its end: as numbers
 * they are in the order of keys. */
static inline uint64_t
key_bytes_at(struct str key, size_t depth)
{
	unsigned char bytes[8] = {0};

	if (key.n >= depth + 8)
		return num_get64((const unsigned char *)key.p + depth);
	if (key.n > depth)
		memcpy(bytes, key.p + depth, key.n - depth);
	return num_get64(bytes);
}

/* How many bytes both begin with, MOST at most. */
static inline size_t
key_same_bytes(struct str a, struct str b, size_t most)
{
	size_t n = 0;

	if (most > a.n)
		most = a.n;
	if (most > b.n)
		most = b.n;
	while (n < most && a.p[n] == b.p[n])
		n++;
	return n;
}

/* Nothing is collected any more; what is in runs stays. */
void pending_forget(struct store *s, struct pending *p);

/* bulk_sort.c */
/* By key, the same ones in the order of arrival; false: out of memory. */
bool pend_sort(struct pending *p);
/* Of entries with the same key the last one counts, where there may be such
 * (AGAIN). */
bool pend_outdated(bool again, const struct pending *p, size_t i);

/* bulk_runs.c */
/* What is collected for a table goes into the file, sorted. */
enum crm_err runs_put_aside(
    struct store *s, struct pending *p, struct diag *dg) CRM_NODISCARD;
/* Until the one that is on its way is a run. */
enum crm_err runs_wait(
    struct store *s, struct pending *p, struct diag *dg) CRM_NODISCARD;
/* Calls PUT with what is in all runs in the order of keys; of entries with the
 * same key only with the last one. KEY is valid during the call, its value
 * right behind it. */
enum crm_err runs_merge(struct store *s, struct pending *p,
    enum crm_err (*put)(
	void *arg, struct pend_head h, struct str key, struct diag *dg),
    void *arg, struct diag *dg) CRM_NODISCARD;
/* Waits for what is on its way and leaves all of it. */
void runs_drop(struct store *s, struct pending *p);

#endif
