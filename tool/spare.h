/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The spare copy of the module in charge: what a swap goes back to if it fails, and what is kept
 * for rollback if it does not.
 */
#ifndef SEGUE_TOOL_SPARE_H
#define SEGUE_TOOL_SPARE_H

#include "prepare.h"
#include "session.h"

/**
 * struct spare - a copy that is loaded
 * @number: its number when it was loaded, 0 if there is none
 * @live: number of the generation in charge then
 */
struct spare {
	uint32_t number;
	uint32_t live;
};

/* Loads it, in the session; without it the swap goes on, and why is said. */
void spare_load(struct session *session, struct prepared *update, struct spare *spare);

/*
 * After the swap, or in place of it: unloads the one of the two copies that is of no use any more.
 */
void spare_settle(struct session *session, const struct prepared *update,
		  const struct spare *spare);

#endif /* SEGUE_TOOL_SPARE_H */
