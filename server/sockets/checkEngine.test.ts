import { Transport } from "engine.io"
import { afterEach, expect, test, vi } from "vitest"
import { checkEngine } from "./checkEngine"

afterEach(() => vi.restoreAllMocks())

test("the installed engine.io has the fields and events that `EngineConnection` uses", () => {
  expect(checkEngine).not.toThrow()
})

test("the check fails for an engine whose transport doesn't emit an event when it has drained", () => {
  vi.spyOn(Transport.prototype, "emit").mockReturnValue(true)
  expect(checkEngine).toThrow(/engine\.io doesn't behave as expected/)
})
