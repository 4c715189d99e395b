import { decodedBytes, type Picture } from "@/components/turn/formats/image/readPicture"
import { type Block, type Fields, isFields, otherFields, type ReadContent, textAt } from "./Block"

type Path = readonly string[]

const TYPE_KEYS = ["mimeType", "mime_type", "media_type", "mediaType", "format", "contentType"]
const IMAGE_KEYS = ["type", ...TYPE_KEYS, "image_mimetype"]
const LINK_KEYS = ["uri", "url", "file_url", "fileUri", "file_uri"]
const NAME_KEYS = ["title", "name", "filename", "file_name", ...LINK_KEYS]
/** Keys of objects that contain the file. */
const HOLDERS = ["resource", "file", "document", "input_audio", "audio", "media", "source"]
/** Keys of data, of content, or of ids. Without any of these, a link or a type, an object isn't a file's content. */
const DATA_KEYS = [
  ...["data", "blob", "base64", "file_data", "bytes", "file_id", "fileId", "source", "content", "transcript"],
]
const MAX_LABEL_CHARS = 300
/** Anything longer isn't a link, but inline data that wasn't recognized as an image. */
const MAX_LINK_CHARS = 4_096

export function imageBlock(fields: Fields, picture: Picture, path: Path): Block {
  return { kind: "image", picture, path, extra: fieldsBeside(fields, picture.path) }
}

/** Returns the fields next to an image's data, at every level of nesting. */
function fieldsBeside(fields: Fields, [key = "", ...rest]: Path): Fields {
  const own = otherFields(fields, [key, ...IMAGE_KEYS])
  const inner = fields[key]
  const nested = rest.length > 0 && isFields(inner) ? fieldsBeside(inner, rest) : {}
  return Object.keys(nested).length === 0 ? own : { ...own, [key]: nested }
}

/**
 * Reads an image that can't be shown: it is stored elsewhere and isn't loaded, so its address or id is shown, or its data
 * is invalid.
 */
export function remoteImageBlock(fields: Fields, path: Path): Block | undefined {
  const holderKey = ["source", "image_url", "image_file", "image"].find((key) => isFields(fields[key]))
  const inner = holderKey === undefined ? fields : fields[holderKey]
  const holder = isFields(inner) ? inner : fields
  const link = textAt(holder, "url", "image_url", "image", "uri", "file_id", "fileId", "file_uri")
  const type = textAt(holder, ...IMAGE_KEYS.slice(1))?.text
  if (link === undefined || link.text.length > MAX_LINK_CHARS) {
    const hasData = ["data", "base64", "bytes"].some((key) => Object.hasOwn(holder, key))
    if (type === undefined || !hasData) return undefined
    return { kind: "file", name: "image", type, link: undefined, path, extra: otherFields(fields, ["type"]) }
  }
  const used = ["type", holder === fields ? link.key : (holderKey ?? "")]
  return {
    ...{ kind: "file", name: "image", type: undefined, link: link.text, isPicture: true, path },
    extra: {
      ...otherFields(fields, used),
      ...(holder === fields ? {} : otherFields(holder, ["type", link.key])),
    },
  }
}

/** Reads a file, a link or a document: its text, or else its name, type, size and address. */
export function fileBlock(fields: Fields, path: Path, readContent: ReadContent): Block | undefined {
  const holderKey = HOLDERS.find((key) => isFields(fields[key]) && (key !== "source" || hasLink(fields[key])))
  const held = holderKey === undefined ? undefined : fields[holderKey]
  const file = isFields(held) ? held : fields
  const at = holderKey === undefined ? path : [...path, holderKey]
  const outer = holderKey === undefined ? {} : otherFields(fields, ["type", holderKey, ...FILE_KEYS])
  return (
    documentBlock(fields, path, readContent) ??
    spokenBlock(file, at, outer) ??
    (file.type === "text" && file !== fields ? undefined : namedBlock(file, fields, at, path, outer))
  )
}

/** Returns true for the source of a citation. That of a document is its data. */
function hasLink(source: unknown): boolean {
  return isFields(source) && LINK_KEYS.some((key) => typeof source[key] === "string")
}

/** Reads a text: that of a resource, or the transcript of audio. */
function spokenBlock(file: Fields, at: Path, outer: Fields): Block | undefined {
  const text = textAt(file, "text", "transcript")
  if (text === undefined || text.text === "") return undefined
  return {
    ...{ kind: "text", text: text.text, textPath: [...at, text.key], path: at },
    extra: { ...otherFields(file, ["type", text.key]), ...outer },
  }
}

/** Reads a document with its content: Anthropic's documents and search results, and Cohere's documents. */
function documentBlock(fields: Fields, path: Path, readContent: ReadContent): Block | undefined {
  const source = isFields(fields.source) ? fields.source : {}
  const body = source.type === "text" ? textAt(source, "data") : undefined
  if (body !== undefined) {
    const shown = { kind: "text" as const, text: body.text, textPath: [...path, "source", "data"], path }
    return {
      ...shown,
      extra: { ...otherFields(fields, ["type", "source"]), ...otherFields(source, ["type", "data"]) },
    }
  }
  const [holder, at] = [[fields, path] as const, [source, [...path, "source"]] as const].find(([node]) =>
    Array.isArray(node.content),
  ) ?? [undefined, path]
  if (holder === undefined) return undefined
  const title = textAt(fields, "title", "name")
  const link = textAt(fields, "source", "url")
  const name = title?.text ?? link?.text ?? String(fields.type)
  const used = ["type", title?.key ?? "", link?.key ?? "", ...(holder === fields ? ["content"] : ["source"])]
  const label: Block = { kind: "file", name, type: undefined, link: link?.text, path, extra: {} }
  return {
    ...{ kind: "result", name: undefined, isError: false, path },
    blocks: [label, ...readContent(holder.content, [...at, "content"])],
    extra: {
      ...otherFields(fields, used),
      ...(holder === source ? otherFields(source, ["type", "content"]) : {}),
    },
  }
}

function namedBlock(file: Fields, fields: Fields, at: Path, path: Path, outer: Fields): Block | undefined {
  const source = isFields(file.source) ? file.source : {}
  const type = textAt(file, ...TYPE_KEYS)?.text ?? textAt(source, ...TYPE_KEYS)?.text
  const link = textAt(file, ...LINK_KEYS)
  const hasData = DATA_KEYS.some((key) => Object.hasOwn(file, key) || Object.hasOwn(fields, key))
  if (link === undefined && type === undefined && !hasData) return undefined
  const name = textAt(file, ...NAME_KEYS)?.text ?? String(fields.type)
  const description = textAt(file, "description")
  // The label shows short links.
  const isShown = link !== undefined && link.text.length <= MAX_LABEL_CHARS
  const used = [...FILE_KEYS, ...(isShown ? [link.key] : []), ...(description ? [description.key] : [])]
  const bytes = dataBytes(file) ?? dataBytes(source)
  return {
    ...{ kind: "file", name, type, link: link?.text, path },
    ...(bytes !== undefined && { bytes }),
    ...(description && { description: description.text, descriptionPath: [...at, description.key] }),
    extra: { ...otherFields(file, used), ...outer },
  }
}
const FILE_KEYS = ["type", "title", "name", "filename", ...TYPE_KEYS]

/** Returns the size of a file's inline data. */
function dataBytes(file: Fields): number | undefined {
  const data = textAt(file, "data", "blob", "base64", "file_data", "bytes")?.text
  if (data === undefined || !/^(?:data:|[\w+/-]{4,64}={0,2}(?:$|[\w+/=-]))/.test(data)) return undefined
  return decodedBytes(data.length - (/^data:[^,]{0,200},/.exec(data)?.[0].length ?? 0))
}
