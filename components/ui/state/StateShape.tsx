import type { ReactNode } from "react"
import { cx } from "@/components/ui/cx"
import type { OutcomeStatus } from "@/lib/protocol/enums"
import type { RunState } from "@/lib/trace/state/runState"
import { ShapeIcon } from "./ShapeIcon"

/** The names of the icons: the states of a run, and for a completed run, its outcome. */
export type ShapeName = Exclude<RunState["state"], "completed"> | OutcomeStatus

/** The color of each state. The icon and the word convey the state without it. */
export const SHAPE_COLORS: Record<ShapeName, string> = {
  working: "text-working",
  waiting: "text-waiting",
  quiet: "text-quiet",
  gone: "text-gone",
  incomplete: "text-incomplete",
  success: "text-success",
  partial_success: "text-success",
  done: "text-ink-2",
  failure: "text-failure",
  timeout: "text-failure",
  give_up: "text-failure",
}

/** Returns the icon's name for a state. */
export function shapeOf(state: RunState): ShapeName {
  if (state.state === "completed") return state.outcome
  return state.state === "waiting" && state.kind === "prompt" ? "quiet" : state.state
}

const SHAPES: Record<ShapeName, ReactNode> = {
  working: <circle cx="8" cy="8" r="4.2" fill="currentColor" stroke="none" />,
  waiting: (
    <path d="M4.6 9.2V5.4a.9.9 0 0 1 1.8 0V4a.9.9 0 0 1 1.8 0v-.7a.9.9 0 0 1 1.8 0V4.6a.9.9 0 0 1 1.8 0v5.2c0 2.4-1.6 4-3.8 4-1.7 0-2.6-.7-3.4-2L2.9 9.3c-.6-1 .6-1.8 1.3-1l.9.9M6.4 5v2.6M8.2 4v3.4M10 4.6v3" />
  ),
  quiet: (
    <>
      <circle cx="8" cy="8" r="5.2" />
      <circle cx="8" cy="8" r="1.9" fill="currentColor" stroke="none" />
    </>
  ),
  gone: <circle cx="8" cy="8" r="5.2" strokeDasharray="5.4 2.77" strokeDashoffset="1.4" />,
  success: <path d="m3 8.6 3.2 3.2L13 4.8" strokeWidth="2" />,
  partial_success: (
    <>
      <path d="m3 8.6 3.2 3.2" strokeWidth="2" />
      <path d="M6.2 11.8 13 4.8" strokeWidth="2" strokeDasharray="1.2 2.4" strokeDashoffset="-1.6" />
    </>
  ),
  done: <rect x="4" y="4" width="8" height="8" rx="1" />,
  failure: <path d="m4 4 8 8m0-8-8 8" strokeWidth="2" />,
  timeout: (
    <>
      <circle cx="8" cy="8" r="5.4" />
      <path d="M8 5v3.2l2.2 1.4" />
    </>
  ),
  give_up: <path d="M4 14V2.6m0 .4h7.6L9.8 5.6l1.8 2.6H4" />,
  incomplete: <path d="M1.5 8H6m4 0h4.5M6.6 12l2.8-8" />,
}

/**
 * The icon without its word, which must be shown next to it. `still` stops the pulse of an icon that doesn't represent
 * a run.
 */
export function StateShape({ shape, still = false }: { shape: ShapeName; still?: boolean }) {
  return (
    <ShapeIcon className={cx(SHAPE_COLORS[shape], shape === "working" && !still && "animate-pulse-state")}>
      {SHAPES[shape]}
    </ShapeIcon>
  )
}
