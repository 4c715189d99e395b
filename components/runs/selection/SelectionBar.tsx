"use client"

import { Bell, Columns2, Download, Trash2, X } from "lucide-react"
import { useRouter } from "next/navigation"
import { useState } from "react"
import { useStore } from "zustand"
import { compareHref } from "@/components/compare/compareAddress"
import { followRun, requestPermission } from "@/components/notifications/notificationStore"
import { clearSelection, type GridStore } from "@/components/runs/grid/gridStore"
import { strings } from "@/components/runs/strings"
import { Button } from "@/components/ui/Button"
import { useOnDemand } from "@/components/ui/hooks/useOnDemand"
import { IconButton } from "@/components/ui/IconButton"
import { useSession } from "@/lib/live/hooks/useConnection"
import { useLive } from "@/lib/live/LiveProvider"
import { exportRuns } from "./exportRuns"

const TEXT = strings.selection
const loadDialog = () => import("./DeleteRunsDialog").then((module) => module.DeleteRunsDialog)

/** Actions for the selected runs. */
export function SelectionBar({ store }: { store: GridStore }) {
  const selected = useStore(store, (state) => state.selected)
  const [isDeleting, setDeleting] = useState(false)
  const DeleteRuns = useOnDemand(isDeleting, loadDialog)
  const mayDelete = useSession()?.control === true
  const live = useLive()
  const router = useRouter()
  const ids = [...selected]
  const clear = () => store.setState(clearSelection)
  const compare = () => {
    const [a = "", b = ""] = ids
    router.push(compareHref({ a, b }))
  }
  const notify = async () => {
    const { byId } = live.runs.getState()
    for (const id of ids) if (byId.get(id)?.status === "in_progress") followRun(id, true)
    await requestPermission()
  }
  return (
    <>
      {ids.length === 0 ? null : (
        <aside
          aria-label={TEXT.label}
          className="fixed inset-x-3 bottom-3 z-30 mx-auto flex w-fit max-w-[calc(100vw-24px)] animate-rise flex-wrap items-center gap-1 rounded border border-line-strong bg-overlay py-1 pr-1 pl-3 shadow-float"
        >
          <span className="pr-2 font-medium whitespace-nowrap">{TEXT.count(ids.length)}</span>
          <Button look="ghost" disabled={ids.length !== 2} title={TEXT.compareTitle} onClick={compare}>
            <Columns2 className="size-4" /> {TEXT.compare}
          </Button>
          <Button look="ghost" onClick={() => void exportRuns(ids)}>
            <Download className="size-4" /> {TEXT.export}
          </Button>
          <Button look="ghost" title={TEXT.notifyTitle} onClick={() => void notify()}>
            <Bell className="size-4" /> {TEXT.notify}
          </Button>
          {mayDelete ? (
            <Button look="ghost" onClick={() => setDeleting(true)}>
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
