import { describe, expect, test } from "vitest"
import { onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"

describe("Logfire", () => {
  test("a pending span announces its parent, and becomes progress but never a turn", () => {
    const attributes = {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "sleep",
      "gen_ai.tool.call.arguments": "{}",
    }
    const pending = span({
      id: "p",
      parent: "t",
      from: 5,
      to: 5,
      attributes: { ...attributes, "logfire.span_type": "pending_span", "logfire.pending_parent_id": "root" },
    })
    const pendingRoot = span({
      id: "q",
      parent: "root",
      to: 0,
      attributes: {
        "gen_ai.operation.name": "invoke_agent",
        "logfire.span_type": "pending_span",
        "logfire.pending_parent_id": "0000000000000000",
      },
    })
    const tool = span({ id: "t", parent: "root", name: "execute_tool sleep", from: 5, to: 90, attributes })
    const root = span({ id: "root", to: 100, attributes: { "gen_ai.operation.name": "invoke_agent" } })
    const run = onlyRun(
      replay([
        [0, [pendingRoot, pending]],
        [20_000, [tool, root]],
      ]),
    )
    expect(run.progress[0]).toMatchObject({ progress: { kind: "tool", tool: "sleep", parameters: {} } })
    expect(run.shape).toEqual(["tool sleep"])
    expect(run.ends).toMatchObject([{ status: "success", at: 26_000 }])
  })
})
