import { deflateSync, gzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { span, traces } from "@/server/ingest/testing/agentTrace"
import { encodeTraces, type TracesJson } from "@/server/ingest/testing/encodeOtlp"
import { startIngest } from "@/server/ingest/testing/ingestServer"
import { zstdFrame } from "@/server/ingest/testing/zstdFrame"

const TRACE = "0af7651916cd43dd8448eb211c80319c"

describe("decompression bombs and floods", () => {
  test("a body that unpacks beyond the limit is refused while it is being unpacked", async () => {
    const { post } = await startIngest({ TURNLINE_INGEST_MAX_UNPACKED_BYTES: String(1024 * 1024) })
    const zeros = Buffer.alloc(64 * 1024 * 1024)
    for (const [encoding, body] of [
      ["gzip", gzipSync(zeros)],
      ["deflate", deflateSync(zeros)],
      ["zstd", zstdFrame(zeros)],
    ] as const)
      expect((await post(body, { headers: { "content-encoding": encoding } })).status).toBe(413)
  })

  test("a body larger than the limit is refused, with or without a length", async () => {
    const { post } = await startIngest({ TURNLINE_INGEST_MAX_BYTES: "2000" })
    expect((await post(`{"x":"${"a".repeat(3_000)}"}`)).status).toBe(413)
  })

  test("more spans than a request may have are refused, in JSON and in protobuf", async () => {
    const { post } = await startIngest()
    const tiny = {
      traceId: TRACE,
      spanId: "00000000000000aa",
      name: "",
      startTimeUnixNano: "1",
      endTimeUnixNano: "1",
      attributes: [],
    }
    const many = traces(Array.from({ length: 20_001 }, () => tiny))
    expect((await post(JSON.stringify(many))).status).toBe(413)
    const response = await post(encodeTraces(many), { headers: { "content-type": "application/x-protobuf" } })
    expect(response.status).toBe(413)
  })

  test("100,000 attributes and values that are nested too deeply are cut, and the rest is stored", async () => {
    const { post, endedRuns } = await startIngest()
    const deep = "[".repeat(2_000) + "]".repeat(2_000)
    const flood = span(TRACE, 1, undefined, "chat", 0, {
      "gen_ai.operation.name": "chat",
      "gen_ai.input.messages": JSON.stringify([{ role: "user", content: "Hi" }]),
      "gen_ai.output.messages": `[{"role":"assistant","content":"Yes"}]`,
    })
    flood.attributes.push(
      ...Array.from({ length: 100_000 }, (_, index) => ({ key: `k${index}`, value: { intValue: index } })),
    )
    const tool = span(TRACE, 2, 1, "execute_tool x", 1, {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "x",
      "gen_ai.tool.call.arguments": deep,
    })
    let value: TracesJson["resourceSpans"][number]["resource"]["attributes"][number]["value"] = {
      stringValue: "end",
    }
    for (let level = 0; level < 500; level++) value = { arrayValue: { values: [value] } }
    tool.attributes.push({ key: "gen_ai.tool.call.result", value })
    for (const body of [JSON.stringify(traces([flood, tool])), encodeTraces(traces([flood, tool]))])
      expect(
        (
          await post(body, {
            headers: {
              "content-type": typeof body === "string" ? "application/json" : "application/x-protobuf",
            },
          })
        ).status,
      ).toBe(200)
    const [run] = await endedRuns(1)
    expect(run?.cursor).toBe(2)
  })
})
