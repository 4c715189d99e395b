import { Client } from "pg"
import { expect, test } from "vitest"
import type { ResponseUsage } from "@/lib/trace/responseUsage"
import { openPostgresRunStore } from "@/server/store/postgres/PostgresRunStore"
import { exactText } from "@/server/store/postgres/runRow"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"
import { aBatch, aNewRun, anEncodedTurn } from "@/server/store/testing/storeSamples"
import { RESPONSES, STORED_BATCHES } from "./roundSql"

const KEYS = 300
const USAGE: ResponseUsage = {
  input_tokens: 1,
  cached_input_tokens: 0,
  output_tokens: 1,
  reasoning_tokens: 0,
  cost_usd: 0,
  estimated_cost_usd: 0,
  model_turns: 1,
  has_cost: false,
  has_estimate: false,
}

type Plan = { "Node Type": string; "Actual Rows": number; "Actual Loops": number; Plans?: Plan[] }

describeWithPostgres("the statements of a write round", (databases) => {
  // As in a new partition, the tables have no statistics, and the statements were prepared and planned while the tables
  // were empty.
  test("looking up batches and responses reads no other rows of the run", async () => {
    const url = await databases.create()
    const store = await openPostgresRunStore({ url })
    const client = new Client({ connectionString: url })
    await client.connect()
    try {
      await client.query("SET plan_cache_mode = force_generic_plan")
      await client.query(`PREPARE stored_batches (text[], text[]) AS ${STORED_BATCHES}`)
      await client.query(`PREPARE responses_used (text[], text[]) AS ${RESPONSES}`)
      const { run_id } = (await store.start(aNewRun())).row
      const keys = Array.from({ length: KEYS }, (_, at) => `a-key-${at}`)
      const append = (key: string) => {
        const turns = [anEncodedTurn(key, { response: { id: key, usage: USAGE } })]
        return store.append(aBatch(run_id, [], { turns, idempotency_key: key }))
      }
      await Promise.all(keys.map(append))
      for (const name of ["stored_batches", "responses_used"]) {
        const { rows } = await client.query(
          `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE ${name}(ARRAY['${run_id}', '${run_id}'], ARRAY['${exactText("a-key-7")}', 'none'])`,
        )
        const plan: Plan = rows[0]["QUERY PLAN"][0].Plan
        expect(plan["Actual Rows"], name).toBe(1)
        expect(rowsRead(plan), name).toBeLessThan(KEYS / 10)
      }
    } finally {
      await client.end()
      await store.close()
    }
  })
})

/** Returns the number of rows that all steps of a query plan have read in total. */
function rowsRead(plan: Plan): number {
  const own = plan["Actual Rows"] * plan["Actual Loops"]
  return own + (plan.Plans ?? []).reduce((sum, child) => sum + rowsRead(child), 0)
}
