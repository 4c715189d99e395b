import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, expect, test } from "vitest"
import { AuditFile } from "@/server/audit/AuditFile"

const PROGRAM = fileURLToPath(new URL("../../build/server/turnline.js", import.meta.url))
let dir = ""
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "turnline-audit-"))
})
afterEach(() => rmSync(dir, { recursive: true }))

function audit(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, "audit", ...args], {
    env: { ...process.env, TURNLINE_DATA_DIR: dir },
    encoding: "utf8",
  })
  return { code: status, out: stdout, err: stderr }
}

async function aLog(lines: number): Promise<void> {
  const file = new AuditFile(dir, 100 * 1024 * 1024)
  const entry = { event: "run_read" as const, token: "t1" }
  await file.append(Array.from({ length: lines }, () => ({ at: "2026-01-01T00:00:00.000Z", entry })))
  await file.close()
}

test("S19: an intact log is reported as intact, with the hash of its last line", async () => {
  await aLog(5)
  const { code, out, err } = audit()
  expect({ code, err }).toEqual({ code: 0, err: "" })
  expect(out).toMatch(/^Intact: 5 lines .*\nHash of the last line: [0-9a-f]{64}\n$/)
  expect(audit(dir)).toMatchObject({ code: 0, out })
})

test("S19: a changed line is reported with its position, and the command fails", async () => {
  await aLog(5)
  const file = join(dir, "audit.log")
  writeFileSync(file, readFileSync(file, "utf8").replace(/"token":"t1"/, '"token":"t2"'))
  const { code, out, err } = audit()
  expect({ code, out }).toEqual({ code: 1, out: "" })
  expect(err).toContain(`${file}:2`)
})

test("S19: without a log nothing is verified", () => {
  expect(audit()).toMatchObject({ code: 1, out: "", err: expect.stringContaining("no audit log") })
})
