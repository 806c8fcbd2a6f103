// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "sound.h"

/* Protects the list of records; a record's contents are the swap's. */
static DEFINE_MUTEX(segue_cards_mutex);
static LIST_HEAD(segue_cards);

struct segue_card *segue_card_active;

struct segue_card *segue_card_find(const struct device *dev)
{
	struct segue_card *record, *found = NULL;

	mutex_lock(&segue_cards_mutex);
	list_for_each_entry(record, &segue_cards, node)
		if (record->dev == dev)
			found = record;
	mutex_unlock(&segue_cards_mutex);
	return found;
}

static struct snd_pcm *segue_sound_next_pcm(const struct snd_card *card,
					    struct snd_device **device)
{
	struct snd_device *next = *device ? *device :
				  list_entry(&card->devices, struct snd_device, list);

	list_for_each_entry_continue(next, &card->devices, list)
		if (next->type == SNDRV_DEV_PCM) {
			*device = next;
			return next->device_data;
		}
	return NULL;
}

void segue_stream_init(struct segue_stream *stream, struct snd_pcm_substream *substream)
{
	const struct snd_pcm *pcm = substream->pcm;

	stream->substream = substream;
	stream->ops = substream->ops;
	snprintf(stream->name, sizeof(stream->name), substream->number ? "pcmC%dD%d%c,%d" :
		 "pcmC%dD%d%c", pcm->card->number, pcm->device, substream->stream ? 'c' : 'p',
		 substream->number);
}

static void segue_card_add_stream(struct segue_card *record, struct snd_pcm_substream *substream)
{
	struct segue_stream *stream = &record->streams[record->stream_count++];

	segue_stream_init(stream, substream);
	stream->card = record;
}

/*
 * A card's devices change when a driver adds or removes them, and the one that has it is bound for
 * as long as the swap wants it to be.
 */
static int segue_card_collect(struct segue_card *record)
{
	unsigned int streams = 0, pcms = 0, direction;
	struct snd_device *device = NULL;
	struct snd_pcm *pcm;

	while ((pcm = segue_sound_next_pcm(record->card, &device))) {
		pcms++;
		streams += pcm->streams[0].substream_count + pcm->streams[1].substream_count;
	}
	record->pcms = kcalloc(pcms, sizeof(*record->pcms), GFP_KERNEL);
	record->streams = kcalloc(streams, sizeof(*record->streams), GFP_KERNEL);
	if (!record->pcms || !record->streams)
		return -ENOMEM;
	device = NULL;
	while ((pcm = segue_sound_next_pcm(record->card, &device))) {
		struct segue_pcm *kept = &record->pcms[record->pcm_count++];
		struct snd_pcm_substream *substream;

		kept->pcm = pcm;
		strscpy(kept->id, pcm->id, sizeof(kept->id));
		strscpy(kept->name, pcm->name, sizeof(kept->name));
		segue_for_each_substream(substream, pcm, direction)
			segue_card_add_stream(record, substream);
	}
	return 0;
}

static void segue_card_free(struct segue_card *record)
{
	struct segue_stream *stream;

	segue_card_free_controls(record);
	segue_for_each_stream(stream, record)
		kvfree(stream->spare);
	kfree(record->streams);
	kfree(record->pcms);
	put_device(record->dev);
	kfree(record);
}

/* Takes over the reference on the card. Context: process. */
struct segue_card *segue_card_create(struct device *dev, struct snd_card *card)
{
	struct segue_card *record = kzalloc(sizeof(*record), GFP_KERNEL);

	if (!record)
		return NULL;
	record->dev = get_device(dev);
	record->card = card;
	record->module = card->module;
	record->registered = true;
	mutex_init(&record->lock);
	INIT_LIST_HEAD(&record->controls);
	INIT_LIST_HEAD(&record->files);
	if (segue_card_collect(record)) {
		segue_card_free(record);
		return NULL;
	}
	mutex_lock(&segue_cards_mutex);
	list_add_tail(&record->node, &segue_cards);
	mutex_unlock(&segue_cards_mutex);
	return record;
}

/*
 * A hook may still be looking at it with preemption off, and a reader of a substream's functions at
 * the tables in it.
 */
static void segue_card_unlist(struct segue_card *record)
{
	mutex_lock(&segue_cards_mutex);
	list_del(&record->node);
	mutex_unlock(&segue_cards_mutex);
	if (READ_ONCE(segue_card_active) == record)
		WRITE_ONCE(segue_card_active, NULL);
	synchronize_rcu_expedited();
}

/* The record is not covered, and a driver has the card. */
void segue_card_destroy(struct segue_card *record)
{
	segue_card_unlist(record);
	snd_card_unref(record->card);
	segue_card_free(record);
}

/*
 * No driver has the card, and none will: it is freed as a driver would free it, when its last user
 * has closed it.  The functions that stand for the driver's until then are in the record, which
 * therefore goes last.  Context: process, no lock; waits for the users.
 */
void segue_card_bury(struct segue_card *record)
{
	struct snd_card *card = record->card;
	bool managed = card->managed;

	segue_card_unlist(record);
	snd_card_unref(card);
	snd_card_free(card);
	if (managed)
		devres_free(card);
	segue_card_free(record);
}

static int segue_card_bury_thread(void *record)
{
	segue_card_bury(record);
	module_put_and_kthread_exit(0);
}

/*
 * The same without waiting. If there is no memory for a thread, the card stays without a driver.
 */
void segue_card_bury_later(struct segue_card *record)
{
	struct task_struct *thread;

	__module_get(THIS_MODULE);
	thread = kthread_run(segue_card_bury_thread, record, "segue/card%d", record->card->number);
	if (IS_ERR(thread))
		pr_err("card %d stays, without a driver (error %ld)\n", record->card->number,
		       PTR_ERR(thread));
}

static int __init segue_sound_init(void)
{
	int err = segue_compat_sound_init();

	if (err)
		return err;
	err = segue_sound_probes_init();
	if (err)
		return err;
	segue_sound_class.hooks.hooks = segue_sound_hooks;
	segue_sound_class.hooks.count = segue_sound_hook_count;
	err = segue_class_register(&segue_sound_class);
	if (err)
		segue_sound_probes_exit();
	return err;
}

/* No card is covered: a swap, and a degraded device, hold a reference on the module. */
static void __exit segue_sound_exit(void)
{
	segue_class_unregister(&segue_sound_class);
	segue_sound_wait_handlers();
	segue_sound_probes_exit();
	WARN_ON_ONCE(!list_empty(&segue_cards));
}

module_init(segue_sound_init);
module_exit(segue_sound_exit);

MODULE_DESCRIPTION("Shadow of sound drivers for segue");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
