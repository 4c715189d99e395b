"use client"

import { useEffect, useRef } from "react"
import type { RunPageStore } from "@/components/run/createRunPageStore"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"

/** A scroll position this close to the end counts as the end. */
const EDGE_PX = 8
const SCROLL_UP_KEYS = ["PageUp", "ArrowUp", "Home"]

/**
 * Pauses following when the viewer looks at earlier turns: wheel or swipe up, PageUp, dragging the scrollbar, selecting
 * text. Scrolling down to the very end resumes following.
 */
export function usePauseFollow(scroller: HTMLElement | null, cursor: number): void {
  const { page } = useRunPageStore()
  const latest = useRef(cursor)
  useEffect(() => {
    latest.current = cursor
  }, [cursor])
  useEffect(() => {
    if (scroller === null) return
    return listenToScrolling(scroller, page, () => page.pause(latest.current))
  }, [scroller, page])
}

/** Listens to everything that scrolls an element or selects text in it. Returns a function that removes the listeners. */
function listenToScrolling(scroller: HTMLElement, page: RunPageStore, pause: () => void): () => void {
  const stop = new AbortController()
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (event: HTMLElementEventMap[K]) => void,
  ) => scroller.addEventListener(type, listener, { passive: true, signal: stop.signal })
  on("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) return
    if (event.deltaY < 0) pause()
    else if (event.deltaY > 0) resumeAtEdge(scroller, page)
  })
  let touchY = 0
  on("touchstart", (event) => {
    touchY = event.touches[0]?.clientY ?? 0
  })
  on("touchmove", (event) => {
    if ((event.touches[0]?.clientY ?? 0) > touchY + EDGE_PX) pause()
  })
  on("keydown", (event) => {
    if (SCROLL_UP_KEYS.includes(event.key)) pause()
  })
  // A press on the scrollbar targets the scroller itself, not a child.
  on("pointerdown", (event) => {
    if (event.target === scroller) pause()
  })
  const onSelection = () => {
    const selection = document.getSelection()
    if (selection?.isCollapsed === false && scroller.contains(selection.anchorNode)) pause()
  }
  document.addEventListener("selectionchange", onSelection, { signal: stop.signal })
  return () => stop.abort()
}

function resumeAtEdge(scroller: HTMLElement, page: RunPageStore): void {
  const { mode, selected, sort } = page.store.getState()
  if (mode.kind !== "paused" || selected !== undefined || sort !== undefined) return
  if (scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight <= EDGE_PX) page.goLive()
}
