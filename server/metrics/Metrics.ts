import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks"
import { Counter, Gauge, Histogram, Registry } from "prom-client"
import type { RegistryListener } from "@/server/registry/RegistryEvents"
import { gaugeCluster } from "./gaugeCluster"
import { gaugeWaiting } from "./gaugeWaiting"
import type { LiveFigures } from "./LiveFigures"

/** Why a request or connection was refused. */
export type RefusalReason =
  | "protocol"
  | "host"
  | "origin"
  | "token"
  | "second_connect"
  | "address"
  | "token_connections"
  | "failures"
  | "rate"

const QUANTILES = [50, 90, 99, 99.9]
/** The period of the timer that measures the delay of the event loop. Every measured value includes this period. */
const LOOP_PERIOD_MS = 10
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Counters and gauges for Prometheus. No label names a run or an agent. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #loop: IntervalHistogram = monitorEventLoopDelay({ resolution: LOOP_PERIOD_MS })
  readonly #turns: Counter
  readonly #runs: Counter<"what">
  readonly #commands: Counter<"command" | "code">
  /**
   * Counters by command and code. They are cached because looking up a counter by its labels costs more than counting.
   */
  readonly #counted = new Map<string, Counter.Internal>()
  readonly #append: Histogram
  readonly #commit: Histogram
  readonly #refused: Counter<"why">
  readonly #dropped: Counter<"why">
  readonly #cutOff: Counter<"why">
  readonly #ingested: Counter<"dialect" | "what">
  readonly #ingestDropped: Counter<"dialect" | "what">

  constructor() {
    const registers = [this.#registry]
    this.#turns = new Counter({ name: "turnline_turns_total", help: "Turns stored", registers })
    this.#runs = new Counter({
      name: "turnline_runs_total",
      help: "Runs that were completed, became incomplete, or were deleted",
      labelNames: ["what"],
      registers,
    })
    this.#commands = new Counter({
      name: "turnline_commands_total",
      help: "Commands by name and result code",
      labelNames: ["command", "code"],
      registers,
    })
    this.#refused = new Counter({
      name: "turnline_refused_total",
      help: "Requests and connections refused before any command",
      labelNames: ["why"],
      registers,
    })
    this.#dropped = new Counter({
      name: "turnline_dropped_batches_total",
      help: "Batches of turns that were not stored, by reason",
      labelNames: ["why"],
      registers,
    })
    this.#cutOff = new Counter({
      name: "turnline_cut_off_total",
      help: "Connections closed by the server, by reason",
      labelNames: ["why"],
      registers,
    })
    this.#ingestDropped = new Counter({
      name: "turnline_ingest_state_dropped_total",
      help: "Foreign runs that lost some (context) or all (run) of their state to limit memory",
      labelNames: ["dialect", "what"],
      registers,
    })
    this.#ingested = new Counter({
      name: "turnline_ingest_records_total",
      help: "Records in foreign formats: received, turns, context, refused, late",
      labelNames: ["dialect", "what"],
      registers,
    })
    this.#append = new Histogram({
      name: "turnline_append_seconds",
      help: "Time from a batch's arrival to its acknowledgement, including its commit",
      buckets: SECONDS,
      registers,
    })
    this.#commit = new Histogram({
      name: "turnline_commit_seconds",
      help: "Duration of a write transaction of the store, including the flush to disk",
      buckets: SECONDS,
      registers,
    })
    this.#loop.enable()
  }

  /** Adds gauges for the server's current state. `read` is called at each scrape. Must be called only once. */
  observe(read: () => LiveFigures): void {
    this.#gauges(read)
    gaugeWaiting(this.#registry, read)
    gaugeCluster(this.#registry, read)
  }

  /** Counts a command by its result code; `ok` for success. */
  command(command: string, code: string): void {
    const name = `${command} ${code}`
    let counter = this.#counted.get(name)
    if (counter === undefined) {
      counter = this.#commands.labels(command, code)
      this.#counted.set(name, counter)
    }
    counter.inc()
  }

  refused(why: RefusalReason): void {
    this.#refused.inc({ why })
  }

  /** Counts a batch of turns that was not stored. */
  dropped(why: string): void {
    this.#dropped.inc({ why })
  }

  /** Counts a connection closed by the server. */
  cutOff(why: string): void {
    this.#cutOff.inc({ why })
  }

  /** Counts foreign runs that lost state to limit memory. */
  ingestDropped(dialect: string, what: "context" | "run", runs: number): void {
    this.#ingestDropped.inc({ dialect, what }, runs)
  }

  /** Counts records in foreign formats by their result. */
  ingested(
    dialect: string,
    what: "received" | "turns" | "context" | "refused" | "late",
    count: number,
  ): void {
    if (count > 0) this.#ingested.inc({ dialect, what }, count)
  }

  appended(seconds: number): void {
    this.#append.observe(seconds)
  }

  /** Records the duration of a commit. */
  committed(seconds: number): void {
    this.#commit.observe(seconds)
  }

  /** Counts events of the registry. */
  readonly listener: RegistryListener = {
    turnsStored: ({ count }) => this.#turns.inc(count),
    follows: () => false,
    runChanged: () => undefined,
    progressChanged: () => undefined,
    runEnded: (run) => this.#runs.inc({ what: run.status }),
    runDeleted: () => this.#runs.inc({ what: "deleted" }),
  }

  /** Returns all metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  close(): void {
    this.#loop.disable()
  }

  #gauges(read: () => LiveFigures): void {
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers: [this.#registry],
        collect() {
          this.set(value())
        },
      })
    gauge("turnline_connections", "Socket.IO connections", () => read().connections)
    gauge("turnline_queued_bytes", "Outgoing bytes waiting to be sent", () => read().queuedBytes)
    gauge("turnline_watches", "Live lists", () => read().watches)
    gauge("turnline_resident_bytes", "Resident memory", () => process.memoryUsage.rss())
    const registers = [this.#registry]
    new Gauge({
      name: "turnline_subscribers",
      help: "Subscriptions by state: live or behind",
      labelNames: ["mode"],
      registers,
      collect() {
        const { live, behind } = read().subscribers
        this.set({ mode: "live" }, live)
        this.set({ mode: "behind" }, behind)
      },
    })
    const loop = this.#loop
    new Gauge({
      name: "turnline_event_loop_delay_seconds",
      help: "Delay of the event loop since the last scrape",
      labelNames: ["quantile"],
      registers,
      collect() {
        for (const quantile of QUANTILES)
          this.set({ quantile: String(quantile / 100) }, lateSeconds(loop.percentile(quantile)))
        loop.reset()
      },
    })
  }
}

function lateSeconds(measuredNs: number): number {
  return Math.max(0, (measuredNs || 0) / 1e9 - LOOP_PERIOD_MS / 1e3)
}
