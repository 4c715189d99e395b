import { describe, expect, test } from "vitest"
import type { AccessStore, TokenRow } from "@/server/store/AccessStore"

const AT = "2026-01-02T03:04:05.678Z"

/** Returns a token row for tests; `given` overrides its fields. */
export function aToken(given: Partial<TokenRow> = {}): TokenRow {
  return {
    token_id: "id-1",
    name: "viewer",
    sha256: "ab".repeat(32),
    write: ["ci/*"],
    read: "all",
    control: true,
    mint: false,
    created_at: AT,
    ...given,
  }
}

/** The contract of every store of tokens and sessions. `open` returns an empty store; the suite closes it. */
export function describeAccessStore(name: string, open: () => Promise<AccessStore>): void {
  describe(`T11: ${name}`, () => {
    test("stores tokens unchanged and in order", async () => {
      const access = await open()
      const tokens = [
        aToken(),
        aToken({ token_id: "id-0", name: "odd \0 name", read: ["x", "y/*"], write: [], expires_at: AT }),
      ]
      for (const token of tokens) await access.addToken(token)
      expect(await access.listTokens()).toEqual(tokens)
    })

    test("revokes a token by its name or id, but only once", async () => {
      const access = await open()
      for (const token_id of ["a", "b", "c"])
        await access.addToken(aToken({ token_id, name: token_id === "c" ? "a" : "n" }))
      expect(await access.revokeTokens("a", AT)).toBe(2)
      expect(await access.revokeTokens("a", "2027-01-01T00:00:00.000Z")).toBe(0)
      expect(await access.revokeTokens("nobody", AT)).toBe(0)
      expect((await access.listTokens()).map((token) => token.revoked_at)).toEqual([AT, undefined, AT])
    })

    test("stores sessions until they end or expire", async () => {
      const access = await open()
      const session = (sha256: string, expires_at: string) => ({
        sha256,
        token_id: "id-1",
        created_at: AT,
        expires_at,
      })
      await access.addSession(session("aa", "2026-02-01T00:00:00.000Z"))
      await access.addSession(session("bb", "2026-03-01T00:00:00.000Z"))
      await access.addSession(session("cc", "2026-03-01T00:00:00.000Z"))
      expect(await access.findSession("aa")).toEqual(session("aa", "2026-02-01T00:00:00.000Z"))
      await access.endSession("bb")
      await access.deleteExpiredSessions("2026-02-01T00:00:00.000Z")
      expect(await access.findSession("aa")).toBeUndefined()
      expect(await access.findSession("bb")).toBeUndefined()
      expect(await access.findSession("cc")).toBeDefined()
    })
  })
}
