/* SPDX-License-Identifier: ISC */
/* drain: the journal into git. */
#include "history/drain.h"

#include "base/date.h"
#include "history/record_text.h"

enum {
	PAUSE_CHANGES = 10000,	 /* the snapshot is renewed after so many */
	FINISH_COMMITS = 150000, /* what was written becomes visible */
	PRUNE_PIECES = 20000
};

struct drain {
	struct store *s;
	struct repo *r;
	struct editor *e;
	struct journal *j;
	const struct schema *schema; /* as the transaction under way left it */
	struct schema *then;	     /* the same, when it is not today's */
	const struct schema *before; /* that, before it; NULL: the same */
	struct schema *before_then;
	bool follow_schema; /* some transaction changes it */
	uint64_t since_pause, commits, written;
	struct repo_head head; /* what is visible */
	struct oid last;       /* what is written */
	bool any;
	struct buf name, text, message;
};

/* ---- where things are ------------------------------------------------- */

static enum crm_err
not_ours(const struct store *s, const struct repo *r, const char *why,
    struct diag *dg)
{
	return diag_set(dg, CRM_CONFIG,
	    "%s: %s; to go on from the history: crm-history rebuild; to go on "
	    "from the store %s: move the history away and run crm-history "
	    "init",
	    repo_path(r), why, store_path(s));
}

static void
message_line(struct str text, bool lines, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c >= 0x20 ? c != 0x7f : (lines && (c == '\n' || c == '\t')))
			buf_addc(out, (char)c);
		else if (c != '\r')
			buf_addc(out, ' ');
	}
}

static void
message_of(const struct journal_head *h, struct buf *out)
{
	struct str reason = str_trim(h->reason);

	buf_reset(out);
	message_line(h->command, false, out);
	buf_addz(out, "\n\n");
	if (reason.n > 0) {
		message_line(reason, true, out);
		buf_addz(out, "\n\n");
	}
	buf_addz(out, "Crm-Txn: ");
	buf_addu(out, h->txn);
	buf_addc(out, '\n');
}

/* The commit must say what the journal says: when, by which command and why.
 * The first one bears the date and the name of crm-history init. */
static enum crm_err
check_commit(struct store *s, struct repo *r, const struct repo_head *head,
    struct diag *dg)
{
	struct journal *j = NULL;
	struct commit c = {0};
	struct buf message = {0};
	enum crm_err err = commit_read(r, head->commit, &c, dg);

	if (err == CRM_OK)
		err = journal_open(&j, s, true, dg);
	if (err == CRM_OK)
		err = journal_txn(j, head->txn, false, dg);
	if (err == CRM_OK)
		message_of(journal_head(j), &message);
	if (err == CRM_OK && message.failed)
		err = diag_nomem(dg);
	if (err == CRM_OK && c.parents > 0 &&
	    (c.time != journal_head(j)->time ||
		!str_eq(str_of(&message), str_of(&c.message))))
		err = not_ours(s, r,
		    "its last transaction is another than that of the store",
		    dg);
	journal_close(j);
	commit_clear(&c);
	buf_clear(&message);
	return err;
}

enum crm_err
drain_check(struct store *s, struct repo *r, const struct repo_head *head,
    struct diag *dg)
{
	struct journal_state state;
	enum crm_err err = journal_state(s, &state, dg);

	if (err != CRM_OK || !head->any)
		return err;
	if (head->txn > state.last)
		return not_ours(
		    s, r, "it has transactions that the store has not", dg);
	if (head->txn < state.last &&
	    (state.first == 0 || head->txn + 1 < state.first))
		return not_ours(s, r,
		    "the store no longer has the transactions that it lacks",
		    dg);
	if (state.first == 0 || head->txn < state.first)
		return CRM_OK;
	return check_commit(s, r, head, dg);
}

/* ---- one transaction -------------------------------------------------- */

/*
 * The date of the commit says when a record changed last, unless the record
 * says otherwise, or the text may end up as it was before the transaction:
 * then the commit is not the last one to have changed it.
 */
static bool
needs_updated(const struct journal_head *h, const struct journal_change *c)
{
	unsigned at = 0, slot;
	struct str value;
	bool differs = false;

	if (!record_updated_at(&c->after, h->time))
		return true;
	if (c->op == CHANGE_CREATE)
		return false;
	if (h->changes > 1 && record_updated_at(&c->before, h->time))
		return true;
	while (!differs && row_each(&c->after, &at, &slot, &value))
		differs = slot != SLOT_UPDATED &&
			  !str_eq(value, row_get(&c->before, slot));
	return !differs && c->after.count == c->before.count;
}

static enum crm_err
del_file(
    struct drain *d, const struct schema *schema, struct id id, struct diag *dg)
{
	struct file_name name;

	if (!schema || !schema_kind_no(schema, id.kind))
		return CRM_OK;
	name = record_file(schema, id, &d->name);
	return d->name.failed ? diag_nomem(dg) : editor_del(d->e, &name, dg);
}

static enum crm_err
put_change(struct drain *d, const struct journal_change *c, struct diag *dg)
{
	const struct kind *k = schema_kind_no(d->schema, c->id.kind);
	struct file_name name;
	enum crm_err err;

	if (c->op == CHANGE_DELETE) {
		/* Its kind may go, or get another prefix, in the same step. */
		err = del_file(d, d->before, c->id, dg);
		return err == CRM_OK ? del_file(d, d->schema, c->id, dg) : err;
	}
	/* A kind that is gone in the end has taken its records with it. */
	if (!k)
		return CRM_OK;
	name = record_file(d->schema, c->id, &d->name);
	buf_reset(&d->text);
	record_text(
	    k, &c->after, needs_updated(journal_head(d->j), c), &d->text);
	if (d->text.failed || d->name.failed)
		return diag_nomem(dg);
	return editor_put(d->e, &name, str_of(&d->text), dg);
}

static void
pause_sometimes(struct drain *d)
{
	if (++d->since_pause < PAUSE_CHANGES)
		return;
	d->since_pause = 0;
	store_pause(d->s);
}

static enum crm_err
put_changes(struct drain *d, uint64_t txn, struct diag *dg)
{
	struct journal_change c;
	bool got = true;
	enum crm_err err = journal_txn(d->j, txn, false, dg);

	while (err == CRM_OK) {
		err = journal_next(d->j, &c, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = put_change(d, &c, dg);
		pause_sometimes(d);
	}
	return err;
}

static enum crm_err
write_commit(struct drain *d, struct str author, int64_t time, struct diag *dg)
{
	struct commit_text t = {
	    .author = author, .time = time, .message = str_of(&d->message)};
	enum crm_err err = d->message.failed
			       ? diag_nomem(dg)
			       : editor_commit(d->e, &t, &d->last, dg);

	d->commits++;
	return err;
}

/* ---- when the schema changes ------------------------------------------ */

/* Files whose lines bear names that fields no longer have. */
struct renaming {
	struct drain *d;
	const struct schema *schema; /* that knows the new names */
	const struct kind *from, *to;
	uint64_t txn;
	int64_t time;
	enum crm_err err;
	struct diag *dg;
};

static bool
has_old_name(const struct renaming *rn, struct str text)
{
	while (text.n > 0) {
		size_t end = str_chr(text, '\n');
		struct str line = str_head(text, end);
		const struct field *f =
		    schema_field(rn->from, str_head(line, str_chr(line, '\t')));

		if (f && f->slot < rn->to->nslots && rn->to->slots[f->slot] &&
		    !str_eq(f->name, rn->to->slots[f->slot]->name))
			return true;
		text = str_from_pos(text, end + 1);
	}
	return false;
}

/* Writes the record anew, as the transaction left it; its own date was that
 * of an older commit. */
static bool
rename_lines(void *arg, struct str name, struct str text, struct buf *out)
{
	struct renaming *rn = arg;
	struct row row;
	struct id id;
	bool there = false;

	if (rn->err != CRM_OK || !has_old_name(rn, text) ||
	    !id_parse(rn->schema, name, &id))
		return false;
	rn->err = journal_row(
	    rn->d->s, id, rn->txn, &rn->d->text, &row, &there, rn->dg);
	if (rn->err != CRM_OK || !there)
		return false;
	record_text(rn->to, &row, !record_updated_at(&row, rn->time), out);
	return true;
}

static bool
names_differ(const struct kind *a, const struct kind *b)
{
	for (size_t i = 0; i < a->nslots && i < b->nslots; i++)
		if (a->slots[i] && b->slots[i] &&
		    !str_eq(a->slots[i]->name, b->slots[i]->name))
			return true;
	return false;
}

static enum crm_err
rename_fields(struct drain *d, const struct schema *old,
    const struct schema *new, uint64_t txn, struct diag *dg)
{
	const struct kind *k = schema_kind_at(new, 0);
	enum crm_err err = journal_txn(d->j, txn, false, dg);

	for (size_t i = 1; k && err == CRM_OK; k = schema_kind_at(new, i++)) {
		struct renaming rn = {.d = d,
		    .schema = new,
		    .from = schema_kind_no(old, k->no),
		    .to = k,
		    .txn = txn,
		    .time = journal_head(d->j)->time,
		    .dg = dg};

		if (rn.from && names_differ(rn.from, k))
			err = editor_rewrite(
			    d->e, k->prefix, rename_lines, &rn, dg);
		if (err == CRM_OK)
			err = rn.err;
	}
	return err;
}

/* Does the transaction touch kinds or fields? */
static enum crm_err
changes_schema(struct drain *d, uint64_t txn, bool *yes, struct diag *dg)
{
	struct journal *j;
	struct journal_change c;
	bool got = true;
	enum crm_err err = journal_open(&j, d->s, true, dg);

	*yes = false;
	if (err == CRM_OK)
		err = journal_txn(j, txn, false, dg);
	while (err == CRM_OK && got && !*yes) {
		err = journal_next(j, &c, &got, dg);
		if (err == CRM_OK && got)
			*yes =
			    c.id.kind == KIND_KIND || c.id.kind == KIND_FIELD;
	}
	journal_close(j);
	return err;
}

/* The schema as transaction TXN left it becomes that of the drain. */
static enum crm_err
schema_step(struct drain *d, uint64_t txn, struct diag *dg)
{
	struct schema *next = NULL;
	bool changed;
	enum crm_err err = journal_schema(d->s, txn, &changed, &next, dg);

	if (err != CRM_OK)
		return err;
	if (d->schema)
		err = rename_fields(
		    d, d->schema, next ? next : store_schema(d->s), txn, dg);
	schema_free(d->before_then);
	d->before_then = d->then;
	d->before = d->schema;
	d->then = next;
	d->schema = next ? next : store_schema(d->s);
	d->follow_schema = changed;
	return err;
}

static enum crm_err
drain_txn(struct drain *d, uint64_t txn, struct diag *dg)
{
	const struct journal_head *h = journal_head(d->j);
	bool schema = false;
	enum crm_err err = CRM_OK;

	if (d->follow_schema)
		err = changes_schema(d, txn, &schema, dg);
	if (err == CRM_OK && schema)
		err = schema_step(d, txn, dg);
	if (err == CRM_OK)
		err = put_changes(d, txn, dg);
	d->before = NULL;
	if (err != CRM_OK)
		return err;
	message_of(h, &d->message);
	d->written++;
	return write_commit(d, h->user, h->time, dg);
}

/* ---- in step with the store ------------------------------------------- */

/* What is written becomes visible: the pack, then the refs. */
static enum crm_err
publish(struct drain *d, struct diag *dg)
{
	enum crm_err err = editor_finish(d->e, dg);

	editor_free(d->e);
	d->e = NULL;
	if (err == CRM_OK)
		err = repo_advance(
		    d->r, d->head.any ? &d->head.commit : NULL, &d->last, dg);
	if (err != CRM_OK)
		return err;
	d->head.any = true;
	d->head.commit = d->last;
	d->commits = 0;
	return CRM_OK;
}

/* The store learns how far the history is, and lets go of what it need not
 * keep any more. */
static enum crm_err
mark(struct store *s, const struct drain_options *o, uint64_t txn,
    struct diag *dg)
{
	struct journal_state state;
	bool more;
	enum crm_err err = store_begin(s, o->origin, false, dg);

	if (err != CRM_OK)
		return err;
	err = journal_state(s, &state, dg);
	if (err == CRM_OK && (state.drained < txn || !state.git)) {
		state.git = true;
		if (state.drained < txn)
			state.drained = txn;
		err = journal_configure(s, &state, dg);
	}
	if (err == CRM_OK)
		err = journal_prune(s, PRUNE_PIECES, &more, dg);
	if (err == CRM_OK)
		return store_commit(s, dg);
	store_abort(s);
	return err;
}

static enum crm_err
drain_all(struct drain *d, uint64_t to, struct diag *dg)
{
	uint64_t txn = d->head.txn;
	enum crm_err err = schema_step(d, txn, dg);

	while (err == CRM_OK && txn < to) {
		if (!d->e)
			err = editor_open(&d->e, d->r, &d->head.commit,
			    &(struct editor_options){.level = 1}, dg);
		if (err == CRM_OK)
			err = drain_txn(d, ++txn, dg);
		if (err == CRM_OK && d->commits >= FINISH_COMMITS)
			err = publish(d, dg);
	}
	if (err == CRM_OK && d->e)
		err = publish(d, dg);
	if (err == CRM_OK)
		d->head.txn = txn;
	return err;
}

static void
drain_clear(struct drain *d)
{
	editor_free(d->e);
	journal_close(d->j);
	schema_free(d->then);
	schema_free(d->before_then);
	buf_clear(&d->name);
	buf_clear(&d->text);
	buf_clear(&d->message);
}

enum crm_err
drain_run(struct store *s, struct repo *r, const struct drain_options *o,
    uint64_t *written, struct diag *dg)
{
	struct drain d = {.s = s, .r = r};
	struct journal_state state;
	enum crm_err err = repo_lock(r, o->wait_ms, dg);

	*written = 0;
	if (err == CRM_OK)
		err = repo_head(r, &d.head, dg);
	if (err == CRM_OK && !d.head.any)
		err = diag_set(dg, CRM_CONFIG,
		    "%s: the history is empty; crm-history init makes it",
		    repo_path(r));
	store_pause(s);
	if (err == CRM_OK)
		err = store_reload(s, dg);
	if (err == CRM_OK)
		err = journal_state(s, &state, dg);
	if (err == CRM_OK)
		err = drain_check(s, r, &d.head, dg);
	if (err == CRM_OK)
		err = journal_open(&d.j, s, false, dg);
	if (err == CRM_OK && d.head.txn < state.last)
		err = drain_all(&d, state.last, dg);
	*written = d.written;
	if (err == CRM_OK && (state.drained < d.head.txn || !state.git))
		err = mark(s, o, d.head.txn, dg);
	drain_clear(&d);
	return err;
}

/* ---- the first commit ------------------------------------------------- */

static enum crm_err
import_kind(struct drain *d, const struct kind *k, int64_t time,
    uint64_t *highest, struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_KIND, .kind = k, .bare = true};
	struct scan *sc = NULL;
	bool got = true;
	enum crm_err err = scan_open(&sc, d->s, &spec, dg);

	while (err == CRM_OK) {
		struct record rec;
		struct file_name name;
		struct id id;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = scan_record(sc, &rec, dg);
		if (err != CRM_OK)
			break;
		name = record_file(d->schema, id, &d->name);
		buf_reset(&d->text);
		record_text(
		    k, &rec.row, !record_updated_at(&rec.row, time), &d->text);
		err = d->text.failed
			  ? diag_nomem(dg)
			  : editor_put(d->e, &name, str_of(&d->text), dg);
		*highest = id.num;
	}
	scan_close(sc);
	return err;
}

/* All that the store holds, in one snapshot: it is that of the last
 * transaction. */
static enum crm_err
import_all(struct drain *d, const struct change_origin *who, uint64_t txn,
    struct diag *dg)
{
	const struct kind *k = schema_kind_at(d->schema, 0);
	enum crm_err err = editor_open(
	    &d->e, d->r, NULL, &(struct editor_options){.level = 0}, dg);

	buf_reset(&d->message);
	buf_addz(&d->message, "crm-history init\n\n");
	for (size_t i = 1; k && err == CRM_OK;
	     k = schema_kind_at(d->schema, i++)) {
		uint64_t highest = 0, next = 0;

		err = import_kind(d, k, who->time, &highest, dg);
		if (err == CRM_OK)
			err = store_next(d->s, k, &next, dg);
		if (err == CRM_OK && next > highest + 1)
			buf_addf(&d->message, "Crm-Used: %.*s%llu\n",
			    STR_ARG(k->prefix), (unsigned long long)next - 1);
	}
	buf_addz(&d->message, "Crm-Txn: ");
	buf_addu(&d->message, txn);
	buf_addc(&d->message, '\n');
	return err == CRM_OK ? write_commit(d, who->user, who->time, dg) : err;
}

/* The journal must be on before the first commit, so that nothing is missed
 * between the two. */
static enum crm_err
journal_on(struct store *s, const struct drain_options *o, struct diag *dg)
{
	struct journal_state state;
	enum crm_err err = journal_state(s, &state, dg);

	if (err != CRM_OK || (!state.off && !store_missing(s)))
		return err;
	err = store_begin(s, o->origin, false, dg);
	if (err == CRM_OK)
		err = journal_state(s, &state, dg);
	state.off = false;
	if (err == CRM_OK)
		err = journal_configure(s, &state, dg);
	if (err == CRM_OK)
		return store_commit(s, dg);
	store_abort(s);
	return err;
}

static enum crm_err
import_run(
    struct drain *d, const struct drain_options *o, bool *made, struct diag *dg)
{
	struct journal_state state;
	enum crm_err err;

	store_pause(d->s);
	err = store_reload(d->s, dg);
	d->schema = store_schema(d->s);
	if (err == CRM_OK)
		err = journal_state(d->s, &state, dg);
	if (err == CRM_OK && !d->head.any) {
		err = import_all(d, o->origin, state.last, dg);
		if (err == CRM_OK)
			err = publish(d, dg);
		d->head.txn = state.last;
		*made = true;
	} else if (err == CRM_OK) {
		err = drain_check(d->s, d->r, &d->head, dg);
	}
	store_pause(d->s);
	return err == CRM_OK ? mark(d->s, o, d->head.txn, dg) : err;
}

enum crm_err
drain_init(struct store *s, const char *path, volatile uint64_t *beat,
    const struct drain_options *o, bool *made, struct diag *dg)
{
	struct drain d = {.s = s};
	enum crm_err err = journal_on(s, o, dg);

	*made = false;
	if (err == CRM_OK)
		err = repo_create(path, dg);
	if (err == CRM_OK)
		err = repo_open(&d.r, path, beat, dg);
	if (err == CRM_OK)
		err = repo_lock(d.r, o->wait_ms, dg);
	if (err == CRM_OK)
		err = repo_head(d.r, &d.head, dg);
	if (err == CRM_OK)
		err = import_run(&d, o, made, dg);
	drain_clear(&d);
	repo_close(d.r);
	return err;
}
