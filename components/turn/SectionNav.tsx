"use client"

import type { MouseEvent } from "react"

/** The parts of a turn in a line that stays at the top; a click goes there. */
export function SectionNav({ names }: { names: readonly string[] }) {
  const go = (name: string) => (event: MouseEvent) => {
    const box = event.currentTarget.closest("section")
    const part = box?.querySelector(`section[aria-label="${CSS.escape(name)}"]`)
    part?.scrollIntoView({ block: "start" })
    if (name === "Raw") part?.querySelector("button")?.click()
  }
  return (
    <nav
      aria-label="Parts of this turn"
      className="sticky top-0 z-10 flex h-row gap-3 overflow-x-auto border-b border-line bg-bg px-3"
    >
      {names.map((name) => (
        <button
          key={name}
          type="button"
          onClick={go(name)}
          className="shrink-0 whitespace-nowrap text-ink-2 hover:text-ink"
        >
          {name}
        </button>
      ))}
    </nav>
  )
}
