"use client"

import { Download } from "lucide-react"
import { useState } from "react"
import { CompareLink } from "@/components/compare/choose/CompareLink"
import { NotificationBell } from "@/components/notifications/NotificationBell"
import { runPageLink, useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { strings } from "@/components/run/strings"
import { Button } from "@/components/ui/Button"
import { CopyButton } from "@/components/ui/CopyButton"
import { Menu, MenuItem } from "@/components/ui/menu/Menu"
import { useSession } from "@/lib/live/hooks/useConnection"
import { pagePath } from "@/lib/live/pagePath"
import type { RunSummary } from "@/lib/protocol/run"
import { CancelDialog } from "./CancelDialog"

const TEXT = strings.actions

/** The actions of a run: follow, cancel, notify, compare, export, copy link. */
export function RunActions({ run }: { run: RunSummary }) {
  const { page, runId } = useRunPageStore()
  const session = useSession()
  const isInProgress = run.status === "in_progress"
  return (
    <div className="flex shrink-0 items-center gap-1 max-sm:order-2">
      {isInProgress ? <FollowButton cursor={run.cursor} /> : null}
      {isInProgress && session?.control === true ? <CancelButton run={run} /> : null}
      {isInProgress ? <NotificationBell runId={run.run_id} /> : null}
      <CompareLink runId={run.run_id} />
      <ExportMenu runId={run.run_id} />
      <CopyButton text={() => runPageLink(page, runId)} label={TEXT.copyLink} />
    </div>
  )
}

function FollowButton({ cursor }: { cursor: number }) {
  const { page } = useRunPageStore()
  const isLive = useRunPageState(({ mode }) => mode.kind === "live")
  return (
    <Button
      variant="ghost"
      aria-pressed={isLive}
      onClick={() => (isLive ? page.pause(cursor) : page.goLive())}
    >
      {TEXT.follow}
    </Button>
  )
}

function CancelButton({ run }: { run: RunSummary }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button variant="ghost" onClick={() => setOpen(true)}>
        {run.cancel_requested_at === undefined ? TEXT.cancel : TEXT.cancelRequested}
      </Button>
      <CancelDialog runId={run.run_id} open={open} onOpenChange={setOpen} />
    </>
  )
}

function ExportMenu({ runId }: { runId: string }) {
  const path = pagePath(`/api/runs/${encodeURIComponent(runId)}/export`)
  return (
    <Menu
      trigger={
        <Button variant="ghost" aria-label={TEXT.export}>
          <Download className="size-4" />
          <span className="max-sm:hidden">{TEXT.export}</span>
        </Button>
      }
    >
      <MenuItem onSelect={() => download(`${path}?format=jsonl`)} hint={TEXT.exportLinesHint}>
        {TEXT.exportLines}
      </MenuItem>
      <MenuItem onSelect={() => download(`${path}?format=json`)} hint={TEXT.exportJsonHint}>
        {TEXT.exportJson}
      </MenuItem>
    </Menu>
  )
}

function download(path: string): void {
  const link = document.createElement("a")
  link.href = path
  link.download = ""
  link.click()
}
