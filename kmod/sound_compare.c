// SPDX-License-Identifier: GPL-2.0
/* What a stream can do under the new driver, and could under the old one. */
#include "sound.h"

/* What applications use a stream by. */
static const struct {
	unsigned int bit;
	const char *name;
} segue_stream_infos[] = {
	{ SNDRV_PCM_INFO_MMAP, "mmap" },
	{ SNDRV_PCM_INFO_MMAP_VALID, "mmap while it runs" },
	{ SNDRV_PCM_INFO_INTERLEAVED, "interleaved access" },
	{ SNDRV_PCM_INFO_NONINTERLEAVED, "non-interleaved access" },
	{ SNDRV_PCM_INFO_PAUSE, "pause" },
	{ SNDRV_PCM_INFO_RESUME, "resume" },
	{ SNDRV_PCM_INFO_SYNC_START, "start with other streams" },
	{ SNDRV_PCM_INFO_NO_PERIOD_WAKEUP, "no wake-up by period" },
	{ SNDRV_PCM_INFO_HAS_LINK_ATIME, "time stamps of the link" },
};

static const struct {
	snd_pcm_hw_param_t param;
	const char *name;
} segue_stream_ranges[] = {
	{ SNDRV_PCM_HW_PARAM_CHANNELS, "channels" },
	{ SNDRV_PCM_HW_PARAM_RATE, "rate" },
	{ SNDRV_PCM_HW_PARAM_PERIOD_SIZE, "period size" },
	{ SNDRV_PCM_HW_PARAM_PERIODS, "periods" },
	{ SNDRV_PCM_HW_PARAM_BUFFER_SIZE, "buffer size" },
};

static const unsigned int segue_stream_rates[] = {
	5512, 8000, 11025, 16000, 22050, 32000, 44100, 48000, 64000, 88200, 96000, 176400, 192000,
};

static void segue_stream_compare_infos(struct segue_stream *stream,
				       const struct segue_capabilities *after,
				       struct segue_findings *found)
{
	unsigned int lost = stream->before.info & ~after->info, i;

	for (i = 0; i < ARRAY_SIZE(segue_stream_infos); i++)
		if (lost & segue_stream_infos[i].bit)
			segue_found_text(found, SEGUE_SEVERITY_INCOMPATIBLE, "%s does not offer %s",
					 stream->name, segue_stream_infos[i].name);
}

static void segue_stream_compare_formats(struct segue_stream *stream,
					 const struct segue_capabilities *after,
					 struct segue_findings *found)
{
	const struct snd_mask *was =
		hw_param_mask_c(&stream->before.params, SNDRV_PCM_HW_PARAM_FORMAT);
	const struct snd_mask *now = hw_param_mask_c(&after->params, SNDRV_PCM_HW_PARAM_FORMAT);
	unsigned int format;

	for (format = 0; format <= (__force unsigned int)SNDRV_PCM_FORMAT_LAST; format++)
		if (snd_mask_test(was, format) && !snd_mask_test(now, format))
			segue_found_text(found, SEGUE_SEVERITY_INCOMPATIBLE,
					 "%s does not offer format %s", stream->name,
					 snd_pcm_format_name((__force snd_pcm_format_t)format));
}

static void segue_stream_compare_ranges(struct segue_stream *stream,
					const struct segue_capabilities *after,
					struct segue_findings *found)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(segue_stream_ranges); i++) {
		snd_pcm_hw_param_t param = segue_stream_ranges[i].param;
		const struct snd_interval *was =
			hw_param_interval_c(&stream->before.params, param);
		const struct snd_interval *now = hw_param_interval_c(&after->params, param);

		if (now->min > was->min)
			segue_found_limit(found, SEGUE_SEVERITY_INCOMPATIBLE, was->min, now->min,
					  "%s: least %s", stream->name,
					  segue_stream_ranges[i].name);
		if (now->max < was->max)
			segue_found_limit(found, SEGUE_SEVERITY_INCOMPATIBLE, was->max, now->max,
					  "%s: greatest %s", stream->name,
					  segue_stream_ranges[i].name);
	}
}

/* Of the rates between the least and the greatest, which have been compared. */
static void segue_stream_compare_rates(struct segue_stream *stream,
				       const struct segue_capabilities *after,
				       struct segue_findings *found)
{
	unsigned int lost = stream->before.rates & ~after->rates, i;

	if (after->rates & (SNDRV_PCM_RATE_CONTINUOUS | SNDRV_PCM_RATE_KNOT))
		return;
	for (i = 0; i < ARRAY_SIZE(segue_stream_rates); i++)
		if (lost & BIT(i))
			segue_found_text(found, SEGUE_SEVERITY_INCOMPATIBLE,
					 "%s does not offer rate %u Hz", stream->name,
					 segue_stream_rates[i]);
	if (lost & (SNDRV_PCM_RATE_CONTINUOUS | SNDRV_PCM_RATE_KNOT))
		segue_found_text(found, SEGUE_SEVERITY_INCOMPATIBLE,
				 "%s does not offer every rate between its least and greatest",
				 stream->name);
}

/* Context: process, with the locks of the card; an open substream is open with the new driver. */
void segue_stream_compare(struct segue_stream *stream, struct segue_findings *found)
{
	struct segue_capabilities after;
	int err;

	if (!stream->before.known)
		return;
	err = segue_stream_look(stream, &after);
	if (err || !after.known) {
		segue_found_text(found, SEGUE_SEVERITY_INCOMPATIBLE,
				 "%s cannot be opened (error %d)", stream->name, err);
		return;
	}
	segue_stream_compare_infos(stream, &after, found);
	segue_stream_compare_formats(stream, &after, found);
	segue_stream_compare_ranges(stream, &after, found);
	segue_stream_compare_rates(stream, &after, found);
}
