/* SPDX-License-Identifier: ISC */
/* mbox: a mail box in one file, one message after the other. */
#ifndef CRM_MBOX_H
#define CRM_MBOX_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "text/source.h"

enum { MBOX_MESSAGE_MAX = 64 << 20 }; /* bytes of one message */

struct mbox_options {
	size_t message_max; /* 0: MBOX_MESSAGE_MAX */
};

/* TEXT lasts until the next mbox_next or mbox_close: header and body as they
 * stand there, LF or CR LF, without the line "From ..." in front. */
struct mbox_message {
	struct str text;
	uint64_t line; /* of "From ...", from 1 */
};

struct mbox;

/*
 * A message begins with a line "From ..." at the start of the input or behind
 * a blank line. When the first such line has a time and a year in it ("Mon Mar
 * 2 14:30:00 2026"), as programs write it, only lines that have them count: a
 * sentence that begins so is left to its message. A line of a body that begins
 * with ">From ", ">>From " and so on loses one '>' (mboxrd; the mboxo of old
 * has the first only).
 *
 * Memory holds one message, whatever the length of the input. Nothing is read
 * yet. SRC is copied, what it points to outlives the reader; O may be NULL.
 * CRM_TEMP is the only error. *out is the caller's to mbox_close.
 */
enum crm_err mbox_open(struct mbox **out, const struct source *src,
    const struct mbox_options *o, struct diag *dg) CRM_NODISCARD;

/*
 * The next message; *got is false at the end. CRM_DATA, the message starting
 * with NAME:LINE: one that is too long: it is skipped, and reading goes on; or
 * an input that is no mbox: *got is false then. CRM_IO, CRM_TEMP.
 */
enum crm_err mbox_next(struct mbox *m, struct mbox_message *out, bool *got,
    struct diag *dg) CRM_NODISCARD;

void mbox_close(struct mbox *m); /* NULL is fine */

/* The input begins as a mail box does: START is its first bytes, a line or
 * more. */
bool mbox_like(struct str start);

#endif
