import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { describeRunStore } from "@/server/store/testing/describeRunStore"
import { openSqliteRunStore } from "./SqliteRunStore"

const root = mkdtempSync(join(tmpdir(), "turnline-store-"))
afterAll(() => rmSync(root, { recursive: true }))

let opened = 0
describeRunStore("SqliteRunStore", () =>
  openSqliteRunStore({ file: join(root, String(++opened), "turnline.db") }),
)
