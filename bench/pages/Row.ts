import type { Disturbance } from "./machine"
import type { World } from "./World"

/** The result of a row of the table. */
export type PageResult = {
  measured: string
  /** True if the goal was met; undefined if every round was disturbed. */
  met: boolean | undefined
  note?: string
}

export type PageContext = {
  rounds: number
  quick: boolean
  /** How long a tab is hidden, in minutes. */
  hiddenMinutes: number
  /** Folder for CPU profiles; undefined if none are recorded. */
  profiles: string | undefined
  say(text: string): void
}

export type PageRow = {
  id: string
  what: string
  goal: string
  run(world: World, context: PageContext): Promise<PageResult>
}

/**
 * A measurement is disturbed if other programs used more than MAX_OTHERS of the CPUs while our threads waited for a CPU
 * more than MAX_WAITED of the time, or if the event loop of this process, which drives the test, was delayed by more
 * than MAX_LATE_MS.
 */
const MAX_OTHERS = 0.2
const MAX_WAITED = 0.25
const MAX_LATE_MS = 40

export const isDisturbed = ({ others, waited, lateMs }: Disturbance) =>
  (others > MAX_OTHERS && waited > MAX_WAITED) || lateMs > MAX_LATE_MS
