import { seededRandom } from "@/e2e/kit/seededRandom"
import { OUTCOME_STATUSES } from "@/lib/protocol/words"
import { prepareTurn } from "@/server/registry/encodeTurn"
import type { RunStore } from "@/server/store/RunStore"
import { openSqliteRunStore } from "@/server/store/SqliteRunStore"

// Fills a database with made-up runs through the product's own store: `node fillStore.js <file> <runs>`.
const [file = "", count = "0"] = process.argv.slice(2)
const random = seededRandom(7)
const AT_ONCE = 200
const VERBS = ["deploy", "fix", "review", "migrate", "test", "refactor", "document", "measure"]
const THINGS = ["the gateway", "invoices", "the login page", "a flaky test", "the exporter", "the store"]

function intent(number: number): string {
  const rare = number % 10_000 === 123 ? " in zugzwang" : ""
  return `${random.pick(VERBS)} ${random.pick(THINGS)}${rare} (${number})`
}

async function fillOne(store: RunStore, number: number, startedAt: number): Promise<void> {
  const run_id = `filled-${String(number).padStart(8, "0")}`
  const agent_id = `filled/${number % 40}`
  const at = (seconds: number) => new Date(startedAt + seconds * 1_000).toISOString()
  const run = { run_id, agent_id, client_id: "bench", owner: "bench", labels: { team: `t${number % 7}` } }
  const started = store.start({ ...run, intent: intent(number), started_at: at(0) })
  const turns = Array.from(
    { length: random.int(2, 6) },
    (_, k) =>
      prepareTurn({
        tool: "bash",
        parameters: { command: `${random.pick(VERBS)} --step ${k}` },
        output: `done ${random.pick(THINGS)} `.repeat(random.int(2, 20)),
        duration_ms: random.int(5, 5_000),
      }).encoded,
  )
  const writer = [agent_id]
  const batch = { run_id, writer, owner: "bench", turns, recorded_at: at(5), maxTurns: 10_000 }
  const appended = store.append(batch)
  // One in a thousand is left open; a server that starts on this gives it a grace window.
  const outcome = { status: random.pick(OUTCOME_STATUSES), summary: "made up" }
  const ended =
    number % 1_000 === 999
      ? undefined
      : store.complete({ run_id, writer, owner: "bench", outcome, ended_at: at(60) })
  const results = await Promise.all([started, appended, ended])
  if (results[1].ok === false) throw new Error(`append: ${results[1].code}`)
}

const store = await openSqliteRunStore({ file })
const runs = Number(count)
const firstStart = Date.now() - runs * 10_000
for (let number = 0; number < runs; number += AT_ONCE) {
  const some = Array.from({ length: Math.min(AT_ONCE, runs - number) }, (_, k) =>
    fillOne(store, number + k, firstStart + (number + k) * 10_000),
  )
  await Promise.all(some)
}
await store.close()
