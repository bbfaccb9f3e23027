/* SPDX-License-Identifier: ISC */
/*
 * export_dot: records and what they refer to as a graph of graphviz. A record
 * is a node with its name, a reference an edge with the name of its field; a
 * link is an edge from one to the other with its relation.
 */
#ifndef CRM_EXPORT_DOT_H
#define CRM_EXPORT_DOT_H

#include "crm/exporter.h"

/* Records of kinds and fields are left out, sensitive fields too; *out is
 * the caller's to exporter_free. */
enum crm_err dot_exporter(struct exporter **out,
    const struct exporter_options *o, struct diag *dg) CRM_NODISCARD;

#endif
