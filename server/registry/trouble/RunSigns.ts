import type { LastError } from "@/lib/protocol/run"
import type { Clock } from "@/server/platform/Clock"
import { LoopDetector } from "./LoopDetector"
import { RecentErrors } from "./RecentErrors"

/** What a turn says about its run's state. `error`: the error's first line. `call`: the digest of its call. */
export type TurnSigns = { error?: string | undefined; call?: number | undefined }

type StoredSigns = TurnSigns & { index: number; recordedAt: string }

/** Turns that may come while older ones are being read. */
const MAX_HELD = 2_000

/** What a run's turns say about its state: errors, the last one, and repeated calls. Its memory is bounded. */
export class RunSigns {
  readonly errors: RecentErrors
  readonly loop = new LoopDetector()
  lastError: LastError | undefined
  readonly #clock: Clock
  /** New turns, while the older ones are being read from the store. */
  #held: StoredSigns[] | undefined

  constructor(clock: Clock, windowMs: number) {
    this.#clock = clock
    this.errors = new RecentErrors(windowMs)
  }

  get nowMs(): number {
    return this.#clock.monotonic()
  }

  /** Adds turns that have just been stored, the first one at an index. */
  add(from: number, recordedAt: string, turns: readonly TurnSigns[]): void {
    for (const [at, signs] of turns.entries()) this.#add(signs, from + at, recordedAt)
  }

  /** The run has turns that this process doesn't know: new ones wait until `finishRecall`. */
  startRecall(): void {
    this.#held = []
  }

  /** Adds what was read of older turns, oldest first, and then the turns that came meanwhile. */
  finishRecall(errors: readonly (StoredSigns & { agoMs: number })[], calls: readonly number[]): void {
    const now = this.#clock.monotonic()
    for (const turn of errors) {
      this.errors.add(turn.error !== undefined, now - turn.agoMs)
      this.#noteError(turn.error, turn.index, turn.recordedAt)
    }
    for (const call of calls) this.loop.add(call)
    const held = this.#held ?? []
    this.#held = undefined
    for (const turn of held) this.#add(turn, turn.index, turn.recordedAt)
  }

  #add(signs: TurnSigns, index: number, recordedAt: string): void {
    if (this.#held !== undefined) {
      this.#held.push({ ...signs, index, recordedAt })
      if (this.#held.length > MAX_HELD) this.#held.shift()
      return
    }
    this.errors.add(signs.error !== undefined, this.#clock.monotonic())
    this.#noteError(signs.error, index, recordedAt)
    if (signs.call !== undefined) this.loop.add(signs.call)
  }

  #noteError(error: string | undefined, index: number, recordedAt: string): void {
    if (error !== undefined) this.lastError = { text: error, index, at: recordedAt }
  }
}
