import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import type { IncomingMessage, ServerResponse } from "node:http"
import { extname, join, relative, sep } from "node:path"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"

const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)

/** The served file types, by extension. */
const TYPES: Readonly<Record<string, { type: string; isCompressible: boolean }>> = {
  ".js": { type: "text/javascript; charset=utf-8", isCompressible: true },
  ".css": { type: "text/css; charset=utf-8", isCompressible: true },
  ".json": { type: "application/json; charset=utf-8", isCompressible: true },
  ".svg": { type: "image/svg+xml", isCompressible: true },
  ".woff2": { type: "font/woff2", isCompressible: false },
  ".tgz": { type: "application/gzip", isCompressible: false },
  ".whl": { type: "application/zip", isCompressible: false },
}
const CACHE_CONTROL = { forever: "public, max-age=31536000, immutable", checked: "public, no-cache" } as const
/** Smaller files aren't worth compressing. */
const MIN_BYTES = 1_024

type Encoding = "br" | "gzip"
type StaticFile = {
  type: string
  isCompressible: boolean
  etag: string
  plain: Buffer
  /** Encoded on the first request, then cached. */
  encoded: Map<Encoding, Promise<Buffer>>
}

/** Public files that don't change while the server runs. They contain no secrets, so it is safe to compress them. */
export type StaticFiles = {
  /** The paths of all files, sorted. */
  readonly paths: readonly string[]
  /** Serves a GET or HEAD request for one of the files. Otherwise returns false without doing anything. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<boolean>
}

type StaticFilesOptions = {
  /** `forever` (the default) if the content at a path never changes; `checked` if caches must check each time. */
  caching?: keyof typeof CACHE_CONTROL
  /** Changes the content of a file. */
  edit?: (name: string, content: Buffer) => Buffer
}

/** Reads a folder into memory, to serve its files below `prefix` (`/_next/static/`). A missing folder counts as empty. */
export async function readStaticFiles(
  folder: string,
  prefix: string,
  { caching = "forever", edit = (_, content) => content }: StaticFilesOptions = {},
): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const known = TYPES[extname(entry.name)]
    if (!entry.isFile() || known === undefined) continue
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path).split(sep).join("/")
    const plain = edit(name, await readFile(path))
    const etag = `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`
    const isCompressible = known.isCompressible && plain.length >= MIN_BYTES
    files.set(prefix + name, { type: known.type, isCompressible, etag, plain, encoded: new Map() })
  }
  return {
    paths: [...files.keys()].sort(),
    async serve(request, response) {
      const file = files.get(pathOf(request.url))
      if (file === undefined || (request.method !== "GET" && request.method !== "HEAD")) return false
      response.setHeader("cache-control", CACHE_CONTROL[caching])
      await send(file, request, response)
      return true
    },
  }
}

async function send(file: StaticFile, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const encoding = file.isCompressible ? chosenEncoding(request.headers["accept-encoding"]) : undefined
  const body = encoding === undefined ? file.plain : await encode(file, encoding)
  // Each encoding is a different representation and needs its own ETag.
  const etag = encoding === undefined ? file.etag : file.etag.replace(/"$/, `-${encoding}"`)
  response.setHeader("etag", etag)
  if (file.isCompressible) response.setHeader("vary", "accept-encoding")
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
  // Level 9 is much faster than the default, level 11, and its files are only slightly larger.
  return compressBrotli(plain, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 9,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    },
  })
}

/**
 * Returns the best encoding that a client accepts; undefined if it accepts none. `br;q=0` means that it doesn't accept
 * Brotli.
 */
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
