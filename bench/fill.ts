import { seededRandom } from "@/e2e/kit/seededRandom"
import { OUTCOME_STATUSES } from "@/lib/protocol/enums"
import { encodeTurn } from "@/server/registry/encodeTurn"
import type { EncodedTurn } from "@/server/store/RunStore"
import { migrate } from "@/server/store/sqlite/migrate"
import { packAlone } from "@/server/store/sqlite/PackedBatch"
import { openForWriting } from "@/server/store/sqlite/SqliteDatabase"
import { SqliteWrites } from "@/server/store/sqlite/SqliteWrites"

// Fills a database with the store's own code, in large transactions that aren't flushed to disk:
// `node build/bench/fill.js <file> <runs> <turns per run> [words per turn]`. Stop the server before running it.
const [file = "", runCount = "0", turnCount = "0", wordCount = "60"] = process.argv.slice(2)
const [runs, turnsPerRun, wordsPerTurn] = [Number(runCount), Number(turnCount), Number(wordCount)]
const random = seededRandom(7)
/** How many turns the first run has, so that searches in a long run can be measured. */
const LONG_RUN_TURNS = 10_000
const RUNS_PER_TRANSACTION = Math.max(1, Math.floor(20_000 / Math.max(1, turnsPerRun)))
const VOCABULARY = Array.from({ length: 40_000 }, (_, at) => makeWord(at))

/** Returns a pronounceable word, which is different for each number. */
function makeWord(number: number): string {
  const parts = [
    "ba",
    "do",
    "fi",
    "ge",
    "ku",
    "la",
    "mo",
    "ni",
    "pe",
    "ra",
    "so",
    "tu",
    "ve",
    "wi",
    "xa",
    "zo",
  ]
  let word = ""
  for (let left = number + 16; left > 0; left = Math.floor(left / 16)) word += parts[left % 16]
  return word
}

/** Returns a random word. As in natural text, a few words are common and most are rare. */
function word(): string {
  return VOCABULARY[Math.floor(VOCABULARY.length ** random.next()) - 1] ?? "ba"
}

/**
 * Encodes some turns in advance, because encoding every turn would take too long. The stored turns differ from these
 * only in a number and a word.
 */
function aPool(): EncodedTurn[] {
  return Array.from({ length: 2_000 }, (_, at) => {
    const words = (count: number) => Array.from({ length: count }, word).join(" ")
    const common = { duration_ms: random.int(5, 5_000), usage: { input_tokens: 900, output_tokens: 40 } }
    const turn =
      at % 2 === 0
        ? { message: `NUMBER ${words(wordsPerTurn)}`, ...common }
        : {
            tool: "bash",
            parameters: { command: `NUMBER ${words(8)}` },
            output: words(wordsPerTurn),
            ...common,
          }
    return encodeTurn(turn)
  })
}

const pool = aPool()
function aTurn(run: number, index: number): EncodedTurn {
  const turn = random.pick(pool)
  const rare = run % 10_000 === 123 && index === turnsPerRun - 1 ? "zugzwang" : word()
  return { ...turn, body: turn.body.replace("NUMBER", `step-${run}-${index} ${rare}`) }
}

function fillOne(writes: SqliteWrites, run: number, startedAt: number): void {
  const run_id = `filled-${String(run).padStart(8, "0")}`
  const agent_id = `filled/${run % 40}`
  const at = (seconds: number) => new Date(startedAt + seconds * 1_000).toISOString()
  const owner = "bench"
  const intent = `${word()} ${word()} the ${word()} of ${word()} (${run})`
  writes.start({
    run_id,
    writer: [agent_id],
    agent_id,
    client_id: owner,
    owner,
    labels: { team: `t${run % 7}` },
    intent,
    started_at: at(0),
  })
  const count = run === 0 ? LONG_RUN_TURNS : turnsPerRun
  for (let index = 0; index < count; index += 256) {
    const turns = Array.from({ length: Math.min(256, count - index) }, (_, k) => aTurn(run, index + k))
    const batch = { run_id, writer: [agent_id], owner, turns, recorded_at: at(5), maxTurns: 2 ** 20 }
    writes.append(...packAlone(batch))
  }
  // One run in a thousand stays in progress. A server that is started on this database gives it a grace period.
  if (run % 1_000 === 999) return
  const outcome = { status: random.pick(OUTCOME_STATUSES), summary: `${word()} ${word()} ${word()}` }
  writes.complete({ run_id, writer: [agent_id], owner, outcome, ended_at: at(60) })
}

const db = openForWriting(file)
migrate(db)
db.exec("PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 20000")
const writes = new SqliteWrites(db)
const began = performance.now()
const firstStart = Date.now() - runs * 10_000
for (let run = 0; run < runs; run += RUNS_PER_TRANSACTION) {
  db.transaction(() => {
    for (let k = run; k < Math.min(runs, run + RUNS_PER_TRANSACTION); k++)
      fillOne(writes, k, firstStart + k * 10_000)
    writes.flush()
  })
  writes.committed()
}
db.query("PRAGMA wal_checkpoint(TRUNCATE)").all()
db.close()
const seconds = (performance.now() - began) / 1_000
process.stdout.write(`${runs} runs, ${runs * turnsPerRun} turns in ${seconds.toFixed(1)} s\n`)
