// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel functions that are redirected during a session: see hook.h for how, and sound.h for which
 * state of a card each of them leads to.
 */
#include <sound/rawmidi.h>
#include "sound.h"

/* The record, while drivers give up and take its card. */
static struct segue_card *segue_card_in_hand(void)
{
	struct segue_card *record = READ_ONCE(segue_card_active);

	return record && READ_ONCE(record->handing) ? record : NULL;
}

/* snd_card_free(card) and others */
static bool segue_sound_on_card(const struct pt_regs *regs)
{
	const struct segue_card *record = segue_card_in_hand();

	return record && (unsigned long)record->card == regs->di;
}

/* __snd_card_release(dev, card) */
static bool segue_sound_on_managed(const struct pt_regs *regs)
{
	const struct segue_card *record = segue_card_in_hand();

	return record && (unsigned long)record->card == regs->si;
}

/* snd_card_new(parent, ...), snd_card_free_on_error(parent, ret) */
static bool segue_sound_on_parent(const struct pt_regs *regs)
{
	const struct segue_card *record = segue_card_in_hand();

	return record && READ_ONCE(record->probing) && (unsigned long)record->dev == regs->di;
}

/* snd_device_free(card, data) */
static bool segue_sound_on_kept(const struct pt_regs *regs)
{
	const struct segue_card *record = segue_card_in_hand();

	return record && (unsigned long)record->card == regs->di &&
	       segue_card_keeps(record, (const void *)regs->si);
}

/* snd_pcm_set_ops(pcm, ...) and others */
static bool segue_sound_on_pcm(const struct pt_regs *regs)
{
	struct segue_card *record = segue_card_in_hand();

	return record && segue_pcm_find(record, (const struct snd_pcm *)regs->di);
}

/* snd_pcm_set_managed_buffer(substream, ...) */
static bool segue_sound_on_substream(const struct pt_regs *regs)
{
	struct segue_card *record = segue_card_in_hand();

	return record && segue_stream_find(record, (const struct snd_pcm_substream *)regs->di);
}

static int segue_sound_new(struct device *parent, int idx, const char *xid, struct module *module,
			   int extra, struct snd_card **card)
{
	*card = segue_card_active->card;
	return segue_card_take(segue_card_active, module, max(extra, 0), false);
}

static int segue_sound_devm_new(struct device *parent, int idx, const char *xid,
				struct module *module, size_t extra, struct snd_card **card)
{
	*card = segue_card_active->card;
	return segue_card_take(segue_card_active, module, extra, true);
}

static int segue_sound_register(struct snd_card *card)
{
	return segue_card_register(segue_card_active);
}

static segue_compat_card_ret segue_sound_free(struct snd_card *card)
{
	segue_card_give_up(segue_card_active);
	return segue_compat_card_done();
}

static void segue_sound_trigger_free(void *card)
{
	segue_card_give_up(segue_card_active);
}

static void segue_sound_release(struct device *dev, void *card)
{
	segue_card_give_up(segue_card_active);
}

static int segue_sound_free_on_error(struct device *dev, int ret)
{
	if (ret)
		segue_card_give_up(segue_card_active);
	return ret;
}

/* Users are not told that the card is gone. */
static segue_compat_card_ret segue_sound_disconnect(struct snd_card *card)
{
	return segue_compat_card_done();
}

static void segue_sound_disconnect_sync(struct snd_card *card)
{
}

/* snd_device_disconnect(), snd_device_free() */
static void segue_sound_keep_device(struct snd_card *card, void *data)
{
}

static int segue_sound_pcm_new(struct snd_card *card, const char *id, int device, int playback,
			       int capture, struct snd_pcm **pcm)
{
	int err = segue_pcm_take(segue_card_active, id, device, playback, capture, pcm);

	return err == -ENOENT ? snd_pcm_new(card, id, device, playback, capture, pcm) : err;
}

static void segue_sound_set_ops(struct snd_pcm *pcm, int direction, const struct snd_pcm_ops *ops)
{
	segue_pcm_set_ops(segue_card_active, pcm, direction, ops);
}

static int segue_sound_take_buffers(struct snd_pcm *pcm, int type, struct device *dev, size_t max,
				    bool managed)
{
	struct snd_pcm_substream *substream;
	unsigned int direction;
	int err = 0;

	segue_for_each_substream(substream, pcm, direction)
		if (!err)
			err = segue_stream_take_buffer(segue_stream_find(segue_card_active,
									 substream),
						       type, dev, max, managed);
	return err;
}

static int segue_sound_managed_all(struct snd_pcm *pcm, int type, struct device *dev, size_t size,
				   size_t max)
{
	return segue_sound_take_buffers(pcm, type, dev, max, true);
}

static void segue_sound_preallocate_all(struct snd_pcm *pcm, int type, void *dev, size_t size,
					size_t max)
{
	segue_sound_take_buffers(pcm, type, dev, max, false);
}

static int segue_sound_managed(struct snd_pcm_substream *substream, int type, struct device *dev,
			       size_t size, size_t max)
{
	return segue_stream_take_buffer(segue_stream_find(segue_card_active, substream), type, dev,
					max, true);
}

static void segue_sound_preallocate(struct snd_pcm_substream *substream, int type,
				    struct device *dev, size_t size, size_t max)
{
	segue_stream_take_buffer(segue_stream_find(segue_card_active, substream), type, dev, max,
				 false);
}

static int segue_sound_rawmidi_new(struct snd_card *card, char *id, int number, int output,
				   int input, struct snd_rawmidi **result)
{
	struct snd_device *device;

	list_for_each_entry(device, &card->devices, list) {
		struct snd_rawmidi *rmidi = device->device_data;

		if (device->type != SNDRV_DEV_RAWMIDI || rmidi->device != number)
			continue;
		if (rmidi->streams[0].substream_count != output ||
		    rmidi->streams[1].substream_count != input) {
			segue_card_refuse(segue_card_active,
					  "MIDI device %d has another number of ports with the new driver",
					  number);
			return -EINVAL;
		}
		rmidi->info_flags = 0;
		*result = rmidi;
		return 0;
	}
	return static_call(segue_snd_rawmidi_new)(card, id, number, output, input, result);
}

const struct segue_hook segue_sound_hooks[] = {
	{ "snd_card_new", segue_sound_new, segue_sound_on_parent },
	{ "snd_devm_card_new", segue_sound_devm_new, segue_sound_on_parent },
	{ "snd_card_register", segue_sound_register, segue_sound_on_card },
	{ "snd_card_free", segue_sound_free, segue_sound_on_card },
	{ "snd_card_free_when_closed", segue_sound_free, segue_sound_on_card },
	/* The two that the driver core calls have snd_card_free() as part of them. */
	{ "trigger_card_free", segue_sound_trigger_free, segue_sound_on_card },
	{ "__snd_card_release", segue_sound_release, segue_sound_on_managed },
	{ "snd_card_free_on_error", segue_sound_free_on_error, segue_sound_on_parent },
	{ "snd_card_disconnect", segue_sound_disconnect, segue_sound_on_card },
	{ "snd_card_disconnect_sync", segue_sound_disconnect_sync, segue_sound_on_card },
	{ "snd_device_disconnect", segue_sound_keep_device, segue_sound_on_kept },
	{ "snd_device_free", segue_sound_keep_device, segue_sound_on_kept },
	{ "snd_pcm_new", segue_sound_pcm_new, segue_sound_on_card },
	{ "snd_pcm_set_ops", segue_sound_set_ops, segue_sound_on_pcm },
	{ "snd_pcm_set_managed_buffer_all", segue_sound_managed_all, segue_sound_on_pcm },
	{ "snd_pcm_set_managed_buffer", segue_sound_managed, segue_sound_on_substream },
	{ "snd_pcm_lib_preallocate_pages_for_all", segue_sound_preallocate_all,
	  segue_sound_on_pcm },
	{ "snd_pcm_lib_preallocate_pages", segue_sound_preallocate, segue_sound_on_substream },
	{ "snd_rawmidi_new", segue_sound_rawmidi_new, segue_sound_on_card,
	  .optional = true, .bind = segue_compat_sound_find_rawmidi },
	{ "snd_pcm_attach_substream", segue_sound_attach, segue_sound_attaches },
	{ "snd_pcm_ioctl", segue_sound_pcm_ioctl, segue_sound_holds_pcm_ioctl },
	{ "snd_pcm_ioctl_compat", segue_sound_pcm_ioctl_compat, segue_sound_holds_pcm_ioctl },
	{ "snd_ctl_ioctl", segue_sound_ctl_ioctl, segue_sound_holds_ctl_ioctl },
	/* Its sister for programs of 32 bits is built without function tracing; what it calls: */
	{ "snd_ctl_elem_list", segue_sound_elem_list, segue_sound_holds_card_compat },
	{ "snd_ctl_elem_info", segue_sound_elem_info, segue_sound_holds_ctl_compat },
	{ "ctl_elem_read_user", segue_sound_elem_read, segue_sound_holds_card_compat },
	{ "ctl_elem_write_user", segue_sound_elem_write, segue_sound_holds_ctl_compat },
	{ "snd_ctl_elem_add_compat", segue_sound_elem_add, segue_sound_holds_ctl_compat },
	{ "snd_pcm_control_ioctl", segue_sound_pcm_control, segue_sound_holds_card_compat },
};

const unsigned int segue_sound_hook_count = ARRAY_SIZE(segue_sound_hooks);
