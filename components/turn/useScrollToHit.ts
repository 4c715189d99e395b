"use client"

import { type RefObject, useEffect } from "react"
import type { RunTurn } from "@/lib/protocol/turn"
import { cutsOf } from "./turnCuts"

/** A search hit in a turn. */
export type TurnHit = {
  /** The turn's field, or a path in it. */
  readonly field: string
  /** Which of the hits in that field it is, from 0. */
  readonly nth: number
}

export type ScrollToHitOptions = {
  scroller: RefObject<HTMLElement | null>
  turn: RunTurn | undefined
  hit: TurnHit | undefined
  /** Loads what was cut from the turn. */
  load: () => Promise<unknown>
}

/** How long to wait until the hit has been loaded and drawn. */
const MAX_WAIT_MS = 3_000

/** Scrolls to the marked text of a search hit. Loads the turn in full if the hit isn't in what was received. */
export function useScrollToHit({ scroller, turn, hit, load }: ScrollToHitOptions): void {
  const isLoaded = turn !== undefined
  const isCut = turn !== undefined && hit !== undefined && cutsOf(turn, fieldOf(hit)).size > 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls once for each hit, not for each change of the turn
  useEffect(() => {
    if (hit === undefined || !isLoaded) return
    const started = performance.now()
    let frame = 0
    let isRequested = false
    const look = () => {
      const marks = marksIn(scroller.current, hit)
      const mark = marks[Math.min(hit.nth, marks.length - 1)]
      if (mark !== undefined && (marks.length > hit.nth || !isCut)) return scrollTo(mark)
      if (isCut && !isRequested) {
        isRequested = true
        void load()
      }
      if (performance.now() - started < MAX_WAIT_MS) frame = requestAnimationFrame(look)
      else if (mark !== undefined) scrollTo(mark)
    }
    frame = requestAnimationFrame(look)
    return () => cancelAnimationFrame(frame)
  }, [hit, isLoaded])
}

function fieldOf(hit: TurnHit): string {
  return hit.field.split(/[./]/).filter(Boolean)[0] ?? hit.field
}

function marksIn(scroller: HTMLElement | null, hit: TurnHit): Element[] {
  if (scroller === null) return []
  const section = scroller.querySelector(`[data-field="${CSS.escape(fieldOf(hit))}"]`)
  const marks = section?.querySelectorAll("mark") ?? []
  return [...(marks.length > 0 ? marks : scroller.querySelectorAll("mark"))]
}

function scrollTo(mark: Element): void {
  for (const other of document.querySelectorAll("mark[data-current]")) other.removeAttribute("data-current")
  mark.setAttribute("data-current", "")
  mark.scrollIntoView({ block: "center", inline: "nearest" })
}
