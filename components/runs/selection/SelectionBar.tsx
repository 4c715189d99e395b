"use client"

import { Bell, BellRing, Columns2, Download, Trash2, X } from "lucide-react"
import { useRouter } from "next/navigation"
import { useState } from "react"
import { useStore } from "zustand"
import { compareHref } from "@/components/compare/compareAddress"
import {
  followRun,
  MAX_FOLLOWED,
  notifications,
  requestPermission,
} from "@/components/notifications/notificationStore"
import { clearSelection, type GridStore } from "@/components/runs/grid/gridStore"
import { strings } from "@/components/runs/strings"
import { announceResult } from "@/components/shell/announce"
import { Button } from "@/components/ui/Button"
import { useOnDemand } from "@/components/ui/hooks/useOnDemand"
import { IconButton } from "@/components/ui/IconButton"
import { useSession } from "@/lib/live/hooks/useConnection"
import { useLive } from "@/lib/live/LiveProvider"
import { pagePath } from "@/lib/live/pagePath"

const TEXT = strings.selection
const loadDialog = () => import("./DeleteRunsDialog").then((module) => module.DeleteRunsDialog)

export type SelectionBarProps = {
  store: GridStore
  /** The runs in the grid. Selected runs may be missing: they may be filtered out, or in a collapsed section. */
  listed: ReadonlyMap<string, unknown>
}

/** Actions for the selected runs. */
export function SelectionBar({ store, listed }: SelectionBarProps) {
  const selected = useStore(store, (state) => state.selected)
  const [isDeleting, setDeleting] = useState(false)
  const DeleteRuns = useOnDemand(isDeleting, loadDialog)
  const mayDelete = useSession()?.control === true
  const router = useRouter()
  const ids = [...selected]
  const clear = () => store.setState(clearSelection)
  const compare = () => {
    const [a = "", b = ""] = ids
    router.push(compareHref({ a, b }))
  }
  const hidden = ids.filter((id) => !listed.has(id)).length
  return (
    <>
      {ids.length === 0 ? null : (
        <aside
          aria-label={TEXT.label}
          className="fixed inset-x-3 bottom-3 z-30 mx-auto flex w-fit max-w-[calc(100vw-24px)] animate-rise flex-wrap items-center gap-1 rounded border border-line-strong bg-overlay py-1 pr-1 pl-3 shadow-float"
        >
          <span className="pr-2 whitespace-nowrap">
            <span className="font-medium">{TEXT.count(ids.length)}</span>
            {hidden > 0 ? <span className="text-ink-2"> · {TEXT.hidden(hidden)}</span> : null}
          </span>
          <Button variant="ghost" disabled={ids.length !== 2} title={TEXT.compareTitle} onClick={compare}>
            <Columns2 className="size-4" /> {TEXT.compare}
          </Button>
          <Button variant="ghost" onClick={() => void exportRuns(ids)}>
            <Download className="size-4" /> {TEXT.export}
          </Button>
          <NotifyButton key={ids.join()} runIds={ids} />
          {mayDelete ? (
            <Button variant="ghost" onClick={() => setDeleting(true)}>
              <Trash2 className="size-4" /> {TEXT.delete}
            </Button>
          ) : null}
          <IconButton label={TEXT.clear} keys="Esc" onClick={clear}>
            <X />
          </IconButton>
        </aside>
      )}
      {DeleteRuns === undefined ? null : (
        <DeleteRuns open={isDeleting} onOpenChange={setDeleting} runIds={ids} onDeleted={clear} />
      )}
    </>
  )
}

/** Turns on notifications for the selected runs that are in progress, and shows the result. */
function NotifyButton({ runIds }: { runIds: readonly string[] }) {
  const live = useLive()
  const [result, setResult] = useState<string>()
  const notify = async () => {
    const { byId } = live.runs.getState()
    const inProgress = runIds.filter((id) => byId.get(id)?.status === "in_progress")
    const followed = inProgress.slice(0, MAX_FOLLOWED)
    for (const id of followed) followRun(id, true)
    if (followed.length > 0) await requestPermission()
    const text = TEXT.notified(followed.length, inProgress.length, notifications.getState().permission)
    setResult(text)
    announceResult(text)
  }
  return (
    <>
      <Button variant="ghost" title={TEXT.notifyTitle} onClick={() => void notify()}>
        {result === undefined ? <Bell className="size-4" /> : <BellRing className="size-4" />} {TEXT.notify}
      </Button>
      {result === undefined ? null : <span className="pr-2 text-ink-2">{result}</span>}
    </>
  )
}

const PAUSE_MS = 300

/** Downloads the trace of each run as JSON Lines, one after the other, because browsers drop simultaneous downloads. */
async function exportRuns(runIds: readonly string[]): Promise<void> {
  for (const [at, runId] of runIds.entries()) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    const link = document.createElement("a")
    link.href = pagePath(`/api/runs/${encodeURIComponent(runId)}/export?format=jsonl`)
    link.download = ""
    link.click()
  }
}
