/* SPDX-License-Identifier: ISC */
/* query_test: a real store in a temporary directory for the query tests. */
#ifndef QUERY_TEST_H
#define QUERY_TEST_H

#include "model/value.h"
#include "query/query.h"
#include "query/ref.h"
#include "store/store.h"
#include "tmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
	char dir[64], path[80];
	struct store *s;
	struct clock clock; /* Monday 2026-03-02 12:00 UTC */
	struct diag dg;
};

#define OK(w, call)                                                            \
	do {                                                                   \
		if ((call) != CRM_OK)                                          \
			fail_msg("%s: %s", #call, diag_text(&(w)->dg));        \
	} while (0)

static inline const struct kind *
kind_of(struct world *w, const char *name)
{
	const struct kind *k = schema_kind(store_schema(w->s), str_from(name));

	assert_non_null(k);
	return k;
}

static inline void
begin(struct world *w)
{
	struct change_origin who = {
	    .time = w->clock.now,
	    .user = STR("tester"),
	    .command = STR("test"),
	};

	/* A test that failed inside a transaction must not block the next. */
	if (store_writing(w->s))
		store_abort(w->s);
	OK(w, store_begin(w->s, &who, false, &w->dg));
}

static inline void
commit(struct world *w)
{
	OK(w, store_commit(w->s, &w->dg));
}

/* Adds a record inside a transaction; fields as "name=Ada;city=Bern". */
static inline struct id
add(struct world *w, const char *kind, const char *fields)
{
	struct change_field list[16];
	struct buf hold[16] = {{0}};
	struct change c = {.op = CHANGE_CREATE, .fields = list};
	struct str rest = str_from(fields);

	c.kind = kind_of(w, kind);
	while (rest.p) {
		struct str item = str_cut(&rest, ';');
		struct str name = str_cut(&item, '=');
		const struct field *f = schema_field(c.kind, name);
		bool odd = false;

		if (!f || c.nfields == ARRAY_LEN(list))
			fail_msg("%s: %s", kind, fields);
		OK(w, value_normalise(
			  f, item, &w->clock, &hold[c.nfields], &odd, &w->dg));
		list[c.nfields] = (struct change_field){
		    .field = f,
		    .after = str_of(&hold[c.nfields]),
		};
		c.nfields++;
	}
	OK(w, store_apply(w->s, &c, &w->dg));
	for (size_t i = 0; i < c.nfields; i++)
		buf_clear(&hold[i]);
	return c.id;
}

static inline struct world *
world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));
	struct store_options o = {0};

	assert_non_null(w);
	snprintf(w->dir, sizeof(w->dir), "%s/crm-query-XXXXXX", tmp_dir());
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->path, sizeof(w->path), "%s/store", w->dir);
	w->clock.now = INT64_C(1772452800);
	o.path = w->path;
	OK(w, store_open(&w->s, &o, &w->dg));
	return w;
}

static inline void
world_free(struct world *w)
{
	char file[128];

	store_close(w->s);
	snprintf(file, sizeof(file), "%s/data.mdb", w->path);
	unlink(file);
	snprintf(file, sizeof(file), "%s/lock.mdb", w->path);
	unlink(file);
	rmdir(w->path);
	rmdir(w->dir);
	diag_clear(&w->dg);
	free(w);
}

/* Words are separated by ';'; the answer is the ids, or the message. */
static inline enum crm_err
ask(struct world *w, const char *kind, const char *words, struct buf *out,
    struct buf *plan)
{
	struct str list[64], rest = str_from(words);
	struct query *q = NULL;
	struct id *ids = NULL;
	size_t n = 0, found = 0;
	enum crm_err err;

	while (rest.p && words[0])
		list[n++] = str_cut(&rest, ';');
	diag_clear(&w->dg);
	err = query_new(&q, w->s, &w->clock, kind_of(w, kind), list, n, &w->dg);
	if (!err)
		err = query_ids(q, &ids, &found, &w->dg);
	for (size_t i = 0; !err && i < found; i++) {
		if (i)
			buf_addc(out, ' ');
		id_print(store_schema(w->s), ids[i], out);
	}
	if (err)
		buf_addz(out, diag_text(&w->dg));
	else if (plan)
		query_explain(q, plan);
	free(ids);
	query_free(q);
	return err;
}

#endif
