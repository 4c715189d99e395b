"use client"

import { type RefObject, useLayoutEffect } from "react"

/** Makes an element end where the window ends, whatever stands above it and however that grows. */
export function useFillHeight(element: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const fill = () => {
      const { current } = element
      if (current === null) return
      const top = Math.round(current.getBoundingClientRect().top + window.scrollY)
      current.style.height = `calc(100dvh - ${top}px)`
    }
    fill()
    const observer = new ResizeObserver(fill)
    const above = element.current?.closest("body")?.querySelector(":scope header")
    if (above) observer.observe(above)
    window.addEventListener("resize", fill)
    return () => {
      observer.disconnect()
      window.removeEventListener("resize", fill)
    }
  }, [element])
}
