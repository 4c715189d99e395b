import { readMetrics } from "./readMetric"

const SAMPLE_MS = 100

/** Samples how many bytes a server has queued for all viewers together, until `stop`. */
export function watchQueuedBytes(target: { url: string; viewerToken: string }) {
  let most = 0
  const timer = setInterval(async () => {
    const figures = await readMetrics(target).catch(() => new Map<string, number>())
    most = Math.max(most, figures.get("turnline_queued_bytes") ?? 0)
  }, SAMPLE_MS)
  return {
    /** The highest number so far. */
    most: () => most,
    stop: () => clearInterval(timer),
  }
}
