"use client"

import { type RefObject, useEffect } from "react"
import type { RunTurn } from "@/lib/protocol/turn"
import type { HitExcerpt } from "./text/hitOffset"
import { cutsOf } from "./turnCuts"

/** A search hit in a turn. */
export type TurnHit = HitExcerpt & {
  /** The turn's field, or a path in it. */
  readonly field: string
  /** The hit's position among the hits in that field with the same text, from 0. */
  readonly nth: number
}

export type ScrollToHitOptions = {
  scroller: RefObject<HTMLElement | null>
  turn: RunTurn | undefined
  hit: TurnHit | undefined
  /** Loads what was cut from the turn. */
  load: () => Promise<unknown>
}

/** How long to wait for the hit to be loaded and rendered. */
const MAX_WAIT_MS = 3_000

/** Scrolls to the mark of a search hit. Loads the turn in full if the received part doesn't contain the hit. */
export function useScrollToHit({ scroller, turn, hit, load }: ScrollToHitOptions): void {
  const isLoaded = turn !== undefined
  const isCut = turn !== undefined && hit !== undefined && cutsOf(turn, topField(hit)).size > 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls once for each hit, not for each change of the turn
  useEffect(() => {
    if (hit === undefined || !isLoaded) return
    const started = performance.now()
    let frame = 0
    let isRequested = false
    const search = () => {
      const mark = markOf(scroller.current, hit)
      if (mark !== undefined) return scrollTo(mark)
      if (isCut && !isRequested) {
        isRequested = true
        void load()
      }
      if (performance.now() - started < MAX_WAIT_MS) frame = requestAnimationFrame(search)
      else {
        const [first] = marksIn(scroller.current, hit)
        if (first !== undefined) scrollTo(first)
      }
    }
    frame = requestAnimationFrame(search)
    return () => cancelAnimationFrame(frame)
  }, [hit, isLoaded])
}

/** Returns the turn's field that contains a hit. */
export function topField({ field }: Pick<TurnHit, "field">): string {
  const dot = field.indexOf(".")
  return dot < 0 ? field : field.slice(0, dot)
}

/** How many characters on either side of a mark distinguish it from other marks. */
const CONTEXT_CHARS = 24

/** Returns the first mark of a hit's excerpt, or undefined while it isn't rendered. */
function markOf(scroller: HTMLElement | null, hit: TurnHit): Element | undefined {
  const [range] = hit.ranges
  const marks = marksIn(scroller, hit)
  if (range === undefined) return marks[0]
  const text = hit.excerpt.slice(...range).toLowerCase()
  const before = letters(hit.excerpt.slice(0, range[0])).slice(-CONTEXT_CHARS)
  const after = letters(hit.excerpt.slice(range[1])).slice(0, CONTEXT_CHARS)
  const fitting = marks.filter(
    (mark) =>
      mark.textContent?.toLowerCase() === text &&
      textBefore(mark).endsWith(before) &&
      textAfter(mark).startsWith(after),
  )
  return fitting[Math.min(hit.nth, fitting.length - 1)]
}

/**
 * Returns the letters before an element, as rendered. Spaces and quotation marks are left out, because formats change
 * them.
 */
function textBefore(element: Element): string {
  let before = ""
  const walker = document.createTreeWalker(element.closest("section") ?? document.body, NodeFilter.SHOW_TEXT)
  walker.currentNode = element
  for (let node = walker.previousNode(); node !== null && before.length < CONTEXT_CHARS; ) {
    before = letters(node.textContent ?? "") + before
    node = walker.previousNode()
  }
  return before
}

/** Returns the letters after an element, as rendered. */
function textAfter(element: Element): string {
  let after = ""
  const walker = document.createTreeWalker(element.closest("section") ?? document.body, NodeFilter.SHOW_TEXT)
  walker.currentNode = element.lastChild ?? element
  for (let node = walker.nextNode(); node !== null && after.length < CONTEXT_CHARS; ) {
    after += letters(node.textContent ?? "")
    node = walker.nextNode()
  }
  return after
}

function letters(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, "").toLowerCase()
}

function marksIn(scroller: HTMLElement | null, hit: TurnHit): Element[] {
  if (scroller === null) return []
  const section = scroller.querySelector(`[data-field="${CSS.escape(topField(hit))}"]`)
  const marks = section?.querySelectorAll("mark") ?? []
  return [...(marks.length > 0 ? marks : scroller.querySelectorAll("mark"))]
}

function scrollTo(mark: Element): void {
  for (const other of document.querySelectorAll("mark[data-current]")) other.removeAttribute("data-current")
  mark.setAttribute("data-current", "")
  mark.scrollIntoView({ block: "center", inline: "nearest" })
}
