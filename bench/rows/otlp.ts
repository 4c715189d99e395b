import { type Peer, startOurs } from "@/bench/peers/startPeer"
import { median } from "@/bench/statistics"
import { brief, type Row } from "./Row"

const SPANS_PER_REQUEST = 512
const SENDERS = 4

/** Returns a request like those of an SDK's batch processor: one agent's trace of model and tool calls. */
function requestOf(traceId: string): string {
  const span = (id: number, name: string, attributes: { [name: string]: string | number }) => ({
    traceId,
    spanId: id.toString(16).padStart(16, "0"),
    ...(id > 1 && { parentSpanId: "0000000000000001" }),
    name,
    startTimeUnixNano: `${Date.now() + id}000000`,
    endTimeUnixNano: `${Date.now() + id + 1}000000`,
    attributes: Object.entries(attributes).map(([key, value]) => ({
      key,
      value: typeof value === "number" ? { intValue: value } : { stringValue: value },
    })),
  })
  const text = (role: string, content: string) =>
    JSON.stringify([{ role, parts: [{ type: "text", content }] }])
  const spans = [
    span(1, "invoke_agent bench", {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "bench",
    }),
  ]
  for (let id = 2; id <= SPANS_PER_REQUEST; id++)
    spans.push(
      id % 2 === 0
        ? span(id, "chat", {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "m",
            "gen_ai.output.messages": text("assistant", `answer ${id}`),
            "gen_ai.usage.input_tokens": 20,
            "gen_ai.usage.output_tokens": 5,
          })
        : span(id, "execute_tool search", {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "search",
            "gen_ai.tool.call.arguments": `{"q":"${id}"}`,
            "gen_ai.tool.call.result": "nothing",
          }),
    )
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "bench" } }] }
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "bench" }, spans }] }] })
}

/** Sends requests one after the other until a deadline. Returns how many spans were acknowledged. */
async function send(peer: Peer, sender: number, until: number): Promise<number> {
  let spans = 0
  for (let n = 0; performance.now() < until; n++) {
    const traceId = `${sender.toString(16).padStart(8, "0")}${n.toString(16).padStart(24, "0")}`
    const response = await fetch(`${peer.url}/v1/traces`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${peer.address.agentToken}`,
        "content-type": "application/json",
      },
      body: requestOf(traceId),
    })
    await response.text()
    if (response.status === 200) spans += SPANS_PER_REQUEST
    else if (response.status === 503) await new Promise((resolve) => setTimeout(resolve, 100))
    else throw new Error(`status ${response.status}`)
  }
  return spans
}

const otlpRow: Row = {
  id: "otlp",
  what: `OTLP: ${SENDERS} senders with ${SPANS_PER_REQUEST} spans per request, durable spans/s`,
  goal: "≥ 5,000",
  async run({ quick, rounds, say }) {
    const rates: number[] = []
    for (let round = 0; round < rounds; round++) {
      const peer = await startOurs()
      try {
        const began = performance.now()
        const until = began + (quick ? 3_000 : 15_000)
        const counts = await Promise.all(
          Array.from({ length: SENDERS }, (_, sender) => send(peer, sender + 1, until)),
        )
        const rate = counts.reduce((sum, count) => sum + count, 0) / ((performance.now() - began) / 1_000)
        say(`${brief(rate)} spans/s`)
        rates.push(rate)
      } finally {
        await peer.stop()
      }
    }
    const rate = median(rates)
    return { ours: brief(rate), met: rate >= 5_000 }
  },
}

export const OTLP_ROWS: readonly Row[] = [otlpRow]
