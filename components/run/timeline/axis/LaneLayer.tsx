import type { ReactNode } from "react"
import { HEAD_PX } from "@/components/run/timeline/TimelineHead"
import styles from "@/components/run/timeline/timeline.module.css"
import { cx } from "@/components/ui/cx"
import type { BindLane } from "./createAxisView"

export type LaneLayerProps = { children: ReactNode; bind: BindLane; above?: boolean }

/**
 * A layer above or below the rows that covers their visible part and has the same time axis. It ignores the pointer.
 */
export function LaneLayer({ children, bind, above = false }: LaneLayerProps) {
  return (
    <div
      aria-hidden="true"
      className={cx(
        styles.grid,
        styles.layer,
        above && "z-[5]",
        "pointer-events-none sticky h-0 max-sm:hidden",
      )}
      style={{ top: HEAD_PX }}
    >
      <div
        ref={bind}
        data-lane-layer=""
        className="relative col-start-4 mx-2 self-start overflow-hidden"
        style={{ height: `calc(var(--visible-height, 100vh) - ${HEAD_PX}px)` }}
      >
        {children}
      </div>
    </div>
  )
}
