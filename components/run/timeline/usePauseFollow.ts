"use client"

import { useEffect, useRef } from "react"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"

const EDGE_PX = 8
const UPWARD_KEYS = ["PageUp", "ArrowUp", "Home"]

/**
 * Pauses following when the reader looks elsewhere in a scroller: wheel or swipe up, PageUp, a dragged scrollbar, text selected.
 * Scrolling back down to the very end by hand follows again.
 */
export function usePauseFollow(scroller: HTMLElement | null, cursor: number): void {
  const { reader } = useRunPageStore()
  const latest = useRef(cursor)
  useEffect(() => {
    latest.current = cursor
  }, [cursor])
  useEffect(() => {
    const box = scroller
    if (box === null) return
    const pause = () => reader.pause(latest.current)
    const stop = new AbortController()
    const on = (type: string, listen: (event: Event) => void) =>
      box.addEventListener(type, listen, { passive: true, signal: stop.signal })
    on("wheel", (event) => {
      if (!(event instanceof WheelEvent) || event.ctrlKey || event.metaKey) return
      if (event.deltaY < 0) pause()
      else if (event.deltaY > 0) resumeAtEdge(box, reader)
    })
    let touchY = 0
    on("touchstart", (event) => {
      touchY = event instanceof TouchEvent ? (event.touches[0]?.clientY ?? 0) : 0
    })
    on("touchmove", (event) => {
      if (event instanceof TouchEvent && (event.touches[0]?.clientY ?? 0) > touchY + EDGE_PX) pause()
    })
    on("keydown", (event) => {
      if (event instanceof KeyboardEvent && UPWARD_KEYS.includes(event.key)) pause()
    })
    on("pointerdown", (event) => {
      if (event.target === box) pause()
    })
    const onSelection = () => {
      const selection = document.getSelection()
      if (selection?.isCollapsed === false && box.contains(selection.anchorNode)) pause()
    }
    document.addEventListener("selectionchange", onSelection, { signal: stop.signal })
    return () => stop.abort()
  }, [scroller, reader])
}

function resumeAtEdge(box: HTMLElement, reader: ReturnType<typeof useRunPageStore>["reader"]): void {
  const { at, selected, following } = reader.store.getState()
  if (following || at !== undefined || selected !== undefined) return
  if (box.scrollHeight - box.scrollTop - box.clientHeight <= EDGE_PX) reader.goLive()
}
