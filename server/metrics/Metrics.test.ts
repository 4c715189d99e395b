import { expect, test } from "vitest"
import type { LiveFigures } from "./LiveFigures"
import { Metrics } from "./Metrics"

const NOTHING: LiveFigures = {
  connections: 0,
  queuedBytes: 0,
  subscribers: { live: 0, behind: 0 },
  watches: 0,
  store: { writes: 0, writeBytes: 0, unsearchable: 0 },
  audit: { waiting: 0, dropped: 0 },
}

async function linesOf(metrics: Metrics): Promise<string[]> {
  const text = await metrics.text()
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
}

test("gauges of queues and subscribers are read at each scrape", async () => {
  let figures: LiveFigures = {
    ...NOTHING,
    subscribers: { live: 3, behind: 2 },
    store: { writes: 7, writeBytes: 4_096, unsearchable: 50 },
    audit: { waiting: 4, dropped: 9 },
  }
  const metrics = new Metrics()
  metrics.observe(() => figures)
  const output = [
    'turnline_subscribers{mode="live"} 3',
    'turnline_subscribers{mode="behind"} 2',
    "turnline_write_queue_calls 7",
    "turnline_write_queue_bytes 4096",
    "turnline_unsearchable_turns 50",
    "turnline_audit_waiting_lines 4",
    "turnline_audit_dropped_lines_total 9",
  ]
  for (const scrape of [1, 2])
    expect(await linesOf(metrics), String(scrape)).toEqual(expect.arrayContaining(output))
  figures = { ...NOTHING, audit: { waiting: 0, dropped: 10 } }
  expect(await linesOf(metrics)).toEqual(
    expect.arrayContaining(["turnline_write_queue_calls 0", "turnline_audit_dropped_lines_total 10"]),
  )
  metrics.close()
})

test("commits, refusals, dropped batches and closed connections are counted, the last three by reason", async () => {
  const metrics = new Metrics()
  metrics.observe(() => NOTHING)
  metrics.committed(0.004)
  metrics.committed(0.2)
  metrics.refused("origin")
  metrics.dropped("run_terminal")
  metrics.cutOff("does not read")
  expect(await linesOf(metrics)).toEqual(
    expect.arrayContaining([
      'turnline_commit_seconds_bucket{le="0.005"} 1',
      'turnline_commit_seconds_bucket{le="0.25"} 2',
      "turnline_commit_seconds_count 2",
      'turnline_refused_total{why="origin"} 1',
      'turnline_dropped_batches_total{why="run_terminal"} 1',
      'turnline_cut_off_total{why="does not read"} 1',
    ]),
  )
  metrics.close()
})
