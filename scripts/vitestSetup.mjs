import { randomBytes } from "node:crypto"
import { existsSync, statSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { tryBundleServer } from "./bundle.mjs"
import { removePostgres } from "./postgres.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const outDir = join(root, "build/server")
const stampFile = join(outDir, "sources.json")
const worker = join(outDir, "sqliteWorker.js")

/** The folder of the PostgreSQL server, which is started by the first test that needs it. */
const postgresFolder = join(tmpdir(), `turnline-postgres-${process.pid}-${randomBytes(4).toString("hex")}`)

export async function setup() {
  process.env.TURNLINE_TEST_POSTGRES = postgresFolder
  await bundle()
}

export function teardown() {
  removePostgres(postgresFolder)
}

/** Bundles the programs that tests start as threads and processes, if a source file has changed since the last time. */
async function bundle() {
  if (await isFresh()) return
  const { inputs, errors } = await tryBundleServer(outDir)
  for (const [output, error] of Object.entries(errors)) {
    if (output === "sqliteWorker.js" || !existsSync(worker)) throw error
    process.stderr.write(`build/server/${output} couldn't be bundled: ${error.message}\n`)
  }
  await mkdir(outDir, { recursive: true })
  if (Object.keys(errors).length === 0) await writeFile(stampFile, JSON.stringify(stamps(inputs)))
}

async function isFresh() {
  try {
    const before = JSON.parse(await readFile(stampFile, "utf8"))
    const entries = ["server/app/main.ts", "cli/token.ts", "cli/backup.ts", "cli/audit.ts"].filter((entry) =>
      existsSync(join(root, entry)),
    )
    if (!existsSync(worker) || entries.some((entry) => before[entry] === undefined)) return false
    const now = stamps(Object.keys(before))
    return Object.keys(before).every((input) => before[input] === now[input])
  } catch {
    return false
  }
}

function stamps(inputs) {
  return Object.fromEntries(
    inputs.map((input) => {
      const stats = statSync(join(root, input), { throwIfNoEntry: false })
      return [input, stats && `${stats.mtimeMs}:${stats.size}`]
    }),
  )
}
