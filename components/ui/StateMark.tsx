import { describeState } from "@/lib/trace/state/describeState"
import type { RunState } from "@/lib/trace/state/runState"
import { cx } from "./cx"
import { SHAPE_COLOURS, StateShape, shapeOf } from "./StateShape"

export type StateMarkProps = {
  state: RunState
  /** Shows the shape alone; the word is for readers and on hover. */
  bare?: boolean
  className?: string
}

/** How alive a run is, or how it ended: shape, colour and word. An absent owner shows the seconds it has left. */
export function StateMark({ state, bare = false, className }: StateMarkProps) {
  const shape = shapeOf(state)
  const { word } = describeState(state, String)
  const left = state.state === "gone" ? state.backWithinMs : undefined
  return (
    <span
      className={cx("inline-flex min-w-0 items-center gap-1.5", SHAPE_COLOURS[shape], className)}
      title={bare ? word : undefined}
    >
      <StateShape shape={shape} />
      <span className={bare ? "sr-only" : "truncate"}>{word}</span>
      {left === undefined || bare ? null : <span className="num">{Math.ceil(left / 1000)}s</span>}
    </span>
  )
}
