/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Talking to the kernel side: requests and their answers, and the stream of events.
 *
 * One struct netlink is one socket.  The session belongs to the socket that opened it, so the
 * socket that gives commands stays open until the swap has ended.  Refusals carry the kernel's
 * own words.
 */
#ifndef SEGUE_TOOL_NETLINK_H
#define SEGUE_TOOL_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

#include "../uapi/segue.h"
#include "error.h"

struct mnl_socket;
struct nlattr;

/**
 * struct netlink - a socket of the family
 * @socket: libmnl's socket
 * @family: number of the family
 * @events: number of the multicast group
 * @sequence: number of the last request
 */
struct netlink {
	struct mnl_socket *socket;
	uint16_t family;
	uint32_t events;
	uint32_t sequence;
};

/**
 * struct request - attributes of a request; what is not set is not sent
 * @driver: SEGUE_A_DRIVER
 * @bus: SEGUE_A_BUS
 * @device: SEGUE_A_DEVICE
 * @generation: SEGUE_A_GENERATION, from 1
 * @spare: SEGUE_A_SPARE, from 1
 * @flags: SEGUE_A_FLAGS
 * @carrier_ms: SEGUE_A_CARRIER_MS, negative: not set
 * @verify_ms: SEGUE_A_VERIFY_MS, negative: not set
 * @session_kind: SEGUE_A_SESSION_KIND, negative: not set
 */
struct request {
	const char *driver;
	const char *bus;
	const char *device;
	uint32_t generation;
	uint32_t spare;
	uint32_t flags;
	long carrier_ms;
	long verify_ms;
	int session_kind;
};

#define REQUEST_INIT                                                  \
	{                                                             \
		.carrier_ms = -1, .verify_ms = -1, .session_kind = -1 \
	}

/**
 * struct message - an answer or an event, attributes by number
 * @command: &enum segue_cmd
 * @attrs: the last attribute of each number
 * @data: all attributes
 * @len: their length
 */
struct message {
	uint8_t command;
	const struct nlattr *attrs[SEGUE_A_MAX + 1];
	const void *data;
	size_t len;
};

/**
 * struct finding - a finding, taken apart
 * @severity: &enum segue_severity
 * @kind: &enum segue_kind
 * @index: number of what is meant within @table
 * @was: value before
 * @now: value after
 * @has_values: whether the values are set
 * @table: name of the function table or feature set, or empty
 * @name: what it is about, or empty
 */
struct finding {
	uint8_t severity;
	uint8_t kind;
	uint32_t index;
	uint64_t was;
	uint64_t now;
	bool has_values;
	char table[SEGUE_NAME_LEN];
	char name[256];
};

typedef int (*message_fn)(const struct message *message, void *arg, struct error *err);

/* 0; 1: the family does not exist, the kernel side is not loaded; -1: error. */
int netlink_open(struct netlink *nl, struct error *err);
void netlink_close(struct netlink *nl);

/* Sends a request (a dump if @dump) and gives every answer to @answer, which may be NULL. */
int netlink_request(struct netlink *nl, uint8_t command, const struct request *request, bool dump,
		    message_fn answer, void *arg, struct error *err);

int netlink_subscribe(struct netlink *nl, struct error *err);
int netlink_fd(const struct netlink *nl);

/*
 * Gives the events that have come to @event.  Returns 0; 1 if some were lost because they came
 * too fast; -1 on error.
 */
int netlink_events(struct netlink *nl, message_fn event, void *arg, struct error *err);

/* Attributes; 0 or "" where there is none. */
uint64_t message_number(const struct message *message, int attr);
const char *message_text(const struct message *message, int attr);
bool message_has(const struct message *message, int attr);

/* Calls @each for every finding, or every text attribute @attr, of a message. */
int message_findings(const struct message *message,
		     int (*each)(const struct finding *finding, void *arg), void *arg);
int message_texts(const struct message *message, int attr,
		  int (*each)(const char *text, void *arg), void *arg);

#endif /* SEGUE_TOOL_NETLINK_H */
