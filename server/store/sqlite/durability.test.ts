import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, expect, test } from "vitest"
import { SqliteDatabase } from "./SqliteDatabase"
import { openSqliteRunStore, type SqliteRunStore } from "./SqliteRunStore"

type Ack = [run_id: string, base_index: number, count: number, label: string]

const ROUNDS = 5
const dir = mkdtempSync(join(tmpdir(), "turnline-durability-"))
const file = join(dir, "turnline.db")
afterAll(() => rmSync(dir, { recursive: true }))

/** Runs the appending program, and kills it when it has printed a number of acknowledgements. */
async function appendAndKill(round: number, acksWanted: number): Promise<Ack[]> {
  const program = join(import.meta.dirname, "../testing/appendUntilKilled.ts")
  const child = spawn(process.execPath, ["--import", "tsx", program, file, String(round)], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const exited = once(child, "exit")
  const acks: Ack[] = []
  for await (const line of createInterface(child.stdout)) {
    // The last line may be incomplete.
    if (line.endsWith("]")) acks.push(JSON.parse(line))
    if (acks.length === acksWanted) child.kill("SIGKILL")
  }
  await exited
  expect(acks.length).toBeGreaterThanOrEqual(acksWanted)
  return acks
}

async function messagesOf(store: SqliteRunStore, run_id: string): Promise<string[]> {
  const { turns } = await store.turns({ run_id, from: 0, limit: 1_000_000, maxBytes: 1e9 })
  const parsed = turns.map((turn) => JSON.parse(turn))
  expect(parsed.map((turn) => turn.index)).toEqual(parsed.map((_, at) => at))
  return parsed.map((turn) => turn.message.split(" ")[0])
}

function expectWholeBatches(messages: readonly string[]): void {
  for (let at = 0; at < messages.length; ) {
    const parts = (messages[at] ?? "").split("/")
    const count = Number(parts[4])
    const label = parts.slice(0, 3).join("/")
    const batch = Array.from({ length: count }, (_, k) => `${label}/${k}/${count}`)
    expect(messages.slice(at, at + count)).toEqual(batch)
    at += count
  }
}

test(`I1 I3: acknowledged batches survive ${ROUNDS} kills at any moment, and batches are complete`, async () => {
  const acked: Ack[] = []
  for (let round = 0; round < ROUNDS; round++) {
    acked.push(...(await appendAndKill(round, 1 + Math.floor(Math.random() * 1_500))))
    const store = await openSqliteRunStore({ file })
    const runs = await store.inProgress()
    const stored = new Map<string, string[]>()
    for (const row of runs) {
      const messages = await messagesOf(store, row.run_id)
      expect(messages).toHaveLength(row.cursor)
      expectWholeBatches(messages)
      stored.set(row.run_id, messages)
    }
    const lost = acked.filter(
      ([run_id, base, count, label]) => stored.get(run_id)?.[base] !== `${label}/0/${count}`,
    )
    expect(lost).toEqual([])
    await store.close()
    const db = new SqliteDatabase(file)
    expect(db.query("PRAGMA integrity_check").all()).toEqual([["ok"]])
    db.close()
  }
}, 300_000)
