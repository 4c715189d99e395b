"use client"

import { createContext, type ReactNode, useContext } from "react"
import type { HitExcerpt } from "./hitOffset"
import type { TextCut } from "./textParts"

/** Where a displayed value comes from, and how much of it is shown. */
export type ValueSource = {
  /** Returns what was cut from the string at a JSON pointer of the turn. */
  cutAt(pointer: string | undefined): TextCut | undefined
  /** True if the full value is shown. */
  expanded: boolean
  /** True if the viewer asked for the full value. */
  isAsked: boolean
  /** Shows the full value, after loading what was cut. */
  expand(): void
  /** Loads what was cut, without changing what is shown. */
  load(): void
  /** The search hit in this value. A long text is opened at the hit. */
  hit: HitExcerpt | undefined
}

const COMPLETE: ValueSource = {
  cutAt: () => undefined,
  expanded: true,
  isAsked: false,
  expand: () => undefined,
  load: () => undefined,
  hit: undefined,
}

const ValueSourceContext = createContext<ValueSource>(COMPLETE)

export function ValueSourceProvider({ source, children }: { source: ValueSource; children: ReactNode }) {
  return <ValueSourceContext value={source}>{children}</ValueSourceContext>
}

/** Returns the source of the enclosing value, or of a complete value outside a provider. */
export function useValueSource(): ValueSource {
  return useContext(ValueSourceContext)
}
