"use client"

import Link from "next/link"
import { memo, useMemo, useState } from "react"
import { RowBell } from "@/components/notifications/RowBell"
import { LiveStateMark } from "@/components/runs/list/LiveStateMark"
import { NowCell } from "@/components/runs/list/NowCell"
import { Cost, Cursor, Tokens } from "@/components/runs/list/numberCells"
import { runAttributes, runHref } from "@/components/runs/list/runAttributes"
import { useStateName } from "@/components/runs/list/useStateName"
import { Elapsed } from "@/components/ui/Elapsed"
import { Sparkline } from "@/components/ui/Sparkline"
import { oneLine } from "@/components/ui/text/showControls"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import { useRunRow } from "@/lib/live/hooks/useRuns"
import type { RunSummary } from "@/lib/protocol/run"
import { sparkline } from "@/lib/timeline/sparkline"

export type LiveBoardRowProps = {
  runId: string
  top: number
  height: number
  at: number
  of: number
  phone: boolean
}

/** One live run on one line (two on a phone); it re-renders for its own run's news alone. */
export const LiveBoardRow = memo(function LiveBoardRow({
  runId,
  top,
  height,
  at,
  of,
  phone,
}: LiveBoardRowProps) {
  const run = useRunRow(runId)
  if (run === undefined) return null
  return <Row run={run} top={top} height={height} at={at} of={of} phone={phone} />
})

function Row({ run, top, height, at, of, phone }: Omit<LiveBoardRowProps, "runId"> & { run: RunSummary }) {
  const state = useStateName(run)
  const Cells = phone ? PhoneCells : DeskCells
  // Most rows pass by unused: the bell is made when one is first pointed at or gets the focus.
  const [used, setUsed] = useState(false)
  const use = () => setUsed(true)
  return (
    <li
      {...runAttributes(run, state)}
      aria-posinset={at}
      aria-setsize={of}
      className="run-line absolute inset-x-0 border-b border-line"
      style={{ top, height }}
      onPointerEnter={use}
      onFocus={use}
    >
      <Link href={runHref(run.run_id)} prefetch={false} data-row className="run-row h-full">
        <Cells run={run} state={state} />
      </Link>
      <RowBell run={run} made={used} />
    </li>
  )
}

type CellsProps = { run: RunSummary; state: string }

function DeskCells({ run, state }: CellsProps) {
  return (
    <span className="list-columns h-full">
      <LiveStateMark run={run} />
      <span className="truncate text-ink-2" title={run.agent_id}>
        {oneLine(run.agent_name ?? run.agent_id, 80)}
      </span>
      <span className="truncate" title={oneLine(run.intent)}>
        {oneLine(run.intent, 240)}
      </span>
      <NowCell run={run} state={state} />
      <Cursor run={run} />
      <Elapsed from={run.started_at} to={run.ended_at} className="text-right text-ink" />
      <Tokens run={run} />
      <Cost run={run} />
      <Recent run={run} />
    </span>
  )
}

function PhoneCells({ run, state }: CellsProps) {
  return (
    <span className="flex h-full min-w-0 flex-col justify-center pr-3 pl-6">
      <span className="flex min-w-0 items-center gap-2">
        <LiveStateMark run={run} />
        <span className="min-w-0 flex-1 truncate">{oneLine(run.intent, 160)}</span>
        <Elapsed from={run.started_at} to={run.ended_at} className="text-ink" />
      </span>
      <span className="flex min-w-0 items-center gap-2 text-ink-3">
        <span className="max-w-28 shrink-0 truncate">{oneLine(run.agent_name ?? run.agent_id, 60)}</span>
        <span className="flex min-w-0 flex-1">
          <NowCell run={run} state={state} />
        </span>
        <Cursor run={run} />
      </span>
    </span>
  )
}

function Recent({ run }: { run: RunSummary }) {
  const now = useServerNow(10_000)
  const { recent } = run
  const heights = useMemo(() => sparkline(recent, now), [recent, now])
  const sum = (recent?.turns ?? []).reduce((all, count) => all + count, 0)
  return (
    <span className="flex items-center justify-end" title={`${sum} turns in the last 5 minutes`}>
      <Sparkline values={heights} />
    </span>
  )
}
