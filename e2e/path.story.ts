import { test as base, expect, type Page } from "@playwright/test"
import { strings as shell } from "@/components/shell/strings"
import { connectAgent } from "@/lib/agent/connectAgent"
import { watchPage } from "./fixtures"
import { PathProxy } from "./kit/PathProxy"
import { expectWhole, runMain, runRow } from "./pages"
import { type RunningServer, startServer } from "./server"

const PATH = "/turnline"

type Deployed = { server: RunningServer; proxy: PathProxy; url: string }

/** Starts a server that browsers see under a path, behind a proxy that keeps or removes the path. */
async function deploy(keeps: boolean): Promise<Deployed> {
  const proxy = await PathProxy.start(PATH, keeps)
  const url = proxy.origin + PATH
  const server = await startServer({ TURNLINE_PUBLIC_URL: url })
  proxy.forwardTo(listeningPort(server))
  return { server, proxy, url }
}

/** Returns the port from the server's log, because the printed link has the proxy's. */
function listeningPort(server: RunningServer): number {
  const line = server
    .log()
    .split("\n")
    .find((text) => text.includes('"listening"'))
  return JSON.parse(line ?? "{}").port
}

const test = base.extend<{ keeps: boolean; deployed: Deployed }>({
  keeps: [true, { option: true }],
  deployed: async ({ keeps }, use) => {
    const deployed = await deploy(keeps)
    await use(deployed)
    await deployed.proxy.close()
    await deployed.server.dispose()
  },
})

/** Collects what a page under a path may not do: requests outside the path, messages on the console, and `watchPage`'s. */
function watch(page: Page, { proxy, url }: Deployed): string[] {
  const offences = watchPage(page, proxy.origin)
  const inside = `${url.replace(/^http/, "")}/`
  const check = (asked: string) => {
    if (!/^(data|blob|about):/.test(asked) && !asked.replace(/^(http|ws)/, "").startsWith(inside))
      offences.push(`outside: ${asked}`)
  }
  page.on("request", (request) => check(request.url()))
  page.on("websocket", (socket) => check(socket.url()))
  page.on("response", (response) => {
    if (response.status() >= 400) offences.push(`${response.status()}: ${response.url()}`)
  })
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) offences.push(`console: ${message.text()}`)
  })
  return offences
}

/** Returns when the document was loaded. It stays the same if the page navigates without loading another document. */
const loadTime = (page: Page) => page.evaluate(() => performance.timeOrigin)

/** Records a run with an agent. `turn` records one more turn; `end` completes the run. */
async function startRun({ server, url }: Deployed, intent: string) {
  const agent = connectAgent({ url, token: server.agentToken })
  const run = agent.startRun({ agentId: "e2e/path", intent })
  run.turn({ tool: "bash", parameters: { command: "echo 1" }, output: "1\n" })
  const started = await run.started()
  if (started === undefined) throw new Error("the run couldn't be started")
  return {
    runId: started.run_id,
    turn: () => run.turn({ tool: "bash", parameters: { command: "echo 2" }, output: "2\n" }),
    async end() {
      await run.complete({ status: "success" })
      await agent.close()
    },
  }
}

for (const keeps of [true, false])
  test.describe(`behind a proxy that ${keeps ? "keeps" : "removes"} the path`, () => {
    test.use({ keeps })

    test("every page works below the path, and nothing is requested outside of it", async ({
      page,
      context,
      deployed,
    }) => {
      test.setTimeout(180_000)
      const { server, proxy, url } = deployed
      const offences = watch(page, deployed)
      const first = await startRun(deployed, "The first run")

      expect(server.link).toMatch(`${url}/?token=`)
      await page.goto(server.link)
      await expect(page.locator("main[data-page=runs]")).toBeVisible()
      expect(page.url()).toBe(`${url}/`)
      const cookies = await context.cookies()
      expect(cookies).toHaveLength(1)
      expect(cookies[0]).toMatchObject({ path: PATH, httpOnly: true, sameSite: "Lax" })

      // From the list to a run, whose turns arrive live.
      const loaded = await loadTime(page)
      await runRow(page, first.runId).click()
      await expect(runMain(page)).toBeVisible()
      expect(page.url()).toBe(`${url}/runs/${first.runId}`)
      expect(await loadTime(page)).toBe(loaded)
      first.turn()
      await expectWhole(page, 2)
      await page.reload()
      await expectWhole(page, 2)
      await first.end()

      // To a comparison, and back in the history.
      const second = await startRun(deployed, "The second run")
      await second.end()
      await page.goto(`${url}/compare?a=${first.runId}&b=${second.runId}`)
      await expect(page.locator(`main[data-run-b="${second.runId}"]`)).toBeVisible()
      const reloaded = await loadTime(page)
      await page.getByRole("link", { name: shell.nav.connect }).click()
      await expect(page.locator("main[data-page=connect]")).toBeVisible()
      expect(page.url()).toBe(`${url}/connect`)
      await expect(page.getByRole("link", { name: shell.nav.connect })).toHaveAttribute(
        "aria-current",
        "page",
      )
      await page.goBack()
      await expect(page.locator("main[data-page=compare]")).toBeVisible()
      await page.getByRole("link", { name: shell.nav.runs }).click()
      await expect(runRow(page, second.runId)).toBeVisible()
      expect(page.url()).toBe(`${url}/`)
      expect(await loadTime(page)).toBe(reloaded)

      // Out, and in again with the form.
      await page.getByRole("button", { name: /menu/i }).click()
      await page.getByRole("menuitem", { name: /sign out/i }).click()
      await expect(page.locator("main[data-page=sign-in]")).toBeVisible()
      expect(await context.cookies()).toEqual([])
      await page.goto(`${url}/runs/${second.runId}`)
      await page.getByLabel("Token", { exact: true }).fill(server.viewerToken)
      await page.getByLabel("Token", { exact: true }).press("Enter")
      await expectWhole(page, 1)
      expect(page.url()).toBe(`${url}/runs/${second.runId}`)

      expect(offences).toEqual([])
      // Browsers themselves request this file, at the root of the host, while a document has no icon yet.
      expect(proxy.outside.filter((path) => path !== "/favicon.ico")).toEqual([])
    })

    test("the Connect page shows commands with the path, and exporters and packages use it", async ({
      page,
      deployed,
    }) => {
      test.setTimeout(180_000)
      const { server, url } = deployed
      await page.goto(server.link)
      await page.getByRole("link", { name: shell.nav.connect }).click()
      await expect(page.getByText(`npm install ${url}/packages/turnline-agent.tgz`)).toBeVisible()
      // The data directory isn't the default, and this viewer may know it.
      await expect(page.getByText(`cat ${server.dataDir}/agent.token`).first()).toBeVisible()
      await expect(page.getByText(`export OTEL_EXPORTER_OTLP_ENDPOINT=${url}`)).toBeVisible()
      expect((await page.request.get(`${url}/packages/turnline-agent.tgz`)).status()).toBe(200)
      const headers = { authorization: `Bearer ${server.agentToken}` }
      const traces = await page.request.post(`${url}/v1/traces`, { headers, data: { resourceSpans: [] } })
      expect(traces.status()).toBe(200)
    })
  })
