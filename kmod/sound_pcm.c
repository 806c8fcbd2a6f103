// SPDX-License-Identifier: GPL-2.0
/* PCMs and their buffers, as a driver asks for them. */
#include "sound.h"

struct segue_stream *segue_stream_find(struct segue_card *record,
				       const struct snd_pcm_substream *substream)
{
	struct segue_stream *stream;

	segue_for_each_stream(stream, record)
		if (stream->substream == substream)
			return stream;
	return NULL;
}

/* Any context. */
struct segue_pcm *segue_pcm_find(struct segue_card *record, const struct snd_pcm *pcm)
{
	struct segue_pcm *kept;

	segue_for_each_pcm(kept, record)
		if (kept->pcm == pcm)
			return kept;
	return NULL;
}

/* The driver that leaves has nothing in them any more. */
void segue_pcm_leave(struct segue_card *record)
{
	struct segue_stream *stream;
	struct segue_pcm *kept;

	segue_for_each_pcm(kept, record) {
		struct snd_pcm *pcm = kept->pcm;

		if (pcm->private_free)
			pcm->private_free(pcm);
		pcm->private_free = NULL;
		pcm->private_data = NULL;
		kept->taken = false;
	}
	segue_for_each_stream(stream, record)
		stream->ops = NULL;
}

/* In place of snd_pcm_new(), for a number that is there. Return: -ENOENT if there is none. */
int segue_pcm_take(struct segue_card *record, const char *id, int device, int playback,
		   int capture, struct snd_pcm **result)
{
	struct segue_pcm *kept, *found = NULL;
	struct snd_pcm *pcm;

	segue_for_each_pcm(kept, record)
		if (kept->pcm->device == device)
			found = kept;
	if (!found)
		return -ENOENT;
	pcm = found->pcm;
	if (found->taken)
		return -EBUSY;
	if (pcm->streams[0].substream_count != playback ||
	    pcm->streams[1].substream_count != capture) {
		segue_card_refuse(record,
				  "PCM %d has %u playback and %u capture streams, with the new driver %d and %d",
				  device, pcm->streams[0].substream_count,
				  pcm->streams[1].substream_count, playback, capture);
		return -EINVAL;
	}
	found->taken = true;
	pcm->info_flags = 0;
	pcm->dev_class = 0;
	pcm->dev_subclass = 0;
	pcm->nonatomic = false;
	pcm->no_device_suspend = false;
	pcm->name[0] = '\0';
	strscpy(pcm->id, id ?: "", sizeof(pcm->id));
	*result = pcm;
	return 0;
}

/* What could not go on, now that the driver has said all of its PCMs. */
void segue_pcm_look_new(struct segue_card *record)
{
	struct segue_stream *stream;
	struct segue_pcm *kept;

	segue_for_each_stream(stream, record)
		if (!stream->ops)
			segue_card_refuse(record, "the new driver does not provide %s",
					  stream->name);
	segue_for_each_pcm(kept, record)
		if (kept->pcm->nonatomic)
			segue_card_refuse(record, "PCM %d is one whose new driver sleeps (nonatomic)",
					  kept->pcm->device);
}

void segue_pcm_restore_identity(struct segue_card *record)
{
	struct segue_pcm *kept;

	segue_for_each_pcm(kept, record) {
		strscpy(kept->pcm->id, kept->id, sizeof(kept->pcm->id));
		strscpy(kept->pcm->name, kept->name, sizeof(kept->pcm->name));
	}
}

/* In place of snd_pcm_set_ops(): an open substream gets them when the driver's turn comes. */
void segue_pcm_set_ops(struct segue_card *record, struct snd_pcm *pcm, int direction,
		       const struct snd_pcm_ops *ops)
{
	struct snd_pcm_substream *substream;

	for (substream = pcm->streams[direction].substream; substream;
	     substream = substream->next) {
		struct segue_stream *stream = segue_stream_find(record, substream);

		stream->ops = ops;
		if (!stream->opened)
			substream->ops = ops;
	}
}

/*
 * Memory that is asked for in pieces may have been had in one, and is of that kind then; what uses
 * the one uses the other.
 */
static bool segue_buffer_is_of(int have, int asked)
{
	return have == asked ||
	       (asked == SNDRV_DMA_TYPE_DEV_SG && have == SNDRV_DMA_TYPE_DEV) ||
	       (asked == SNDRV_DMA_TYPE_DEV_WC_SG && have == SNDRV_DMA_TYPE_DEV_WC);
}

/*
 * In place of the functions that set memory aside for a substream: what is there stays, because an
 * application may have it mapped.
 */
int segue_stream_take_buffer(struct segue_stream *stream, int type, struct device *dev,
			     size_t max, bool managed)
{
	struct snd_pcm_substream *substream = stream->substream;
	const struct snd_dma_device *kind = &substream->dma_buffer.dev;

	if (!segue_buffer_is_of(kind->type, type) || kind->dev != dev) {
		segue_card_refuse(stream->card, "%s has buffers of another kind with the new driver",
				  stream->name);
		return -EINVAL;
	}
	substream->dma_max = max;
	substream->managed_buffer_alloc = managed;
	return 0;
}
