"use client"

import type { MouseEvent } from "react"
import { strings } from "./strings"

/** Links to the sections of a turn. Stays visible at the top. */
export function SectionNav({ names }: { names: readonly string[] }) {
  const goTo = (name: string) => (event: MouseEvent) => {
    const turn = event.currentTarget.closest("section")
    const section = turn?.querySelector(`section[aria-label="${CSS.escape(name)}"]`)
    section?.scrollIntoView({ block: "start" })
    if (name === strings.sections.raw) section?.querySelector("button")?.click()
  }
  return (
    <nav
      aria-label={strings.sectionNav}
      className="sticky top-0 z-10 flex h-row gap-3 overflow-x-auto border-b border-line bg-bg px-3"
    >
      {names.map((name) => (
        <button
          key={name}
          type="button"
          onClick={goTo(name)}
          className="shrink-0 whitespace-nowrap text-ink-2 hover:text-ink"
        >
          {name}
        </button>
      ))}
    </nav>
  )
}
