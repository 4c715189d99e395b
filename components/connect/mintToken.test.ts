import { afterEach, describe, expect, it, vi } from "vitest"
import { mintToken, readTokenRequest } from "./mintToken"

const NOW = Date.parse("2026-01-01T00:00:00.000Z")
const wish = (fields: Record<string, string>) => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return readTokenRequest(form, NOW)
}

describe("the wish for a token", () => {
  it("takes patterns between commas or blanks, and an end in days", () => {
    expect(wish({ name: " ci ", write: "ci/*, lint  deploy", days: "30" })).toEqual({
      ...{ name: "ci", write: ["ci/*", "lint", "deploy"], expires_at: "2026-01-31T00:00:00.000Z" },
    })
    expect(wish({ name: "ci", write: "*", days: "" })).toEqual({ name: "ci", write: ["*"] })
  })

  it("says what is wrong before the server is asked", () => {
    for (const fields of [
      { name: "", write: "a" },
      { name: "n".repeat(129), write: "a" },
      { name: "a", write: "" },
      { name: "a", write: "a*b" },
      { name: "a", write: "ü" },
    ])
      expect(wish(fields)).toHaveProperty("problem")
  })
})

describe("having a token made", () => {
  afterEach(() => vi.unstubAllGlobals())
  const answers = (body: unknown) => vi.stubGlobal("fetch", async () => ({ json: async () => body }))

  it("hands over the token, and the server's own words when there is none", async () => {
    answers({ token: "tl_1", token_id: "1" })
    expect(await mintToken({ name: "ci", write: ["ci"] })).toEqual({
      name: "ci",
      token: "tl_1",
      token_id: "1",
    })
    answers({ error: { code: "forbidden", message: "This token does not allow that." } })
    expect(await mintToken({ name: "ci", write: ["ci"] })).toEqual({
      problem: "No token was made: This token does not allow that.",
    })
    answers("odd")
    expect(await mintToken({ name: "ci", write: ["ci"] })).toHaveProperty("problem")
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")))
    expect(await mintToken({ name: "ci", write: ["ci"] })).toHaveProperty("problem")
  })
})
