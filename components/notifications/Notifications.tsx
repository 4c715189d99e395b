"use client"

import { useRouter } from "next/navigation"
import { useEffect } from "react"
import { runPath } from "@/components/ui/runPath"
import { oneLine } from "@/components/ui/text/showControls"
import { useLive } from "@/lib/live/LiveProvider"
import { createRunNotices } from "@/lib/live/lists/createRunNotices"
import type { RunSummary } from "@/lib/protocol/run"
import { describeNotice, type RunNotice } from "@/lib/trace/state/runNotice"
import { followRun, notices, openNotifications } from "./notificationStore"

/** Raises a browser notification when a followed run waits, fails or ends; draws nothing. Once on every page. */
export function Notifications() {
  const live = useLive()
  const router = useRouter()
  useEffect(() => {
    const open = (runId: string) => router.push(runPath(runId))
    const listening = createRunNotices(live, {
      raise: (notice, run) => raise(notice, run, open),
      over: (runId) => followRun(runId, false),
    })
    const stop = openNotifications()
    const follow = () => listening.follow(notices.getState().runIds)
    follow()
    const off = notices.subscribe(follow)
    return () => {
      off()
      stop()
      listening.close()
    }
  }, [live, router])
  return null
}

const MAX_CHARS = 300

function raise(notice: RunNotice, run: RunSummary, open: (runId: string) => void): void {
  if (notices.getState().permission !== "granted") return
  const { title, body } = describeNotice(notice, run)
  const lines = body.split("\n").map((line) => oneLine(line, MAX_CHARS))
  try {
    // By its tag one notice takes the place of the same one that another tab has raised.
    const raised = new Notification(oneLine(title, MAX_CHARS), {
      body: lines.filter(Boolean).join("\n"),
      tag: `turnline ${run.run_id} ${notice}`,
      icon: "/icon.svg",
    })
    raised.onclick = () => {
      window.focus()
      open(run.run_id)
      raised.close()
    }
  } catch {
    // Some browsers have the name and refuse to make one outside a service worker.
    notices.setState({ permission: "unsupported" })
  }
}
