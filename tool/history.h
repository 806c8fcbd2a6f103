/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pauses of past swaps since the machine was started, for the estimate of `segue check`.
 */
#ifndef SEGUE_TOOL_HISTORY_H
#define SEGUE_TOOL_HISTORY_H

#include "report.h"

/**
 * struct history - pauses of one driver
 * @count: swaps of a device
 * @shortest: ns
 * @longest: ns
 * @sum: ns
 */
struct history {
	unsigned int count;
	uint64_t shortest;
	uint64_t longest;
	uint64_t sum;
};

/* Best effort: a machine without a writable /run has no history. */
void history_add(const char *driver, const struct report *report);
void history_read(const char *driver, struct history *history);

#endif /* SEGUE_TOOL_HISTORY_H */
