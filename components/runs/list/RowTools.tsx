"use client"

import { Ellipsis } from "lucide-react"
import { useState } from "react"
import { useStore } from "zustand"
import { CompareToggle } from "@/components/compare/choose/CompareToggle"
import { compareChoice } from "@/components/compare/choose/compareChoice"
import { NotificationBell } from "@/components/notifications/NotificationBell"
import { cx } from "@/components/ui/cx"
import { IconButton } from "@/components/ui/IconButton"
import { oneLine } from "@/components/ui/text/showControls"
import type { RunSummary } from "@/lib/protocol/run"

/**
 * What can be done with a run from its row; shown while the row is pointed at or has the focus, or a second run is wanted.
 * Where fingers point, a button at the end of the row brings it out. `made`: false while nobody has come near the row.
 */
export function RowTools({ run, made }: { run: RunSummary; made: boolean }) {
  const isChoosing = useStore(compareChoice, (state) => state.first !== undefined)
  const [out, setOut] = useState(false)
  if (!made && !isChoosing) return null
  return (
    <span className="absolute inset-y-0 right-0 flex items-center">
      <span
        className={cx(
          "h-row items-center justify-end bg-hover",
          isChoosing || out
            ? "flex"
            : "invisible flex min-w-22 pointer-coarse:hidden [li:focus-within>*>&]:visible [li:hover>*>&]:visible",
        )}
      >
        {run.status === "in_progress" ? (
          <NotificationBell runId={run.run_id} name={oneLine(run.intent, 60)} light />
        ) : null}
        <CompareToggle runId={run.run_id} intent={run.intent} />
      </span>
      <IconButton
        light
        label={`More: ${oneLine(run.intent, 60)}`}
        aria-expanded={out}
        onClick={() => setOut(!out)}
        className="hidden! pointer-coarse:flex!"
      >
        <Ellipsis />
      </IconButton>
    </span>
  )
}
