/* SPDX-License-Identifier: ISC */
/* assign: the operands that change a field: field=value, field+=v, field-=v.
 */
#ifndef CRM_ASSIGN_H
#define CRM_ASSIGN_H

#include "base/base.h"
#include "base/str.h"

enum assign_op {
	ASSIGN_SET,    /* = : the value instead of what is there; "" clears */
	ASSIGN_ADD,    /* += : items of a list, a number, a line of text */
	ASSIGN_REMOVE, /* -= : items of a list, a number */
};

/* Views of the operand, or of wherever the value was read from. */
struct assign {
	struct str field;
	struct str value;
	enum assign_op op;
};

/*
 * Takes WORD apart at its first '='. False when it is no assignment: no '=',
 * or what stands before it is no field name ([a-z][a-z0-9_.-]*).
 */
bool assign_parse(struct str word, struct assign *out) CRM_NODISCARD;

#endif
