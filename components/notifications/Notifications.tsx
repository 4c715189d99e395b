"use client"

import { useRouter } from "next/navigation"
import { useEffect } from "react"
import { runPath } from "@/components/ui/runPath"
import { oneLine } from "@/components/ui/text/showControls"
import { useLive } from "@/lib/live/LiveProvider"
import { createRunNotices } from "@/lib/live/lists/createRunNotices"
import { pagePath } from "@/lib/live/pagePath"
import type { RunSummary } from "@/lib/protocol/run"
import { describeNotice, type RunNotice } from "@/lib/trace/state/runNotice"
import { followRun, notifications, openNotifications } from "./notificationStore"

/** Raises browser notifications for followed runs. Renders nothing; mounted once per page. */
export function Notifications() {
  const live = useLive()
  const router = useRouter()
  useEffect(() => {
    const open = (runId: string) => router.push(runPath(runId))
    const notices = createRunNotices(live, {
      onNotice: (notice, run) => raise(notice, run, open),
      onOver: (runId) => followRun(runId, false),
    })
    const stop = openNotifications()
    const follow = () => notices.follow(notifications.getState().runIds)
    follow()
    const off = notifications.subscribe(follow)
    return () => {
      off()
      stop()
      notices.close()
    }
  }, [live, router])
  return null
}

const MAX_CHARS = 300

function raise(notice: RunNotice, run: RunSummary, open: (runId: string) => void): void {
  if (notifications.getState().permission !== "granted") return
  const { title, body } = describeNotice(notice, run)
  const lines = body.split("\n").map((line) => oneLine(line, MAX_CHARS))
  try {
    // Because of the tag, the browser replaces the same notification from another tab instead of showing both.
    const notification = new Notification(oneLine(title, MAX_CHARS), {
      body: lines.filter(Boolean).join("\n"),
      tag: `turnline ${run.run_id} ${notice}`,
      icon: pagePath("/icon.svg"),
    })
    notification.onclick = () => {
      window.focus()
      open(run.run_id)
      notification.close()
    }
  } catch {
    // Some browsers have the constructor but throw outside of a service worker.
    notifications.setState({ permission: "unsupported" })
  }
}
