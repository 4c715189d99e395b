"use client"

import { type RefObject, useEffect, useState } from "react"

/**
 * Whether rows that a reader looks at must not be shifted by new ones: the mouse is over them, one is selected, or the
 * first has been scrolled away under the bar that stays above them.
 */
export function useHold(rows: RefObject<HTMLElement | null>, bar: RefObject<HTMLElement | null>): boolean {
  const [over, setOver] = useState(false)
  const [selected, setSelected] = useState(false)
  const [scrolled, setScrolled] = useState(false)
  useEffect(() => {
    const element = rows.current
    if (element === null) return
    const onEnter = (event: PointerEvent) => setOver(event.pointerType === "mouse")
    const onLeave = () => setOver(false)
    const onFocus = () => setSelected(element.contains(document.activeElement))
    const onScroll = () => {
      const covered = bar.current?.getBoundingClientRect().bottom ?? 0
      setScrolled(element.getBoundingClientRect().top < covered - 1)
    }
    const afterBlur = () => queueMicrotask(onFocus)
    element.addEventListener("pointerenter", onEnter)
    element.addEventListener("pointerleave", onLeave)
    element.addEventListener("focusin", onFocus)
    element.addEventListener("focusout", afterBlur)
    window.addEventListener("scroll", onScroll, { passive: true })
    onScroll()
    return () => {
      element.removeEventListener("pointerenter", onEnter)
      element.removeEventListener("pointerleave", onLeave)
      element.removeEventListener("focusin", onFocus)
      element.removeEventListener("focusout", afterBlur)
      window.removeEventListener("scroll", onScroll)
    }
  }, [rows, bar])
  return over || selected || scrolled
}
