"use client"

import { useRef } from "react"
import { useMounted } from "@/components/ui/hooks/useMounted"
import { useRunError, useRunSummary } from "@/lib/live/hooks/useFollowedRun"
import { RunErrorBanner } from "./header/RunError"
import { RunHeader } from "./header/RunHeader"
import { useRunBadge } from "./header/useRunBadge"
import { RunBody } from "./RunBody"
import { RunMain } from "./RunMain"
import { RunPageStoreProvider } from "./RunPageStoreProvider"

/** One run: how it stands, all its turns on a time axis, and each of them in whole. */
export function RunPage({ runId }: { runId: string }) {
  // Times are the reader's own and the place is read from the address: neither is known to the server.
  const mounted = useMounted()
  if (!mounted) return <RunSkeleton runId={runId} />
  return (
    <RunPageStoreProvider key={runId} runId={runId}>
      <RunFrame runId={runId} />
    </RunPageStoreProvider>
  )
}

function RunFrame({ runId }: { runId: string }) {
  const run = useRunSummary(runId)
  const error = useRunError(runId)
  const badge = useRunBadge(runId)
  if (error !== undefined && run === undefined) return <RunErrorBanner runId={runId} error={error} />
  if (run === undefined) return <RunSkeleton runId={runId} />
  return (
    <RunMain run={run} badge={badge}>
      <RunHeader run={run} badge={badge} />
      <RunBody />
    </RunMain>
  )
}

function RunSkeleton({ runId }: { runId: string }) {
  const main = useRef<HTMLElement>(null)
  return (
    <main ref={main} data-page="run" data-run-id={runId} data-live="catching-up" aria-busy="true">
      <h1 className="animate-late px-3 py-2 text-ink-3">Fetching this run …</h1>
    </main>
  )
}
