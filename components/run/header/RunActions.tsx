"use client"

import { Download } from "lucide-react"
import { useState } from "react"
import { CompareLink } from "@/components/compare/choose/CompareLink"
import { NotificationBell } from "@/components/notifications/NotificationBell"
import { runPageLink, useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { Button } from "@/components/ui/Button"
import { CopyButton } from "@/components/ui/CopyButton"
import { Menu, MenuItem } from "@/components/ui/Menu"
import { useSession } from "@/lib/live/hooks/useConnection"
import type { RunSummary } from "@/lib/protocol/run"
import { CancelDialog } from "./CancelDialog"

/** Follow, cancel, export, copy link. */
export function RunActions({ run }: { run: RunSummary }) {
  const { reader, runId } = useRunPageStore()
  const session = useSession()
  const isLive = run.status === "in_progress"
  return (
    <div className="flex shrink-0 items-center gap-1">
      {isLive ? <FollowButton cursor={run.cursor} /> : null}
      {isLive && session?.control === true ? <CancelButton run={run} /> : null}
      {isLive ? <NotificationBell runId={run.run_id} /> : null}
      <CompareLink runId={run.run_id} />
      <ExportMenu runId={run.run_id} />
      <CopyButton text={() => runPageLink(reader, runId)} label="Copy a link to what you see" />
    </div>
  )
}

function FollowButton({ cursor }: { cursor: number }) {
  const { reader } = useRunPageStore()
  const following = useRunPageState((state) => state.following)
  return (
    <Button
      look="ghost"
      aria-pressed={following}
      onClick={() => (following ? reader.pause(cursor) : reader.goLive())}
    >
      Follow
    </Button>
  )
}

function CancelButton({ run }: { run: RunSummary }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button look="ghost" onClick={() => setOpen(true)}>
        {run.cancel_requested_at === undefined ? "Cancel run" : "Cancel asked"}
      </Button>
      <CancelDialog runId={run.run_id} open={open} onOpenChange={setOpen} />
    </>
  )
}

function ExportMenu({ runId }: { runId: string }) {
  const path = `/api/runs/${encodeURIComponent(runId)}/export`
  return (
    <Menu
      trigger={
        <Button look="ghost" aria-label="Export">
          <Download className="size-4" />
          <span className="max-sm:hidden">Export</span>
        </Button>
      }
    >
      <MenuItem onSelect={() => download(`${path}?format=jsonl`)}>JSON Lines, a record a line</MenuItem>
      <MenuItem onSelect={() => download(`${path}?format=json`)}>JSON, one document</MenuItem>
    </Menu>
  )
}

/** Has the browser save what is at an address of this server. */
function download(path: string): void {
  const link = document.createElement("a")
  link.href = path
  link.download = ""
  link.click()
}
