// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <net/genetlink.h>
#include "bus.h"
#include "class.h"
#include "compat.h"
#include "control.h"
#include "device.h"
#include "event.h"
#include "generation.h"
#include "part.h"
#include "session.h"
#include "swap.h"
#include "target.h"

#define SEGUE_NAME_POLICY	{ .type = NLA_NUL_STRING, .len = SEGUE_NAME_LEN - 1 }

/* No bound that a user gives is longer than ten minutes. */
static struct netlink_range_validation segue_ms_range = { .max = 600 * 1000 };

#define SEGUE_MS_POLICY		NLA_POLICY_FULL_RANGE(NLA_U32, &segue_ms_range)

static const struct nla_policy segue_open_policy[SEGUE_A_MAX + 1] = {
	[SEGUE_A_DRIVER] = SEGUE_NAME_POLICY,
	[SEGUE_A_BUS] = SEGUE_NAME_POLICY,
	[SEGUE_A_SESSION_KIND] = NLA_POLICY_MAX(NLA_U8, SEGUE_SESSION_COMMIT),
};

static const struct nla_policy segue_device_policy[SEGUE_A_MAX + 1] = {
	[SEGUE_A_DRIVER] = SEGUE_NAME_POLICY,
	[SEGUE_A_BUS] = SEGUE_NAME_POLICY,
	[SEGUE_A_DEVICE] = SEGUE_NAME_POLICY,
};

static const struct nla_policy segue_check_policy[SEGUE_A_MAX + 1] = {
	[SEGUE_A_DRIVER] = SEGUE_NAME_POLICY,
	[SEGUE_A_BUS] = SEGUE_NAME_POLICY,
	[SEGUE_A_DEVICE] = SEGUE_NAME_POLICY,
	[SEGUE_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, SEGUE_FLAG_WITH_SPARE),
};

static const struct nla_policy segue_swap_policy[SEGUE_A_MAX + 1] = {
	[SEGUE_A_DRIVER] = SEGUE_NAME_POLICY,
	[SEGUE_A_BUS] = SEGUE_NAME_POLICY,
	[SEGUE_A_DEVICE] = SEGUE_NAME_POLICY,
	[SEGUE_A_GENERATION] = { .type = NLA_U32 },
	[SEGUE_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, SEGUE_FLAG_ALLOW_INCOMPATIBLE),
	[SEGUE_A_SPARE] = { .type = NLA_U32 },
	[SEGUE_A_CARRIER_MS] = SEGUE_MS_POLICY,
	[SEGUE_A_VERIFY_MS] = SEGUE_MS_POLICY,
};

static const char *segue_control_string(struct nlattr *const *attrs, enum segue_attr attr)
{
	return attrs[attr] ? nla_data(attrs[attr]) : NULL;
}

static u32 segue_control_u32(struct nlattr *const *attrs, enum segue_attr attr, u32 otherwise)
{
	return attrs[attr] ? nla_get_u32(attrs[attr]) : otherwise;
}

static int segue_control_needs(struct genl_info *info, enum segue_attr attr, const char *name)
{
	if (info->attrs[attr])
		return 0;
	segue_refuse(info->extack, "the request lacks attribute %s", name);
	return -EINVAL;
}

/*
 * A driver that is registered with one of the buses; the first bus that has it, if none is named.
 */
static struct device_driver *segue_control_running(const char *bus_name, const char *name,
						   const struct segue_bus **bus)
{
	static const char *const buses[] = { "pci", "virtio" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(buses); i++) {
		struct device_driver *drv;

		if (bus_name && strcmp(bus_name, buses[i]))
			continue;
		*bus = segue_bus_find(buses[i]);
		drv = segue_bus_driver(*bus, name);
		if (drv)
			return drv;
	}
	return NULL;
}

static bool segue_control_is_part(const char *bus_name, const struct segue_driver *driver)
{
	const struct segue_bus *bus = driver ? driver->bus :
				      bus_name ? segue_bus_find(bus_name) : NULL;

	return bus && bus->subordinate;
}

/*
 * Find the driver that a request names, and take note of its running generation if Segue has not
 * seen it yet.  Needs the generations' lock, which keeps the answer valid.
 */
static struct segue_driver *segue_control_driver(struct nlattr *const *attrs,
						 struct netlink_ext_ack *extack)
{
	const char *bus_name = segue_control_string(attrs, SEGUE_A_BUS);
	const char *name = segue_control_string(attrs, SEGUE_A_DRIVER);
	struct segue_driver *driver = segue_driver_find(bus_name, name);
	struct segue_generation *generation;
	const struct segue_bus *bus;
	struct device_driver *drv;

	if (segue_control_is_part(bus_name, driver)) {
		segue_refuse(extack, "driver %s serves what another driver makes, and is exchanged with that one; name the driver of the device that it is below",
			     name);
		return NULL;
	}
	if (driver)
		return driver;
	drv = segue_control_running(bus_name, name, &bus);
	if (!drv) {
		segue_refuse(extack, "no driver %s is loaded%s%s; load it first (modprobe) or see segue status",
			     name, bus_name ? " on bus " : "", bus_name ?: "");
		return NULL;
	}
	generation = segue_generation_see(bus, name, drv, SEGUE_ROLE_LIVE);
	return generation ? generation->driver : NULL;
}

static int segue_control_open(struct sk_buff *skb, struct genl_info *info)
{
	enum segue_session_kind kind = SEGUE_SESSION_UPDATE;
	char name[SEGUE_NAME_LEN] = "";
	const struct segue_bus *bus = NULL;
	struct segue_driver *driver;

	if (segue_control_needs(info, SEGUE_A_DRIVER, "DRIVER"))
		return -EINVAL;
	if (info->attrs[SEGUE_A_SESSION_KIND])
		kind = nla_get_u8(info->attrs[SEGUE_A_SESSION_KIND]);
	segue_generations_lock();
	driver = segue_control_driver(info->attrs, info->extack);
	if (driver) {
		bus = driver->bus;
		strscpy(name, driver->name, sizeof(name));
	}
	segue_generations_unlock();
	if (!driver)
		return -ENOENT;
	return segue_session_open(info->snd_portid, kind, bus, name, info->extack);
}

static int segue_control_close(struct sk_buff *skb, struct genl_info *info)
{
	return segue_session_close(info->snd_portid, info->extack);
}

static int segue_control_swap(struct sk_buff *skb, struct genl_info *info)
{
	struct segue_swap_request request = {
		.portid = info->snd_portid,
		.bus = segue_control_string(info->attrs, SEGUE_A_BUS),
		.driver = segue_control_string(info->attrs, SEGUE_A_DRIVER),
		.device = segue_control_string(info->attrs, SEGUE_A_DEVICE),
		.generation = segue_control_u32(info->attrs, SEGUE_A_GENERATION, 0),
		.spare = segue_control_u32(info->attrs, SEGUE_A_SPARE, 0),
		.flags = segue_control_u32(info->attrs, SEGUE_A_FLAGS, 0),
		.carrier_ms = segue_control_u32(info->attrs, SEGUE_A_CARRIER_MS, 15000),
		.verify_ms = segue_control_u32(info->attrs, SEGUE_A_VERIFY_MS, 10000),
	};
	struct sk_buff *reply;
	void *header;
	u32 id;
	int err;

	if (segue_control_needs(info, SEGUE_A_DRIVER, "DRIVER") ||
	    segue_control_needs(info, SEGUE_A_GENERATION, "GENERATION"))
		return -EINVAL;
	/* The answer is allocated first: a swap that runs must be answered with its number. */
	reply = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	header = genlmsg_put_reply(reply, info, &segue_genl_family, 0, SEGUE_CMD_SWAP);
	err = header ? segue_swap_start(&request, &id, info->extack) : -EMSGSIZE;
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	WARN_ON_ONCE(nla_put_u32(reply, SEGUE_A_SWAP_ID, id));
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

/* One that the live generation shares stays. */
static int segue_control_release_part(const struct segue_generation *generation,
				      struct sk_buff *reply)
{
	if (generation->role == SEGUE_ROLE_LIVE || !generation->module ||
	    segue_generation_devices(generation))
		return 0;
	return nla_put_string(reply, SEGUE_A_MODULE, generation->module->name);
}

/* Standby generations, newest first: a module goes before the ones that it calls into. */
static int segue_control_release(struct segue_driver *driver, struct sk_buff *reply)
{
	struct segue_generation *generation;
	struct segue_part *part;
	int err;

	list_for_each_entry_reverse(generation, &driver->generations, node) {
		if (generation->role == SEGUE_ROLE_LIVE || !generation->module ||
		    segue_generation_devices(generation))
			continue;
		err = nla_put_string(reply, SEGUE_A_MODULE, generation->module->name);
		list_for_each_entry_reverse(part, &generation->parts, node)
			err = err ?: segue_control_release_part(part->generation, reply);
		if (err)
			return -EMSGSIZE;
		segue_generation_unpin(generation);
	}
	return 0;
}

static int segue_control_commit(struct sk_buff *skb, struct genl_info *info)
{
	struct segue_driver *driver;
	struct sk_buff *reply;
	void *header;
	int err;

	if (segue_control_needs(info, SEGUE_A_DRIVER, "DRIVER"))
		return -EINVAL;
	err = segue_session_check(info->snd_portid, info->extack);
	if (err)
		return err;
	reply = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	header = genlmsg_put_reply(reply, info, &segue_genl_family, 0, SEGUE_CMD_COMMIT);
	segue_generations_lock();
	driver = segue_control_driver(info->attrs, info->extack);
	if (!driver)
		err = -ENOENT;
	else
		err = header ? segue_control_release(driver, reply) : -EMSGSIZE;
	segue_generations_unlock();
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

static int segue_control_status(struct sk_buff *skb, struct genl_info *info)
{
	struct segue_swap_status status;
	struct sk_buff *reply;
	void *header;

	segue_swap_status(&status);
	reply = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	header = genlmsg_put_reply(reply, info, &segue_genl_family, 0, SEGUE_CMD_STATUS_GET);
	if (!header || nla_put_u32(reply, SEGUE_A_SWAP_ID, status.id) ||
	    nla_put_string(reply, SEGUE_A_DRIVER, status.driver) ||
	    nla_put_u8(reply, SEGUE_A_STEP, status.step) ||
	    nla_put_u8(reply, SEGUE_A_RESULT, status.result) ||
	    nla_put_s32(reply, SEGUE_A_ERRNO, status.err)) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

/* Dumps count the entries they have sent in cb->args[0] and start there again. */
struct segue_control_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	enum segue_cmd cmd;
	long index;
};

static void *segue_control_entry(struct segue_control_dump *dump)
{
	return genlmsg_put(dump->skb, NETLINK_CB(dump->cb->skb).portid, dump->cb->nlh->nlmsg_seq,
			   &segue_genl_family, NLM_F_MULTI, dump->cmd);
}

static int segue_control_finish(struct segue_control_dump *dump, void *header, int err)
{
	if (err) {
		if (header)
			genlmsg_cancel(dump->skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(dump->skb, header);
	dump->cb->args[0] = dump->index;
	return 0;
}

static int segue_control_put_generation(struct segue_control_dump *dump,
					const struct segue_generation *generation)
{
	void *header = segue_control_entry(dump);
	const char *module = generation->module ? generation->module->name : "";

	return segue_control_finish(dump, header, !header ||
		nla_put_string(dump->skb, SEGUE_A_DRIVER, generation->driver->name) ||
		nla_put_string(dump->skb, SEGUE_A_BUS, generation->driver->bus->name) ||
		nla_put_u32(dump->skb, SEGUE_A_GENERATION, generation->number) ||
		nla_put_u8(dump->skb, SEGUE_A_ROLE, generation->role) ||
		nla_put_string(dump->skb, SEGUE_A_MODULE, module) ||
		nla_put_u32(dump->skb, SEGUE_A_DEVICES, segue_generation_devices(generation)));
}

static int segue_control_generations(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct segue_control_dump dump = { skb, cb, SEGUE_CMD_GENERATION_GET };
	struct segue_generation *generation;
	struct segue_driver *driver;
	int err = 0;

	segue_generations_lock();
	for (driver = segue_driver_next(NULL); driver; driver = segue_driver_next(driver)) {
		if (driver->bus->subordinate)
			continue;
		list_for_each_entry(generation, &driver->generations, node) {
			if (dump.index++ < cb->args[0])
				continue;
			err = segue_control_put_generation(&dump, generation);
			if (err)
				goto out;
		}
	}
out:
	segue_generations_unlock();
	return err && !skb->len ? err : skb->len;
}

static int segue_control_put_device(const struct segue_device *device, void *data)
{
	struct segue_control_dump *dump = data;
	void *header;

	if (dump->index++ < dump->cb->args[0])
		return 0;
	header = segue_control_entry(dump);
	return segue_control_finish(dump, header, !header ||
		nla_put_string(dump->skb, SEGUE_A_DEVICE, dev_name(device->dev)) ||
		nla_put_string(dump->skb, SEGUE_A_BUS, device->bus) ||
		nla_put_string(dump->skb, SEGUE_A_DRIVER, device->driver) ||
		nla_put_string(dump->skb, SEGUE_A_OBJECT, device->object) ||
		nla_put_string(dump->skb, SEGUE_A_CLASS, device->class_name) ||
		nla_put_u32(dump->skb, SEGUE_A_GENERATION, device->generation) ||
		nla_put_u8(dump->skb, SEGUE_A_DEVICE_STATE, device->state));
}

static int segue_control_devices(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct segue_control_dump dump = { skb, cb, SEGUE_CMD_DEVICE_GET };
	int err = segue_devices_walk(segue_control_put_device, &dump);

	return err && !skb->len ? err : skb->len;
}

/*
 * One message per finding, or one without a finding for a device about which there is nothing to
 * say.
 */
static int segue_control_put_check(struct segue_control_dump *dump, struct segue_target *target,
				   const struct segue_finding *finding)
{
	void *header;

	if (dump->index++ < dump->cb->args[0])
		return 0;
	header = segue_control_entry(dump);
	return segue_control_finish(dump, header, !header ||
		nla_put_string(dump->skb, SEGUE_A_DEVICE, dev_name(target->dev)) ||
		nla_put_string(dump->skb, SEGUE_A_OBJECT, target->object) ||
		nla_put_string(dump->skb, SEGUE_A_CLASS, target->class->name) ||
		nla_put_s32(dump->skb, SEGUE_A_ERRNO, target->err) ||
		(finding && segue_event_put_finding(dump->skb, finding)));
}

struct segue_control_check {
	struct segue_control_dump dump;
	struct segue_driver *driver;
	const char *only;
	bool spared;
	struct list_head targets;
	int err;
};

static int segue_control_collect(struct device *dev, void *data)
{
	struct segue_control_check *check = data;
	struct segue_target *target;

	if (check->only && strcmp(check->only, dev_name(dev)))
		return 0;
	target = segue_target_create(NULL, check->driver, dev);
	if (IS_ERR(target)) {
		check->err = PTR_ERR(target);
		return check->err;
	}
	target->spared = check->spared;
	list_add_tail(&target->node, &check->targets);
	return 0;
}

static int segue_control_check_target(struct segue_control_check *check,
				      struct segue_target *target)
{
	struct segue_finding *finding;
	int err = segue_target_check(target);

	if (err)
		return err;
	err = segue_control_put_check(&check->dump, target, NULL);
	list_for_each_entry(finding, &target->found.list, node)
		if (!err)
			err = segue_control_put_check(&check->dump, target, finding);
	return err;
}

static int segue_control_check(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = segue_compat_dump_attrs(cb);
	struct segue_control_check check = {
		.dump = { skb, cb, SEGUE_CMD_CHECK },
		.targets = LIST_HEAD_INIT(check.targets),
	};
	struct segue_target *target, *next;
	struct segue_generation *generation;

	if (!attrs[SEGUE_A_DRIVER])
		return -EINVAL;
	check.only = segue_control_string(attrs, SEGUE_A_DEVICE);
	check.spared = segue_control_u32(attrs, SEGUE_A_FLAGS, 0) & SEGUE_FLAG_WITH_SPARE;
	segue_generations_lock();
	check.driver = segue_control_driver(attrs, cb->extack);
	if (!check.driver) {
		segue_generations_unlock();
		return -ENOENT;
	}
	list_for_each_entry(generation, &check.driver->generations, node)
		if (!check.err && try_module_get(generation->module)) {
			check.err = driver_for_each_device(generation->drv, NULL, &check,
							   segue_control_collect);
			module_put(generation->module);
		}
	segue_generations_unlock();
	list_for_each_entry_safe(target, next, &check.targets, node) {
		if (!check.err)
			check.err = segue_control_check_target(&check, target);
		list_del(&target->node);
		segue_target_free(target);
	}
	if (check.err == -ENODEV)
		segue_class_refuse(cb->extack, segue_control_string(attrs, SEGUE_A_DRIVER));
	return check.err && !skb->len ? check.err : skb->len;
}

static const struct genl_ops segue_genl_operations[] = {
	{ .cmd = SEGUE_CMD_SESSION_OPEN, .doit = segue_control_open, .flags = GENL_ADMIN_PERM,
	  .policy = segue_open_policy, .maxattr = SEGUE_A_MAX },
	{ .cmd = SEGUE_CMD_SESSION_CLOSE, .doit = segue_control_close, .flags = GENL_ADMIN_PERM },
	{ .cmd = SEGUE_CMD_CHECK, .dumpit = segue_control_check, .flags = GENL_ADMIN_PERM,
	  .policy = segue_check_policy, .maxattr = SEGUE_A_MAX },
	{ .cmd = SEGUE_CMD_SWAP, .doit = segue_control_swap, .flags = GENL_ADMIN_PERM,
	  .policy = segue_swap_policy, .maxattr = SEGUE_A_MAX },
	{ .cmd = SEGUE_CMD_COMMIT, .doit = segue_control_commit, .flags = GENL_ADMIN_PERM,
	  .policy = segue_device_policy, .maxattr = SEGUE_A_MAX },
	{ .cmd = SEGUE_CMD_GENERATION_GET, .dumpit = segue_control_generations,
	  .flags = GENL_ADMIN_PERM },
	{ .cmd = SEGUE_CMD_DEVICE_GET, .dumpit = segue_control_devices,
	  .flags = GENL_ADMIN_PERM },
	{ .cmd = SEGUE_CMD_STATUS_GET, .doit = segue_control_status, .flags = GENL_ADMIN_PERM },
};

static const struct genl_multicast_group segue_genl_groups[] = {
	{ .name = SEGUE_MCGRP_EVENTS },
};

/* Changing which code the kernel runs takes what loading a module takes. */
static int segue_control_may(const segue_compat_genl_ops *ops, struct sk_buff *skb,
			     struct genl_info *info)
{
	switch (ops->cmd) {
	case SEGUE_CMD_SESSION_OPEN:
	case SEGUE_CMD_SESSION_CLOSE:
	case SEGUE_CMD_SWAP:
	case SEGUE_CMD_COMMIT:
		if (!capable(CAP_SYS_MODULE)) {
			segue_refuse(info->extack, "this needs the right to load modules (CAP_SYS_MODULE); run it as root");
			return -EPERM;
		}
	}
	return 0;
}

struct genl_family segue_genl_family = {
	.name = SEGUE_GENL_NAME,
	.version = SEGUE_GENL_VERSION,
	.module = THIS_MODULE,
	.ops = segue_genl_operations,
	.n_ops = ARRAY_SIZE(segue_genl_operations),
	.resv_start_op = __SEGUE_CMD_MAX,
	.mcgrps = segue_genl_groups,
	.n_mcgrps = ARRAY_SIZE(segue_genl_groups),
	.pre_doit = segue_control_may,
	/* Arming hooks takes its time; other families need not wait for it. */
	.parallel_ops = true,
};

int segue_control_init(void)
{
	return genl_register_family(&segue_genl_family);
}

void segue_control_exit(void)
{
	genl_unregister_family(&segue_genl_family);
}
