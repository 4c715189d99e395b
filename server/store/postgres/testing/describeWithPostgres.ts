import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { Client } from "pg"
import { describe, vi } from "vitest"
import { startPostgres, whyNoPostgres } from "@/scripts/postgres.mjs"

const WAIT_MS = 60_000
/** Long, because a test may start a database and several servers on a busy machine. */
const TEST_TIMEOUT_MS = 90_000

/** Creates empty databases for tests, as schemas of one database. */
export type TestDatabases = {
  /** Returns the address of a new, empty schema. */
  create(): Promise<string>
}

/**
 * Describes tests that need PostgreSQL. Uses the server in `DATABASE_URL_TEST`, or else a private server, which the
 * first test starts and which is stopped at the end of the test run. If neither is available, the tests are skipped,
 * and their names say why.
 */
export function describeWithPostgres(name: string, tests: (databases: TestDatabases) => void): void {
  const missing = process.env.DATABASE_URL_TEST ? undefined : whyNoPostgres()
  vi.setConfig({ testTimeout: TEST_TIMEOUT_MS, hookTimeout: TEST_TIMEOUT_MS })
  const title = missing === undefined ? name : `${name} (skipped: no PostgreSQL: ${missing})`
  describe.skipIf(missing !== undefined)(title, () => tests({ create: createDatabase }))
}

let created = 0

async function createDatabase(): Promise<string> {
  const url = process.env.DATABASE_URL_TEST || (await sharedInstance())
  const schema = `test_${process.pid}_${Date.now().toString(36)}_${++created}`
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(`CREATE SCHEMA ${schema}`)
  await client.end()
  return `${url}${url.includes("?") ? "&" : "?"}options=${encodeURIComponent(`-csearch_path=${schema}`)}`
}

/**
 * Returns the private server of this test run. One process starts the server; the other processes wait for its address.
 */
async function sharedInstance(): Promise<string> {
  const folder = process.env.TURNLINE_TEST_POSTGRES
  if (folder === undefined) throw new Error("The test set-up has no folder for PostgreSQL")
  const addressFile = join(folder, "url")
  const failureFile = join(folder, "failure")
  if (makeFolder(folder)) {
    await startPostgres(folder).then(
      (url) => writeFileSync(addressFile, url),
      (error) => writeFileSync(failureFile, String(error)),
    )
  }
  for (let waited = 0; waited < WAIT_MS && !existsSync(failureFile); waited += 50) {
    const url = existsSync(addressFile) ? readFileSync(addressFile, "utf8") : ""
    if (url !== "") return url
    await setTimeout(50)
  }
  const failure = existsSync(failureFile) ? readFileSync(failureFile, "utf8") : "it took too long"
  throw new Error(`PostgreSQL didn't start: ${failure}`)
}

function makeFolder(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch {
    return false
  }
}
