// SPDX-License-Identifier: GPL-2.0
/* The session with the kernel side, see session.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "session.h"

/* How often the state of the swap is asked for in case its last event was lost. */
#define POLL_MS 1000

static _Atomic int interrupts;
static _Atomic int hangups;

static void count_signal(int signal)
{
	if (signal == SIGHUP)
		hangups = 1;
	else
		interrupts++;
}

void session_catch_signals(void)
{
	struct sigaction action = { .sa_handler = count_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int session_check_signals(struct error *err)
{
	if (!interrupts && !hangups)
		return 0;
	return error_set(err, EXIT_INTERRUPTED,
			 "interrupted before the swap; nothing was changed");
}

int session_open(struct session *session, const char *driver, const char *bus,
		 enum segue_session_kind kind, struct error *err)
{
	struct request request = REQUEST_INIT;
	int ret;

	memset(session, 0, sizeof(*session));
	ret = netlink_open(&session->commands, err);
	if (ret < 0)
		return -1;
	if (ret)
		return error_set(err, EXIT_USAGE,
				 "Segue's kernel modules are not loaded, so no other generation of driver '%s' is kept; 'segue update' loads them",
				 driver);
	request.driver = driver;
	request.bus = bus;
	request.session_kind = kind;
	if (netlink_open(&session->events, err) || netlink_subscribe(&session->events, err) ||
	    netlink_request(&session->commands, SEGUE_CMD_SESSION_OPEN, &request, false, NULL,
			    NULL, err)) {
		session_close(session);
		return -1;
	}
	return 0;
}

/* The kernel side ends the session with the socket; asking first makes it end before we go on. */
void session_close(struct session *session)
{
	struct error ignored;

	if (session->commands.socket)
		netlink_request(&session->commands, SEGUE_CMD_SESSION_CLOSE, NULL, false, NULL,
				NULL, &ignored);
	netlink_close(&session->commands);
	netlink_close(&session->events);
}

static int take_swap_id(const struct message *message, void *arg, struct error *err)
{
	(void)err;
	*(uint32_t *)arg = message_number(message, SEGUE_A_SWAP_ID);
	return 0;
}

static int take_status(const struct message *message, void *arg, struct error *err)
{
	struct report *report = arg;

	(void)err;
	if (message_number(message, SEGUE_A_SWAP_ID) != report->swap ||
	    message_number(message, SEGUE_A_RESULT) == SEGUE_RESULT_NONE)
		return 0;
	report->ended = true;
	report->result = message_number(message, SEGUE_A_RESULT);
	report->error = (int32_t)message_number(message, SEGUE_A_ERRNO);
	return 0;
}

/* Events are not certain to arrive; the state of the swap is. What has arrived comes first. */
static int ask_status(struct session *session, struct report *report, struct error *err)
{
	struct report status = { .swap = report->swap };

	if (netlink_request(&session->commands, SEGUE_CMD_STATUS_GET, NULL, false, take_status,
			    &status, err) ||
	    !status.ended)
		return status.ended ? 0 : -1;
	if (netlink_events(&session->events, report_event, report, err) < 0)
		return -1;
	if (!report->ended) {
		report->ended = true;
		report->result = status.result;
		report->error = status.error;
	}
	return 0;
}

static int heed_signals(const char *driver, int *heeded, struct error *err)
{
	if (interrupts == *heeded)
		return 0;
	*heeded = interrupts;
	if (interrupts == 1) {
		fprintf(stderr,
			"segue: the swap goes on in the kernel and this command waits for it; interrupt again to leave, 'segue watch' follows it\n");
		return 0;
	}
	return error_set(err, EXIT_INTERRUPTED,
			 "left while driver '%s' is being swapped in the kernel; follow it with 'segue watch', see its end with 'segue status'",
			 driver);
}

static int follow(struct session *session, const char *driver, struct report *report,
		  struct error *err)
{
	struct pollfd fd = { .fd = netlink_fd(&session->events), .events = POLLIN };
	struct error ignored;
	int heeded = 0, ret;

	while (!report->ended) {
		if (heed_signals(driver, &heeded, err))
			return -1;
		ret = poll(&fd, 1, POLL_MS);
		if (ret < 0 && errno != EINTR)
			return error_set(err, EXIT_REFUSED,
					 "cannot wait for the kernel: %s; see 'segue status'",
					 strerror(errno));
		if (ret > 0) {
			ret = netlink_events(&session->events, report_event, report, err);
			if (ret < 0)
				return -1;
			if (!ret)
				continue;
		}
		ask_status(session, report, &ignored);
	}
	return 0;
}

int session_swap(struct session *session, const struct request *request, struct report *report,
		 struct error *err)
{
	if (session_check_signals(err))
		return -1;
	if (netlink_request(&session->commands, SEGUE_CMD_SWAP, request, false, take_swap_id,
			    &report->swap, err))
		return -1;
	return follow(session, request->driver, report, err);
}
