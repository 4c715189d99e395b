import type { Client } from "pg"
import type { Clock } from "@/server/platform/Clock"
import { PostgresIndexer } from "./PostgresIndexer"

/** Turns that are stored within this time are indexed together, so a search finds them after this delay. */
const GATHER_MS = 1_000
const RETRY_MS = 5_000
/** How often to look for runs that another node has left unindexed, for example because that node died. */
const LOOK_MS = 60_000
const RUNS_PER_LOOK = 500
/**
 * If more turns than this are stored per second, indexing pauses after each slice, so that it interferes less with
 * storing.
 */
const BUSY_TURNS_PER_SECOND = 500
/** The length of a pause, as a multiple of the time that the slice took. */
const PAUSE_FACTOR = 4
const MAX_PAUSE_MS = 500

/**
 * Indexes the turns that this node writes, about a second later. Periodically also indexes turns that other nodes have
 * left unindexed.
 */
export class IndexSchedule {
  readonly #connect: () => Promise<Client>
  readonly #clock: Clock
  #client: Client | undefined
  #written = new Set<string>()
  #turns = 0
  /** The number of turns being indexed. */
  #turnsInPass = 0
  #passBegan = 0
  #timer: unknown
  #dueAt = 0
  #working: Promise<void> | undefined
  #lookAt = 0
  #closed = false

  constructor(connect: () => Promise<Client>, clock: Clock) {
    this.#connect = connect
    this.#clock = clock
    this.#schedule(GATHER_MS)
  }

  /** The number of turns written by this node that aren't in the index yet. */
  get unsearchable(): number {
    return this.#turns + this.#turnsInPass
  }

  /** Called when turns have been stored. */
  onTurns(runId: string, count: number): void {
    this.#written.add(runId)
    this.#turns += count
    this.#schedule(GATHER_MS)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#clock.clearTimeout(this.#timer)
    await this.#working
    await this.#client?.end().catch(() => {})
  }

  #schedule(ms: number): void {
    const dueAt = this.#clock.monotonic() + ms
    if (this.#closed || this.#working !== undefined || (this.#timer !== undefined && this.#dueAt <= dueAt))
      return
    this.#clock.clearTimeout(this.#timer)
    this.#dueAt = dueAt
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      this.#working = this.#work().then((waitMs) => {
        this.#working = undefined
        this.#schedule(waitMs)
      })
    }, ms)
  }

  /** Indexes all turns that are due. Returns the time until the next pass. */
  async #work(): Promise<number> {
    const written = this.#written
    const turns = this.#turns
    this.#written = new Set()
    this.#turns = 0
    this.#turnsInPass = turns
    this.#passBegan = this.#clock.monotonic()
    try {
      const indexer = new PostgresIndexer(await this.#connected())
      await this.#indexAll(indexer, await indexer.runNumbers([...written]))
      await this.#lookForOthers(indexer)
      return this.#written.size > 0 ? GATHER_MS : LOOK_MS
    } catch {
      // The database is unavailable, or this connection has broken: retries later.
      for (const runId of written) this.#written.add(runId)
      this.#turns += turns
      const client = this.#client
      this.#client = undefined
      await client?.end().catch(() => {})
      return RETRY_MS
    } finally {
      this.#turnsInPass = 0
    }
  }

  async #lookForOthers(indexer: PostgresIndexer): Promise<void> {
    if (this.#clock.monotonic() < this.#lookAt) return
    let after = 0
    for (;;) {
      const behind = await indexer.runsBehind(after, RUNS_PER_LOOK)
      await this.#indexAll(indexer, behind)
      const last = behind.at(-1)
      if (last === undefined || this.#closed) break
      after = last
    }
    this.#lookAt = this.#clock.monotonic() + LOOK_MS
  }

  async #indexAll(indexer: PostgresIndexer, runNos: readonly number[]): Promise<void> {
    for (const runNo of runNos) {
      for (let more = true; more && !this.#closed; ) {
        const began = this.#clock.monotonic()
        more = await indexer.indexSlice(runNo)
        const now = this.#clock.monotonic()
        const pauseMs = pauseAfter(now - began, this.#turns, now - this.#passBegan)
        if (pauseMs > 0) await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, pauseMs))
      }
    }
  }

  async #connected(): Promise<Client> {
    this.#client ??= await this.#connect()
    return this.#client
  }
}

/** Returns the pause in ms after a slice that took `sliceMs`, if `turns` turns were stored in the last `elapsedMs`. */
export function pauseAfter(sliceMs: number, turns: number, elapsedMs: number): number {
  const isBusy = turns * 1_000 > BUSY_TURNS_PER_SECOND * Math.max(elapsedMs, GATHER_MS)
  return isBusy ? Math.min(sliceMs * PAUSE_FACTOR, MAX_PAUSE_MS) : 0
}
