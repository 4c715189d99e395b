import { writeFileSync } from "node:fs"
import { cpus, loadavg, totalmem } from "node:os"
import { parseArgs } from "node:util"
import { ensureBuild } from "@/scripts/setup.mjs"
import type { PageContext, PageResult, PageRow } from "./Row"
import { FIRST_LOAD_ROWS } from "./rows/firstLoad"
import { HIDDEN_ROWS } from "./rows/hidden"
import { LIVING_ROWS } from "./rows/living"
import { OPENING_ROWS } from "./rows/opening"
import { SCROLLING_ROWS } from "./rows/scrolling"
import { WALL_ROWS } from "./rows/wall"
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
  ...LIVING_ROWS,
  ...WALL_ROWS,
  ...HIDDEN_ROWS,
]
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

const context: PageContext = {
  quick: values.quick,
  rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
  hiddenMinutes: Number(values.hidden),
  profiles: values.profiles,
  say: (text) => {
    if (values.verbose) process.stderr.write(`  ${text}\n`)
  },
}

const verdict = ({ met }: PageResult) => (met === undefined ? "void" : met ? "met" : "MISSED")
const markdown = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`

await ensureBuild()
const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`
process.stdout.write(`${machine}; load before ${loadavg()[0]?.toFixed(2)}; median of ${context.rounds}\n\n`)
const HEADS = ["row", "measured", "goal", ""]
process.stdout.write(markdown(HEADS) + markdown(HEADS.map(() => "---")))

const results: Record<string, PageResult> = {}
let missed = 0
for (const row of ROWS.filter(({ id }) => only?.includes(id) ?? true)) {
  context.say(`── ${row.id}`)
  const world = await World.begin()
  try {
    const result = await row.run(world, context)
    results[row.id] = result
    if (result.met === false) missed++
    const what = result.note === undefined ? row.what : `${row.what} (${result.note})`
    process.stdout.write(markdown([what, result.measured, row.goal, verdict(result)]))
  } catch (error) {
    missed++
    process.stdout.write(markdown([row.what, "broke", row.goal, "MISSED"]))
    process.stderr.write(`${row.id}: ${error instanceof Error ? error.stack : error}\n`)
  } finally {
    await world.end()
  }
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`)
process.exit(missed === 0 ? 0 : 1)
