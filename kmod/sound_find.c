// SPDX-License-Identifier: GPL-2.0
/* Which card belongs to a device, who uses it, and what cannot be covered. */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched/task.h>
#include <sound/hwdep.h>
#include <sound/rawmidi.h>
#include "sound.h"

struct segue_sound_search {
	struct snd_card *card;
	unsigned int count;
};

static int segue_sound_visit(struct device *dev, void *data)
{
	struct segue_sound_search *search = data;
	struct snd_card *card;
	unsigned int number;

	if (!dev->class || strcmp(dev->class->name, "sound") ||
	    sscanf(dev_name(dev), "card%u", &number) != 1 || number >= SNDRV_CARDS)
		return 0;
	card = snd_card_ref(number);
	if (!card)
		return 0;
	if (&card->card_dev != dev || search->card)
		snd_card_unref(card);
	else
		search->card = card;
	search->count++;
	return 0;
}

/*
 * The card of a device, referenced, or NULL.  Only what the device's own driver has made is found:
 * a card's parent is the device.
 */
struct snd_card *segue_sound_card_of(struct device *dev, unsigned int *count)
{
	struct segue_sound_search search = { };

	device_for_each_child(dev, &search, segue_sound_visit);
	*count = search.count;
	return search.card;
}

/* Does the address lie in the sound core, that is in a module that this one uses? */
bool segue_sound_is_of_core(const void *address)
{
	const struct module_use *use;

	list_for_each_entry(use, &THIS_MODULE->target_list, target_list)
		if (within_module((unsigned long)address, use->target))
			return true;
	return false;
}

/* "aplay (123)" */
void segue_stream_user(const struct segue_stream *stream, char *user, size_t size)
{
	struct task_struct *task = get_pid_task(stream->substream->pid, PIDTYPE_PID);

	if (!task) {
		strscpy(user, "a process", size);
		return;
	}
	snprintf(user, size, "%s (%d)", task->comm, task_pid_nr(task));
	put_task_struct(task);
}

static const char *segue_stream_state_name(const struct snd_pcm_substream *substream)
{
	static const char *const names[] = {
		[SNDRV_PCM_STATE_OPEN] = "open",
		[SNDRV_PCM_STATE_SETUP] = "configured",
		[SNDRV_PCM_STATE_PREPARED] = "prepared",
		[SNDRV_PCM_STATE_RUNNING] = "running",
		[SNDRV_PCM_STATE_XRUN] = "stopped by an xrun",
		[SNDRV_PCM_STATE_DRAINING] = "draining",
		[SNDRV_PCM_STATE_PAUSED] = "paused",
		[SNDRV_PCM_STATE_SUSPENDED] = "suspended",
	};
	unsigned int state = (__force unsigned int)substream->runtime->state;

	return state < ARRAY_SIZE(names) && names[state] ? names[state] : "disconnected";
}

static void segue_sound_look_substream(struct segue_target *target,
				       struct snd_pcm_substream *substream)
{
	struct segue_findings *found = &target->found;
	struct segue_stream stream = { };
	char user[TASK_COMM_LEN + 16];

	if (substream->ref_count <= 0 || !substream->runtime)
		return;
	segue_stream_init(&stream, substream);
	segue_stream_user(&stream, user, sizeof(user));
	segue_found_user(found, SEGUE_SEVERITY_INFO, "%s is %s, by %s%s", stream.name,
			 segue_stream_state_name(substream), user,
			 atomic_read(&substream->mmap_count) ? ", mapped" : "");
	segue_stream_refuse_linked(&stream, found);
	if (segue_compat_pcm_copies(substream->ops))
		segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "%s is in use, by %s, and its buffer is in the hardware",
				 stream.name, user);
	if (segue_compat_pcm_is_oss(substream))
		segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "%s is in use by way of OSS, by %s", stream.name, user);
	segue_stream_refuse_stuck(&stream, found);
}

static void segue_sound_look_pcm(struct segue_target *target, struct snd_pcm *pcm)
{
	struct snd_pcm_substream *substream;
	unsigned int direction;

	if (pcm->internal)
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "PCM %d is internal to a system of several drivers", pcm->device);
	if (pcm->nonatomic)
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "PCM %d is one whose driver sleeps (nonatomic)", pcm->device);
	mutex_lock(&pcm->open_mutex);
	segue_for_each_substream(substream, pcm, direction)
		segue_sound_look_substream(target, substream);
	mutex_unlock(&pcm->open_mutex);
}

static void segue_sound_look_rawmidi(struct segue_target *target, struct snd_rawmidi *rmidi)
{
	struct snd_rawmidi_substream *substream;
	unsigned int direction;

	mutex_lock(&rmidi->open_mutex);
	for (direction = 0; direction < 2; direction++)
		list_for_each_entry(substream, &rmidi->streams[direction].substreams, list)
			if (substream->opened)
				segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
						 "midiC%dD%d is open", rmidi->card->number,
						 rmidi->device);
	mutex_unlock(&rmidi->open_mutex);
}

static void segue_sound_look_device(struct segue_target *target, const struct snd_device *device)
{
	const struct snd_hwdep *hwdep;

	switch (device->type) {
	case SNDRV_DEV_PCM:
		segue_sound_look_pcm(target, device->device_data);
		break;
	case SNDRV_DEV_RAWMIDI:
		segue_sound_look_rawmidi(target, device->device_data);
		break;
	case SNDRV_DEV_COMPRESS:
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "the card has a compressed stream");
		break;
	case SNDRV_DEV_HWDEP:
		hwdep = device->device_data;
		if (hwdep->used)
			segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
					 "hwC%dD%d is open", hwdep->card->number, hwdep->device);
		break;
	default:
		break;
	}
}

/* What the shadow cannot carry over is found out before anything is touched. */
void segue_sound_look(struct segue_target *target, struct snd_card *card)
{
	struct snd_device *device;

	if (card->shutdown || !card->registered)
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "card %d is being removed", card->number);
	if (!target->degraded && card->managed && !segue_compat_card_has_node(card))
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "the memory of card %d is managed in an unknown way",
				 card->number);
	if (card->dev_groups[1])
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "the driver has attributes of its own below card%d",
				 card->number);
	list_for_each_entry(device, &card->devices, list)
		segue_sound_look_device(target, device);
	segue_sound_look_probes(target);
}
