// SPDX-License-Identifier: GPL-2.0
/*
 * Who counts on the driver's module.
 *
 * An open file of the card, a PCM's timer that is in use and an open file in /proc hold a reference
 * each on the module that the card, the timer or the entry names, and give it back to the one named
 * at that time.  So the names and as many references as there are change together, while nobody
 * else runs.  Whoever is just between taking a reference and being counted makes the count
 * uncertain; then another moment is tried.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/stop_machine.h>
#include <sound/rawmidi.h>
#include <sound/timer.h>
#include "sound.h"

#define SEGUE_MOVE_TRIES	200

/**
 * struct segue_move - references that move
 * @record: the card's
 * @from: module that loses them
 * @to: module that gets them
 * @count: how many
 */
struct segue_move {
	struct segue_card *record;
	struct module *from;
	struct module *to;
	unsigned int count;
};

static unsigned int segue_wait_queue_length(struct wait_queue_head *queue)
{
	struct list_head *entry;
	unsigned int count = 0;

	list_for_each(entry, &queue->head)
		count++;
	return count;
}

/*
 * Tasks that wait for a free substream or MIDI port: each has a reference and a file that leads to
 * nothing yet.
 */
static unsigned int segue_card_count_openers(struct snd_card *card)
{
	const struct snd_device *device;
	unsigned int count = 0;

	list_for_each_entry(device, &card->devices, list) {
		struct snd_rawmidi *rmidi = device->device_data;
		struct snd_pcm *pcm = device->device_data;

		if (device->type == SNDRV_DEV_PCM)
			count += segue_wait_queue_length(&pcm->open_wait);
		if (device->type == SNDRV_DEV_RAWMIDI)
			count += segue_wait_queue_length(&rmidi->open_wait);
	}
	return count;
}

/* Return: false if it cannot be said. */
static bool segue_move_count_files(struct segue_move *move)
{
	struct snd_card *card = move->record->card;
	unsigned int opening;

	return segue_compat_card_files(card, &move->count, &opening) &&
	       opening == segue_card_count_openers(card);
}

static void segue_move_count_timers(struct segue_move *move)
{
	struct segue_stream *stream;

	segue_for_each_stream(stream, move->record)
		if (stream->substream->timer && stream->substream->timer->module == move->from)
			move->count += stream->substream->timer->num_instances;
}

static bool segue_move_count_proc(struct segue_move *move, struct snd_info_entry *entry)
{
	struct snd_info_entry *child;
	unsigned int count;

	if (entry->module == move->from) {
		if (!segue_compat_proc_openers(entry, &count))
			return false;
		move->count += count;
	}
	list_for_each_entry(child, &entry->children, list)
		if (!segue_move_count_proc(move, child))
			return false;
	return true;
}

static void segue_move_proc(struct segue_move *move, struct snd_info_entry *entry)
{
	struct snd_info_entry *child;

	if (entry->module == move->from)
		entry->module = move->to;
	list_for_each_entry(child, &entry->children, list)
		segue_move_proc(move, child);
}

static void segue_move_names(struct segue_move *move)
{
	struct snd_card *card = move->record->card;
	struct segue_stream *stream;

	card->module = move->to;
	segue_for_each_stream(stream, move->record)
		if (stream->substream->timer && stream->substream->timer->module == move->from)
			stream->substream->timer->module = move->to;
	if (card->proc_root)
		segue_move_proc(move, card->proc_root);
}

/* Context: the machine is stopped. Return: 0 or -EAGAIN. */
static int segue_move_stopped(void *data)
{
	struct segue_move *move = data;
	unsigned int i;

	move->count = 0;
	if (!segue_move_count_files(move))
		return -EAGAIN;
	segue_move_count_timers(move);
	if (move->record->card->proc_root &&
	    !segue_move_count_proc(move, move->record->card->proc_root))
		return -EAGAIN;
	segue_move_names(move);
	for (i = 0; i < move->count; i++) {
		__module_get(move->to);
		module_put(move->from);
	}
	return 0;
}

/*
 * Context: process, no lock; both modules are referenced.  If no certain moment is found, the
 * references stay where they are, and one more is never given back: the old module will not unload,
 * and nobody falls.
 */
void segue_card_move_references(struct segue_card *record, struct module *from,
				struct module *to)
{
	struct segue_move move = { .record = record, .from = from, .to = to };
	unsigned int tries;

	if (!from || !to || from == to)
		return;
	for (tries = 0; tries < SEGUE_MOVE_TRIES; tries++) {
		if (!stop_machine(segue_move_stopped, &move, NULL))
			return;
		usleep_range(500, 1000);
	}
	pr_warn("card %d: its files do not come to rest; module %s stays loaded\n",
		record->card->number, from->name);
	__module_get(from);
}
