"use client"

import { type RefObject, useLayoutEffect, useState } from "react"

/** Returns an element's distance from the top of the page, and its width, in CSS pixels. */
export function usePlaceOnPage(element: RefObject<HTMLElement | null>): { top: number; width: number } {
  const [place, setPlace] = useState({ top: 0, width: 1_440 })
  useLayoutEffect(() => {
    const measure = () => {
      const box = element.current?.getBoundingClientRect()
      if (box === undefined) return
      const [top, width] = [Math.round(box.top + window.scrollY), Math.floor(box.width)]
      setPlace((before) => (before.top === top && before.width === width ? before : { top, width }))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [element])
  return place
}
