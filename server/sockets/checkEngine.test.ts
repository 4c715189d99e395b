import { Transport } from "engine.io"
import { afterEach, expect, test, vi } from "vitest"
import { checkEngine } from "./checkEngine"

afterEach(() => vi.restoreAllMocks())

test("the engine that is installed has the fields and events that links lean on", () => {
  expect(checkEngine).not.toThrow()
})

test("an engine whose transport no longer tells when it takes more fails loudly", () => {
  vi.spyOn(Transport.prototype, "emit").mockReturnValue(true)
  expect(checkEngine).toThrow(/engine\.io isn't as expected/)
})
