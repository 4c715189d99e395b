import { describe, expect, test } from "vitest"
import type { CommandName, Reply } from "@/lib/protocol/catalog"
import { anOwner, aPrincipal, aTurn, aViewer } from "@/lib/testing/builders"
import { settle } from "@/lib/testing/fakeClock"
import { registryWorld } from "@/lib/testing/registryWorld"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import { StoreUnavailableError } from "@/server/store/RunStore"

const everyone = aPrincipal()
const world = registryWorld

/** Returns a successful reply. Throws if the command was refused. */
function accepted<N extends CommandName>(reply: Reply<N>): Extract<Reply<N>, { ok: true }> {
  if (!reply.ok) throw new Error(JSON.stringify(reply))
  return reply as Extract<Reply<N>, { ok: true }>
}

async function aStartedRun(w: ReturnType<typeof world>, owner = anOwner(), more = {}) {
  return accepted(await w.registry.start(owner, everyone, { intent: "x", agent_id: "agent/a", ...more }))
    .run_id
}

describe("runs.start", () => {
  test("stores a run with a UUIDv7 as id and then publishes it", async () => {
    const w = world()
    const reply = accepted(await w.registry.start(anOwner(), everyone, { intent: "x", agent_id: "a" }))
    expect(reply).toMatchObject({ agent_id: "a", created: true, cursor: 0, status: "in_progress" })
    expect(reply.run_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    expect(await w.store.get(reply.run_id)).toMatchObject({
      owner: "owner-1",
      client_id: "client of owner-1",
    })
    expect(w.calls).toMatchObject([["runChanged", { run_id: reply.run_id, connected: true }]])
  })

  test("I10: two concurrent starts with the same key create one run", async () => {
    const w = world()
    const payload = { intent: "x", agent_id: "a", idempotency_key: "k".repeat(8) }
    const [one, two] = await Promise.all([
      w.registry.start(anOwner("o1"), everyone, payload),
      w.registry.start(anOwner("o2"), everyone, payload),
    ])
    expect(accepted(two).run_id).toBe(accepted(one).run_id)
    expect([accepted(one).created, accepted(two).created]).toEqual([true, false])
    expect(w.live.size).toBe(1)
    expect(w.live.get(accepted(one).run_id)?.owner?.id).toBe("o2")
  })

  test("a key also finds its run after the end, without live data in memory", async () => {
    const w = world()
    const key = { idempotency_key: "k".repeat(8) }
    const run_id = await aStartedRun(w, anOwner(), key)
    await w.registry.complete(anOwner(), everyone, { run_id, outcome: { status: "done" } })
    const again = accepted(
      await w.registry.start(anOwner("o2"), everyone, { intent: "x", agent_id: "agent/a", ...key }),
    )
    expect(again).toMatchObject({ run_id, created: false, status: "completed" })
    expect(w.live.size).toBe(0)
    expect(w.live.writers).toBe(0)
  })

  test.each([
    ["named", ["*"], { agent_id: "a/b" }, "a/b"],
    ["the token's only exact agent", ["ci/x"], {}, "ci/x"],
    ["the name's slug", ["*"], { agent_name: "Bob's  Agent 2" }, "name:bob-s-agent-2"],
  ])("the agent is %s", async (_, write, wanted, agent_id) => {
    const reply = await world().registry.start(anOwner(), aPrincipal({ write }), { intent: "x", ...wanted })
    expect(reply).toMatchObject({ ok: true, agent_id })
  })

  test.each([
    ["forbidden outside the token's write patterns", ["ci/*"], { agent_id: "cd/x" }, "forbidden"],
    ["forbidden as a slug outside the token's write patterns", ["ci/*"], { agent_name: "x" }, "forbidden"],
    ["forbidden for a token without write patterns", [], {}, "forbidden"],
    ["invalid if it isn't given and can't be derived", ["a", "b"], {}, "invalid_params"],
  ])("an agent is %s", async (_, write, wanted, code) => {
    const reply = await world().registry.start(anOwner(), aPrincipal({ write }), { intent: "x", ...wanted })
    expect(reply).toMatchObject({ ok: false, error: { code } })
  })

  test("taking over another agent's run gets the same reply as for an unknown run", async () => {
    const w = world()
    const run_id = await aStartedRun(w)
    const other = aPrincipal({ write: ["b"] })
    expect(await w.registry.start(anOwner("o2"), other, { run_id })).toEqual(
      await w.registry.start(anOwner("o2"), other, { run_id: "none" }),
    )
    expect(w.live.get(run_id)?.owner?.id).toBe("owner-1")
  })

  test("a parent's viewers are notified of the child", async () => {
    const w = world()
    const parent = await aStartedRun(w)
    await aStartedRun(w, anOwner(), { parent: { run_id: parent } })
    await settle()
    expect(w.calls.at(-1)).toMatchObject(["runChanged", { run_id: parent, child_count: 1 }])
  })
})

describe("runs.record_turns", () => {
  test("assigns indices, stores, publishes, then replies", async () => {
    const w = world()
    const owner = anOwner()
    const run_id = await aStartedRun(w, owner)
    w.calls.length = 0
    const one = w.registry.recordTurns(owner, everyone, { run_id, turns: [aTurn(), aTurn()] })
    const two = w.registry.recordTurns(owner, everyone, { run_id, turns: [aTurn({ extra: 1 })] })
    expect(await one).toEqual({ ok: true, run_id, base_index: 0, count: 2 })
    expect(await two).toEqual({ ok: true, run_id, base_index: 2, count: 1 })
    expect(w.calls.map(([name, , from]) => [name, from])).toEqual([
      ["turnsStored", 0],
      ["turnsStored", 2],
    ])
    const { turns } = await w.store.turns({ run_id, from: 0, limit: 10, maxBytes: 1e6 })
    const live = w.calls.flatMap((call) => (call[0] === "turnsStored" ? call[3] : []))
    expect(live.map((turn) => JSON.stringify(turn))).toEqual(turns)
  })

  test("a turn that is too large for the wire is published as a preview and stored completely", async () => {
    const w = world()
    const run_id = await aStartedRun(w)
    await w.registry.recordTurns(anOwner(), everyone, {
      run_id,
      turns: [aTurn({ output: "é".repeat(20_000) })],
    })
    const published = w.calls.at(-1)
    const [live] = published?.[0] === "turnsStored" ? published[3] : []
    expect(live).toMatchObject({ truncated: { "/output": 40_000 } })
    const page = await w.store.turns({ run_id, from: 0, limit: 1, maxBytes: 1e6 })
    expect(page.turns).toEqual([JSON.stringify(live)])
    const whole = await w.queries.getTurn(everyone, { run_id, index: 0 })
    expect(accepted(whole).turn.output).toBe("é".repeat(20_000))
  })

  test("I12: turns whose commit couldn't be confirmed are published when the agent sends them again", async () => {
    const store = new MemoryRunStore()
    const w = world({ store })
    const owner = anOwner()
    const run_id = await aStartedRun(w, owner)
    const append = store.append.bind(store)
    store.append = async (batch) => {
      store.append = append
      await append(batch)
      throw new StoreUnavailableError("The connection broke after the commit")
    }
    const batch = { run_id, idempotency_key: "k".repeat(8), turns: [aTurn(), aTurn()] }
    expect(await w.registry.recordTurns(owner, everyone, batch)).toMatchObject({ ok: false })
    w.calls.length = 0
    expect(await w.registry.recordTurns(owner, everyone, batch)).toMatchObject({ ok: true, duplicate: true })
    expect(await w.registry.recordTurns(owner, everyone, batch)).toMatchObject({ ok: true, duplicate: true })
    expect(w.calls.filter(([name]) => name === "turnsStored")).toMatchObject([
      ["turnsStored", { run_id, cursor: 2 }, 0, []],
    ])
  })

  test("I9: a batch sent again with its key gets the first reply, even after the end, and is published once", async () => {
    const w = world()
    const run_id = await aStartedRun(w)
    const batch = { run_id, turns: [aTurn()], idempotency_key: "batch-001" }
    const first = accepted(await w.registry.recordTurns(anOwner(), everyone, batch))
    await w.registry.recordTurns(anOwner(), everyone, { run_id, turns: [aTurn()] })
    const again = await w.registry.recordTurns(anOwner(), everyone, batch)
    await w.registry.complete(anOwner(), everyone, { run_id, outcome: { status: "done" } })
    const after = await w.registry.recordTurns(anOwner(), everyone, batch)
    expect(again).toEqual({ ...first, duplicate: true })
    expect(after).toEqual({ ...first, duplicate: true })
    expect(w.calls.filter(([name]) => name === "turnsStored")).toHaveLength(2)
    expect(w.live.size).toBe(0)
  })

  test.each([
    ["an unknown run", { run_id: "none" }, "run_not_found", "not_found"],
    ["another cursor", { expected_index: 3 }, "index_conflict", "index_conflict"],
    ["more turns than a run may have", { turns: Array(5).fill(aTurn()) }, "run_turn_limit", "too_large"],
    [
      "too large a turn",
      { turns: [aTurn(), aTurn({ output: "x".repeat(999) })] },
      "turn_too_large",
      "too_large",
    ],
  ])("%s appends nothing and returns the reason", async (_, more, dropped, code) => {
    const w = world({ limits: { maxTurnsPerRun: 4, maxTurnBytes: 900 } })
    const run_id = await aStartedRun(w)
    w.calls.length = 0
    const payload = { run_id, turns: [aTurn()], ...more }
    const reply = await w.registry.recordTurns(anOwner(), everyone, payload)
    expect(reply).toMatchObject({
      ok: false,
      run_id: payload.run_id,
      base_index: 0,
      count: 0,
      dropped,
      error: { code },
    })
    if (code === "index_conflict") expect(reply).toMatchObject({ error: { cursor: 0 } })
    expect(w.calls).toEqual([])
    expect((await w.store.get(run_id))?.cursor).toBe(0)
  })

  test("I11: an ended run accepts no turns", async () => {
    const w = world()
    const run_id = await aStartedRun(w)
    await w.registry.complete(anOwner(), everyone, { run_id, outcome: { status: "done" } })
    const reply = await w.registry.recordTurns(anOwner(), everyone, { run_id, turns: [aTurn()] })
    expect(reply).toMatchObject({
      dropped: "run_terminal",
      error: { code: "already_terminal", status: "completed" },
    })
  })

  test("I29 S6: a viewer and another agent get the same reply as for an unknown run", async () => {
    const w = world()
    const run_id = await aStartedRun(w)
    for (const principal of [aViewer(), aPrincipal({ write: ["b"] })]) {
      const reply = await w.registry.recordTurns(anOwner("o2"), principal, { run_id, turns: [aTurn()] })
      const none = await w.registry.recordTurns(anOwner("o2"), principal, {
        run_id: "none",
        turns: [aTurn()],
      })
      expect({ ...reply, run_id: "" }).toEqual({ ...none, run_id: "" })
    }
  })

  test("I5: if the store can't commit, the reply is `unavailable` and nothing is published", async () => {
    const store = new MemoryRunStore()
    const w = world({ store })
    const run_id = await aStartedRun(w)
    w.calls.length = 0
    store.append = async () => {
      throw new StoreUnavailableError()
    }
    const reply = await w.registry.recordTurns(anOwner(), everyone, { run_id, turns: [aTurn()] })
    expect(reply).toMatchObject({
      ok: false,
      run_id,
      base_index: 0,
      count: 0,
      error: { code: "unavailable" },
    })
    expect(reply).not.toHaveProperty("dropped")
    expect(w.calls).toEqual([])
  })

  test("an unexpected error of the store rejects instead of becoming a refusal", async () => {
    const store = new MemoryRunStore()
    store.append = async () => {
      throw new TypeError("bug")
    }
    const reply = world({ store }).registry.recordTurns(anOwner(), everyone, {
      run_id: "r",
      turns: [aTurn()],
    })
    await expect(reply).rejects.toThrow("bug")
  })

  test("batches and the end reach the store synchronously and in order", () => {
    const store = new MemoryRunStore()
    const calls: string[] = []
    store.append = async () => {
      calls.push("append")
      return { ok: false, code: "not_found" }
    }
    store.complete = async () => {
      calls.push("complete")
      return { ok: false, code: "not_found" }
    }
    const w = world({ store })
    void w.registry.recordTurns(anOwner(), everyone, { run_id: "r", turns: [aTurn()] })
    void w.registry.recordTurns(anOwner(), everyone, { run_id: "r", turns: [aTurn()] })
    void w.registry.complete(anOwner(), everyone, { run_id: "r", outcome: { status: "done" } })
    expect(calls).toEqual(["append", "append", "complete"])
  })
})

describe("the end", () => {
  test("I11: runs.complete ends a run once; the same outcome again is a duplicate, and a different one is refused", async () => {
    const w = world()
    const run_id = await aStartedRun(w)
    const end = (status: "done" | "failure") =>
      w.registry.complete(anOwner(), everyone, { run_id, outcome: { status, summary: "s" } })
    expect(await end("done")).toEqual({ ok: true, run_id })
    expect(await end("done")).toEqual({ ok: true, run_id, duplicate: true })
    expect(await end("failure")).toMatchObject({ error: { code: "already_terminal", status: "completed" } })
    expect(w.calls.filter(([name]) => name === "runEnded")).toMatchObject([
      ["runEnded", { status: "completed", connected: false }, { kind: "outcome" }],
    ])
  })

  test("I28: an outcome over 64 KiB is too large", async () => {
    const w = world()
    const run_id = await aStartedRun(w)
    const outcome = { status: "done" as const, evidence: "x".repeat(65_536) }
    expect(await w.registry.complete(anOwner(), everyone, { run_id, outcome })).toMatchObject({
      error: { code: "too_large" },
    })
  })

  test("live data of a run is dropped at its end", async () => {
    const w = world()
    const owner = anOwner()
    for (let at = 0; at < 3; at++) {
      const run_id = await aStartedRun(w, owner)
      await w.registry.recordTurns(anOwner("second"), everyone, { run_id, turns: [aTurn()] })
      await w.registry.reportProgress(owner, everyone, { run_id, progress: { text: "x" } })
      await w.registry.reportProgress(owner, everyone, { run_id, progress: { text: "y" } })
      await w.registry.complete(owner, everyone, { run_id, outcome: { status: "done" } })
    }
    expect([w.live.size, w.live.writers, w.clock.timers]).toEqual([0, 0, 0])
  })

  test("runs.delete needs control and an ended run, and is published", async () => {
    const w = world()
    const run_id = await aStartedRun(w)
    expect(await w.registry.delete(aViewer({ control: false }), { run_id })).toMatchObject({
      error: { code: "forbidden" },
    })
    expect(await w.registry.delete(aViewer(), { run_id })).toMatchObject({ error: { code: "forbidden" } })
    await w.registry.complete(anOwner(), everyone, { run_id, outcome: { status: "done" } })
    const elsewhere = aViewer({ read: ["b"] })
    expect(await w.registry.delete(elsewhere, { run_id })).toEqual(
      await w.registry.delete(elsewhere, { run_id: "none" }),
    )
    expect(await w.registry.delete(aViewer(), { run_id })).toEqual({ ok: true, run_id })
    expect(w.calls.at(-1)).toEqual(["runDeleted", run_id])
  })

  test("runs past retention are deleted and their deletion is published", async () => {
    const w = world()
    const run_id = await aStartedRun(w)
    await w.registry.complete(anOwner(), everyone, { run_id, outcome: { status: "done" } })
    expect(await w.registry.deleteEndedBefore("2027-01-01T00:00:00.000Z", 10)).toBe(1)
    expect(w.calls.at(-1)).toEqual(["runDeleted", run_id])
  })
})
