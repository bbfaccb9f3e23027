/* SPDX-License-Identifier: ISC */
/* mail_priv: what the files of mail share, and its encodings, which old cards
 * have too; included by mail*.c and content*.c only. */
#ifndef CRM_MAIL_PRIV_H
#define CRM_MAIL_PRIV_H

#include "text/mail.h"

/* One header field as it stands in the message, folded lines and all. */
struct mail_field {
	struct str name;
	struct str value;
};

/* mail_field: takes the next field off REST. False at the end of the header;
 * REST is then the body. Lines that are no field are passed over. */
bool mail_field_next(struct str *rest, struct mail_field *out) CRM_NODISCARD;
/* Appends the value unfolded: controls become blanks, outer blanks go, bytes
 * that are not UTF-8 are read as windows-1252. At most MAIL_HEADER_MAX. */
void mail_unfold(struct str raw, struct buf *out);
/* Takes one line with its LF off REST; the line without LF and CR. */
struct str mail_line_next(struct str *rest);

/* mail_word: appends TEXT with its encoded words (RFC 2047) decoded, as one
 * line without controls. */
void mail_words(struct str text, struct buf *out);
/* Appends BYTES of CHARSET as UTF-8. Unknown charsets count as UTF-8, what is
 * not UTF-8 becomes U+FFFD. NUL is left out. */
void mail_charset(struct str charset, struct str bytes, struct buf *out);
bool mail_charset_known(struct str charset);

/* mail_code: appends the bytes that IN stands for. Never fails: what is no
 * code is passed over (base64) or kept (quoted-printable). */
void mail_base64(struct str in, struct buf *out);
void mail_quoted(struct str in, bool header, struct buf *out);

/* mail_addr: appends the mailboxes of an unfolded address list to M. */
void mail_addrs(
    struct mail *m, enum mail_role role, struct str list, bool *failed);
/* The offset behind the comment that starts at S[at] = '(', nested ones too;
 * its text is appended to TEXT unless that is NULL. */
size_t mail_comment(struct str s, size_t at, struct buf *text);
/* The same for a quoted string at S[at] = '"'; TEXT gets it unquoted. */
size_t mail_string(struct str s, size_t at, struct buf *text);

/* mail_body: finds the first text/plain part of the entity whose header FIELDS
 * and BODY these are, and appends its text to m->body. */
void mail_body(struct mail *m, struct str header, struct str body);

#endif
