import { Readable } from "node:stream"
import Busboy from "@fastify/busboy"
import type { LangSmithRun } from "@/lib/dialects/langsmith/LangSmithRun"
import type { Json } from "@/lib/protocol/fields"
import { IngestError } from "@/server/ingest/IngestError"
import { parseBody } from "@/server/ingest/parseBody"

/** The maximum number of runs in one request. Clients send at most a few hundred. */
const MAX_RUNS = 20_000
const MAX_PARTS = 100_000

type Fields = { [name: string]: Json | undefined }

/** The valid runs of a request, and the number of invalid ones, which were refused. */
export type ReadRuns = {
  runs: readonly LangSmithRun[]
  refused: number
  /** Why the first invalid run was refused, or which field isn't JSON. */
  reason?: string
}

/** Reads `{ post: [...], patch: [...] }`. */
export function readBatch(body: Buffer): ReadRuns {
  const batch = parseObject(body)
  return sortOut([...readList(batch.post, "post"), ...readList(batch.patch, "patch")])
}

/** Reads the body of `POST /runs` or `PATCH /runs/<id>`, which is a single run. */
export function readSingle(body: Buffer, operation: "post" | "patch", id?: string): ReadRuns {
  const run = parseObject(body)
  return sortOut(readList([id === undefined ? run : { ...run, id }] as Json, operation))
}

/** A run, or the reason why it was refused. */
type ReadRun = LangSmithRun | string

function readList(raw: Json | undefined, operation: "post" | "patch"): ReadRun[] {
  if (raw === undefined || raw === null) return []
  if (!Array.isArray(raw)) throw new IngestError(422, `${operation} must be a list of runs.`)
  if (raw.length > MAX_RUNS) throw new IngestError(413, `More than ${MAX_RUNS} runs in one request.`)
  return raw.map((item) => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return "A run isn't an object."
    if (typeof item.id !== "string" || item.id === "") return "A run has no id."
    return { ...item, id: item.id, operation }
  })
}

/**
 * Separates valid runs from refused ones.
 *
 * @throws {IngestError} if all runs were refused, because a response that accepts none of them would look like success.
 */
function sortOut(read: readonly ReadRun[]): ReadRuns {
  const runs = read.filter((run) => typeof run !== "string")
  const [reason, ...more] = read.filter((run) => typeof run === "string")
  if (reason === undefined) return { runs, refused: 0 }
  if (runs.length === 0) throw new IngestError(422, reason)
  return { runs, refused: 1 + more.length, reason }
}

/**
 * Reads the multipart form. The part `post.<id>` has a run without its large fields. Each large field has its own part,
 * such as `post.<id>.inputs`. A field that isn't JSON is kept as text. Attachments are ignored.
 */
export function readMultipart(body: Buffer, contentType: string): Promise<ReadRuns> {
  const form: MultipartRuns = { runs: new Map(), whole: new Set() }
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) =>
      reject(error instanceof IngestError ? error : new IngestError(400, "The multipart body can't be read."))
    try {
      const parser = new Busboy({
        headers: { "content-type": contentType },
        limits: {
          parts: MAX_PARTS,
          fieldNameSize: 512,
          fieldSize: body.length + 1,
          fileSize: body.length + 1,
        },
        // By default, the parser treats parts whose content type isn't text as files.
        isPartAFile: () => false,
      })
      parser.on("field", (name, value) => {
        try {
          addPart(form, name, value)
        } catch (error) {
          fail(error)
        }
      })
      parser.on("partsLimit", () =>
        fail(new IngestError(413, `More than ${MAX_PARTS} parts in one request.`)),
      )
      parser.on("error", fail)
      parser.on("finish", () => {
        try {
          resolve(finishForm(form))
        } catch (error) {
          fail(error)
        }
      })
      Readable.from([body]).pipe(parser)
    } catch (error) {
      fail(error)
    }
  })
}

/** The runs of a form, by operation and id. `whole`: those whose own part has arrived. */
type MultipartRuns = { runs: Map<string, ReadRun>; whole: Set<string>; brokenField?: string }

function addPart(form: MultipartRuns, name: string, value: string): void {
  const match = /^(post|patch)\.([^.]+)(?:\.(inputs|outputs|events|extra|error|serialized))?$/.exec(name)
  const operation = match?.[1]
  const id = match?.[2]
  if (id === undefined || (operation !== "post" && operation !== "patch")) return
  const { runs, whole } = form
  const key = `${operation} ${id}`
  const run = runs.get(key) ?? { id, operation }
  if (!runs.has(key) && runs.size >= MAX_RUNS)
    throw new IngestError(413, `More than ${MAX_RUNS} runs in one request.`)
  runs.set(key, run)
  // An earlier part of this run was refused.
  if (typeof run === "string") return
  const field = match?.[3]
  const parsed = parse(value)
  if (field !== undefined) {
    run[field] = parsed ?? value
    if (parsed === undefined) form.brokenField ??= field
    return
  }
  whole.add(key)
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
    Object.assign(run, parsed, { id, operation })
  else runs.set(key, parsed === undefined ? "A run isn't valid JSON." : "A run isn't an object.")
}

/** Refuses runs of which only fields have arrived, because their trace is unknown. */
function finishForm({ runs, whole, brokenField }: MultipartRuns): ReadRuns {
  const read = sortOut([...runs].map(([key, run]) => (whole.has(key) ? run : "A run's own part is missing.")))
  if (brokenField === undefined || read.reason !== undefined) return read
  return { ...read, reason: `The part ${brokenField} of a run isn't valid JSON and is kept as text.` }
}

/** Parses JSON. Returns undefined if it is invalid. */
function parse(text: string): Json | undefined {
  try {
    return parseBody(text)
  } catch {
    return undefined
  }
}

function parseObject(body: Buffer): Fields {
  const value = parse(body.toString("utf8"))
  if (value === undefined) throw new IngestError(400, "The body isn't valid JSON.")
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new IngestError(422, "The body must be a JSON object.")
  return value
}
