// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include "compat.h"
#include "generation.h"
#include "hook.h"
#include "names.h"
#include "session.h"
#include "uapi/segue.h"

/**
 * struct segue_name - a name that two generations want
 * @node: in &segue_generation.names, or in the list of those that nobody has yet
 * @class: object of the class in sysfs, or NULL for a major number
 * @major: the major number
 * @name: the name
 */
struct segue_name {
	struct list_head node;
	struct kobject *class;
	unsigned int major;
	char name[SEGUE_NAME_LEN];
};

/* What the session's process has met and no generation has yet; the generations' lock. */
static LIST_HEAD(segue_names_met);

/* Makes the standby names of what is registered before its driver differ. */
static unsigned int segue_names_count;

static struct segue_name *segue_name_add(struct list_head *list, const char *text)
{
	struct segue_name *name = kzalloc(sizeof(*name), GFP_KERNEL);

	if (!name)
		return NULL;
	strscpy(name->name, text, sizeof(name->name));
	list_add_tail(&name->node, list);
	return name;
}

static void segue_name_remove(struct segue_name *name)
{
	list_del(&name->node);
	kfree(name);
}

static struct segue_name *segue_name_find(const struct list_head *list, bool class,
					  const char *text)
{
	struct segue_name *name;

	list_for_each_entry(name, list, node)
		if (!!name->class == class && !strcmp(name->name, text))
			return name;
	return NULL;
}

/* A name that is free: the number only has to differ from those in use. */
static void segue_name_standby(char *text, size_t size, const char *plain)
{
	snprintf(text, size, "%s~%u", plain, ++segue_names_count);
}

/* Nobody is told of a class that was there all the time. */
static int segue_names_withhold(segue_compat_uevent_kobject *kobj)
{
	return !segue_session_is_process();
}

static const struct kset_uevent_ops segue_names_uevent_ops = {
	.filter = segue_names_withhold,
};

/* Devices of a class stay in it; nobody is told that its folder has another name. */
static int segue_name_rename(struct kobject *class, const char *text)
{
	int err;

	class->uevent_suppress = true;
	err = kobject_rename(class, text);
	/* A class that is not in charge is not announced when it goes, either. */
	class->uevent_suppress = !!strchr(text, '~');
	return err;
}

/*
 * Registering a class is announced by a function that cannot be hooked, without a filter being
 * asked.  For this moment there is one.
 */
static int segue_names_register_quietly(SEGUE_CLASS_REGISTER_PROTO)
{
	struct kset *kset = segue_compat_class_kset();
	const struct kset_uevent_ops *ops = kset->uevent_ops;
	int err;

	WRITE_ONCE(kset->uevent_ops, &segue_names_uevent_ops);
	err = SEGUE_CLASS_REGISTER_CALL;
	WRITE_ONCE(kset->uevent_ops, ops);
	return err;
}

/*
 * The class cannot be given another name, it may be in read-only memory.  So the one that has the
 * name steps aside for the moment in which it is registered.
 */
static int segue_names_register_class(struct segue_name *name, struct kobject *has,
				      SEGUE_CLASS_REGISTER_PROTO)
{
	struct kset *kset = segue_compat_class_kset();
	char text[SEGUE_NAME_LEN + 12];
	int err;

	segue_name_standby(text, sizeof(text), name->name);
	err = segue_name_rename(has, text);
	if (err)
		return err;
	err = segue_names_register_quietly(SEGUE_CLASS_REGISTER_PASS);
	if (!err) {
		name->class = kset_find_obj(kset, name->name);
		/* The module that registered it keeps it. */
		kobject_put(name->class);
		segue_name_standby(text, sizeof(text), name->name);
		err = segue_name_rename(name->class, text);
	}
	WARN_ON_ONCE(segue_name_rename(has, name->name));
	return err;
}

static int segue_names_class(SEGUE_CLASS_REGISTER_PROTO)
{
	struct segue_name *name;
	struct kobject *has;
	int err = -ENOMEM;

	segue_session_handler_enter();
	segue_generations_lock();
	has = kset_find_obj(segue_compat_class_kset(), class->name);
	if (!has) {
		err = SEGUE_CLASS_REGISTER_CALL;
		goto out;
	}
	name = segue_name_add(&segue_names_met, class->name);
	if (name)
		err = segue_names_register_class(name, has, SEGUE_CLASS_REGISTER_PASS);
	if (err && name)
		segue_name_remove(name);
	kobject_put(has);
out:
	segue_generations_unlock();
	segue_session_handler_leave();
	return err;
}

/* A class that goes is no longer anybody's; it may go because its module could not be loaded. */
static void segue_names_class_gone(SEGUE_CLASS_UNREGISTER_PROTO)
{
	struct segue_name *name;

	segue_session_handler_enter();
	segue_generations_lock();
	name = segue_name_find(&segue_names_met, true, class->name);
	if (name)
		segue_name_remove(name);
	segue_generations_unlock();
	class_unregister(class);
	segue_session_handler_leave();
}

static int segue_names_register_major(unsigned int major, const char *text,
				      void (*probe)(dev_t devt))
{
	struct segue_name *name;
	int have;

	segue_session_handler_enter();
	segue_generations_lock();
	have = segue_compat_block_major(text);
	if (have <= 0 || (major && major != have)) {
		have = __register_blkdev(major, text, probe);
		goto out;
	}
	name = segue_name_add(&segue_names_met, text);
	if (!name) {
		have = -ENOMEM;
		goto out;
	}
	name->major = have;
	/* Who named its number is told nothing but success. */
	if (major)
		have = 0;
out:
	segue_generations_unlock();
	segue_session_handler_leave();
	return have;
}

/* How many generations want this number? */
static unsigned int segue_names_with_major(unsigned int major)
{
	struct segue_generation *generation;
	struct segue_driver *driver;
	struct segue_name *name;
	unsigned int count = 0;

	for (driver = segue_driver_next(NULL); driver; driver = segue_driver_next(driver))
		list_for_each_entry(generation, &driver->generations, node)
			list_for_each_entry(name, &generation->names, node)
				count += !name->class && name->major == major;
	return count;
}

/*
 * Gives the number up for a module that is unloaded or could not be loaded; it stays with the
 * others.  A generation is known until its module's exit function has run.
 */
static void segue_names_unregister_major(unsigned int major, const char *text)
{
	struct segue_name *name;

	segue_session_handler_enter();
	segue_generations_lock();
	name = segue_name_find(&segue_names_met, false, text);
	if (name)
		segue_name_remove(name);
	else if (segue_names_with_major(major) < 2)
		unregister_blkdev(major, text);
	segue_generations_unlock();
	segue_session_handler_leave();
}

static int segue_names_device(struct device *dev)
{
	char text[SEGUE_NAME_LEN + 12];
	struct device *other;
	int err = 0;

	segue_session_handler_enter();
	other = bus_find_device_by_name((void *)dev->bus, NULL, dev_name(dev));
	if (other) {
		put_device(other);
		segue_name_standby(text, sizeof(text), dev_name(dev));
		err = dev_set_name(dev, "%s", text);
	}
	if (!err)
		err = device_register(dev);
	segue_session_handler_leave();
	return err;
}

/*
 * device_register(dev): of a bus that Segue swaps no drivers of, and that has its names for itself
 */
static bool segue_names_of_bus(const struct pt_regs *regs)
{
	const struct device *dev = (const struct device *)regs->di;

	return segue_session_process(regs) && dev->bus && !dev->parent;
}

static const struct segue_hook segue_names_hooks[] = {
	{ SEGUE_CLASS_REGISTER, segue_names_class, segue_session_process },
	{ "class_unregister", segue_names_class_gone, segue_session_process },
	{ "__register_blkdev", segue_names_register_major, segue_session_process },
	{ "unregister_blkdev", segue_names_unregister_major, segue_session_process },
	{ "device_register", segue_names_device, segue_names_of_bus },
};

static struct segue_hook_set segue_names_hook_set = {
	.owner = THIS_MODULE,
	.hooks = segue_names_hooks,
	.count = ARRAY_SIZE(segue_names_hooks),
};

/* A session begins: what an earlier one met and nobody took is not known any more. */
void segue_names_begin(void)
{
	struct segue_name *name, *next;

	segue_generations_lock();
	list_for_each_entry_safe(name, next, &segue_names_met, node)
		segue_name_remove(name);
	segue_generations_unlock();
}

/* The generation in charge has the plain name, and is told that somebody else wants it. */
static int segue_names_share(struct segue_generation *live, const struct segue_name *met)
{
	struct segue_name *name;

	if (!live || segue_name_find(&live->names, met->class, met->name))
		return 0;
	name = segue_name_add(&live->names, met->name);
	if (!name)
		return -ENOMEM;
	name->major = met->major;
	if (met->class) {
		name->class = kset_find_obj(segue_compat_class_kset(), met->name);
		/* The module that registered it keeps it, and takes the generation along. */
		kobject_put(name->class);
	}
	return 0;
}

/**
 * segue_names_keep - give a generation the names that its modules want
 * @generation: whose
 * @live: the one in charge, or NULL
 *
 * Return: 0 or -ENOMEM.
 */
int segue_names_keep(struct segue_generation *generation, struct segue_generation *live)
{
	const struct segue_name *name;
	int err = 0;

	list_for_each_entry(name, &segue_names_met, node)
		err = err ?: segue_names_share(live, name);
	list_splice_tail_init(&segue_names_met, &generation->names);
	return err;
}

static int segue_name_pass(struct segue_name *to, struct segue_generation *from)
{
	struct segue_name *was = from ? segue_name_find(&from->names, true, to->name) : NULL;
	char text[SEGUE_NAME_LEN + 12];
	int err;

	if (!strcmp(kobject_name(to->class), to->name))
		return 0;
	if (was && was->class && !strcmp(kobject_name(was->class), was->name)) {
		segue_name_standby(text, sizeof(text), was->name);
		err = segue_name_rename(was->class, text);
		if (err)
			return err;
	}
	return segue_name_rename(to->class, to->name);
}

/**
 * segue_names_exchange - give a generation the plain names
 * @to: which
 * @from: which has them, or NULL
 *
 * Return: 0 or a negative error; the caller goes back by exchanging them the other way.
 */
int segue_names_exchange(struct segue_generation *to, struct segue_generation *from)
{
	struct segue_name *name;
	int err = 0;

	list_for_each_entry(name, &to->names, node)
		if (!err && name->class)
			err = segue_name_pass(name, from);
	return err;
}

/*
 * Folders of the class are where its devices have their parents; those without a parent share one,
 * which the classes of two generations cannot have under one name.  Those of one device come and go
 * with it.
 */
static int segue_name_rename_folders(struct kobject *class, const char *text)
{
	struct kset *folders = segue_compat_class_folders(class);
	struct kobject *folder, *found = NULL;
	int err;

	spin_lock(&folders->list_lock);
	list_for_each_entry(folder, &folders->list, entry)
		if (folder->parent && !strcmp(kobject_name(folder->parent), "virtual"))
			found = kobject_get(folder);
	spin_unlock(&folders->list_lock);
	if (!found)
		return 0;
	err = strcmp(kobject_name(found), text) ? segue_name_rename(found, text) : 0;
	kobject_put(found);
	return err;
}

/* The others' devices may stay for a while: those that are not swapped yet, or not any more. */
static int segue_name_set_aside(const struct segue_generation *generation,
				const struct segue_name *name)
{
	struct segue_generation *other;
	char text[SEGUE_NAME_LEN + 12];
	struct segue_name *same;
	int err = 0;

	list_for_each_entry(other, &generation->driver->generations, node) {
		same = other == generation ? NULL :
		       segue_name_find(&other->names, true, name->name);
		if (err || !same)
			continue;
		snprintf(text, sizeof(text), "%s~%u", name->name, other->number);
		err = segue_name_rename_folders(same->class, text);
	}
	return err;
}

/**
 * segue_names_lend - make room for the devices that a generation is about to add
 * @generation: which one will probe
 *
 * Return: 0 or a negative error.
 */
int segue_names_lend(struct segue_generation *generation)
{
	struct segue_name *name;
	int err = 0;

	list_for_each_entry(name, &generation->names, node) {
		if (err || !name->class)
			continue;
		err = segue_name_set_aside(generation, name);
		if (!err)
			err = segue_name_rename_folders(name->class, name->name);
	}
	return err;
}

/* Has the generation a class of devices, which is with one generation at a time? */
bool segue_names_has_class(const struct segue_generation *generation, const char *class)
{
	const struct segue_name *name;

	list_for_each_entry(name, &generation->names, node)
		if (name->class && (!class || !strcmp(name->name, class)))
			return true;
	return false;
}

void segue_names_free(struct segue_generation *generation)
{
	struct segue_name *name, *next;

	list_for_each_entry_safe(name, next, &generation->names, node)
		segue_name_remove(name);
}

/* A second copy of a module is called NAME__N, and so is the folder of its trace events. */
static int segue_names_module(struct notifier_block *watch, unsigned long event, void *data)
{
	struct module *module = data;

	if (event == MODULE_STATE_COMING && segue_session_is_process() &&
	    strstr(module->name, "__"))
		segue_compat_name_events(module);
	return NOTIFY_DONE;
}

/* Before the tracers hear of the module. */
static struct notifier_block segue_names_watch = {
	.notifier_call = segue_names_module,
	.priority = INT_MAX,
};

int segue_names_init(void)
{
	int err = segue_hooks_add(&segue_names_hook_set);

	if (err)
		return err;
	err = register_module_notifier(&segue_names_watch);
	if (err)
		segue_hooks_remove(&segue_names_hook_set);
	return err;
}

void segue_names_exit(void)
{
	unregister_module_notifier(&segue_names_watch);
	segue_names_begin();
	segue_hooks_remove(&segue_names_hook_set);
}
