"use client"

import { useStore } from "zustand"
import { NoticeBell } from "@/components/notices/NoticeBell"
import { oneLine } from "@/components/turn/showControls"
import { cx } from "@/components/ui/cx"
import type { RunSummary } from "@/lib/protocol/run"
import { CompareToggle } from "./CompareToggle"
import { compareChoice } from "./compareChoice"

/** What can be done with a run from its row; shown while the row is pointed at or has the focus, or a second run is wanted. */
export function RowTools({ run }: { run: RunSummary }) {
  const isChoosing = useStore(compareChoice, (state) => state.first !== undefined)
  return (
    <span
      className={cx(
        "absolute top-0 right-0 flex h-row min-w-22 items-center justify-end bg-hover",
        isChoosing
          ? "visible"
          : "invisible pointer-coarse:hidden [li:focus-within>&]:visible [li:hover>&]:visible",
      )}
    >
      {run.status === "in_progress" ? (
        <NoticeBell runId={run.run_id} name={oneLine(run.intent, 60)} light />
      ) : null}
      <CompareToggle runId={run.run_id} intent={run.intent} />
    </span>
  )
}
