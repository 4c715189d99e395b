import { spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { LoadProcess } from "@/bench/load/LoadProcess"
import { startOurs } from "@/bench/peers/startPeer"
import { brief, type Row } from "./Row"

/** Fills a database in a process of its own. */
function fill(dataDir: string, runs: number): Promise<void> {
  const program = fileURLToPath(new URL("./fillStore.js", import.meta.url))
  const child = spawn(process.execPath, [program, join(dataDir, "turnline.db"), String(runs)], {
    stdio: ["ignore", "inherit", "inherit"],
  })
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`filling ended with ${code}`))))
  })
}

const QUERIES = {
  "first page": {},
  failed: { outcome: ["failure"] },
  "a rare word": { q: "zugzwang" },
  "a common word": { q: "deploy" },
  "no such word": { q: "nowhere-to-be-found" },
}

const storeRow: Row = {
  id: "store",
  what: "first page of 100,000 runs, p99; searches",
  goal: "≤ 50 ms",
  async run({ quick, say }) {
    const dataDir = mkdtempSync(join(tmpdir(), "turnline-bench-"))
    const runs = quick ? 10_000 : 100_000
    say(`filling a store with ${runs} runs`)
    await fill(dataDir, runs)
    const peer = await startOurs({ dataDir })
    const load = new LoadProcess()
    try {
      const queries = Object.values(QUERIES)
      const { result } = await load.run("browse", peer.address, { queries, times: quick ? 20 : 100 })
      const first = result[0]
      const others = Object.keys(QUERIES).map(
        (name, at) => `${name} ${brief(result[at]?.p50Ms ?? 0)}/${brief(result[at]?.p99Ms ?? 0)}`,
      )
      return {
        ours: `${brief(first?.p99Ms ?? Number.NaN)} ms`,
        met: first !== undefined && first.p99Ms <= 50 && first.found === 50,
        note: `p50/p99 in ms: ${others.join(", ")}`,
      }
    } finally {
      await load.close()
      await peer.stop()
    }
  },
}

/** Rows about a store that has kept much. */
export const STORE_ROWS: Row[] = [storeRow]
