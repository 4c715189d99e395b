import { describe, expect, test } from "vitest"
import { prepareError } from "./prepareError"

describe("prepareError", () => {
  test("keeps the cause chain, with codes", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:9"), {
      code: "ECONNREFUSED",
      port: 9,
    })
    const error = new TypeError("fetch failed", { cause: refused })
    expect(prepareError(error)).toMatchObject({
      message: "fetch failed",
      type: "TypeError",
      stack: expect.stringContaining("prepareError.test"),
      cause: { message: "connect ECONNREFUSED 127.0.0.1:9", code: "ECONNREFUSED", port: 9 },
    })
  })

  test("keeps the members of an AggregateError", () => {
    const error = new AggregateError([new Error("one"), new RangeError("two"), "three"], "all failed")
    expect(prepareError(error)).toMatchObject({
      message: "all failed",
      type: "AggregateError",
      errors: [{ message: "one" }, { message: "two", type: "RangeError" }, { message: "three" }],
    })
  })

  test("ends at a cycle and after eight causes", () => {
    const cyclic = new Error("cyclic")
    cyclic.cause = cyclic
    expect(prepareError(cyclic)).not.toHaveProperty("cause")
    let deep = new Error("0")
    for (let i = 1; i < 50; i++) deep = new Error(String(i), { cause: deep })
    let depth = 0
    for (let at: unknown = prepareError(deep); at; at = (at as { cause?: unknown }).cause) depth++
    expect(depth).toBe(9)
  })

  test("bounds the stack and the message", () => {
    const error = new Error("x".repeat(1_000_000))
    error.stack = "at line\n".repeat(100_000)
    expect(JSON.stringify(prepareError(error)).length).toBeLessThan(80_000)
  })

  test.each([
    ["a message", { message: "a message" }],
    [404, { message: "404" }],
    [null, { message: "null" }],
    [
      { message: "boom", type: "E", code: 7, stack: "at 7" },
      { message: "boom", type: "E", code: 7, stack: "at 7" },
    ],
    [
      { name: "AxiosError", message: "m" },
      { name: "AxiosError", message: "m" },
    ],
    [
      { title: "Out of credit", detail: "30 left" },
      { message: "30 left", title: "Out of credit", detail: "30 left" },
    ],
    [{ reason: "quota" }, { message: '{"reason":"quota"}', reason: "quota" }],
    [
      { message: null, status: 429 },
      { message: '{"message":null,"status":429}', status: 429 },
    ],
  ])("%j", (raw, expected) => {
    expect(prepareError(raw)).toEqual(expected)
  })

  test("survives getters and proxies that throw", () => {
    const trap = new Proxy(
      {},
      {
        get() {
          throw new Error("trap")
        },
        ownKeys() {
          throw new Error("trap")
        },
      },
    )
    expect(() => prepareError(trap)).not.toThrow()
  })
})
