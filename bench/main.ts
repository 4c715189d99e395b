import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { chooseRows, loadText, machineText, tableHead, tableLine, verdictOf } from "./report"
import { CLUSTER_ROWS } from "./rows/cluster"
import { ENDURANCE_ROWS } from "./rows/endurance"
import { FOREIGN_ROWS } from "./rows/foreign"
import { MEMORY_ROWS } from "./rows/memory"
import { OTLP_ROWS } from "./rows/otlp"
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

const ROWS: Row[] = [
  ...THROUGHPUT_ROWS,
  ...MEMORY_ROWS,
  ...ENDURANCE_ROWS,
  ...STORE_ROWS,
  ...CLUSTER_ROWS,
  ...OTLP_ROWS,
  ...FOREIGN_ROWS,
]
const chosen = chooseRows(ROWS, values)

const context: RowContext = {
  quick: values.quick,
  rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
  minutes: Number(values.minutes),
  say: (text) => {
    if (values.verbose) process.stderr.write(`  ${text}\n`)
  },
}

const HEADS = ["row", "ours", "bare Socket.IO", "ratio", "goal", "", "bare, flushing to a file"]
function line(row: Row, result: RowResult): string[] {
  const what = result.note === undefined ? row.what : `${row.what} (${result.note})`
  return [
    what,
    result.ours,
    result.bare ?? "",
    result.ratio ?? "",
    row.goal,
    verdictOf(result.met),
    result.flushed ?? "",
  ]
}

const machine = machineText()
process.stdout.write(
  `${machine}; load before ${loadText()}; median of ${context.rounds}${values.quick ? ", quick" : ""}\n\n`,
)
process.stdout.write(tableHead(HEADS))

const results: Record<string, RowResult> = {}
let missed = 0
for (const row of chosen) {
  context.say(`── ${row.id}`)
  try {
    const result = await row.run(context)
    results[row.id] = result
    if (result.met === false) missed++
    process.stdout.write(tableLine(line(row, result)))
  } catch (error) {
    missed++
    process.stdout.write(tableLine([row.what, "broke", "", "", row.goal, "MISSED", ""]))
    process.stderr.write(`${row.id}: ${error instanceof Error ? error.stack : error}\n`)
  }
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine, quick: values.quick, results }, null, 2)}\n`)
process.exit(missed === 0 ? 0 : 1)
