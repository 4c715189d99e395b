import { cx } from "@/components/ui/cx"
import { describeState } from "@/lib/trace/state/describeState"
import type { RunState } from "@/lib/trace/state/runState"
import { SHAPE_COLORS, StateShape, shapeOf } from "./StateShape"

export type StateMarkProps = {
  state: RunState
  /** Only shows the icon, with the word for screen readers and in the tooltip. */
  bare?: boolean
  className?: string
}

/** A run's state or outcome: icon, color and word. */
export function StateMark({ state, bare = false, className }: StateMarkProps) {
  const shape = shapeOf(state)
  const { word } = describeState(state, String)
  return (
    <span
      className={cx("inline-flex min-w-0 items-center gap-1.5", SHAPE_COLORS[shape], className)}
      title={bare ? word : undefined}
    >
      <StateShape shape={shape} />
      <span className={bare ? "sr-only" : "truncate"}>{word}</span>
    </span>
  )
}
