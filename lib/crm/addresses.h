/* SPDX-License-Identifier: ISC */
/*
 * addresses: lines for mail programs that ask who "ad" is. One line an
 * address: address, tab, name, tab, organisation. For kinds with a field email.
 */
#ifndef CRM_ADDRESSES_H
#define CRM_ADDRESSES_H

#include "crm/exporter.h"

/* As mutt's query_command wants it: a message on the first line, and CRM_NO
 * with one that says so where there is no address. */
enum crm_err mutt_exporter(struct exporter **out,
    const struct exporter_options *o, struct diag *dg) CRM_NODISCARD;
/* As aerc's address-book-cmd wants it: the lines alone. */
enum crm_err aerc_exporter(struct exporter **out,
    const struct exporter_options *o, struct diag *dg) CRM_NODISCARD;

#endif
