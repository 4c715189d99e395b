import type { Cast } from "@/demo/Cast"
import { red, yellow } from "@/demo/content/terminal"
import type { Scene } from "@/demo/Scene"
import type { AgentOutcome } from "@/lib/protocol/run"

const TABLES = ["orders", "parcels", "invoices", "stock_moves", "returns", "postcodes"]
const ERRORS = [
  { type: "ConnectionRefused", message: "connect ECONNREFUSED warehouse.internal:5432" },
  { type: "DiskFull", message: "could not extend file: no space left on device" },
  { type: "SchemaMismatch", message: 'column "net_cents" does not exist' },
  { type: "LockTimeout", message: "canceling statement due to lock timeout" },
]

/** Nightly jobs that don't always finish: many fail, some time out. */
export function liveAsNightly(cast: Cast): Promise<void> {
  return cast.live(() => {
    const table = cast.chance.pick(TABLES)
    return cast.play(
      { intent: `Copy ${table} into the warehouse`, labels: { table, job: "nightly" } },
      (scene) => copyTable(scene, table),
    )
  }, [2_000, 10_000])
}

async function copyTable(scene: Scene, table: string): Promise<AgentOutcome> {
  const { chance } = scene
  const rows = chance.whole(2_000, 900_000)
  await scene.call("count_rows", { table }, { output: { table, rows } })
  const parts = chance.whole(3, 14)
  const failsAt = chance.maybe(0.4) ? chance.whole(1, parts) : 0
  const isSlow = chance.maybe(0.2)
  for (let part = 1; part <= parts; part++) {
    const parameters = { table, part, of: parts, rows: Math.ceil(rows / parts) }
    if (part === failsAt) return stumble(scene, parameters)
    await scene.call("copy_rows", parameters, {
      output: { copied: parameters.rows, rejected: chance.maybe(0.2) ? chance.whole(1, 40) : 0 },
      ms: chance.skewed(300, isSlow ? 14_000 : 3_000),
    })
    if (isSlow && part > parts / 2)
      return {
        status: "timeout",
        summary: `Out of time after ${part} of ${parts} parts.`,
        metrics: { part, parts },
      }
  }
  await scene.think({ message: `Copied **${rows}** rows of \`${table}\` in ${parts} parts.` })
  return { status: "success", summary: `${rows} rows copied.`, metrics: { rows, parts } }
}

/** Repeats the same part three times and then stops. */
async function stumble(scene: Scene, parameters: { table: string; part: number }): Promise<AgentOutcome> {
  const error = scene.chance.pick(ERRORS)
  for (let attempt = 1; attempt <= 3; attempt++) {
    const stack = [
      red(`${error.type}: ${error.message}`),
      "    at copyPart (jobs/copy.ts:118:11)",
      "    at async main (jobs/nightly.ts:22:5)",
    ].join("\n")
    await scene.call("copy_rows", parameters, { output: stack, error, exit: 1 })
    if (attempt < 3)
      scene.note("retry", yellow(`attempt ${attempt} of 3 failed`), { attempt, error: error.type })
    await scene.wait(1_000 * attempt)
  }
  await scene.think({
    thinking: "The same error three times: a fourth attempt would tell me nothing new.",
    message: `Part ${parameters.part} of \`${parameters.table}\` can't be copied: **${error.type}**. The earlier parts are stored.`,
  })
  return { status: "failure", summary: error.message, evidence: error }
}
