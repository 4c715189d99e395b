"use client"

import { Ellipsis, SquareCheck } from "lucide-react"
import { useState } from "react"
import { useStore } from "zustand"
import { CompareToggle } from "@/components/compare/choose/CompareToggle"
import { compareChoice } from "@/components/compare/choose/compareChoice"
import { NotificationBell } from "@/components/notifications/NotificationBell"
import { notifications } from "@/components/notifications/notificationStore"
import { useGrid } from "@/components/runs/grid/GridContext"
import { strings } from "@/components/runs/strings"
import { cx } from "@/components/ui/cx"
import { IconButton } from "@/components/ui/IconButton"
import type { RunSummary } from "@/lib/protocol/run"
import { runName } from "./runName"

/**
 * The actions of a row, shown while the pointer is over it, and always while notifications are on or a second run must
 * be chosen for comparison. On touch screens, a button shows them.
 *
 * @param isNear false if neither pointer nor focus has been at the row, so nothing needs to be rendered.
 */
export function RowTools({ run, isNear }: { run: RunSummary; isNear: boolean }) {
  const isChoosing = useStore(compareChoice, (state) => state.first !== undefined)
  const isLive = run.status === "in_progress"
  const isFollowed = useStore(notifications, (state) => isLive && state.runIds.includes(run.run_id))
  const { select } = useGrid()
  const [isOpen, setOpen] = useState(false)
  if (!isNear && !isChoosing && !isFollowed) return null
  return (
    <span className="absolute inset-y-0 right-0 flex items-center">
      <span
        className={cx(
          "run-tools flex h-row items-center justify-end",
          isOpen || isChoosing ? "is-shown" : isFollowed ? "" : "pointer-coarse:hidden",
        )}
      >
        {isOpen ? (
          <IconButton
            tabIndex={-1}
            label={strings.grid.select(runName(run))}
            onClick={() => {
              select(run.run_id, false)
              setOpen(false)
            }}
          >
            <SquareCheck />
          </IconButton>
        ) : null}
        {isLive ? (
          <NotificationBell
            runId={run.run_id}
            name={runName(run)}
            tabIndex={-1}
            {...(isFollowed && { className: "is-shown" })}
          />
        ) : null}
        <CompareToggle runId={run.run_id} intent={run.intent} tabIndex={-1} />
      </span>
      <IconButton
        tabIndex={-1}
        label={strings.grid.more(runName(run))}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="hidden! pointer-coarse:flex!"
      >
        <Ellipsis />
      </IconButton>
    </span>
  )
}
