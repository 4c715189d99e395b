import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { eventually } from "@/lib/testing/eventually"
import { type StartedTurnline, startTurnline } from "@/lib/testing/startTurnline"
import { run } from "./importCommand"

const SESSION = "11111111-2222-4333-8444-555555555555"
const AT = "2026-01-01T10:00:0"

let folder = ""
let turnline: StartedTurnline
let written: { out: string; err: string }

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnline-import-"))
  turnline = await startTurnline()
  vi.stubEnv("TURNLINE_TOKEN", turnline.agentToken)
  written = { out: "", err: "" }
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    written.out += String(text)
    return true
  })
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written.err += String(text)
    return true
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await turnline.stop()
  rmSync(folder, { recursive: true })
})

function file(name: string, lines: readonly unknown[]): string {
  const path = join(folder, name)
  const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)))
  // The file ends without a newline, like a truncated file.
  writeFileSync(path, texts.join("\n"))
  return path
}

function importFiles(...paths: string[]): Promise<number> {
  return run(["--url", turnline.url, ...paths])
}

async function get(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${turnline.url}${path}`, {
    headers: { authorization: `Bearer ${turnline.viewerToken}` },
  })
  return (await response.json()) as Record<string, unknown>
}

async function runs(): Promise<Record<string, unknown>[]> {
  return (await get("/api/runs")).runs as Record<string, unknown>[]
}

const claudeRecord = (second: number, fields: object) => ({
  ...{ sessionId: SESSION, uuid: `u${second}`, cwd: "/home/me/shop", version: "2.0.0" },
  ...{ isSidechain: false, timestamp: `${AT}${second}.000Z`, ...fields },
})
const CLAUDE_CODE = [
  claudeRecord(1, { type: "user", message: { role: "user", content: "Count the files" } }),
  claudeRecord(2, {
    type: "assistant",
    message: { id: "m1", role: "assistant", model: "claude-x", content: [{ type: "text", text: "Seven." }] },
  }),
]
const CODEX = [
  { timestamp: `${AT}1.000Z`, type: "session_meta", payload: { id: SESSION, cwd: "/home/me/shop" } },
  {
    timestamp: `${AT}2.000Z`,
    type: "event_msg",
    payload: { type: "user_message", message: "Count the files" },
  },
  {
    timestamp: `${AT}3.000Z`,
    type: "response_item",
    payload: { type: "message", role: "assistant", content: [{ type: "output_text", text: "Seven." }] },
  },
]
const GEMINI = [
  { sessionId: SESSION, projectHash: "abc", startTime: `${AT}0.000Z` },
  { id: "a", type: "user", timestamp: `${AT}1.000Z`, content: [{ text: "Count the files" }] },
  { id: "b", type: "gemini", timestamp: `${AT}2.000Z`, content: "Seven.", model: "gemini-x" },
]
const QWEN = [
  claudeRecord(1, { type: "user", message: { role: "user", parts: [{ text: "Count the files" }] } }),
  claudeRecord(2, { type: "assistant", message: { role: "model", parts: [{ text: "Seven." }] } }),
]
const PI = [
  { type: "session", version: 3, id: SESSION, timestamp: `${AT}0.000Z`, cwd: "/home/me/shop" },
  {
    ...{ type: "message", id: "a", timestamp: `${AT}1.000Z` },
    message: { role: "user", content: [{ type: "text", text: "Count the files" }] },
  },
  {
    ...{ type: "message", id: "b", timestamp: `${AT}2.000Z` },
    message: { role: "assistant", model: "x", content: [{ type: "text", text: "Seven." }] },
  },
]

describe("sessions of command-line agents", () => {
  test.each([
    ["claude-code", CLAUDE_CODE],
    ["codex", CODEX],
    ["gemini-cli", GEMINI],
    ["qwen-code", QWEN],
    ["pi", PI],
  ])("a session of %s becomes a completed run, once", async (tool, records) => {
    const path = file("session.jsonl", records)
    expect([await importFiles(path), written.err]).toEqual([0, ""])
    const [imported] = await runs()
    expect(imported).toMatchObject({
      status: "completed",
      intent: "Count the files",
      source: { name: tool, session: SESSION },
    })
    expect(written.out).toContain(`imported as ${imported?.run_id}`)
    expect(await importFiles(path)).toBe(0)
    expect(written.out).toContain(`already imported as ${imported?.run_id}`)
    expect(await runs()).toHaveLength(1)
  })

  test("a sub-agent's file is linked to its parent's, in whichever order they are named", async () => {
    const subAgent = CLAUDE_CODE.map((record) => ({ ...record, isSidechain: true, agentId: "a1" }))
    expect(await importFiles(file("agent.jsonl", subAgent), file("main.jsonl", CLAUDE_CODE))).toBe(0)
    const all = await runs()
    const parent = all.find((run) => run.parent === undefined)
    expect(all.find((run) => run.parent !== undefined)).toMatchObject({ parent: { run_id: parent?.run_id } })
  })

  test("lines that aren't JSON are named, and the others are imported", async () => {
    const path = file("session.jsonl", [CLAUDE_CODE[0], "{oops", "", CLAUDE_CODE[1], '{"type":"user","mess'])
    expect(await importFiles(path)).toBe(1)
    expect(written.err).toBe(
      `${path}, line 2: this line isn't valid JSON and was skipped.\n${path}, line 5: this line isn't valid JSON and was skipped.\n`,
    )
    expect(await runs()).toMatchObject([{ status: "completed", cursor: 2 }])
  })
})

describe("traces", () => {
  const span = (id: string) => ({
    ...{ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: id, name: "chat" },
    ...{ startTimeUnixNano: "1767261600000000000", endTimeUnixNano: "1767261601000000000" },
    attributes: [{ key: "gen_ai.operation.name", value: { stringValue: "chat" } }],
  })
  const request = (id: string) => ({ resourceSpans: [{ scopeSpans: [{ spans: [span(id)] }] }] })
  const langSmithRun = (n: number) => ({
    ...{ id: `00000000-0000-4000-8000-00000000000${n}`, trace_id: "00000000-0000-4000-8000-000000000001" },
    ...{ name: "chain", run_type: "chain", start_time: `${AT}${n}Z`, end_time: `${AT}9Z` },
    ...{ dotted_order: `2026010110000${n}`, inputs: { question: "Why?" }, outputs: { answer: "So." } },
    ...(n > 1 && { parent_run_id: "00000000-0000-4000-8000-000000000001", run_type: "tool" }),
  })

  test("OTLP as JSON Lines, and as one document over several lines", async () => {
    const lines = file("spans.jsonl", [request("00f067aa0ba902b7"), request("00f067aa0ba902b8")])
    const document = file("spans.json", JSON.stringify(request("00f067aa0ba902b9"), null, 2).split("\n"))
    expect([await importFiles(lines, document), written.err]).toEqual([0, ""])
    expect(written.out).toContain(`${lines}: sent 2 spans and 0 log records`)
    await eventually(async () => expect(await runs()).toMatchObject([{ source: { name: "otlp" } }]))
  })

  test("runs of LangSmith in any order", async () => {
    const list = file("runs.json", JSON.stringify([langSmithRun(2), langSmithRun(1)], null, 2).split("\n"))
    expect([await importFiles(list), written.err]).toEqual([0, ""])
    await eventually(async () => expect(await runs()).toMatchObject([{ source: { name: "langsmith" } }]))
  })
})

describe("files that can't be imported", () => {
  test("each is named with the reason, and the others are imported", async () => {
    const unknown = file("unknown.jsonl", ["", { hello: "world" }])
    const text = file("notes.txt", ["Dear diary"])
    const empty = file("empty.jsonl", [])
    const silent = file("silent.jsonl", [PI[0]])
    const good = file(
      "good.jsonl",
      PI.map((record) => ({ ...record, ...(record.type === "session" && { id: "other" }) })),
    )
    const missing = join(folder, "missing.jsonl")
    expect(await importFiles(unknown, text, empty, missing, folder, silent, good)).toBe(1)
    const reports = written.err.split("\n")
    expect(reports[0]).toContain(`${unknown}, line 2: unknown format`)
    expect(reports.slice(1)).toEqual([
      `${text}, line 1: this line isn't valid JSON.`,
      `${empty} is empty.`,
      `${missing} doesn't exist.`,
      `${folder} is a folder; specify the files in it.`,
      `${silent}: the session has no prompt and no answer.`,
      "",
    ])
    expect(await runs()).toHaveLength(1)
  })

  test("a broken record of an export is named by its line, and nothing is imported", async () => {
    const started = {
      ...{ record: "started", run_id: "r1", agent_id: "a", client_id: "c", intent: "x" },
      ...{ started_at: `${AT}1.000Z`, labels: {} },
    }
    const path = file("export.jsonl", [started, "", { record: "turn", index: 3 }])
    expect(await importFiles(path)).toBe(1)
    expect(written.err).toMatch(new RegExp(`^${path}: line 3: `))
    expect(await runs()).toEqual([])
  })

  test("a server that refuses the token or can't be reached is an error", async () => {
    const path = file("session.jsonl", CLAUDE_CODE)
    await expect(run(["--url", "http://127.0.0.1:1", path])).rejects.toThrow(
      "Couldn't reach http://127.0.0.1:1.",
    )
    vi.stubEnv("TURNLINE_TOKEN", "wrong")
    await expect(importFiles(path)).rejects.toThrow("The token is missing or invalid")
  })
})
