import type { Disturbance } from "./machine"
import type { World } from "./World"

/** What a row of the table says. */
export type PageResult = {
  measured: string
  /** Undefined when every round was disturbed. */
  met: boolean | undefined
  note?: string
}

export type PageContext = {
  rounds: number
  quick: boolean
  /** Minutes that a tab is hidden. */
  hiddenMinutes: number
  /** A folder for processor profiles; undefined without. */
  profiles: string | undefined
  say(text: string): void
}

export type PageRow = {
  id: string
  what: string
  goal: string
  run(world: World, context: PageContext): Promise<PageResult>
}

/** Wall times are worth nothing when others took this much of the machine and ours had to wait this much for it … */
const MAX_OTHERS = 0.2
const MAX_WAITED = 0.25
/** … or when this process, which drives it all, was later than this. */
const LATE_MOST_MS = 40

export const isDisturbed = ({ others, waited, lateMs }: Disturbance) =>
  (others > MAX_OTHERS && waited > MAX_WAITED) || lateMs > LATE_MOST_MS
