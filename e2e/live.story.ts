import type { Client } from "./fixtures"
import { connectClient, expect, test, watchPage } from "./fixtures"
import { expectWhole, openRun, runMain, signIn, turnRow } from "./pages"

async function startRun(agent: Client, intent: string): Promise<string> {
  const started = await agent.ask("runs.start", { agent_id: "e2e/worker", intent })
  if (!started.ok) throw new Error(started.error.message)
  return started.run_id
}

async function record(agent: Client, run_id: string, from: number, count: number) {
  const turns = Array.from({ length: count }, (_, k) => ({
    tool: "bash",
    parameters: { command: `step ${from + k}` },
    output: `done ${from + k}`,
  }))
  const reply = await agent.ask("runs.record_turns", { run_id, turns, idempotency_key: `batch-key-${from}` })
  expect(reply).toMatchObject({ ok: true, base_index: from, count })
}

test("live turns appear without a reload, and the pending turn becomes a turn", async ({
  page,
  server,
  agent,
  offences,
}) => {
  const runId = await startRun(agent, "Watch me work")
  await signIn(page, server)
  await openRun(page, server, runId)
  await expect(runMain(page)).toHaveAttribute("data-state", "working")
  await expect(runMain(page)).toHaveAttribute("data-live", "live")

  await agent.ask("runs.report_progress", {
    run_id: runId,
    progress: { tool: "bash", parameters: { command: "step 0" } },
  })
  await expect(page.locator('[data-turn="progress"]').first()).toBeVisible()
  await record(agent, runId, 0, 1)
  await expect(page.locator('[data-turn="progress"]')).toHaveCount(0)
  await expect(turnRow(page, 0)).toContainText("step 0")

  await record(agent, runId, 1, 5)
  await expectWhole(page, 6)
  await agent.ask("runs.complete", { run_id: runId, outcome: { status: "success", summary: "All done" } })
  await expect(runMain(page)).toHaveAttribute("data-state", "completed")
  await expect(runMain(page)).toHaveAttribute("data-outcome", "success")
  expect(offences).toEqual([])
})

test("two viewers see the same run, even if one joins late", async ({ page, browser, server, agent }) => {
  const runId = await startRun(agent, "Two pairs of eyes")
  await record(agent, runId, 0, 10)
  await signIn(page, server)
  await openRun(page, server, runId)
  await record(agent, runId, 10, 10)
  const second = await (await browser.newContext()).newPage()
  await signIn(second, server)
  await openRun(second, server, runId)
  await record(agent, runId, 20, 4)
  for (const viewer of [page, second]) {
    await expectWhole(viewer, 24)
    await expect(turnRow(viewer, 23)).toContainText("step 23")
  }
  await second.context().close()
})

test("a reload mid-run loses nothing", async ({ page, server, agent }) => {
  const runId = await startRun(agent, "Reload me")
  await signIn(page, server)
  await openRun(page, server, runId)
  for (let from = 0; from < 30; from += 5) {
    await record(agent, runId, from, 5)
    if (from === 10) await page.reload()
  }
  await expectWhole(page, 30)
})

test("I1 I12: a server killed mid-run loses and duplicates nothing", async ({ page, server, offences }) => {
  let agent = await connectClient(server.url, server.agentToken)
  const runId = await startRun(agent, "Survive")
  await signIn(page, server)
  await openRun(page, server, runId)
  await record(agent, runId, 0, 12)
  await expectWhole(page, 12)

  await server.crash()
  agent.close()
  await expect(runMain(page)).toHaveAttribute("data-live", "reconnecting")
  await expect(turnRow(page, 11)).toContainText("step 11")
  await server.restart()
  agent = await connectClient(server.url, server.agentToken)
  expect(await agent.ask("runs.start", { run_id: runId })).toMatchObject({
    ok: true,
    cursor: 12,
    created: false,
  })
  // Sends the last batch again, as after a lost acknowledgement.
  const again = await agent.ask("runs.record_turns", {
    run_id: runId,
    turns: [{ tool: "bash", parameters: { command: "step 0" } }],
    idempotency_key: "batch-key-0",
  })
  expect(again).toMatchObject({ ok: true, duplicate: true, base_index: 0, count: 12 })
  await record(agent, runId, 12, 3)
  await expectWhole(page, 15)
  await expect(runMain(page)).toHaveAttribute("data-live", "live")
  await expect(turnRow(page, 14)).toContainText("step 14")
  agent.close()
  expect(offences).toEqual([])
})

test("a deep link selects its turn, even after a reload", async ({ page, server, agent }) => {
  const runId = await startRun(agent, "Find me")
  await record(agent, runId, 0, 60)
  await signIn(page, server)
  await openRun(page, server, runId, "?turn=12")
  for (const again of [false, true]) {
    if (again) await page.reload()
    await expect(turnRow(page, 12)).toHaveAttribute("aria-selected", "true")
    await expect(turnRow(page, 12)).toBeInViewport()
    await expect(page.getByRole("region", { name: "Turn 12", exact: true })).toBeVisible()
  }
})

test("new turns never move visible rows", async ({ page, server, agent }) => {
  const runId = await startRun(agent, "Hold still")
  await record(agent, runId, 0, 200)
  await signIn(page, server)
  await openRun(page, server, runId)
  await expectWhole(page, 200)
  await page.goto(`${server.url}/runs/${runId}?turn=40`)
  await expect(turnRow(page, 40)).toHaveAttribute("aria-selected", "true")
  await expectWhole(page, 200)
  const before = await turnRow(page, 40).boundingBox()
  for (let from = 200; from < 700; from += 100) await record(agent, runId, from, 100)
  await expectWhole(page, 700)
  await expect(turnRow(page, 40)).toHaveAttribute("aria-selected", "true")
  expect(await turnRow(page, 40).boundingBox()).toEqual(before)
  await expect(page.getByRole("button", { name: /500 new turns/ })).toBeVisible()
})

test("a run list updates in place and its row opens the run", async ({ page, server, agent }) => {
  await signIn(page, server)
  const offences = watchPage(page, server.url)
  const runId = await startRun(agent, "Appear by yourself")
  const row = page.locator(`[data-run-id="${runId}"]`).first()
  await expect(row).toContainText("Appear by yourself")
  await expect(row).toHaveAttribute("data-state", "working")
  await record(agent, runId, 0, 7)
  await expect(row).toHaveAttribute("data-cursor", "7")
  await agent.ask("runs.complete", { run_id: runId, outcome: { status: "failure", summary: "no" } })
  await expect(page.locator(`[data-run-id="${runId}"][data-outcome="failure"]`).first()).toBeVisible()
  expect(offences).toEqual([])
})
