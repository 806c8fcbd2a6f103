/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Errors of the command: a text for people and the exit code that goes with it.
 *
 * A function that can fail takes a struct error last, fills it once and returns -1; callers may
 * put words before the text (which file it was about) and pass it on.  Only main prints it.
 */
#ifndef SEGUE_TOOL_ERROR_H
#define SEGUE_TOOL_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/**
 * enum exit_code - what the command's exit status means
 * @EXIT_DONE: what was asked for is done
 * @EXIT_USAGE: usage error or bad input; nothing was touched
 * @EXIT_REFUSED: refused as incompatible, or rolled back by itself; the old driver is live
 * @EXIT_DEGRADED: neither the new nor the old driver would start
 * @EXIT_BUSY: another swap or session is running
 * @EXIT_GONE: the device disappeared
 * @EXIT_INTERRUPTED: a signal ended the command
 */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_USAGE = 1,
	EXIT_REFUSED = 2,
	EXIT_DEGRADED = 3,
	EXIT_BUSY = 4,
	EXIT_GONE = 5,
	EXIT_INTERRUPTED = 130,
};

/**
 * struct error - why something failed
 * @exit_code: &enum exit_code that goes with it
 * @reported: a program that asked for JSON has got the text on stdout already
 * @text: one line for people
 */
struct error {
	int exit_code;
	bool reported;
	char text[1024];
};

int error_set(struct error *err, int exit_code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int error_prefix(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int error_memory(struct error *err);

#endif /* SEGUE_TOOL_ERROR_H */
