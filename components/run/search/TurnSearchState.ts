import type { TurnHit } from "@/components/turn/useScrollToHit"

/** A search hit in a turn. */
export type TurnSearchHit = TurnHit & { readonly index: number }

/** The state of the search within a run. */
export type TurnSearchState = {
  readonly query: string
  /** In the order of the turns. May be fewer than `total`. */
  readonly hits: readonly TurnSearchHit[]
  readonly total: number
  /** False if `total` is a lower bound. */
  readonly isTotalExact: boolean
  readonly phase: "idle" | "loading" | "done"
  readonly error: string | undefined
  /** The hit that the viewer went to. A new object scrolls to it. */
  readonly current: { readonly number: number; readonly hit: TurnSearchHit } | undefined
}

export const NO_SEARCH: TurnSearchState = {
  query: "",
  hits: [],
  total: 0,
  isTotalExact: true,
  phase: "idle",
  error: undefined,
  current: undefined,
}
