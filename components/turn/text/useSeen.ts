"use client"

import { type RefObject, useEffect, useState } from "react"

/** How far outside the viewport an element counts as seen, so that it is rendered before it appears. */
const MARGIN = "600px"

/** Returns true once an element has come near the viewport. */
export function useSeen(element: RefObject<HTMLElement | null>, initially = false): boolean {
  const [seen, setSeen] = useState(initially)
  useEffect(() => {
    const { current } = element
    if (seen || current === null) return
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setSeen(true)
      },
      { rootMargin: MARGIN },
    )
    observer.observe(current)
    return () => observer.disconnect()
  }, [element, seen])
  return seen
}
