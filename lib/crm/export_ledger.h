/* SPDX-License-Identifier: ISC */
/*
 * export_ledger: orders, invoices and credit notes as a journal that hledger
 * and ledger read: a transaction each, with a line an item where there are
 * items, cleared when it is paid.
 */
#ifndef CRM_EXPORT_LEDGER_H
#define CRM_EXPORT_LEDGER_H

#include "crm/exporter.h"

/* Quotes, what was cancelled or returned, and what has no amount is left out,
 * counted, and told of at the end. Takes orders only; *out is the caller's
 * to exporter_free. */
enum crm_err ledger_exporter(struct exporter **out,
    const struct exporter_options *o, struct diag *dg) CRM_NODISCARD;

#endif
