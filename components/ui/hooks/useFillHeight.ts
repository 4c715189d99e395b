"use client"

import { type RefObject, useLayoutEffect } from "react"

/** Extends an element to the bottom of the window, and adjusts it when the content above it grows. */
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
    const header = element.current?.closest("body")?.querySelector(":scope header")
    if (header) observer.observe(header)
    window.addEventListener("resize", fill)
    return () => {
      observer.disconnect()
      window.removeEventListener("resize", fill)
    }
  }, [element])
}
