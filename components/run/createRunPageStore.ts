import { createStore, type StoreApi } from "zustand/vanilla"
import type { Viewport } from "@/lib/timeline/axis/Viewport"

/** A turn of the run shown or of a child run opened in it. */
export type TurnRef = { runId: string; index: number }

export type RunPart = "timeline" | "transcript"

/** Where a reader stands in a run: nothing in here ever changes because data came, but by `at` while playing. */
export type RunPageState = {
  selected: TurnRef | undefined
  /** The inspector of a narrow screen is open. */
  inspecting: boolean
  following: boolean
  /** The run's cursor when following was paused; turns after it are new to the reader. Undefined until the run is here. */
  pausedAt: number | undefined
  /** The run is shown as of this cursor. */
  at: number | undefined
  /** How many times faster than it happened the run is played; undefined while still. */
  speed: number | undefined
  part: RunPart
  /** A turn to bring into view, once for each object. */
  goal: { index: number } | undefined
  /** The turn that stood at the top when the other part was left. */
  place: number | undefined
  openRuns: ReadonlySet<string>
  foldsGaps: boolean
  query: string
  /** Undefined: all of the run fits. */
  zoom: Viewport | undefined
}

export type RunPageStart = { runId: string; turn?: number | undefined; at?: number | undefined }

/** What a reader can do. Each leaves following where the reader has looked elsewhere. */
export type RunPageStore = {
  store: StoreApi<RunPageState>
  /** The run is here: who does not follow it from the first has seen what there is. */
  begin(cursor: number): void
  select(turn: TurnRef | undefined, cursor: number): void
  /** Brings a turn into view without selecting it. */
  goTo(index: number, cursor: number): void
  inspect(open: boolean): void
  pause(cursor: number): void
  /** Back to the live edge: nothing rewound, nothing playing. */
  goLive(): void
  rewind(at: number): void
  play(speed: number | undefined): void
  show(part: RunPart): void
  leaveAt(place: number | undefined): void
  openRun(runId: string, open: boolean): void
  foldGaps(folds: boolean): void
  search(query: string): void
  zoomTo(zoom: Viewport | undefined): void
}

/** Makes the state of one reader of one run. */
export function createRunPageStore({ runId, turn, at }: RunPageStart): RunPageStore {
  const store = createStore<RunPageState>(() => ({
    selected: turn === undefined ? undefined : { runId, index: turn },
    inspecting: turn !== undefined,
    following: turn === undefined && at === undefined,
    pausedAt: undefined,
    at,
    speed: undefined,
    part: "timeline",
    goal: undefined,
    place: undefined,
    openRuns: new Set(),
    foldsGaps: false,
    query: "",
    zoom: undefined,
  }))
  const paused = (cursor: number) =>
    store.getState().following ? { following: false, pausedAt: cursor } : undefined
  return {
    store,
    begin: (cursor) => store.setState((state) => ({ pausedAt: state.pausedAt ?? cursor })),
    // To look at a turn is to look elsewhere; to be done with it is not.
    select: (selected, cursor) =>
      store.setState({
        selected,
        inspecting: selected !== undefined,
        ...(selected !== undefined && paused(cursor)),
      }),
    goTo: (index, cursor) => store.setState({ goal: { index }, ...paused(cursor) }),
    inspect: (inspecting) => store.setState({ inspecting }),
    pause: (cursor) => store.setState({ ...paused(cursor) }),
    goLive: () => store.setState({ following: true, at: undefined, speed: undefined }),
    rewind: (cursor) => store.setState({ at: Math.max(0, Math.round(cursor) || 0), following: false }),
    play: (speed) => store.setState({ speed }),
    leaveAt: (place) => store.setState({ place }),
    show: (part) => store.setState({ part }),
    openRun: (id, open) => store.setState((state) => ({ openRuns: withMember(state.openRuns, id, open) })),
    foldGaps: (foldsGaps) => store.setState({ foldsGaps, zoom: undefined }),
    search: (query) => store.setState({ query }),
    zoomTo: (zoom) => store.setState({ zoom }),
  }
}

function withMember(set: ReadonlySet<string>, id: string, member: boolean): ReadonlySet<string> {
  const next = new Set(set)
  if (member) next.add(id)
  else next.delete(id)
  return next
}

/** `?turn=12&at=41` as a start; anything that is no whole number from 0 on is left out. */
export function readRunUrl(params: URLSearchParams): { turn?: number; at?: number } {
  const turn = indexOf(params.get("turn"))
  const at = indexOf(params.get("at"))
  return { ...(turn !== undefined && { turn }), ...(at !== undefined && { at }) }
}

function indexOf(text: string | null): number | undefined {
  if (text === null || !/^\d{1,9}$/.test(text)) return undefined
  return Number(text)
}

/** The query that leads back to where a reader stands; other parameters stay. */
export function writeRunUrl(params: URLSearchParams, state: RunPageState, runId: string): URLSearchParams {
  const next = new URLSearchParams(params)
  const { selected, at } = state
  if (selected?.runId === runId) next.set("turn", String(selected.index))
  else next.delete("turn")
  if (at === undefined) next.delete("at")
  else next.set("at", String(at))
  return next
}
