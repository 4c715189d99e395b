import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { percentile } from "@/bench/statistics"
import { ClusterWorld } from "@/e2e/cluster/ClusterWorld"
import { Connection, LOST } from "@/e2e/kit/Connection"
import { removePostgres, startPostgres } from "@/scripts/postgres.mjs"
import { openPostgresRunStore } from "@/server/store/postgres/PostgresRunStore"
import type { RunStore } from "@/server/store/RunStore"
import { openSqliteRunStore } from "@/server/store/sqlite/SqliteRunStore"
import { aBatch, aNewRun, anEncodedTurn } from "@/server/store/testing/storeSamples"
import { turnMaker } from "../load/payload"
import { brief, type Row, type RowContext, type RowResult } from "./Row"

const TURN_BYTES = 2_000
const SECONDS = { quick: 2, full: 5 }
const MAX_TURNS = 1_000_000

/** Writes single turns to a store with `window` turns in flight per agent. Returns the turns per second. */
async function ingest(store: RunStore, agents: number, window: number, seconds: number): Promise<number> {
  const runs = await Promise.all(Array.from({ length: agents }, () => store.start(aNewRun())))
  const text = turnMaker(TURN_BYTES)
  const started = performance.now()
  let turns = 0
  const write = async (run_id: string) => {
    while (performance.now() - started < seconds * 1_000) {
      const encoded = anEncodedTurn("", { body: text(turns) })
      await store.append(
        aBatch(run_id, [], { turns: [encoded], maxTurns: MAX_TURNS, idempotency_key: `key-${turns}` }),
      )
      turns += 1
    }
  }
  await Promise.all(runs.flatMap(({ row }) => Array.from({ length: window }, () => write(row.run_id))))
  return turns / ((performance.now() - started) / 1_000)
}

async function withDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const folder = join(tmpdir(), `turnline-bench-pg-${process.pid}`)
  try {
    return await work(await startPostgres(folder))
  } finally {
    removePostgres(folder)
  }
}

async function ingestRatio({ quick, rounds, say }: RowContext): Promise<RowResult> {
  const seconds = quick ? SECONDS.quick : SECONDS.full
  const dir = mkdtempSync(join(tmpdir(), "turnline-bench-"))
  try {
    return await withDatabase(async (url) => {
      const postgres = await openPostgresRunStore({ url })
      const sqlite = await openSqliteRunStore({ file: join(dir, "turnline.db") })
      const [ours, theirs]: [number[], number[]] = [[], []]
      for (let round = 0; round < rounds; round++) {
        ours.push(await ingest(postgres, 20, 8, seconds))
        theirs.push(await ingest(sqlite, 20, 8, seconds))
        say(`PostgreSQL ${brief(ours.at(-1) ?? 0)}, SQLite ${brief(theirs.at(-1) ?? 0)} turns/s`)
      }
      await Promise.all([postgres.close(), sqlite.close()])
      const [mine, other] = [percentile(ours, 0.5), percentile(theirs, 0.5)]
      const ratio = mine / other
      return {
        ours: `${brief(mine)} turns/s`,
        bare: `${brief(other)} on SQLite`,
        ratio: brief(ratio),
        met: ratio >= 0.5,
      }
    })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Compares two nodes' writers, each with half of the agents, with a single node's writer. */
async function twoNodes({ quick, rounds, say }: RowContext): Promise<RowResult> {
  const seconds = quick ? SECONDS.quick : SECONDS.full
  return withDatabase(async (url) => {
    const stores = [await openPostgresRunStore({ url }), await openPostgresRunStore({ url })] as const
    const [both, single]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      const halves = await Promise.all(stores.map((store) => ingest(store, 10, 8, seconds)))
      both.push(halves.reduce((sum, rate) => sum + rate))
      single.push(await ingest(stores[0], 20, 8, seconds))
      say(`two ${brief(both.at(-1) ?? 0)}, one ${brief(single.at(-1) ?? 0)} turns/s`)
    }
    await Promise.all(stores.map((store) => store.close()))
    const [two, one] = [percentile(both, 0.5), percentile(single, 0.5)]
    const ratio = two / one
    return {
      ours: `${brief(two)} turns/s`,
      bare: `${brief(one)} on one`,
      ratio: brief(ratio),
      met: ratio >= 0.9,
    }
  })
}

async function statementsPerTurn({ quick }: RowContext): Promise<RowResult> {
  const seconds = quick ? SECONDS.quick : SECONDS.full
  return withDatabase(async (url) => {
    const figures: string[] = []
    let last = Number.NaN
    for (const agents of [1, 20, 200]) {
      const store = await openPostgresRunStore({ url })
      await ingest(store, agents, 1, seconds)
      last = store.stats.statements / store.stats.operations
      figures.push(`${agents}: ${brief(last)}`)
      await store.close()
    }
    return { ours: figures.join(", "), met: last < 0.2 }
  })
}

/** Measures how long a turn takes from an agent to viewers on the same node and on the other node. */
async function latency({ quick }: RowContext): Promise<RowResult> {
  const world = new ClusterWorld({ nodes: 2 })
  try {
    await world.start()
    const token = (name: "agent" | "viewer") => world.node(0).token(name)
    const connect = (at: number, name: "agent" | "viewer") =>
      new Connection({ url: `http://127.0.0.1:${world.node(at).port}`, token: token(name) })
    const [agent, local, remote] = [connect(0, "agent"), connect(0, "viewer"), connect(1, "viewer")]
    const started = await agent.askWithRetries("runs.start", { agent_id: "bench", intent: "bench" })
    if (started === LOST || !started.ok) throw new Error("no run")
    const { run_id } = started
    const sentAt = new Map<number, number>()
    const waits: [number[], number[]] = [[], []]
    for (const [at, viewer] of [local, remote].entries()) {
      viewer.socket.on("runs.trace.event", ({ record }) => {
        if (record.record !== "turns") return
        for (const turn of record.turns) waits[at]?.push(performance.now() - (sentAt.get(turn.index) ?? 0))
      })
      await viewer.askWithRetries("runs.subscribe", { run_id })
    }
    for (let index = 0; index < (quick ? 100 : 1_000); index++) {
      sentAt.set(index, performance.now())
      await agent.askWithRetries("runs.record_turns", {
        run_id,
        turns: [{ message: "x".repeat(TURN_BYTES) }],
      })
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    for (const each of [agent, local, remote]) each.close()
    const text = (values: number[]) =>
      `${brief(percentile(values, 0.5))} / ${brief(percentile(values, 0.99))} ms`
    const [near, far] = waits
    const more = percentile(far, 0.99) - percentile(near, 0.99)
    return { ours: text(far), bare: `${text(near)} locally`, ratio: `+${brief(more)} ms`, met: more <= 50 }
  } finally {
    await world.close()
  }
}

/** Kills a node and measures the time until all its viewers have reconnected to the other node. */
async function moveViewers({ quick }: RowContext): Promise<RowResult> {
  const count = quick ? 200 : 1_000
  const world = new ClusterWorld({ nodes: 2 })
  const viewers: Connection[] = []
  try {
    await world.start()
    world.balancer.drained.add(world.node(1).port)
    for (let at = 0; at < count; at++)
      viewers.push(new Connection({ url: world.balancer.url, token: world.node(0).token("viewer") }))
    await Promise.all(viewers.map((viewer) => viewer.connected()))
    world.balancer.drained.clear()
    const connects = viewers.map((viewer) => viewer.connects)
    const killed = performance.now()
    await world.node(0).kill()
    while (!viewers.every((viewer, at) => viewer.socket.connected && viewer.connects > (connects[at] ?? 0)))
      await new Promise((resolve) => setTimeout(resolve, 20))
    const seconds = (performance.now() - killed) / 1_000
    return { ours: `${brief(seconds)} s`, met: seconds <= 10, note: `${count} viewers` }
  } finally {
    for (const viewer of viewers) viewer.close()
    await world.close()
  }
}

export const CLUSTER_ROWS: Row[] = [
  {
    id: "cluster-ingest",
    what: "durable ingest on PostgreSQL, 20 agents, window 8",
    goal: "0.5 × SQLite",
    byNameAlone: true,
    run: ingestRatio,
  },
  {
    id: "cluster-two",
    what: "durable ingest by the writers of two nodes, 20 agents, window 8",
    goal: "0.9 × one node",
    byNameAlone: true,
    run: twoNodes,
  },
  {
    id: "cluster-statements",
    what: "statements per turn, by agents",
    goal: "< 0.2 with 200",
    byNameAlone: true,
    run: statementsPerTurn,
  },
  {
    id: "cluster-latency",
    what: "turn to a viewer on the other node, p50 / p99",
    goal: "p99 + 50 ms",
    byNameAlone: true,
    run: latency,
  },
  {
    id: "cluster-move",
    what: "a node is killed: all viewers reconnected",
    goal: "10 s",
    byNameAlone: true,
    run: moveViewers,
  },
]
