/** A raster image in a value. SVG is excluded, because it can contain scripts. */
export type Picture = {
  readonly type: "png" | "jpeg" | "gif" | "webp"
  readonly base64: string
  /** The path of the string with the data, relative to the value. */
  readonly path: readonly string[]
}

const DATA_URI = /^data:image\/[\w.+-]{1,40}(?:;[\w.+-]{1,40}(?:=[\w.+-]{1,40})?)*;base64,/i
const DATA_KEYS = [
  ...["data", "base64", "b64_json", "bytes", "blob", "image", "image_url", "url", "result", "value"],
]
/** Keys of objects that contain the data, in the formats of providers and SDKs. */
const NESTED_KEYS = [
  "source",
  "inlineData",
  "inline_data",
  "image_url",
  "image",
  "file",
  "blob",
  "resource",
  "media",
]
/** Bedrock nests the data twice: `{ image: { format, source: { bytes } } }`. */
const MAX_NESTING = 2
const IMAGE_MARKS = /image|media|file|picture|screenshot/i
/** How the data of each type starts in base64. */
const SIGNATURES: readonly (readonly [RegExp, Picture["type"]])[] = [
  [/^iVBORw0KGgo/, "png"],
  [/^\/9j\//, "jpeg"],
  [/^R0lGOD/, "gif"],
  [/^UklGR[\w+/]{7}RUJQ/, "webp"],
]
const DECLARED = /\b(?:image\/)?(png|jpe?g|gif|webp)\b/i
const MIN_BASE64_CHARS = 16
/** Bare base64 without other fields must have at least this length to count as an image. */
const MIN_BARE_CHARS = 64

/**
 * Reads a value that is an image: a data URI, base64 that starts like an image, or an image block of MCP, Anthropic,
 * OpenAI, Gemini, Bedrock, the AI SDK or Claude Code. Returns undefined for any other value. The type is detected from
 * the data, or else it is the declared one.
 */
export function readPicture(value: unknown): Picture | undefined {
  if (typeof value === "string") return fromString(value, undefined, []) ?? fromBareBase64(value)
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  return fromObject(value, declaredType(value), [])
}

function fromObject(
  node: object,
  declared: string | undefined,
  path: readonly string[],
): Picture | undefined {
  const fields = node as Record<string, unknown>
  for (const key of DATA_KEYS) {
    const text = own(fields, key)
    if (typeof text !== "string") continue
    const picture = fromString(text, declared, [...path, key])
    if (picture !== undefined) return picture
  }
  if (path.length >= MAX_NESTING) return undefined
  for (const key of NESTED_KEYS) {
    const nested = own(fields, key)
    if (typeof nested !== "object" || nested === null || Array.isArray(nested)) continue
    const picture = fromObject(nested, declaredType(nested) ?? declared ?? key, [...path, key])
    if (picture !== undefined) return picture
  }
  return undefined
}

function own(fields: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined
}

/** Returns the type that an object declares, if it is an image type. */
function declaredType(node: object): string | undefined {
  const fields = node as Record<string, unknown>
  const said = [
    "mimeType",
    "mime_type",
    "media_type",
    "mediaType",
    "contentType",
    "image_mimetype",
    "format",
    "type",
  ]
    .map((key) => own(fields, key))
    .filter((text): text is string => typeof text === "string")
  const image = said.find((text) => DECLARED.test(text)) ?? said.find((text) => IMAGE_MARKS.test(text))
  return image === undefined || /svg/i.test(said.join(" ")) ? undefined : image
}

function fromString(
  text: string,
  declared: string | undefined,
  path: readonly string[],
): Picture | undefined {
  const prefix = DATA_URI.exec(text.slice(0, 200))?.[0]
  if (prefix !== undefined && /svg/i.test(prefix)) return undefined
  if (prefix === undefined && declared === undefined) return undefined
  const base64 = text.slice(prefix?.length ?? 0)
  if (!/^[A-Za-z0-9+/_-]{16}/.test(base64) || base64.length < MIN_BASE64_CHARS) return undefined
  const type = typeOf(base64, prefix ?? declared ?? "")
  return type === undefined ? undefined : { type, base64, path }
}

/** Reads a string that is only base64, such as a file printed by a tool. Line breaks are allowed. */
function fromBareBase64(text: string): Picture | undefined {
  const type = SIGNATURES.find(([pattern]) => pattern.test(text))?.[1]
  if (type === undefined || text.length < MIN_BARE_CHARS) return undefined
  return /^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text) ? { type, base64: text, path: [] } : undefined
}

function typeOf(base64: string, declared: string): Picture["type"] | undefined {
  const signature = SIGNATURES.find(([pattern]) => pattern.test(base64))
  if (signature !== undefined) return signature[1]
  const name = DECLARED.exec(declared)?.[1]?.toLowerCase()
  if (name === undefined) return undefined
  return name === "jpg" ? "jpeg" : (name as Picture["type"])
}

/** Returns the image as a data URI for an `<img>`. It can't contain anything but base64 of an image type. */
export function pictureUri({ type, base64 }: Picture): string {
  // URL-safe base64 uses `-` and `_` instead of `+` and `/`.
  const standard = base64.replace(/[\s]/g, "").replaceAll("-", "+").replaceAll("_", "/")
  return `data:image/${type};base64,${standard.replace(/[^A-Za-z0-9+/=]/g, "")}`
}

/** Returns the size of the decoded data in bytes, from its length in base64. */
export function decodedBytes(base64Chars: number): number {
  return Math.floor((base64Chars * 3) / 4)
}

/** The last bytes of a complete image. WebP has its size at the start instead. */
const ENDS: Readonly<Record<Exclude<Picture["type"], "webp">, string>> = {
  png: "IEND\u00aeB`\u0082",
  jpeg: "\u00ff\u00d9",
  gif: ";",
}
const CHECKED_CHARS = 400

/** Returns true if the end of the image's data is present. Browsers show incomplete images without an error. */
export function hasPictureEnd({ type, base64 }: Picture): boolean {
  if (type === "webp") return true
  const letters = base64.replace(/[^A-Za-z0-9+/_-]/g, "")
  const start = Math.max(0, letters.length - CHECKED_CHARS)
  const tail = letters
    .slice(start - (start % 4))
    .replaceAll("-", "+")
    .replaceAll("_", "/")
  try {
    return atob(tail).includes(ENDS[type])
  } catch {
    return false
  }
}
