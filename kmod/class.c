// SPDX-License-Identifier: GPL-2.0
#include <linux/mutex.h>
#include <linux/string.h>
#include "class.h"
#include "compat.h"

/* Protects the list; a class module stays while a reference on it is held. */
static DEFINE_MUTEX(segue_classes_mutex);
static LIST_HEAD(segue_classes);

/**
 * segue_class_register - offer a class shadow
 * @class: static in the module that registers
 *
 * Return: 0, or -EBUSY while a session is open.
 */
int segue_class_register(struct segue_class *class)
{
	int err = segue_hooks_add(&class->hooks);

	if (err)
		return err;
	mutex_lock(&segue_classes_mutex);
	list_add_tail(&class->node, &segue_classes);
	mutex_unlock(&segue_classes_mutex);
	return 0;
}
EXPORT_SYMBOL_GPL(segue_class_register);

void segue_class_unregister(struct segue_class *class)
{
	mutex_lock(&segue_classes_mutex);
	list_del(&class->node);
	mutex_unlock(&segue_classes_mutex);
	segue_hooks_remove(&class->hooks);
}
EXPORT_SYMBOL_GPL(segue_class_unregister);

/* The class that claims the device, with a reference on its module; NULL if none does. */
const struct segue_class *segue_class_get(struct device *dev)
{
	const struct segue_class *class;

	mutex_lock(&segue_classes_mutex);
	list_for_each_entry(class, &segue_classes, node) {
		if (!try_module_get(class->hooks.owner))
			continue;
		if (class->claims(dev)) {
			mutex_unlock(&segue_classes_mutex);
			return class;
		}
		module_put(class->hooks.owner);
	}
	mutex_unlock(&segue_classes_mutex);
	return NULL;
}

void segue_class_put(const struct segue_class *class)
{
	module_put(class->hooks.owner);
}

/* A device of this driver is claimed by none. Context: process. */
void segue_class_refuse(struct netlink_ext_ack *extack, const char *driver)
{
	const struct segue_class *class;
	char names[64] = "";

	mutex_lock(&segue_classes_mutex);
	list_for_each_entry(class, &segue_classes, node) {
		if (*names)
			strlcat(names, ", ", sizeof(names));
		strlcat(names, class->name, sizeof(names));
	}
	mutex_unlock(&segue_classes_mutex);
	segue_refuse(extack, "a device of driver %s belongs to no class that Segue covers (%s)",
		     driver, names);
}
