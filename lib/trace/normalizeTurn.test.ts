import { expect, test } from "vitest"
import { normalizeTurn } from "./normalizeTurn"

test("a turn with a tool is of kind tool, one without is of kind model, and a given kind is kept", () => {
  expect(normalizeTurn({ tool: "Bash" }).kind).toBe("tool")
  expect(normalizeTurn({ message: "hi" }).kind).toBe("model")
  expect(normalizeTurn({ tool: "Bash", kind: "agent" }).kind).toBe("agent")
})

test("a verdict defaults to not_run, and a given verdict is kept, including null", () => {
  expect(normalizeTurn({}).verifier_verdict).toBe("not_run")
  expect(normalizeTurn({ verifier_verdict: null }).verifier_verdict).toBe(null)
})

test("the exit code comes from the outcome of the command, or else from the output", () => {
  expect(normalizeTurn({ cli_outcome: { exit_code: 3 }, output: { exit_code: 4 } }).exit_code).toBe(3)
  expect(normalizeTurn({ output: { exit_code: "137" } }).exit_code).toBe(137)
  expect(normalizeTurn({ exit_code: 0, output: { exit_code: 1 } }).exit_code).toBe(0)
  for (const exit_code of [null, "x", 1.5, true, "1e3", "99999999999"])
    expect(normalizeTurn({ output: { exit_code } })).not.toHaveProperty("exit_code")
  expect(normalizeTurn({ output: [{ exit_code: 1 }] })).not.toHaveProperty("exit_code")
})

test.each([
  [{ exitCode: 2 }, 2],
  [{ returncode: 2 }, 2],
  [{ return_code: "2" }, 2],
  [{ exit_status: 2 }, 2],
  [{ exit_status: "submitted", exitStatus: 2 }, 2],
  [{ output: "x", metadata: { exit_code: 2 } }, 2],
  [{ content: [], structuredContent: { exitCode: 2 } }, 2],
  [{ stdout: "", stderr: "no", code: 2 }, 2],
  [{ stderr: "no", status: 0 }, 0],
  [{ status: 404, body: "no" }, undefined],
  [{ code: 2, message: "no" }, undefined],
  [{ stdout: 5, code: 2 }, undefined],
  [{ metadata: { status: 2 } }, undefined],
  ['{"exit_code":2}', undefined],
])("the exit code in %j is %j", (result, code) => {
  expect(normalizeTurn({ output: result }).exit_code).toBe(code)
  expect(normalizeTurn({ cli_outcome: result }).exit_code).toBe(code)
})

test("fields that only the server sets are dropped", () => {
  const turn = normalizeTurn({ index: 7, recorded_at: "2020", truncated: { "/output": 1 }, message: "x" })
  expect(turn).toEqual({ kind: "model", message: "x", verifier_verdict: "not_run" })
})

test("unknown top-level fields are kept under attributes, together with the given ones", () => {
  const turn = normalizeTurn({ stop_reason: "end", attributes: { a: 1, stop_reason: "mine" }, span_id: "s" })
  expect(turn.attributes).toEqual({ a: 1, stop_reason: "mine", "turn.stop_reason": "end", span_id: "s" })
  expect("stop_reason" in turn).toBe(false)
})

test("S12: keys named __proto__ and constructor stay data and change no prototype", () => {
  const hostile = JSON.parse(
    '{"__proto__":{"polluted":1},"constructor":{"polluted":1},"attributes":{"__proto__":{"polluted":1}}}',
  )
  const turn = normalizeTurn(hostile)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect(Object.getPrototypeOf(turn)).toBe(Object.prototype)
  expect((turn as Record<string, unknown>).polluted).toBeUndefined()
  expect(Object.getPrototypeOf(turn.attributes)).toBe(Object.prototype)
  expect(JSON.parse(JSON.stringify(turn.attributes))).toEqual(
    JSON.parse('{"turn.__proto__":{"polluted":1},"constructor":{"polluted":1},"__proto__":{"polluted":1}}'),
  )
})

test("the turn that was sent isn't mutated", () => {
  const sent = Object.freeze({ tool: "Bash", extra: 1, attributes: Object.freeze({ a: 1 }) })
  expect(normalizeTurn(sent).attributes).toEqual({ extra: 1, a: 1 })
})
