import { DatabaseError } from "pg"
import { describe, expect, test } from "vitest"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { asStoreError, isRetryable } from "./postgresErrors"

function serverError(code: string): DatabaseError {
  return Object.assign(new DatabaseError("refused", 7, "error"), { code })
}

describe("asStoreError", () => {
  test.each(["57P01", "57P03", "53100", "53300", "08006", "25006", "40P01"])(
    "SQLSTATE %s: the database is unavailable",
    (code) => expect(asStoreError(serverError(code))).toBeInstanceOf(StoreUnavailableError),
  )

  test.each(["22021", "42P01", "23502"])("SQLSTATE %s: a bug", (code) => {
    const error = serverError(code)
    expect(asStoreError(error)).toBe(error)
  })

  test.each(["EPIPE", "ECONNRESET", "ECONNREFUSED"])("%s of Node: the database is unavailable", (code) => {
    const error = Object.assign(new Error("write failed"), { code })
    expect(asStoreError(error)).toBeInstanceOf(StoreUnavailableError)
  })

  test("a programming error isn't converted", () => {
    const error = new TypeError("undefined is not a function")
    expect(asStoreError(error)).toBe(error)
  })
})

test("only conflicts with other transactions are retried", () => {
  expect(["23505", "40P01", "40001"].map((code) => isRetryable(serverError(code)))).toEqual([
    true,
    true,
    true,
  ])
  expect(isRetryable(serverError("57P01"))).toBe(false)
  expect(isRetryable(Object.assign(new Error("x"), { code: "40001" }))).toBe(false)
})
