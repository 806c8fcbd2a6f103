/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loads a module as it was planned, and keeps what it was loaded from.
 */
#ifndef SEGUE_TOOL_INSERT_H
#define SEGUE_TOOL_INSERT_H

#include "params.h"
#include "plan.h"

/* Parameters that the module does not take from the running one are left out. */
int insert_entry(const struct plan_entry *entry, struct params *params, struct error *err);

#endif /* SEGUE_TOOL_INSERT_H */
