import type { WireError } from "@/lib/protocol/codes"
import type { RunTurn } from "@/lib/protocol/turn"
import type { RunView } from "@/lib/trace/view/RunView"

/** One followed run, as its store holds it. */
export type FollowState = {
  /** `loading` until the first snapshot; `error` when the run can't be followed (no such run, refused). */
  phase: "loading" | "following" | "error"
  view: RunView
  /** Whether this run's subscription has been answered on the present connection. */
  subscribed: boolean
  error: WireError | undefined
}

/** A turn's body, as far as it is here. */
export type TurnBodyState =
  | { state: "loading" }
  | { state: "turn"; turn: RunTurn; whole: boolean }
  | { state: "error"; error: WireError }
