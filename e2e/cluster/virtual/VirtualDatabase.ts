import { Client } from "pg"
import { connectWriter } from "@/server/store/postgres/Connection"
import { migrate } from "@/server/store/postgres/migrate"
import { PARTITIONED_TABLES } from "@/server/store/postgres/schema"
import { Backends } from "./Backends"
import { type Pending, Traffic } from "./Traffic"

/**
 * The database's clock for one schema: functions that hide PostgreSQL's own, because the schema comes first in the search
 * path. As in PostgreSQL, `now()` doesn't change within a transaction.
 */
const CLOCK = `
CREATE SEQUENCE virtual_time;
CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$ BEGIN
  RETURN (SELECT to_timestamp(last_value / 1000.0) FROM virtual_time);
END $$;
CREATE FUNCTION now() RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE ms text := current_setting('virtual.now', true);
BEGIN
  IF ms IS NULL OR ms = '' THEN
    SELECT last_value::text INTO ms FROM virtual_time;
    PERFORM set_config('virtual.now', ms, true);
  END IF;
  RETURN to_timestamp(ms::double precision / 1000);
END $$;`
/** The time at which every seed starts. */
export const START = Date.UTC(2026, 0, 1, 12)
const SET_TIME = { name: "time", text: "SELECT setval('virtual_time', $1)" }
const SETTING: Pending = { count: 1, isHeld: () => false }
const TABLES = [
  ...["runs", "run_texts", "run_labels", ...PARTITIONED_TABLES, "deleted_runs", "indexed_runs", "tokens"],
  ...["sessions", "ended_sessions", "nodes", "ingest_requests", "settings", "sweeps", "live_runs"],
]
/** A schema with its own clock. It is emptied and reused for each seed. */
export class VirtualDatabase {
  /**
   * The address of sessions with the schema's own clock. Commits aren't flushed, because PostgreSQL itself never
   * crashes here.
   */
  readonly url: string
  readonly client: Client
  readonly traffic = new Traffic()
  readonly backends: Backends
  #epochMs = 0
  #setting: Promise<void> | undefined

  private constructor(url: string) {
    this.url = url
    this.backends = new Backends(url, this.traffic)
    this.client = new Client({ connectionString: url })
    this.client.on("error", () => {})
  }

  /** `schemaUrl`: the address of an empty schema. */
  static async open(schemaUrl: string): Promise<VirtualDatabase> {
    const name = /search_path=([a-z0-9_]+)/.exec(decodeURIComponent(schemaUrl))?.[1]
    if (name === undefined) throw new Error("The address doesn't name a schema")
    const url = new URL(schemaUrl)
    url.searchParams.set("options", `-csearch_path=${name},pg_catalog -csynchronous_commit=off`)
    const database = new VirtualDatabase(url.href.replaceAll("+", "%20"))
    await database.client.connect()
    await database.client.query(CLOCK)
    await database.client.query({ ...SET_TIME, values: [START] })
    const migrator = await connectWriter({
      url: database.url,
      applicationName: "virtual",
      withoutTimeouts: true,
    })
    await migrate(migrator)
    await migrator.end()
    return database
  }

  async empty(): Promise<void> {
    await this.client.query(TABLES.map((table) => `DELETE FROM ${table}`).join(";"))
  }

  /** Sets the clock soon. If called again before that, only the last time is set. */
  setTime(epochMs: number): void {
    this.#epochMs = epochMs
    this.#setting ??= this.#set().finally(() => {
      this.#setting = undefined
    })
  }

  async #set(): Promise<void> {
    this.traffic.pairs.add(SETTING)
    for (let setMs = 0; setMs !== this.#epochMs; ) {
      setMs = this.#epochMs
      await this.client.query({ ...SET_TIME, values: [setMs] })
      this.traffic.onMoved()
    }
    this.traffic.pairs.delete(SETTING)
  }

  async close(): Promise<void> {
    this.backends.close()
    await this.client.end()
  }
}
