"use client"

import { StateMark } from "@/components/ui/state/StateMark"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import type { RunSummary } from "@/lib/protocol/run"
import { runState } from "@/lib/trace/state/runState"

/** A run's state by the server's clock. Some states, such as silence, start without an event. */
export function LiveStateMark({ run, bare = false }: { run: RunSummary; bare?: boolean }) {
  if (run.status !== "in_progress") return <StateMark state={runState(run, 0)} bare={bare} />
  return <Ticking run={run} bare={bare} />
}

function Ticking({ run, bare }: { run: RunSummary; bare: boolean }) {
  const now = useServerNow(1_000)
  return <StateMark state={runState(run, now)} bare={bare} />
}
