"use client"

import Link from "next/link"
import { useGrid } from "@/components/runs/grid/GridContext"
import { strings } from "@/components/runs/strings"
import { runPath } from "@/components/ui/runPath"
import { oneLine } from "@/components/ui/text/showControls"
import { spokenLine } from "@/components/ui/text/spokenLine"
import type { RunSummary } from "@/lib/protocol/run"

/** A run's intent, as a link to its page. Not a tab stop, because the grid is one. */
export function IntentLink({ run, turn }: { run: RunSummary; turn: number | undefined }) {
  const { leave } = useGrid()
  return (
    <Link
      href={runPath(run.run_id, turn)}
      prefetch={false}
      data-row
      tabIndex={-1}
      title={oneLine(run.intent, 2_000)}
      onClick={() => leave(run.run_id)}
      className="min-w-0 flex-1 truncate text-ink"
    >
      {spokenLine(run.intent, 240) || strings.noIntent}
    </Link>
  )
}
