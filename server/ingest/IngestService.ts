import { randomUUID } from "node:crypto"
import type { Principal } from "@/lib/protocol/access"
import type { NewRequests, StoredRequest } from "@/server/store/IngestStore"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { DIALECTS, type DialectName, type OpenDialect } from "./ForeignDialect"
import { IngestError } from "./IngestError"
import type { IngestParts, IngestSettings } from "./IngestParts"
import { IngestSource, type Sender } from "./IngestSource"
import { RequestLedger } from "./RequestLedger"
import { RequestReplay } from "./RequestReplay"
import { StateBudget } from "./StateBudget"
import { splitRequest } from "./splitRequest"

/** How often deadlines are checked. */
const TICK_MS = 100
/** If more operations than this are waiting for the store, new requests are refused with 503. */
const MAX_PENDING = 20_000
const RETRY_AFTER_SECONDS = 5
/** How long requests without an AI span are kept, in case they belong to an agent's trace. */
const CONTEXT_MS = 60_000

/** A request's records, split into pieces. Each piece is stored under its own id. */
type Request = {
  pieces: readonly { id: number; name: string | undefined }[]
  sender: Sender
  dialect: DialectName
  records: unknown
  bytes: number
  now: number
}

/**
 * Ingests records in foreign formats. A request is stored before it is acknowledged, and kept until the runs to which
 * it belongs have ended. After a restart, the runs in progress are rebuilt from the stored requests. The records of
 * each token are kept separate, so a guessed or repeated id never reaches another token's run.
 */
export class IngestService {
  readonly #parts: IngestParts
  readonly #ledger: RequestLedger
  readonly #replay: RequestReplay
  readonly #sources = new Map<string, IngestSource>()
  readonly #process = randomUUID()
  #pending = 0
  readonly #budget: StateBudget
  #timer: unknown
  #isClosed = false
  /** Increased by `forget`. A request that was still being stored at that time is ignored. */
  #generation = 0

  constructor(parts: IngestParts) {
    this.#parts = parts
    this.#ledger = new RequestLedger(parts.store)
    this.#budget = new StateBudget(parts.settings.maxStateBytes)
    const { store, clock, logError } = parts
    this.#replay = new RequestReplay({
      store,
      clock,
      replay: (request) => this.#replayOne(request),
      logError: (error) => logError(error),
    })
  }

  get settings(): IngestSettings {
    return this.#parts.settings
  }

  /** Rebuilds the runs in progress from the stored requests. */
  async open(): Promise<void> {
    await this.#replay.open()
  }

  /** Forgets all runs and requests. Called when this node was declared dead: other nodes replay its stored requests. */
  forget(): void {
    this.#generation++
    this.#replay.forget()
    for (const source of this.#sources.values()) source.forget()
    this.#sources.clear()
    this.#ledger.forget()
    this.#pending = 0
    this.#budget.clear()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#parts.clock.clearTimeout(this.#timer)
    this.#replay.close()
    for (const source of this.#sources.values()) source.writers.close()
    await this.#ledger.flush()
  }

  /**
   * Returns the number of operations waiting for the store, of stored requests that are still needed, and of runs with
   * a writer, and the approximate size of the state of all dialects (`held`).
   */
  figures(): { pending: number; requests: number; held: number; writers: number } {
    const writers = [...this.#sources.values()].reduce((sum, source) => sum + source.writers.size, 0)
    return { pending: this.#pending, requests: this.#ledger.size, held: this.#budget.held, writers }
  }

  /**
   * Ingests the records of one request. Resolves once they are durable.
   *
   * @returns the number of turns that have resulted from the records immediately. The dialect may hold further records
   * until later.
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

  #replayOne({ id, sender, dialect, records, received_at }: StoredRequest): void {
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
      // The error is logged and the request is skipped, because it must not prevent the server from starting.
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
    source.carryOut({ operations, forgotten })
    this.#budget.measure(source)
    this.#makeRoom(request.now)
    this.#startTimer()
    return { turns: operations.filter(({ op }) => op === "turn").length }
  }

  /** Processes a request. If the dialect fails, drops the request, because it would fail again at every start. */
  #read(source: IngestSource, request: Request): ReturnType<OpenDialect["take"]> {
    try {
      return source.dialect.take(request.records, request.bytes, request.now)
    } catch (error) {
      for (const { id } of request.pieces) this.#ledger.add(id, [])
      throw error
    }
  }

  #advance(source: IngestSource, now: number): void {
    if (source.advance(now)) this.#budget.measure(source)
  }

  #makeRoom(now: number): void {
    for (const { source, due } of this.#budget.makeRoom([...this.#sources.values()], now)) {
      // If there are no operations, the run had already ended and nothing is lost.
      if (due.operations.length > 0) this.#parts.onDropped?.(source.name, "run", 1)
      source.carryOut(due)
    }
  }

  /**
   * Keeps a request for its runs. An OTLP request without runs is kept for a minute, because it may have spans of a
   * trace whose agent spans arrive later.
   */
  #keep(id: number, source: IngestSource, keys: readonly string[], receivedAt: number): void {
    if (keys.length > 0)
      this.#ledger.add(
        id,
        keys.map((key) => source.ledgerKey(key)),
      )
    else if (source.name !== "otlp" || receivedAt + CONTEXT_MS < this.#parts.clock.now())
      this.#ledger.add(id, [])
    else this.#ledger.hold(id, receivedAt + CONTEXT_MS)
  }

  #source(name: DialectName, sender: Sender): IngestSource {
    const key = `${sender.token_id} ${name}`
    let source = this.#sources.get(key)
    if (source === undefined) {
      source = new IngestSource({
        ...{ name, sender, parts: this.#parts, ledger: this.#ledger },
        ownerId: `ingest:${this.#process}:${sender.token_id}`,
        onPending: (change) => {
          this.#pending += change
        },
      })
      this.#sources.set(key, source)
    } else source.sender = sender
    return source
  }

  #startTimer(): void {
    if (this.#timer !== undefined || this.#isClosed) return
    this.#timer = this.#parts.clock.setTimeout(() => this.#tick(), TICK_MS)
  }

  #tick(): void {
    this.#timer = undefined
    const now = this.#parts.clock.now()
    this.#ledger.dropHeld(now)
    let isWaiting = this.#ledger.isHolding
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
