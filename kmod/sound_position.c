// SPDX-License-Identifier: GPL-2.0
/*
 * Where in its buffer a stream is when drivers change.
 *
 * A driver that has got a stream ready begins at the beginning of the buffer.  If only the kernel
 * looks into the buffer, its contents are turned round until the present position is there, and the
 * positions of hardware and application move on as far.  An application that has mapped the buffer
 * would find its samples elsewhere, so the old driver goes on until it comes to the end.  A buffer
 * that is turned round is left at the end of a period, if it plays: the hardware tells of ends of
 * periods only, and would play old samples behind the last one otherwise.
 *
 * A trap in the table of functions stops the hardware when it sees the position pass the end, and
 * says exactly the end, whoever asks first.  What was played behind it before it was stopped is
 * made silent, so that it is not played twice.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "sound.h"

/* How long the best moment may be away. */
#define SEGUE_MOMENT_MS		5000

/* By how much several mapped streams may be apart: the first one is silent as long. */
#define SEGUE_SPREAD_MS		500
#define SEGUE_GOOD_SPREAD_MS	20

/* How long before the moment users begin to wait. */
#define SEGUE_AHEAD_US		10000

/* By how much longer than expected it may take to come there. */
#define SEGUE_LATE_MS		1000

/* A position that was not looked at yet. */
#define SEGUE_NOWHERE		ULONG_MAX

/* Can the positions of samples in the buffer not be changed? Context: stream lock, or a guess. */
bool segue_stream_is_fixed(const struct snd_pcm_substream *substream)
{
	const struct snd_pcm_runtime *runtime = substream->runtime;

	if (atomic_read(&substream->mmap_count))
		return true;
	switch (runtime->access) {
	case SNDRV_PCM_ACCESS_RW_INTERLEAVED:
	case SNDRV_PCM_ACCESS_RW_NONINTERLEAVED:
		break;
	default:
		return true;
	}
	return !runtime->dma_area || runtime->info & SNDRV_PCM_INFO_SYNC_APPLPTR;
}

/*
 * The stream is to be left at a multiple of so many frames; 0 if it may be left anywhere. Context:
 * stream lock.
 */
static snd_pcm_uframes_t segue_stream_unit(const struct snd_pcm_substream *substream)
{
	const struct snd_pcm_runtime *runtime = substream->runtime;

	if (!segue_stream_is_running(substream))
		return 0;
	if (segue_stream_is_fixed(substream))
		return runtime->buffer_size;
	if (substream->stream != SNDRV_PCM_STREAM_PLAYBACK || runtime->no_period_wakeup ||
	    runtime->buffer_size % runtime->period_size)
		return 0;
	/* Not worth to be waited for. */
	if (runtime->period_size > runtime->rate)
		return 0;
	return runtime->period_size;
}

/**
 * struct segue_moment - when a stream can be left
 * @stream: stream
 * @fixed: it cannot be left elsewhere
 * @left: microseconds until then
 * @round: and then again every so many
 */
struct segue_moment {
	struct segue_stream *stream;
	bool fixed;
	s64 left;
	s64 round;
};

/* Return: is there a moment that needs to be waited for? */
static bool segue_stream_moment(struct segue_stream *stream, struct segue_moment *moment)
{
	struct snd_pcm_substream *substream = stream->substream;
	snd_pcm_uframes_t unit, at = 0;

	snd_pcm_stream_lock_irq(substream);
	unit = segue_stream_unit(substream);
	if (unit)
		at = substream->ops->pointer(substream);
	if (at < substream->runtime->buffer_size && unit) {
		moment->stream = stream;
		moment->fixed = segue_stream_is_fixed(substream);
		moment->left = div_u64((unit - at % unit) * 1000000ULL, substream->runtime->rate);
		moment->round = div_u64(unit * 1000000ULL, substream->runtime->rate);
	} else {
		unit = 0;
	}
	snd_pcm_stream_unlock_irq(substream);
	return unit;
}

/* How far behind @when does the last stream come to the end of its buffer or period? */
static s64 segue_moments_spread(const struct segue_moment *moments, unsigned int count, s64 when)
{
	s64 spread = 0;
	unsigned int i;

	for (i = 0; i < count; i++) {
		s64 next = moments[i].left;

		if (next < when)
			next += div64_s64(when - next + moments[i].round - 1, moments[i].round) *
				moments[i].round;
		spread = max(spread, next - when);
	}
	return spread;
}

/* The first good moment, or the best one, in microseconds from now. */
static s64 segue_moments_choose(const struct segue_moment *moments, unsigned int count,
				s64 *spread)
{
	s64 best = 0, when;
	unsigned int i;

	*spread = S64_MAX;
	for (i = 0; i < count; i++)
		for (when = moments[i].left;
		     when == moments[i].left || when < SEGUE_MOMENT_MS * 1000LL;
		     when += moments[i].round) {
			s64 here = segue_moments_spread(moments, count, when);
			bool good = here <= SEGUE_GOOD_SPREAD_MS * 1000LL;
			bool is_good = *spread <= SEGUE_GOOD_SPREAD_MS * 1000LL;

			if (good ? !is_good || when < best : !is_good && here < *spread) {
				*spread = here;
				best = when;
			}
		}
	return best;
}

/*
 * Does it stand still, to go on from where it is?  Of a suspended one only hardware that can resume
 * goes on; with other hardware the application has to begin anew.
 */
static bool segue_stream_halts(const struct snd_pcm_runtime *runtime)
{
	return runtime->state == SNDRV_PCM_STATE_PAUSED ||
	       (runtime->state == SNDRV_PCM_STATE_SUSPENDED &&
		runtime->info & SNDRV_PCM_INFO_RESUME);
}

/*
 * A mapped stream that does not move cannot come to the end of its buffer. Context: process, with
 * the PCM's open_mutex. Return: 0, or -EBUSY with a finding.
 */
int segue_stream_refuse_stuck(struct segue_stream *stream, struct segue_findings *found)
{
	struct snd_pcm_substream *substream = stream->substream;
	struct snd_pcm_runtime *runtime = substream->runtime;
	char user[TASK_COMM_LEN + 16];

	if (!runtime || !segue_stream_halts(runtime) || !segue_stream_is_fixed(substream) ||
	    !(runtime->status->hw_ptr % runtime->buffer_size))
		return 0;
	segue_stream_user(stream, user, sizeof(user));
	segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
			 "%s is busy: it is %s within its buffer, which %s has mapped; try again when it %s or is stopped",
			 stream->name,
			 runtime->state == SNDRV_PCM_STATE_PAUSED ? "paused" : "suspended", user,
			 substream->stream == SNDRV_PCM_STREAM_PLAYBACK ? "plays" : "records");
	return -EBUSY;
}

static int segue_moments_refuse(const struct segue_moment *moments, unsigned int count,
				s64 spread, struct segue_findings *found)
{
	char user[TASK_COMM_LEN + 16];
	unsigned int i;

	for (i = 0; i < count; i++) {
		segue_stream_user(moments[i].stream, user, sizeof(user));
		segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "%s is busy: its buffer, which %s has mapped, ends %lld ms apart from another one's; try again",
				 moments[i].stream->name, user, spread / 1000);
	}
	return -EBUSY;
}

static unsigned int segue_card_collect_moments(struct segue_card *record,
					       struct segue_moment *moments)
{
	struct segue_stream *stream;
	unsigned int count = 0;

	segue_for_each_stream(stream, record) {
		struct snd_pcm *pcm = stream->substream->pcm;

		mutex_lock(&pcm->open_mutex);
		if (stream->substream->runtime && segue_stream_moment(stream, &moments[count]))
			count++;
		mutex_unlock(&pcm->open_mutex);
	}
	return count;
}

/* Those that had better be left at a certain place are left anywhere. */
static unsigned int segue_moments_keep_fixed(struct segue_moment *moments, unsigned int count)
{
	unsigned int i, fixed = 0;

	for (i = 0; i < count; i++)
		if (moments[i].fixed)
			moments[fixed++] = moments[i];
	return fixed;
}

static int segue_card_choose_moment(struct segue_card *record, struct segue_moment *moments,
				    s64 *when)
{
	unsigned int count = segue_card_collect_moments(record, moments);
	s64 spread;

	record->aligns = true;
	*when = 0;
	if (!count)
		return 0;
	*when = segue_moments_choose(moments, count, &spread);
	if (spread <= SEGUE_SPREAD_MS * 1000LL)
		return 0;
	record->aligns = false;
	count = segue_moments_keep_fixed(moments, count);
	*when = count ? segue_moments_choose(moments, count, &spread) : 0;
	if (!count || spread <= SEGUE_SPREAD_MS * 1000LL)
		return 0;
	return segue_moments_refuse(moments, count, spread, &record->target->found);
}

/*
 * Wait until all mapped streams are about to come to the ends of their buffers, and others to those
 * of a period.  Everything plays.  Context: process, no lock. Return: 0, or -EBUSY with findings.
 */
int segue_card_wait_for_moment(struct segue_card *record)
{
	struct segue_findings *found = &record->target->found;
	struct segue_stream *stream;
	struct segue_moment *moments;
	int err = 0;
	s64 when;

	segue_for_each_stream(stream, record) {
		mutex_lock(&stream->substream->pcm->open_mutex);
		err = err ?: segue_stream_refuse_stuck(stream, found);
		mutex_unlock(&stream->substream->pcm->open_mutex);
	}
	if (err)
		return err;
	moments = kcalloc(record->stream_count, sizeof(*moments), GFP_KERNEL);
	if (!moments)
		return -ENOMEM;
	err = segue_card_choose_moment(record, moments, &when);
	when -= SEGUE_AHEAD_US + div_u64(2 * record->control_ns, 1000);
	if (!err && when > 0)
		usleep_range(when, when + 500);
	kfree(moments);
	return err;
}

static struct segue_stream *segue_stream_of_trap(const struct snd_pcm_substream *substream)
{
	return container_of(substream->ops, struct segue_stream, shadow);
}

/* Context: stream lock. */
static snd_pcm_uframes_t segue_trap_pointer(struct snd_pcm_substream *substream)
{
	struct segue_stream *stream = segue_stream_of_trap(substream);
	struct snd_pcm_runtime *runtime = substream->runtime;
	snd_pcm_uframes_t at, over;
	bool passed;

	if (stream->stopped)
		return stream->last;
	at = stream->ops->pointer(substream);
	if (at >= runtime->buffer_size)
		return at;
	over = at % stream->unit;
	passed = stream->last == SEGUE_NOWHERE ? !over :
		 at < stream->last || at / stream->unit != stream->last / stream->unit;
	stream->last = at;
	if (!passed)
		return at;
	runtime->trigger_master = substream;
	stream->ops->trigger(substream, SNDRV_PCM_TRIGGER_STOP);
	runtime->trigger_master = NULL;
	stream->stopped = true;
	stream->stopped_ns = ktime_get_ns();
	stream->over = over;
	stream->last = at - over;
	return stream->last;
}

/* What is stopped already is not stopped again, when an application stops it in this moment. */
static int segue_trap_trigger(struct snd_pcm_substream *substream, int cmd)
{
	struct segue_stream *stream = segue_stream_of_trap(substream);

	return stream->stopped ? 0 : stream->ops->trigger(substream, cmd);
}

static void segue_stream_trap(struct segue_stream *stream)
{
	struct snd_pcm_substream *substream = stream->substream;

	snd_pcm_stream_lock_irq(substream);
	stream->fixed = segue_stream_is_fixed(substream);
	/* One that the driver has not got yet stands still. */
	if (!stream->trapped && substream->ops == stream->ops && segue_stream_unit(substream) &&
	    (stream->fixed || stream->card->aligns)) {
		stream->unit = segue_stream_unit(substream);
		stream->over = 0;
		stream->stopped = false;
		stream->last = SEGUE_NOWHERE;
		stream->shadow = *stream->ops;
		stream->shadow.pointer = segue_trap_pointer;
		stream->shadow.trigger = segue_trap_trigger;
		stream->trapped = true;
		substream->ops = &stream->shadow;
	}
	snd_pcm_stream_unlock_irq(substream);
}

static bool segue_stream_is_at_moment(struct segue_stream *stream)
{
	struct snd_pcm_substream *substream = stream->substream;
	bool stopped;

	snd_pcm_stream_lock_irq(substream);
	if (segue_stream_is_running(substream) && !stream->stopped)
		static_call(segue_snd_pcm_update_hw_ptr)(substream);
	stopped = stream->stopped || !segue_stream_is_running(substream);
	snd_pcm_stream_unlock_irq(substream);
	return stopped;
}

/*
 * Streams go on with the driver that they were stopped with, or were to be. Context: process, with
 * the locks of the card.
 */
void segue_card_untrap(struct segue_card *record)
{
	struct segue_stream *stream;

	segue_for_each_stream(stream, record)
		if (stream->opened && stream->trapped)
			segue_stream_resume(stream);
}

static int segue_stream_reserve(struct segue_stream *stream)
{
	size_t bytes = stream->substream->runtime->dma_bytes;

	if (bytes <= stream->spare_bytes)
		return 0;
	kvfree(stream->spare);
	stream->spare = kvmalloc(bytes, GFP_KERNEL);
	stream->spare_bytes = stream->spare ? bytes : 0;
	return stream->spare ? 0 : -ENOMEM;
}

/* Context: process, with the locks of the card. Return: 0, or -EBUSY if it does not get there. */
static int segue_stream_wait_for_moment(struct segue_stream *stream)
{
	unsigned int ms = stream->unit * MSEC_PER_SEC / stream->substream->runtime->rate;
	unsigned long end = jiffies + msecs_to_jiffies(ms + SEGUE_LATE_MS);

	while (!segue_stream_is_at_moment(stream)) {
		if (time_after(jiffies, end))
			return -EBUSY;
		usleep_range(20, 50);
	}
	return 0;
}

/*
 * Stop mapped streams at the beginning of their buffers, and others where it is best for them;
 * those that may be left anywhere go on.  Those that have been stopped there already stay so.
 * Context: process, with the locks of the card. Return: 0 or a negative error.
 */
int segue_card_stop_at_moment(struct segue_card *record)
{
	struct segue_stream *stream;
	int err = 0;

	segue_for_each_stream(stream, record) {
		if (!stream->opened || !stream->attached)
			continue;
		err = err ?: segue_stream_reserve(stream);
		if (!err)
			segue_stream_trap(stream);
	}
	segue_for_each_stream(stream, record)
		if (!err && stream->opened && stream->trapped)
			err = segue_stream_wait_for_moment(stream);
	return err;
}

/*
 * Since when is there a stream that does not move? The interrupt that stops one comes before this
 * thread gets to know. Context: process, with the locks of the card, after they have been stopped.
 */
u64 segue_card_silent_since(struct segue_card *record)
{
	struct segue_stream *stream;
	u64 since = ktime_get_ns();

	segue_for_each_stream(stream, record)
		if (stream->opened && stream->trapped && READ_ONCE(stream->stopped))
			since = min(since, stream->stopped_ns);
	return since;
}

/* How many parts of the buffer hold the samples of a channel each, or of all. */
static unsigned int segue_stream_parts(const struct snd_pcm_runtime *runtime)
{
	return runtime->access == SNDRV_PCM_ACCESS_RW_NONINTERLEAVED ||
	       runtime->access == SNDRV_PCM_ACCESS_MMAP_NONINTERLEAVED ? runtime->channels : 1;
}

/* Nobody can tell it from samples, and it is played once. Context: stream lock. */
static void segue_stream_silence(struct segue_stream *stream)
{
	struct snd_pcm_runtime *runtime = stream->substream->runtime;
	unsigned int parts = segue_stream_parts(runtime), i;
	size_t part = runtime->dma_bytes / parts;

	if (stream->substream->stream == SNDRV_PCM_STREAM_PLAYBACK && runtime->dma_area)
		for (i = 0; i < parts; i++)
			snd_pcm_format_set_silence(runtime->format, runtime->dma_area + i * part,
						   stream->over * runtime->channels / parts);
	stream->over = 0;
}

/* Turn the contents round so that what is at @at comes to the beginning. Context: stream lock. */
static void segue_stream_turn(struct segue_stream *stream, snd_pcm_uframes_t at)
{
	struct snd_pcm_runtime *runtime = stream->substream->runtime;
	unsigned int parts = segue_stream_parts(runtime), i;
	size_t part = runtime->dma_bytes / parts;
	size_t len = frames_to_bytes(runtime, runtime->buffer_size) / parts;
	size_t offset = frames_to_bytes(runtime, at) / parts;

	for (i = 0; i < parts; i++) {
		unsigned char *area = runtime->dma_area + i * part;

		memcpy(stream->spare, area, offset);
		memmove(area, area + offset, len - offset);
		memcpy(area + len - offset, stream->spare, offset);
	}
}

static void segue_frames_add(snd_pcm_uframes_t *frames, snd_pcm_uframes_t more,
			     snd_pcm_uframes_t boundary)
{
	snd_pcm_uframes_t sum = *frames + more;

	*frames = sum >= boundary ? sum - boundary : sum;
}

/* All positions move on by as much as the contents have, and time stamps do not. */
static void segue_stream_advance(struct snd_pcm_runtime *runtime, snd_pcm_uframes_t frames)
{
	if (runtime->status->hw_ptr + frames >= runtime->boundary)
		runtime->hw_ptr_wrap += runtime->boundary;
	runtime->hw_ptr_wrap -= frames;
	segue_frames_add(&runtime->status->hw_ptr, frames, runtime->boundary);
	segue_frames_add(&runtime->control->appl_ptr, frames, runtime->boundary);
	segue_frames_add(&runtime->silence_start, frames, runtime->boundary);
}

/*
 * Make the present position the beginning of the buffer. Context: stream lock, the hardware is
 * stopped. Return: 0, or -EAGAIN if somebody is just copying to or from the buffer.
 */
int segue_stream_rewind(struct segue_stream *stream)
{
	struct snd_pcm_substream *substream = stream->substream;
	struct snd_pcm_runtime *runtime = substream->runtime;
	snd_pcm_uframes_t at = runtime->status->hw_ptr % runtime->buffer_size;

	if (at && !stream->fixed) {
		if (atomic_read(&runtime->buffer_accessing) > 0)
			return -EAGAIN;
		segue_stream_turn(stream, at);
		segue_stream_advance(runtime, runtime->buffer_size - at);
	}
	if (stream->over)
		segue_stream_silence(stream);
	runtime->hw_ptr_base = runtime->status->hw_ptr -
			       runtime->status->hw_ptr % runtime->buffer_size;
	runtime->hw_ptr_interrupt = runtime->status->hw_ptr -
				    runtime->status->hw_ptr % runtime->period_size;
	if (runtime->dma_buffer_p)
		snd_dma_buffer_sync(runtime->dma_buffer_p, SNDRV_DMA_SYNC_DEVICE);
	return 0;
}
