import type { Cast } from "@/demo/Cast"
import { aTicket, type Ticket } from "@/demo/content/tickets"
import type { Scene } from "@/demo/Scene"
import type { RunOptions } from "@/lib/agent/connectAgent"
import type { AgentOutcome } from "@/lib/protocol/run"

/** A support agent: answers tickets, waits for a person when money is involved, and sometimes vanishes mid-run. */
export function liveAsSupport(cast: Cast): Promise<void> {
  return cast.live(async () => {
    const ticket = aTicket(cast.chance)
    const options = runFor(ticket)
    if (cast.chance.maybe(0.25)) await answerWithGap(cast, ticket, options)
    else
      await cast.play(options, async (scene) => {
        await readUp(scene, ticket)
        return settle(scene, ticket)
      })
  }, [2_000, 12_000])
}

/** A support agent that never vanishes and has more tickets than it can read. */
export function liveAsTriage(cast: Cast): Promise<void> {
  return cast.live(() => {
    const ticket = aTicket(cast.chance)
    return cast.play(runFor(ticket), async (scene) => {
      await readUp(scene, ticket)
      if (!scene.chance.maybe(0.3)) return settle(scene, ticket)
      const team = scene.chance.pick(["payments", "shipping", "legal"])
      await scene.call(
        "route_ticket",
        { ticket: ticket.id, team },
        { output: { queued: true, position: scene.chance.whole(1, 40) } },
      )
      return { status: "done", summary: `Passed on to ${team}.` }
    })
  }, [500, 6_000])
}

function runFor(ticket: Ticket): RunOptions {
  return {
    intent: `Answer ${ticket.id}: ${ticket.subject} (${ticket.request})`,
    labels: { ticket: ticket.id, plan: ticket.customer.plan, language: ticket.customer.language },
  }
}

/** The connection drops in the middle of the run. The agent returns within the grace period or never. */
async function answerWithGap(cast: Cast, ticket: Ticket, options: RunOptions): Promise<void> {
  const runId = await cast.vanishAfter(options, (scene) => readUp(scene, ticket))
  if (runId === undefined) return
  const comesBack = cast.chance.maybe(0.6)
  await cast.pace.wait(comesBack ? cast.chance.whole(3_000, 15_000) : cast.chance.whole(5_000, 20_000))
  if (!comesBack) return
  await cast.resume(runId, async (scene) => {
    scene.note("restart", "The agent was restarted and resumes where it left off.", {
      reason: cast.chance.pick(["deployment", "out of memory", "power"]),
    })
    return settle(scene, ticket)
  })
}

async function readUp(scene: Scene, ticket: Ticket): Promise<void> {
  const { chance } = scene
  scene.run.turn({
    kind: "human",
    prompt: ticket.subject,
    message: ticket.text,
    attributes: { channel: chance.pick(["mail", "chat", "form"]) },
  })
  await scene.call(
    "get_customer",
    { id: ticket.customer.id },
    { output: ticket.customer, ms: chance.skewed(60, 900) },
  )
  await scene.call("get_order", { id: ticket.order.id }, { output: ticket.order, ms: chance.skewed(60, 900) })
  const similar = chance.some(
    ["cracked on arrival", "wrong color", "late parcel", "missing parts", "warranty abroad"],
    3,
  )
  await scene.call(
    "search_answers",
    { text: ticket.subject, limit: 3 },
    { output: similar.map((title) => ({ title, score: Math.round(chance.next() * 100) / 100 })) },
  )
  await scene.think({
    thinking: `A ${ticket.request} of ${ticket.order.total_eur} EUR, order ${ticket.order.state}. The rules allow it below 200 EUR with a person's approval.`,
    message: `**${ticket.request}** — order \`${ticket.order.id}\` is *${ticket.order.state}*.`,
  })
}

async function settle(scene: Scene, ticket: Ticket): Promise<AgentOutcome> {
  const { chance } = scene
  if (ticket.request === "question")
    return answer(scene, ticket, "I asked the manufacturer: yes, within the limits on the label.")
  const words = `${ticket.request} of ${ticket.order.total_eur.toFixed(2)} EUR for ${ticket.order.id}`
  const yes = chance.maybe(0.75)
  await scene.ask(
    `approval of: ${words}`,
    yes
      ? chance.pick(["Approved.", "Fine, do it.", "OK 👍"])
      : chance.pick(["No, ask for a photo first.", "Not for this order."]),
    chance.skewed(5_000, 60_000),
  )
  if (!yes) {
    await scene.call(
      "send_reply",
      { ticket: ticket.id, text: "Could you send us a photo of it?" },
      { output: { sent: true }, policy_rejected: true },
    )
    return { status: "partial_success", summary: "Asked for a photo.", evidence: { approved: false } }
  }
  const tool = ticket.request === "refund" ? "refund_payment" : "create_shipment"
  if (chance.maybe(0.12)) {
    const error = { message: "the payment provider returned 502", type: "BadGateway" }
    await scene.call(tool, { order: ticket.order.id, amount_eur: ticket.order.total_eur }, { error })
    scene.note("retry", "Tried again after 2 s.", { attempt: 2, error: error.type })
    await scene.wait(2_000)
  }
  await scene.call(
    tool,
    { order: ticket.order.id, amount_eur: ticket.order.total_eur },
    { output: { ok: true, reference: chance.hex(12) } },
  )
  return answer(
    scene,
    ticket,
    ticket.request === "refund" ? "Your refund is on its way." : "A replacement ships today.",
  )
}

async function answer(scene: Scene, ticket: Ticket, news: string): Promise<AgentOutcome> {
  const first = ticket.customer.name.split(" ")[0]
  await scene.think({
    message: `Dear ${first},\n\n${news} I am sorry for the trouble with your ${ticket.subject.slice(3)}.\n\nKind regards\nThe shop`,
  })
  await scene.call(
    "send_reply",
    { ticket: ticket.id, language: ticket.customer.language },
    { output: { sent: true, message_id: scene.chance.hex(10) } },
  )
  return { status: "success", summary: news, metrics: { order_eur: ticket.order.total_eur } }
}
