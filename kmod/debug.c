// SPDX-License-Identifier: GPL-2.0
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "debug.h"

static DEFINE_MUTEX(segue_debug_mutex);
static struct dentry *segue_debug_dir;
static char segue_debug_fail[SEGUE_DEBUG_LEN];
static u32 segue_debug_stall_ms;

static ssize_t segue_debug_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	char text[SEGUE_DEBUG_LEN + 1];
	int n;

	mutex_lock(&segue_debug_mutex);
	n = scnprintf(text, sizeof(text), "%s\n", segue_debug_fail);
	mutex_unlock(&segue_debug_mutex);
	return simple_read_from_buffer(buf, len, pos, text, n);
}

static ssize_t segue_debug_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	char text[SEGUE_DEBUG_LEN];

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = '\0';
	mutex_lock(&segue_debug_mutex);
	strscpy(segue_debug_fail, strim(text), sizeof(segue_debug_fail));
	mutex_unlock(&segue_debug_mutex);
	return len;
}

static const struct file_operations segue_debug_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = segue_debug_read,
	.write = segue_debug_write,
};

/* Without debugfs, or under lockdown, there are no knobs; nothing else depends on them. */
void segue_debug_init(void)
{
	segue_debug_dir = debugfs_create_dir("segue", NULL);
	debugfs_create_file("fail_step", 0600, segue_debug_dir, NULL, &segue_debug_fops);
	debugfs_create_u32("stall_ms", 0600, segue_debug_dir, &segue_debug_stall_ms);
}

void segue_debug_exit(void)
{
	debugfs_remove_recursive(segue_debug_dir);
}

static bool segue_debug_names(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *at = list;

	while ((at = strstr(at, word))) {
		if ((at == list || at[-1] == ' ') && (at[len] == '\0' || at[len] == ' '))
			return true;
		at += len;
	}
	return false;
}

/* The knob may list several names, separated by blanks. */
bool segue_debug_fails(const char *step, bool undo)
{
	char name[32];
	bool fails;

	snprintf(name, sizeof(name), "%s%s", step, undo ? ".undo" : "");
	mutex_lock(&segue_debug_mutex);
	fails = segue_debug_names(segue_debug_fail, name);
	mutex_unlock(&segue_debug_mutex);
	return fails;
}

void segue_debug_stall(void)
{
	u32 ms = READ_ONCE(segue_debug_stall_ms);

	if (ms)
		msleep(ms);
}
