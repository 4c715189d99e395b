import { gzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import type { IngestNote } from "@/lib/protocol/events"
import { type IngestServer, startIngest } from "@/server/ingest/testing/ingestServer"
import { zstdFrame } from "@/server/ingest/testing/zstdFrame"

let server: IngestServer

async function start(env: Record<string, string> = {}): Promise<IngestServer> {
  server = await startIngest(env)
  return server
}

describe("LangSmith over HTTP", () => {
  const run = (id: string, more: object = {}) => ({
    id,
    trace_id: "r1",
    name: id,
    run_type: "chain",
    session_name: "trips",
    start_time: "2026-01-01T00:00:00.000001Z",
    ...more,
  })
  const rootRun = { ...run("r1"), inputs: { input: "Hi" } }
  const model = {
    ...run("m1", { run_type: "llm", parent_run_id: "r1" }),
    inputs: { messages: [{ role: "user", content: "Hi" }] },
  }
  const modelEnd = {
    id: "m1",
    trace_id: "r1",
    end_time: 1_767_225_601_000,
    outputs: { choices: [{ message: { role: "assistant", content: "Hello" } }] },
  }
  const rootEnd = { id: "r1", trace_id: "r1", end_time: 1_767_225_602_000, outputs: { output: "Hello" } }
  const send = (
    method: string,
    path: string,
    body: string | Uint8Array,
    headers: Record<string, string> = {},
  ) =>
    server.post(body, {
      method,
      path,
      token: null,
      headers: { "x-api-key": server.agent, ...headers },
    })

  function multipart(): { body: string; type: string } {
    const parts: [string, unknown][] = [
      ["post.r1", { ...rootRun, inputs: undefined }],
      ["post.r1.inputs", rootRun.inputs],
      ["post.m1", { ...model, inputs: undefined }],
      ["post.m1.inputs", model.inputs],
      ["patch.m1", { ...modelEnd, outputs: undefined }],
      ["patch.m1.outputs", modelEnd.outputs],
      ["patch.r1", { ...rootEnd, outputs: undefined }],
      ["patch.r1.outputs", rootEnd.outputs],
      ["attachment.m1.image", "ignored"],
    ]
    const text = parts.map(([name, value]) => {
      const json = JSON.stringify(value)
      return `--b\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: application/json; length=${json.length}\r\n\r\n${json}\r\n`
    })
    return { body: `${text.join("")}--b--\r\n`, type: "multipart/form-data; boundary=b" }
  }

  async function expectRun() {
    const [found] = await server.endedRuns(1)
    expect(found).toMatchObject({
      agent_id: "langsmith/trips",
      intent: "Hi",
      cursor: 1,
      termination: { outcome: { status: "success", summary: "Hello" } },
    })
  }

  test("clients can query the supported formats", async () => {
    await start()
    const info = await (await fetch(`${server.url}/info`)).json()
    expect(info).toMatchObject({
      batch_ingest_config: { use_multipart_endpoint: true },
      instance_flags: { zstd_compression_enabled: false },
    })
  })

  test("runs sent singly, in a batch or as multipart (plain, gzip or zstd) become the same run", async () => {
    const { body, type } = multipart()
    const forms: (() => Promise<Response>)[] = [
      async () => {
        await send("POST", "/runs", JSON.stringify(rootRun))
        await send("POST", "/runs", JSON.stringify(model))
        await send("PATCH", "/runs/m1", JSON.stringify(modelEnd))
        return send("PATCH", "/runs/r1", JSON.stringify(rootEnd))
      },
      () =>
        send("POST", "/runs/batch", JSON.stringify({ post: [rootRun, model], patch: [modelEnd, rootEnd] })),
      () => send("POST", "/runs/multipart", body, { "content-type": type }),
      () =>
        send("POST", "/runs/multipart", gzipSync(body), { "content-type": type, "content-encoding": "gzip" }),
      () =>
        send("POST", "/runs/multipart", zstdFrame(Buffer.from(body)), {
          "content-type": type,
          "content-encoding": "zstd",
        }),
    ]
    for (const form of forms) {
      await start()
      expect((await form()).status).toBe(202)
      await expectRun()
      await server.close()
    }
  })

  test("a run that can't be read is reported, and the other runs of its batch are accepted", async () => {
    await start()
    const viewer = await server.connect(server.viewer)
    await viewer.emitWithAck("ingest.watch", {})
    const reported = new Promise<IngestNote>((resolve) =>
      viewer.on("ingest.event", ({ notes }) => {
        for (const note of notes) if (note.refused) resolve(note)
      }),
    )
    const post = [{ name: "no id" }, rootRun, 7, model, null, { id: "" }]
    const answer = await send("POST", "/runs/batch", JSON.stringify({ post, patch: [{}, modelEnd, rootEnd] }))
    expect(answer.status).toBe(202)
    expect(await answer.json()).toMatchObject({ refused: 5, detail: "A run has no id." })
    expect(await reported).toMatchObject({ ok: true, records: 9, refused: 5, message: "A run has no id." })
    await expectRun()
  })

  test("a run that isn't JSON is refused, but not the other runs of the same form; a field that isn't JSON is kept as text", async () => {
    await start()
    const { body, type } = multipart()
    const part = (name: string, value: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: application/json\r\n\r\n${value}\r\n`
    const broken = `${part("post.x1", "{broken")}${part("post.x1.inputs", "{}")}${part("patch.r1.extra", "{broken")}`
    const answer = await send("POST", "/runs/multipart", broken + body, { "content-type": type })
    expect(answer.status).toBe(202)
    expect(await answer.json()).toMatchObject({ refused: 1, detail: "A run isn't valid JSON." })
    await expectRun()
  })

  test("refused parts are shown once a minute, and a field that isn't JSON is named", async () => {
    await start()
    const { body, type } = multipart()
    const part = (name: string, value: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: application/json\r\n\r\n${value}\r\n`
    const post = async (parts: string) =>
      (await send("POST", "/runs/multipart", parts + body, { "content-type": type })).json()
    for (let n = 0; n < 3; n++) await post(part("post.x1", "{broken"))
    expect(await post(part("post.x2.inputs", "{}"))).toMatchObject({
      ...{ refused: 1, detail: "A run's own part is missing." },
    })
    const detail = "The part outputs of a run isn't valid JSON and is kept as text."
    expect(
      await post(part("patch.x3", '{"trace_id":"x3"}') + part("patch.x3.outputs", '"cut')),
    ).toMatchObject({
      ...{ refused: 0, detail },
    })
    const viewer = await server.connect(server.viewer)
    const reply = await viewer.emitWithAck("ingest.watch", {})
    const recent: IngestNote[] = reply.ok ? reply.recent : []
    const refused = recent.filter((note) => !note.ok)
    expect(refused.map(({ message }) => message)).toEqual([
      "Refused 1 of 5 records. A run isn't valid JSON.",
      "Refused 1 of 5 records. A run's own part is missing.",
      detail,
    ])
    const metrics = await fetch(`${server.url}/metrics`, {
      headers: { authorization: `Bearer ${server.viewer}` },
    })
    expect(await metrics.text()).toContain(
      'turnline_ingest_records_total{dialect="langsmith",what="refused"} 4',
    )
  })

  test("a bare NaN, as Python writes it, is accepted", async () => {
    await start()
    const batch = JSON.stringify({ post: [rootRun, model], patch: [modelEnd, rootEnd] })
    const withNaN = batch.replace('"session_name":"trips"', '"session_name":"trips","score":NaN')
    expect((await send("POST", "/runs/batch", withNaN)).status).toBe(202)
    await expectRun()
  })

  test("the pages of runs keep their URLs", async () => {
    await start()
    expect((await fetch(`${server.url}/runs/m1`, { headers: { accept: "text/html" } })).status).not.toBe(405)
  })

  test("invalid bodies are refused", async () => {
    await start()
    expect((await send("POST", "/runs/batch", "{")).status).toBe(400)
    expect((await send("POST", "/runs/batch", '{"post":[{}]}')).status).toBe(422)
    expect(
      (await send("POST", "/runs/multipart", "x", { "content-type": "multipart/form-data" })).status,
    ).toBe(400)
    expect((await send("POST", "/runs", JSON.stringify(rootRun), { "x-api-key": "" })).status).toBe(401)
  })
})
