import type { StoreApi } from "zustand/vanilla"
import type { ListedRun } from "@/lib/protocol/catalog"
import type { RunFilter } from "@/lib/protocol/commands"
import type { IngestNote } from "@/lib/protocol/events"
import type { RunSummary } from "@/lib/protocol/run"
import type { RunTurn } from "@/lib/protocol/turn"
import type { TurnDigest } from "@/lib/trace/turnDigest"
import type { ConnectionState } from "./connection/ConnectionState"
import type { Request, RequestResult } from "./connection/LiveSocket"
import type { RunListQuery, RunListState, RunSectionsState, RunsState } from "./lists/RunListState"
import type { FollowState, TurnBodyState } from "./run/FollowState"

/** A store that is kept up to date from its first retain until some seconds after its last release. */
export interface SharedStore<S> {
  readonly store: StoreApi<S>
  /** Returns the release function. Calling it a second time is a no-op. */
  retain(): () => void
}

/** One followed run. */
export interface FollowedRun extends SharedStore<FollowState> {
  readonly runId: string
  /** Returns a turn's body, or its loading state. Returns the same object until that changes. */
  body(index: number): TurnBodyState
  onBody(index: number, listener: () => void): () => void
  /** Loads a turn's body and those of its neighbors, unless they are loaded or loading. */
  requestBody(index: number): void
  /** Fetches a turn without cuts, and replaces the cut version. */
  loadWhole(index: number): Promise<RequestResult<{ turn: RunTurn }>>
}

/** A list whose rows can be kept in place. */
export interface HeldList<S> extends SharedStore<S> {
  /** While held, no row moves: new runs are pending, and runs that no longer match stay. */
  setHold(hold: boolean): void
  loadMore(): void
  /** Applies the pending changes, even while held. */
  applyPending(): void
}

/** A list of the runs that match a filter. */
export type RunList = HeldList<RunListState>

/** The runs that match a filter, in sections. */
export type RunSections = HeldList<RunSectionsState>

export type DigestState = {
  /** Digests of the first turns, as many as have been read. */
  digests: readonly TurnDigest[]
  reading: boolean
}

/** Digests of the turns of one run. */
export interface TurnDigests extends SharedStore<DigestState> {
  /** Reads the digests of all turns below `cursor`. Idempotent. */
  readTo(cursor: number): void
}

export type IngestState = {
  phase: "loading" | "watching" | "error"
  /** The newest 500, oldest first. */
  notes: readonly IngestNote[]
  error: string | undefined
}

export type ChildrenState = { phase: "loading" | "ready" | "error"; ids: readonly string[] }
export type RecentState = { phase: "loading" | "ready" | "error"; runs: readonly RunSummary[] }

/** The page's only connection, and all stores that it keeps up to date. */
export interface Live {
  /** Connects. A no-op when connected. */
  open(): void
  close(): void
  readonly connection: StoreApi<ConnectionState>
  readonly runs: StoreApi<RunsState>
  readonly request: Request
  /** Returns the estimated server time in milliseconds since 1970, independent of the browser's clock. */
  serverNow(): number
  /**
   * Calls the listener when server time passes a multiple of `stepMs`. Pauses while the tab is hidden, and calls the
   * listener when the tab becomes visible.
   */
  onTick(stepMs: number, listener: () => void): () => void
  /** Returns the same object for the same run while it is in use. */
  followRun(runId: string): FollowedRun
  /** Returns digests for comparing contents. Nothing is read until the store is retained and `readTo` is called. */
  turnDigests(runId: string): TurnDigests
  /** Returns the same object for the same query while it is among the most recently used ones. */
  listRuns(query: RunListQuery): RunList
  /** Returns the same object for the same filter while it is among the most recently used ones. */
  runSections(filter: RunFilter): RunSections
  /** Returns the children of a run, oldest first. */
  childRuns(runId: string): SharedStore<ChildrenState>
  /**
   * Returns the runs that match a filter and were active in the last `rangeMs`, newest first. Refreshed at most once a
   * second.
   */
  recentRuns(rangeMs: number, filter: RunFilter): SharedStore<RecentState>
  readonly ingest: SharedStore<IngestState>
  /** Searches runs for the "Go to" dialog. Without words, returns the newest runs. At most 20. */
  searchRuns(words: string): Promise<RequestResult<{ runs: ListedRun[] }>>
  /** Requests cancellation. `delivered` is true if the agent was connected. */
  cancelRun(runId: string, reason?: string): Promise<RequestResult<{ delivered: boolean }>>
  deleteRun(runId: string): Promise<RequestResult<object>>
}
