import { afterEach, describe, expect, it, vi } from "vitest"
import { mintToken, readTokenRequest } from "./mintToken"

const NOW = Date.parse("2026-01-01T00:00:00.000Z")
const read = (fields: Record<string, string>) => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return readTokenRequest(form, NOW)
}

describe("readTokenRequest", () => {
  it("accepts patterns separated by commas or spaces, and an expiry in days", () => {
    expect(read({ name: " ci ", write: "ci/*, lint  deploy", days: "30" })).toEqual({
      ...{ name: "ci", write: ["ci/*", "lint", "deploy"], expires_at: "2026-01-31T00:00:00.000Z" },
    })
    expect(read({ name: "ci", write: "*", days: "" })).toEqual({ name: "ci", write: ["*"] })
  })

  it("rejects invalid names and patterns before contacting the server", () => {
    for (const fields of [
      { name: "", write: "a" },
      { name: "n".repeat(129), write: "a" },
      { name: "a", write: "" },
      { name: "a", write: "a*b" },
      { name: "a", write: "ü" },
    ])
      expect(read(fields)).toHaveProperty("error")
  })
})

describe("mintToken", () => {
  afterEach(() => vi.unstubAllGlobals())
  const reply = (body: unknown) => vi.stubGlobal("fetch", async () => ({ json: async () => body }))

  it("returns the token", async () => {
    reply({ token: "tl_1", token_id: "1" })
    expect(await mintToken({ name: "ci", write: ["ci"] })).toEqual({
      name: "ci",
      token: "tl_1",
      token_id: "1",
    })
  })

  it("quotes the server's reason for a refusal", async () => {
    reply({ error: { code: "forbidden", message: "This token can't do that." } })
    expect(await mintToken({ name: "ci", write: ["ci"] })).toEqual({
      error: "Couldn't create the token: This token can't do that.",
    })
  })

  it("returns an error for an unexpected reply and for a failed request", async () => {
    reply("odd")
    expect(await mintToken({ name: "ci", write: ["ci"] })).toHaveProperty("error")
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")))
    expect(await mintToken({ name: "ci", write: ["ci"] })).toHaveProperty("error")
  })
})
