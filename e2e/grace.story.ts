import { connectClient, expect, test } from "./fixtures"
import { expectWhole, openRun, runMain, signIn } from "./pages"

test.use({ env: { TURNLINE_GRACE_MS: "8000" } })

test("I4: a run whose agent disconnects ends as incomplete after the grace period", async ({
  page,
  server,
}) => {
  const leaving = await connectClient(server.url, server.agentToken)
  const started = await leaving.ask("runs.start", { agent_id: "e2e/ghost", intent: "Vanish" })
  if (!started.ok) throw new Error(started.error.message)
  await leaving.ask("runs.record_turns", { run_id: started.run_id, turns: [{ message: "final turn" }] })
  await signIn(page, server)
  await openRun(page, server, started.run_id)
  await expect(runMain(page)).toHaveAttribute("data-state", "working")
  leaving.close()
  await expect(runMain(page)).toHaveAttribute("data-state", "gone")
  await expect(page.getByText(/incomplete in \d/).first()).toBeVisible()
  await expect(runMain(page)).toHaveAttribute("data-state", "incomplete")
  await expectWhole(page, 1)
})

test("a late turn reopens an incomplete run, and the open page follows it", async ({
  page,
  server,
  agent,
}) => {
  const leaving = await connectClient(server.url, server.agentToken)
  const started = await leaving.ask("runs.start", { agent_id: "e2e/ghost", intent: "Vanish and return" })
  if (!started.ok) throw new Error(started.error.message)
  await signIn(page, server)
  await openRun(page, server, started.run_id)
  leaving.close()
  await expect(runMain(page)).toHaveAttribute("data-state", "incomplete")
  expect(
    await agent.ask("runs.record_turns", { run_id: started.run_id, turns: [{ message: "back again" }] }),
  ).toMatchObject({ ok: true })
  await expect(runMain(page)).toHaveAttribute("data-state", "working")
  await expectWhole(page, 1)
})

test("an agent that reconnects within the grace period continues its run", async ({ page, server }) => {
  const leaving = await connectClient(server.url, server.agentToken)
  const started = await leaving.ask("runs.start", { agent_id: "e2e/ghost", intent: "Return" })
  if (!started.ok) throw new Error(started.error.message)
  await signIn(page, server)
  await openRun(page, server, started.run_id)
  leaving.close()
  await expect(runMain(page)).toHaveAttribute("data-state", "gone")
  const back = await connectClient(server.url, server.agentToken)
  expect(await back.ask("runs.start", { run_id: started.run_id })).toMatchObject({
    ok: true,
    status: "in_progress",
  })
  await expect(runMain(page)).toHaveAttribute("data-state", "working")
  await back.ask("runs.record_turns", { run_id: started.run_id, turns: [{ message: "here again" }] })
  await expectWhole(page, 1)
  await back.ask("runs.complete", { run_id: started.run_id, outcome: { status: "done" } })
  await expect(runMain(page)).toHaveAttribute("data-state", "completed")
  back.close()
})
