import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pino } from "pino"
import { afterEach, beforeEach, expect, test } from "vitest"
import { fakeClock } from "@/lib/testing/fakeClock"
import type { AuditEntry } from "./Audit"
import { AuditLog } from "./AuditLog"
import { openAudit, recordAlone } from "./openAudit"
import { verifyAudit } from "./verifyAudit"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "turnline-audit-"))
})
afterEach(() => rmSync(dir, { recursive: true }))

const logger = pino({ level: "silent" })
const MIB = 1024 * 1024
function aLog(more: { retainedBytes?: number; fileBytes?: number } = {}) {
  const clock = fakeClock()
  return { clock, log: new AuditLog({ dir, clock, logger, retainedBytes: 100 * MIB, ...more }) }
}
const file = () => join(dir, "audit.log")
const lines = () => readFileSync(file(), "utf8").trimEnd().split("\n")
const entries = () => lines().map((line): AuditEntry & { seq: number } => JSON.parse(line))
const read = (run_id: string): AuditEntry => ({ event: "run_read", token: "t1", run_id })

async function write(...notes: AuditEntry[]): Promise<void> {
  const { log } = aLog()
  for (const entry of notes) log.record(entry)
  await log.close()
}

test("entries are written in order, readable by the owner only, in a chain that continues across restarts", async () => {
  await write(read("a"), read("b"))
  await write(read("c"))
  expect(entries().map(({ seq, run_id }) => [seq, run_id])).toEqual([
    [1, "a"],
    [2, "b"],
    [3, "c"],
  ])
  expect(statSync(file()).mode & 0o777).toBe(0o600)
  expect(await verifyAudit(dir)).toMatchObject({ lines: 3 })
  expect(await verifyAudit(dir)).not.toHaveProperty("broken")
})

test.each<[string, (all: string[]) => string[], number]>([
  ["a removed line", (all) => all.toSpliced(2, 1), 3],
  ["a removed first line", (all) => all.slice(1), 1],
  ["a changed line", (all) => all.with(1, (all[1] ?? "").replace("run-1", "run-9")), 3],
  ["an inserted line", (all) => all.toSpliced(2, 0, all[1] ?? ""), 3],
  ["lines exchanged", (all) => all.with(1, all[2] ?? "").with(2, all[1] ?? ""), 2],
  ["a foreign line", (all) => all.with(3, "{}"), 4],
])("S19: %s breaks the chain, and its position is reported", async (_, spoil, line) => {
  await write(...Array.from({ length: 6 }, (_, at) => read(`run-${at}`)))
  writeFileSync(file(), `${spoil(lines()).join("\n")}\n`)
  expect((await verifyAudit(dir)).broken).toMatchObject({ file: file(), line })
})

test("the hash of the last line reveals whether lines were removed from the end", async () => {
  await write(read("a"), read("b"))
  const { lastHash } = await verifyAudit(dir)
  writeFileSync(file(), `${lines()[0]}\n`)
  expect((await verifyAudit(dir)).lastHash).not.toBe(lastHash)
})

test("S19: no entry can add a line or send control characters to a terminal", async () => {
  const evil = 'a\r\n{"event":"signed_in"}\n\u001b[2J\u009b31m\u202e\u2028\u0000'
  await write({ event: "connected", name: evil, why: "x".repeat(10_000) })
  expect(lines()).toHaveLength(1)
  expect(lines()[0]).toMatch(/^[\x20-\x7e]+$/)
  expect(entries()[0]?.name).toBe(evil)
  expect(entries()[0]?.why).toHaveLength(256)
})

test("a line cut off by a crash is removed, and the chain continues", async () => {
  await write(read("a"))
  appendFileSync(file(), '{"at":"2026-01-01T00')
  await write(read("b"))
  expect(await verifyAudit(dir)).toMatchObject({ lines: 2 })
  expect(await verifyAudit(dir)).not.toHaveProperty("broken")
})

test("full files are retained within the size limit, in one chain", async () => {
  const { log } = aLog({ fileBytes: 2_000, retainedBytes: 8_000 })
  for (let at = 0; at < 100; at++) {
    log.record(read(`run-${at}`))
    await log.flushed()
  }
  await log.close()
  const names = readdirSync(dir)
  expect(names.filter((name) => /^audit-\d+\.log$/.test(name))).toHaveLength(3)
  const report = await verifyAudit(dir)
  expect(report.broken).toBeUndefined()
  expect(report.lines).toBeLessThan(60)
  await write(read("later"))
  expect(await verifyAudit(dir)).toMatchObject({ lines: report.lines + 1 })
})

test("a repeated entry becomes one line, and then one line with a count every ten seconds", async () => {
  const { clock, log } = aLog()
  for (let ms = 0; ms < 25_000; ms += 10) {
    log.record({ event: "auth_failed", address: "10.0.0.1" })
    clock.advance(10)
  }
  await log.close()
  const counted = entries().reduce((sum, { count = 1 }) => sum + count, 0)
  expect(counted).toBe(2_500)
  expect(lines().length).toBeLessThanOrEqual(6)
})

test("S19: the queue is bounded, and dropped lines are counted", async () => {
  const { log } = aLog()
  for (let at = 0; at < 12_000; at++) log.record(read(`run-${at}`))
  expect(log.figures).toEqual({ waiting: 10_000, dropped: 2_000 })
  await log.close()
  expect(entries().at(-1)).toMatchObject({ event: "lines_dropped", count: 2_000 })
  expect(await verifyAudit(dir)).toMatchObject({ lines: 10_001 })
})

test("a failing disk doesn't affect callers, and the log continues when it recovers", async () => {
  const { clock, log } = aLog()
  const lost = dir
  dir = join(lost, "gone")
  const other = new AuditLog({ dir, clock, logger, retainedBytes: 100 * MIB })
  writeFileSync(dir, "a file where the folder should be")
  other.record(read("a"))
  await other.flushed()
  expect(other.figures.waiting).toBe(1)
  rmSync(dir)
  await other.flushed()
  expect(other.figures.waiting).toBe(0)
  await other.close()
  await log.close()
  expect(entries()).toMatchObject([{ run_id: "a" }])
  dir = lost
})

test("one process at a time: while a server is running, a command leaves recording to it", async () => {
  const audit = await openAudit({ dir, clock: fakeClock(), logger, retainedBytes: 100 * MIB })
  audit.record(read("server"))
  await recordAlone(dir, 100 * MIB, { event: "token_created", token: "t2" })
  await audit.close()
  expect(entries().map(({ event }) => event)).toEqual(["run_read"])
  await recordAlone(dir, 100 * MIB, { event: "token_created", token: "t2" })
  expect(entries().map(({ event }) => event)).toEqual(["run_read", "token_created"])
  expect(await verifyAudit(dir)).not.toHaveProperty("broken")
})
