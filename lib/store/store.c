/* SPDX-License-Identifier: ISC */
/* store: open and close, lookups, and the single door through which every
 * change passes. */
#include "store/store.h"

#include "base/num.h"
#include "base/utf8.h"
#include "model/value.h"
#include "store/hand.h"
#include "store/priv.h"
#include "store/words_priv.h"

enum { WAIT_DEFAULT_MS = 10000 };

/* ---- open and close --------------------------------------------------- */

/* A copy without slashes at the end: beside it the store is made. */
static char *
path_of(const char *path)
{
	char *copy = strdup(path);
	size_t n = copy ? strlen(copy) : 0;

	while (n > 1 && copy[n - 1] == '/')
		copy[--n] = '\0';
	return copy;
}

enum crm_err
store_open(struct store **out, const struct store_options *o, struct diag *dg)
{
	struct store *s = calloc(1, sizeof(*s));
	enum crm_err err;

	*out = NULL;
	if (!s)
		return diag_nomem(dg);
	s->dir = s->parent = s->runs_fd = -1;
	s->map_size = o->map_size;
	s->wait_ms = o->wait_ms ? o->wait_ms : WAIT_DEFAULT_MS;
	s->read_only = o->read_only;
	s->aid_bytes = o->aid_bytes;
	s->path = path_of(o->path);
	err = s->path ? env_open(s, dg) : diag_nomem(dg);
	if (err == CRM_OK)
		err = schemas_load(s, dg);
	if (err == CRM_OK)
		*out = s;
	else
		store_close(s);
	return err;
}

static void
scratch_free(struct scratch *w)
{
	if (!w)
		return;
	buf_clear(&w->before);
	buf_clear(&w->after);
	buf_clear(&w->sealed);
	buf_clear(&w->key);
	buf_clear(&w->text);
	buf_clear(&w->prefix);
	buf_clear(&w->now_text);
	entries_clear(&w->old_entries);
	entries_clear(&w->new_entries);
	free(w);
}

void
store_close(struct store *s)
{
	if (!s)
		return;
	scans_leave(s);
	picks_leave(s);
	store_abort(s);
	env_discard(s);
	env_close(s);
	tables_free(s);
	schemas_free(s);
	scratch_free(s->scratch);
	free(s->counters);
	free(s->path);
	free(s);
}

void
store_leave(struct store *s)
{
	scans_leave(s);
	store_abort(s);
	env_discard(s);
	if (s->rtxn)
		mdb_txn_abort(s->rtxn);
	s->rtxn = NULL;
}

bool
store_missing(const struct store *s)
{
	return !s->env;
}

const char *
store_path(const struct store *s)
{
	return s->path;
}

const struct schema *
store_schema(const struct store *s)
{
	return s->schema;
}

enum crm_err
store_reload(struct store *s, struct diag *dg)
{
	return schemas_load(s, dg);
}

struct str
store_currency(const struct store *s)
{
	const struct kind *order = schema_kind_no(s->schema, KIND_ORDER);
	const struct field *f =
	    order ? schema_field(order, STR("currency")) : NULL;

	return f ? f->fallback : (struct str){0};
}

bool
store_owns(const struct store *s, const void *addr)
{
	MDB_envinfo info;
	uintptr_t from, at = (uintptr_t)addr;

	if (!s->env || mdb_env_info(s->env, &info) != 0)
		return false;
	/* LMDB tells where a map is only when it was asked to put it there;
	 * else this is 0, and what it makes of damaged pages lies here. */
	from = (uintptr_t)info.me_mapaddr;
	return at >= from && at - from < info.me_mapsize;
}

bool
store_writing(const struct store *s)
{
	return s->wtxn != NULL;
}

/* ---- reading ---------------------------------------------------------- */

enum crm_err
store_count(struct store *s, const struct kind *k, uint64_t *n, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_RECORD, k->no, 0);
	MDB_stat stat;
	MDB_txn *txn;
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	*n = 0;
	if (err == CRM_OK)
		err = env_read(s, &txn, dg);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_stat(txn, t->dbi, &stat);
	if (rc != 0)
		return env_fail(s, rc, "reading", dg);
	*n = stat.ms_entries;
	return CRM_OK;
}

enum crm_err
record_decode(struct store *s, const struct kind *k, struct id id,
    struct str sealed, struct record *out, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_RECORD, id.kind, 0);
	unsigned char key[ID_BYTES];
	struct str bytes;

	id_put(id, key);
	out->id = id;
	out->kind = k;
	out->derived = (struct derived){0};
	if (!t)
		return diag_nomem(dg);
	if (!seal_check(t, (struct str){.p = (const char *)key, .n = ID_BYTES},
		sealed, &bytes) ||
	    !row_open(bytes, &out->row)) {
		struct buf text = {0};

		id_print(s->schema, id, &text);
		diag_set(dg, CRM_CONFIG,
		    "%s: the record %s is damaged: its checksum does not "
		    "match; crm-check lists what is wrong, a backup brings it "
		    "back",
		    s->path, buf_z(&text));
		buf_clear(&text);
		return CRM_CONFIG;
	}
	return CRM_OK;
}

static enum crm_err
get_sealed(struct store *s, struct id id, struct str *sealed, bool *found,
    struct diag *dg)
{
	unsigned char key[ID_BYTES];

	id_put(id, key);
	return table_get(s, table_of(s, TABLE_RECORD, id.kind, 0),
	    (struct str){.p = (const char *)key, .n = ID_BYTES}, sealed, found,
	    dg);
}

static enum crm_err
no_such(const struct store *s, struct id id, struct diag *dg)
{
	struct buf text = {0};

	id_print(s->schema, id, &text);
	diag_set(dg, CRM_NO, "there is no %s", buf_z(&text));
	buf_clear(&text);
	return CRM_NO;
}

enum crm_err
record_read(struct store *s, struct id id, struct record *out, struct diag *dg)
{
	const struct kind *k = schema_kind_no(s->schema, id.kind);
	struct str sealed;
	bool found;
	enum crm_err err;

	if (!k || id.num == 0)
		return no_such(s, id, dg);
	err = get_sealed(s, id, &sealed, &found, dg);
	if (err != CRM_OK)
		return err;
	if (!found)
		return no_such(s, id, dg);
	return record_decode(s, k, id, sealed, out, dg);
}

enum crm_err
store_get(struct store *s, struct id id, struct record *out, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	struct derived d = {0};

	err = record_read(s, id, out, dg);
	if (err == CRM_OK && owners_kind(id.kind)) {
		err = owners_get(s, id, &d, dg);
		/* Looking up what is stale may write and move pages. */
		if (err == CRM_OK && s->wtxn)
			err = record_read(s, id, out, dg);
		out->derived = d;
	}
	return err;
}

enum crm_err
store_get_bare(
    struct store *s, struct id id, struct record *out, struct diag *dg)
{
	return record_read(s, id, out, dg);
}

enum crm_err
store_derive(struct store *s, struct record *r, struct diag *dg)
{
	/* While something is written, that may move the record: all anew. */
	if (s->wtxn)
		return store_follow(s, r->id, r, dg);
	if (!owners_kind(r->id.kind))
		return CRM_OK;
	return owners_get(s, r->id, &r->derived, dg);
}

static enum crm_err
dangling(struct store *s, struct id id, struct diag *dg)
{
	struct buf text = {0};

	buf_addz(&text, "something names ");
	id_print(s->schema, id, &text);
	buf_addz(&text, ", which is not there");
	env_damaged(s, buf_z(&text), dg);
	buf_clear(&text);
	return CRM_CONFIG;
}

enum crm_err
record_follow(
    struct store *s, struct id id, struct record *out, struct diag *dg)
{
	enum crm_err err = record_read(s, id, out, dg);

	return err == CRM_NO ? dangling(s, id, dg) : err;
}

enum crm_err
store_follow(struct store *s, struct id id, struct record *out, struct diag *dg)
{
	enum crm_err err = store_get(s, id, out, dg);

	return err == CRM_NO ? dangling(s, id, dg) : err;
}

/* Where a batch notes that a record is there: most are looked for right
 * after they were found or made. NULL: nowhere. */
static uint64_t *
there(struct store *s, struct id id)
{
	if (!s->wtxn || !s->bulk || id.tag)
		return NULL;
	return &s->scratch->present[(id.num + id.kind) % PRESENT];
}

static uint64_t
there_key(struct id id)
{
	return (uint64_t)id.kind << 48 | id.num;
}

static void
forget_there(struct store *s)
{
	if (s->bulk)
		memset(s->scratch->present, 0, sizeof(s->scratch->present));
}

/* A small piece of work needs little of it. */
static struct scratch *
scratch_new(void)
{
	struct scratch *w = malloc(sizeof(*w));

	if (w)
		memset(w, 0, offsetof(struct scratch, values));
	return w;
}

bool
store_has(struct store *s, struct id id)
{
	uint64_t *note = there(s, id);
	struct diag dg = {0};
	struct str sealed;
	bool found = false;

	if (id.num == 0 || !schema_kind_no(s->schema, id.kind))
		return false;
	if (note && *note == there_key(id))
		return true;
	if (get_sealed(s, id, &sealed, &found, &dg) != CRM_OK)
		found = false;
	if (note && found)
		*note = there_key(id);
	diag_clear(&dg);
	return found;
}

static enum crm_err
has_folded(struct str item, struct str value, bool *yes, struct diag *dg)
{
	struct buf a = {0}, b = {0};

	utf8_fold(item, &a);
	utf8_fold(value, &b);
	*yes = str_eq(str_of(&a), str_of(&b));
	buf_clear(&a);
	buf_clear(&b);
	return a.failed || b.failed ? diag_nomem(dg) : CRM_OK;
}

/* Does the record have the item? Index keys are folded and cut. */
static enum crm_err
has_item(const struct record *r, const struct field *f, struct str value,
    enum store_match match, bool *yes, struct diag *dg)
{
	struct str rest = row_get(&r->row, f->slot);
	enum crm_err err = CRM_OK;

	*yes = false;
	while (rest.n && rest.p && !*yes && err == CRM_OK) {
		struct str item = value_item(f, &rest);

		*yes = match == STORE_EXACT ? value_eq(f, item, value)
					    : value_cmp(f, item, value) == 0;
		if (!*yes && match == STORE_FOLDED)
			err = has_folded(item, value, yes, dg);
	}
	return err;
}

static enum crm_err
confirm(struct store *s, const struct field *f, struct str value,
    enum store_match match, struct id id, bool *yes, struct diag *dg)
{
	struct record r;
	enum crm_err err = record_follow(s, id, &r, dg);

	*yes = false;
	return err == CRM_OK ? has_item(&r, f, value, match, yes, dg) : err;
}

/* The one that the lookup names: it may be gone, or another meanwhile. */
static enum crm_err
confirm_found(struct store *s, const struct field *f, struct str value,
    enum store_match match, struct id id, bool *yes, struct diag *dg)
{
	struct record r;
	enum crm_err err = record_read(s, id, &r, dg);

	*yes = false;
	if (err == CRM_NO) {
		diag_clear(dg);
		return CRM_OK;
	}
	if (err == CRM_OK)
		err = has_item(&r, f, value, match, yes, dg);
	if (err == CRM_OK && *yes)
		owners_know(s, &r);
	return err;
}

/* Phones are filed by their digits backwards: the other notation of a line
 * is a longer key, or a shorter one, of the same beginning. */
static enum crm_err
find_phone(struct store *s, const struct field *f, struct str value,
    struct id *out, size_t max, size_t *n, struct diag *dg)
{
	struct buf lo = {0}, hi = {0};
	struct scan *sc = NULL;
	enum crm_err err;
	bool got = true;

	value_phone_key(value, &lo);
	if (lo.n > PHONE_MIN)
		lo.n = PHONE_MIN;
	buf_add(&hi, str_of(&lo));
	buf_addc(&hi, (char)0xff);
	err = scan_open(&sc, s,
	    &(struct scan_spec){.type = SCAN_INDEX,
		.field = f,
		.lo = str_of(&lo),
		.hi = str_of(&hi)},
	    dg);
	while (err == CRM_OK && *n < max) {
		struct id id;
		bool yes;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = confirm(s, f, value, STORE_EXACT, id, &yes, dg);
		if (err == CRM_OK && yes &&
		    (*n == 0 || !id_eq(out[*n - 1], id)))
			out[(*n)++] = id;
	}
	scan_close(sc);
	buf_clear(&lo);
	buf_clear(&hi);
	return err;
}

static enum crm_err
find_on_disk(struct store *s, const struct field *f, struct table *t,
    struct str prefix, struct str value, enum store_match match, struct id *out,
    size_t max, size_t *n, struct diag *dg)
{
	MDB_txn *txn;
	MDB_cursor *cur = NULL;
	MDB_val k = seal_val(prefix), v;
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	if (err == CRM_OK)
		err = env_read(s, &txn, dg);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_cursor_open(txn, t->dbi, &cur);
	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &v, MDB_SET_RANGE);
	while (rc == 0 && err == CRM_OK && *n < max &&
	       str_starts(seal_str(k), prefix)) {
		struct id id = id_get(f->kind,
		    (const unsigned char *)k.mv_data + k.mv_size - ID_BYTES);
		bool yes;

		if (k.mv_size == prefix.n + ID_BYTES &&
		    pending_state(t, seal_str(k)) >= 0) {
			err = confirm(s, f, value, match, id, &yes, dg);
			if (err == CRM_OK && yes)
				out[(*n)++] = id;
		}
		rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT);
	}
	if (cur)
		mdb_cursor_close(cur);
	if (err == CRM_OK && rc != 0 && rc != MDB_NOTFOUND)
		err = env_fail(s, rc, "reading", dg);
	return err;
}

/* What is on disk, and then what is not there yet. */
static enum crm_err
find_all(struct store *s, const struct field *f, struct table *t,
    struct str prefix, struct str value, enum store_match match, struct id *out,
    size_t max, size_t *n, struct diag *dg)
{
	struct id some[16];
	size_t found;
	enum crm_err err = clerk_yield(s, f->kind, dg);

	if (err == CRM_OK && pending_runs(t))
		err = pending_flush(s, t, dg);
	if (err == CRM_OK)
		err = find_on_disk(
		    s, f, t, prefix, value, match, out, max, n, dg);
	found = err == CRM_OK
		    ? pending_find(t, prefix, some, ARRAY_LEN(some), f->kind)
		    : 0;
	/* There may be more of them. */
	if (found == ARRAY_LEN(some)) {
		found = 0;
		*n = 0;
		err = pending_flush(s, t, dg);
		if (err == CRM_OK)
			err = find_on_disk(
			    s, f, t, prefix, value, match, out, max, n, dg);
	}
	for (size_t i = 0; i < found && err == CRM_OK && *n < max; i++) {
		bool yes, seen = false;

		for (size_t j = 0; j < *n; j++)
			seen = seen || id_eq(out[j], some[i]);
		err = confirm(s, f, value, match, some[i], &yes, dg);
		if (err == CRM_OK && yes && !seen)
			out[(*n)++] = some[i];
	}
	return err;
}

enum crm_err
store_find(struct store *s, const struct field *f, struct str value,
    enum store_match match, struct id *out, size_t max, size_t *n,
    struct diag *dg)
{
	struct table *t = table_of(s, TABLE_INDEX, f->kind, f->slot);
	struct buf own = {0};
	struct buf *prefix = s->scratch ? &s->scratch->prefix : &own;
	enum lookup_says says;
	uint32_t nums[LOOKUP_MOST];
	size_t some = 0;
	enum crm_err err;

	*n = 0;
	if (!t)
		return diag_nomem(dg);
	if (f->type == TYPE_PHONE)
		return find_phone(s, f, value, out, max, n, dg);
	buf_reset(prefix);
	value_key(f, value, prefix);
	buf_addc(prefix, '\0');
	err = prefix->failed ? diag_nomem(dg) : CRM_OK;
	if (err == CRM_OK)
		err = lookup_ask(s, t, str_of(prefix), &says, nums, &some, dg);
	if (err == CRM_OK && says == LOOKUP_UNKNOWN)
		err = find_all(
		    s, f, t, str_of(prefix), value, match, out, max, n, dg);
	for (size_t i = 0; i < some && *n < max && err == CRM_OK; i++) {
		struct id id = {.kind = f->kind, .num = nums[i]};
		bool yes;

		owners_soon(s, id);
		err = confirm_found(s, f, value, match, id, &yes, dg);
		if (err == CRM_OK && yes)
			out[(*n)++] = id;
	}
	buf_clear(&own);
	return err;
}

void
store_soon(const struct store *s, struct id id)
{
	owners_soon(s, id);
}

void
store_pause(struct store *s)
{
	if (s->wtxn || !s->rtxn)
		return;
	scans_remember(s);
	schema_keep(s->schema);
	/* A commit keeps the handles of tables; an abort would close them. */
	if (mdb_txn_commit(s->rtxn) != 0)
		tables_forget(s);
	else
		tables_settle(s);
	s->rtxn = NULL;
	s->epoch++;
}

/* ---- transactions ----------------------------------------------------- */

enum crm_err
store_begin(struct store *s, const struct change_origin *who, bool bulk,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;
	int rc;

	if (s->read_only)
		return diag_set(
		    dg, CRM_PERM, "%s: opened for reading only", s->path);
	if (!s->scratch)
		s->scratch = scratch_new();
	if (!s->scratch)
		return diag_nomem(dg);
	store_pause(s);
	err = env_widen(s, bulk, dg);
	if (err == CRM_OK && !s->env) {
		tables_reset(s);
		err = env_create(s, dg);
		if (err == CRM_OK)
			err = schemas_load(s, dg);
		store_pause(s);
	}
	if (err == CRM_OK)
		err = env_lock(s, dg);
	if (err != CRM_OK) {
		env_discard(s);
		return err;
	}
	rc = mdb_txn_begin(s->env, NULL, 0, &s->wtxn);
	if (rc != 0) {
		s->wtxn = NULL;
		env_unlock(s);
		env_fail(s, rc, "writing", dg);
		env_discard(s);
		return dg->code;
	}
	s->epoch++;
	s->origin = *who;
	s->bulk = bulk;
	s->ending = false;
	forget_there(s);
	s->broken = s->again = false;
	s->dirty = 0;
	s->relieved = s->many_fresh = false;
	s->ncounters = 0;
	/* Another command may have changed the schema meanwhile. */
	err = schemas_load(s, dg);
	if (err != CRM_OK)
		store_abort(s);
	return err;
}

static struct str
next_key(uint16_t kind, unsigned char key[6])
{
	memcpy(key, "next", 4);
	num_put16(key + 4, kind);
	return (struct str){.p = (const char *)key, .n = 6};
}

/* Room for the counter of KIND, and of those before. */
static bool
counters_grow(struct store *s, uint16_t kind)
{
	size_t n = (size_t)kind / 32 * 32 + 32;
	struct issue *more;

	if (kind < s->ncounters)
		return true;
	more = realloc(s->counters, n * sizeof(*more));
	if (!more)
		return false;
	memset(more + s->ncounters, 0, (n - s->ncounters) * sizeof(*more));
	s->counters = more;
	s->ncounters = n;
	return true;
}

static enum crm_err
load_counter(struct store *s, uint16_t kind, struct diag *dg)
{
	struct table *meta = table_of(s, TABLE_META, 0, 0);
	unsigned char key[6];
	struct str k = next_key(kind, key), sealed, v;
	bool found;
	enum crm_err err = table_get(s, meta, k, &sealed, &found, dg);

	if (err != CRM_OK)
		return err;
	if (!counters_grow(s, kind))
		return diag_nomem(dg);
	if (found && (!seal_check(meta, k, sealed, &v) || v.n != 8))
		return env_damaged(s, "the counter of ids", dg);
	s->counters[kind].next =
	    found ? num_get64((const unsigned char *)v.p) : 1;
	return CRM_OK;
}

enum crm_err
next_id(struct store *s, uint16_t kind, uint64_t *num, struct diag *dg)
{
	if (kind >= s->ncounters || s->counters[kind].next == 0) {
		enum crm_err err = load_counter(s, kind, dg);

		if (err != CRM_OK)
			return err;
	}
	if (s->counters[kind].next > ID_NUM_MAX)
		return diag_set(dg, CRM_DATA, "no ids are left");
	*num = s->counters[kind].next;
	return CRM_OK;
}

void
next_set(struct store *s, uint16_t kind, uint64_t num)
{
	s->counters[kind] = (struct issue){.next = num, .dirty = true};
}

void
next_forget(struct store *s, uint16_t kind)
{
	if (kind < s->ncounters && !s->wtxn)
		s->counters[kind].next = 0;
}

enum crm_err
store_next(
    struct store *s, const struct kind *k, uint64_t *num, struct diag *dg)
{
	next_forget(s, k->no);
	return next_id(s, k->no, num, dg);
}

enum crm_err
save_counters(struct store *s, struct diag *dg)
{
	struct table *meta = table_of(s, TABLE_META, 0, 0);
	enum crm_err err = CRM_OK;

	for (uint16_t kind = 0; kind < s->ncounters && err == CRM_OK; kind++) {
		unsigned char key[6], value[8];
		struct str k = next_key(kind, key);
		struct buf sealed = {0};

		if (!s->counters[kind].dirty)
			continue;
		num_put64(value, s->counters[kind].next);
		seal_put(meta, k,
		    (struct str){.p = (const char *)value, .n = 8}, &sealed);
		err = sealed.failed
			  ? diag_nomem(dg)
			  : table_put(s, meta, k, str_of(&sealed), dg);
		buf_clear(&sealed);
	}
	return err;
}

static void
hand_drop(struct store *s)
{
	hand_free(s->hand);
	s->hand = NULL;
}

enum crm_err
store_commit(struct store *s, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	int rc;

	if (!s->wtxn)
		return diag_set(dg, CRM_BUG, "commit without a transaction");
	if (s->broken)
		err = diag_set(dg, CRM_BUG, "commit after a failure");
	if (err == CRM_OK)
		err = journal_finish(s, dg);
	if (err == CRM_OK)
		err = clerk_stop(s, dg);
	lookups_free(s);
	s->ending = true;
	if (err == CRM_OK)
		err = words_prepare(s, dg);
	if (err == CRM_OK)
		err = pending_prepare(s, dg);
	if (err == CRM_OK)
		err = pending_flush_all(s, dg);
	if (err == CRM_OK)
		err = words_finish(s, dg);
	/* What follows needs the memory. */
	if (err == CRM_OK) {
		clerk_free(s);
		pending_drop_all(s);
	}
	if (err == CRM_OK)
		err = owners_flush(s, dg);
	if (err == CRM_OK)
		err = save_counters(s, dg);
	if (err == CRM_OK)
		err = env_relieved(s, dg);
	if (err != CRM_OK) {
		store_abort(s);
		return err;
	}
	scans_remember(s);
	rc = mdb_txn_commit(s->wtxn);
	s->wtxn = NULL;
	s->epoch++;
	if (rc == 0)
		tables_settle(s);
	else
		tables_forget(s);
	clerk_free(s);
	pending_drop_all(s);
	owners_drop(s);
	journal_drop(s);
	hand_drop(s);
	if (rc != 0)
		err = env_fail(s, rc, "writing", dg);
	else if (!s->seeding && !s->unproven)
		err = env_settle(s, dg);
	env_unlock(s);
	if (err != CRM_OK)
		env_discard(s);
	return err;
}

void
store_abort(struct store *s)
{
	struct diag dg = {0};

	if (!s->wtxn)
		return;
	scans_remember(s);
	mdb_txn_abort(s->wtxn);
	s->wtxn = NULL;
	s->epoch++;
	tables_forget(s);
	clerk_free(s);
	pending_drop_all(s);
	words_drop(s);
	owners_drop(s);
	journal_drop(s);
	hand_drop(s);
	s->ncounters = 0;
	env_unlock(s);
	env_discard(s);
	/* The schema may have been changed by what is now undone. */
	if ((s->env ? schemas_load(s, &dg) : schemas_default(s, &dg)) != CRM_OK)
		s->broken = true;
	diag_clear(&dg);
}

/* ---- the door --------------------------------------------------------- */

/* The slots of a row as views; zero where there is no row. */
static void
slots_of(const struct kind *k, const struct row *row, struct str *out)
{
	unsigned at = 0, slot;
	struct str value;

	memset(out, 0, k->nslots * sizeof(*out));
	while (row && row_each(row, &at, &slot, &value))
		if (slot < k->nslots)
			out[slot] = value;
}

/* The weight of the choice that another field has: a stage's probability. */
static struct str
fallback_of(const struct kind *k, const struct field *f,
    const struct str *values, struct buf *hold)
{
	const struct field *other;
	const struct choice *c;
	size_t at = hold->n;

	if (f->fallback.n == 0 || f->fallback.p[0] != '@')
		return f->fallback;
	other = schema_field(k, str_from_pos(f->fallback, 1));
	if (!other || other->slot == SLOT_NONE)
		return (struct str){0};
	c = field_choice(other, values[other->slot]);
	if (!c || c->weight < 0 || !buf_room(hold, 16))
		return (struct str){0};
	buf_addu(hold, (uint64_t)c->weight);
	return (struct str){.p = hold->p + at, .n = hold->n - at};
}

/* A weight that nobody set by hand follows its choice: the probability of a
 * deal that moves to another stage. */
static void
follow(const struct kind *k, const struct str *olds, struct str *values,
    struct buf *hold)
{
	for (size_t i = SLOT_COMMON; i < k->nslots; i++) {
		const struct field *f = k->slots[i];

		if (f && f->fallback.n > 0 && f->fallback.p[0] == '@' &&
		    str_eq(olds[i], values[i]) &&
		    str_eq(olds[i], fallback_of(k, f, olds, hold)))
			values[i] = fallback_of(k, f, values, hold);
	}
}

/* The time of the transaction, printed once. */
static struct str
now_of(struct store *s)
{
	struct scratch *w = s->scratch;

	if (w->now_text.n == 0 || w->now != s->origin.time) {
		buf_reset(&w->now_text);
		time_print(s->origin.time, &w->now_text);
		w->now = s->origin.time;
	}
	return str_of(&w->now_text);
}

static void
fill_in(struct store *s, const struct kind *k, const struct change *c,
    struct str *values)
{
	struct buf *hold = &s->scratch->text;
	const struct outline *plan;
	struct str now = now_of(s);

	if (c->op == CHANGE_UPDATE) {
		values[SLOT_UPDATED] = now;
		follow(k, s->scratch->olds, values, hold);
		return;
	}
	if (values[SLOT_CREATED].n == 0)
		values[SLOT_CREATED] = now;
	if (values[SLOT_UPDATED].n == 0)
		values[SLOT_UPDATED] = values[SLOT_CREATED];
	plan = rules_outline(s, k);
	for (size_t i = 0; i < plan->nfill; i++)
		if (values[plan->fill[i]].n == 0)
			values[plan->fill[i]] = fallback_of(
			    k, k->slots[plan->fill[i]], values, hold);
}

/* Puts the given fields over the slots; *differs: something changed. */
static enum crm_err
take_fields(const struct kind *k, struct change *c, const struct str *olds,
    struct str *values, bool *differs, struct diag *dg)
{
	for (size_t i = 0; i < c->nfields; i++) {
		struct change_field *f = &c->fields[i];
		uint16_t slot = f->field->slot;

		if (slot >= k->nslots || f->field->kind != k->no)
			return diag_set(dg, CRM_BUG,
			    "a change names a field of another kind");
		if (f->after.n > CRM_FIELD_MAX)
			return diag_set(dg, CRM_DATA,
			    "%.*s: %zu bytes; a value has at most %d",
			    STR_ARG(f->field->name), f->after.n, CRM_FIELD_MAX);
		f->before = olds[slot];
		values[slot] = f->after;
		if (!str_eq(f->before, f->after))
			*differs = true;
	}
	return CRM_OK;
}

static enum crm_err
apply_entry(struct store *s, const struct entry_set *e, size_t i, bool del,
    struct diag *dg)
{
	struct table *t = e->v[i].table;
	struct str key = entry_key(e, i), value = entry_value(e, i);

	if (s->bulk)
		return pending_add(s, t, key, value, del, dg);
	return del ? table_del(s, t, key, dg) : table_put(s, t, key, value, dg);
}

static int
entry_order(
    const struct entry_set *a, size_t i, const struct entry_set *b, size_t j)
{
	uintptr_t x, y;

	if (i >= a->n || j >= b->n)
		return i >= a->n ? 1 : -1;
	x = (uintptr_t)a->v[i].table;
	y = (uintptr_t)b->v[j].table;
	if (x != y)
		return x < y ? -1 : 1;
	return str_cmp(entry_key(a, i), entry_key(b, j));
}

/* Walks both sets in order: what only one of them has is deleted or put. */
static enum crm_err
apply_entries(struct store *s, struct entry_set *old, struct entry_set *new,
    struct diag *dg)
{
	size_t i = 0, j = 0;
	enum crm_err err = CRM_OK;

	while (old->n == 0 && j < new->n && err == CRM_OK)
		err = apply_entry(s, new, j++, false, dg);
	if (old->n > 0) {
		entries_sort(old);
		entries_sort(new);
	}
	while (err == CRM_OK && (i < old->n || j < new->n)) {
		int order = entry_order(old, i, new, j);

		if (order < 0) {
			err = apply_entry(s, old, i++, true, dg);
		} else if (order > 0) {
			err = apply_entry(s, new, j++, false, dg);
		} else {
			if (!str_eq(entry_value(old, i), entry_value(new, j)))
				err = apply_entry(s, new, j, false, dg);
			i++;
			j++;
		}
	}
	return err;
}

/* Row bytes into the table; a new record mostly goes to its end. */
enum crm_err
record_put(
    struct store *s, struct id id, struct str row, bool append, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_RECORD, id.kind, 0);
	unsigned char key[ID_BYTES];
	struct str k = {.p = (const char *)key, .n = ID_BYTES};
	MDB_val mk = seal_val(k);
	MDB_val mv = {.mv_size = SEAL_BYTES + row.n};
	enum crm_err err = table_create(s, t, dg);
	int rc = 0;

	if (err != CRM_OK)
		return err;
	id_put(id, key);
	if (!t->writer)
		rc = mdb_cursor_open(s->wtxn, t->dbi, &t->writer);
	if (rc == 0)
		rc = mdb_cursor_put(t->writer, &mk, &mv,
		    MDB_RESERVE | (append ? MDB_APPEND : 0));
	if (rc == MDB_KEYEXIST && append)
		rc = mdb_cursor_put(t->writer, &mk, &mv, MDB_RESERVE);
	if (rc != 0)
		return env_fail(s, rc, "writing", dg);
	num_put32(mv.mv_data, seal_of(t, k, row));
	memcpy((char *)mv.mv_data + SEAL_BYTES, row.p, row.n);
	return env_relieve(
	    s, append ? mv.mv_size + 24 : table_share(s, t, 1, mv.mv_size), dg);
}

static enum crm_err
del_record(struct store *s, struct id id, struct diag *dg)
{
	unsigned char key[ID_BYTES];
	struct str k = {.p = (const char *)key, .n = ID_BYTES};
	enum crm_err err;

	id_put(id, key);
	err = table_del(s, table_of(s, TABLE_RECORD, id.kind, 0), k, dg);
	if (err == CRM_OK && owners_kind(id.kind))
		err =
		    table_del(s, table_of(s, TABLE_DERIVED, id.kind, 0), k, dg);
	return err == CRM_OK
		   ? env_relieve(s,
			 table_share(
			     s, table_of(s, TABLE_RECORD, id.kind, 0), 1, 0),
			 dg)
		   : err;
}

/* The record as it was, copied: writing moves pages. */
static enum crm_err
load_before(
    struct store *s, const struct change *c, struct row *row, struct diag *dg)
{
	struct record r;
	struct str sealed;
	bool found;
	enum crm_err err = get_sealed(s, c->id, &sealed, &found, dg);

	if (err != CRM_OK)
		return err;
	if (!found)
		return no_such(s, c->id, dg);
	err = record_decode(s, c->kind, c->id, sealed, &r, dg);
	if (err != CRM_OK)
		return err;
	buf_reset(&s->scratch->before);
	buf_add(&s->scratch->before, str_from_pos(sealed, SEAL_BYTES));
	if (s->scratch->before.failed)
		return diag_nomem(dg);
	return row_open(str_of(&s->scratch->before), row)
		   ? CRM_OK
		   : env_damaged(s, "a record", dg);
}

/* Everything that is checked before anything is written. */
static enum crm_err
prepare(struct store *s, struct change *c, const struct row *before,
    bool *differs, struct diag *dg)
{
	struct scratch *w = s->scratch;
	const struct kind *k = c->kind;
	enum crm_err err;

	*differs = c->op != CHANGE_UPDATE;
	buf_reset(&w->text);
	if (!buf_room(&w->text, 4096))
		return diag_nomem(dg);
	slots_of(k, before, w->olds);
	memcpy(w->values, w->olds, k->nslots * sizeof(*w->values));
	if (c->op == CHANGE_DELETE) {
		memset(w->values, 0, k->nslots * sizeof(*w->values));
		err = rules_unreferred(s, c->id, dg);
	} else {
		err = take_fields(k, c, w->olds, w->values, differs, dg);
	}
	if (err != CRM_OK || !*differs)
		return err;
	if (c->op != CHANGE_DELETE && !c->exact)
		fill_in(s, k, c, w->values);
	if (k->no == KIND_KIND || k->no == KIND_FIELD)
		err = schemas_prepare(s, c, w->olds, w->values, &w->text, dg);
	if (err == CRM_OK && c->op != CHANGE_DELETE)
		err = rules_check(s, k, c, w->olds, w->values, dg);
	return err;
}

/* Who does the keys and sums of it. One that was there already is for this
 * thread, and so is what comes behind it. */
static enum crm_err
divide(struct store *s, const struct change *c, bool fresh,
    struct feed_row *feed, struct diag *dg)
{
	bool yes;
	enum crm_err err;

	s->skip = 0;
	if (!fresh)
		return clerk_stop(s, dg);
	err = clerk_takes(s, c->kind, c->id, &yes, dg);
	feed->clerk = yes ? s->clerk : NULL;
	feed->skip = clerk_share(s);
	return err;
}

/* For words, and for the clerk. */
static enum crm_err
feed_change(struct store *s, struct feed_row *feed, struct diag *dg)
{
	bool fit = true;
	enum crm_err err = words_change(
	    s, feed->k, feed->id, feed->before, feed->after, &feed->words, dg);

	if (err == CRM_OK && feed->clerk && owners_counted(feed->k->no))
		err = owners_list(s, feed->k, feed->after, feed->owners,
		    FEED_OWNERS, &feed->nowners, &fit, dg);
	if (!fit)
		feed->nowners = 0;
	if (err == CRM_OK && (feed->words || feed->clerk))
		err = words_feed(s, feed, dg);
	if (err == CRM_OK && !fit)
		err = clerk_stop(s, dg);
	if (err == CRM_OK &&
	    (!feed->clerk || !fit || !owners_counted(feed->k->no)))
		err = owners_change(
		    s, feed->k, feed->id, feed->before, feed->after, dg);
	return err;
}

static enum crm_err
write_change(struct store *s, const struct change *c, const struct row *before,
    struct diag *dg)
{
	struct scratch *w = s->scratch;
	struct row after;
	struct derived d = {0};
	bool keep = c->op != CHANGE_DELETE;
	struct feed_row feed = {.k = c->kind,
	    .id = c->id,
	    .before = before,
	    .after = keep ? &after : NULL};
	enum crm_err err = divide(s, c, !before, &feed, dg);

	if (err != CRM_OK)
		return err;
	s->again = s->again || before;
	if (before)
		err = owners_stored(s, c->id, &d, dg);
	else if (owners_kind(c->id.kind))
		err = owners_found(s, c->id, dg);
	entries_reset(&w->old_entries);
	entries_reset(&w->new_entries);
	if (keep && !row_open(str_of(&w->after), &after))
		return diag_set(dg, CRM_BUG, "an encoded row is no row");
	if (err == CRM_OK && before)
		err = entries_of(
		    s, c->kind, c->id, before, &d, &w->old_entries, dg);
	if (err == CRM_OK && keep)
		err = entries_of(
		    s, c->kind, c->id, &after, &d, &w->new_entries, dg);
	if (err == CRM_OK)
		err = keep
			  ? record_put(s, c->id, str_of(&w->after), !before, dg)
			  : del_record(s, c->id, dg);
	if (err == CRM_OK)
		err = apply_entries(s, &w->old_entries, &w->new_entries, dg);
	s->skip = 0;
	if (err == CRM_OK)
		err = feed_change(s, &feed, dg);
	if (!keep)
		forget_there(s);
	else if (there(s, c->id))
		*there(s, c->id) = there_key(c->id);
	return err;
}

/* The id of a new record: the next one, or the wanted one; *unused: nobody
 * ever had it. */
static enum crm_err
take_id(struct store *s, struct change *c, bool *unused, struct diag *dg)
{
	uint16_t kind = c->kind->no;
	uint64_t next;
	enum crm_err err = next_id(s, kind, &next, dg);

	if (err != CRM_OK || c->op != CHANGE_CREATE)
		return err;
	if (c->id.num == 0)
		c->id = (struct id){.kind = kind, .num = next};
	else if (store_has(s, c->id))
		return diag_set(dg, CRM_DATA, "%.*s%llu is there already",
		    STR_ARG(c->kind->prefix), (unsigned long long)c->id.num);
	*unused = c->id.num >= next;
	if (*unused)
		next_set(s, kind, c->id.num + 1);
	return CRM_OK;
}

static enum crm_err
encode(struct store *s, const struct change *c, struct diag *dg)
{
	struct scratch *w = s->scratch;

	buf_reset(&w->after);
	if (c->op == CHANGE_DELETE)
		return CRM_OK;
	row_encode(w->values, c->kind->nslots, &w->after);
	if (w->after.failed || w->text.failed || w->now_text.failed)
		return diag_nomem(dg);
	if (w->after.n > CRM_RECORD_MAX)
		return diag_set(dg, CRM_DATA,
		    "the record has %zu bytes; at most %d fit", w->after.n,
		    CRM_RECORD_MAX);
	return CRM_OK;
}

enum crm_err
store_apply(struct store *s, struct change *c, struct diag *dg)
{
	struct row before;
	bool have = c->op != CHANGE_CREATE, differs = true, unused = false;
	enum crm_err err = CRM_OK;

	if (!s->wtxn || s->broken)
		return diag_set(dg, CRM_BUG, "change without a transaction");
	scans_remember(s);
	s->moves++;
	c->kind = schema_kind_no(s->schema, c->kind->no);
	if (have)
		err = load_before(s, c, &before, dg);
	if (err == CRM_OK)
		err = prepare(s, c, have ? &before : NULL, &differs, dg);
	if (err == CRM_OK && differs)
		err = encode(s, c, dg);
	if (err == CRM_OK && differs)
		err = take_id(s, c, &unused, dg);
	if (err != CRM_OK || !differs)
		return err;
	err = write_change(s, c, have ? &before : NULL, dg);
	if (err == CRM_OK && !s->unborn)
		err = journal_add(s, c, unused,
		    have ? str_of(&s->scratch->before) : (struct str){0},
		    str_of(&s->scratch->after), dg);
	if (err == CRM_OK &&
	    (c->kind->no == KIND_KIND || c->kind->no == KIND_FIELD))
		err = schemas_changed(
		    s, c, s->scratch->olds, s->scratch->values, dg);
	if (err != CRM_OK)
		s->broken = true;
	return err;
}
