import { readMetrics } from "@/e2e/kit/readMetric"
import { compare } from "./compare"
import type { Row, RowContext } from "./Row"

const TURN_BYTES = 2_000
const LOOP_DELAY = 'turnline_event_loop_delay_seconds{quantile="0.99"}'

const spans = ({ quick }: RowContext) => ({ warmMs: quick ? 500 : 1_500, forMs: quick ? 1_500 : 4_000 })

function ingestRow(
  id: string,
  what: string,
  goal: number,
  load: { agents: number; window: number; batch: number },
): Row {
  return {
    id,
    what,
    goal: `≥ ${goal} × bare`,
    run: (context) =>
      compare(context, {
        job: "ingest",
        params: { ...load, turnBytes: TURN_BYTES, ...spans(context) },
        figure: ({ turnsPerSecond }) => turnsPerSecond,
        unit: "turns/s",
        met: (ours, bare) => ours / bare >= goal,
        flushed: true,
      }),
  }
}

const fanoutRow: Row = {
  id: "fanout",
  what: "delivered to 100 viewers of one run",
  goal: "≥ 2.0 × bare",
  run: (context) =>
    compare(context, {
      job: "fanout",
      params: { viewers: 100, turns: context.quick ? 1_000 : 4_000, window: 32, turnBytes: TURN_BYTES },
      figure: ({ deliveredPerSecond }) => deliveredPerSecond,
      unit: "turns/s",
      met: (ours, bare) => ours / bare >= 2,
    }),
}

const latencyRow: Row = {
  id: "latency",
  what: "20 runs × 5 viewers × 10 turns/s, from agent to viewer, p99",
  goal: "≤ 1.5 × bare",
  run: (context) =>
    compare(context, {
      job: "paced",
      params: { runs: 20, viewersPerRun: 5, turnsPerSecond: 10, turnBytes: TURN_BYTES, ...spans(context) },
      figure: ({ viewP99Ms, delivered, expected }) => (delivered < expected ? Number.NaN : viewP99Ms),
      unit: "ms",
      met: (ours, bare) => ours / bare <= 1.5,
      flushed: true,
    }),
}

const viewersRow: Row = {
  id: "viewers",
  what: "1,000 viewers of one run at 20 turns/s, event-loop delay p99",
  goal: "≤ 50 ms",
  run: (context) =>
    compare(context, {
      job: "paced",
      params: {
        runs: 1,
        viewersPerRun: context.quick ? 300 : 1_000,
        turnsPerSecond: 20,
        turnBytes: TURN_BYTES,
        ...spans(context),
      },
      // Reading the metrics resets the measurement, so the figure is that of this round alone.
      before: readMetrics,
      figure: async (_, peer) => ((await readMetrics(peer)).get(LOOP_DELAY) ?? Number.NaN) * 1_000,
      unit: "ms",
      met: (ours) => ours <= 50,
    }),
}

/** Rows that are compared with plain Socket.IO. */
export const THROUGHPUT_ROWS: Row[] = [
  ingestRow("ingest-1", "durable ingest, 1 agent, window 32", 0.7, { agents: 1, window: 32, batch: 1 }),
  ingestRow("ingest-20", "durable ingest, 20 agents, window 8", 0.7, { agents: 20, window: 8, batch: 1 }),
  ingestRow("ingest-batch", "durable ingest, 20 agents, batches of 16", 0.8, {
    agents: 20,
    window: 8,
    batch: 16,
  }),
  fanoutRow,
  latencyRow,
  viewersRow,
]
