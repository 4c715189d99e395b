import { createStore, type StoreApi } from "zustand/vanilla"
import type { Viewport } from "@/lib/timeline/axis/Viewport"
import { toggledFacet } from "@/lib/timeline/rows/turnFacets"
import type { TurnSort } from "@/lib/timeline/rows/turnList"
import { NO_SEARCH, type TurnSearchState } from "./search/TurnSearchState"

/** A turn of the displayed run, or of a child run expanded in it. */
export type TurnRef = { runId: string; index: number }

/** `about` is only a separate part on narrow screens; wide screens show it next to the turns. */
export type RunPart = "timeline" | "transcript" | "about"

/** Which state of the run the page shows. */
type RunPageMode =
  /** The current state, following the live edge. */
  | { readonly kind: "live" }
  /**
   * The current state, without following. Turn `at` and later turns are new to the viewer. `at` is undefined until the
   * run is loaded.
   */
  | { readonly kind: "paused"; readonly at: number | undefined }
  /** An earlier state, at `cursor`. The replay is playing if `speed` is set. */
  | { readonly kind: "replaying"; readonly cursor: number; readonly speed: number | undefined }

/** The view of one run. Only the viewer and a playing replay change it; new data never does. */
export type RunPageState = {
  mode: RunPageMode
  selected: TurnRef | undefined
  /** On a narrow screen: whether the inspector is open. */
  isInspectorOpen: boolean
  part: RunPart
  /** Keys of the selected facets. */
  filter: readonly string[]
  /** Undefined: chronological. */
  sort: TurnSort | undefined
  search: TurnSearchState
  /** The turn to scroll to. Each new object scrolls once. */
  scrollTarget: { index: number } | undefined
  /** The topmost turn when the viewer switched from the other part. */
  topTurn: number | undefined
  expandedRuns: ReadonlySet<string>
  /** First turns of expanded repeats. */
  expandedRepeats: ReadonlySet<number>
  foldsGaps: boolean
  /** Undefined: the whole run. */
  zoom: Viewport | undefined
}

export type RunPageStart = Partial<Pick<RunPageState, "part" | "filter" | "sort" | "zoom">> & {
  runId: string
  turn?: number | undefined
  at?: number | undefined
  query?: string | undefined
}

/** What a viewer can do. Any action that leaves the live edge pauses following. */
export type RunPageStore = {
  store: StoreApi<RunPageState>
  /**
   * Call this when the run has loaded, with its number of turns. If the page started paused, turns beyond this number
   * are new.
   */
  setLoaded(cursor: number): void
  select(turn: TurnRef | undefined, cursor: number): void
  /** Scrolls to a turn without selecting it. */
  scrollTo(index: number, cursor: number): void
  openInspector(open: boolean): void
  pause(cursor: number): void
  /** Returns to the live edge and ends a replay. */
  goLive(): void
  replay(cursor: number): void
  /** Plays the replay at a speed; undefined pauses it. Does nothing without a replay. */
  play(speed: number | undefined): void
  show(part: RunPart): void
  setTopTurn(index: number | undefined): void
  expandRun(runId: string, expanded: boolean): void
  expandRepeat(index: number, expanded: boolean): void
  foldGaps(folds: boolean): void
  setFilter(keys: readonly string[]): void
  toggleFacet(key: string): void
  /** Sorts the turns, or orders them by time if `sort` is undefined, and shows them from the top. */
  setSort(sort: TurnSort | undefined, cursor: number): void
  setSearch(search: Partial<TurnSearchState>): void
  zoomTo(zoom: Viewport | undefined): void
}

/** Creates the view state of one run page. */
export function createRunPageStore(start: RunPageStart): RunPageStore {
  const store = createStore<RunPageState>(() => initialState(start))
  const { getState, setState } = store
  const paused = (cursor: number): Partial<RunPageState> =>
    getState().mode.kind === "live" ? { mode: { kind: "paused", at: cursor } } : {}
  return {
    store,
    setLoaded(cursor) {
      const { mode } = getState()
      if (mode.kind === "paused" && mode.at === undefined) setState({ mode: { kind: "paused", at: cursor } })
    },
    // Deselecting doesn't leave the live edge.
    select: (selected, cursor) =>
      setState({
        selected,
        isInspectorOpen: selected !== undefined,
        ...(selected !== undefined && paused(cursor)),
      }),
    scrollTo: (index, cursor) => setState({ scrollTarget: { index }, ...paused(cursor) }),
    openInspector: (isInspectorOpen) => setState({ isInspectorOpen }),
    pause: (cursor) => setState(paused(cursor)),
    // The end of a sorted list isn't the live edge.
    goLive: () => setState({ mode: { kind: "live" }, sort: undefined }),
    replay(cursor) {
      const { mode } = getState()
      const speed = mode.kind === "replaying" ? mode.speed : undefined
      setState({ mode: { kind: "replaying", cursor: Math.max(0, Math.round(cursor) || 0), speed } })
    },
    play(speed) {
      const { mode } = getState()
      if (mode.kind === "replaying") setState({ mode: { ...mode, speed } })
    },
    show: (part) => setState({ part }),
    setTopTurn: (topTurn) => setState({ topTurn }),
    expandRun: (id, expanded) =>
      setState(({ expandedRuns }) => ({ expandedRuns: withMember(expandedRuns, id, expanded) })),
    expandRepeat: (index, expanded) =>
      setState(({ expandedRepeats }) => ({ expandedRepeats: withMember(expandedRepeats, index, expanded) })),
    foldGaps: (foldsGaps) => setState({ foldsGaps, zoom: undefined }),
    setFilter: (filter) => setState({ filter }),
    toggleFacet: (key) => setState(({ filter }) => ({ filter: toggledFacet(filter, key) })),
    setSort: (sort, cursor) => setState({ sort, ...(sort !== undefined && paused(cursor)) }),
    setSearch: (search) => setState((state) => ({ search: { ...state.search, ...search } })),
    zoomTo: (zoom) => setState({ zoom }),
  }
}

function initialState({ runId, turn, at, query, ...rest }: RunPageStart): RunPageState {
  return {
    mode: initialMode(at, turn !== undefined || rest.sort !== undefined),
    selected: turn === undefined ? undefined : { runId, index: turn },
    isInspectorOpen: turn !== undefined,
    part: rest.part ?? "timeline",
    filter: rest.filter ?? [],
    sort: rest.sort,
    search: { ...NO_SEARCH, query: query ?? "" },
    scrollTarget: undefined,
    topTurn: undefined,
    expandedRuns: new Set(),
    expandedRepeats: new Set(),
    foldsGaps: false,
    zoom: rest.zoom,
  }
}

function initialMode(at: number | undefined, looksElsewhere: boolean): RunPageMode {
  if (at !== undefined) return { kind: "replaying", cursor: at, speed: undefined }
  return looksElsewhere ? { kind: "paused", at: undefined } : { kind: "live" }
}

function withMember<T>(set: ReadonlySet<T>, member: T, included: boolean): ReadonlySet<T> {
  const next = new Set(set)
  if (included) next.add(member)
  else next.delete(member)
  return next
}

/** Returns the cursor of a replay, or undefined while the current state is shown. */
export function replayCursor({ mode }: Pick<RunPageState, "mode">): number | undefined {
  return mode.kind === "replaying" ? mode.cursor : undefined
}
