"use client"

import { Bell, BellOff, BellRing } from "lucide-react"
import { useStore } from "zustand"
import { IconButton } from "@/components/ui/IconButton"
import {
  followRun,
  type NotificationPermissionState,
  notifications,
  requestPermission,
} from "./notificationStore"
import { strings } from "./strings"

export type NotificationBellProps = {
  runId: string
  /** Added to the accessible name, to distinguish the bells of several runs. */
  name?: string | undefined
  /** -1 if the bell isn't a tab stop. */
  tabIndex?: number
  className?: string
}

/**
 * Turns on or off the browser notifications that a run is waiting for someone, has failed or has ended. They also
 * appear while the tab is in the background.
 */
export function NotificationBell({ runId, name, ...rest }: NotificationBellProps) {
  const on = useStore(notifications, (state) => state.runIds.includes(runId))
  const permission = useStore(notifications, (state) => state.permission)
  const toggle = async () => {
    if (on) return followRun(runId, false)
    followRun(runId, true)
    await requestPermission()
  }
  const isMuted = permission === "denied" || permission === "unsupported"
  const Icon = on ? (isMuted ? BellOff : BellRing) : Bell
  const label = labelOf(on, permission)
  return (
    <IconButton
      label={name === undefined ? label : strings.forRun(label, name)}
      aria-pressed={on}
      data-bell={on && !isMuted ? "on" : on ? "mute" : "off"}
      onClick={() => void toggle()}
      {...rest}
    >
      <Icon />
    </IconButton>
  )
}

function labelOf(on: boolean, permission: NotificationPermissionState): string {
  if (!on) return strings.off
  if (permission === "denied") return strings.denied
  if (permission === "unsupported") return strings.unsupported
  return strings.on
}
