import { Client } from "pg"
import { connectWriter } from "@/server/store/postgres/Connection"
import { migrate } from "@/server/store/postgres/migrate"
import { PARTITIONED_TABLES } from "@/server/store/postgres/schema"
import type { VirtualTime } from "../VirtualTime"
import type { Session } from "./Session"
import { Sessions } from "./Sessions"

/**
 * The database's clock for one schema: functions that hide PostgreSQL's own, because the schema comes first in the search
 * path. Each session sets the time before it executes anything.
 */
const CLOCK = `
CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
  $$ SELECT to_timestamp(current_setting('virtual.clock')::double precision / 1000) $$;
CREATE FUNCTION now() RETURNS timestamptz LANGUAGE sql STABLE AS
  $$ SELECT to_timestamp(current_setting('virtual.now')::double precision / 1000) $$;`
/** The time at which every seed starts. */
export const START = Date.UTC(2026, 0, 1, 12)
const TABLES = [
  ...["runs", "run_texts", "run_labels", ...PARTITIONED_TABLES, "deleted_runs", "indexed_runs", "tokens"],
  ...["sessions", "ended_sessions", "nodes", "ingest_requests", "settings", "sweeps", "live_runs"],
]
const EMPTY = `CREATE FUNCTION empty() RETURNS void LANGUAGE plpgsql AS
  $$ BEGIN ${TABLES.map((table) => `DELETE FROM ${table};`).join(" ")} END $$`
/**
 * Commits aren't flushed, because PostgreSQL itself never crashes here. Statements are planned once per session, because
 * planning takes longer than executing.
 */
const SETTINGS = [
  "synchronous_commit=off",
  "plan_cache_mode=force_generic_plan",
  `virtual.now=${START}`,
  `virtual.clock=${START}`,
]

/** How often to check whether the last statement of a client that has gone is done, ms. */
const RETRY_MS = 20

/** A schema with its own clock. It is emptied and reused for each seed. */
export class VirtualDatabase {
  /** The address of sessions with the schema's own clock. */
  readonly url: string
  readonly sessions: Sessions
  readonly #client: Client
  readonly #channel: string
  #time: VirtualTime | undefined

  private constructor(url: string, schema: string) {
    this.url = url
    this.#channel = `turnline_${schema}`
    this.#client = new Client({ connectionString: url })
    this.#client.on("error", () => {})
    this.sessions = new Sessions(url, this.#client)
  }

  /** `schemaUrl`: the address of an empty schema. */
  static async open(schemaUrl: string): Promise<VirtualDatabase> {
    const name = /search_path=([a-z0-9_]+)/.exec(decodeURIComponent(schemaUrl))?.[1]
    if (name === undefined) throw new Error("The address doesn't name a schema")
    const url = new URL(schemaUrl)
    const options = [`search_path=${name},pg_catalog`, ...SETTINGS].map((setting) => `-c${setting}`)
    url.searchParams.set("options", options.join(" "))
    const database = new VirtualDatabase(url.href.replaceAll("+", "%20"), name)
    await database.#client.connect()
    await database.#client.query(CLOCK)
    const migrator = await connectWriter({
      url: database.url,
      applicationName: "virtual",
      withoutTimeouts: true,
    })
    await migrate(migrator)
    await migrator.end()
    await database.#client.query(EMPTY)
    await database.#client.query(`LISTEN ${database.#channel}`)
    return database
  }

  /** Empties the database for the next seed. */
  async begin(time: VirtualTime): Promise<void> {
    this.#time = time
    await this.sessions.reclaim()
    await this.#client.query({ name: "empty", text: "SELECT empty()" })
  }

  /** Executes messages of a client. `onEnd`: called if the session is ended because its transaction is idle for too long. */
  async execute(session: Session, frames: readonly Buffer[], onEnd: () => void): Promise<void> {
    await this.#execute(session, frames)
    const { executed } = session
    const { lock_timeout, statement_timeout, idle_in_transaction_session_timeout } = session.timeouts
    const isSame = () => session.executed === executed
    if (session.isBlocked) {
      this.#after(lock_timeout, async () => {
        if (!isSame() || !session.isBlocked) return
        session.onLockTimeout()
        await this.sessions.cancel(session)
      })
      this.#after(statement_timeout, async () => {
        if (isSame() && session.isBlocked) await this.sessions.cancel(session)
      })
    }
    if (session.isInTransaction)
      this.#after(idle_in_transaction_session_timeout, async () => {
        if (!isSame() || !session.isAtRest || !session.isInTransaction) return
        onEnd()
        await this.abandon(session, [])
      })
  }

  /** Executes the last messages of a client that has gone, then ends its transaction. */
  async abandon(session: Session, frames: readonly Buffer[]): Promise<void> {
    if (frames.length > 0) await this.#execute(session, frames)
    // PostgreSQL doesn't notice that a client has gone while a statement waits.
    if (!session.isAtRest) return this.#after(RETRY_MS, () => this.abandon(session, []))
    await this.sessions.release(session)
    await this.sessions.unblock()
  }

  async close(): Promise<void> {
    this.sessions.close()
    await this.#client.end()
  }

  async #execute(session: Session, frames: readonly Buffer[]): Promise<void> {
    this.sessions.nowMs = this.#time?.now ?? START
    const wasInTransaction = session.isInTransaction
    await session.execute(frames)
    if (frames.some((frame) => frame.includes(this.#channel))) await this.sessions.fetchNotifications()
    if (wasInTransaction && !session.isInTransaction) await this.sessions.unblock()
  }

  #after(ms: number, run: () => Promise<void>): void {
    if (this.#time !== undefined && ms > 0) this.#time.at(this.#time.ms + ms, run)
  }
}
