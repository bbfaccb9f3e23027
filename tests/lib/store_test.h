/* SPDX-License-Identifier: ISC */
/* store_test: a store in a temporary directory, and how to fill it. */
#ifndef STORE_TEST_H
#define STORE_TEST_H

#include "model/value.h"
#include "store/journal.h"
#include "store/store.h"
#include "tmp.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char dir[64], path[80];
	struct store *s;
	struct diag dg;
};

static uint64_t seed;

static inline uint64_t
draw(uint64_t n)
{
	uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

#define OK(f, call)                                                            \
	do {                                                                   \
		if ((call) != CRM_OK)                                          \
			fail_msg("%s: %s", #call, diag_text(&(f)->dg));        \
	} while (0)

static inline void
open_store(struct fixture *f)
{
	struct store_options o = {.path = f->path};

	OK(f, store_open(&f->s, &o, &f->dg));
}

/* Again, perhaps with a second thread for what reads much. */
static inline void
reopen(struct fixture *f, bool two)
{
	struct store_options o = {.path = f->path, .aid_bytes = two};

	store_close(f->s);
	OK(f, store_open(&f->s, &o, &f->dg));
}

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	seed = 42;
	snprintf(f->dir, sizeof(f->dir), "%s/crm-store-XXXXXX", tmp_dir());
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/store", f->dir);
	open_store(f);
	*state = f;
	return 0;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;
	char file[128];

	store_close(f->s);
	snprintf(file, sizeof(file), "%s/data.mdb", f->path);
	unlink(file);
	snprintf(file, sizeof(file), "%s/lock.mdb", f->path);
	unlink(file);
	rmdir(f->path);
	rmdir(f->dir);
	diag_clear(&f->dg);
	free(f);
	return 0;
}

static inline void
begin(struct fixture *f, bool bulk)
{
	struct change_origin who = {.time = 1772452800, /* 2026-03-02 */
	    .user = STR("tester"),
	    .command = STR("test")};

	OK(f, store_begin(f->s, &who, bulk, &f->dg));
}

static inline const struct kind *
kind(struct fixture *f, const char *name)
{
	const struct kind *k = schema_kind(store_schema(f->s), str_from(name));

	assert_non_null(k);
	return k;
}

static inline const struct field *
field(struct fixture *f, const char *k, const char *name)
{
	const struct field *fd = schema_field(kind(f, k), str_from(name));

	assert_non_null(fd);
	return fd;
}

/* put(f, op, "contact", id, "name", "Ada", ..., NULL) */
static inline enum crm_err
put(struct fixture *f, enum change_op op, const char *k, struct id *id, ...)
{
	struct change_field fields[16];
	struct change c = {
	    .op = op, .kind = kind(f, k), .fields = fields, .id = *id};
	enum crm_err err;
	va_list ap;

	va_start(ap, id);
	for (const char *name = va_arg(ap, const char *); name;
	     name = va_arg(ap, const char *))
		fields[c.nfields++] =
		    (struct change_field){.field = field(f, k, name),
			.after = str_from(va_arg(ap, const char *))};
	va_end(ap);
	err = store_apply(f->s, &c, &f->dg);
	*id = c.id;
	return err;
}

static inline const char *
text(struct fixture *f, struct id id)
{
	static struct buf b;

	buf_reset(&b);
	id_print(store_schema(f->s), id, &b);
	return buf_z(&b);
}

static inline void
value_is(struct fixture *f, struct id id, const char *name, const char *want)
{
	struct record r;
	struct buf scratch = {0};
	struct str v;

	OK(f, store_get(f->s, id, &r, &f->dg));
	v = record_get(&r, schema_field(r.kind, str_from(name)), &scratch);
	if (!str_is(v, want))
		fail_msg("%s of %s is '%.*s', not '%s'", name, text(f, id),
		    STR_ARG(v), want);
	buf_clear(&scratch);
}

/* Closes the store and spoils the first of these BYTES wherever they are in its
 * file. */
static inline void
damage_bytes(struct fixture *f, struct str what)
{
	size_t n = what.n, spoilt = 0;
	char file[128], *bytes, *end;
	off_t size;
	int fd;

	store_close(f->s);
	f->s = NULL;
	snprintf(file, sizeof(file), "%s/data.mdb", f->path);
	fd = open(file, O_RDWR);
	assert_true(fd >= 0);
	size = lseek(fd, 0, SEEK_END);
	bytes = malloc((size_t)size);
	assert_non_null(bytes);
	assert_int_equal(pread(fd, bytes, (size_t)size, 0), size);
	end = bytes + size - n + 1;
	for (char *at = bytes; at < end; at++) {
		at = memchr(at, what.p[0], (size_t)(end - at));
		if (!at)
			break;
		if (memcmp(at, what.p, n) != 0)
			continue;
		assert_int_equal(pwrite(fd, "X", 1, at - bytes), 1);
		spoilt++;
	}
	assert_true(spoilt > 0);
	free(bytes);
	close(fd);
}

/* The same with a name that stands there. */
static inline void
damage(struct fixture *f, const char *name)
{
	damage_bytes(f, str_from(name));
}

static inline void
print_fault(void *arg, const char *line)
{
	(void)arg;
	print_error("%s\n", line);
}

static inline void
verify(struct fixture *f)
{
	uint64_t faults;

	OK(f, store_verify(f->s, print_fault, NULL, &faults, &f->dg));
	assert_int_equal(faults, 0);
}

/* What is asked of a row: does somebody live there? */
struct want {
	unsigned slot;
	const char *city; /* NULL: any */
};

static inline bool
lives_there(void *arg, const struct row *row)
{
	const struct want *w = arg;

	return !w->city || str_is(row_get(row, w->slot), w->city);
}

/* Which of the faults that a check finds are the one that is WANTed. */
struct told {
	const char *want;
	unsigned found;
};

static inline void
look_for(void *arg, const char *line)
{
	struct told *t = arg;

	t->found += strstr(line, t->want) != NULL;
}

static inline void
faults_say(struct fixture *f, const char *want)
{
	struct told t = {.want = want};
	uint64_t faults;

	OK(f, store_verify(f->s, look_for, &t, &faults, &f->dg));
	if (t.found == 0)
		fail_msg("%llu faults, none says: %s",
		    (unsigned long long)faults, want);
}

#endif
