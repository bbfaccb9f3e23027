/* SPDX-License-Identifier: ISC */
/*
 * aid: a second thread that walks a table of records from its end while the
 * walk itself goes on from the front, in the same snapshot, until they meet.
 * It gathers the ids of records that pass; only ids, which are read again, so
 * that the walk may renew its snapshot meanwhile.
 */
#ifndef CRM_STORE_AID_H
#define CRM_STORE_AID_H

#include "store/priv.h"

#include <pthread.h>
#include <stdatomic.h>

struct aid;

/* Starts a thread that leaves signals to those who know what to clean up. */
bool aid_launch(pthread_t *thread, void *(*run)(void *arg), void *arg);

/* Takes a part off the front or the back of what nobody has taken: the first
 * such part is in the lower half of *rest, behind the last one in the upper.
 * False when none is left. */
bool parts_take(atomic_uint_fast64_t *rest, bool back, unsigned *part);

/* For what of table T lies behind record number FROM. PASS is asked with ARG
 * in the other thread. T must have been opened before the snapshot that S has
 * now. NULL when one thread is enough or all there is to be had. */
struct aid *aid_start(struct store *s, const struct table *t, uint64_t from,
    bool (*pass)(void *arg, const struct row *row), void *arg);

/* Is T so large that another thread would pay? SOON: nothing is read again. */
bool aid_pays(struct store *s, const struct table *t, bool soon);

/* Takes the next part of the table for the walk, which may then read all
 * records with numbers below *END; false when the rest is the aid's. */
bool aid_claim(struct aid *a, uint64_t *end);

/* Waits until the aid has come to the end of its parts. */
void aid_wait(struct aid *a);

/* After that, what it found in order of ids; false at the end, or where it
 * could not go on: then *RC tells LMDB's reason, 0 for a damaged record, whose
 * key is in KEY, and *FAILED is set. */
bool aid_next(
    struct aid *a, unsigned char key[ID_BYTES], bool *failed, int *rc);

/* How many records it has looked at. */
uint64_t aid_seen(const struct aid *a);

/* Stops it; NULL is fine. */
void aid_free(struct aid *a);

#endif
