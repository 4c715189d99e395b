import { describe, expect, test } from "vitest"
import { onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"

describe("LangSmith over OpenTelemetry", () => {
  test("an exception is an error even if the status is OK", () => {
    const common = { "langsmith.trace.session_name": "trips", "langsmith.metadata.thread_id": "th" }
    const tool = span({
      id: "t",
      parent: "root",
      name: "trains",
      from: 1,
      status: 1,
      attributes: {
        ...common,
        "langsmith.span.kind": "tool",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "trains",
        "gen_ai.prompt": '{"to":"B"}',
      },
      events: [{ name: "exception", attributes: { "exception.message": "503" } }],
    })
    const root = span({
      id: "root",
      name: "agent",
      status: 1,
      to: 20,
      attributes: {
        ...common,
        "langsmith.span.kind": "chain",
        "langsmith.is_root": true,
        "gen_ai.prompt": '{"input":"Trains?"}',
        "gen_ai.completion": '{"outputs":"None."}',
      },
    })
    const run = onlyRun(replay([[0, [tool, root]]]))
    expect(run.shape).toEqual(["tool trains!", "model"])
    expect(run.start).toMatchObject({ intent: "Trains?", labels: { session: "th" } })
    expect(run.ends).toMatchObject([{ status: "success", summary: "None." }])
  })
})
