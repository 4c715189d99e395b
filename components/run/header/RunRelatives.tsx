"use client"

import Link from "next/link"
import { useRouter } from "next/navigation"
import { useState } from "react"
import { strings } from "@/components/run/strings"
import { Menu, MenuItem } from "@/components/ui/menu/Menu"
import { runPath } from "@/components/ui/runPath"
import { spokenLine } from "@/components/ui/text/spokenLine"
import { useChildRuns, useRunRow } from "@/lib/live/hooks/useRuns"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"

const TEXT = strings.relatives
const LINK = "shrink-0 whitespace-nowrap rounded-small text-ink-2 hover:text-ink hover:underline"

/** Links to related runs: parent, children, the run that this one continues, its continuation, and the session's runs. */
export function RunRelatives({ run }: { run: RunSummary }) {
  const children = useChildRuns(run.run_id)
  return (
    <>
      {run.continues === undefined ? null : (
        <Link className={LINK} href={runPath(run.continues.run_id)}>
          {TEXT.continues}
        </Link>
      )}
      {run.continued_by === undefined ? null : (
        <Link className={LINK} href={runPath(run.continued_by.run_id)}>
          {TEXT.continuedBy}
        </Link>
      )}
      {run.parent === undefined ? null : (
        <Link className={LINK} href={runPath(run.parent.run_id, run.parent.turn_index)}>
          {TEXT.parent}
        </Link>
      )}
      {children.length === 0 ? null : (
        <Menu
          trigger={
            <button type="button" className={LINK}>
              {TEXT.children(children.length)}
            </button>
          }
        >
          {children.map((id) => (
            <ChildItem key={id} runId={id} />
          ))}
        </Menu>
      )}
      <SessionMenu run={run} />
    </>
  )
}

function ChildItem({ runId }: { runId: string }) {
  const child = useRunRow(runId)
  return <RunItem runId={runId} run={child} />
}

function RunItem({ runId, run }: { runId: string; run: RunSummary | undefined }) {
  const router = useRouter()
  return (
    <MenuItem onSelect={() => router.push(runPath(runId))} hint={run?.agent_name ?? run?.agent_id}>
      <span className="max-w-80 truncate">{spokenLine(run?.intent ?? runId, 200)}</span>
    </MenuItem>
  )
}

/** Labels that agents use to group the runs of one session. */
const SESSION_LABELS = ["session", "session_id", "thread_id"]
const MAX_RUNS = 20

/** The other runs of the same session, loaded when the menu opens. */
function SessionMenu({ run }: { run: RunSummary }) {
  const live = useLive()
  const [runs, setRuns] = useState<readonly RunSummary[]>()
  const label = SESSION_LABELS.find((name) => Object.hasOwn(run.labels, name))
  const session = label === undefined ? undefined : run.labels[label]
  if (label === undefined || session === undefined) return null
  const load = async () => {
    const result = await live.request("runs.list", { labels: { [label]: session }, limit: MAX_RUNS })
    setRuns(result.ok ? result.runs.filter(({ run_id }) => run_id !== run.run_id) : [])
  }
  return (
    <Menu
      trigger={
        <button type="button" className={LINK} onPointerDown={() => void load()} onFocus={() => void load()}>
          {TEXT.session}
        </button>
      }
    >
      {runs === undefined || runs.length === 0 ? (
        <p className="px-2 py-1 text-ink-3">{runs === undefined ? TEXT.loading : TEXT.noOthers}</p>
      ) : (
        runs.map((other) => <RunItem key={other.run_id} runId={other.run_id} run={other} />)
      )}
    </Menu>
  )
}
