import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http"

/**
 * Next compiles a base path into the pages. Turnline's is only known when the server starts, so Next is built without
 * one, renders pages as if they were at the root of the host, and this module adds the base path to what it sends.
 * Next's own term for this is a rewrite: the browser's path differs from the one that is rendered.
 */

/** The files that Next's pages load from the root of the host. Pages have no such texts apart from these URLs. */
const LOADED = /"\/(?=_next\/|icon\.svg)/g
/** The folder from which Turbopack's runtime loads further scripts. */
const CHUNK_FOLDER = /"\/_next\/"/g

/** Adds the base path to a script of the build. Other files contain no absolute URLs. */
export function addBasePathToScript(name: string, content: Buffer, basePath: string): Buffer {
  if (!name.endsWith(".js") || !content.includes('"/_next/"')) return content
  return Buffer.from(content.toString("utf8").replace(CHUNK_FOLDER, `"${basePath}/_next/"`))
}

/** Adds the base path to the response that Next will send: to the URLs in its headers, and in pages and their data. */
export function addBasePathToResponse(
  request: IncomingMessage,
  response: ServerResponse,
  basePath: string,
): void {
  const { pathname } = new URL(request.url ?? "/", "http://turnline")
  // Quotes in the query would otherwise appear in the page, and a text in quotes could look like one of its URLs.
  request.url = request.url?.replaceAll('"', "%22") ?? "/"
  // The browser takes the values of dynamic path segments from here instead of the URL.
  if (request.headers.rsc !== undefined) response.setHeader("x-nextjs-rewritten-path", pathname)
  const chunks: Buffer[] = []
  const { end, writeHead } = response
  const keep = (chunk: unknown, encoding: unknown) => {
    if (typeof chunk === "string") chunks.push(Buffer.from(chunk, asEncoding(encoding)))
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk))
  }
  // Headers are sent with the complete response, because the base path has to be added to them, too.
  response.flushHeaders = () => undefined
  response.writeHead = ((status: number, ...rest: unknown[]) => {
    response.statusCode = status
    const headers = rest.find((value) => typeof value === "object" && value !== null)
    for (const [name, value] of Object.entries((headers ?? {}) as OutgoingHttpHeaders))
      if (value !== undefined) response.setHeader(name, value)
    return response
  }) as typeof writeHead
  response.write = ((chunk: unknown, ...rest: unknown[]) => {
    keep(chunk, rest[0])
    callBack(rest)
    return true
  }) as typeof response.write
  response.end = ((...rest: unknown[]) => {
    keep(rest[0], rest[1])
    Object.assign(response, { end, writeHead })
    addToHeaders(response, basePath)
    const body = addToBody(response, Buffer.concat(chunks), basePath)
    if (body.length > 0) response.setHeader("content-length", body.length)
    callBack(rest)
    return response.end(body)
  }) as typeof end
}

function addToHeaders(response: ServerResponse, basePath: string): void {
  const edit = (name: string, pattern: RegExp, replacement: string) => {
    const value = response.getHeader(name)
    if (value !== undefined) response.setHeader(name, String(value).replace(pattern, replacement))
  }
  edit("location", /^\/(?!\/)/, `${basePath}/`)
  edit("refresh", /url=\/(?!\/)/, `url=${basePath}/`)
  edit("link", /<\/(?!\/)/g, `<${basePath}/`)
}

function addToBody(response: ServerResponse, body: Buffer, basePath: string): Buffer {
  const type = String(response.getHeader("content-type"))
  if (!/^text\/(html|x-component)/.test(type)) return body
  return Buffer.from(body.toString("utf8").replace(LOADED, `"${basePath}/`))
}

function callBack(rest: unknown[]): void {
  const callback = rest.find((value) => typeof value === "function")
  if (callback !== undefined) process.nextTick(callback as () => void)
}

function asEncoding(value: unknown): BufferEncoding {
  return typeof value === "string" && Buffer.isEncoding(value) ? value : "utf8"
}
