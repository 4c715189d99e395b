import { setImmediate as turn } from "node:timers/promises"

/** After this many turns of the event loop without traffic, everything counts as idle. */
const QUIET_TURNS = 5
/** How long to wait for a statement. One that waits longer is blocked, for example by a transaction of a stopped node. */
const BLOCKED_MS = 1_000
/** The same while a wire is held, because its transactions are then likely to block others. */
const BLOCKED_WHILE_HELD_MS = 15

/** A connection to the database: how many of its statements have no reply yet. */
export type Pending = { count: number; isHeld(): boolean }

/** The traffic between nodes and database. Shows when everything is idle. */
export class Traffic {
  readonly pairs = new Set<Pending>()
  #moved = 0
  #wake: (() => void) | undefined

  /** Called whenever something was forwarded. */
  onMoved(): void {
    this.#moved += 1
    this.#wake?.()
  }

  /** Resolves when no statement is being executed, or when those being executed make no progress. */
  async quiet(): Promise<void> {
    let moved = this.#moved
    for (let idle = 0; idle < QUIET_TURNS; ) {
      await turn()
      if (moved === this.#moved && this.#pending() > 0 && !(await this.#next())) return
      idle = moved === this.#moved ? idle + 1 : 0
      moved = this.#moved
    }
  }

  #pending(): number {
    let pending = 0
    for (const pair of this.pairs) if (!pair.isHeld()) pending += pair.count
    return pending
  }

  /** Resolves with true at the next traffic, or with false if there is none for a while. */
  #next(): Promise<boolean> {
    const isHeld = [...this.pairs].some((pair) => pair.isHeld())
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(false), isHeld ? BLOCKED_WHILE_HELD_MS : BLOCKED_MS)
      const settle = (hasMoved: boolean) => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve(hasMoved)
      }
      this.#wake = () => settle(true)
    })
  }
}
