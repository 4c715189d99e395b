import type { WireError } from "@/lib/protocol/codes"
import type { RunTurn } from "@/lib/protocol/turn"
import type { RunView } from "@/lib/trace/view/RunView"

/** The state of a followed run. */
export type FollowState = {
  /** `loading` until the first snapshot; `error` if the run can't be followed (not found, forbidden). */
  phase: "loading" | "following" | "error"
  view: RunView
  /** True if this run has been subscribed on the current connection. */
  subscribed: boolean
  error: WireError | undefined
}

/** A turn's body, or its loading state. */
export type TurnBodyState =
  | { state: "loading" }
  | { state: "turn"; turn: RunTurn; whole: boolean }
  | { state: "error"; error: WireError }
