import { describe, expect, test } from "vitest"
import { anOwner, aPrincipal, aTurn } from "@/lib/testing/builders"
import { registryWorld } from "@/lib/testing/registryWorld"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import { StoreUnavailableError } from "@/server/store/RunStore"

const everyone = aPrincipal()
type World = ReturnType<typeof registryWorld>

async function exportOf(w: World, run_id: string): Promise<string[]> {
  const records: string[] = []
  for await (const record of (await w.queries.exportRecords(everyone, run_id)) ?? []) records.push(record)
  return records
}

/** Exports a run with nearly all features that a run can have. */
async function anExport({ ends = true, turns = 300 } = {}): Promise<string[]> {
  const w = registryWorld()
  const owner = anOwner()
  const started = await w.registry.start(owner, everyone, {
    ...{ intent: "é".repeat(5_000), agent_id: "a", agent_name: "Robby", outcome_description: "green" },
    ...{ labels: { b: "1", a: "2" }, parent: { run_id: "p", turn_index: 3 }, continues: { run_id: "c" } },
    ...{ source: { name: "codex", session: "s" }, started_at: "2020-01-01T00:00:00.000Z" },
  })
  const run_id = started.ok ? started.run_id : ""
  const more = { zeta: 1, alpha: { deep: [null, "\u0000 \ud800 漢字"] }, long: "x".repeat(20_000) }
  for (let at = 0; at < turns; at += 100) {
    const batch = Array.from({ length: 100 }, (_, k) => aTurn({ output: `${at + k}`, ...(k === 7 && more) }))
    await w.registry.recordTurns(owner, everyone, { run_id, turns: batch })
    await w.clock.advanceAsync(1_000)
  }
  w.registry.ownerClosed(owner)
  await w.clock.advanceAsync(30_000)
  await w.registry.recordTurns(owner, everyone, { run_id, turns: [aTurn({ usage: { input_tokens: 5 } })] })
  const outcome = {
    status: "success",
    summary: "s",
    zeta: 1,
    metrics: { n: "\ue0c59007199254740993" },
  } as const
  if (ends) await w.registry.complete(anOwner("two"), everyone, { run_id, outcome })
  return exportOf(w, run_id)
}

describe("importing an export", () => {
  test("creates the same run with the same id, whose export has the same bytes", async () => {
    const records = await anExport()
    const w = registryWorld()
    const reply = await w.registry.importRun(everyone, records)
    const run_id = JSON.parse(records[0] ?? "").run_id
    expect(reply).toEqual({ ok: true, run_id, agent_id: "a", turns: 301 })
    expect(await exportOf(w, run_id)).toEqual(records)
    expect(await w.queries.get(everyone, run_id)).toMatchObject({
      ...{ status: "completed", imported: true, cursor: 301, started_at: "2020-01-01T00:00:00.000Z" },
      ...{ totals: { input_tokens: 5 }, connected: false, interruptions: [{}] },
    })
  })

  test("links the run to the one that continues it, which was imported before", async () => {
    const records = await anExport({ turns: 0 })
    const w = registryWorld()
    const { run_id } = JSON.parse(records[0] ?? "")
    await w.registry.importRun(everyone, records)
    const [head = "", ...rest] = await anExport({ turns: 0 })
    const earlier = JSON.stringify({ ...JSON.parse(head), run_id: "c", continues: { run_id: "b" } })
    w.calls.length = 0
    expect(await w.registry.importRun(everyone, [earlier, ...rest])).toMatchObject({ ok: true, run_id: "c" })
    expect(await w.queries.get(everyone, "c")).toMatchObject({ continued_by: { run_id } })
    expect(w.calls[0]?.[1]).toMatchObject({ run_id: "c", continued_by: { run_id } })
  })

  test("keeps numbers and fields that this version doesn't know, byte for byte", async () => {
    const [head = "", ...rest] = await anExport({ turns: 0 })
    const turn =
      '{"record":"turn","index":0,"recorded_at":"2026-01-01T00:00:00.000Z","kind":"tool","verifier_verdict":"not_run","output":{"n":18446744073709551615, "b" : 1.0},"future":[1]}'
    const w = registryWorld()
    await w.registry.importRun(everyone, [head, turn, rest.at(-1) ?? ""])
    expect((await exportOf(w, JSON.parse(head).run_id))[1]).toBe(turn)
  })

  test("of a run that was in progress creates an incomplete run with the same export", async () => {
    const records = await anExport({ ends: false })
    const w = registryWorld()
    await w.registry.importRun(everyone, records)
    const run_id = JSON.parse(records[0] ?? "").run_id
    expect(await w.queries.get(everyone, run_id)).toMatchObject({
      ...{ status: "incomplete", termination: { reason: "not_ended" } },
    })
    expect(await exportOf(w, run_id)).toEqual(records)
  })

  test("gives the run another id if its own is taken", async () => {
    const records = await anExport({ turns: 0 })
    const w = registryWorld()
    const one = await w.registry.importRun(everyone, records)
    const two = await w.registry.importRun(everyone, records)
    const ids = [one, two].map((reply) => (reply.ok ? reply.run_id : ""))
    expect(new Set(ids).size).toBe(2)
    expect(ids[0]).toBe(JSON.parse(records[0] ?? "").run_id)
  })

  test("creates one run from two concurrent imports, also on two nodes", async () => {
    const records = await anExport()
    const store = new MemoryRunStore()
    const nodes = [registryWorld({ store }), registryWorld({ store })]
    const replies = Promise.all(nodes.map((node) => node.registry.importRun(everyone, records)))
    for (const node of nodes) await node.clock.advanceAsync(1_000)
    const run_id = JSON.parse(records[0] ?? "").run_id
    const reply = { ok: true, run_id, agent_id: "a", turns: 301 }
    expect(await replies).toEqual([reply, reply])
    expect((await store.list({ readers: ["*"], filter: {}, limit: 10 })).rows).toHaveLength(1)
    expect(await exportOf(nodes[0] as World, run_id)).toEqual(records)
  })

  test("must be retried if a concurrent import with the same id fails or is of a different run", async () => {
    const records = await anExport()
    const broken = [...records.slice(0, -1), "{"]
    for (const other of [broken, [...records.slice(0, 200)]]) {
      const w = registryWorld()
      const replies = Promise.all([other, records].map((each) => w.registry.importRun(everyone, each)))
      await w.clock.advanceAsync(1_000)
      expect((await replies)[1]).toMatchObject({ ok: false, error: { code: "unavailable" } })
      const again = await w.registry.importRun(everyone, records)
      expect(again).toMatchObject({ ok: true, turns: 301 })
    }
  })

  test("gets another id if another agent's run is being imported with the same id", async () => {
    const records = await anExport({ turns: 0 })
    const w = registryWorld()
    const others = records.map((record) => record.replace('"agent_id":"a"', '"agent_id":"b"'))
    const [one, two] = await Promise.all([
      w.registry.importRun(aPrincipal({ write: ["a"] }), records),
      w.registry.importRun(aPrincipal({ write: ["b"] }), others),
    ])
    expect([one, two]).toMatchObject([{ ok: true }, { ok: true }])
    expect(new Set([one, two].map((reply) => reply.ok && reply.run_id)).size).toBe(2)
  })

  test("is published once, when it is complete", async () => {
    const records = await anExport()
    const w = registryWorld()
    await w.registry.importRun(everyone, records)
    expect(w.calls.map(([name]) => name)).toEqual(["runEnded"])
    expect(w.live.size).toBe(0)
  })

  test("starts the run's retention at the import, not at the end of the run", async () => {
    const records = await anExport()
    const w = registryWorld()
    const past = records.map((record) => record.replace(/"ended_at":"\d+/, '"ended_at":"2020'))
    await w.registry.importRun(everyone, past)
    expect(await w.registry.deleteEndedBefore("2025-12-31T00:00:00.000Z", 10)).toBe(0)
    expect(await w.registry.deleteEndedBefore("2026-01-02T00:00:00.000Z", 10)).toBe(1)
  })
})

describe("an import that fails", () => {
  const broken: [string, (records: string[]) => string[], string][] = [
    ["nothing", () => [], "Record 0: the file has no records."],
    ["text that isn't JSON", ([head = ""]) => [head, "{"], "Record 2: isn't valid JSON."],
    ["a missing first record", ([, ...rest]) => rest, "Record 1: "],
    ["a missing turn", (all) => all.filter((_, at) => at !== 5), "Record 6: expected turn 4, found turn 5."],
    [
      "a record after the end",
      (all) => [...all, all[1] ?? ""],
      "Record 304: nothing may follow the end of the run.",
    ],
    [
      "an unknown outcome",
      (all) => [...all.slice(0, -1), (all.at(-1) ?? "").replace("success", "purple")],
      "Record 303: ",
    ],
    ["an invalid turn", (all) => [all[0] ?? "", (all[1] ?? "").replace('"tool"', "5")], "Record 2: "],
  ]
  test.each(broken)(
    "because of %s returns the number of the record and leaves nothing behind",
    async (_, change, message) => {
      const w = registryWorld()
      const reply = await w.registry.importRun(everyone, change(await anExport()))
      expect(reply).toMatchObject({ ok: false, error: { code: "invalid_params" } })
      expect(!reply.ok && reply.error.message).toContain(message)
      const list = await w.queries.list(everyone, {})
      expect(list.ok && list.runs).toEqual([])
      expect(w.calls).toEqual([])
    },
  )

  test("because the token may not write as the run's agent is forbidden", async () => {
    const w = registryWorld()
    const other = aPrincipal({ write: ["b"] })
    expect(await w.registry.importRun(other, await anExport())).toMatchObject({
      error: { code: "forbidden" },
    })
    expect(await w.store.inProgress()).toEqual([])
  })

  test("because the store can't commit is `unavailable`, and the rest is deleted at the next start", async () => {
    const records = await anExport()
    const store = new MemoryRunStore()
    const w = registryWorld({ store })
    const { append, discardImport } = store
    store.append = () => Promise.reject(new StoreUnavailableError())
    store.discardImport = () => Promise.reject(new StoreUnavailableError())
    expect(await w.registry.importRun(everyone, records)).toMatchObject({ error: { code: "unavailable" } })
    Object.assign(store, { append, discardImport })
    expect(await store.inProgress()).toHaveLength(1)
    const next = registryWorld({ store })
    await next.registry.open()
    expect(await store.inProgress()).toEqual([])
    expect(await next.registry.importRun(everyone, records)).toMatchObject({ ok: true, turns: 301 })
  })
})
