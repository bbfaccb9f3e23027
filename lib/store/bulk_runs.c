/* SPDX-License-Identifier: ISC */
/* bulk_runs: what a batch has collected for a table and has no room for, as
 * sorted runs in a file without a name, which are merged in the end. */
#include "store/bulk.h"
#include "store/hand.h"

#include <errno.h>
#include <unistd.h>

/* Sorted entries in the file, each a head, the key and the value. */
struct run {
	uint64_t at, end;
	char *block; /* while it is read */
	size_t n, pos;
	struct pend_head head;
	struct str key; /* of the entry it stands at; p NULL: at its end */
	size_t common;	/* bytes that all keys begin with */
};
enum { BLOCK = 1 << 17, ENTRY_MAX = sizeof(struct pend_head) + KEY_MAX + 255 };

/*
 * What is on its way into the file: the second hand sorts and writes it while
 * others are collected. There is room in the file for all of it.
 */
struct aside {
	struct pending held; /* only arena and list */
	int fd;
	uint64_t at, end; /* in the file */
	bool again;	  /* as in the store */
	int error;	  /* errno */
	uint64_t job;
};

static bool
write_all(struct aside *a, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = pwrite(a->fd, p, n, (off_t)a->end);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			a->error = done ? errno : EIO;
			return false;
		}
		p += done;
		n -= (size_t)done;
		a->end += (uint64_t)done;
	}
	return true;
}

static void
write_aside(void *arg)
{
	struct aside *a = arg;
	const struct pending *p = &a->held;
	struct buf out = {0};
	bool ok = true;

	if (!buf_room(&out, BLOCK + ENTRY_MAX) || !pend_sort(&a->held)) {
		buf_clear(&out);
		a->error = ENOMEM;
		return;
	}
	for (size_t i = 0; i < p->n && ok; i++) {
		struct pend_head h = pend_head_at(p, i);

		if (pend_outdated(a->again, p, i))
			continue;
		buf_add(&out, (struct str){.p = p->arena + p->v[i].at,
				  .n = sizeof(h) + h.key_n + h.value_n});
		if (out.n >= BLOCK) {
			ok = write_all(a, out.p, out.n);
			buf_reset(&out);
		}
	}
	if (ok)
		(void)write_all(a, out.p, out.n);
	buf_clear(&out);
}

static void
aside_free(struct aside *a)
{
	free(a->held.arena);
	free(a->held.v);
	free(a);
}

enum crm_err
runs_wait(struct store *s, struct pending *p, struct diag *dg)
{
	struct aside *a = p->aside;
	enum crm_err err = CRM_OK;

	if (!a)
		return CRM_OK;
	if (a->job)
		hand_wait(s->hand, a->job);
	if (a->error == ENOMEM)
		err = diag_nomem(dg);
	else if (a->error)
		err = env_fail(s, a->error, "writing", dg);
	p->runs[p->nruns++] =
	    (struct run){.at = a->at, .end = a->end, .common = a->held.common};
	p->aside = NULL;
	aside_free(a);
	return err;
}

enum crm_err
runs_put_aside(struct store *s, struct pending *p, struct diag *dg)
{
	enum crm_err err = runs_wait(s, p, dg);
	struct run *runs = realloc(p->runs, (p->nruns + 1) * sizeof(*runs));
	struct aside *a = calloc(1, sizeof(*a));

	if (runs)
		p->runs = runs;
	if (err == CRM_OK && (!runs || !a))
		err = diag_nomem(dg);
	if (err != CRM_OK) {
		free(a);
		return err;
	}
	*a = (struct aside){.held = {.arena = p->arena,
				.v = p->v,
				.used = p->used,
				.n = p->n,
				.common = p->common},
	    .fd = s->runs_fd,
	    .at = s->runs_end,
	    .end = s->runs_end,
	    .again = s->again};
	s->runs_end += p->used;
	p->naside += p->n;
	pending_forget(s, p);
	p->arena = NULL;
	p->v = NULL;
	p->cap = p->vcap = 0;
	p->aside = a;
	if (s->hand)
		a->job = hand_give(s->hand, write_aside, a);
	else
		write_aside(a);
	return CRM_OK;
}

/* Reads on so that a whole entry is in the block. */
static enum crm_err
run_fill(struct store *s, struct run *r, struct diag *dg)
{
	size_t left = r->n - r->pos;
	size_t want = BLOCK - left;

	if (left >= ENTRY_MAX || r->at == r->end)
		return CRM_OK;
	memmove(r->block, r->block + r->pos, left);
	r->pos = 0;
	r->n = left;
	if (want > r->end - r->at)
		want = (size_t)(r->end - r->at);
	while (want > 0) {
		ssize_t got =
		    pread(s->runs_fd, r->block + r->n, want, (off_t)r->at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return env_fail(s, got ? errno : EIO, "reading", dg);
		r->n += (size_t)got;
		r->at += (uint64_t)got;
		want -= (size_t)got;
	}
	return CRM_OK;
}

static enum crm_err
run_next(struct store *s, struct run *r, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (!r->block) {
		r->block = malloc(BLOCK);
		if (!r->block)
			return diag_nomem(dg);
	}
	r->key = (struct str){0};
	err = run_fill(s, r, dg);
	if (err != CRM_OK || r->pos == r->n)
		return err;
	memcpy(&r->head, r->block + r->pos, sizeof(r->head));
	r->key = (struct str){
	    .p = r->block + r->pos + sizeof(r->head), .n = r->head.key_n};
	r->pos += sizeof(r->head) + r->head.key_n + r->head.value_n;
	return CRM_OK;
}

void
runs_drop(struct store *s, struct pending *p)
{
	struct aside *a = p->aside;

	if (a && a->job)
		hand_wait(s->hand, a->job);
	if (a)
		aside_free(a);
	p->aside = NULL;
	for (size_t i = 0; i < p->nruns; i++)
		free(p->runs[i].block);
	free(p->runs);
	p->runs = NULL;
	p->nruns = p->naside = 0;
}

/* ---- merging ---------------------------------------------------------- */

/* Where a run stands, and eight bytes of its key: mostly they tell. */
struct stand {
	uint64_t prefix;
	struct run *run;
};

/* The runs that have a key, as a heap: the first key on top, of several with
 * the same one the newest. A long load has some hundred. */
struct heap {
	struct stand *v;
	size_t n;
	size_t common; /* bytes that all keys begin with */
};

/* Later runs of a table stand behind the others. */
static bool
stand_before(const struct stand *a, const struct stand *b)
{
	int c;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix;
	c = str_cmp(a->run->key, b->run->key);
	return c < 0 || (c == 0 && a->run > b->run);
}

static void
heap_sink(struct heap *h, size_t i)
{
	struct stand it = h->v[i];
	size_t kid;

	while ((kid = 2 * i + 1) < h->n) {
		if (kid + 1 < h->n && stand_before(&h->v[kid + 1], &h->v[kid]))
			kid++;
		if (!stand_before(&h->v[kid], &it))
			break;
		h->v[i] = h->v[kid];
		i = kid;
	}
	h->v[i] = it;
}

/* Run I, the top or right below it, goes on, or leaves at its end. */
static enum crm_err
heap_advance(struct store *s, struct heap *h, size_t i, struct diag *dg)
{
	struct stand *at = &h->v[i];
	enum crm_err err = run_next(s, at->run, dg);

	if (err != CRM_OK)
		return err;
	if (at->run->key.p)
		at->prefix = key_bytes_at(at->run->key, h->common);
	else
		*at = h->v[--h->n];
	if (i < h->n)
		heap_sink(h, i);
	return CRM_OK;
}

/* The place of the run behind the top one; 0 when there is none. */
static size_t
heap_second(const struct heap *h)
{
	if (h->n < 2)
		return 0;
	return h->n > 2 && stand_before(&h->v[2], &h->v[1]) ? 2 : 1;
}

/* All keys of a run begin as its first one does, for so many bytes. */
static void
heap_common(struct heap *h)
{
	struct str first = h->n ? h->v[0].run->key : (struct str){0};

	h->common = first.n;
	for (size_t i = 0; i < h->n; i++) {
		const struct run *r = h->v[i].run;

		if (h->common > r->common)
			h->common = r->common;
		h->common = key_same_bytes(first, r->key, h->common);
	}
}

static enum crm_err
heap_fill(
    struct store *s, struct heap *h, const struct pending *p, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	h->n = 0;
	for (size_t i = 0; i < p->nruns && err == CRM_OK; i++) {
		err = run_next(s, &p->runs[i], dg);
		if (err == CRM_OK && p->runs[i].key.p)
			h->v[h->n++].run = &p->runs[i];
	}
	heap_common(h);
	for (size_t i = 0; i < h->n; i++)
		h->v[i].prefix = key_bytes_at(h->v[i].run->key, h->common);
	for (size_t i = h->n / 2; i-- > 0;)
		heap_sink(h, i);
	return err;
}

enum crm_err
runs_merge(struct store *s, struct pending *p,
    enum crm_err (*put)(
	void *arg, struct pend_head h, struct str key, struct diag *dg),
    void *arg, struct diag *dg)
{
	struct heap h = {.v = calloc(p->nruns, sizeof(struct stand))};
	const struct run *r;
	enum crm_err err;
	size_t i;

	if (!h.v)
		return diag_nomem(dg);
	err = heap_fill(s, &h, p, dg);
	while (err == CRM_OK && h.n > 0) {
		r = h.v[0].run;
		err = put(arg, r->head, r->key, dg);
		while (err == CRM_OK && (i = heap_second(&h)) > 0 &&
		       str_eq(h.v[i].run->key, r->key))
			err = heap_advance(s, &h, i, dg);
		if (err == CRM_OK)
			err = heap_advance(s, &h, 0, dg);
	}
	free(h.v);
	return err;
}
