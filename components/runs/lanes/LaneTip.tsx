"use client"

import { createPortal } from "react-dom"
import { LiveStateMark } from "@/components/runs/list/LiveStateMark"
import { Elapsed } from "@/components/ui/Elapsed"
import { exactTime } from "@/components/ui/text/exactTime"
import { oneLine } from "@/components/ui/text/showControls"
import { useRunRow } from "@/lib/live/hooks/useRuns"

const WIDE_PX = 300

/** What the bar under the mouse is. */
export function LaneTip({ runId, x, y }: { runId: string; x: number; y: number }) {
  const run = useRunRow(runId)
  if (run === undefined) return null
  const left = Math.max(8, Math.min(x + 12, window.innerWidth - WIDE_PX - 8))
  return createPortal(
    <div
      className="pointer-events-none fixed z-50 flex flex-col rounded border border-line-strong bg-overlay px-2.5 py-1.5 shadow-float"
      style={{ left, top: y + 14, width: WIDE_PX }}
    >
      <span className="flex items-center gap-2">
        <LiveStateMark run={run} />
        <span className="num ml-auto text-ink-2">
          t {run.cursor} · <Elapsed from={run.started_at} to={run.ended_at} />
        </span>
      </span>
      <span className="line-clamp-2">{oneLine(run.intent, 200)}</span>
      <span className="text-ink-3">
        {oneLine(run.agent_name ?? run.agent_id, 60)} · {exactTime(run.started_at)}
      </span>
    </div>,
    document.body,
  )
}
