// SPDX-License-Identifier: GPL-2.0
/*
 * Giving up and taking a card.
 *
 * A driver gives up its card with snd_card_free(), called by itself or by the driver core for a
 * managed card.  Here that frees, in the order of the sound core, what the driver has made, calls
 * the functions that free its private data, and leaves the rest.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <sound/rawmidi.h>
#include <sound/timer.h>
#include "sound.h"

void segue_card_refuse(struct segue_card *record, const char *fmt, ...)
{
	va_list args;

	if (record->refusal[0])
		return;
	va_start(args, fmt);
	vscnprintf(record->refusal, sizeof(record->refusal), fmt, args);
	va_end(args);
}

static bool segue_card_keeps_timer(struct segue_card *record, const struct snd_timer *timer)
{
	struct segue_stream *stream;

	segue_for_each_stream(stream, record)
		if (stream->substream->timer == timer)
			return true;
	return false;
}

static bool segue_card_keeps_sequencer(const struct snd_card *card, const void *data)
{
	const struct snd_device *device;

	list_for_each_entry(device, &card->devices, list)
		if (device->type == SNDRV_DEV_RAWMIDI &&
		    segue_compat_rawmidi_sequencer(device->device_data) == data)
			return true;
	return false;
}

/* What users have open, by its descriptors, numbers or memory, stays. */
static bool segue_card_keeps_device(struct segue_card *record, const struct snd_device *device)
{
	switch (device->type) {
	case SNDRV_DEV_CONTROL:
	case SNDRV_DEV_RAWMIDI:
		return true;
	case SNDRV_DEV_PCM:
		return segue_pcm_find(record, device->device_data);
	case SNDRV_DEV_TIMER:
		return segue_card_keeps_timer(record, device->device_data);
	case SNDRV_DEV_SEQUENCER:
		return segue_card_keeps_sequencer(record->card, device->device_data);
	default:
		return false;
	}
}

/* By snd_device_free(card, data) and its like. */
bool segue_card_keeps(const struct segue_card *record, const void *data)
{
	const struct snd_device *device;

	list_for_each_entry(device, &record->card->devices, list)
		if (device->device_data == data)
			return device->type == SNDRV_DEV_PCM || device->type == SNDRV_DEV_RAWMIDI;
	return false;
}

static bool segue_card_keeps_proc(struct segue_card *record, const struct snd_info_entry *entry)
{
	const struct snd_device *device;
	struct segue_pcm *kept;

	segue_for_each_pcm(kept, record)
		if (kept->pcm->streams[0].proc_root == entry ||
		    kept->pcm->streams[1].proc_root == entry)
			return true;
	list_for_each_entry(device, &record->card->devices, list)
		if (device->type == SNDRV_DEV_RAWMIDI &&
		    ((const struct snd_rawmidi *)device->device_data)->proc_entry == entry)
			return true;
	return !S_ISDIR(entry->mode) && entry->content == SNDRV_INFO_CONTENT_TEXT &&
	       segue_sound_is_of_core(entry->c.text.read);
}

/* Waits for whoever reads it. */
static void segue_proc_disconnect(struct snd_info_entry *entry)
{
	struct snd_info_entry *child;

	list_for_each_entry(child, &entry->children, list)
		segue_proc_disconnect(child);
	proc_remove(entry->p);
	entry->p = NULL;
}

/* What the driver shows in /proc goes from there first, before what it tells of. */
static void segue_card_hide_proc(struct segue_card *record)
{
	struct snd_info_entry *entry;

	if (!record->card->proc_root)
		return;
	list_for_each_entry(entry, &record->card->proc_root->children, list)
		if (!segue_card_keeps_proc(record, entry))
			segue_proc_disconnect(entry);
}

/* What the driver has not freed itself. */
static void segue_card_drop_proc(struct segue_card *record)
{
	struct snd_info_entry *entry, *next;

	if (!record->card->proc_root)
		return;
	list_for_each_entry_safe(entry, next, &record->card->proc_root->children, list)
		if (!segue_card_keeps_proc(record, entry))
			snd_info_free_entry(entry);
}

static void segue_card_drop_devices(struct segue_card *record, bool lowlevel)
{
	struct snd_device *device, *next;

	list_for_each_entry_safe_reverse(device, next, &record->card->devices, list) {
		bool is_lowlevel = device->type == SNDRV_DEV_LOWLEVEL;

		if (is_lowlevel == lowlevel && !segue_card_keeps_device(record, device))
			snd_device_free(record->card, device->device_data);
	}
}

static void segue_card_leave_rawmidis(struct segue_card *record)
{
	struct snd_device *device;

	list_for_each_entry(device, &record->card->devices, list) {
		struct snd_rawmidi *rmidi = device->device_data;

		if (device->type != SNDRV_DEV_RAWMIDI)
			continue;
		if (rmidi->private_free)
			rmidi->private_free(rmidi);
		rmidi->private_free = NULL;
		rmidi->private_data = NULL;
		rmidi->ops = NULL;
	}
}

static void segue_card_park(struct segue_card *record)
{
	struct snd_card *card = record->card;
	struct segue_stream *stream;

	/* There are some if it was not the swap that has unbound the driver. */
	segue_for_each_stream(stream, record)
		segue_stream_close(stream);
	segue_card_hide_proc(record);
	segue_pcm_leave(record);
	segue_card_leave_rawmidis(record);
	segue_card_drop_devices(record, false);
	segue_card_drop_controls(record);
	segue_card_drop_devices(record, true);
	if (card->private_free)
		card->private_free(card);
	segue_card_drop_proc(record);
	card->private_free = NULL;
	card->private_data = NULL;
	card->sync_irq = -1;
	record->adds_pcms = false;
}

/*
 * In place of snd_card_free(), by the driver whose turn it is. Context: process; the card is
 * covered.
 */
void segue_card_give_up(struct segue_card *record)
{
	mutex_lock(&record->lock);
	if (!record->parked)
		segue_card_park(record);
	record->parked = true;
	mutex_unlock(&record->lock);
	segue_target_wake();
}

/* The driver leaves, and what it acquired is released, the newest first. */
static void segue_card_released(struct device *dev, void *holder)
{
	struct segue_card *record = *(struct segue_card **)holder;

	record->holder = NULL;
	segue_card_give_up(record);
}

static struct segue_card **segue_card_make_holder(struct segue_card *record)
{
	struct segue_card **holder = devres_alloc(segue_card_released, sizeof(*holder),
						  GFP_KERNEL);

	if (holder)
		*holder = record;
	return holder;
}

/*
 * The card's memory is a managed resource of its driver, and would be freed when that leaves.
 * Something else takes its place. Return: 0 or -ENOMEM.
 */
int segue_card_leave_place(struct segue_card *record)
{
	struct segue_card **holder;

	if (!record->card->managed || record->node_taken)
		return 0;
	holder = segue_card_make_holder(record);
	if (!holder)
		return -ENOMEM;
	segue_compat_card_exchange(record->dev, record->card, holder);
	record->holder = holder;
	record->node_taken = true;
	return 0;
}

/* Where the new driver makes its card, its memory would be. */
static int segue_card_hold_place(struct segue_card *record)
{
	struct segue_card **holder = segue_card_make_holder(record);

	if (!holder)
		return -ENOMEM;
	devres_add(record->dev, holder);
	record->holder = holder;
	return 0;
}

/* In place of snd_card_new(), or of snd_devm_card_new() if @managed. Context: process. */
int segue_card_take(struct segue_card *record, struct module *module, size_t extra, bool managed)
{
	struct snd_card *card = record->card;
	void *data = NULL;
	int err;

	if (!record->parked) {
		segue_card_refuse(record, "the new driver makes a second card");
		return -EBUSY;
	}
	if (managed != card->managed) {
		segue_card_refuse(record, "the new driver manages the memory of its card another way");
		return -EINVAL;
	}
	if (extra) {
		data = devm_kzalloc(record->dev, extra, GFP_KERNEL);
		if (!data)
			return -ENOMEM;
	}
	err = managed ? segue_card_hold_place(record) : 0;
	if (err)
		return err;
	card->private_data = data;
	card->driver[0] = '\0';
	card->shortname[0] = '\0';
	card->longname[0] = '\0';
	card->mixername[0] = '\0';
	card->components[0] = '\0';
	snprintf(card->irq_descr, sizeof(card->irq_descr), "%s:%s",
		 dev_driver_string(record->dev), dev_name(&card->card_dev));
	record->module = module;
	record->registered = false;
	record->parked = false;
	segue_sound_count_probe(module);
	return 0;
}

static bool segue_card_is_new_pcm(struct segue_card *record, const struct snd_device *device)
{
	return device->type == SNDRV_DEV_PCM && !segue_pcm_find(record, device->device_data);
}

/*
 * A PCM that was not there before is registered when the swap is over. The sound core does that
 * with a lock for which it waits, elsewhere, before the locks of PCMs that are held meanwhile.
 */
static int segue_card_register_kept(struct segue_card *record)
{
	struct snd_device *device;
	int err;

	list_for_each_entry(device, &record->card->devices, list)
		if (segue_card_is_new_pcm(record, device) && device->state == SNDRV_DEV_BUILD) {
			device->state = SNDRV_DEV_DISCONNECTED;
			record->adds_pcms = true;
		}
	err = snd_card_register(record->card);
	list_for_each_entry(device, &record->card->devices, list)
		if (segue_card_is_new_pcm(record, device) &&
		    device->state == SNDRV_DEV_DISCONNECTED)
			device->state = SNDRV_DEV_BUILD;
	return err;
}

/*
 * In place of snd_card_register(), which takes it for a second registration and registers what is
 * new. For a managed card it expects what the first one has made.
 */
int segue_card_register(struct segue_card *record)
{
	int err = 0;

	if (record->card->managed && !record->registered)
		err = segue_compat_card_add_action(record->card);
	if (!err)
		err = segue_card_register_kept(record);
	if (err)
		return err;
	WRITE_ONCE(record->registered, true);
	segue_target_wake();
	return 0;
}

/*
 * The rest of it. Context: process, the device is locked; the swap is over, so that users are told.
 */
void segue_card_register_new(struct segue_card *record)
{
	int err = record->adds_pcms ? snd_card_register(record->card) : 0;

	record->adds_pcms = false;
	if (err)
		pr_err("card %d: what the new driver has added cannot be registered (error %d)\n",
		       record->card->number, err);
}

/* The driver that has the card now is the one that stays: its unbinding will free the card. */
void segue_card_settle(struct segue_card *record)
{
	if (!record->node_taken || !record->holder)
		return;
	segue_compat_card_exchange(record->dev, record->holder, record->card);
	devres_free(record->holder);
	record->holder = NULL;
	record->node_taken = false;
}

void segue_card_read_identity(struct segue_card *record)
{
	struct segue_card_identity *identity = &record->identity;
	const struct snd_card *card = record->card;

	strscpy(identity->id, card->id, sizeof(identity->id));
	strscpy(identity->driver, card->driver, sizeof(identity->driver));
	strscpy(identity->shortname, card->shortname, sizeof(identity->shortname));
	strscpy(identity->longname, card->longname, sizeof(identity->longname));
	strscpy(identity->mixername, card->mixername, sizeof(identity->mixername));
	strscpy(identity->components, card->components, sizeof(identity->components));
}

/* Applications know the card, and their settings for it, by its names. */
void segue_card_restore_identity(struct segue_card *record)
{
	const struct segue_card_identity *identity = &record->identity;
	struct snd_card *card = record->card;

	strscpy(card->id, identity->id, sizeof(card->id));
	strscpy(card->driver, identity->driver, sizeof(card->driver));
	strscpy(card->shortname, identity->shortname, sizeof(card->shortname));
	strscpy(card->longname, identity->longname, sizeof(card->longname));
	strscpy(card->mixername, identity->mixername, sizeof(card->mixername));
	strscpy(card->components, identity->components, sizeof(card->components));
}
