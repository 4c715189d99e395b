"use client"

import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { cx } from "@/components/ui/cx"
import { useOutline } from "@/lib/live/hooks/useFollowedRun"
import { type TimeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { turnSpan } from "@/lib/timeline/rows/turnSpan"
import { placed } from "./TimelineBar"
import styles from "./timeline.module.css"

/** The moment as of which a rewound run is shown: when its last turn ended. */
export function Playhead({ axis }: { axis: TimeAxis }) {
  const { runId } = useRunPageStore()
  const at = useRunPageState((state) => state.at)
  const outline = useOutline(runId, (at ?? 0) - 1)
  const ms = outline === undefined ? undefined : turnSpan(outline)?.end
  if (at === undefined || ms === undefined) return null
  return <span className={cx(styles.mark, "w-px bg-accent")} style={placed({ s: toAxis(axis, ms) })} />
}
