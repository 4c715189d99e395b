import type { Clock } from "@/server/platform/Clock"
import { LoopDetector } from "./LoopDetector"
import { RecentErrors } from "./RecentErrors"

/** The signs of trouble in a turn: whether it failed, and the digest of its call. */
export type TurnSigns = { isError: boolean; call?: number | undefined }

/** The maximum number of turns held while older ones are being read. */
const MAX_HELD = 2_000

/** The signs of trouble in a run's turns: recent errors and repeated calls. Uses bounded memory. */
export class RunSigns {
  readonly errors: RecentErrors
  readonly loop = new LoopDetector()
  readonly #clock: Clock
  /** New turns that are held while older ones are being read from the store. */
  #held: TurnSigns[] | undefined

  constructor(clock: Clock, windowMs: number) {
    this.#clock = clock
    this.errors = new RecentErrors(windowMs)
  }

  get nowMs(): number {
    return this.#clock.monotonic()
  }

  /** Adds turns that have just been stored. */
  add(turns: readonly TurnSigns[]): void {
    for (const turn of turns) this.#add(turn)
  }

  /** Holds new turns until `finishRecall` adds the older ones. */
  startRecall(): void {
    this.#held = []
  }

  /** Adds the older turns that were read, oldest first, and then the turns held in the meantime. */
  finishRecall(turns: readonly { isError: boolean; agoMs: number }[], calls: readonly number[]): void {
    const now = this.#clock.monotonic()
    for (const { isError, agoMs } of turns) this.errors.add(isError, now - agoMs)
    for (const call of calls) this.loop.add(call)
    const held = this.#held ?? []
    this.#held = undefined
    for (const turn of held) this.#add(turn)
  }

  #add(turn: TurnSigns): void {
    if (this.#held !== undefined) {
      this.#held.push(turn)
      if (this.#held.length > MAX_HELD) this.#held.shift()
      return
    }
    this.errors.add(turn.isError, this.#clock.monotonic())
    if (turn.call !== undefined) this.loop.add(turn.call)
  }
}
