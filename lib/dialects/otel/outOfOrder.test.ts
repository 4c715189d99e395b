import { describe, expect, test } from "vitest"
import { log, onlyRun, type ReplayedRun, replay, span } from "@/lib/dialects/testing/buildSpan"
import { seededRandom } from "@/lib/testing/seededRandom"
import type { OtelRecord } from "./OtelRecord"

const json = JSON.stringify
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

type Variant = {
  /** Tool spans have the call's id. */
  spanIds: boolean
  /** The model's answers and histories have the call's id. */
  historyIds: boolean
  /** Tools have spans. */
  spans: boolean
  /** True if the call's content is in one span and its tokens are in another span below it. */
  client: boolean
  /** True if the conversation is that of an agent inside a tool. */
  nested: boolean
}

const PLAIN: Variant = { spanIds: true, historyIds: true, spans: true, client: false, nested: false }

/**
 * Returns the records of three model calls. The first requests a tool. The second requests the same tool with other
 * arguments, and a tool that fails.
 */
function conversation(variant: Variant): OtelRecord[] {
  const parent = variant.nested ? "inner" : "agent"
  const calls = [
    { id: "c1", name: "look", args: { at: "a" }, result: "A", from: 20, to: 40 },
    { id: "c2", name: "look", args: { at: "b" }, result: "B", from: 60, to: 80 },
    { id: "c3", name: "book", args: { at: "b" }, result: "Error: full", from: 61, to: 90 },
  ]
  const id = (value: string) => (variant.historyIds ? { id: value } : {})
  const asked = (some: typeof calls) => ({
    role: "assistant",
    parts: some.map(({ id: of, name, args }) => ({ type: "tool_call", ...id(of), name, arguments: args })),
  })
  const results = (some: typeof calls) =>
    some.map(({ id: of, result }) => ({
      role: "tool",
      parts: [{ type: "tool_call_response", ...id(of), response: result }],
    }))
  const user = { role: "user", parts: [{ type: "text", content: "Which?" }] }
  const [first, ...others] = [calls.slice(0, 1), calls.slice(1)]
  const exchanges = [
    { input: [user], output: asked(first ?? []), from: 10 },
    {
      input: [user, asked(first ?? []), ...results(first ?? [])],
      output: asked(others.flat()),
      from: 50,
    },
    {
      input: [
        user,
        asked(first ?? []),
        ...results(first ?? []),
        asked(others.flat()),
        ...results(others.flat()),
      ],
      output: { role: "assistant", parts: [{ type: "text", content: "A." }] },
      from: 100,
    },
  ]
  const records = exchanges.flatMap(({ input, output, from }, n) => {
    const usage = { "gen_ai.usage.input_tokens": 10 * (n + 1), "gen_ai.usage.output_tokens": n + 1 }
    const chat = span({
      ...{ id: `m${n}`, parent, name: "chat m", from, to: from + 5 },
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": json(input),
        "gen_ai.output.messages": json([output]),
        ...(!variant.client && usage),
      },
    })
    if (!variant.client) return [chat]
    const attributes = { "gen_ai.operation.name": "chat", ...usage }
    return [chat, span({ id: `h${n}`, parent: `m${n}`, name: "POST", from, to: from + 4, attributes })]
  })
  if (variant.spans)
    for (const { id: of, name, args, result, from, to } of calls)
      records.push(
        span({
          ...{ id: `t-${of}`, parent, name: `execute_tool ${name}`, from, to },
          attributes: {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.arguments": json(args),
            "gen_ai.tool.call.result": result,
            ...(variant.spanIds && { "gen_ai.tool.call.id": of }),
          },
          ...(of === "c3" && { status: 2, message: "full" }),
        }),
      )
  const operation = (name: string) => ({ "gen_ai.operation.name": name })
  if (variant.nested)
    records.push(
      span({
        ...{ id: "outer", parent: "agent", name: "execute_tool ask", from: 5, to: 120 },
        attributes: { ...operation("execute_tool"), "gen_ai.tool.name": "ask" },
      }),
      span({
        ...{ id: "inner", parent: "outer", name: "invoke_agent helper", from: 6, to: 119 },
        attributes: { ...operation("invoke_agent"), "gen_ai.agent.name": "helper" },
      }),
    )
  records.push(
    span({ id: "agent", name: "invoke_agent lead", from: 0, to: 130, attributes: operation("invoke_agent") }),
  )
  return records
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = seededRandom(seed)
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

/** Replays one record per request, `gap` milliseconds apart. */
function oneByOne(records: readonly OtelRecord[], gap: number): ReplayedRun {
  return onlyRun(replay(records.map((record, at) => [at * gap, [record]] as const)))
}

/** Returns what must not depend on the order of records: the turns, each once, and the tokens of all calls. */
function whatCounts(run: ReplayedRun) {
  const tokens = run.turns.map(({ usage }) => [usage?.input_tokens ?? 0, usage?.output_tokens ?? 0])
  return {
    turns: run.shape.filter((shape) => shape !== "system usage").toSorted(),
    input: tokens.reduce((sum, [input = 0]) => sum + input, 0),
    output: tokens.reduce((sum, [, output = 0]) => sum + output, 0),
    ends: run.ends.at(-1)?.status,
  }
}

describe("records in any order", () => {
  const variants: [string, Variant][] = [
    ["ids everywhere", PLAIN],
    ["tool spans without ids", { ...PLAIN, spanIds: false }],
    ["histories without ids", { ...PLAIN, historyIds: false }],
    ["no ids", { ...PLAIN, spanIds: false, historyIds: false }],
    ["no tool spans", { ...PLAIN, spans: false }],
    ["tokens in another span", { ...PLAIN, client: true }],
    ["tokens in another span, and no tool spans", { ...PLAIN, client: true, spans: false }],
    ["an agent inside a tool", { ...PLAIN, nested: true }],
    ["an agent inside a tool, without ids", { ...PLAIN, nested: true, spanIds: false }],
  ]
  describe.each(variants)("%s", (_, variant) => {
    const records = conversation(variant)
    const inOrder = onlyRun(replay([[0, records]]))

    test.each([20, 700, 3_000])("%d ms apart: nothing is duplicated or lost", (gap) => {
      for (const seed of SEEDS)
        expect(whatCounts(oneByOne(shuffled(records, seed), gap)), `seed ${seed}`).toEqual(
          whatCounts(inOrder),
        )
    })

    test("turns are in chronological order if the records arrive within the hold", () => {
      // Turns of an agent inside a tool follow the tool's turn if the tool's span arrived first.
      if (variant.nested) return
      // Tokens and the failed tool may be anywhere: a turn doesn't wait for its tokens, and the tool overlaps another.
      const order = ({ shape }: ReplayedRun) =>
        shape.filter((each) => each !== "tool book!" && each !== "system usage")
      for (const seed of SEEDS)
        expect(order(oneByOne(shuffled(records, seed), 20)), `seed ${seed}`).toEqual(order(inOrder))
    })
  })
})

test("matches a tool to the call with its arguments, not to an older call with the same name", () => {
  const records = conversation({ ...PLAIN, spanIds: false })
  const find = (id: string) => records.filter((record) => record.type === "span" && record.spanId === id)
  const run = onlyRun(
    replay([
      [0, find("agent")],
      [10, find("m0")],
      [5_000, find("t-c2")],
      [10_000, find("t-c1")],
      [15_000, find("m1")],
    ]),
  )
  const tools = run.turns.filter(({ kind }) => kind === "tool")
  expect(tools.map(({ call_id, parameters }) => [call_id, parameters])).toEqual([
    [undefined, { at: "b" }],
    ["c1", { at: "a" }],
  ])
})

test("collects all messages of a call from separate log records, in any order", () => {
  const message = (name: string, at: number, body: { [name: string]: string | object }) =>
    log({ name: `gen_ai.${name}`, at, trace: "t1", span: "m1", body: body as never })
  const call = { id: "c1", type: "function", function: { name: "look", arguments: '{"at":"a"}' } }
  const records: OtelRecord[] = [
    message("user.message", 10, { content: "Which?" }),
    message("assistant.message", 11, { tool_calls: [call] }),
    message("tool.message", 12, { id: "c1", content: "A" }),
    message("choice", 20, { finish_reason: "stop", message: { content: "A." } }),
    span({ id: "m1", parent: "app", from: 10, to: 21, attributes: { "gen_ai.operation.name": "chat" } }),
    span({ id: "app", from: 0, to: 30 }),
  ]
  const inOrder = onlyRun(replay([[0, records]]))
  expect(inOrder.turns).toMatchObject([{ prompt: "Which?", message: "A." }])
  for (const seed of SEEDS)
    expect(oneByOne(shuffled(records, seed), 20).turns, `seed ${seed}`).toEqual(inOrder.turns)
})

test("ends a session whose prompt arrives after the turns that answer it", () => {
  const event = (name: string, at: number, more: { [name: string]: string | number }) =>
    log({
      name: `codex.${name}`,
      at,
      resource: { "service.name": "codex_exec" },
      attributes: { "event.name": `codex.${name}`, "conversation.id": "s-1", ...more },
    })
  const prompt = event("user_prompt", 0, { prompt: "Fix it" })
  const answer = event("sse_event", 90, {
    "event.kind": "response.completed",
    input_token_count: "10",
    output_token_count: "5",
  })
  const run = onlyRun(
    replay([
      [0, [answer]],
      [5_000, [prompt]],
    ]),
  )
  expect(run.ends.at(-1)?.status).toBe("success")
})
