import { Readable } from "node:stream"
import Busboy from "@fastify/busboy"
import type { LangSmithRun } from "@/lib/dialects/langsmith/LangSmithRun"
import { limitDepth } from "@/lib/dialects/limitDepth"
import type { Json } from "@/lib/protocol/fields"
import { IngestError } from "@/server/ingest/IngestError"

/** Runs of one request; clients send at most a few hundred. */
const MAX_RUNS = 20_000
const MAX_PARTS = 100_000

type Fields = { [name: string]: Json | undefined }

/** Reads `{ post: [...], patch: [...] }`. */
export function readBatch(body: Buffer): LangSmithRun[] {
  const batch = parseObject(body)
  return [...readList(batch.post, "post"), ...readList(batch.patch, "patch")]
}

/** Reads a single run, as `POST /runs` and `PATCH /runs/<id>` send it. */
export function readSingle(body: Buffer, operation: "post" | "patch", id?: string): LangSmithRun[] {
  const run = parseObject(body)
  return readList([id === undefined ? run : { ...run, id }] as Json, operation)
}

function readList(raw: Json | undefined, operation: "post" | "patch"): LangSmithRun[] {
  if (raw === undefined || raw === null) return []
  if (!Array.isArray(raw)) throw new IngestError(422, `${operation} must be a list of runs.`)
  if (raw.length > MAX_RUNS) throw new IngestError(413, `More than ${MAX_RUNS} runs in one request.`)
  return raw.map((item) => {
    const run = typeof item === "object" && item !== null && !Array.isArray(item) ? item : {}
    if (typeof run.id !== "string" || run.id === "") throw new IngestError(422, "A run has no id.")
    return { ...run, id: run.id, operation }
  })
}

/**
 * Reads the multipart form: `post.<id>` holds a run without its big fields, `post.<id>.inputs` and its like one field each.
 * Attachments are left out.
 */
export function readMultipart(body: Buffer, contentType: string): Promise<LangSmithRun[]> {
  const runs = new Map<string, LangSmithRun>()
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) =>
      reject(error instanceof IngestError ? error : new IngestError(400, "The multipart body can't be read."))
    try {
      const form = new Busboy({
        headers: { "content-type": contentType },
        limits: {
          parts: MAX_PARTS,
          fieldNameSize: 512,
          fieldSize: body.length + 1,
          fileSize: body.length + 1,
        },
        // Parts with a content type other than text are files to the parser.
        isPartAFile: () => false,
      })
      form.on("field", (name, value) => {
        try {
          addPart(runs, name, value)
        } catch (error) {
          fail(error)
        }
      })
      form.on("partsLimit", () => fail(new IngestError(413, `More than ${MAX_PARTS} parts in one request.`)))
      form.on("error", fail)
      form.on("finish", () => resolve([...runs.values()]))
      Readable.from([body]).pipe(form)
    } catch (error) {
      fail(error)
    }
  })
}

function addPart(runs: Map<string, LangSmithRun>, name: string, value: string): void {
  const match = /^(post|patch)\.([^.]+)(?:\.(inputs|outputs|events|extra|error|serialized))?$/.exec(name)
  const operation = match?.[1]
  const id = match?.[2]
  if (id === undefined || (operation !== "post" && operation !== "patch")) return
  const key = `${operation} ${id}`
  const run: LangSmithRun = runs.get(key) ?? { id, operation }
  if (!runs.has(key) && runs.size >= MAX_RUNS)
    throw new IngestError(413, `More than ${MAX_RUNS} runs in one request.`)
  runs.set(key, run)
  const field = match?.[3]
  const parsed = parse(value)
  if (field !== undefined) run[field] = parsed
  else if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
    Object.assign(run, parsed, { id, operation })
}

function parse(text: string): Json {
  try {
    return limitDepth(JSON.parse(text) as Json)
  } catch {
    throw new IngestError(400, "A part isn't valid JSON.")
  }
}

function parseObject(body: Buffer): Fields {
  const value = parse(body.toString("utf8"))
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new IngestError(422, "An object was expected.")
  return value
}
