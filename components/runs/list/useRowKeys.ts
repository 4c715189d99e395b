"use client"

import { type KeyBindings, useKeys } from "@/components/shell/keys/useKeys"

const ROW = "[data-row]"

/** `j` and `k` through every row of the page, `g` and `G` to its ends, `[` and `]` fold; Enter is the row's own, a link. */
export function useRowKeys(fold: (runId: string, fold: boolean) => void): void {
  useKeys(
    Object.fromEntries<KeyBindings[string]>([
      ["j", () => step(1)],
      ["k", () => step(-1)],
      ["ArrowDown", () => isInRow() && step(1)],
      ["ArrowUp", () => isInRow() && step(-1)],
      ["g", () => toEnd("first")],
      ["G", () => toEnd("last")],
      ["[", () => foldFocused(fold, true)],
      ["]", () => foldFocused(fold, false)],
    ]),
  )
}

const isInRow = () => document.activeElement?.matches(ROW) === true

function step(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>(ROW)]
  const at = rows.indexOf(document.activeElement as HTMLElement)
  focusRow(rows[at === -1 ? 0 : at + by])
}

function toEnd(end: "first" | "last"): void {
  window.scrollTo({ top: end === "first" ? 0 : document.documentElement.scrollHeight })
  // The rows there are drawn in the frame after the scrolling.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const rows = document.querySelectorAll<HTMLElement>(ROW)
      focusRow(rows[end === "first" ? 0 : rows.length - 1])
    }),
  )
}

function focusRow(row: HTMLElement | undefined): void {
  row?.focus({ preventScroll: true })
  row?.scrollIntoView({ block: "nearest" })
}

function foldFocused(fold: (runId: string, fold: boolean) => void, folded: boolean): boolean {
  const runId = document.activeElement?.closest<HTMLElement>(ROW)?.dataset.foldable
  if (runId === undefined) return false
  fold(runId, folded)
  return true
}
