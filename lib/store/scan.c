/* SPDX-License-Identifier: ISC */
/* scan: walks over tables that survive the renewal of the snapshot: a scan
 * remembers its last key and goes on behind it. */
#include "base/num.h"
#include "store/ahead.h"
#include "store/aid.h"

struct scan {
	uint64_t seen; /* entries returned since the cursor was opened */
	bool whole;    /* a walk over all, in one snapshot so far */
	struct store *s;
	struct scan_spec spec;
	struct table *table;
	struct buf lo, hi;	   /* bounds of the keys; hi n = 0: open */
	struct buf last;	   /* key of the last entry, once remembered */
	struct scan *next, **link; /* among the store's open scans */
	uint64_t moves;		   /* changes that the position has taken in */
	MDB_cursor *cur;
	uint64_t epoch; /* the transaction that cur belongs to */
	bool of_write;	/* cur dies with the write transaction */
	bool started, done;
	MDB_val key, value;
	struct id id;
	struct ahead *ahead; /* a walk over a kind: what is taken already */
	struct row row;	     /* the present one, where it was asked for */
	struct aid *aid;     /* who walks towards us, or NULL */
	bool alone;	     /* an aid was thought of */
	uint64_t end;	     /* of the numbers that are ours so far */
	bool aided;	     /* we have met: what comes now it has found */
	unsigned char found[ID_BYTES]; /* then the key */
	struct moment time;	       /* text of a due entry's key */
	MDB_cursor *derived;	       /* beside a walk over a kind */
	struct table *derived_table;
	MDB_val dkey, dvalue;
};

/* The key right behind all keys that start with B; empty when there is none */
static void
successor(struct buf *b)
{
	while (b->n > 0 && (unsigned char)b->p[b->n - 1] == 0xff)
		b->n--;
	if (b->n > 0)
		b->p[b->n - 1] = (char)((unsigned char)b->p[b->n - 1] + 1);
}

static void
time_bound(struct str text, struct buf *out)
{
	unsigned char bytes[TIME_BYTES];

	if (text.n == 0)
		return;
	key_time(text, bytes);
	buf_add(out, (struct str){.p = (const char *)bytes, .n = TIME_BYTES});
}

static void
bounds(struct scan *sc)
{
	const struct scan_spec *spec = &sc->spec;

	switch (spec->type) {
	case SCAN_KIND:
		break;
	case SCAN_INDEX:
		buf_add(&sc->lo, spec->lo);
		buf_add(&sc->hi, spec->hi);
		break;
	case SCAN_REFS:
		if (spec->target.num == 0)
			break;
		key_target(spec->target, &sc->lo);
		if (spec->open_only)
			buf_addc(&sc->lo, REF_OPEN);
		else if (spec->time.n)
			buf_addc(&sc->lo, (char)spec->class);
		time_bound(spec->time, &sc->lo);
		buf_add(&sc->hi, str_of(&sc->lo));
		successor(&sc->hi);
		break;
	case SCAN_DUE:
		time_bound(spec->lo, &sc->lo);
		time_bound(spec->hi, &sc->hi);
		break;
	}
}

static struct table *
table_for(struct store *s, const struct scan_spec *spec)
{
	switch (spec->type) {
	case SCAN_KIND:
		return table_of(s, TABLE_RECORD, spec->kind->no, 0);
	case SCAN_INDEX:
		return table_of(
		    s, TABLE_INDEX, spec->field->kind, spec->field->slot);
	case SCAN_REFS:
		return table_of(
		    s, TABLE_REFS, spec->field->kind, spec->field->slot);
	case SCAN_DUE:
		return table_of(s, TABLE_DUE, 0, 0);
	}
	return NULL;
}

enum crm_err
scan_open(struct scan **out, struct store *s, const struct scan_spec *spec,
    struct diag *dg)
{
	struct scan *sc = calloc(1, sizeof(*sc));
	enum crm_err err = CRM_OK;

	*out = NULL;
	if (!sc)
		return diag_nomem(dg);
	sc->s = s;
	sc->spec = *spec;
	sc->next = s->scans;
	sc->link = &s->scans;
	if (sc->next)
		sc->next->link = &sc->next;
	s->scans = sc;
	sc->table = table_for(s, spec);
	bounds(sc);
	if (spec->type == SCAN_KIND)
		sc->ahead = calloc(1, sizeof(*sc->ahead));
	if (!sc->table || sc->lo.failed || sc->hi.failed ||
	    (spec->type == SCAN_KIND && !sc->ahead))
		err = diag_nomem(dg);
	if (err == CRM_OK && s->wtxn && !spec->settled)
		err = pending_flush(s, sc->table, dg);
	if (err == CRM_OK && s->wtxn && spec->type == SCAN_DUE)
		err = owners_flush(s, dg);
	if (err != CRM_OK)
		scan_close(sc);
	else
		*out = sc;
	return err;
}

static void
drop_cursors(struct scan *sc)
{
	/* LMDB frees the cursors of a write transaction at its end. */
	bool freed = sc->of_write && sc->epoch != sc->s->epoch;

	if (sc->cur && !freed)
		mdb_cursor_close(sc->cur);
	if (sc->derived && !freed)
		mdb_cursor_close(sc->derived);
	sc->cur = sc->derived = NULL;
	sc->dkey = (MDB_val){0};
}

void
scan_close(struct scan *sc)
{
	if (!sc)
		return;
	aid_free(sc->aid);
	drop_cursors(sc);
	*sc->link = sc->next;
	if (sc->next)
		sc->next->link = sc->link;
	buf_clear(&sc->lo);
	buf_clear(&sc->hi);
	buf_clear(&sc->last);
	free(sc->ahead);
	free(sc);
}

void
scans_leave(struct store *s)
{
	for (struct scan *sc = s->scans; sc; sc = sc->next) {
		aid_free(sc->aid);
		sc->aid = NULL;
	}
}

static int
compare(MDB_val a, struct str b)
{
	return str_cmp(seal_str(a), b);
}

/* Places the cursor at the first entry of a forward walk, or behind LAST. */
static int
seek_forward(struct scan *sc)
{
	struct str from = sc->started ? str_of(&sc->last) : str_of(&sc->lo);
	int rc;

	if (from.n == 0)
		return mdb_cursor_get(sc->cur, &sc->key, &sc->value, MDB_FIRST);
	sc->key = seal_val(from);
	rc = mdb_cursor_get(sc->cur, &sc->key, &sc->value, MDB_SET_RANGE);
	if (rc == 0 && sc->started && compare(sc->key, from) == 0)
		rc = mdb_cursor_get(sc->cur, &sc->key, &sc->value, MDB_NEXT);
	return rc;
}

/* The same backwards: the last entry below the bound, or below LAST. */
static int
seek_backward(struct scan *sc)
{
	struct str from = sc->started ? str_of(&sc->last) : str_of(&sc->hi);
	int rc;

	if (from.n == 0)
		return mdb_cursor_get(sc->cur, &sc->key, &sc->value, MDB_LAST);
	sc->key = seal_val(from);
	rc = mdb_cursor_get(sc->cur, &sc->key, &sc->value, MDB_SET_RANGE);
	if (rc == MDB_NOTFOUND)
		return mdb_cursor_get(sc->cur, &sc->key, &sc->value, MDB_LAST);
	if (rc == 0)
		rc = mdb_cursor_get(sc->cur, &sc->key, &sc->value, MDB_PREV);
	return rc;
}

void
scans_remember(struct store *s)
{
	for (struct scan *sc = s->scans; sc; sc = sc->next) {
		if (!sc->started || sc->done || !sc->cur ||
		    sc->epoch != s->epoch || sc->moves != s->moves)
			continue;
		buf_reset(&sc->last);
		buf_add(&sc->last, seal_str(sc->key));
	}
}

/* Opens the cursor in the present transaction when it is of another. */
static enum crm_err
attach(struct scan *sc, bool *there, struct diag *dg)
{
	struct store *s = sc->s;
	MDB_txn *txn;
	enum crm_err err = table_open(s, sc->table, there, dg);
	int rc;

	if (err == CRM_OK)
		err = env_read(s, &txn, dg);
	if (err != CRM_OK || !*there)
		return err;
	if (sc->cur && sc->epoch == s->epoch)
		return CRM_OK;
	drop_cursors(sc);
	rc = mdb_cursor_open(txn, sc->table->dbi, &sc->cur);
	if (rc != 0) {
		sc->cur = NULL;
		return env_fail(s, rc, "reading", dg);
	}
	sc->epoch = s->epoch;
	sc->of_write = s->wtxn != NULL;
	sc->whole = !sc->started && sc->lo.n == 0 && sc->hi.n == 0;
	return CRM_OK;
}

/* To the next entry: a step, or a search after something has moved. */
static enum crm_err
advance(struct scan *sc, bool step, struct diag *dg)
{
	int rc;

	if (step)
		rc = mdb_cursor_get(sc->cur, &sc->key, &sc->value,
		    sc->spec.reverse ? MDB_PREV : MDB_NEXT);
	else if (sc->last.failed)
		return diag_nomem(dg);
	else
		rc = sc->spec.reverse ? seek_backward(sc) : seek_forward(sc);
	sc->moves = sc->s->moves;
	if (rc == MDB_NOTFOUND)
		sc->done = true;
	else if (rc != 0)
		return env_fail(sc->s, rc, "reading", dg);
	return CRM_OK;
}

static bool
inside(const struct scan *sc)
{
	if (sc->spec.reverse)
		return sc->lo.n == 0 || compare(sc->key, str_of(&sc->lo)) >= 0;
	return sc->hi.n == 0 || compare(sc->key, str_of(&sc->hi)) < 0;
}

/* The id at the end of the key; false when the key cannot be one of ours. */
static bool
decode(struct scan *sc)
{
	const unsigned char *k = sc->key.mv_data;
	size_t n = sc->key.mv_size;
	struct str nothing;

	switch (sc->spec.type) {
	case SCAN_KIND:
		sc->id = id_get(sc->spec.kind->no, k);
		return n == ID_BYTES;
	case SCAN_INDEX:
		if (n <= ID_BYTES)
			return false;
		sc->id = id_get(sc->spec.field->kind, k + n - ID_BYTES);
		return true;
	case SCAN_REFS:
		if (n != REF_BYTES)
			return false;
		sc->id = id_get(sc->spec.field->kind, k + n - ID_BYTES);
		return true;
	case SCAN_DUE:
		if (n != TIME_BYTES + 2 + ID_BYTES)
			return false;
		if (!seal_check(sc->table, seal_str(sc->key),
			seal_str(sc->value), &nothing))
			return false;
		sc->id = id_get(num_get16(k + TIME_BYTES), k + TIME_BYTES + 2);
		key_time_text(k, &sc->time);
		return true;
	}
	return false;
}

/* A page that lost entries makes a walk over all of them come out short. */
static enum crm_err
check_whole(struct scan *sc, struct diag *dg)
{
	MDB_stat stat;
	int rc;

	if (!sc->whole || sc->of_write || sc->epoch != sc->s->epoch)
		return CRM_OK;
	rc = mdb_stat(sc->s->rtxn, sc->table->dbi, &stat);
	if (rc != 0)
		return env_fail(sc->s, rc, "reading", dg);
	return stat.ms_entries == sc->seen + (sc->aid ? aid_seen(sc->aid) : 0)
		   ? CRM_OK
		   : env_damaged(sc->s, "some entries of a table are gone", dg);
}

/* The cursor stands where the last entry was found. */
static bool
placed(const struct scan *sc)
{
	return sc->cur && sc->started && sc->epoch == sc->s->epoch &&
	       sc->moves == sc->s->moves;
}

/* Brings the entry behind the last one, or the first, into key and value. */
static enum crm_err
step(struct scan *sc, struct diag *dg)
{
	bool there = true, near = placed(sc);
	enum crm_err err = near ? CRM_OK : attach(sc, &there, dg);

	if (err == CRM_OK && there)
		err = advance(sc, near, dg);
	else
		sc->done = true;
	return err;
}

/* ---- records ---------------------------------------------------------- */

/* Before a second thread can read a table, the transaction that has opened it
 * must have ended. */
static enum crm_err
think_of_aid(struct scan *sc, struct diag *dg)
{
	bool there;
	enum crm_err err = attach(sc, &there, dg);

	sc->alone = true;
	if (err || !there || sc->of_write || sc->spec.reverse ||
	    !aid_pays(sc->s, sc->table, sc->spec.keeps))
		return err;
	store_pause(sc->s);
	err = attach(sc, &there, dg);
	if (err || !there)
		return err;
	sc->aid = aid_start(sc->s, sc->table, 0, sc->spec.pass, sc->spec.aid);
	return CRM_OK;
}

/* Of what was taken ahead, what is not the aid's. */
static void
share(struct scan *sc)
{
	struct ahead *a = sc->ahead;

	while (a->n > 0) {
		struct str last = a->keys[a->n - 1];

		if (last.n != ID_BYTES ||
		    num_get48((const unsigned char *)last.p) < sc->end)
			return;
		if (aid_claim(sc->aid, &sc->end))
			continue;
		sc->aided = true;
		a->n--;
	}
}

/* The same for a walk over records, into what is taken ahead. */
static enum crm_err
take(struct scan *sc, struct diag *dg)
{
	MDB_cursor_op op = sc->spec.reverse ? MDB_PREV : MDB_NEXT;
	int rc = placed(sc) ? sc->ahead->rc : 0;
	enum crm_err err = CRM_OK;

	sc->ahead->n = sc->ahead->at = 0;
	if (sc->spec.aid && !sc->alone)
		err = think_of_aid(sc, dg);
	if (err)
		return err;
	if (rc == MDB_NOTFOUND)
		sc->done = true;
	else if (rc != 0)
		err = env_fail(sc->s, rc, "reading", dg);
	else
		err = step(sc, dg);
	if (err == CRM_OK && !sc->done)
		ahead_fill(
		    sc->ahead, sc->cur, op, sc->key, sc->value, sc->of_write);
	if (err == CRM_OK && sc->aid)
		share(sc);
	if (sc->done && sc->aid) {
		sc->done = false;
		sc->aided = true;
	}
	return err;
}

/* The message of a record whose seal is broken. */
static enum crm_err
damaged(struct scan *sc, struct diag *dg)
{
	struct record r;
	enum crm_err err = record_decode(
	    sc->s, sc->spec.kind, sc->id, seal_str(sc->value), &r, dg);

	return err ? err : env_damaged(sc->s, "a record", dg);
}

/* Makes entry I of what was taken ahead the present one. */
static void
present(struct scan *sc, unsigned i)
{
	sc->key = seal_val(sc->ahead->keys[i]);
	sc->value = seal_val(sc->ahead->sealed[i]);
}

/* To the next one that was taken ahead and passes. */
static enum crm_err
ahead_pass(struct scan *sc, bool *got, struct diag *dg)
{
	struct ahead *a = sc->ahead;
	unsigned first = a->at, i = first;
	bool good = true;

	for (; good && !*got && i < a->n; i++) {
		good =
		    ahead_good(a, sc->table, i) &&
		    row_open(str_from_pos(a->sealed[i], SEAL_BYTES), &sc->row);
		*got = good && sc->spec.pass(sc->spec.arg, &sc->row);
	}
	a->at = i;
	sc->seen += i - first;
	sc->started = true;
	present(sc, i - 1);
	if (!decode(sc))
		return env_damaged(sc->s, "a key of an index", dg);
	return good ? CRM_OK : damaged(sc, dg);
}

static enum crm_err
ahead_next(struct scan *sc, bool *got, struct diag *dg)
{
	if (sc->spec.pass)
		return ahead_pass(sc, got, dg);
	sc->started = *got = true;
	sc->seen++;
	present(sc, sc->ahead->at++);
	return decode(sc) ? CRM_OK
			  : env_damaged(sc->s, "a key of an index", dg);
}

/* Why the aid came no further. */
static enum crm_err
aid_failed(struct scan *sc, int rc, struct diag *dg)
{
	struct str sealed;
	bool found = false;
	enum crm_err err = CRM_OK;

	if (rc != 0)
		return env_fail(sc->s, rc, "reading", dg);
	sc->key =
	    seal_val((struct str){.p = (const char *)sc->found, .n = ID_BYTES});
	if (decode(sc))
		err = table_get(
		    sc->s, sc->table, seal_str(sc->key), &sealed, &found, dg);
	if (err)
		return err;
	if (!found)
		return env_damaged(sc->s, "a record", dg);
	sc->value = seal_val(sealed);
	return damaged(sc, dg);
}

/* Reads what the aid has found, in the snapshot of now. */
static enum crm_err
found_record(struct scan *sc, bool *got, struct diag *dg)
{
	struct str sealed, bytes;
	bool found;
	enum crm_err err;

	sc->key =
	    seal_val((struct str){.p = (const char *)sc->found, .n = ID_BYTES});
	err =
	    table_get(sc->s, sc->table, seal_str(sc->key), &sealed, &found, dg);
	if (err || !found)
		return err;
	sc->value = seal_val(sealed);
	if (!decode(sc))
		return env_damaged(sc->s, "a key of an index", dg);
	if (!seal_check(sc->table, seal_str(sc->key), sealed, &bytes) ||
	    !row_open(bytes, &sc->row))
		return damaged(sc, dg);
	*got = sc->spec.pass(sc->spec.arg, &sc->row);
	return CRM_OK;
}

static enum crm_err
next_found(struct scan *sc, bool *got, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	bool failed = false;
	int rc = 0;

	aid_wait(sc->aid);
	while (!err && !*got && aid_next(sc->aid, sc->found, &failed, &rc))
		err = found_record(sc, got, dg);
	if (err || *got)
		return err;
	if (failed)
		return aid_failed(sc, rc, dg);
	sc->done = true;
	return CRM_OK;
}

static enum crm_err
next_record(struct scan *sc, bool *got, struct diag *dg)
{
	struct ahead *a = sc->ahead;
	bool again = !placed(sc) && a->at < a->n;
	enum crm_err err = CRM_OK;

	/* What was taken in another snapshot is not there any more. */
	if (again)
		a->n = a->at = 0;
	while (!err && !*got && !sc->done) {
		if (a->at < a->n)
			err = ahead_next(sc, got, dg);
		else if (sc->aided && !again)
			err = next_found(sc, got, dg);
		else
			err = take(sc, dg);
		again = false;
	}
	return !err && sc->done ? check_whole(sc, dg) : err;
}

/* ---- entries of other tables ------------------------------------------ */

/* To the next entry within the bounds. */
static enum crm_err
entry(struct scan *sc, struct diag *dg)
{
	enum crm_err err = step(sc, dg);

	if (err == CRM_OK && sc->done)
		err = check_whole(sc, dg);
	if (err != CRM_OK || sc->done)
		return err;
	if (!inside(sc)) {
		sc->done = true;
		return CRM_OK;
	}
	sc->started = true;
	sc->seen++;
	return CRM_OK;
}

/* In a snapshot nothing moves: over all keys of an index that nobody wants,
 * without a look at anything else. The one under the cursor was asked about. */
static enum crm_err
skip_unwanted(struct scan *sc, struct diag *dg)
{
	struct str last = scan_key(sc), key;
	int rc;

	while ((rc = mdb_cursor_get(sc->cur, &sc->key, NULL, MDB_NEXT)) == 0) {
		if (sc->hi.n > 0 && !inside(sc)) {
			sc->done = true;
			return CRM_OK;
		}
		sc->seen++;
		if (sc->key.mv_size <= ID_BYTES)
			return CRM_OK; /* what decode refuses */
		key = scan_key(sc);
		if (key.n == last.n && str_eq(key, last))
			continue;
		if (sc->spec.want(sc->spec.arg, key))
			return CRM_OK;
		last = key;
	}
	sc->done = true;
	return rc == MDB_NOTFOUND ? check_whole(sc, dg)
				  : env_fail(sc->s, rc, "reading", dg);
}

/* Over entries whose key nobody wants. */
static enum crm_err
wanted_entry(struct scan *sc, struct diag *dg)
{
	enum crm_err err = entry(sc, dg);

	while (err == CRM_OK && !sc->done) {
		if (sc->key.mv_size <= ID_BYTES ||
		    sc->spec.want(sc->spec.arg, scan_key(sc)))
			return CRM_OK;
		if (sc->spec.type == SCAN_INDEX && !sc->of_write &&
		    !sc->spec.reverse)
			return skip_unwanted(sc, dg);
		err = entry(sc, dg);
	}
	return err;
}

static enum crm_err
next_entry(struct scan *sc, bool *got, struct diag *dg)
{
	enum crm_err err = sc->spec.want ? wanted_entry(sc, dg) : entry(sc, dg);

	if (err != CRM_OK || sc->done)
		return err;
	if (!decode(sc))
		return env_damaged(sc->s, "a key of an index", dg);
	*got = true;
	return CRM_OK;
}

enum crm_err
scan_next(struct scan *sc, struct id *id, bool *got, struct diag *dg)
{
	enum crm_err err;

	*got = false;
	if (sc->done)
		return CRM_OK;
	err = sc->ahead ? next_record(sc, got, dg) : next_entry(sc, got, dg);
	if (*got)
		*id = sc->id;
	return err;
}

struct str
scan_key(const struct scan *sc)
{
	struct str key = seal_str(sc->key);

	if (sc->spec.type == SCAN_DUE)
		return moment_str(&sc->time);
	if (sc->spec.type == SCAN_INDEX)
		key.n -= ID_BYTES;
	return key;
}

struct id
scan_target(const struct scan *sc)
{
	const unsigned char *k = sc->key.mv_data;

	return id_get(num_get16(k), k + 2);
}

struct ref_time
scan_ref_time(const struct scan *sc)
{
	const unsigned char *k = sc->key.mv_data;

	return key_time_number(k + 2 + ID_BYTES + 1);
}

enum crm_err
scan_ref_sum(const struct scan *sc, struct ref_key *out, struct diag *dg)
{
	const unsigned char *k = sc->key.mv_data;
	struct str v;

	*out = (struct ref_key){
	    .class = k[2 + ID_BYTES] == REF_OPEN ? REF_OPEN : REF_CLOSED};
	if (sc->spec.field->kind != KIND_ORDER &&
	    sc->spec.field->kind != KIND_DEAL)
		return CRM_OK;
	if (!seal_check(
		sc->table, seal_str(sc->key), seal_str(sc->value), &v) ||
	    v.n != 1 + DECIMAL_BYTES)
		return env_damaged(sc->s, "an amount in an index", dg);
	out->counts = v.p[0] != 0;
	out->amount = decimal_get((const unsigned char *)v.p + 1);
	return CRM_OK;
}

enum crm_err
scan_cover(const struct scan *sc, struct str out[COVER_VALUES], bool *there,
    struct diag *dg)
{
	struct str v;

	*there = false;
	if (sc->value.mv_size == 0 || sc->spec.type != SCAN_DUE)
		return CRM_OK;
	if (!seal_check(sc->table, seal_str(sc->key), seal_str(sc->value), &v))
		return env_damaged(sc->s, "what an index holds", dg);
	*there = cover_split(v, out);
	return CRM_OK;
}

enum crm_err
scan_ref(const struct scan *sc, struct ref_key *out, struct diag *dg)
{
	const unsigned char *k = sc->key.mv_data;
	enum crm_err err = scan_ref_sum(sc, out, dg);

	key_time_text(k + 2 + ID_BYTES + 1, &out->time);
	return err;
}

/* ---- the derived fields beside the records ---------------------------- */

static int
derived_seek(struct scan *sc)
{
	sc->dkey = sc->key;
	return mdb_cursor_get(
	    sc->derived, &sc->dkey, &sc->dvalue, MDB_SET_RANGE);
}

static int
derived_start(struct scan *sc)
{
	MDB_txn *txn = sc->s->wtxn ? sc->s->wtxn : sc->s->rtxn;
	int rc = mdb_cursor_open(txn, sc->derived_table->dbi, &sc->derived);

	if (rc != 0) {
		sc->derived = NULL;
		return rc;
	}
	return derived_seek(sc);
}

/* Moves the second cursor up to the record: a step, else a search. */
static enum crm_err
derived_beside(struct scan *sc, struct derived *out, struct diag *dg)
{
	bool there;
	int rc = 0;
	enum crm_err err;

	if (!sc->derived_table)
		sc->derived_table =
		    table_of(sc->s, TABLE_DERIVED, sc->spec.kind->no, 0);
	err = table_open(sc->s, sc->derived_table, &there, dg);
	if (err != CRM_OK)
		return err;
	if (there && !sc->derived)
		rc = derived_start(sc);
	else if (there && compare(sc->dkey, seal_str(sc->key)) < 0)
		rc = mdb_cursor_get(
		    sc->derived, &sc->dkey, &sc->dvalue, MDB_NEXT);
	if (there && rc == 0 && compare(sc->dkey, seal_str(sc->key)) < 0)
		rc = derived_seek(sc);
	if (rc != 0 && rc != MDB_NOTFOUND)
		return env_fail(sc->s, rc, "reading", dg);
	if (!there || rc != 0 || compare(sc->dkey, seal_str(sc->key)) != 0 ||
	    !owners_decode(sc->derived_table, seal_str(sc->dkey),
		seal_str(sc->dvalue), out))
		return env_damaged(sc->s, "derived fields of a record", dg);
	return CRM_OK;
}

static enum crm_err
present_record(struct scan *sc, struct record *out, struct diag *dg)
{
	struct str bytes = str_from_pos(seal_str(sc->value), SEAL_BYTES);

	out->id = sc->id;
	out->kind = sc->spec.kind;
	out->derived = (struct derived){0};
	if (sc->spec.pass) {
		out->row = sc->row;
		return CRM_OK;
	}
	if (!ahead_good(sc->ahead, sc->table, sc->ahead->at - 1) ||
	    !row_open(bytes, &out->row))
		return damaged(sc, dg);
	return CRM_OK;
}

enum crm_err
scan_record(struct scan *sc, struct record *out, struct diag *dg)
{
	enum crm_err err;

	if (sc->spec.type != SCAN_KIND && sc->spec.bare)
		return record_follow(sc->s, sc->id, out, dg);
	if (sc->spec.type != SCAN_KIND)
		return store_follow(sc->s, sc->id, out, dg);
	err = present_record(sc, out, dg);
	if (err != CRM_OK || sc->spec.bare)
		return err;
	return scan_derived(sc, out, dg);
}

enum crm_err
scan_derived(struct scan *sc, struct record *out, struct diag *dg)
{
	if (!owners_kind(sc->id.kind))
		return CRM_OK;
	if (sc->spec.type != SCAN_KIND || sc->s->wtxn || sc->spec.reverse ||
	    sc->aided)
		return owners_get(sc->s, sc->id, &out->derived, dg);
	return derived_beside(sc, &out->derived, dg);
}
