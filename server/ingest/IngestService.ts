import { randomUUID } from "node:crypto"
import { BoundedMap } from "@/lib/dialects/BoundedMap"
import type { Operation } from "@/lib/dialects/operations"
import type { Principal } from "@/lib/protocol/access"
import type { Clock } from "@/server/platform/Clock"
import type { RunOwner } from "@/server/registry/RegistryEvents"
import type { RunRegistry } from "@/server/registry/RunRegistry"
import type { IngestStore, NewRequests, StoredRequest } from "@/server/store/IngestStore"
import { type RunStore, StoreUnavailableError } from "@/server/store/RunStore"
import { DIALECTS, type DialectName, type OpenDialect, openDialect } from "./ForeignDialect"
import { HookRunWriter } from "./hooks/HookRunWriter"
import { type HookSession, hookSessionOf } from "./hooks/HookSession"
import { IngestError } from "./IngestError"
import type { IngestSettings } from "./IngestSettings"
import { RequestLedger } from "./RequestLedger"
import type { OperationWriter } from "./runs/OperationWriter"
import { RunWriter } from "./runs/RunWriter"
import { StateBudget } from "./StateBudget"
import { splitRequest } from "./splitRequest"
import { Writers } from "./Writers"

/** How often deadlines are checked. */
const TICK_MS = 100
/** With more operations waiting for the store, new requests are refused with 503. */
const MAX_PENDING = 20_000
const RETRY_AFTER_SECONDS = 5
/** How often to look for requests of nodes that are gone. */
const ADOPT_MS = 5_000
/** How long requests without an AI span are kept, in case they belong to an agent's trace. */
const CONTEXT_MS = 60_000
const MAX_HOOK_SESSIONS = 10_000
const PAGE = { limit: 200, maxBytes: 16 * 1024 * 1024 }

/** The stored identity of a sender, so that a restarted server can act on its behalf. */
type Sender = { token_id: string; name: string; write: readonly string[] }

/** A request's records. Each piece is stored under its own id. */
type Request = {
  pieces: readonly { id: number; name: string | undefined }[]
  sender: Sender
  dialect: DialectName
  records: unknown
  bytes: number
  now: number
}

/** The open runs of one token in one format. */
type Source = {
  name: DialectName
  sender: Sender
  dialect: OpenDialect
  writers: Writers
  owner: RunOwner
  /** The size of its dialect's state, as last measured. */
  held: number
  /** The state that the writers of one session's runs share, by session. */
  hookSessions: BoundedMap<string, HookSession>
}

export type IngestParts = {
  store: IngestStore
  runs: Pick<RunStore, "get" | "turns" | "list">
  registry: RunRegistry
  clock: Clock
  settings: IngestSettings
  maxTurnBytes: number
  onTurns?: (dialect: DialectName, count: number) => void
  onLost?: (dialect: DialectName, count: number) => void
  /** Called when runs lose some of their state ("context") or all of it ("run") to limit memory. */
  onDropped?: (dialect: DialectName, what: "context" | "run", count: number) => void
  logError(error: unknown): void
}

/**
 * Takes in records of foreign formats. A request is stored before it is acknowledged, and kept until the runs it belongs
 * to have ended. After a restart, the runs in progress are rebuilt from the stored requests. The records of each token
 * are kept separate, so a guessed or repeated id never reaches another token's run.
 */
export class IngestService {
  readonly #parts: IngestParts
  readonly #ledger: RequestLedger
  readonly #sources = new Map<string, Source>()
  readonly #process = randomUUID()
  readonly #contexts: { group: string; until: number }[] = []
  #pending = 0
  readonly #budget: StateBudget
  #timer: unknown
  #adoptTimer: unknown
  #isClosed = false
  /** Requests claimed from other nodes that haven't been replayed yet. */
  readonly #claimed = new Set<number>()
  /** Increased by `forget`, so that work started before it has no effect. */
  #generation = 0

  constructor(parts: IngestParts) {
    this.#parts = parts
    this.#ledger = new RequestLedger(parts.store)
    this.#budget = new StateBudget(parts.settings.maxStateBytes)
  }

  get settings(): IngestSettings {
    return this.#parts.settings
  }

  /** Rebuilds the runs in progress from the stored requests. */
  async open(): Promise<void> {
    await this.#replayAll()
    await this.#adoptAbandoned()
  }

  async #replayAll(among?: readonly number[]): Promise<void> {
    const { store } = this.#parts
    const generation = this.#generation
    for (let after = 0; ; ) {
      const page = await store.listRequests({ after, ...PAGE, ...(among !== undefined && { among }) })
      if (page.length === 0 || generation !== this.#generation) return
      for (const request of page) {
        this.#replay(request)
        after = request.id
        if (among !== undefined) this.#claimed.delete(request.id)
      }
    }
  }

  /** Forgets all runs and requests. Called when this node was declared dead: other nodes replay its stored requests. */
  forget(): void {
    this.#generation++
    for (const source of this.#sources.values()) source.writers.close()
    this.#sources.clear()
    this.#contexts.length = 0
    this.#claimed.clear()
    this.#ledger.forget()
    this.#pending = 0
    this.#budget.clear()
  }

  /** Replays requests that other nodes had accepted before they stopped, now and every few seconds. */
  async #adoptAbandoned(): Promise<void> {
    const { store, clock } = this.#parts
    if (store.claimAbandoned === undefined || this.#isClosed) return
    try {
      for (const id of await store.claimAbandoned()) this.#claimed.add(id)
      if (this.#claimed.size > 0) await this.#replayAll([...this.#claimed])
      this.#claimed.clear()
    } catch (error) {
      // If the database is unavailable, the requests are claimed the next time.
      if (!(error instanceof StoreUnavailableError)) this.#parts.logError(error)
    }
    this.#adoptTimer = clock.setTimeout(() => void this.#adoptAbandoned(), ADOPT_MS)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#parts.clock.clearTimeout(this.#timer)
    this.#parts.clock.clearTimeout(this.#adoptTimer)
    for (const source of this.#sources.values()) source.writers.close()
    await this.#ledger.flush()
  }

  /**
   * Returns the number of operations waiting for the store, of stored requests that are still needed, and of runs with a
   * writer, and the approximate size of all state (`held`).
   */
  figures(): { pending: number; requests: number; held: number; writers: number } {
    const writers = [...this.#sources.values()].reduce((sum, source) => sum + source.writers.size, 0)
    return { pending: this.#pending, requests: this.#ledger.size, held: this.#budget.held, writers }
  }

  /**
   * Takes in the records of one request. Resolves once they are durable.
   *
   * @returns the number of turns that they became immediately; others may still be held.
   * @throws {IngestError} 503 when the store is behind or can't commit.
   */
  async accept(principal: Principal, dialect: DialectName, records: unknown): Promise<{ turns: number }> {
    if (this.#isClosed || this.#pending > MAX_PENDING) throw busy()
    const sender: Sender = { token_id: principal.token_id, name: principal.name, write: principal.write }
    const pieces = splitRequest(dialect, records)
    const texts = pieces.map((piece) => JSON.stringify(piece.records))
    const received_at = this.#parts.clock.now()
    const generation = this.#generation
    const ids = await this.#store({ received_at, sender: JSON.stringify(sender), dialect, records: texts })
    // This node was declared dead while storing the request: another node processes it.
    if (generation !== this.#generation) return { turns: 0 }
    return this.#feed({
      pieces: pieces.map(({ name }, at) => ({ id: ids[at] ?? 0, name })),
      ...{ sender, dialect, records, now: received_at },
      bytes: texts.reduce((sum, { length }) => sum + length, 0),
    })
  }

  async #store(request: NewRequests): Promise<number[]> {
    try {
      return await this.#parts.store.addRequests(request)
    } catch (cause) {
      if (cause instanceof StoreUnavailableError) throw busy()
      throw cause
    }
  }

  #replay({ id, sender, dialect, records, received_at }: StoredRequest): void {
    const name = DIALECTS.find((known) => known === dialect)
    if (name === undefined) {
      this.#ledger.add(id, [])
      return
    }
    try {
      const parsed: unknown = JSON.parse(records)
      const [piece, ...others] = splitRequest(name, parsed)
      const source = this.#source(name, JSON.parse(sender) as Sender)
      // Replays the deadlines that passed before this request.
      this.#advance(source, received_at)
      this.#feed({
        pieces: [{ id, name: others.length === 0 ? piece?.name : undefined }],
        sender: source.sender,
        dialect: name,
        records: parsed,
        bytes: records.length,
        now: received_at,
      })
    } catch (error) {
      // Logged and skipped: the request must not prevent the server from starting.
      this.#parts.logError(error)
    }
  }

  #feed(request: Request): { turns: number } {
    const source = this.#source(request.dialect, request.sender)
    const { operations, keys, forgotten, reduced } = this.#read(source, request)
    if (reduced.length > 0) this.#parts.onDropped?.(source.name, "context", reduced.length)
    for (const { id, name } of request.pieces) {
      const run = name === undefined || keys.includes(name) ? name : source.dialect.runOf(name)
      const needed = name === undefined ? keys : keys.filter((key) => key === run)
      this.#keep(id, source, needed, request.now)
    }
    this.#dispatch(source, operations)
    this.#release(source, forgotten)
    this.#budget.measure(source)
    this.#makeRoom(request.now)
    this.#startTimer()
    return { turns: operations.filter(({ op }) => op === "turn").length }
  }

  /** Processes a request. If the dialect fails, drops the request, so that it doesn't fail again at every start. */
  #read(source: Source, request: Request): ReturnType<OpenDialect["take"]> {
    try {
      return source.dialect.take(request.records, request.bytes, request.now)
    } catch (error) {
      for (const { id } of request.pieces) this.#ledger.add(id, [])
      throw error
    }
  }

  /** Dispatches what has become due. If the dialect fails, replaces it, because it would fail again at every tick. */
  #advance(source: Source, now: number): void {
    try {
      const { operations, forgotten } = source.dialect.advance(now)
      this.#dispatch(source, operations)
      this.#release(source, forgotten)
      if (forgotten.length > 0) this.#budget.measure(source)
    } catch (error) {
      this.#parts.logError(error)
      source.dialect = openDialect(source.name, this.#parts.settings)
      this.#budget.measure(source)
    }
  }

  #makeRoom(now: number): void {
    for (const { source, due } of this.#budget.makeRoom([...this.#sources.values()], now)) {
      // Without operations, the run had already ended and nothing is lost.
      if (due.operations.length > 0) this.#parts.onDropped?.(source.name, "run", 1)
      this.#dispatch(source, due.operations)
      this.#release(source, due.forgotten)
    }
  }

  /** Deletes the stored requests of runs that the dialect has forgotten, and releases their writers. */
  #release(source: Source, keys: readonly string[]): void {
    for (const key of keys) {
      this.#ledger.release(this.#ledger.take(ledgerKey(source, key)))
      // A session reported by hooks may continue later under the same key, so its writer is kept.
      if (source.name !== "claude-code-hooks") source.writers.release(key)
    }
  }

  /**
   * Keeps a request for its runs. An OTLP request without runs is kept for a minute, because it may have spans of a trace
   * whose agent spans arrive later.
   */
  #keep(id: number, source: Source, keys: readonly string[], receivedAt: number): void {
    if (keys.length > 0)
      this.#ledger.add(
        id,
        keys.map((key) => ledgerKey(source, key)),
      )
    else if (source.name !== "otlp" || receivedAt + CONTEXT_MS < this.#parts.clock.now())
      this.#ledger.add(id, [])
    else {
      const group = `context ${receivedAt}`
      this.#ledger.add(id, [group])
      this.#contexts.push({ group, until: receivedAt + CONTEXT_MS })
    }
  }

  #dropContexts(now: number): void {
    while ((this.#contexts[0]?.until ?? Number.POSITIVE_INFINITY) <= now) {
      const context = this.#contexts.shift()
      if (context !== undefined) this.#ledger.release(this.#ledger.take(context.group))
    }
  }

  #source(name: DialectName, sender: Sender): Source {
    const key = `${sender.token_id} ${name}`
    let source = this.#sources.get(key)
    if (source === undefined) {
      source = {
        name,
        sender,
        dialect: openDialect(name, this.#parts.settings),
        writers: new Writers(),
        hookSessions: new BoundedMap(MAX_HOOK_SESSIONS),
        held: 0,
        owner: {
          id: `ingest:${this.#process}:${sender.token_id}`,
          client_id: sender.name,
          requestCancel: () => {},
        },
      }
      this.#sources.set(key, source)
    } else source.sender = sender
    return source
  }

  #dispatch(source: Source, operations: readonly Operation[]): void {
    const byRun = new Map<string, Operation[]>()
    for (const operation of operations) {
      const list = byRun.get(operation.key)
      if (list === undefined) byRun.set(operation.key, [operation])
      else list.push(operation)
    }
    for (const [key, list] of byRun) {
      const writer = source.writers.use(key, () => this.#createWriter(source, key))
      for (const { op } of list) {
        // Requests that arrive from now on belong to the reopened run.
        if (op === "end") writer.requests.push(this.#ledger.take(ledgerKey(source, key)))
      }
      writer.push(list)
    }
  }

  #createWriter(source: Source, key: string): OperationWriter {
    const { registry, runs, clock, maxTurnBytes, onTurns, onLost, logError } = this.#parts
    const { token_id, name, write } = source.sender
    const generation = this.#generation
    const principal: Principal = { token_id, name, write, read: [], control: false, mint: false }
    const parts = {
      ...{ registry, store: runs, clock, owner: source.owner, principal, maxTurnBytes, logError },
      onEnd: (requests: ReadonlySet<number>) => {
        if (generation === this.#generation) this.#ledger.release(requests)
      },
      onPending: (change: number) => {
        if (generation === this.#generation) this.#pending += change
      },
      onTurns: (count: number) => onTurns?.(source.name, count),
      onLost: (count: number) => onLost?.(source.name, count),
    }
    if (source.name !== "claude-code-hooks")
      return new RunWriter({ ...parts, idempotencyKey: `ingest:${token_id}:${key}` })
    return new HookRunWriter({ ...parts, key, session: hookSessionOf(source.hookSessions, key, clock) })
  }

  #startTimer(): void {
    if (this.#timer !== undefined || this.#isClosed) return
    this.#timer = this.#parts.clock.setTimeout(() => this.#tick(), TICK_MS)
  }

  #tick(): void {
    this.#timer = undefined
    const now = this.#parts.clock.now()
    this.#dropContexts(now)
    let isWaiting = this.#contexts.length > 0
    for (const source of this.#sources.values()) {
      this.#advance(source, now)
      source.writers.drop(now)
      isWaiting ||= source.dialect.isWaiting() || source.writers.hasLeaving
    }
    if (isWaiting) this.#startTimer()
  }
}

function busy(): IngestError {
  return new IngestError(503, "The server is overloaded. Try again later.", RETRY_AFTER_SECONDS)
}

function ledgerKey(source: Source, key: string): string {
  return `${source.sender.token_id} ${key}`
}
