/* SPDX-License-Identifier: ISC */
/* waiting: a row is kept as one block: numbers and texts, lengths first. Its
 * own length stands before and behind it. */
#include "crm/waiting.h"
#include "base/num.h"
#include "base/temp.h"

#include <errno.h>

enum { NUMBER = 8 };

/* The columns of a table are the same for all its rows: kept once. */
struct heading {
	uint64_t shape;
	const char *file;
	const struct profile *profile;
	struct buf memory; /* the names, one behind the other */
	struct str *names;
	size_t n;
};

struct waiting {
	FILE *file;
	struct heading *headings;
	size_t nheadings, cap;
	uint64_t count;
	bool back; /* how it is read */
	struct buf block;
	struct str *cells; /* room for the row that is read */
	size_t ncells;
	struct intake_value *values;
	size_t nvalues;
};

static enum crm_err
file_error(const char *doing, struct diag *dg)
{
	return diag_set(dg, errno == ENOSPC ? CRM_TEMP : CRM_IO,
	    "%s a temporary file for rows that wait: %s; make room, or set "
	    "TMPDIR",
	    doing, strerror(errno));
}

enum crm_err
waiting_new(struct waiting **out, const char *dir, struct diag *dg)
{
	struct waiting *w = calloc(1, sizeof(*w));

	*out = NULL;
	if (!w)
		return diag_nomem(dg);
	w->file = temp_open(temp_dir(dir));
	if (!w->file) {
		free(w);
		return diag_set(dg, CRM_IO,
		    "%s: no temporary file for rows that wait: %s; set TMPDIR "
		    "to a folder that can be written",
		    temp_dir(dir), strerror(errno));
	}
	*out = w;
	return CRM_OK;
}

void
waiting_free(struct waiting *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->nheadings; i++) {
		buf_clear(&w->headings[i].memory);
		free(w->headings[i].names);
	}
	fclose(w->file);
	free(w->headings);
	buf_clear(&w->block);
	free(w->cells);
	free(w->values);
	free(w);
}

uint64_t
waiting_count(const struct waiting *w)
{
	return w->count;
}

/* ---- headings --------------------------------------------------------- */

static bool
heading_fill(struct heading *h, const struct waiting_row *r)
{
	size_t at = 0;

	*h = (struct heading){.shape = r->row.shape,
	    .file = r->name,
	    .profile = r->profile,
	    .n = r->row.n};
	h->names = calloc(h->n + 1, sizeof(*h->names));
	for (size_t i = 0; i < h->n; i++)
		buf_add(&h->memory, r->row.names[i]);
	if (!h->names || h->memory.failed) {
		free(h->names);
		buf_clear(&h->memory);
		return false;
	}
	for (size_t i = 0; i < h->n; i++) {
		size_t n = r->row.names[i].n;

		h->names[i] = str_head(str_from_pos(str_of(&h->memory), at), n);
		at += n;
	}
	return true;
}

/* Which heading a row has; the last one mostly. */
static bool
heading_of(struct waiting *w, const struct waiting_row *r, size_t *out)
{
	struct heading *more;

	for (size_t i = w->nheadings; i-- > 0;)
		if (w->headings[i].shape == r->row.shape &&
		    w->headings[i].file == r->name &&
		    w->headings[i].profile == r->profile) {
			*out = i;
			return true;
		}
	if (w->nheadings == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 8;

		more = realloc(w->headings, cap * sizeof(*more));
		if (!more)
			return false;
		w->headings = more;
		w->cap = cap;
	}
	*out = w->nheadings;
	if (!heading_fill(&w->headings[w->nheadings], r))
		return false;
	w->nheadings++;
	return true;
}

/* ---- writing ---------------------------------------------------------- */

static void
number_add(struct buf *b, uint64_t v)
{
	unsigned char p[NUMBER];

	num_put64(p, v);
	buf_add(b, (struct str){.p = (const char *)p, .n = NUMBER});
}

static void
text_add(struct buf *b, struct str s)
{
	number_add(b, s.n);
	buf_add(b, s);
}

enum crm_err
waiting_add(struct waiting *w, const struct waiting_row *r, struct diag *dg)
{
	struct buf *b = &w->block;
	size_t heading = 0;
	unsigned char size[NUMBER];

	if (!heading_of(w, r, &heading))
		return diag_nomem(dg);
	buf_reset(b);
	number_add(b, heading);
	number_add(b, r->kind);
	number_add(b, r->laid.num);
	number_add(b, r->propped);
	number_add(b, r->row.line);
	text_add(b, r->row.raw);
	text_add(b, r->row.kind);
	for (size_t i = 0; i < r->row.n; i++)
		text_add(b, r->row.cells[i]);
	number_add(b, r->intake.n);
	for (size_t i = 0; i < r->intake.n; i++) {
		const struct intake_value *v = &r->intake.v[i];

		number_add(b, (uint64_t)v->op);
		text_add(b, v->field);
		text_add(b, v->value);
		text_add(b, v->column);
	}
	if (b->failed)
		return diag_nomem(dg);
	num_put64(size, b->n);
	if (fwrite(size, sizeof(size), 1, w->file) != 1 ||
	    fwrite(b->p, b->n, 1, w->file) != 1 ||
	    fwrite(size, sizeof(size), 1, w->file) != 1)
		return file_error("writing", dg);
	w->count++;
	return CRM_OK;
}

/* ---- reading ---------------------------------------------------------- */

enum crm_err
waiting_rewind(struct waiting *w, bool back, struct diag *dg)
{
	w->back = back;
	if (fflush(w->file) != 0 ||
	    fseeko(w->file, 0, back ? SEEK_END : SEEK_SET) != 0)
		return file_error("reading", dg);
	return CRM_OK;
}

static uint64_t
number_take(struct str *rest)
{
	uint64_t v = num_get64((const unsigned char *)rest->p);

	*rest = str_from_pos(*rest, NUMBER);
	return v;
}

static struct str
text_take(struct str *rest)
{
	size_t n = (size_t)number_take(rest);
	struct str s = str_head(*rest, n);

	*rest = str_from_pos(*rest, n);
	return s;
}

/* Room for N cells and for N values. */
static bool
room(struct waiting *w, size_t cells, size_t values)
{
	if (cells > w->ncells) {
		struct str *p = realloc(w->cells, cells * sizeof(*p));

		if (!p)
			return false;
		w->cells = p;
		w->ncells = cells;
	}
	if (values > w->nvalues) {
		struct intake_value *p =
		    realloc(w->values, values * sizeof(*p));

		if (!p)
			return false;
		w->values = p;
		w->nvalues = values;
	}
	return true;
}

static bool
block_decode(struct waiting *w, struct waiting_row *r)
{
	struct str rest = str_of(&w->block);
	const struct heading *h = &w->headings[number_take(&rest)];
	size_t i, n;

	*r = (struct waiting_row){.name = h->file, .profile = h->profile};
	r->kind = (uint16_t)number_take(&rest);
	r->laid = (struct id){.kind = r->kind, .num = number_take(&rest)};
	r->propped = number_take(&rest) != 0;
	r->row =
	    (struct rows_row){.names = h->names, .n = h->n, .shape = h->shape};
	r->row.line = number_take(&rest);
	r->row.raw = text_take(&rest);
	r->row.kind = text_take(&rest);
	if (!room(w, h->n, 0))
		return false;
	for (i = 0; i < h->n; i++)
		w->cells[i] = text_take(&rest);
	n = (size_t)number_take(&rest);
	if (!room(w, 0, n))
		return false;
	for (i = 0; i < n; i++) {
		struct intake_value *v = &w->values[i];

		*v = (struct intake_value){
		    .op = (enum assign_op)number_take(&rest)};
		v->field = text_take(&rest);
		v->value = text_take(&rest);
		v->column = text_take(&rest);
	}
	r->row.cells = w->cells;
	r->intake = (struct intake){.v = w->values, .n = n};
	return true;
}

/* The length of the next block, whose begin the file then is at; 0 when there
 * is none. */
static enum crm_err
block_find(struct waiting *w, size_t *n, struct diag *dg)
{
	unsigned char size[NUMBER];
	off_t at = w->back ? ftello(w->file) : NUMBER;

	*n = 0;
	if (at == 0)
		return CRM_OK;
	if (w->back && fseeko(w->file, -(off_t)NUMBER, SEEK_CUR) != 0)
		return file_error("reading", dg);
	if (fread(size, sizeof(size), 1, w->file) != 1)
		return ferror(w->file) ? file_error("reading", dg) : CRM_OK;
	*n = (size_t)num_get64(size);
	if (w->back && fseeko(w->file, -(off_t)*n - NUMBER, SEEK_CUR) != 0)
		return file_error("reading", dg);
	return CRM_OK;
}

/* To the end of the block that was read, seen in the way that is read. */
static enum crm_err
block_leave(struct waiting *w, size_t n, struct diag *dg)
{
	unsigned char size[NUMBER];
	bool ok;

	if (w->back)
		ok = fseeko(w->file, -(off_t)n - NUMBER, SEEK_CUR) == 0;
	else
		ok = fread(size, sizeof(size), 1, w->file) == 1;
	return ok ? CRM_OK : file_error("reading", dg);
}

enum crm_err
waiting_next(
    struct waiting *w, struct waiting_row *r, bool *got, struct diag *dg)
{
	size_t n;
	char *p;
	enum crm_err err = block_find(w, &n, dg);

	*got = false;
	if (err || n == 0)
		return err;
	buf_reset(&w->block);
	p = buf_room(&w->block, n);
	if (!p)
		return diag_nomem(dg);
	if (fread(p, n, 1, w->file) != 1)
		return file_error("reading", dg);
	w->block.n = n;
	err = block_leave(w, n, dg);
	if (err)
		return err;
	if (!block_decode(w, r))
		return diag_nomem(dg);
	*got = true;
	return CRM_OK;
}
