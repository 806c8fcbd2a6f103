/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The session with the kernel side, the swap that runs in it, and the signals that arrive
 * meanwhile.
 */
#ifndef SEGUE_TOOL_SESSION_H
#define SEGUE_TOOL_SESSION_H

#include "netlink.h"
#include "report.h"

/**
 * struct session - the machine's one session
 * @commands: the socket that it belongs to
 * @events: the socket that events arrive at
 */
struct session {
	struct netlink commands;
	struct netlink events;
};

int session_open(struct session *session, const char *driver, const char *bus,
		 enum segue_session_kind kind, struct error *err);
void session_close(struct session *session);

/*
 * Starts the swap and follows it to its end, into @report.  0: it has ended, however; -1: it was
 * not started, or is not followed any more.
 */
int session_swap(struct session *session, const struct request *request, struct report *report,
		 struct error *err);

/* From here on SIGINT, SIGTERM and SIGHUP do not end the command but are counted. */
void session_catch_signals(void);
/* An error if one has come. */
int session_check_signals(struct error *err);

#endif /* SEGUE_TOOL_SESSION_H */
