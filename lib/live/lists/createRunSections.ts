import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { RunSections } from "@/lib/live/Live"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunStatus } from "@/lib/protocol/enums"
import {
  type Arrangement,
  arrange,
  compareArrangements,
  countLive,
  sizesOf,
  withoutRuns,
} from "./Arrangement"
import { createLiveRuns } from "./createLiveRuns"
import type { LoadedRuns } from "./createLoadedRuns"
import { createRunList } from "./createRunList"
import type { RunSectionsState, SearchHits, SectionRows } from "./RunListState"

const ENDED: readonly RunStatus[] = ["completed", "incomplete"]
const NO_HITS: SearchHits = new Map()

/**
 * Creates a list in sections of the runs that match a filter: all runs in progress, and pages of ended runs, newest
 * first. While held, runs stay in the section and place where they are shown.
 */
export function createRunSections(
  filter: RunFilter,
  connection: LiveConnection,
  runs: LoadedRuns,
): RunSections {
  const { wantsLive, endedFilter } = split(filter)
  const live = wantsLive ? createLiveRuns(filter, connection, runs) : undefined
  const ended = endedFilter === undefined ? undefined : createRunList(endedFilter, connection, runs)
  let shown: Arrangement = new Map()
  let hold = false
  let isReady = false

  function read(): RunSectionsState {
    const { byId } = runs.store.getState()
    const endedState = ended?.store.getState()
    const liveState = live?.store.getState()
    const parts = [endedState, liveState].filter((part) => part !== undefined)
    // Ended runs are below the others, which would move them down.
    const awaitsLive = liveState?.phase === "loading"
    const target = arrange(liveState?.ids ?? [], awaitsLive ? [] : (endedState?.ids ?? []), byId)
    // The first pages are shown even if the pointer is over the list.
    const isHeld = hold && isReady
    shown = isHeld ? withoutRuns(shown, target, byId) : target
    const held = isHeld
      ? compareArrangements(shown, target, endedState?.pending ?? [])
      : { moved: 0, pendingNew: 0 }
    const phase = phaseOf(parts.map((part) => part.phase))
    isReady ||= phase === "ready"
    return {
      phase,
      error: parts.find((part) => part.error !== undefined)?.error,
      sections: [...shown].flatMap(([section, ids]): SectionRows[] =>
        ids.length === 0 ? [] : [{ section, ids }],
      ),
      sizes: sizesOf(target),
      live: liveState?.isComplete ? countLive(liveState.inScope, byId) : undefined,
      hits: mergeHits(liveState?.hits ?? NO_HITS, endedState?.hits ?? NO_HITS),
      more: !awaitsLive && (endedState?.more ?? false),
      loadingMore: endedState?.loadingMore ?? false,
      ...held,
    }
  }

  const store = createStore<RunSectionsState>(read)
  function publish() {
    const next = read()
    const before = store.getState()
    const kept = {
      ...next,
      sections: keepEqual(before.sections, next.sections),
      sizes: isSameMap(before.sizes, next.sizes) ? before.sizes : next.sizes,
      live: JSON.stringify(before.live) === JSON.stringify(next.live) ? before.live : next.live,
    }
    if (!isSame(before, kept)) store.setState(kept)
  }

  const shared = createSharedStore(
    store,
    () => {
      const parts = [live, ended].filter((part) => part !== undefined)
      const stops = [
        ...parts.map((part) => part.store.subscribe(publish)),
        // Before `onChange`, so that both parts have applied a change when `publish` is called.
        ...parts.map((part) => part.retain()),
        runs.onChange(publish),
      ]
      publish()
      return () => {
        for (const stop of stops) stop()
      }
    },
    0,
  )
  function setHold(wanted: boolean) {
    hold = wanted
    ended?.setHold(wanted)
    publish()
  }
  return {
    ...shared,
    setHold,
    loadMore: () => ended?.loadMore(),
    applyPending() {
      const isHeld = hold
      setHold(false)
      setHold(isHeld)
    },
  }
}

/** Returns whether a filter admits runs in progress, and the filter for ended runs, if it admits any. */
function split(filter: RunFilter): { wantsLive: boolean; endedFilter: RunFilter | undefined } {
  const { status, waiting, trouble } = filter
  const isAboutEnds = filter.outcome !== undefined || filter.failed !== undefined
  const wantsLive = !isAboutEnds && (status === undefined || status.includes("in_progress"))
  const endedStatus = status === undefined ? ENDED : status.filter((one) => ENDED.includes(one))
  const wantsEnded = !waiting && !trouble && endedStatus.length > 0
  return { wantsLive, endedFilter: wantsEnded ? { ...filter, status: [...endedStatus] } : undefined }
}

function phaseOf(phases: readonly RunSectionsState["phase"][]): RunSectionsState["phase"] {
  if (phases.includes("error")) return "error"
  return phases.includes("loading") ? "loading" : "ready"
}

function mergeHits(a: SearchHits, b: SearchHits): SearchHits {
  if (a.size === 0) return b
  return b.size === 0 ? a : new Map([...a, ...b])
}

/** Keeps the objects of sections whose rows are unchanged, so that they aren't drawn again. */
function keepEqual(before: readonly SectionRows[], next: readonly SectionRows[]): readonly SectionRows[] {
  const kept = next.map((rows) => {
    const old = before.find(({ section }) => section === rows.section)
    const isEqual = old?.ids.length === rows.ids.length && rows.ids.every((id, at) => id === old.ids[at])
    return isEqual ? old : rows
  })
  const isEqual = kept.length === before.length && kept.every((rows, at) => rows === before[at])
  return isEqual ? before : kept
}

function isSameMap<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
}

function isSame(a: RunSectionsState, b: RunSectionsState): boolean {
  const keys = Object.keys(b) as (keyof RunSectionsState)[]
  return keys.every((key) => (key === "hits" ? a.hits.size === b.hits.size : a[key] === b[key]))
}
