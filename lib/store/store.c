/* SPDX-License-Identifier: ISC */
/* store: opening and closing it, reading a record, and transactions. */
#include "store/store.h"

#include "base/num.h"
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
present_place(struct store *s, struct id id)
{
	if (!s->wtxn || !s->bulk || id.tag)
		return NULL;
	return &s->scratch->present[(id.num + id.kind) % PRESENT];
}

static uint64_t
present_key(struct id id)
{
	return (uint64_t)id.kind << 48 | id.num;
}

void
present_note(struct store *s, struct id id)
{
	uint64_t *note = present_place(s, id);

	if (note)
		*note = present_key(id);
}

void
present_forget(struct store *s)
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
	const uint64_t *note = present_place(s, id);
	struct diag dg = {0};
	struct str sealed;
	bool found = false;

	if (id.num == 0 || !schema_kind_no(s->schema, id.kind))
		return false;
	if (note && *note == present_key(id))
		return true;
	if (get_sealed(s, id, &sealed, &found, &dg) != CRM_OK)
		found = false;
	if (found)
		present_note(s, id);
	diag_clear(&dg);
	return found;
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
	present_forget(s);
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
