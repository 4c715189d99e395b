import type { LiveSocket } from "@/lib/live/connection/LiveSocket"
import type { CommandName, ServerToClientEvents } from "@/lib/protocol/catalog"
import { wireError } from "@/lib/protocol/codes"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSort, SortOrder } from "@/lib/protocol/enums"
import type { TraceRecord } from "@/lib/protocol/events"
import type { Progress, RunSummary, RunTermination } from "@/lib/protocol/run"
import type { RunTurn, TurnOutline } from "@/lib/protocol/turn"
import { isInTrouble, isWaiting, matchesFilter } from "@/lib/trace/matchesFilter"
import { outlineTurn } from "@/lib/trace/outlineTurn"
import { resolveFilter } from "@/lib/trace/resolveFilter"
import { runOrder } from "@/lib/trace/state/runOrder"
import { aRun, aStoredTurn } from "./builders"

type Payload = Record<string, unknown> & { run_id?: string; cursor?: number; limit?: number }
type ListPayload = Payload & { sort?: RunSort; order?: SortOrder }
type FakeRun = { run: RunSummary; turns: RunTurn[] }
type FakeReply = { ok: boolean; [field: string]: unknown }
type Listener = (...args: never[]) => void

const TERMINATION: RunTermination = { kind: "outcome", outcome: { status: "success" } }

/** An in-memory server with the commands that viewers need, and one socket to it. Misbehaves on demand. Synchronous. */
export class FakeViewerServer {
  readonly runs = new Map<string, FakeRun>()
  readonly received: { name: CommandName; payload: Payload }[] = []
  readonly sent: { event: string; payload: unknown }[] = []
  /** Number of turns in a page of a subscription. */
  pageTurns = 50
  /** Called with each trace event. If this returns false, the event is lost. */
  passes: (record: TraceRecord) => boolean = () => true
  /** Returns a reply to send instead of the real one. */
  intercept: (name: CommandName, payload: Payload) => object | undefined = () => undefined
  private listeners = new Map<string, Listener[]>()
  private subscribed = new Map<string, number>()
  private watchFilter: object | undefined
  private connected = false

  readonly socket: LiveSocket = {
    get connected() {
      return false
    },
    connect: () => this.reconnect(),
    disconnect: () => this.cut("io client disconnect"),
    on: (event: string, listener: Listener) => {
      this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener])
    },
    emit: (name: CommandName, payload: unknown, acknowledge: (reply: never) => void) => {
      this.received.push({ name, payload: payload as Payload })
      queueMicrotask(() => {
        if (!this.connected) return
        const reply = this.intercept(name, payload as Payload) ?? this.replyTo(name, payload as Payload)
        acknowledge(reply as never)
        if (name === "runs.subscribe" && "ok" in reply && reply.ok) this.sendSnapshot(payload as Payload)
      })
    },
  } as LiveSocket

  constructor() {
    Object.defineProperty(this.socket, "connected", { get: () => this.connected })
  }

  reconnect() {
    if (this.connected) return
    this.connected = true
    this.fire("connect")
  }

  cut(reason = "transport close") {
    if (!this.connected) return
    this.connected = false
    this.subscribed.clear()
    this.watchFilter = undefined
    this.fire("disconnect", reason)
  }

  refuse(data: object) {
    this.connected = false
    this.fire("connect_error", Object.assign(new Error("refused"), { data }))
  }

  add(run_id: string, turns = 0, more: Partial<RunSummary> = {}): RunSummary {
    const fresh = { run: aRun({ run_id, ...more }), turns: [] as RunTurn[] }
    this.runs.set(run_id, fresh)
    for (let at = 0; at < turns; at++) this.append(fresh)
    this.registry([fresh.run])
    return fresh.run
  }

  record(run_id: string, count: number) {
    const known = this.run(run_id)
    const from = known.turns.length
    for (let at = 0; at < count; at++) this.append(known)
    this.trace(run_id, { record: "turns", from, turns: known.turns.slice(from) }, known.turns.length)
    this.registry([known.run])
  }

  progress(run_id: string, progress: Progress | null) {
    const known = this.run(run_id)
    this.trace(run_id, { record: "progress", index: known.turns.length, progress }, known.turns.length)
  }

  change(run_id: string, more: Partial<RunSummary>) {
    const known = this.run(run_id)
    known.run = { ...known.run, ...more }
    this.trace(run_id, { record: "run", run: known.run }, known.turns.length)
    this.registry([known.run])
  }

  end(run_id: string) {
    const known = this.run(run_id)
    known.run = { ...known.run, status: "completed", termination: TERMINATION, connected: false }
    this.trace(run_id, { record: "ended", run: known.run, termination: TERMINATION }, known.turns.length)
    this.registry([known.run])
  }

  remove(run_id: string) {
    this.runs.delete(run_id)
    this.subscribed.delete(run_id)
    this.send("runs.registry.event", {
      upserts: [],
      removed: [run_id],
      counts: this.counts(),
      server_time: this.now(),
    })
    this.send("runs.error", { event: "runs.subscribe", run_id, error: wireError("not_found") })
  }

  /** Returns how many turns were sent since `sent.length` was `mark`. */
  turnsSentSince(mark: number): number {
    return this.sent.slice(mark).reduce((sum, { payload }) => {
      const record = (payload as { record?: TraceRecord }).record
      return sum + (record !== undefined && "turns" in record ? record.turns.length : 0)
    }, 0)
  }

  payloadsOf(name: CommandName): Payload[] {
    return this.received.filter((command) => command.name === name).map(({ payload }) => payload)
  }

  now(): string {
    return new Date(Date.now()).toISOString()
  }

  private run(run_id: string): FakeRun {
    const known = this.runs.get(run_id)
    if (known === undefined) throw new Error(`no run ${run_id}`)
    return known
  }

  private append(known: FakeRun) {
    const index = known.turns.length
    const recorded_at = new Date(Date.parse(known.run.started_at) + (index + 1) * 1_000).toISOString()
    known.turns.push(aStoredTurn(index, { recorded_at }))
    known.run = { ...known.run, cursor: index + 1, last_turn_at: recorded_at }
  }

  private fire(event: string, ...args: unknown[]) {
    for (const listener of this.listeners.get(event) ?? []) listener(...(args as never[]))
  }

  private send<E extends keyof ServerToClientEvents>(
    event: E,
    payload: Parameters<ServerToClientEvents[E]>[0],
  ) {
    if (!this.connected) return
    this.sent.push({ event, payload })
    this.fire(event, payload)
  }

  private trace(run_id: string, record: TraceRecord, cursor: number) {
    if (!this.subscribed.has(run_id) || !this.passes(record)) return
    const { run } = this.run(run_id)
    this.send("runs.trace.event", { run_id, agent_id: run.agent_id, record, cursor, status: run.status })
  }

  private registry(changed: RunSummary[]) {
    const filter = this.watchFilter
    if (filter === undefined) return
    const upserts = changed.filter((run) => matchesFilter(resolveFilter(filter, Date.now()), run))
    this.send("runs.registry.event", { upserts, removed: [], counts: this.counts(), server_time: this.now() })
  }

  private counts() {
    const counts = { in_progress: 0, completed: 0, incomplete: 0, waiting: 0, trouble: 0, failed: 0 }
    for (const { run } of this.runs.values()) {
      counts[run.status]++
      if (isWaiting(run)) counts.waiting++
      if (isInTrouble(run)) counts.trouble++
    }
    return counts
  }

  private sendSnapshot({ run_id = "", cursor = 0 }: Payload) {
    const known = this.run(run_id)
    this.subscribed.set(run_id, cursor)
    const start = cursor > known.turns.length ? 0 : cursor
    const page = known.turns.slice(start, start + this.pageTurns)
    let from = start + page.length
    const more = from < known.turns.length
    this.trace(run_id, { record: "snapshot", run: known.run, from: start, turns: page, more }, from)
    while (from < known.turns.length) {
      const turns = known.turns.slice(from, from + this.pageTurns)
      this.trace(run_id, { record: "turns", from, turns }, from + turns.length)
      from += turns.length
    }
    const { termination } = known.run
    if (termination) this.trace(run_id, { record: "ended", run: known.run, termination }, from)
  }

  private replyTo(name: CommandName, payload: Payload): FakeReply {
    const known = this.runs.get(payload.run_id ?? "")
    if (name === "runs.list" || name === "runs.watch") return this.list(name, payload)
    if (name === "ingest.watch") return { ok: true, recent: [] }
    if (known === undefined) return { ok: false, error: wireError("not_found") }
    const { run, turns } = known
    const cursor = turns.length
    const head = { ok: true, run_id: run.run_id, agent_id: run.agent_id, cursor }
    if (name === "runs.subscribe") return { ...head, status: run.status, server_time: this.now() }
    if (name === "runs.get_outline") {
      const limit = payload.limit ?? 1_000
      const from = (payload.from as number | undefined) ?? Math.max(0, cursor - limit)
      const outline = turns.slice(from, from + limit).map(outlineOf)
      return { ...head, from, outline }
    }
    if (name === "runs.get_trace") {
      const from = payload.cursor ?? 0
      const page = turns.slice(from, from + (payload.limit ?? 1_000))
      return { ...head, records: page.map((turn) => ({ record: "turn", ...turn })) }
    }
    if (name === "runs.get_turn") return { ...head, turn: turns[payload.index as number] }
    return { ...head, delivered: true, removed: true }
  }

  private list(
    name: CommandName,
    { limit = 50, before, sort = "started", order = "desc", ...filter }: ListPayload,
  ): FakeReply {
    if (name === "runs.watch") this.watchFilter = filter
    const all = [...this.runs.values()]
      .map(({ run }) => run)
      .filter((run) => matchesFilter(resolveFilter(filter as RunFilter, Date.now()), run))
      .sort(runOrder(sort, order, Date.now()))
    const start = before === undefined ? 0 : all.findIndex((run) => run.run_id === before) + 1
    const runs = all.slice(start, start + limit)
    const last = runs.at(-1)
    const next = start + limit < all.length && last !== undefined ? { next: last.run_id } : {}
    return { ok: true, runs, ...next, counts: this.counts(), server_time: this.now() }
  }
}

function outlineOf(turn: RunTurn): TurnOutline {
  return { ...outlineTurn(turn), index: turn.index, recorded_at: turn.recorded_at }
}
