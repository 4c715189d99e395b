import { expect, test } from "vitest"
import { log, span } from "@/lib/dialects/testing/buildSpan"
import { fromOtlpJson, type OtlpJson, toOtlpJson } from "./otlp/otlpJson"
import { splitRequest } from "./splitRequest"

const AI = { "gen_ai.operation.name": "chat" }
const claude = { "service.name": "claude-code" }

test("OTLP records are split by session and trace; spans without an agent stay together", () => {
  const records = [
    span({ id: "a", trace: "t1", attributes: AI }),
    span({ id: "b", trace: "t2", attributes: AI, scope: "other" }),
    span({ id: "c", trace: "t1" }),
    span({ id: "d", trace: "t3" }),
    span({ id: "e", trace: "t4" }),
    span({ id: "f", trace: "t5", resource: claude, attributes: { "session.id": "s1" } }),
    span({ id: "g", trace: "t5", resource: claude }),
    log({ name: "x", resource: claude, attributes: { "session.id": "s1" } }),
  ]
  const pieces = splitRequest("otlp", toOtlpJson(records, undefined))
  const read = pieces.map(({ name, records }) => [name, fromOtlpJson(records as OtlpJson)])
  expect(read).toEqual([
    ["t1", [records[0], records[2]]],
    ["t2", [records[1]]],
    [undefined, [records[3], records[4]]],
    ["claude-code:s1", [records[5], records[6], records[7]]],
  ])
})

test("LangSmith's and OpenAI's records are split by trace", () => {
  const runs = [{ id: "a", trace_id: "t1" }, { id: "b", trace_id: "t2" }, { id: "c" }]
  expect(splitRequest("langsmith", runs).map(({ name }) => name)).toEqual(["t1", "t2", undefined])
  const items = [
    { object: "trace", id: "t1" },
    { object: "trace.span", id: "s", trace_id: "t1" },
  ]
  expect(splitRequest("openai-agents", items)).toEqual([{ name: "t1", records: items }])
})

test("a request with very many traces has a bounded number of pieces and keeps every record", () => {
  const runs = Array.from({ length: 1_000 }, (_, at) => ({ id: `${at}`, trace_id: `t${at}` }))
  const pieces = splitRequest("langsmith", runs)
  expect(pieces.length).toBeLessThanOrEqual(201)
  expect(pieces.flatMap(({ records }) => records)).toHaveLength(1_000)
})
