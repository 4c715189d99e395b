import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { describeFilters } from "@/server/store/testing/describeFilters"
import { openSqliteRunStore } from "./SqliteRunStore"

const dir = mkdtempSync(join(tmpdir(), "turnline-filter-"))
afterAll(() => rmSync(dir, { recursive: true }))

describeFilters("SqliteRunStore's filters", () => openSqliteRunStore({ file: join(dir, "turnline.db") }))
