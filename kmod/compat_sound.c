// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "compat_sound.h"

SEGUE_SOUND_FUNCTIONS(SEGUE_UNEXPORTED_DEFINE)
SEGUE_SOUND_RAWMIDI_FUNCTIONS(SEGUE_UNEXPORTED_DEFINE)

/*
 * What the sound core gives to the driver core as callbacks, by which a card's entries in the list
 * of a device's managed resources are known. Never called here.
 */
static unsigned long segue_card_release;
static unsigned long segue_card_trigger;

/* The sound core's lock of what is linked with what, a struct rw_semaphore. */
static unsigned long segue_pcm_link_lock;

static const struct segue_symbol segue_sound_symbols[] = {
	SEGUE_SOUND_FUNCTIONS(SEGUE_UNEXPORTED_SYMBOL)
	{ .name = "snd_pcm_link_rwsem", .data = &segue_pcm_link_lock },
	{ .name = "__snd_card_release", .data = &segue_card_release },
	{ .name = "trigger_card_free", .data = &segue_card_trigger },
};

static const struct segue_symbol segue_sound_rawmidi_symbols[] = {
	SEGUE_SOUND_RAWMIDI_FUNCTIONS(SEGUE_UNEXPORTED_SYMBOL)
};

/* When hooks are armed: the module may be another than at the last time. */
int segue_compat_sound_find_rawmidi(void)
{
	return segue_compat_resolve(segue_sound_rawmidi_symbols,
				    ARRAY_SIZE(segue_sound_rawmidi_symbols));
}

int segue_compat_sound_init(void)
{
	return segue_compat_resolve(segue_sound_symbols, ARRAY_SIZE(segue_sound_symbols));
}

struct rw_semaphore *segue_compat_pcm_link_lock(void)
{
	return (struct rw_semaphore *)segue_pcm_link_lock;
}

/*
 * Private to drivers/base/devres.c; the same in 6.1 and 6.12, but for the name of the alignment,
 * which is that of a pointer here.
 */
struct segue_devres {
	struct list_head entry;
	dr_release_t release;
	const char *name;
	size_t size;
	u8 data[] __aligned(sizeof(void *));
};

static struct segue_devres *segue_devres_of(const void *data)
{
	return container_of(data, struct segue_devres, data[0]);
}

/* Is the card a managed resource, as this unit understands them? */
bool segue_compat_card_has_node(const struct snd_card *card)
{
	return (unsigned long)segue_devres_of(card)->release == segue_card_release;
}

/*
 * One managed resource takes the other's place among those of the device, in which order they are
 * released when the driver leaves.
 */
void segue_compat_card_exchange(struct device *dev, void *from, void *to)
{
	unsigned long flags;

	spin_lock_irqsave(&dev->devres_lock, flags);
	list_replace_init(&segue_devres_of(from)->entry, &segue_devres_of(to)->entry);
	spin_unlock_irqrestore(&dev->devres_lock, flags);
}

/* What snd_card_register() expects of a card that is registered already. */
int segue_compat_card_add_action(struct snd_card *card)
{
	return devm_add_action(card->dev, (void (*)(void *))segue_card_trigger, card);
}

/*
 * The index by number. The one by name knows no numbers. "ALSA: control: Use xarray for faster
 * lookups" (6.0) made them.
 */
void segue_compat_card_forget_numids(struct snd_card *card)
{
#ifdef CONFIG_SND_CTL_FAST_LOOKUP
	xa_destroy(&card->ctl_numids);
#endif
}

void segue_compat_card_add_numid(struct snd_card *card, struct snd_kcontrol *kctl)
{
#ifdef CONFIG_SND_CTL_FAST_LOOKUP
	xa_store_range(&card->ctl_numids, kctl->id.numid, kctl->id.numid + kctl->count - 1,
		       kctl, GFP_KERNEL);
#endif
}

/* Private to sound/core/init.c; the same in 6.1 and 6.12. */
struct segue_monitor_file {
	struct file *file;
	const struct file_operations *disconnected_f_op;
	struct list_head shutdown_list;
	struct list_head list;
};

/*
 * How many files of the card there are, and how many of them lead to nothing yet. Context: nobody
 * else runs. Return: false if one is just being closed, so that it cannot be said.
 */
bool segue_compat_card_files(const struct snd_card *card, unsigned int *count,
			     unsigned int *opening)
{
	const struct segue_monitor_file *monitor;

	*count = 0;
	*opening = 0;
	list_for_each_entry(monitor, &card->files_list, list) {
		if (!file_count(monitor->file))
			return false;
		*opening += !monitor->file->private_data;
		(*count)++;
	}
	return true;
}

/* The beginnings of what is private to fs/proc; the same in 6.1 and 6.12. */
struct segue_proc_entry {
	atomic_t in_use;
	refcount_t refcnt;
	struct list_head openers;
};

struct segue_proc_opener {
	struct list_head node;
	struct file *file;
	bool closing;
};

/*
 * How often a file in /proc is open. Context: nobody else runs. Return: false if somebody is just
 * opening or closing it, so that it cannot be said.
 */
bool segue_compat_proc_openers(struct snd_info_entry *entry, unsigned int *count)
{
	const struct segue_proc_entry *proc = (const struct segue_proc_entry *)entry->p;
	const struct segue_proc_opener *opener;

	*count = 0;
	if (!proc || S_ISDIR(entry->mode))
		return true;
	if (atomic_read(&proc->in_use))
		return false;
	list_for_each_entry(opener, &proc->openers, node) {
		if (opener->closing)
			return false;
		(*count)++;
	}
	return true;
}
