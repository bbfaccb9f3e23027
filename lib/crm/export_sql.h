/* SPDX-License-Identifier: ISC */
/*
 * export_sql: tables and rows that sqlite3 and PostgreSQL load as they are,
 * into an empty database, in one transaction. A table a kind, named like it;
 * a list is a text in it, its items joined by commas, and a table of its own
 * besides (id, position, value), named KIND_FIELD. See crm-export(1).
 */
#ifndef CRM_EXPORT_SQL_H
#define CRM_EXPORT_SQL_H

#include "crm/exporter.h"

/* Stored fields without the sensitive ones; *out is the caller's to
 * exporter_free. */
enum crm_err sql_exporter(struct exporter **out,
    const struct exporter_options *o, struct diag *dg) CRM_NODISCARD;

#endif
