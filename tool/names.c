// SPDX-License-Identifier: GPL-2.0
/* Words for numbers, see names.h. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "names.h"
#include "netlink.h"
#include "util.h"

/* More than a kernel has features. */
#define FEATURES_MAX 1024
#define NEST_MAX 8

static const char *const steps[] = {
	[SEGUE_STEP_CHECK] = "check",
	[SEGUE_STEP_COVER] = "cover",
	[SEGUE_STEP_CAPTURE] = "capture",
	[SEGUE_STEP_STOP] = "stop",
	[SEGUE_STEP_START] = "start",
	[SEGUE_STEP_COMPARE] = "compare",
	[SEGUE_STEP_REPLAY] = "replay",
	[SEGUE_STEP_VERIFY] = "verify",
	[SEGUE_STEP_UNCOVER] = "uncover",
};

_Static_assert(ARRAY_SIZE(steps) == __SEGUE_STEP_MAX, "every step has a name");

static const char *const results[] = {
	[SEGUE_RESULT_NONE] = "running",
	[SEGUE_RESULT_DONE] = "done",
	[SEGUE_RESULT_REFUSED] = "refused",
	[SEGUE_RESULT_ROLLED_BACK] = "rolled-back",
	[SEGUE_RESULT_DEGRADED] = "degraded",
	[SEGUE_RESULT_GONE] = "gone",
};

static const char *const severities[] = {
	[SEGUE_SEVERITY_INFO] = "info",
	[SEGUE_SEVERITY_DIFFERS] = "differs",
	[SEGUE_SEVERITY_INCOMPATIBLE] = "incompatible",
	[SEGUE_SEVERITY_IMPOSSIBLE] = "impossible",
};

static const char *const kinds[] = {
	[SEGUE_KIND_TEXT] = "text",
	[SEGUE_KIND_OP] = "op",
	[SEGUE_KIND_FEATURE] = "feature",
	[SEGUE_KIND_LIMIT] = "limit",
	[SEGUE_KIND_SETTING] = "setting",
	[SEGUE_KIND_USER] = "user",
};

static const char *const roles[] = {
	[SEGUE_ROLE_STANDBY] = "standby",
	[SEGUE_ROLE_LIVE] = "live",
};

static const char *const device_states[] = {
	[SEGUE_DEVICE_LIVE] = "live",
	[SEGUE_DEVICE_COVERED] = "covered",
	[SEGUE_DEVICE_DEGRADED] = "degraded",
};

static const char *const events[] = {
	[SEGUE_EVENT_SWAP_BEGIN] = "swap-begin",
	[SEGUE_EVENT_STEP_BEGIN] = "step-begin",
	[SEGUE_EVENT_STEP_END] = "step-end",
	[SEGUE_EVENT_UNDO_BEGIN] = "undo-begin",
	[SEGUE_EVENT_UNDO_END] = "undo-end",
	[SEGUE_EVENT_FINDING] = "finding",
	[SEGUE_EVENT_DEVICE_END] = "device-end",
	[SEGUE_EVENT_SWAP_END] = "swap-end",
};

/* A newer kernel side may send numbers that this table does not have. */
static const char *look_up(const char *const *table, size_t n, uint64_t i)
{
	return i < n && table[i] ? table[i] : "unknown";
}

const char *names_step(uint64_t step)
{
	return look_up(steps, ARRAY_SIZE(steps), step);
}

const char *names_result(uint64_t result)
{
	return look_up(results, ARRAY_SIZE(results), result);
}

const char *names_severity(uint64_t severity)
{
	return look_up(severities, ARRAY_SIZE(severities), severity);
}

const char *names_kind(uint64_t kind)
{
	return look_up(kinds, ARRAY_SIZE(kinds), kind);
}

const char *names_role(uint64_t role)
{
	return look_up(roles, ARRAY_SIZE(roles), role);
}

const char *names_device_state(uint64_t state)
{
	return look_up(device_states, ARRAY_SIZE(device_states), state);
}

const char *names_event(uint64_t event)
{
	return look_up(events, ARRAY_SIZE(events), event);
}

static struct btf *kernel_types;

static struct btf *load_types(void)
{
	if (!kernel_types) {
		libbpf_set_print(NULL);
		kernel_types = btf__load_vmlinux_btf();
	}
	return libbpf_get_error(kernel_types) ? NULL : kernel_types;
}

void names_free(void)
{
	if (kernel_types && !libbpf_get_error(kernel_types))
		btf__free(kernel_types);
	kernel_types = NULL;
}

static const struct btf_type *skip_qualifiers(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* Anonymous members are looked into; of the members of a union the first one is taken. */
static const char *find_member(const struct btf *btf, const struct btf_type *type, uint64_t bits,
			       unsigned int depth)
{
	const struct btf_member *member;
	uint16_t i;

	if (!type || !btf_is_composite(type) || depth > NEST_MAX)
		return NULL;
	member = btf_members(type);
	for (i = 0; i < btf_vlen(type); i++, member++) {
		uint64_t at = btf_member_bit_offset(type, i);
		const char *name = btf__name_by_offset(btf, member->name_off);

		if (at > bits)
			continue;
		if (name && *name && at == bits)
			return name;
		if (name && *name)
			continue;
		name = find_member(btf, skip_qualifiers(btf, member->type), bits - at, depth + 1);
		if (name)
			return name;
	}
	return NULL;
}

void names_member(const char *table, uint32_t offset, char *text, size_t size)
{
	const struct btf *btf = load_types();
	const char *name = NULL;
	int id;

	if (btf) {
		id = btf__find_by_name_kind(btf, table, BTF_KIND_STRUCT);
		if (id > 0)
			name = find_member(btf, btf__type_by_id(btf, id), (uint64_t)offset * 8,
					   0);
	}
	if (name)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "offset %u", offset);
}

static int ethtool_ioctl(int fd, const char *object, void *command)
{
	struct ifreq request = { .ifr_data = command };

	copy_text(request.ifr_name, sizeof(request.ifr_name), object);
	return ioctl(fd, SIOCETHTOOL, &request);
}

/* Tables of the string set are small enough to be asked for anew each time. */
static int read_feature(int fd, const char *object, uint32_t bit, char *text, size_t size)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t count;
	} set = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES } };
	_cleanup_free_ struct ethtool_gstrings *strings = NULL;

	if (ethtool_ioctl(fd, object, &set) || !set.info.sset_mask || bit >= set.count ||
	    set.count > FEATURES_MAX)
		return -1;
	strings = calloc(1, sizeof(*strings) + (size_t)set.count * ETH_GSTRING_LEN);
	if (!strings)
		return -1;
	strings->cmd = ETHTOOL_GSTRINGS;
	strings->string_set = ETH_SS_FEATURES;
	strings->len = set.count;
	if (ethtool_ioctl(fd, object, strings) || !strings->data[(size_t)bit * ETH_GSTRING_LEN])
		return -1;
	snprintf(text, size, "%.*s", ETH_GSTRING_LEN,
		 (char *)strings->data + (size_t)bit * ETH_GSTRING_LEN);
	return 0;
}

void names_feature(const char *object, uint32_t bit, char *text, size_t size)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || read_feature(fd, object, bit, text, size))
		snprintf(text, size, "bit %u", bit);
}

void names_finding(const struct finding *finding, const char *object, char *text, size_t size)
{
	char name[128];

	switch (finding->kind) {
	case SEGUE_KIND_OP:
		names_member(finding->table, finding->index, name, sizeof(name));
		snprintf(text, size, "function %s.%s is missing%s%s", finding->table, name,
			 *finding->name ? ": " : "", finding->name);
		break;
	case SEGUE_KIND_FEATURE:
		names_feature(object, finding->index, name, sizeof(name));
		snprintf(text, size, "feature %s is missing in %s%s%s", name, finding->table,
			 *finding->name ? ": " : "", finding->name);
		break;
	case SEGUE_KIND_LIMIT:
	case SEGUE_KIND_SETTING:
		if (finding->has_values)
			snprintf(text, size, "%s was %llu, is %llu", finding->name,
				 (unsigned long long)finding->was,
				 (unsigned long long)finding->now);
		else
			snprintf(text, size, "%s", finding->name);
		break;
	case SEGUE_KIND_USER:
		snprintf(text, size, "used by %s", finding->name);
		break;
	default:
		snprintf(text, size, "%s", finding->name);
	}
}
