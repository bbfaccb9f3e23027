/* SPDX-License-Identifier: ISC */
/*
 * import_mail: the mail that is there already becomes activities: what was
 * written with people who are known. In a transaction of the caller's, who
 * also opens boxes and walks directories:
 *
 *     import_mail_new; import_mail_box for each mbox, import_mail_add for each
 *     file with a message; import_mail_free
 */
#ifndef CRM_IMPORT_MAIL_H
#define CRM_IMPORT_MAIL_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "crm/logmail.h"
#include "crm/write.h"
#include "model/id.h"
#include "store/store.h"
#include "text/mbox.h"

struct import_mail;

struct import_mail_count {
	uint64_t added;	  /* activities made */
	uint64_t same;	  /* messages that had been logged before */
	uint64_t unknown; /* in which nobody is known: left out */
	uint64_t refused;
};

struct import_mail_refusal {
	const char *name; /* of the file */
	uint64_t line;	  /* where the message begins in it */
	struct str text;  /* the message; "" when it is too long */
	const char *why;  /* reason and way out */
};

struct import_mail_options {
	struct logmail_options log; /* known_only is set whatever it says */
	/* An activity was made. */
	enum crm_err (*stored)(void *arg, struct id id, struct diag *dg);
	/* A message was refused; an error ends the import. */
	enum crm_err (*refused)(
	    void *arg, const struct import_mail_refusal *r, struct diag *dg);
	/* Called now and then with the messages read so far. */
	void (*progress)(void *arg, uint64_t messages);
	void *arg;
};

/* Functions may be NULL. The writer, the store and what the options point to
 * outlive it. CRM_TEMP is the only error; *out is the caller's. */
enum crm_err import_mail_new(struct import_mail **out, struct writer *w,
    struct store *s, const struct import_mail_options *o,
    struct diag *dg) CRM_NODISCARD;
void import_mail_free(struct import_mail *i); /* NULL is fine */

/*
 * Takes one message TEXT, which begins in line LINE of the file NAME. It is
 * the same as one that is there when it has the same Message-ID. One that has
 * none is known by a hash of what its writer wrote: the addresses of From,
 * Sender, Reply-To, To and Cc, the Date, the Subject and the text; its msgid
 * is "hash:" and 32 hex digits. What mail programs add later (Status,
 * Received) is not in it. A text that is no message is counted as refused and
 * is no error.
 */
enum crm_err import_mail_add(struct import_mail *i, const char *name,
    uint64_t line, struct str text, struct diag *dg) CRM_NODISCARD;

/* Takes all messages of a box. CRM_DATA when the rest of it cannot be read. */
enum crm_err import_mail_box(struct import_mail *i, struct mbox *box,
    const char *name, struct diag *dg) CRM_NODISCARD;

struct import_mail_count import_mail_count(const struct import_mail *i);

/*
 * The file NAME in cur/ or new/ of a Maildir is a message; not one that is
 * hidden, and none with the flag D (a draft, never sent) or T (thrown away).
 */
bool import_mail_is_maildir(struct str name);
/* The file NAME is a message: it ends in .eml, in any case. */
bool import_mail_is_eml(struct str name);

#endif
