import type { Page } from "@playwright/test"
import { expect, test } from "./fixtures"
import { expectWhole, openRun, showAs, signIn, turnRow } from "./pages"
import { recordTurns, startRun } from "./seeds"

const REPORT = "require-trusted-types-for 'script'; trusted-types 'none'"
const TURNS = [
  { message: "# Title\n\n**bold** [link](https://example.com) `code`\n\n| a | b |\n| - | - |\n| 1 | 2 |" },
  { tool: "bash", parameters: { command: "ls" }, output: "\u001b[31mred\u001b[0m <b>not bold</b>" },
  { tool: "edit", parameters: { deep: [{ a: 1 }] }, output: "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n" },
]

/** Makes the browser report text used as markup, code or a script URL, and collects the places. */
async function watchSinks(page: Page): Promise<Set<string>> {
  const found = new Set<string>()
  await page.exposeFunction("noteSink", (where: string) => void found.add(where))
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, sample, sourceFile }) => {
      const { noteSink } = globalThis as unknown as { noteSink(where: string): void }
      const file = sourceFile.split("/").at(-1) ?? ""
      if (effectiveDirective.includes("trusted-types"))
        noteSink(`${sample.split("|")[0]} ${file.replace(/-[\w-]+\.js.*$/, "")}`)
    })
  })
  await page.route("**/*", async (route) => {
    if (route.request().resourceType() !== "document") return route.continue()
    const response = await route.fetch({ maxRedirects: 0 })
    const headers = { ...response.headers(), "content-security-policy-report-only": REPORT }
    return route.fulfill({ response, headers })
  })
  return found
}

test("S14: no text becomes markup or code; only the script loader would need a trusted type", async ({
  page,
  server,
  agent,
}) => {
  const found = await watchSinks(page)
  const runId = await startRun(agent, { agent_id: "e2e/sinks", intent: "Show every form" })
  await recordTurns(agent, runId, TURNS)
  await signIn(page, server)
  await page.keyboard.press("?")
  await expect(page.getByRole("dialog")).toBeVisible()
  await openRun(page, server, runId)
  await expectWhole(page, TURNS.length)
  for (const index of TURNS.keys()) await turnRow(page, index).click()
  await showAs(page, "Transcript")
  await expect(page.getByText("not bold").first()).toBeVisible()
  await page.goto(`${server.url}/compare`)
  await expect(page.locator("main[data-page=compare]")).toBeVisible()
  // A deliberate violation proves that violations are reported, and that all earlier ones have been reported by now.
  await page.evaluate(() => {
    document.createElement("div").innerHTML = "<b>ours</b>"
  })
  await expect.poll(() => [...found].some((sink) => sink.startsWith("Element innerHTML"))).toBe(true)
  expect([...found].map((sink) => sink.trim()).sort()).toEqual([
    "Element innerHTML",
    "HTMLScriptElement src turbopack",
  ])
})
