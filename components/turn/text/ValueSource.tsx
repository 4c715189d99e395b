"use client"

import { createContext, type ReactNode, useContext } from "react"
import type { HitExcerpt } from "./hitOffset"
import type { TextCut } from "./textParts"

/** Where a value on screen comes from, and how much of it is shown. */
export type ValueSource = {
  /** What was cut from the string at a JSON pointer of the turn. */
  cutAt(pointer: string | undefined): TextCut | undefined
  /** All of the value is shown. */
  expanded: boolean
  /** A person asked for all of it. */
  isAsked: boolean
  /** Shows all of the value, loading what was cut. */
  expand(): void
  /** Loads what was cut, without changing what is shown. */
  load(): void
  /** The search hit in this value: long texts open there. */
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

/** The source of the value above; outside a provider, a complete value. */
export function useValueSource(): ValueSource {
  return useContext(ValueSourceContext)
}
