/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The subcommands.  Each returns an exit code and sets the error if that is not EXIT_DONE.
 */
#ifndef SEGUE_TOOL_COMMANDS_H
#define SEGUE_TOOL_COMMANDS_H

#include "args.h"
#include "error.h"

int change_update(const struct args *args, struct error *err);
int change_rollback(const struct args *args, struct error *err);
int change_commit(const struct args *args, struct error *err);
int check_run(const struct args *args, struct error *err);
int show_status(const struct args *args, struct error *err);
int show_watch(const struct args *args, struct error *err);

#endif /* SEGUE_TOOL_COMMANDS_H */
