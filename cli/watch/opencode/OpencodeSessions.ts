import { existsSync, type FSWatcher, statSync, watch } from "node:fs"
import { join } from "node:path"
import Database from "libsql"
import { type FeedRead, NOTHING, type RecordFeed } from "@/cli/watch/feeds/RecordFeed"
import type { Liveness, SessionAccess } from "@/cli/watch/processes/Liveness"
import { namedLiveness } from "@/cli/watch/processes/namedLiveness"
import { anyState, type SessionReducer } from "@/cli/watch/sources/Source"
import { opencodeReducer } from "@/lib/dialects/opencode/opencodeReducer"
import type { SessionIdentity, SessionOptions } from "@/lib/dialects/session"

const PAGE = 500
/** How often the database is checked, in case a notification was lost. */
const POLL_MS = 2_000
/** How many consecutive failures are ignored before a failure is reported. */
const MAX_FAILURES = 5

const PROGRAM = { tool: "opencode", program: "opencode", package: "opencode-ai" }

type Options = {
  since: number
  sessions: SessionAccess
  onProblem: (message: string) => void
  onSession: (session: {
    identity: SessionIdentity
    changedAt: number
    reducer: (options: SessionOptions) => SessionReducer
    feed: () => RecordFeed
  }) => void
}

/** Reads opencode's sessions from the event log in its database. */
export class OpencodeSessions {
  readonly liveness: Liveness
  private readonly file: string
  private database: Database.Database | undefined
  private watcher: FSWatcher | undefined
  private readonly known = new Map<string, number>()
  private checkedAt = 0
  private changed = true
  private failures = 0

  constructor(
    private readonly directory: string,
    private readonly options: Options,
  ) {
    this.file = join(directory, "opencode.db")
    this.liveness = namedLiveness(PROGRAM, options.sessions)
  }

  /** Reads sessions with new events, if the database may have changed. */
  check(now: number): void {
    if (!existsSync(this.file)) return
    this.watchFile()
    if (!this.changed && now - this.checkedAt < POLL_MS) return
    this.changed = false
    this.checkedAt = now
    try {
      this.findSessions(now)
      this.failures = 0
    } catch (error) {
      this.retryLater(error)
    }
  }

  close(): void {
    this.watcher?.close()
    this.database?.close()
  }

  /**
   * Reports an error only if it persists: a new database has no tables for a moment, and a busy database may refuse
   * reads.
   */
  private retryLater(error: unknown): void {
    this.database?.close()
    this.database = undefined
    this.failures++
    if (this.failures !== MAX_FAILURES) return
    const reason = error instanceof Error ? error.message : String(error)
    this.options.onProblem(`${this.file} can't be read: ${reason}`)
  }

  private watchFile(): void {
    if (this.watcher !== undefined) return
    try {
      this.watcher = watch(this.directory, (_event, name) => {
        if (name?.startsWith("opencode.db") !== true) return
        this.changed = true
        this.check(Date.now())
      })
    } catch {
      // Changes are also noticed by polling.
    }
  }

  private open(): Database.Database {
    this.database ??= new Database(this.file, { readonly: true })
    return this.database
  }

  private findSessions(now: number): void {
    const rows = this.open()
      .prepare("SELECT aggregate_id AS id, MAX(seq) AS seq FROM event GROUP BY aggregate_id")
      .all() as { id: string; seq: number }[]
    const isFirst = this.known.size === 0
    for (const { id, seq } of rows) {
      if (!id.startsWith("ses_") || this.known.get(id) === seq) continue
      this.known.set(id, seq)
      const changedAt = isFirst ? this.changedAt(id) : now
      if (isFirst && changedAt < this.options.since) continue
      const identity = { key: `opencode:${id}`, session: id }
      this.options.onSession({
        identity,
        changedAt,
        reducer: (options) => anyState(opencodeReducer(identity, options)),
        feed: () => new EventFeed(() => this.open(), id),
      })
    }
  }

  private changedAt(id: string): number {
    const row = this.open().prepare("SELECT time_updated AS at FROM session WHERE id = ?").get(id) as
      | { at: number }
      | undefined
    return row?.at ?? statSync(this.file).mtimeMs
  }
}

/** The events of one session. */
class EventFeed implements RecordFeed {
  private next = 0

  constructor(
    private readonly open: () => Database.Database,
    private readonly id: string,
  ) {}

  read(): FeedRead {
    const rows = this.rows()
    const last = rows.at(-1)
    if (last === undefined) return NOTHING
    this.next = last.seq + 1
    const records = rows.flatMap(({ type, data }) => parse(type, data))
    return {
      records,
      more: rows.length === PAGE,
      restarted: false,
      unreadable: rows.length - records.length,
    }
  }

  /** Returns the next rows. Returns no rows while the database is busy; the rows are then read later. */
  private rows(): { seq: number; type: string; data: string }[] {
    const sql = "SELECT seq, type, data FROM event WHERE aggregate_id = ? AND seq >= ? ORDER BY seq LIMIT ?"
    try {
      return this.open().prepare(sql).all(this.id, this.next, PAGE) as ReturnType<EventFeed["rows"]>
    } catch {
      return []
    }
  }
}

function parse(type: string, data: string): unknown[] {
  try {
    return [{ type, data: JSON.parse(data) }]
  } catch {
    return []
  }
}
