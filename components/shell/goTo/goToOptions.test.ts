import { expect, test } from "vitest"
import type { RunSummary } from "@/lib/protocol/run"
import { noTotals } from "@/lib/trace/turnTotals"
import { goToOptions } from "./goToOptions"

const run = (run_id: string, agent_id: string, intent: string, minute = 0): RunSummary => ({
  run_id,
  agent_id,
  client_id: "c",
  intent,
  started_at: new Date(minute * 60_000).toISOString(),
  status: "in_progress",
  cursor: 0,
  connected: true,
  child_count: 0,
  labels: {},
  totals: noTotals(),
})
const known = [run("a", "coder", "Fix the login"), run("b", "crawler", "Index the docs", 1)]
const page = { kind: "page" as const, key: "p", label: "Connect an agent", hint: "", href: "/connect" }
const labels = (query: string, found: RunSummary[] = []) =>
  goToOptions(query, known, found, [page]).map((option) => option.label)

test("an empty query lists the newest runs, then agents and pages", () => {
  expect(labels("")).toEqual(["Index the docs", "Fix the login", "crawler", "coder", "Connect an agent"])
})

test("a query matches intents, agents and pages; runs that the server found are added once", () => {
  expect(labels("LOGIN")).toEqual(["Fix the login"])
  expect(labels("crawl")).toEqual(["Index the docs", "crawler"])
  expect(labels("connect")).toEqual(["Connect an agent"])
  expect(labels("login", [known[0] as RunSummary, run("c", "x", "In a turn")])).toEqual([
    "Fix the login",
    "In a turn",
  ])
})

test("a run id finds its run even if the page hasn't loaded it", () => {
  const id = "01a20d91-4b89-768e-8d52-43912ce9f4b8"
  expect(goToOptions(` ${id} `, known, [], [])[0]).toMatchObject({ kind: "run", href: `/runs/${id}` })
})

test("hidden and bidi control characters are removed from intents", () => {
  const [option] = goToOptions("", [run("x", "a", "ab\u202Ecd\u0007\nef")], [], [])
  expect(option?.label).toBe("ab cd ef")
})
