"use client"

import { type RefObject, useEffect, useState } from "react"
import { flushSync } from "react-dom"

/**
 * Returns true if rows mustn't move: the pointer is over them, the focus is in the grid, or the first row has been
 * scrolled under the sticky headers.
 */
export function useGridHold(
  grid: RefObject<HTMLElement | null>,
  headers: RefObject<HTMLElement | null>,
): boolean {
  const [isOver, setOver] = useState(false)
  const [isFocused, setFocused] = useState(false)
  const [isScrolled, setScrolled] = useState(false)
  useEffect(() => {
    const element = grid.current
    if (element === null) return
    const controller = new AbortController()
    const { signal } = controller
    const updateFocus = () => setFocused(element.contains(document.activeElement))
    const updateScroll = () => {
      const covered = headers.current?.getBoundingClientRect().bottom ?? 0
      setScrolled(element.getBoundingClientRect().top < covered - 1)
    }
    // Applied immediately: on a busy machine, a run could otherwise move before the next render.
    const enter = (event: PointerEvent) => flushSync(() => setOver(event.pointerType === "mouse"))
    element.addEventListener("pointerenter", enter, { signal })
    element.addEventListener("pointerleave", () => setOver(false), { signal })
    element.addEventListener("focusin", updateFocus, { signal })
    element.addEventListener("focusout", () => queueMicrotask(updateFocus), { signal })
    window.addEventListener("scroll", updateScroll, { signal, passive: true })
    updateScroll()
    return () => controller.abort()
  }, [grid, headers])
  return isOver || isFocused || isScrolled
}
