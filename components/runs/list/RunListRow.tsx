"use client"

import { ChevronRight } from "lucide-react"
import Link from "next/link"
import { memo, useState } from "react"
import { Elapsed } from "@/components/ui/Elapsed"
import { oneLine } from "@/components/ui/text/showControls"
import { WallTime } from "@/components/ui/WallTime"
import { useRunRow } from "@/lib/live/hooks/useRuns"
import type { ListedRun } from "@/lib/protocol/catalogue"
import type { RunSummary } from "@/lib/protocol/run"
import { LiveStateMark } from "./LiveStateMark"
import { Cost, Cursor, Tokens } from "./numberCells"
import { OutcomeCell } from "./OutcomeCell"
import { RowTools } from "./RowTools"
import { runAttributes, runHref } from "./runAttributes"
import { useStateName } from "./useStateName"

const INDENT_PX = 16
const DEEPEST = 4

export type RunListRowProps = {
  runId: string
  depth: number
  unfolded: boolean
  top: number
  height: number
  at: number
  of: number
  phone: boolean
  /** Fingers point: what a row offers is always there. */
  touch: boolean
  hit: ListedRun["hit"]
  onFold: (runId: string) => void
}

/** A run in the list; it re-renders for its own run's news alone. */
export const RunListRow = memo(function RunListRow(props: RunListRowProps) {
  const run = useRunRow(props.runId)
  return run === undefined ? null : <Row {...props} run={run} />
})

function Row({
  run,
  depth,
  unfolded,
  top,
  height,
  at,
  of,
  phone,
  touch,
  hit,
  onFold,
}: RunListRowProps & { run: RunSummary }) {
  const state = useStateName(run)
  const indent = Math.min(depth, DEEPEST) * INDENT_PX
  // Most rows pass by unused: the tools are made when one is first pointed at or gets the focus.
  const [used, setUsed] = useState(false)
  const use = () => setUsed(true)
  const Cells = phone ? PhoneCells : DeskCells
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
      <Link
        href={runHref(run.run_id, hit?.index)}
        prefetch={false}
        data-row
        data-foldable={run.child_count > 0 ? run.run_id : undefined}
        className="run-row h-full pointer-coarse:pr-8"
      >
        <Cells run={run} state={state} hit={hit} indent={indent} />
      </Link>
      {run.child_count > 0 ? (
        <FoldButton run={run} unfolded={unfolded} onFold={onFold} left={indent} />
      ) : null}
      <RowTools run={run} made={used || touch} />
    </li>
  )
}

type FoldButtonProps = { run: RunSummary; unfolded: boolean; onFold: (runId: string) => void; left: number }

function FoldButton({ run, unfolded, onFold, left }: FoldButtonProps) {
  const count = run.child_count
  const label = `${unfolded ? "Fold" : "Unfold"} ${count} child ${count === 1 ? "run" : "runs"}`
  return (
    <button
      type="button"
      aria-label={label}
      aria-expanded={unfolded}
      title={label}
      onClick={() => onFold(run.run_id)}
      style={{ left }}
      className="absolute top-0 flex h-row w-6 items-center justify-center text-ink-3 hover:text-ink"
    >
      <ChevronRight
        className={`size-3.5 transition-transform ${unfolded ? "rotate-90" : ""}`}
        aria-hidden="true"
      />
    </button>
  )
}

type CellsProps = { run: RunSummary; state: string; hit: ListedRun["hit"]; indent: number }

function DeskCells({ run, state, hit, indent }: CellsProps) {
  return (
    <span className="list-columns h-full">
      {/* Only the first column is indented: the others stay in line. */}
      <span className="flex min-w-0" style={{ paddingLeft: indent }}>
        <LiveStateMark run={run} />
      </span>
      <span className="truncate text-ink-2" title={run.agent_id}>
        {oneLine(run.agent_name ?? run.agent_id, 80)}
      </span>
      <span className="truncate" title={oneLine(run.intent)}>
        {oneLine(run.intent, 240)}
      </span>
      <OutcomeCell run={run} state={state} hit={hit} />
      <Cursor run={run} />
      <Elapsed from={run.started_at} to={run.ended_at} className="text-right" />
      <Tokens run={run} />
      <Cost run={run} />
      <WallTime at={run.started_at} className="text-right text-ink-2" />
    </span>
  )
}

function PhoneCells({ run, state, hit, indent }: CellsProps) {
  return (
    <span className="flex h-full min-w-0 flex-col justify-center pr-3" style={{ paddingLeft: 24 + indent }}>
      <span className="flex min-w-0 items-center gap-2">
        <LiveStateMark run={run} />
        <span className="min-w-0 flex-1 truncate">{oneLine(run.intent, 160)}</span>
        <WallTime at={run.started_at} className="text-ink-2" />
      </span>
      <span className="flex min-w-0 items-center gap-2 text-ink-3">
        <span className="max-w-28 shrink-0 truncate">{oneLine(run.agent_name ?? run.agent_id, 60)}</span>
        <span className="flex min-w-0 flex-1">
          <OutcomeCell run={run} state={state} hit={hit} />
        </span>
        <Cursor run={run} />
        <Elapsed from={run.started_at} to={run.ended_at} />
      </span>
    </span>
  )
}
