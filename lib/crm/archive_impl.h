/* SPDX-License-Identifier: ISC */
/* archive_impl: what the two forms of an archive share; included by
 * archive*.c only. */
#ifndef CRM_ARCHIVE_IMPL_H
#define CRM_ARCHIVE_IMPL_H

#include "crm/archive.h"
#include "crm/archive_read.h"
#include "text/emit.h"

enum { ARCHIVE_VERSION = 1, ARCHIVE_CHUNK = 256 * 1024 };

/* The file of a directory that says what is in the others; no kind can be
 * called so. */
#define ARCHIVE_MANIFEST "MANIFEST"

/* What is said of the store before everything else. */
struct archive_head {
	uint64_t version;
	uint64_t txn;	  /* the store's last transaction */
	uint64_t kinds;	  /* parts that follow */
	uint64_t numbers; /* lowest number of a kind that was never given */
};

/* What is said of a kind before its records; kinds and fields come first. */
struct archive_part {
	struct str name;
	uint64_t records;
	uint64_t next;	/* number that the next new record gets */
	uint64_t slots; /* lowest place of a field that was never given */
};

/*
 * The checksum is that of what is said, not of the bytes that say it: it is
 * the same in both forms. A value counts with its name, where it has one.
 */
void archive_sum_head(uint32_t *crc, const struct archive_head *h);
void archive_sum_part(uint32_t *crc, const struct archive_part *p);
void archive_sum_text(uint32_t *crc, struct str text);

/* ---- out -------------------------------------------------------------- */

struct archive_form {
	enum format format; /* of the records */
	struct buf *to;
	enum crm_err (*head)(struct archive_form *f,
	    const struct archive_head *h, struct diag *dg);
	/* The header of the records follows. */
	enum crm_err (*part)(struct archive_form *f,
	    const struct archive_part *p, struct diag *dg);
	enum crm_err (*drain)(struct archive_form *f, struct diag *dg);
	enum crm_err (*end)(struct archive_form *f, uint64_t records,
	    uint32_t crc, struct diag *dg);
};

enum crm_err archive_walk(struct store *s, struct archive_form *f,
    const struct archive_progress *p, struct diag *dg) CRM_NODISCARD;

/* ---- back ------------------------------------------------------------- */

/* Takes what a reader of a form hands it: the head, then each part and its
 * records, then the end. */
struct archive_taker;

enum crm_err taker_new(struct archive_taker **out, struct store *s,
    const struct archive_options *o, struct diag *dg) CRM_NODISCARD;
void taker_free(struct archive_taker *t); /* aborts what is not ended */
enum crm_err taker_head(struct archive_taker *t, const struct archive_head *h,
    struct diag *dg) CRM_NODISCARD;
enum crm_err taker_part(struct archive_taker *t, const struct archive_part *p,
    struct diag *dg) CRM_NODISCARD;
/* NAMES[0] is "id"; a cell with n = 0 is no value. */
enum crm_err taker_record(struct archive_taker *t, const struct str *names,
    const struct str *cells, size_t n, struct diag *dg) CRM_NODISCARD;
/* All that was said is compared with all that came. */
enum crm_err taker_end(struct archive_taker *t, uint64_t records,
    struct str crc, struct diag *dg) CRM_NODISCARD;
/* Nothing follows: the store is made, but for a dry run. */
enum crm_err taker_settle(
    struct archive_taker *t, struct diag *dg) CRM_NODISCARD;
uint64_t taker_records(const struct archive_taker *t);

#endif
