"use client"

import { createPortal } from "react-dom"
import { LiveStateMark } from "@/components/runs/cells/LiveStateMark"
import { strings } from "@/components/runs/strings"
import { Elapsed } from "@/components/ui/Elapsed"
import { exactTime } from "@/components/ui/text/exactTime"
import { oneLine } from "@/components/ui/text/showControls"
import { spokenLine } from "@/components/ui/text/spokenLine"
import { useRunRow } from "@/lib/live/hooks/useRuns"

const WIDTH_PX = 300

/** Describes the run whose bar is under the pointer. */
export function LaneTip({ runId, x, y }: { runId: string; x: number; y: number }) {
  const run = useRunRow(runId)
  if (run === undefined) return null
  const left = Math.max(8, Math.min(x + 12, window.innerWidth - WIDTH_PX - 8))
  return createPortal(
    <div
      className="pointer-events-none fixed z-50 flex flex-col rounded border border-line-strong bg-overlay px-2.5 py-1.5 shadow-float"
      style={{ left, top: y + 14, width: WIDTH_PX }}
    >
      <span className="flex items-center gap-2">
        <LiveStateMark run={run} />
        <span className="num ml-auto text-ink-2">
          {strings.lanes.tip(run.cursor)} · <Elapsed from={run.started_at} to={run.ended_at} />
        </span>
      </span>
      <span className="line-clamp-2">{spokenLine(run.intent, 200)}</span>
      <span className="text-ink-3">
        {oneLine(run.agent_name ?? run.agent_id, 60)} · {exactTime(run.started_at)}
      </span>
    </div>,
    document.body,
  )
}
