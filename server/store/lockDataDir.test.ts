import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { DataDirInUseError } from "./errors"
import { lockDataDir } from "./lockDataDir"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "turnline-lock-"))
})
afterEach(() => rmSync(dir, { recursive: true }))

test("a directory is locked by one process at a time, until released", () => {
  const lock = lockDataDir(dir)
  expect(() => lockDataDir(dir)).toThrow(DataDirInUseError)
  expect(() => lockDataDir(dir)).toThrow(`in use by process ${process.pid}`)
  lock.release()
  lockDataDir(dir).release()
})

test("a leftover pid file doesn't lock, even if a process has that pid", () => {
  writeFileSync(join(dir, "server.pid"), `${process.pid}\n`)
  lockDataDir(dir).release()
})

test("the error names the process that holds the lock, and the lock ends with the process, even after kill -9", async () => {
  const program = `
    import { lockDataDir } from ${JSON.stringify(join(import.meta.dirname, "lockDataDir.ts"))}
    lockDataDir(${JSON.stringify(dir)})
    process.stdout.write("held")
    setInterval(() => {}, 1_000)`
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program])
  const exited = once(child, "exit")
  await Promise.race([once(child.stdout, "data"), exited])
  expect(() => lockDataDir(dir)).toThrow(`in use by process ${child.pid}`)
  child.kill("SIGKILL")
  await exited
  lockDataDir(dir).release()
})
