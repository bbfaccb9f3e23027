/* SPDX-License-Identifier: ISC */
/* letters: a file for each record. All are written beside their places and
 * get their names at the end, when nothing went wrong. */
#include "crm-export/export.h"

#include "cli/msg.h"
#include "crm/template.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that waits for its name. */
struct letter {
	char *path;
	struct id id; /* of the record */
	uint64_t no;  /* in the order of writing; of the file's first name */
};

struct letters {
	struct exporter exporter;
	struct exporter_options o;
	struct letter_options what;
	struct template *body, *path;
	struct buf text, place, part;
	struct letter *written;
	size_t n, cap;
	char **made; /* folders that were not there, the inner ones later */
	size_t nmade, made_cap;
	bool done;
};

/* ---- names ------------------------------------------------------------ */

/* The name that letter NO of PATH has until the end: in the same folder. */
static void
part_name(struct letters *l, const char *path, uint64_t no)
{
	const char *slash = strrchr(path, '/');
	size_t folder = slash ? (size_t)(slash + 1 - path) : 0;

	buf_reset(&l->part);
	buf_add(&l->part, str_head(str_from(path), folder));
	buf_addf(&l->part, ".crm-%ld-%llu.part", (long)getpid(),
	    (unsigned long long)no);
}

static enum crm_err
folder_note(struct letters *l, const char *path, struct diag *dg)
{
	if (l->nmade == l->made_cap) {
		size_t cap = l->made_cap ? 2 * l->made_cap : 8;
		char **more = realloc(l->made, cap * sizeof(*more));

		if (!more)
			return diag_nomem(dg);
		l->made = more;
		l->made_cap = cap;
	}
	l->made[l->nmade] = strdup(path);
	return l->made[l->nmade++] ? CRM_OK : diag_nomem(dg);
}

/* Makes the folders above PATH that are not there. */
static enum crm_err
folders_make(struct letters *l, char *path, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (char *p = path + 1; !err && (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(path, 0777) == 0)
			err = folder_note(l, path, dg);
		else if (errno != EEXIST && errno != EISDIR)
			err = msg_errno(dg, path, errno);
		*p = '/';
	}
	return err;
}

/* The place of R's letter into l->place. */
static enum crm_err
place_read(struct letters *l, const struct record *r, struct diag *dg)
{
	struct stat st;
	enum crm_err err;

	buf_reset(&l->place);
	err = template_fill(l->path, r, &l->place, dg);
	if (err)
		return err;
	const char *path = buf_z(&l->place);
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	long most = pathconf(".", _PC_NAME_MAX);
	bool folder = name[0] == '\0' || strcmp(name, ".") == 0 ||
		      strcmp(name, "..") == 0;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		folder = true;
	if (folder)
		return diag_set(dg, CRM_USAGE,
		    "-o: '%s' is no plain file; add a name, as in "
		    "letters/{{id}}.txt",
		    path);
	if (most > 0 && strlen(name) > (size_t)most)
		return msg_errno(dg, path, ENAMETOOLONG);
	return CRM_OK;
}

/* ---- writing ---------------------------------------------------------- */

static enum crm_err
letter_note(struct letters *l, struct id id, struct diag *dg)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		struct letter *more = realloc(l->written, cap * sizeof(*more));

		if (!more)
			return diag_nomem(dg);
		l->written = more;
		l->cap = cap;
	}
	struct letter *now = &l->written[l->n];

	*now = (struct letter){
	    .path = strdup(buf_z(&l->place)), .id = id, .no = l->n};
	if (!now->path)
		return diag_nomem(dg);
	l->n++;
	return CRM_OK;
}

/* The file without its name; what was there keeps its rights. */
static enum crm_err
part_write(struct letters *l, const char *path, struct diag *dg)
{
	struct str rest = str_of(&l->text);
	struct stat st;
	mode_t mode = lstat(path, &st) == 0 ? st.st_mode & 0777 : 0666;
	int fd = open(buf_z(&l->part),
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	int error = 0;

	if (fd < 0)
		return msg_errno(dg, path, errno);
	while (!error && rest.n > 0) {
		ptrdiff_t n = write(fd, rest.p, rest.n);

		if (n >= 0)
			rest = str_from_pos(rest, (size_t)n);
		else if (errno != EINTR)
			error = errno;
	}
	if (close(fd) != 0 && !error)
		error = errno;
	return error ? msg_errno(dg, path, error) : CRM_OK;
}

static enum crm_err
letters_record(
    struct exporter *x, const struct record *r, struct buf *to, struct diag *dg)
{
	struct letters *l = (struct letters *)x;
	struct id id = r->id;
	enum crm_err err;

	(void)to;
	buf_reset(&l->text);
	err = place_read(l, r, dg);
	if (!err)
		err = template_fill(l->body, r, &l->text, dg);
	if (!err)
		err = letter_note(l, id, dg);
	if (err)
		return err;
	struct letter *now = &l->written[l->n - 1];

	/* Nothing is held while the disk takes its time. */
	store_pause(l->o.store);
	part_name(l, now->path, now->no);
	if (l->part.failed)
		return diag_nomem(dg);
	err = folders_make(l, now->path, dg);
	return err ? err : part_write(l, now->path, dg);
}

/* ---- the end ---------------------------------------------------------- */

static int
letter_cmp(const void *a, const void *b)
{
	const struct letter *x = a, *y = b;
	int by = strcmp(x->path, y->path);

	if (by)
		return by;
	return x->no < y->no ? -1 : x->no > y->no;
}

static enum crm_err
same_refuse(const struct letters *l, const struct letter *a, struct diag *dg)
{
	const struct schema *s = store_schema(l->o.store);
	struct buf ids = {0};

	id_print(s, a[0].id, &ids);
	buf_addz(&ids, " and ");
	id_print(s, a[1].id, &ids);
	(void)diag_set(dg, CRM_USAGE,
	    "-o: %s would be the file of both %s; add {{id}} to its name",
	    a[0].path, buf_z(&ids));
	buf_clear(&ids);
	return CRM_USAGE;
}

static enum crm_err
letters_end(struct exporter *x, struct buf *to, struct diag *dg)
{
	struct letters *l = (struct letters *)x;

	(void)to;
	if (l->n > 0)
		qsort(l->written, l->n, sizeof(*l->written), letter_cmp);
	for (size_t i = 0; i + 1 < l->n; i++)
		if (strcmp(l->written[i].path, l->written[i + 1].path) == 0)
			return same_refuse(l, &l->written[i], dg);
	for (size_t i = 0; i < l->n; i++) {
		part_name(l, l->written[i].path, l->written[i].no);
		if (l->part.failed)
			return diag_nomem(dg);
		if (rename(buf_z(&l->part), l->written[i].path) != 0)
			return msg_errno(dg, l->written[i].path, errno);
	}
	l->done = true;
	return CRM_OK;
}

/* Takes away what has no name yet, and the folders made for it. */
static void
letters_undo(struct letters *l)
{
	for (size_t i = 0; i < l->n; i++) {
		part_name(l, l->written[i].path, l->written[i].no);
		if (!l->part.failed)
			(void)unlink(buf_z(&l->part));
	}
	for (size_t i = l->nmade; i > 0; i--)
		if (l->made[i - 1])
			(void)rmdir(l->made[i - 1]);
}

static void
letters_free(struct exporter *x)
{
	struct letters *l = (struct letters *)x;

	if (!l->done)
		letters_undo(l);
	for (size_t i = 0; i < l->n; i++)
		free(l->written[i].path);
	for (size_t i = 0; i < l->nmade; i++)
		free(l->made[i]);
	free(l->written);
	free(l->made);
	template_free(l->body);
	template_free(l->path);
	buf_clear(&l->text);
	buf_clear(&l->place);
	buf_clear(&l->part);
	free(l);
}

static enum crm_err
letters_kind(struct exporter *x, const struct kind *kind, struct buf *to,
    struct diag *dg)
{
	struct letters *l = (struct letters *)x;
	struct template_options o = {.store = l->o.store,
	    .clock = l->o.clock,
	    .kind = kind,
	    .name = l->what.name};
	enum crm_err err;

	(void)to;
	err = template_new(&l->body, l->what.text, &o, dg);
	if (err)
		return err;
	o.name = "-o";
	o.use = TEMPLATE_PATH;
	err = template_new(&l->path, str_from(l->what.path), &o, dg);
	return err == CRM_DATA ? (dg->code = CRM_USAGE) : err;
}

enum crm_err
letters_exporter(struct exporter **out, const struct letter_options *what,
    const struct exporter_options *o, struct diag *dg)
{
	static const struct exporter_class class = {.kind = letters_kind,
	    .record = letters_record,
	    .end = letters_end,
	    .free = letters_free};
	struct letters *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (!l)
		return diag_nomem(dg);
	l->exporter.class = &class;
	l->what = *what;
	l->o = *o;
	*out = &l->exporter;
	return CRM_OK;
}
