"use client"

import { type RefObject, useEffect, useState } from "react"

/**
 * Whether what a reader looks at must not be shifted by new rows: the mouse is over it, a row of it is selected, or its
 * top has been scrolled away (under `coveredPx` of bars that stay).
 */
export function useHold(area: RefObject<HTMLElement | null>, coveredPx: number): boolean {
  const [over, setOver] = useState(false)
  const [selected, setSelected] = useState(false)
  const [scrolled, setScrolled] = useState(false)
  useEffect(() => {
    const element = area.current
    if (element === null) return
    const onEnter = (event: PointerEvent) => setOver(event.pointerType === "mouse")
    const onLeave = () => setOver(false)
    const onFocus = () => setSelected(element.contains(document.activeElement))
    const onScroll = () => setScrolled(element.getBoundingClientRect().top < coveredPx - 1)
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
  }, [area, coveredPx])
  return over || selected || scrolled
}
