"use client"

import { useEffect } from "react"

const COLORS = { waiting: "#f5b83d", trouble: "#f0503c" }
export type IconBadge = keyof typeof COLORS

/** Adds a dot to the tab's icon: amber if a run needs the user, red if a run is in trouble. */
export function useIconBadge(badge: IconBadge | undefined): void {
  useEffect(() => {
    if (badge === undefined) return
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    if (icon === null) return
    const plain = icon.href
    icon.href = badgedIcon(COLORS[badge])
    return () => {
      icon.href = plain
    }
  }, [badge])
}

function badgedIcon(color: string): string {
  return `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#0b0f17"/><path d="M7 9h11M7 16h18M7 23h6" stroke="#4c9aff" stroke-width="3.5" stroke-linecap="round"/><circle cx="23" cy="9" r="8" fill="${color}" stroke="#0b0f17" stroke-width="2"/></svg>`,
  )}`
}
