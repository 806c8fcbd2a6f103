// SPDX-License-Identifier: GPL-2.0
/*
 * Streams that start and stop together.
 *
 * A driver that is told to start or to stop one of them does it to all that are linked with it, but
 * each has to be left at a place of its own.  So the links are taken off while the card is covered,
 * and put back at the end.  Calls that start or stop a stream wait meanwhile (sound_gate.c), and
 * what runs is started at once (sound_stream.c).
 *
 * Who waits for the end of a stream may be in the queue of another one, and looks for that among
 * the streams that are linked.  So streams that drain are not taken apart.
 */
#include <linux/rwsem.h>
#include "sound.h"

/*
 * Does it drain, or has it just done so, and somebody has not noticed yet?  Context: the group's
 * lock, under which the state changes and who waits for that goes to sleep.
 */
static bool segue_stream_drains(struct snd_pcm_runtime *runtime)
{
	if (runtime->state == SNDRV_PCM_STATE_DRAINING)
		return true;
	/* Whoever drains was in the queue before the state changed. */
	return runtime->state == SNDRV_PCM_STATE_SETUP && waitqueue_active(&runtime->sleep);
}

static bool segue_group_is_carried(const struct snd_card *card, const struct snd_pcm_group *group)
{
	const struct snd_pcm_substream *substream;

	list_for_each_entry(substream, &group->substreams, link_list)
		if (substream->pcm->card != card || segue_stream_drains(substream->runtime))
			return false;
	return true;
}

/* Context: process, with the PCM's open_mutex. */
void segue_stream_refuse_linked(struct segue_stream *stream, struct segue_findings *found)
{
	struct snd_pcm_substream *substream = stream->substream;
	char user[TASK_COMM_LEN + 16];
	bool carried;

	down_read(segue_compat_pcm_link_lock());
	carried = !snd_pcm_stream_linked(substream) ||
		  segue_group_is_carried(substream->pcm->card, substream->group);
	up_read(segue_compat_pcm_link_lock());
	if (carried)
		return;
	segue_stream_user(stream, user, sizeof(user));
	segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
			 "%s is busy: it is linked to a stream of another card, or drains with one to which it is linked, by %s",
			 stream->name, user);
}

/* Context: the lock of links for writing, and the group's. */
static void segue_group_assign(struct snd_pcm_substream *substream, struct snd_pcm_group *group)
{
	spin_lock_nested(&substream->self_group.lock, SINGLE_DEPTH_NESTING);
	substream->group = group;
	list_move_tail(&substream->link_list, &group->substreams);
	spin_unlock(&substream->self_group.lock);
}

/* Return: 0, or -EBUSY if it cannot be taken apart. Context: the lock of links for writing. */
static int segue_group_unlink(struct segue_card *record, struct snd_pcm_group *group)
{
	struct snd_pcm_substream *substream, *next;
	int err = 0;

	spin_lock_irq(&group->lock);
	if (!segue_group_is_carried(record->card, group))
		err = -EBUSY;
	list_for_each_entry_safe(substream, next, &group->substreams, link_list) {
		struct segue_stream *stream = segue_stream_find(record, substream);

		if (err || !stream)
			continue;
		WRITE_ONCE(stream->group, group);
		segue_group_assign(substream, &substream->self_group);
	}
	spin_unlock_irq(&group->lock);
	return err;
}

/*
 * Put the links back.  Who has linked one of the streams to one of another card meanwhile keeps
 * that. Context: process, with the open_mutexes of the card.
 */
void segue_card_link(struct segue_card *record)
{
	struct segue_stream *stream;

	down_write(segue_compat_pcm_link_lock());
	segue_for_each_stream(stream, record) {
		struct snd_pcm_substream *substream = stream->substream;

		if (!stream->group)
			continue;
		spin_lock_irq(&stream->group->lock);
		if (!snd_pcm_stream_linked(substream))
			segue_group_assign(substream, stream->group);
		spin_unlock_irq(&stream->group->lock);
		WRITE_ONCE(stream->group, NULL);
	}
	up_write(segue_compat_pcm_link_lock());
}

/*
 * Take the links off. Context: process, with the open_mutexes of the card, before its
 * buffer_mutexes. Return: 0 or -EBUSY; then all are as before.
 */
int segue_card_unlink(struct segue_card *record)
{
	struct segue_stream *stream;
	int err = 0;

	down_write(segue_compat_pcm_link_lock());
	segue_for_each_stream(stream, record) {
		struct snd_pcm_substream *substream = stream->substream;

		if (!err && substream->runtime && snd_pcm_stream_linked(substream))
			err = segue_group_unlink(record, substream->group);
	}
	up_write(segue_compat_pcm_link_lock());
	if (err)
		segue_card_link(record);
	return err;
}

/*
 * Lock one of several streams. As for the sound core, they have one class of locks, and an order.
 * Context: interrupts are off.
 */
void segue_stream_lock_nested(struct snd_pcm_substream *substream, unsigned int depth)
	__acquires(&substream->self_group.lock)
{
	spin_lock_nested(&substream->self_group.lock,
			 min_t(unsigned int, depth, MAX_LOCKDEP_SUBCLASSES - 1));
}
