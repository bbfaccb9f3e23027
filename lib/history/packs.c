/* SPDX-License-Identifier: ISC */
/* packs: the directory objects/pack. */
#include "history/repo_priv.h"

#include "history/packs.h"

#include "history/outfile.h"
#include "history/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_DIGITS = 2 * OID_BYTES };

enum crm_err
packs_path(const struct repo *r, struct buf *out, struct diag *dg)
{
	return repo_below(r, "objects/pack", out, dg);
}

bool
packs_guard(struct repo *r, struct str names)
{
	buf_add(&r->kept, names);
	return !r->kept.failed;
}

static int
directory_open(const struct repo *r)
{
	struct buf path = {0};
	struct diag dg = {0};
	int fd = -1;

	if (packs_path(r, &path, &dg) == CRM_OK)
		fd = open(path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	buf_clear(&path);
	diag_clear(&dg);
	return fd;
}

/* Takes away the files pack-NAME.SUFFIX. */
static void
remove_each(const struct repo *r, struct str names, const char *const *suffix,
    size_t count)
{
	int dir = names.n > 0 ? directory_open(r) : -1;
	char name[NAME_DIGITS + 16];

	for (; dir >= 0 && names.n >= NAME_DIGITS;
	     names = str_from_pos(names, NAME_DIGITS)) {
		for (size_t i = 0; i < count; i++) {
			snprintf(name, sizeof(name), "pack-%.*s%s", NAME_DIGITS,
			    names.p, suffix[i]);
			unlinkat(dir, name, 0);
		}
	}
	if (dir >= 0)
		close(dir);
}

void
packs_unguard(struct repo *r)
{
	static const char *const suffix[] = {".keep"};

	remove_each(r, str_of(&r->kept), suffix, ARRAY_LEN(suffix));
	buf_reset(&r->kept);
}

void
packs_remove(const struct repo *r, struct str names)
{
	static const char *const suffix[] = {".idx", ".pack", ".keep"};

	remove_each(r, names, suffix, ARRAY_LEN(suffix));
}

/* Whether a .keep file is one of ours: git's own say something else, a kill
 * may have left ours empty, before there was a pack. */
static bool
guard_is_ours(int dir, const char *name, bool has_pack)
{
	char text[sizeof(PACK_KEEP_TEXT)];
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct str found = {.p = text};
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n <= 0)
		return n == 0 && !has_pack;
	found.n = (size_t)n;
	return str_eq(found, STR(PACK_KEEP_TEXT));
}

/* A guard of ours goes; so does its pack when the index is missing. */
static void
guard_clean(int dir, struct str name)
{
	struct buf pack = {0}, index = {0};
	struct str stem = str_head(name, name.n - strlen(".keep"));
	bool has_pack;

	buf_add(&pack, stem);
	buf_addz(&pack, ".pack");
	buf_add(&index, stem);
	buf_addz(&index, ".idx");
	if (pack.failed || index.failed)
		goto out;
	has_pack = faccessat(dir, pack.p, F_OK, 0) == 0;
	if (!guard_is_ours(dir, name.p, has_pack))
		goto out;
	if (faccessat(dir, index.p, F_OK, 0) != 0 && errno == ENOENT)
		unlinkat(dir, pack.p, 0);
	unlinkat(dir, name.p, 0);
out:
	buf_clear(&pack);
	buf_clear(&index);
}

enum crm_err
packs_clean(const struct repo *r, struct diag *dg)
{
	int fd = directory_open(r);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	if (!d) {
		enum crm_err err =
		    fail_errno(r->path, errno, "objects/pack", dg);

		if (fd >= 0)
			close(fd);
		return err;
	}
	while ((e = readdir(d)) != NULL) {
		struct str name = str_from(e->d_name);

		if (str_starts(name, STR(OUTFILE_PREFIX)))
			unlinkat(fd, e->d_name, 0);
		else if (str_ends(name, STR(".keep")))
			guard_clean(fd, name);
	}
	closedir(d);
	return CRM_OK;
}

/* What the files of a directory add up to. */
struct tally {
	uint64_t files, packs, bytes;
};

/* Files of the directory NAME below DIR. One that went meanwhile is none. */
static bool
tally_directory(int dir, const char *name, struct tally *t)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return errno == ENOENT;
	}
	while ((e = readdir(d)) != NULL) {
		struct str file = str_from(e->d_name);
		struct stat st;

		if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		t->files++;
		t->packs += str_ends(file, STR(".pack"));
		t->bytes += (uint64_t)st.st_size;
	}
	closedir(d);
	return true;
}

enum crm_err
repo_size(struct repo *r, uint64_t *packs, uint64_t *loose, uint64_t *bytes,
    struct diag *dg)
{
	struct tally pack = {0}, single = {0};
	struct buf path = {0};
	enum crm_err err = repo_below(r, "objects", &path, dg);
	bool fine = true;
	int dir;

	if (err != CRM_OK)
		return err;
	dir = open(path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	buf_clear(&path);
	if (dir < 0)
		return fail_errno(r->path, errno, "objects", dg);
	fine = tally_directory(dir, "pack", &pack);
	for (unsigned i = 0; fine && i < 256; i++) {
		char name[4];

		snprintf(name, sizeof(name), "%02x", i);
		fine = tally_directory(dir, name, &single);
	}
	if (!fine)
		err = fail_errno(r->path, errno, "objects", dg);
	close(dir);
	*packs = pack.packs;
	*loose = single.files;
	*bytes = pack.bytes + single.bytes;
	return err;
}
