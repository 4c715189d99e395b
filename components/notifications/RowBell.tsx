"use client"

import { useStore } from "zustand"
import { cx } from "@/components/ui/cx"
import { oneLine } from "@/components/ui/text/showControls"
import type { RunSummary } from "@/lib/protocol/run"
import { NotificationBell } from "./NotificationBell"
import { notifications } from "./notificationStore"

/** A run's bell at the beginning of its row: there while it is on, else while the row is pointed at or has the focus, once `made`. */
export function RowBell({ run, made }: { run: RunSummary; made: boolean }) {
  const on = useStore(notifications, (state) => state.runIds.includes(run.run_id))
  // A row that is held still under the mouse may be of a run that has ended.
  if (run.status !== "in_progress" || !(made || on)) return null
  return (
    <span
      className={cx(
        "absolute top-0 left-0",
        on ? "" : "invisible pointer-coarse:hidden [li:focus-within>&]:visible [li:hover>&]:visible",
      )}
    >
      <NotificationBell
        runId={run.run_id}
        name={oneLine(run.intent, 60)}
        light
        className="w-6! border-0! bg-transparent! [&_svg]:size-3.5!"
      />
    </span>
  )
}
