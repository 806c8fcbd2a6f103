// SPDX-License-Identifier: GPL-2.0
/* Talking to the kernel side, see netlink.h. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <string.h>

#include "netlink.h"
#include "util.h"

#define RECEIVE_LEN 65536

/* Room for events that come while the command is busy printing. */
#define EVENTS_LEN (1 << 20)

/* What a receive loop needs; the callbacks of libmnl get it as their argument. */
struct receive {
	message_fn answer;
	void *arg;
	struct error *err;
	uint16_t family;
	int refused;
};

/* The errno of a refusal decides the exit code. */
static int exit_code_of(int error)
{
	switch (error) {
	case EBUSY:
		return EXIT_BUSY;
	case ENODEV:
	case ENXIO:
		return EXIT_GONE;
	case EPERM:
	case EACCES:
	case EINVAL:
	case ENOENT:
		return EXIT_USAGE;
	default:
		return EXIT_REFUSED;
	}
}

static uint64_t attr_number(const struct nlattr *attr)
{
	switch (mnl_attr_get_payload_len(attr)) {
	case sizeof(uint8_t):
		return mnl_attr_get_u8(attr);
	case sizeof(uint16_t):
		return mnl_attr_get_u16(attr);
	case sizeof(uint32_t):
		return mnl_attr_get_u32(attr);
	case sizeof(uint64_t):
		return mnl_attr_get_u64(attr);
	default:
		return 0;
	}
}

static const char *attr_text(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0 ? "" : mnl_attr_get_str(attr);
}

static void parse(struct message *message, const void *data, size_t len)
{
	const struct nlattr *attr;

	memset(message, 0, sizeof(*message));
	message->data = data;
	message->len = len;
	mnl_attr_for_each_payload(data, len) {
		if (mnl_attr_get_type(attr) <= SEGUE_A_MAX)
			message->attrs[mnl_attr_get_type(attr)] = attr;
	}
}

static int on_message(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct receive *receive = data;
	struct message message;

	if (nlh->nlmsg_type != receive->family ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl) || !receive->answer)
		return MNL_CB_OK;
	parse(&message, mnl_nlmsg_get_payload_offset(nlh, sizeof(*genl)),
	      mnl_nlmsg_get_payload_len(nlh) - sizeof(*genl));
	message.command = genl->cmd;
	if (receive->answer(&message, receive->arg, receive->err)) {
		receive->refused = -1;
		return MNL_CB_STOP;
	}
	return MNL_CB_OK;
}

static void refuse(struct receive *receive, int error, const void *tlvs, size_t len)
{
	const struct nlattr *attr;
	const char *text = NULL;

	mnl_attr_for_each_payload(tlvs, len) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG && *attr_text(attr))
			text = attr_text(attr);
	}
	receive->refused = -1;
	if (text)
		error_set(receive->err, exit_code_of(error), "%s", text);
	else if (error == EPERM)
		error_set(receive->err, EXIT_USAGE,
			  "the kernel refuses: not permitted; run it as root");
	else
		error_set(receive->err, exit_code_of(error),
			  "the kernel refuses: %s; see the kernel log", strerror(error));
}

/* With NETLINK_CAP_ACK, attributes follow the header of the request directly. */
static int on_error(const struct nlmsghdr *nlh, void *data)
{
	const struct nlmsgerr *ack = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(*ack);
	size_t len = mnl_nlmsg_get_payload_len(nlh);

	if (len < sizeof(*ack))
		return MNL_CB_STOP;
	if (!ack->error)
		return MNL_CB_STOP;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && ack->msg.nlmsg_len > NLMSG_HDRLEN)
		offset += MNL_ALIGN(ack->msg.nlmsg_len) - NLMSG_HDRLEN;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || offset > len)
		offset = len;
	refuse(data, -ack->error, mnl_nlmsg_get_payload_offset(nlh, offset), len - offset);
	return MNL_CB_STOP;
}

/* A dump ends with an error number, and with attributes if it failed. */
static int on_done(const struct nlmsghdr *nlh, void *data)
{
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	const int *error = mnl_nlmsg_get_payload(nlh);

	if (len >= sizeof(*error) && *error < 0)
		refuse(data, -*error, mnl_nlmsg_get_payload_offset(nlh, sizeof(*error)),
		       len - MNL_ALIGN(sizeof(*error)));
	return MNL_CB_STOP;
}

static mnl_cb_t control[NLMSG_MIN_TYPE] = {
	[NLMSG_ERROR] = on_error,
	[NLMSG_DONE] = on_done,
};

static int transact(struct netlink *nl, struct nlmsghdr *nlh, mnl_cb_t each,
		    struct receive *receive)
{
	_cleanup_free_ char *answer = malloc(RECEIVE_LEN);
	unsigned int port = mnl_socket_get_portid(nl->socket);
	int ret = MNL_CB_OK;

	if (!answer)
		return error_memory(receive->err);
	nlh->nlmsg_seq = ++nl->sequence;
	if (mnl_socket_sendto(nl->socket, nlh, nlh->nlmsg_len) < 0)
		return error_set(receive->err, EXIT_REFUSED, "cannot ask the kernel: %s",
				 strerror(errno));
	while (ret == MNL_CB_OK) {
		ssize_t n = mnl_socket_recvfrom(nl->socket, answer, RECEIVE_LEN);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(receive->err, EXIT_REFUSED, "cannot hear the kernel: %s",
					 strerror(errno));
		ret = mnl_cb_run2(answer, n, nlh->nlmsg_seq, port, each, receive, control,
				  ARRAY_SIZE(control));
	}
	if (ret < 0 && !receive->refused)
		return error_set(receive->err, EXIT_REFUSED, "cannot understand the kernel: %s",
				 strerror(errno));
	return receive->refused;
}

static int on_group(const struct nlattr *group, struct netlink *nl)
{
	const struct nlattr *attr;
	const char *name = "";
	uint32_t id = 0;

	mnl_attr_for_each_nested(attr, group) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME)
			name = attr_text(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
			id = attr_number(attr);
	}
	if (!strcmp(name, SEGUE_MCGRP_EVENTS))
		nl->events = id;
	return 0;
}

static int on_family(const struct nlmsghdr *nlh, void *data)
{
	struct netlink *nl = ((struct receive *)data)->arg;
	const struct nlattr *attr, *group;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			nl->family = attr_number(attr);
		if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested(group, attr) on_group(group, nl);
	}
	return MNL_CB_OK;
}

static struct nlmsghdr *prepare(char *buf, uint16_t type, uint16_t flags, uint8_t command,
				uint8_t version)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl->cmd = command;
	genl->version = version;
	return nlh;
}

static int find_family(struct netlink *nl, struct error *err)
{
	char buf[256];
	struct receive receive = { .err = err, .arg = nl };
	struct nlmsghdr *nlh = prepare(buf, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY, 1);

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, SEGUE_GENL_NAME);
	/* The only refusal of this request is that there is no such family. */
	if (transact(nl, nlh, on_family, &receive))
		return receive.refused ? 1 : -1;
	return nl->family ? 0 : 1;
}

int netlink_open(struct netlink *nl, struct error *err)
{
	int on = 1, ret;

	memset(nl, 0, sizeof(*nl));
	nl->socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl->socket || mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		error_set(err, EXIT_REFUSED, "cannot open a netlink socket: %s", strerror(errno));
		netlink_close(nl);
		return -1;
	}
	mnl_socket_setsockopt(nl->socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	ret = find_family(nl, err);
	if (ret)
		netlink_close(nl);
	return ret;
}

void netlink_close(struct netlink *nl)
{
	if (nl->socket)
		mnl_socket_close(nl->socket);
	nl->socket = NULL;
}

static void put_request(struct nlmsghdr *nlh, const struct request *request)
{
	if (request->driver)
		mnl_attr_put_strz(nlh, SEGUE_A_DRIVER, request->driver);
	if (request->bus)
		mnl_attr_put_strz(nlh, SEGUE_A_BUS, request->bus);
	if (request->device)
		mnl_attr_put_strz(nlh, SEGUE_A_DEVICE, request->device);
	if (request->generation)
		mnl_attr_put_u32(nlh, SEGUE_A_GENERATION, request->generation);
	if (request->spare)
		mnl_attr_put_u32(nlh, SEGUE_A_SPARE, request->spare);
	if (request->flags)
		mnl_attr_put_u32(nlh, SEGUE_A_FLAGS, request->flags);
	if (request->carrier_ms >= 0)
		mnl_attr_put_u32(nlh, SEGUE_A_CARRIER_MS, request->carrier_ms);
	if (request->verify_ms >= 0)
		mnl_attr_put_u32(nlh, SEGUE_A_VERIFY_MS, request->verify_ms);
	if (request->session_kind >= 0)
		mnl_attr_put_u8(nlh, SEGUE_A_SESSION_KIND, request->session_kind);
}

int netlink_request(struct netlink *nl, uint8_t command, const struct request *request, bool dump,
		    message_fn answer, void *arg, struct error *err)
{
	char buf[2048];
	struct receive receive = {
		.answer = answer,
		.arg = arg,
		.err = err,
		.family = nl->family,
	};
	struct nlmsghdr *nlh;

	nlh = prepare(buf, nl->family, dump ? NLM_F_DUMP : NLM_F_ACK, command,
		      SEGUE_GENL_VERSION);
	if (request)
		put_request(nlh, request);
	return transact(nl, nlh, on_message, &receive);
}

int netlink_subscribe(struct netlink *nl, struct error *err)
{
	int size = EVENTS_LEN;

	if (setsockopt(netlink_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(netlink_fd(nl), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (mnl_socket_setsockopt(nl->socket, NETLINK_ADD_MEMBERSHIP, &nl->events,
				  sizeof(nl->events)) < 0)
		return error_set(err, EXIT_USAGE,
				 "cannot follow the kernel's events: %s; run it as root",
				 strerror(errno));
	return 0;
}

int netlink_fd(const struct netlink *nl)
{
	return mnl_socket_get_fd(nl->socket);
}

int netlink_events(struct netlink *nl, message_fn event, void *arg, struct error *err)
{
	_cleanup_free_ char *buf = malloc(RECEIVE_LEN);
	struct receive receive = {
		.answer = event,
		.arg = arg,
		.err = err,
		.family = nl->family,
	};

	if (!buf)
		return error_memory(err);
	for (;;) {
		ssize_t n = recv(netlink_fd(nl), buf, RECEIVE_LEN, MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOBUFS)
			return 1;
		if (n <= 0)
			return error_set(err, EXIT_REFUSED, "cannot hear the kernel: %s",
					 strerror(errno));
		mnl_cb_run2(buf, n, 0, 0, on_message, &receive, control, ARRAY_SIZE(control));
		if (receive.refused)
			return -1;
	}
}

bool message_has(const struct message *message, int attr)
{
	return message->attrs[attr];
}

uint64_t message_number(const struct message *message, int attr)
{
	return message->attrs[attr] ? attr_number(message->attrs[attr]) : 0;
}

const char *message_text(const struct message *message, int attr)
{
	return message->attrs[attr] ? attr_text(message->attrs[attr]) : "";
}

static void parse_finding(struct finding *finding, const struct nlattr *nest)
{
	const struct nlattr *attr;

	memset(finding, 0, sizeof(*finding));
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case SEGUE_FINDING_A_SEVERITY:
			finding->severity = attr_number(attr);
			break;
		case SEGUE_FINDING_A_KIND:
			finding->kind = attr_number(attr);
			break;
		case SEGUE_FINDING_A_STRUCT:
			copy_text(finding->table, sizeof(finding->table), attr_text(attr));
			break;
		case SEGUE_FINDING_A_INDEX:
			finding->index = attr_number(attr);
			break;
		case SEGUE_FINDING_A_WAS:
			finding->was = attr_number(attr);
			finding->has_values = true;
			break;
		case SEGUE_FINDING_A_NOW:
			finding->now = attr_number(attr);
			finding->has_values = true;
			break;
		case SEGUE_FINDING_A_NAME:
			copy_text(finding->name, sizeof(finding->name), attr_text(attr));
			break;
		}
	}
}

int message_findings(const struct message *message,
		     int (*each)(const struct finding *finding, void *arg), void *arg)
{
	const struct nlattr *attr;
	struct finding finding;
	int ret = 0;

	mnl_attr_for_each_payload(message->data, message->len) {
		if (mnl_attr_get_type(attr) != SEGUE_A_FINDING)
			continue;
		parse_finding(&finding, attr);
		ret = each(&finding, arg);
		if (ret)
			break;
	}
	return ret;
}

int message_texts(const struct message *message, int type,
		  int (*each)(const char *text, void *arg), void *arg)
{
	const struct nlattr *attr;
	int ret = 0;

	mnl_attr_for_each_payload(message->data, message->len) {
		if (mnl_attr_get_type(attr) != type)
			continue;
		ret = each(attr_text(attr), arg);
		if (ret)
			break;
	}
	return ret;
}
