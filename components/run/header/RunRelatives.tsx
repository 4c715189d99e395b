"use client"

import Link from "next/link"
import { useRouter } from "next/navigation"
import { Menu, MenuItem } from "@/components/ui/Menu"
import { runPath } from "@/components/ui/runPath"
import { oneLine } from "@/components/ui/text/showControls"
import { useChildRuns, useRunRow } from "@/lib/live/hooks/useRuns"
import type { RunSummary } from "@/lib/protocol/run"

const LINK = "shrink-0 whitespace-nowrap rounded-small text-ink-2 hover:text-ink hover:underline"

/** Ways to the run that spawned this one, and to those that it spawned. */
export function RunRelatives({ run }: { run: RunSummary }) {
  const children = useChildRuns(run.run_id)
  return (
    <>
      {run.parent === undefined ? null : (
        <Link className={LINK} href={runPath(run.parent.run_id, run.parent.turn_index)}>
          ↑ parent run
        </Link>
      )}
      {children.length === 0 ? null : (
        <Menu
          trigger={
            <button type="button" className={LINK}>
              {children.length} child {children.length === 1 ? "run" : "runs"}
            </button>
          }
        >
          {children.map((id) => (
            <ChildItem key={id} runId={id} />
          ))}
        </Menu>
      )}
    </>
  )
}

function ChildItem({ runId }: { runId: string }) {
  const router = useRouter()
  const child = useRunRow(runId)
  return (
    <MenuItem onSelect={() => router.push(runPath(runId))} hint={child?.agent_name ?? child?.agent_id}>
      <span className="max-w-80 truncate">{oneLine(child?.intent ?? runId, 200)}</span>
    </MenuItem>
  )
}
