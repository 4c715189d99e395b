import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { chooseRows, loadText, machineText, tableHead, tableLine, verdictOf } from "@/bench/report"
import { ensureBuild } from "@/scripts/setup.mjs"
import type { PageContext, PageResult, PageRow } from "./Row"
import { FIRST_LOAD_ROWS } from "./rows/firstLoad"
import { HIDDEN_ROWS } from "./rows/hidden"
import { LIVE_ROWS } from "./rows/live"
import { OPENING_ROWS } from "./rows/opening"
import { RUN_GRID_ROWS } from "./rows/runGrid"
import { SCROLLING_ROWS } from "./rows/scrolling"
import { World } from "./World"

// `npm run bench:pages -- [--only row,row] [--quick] [--rounds n] [--hidden minutes] [--profiles folder] [--json file] [--verbose]`.
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    hidden: { type: "string", default: "0.5" },
    profiles: { type: "string" },
    json: { type: "string" },
    verbose: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
})

const ROWS: PageRow[] = [
  ...FIRST_LOAD_ROWS,
  ...OPENING_ROWS,
  ...SCROLLING_ROWS,
  ...LIVE_ROWS,
  ...RUN_GRID_ROWS,
  ...HIDDEN_ROWS,
]
const chosen = chooseRows(ROWS, values)

const context: PageContext = {
  quick: values.quick,
  rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
  hiddenMinutes: Number(values.hidden),
  profiles: values.profiles,
  say: (text) => {
    if (values.verbose) process.stderr.write(`  ${text}\n`)
  },
}

await ensureBuild()
const machine = machineText()
process.stdout.write(`${machine}; load before ${loadText()}; median of ${context.rounds}\n\n`)
process.stdout.write(tableHead(["row", "measured", "goal", ""]))

const results: Record<string, PageResult> = {}
let missed = 0
for (const row of chosen) {
  context.say(`── ${row.id}`)
  const world = await World.begin()
  try {
    const result = await row.run(world, context)
    results[row.id] = result
    if (result.met === false) missed++
    const what = result.note === undefined ? row.what : `${row.what} (${result.note})`
    process.stdout.write(tableLine([what, result.measured, row.goal, verdictOf(result.met)]))
  } catch (error) {
    missed++
    process.stdout.write(tableLine([row.what, "broke", row.goal, "MISSED"]))
    process.stderr.write(`${row.id}: ${error instanceof Error ? error.stack : error}\n`)
  } finally {
    await world.end()
  }
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`)
process.exit(missed === 0 ? 0 : 1)
