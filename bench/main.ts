import { writeFileSync } from "node:fs"
import { cpus, loadavg, totalmem } from "node:os"
import { parseArgs } from "node:util"
import { ENDURANCE_ROWS } from "./rows/endurance"
import { MEMORY_ROWS } from "./rows/memory"
import type { Row, RowContext, RowResult } from "./rows/Row"
import { STORE_ROWS } from "./rows/store"
import { THROUGHPUT_ROWS } from "./rows/throughput"

// `npm run bench -- [--only row,row] [--quick] [--minutes m] [--json file] [--verbose]`.
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    minutes: { type: "string", default: "30" },
    json: { type: "string" },
    verbose: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
})

const ROWS: Row[] = [...THROUGHPUT_ROWS, ...MEMORY_ROWS, ...ENDURANCE_ROWS, ...STORE_ROWS]
if (values.list) {
  for (const row of ROWS) process.stdout.write(`${row.id.padEnd(14)} ${row.what}\n`)
  process.exit(0)
}
const only = values.only?.split(",")
const unknown = only?.filter((id) => !ROWS.some((row) => row.id === id)) ?? []
if (unknown.length > 0) {
  process.stderr.write(`There is no row ${unknown.join(", ")}; --list names them.\n`)
  process.exit(2)
}
const chosen = ROWS.filter((row) => (only ? only.includes(row.id) : !row.byNameAlone))

const context: RowContext = {
  quick: values.quick,
  rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
  minutes: Number(values.minutes),
  say: (text) => {
    if (values.verbose) process.stderr.write(`  ${text}\n`)
  },
}

const HEADS = ["row", "ours", "bare Socket.IO", "ratio", "goal", ""]
const verdict = ({ met }: RowResult) => (met === undefined ? "void" : met ? "met" : "MISSED")

function line(row: Row, result: RowResult): string[] {
  const what = result.note === undefined ? row.what : `${row.what} (${result.note})`
  return [what, result.ours, result.bare ?? "", result.ratio ?? "", row.goal, verdict(result)]
}

function markdown(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`
}

const cpu = cpus()[0]?.model ?? "unknown processor"
const machine = `${cpus().length} × ${cpu}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`
process.stdout.write(
  `${machine}; load before ${loadavg()[0]?.toFixed(2)}; median of ${context.rounds}${values.quick ? ", quick" : ""}\n\n`,
)
process.stdout.write(markdown(HEADS) + markdown(HEADS.map(() => "---")))

const results: Record<string, RowResult> = {}
let missed = 0
for (const row of chosen) {
  context.say(`── ${row.id}`)
  try {
    const result = await row.run(context)
    results[row.id] = result
    if (result.met === false) missed++
    process.stdout.write(markdown(line(row, result)))
  } catch (error) {
    missed++
    process.stdout.write(markdown([row.what, "broke", "", "", row.goal, "MISSED"]))
    process.stderr.write(`${row.id}: ${error instanceof Error ? error.stack : error}\n`)
  }
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine, quick: values.quick, results }, null, 2)}\n`)
process.exit(missed === 0 ? 0 : 1)
