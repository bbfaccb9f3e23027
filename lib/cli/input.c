/* SPDX-License-Identifier: ISC */
/* input: standard input and files: records, references, texts. */
#include "cli/cli.h"

#include "base/utf8.h"
#include "cli/msg.h"
#include "query/ref.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* A read that waits may wait long: the store's snapshot is given back. */
static ptrdiff_t
stdin_read(void *arg, char *p, size_t n)
{
	struct cli *c = arg;
	ptrdiff_t got;

	if (c->store != NULL)
		store_pause(c->store);
	do {
		got = read(STDIN_FILENO, p, n);
	} while (got < 0 && errno == EINTR);
	return got;
}

static bool
stdin_ready(void *arg)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

	(void)arg;
	return poll(&in, 1, 0) > 0;
}

enum crm_err
cli_tsv(struct cli *c, const struct tsv_options *o, struct tsv_reader **out)
{
	struct source src = {
	    .read = stdin_read,
	    .arg = c,
	    .name = "standard input",
	    .ready = stdin_ready,
	};
	return tsv_open(out, &src, o, &c->diag);
}

/* ---- texts ------------------------------------------------------------ */

static enum crm_err
text_check(const char *name, struct buf *text, struct diag *dg)
{
	size_t bad;

	if (text->failed)
		return diag_nomem(dg);
	if (text->n > CRM_FIELD_MAX + 1)
		return diag_set(dg, CRM_DATA,
		    "%s: more than %d bytes; shorten it", name,
		    (int)CRM_FIELD_MAX);
	if (!utf8_valid(str_of(text), &bad))
		return diag_set(dg, CRM_DATA,
		    "%s: byte %zu is no UTF-8 text; convert it with iconv",
		    name, bad + 1);
	return CRM_OK;
}

/* Appends what FD has, a little more than is allowed at most. */
static enum crm_err
fd_read(struct cli *c, int fd, const char *name, struct buf *out)
{
	enum { CHUNK = 16 * 1024 };

	while (out->n <= CRM_FIELD_MAX + 1) {
		char *p = buf_room(out, CHUNK);
		if (p == NULL)
			return diag_nomem(&c->diag);
		ptrdiff_t n = read(fd, p, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return msg_errno(&c->diag, name, errno);
		if (n == 0)
			break;
		out->n += (size_t)n;
		out->p[out->n] = '\0';
	}
	return CRM_OK;
}

enum crm_err
cli_slurp(struct cli *c, const char *path, struct buf *out)
{
	enum crm_err err = cli_read(c, path, out);

	if (err == CRM_OK && out->n > 0 && out->p[out->n - 1] == '\n')
		out->p[--out->n] = '\0';
	return err;
}

enum crm_err
cli_read(struct cli *c, const char *path, struct buf *out)
{
	bool input = path == NULL || strcmp(path, "-") == 0;
	const char *name = input ? "standard input" : path;
	int fd = STDIN_FILENO;

	if (!input)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return msg_errno(&c->diag, name, errno);
	if (c->store != NULL)
		store_pause(c->store);
	enum crm_err err = fd_read(c, fd, name, out);
	if (!input)
		close(fd);
	return err != CRM_OK ? err : text_check(name, out, &c->diag);
}

/* ---- references ------------------------------------------------------- */

/* The ids found so far, and what named nothing. */
struct refs {
	const struct kind *kind;
	struct id *ids;
	size_t n, cap;
	struct diag first; /* the first that names nothing */
	struct buf others; /* texts of a few more */
	size_t missing;
};

static bool
refs_add(struct refs *r, struct id id)
{
	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 64;
		struct id *p = realloc(r->ids, cap * sizeof(*p));
		if (p == NULL)
			return false;
		r->ids = p;
		r->cap = cap;
	}
	r->ids[r->n++] = id;
	return true;
}

static void
refs_miss(struct refs *r, struct str word, uint64_t line, struct diag *dg)
{
	enum { NAMED = 5 };

	if (line > 0)
		diag_place(dg, "standard input:%llu", (unsigned long long)line);
	if (r->missing == 0) {
		r->first = *dg;
		*dg = (struct diag){0};
	} else if (r->missing < NAMED) {
		buf_addf(&r->others, "%s%.*s", r->missing > 1 ? ", " : "",
		    STR_ARG(word));
	}
	r->missing++;
}

/* One REF; LINE 0 for an operand. What names nothing is counted. */
static enum crm_err
refs_word(struct cli *c, struct refs *r, struct str word, uint64_t line)
{
	struct id id;

	enum crm_err err = ref_resolve(c->store, r->kind, word, &id, &c->diag);
	if (err == CRM_NO) {
		refs_miss(r, word, line, &c->diag);
		return CRM_OK;
	}
	if (err != CRM_OK && line > 0)
		diag_place(
		    &c->diag, "standard input:%llu", (unsigned long long)line);
	if (err == CRM_OK && !refs_add(r, id))
		err = diag_nomem(&c->diag);
	return err;
}

/* Where "id" stands; CRM_DATA when it does not. */
static enum crm_err
id_column(struct cli *c, const struct tsv_reader *in, size_t *out)
{
	const struct str *names;
	size_t n = tsv_columns(in, &names);

	for (*out = 0; *out < n; ++*out)
		if (str_is(names[*out], "id"))
			return CRM_OK;
	if (n == 0)
		return CRM_OK;
	return diag_set(&c->diag, CRM_DATA,
	    "standard input:1: no column id in the header; "
	    "was it sorted? use crm-body, or give ids one a line");
}

static enum crm_err
refs_rows(struct cli *c, struct refs *r, struct tsv_reader *in, size_t column)
{
	for (;;) {
		const struct str *cells;
		bool got;
		enum crm_err err = tsv_next(in, &cells, &got, &c->diag);
		if (err != CRM_OK || !got)
			return err;
		if (cells[column].n == 0)
			return diag_set(&c->diag, CRM_DATA,
			    "standard input:%llu: id: empty; "
			    "every row needs one",
			    (unsigned long long)tsv_line(in));
		err = refs_word(c, r, cells[column], tsv_line(in));
		if (err != CRM_OK)
			return err;
	}
}

static enum crm_err
refs_input(struct cli *c, struct refs *r)
{
	struct tsv_options o = {.bare_ids = true};
	struct tsv_reader *in;
	size_t column = 0;

	enum crm_err err = cli_tsv(c, &o, &in);
	if (err != CRM_OK)
		return err;
	err = id_column(c, in, &column);
	if (err == CRM_OK)
		err = refs_rows(c, r, in, column);
	tsv_close(in);
	return err;
}

/* For sorting: an id and where it stood. */
struct place {
	struct id id;
	size_t at;
};

static int
place_cmp(const void *a, const void *b)
{
	const struct place *x = a;
	const struct place *y = b;
	int order = id_cmp(x->id, y->id);
	if (order != 0)
		return order;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Takes repeated ids out, the first of each stays where it is. */
static bool
refs_unique(struct refs *r)
{
	if (r->n < 2)
		return true;
	struct place *sorted = malloc(r->n * sizeof(*sorted));
	if (sorted == NULL)
		return false;
	for (size_t i = 0; i < r->n; i++)
		sorted[i] = (struct place){.id = r->ids[i], .at = i};
	qsort(sorted, r->n, sizeof(*sorted), place_cmp);
	for (size_t i = 1; i < r->n; i++)
		if (id_eq(sorted[i].id, sorted[i - 1].id))
			r->ids[sorted[i].at].num = 0;
	free(sorted);
	size_t kept = 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->ids[i].num != 0)
			r->ids[kept++] = r->ids[i];
	r->n = kept;
	return true;
}

static enum crm_err
refs_all(struct cli *c, struct refs *r, const struct str *words, size_t n)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; i < n && err == CRM_OK; i++) {
		if (str_is(words[i], "-"))
			err = refs_input(c, r);
		else
			err = refs_word(c, r, words[i], 0);
	}
	if (err == CRM_OK && !refs_unique(r))
		err = diag_nomem(&c->diag);
	if (err == CRM_OK && r->missing > 0) {
		diag_clear(&c->diag);
		c->diag = r->first;
		r->first = (struct diag){0};
		if (r->others.n > 0)
			diag_more(&c->diag, "; nor %s", buf_z(&r->others));
		if (r->missing > 5)
			diag_more(&c->diag, " and %zu more", r->missing - 5);
		err = CRM_NO;
	}
	return err;
}

enum crm_err
cli_refs(struct cli *c, const struct kind *kind, const struct str *words,
    size_t n, struct id **ids, size_t *nids)
{
	struct refs r = {.kind = kind};

	*ids = NULL;
	*nids = 0;
	enum crm_err err = refs_all(c, &r, words, n);
	if (err == CRM_OK) {
		*ids = r.ids;
		*nids = r.n;
	} else {
		free(r.ids);
	}
	diag_clear(&r.first);
	buf_clear(&r.others);
	return err;
}
