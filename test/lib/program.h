/* SPDX-License-Identifier: GPL-2.0 */
/* What our programs inside the virtual machine have in common: each runs until SIGTERM and tells in JSON. */
#ifndef SEGUE_TEST_PROGRAM_H
#define SEGUE_TEST_PROGRAM_H

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* SIGTERM or SIGINT has come. */
static volatile sig_atomic_t stopped;

static inline void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* Seconds of a clock that never goes back. */
static inline double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Ends the program: what failed, and errno. */
static inline void die(const char *what)
{
	printf("{\"errors\": 1, \"error\": \"%s: %s\"}\n", what, strerror(errno));
	exit(1);
}

#endif /* SEGUE_TEST_PROGRAM_H */
