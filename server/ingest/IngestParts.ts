import type { TraceSettings } from "@/lib/dialects/TraceSettings"
import type { Clock } from "@/server/platform/Clock"
import type { RunRegistry } from "@/server/registry/RunRegistry"
import type { IngestStore } from "@/server/store/IngestStore"
import type { RunStore } from "@/server/store/RunStore"
import type { DialectName } from "./ForeignDialect"
import type { BodyLimits } from "./readRequestBody"

export type IngestSettings = TraceSettings &
  BodyLimits & {
    /** The maximum size of the state of all unfinished runs, in UTF-16 code units of text. */
    maxStateBytes: number
  }

export type IngestParts = {
  store: IngestStore
  runs: Pick<RunStore, "get" | "turns" | "list">
  registry: RunRegistry
  clock: Clock
  settings: IngestSettings
  maxTurnBytes: number
  onTurns?: (dialect: DialectName, count: number) => void
  onLost?: (dialect: DialectName, count: number) => void
  /** Called when runs lose some of their state ("context") or all of it ("run") to limit memory. */
  onDropped?: (dialect: DialectName, what: "context" | "run", count: number) => void
  logError(error: unknown): void
}
