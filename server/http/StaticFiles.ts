import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import type { IncomingMessage, ServerResponse } from "node:http"
import { extname, join, relative, sep } from "node:path"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"

const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)

/** By extension: the type, and whether such a file gains by being compressed. */
const TYPES: Readonly<Record<string, { type: string; gains: boolean }>> = {
  ".js": { type: "text/javascript; charset=utf-8", gains: true },
  ".css": { type: "text/css; charset=utf-8", gains: true },
  ".json": { type: "application/json; charset=utf-8", gains: true },
  ".svg": { type: "image/svg+xml", gains: true },
  ".woff2": { type: "font/woff2", gains: false },
}
/** Smaller files gain nothing by it. */
const MIN_BYTES = 1_024

type Encoding = "br" | "gzip"
type StaticFile = {
  type: string
  gains: boolean
  etag: string
  plain: Buffer
  /** Made when first asked for, and kept. */
  encoded: Map<Encoding, Promise<Buffer>>
}

/** Public files that never change. They contain no secrets, so they may be compressed. */
export type StaticFiles = {
  /** Answers when there is such a file and it was asked for by GET or HEAD; false, with nothing done, otherwise. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<boolean>
}

/** Reads a folder, once and whole, to be served below `prefix` (`/_next/static/`). A folder that is missing has no files. */
export async function readStaticFiles(folder: string, prefix: string): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const known = TYPES[extname(entry.name)]
    if (!entry.isFile() || known === undefined) continue
    const path = join(entry.parentPath, entry.name)
    const plain = await readFile(path)
    const etag = `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`
    const name = relative(folder, path).split(sep).join("/")
    const gains = known.gains && plain.length >= MIN_BYTES
    files.set(prefix + name, { type: known.type, gains, etag, plain, encoded: new Map() })
  }
  return {
    async answer(request, response) {
      const file = files.get(pathOf(request.url))
      if (file === undefined || (request.method !== "GET" && request.method !== "HEAD")) return false
      await send(file, request, response)
      return true
    },
  }
}

async function send(file: StaticFile, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const encoding = file.gains ? chosenEncoding(request.headers["accept-encoding"]) : undefined
  const body = encoding === undefined ? file.plain : await encode(file, encoding)
  // Encoded or not, another body is another entity.
  const etag = encoding === undefined ? file.etag : file.etag.replace(/"$/, `-${encoding}"`)
  response.setHeader("cache-control", "public, max-age=31536000, immutable")
  response.setHeader("etag", etag)
  if (file.gains) response.setHeader("vary", "accept-encoding")
  if (request.headers["if-none-match"] === etag) {
    response.statusCode = 304
    response.end()
    return
  }
  response.setHeader("content-type", file.type)
  response.setHeader("content-length", body.length)
  if (encoding !== undefined) response.setHeader("content-encoding", encoding)
  response.end(request.method === "HEAD" ? undefined : body)
}

function encode(file: StaticFile, encoding: Encoding): Promise<Buffer> {
  const known = file.encoded.get(encoding)
  if (known !== undefined) return known
  const made = encoding === "br" ? brotli(file.plain) : compressGzip(file.plain, { level: 9 })
  file.encoded.set(encoding, made)
  return made
}

function brotli(plain: Buffer): Promise<Buffer> {
  // 9 takes a tenth of the time of 11, and adds a twentieth to the bytes.
  return compressBrotli(plain, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 9,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    },
  })
}

/** The best encoding that a client takes (`br;q=0` is a no); undefined for none. */
function chosenEncoding(header: string | string[] | undefined): Encoding | undefined {
  const accepted = new Set<string>()
  for (const part of String(header ?? "").split(",")) {
    const [name = "", ...options] = part.split(";").map((text) => text.trim().toLowerCase())
    if (!options.some((option) => /^q=0(\.0*)?$/.test(option))) accepted.add(name)
  }
  if (accepted.has("br")) return "br"
  return accepted.has("gzip") ? "gzip" : undefined
}

function pathOf(url = ""): string {
  const [path = ""] = url.split("?", 1)
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
