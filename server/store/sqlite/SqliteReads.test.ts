import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { RunQuery } from "@/server/store/RunStore"
import { aQuery } from "@/server/store/testing/storeSamples"
import { migrate } from "./migrate"
import { openForWriting, type SqliteDatabase } from "./SqliteDatabase"
import { SqliteReads } from "./SqliteReads"

const dir = mkdtempSync(join(tmpdir(), "turnline-reads-"))
let db: SqliteDatabase
beforeAll(() => {
  db = openForWriting(join(dir, "turnline.db"))
  migrate(db)
})
afterAll(() => {
  db.close()
  rmSync(dir, { recursive: true })
})

/** Returns the query plans of the statements that `read` executes. */
function plansOf(read: (reads: SqliteReads) => unknown): string[] {
  const plans: string[] = []
  const spy = {
    file: db.file,
    query: (sql: string) => ({
      ...db.query(sql),
      first: (...values: (string | number | null)[]) => spy.query(sql).all(...values)[0],
      all: (...values: (string | number | null)[]) => {
        const steps = db.query(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
        plans.push(steps.map((step) => String(step[3])).join("; "))
        return db.query(sql).all(...values)
      },
    }),
  }
  read(new SqliteReads(spy as SqliteDatabase))
  return plans
}

test.each<[string, Partial<RunQuery>, string[]]>([
  ["everything", {}, ["runs_by_start"]],
  ["one status", { filter: { status: ["in_progress"] } }, ["runs_by_status"]],
  ["two statuses", { filter: { status: ["completed", "incomplete"] } }, ["runs_by_status", "runs_by_status"]],
  ["an agent", { filter: { agent_id: "a" } }, ["runs_by_agent"]],
  ["agents that may be read", { readers: ["a/*", "b"] }, ["runs_by_start"]],
  ["one agent that may be read", { readers: ["a"], filter: { status: ["completed"] } }, ["runs_by_agent"]],
  ["an outcome", { filter: { outcome: ["failure"], status: ["completed"] } }, ["runs_by_start"]],
  ["a parent", { filter: { parent_run_id: "a" } }, ["runs_by_parent"]],
  ["words", { filter: { q: "x" } }, ["runs_by_start"]],
])("a list of %s is read in the order of an index, without sorting", (_, given, indexes) => {
  const before = Buffer.from("1767323045678.run").toString("base64url")
  for (const query of [aQuery(given), aQuery({ ...given, before })]) {
    const plans = plansOf((reads) => reads.list(query))
    expect(plans).toHaveLength(indexes.length)
    for (const [at, plan] of plans.entries()) {
      expect(plan).toContain(`INDEX ${indexes[at]}`)
      expect(plan).not.toContain("TEMP B-TREE")
    }
  }
})

test("counts only read an index", () => {
  const filters: Partial<RunQuery>[] = [
    {},
    { readers: ["a/*"] },
    { filter: { agent_id: "a" } },
    { filter: { outcome: ["failure"], failed: true } },
    { filter: { overlaps: { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" } } },
  ]
  for (const given of filters) {
    const [plan] = plansOf((reads) => reads.count({ ...aQuery(given), failedSince: "2026-01-01T00:00:00Z" }))
    expect(plan).toContain("COVERING INDEX")
  }
})
