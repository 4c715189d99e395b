"use client"

import { useEffect } from "react"

const BADGED = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#0b0f17"/><path d="M7 9h11M7 16h18M7 23h6" stroke="#4c9aff" stroke-width="3.5" stroke-linecap="round"/><circle cx="23" cy="9" r="8" fill="#f5b83d" stroke="#0b0f17" stroke-width="2"/></svg>',
)}`

/** Adds a badge to the tab's icon while something needs attention. */
export function useIconBadge(badged: boolean): void {
  useEffect(() => {
    if (!badged) return
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    if (icon === null) return
    const plain = icon.href
    icon.href = BADGED
    return () => {
      icon.href = plain
    }
  }, [badged])
}
