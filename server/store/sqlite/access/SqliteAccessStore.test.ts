import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { DatabaseNewerError } from "@/server/store/errors"
import { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { openSqliteRunStore, type SqliteRunStore } from "@/server/store/sqlite/SqliteRunStore"
import { aToken, describeAccessStore } from "@/server/store/testing/describeAccessStore"
import { type DirectAccessStore, openAccessStoreDirect, SqliteAccessStore } from "./SqliteAccessStore"

const AT = "2026-01-02T03:04:05.678Z"

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

describeAccessStore("SqliteAccessStore", async () => new SqliteAccessStore(await openStore()))
describeAccessStore("the command line's access store", async () => openDirect())

test("the command line creates a missing database, for this user only", async () => {
  await openDirect().addToken(aToken())
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const store = await openStore()
  expect(await new SqliteAccessStore(store).listTokens()).toEqual([aToken()])
})

test("the command line works while a store is running, and each sees the other's writes", async () => {
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
