import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { expect, type Page, test } from "@playwright/test"
import { buildServerPackage } from "@/scripts/pack/packServer.mjs"
import { ROOT } from "@/scripts/setup.mjs"

/** Packages with native binaries, which npm installs on the user's machine. */
const NATIVE = ["libsql", "@libsql", "@neon-rs", "detect-libc"]

test("the package turnline starts in an empty folder, without a build, and serves its pages and the clients", async ({
  page,
}) => {
  // Building the package takes most of a minute.
  test.setTimeout(300_000)
  const home = mkdtempSync(join(tmpdir(), "turnline-package-"))
  const folder: string = await buildServerPackage("1.2.3")
  mkdirSync(join(folder, "node_modules"), { recursive: true })
  for (const name of NATIVE) symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name))
  const child = spawn(process.execPath, [join(folder, "bin/turnline.mjs")], {
    cwd: home,
    env: { PATH: process.env.PATH, NODE_ENV: "production", PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  })
  try {
    const link = await linkOf(child)
    expect((await page.goto(link))?.status()).toBe(200)
    await page.getByRole("link", { name: "Connect" }).first().click()
    await expect(
      page.getByText(`npm install ${new URL(link).origin}/packages/turnline-agent.tgz`),
    ).toBeVisible()
    for (const path of await packagesOf(page)) {
      const response = await page.request.get(new URL(path, page.url()).href)
      expect(response.status()).toBe(200)
      expect((await response.body()).length).toBeGreaterThan(10_000)
    }
  } finally {
    child.kill()
    await new Promise((resolve) => child.once("exit", resolve))
    rmSync(home, { recursive: true })
    rmSync(folder, { recursive: true })
  }
})

/** Returns the paths of the client packages that the server hands out. */
async function packagesOf(page: Page): Promise<string[]> {
  const { packages } = await (await page.request.get(new URL("/api/session", page.url()).href)).json()
  expect(packages).toHaveLength(2)
  return packages
}

function linkOf(child: ChildProcess): Promise<string> {
  let errors = ""
  child.stderr?.on("data", (data) => {
    errors += data
  })
  return new Promise((resolve, reject) => {
    if (child.stdout)
      createInterface({ input: child.stdout }).on("line", (line) => {
        const link = /https?:\/\/\S+\?token=\S+/.exec(line)?.[0]
        if (link !== undefined) resolve(link)
      })
    child.once("exit", (code) => reject(new Error(`exit code ${code}: ${errors}`)))
  })
}
