import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { AccessStore, TokenRow } from "@/server/store/AccessStore"
import { DatabaseNewerError } from "@/server/store/errors"
import { type DirectAccessStore, openAccessStoreDirect, SqliteAccessStore } from "./SqliteAccessStore"
import { SqliteDatabase } from "./SqliteDatabase"
import { openSqliteRunStore, type SqliteRunStore } from "./SqliteRunStore"

const AT = "2026-01-02T03:04:05.678Z"
const aToken = (given: Partial<TokenRow> = {}): TokenRow => ({
  token_id: "id-1",
  name: "viewer",
  sha256: "ab".repeat(32),
  write: ["ci/*"],
  read: "all",
  control: true,
  mint: false,
  created_at: AT,
  ...given,
})

let dir = ""
let file = ""
let opened: { close(): void | Promise<void> }[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "turnline-access-"))
  file = join(dir, "turnline.db")
})
afterEach(async () => {
  for (const each of opened) await each.close()
  opened = []
  rmSync(dir, { recursive: true })
})

const openDirect = (): DirectAccessStore => {
  const access = openAccessStoreDirect(file)
  opened.push(access)
  return access
}
const openStore = async (): Promise<SqliteRunStore> => {
  const store = await openSqliteRunStore({ file })
  opened.push(store)
  return store
}

describe.each<[string, () => Promise<AccessStore>]>([
  ["of a store's threads", async () => new SqliteAccessStore(await openStore())],
  ["direct", async () => openDirect()],
])("access %s", (_, open) => {
  test("keeps tokens as they were given, in order", async () => {
    const access = await open()
    const tokens = [
      aToken(),
      aToken({ token_id: "id-0", name: "odd \0 name", read: ["x", "y/*"], write: [], expires_at: AT }),
    ]
    for (const token of tokens) await access.addToken(token)
    expect(await access.listTokens()).toEqual(tokens)
  })

  test("revokes by name or id, once", async () => {
    const access = await open()
    for (const token_id of ["a", "b", "c"])
      await access.addToken(aToken({ token_id, name: token_id === "c" ? "a" : "n" }))
    expect(await access.revokeTokens("a", AT)).toBe(2)
    expect(await access.revokeTokens("a", "2027-01-01T00:00:00.000Z")).toBe(0)
    expect(await access.revokeTokens("nobody", AT)).toBe(0)
    expect((await access.listTokens()).map((token) => token.revoked_at)).toEqual([AT, undefined, AT])
  })

  test("keeps sessions until they end or expire", async () => {
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

test("the command line makes the database when there is none, for this user alone", async () => {
  await openDirect().addToken(aToken())
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const store = await openStore()
  expect(await new SqliteAccessStore(store).listTokens()).toEqual([aToken()])
})

test("the command line works beside a running store, and each sees the other's writes", async () => {
  const access = new SqliteAccessStore(await openStore())
  await access.addToken(aToken())
  const direct = openDirect()
  expect(await direct.revokeTokens("viewer", AT)).toBe(1)
  await direct.addToken(aToken({ token_id: "id-2" }))
  direct.close()
  opened.pop()
  expect((await access.listTokens()).map((token) => [token.token_id, token.revoked_at])).toEqual([
    ["id-1", AT],
    ["id-2", undefined],
  ])
  await access.addToken(aToken({ token_id: "id-3" }))
  expect(await access.listTokens()).toHaveLength(3)
})

test("a newer database is refused", () => {
  openDirect()
  const db = new SqliteDatabase(file)
  db.exec("PRAGMA user_version = 99")
  db.close()
  expect(() => openAccessStoreDirect(file)).toThrow(DatabaseNewerError)
})
