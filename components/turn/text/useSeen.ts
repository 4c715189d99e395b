"use client"

import { type RefObject, useEffect, useState } from "react"

/** How far outside the view an element counts as seen, so that it is drawn before it appears. */
const MARGIN = "600px"

/** True once an element has come near the view. */
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
