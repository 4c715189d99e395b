import { spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import type { Query } from "@/bench/load/browse"
import { LoadProcess } from "@/bench/load/LoadProcess"
import { type Peer, startOurs } from "@/bench/peers/startPeer"
import { residentBytes } from "@/e2e/kit/processMemory"
import { readMetrics } from "@/e2e/kit/readMetric"
import { RUN_SORTS } from "@/lib/protocol/enums"
import { brief, type Row } from "./Row"

const TURNS_PER_RUN = 50
const SAMPLE_MS = 2_000
const INDEXED_WITHIN_MS = 20 * 60_000

/** Fills a database in a separate process. */
function fill(dataDir: string, runs: number): Promise<void> {
  const program = fileURLToPath(new URL("./fill.js", import.meta.url))
  const args = [program, join(dataDir, "turnline.db"), String(runs), String(TURNS_PER_RUN)]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] })
  return new Promise((resolve, reject) => {
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`the process that fills the store ended with ${code}`)),
    )
  })
}

/** Waits until all turns are searchable. Rejects after a timeout. */
async function indexed(peer: Peer): Promise<void> {
  const end = performance.now() + INDEXED_WITHIN_MS
  while (performance.now() < end) {
    if ((await readMetrics(peer)).get("turnline_unsearchable_turns") === 0) return
    await sleep(SAMPLE_MS)
  }
  throw new Error("The turns weren't indexed in time.")
}

const list = (payload: Record<string, unknown>): Query => ({ command: "runs.list", payload })
const SORTED = Object.fromEntries(RUN_SORTS.map((sort) => [`by ${sort}`, list({ sort })]))
const QUERIES: Record<string, Query> = {
  "first page": list({}),
  failed: list({ outcome: ["failure"] }),
  "an agent": list({ agent_id: "filled/7" }),
  "a label": list({ labels: { team: "t3" } }),
  ...SORTED,
  "a rare word": list({ q: "zugzwang" }),
  "a common word": list({ q: "badoba" }),
  "two words": list({ q: "badoba fidoba" }),
  "three words": list({ q: "badoba fidoba lado" }),
  "no such word": list({ q: "nowhere" }),
  "a word in a run of 10,000 turns": {
    command: "runs.search_turns",
    payload: { run_id: "filled-00000000", q: "badoba" },
  },
}
const WORDS = ["a rare word", "a common word", "two words", "no such word"]
const IN_RUN = "a word in a run of 10,000 turns"

const GOALS_MS = [50, 100, 200, 300, 100]

const storeRow: Row = {
  id: "store",
  what: "100,000 runs, 5 million turns, p99: first page; any sort; up to two words; three words; a word in a run",
  goal: "≤ 50; 100; 200; 300; 100 ms",
  async run({ quick, say }) {
    const dataDir = mkdtempSync(join(tmpdir(), "turnline-bench-"))
    const runs = quick ? 10_000 : 100_000
    say(`filling a store with ${runs} runs of ${TURNS_PER_RUN} turns`)
    await fill(dataDir, runs)
    const peer = await startOurs({ dataDir })
    const load = new LoadProcess()
    try {
      say("waiting until every turn can be searched")
      await indexed(peer)
      const queries = Object.values(QUERIES)
      const { result } = await load.run("browse", peer.address, { queries, times: quick ? 20 : 100 })
      const took = new Map(Object.keys(QUERIES).map((name, at) => [name, result[at]]))
      const slowest = (names: readonly string[]) =>
        Math.max(...names.map((name) => took.get(name)?.p99Ms ?? Number.NaN))
      const figures = [["first page"], Object.keys(SORTED), WORDS, ["three words"], [IN_RUN]].map(slowest)
      const each = [...took].map(([name, ms]) => `${name} ${brief(ms?.p50Ms ?? 0)}/${brief(ms?.p99Ms ?? 0)}`)
      return {
        ours: `${figures.map(brief).join("; ")} ms`,
        met: figures.every((ms, at) => ms <= (GOALS_MS[at] ?? 0)) && took.get("first page")?.found === 50,
        note: `p50/p99 in ms: ${each.join(", ")}; ${brief(residentBytes(peer.pid) / 2 ** 20)} MiB afterwards`,
      }
    } finally {
      await load.close()
      await peer.stop()
    }
  },
}

/** Rows on a store with many runs. */
export const STORE_ROWS: Row[] = [storeRow]
