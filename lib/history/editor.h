/* SPDX-License-Identifier: ISC */
/*
 * editor: writes commits. It stands on the tree of a base commit, takes new
 * texts of records and deletions, and writes blobs, changed trees and the
 * commit straight into a pack. Trees that change by one entry are deltas
 * against their last version in the same pack. Nothing is visible before
 * editor_finish.
 *
 * A record's path: prefix, then its number in ranges of 100 times 100, two
 * digits at least: c/00/00/c42, c/12/34/c123456, c/123/45/c1234567.
 *
 * Memory is bounded whatever a commit touches: changed directories beyond a
 * limit go into the pack early, and a pack is closed and a new one begun
 * beyond a number of objects or bytes.
 */
#ifndef CRM_EDITOR_H
#define CRM_EDITOR_H

#include "history/repo.h"

struct editor;

struct file_name {
	struct str prefix; /* "c": [a-z]+ */
	uint64_t num;
	struct str name; /* "c42", "c42-b7": [a-z0-9-]+ */
};
/* Appends "c/00/00/c42". */
void file_path(const struct file_name *f, struct buf *out);
/* Takes a name apart: prefix and num of "c42-b7". False when it is none. */
bool file_name_parse(struct str name, struct file_name *out) CRM_NODISCARD;

struct editor_options {
	int level;	       /* of zlib: 1 fast .. 9; 0: our default */
	size_t tree_bytes;     /* changed directories kept; 0: 64 MiB */
	uint64_t pack_objects; /* until a new pack; 0: 1,000,000 */
	uint64_t pack_bytes;   /* 0: 1 GiB */
};

/* The repository must be locked. BASE NULL: an empty tree, no parent. */
enum crm_err editor_open(struct editor **out, struct repo *r,
    const struct oid *base, const struct editor_options *o,
    struct diag *dg) CRM_NODISCARD;

/* Puts a file with TEXT, or replaces it. CRM_DATA for a name that is none. */
enum crm_err editor_put(struct editor *e, const struct file_name *f,
    struct str text, struct diag *dg) CRM_NODISCARD;
/* Takes a file away; one that is not there stays away. */
enum crm_err editor_del(
    struct editor *e, const struct file_name *f, struct diag *dg) CRM_NODISCARD;

/*
 * Gives every file of PREFIX, NAME and TEXT, to CHANGE, which appends the new
 * text to OUT and returns true, or returns false to leave it: for a renamed
 * field.
 */
enum crm_err editor_rewrite(struct editor *e, struct str prefix,
    bool (*change)(
	void *arg, struct str name, struct str text, struct buf *out),
    void *arg, struct diag *dg) CRM_NODISCARD;

/*
 * Writes the commit: changed trees, then the commit on top of the last one.
 * Author and committer are AUTHOR (angle brackets, LF and control bytes are
 * left out, "crm" when nothing is left) <AUTHOR@localhost> at TIME +0000;
 * MESSAGE ends with a line feed. The same input makes the same id.
 */
struct commit_text {
	struct str author;
	int64_t time; /* UTC seconds */
	struct str message;
};
enum crm_err editor_commit(struct editor *e, const struct commit_text *t,
    struct oid *out, struct diag *dg) CRM_NODISCARD;

/* Closes the pack: on disk and seen by git, its directory synced. */
enum crm_err editor_finish(struct editor *e, struct diag *dg) CRM_NODISCARD;
/* Frees; what was not finished is taken away. */
void editor_free(struct editor *e);

#endif
