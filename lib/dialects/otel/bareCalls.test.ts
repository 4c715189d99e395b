import { describe, expect, test } from "vitest"
import { onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"
import type { Json } from "@/lib/protocol/fields"

type Chat = { role: string; content?: string; tool_calls?: Json; tool_call_id?: string }

/** Builds a client call without a parent span, in its own trace. */
function bareCall(
  id: string,
  from: number,
  messages: Chat[],
  answer: Chat,
  more: { [name: string]: Json } = {},
  resource?: { [name: string]: Json },
) {
  return span({
    id,
    trace: `trace-${id}`,
    name: "OpenAI Chat Completions",
    from,
    to: from + 50,
    ...(resource !== undefined && { resource }),
    attributes: {
      "openinference.span.kind": "LLM",
      "llm.model_name": "m",
      "input.value": JSON.stringify({ model: "m", messages }),
      "output.value": JSON.stringify({
        id: `r-${id}`,
        choices: [{ message: answer, finish_reason: "stop" }],
      }),
      "llm.token_count.prompt": 10,
      "llm.token_count.completion": 2,
      ...more,
    },
  })
}

const system = { role: "system", content: "Be brief." }
const ask = { role: "user", content: "Weather in Porto, and trains?" }
const wants = {
  role: "assistant",
  tool_calls: [
    { id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Porto"}' } },
    { id: "c2", type: "function", function: { name: "trains", arguments: '{"to":"Porto"}' } },
  ],
}
const results = [
  { role: "tool", tool_call_id: "c1", content: '{"celsius":13}' },
  { role: "tool", tool_call_id: "c2", content: "Error: timetable answered 503" },
]
const done = { role: "assistant", content: "13 degrees, no trains." }
const first = bareCall("a", 0, [system, ask], wants)
const second = bareCall("b", 200, [system, ask, wants, ...results], done)

describe("model calls without a parent", () => {
  test("a call whose history extends the previous one's continues its run, which provides the tool results", () => {
    const run = onlyRun(
      replay([
        [0, [first]],
        [300, [second]],
      ]),
    )
    expect(run.key).toBe("otlp:trace-a")
    expect(run.shape).toEqual(["model", "tool weather", "tool trains!", "model"])
    expect(run.turns[1]).toMatchObject({
      parameters: { city: "Porto" },
      output: { celsius: 13 },
      call_id: "c1",
    })
    expect(run.turns[2]?.error).toEqual({ message: "Error: timetable answered 503" })
    expect(run.turns.map((turn) => turn.prompt)).toEqual([
      "Be brief.\n\nWeather in Porto, and trains?",
      undefined,
      undefined,
      undefined,
    ])
  })

  test("the run completes after the gap, with the last answer as its summary", () => {
    const run = onlyRun(replay([[0, [first, second]]]))
    expect(run.ends).toMatchObject([{ status: "success", summary: "13 degrees, no trains.", at: 120_000 }])
  })

  test("a new conversation of the same process joins the run within the gap, and starts a new one after it", () => {
    const other = bareCall("x", 60_000, [{ role: "user", content: "Hello" }], {
      role: "assistant",
      content: "Hi",
    })
    const later = bareCall("y", 500_000, [{ role: "user", content: "Hello again" }], {
      role: "assistant",
      content: "Hi",
    })
    expect(
      onlyRun(
        replay([
          [0, [first]],
          [60_000, [other]],
        ]),
      ).shape,
    ).toEqual(["model", "model"])
    expect(
      replay([
        [0, [first]],
        [500_000, [later]],
      ]),
    ).toHaveLength(2)
  })

  test("a different process has a different run", () => {
    const resource = { "service.name": "shop", "service.instance.id": "two" }
    const other = bareCall(
      "x",
      100,
      [{ role: "user", content: "Hello" }],
      { role: "assistant", content: "Hi" },
      {},
      resource,
    )
    expect(
      replay([
        [0, [first]],
        [150, [other]],
      ]),
    ).toHaveLength(2)
  })

  test("calls with the same conversation id belong to the same run, whatever else differs", () => {
    const resource = { "service.name": "shop", "service.instance.id": "two" }
    const one = bareCall("a", 0, [ask], done, { "session.id": "s-1" })
    const two = bareCall(
      "b",
      900_000,
      [{ role: "user", content: "And now?" }],
      done,
      { "session.id": "s-1" },
      resource,
    )
    const three = bareCall("c", 10, [{ role: "user", content: "Who?" }], done, { "session.id": "s-2" })
    const runs = replay([
      [0, [one]],
      [20, [three]],
      [900_000, [two]],
    ])
    expect(runs.map((run) => [run.start.labels?.session, run.shape])).toEqual([
      ["s-1", ["model", "model"]],
      ["s-2", ["model"]],
    ])
  })

  test("requests in the wrong order yield every call and tool once", () => {
    const run = onlyRun(
      replay([
        [0, [second]],
        [300, [first]],
      ]),
    )
    expect([...run.shape].sort()).toEqual(["model", "model", "tool trains!", "tool weather"])
  })

  test("a tool span that arrives after its turn was built from the history is dropped", () => {
    const parented = [first, second].map((call) => ({ ...call, traceId: "t", parentId: "root" }))
    const late = span({
      id: "tool",
      trace: "t",
      parent: "root",
      name: "weather",
      from: 60,
      to: 190,
      attributes: {
        "openinference.span.kind": "TOOL",
        "tool.name": "weather",
        "tool_call.id": "c1",
        "input.value": '{"city":"Porto"}',
        "output.value": '{"celsius":13}',
      },
    })
    const run = onlyRun(
      replay([
        [0, parented],
        [5_000, [late]],
      ]),
    )
    expect(run.shape).toEqual(["model", "tool weather", "tool trains!", "model"])
    const inTime = onlyRun(
      replay([
        [0, parented],
        [500, [late]],
      ]),
    )
    expect(inTime.shape).toEqual(["model", "tool weather", "tool trains!", "model"])
    expect(inTime.turns[1]?.duration_ms).toBe(130)
  })

  test("a late tool span without a call id is dropped, too, but not a later one with the same arguments", () => {
    const parented = [first, second].map((call) => ({ ...call, traceId: "t", parentId: "root" }))
    const tool = (id: string, from: number) =>
      span({
        id,
        trace: "t",
        parent: "root",
        from,
        attributes: {
          "openinference.span.kind": "TOOL",
          "tool.name": "weather",
          "input.value": '{"city":"Porto"}',
        },
      })
    const requests = (from: number): Parameters<typeof replay>[0] => [
      [0, parented],
      [5_000, [tool("tool", from)]],
    ]
    expect(onlyRun(replay(requests(60))).shape).toEqual(["model", "tool weather", "tool trains!", "model"])
    expect(onlyRun(replay(requests(900))).shape.at(-1)).toBe("tool weather")
    const inDisorder = replay([
      [0, [{ ...second, traceId: "t", parentId: "root" }]],
      [5_000, [{ ...first, traceId: "t", parentId: "root" }]],
      [10_000, [tool("tool", 60)]],
    ])
    expect([...onlyRun(inDisorder).shape].sort()).toEqual(["model", "model", "tool trains!", "tool weather"])
  })

  test("results in the first call's history belong to an earlier run", () => {
    const run = onlyRun(
      replay([
        [
          0,
          [
            bareCall("b", 0, [system, ask, wants, ...results, done, { role: "user", content: "Thanks" }], {
              role: "assistant",
              content: "Bye",
            }),
          ],
        ],
      ]),
    )
    expect(run.shape).toEqual(["model"])
    expect(run.start.intent).toBe("Thanks")
  })

  test("a tool call without a result yields no turn", () => {
    expect(onlyRun(replay([[0, [first]]])).shape).toEqual(["model"])
  })

  test("a repeated message is a new prompt", () => {
    const again = bareCall("b", 200, [ask, done, ask], done)
    const run = onlyRun(
      replay([
        [0, [bareCall("a", 0, [ask], done)]],
        [300, [again]],
      ]),
    )
    expect(run.turns.map((turn) => turn.prompt)).toEqual([ask.content, ask.content])
  })
})
