/* SPDX-License-Identifier: ISC */
/*
 * mail: one message (RFC 5322, MIME) as far as a log of it needs: who, when,
 * what about, the plain text. Never trusts a length, a nesting or a charset
 * that the message claims.
 */
#ifndef CRM_MAIL_H
#define CRM_MAIL_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

enum mail_role { MAIL_FROM, MAIL_SENDER, MAIL_REPLY_TO, MAIL_TO, MAIL_CC };

/* What a hostile message cannot exceed; the rest is left out silently. */
enum {
	MAIL_ADDRS_MAX = 1024,	    /* addresses of all roles together */
	MAIL_ADDR_MAX = 320,	    /* bytes of one address: longer is none */
	MAIL_HEADER_MAX = 64 << 10, /* bytes of one unfolded header */
	MAIL_REFS_MAX = 256,	    /* message ids in References */
	MAIL_BODY_MAX = CRM_FIELD_MAX,
	MAIL_DEPTH_MAX = 8 /* multipart in multipart */
};

/* One mailbox. addr is "local@domain", the domain in lower case; name is the
 * display name (or the old comment form) decoded, "" when there is none. */
struct mail_addr {
	enum mail_role role;
	struct buf name;
	struct buf addr;
};

/*
 * All texts are valid UTF-8 without NUL, of one line but for the body.
 * Message ids are without their angle brackets and without blanks.
 */
struct mail {
	struct mail_addr *addrs; /* in the order of the message */
	size_t naddrs;
	struct buf subject;
	struct buf message_id;	/* "" when the message has none */
	struct buf in_reply_to; /* the first id */
	struct buf references;	/* ids with one blank between them */
	int64_t date;		/* UTC seconds; only with has_date */
	bool has_date;
	struct buf body; /* the first text/plain part, LF, no trailing LF */
	bool has_text;	 /* such a part was there */
};

/*
 * Reads the message TEXT, whose lines end with LF or CR LF; an mbox line
 * "From ..." at the start is skipped. OUT is cleared first and is the
 * caller's to mail_clear, also after an error. CRM_DATA when TEXT is no
 * message (it does not begin with a header), CRM_TEMP out of memory. A
 * missing or broken header is no error: its field stays empty. TEXT may go
 * away afterwards. OUT must have been zeroed or used before.
 */
enum crm_err mail_parse(
    struct str text, struct mail *out, struct diag *dg) CRM_NODISCARD;

void mail_clear(struct mail *m);

/* The i-th address of ROLE, i = 0.. until NULL; valid as long as M. */
const struct mail_addr *mail_addr_at(
    const struct mail *m, enum mail_role role, size_t i);

/* An RFC 5322 date ("Mon, 2 Mar 2026 14:30:00 +0100", also with two-digit
 * years, zone names, comments) as UTC seconds. */
bool mail_date(struct str text, int64_t *utc) CRM_NODISCARD;

#endif
