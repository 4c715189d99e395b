"use client"

import { useMounted } from "@/components/ui/hooks/useMounted"
import { useLiveBadge, useRunError, useRunSummary } from "@/lib/live/hooks/useFollowedRun"
import type { LiveBadge } from "@/lib/trace/state/liveBadge"
import { replayCursor } from "./createRunPageStore"
import { RunErrorPage } from "./header/RunErrorPage"
import { RunHeader } from "./header/RunHeader"
import { RunBody } from "./RunBody"
import { RunMain } from "./RunMain"
import { RunPageStoreProvider, useRunPageState } from "./RunPageStoreProvider"
import { strings } from "./strings"

/** One run: its state, all its turns on a time axis, and each turn in full. */
export function RunPage({ runId }: { runId: string }) {
  // Times are local and the view is in the URL; the server knows neither.
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
  if (error !== undefined && run === undefined) return <RunErrorPage runId={runId} error={error} />
  if (run === undefined) return <RunSkeleton runId={runId} />
  return (
    <RunMain run={run} badge={badge}>
      <RunHeader run={run} badge={badge} />
      <RunBody />
    </RunMain>
  )
}

function RunSkeleton({ runId }: { runId: string }) {
  return (
    <main data-page="run" data-run-id={runId} data-live="catching-up" aria-busy="true">
      <h1 className="skeleton px-3 py-2 text-ink-3">{strings.loading}</h1>
    </main>
  )
}

/**
 * Returns how complete and current the page is, including whether the viewer has paused following or is replaying the
 * run.
 */
function useRunBadge(runId: string): LiveBadge {
  const isPaused = useRunPageState(({ mode }) => mode.kind === "paused")
  const at = useRunPageState(replayCursor)
  const isInProgress = useRunSummary(runId)?.status === "in_progress"
  return useLiveBadge(runId, { paused: isInProgress && isPaused, at })
}
