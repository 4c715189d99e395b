"use client"

import { Bell, BellOff, BellRing } from "lucide-react"
import { useStore } from "zustand"
import { IconButton } from "@/components/ui/IconButton"
import { askPermission, followRun, type NotificationPermissionState, notices } from "./notificationStore"

export type NotificationBellProps = {
  runId: string
  /** How a reader of screens tells this run's bell from another's. */
  name?: string | undefined
  /** In a row of a list. */
  light?: boolean
  className?: string
}

/** Has the browser tell when a run waits, fails or ends, also while this tab is not looked at. */
export function NotificationBell({ runId, name, light = false, className }: NotificationBellProps) {
  const on = useStore(notices, (state) => state.runIds.includes(runId))
  const permission = useStore(notices, (state) => state.permission)
  const toggle = async () => {
    if (on) return followRun(runId, false)
    followRun(runId, true)
    await askPermission()
  }
  const isMute = permission === "denied" || permission === "unsupported"
  const Icon = on ? (isMute ? BellOff : BellRing) : Bell
  const label = labelOf(on, permission)
  return (
    <IconButton
      label={name === undefined ? label : `${label}: ${name}`}
      light={light}
      aria-pressed={on}
      data-bell={on && !isMute ? "on" : on ? "mute" : "off"}
      onClick={() => void toggle()}
      {...(className !== undefined && { className })}
    >
      <Icon />
    </IconButton>
  )
}

function labelOf(on: boolean, permission: NotificationPermissionState): string {
  if (!on) return "Tell me when it waits or ends"
  if (permission === "denied")
    return "The browser blocks notifications of this page; allow them in its settings"
  if (permission === "unsupported")
    return "This browser raises no notifications here; it needs https or localhost"
  return "You are told when it waits or ends; tell me no more"
}
